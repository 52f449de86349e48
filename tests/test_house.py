"""The law of the house, held by the syntax tree: who may import whom, and that no module knows a company."""

import ast
import csv
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from data.__main__ import OTHERS

ROOT = Path(__file__).parents[1]
COMPANIES = [ROOT / "data/companies/fernway", ROOT / "tests/companies/flights"]
ROOMS = [path for room in ("queries", "pages", "data") for path in (ROOT / room).rglob("*.py")]
MODULES = [p for p in sorted([ROOT / "app.py", *ROOMS]) if p.exists() and not p.is_relative_to(ROOT / "data/sample")]
DOORS = {"app.py", "queries/__main__.py", "data/__main__.py"}
"""Where `data` and `queries` meet, and where today is read."""

FORBIDDEN = {
    "data": {"queries", "pages", "app", "streamlit", "plotly", "sqlglot"},
    "queries": {"data", "pages", "app", "streamlit", "plotly", "duckdb"},
    "pages": {"duckdb", "sqlglot", "sqlalchemy"},
}
FLOOR = {"queries.periods": set(), "queries.query": {"queries.periods"}}
STRANGERS = [("queries.reading", "queries.statements"), ("queries.statements", "queries.reading")]

STRUCTURAL = {
    # words of the contract between the rooms that a company also happens to use
    "work", "density", "weekday", "company", "signal", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    # ordinary words that are a value of some dimension
    "new", "other", "order", "orders", "text", "part", "parts", "rule", "call", "email", "line", "home", "move",
    "phone", "mail", "reason", "cause", "cases", "hour",
}  # fmt: skip
SAMPLES = ("fairness/priors", "fairness/standing", "fairness/recognised")
SAMPLES += ("answers/compared", "answers/versus", "answers/weeks")
KEYS = {(f"queries/{name}.py", "person") for name in SAMPLES}
"""Keys of the metric files (min_sample: person, group) that are no level's name."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions; `from a import b` counts as a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: write the import in full"
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_who_may_import_whom(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    forbidden = set(FORBIDDEN.get(room, set()))
    if name_of(path) in DOORS:
        forbidden -= {"data", "queries"}
    found = {name.split(".")[0] for name in imports(path)} & forbidden
    assert not found, f"{name_of(path)} may not import {sorted(found)}"
    own = {n for n in imports(path) if n.startswith("queries.") and (ROOT / (n.replace(".", "/") + ".py")).exists()}
    if module_of(path) in FLOOR:
        assert own <= FLOOR[module_of(path)]
    for module, stranger in STRANGERS:
        if module_of(path) == module or module_of(path).startswith(f"{module}."):
            assert not {n for n in imports(path) if n == stranger or n.startswith(f"{stranger}.")}


def faces(name: str, found: set[str]) -> bool:
    """A package that is named only on the way to a module in it."""
    return any(other.startswith(f"{name}.") for other in found)


def test_no_two_modules_import_each_other() -> None:
    """No circle of any length, imports inside functions and for types included."""
    known = {module_of(p): imports(p) for p in MODULES}
    uses = {m: {n for n in known if n in found and n != m and not faces(n, found)} for m, found in known.items()}
    while leaves := {m for m, used in uses.items() if not used & uses.keys()}:
        uses = {m: used for m, used in uses.items() if m not in leaves}
    assert not uses, f"in circles, or standing on one: {sorted(uses)}"


@pytest.mark.parametrize("path", [p for p in MODULES if p.is_relative_to(ROOT / "queries")], ids=name_of)
def test_no_hidden_clock(path: Path) -> None:
    """Today comes from a door. (Measuring how long something took is no clock.)"""
    if name_of(path) in DOORS:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            said = ast.unparse(node.func)
            assert not re.search(r"(date|datetime|time)\.(today|now|utcnow|time)$", said), f"{name_of(path)}: {said}"


def names_of_company(folder: Path) -> set[str]:
    """Everything that is one company's: metrics, levels, roles, units, sources, dimensions and their values."""
    company = yaml.safe_load((folder / "company.yml").read_text(encoding="utf-8"))
    found = {company["name"], *(level["key"] for level in company["levels"]), *(company.get("roles") or {})}
    for kind in ("metrics", "sources"):
        found |= {path.stem for path in (folder / kind).glob("*.yml")}
    dimensions_file = folder / "dimensions.yml"
    dimensions = (yaml.safe_load(dimensions_file.read_text(encoding="utf-8")) if dimensions_file.exists() else {}) or {}
    for key, dimension in dimensions.items():
        found |= {key, *map(str, dimension.get("values") or ())}
    for table in folder.glob("*.csv"):
        with table.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                found |= {row[c] for c in ("team", "name", "area", "site", "region", "code", "login") if row.get(c)}
    return {name.casefold() for name in found if len(name) > 2} - STRUCTURAL


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Line and value of every string of a module that is not a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.lineno, node.value


@pytest.mark.parametrize("company", [c for c in COMPANIES if c.exists()], ids=lambda c: c.name)
def test_no_module_names_anything_of_a_company(company: Path) -> None:
    names = names_of_company(company)
    long_names = {n for n in names if "_" in n or " " in n}
    told = []
    for path in MODULES:
        for line, text in texts(path):
            words = set(re.findall(r"\w+", text.casefold()))
            quoted = {q.casefold() for q in re.findall(r'(?<!=)"(\w+)"', text)}
            hits = ({text.casefold()} | quoted) & names | (words & long_names)
            hits |= {n for n in long_names if " " in n and re.search(rf"\b{re.escape(n)}\b", text.casefold())}
            told += [f"{name_of(path)}:{line} names {hit!r} of {company.name}" for hit in sorted(hits)
                     if (name_of(path), hit) not in KEYS]  # fmt: skip
    assert not told, "\n".join(told)


def test_nothing_under_data_is_ignored_by_git() -> None:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    rules = [line.strip("/ ") for line in lines if line and not line.startswith("#")]
    assert not {rule.split("/")[0] for rule in rules} & {"data", "queries", "pages"}


def test_the_grep_would_find_something(tmp_path: Path) -> None:
    names = names_of_company(COMPANIES[0])
    assert {"late_arrival_rate", "person", "team", "supervisor", "field", "install"} <= names
    module = tmp_path / "m.py"
    module.write_text('"""team"""\nx = "team"\n', encoding="utf-8")
    assert [text for _, text in texts(module)] == ["team"]


def test_every_command_of_data_is_there() -> None:
    for name, door in OTHERS.items():
        module, _, function = door.partition(":")
        assert callable(getattr(importlib.import_module(module), function or "main", None)), name
