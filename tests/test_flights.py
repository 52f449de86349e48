"""Somebody else's company: an airline's real departures. No code knows of it; its folder is tests/companies/flights.

The data lie beside the checkout (GS_SHARED or ../shared, outside/flights) and are in no commit. Every question of
their questions.yaml is asked through the command, as the login that people.csv gives its persona.
"""

import csv
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.__main__ import main as data
from queries import catalogue as catalogues
from queries import directory as directories
from queries.__main__ import main as ask
from queries.outcomes import Choices, Reading
from queries.query import Query
from queries.reading.read import read
from queries.said import said

ROOT = Path(__file__).parents[1]
COMPANY = ROOT / "tests/companies/flights"
SHARED = Path(os.environ.get("GS_SHARED") or ROOT.parent / "shared") / "outside/flights"
TODAY = date(2017, 5, 31)
PERSONAS = {
    "supervisor, Alaska Airlines": "as.supervisor",
    "supervisor, Delta": "dl.supervisor",
    "supervisor, Southwest": "wn.supervisor",
    "aircraft crew chief": "as.maintenance",
    "customer relations, Virgin": "vx.relations",
    "station duty manager, Seattle": "sea.manager",
    "executive": "authority",
}
pytestmark = pytest.mark.skipif(
    not SHARED.exists(), reason=f"THE AIRLINE IS NOT TESTED: {SHARED} is missing (set GS_SHARED)"
)


def asked() -> list[dict[str, Any]]:
    return yaml.safe_load((SHARED / "questions.yaml").read_text(encoding="utf-8")) if SHARED.exists() else {}


QUESTIONS = asked()["questions"] if SHARED.exists() else []
REFUSED = asked()["must_refuse_or_ask"] if SHARED.exists() else []
EXPECTED = json.loads((SHARED / "expected.json").read_text(encoding="utf-8")) if SHARED.exists() else {}


def login(persona: str) -> str:
    return next(value for start, value in PERSONAS.items() if persona.startswith(start))


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flights") / "var"
    files = [str(SHARED / f"{name}.csv") for name in ("flights", "airlines", "airports", "planes")]
    assert data(["load", "--company", str(COMPANY), "--var", str(folder), "--threads", "2", *files]) == 0
    return folder


@pytest.fixture(scope="module")
def answers(var: Path) -> dict[str, dict[str, Any]]:
    """The answer to every question of the file, from one run of the command."""
    lines = [
        {"id": q["id"], "question": q["question"], "as": login(q["persona"]), "on": TODAY.isoformat()}
        for q in [*QUESTIONS, *REFUSED]
    ]
    batch, out = var.parent / "batch.jsonl", var.parent / "answers.jsonl"
    batch.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    import contextlib

    with out.open("w", encoding="utf-8") as target, contextlib.redirect_stdout(target):
        assert ask(["--batch", str(batch), "--json", "--company", str(COMPANY), "--var", str(var)]) == 0
    return {a["id"]: a for a in map(json.loads, out.read_text(encoding="utf-8").splitlines())}


def table(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows by column; a rate in per cent as the company prints it."""
    names = [c if isinstance(c, str) else c["key"] for c in answer["columns"]]
    return [dict(zip(names, row, strict=True)) for row in answer["rows"]]


def percent(value: float) -> float:
    return round(value * 100, 2)


def by(answer: dict[str, Any], key: str, column: str, shown: Callable[[Any], Any] = percent) -> dict[Any, Any]:
    return {row[key]: shown(row[column]) for row in table(answer) if row[column] is not None}


def plain(value: Any) -> Any:
    return value


def two(value: float) -> float:
    return round(value, 2)


def carriers() -> dict[str, str]:
    with (SHARED / "airlines.csv").open(encoding="utf-8") as lines:
        return {row["carrier"]: row["name"] for row in csv.DictReader(lines)}


def others(answer: dict[str, Any], own: str, top: str, below: str) -> float:
    """All others together, from the rows."""
    rows = [row for row in table(answer) if row["airline"] != own]
    return sum(row[top] for row in rows) / sum(row[below] for row in rows)


def named(found: dict[str, Any]) -> dict[str, Any]:
    return {carriers()[code]: value for code, value in found.items()}


def first(answer: dict[str, Any]) -> dict[str, Any]:
    return table(answer)[0]


def rows(question: str) -> list[list[Any]]:
    return EXPECTED[question]["rows"]


def pairs(question: str) -> dict[Any, Any]:
    return {row[0]: row[1] for row in rows(question)}


WEEKDAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
            "sat": "Saturday", "sun": "Sunday"}  # fmt: skip


def f01(a: dict[str, Any]) -> Any:
    own = next(row for row in table(a) if row["airline"] == "AS")
    assert "18.1 %" in a["headline"] and "18.8 %" in a["headline"], a["headline"]
    return [["my team", own["count"], own["cases"], percent(own["late_flights"])],
            ["others", 195, 1035, percent(others(a, "AS", "count", "cases"))]]  # fmt: skip


def f09(a: dict[str, Any]) -> Any:
    own = next(row for row in table(a) if row["airline"] == "AS")
    return [["others", two(others(a, "AS", "count", "cases"))], ["us", two(own["average_arrival_delay"])]]


def f13(a: dict[str, Any]) -> Any:
    most = max(row["count"] for row in table(a))
    return sorted([row["aircraft"], row["count"]] for row in table(a) if row["count"] == most)


def f17(a: dict[str, Any]) -> Any:
    assert "Better than the standard of 80" in a["headline"]
    return [[percent(first(a)["late_flights"]), first(a)["late_flights"] >= first(a)["standard"]]]


def f23(a: dict[str, Any]) -> Any:
    return sorted([carriers()[r["airline"]], percent(r["previous"]), percent(r["late_flights"]),
                   two(percent(r["late_flights"]) - percent(r["previous"]))] for r in table(a))  # fmt: skip


def f35(a: dict[str, Any]) -> Any:
    """All airlines, or the asker's own when the answer says so: the file allows both."""
    assert "Alaska" in a["headline"] and "Alaska" in a["said"] and a["query"]["about"] == {"airline": ["AS"]}
    return by(a, "weekday_group", "late_flights")


def f39(a: dict[str, Any]) -> Any:
    own = next(row for row in table(a) if row["airline"] == "AS")
    return [["Alaska", percent(own["late_flights"])], ["everyone else", percent(others(a, "AS", "count", "cases"))]]


CHECKS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "F01": lambda a: f01(a) == rows("F01"),
    "F03": lambda a: [[carriers()[first(a)["airline"]], percent(first(a)["late_flights"])]] == rows("F03"),
    "F05": lambda a: [[r["dest"], r["count"]] for r in table(a)][:5] == rows("F05"),
    "F07": lambda a: [[r["week"], r["count"]] for r in table(a)] == rows("F07"),
    "F09": lambda a: f09(a) == rows("F09"),
    "F11": lambda a: [[first(a)["count"]]] == rows("F11"),
    "F13": lambda a: f13(a) == rows("F13"),
    "F15": lambda a: by(a, "origin", "late_flights") == pairs("F15"),
    "F17": lambda a: f17(a) == rows("F17"),
    "F19": lambda a: [[WEEKDAYS[r["weekday"]], percent(r["late_flights"])] for r in table(a)] == rows("F19"),
    "F21": lambda a: [[first(a)["count"]]] == rows("F21"),
    "F23": lambda a: f23(a) == rows("F23"),
    "F25": lambda a: named(by(a, "airline", "count", plain)) == pairs("F25"),
    "F27": lambda a: named(by(a, "airline", "late_flights")) == pairs("F27"),
    "F29": lambda a: by(a, "origin", "average_departure_delay", two) == pairs("F29"),
    "F31": lambda a: [[percent(first(a)["early_flights"])]] == rows("F31"),
    "F33": lambda a: [[r["month"], percent(r["late_flights"]), r["count"]] for r in table(a)] == rows("F33"),
    "F35": lambda a: f35(a) == {"weekend": 14.57, "weekday": 21.17},
    "F37": lambda a: [[first(a)["late_flights"], first(a)["previous"]]] in (rows("F37"), [[0.1776, 728]]),
    "F39": lambda a: f39(a) == rows("F39"),
}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["id"])
def test_each_question_gets_the_expected_figures(question: dict[str, Any], answers: dict[str, dict[str, Any]]) -> None:
    answer = answers[question["id"]]
    assert answer["outcome"] == "answer", answer["headline"]
    assert not answer["unused"], "a word was dropped"
    assert CHECKS[question["id"]](answer), (answer["said"], answer["headline"], table(answer)[:3])


@pytest.mark.parametrize("question", REFUSED, ids=lambda q: q["id"])
def test_what_is_not_held_is_never_answered(question: dict[str, Any], answers: dict[str, dict[str, Any]]) -> None:
    assert answers[question["id"]]["outcome"] in ("unread", "choices", "refused")


MORE = [
    ("authority", "how many flights were delayed by more than 30 minutes yesterday", 102),
    ("authority", "what share of all late arrivals were Alaska's last month", 0.43269),
    ("authority", "how many flights were at least 2 hours late in december", 410),
    ("authority", "how many different planes flew last month", 2370),
    ("authority", "what percentage of flights were cancelled in December", 0.01347),
    ("sea.manager", "how many flights to LAX were over 60 minutes late last month", 91),
    ("authority", "which flight had the longest delay last month", 1161),
    ("authority", "the ten most delayed flights this year", 1296),
]


@pytest.fixture(scope="module")
def desk(var: Path) -> Callable[[str], Any]:
    from data.store import Versions
    from queries import Desk, Shared

    catalogue, store = catalogues.load(COMPANY), Versions(var).open()
    shared = Shared(catalogue)

    def one(who: str) -> Any:
        viewer = directories.viewer(who, shared.shelf(store).directory, catalogue)
        assert viewer
        return Desk(catalogue, store, viewer, TODAY, shared=shared)

    return one


@pytest.mark.parametrize(("who", "question", "figure"), MORE)
def test_single_cases_and_shares(desk: Callable[[str], Any], who: str, question: str, figure: float) -> None:
    answer = desk(who).ask(question).to_json()
    assert answer["outcome"] == "answer", answer["headline"]
    row = first(answer)
    assert any(v == pytest.approx(figure, rel=1e-4) for v in row.values() if isinstance(v, int | float)), row


def test_a_word_of_two_dimensions_is_asked_back(desk: Callable[[str], Any]) -> None:
    at = desk("authority")
    for said_so in ("PDX", "to Portland"):
        found = read(f"late arrivals {said_so} last month", at.catalogue, at.directory, at.viewer, TODAY)
        assert isinstance(found, Choices), (said_so, found)
        assert {c.query.where[0][0] for c in found.choices} == {"origin", "dest"}
    only = read("late arrivals by origin, only Portland, last month", at.catalogue, at.directory, at.viewer, TODAY)
    assert isinstance(only, Reading) and [key for key, _ in only.query.where] == ["origin"]
    meant = read("what is a late arrival", at.catalogue, at.directory, at.viewer, TODAY)
    assert isinstance(meant, Reading) and meant.query.explain == "definition"


APRIL, YEAR = {"from": "2017-04-01", "to": "2017-05-01"}, {"from": "2016-06-01", "to": "2017-06-01"}
QUERIES: list[dict[str, Any]] = [
    {"metrics": ["late_flights"], "show": "count", "where": {"dest": ["LAX"]}, "cases": {"op": ">", "value": 60}},
    {"metrics": ["late_flights"], "by": ["airline"], "cases": {"op": ">=", "value": 90}, "order": "most"},
    {"metrics": ["late_flights"], "cases": {"op": "<=", "value": 90}},
    {"metrics": ["average_arrival_delay"], "by": ["airline"], "cases": {"op": ">", "value": 45}},
    {"metrics": ["late_flights"], "rows": 3, "order": "most"},
    {"metrics": ["late_flights"], "rows": 5, "cases": {"op": ">", "value": 180}},
    {"metrics": ["cancelled_flights"], "rows": 20, "about": {"airline": ["AS"]}},
    {"metrics": ["average_arrival_delay"], "rows": 1, "order": "least"},
    {"metrics": ["late_flights"], "show": "share", "about": {"airline": ["AS"]}},
    {"metrics": ["late_flights"], "show": "share", "by": ["airline"], "order": "most"},
    {"metrics": ["late_flights"], "by": ["dest"], "order": "most", "top": 3, "at_least": 100},
    {"metrics": ["late_flights"], "by": ["weekday_group"]},
    {"metrics": ["late_flights"], "grain": "month", "order": "room_to_grow", "top": 1, "period": YEAR},
    {"metrics": ["late_flights"], "by": ["aircraft"], "about": {"airline": ["AS"]}, "order": "most", "show": "count"},
    {"metrics": ["aircraft_used"], "by": ["airline"], "order": "most"},
    {"metrics": ["late_flights"], "by": ["dest"], "where": {"dest": ["LAX", "SFO"]}},
    {"metrics": ["late_flights"], "by": ["hour"]},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_the_law_holds_for_what_is_beyond_the_first_contract(query: dict[str, Any], desk: Callable[[str], Any]) -> None:
    wanted = Query.from_json({"period": APRIL, **query})
    for who in ("authority", "as.supervisor"):
        at = desk(who)
        sentence = said(wanted, at.catalogue, at.directory, at.viewer)
        found = read(sentence, at.catalogue, at.directory, at.viewer, TODAY)
        assert getattr(found, "query", found) == wanted, sentence
        assert Query.from_json(wanted.to_json()) == wanted
        assert at.answer(wanted).to_json()["outcome"] == "answer"


def test_words_of_a_question_are_parameters_never_sql(desk: Callable[[str], Any]) -> None:
    answer = desk("authority").ask("list the flights to LAX that were more than 83 minutes late last month").to_json()
    text = json.dumps(answer["sql"])
    assert answer["query"]["rows"] and answer["query"]["cases"] == {"op": ">", "value": 83.0}
    assert all("LAX" not in s["sql"] and "83" not in s["sql"] for s in answer["sql"]), text


def test_the_same_folder_without_people_makes_everybody_the_analyst(var: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(COMPANY, tmp_path / "flights")
    (tmp_path / "flights/people.csv").unlink()
    catalogue = catalogues.load(tmp_path / "flights")
    nobody = directories.Directory("v", {}, {}, {}, None, None)
    viewer = directories.viewer("anybody", nobody, catalogue)
    assert viewer and viewer.covers == ("network", ())
