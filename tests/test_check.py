# ruff: noqa: E501
"""`python -m data check`: every fault is told as file, key, what is wrong, what is allowed, nearest name."""

import ast
import shutil
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
import madeup

from data.check.faults import check, main, reference
from data.check.keys import known
from data.contract import Check, Column, Contract
from data.draft.new import new
from data.facts.blocks import KEYS
from data.facts.models import KNOWN

ROOT = Path(__file__).parents[1]
FLIGHTS = ROOT / "tests/companies/flights"


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("shop")
    madeup.shop(folder / "files", days=40)
    new(folder / "shop", [folder / "files"])
    return folder / "shop", folder / "files"


@pytest.fixture
def shop(drafted: tuple[Path, Path], tmp_path: Path) -> Path:
    shutil.copytree(drafted[0], tmp_path / "shop")
    return tmp_path / "shop"


def edit(folder: Path, file: str, old: str, new_text: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new_text, 1), encoding="utf-8")


def told(folder: Path, *files: Path) -> str:
    return "\n".join(map(str, check(folder, files)[0]))


def test_a_draft_has_no_fault_and_its_first_rows_are_read(drafted: tuple[Path, Path]) -> None:
    faults, seen = check(drafted[0], [drafted[1]])
    assert faults == []
    assert "kassenbons: 1,600 rows read, 0 rejected" in seen
    assert any(line.startswith("retoure_rate: 1,600 cases from 2026-04-22 to 2026-05-31") for line in seen)


@pytest.mark.parametrize("company", [ROOT / "data/companies/fernway", FLIGHTS], ids=lambda p: p.name)
def test_our_own_companies_have_no_fault(company: Path) -> None:
    assert told(company) == ""


@pytest.mark.parametrize(
    ("file", "old", "new_text", "says"),
    [
        ("company.yml", "calendar:", "calender:", "company.yml: calender: is no key here; allowed: asking, calendar"),
        ("company.yml", "calendar:", "calender:", "did you mean calendar?"),
        ("company.yml", "week_starts: mon", "week_starts: sun", "company.yml: calendar.week_starts: sun is not known; allowed: mon"),
        ("company.yml", "day_first: true ", "day_first: often ", "calendar.day_first: must be true or false, not 'often'"),
        ("company.yml", "everyone: analyst", "everyone: analist", "everyone: analist is no role; allowed: analyst; did you mean analyst?"),
        ("company.yml", "within: [filiale, region]", "within: [fliale]", "levels[1].within: fliale is no level"),
        ("company.yml", "from: filialen", "from: filiale", "levels[2].names.from: filiale is no source"),
        ("company.yml", "name: Shop", "nome: Shop", "company.yml: name: is needed and not there"),
        ("dimensions.yml", "code: warengruppe", "code: gruppe", "warengruppe.names.code: gruppe is no column of warengruppen"),
        ("metrics/retoure_rate.yml", "kind: ratio", "kind: rate", "kind: rate is not known; allowed: ratio, avg, sum"),
        ("metrics/retoure_rate.yml", "levels: [", "levels: [regio, ", "levels: regio is no level below the whole"),
        ("metrics/retoure_rate.yml", "dimensions: [", "dimensions: [ware, ", "dimensions: ware is no dimension"),
        ("metrics/retoure_rate.yml", "from: kassenbon", "from: kassenbons", "facts.from: kassenbons is no fact"),
        ("metrics/retoure_rate.yml", "from: kassenbon", "from: kassenbons", "did you mean kassenbon?"),
        ("metrics/retoure_rate.yml", "den: '1'", "dem: '1'", "facts.dem: is no key here"),
        ("metrics/retoure_rate.yml", "den: '1'", "n: '1'", "facts.den: kind ratio needs it"),
        ("metrics/retoure_rate.yml", "\"retoure\"'", "\"retuore\"'", 'facts.num: Binder Error: Referenced column "retuore" not found'),
        ("metrics/retoure_rate.yml", "key: retoure_rate", "key: retoure", "key: retoure must be the name of its file"),
        ("sources/kassenbons.yml", "type: number", "type: nummer", "columns.betrag.type: nummer is not a type"),
        ("sources/kassenbons.yml", "key: [bon_nr]", "key: [bon]", "key: bon is not a column of this source"),
        ("sources/kassenbons.yml", "delimiter:", "delimeter:", "did you mean delimiter?"),
        ("sources/kassenbons.yml", "zone: local", "zone: Europe/Berln", "zone: Europe/Berln is no time zone"),
        ("models/kassenbon.sql", "-- day:", "-- dya:", "models/kassenbon.sql"),
        ("models/kassenbon.sql", "s_kassenbons: 0", "s_kassen: 0", "needs: s_kassen is no table"),
        ("models/kassenbon.sql", "SELECT f.*", "SELECT f.*, betrag / wartezeit AS x", "models/kassenbon.sql: SELECT: Binder Error"),
        ("dimensions.yml", "weekday:", "weekday: [", "dimensions.yml: file: is no YAML"),
    ],
)  # fmt: skip
def test_each_fault_is_told_where_it_is(shop: Path, file: str, old: str, new_text: str, says: str) -> None:
    edit(shop, file, old, new_text)
    assert says in told(shop)


def test_rows_that_do_not_fit_are_told_with_their_reason(shop: Path, drafted: tuple[Path, Path]) -> None:
    edit(shop, "sources/kassenbons.yml", "'%d.%m.%Y'", "'%m/%d/%Y'")
    assert "sources/kassenbons.yml: files: Kassenbons_2026-04.csv" in told(shop, drafted[1])


def test_what_is_no_company_folder_is_said(tmp_path: Path) -> None:
    assert "is not there; is" in told(tmp_path)


def test_the_command(drafted: tuple[Path, Path], shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(drafted[0]), "--from", str(drafted[1])]) == 0
    assert "no fault found" in capsys.readouterr().out
    edit(shop, "company.yml", "everyone: analyst", "everyone: nobody")
    assert main([str(shop)]) == 1
    assert "FAULT company.yml: everyone: nobody is no role" in capsys.readouterr().err


# ---- the reference page against the code ------------------------------------------------------------------------------


def test_the_reference_page_is_the_one_of_the_keys() -> None:
    assert (ROOT / "REFERENCE.md").read_text(encoding="utf-8") == reference(), (
        "python -m data check --reference > REFERENCE.md"
    )


def names(kind: str, before: str = "") -> set[str]:
    keys = known()[kind]["keys"]
    return {k.removeprefix(before) for k in keys if k.startswith(before) and "." not in k.removeprefix(before)} - {"*"}


def test_the_reference_holds_every_key_that_the_code_reads() -> None:
    assert names("sources/*.yml") - {"checks[]", "layouts[]"} == {f.name for f in fields(Contract)} - {"path"}
    assert names("sources/*.yml", "columns.*.") == {f.name for f in fields(Column)} - {"name"} | {"from"}
    assert names("sources/*.yml", "checks[].") == {f.name for f in fields(Check)}
    assert names("metrics/*.yml", "facts.") - {"parts[]"} == {*KEYS, "person_if"}
    assert names("models/*.sql") - {"lookup[]"} == set(KNOWN)


def read_by(code: str) -> set[str]:
    """Keys that the modules take out of a mapping of that name: code["x"], code.get("x")."""
    found = set()
    for path in (p for room in ("queries", "pages", "data") for p in (ROOT / room).rglob("*.py")):
        if path.is_relative_to(ROOT / "data/sample"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                owner, args = node.func.value, node.args
            elif isinstance(node, ast.Subscript):
                owner, args = node.value, [node.slice]
            else:
                continue
            if ast.unparse(owner).endswith(code) and args and isinstance(args[0], ast.Constant):
                found.add(str(args[0].value))
    return found


def test_the_reference_holds_every_key_of_the_company_that_the_code_reads() -> None:
    assert read_by("company") <= names("company.yml") | names("words.yml"), "write the new key into data/check/keys.yml"
    assert read_by("rules") - {"all"} <= names("company.yml", "privacy."), "write the new key into data/check/keys.yml"
    assert read_by("calendar") <= names("company.yml", "calendar."), "write the new key into data/check/keys.yml"


def test_every_key_says_something() -> None:
    for kind, part in known().items():
        for key, spec in part["keys"].items():
            assert spec["type"], f"{kind} {key}"
            assert spec.get("what") or key.endswith(("[]", "*", "levels[]")), f"{kind} {key}: say what it is"


def test_yaml_examples_in_the_reference_are_yaml() -> None:
    assert yaml.safe_load((ROOT / "data/check/keys.yml").read_text(encoding="utf-8")).keys() >= {
        "company.yml",
        "metrics/*.yml",
    }


def test_a_company_without_a_level_below_the_whole_is_told_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "tolls.csv"
    rows = [f"{n};2026-01-{n % 28 + 1:02d} 10:00;{n % 9 * 1.5}" for n in range(60)]
    path.write_text("\n".join(["id;at;cost", *rows]) + "\n")
    new(tmp_path / "tolls", [path])
    (fault,), _ = check(tmp_path / "tolls", [path])
    assert str(fault).startswith("company.yml: levels: a level below the whole is needed")
