"""`python -m data new`: what it sees in files nobody here has seen, and that its draft is a readable company."""

import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
import madeup

from data.check.faults import check
from data.draft.look import UnseenError, has_header, look
from data.draft.new import new
from data.draft.types import kind_of, seen
from queries import catalogue as catalogues


def columns(path: Path) -> dict[str, tuple[str, tuple[str, ...], str]]:
    (looked,) = look([path])
    return {c.name: (c.type, c.formats, c.decimal) for c in looked.columns}


def yml(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("values", "kind", "formats"),
    [
        (["2026-01-31"], "date", ("%Y-%m-%d",)),
        (["31.01.2026", "1.2.2026"], "date", ("%d.%m.%Y",)),
        (["31.01.26"], "date", ("%d.%m.%y",)),
        (["01/31/2026"], "date", ("%m/%d/%Y",)),
        (["31/01/2026 10:20"], "time", ("%d/%m/%Y %H:%M",)),
        (["2026-01-31T10:20:30Z"], "time", ()),
        (["10:20"], "clock", ()),
        (["1.234,50", "3"], "number", ()),
        (["1.5", "-2"], "number", ()),
        (["0012", "0013"], "text", ()),
        (["1", "0"], "flag", ()),
        (["J", "N"], "flag", ()),
        (["1", "2"], "int", ()),
        (["abc"], "text", ()),
    ],
)
def test_types_are_told_from_values(values: list[str], kind: str, formats: tuple[str, ...]) -> None:
    assert kind_of(values)[:2] == (kind, formats)


def test_a_date_that_fits_two_ways_is_a_question_to_the_author() -> None:
    assert "day first or month first" in kind_of(["01/02/2026", "03/04/2026"])[3]
    assert kind_of(["01/02/2026", "13/04/2026"])[3] == ""


def test_missing_marks_are_told_apart_from_values() -> None:
    assert seen("speed", ["NA", "12", "", "-"]).missing == ("NA", "-")
    assert seen("speed", ["NA", "12"]).type == "int"
    assert seen("grade", ["A", "-"]).missing == ()


def test_the_shops_files_are_read_as_they_are(tmp_path: Path) -> None:
    madeup.shop(tmp_path)
    found = {looked.source: looked for looked in look(tmp_path.iterdir())}
    bons = found["kassenbons"]
    assert (len(bons.files), bons.delimiter, bons.encoding) == (4, ";", "utf-8"), "no letter beyond ASCII in it"
    assert (found["filialen"].encoding, found["filialen"].delimiter) == ("latin-1", ";")
    types = {c.name: (c.type, c.formats, c.decimal, c.missing) for c in bons.columns}
    assert types["datum"] == ("date", ("%d.%m.%Y",), ".", ())
    assert types["betrag"] == ("number", (), ",", ())
    assert types["wartezeit_min"] == ("int", (), ".", ("k.A.",))
    assert types["retoure"][0] == "flag"


def test_a_first_draft_of_the_shop(tmp_path: Path) -> None:
    madeup.shop(tmp_path / "files")
    told = new(tmp_path / "shop", [tmp_path / "files"])
    company = yml(tmp_path / "shop/company.yml")
    assert [level["key"] for level in company["levels"]] == ["kassierer", "filiale", "region", "company"], told
    assert company["levels"][0]["people"] is True
    assert company["levels"][1]["names"] == {"from": "filialen", "code": "filiale", "name": "name"}
    assert "LEFT JOIN" in (tmp_path / "shop/models/kassenbon.sql").read_text(), "the region stands in the look-up only"
    dimensions = yml(tmp_path / "shop/dimensions.yml")
    assert dimensions["warengruppe"]["names"] == {"from": "warengruppen", "code": "warengruppe", "name": "bezeichnung"}
    source = yml(tmp_path / "shop/sources/kassenbons.yml")
    assert (source["files"], source["delimiter"], source["key"]) == (["Kassenbons_*.csv"], ";", ["bon_nr"])
    assert source["columns"]["betrag"] == {"from": "Betrag", "type": "number", "decimal": ","}
    kinds = {p.stem: yml(p)["kind"] for p in (tmp_path / "shop/metrics").glob("*.yml")}
    assert kinds["kassenbons"] == "count"
    assert kinds["retoure_rate"] == "ratio"
    assert kinds["total_betrag"] == "sum"
    assert kinds["average_wartezeit_min"] == "avg"


def test_events_are_folded_into_cases(tmp_path: Path) -> None:
    madeup.hospital(tmp_path / "files")
    told = new(tmp_path / "hospital", [tmp_path / "files/waiting_room.jsonl"])
    assert any("one case per visit_id" in line for line in told)
    sql = (tmp_path / "hospital/models/visit.sql").read_text()
    assert 'GROUP BY "visit_id"' in sql
    assert sql.index("arrived_at") < sql.index("called_in_at") < sql.index("seen_by_doctor_at") < sql.index("left_at")
    wait = yml(tmp_path / "hospital/metrics/arrived_to_called_in.yml")
    assert (wait["kind"], wait["unit"], wait["levels"]) == ("median", "minutes", ["ward"])
    assert "urgency" in yml(tmp_path / "hospital/dimensions.yml")


def test_a_draft_is_a_catalogue_that_loads(tmp_path: Path) -> None:
    madeup.shop(tmp_path / "files")
    new(tmp_path / "shop", [tmp_path / "files"])
    catalogue = catalogues.load(tmp_path / "shop")
    assert catalogue.whole == "company"
    assert catalogue.person_level == "kassierer"
    assert set(catalogue.company["headline"]["company"]) <= set(catalogue.metrics)


def test_new_never_overwrites_and_says_what_it_cannot_use(tmp_path: Path) -> None:
    madeup.hospital(tmp_path / "files")
    new(tmp_path / "hospital", [tmp_path / "files"])
    with pytest.raises(UnseenError, match="never overwrites"):
        new(tmp_path / "hospital", [tmp_path / "files"])
    (tmp_path / "a.docx").write_text("x")
    with pytest.raises(UnseenError, match=r"Known endings: \.csv"):
        new(tmp_path / "other", [tmp_path / "a.docx"])
    (tmp_path / "codes.csv").write_text("code,name\n1,a\n2,b\n")
    with pytest.raises(UnseenError, match="need a day"):
        new(tmp_path / "other", [tmp_path / "codes.csv"])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("id;tag\n1;Größe\n2;b\n", "latin-1"), ("id\ttag\n1\tGröße\n", "utf-16"), ("id,tag\n1,“Größe”\n", "cp1252")],
)
def test_encodings_and_delimiters(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(text.encode(encoding))
    (looked,) = look([path])
    assert looked.encoding == encoding
    assert [c.name for c in looked.columns] == ["id", "tag"]
    assert "Größe" in looked.rows[0]["tag"]


def test_a_file_without_a_header_gets_numbered_columns(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"1,{date(2026, 1, 1)},x\n2,{date(2026, 1, 2)},y\n")
    assert columns(path)["column2"] == ("date", ("%Y-%m-%d",), ".")


def test_a_column_that_stands_twice_is_left_out_and_told(tmp_path: Path) -> None:
    """The first line still names columns; a file without such a line has the same words below it, too."""
    rows = [f"{n};2026-01-{n % 28 + 1:02d} 10:00;{'ABC'[n % 3]} House;ok;x{n % 5}" for n in range(60)]
    path = tmp_path / "rides.csv"
    path.write_text("\n".join(["id;at;branch;state;state", *rows]) + "\n")
    (looked,) = look([path])
    assert ([c.field for c in looked.columns], looked.doubled, looked.size) == (["id", "at", "branch"], ("state",), 60)
    told = new(tmp_path / "rides", [path])
    assert "rides: column state stands twice and is left out; give each a name of its own" in told
    assert check(tmp_path / "rides", [path])[0] == []
    assert has_header("a,b,a\nx,y,z\n", ",") and not has_header("a,b,a\na,c,b\n", ",")
