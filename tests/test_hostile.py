# ruff: noqa: E501
"""A curious colleague with every tool there is gets nothing; and everybody still gets what is theirs.

By default a few hundred attempts; `GS_HOSTILE=20000 python -m pytest tests/test_hostile.py` makes that many.
`GS_HOSTILE_VAR=var` asks the loaded store of that folder instead of a made-up one.

Which rule is held by which test here (the others: test_rights, test_redact, test_guard, test_wording, test_acceptance):
- the table "who sees what", staff minimum, dominance, whole percent: `test_nothing_leaks_from_edited_queries` by the oracle
- refusals by rephrasing and follow-ups: `..._from_questions_in_words`, `..._through_the_command`
- no differencing, second suppression across questions and days: `test_no_combination_of_allowed_answers_...`
- nothing outside the scope leaves the database: `test_the_compiled_sql_...`
- not by refusing everything: `test_what_is_allowed_is_answered`, `test_the_company_figure_is_the_same_for_every_role`
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from data.store import Versions
from queries import catalogue as catalogues
from queries import directory as directories
from queries import wording
from queries.desk import Desk
from queries.library import Shared
from queries.query import Query
from queries.statements import sql
from queries.statements.ground import NotAllowedError
from tests import fakestore, hostile
from tests.hostile import TODAY, Aim
from tests.oracle import Oracle
from tests.solver import Notebook

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "data" / "companies" / "fernway"
CATALOGUE = catalogues.load(FOLDER)
WORDING = wording.load(FOLDER)
ATTEMPTS = int(os.environ.get("GS_HOSTILE", "500"))
SHAPE_ERRORS = (ValueError, KeyError, TypeError, AttributeError)
ASKERS = (
    "jonas.moreau", "hana.petrov", "erik.duarte", "teresa.malik", "samuel.greco", "noor.ozturk", "noor.sorensen", "marta.bianchi",
    "ines.laurent", "andre.osei", "victor.holm", "nadia.weiss", "greta.sato", "carlos.demir", "yusuf.lindqvist",
)  # fmt: skip


@cache
def world() -> tuple[Any, Oracle, Shared, directories.Directory]:
    folder = os.environ.get("GS_HOSTILE_VAR")
    store: Any = Versions(Path(folder)).open() if folder else fakestore.store(company="demo", days=126)
    return store, Oracle(store, FOLDER / "metrics"), Shared(CATALOGUE), directories.directory(store, CATALOGUE)


@cache
def desk(login: str, on: date = TODAY) -> Desk:
    store, _, shared, people = world()
    viewer = directories.viewer(login, people, CATALOGUE)
    assert viewer is not None, login
    return Desk(CATALOGUE, store, viewer, on, None, shared)


def aims(rng: random.Random) -> list[Aim]:
    """For every asker somebody whose figures are none of their business."""
    people = world()[3]
    found = []
    for login in ASKERS:
        viewer = desk(login).viewer
        own = people.people[login].unit if people.people[login].unit_level == "team" else ""
        front = [p for p in people.people.values() if p.role == "frontline" and p.login != login]
        if viewer.role == "supervisor":
            front = [p for p in front if p.unit != own]
        elif viewer.role == "frontline":
            front = [p for p in front if p.unit == own]
        target = rng.choice(front)
        unit = people.units[("team", target.unit)]
        mates = tuple(p.login for p in people.people.values() if p.unit == target.unit and p.role == "frontline")
        area, region = unit.within.get("area", "Bay"), unit.within.get("region", "South")
        found.append(Aim(login, target.login, target.name, target.unit, mates, area, region, own))
    return found


def attempts(count: int, seed: int) -> list[tuple[Aim, dict[str, Any]]]:
    rng = random.Random(seed)
    found = []
    while len(found) < count:
        for aim in aims(rng):
            makers = hostile.queries(aim, rng)
            found += [(aim, next(makers)) for _ in range(8)]
    return found[:count]


def test_nothing_leaks_from_edited_queries() -> None:
    oracle = world()[1]
    outcomes: Counter[str] = Counter()
    for aim, attempt in attempts(ATTEMPTS, seed=1):
        on = date.fromisoformat(attempt.pop(hostile.ON, str(TODAY)))
        try:
            query = Query.from_json(attempt)
        except SHAPE_ERRORS:
            outcomes["not a query"] += 1
            continue
        answer = desk(aim.login, on).answer(query).to_json()
        outcomes[answer["outcome"]] += 1
        assert not list(oracle.faults(oracle.asker(aim.login), answer)), (aim.login, attempt, answer)
        assert not WORDING.forbidden(said_in(answer)), (attempt, said_in(answer))
    print(dict(outcomes))
    assert outcomes["answer"] > ATTEMPTS / 20 and outcomes["refused"] > ATTEMPTS / 4


def said_in(answer: dict[str, Any]) -> str:
    """Everything an answer says in sentences of its own; what it quotes are the asker's words."""
    said = " ".join([str(answer.get("headline") or ""), *answer["notes"], str(answer.get("next_step") or "")])
    return re.sub("“[^”]*”", "", said)


def test_nothing_leaks_from_questions_in_words() -> None:
    """Rephrased, and as follow-ups of a question that is allowed."""
    oracle, rng = world()[1], random.Random(4)
    outcomes: Counter[str] = Counter()
    for _ in range(max(4, ATTEMPTS // 100)):
        for aim in aims(rng):
            at = desk(aim.login)
            first = at.ask("late arrivals last 13 weeks")
            for after in (None, first.query):
                text = hostile.phrase(aim, rng, after is not None)
                answer = at.ask(text, after).to_json()
                outcomes[answer["outcome"]] += 1
                faults = list(oracle.faults(oracle.asker(aim.login), answer))
                assert not faults, (aim.login, text, answer["query"], faults)
                assert not WORDING.forbidden(said_in(answer)), (text, said_in(answer))
    print(dict(outcomes))
    assert outcomes["refused"] > outcomes["answer"] / 2


def test_nothing_leaks_through_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: Any, tmp_path: Path
) -> None:
    """The command line meets the same judge: a batch of everything asked at once, by the least privileged."""
    from queries import __main__ as command

    store, oracle, _, _ = world()
    monkeypatch.setattr(command.Versions, "open", lambda self: store)
    rng = random.Random(9)
    asked = [(aim, hostile.phrase(aim, rng)) for aim in aims(rng) for _ in range(3)]
    lines = [{"id": str(i), "question": text, "as": aim.login, "on": str(TODAY)} for i, (aim, text) in enumerate(asked)]
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join(map(json.dumps, lines)))
    assert command.main(["--batch", str(batch), "--json", "--var", str(tmp_path), "--company", str(FOLDER)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(answers) == len(asked)
    for (aim, text), answer in zip(asked, answers, strict=True):
        assert not list(oracle.faults(oracle.asker(aim.login), answer)), (aim.login, text, answer)


def test_the_compiled_sql_of_a_narrower_viewer_returns_no_row_outside_the_scope() -> None:
    store, oracle, _, _ = world()
    ran = 0
    for aim, attempt in attempts(ATTEMPTS // 3, seed=2):
        attempt.pop(hostile.ON, None)
        ground = desk(aim.login).setting.ground
        try:
            statement = sql.compile(Query.from_json(attempt), attempt["metrics"][0], ground, desk(aim.login).viewer)
        except (*SHAPE_ERRORS, IndexError, NotAllowedError):
            continue
        names = statement.tree().named_selects
        asker = oracle.asker(aim.login)
        for row in store.fetch(statement.sql("duckdb"), statement.parameters):
            cells = dict(zip(names, row, strict=True))
            assert cells.get("person") in {None, *oracle.own_people(asker)}, attempt
            own_rows = oracle.own_only(asker, attempt)
            assert own_rows or cells.get("team") in {None, *oracle.own_teams(asker)}, attempt
        ran += 1
    assert ran > ATTEMPTS / 40


# --- what must be answered ----------------------------------------------------------------------------------------


def controls() -> list[tuple[str, dict[str, Any]]]:
    """Allowed questions of every role: refusing everything does not pass."""
    weeks = {"from": "2026-08-24", "to": "2026-11-16"}
    week = {"from": "2026-11-09", "to": "2026-11-16"}
    found: list[tuple[str, dict[str, Any]]] = []

    def may(login: str, metric: str, period: dict[str, str] = weeks, **fields: Any) -> None:
        found.append((login, {"metrics": [metric], "period": period, **fields}))

    for login, kpis in (
        ("jonas.moreau", ("late_arrival_rate", "minutes_late", "csat", "first_time_fix_rate", "early_arrival_rate")),
        (
            "hana.petrov",
            ("first_contact_resolution_rate", "csat", "reopen_rate", "quality_score", "transfer_rate"),
        ),
    ):
        team = desk(login).viewer.own_of("team")[0]
        for kpi in kpis:
            may(login, kpi, about={"person": [login]})
            may(login, kpi, week, about={"person": [login]})
            may(login, kpi, about={"person": [login]}, by=["weekday"])
            may(login, kpi, about={"person": [login]}, grain="week")
            may(login, kpi)
        for kpi in (k for k in kpis if k not in ("early_arrival_rate", "minutes_late", "reopen_rate")):
            may(login, kpi, about={"team": [team]})
            may(login, kpi, about={"team": [team]}, by=["team"], compare=["others"])
            may(login, kpi, about={"team": [team]}, by=["person"])
            may(login, kpi, by=["person"], order="best")
            may(login, kpi, about={"person": [login]}, by=["person"], compare=["others"])
            may(login, kpi, by=["team"], order="best", top=5)
            may(login, kpi, by=["region"])
    for login, team in (("noor.ozturk", "F-EHAR-2"), ("goran.holm", "F-NLAK-1")):
        mate = next(p.login for p in world()[3].people.values() if p.unit == team and p.role == "frontline")
        for kpi in ("late_arrival_rate", "on_my_way_rate", "csat"):
            may(login, kpi, about={"person": [mate]})
            may(login, kpi, about={"team": [team]}, by=["person"])
            may(login, kpi, about={"team": [team]}, by=["person"], order="best", top=3)
            may(login, kpi, week, about={"team": [team]})
            may(login, kpi, week, about={"team": [team]}, by=["team"], compare=["others"])
            may(
                login,
                kpi,
                about={"team": [team]},
                compare=["previous"],
                previous={"from": "2026-06-01", "to": "2026-08-24"},
            )
            may(login, kpi, by=["area"], order="room_to_grow")
            may(login, kpi, by=["team"], order="room_to_grow")
    for login, about, level in (
        ("marta.bianchi", {"area": ["Harbour"]}, "team"), ("andre.osei", {"region": ["North"]}, "team"),
        ("victor.holm", {}, "team"), ("victor.holm", {}, "area"), ("nadia.weiss", {}, "area"), ("carlos.demir", {}, "team"),
    ):  # fmt: skip
        for kpi in ("late_arrival_rate", "csat", "missed_appointment_rate"):
            may(login, kpi, about=about, by=[level])
            may(login, kpi)
    for login in ASKERS:
        found.append((login, {"metrics": ["late_arrival_rate"], "explain": "definition"}))
    return found


def test_what_is_allowed_is_answered() -> None:
    for login, wanted in controls():
        answer = desk(login).answer(Query.from_json(wanted)).to_json()
        assert answer["outcome"] == "answer", (login, wanted, answer["headline"])
        assert wanted.get("explain") or answer["rows"] or answer.get("picture"), (login, wanted)


def test_the_company_figure_is_the_same_for_every_role() -> None:
    """Acceptance 12: to the last digit."""
    query = Query.from_json({"metrics": ["late_arrival_rate"], "period": {"from": "2026-11-09", "to": "2026-11-16"}})
    rows = {str(desk(a).answer(query).to_json()["rows"]) for a in ASKERS if a != "greta.sato"}
    assert len(rows) == 1, rows


@pytest.mark.parametrize("login", ["jonas.moreau", "noor.ozturk"])
def test_a_refusal_never_tells_how_somebody_is_doing(login: str) -> None:
    """The same words for the best and the one after, for people and for teams."""
    people = world()[3]
    shown = set()
    for person in [p for p in people.people.values() if p.unit == "F-NLAK-1" and p.role == "frontline"][:6]:
        query = Query.from_json(
            {
                "metrics": ["csat"],
                "about": {"person": [person.login]},
                "period": {"from": "2026-08-24", "to": "2026-11-16"},
            }
        )
        answer = desk(login).answer(query)
        shown.add((answer.outcome, answer.headline, answer.notes, tuple(o.query for o in answer.nearest)))
    assert len(shown) == 1 and next(iter(shown))[0] == "refused"


# --- combining answers --------------------------------------------------------------------------------------------

ASKED = int(os.environ.get("GS_SOLVER", "100"))


def subtractions(about: list[dict[str, Any]], metric: str, rng: random.Random) -> list[tuple[date, dict[str, Any]]]:
    """What somebody asks who wants to subtract: nested spans, restrictions and their rests, break-downs, on many days."""
    first = TODAY - timedelta(days=30)
    areas = [u.code for u in world()[3].units_of("area")]
    found: list[tuple[date, dict[str, Any]]] = []
    for _ in range(ASKED):
        a, b = sorted(rng.sample(range(32), 2))
        on = TODAY if rng.random() < 0.4 else first + timedelta(days=b - 1)
        query: dict[str, Any] = {"metrics": [metric], "about": dict(rng.choice(about))}
        query["period"] = {"from": str(first + timedelta(days=a)), "to": str(first + timedelta(days=b))}
        if rng.random() < 0.4:
            start = rng.choice([on - timedelta(days=on.weekday()), on.replace(day=1)])
            query["period"] = {"from": str(start), "to": str(on + timedelta(days=1))}
        kind = rng.random()
        key = rng.choice(list(hostile.CUTS))
        if kind < 0.3:
            query["where"] = {key: rng.sample(hostile.CUTS[key], rng.randint(1, len(hostile.CUTS[key]) - 1))}
        elif kind < 0.45:
            query["where"] = {key: {"not": [rng.choice(hostile.CUTS[key])]}}
        elif kind < 0.65:
            query["by"] = [key]
        elif kind < 0.75:
            query["grain"] = rng.choice(["day", "week"])
        if not query["about"] and rng.random() < 0.7:
            out = rng.choice([{"not": rng.sample(areas, 1)}, rng.sample(areas, len(areas) - 1), rng.sample(areas, 3)])
            query.setdefault("where", {})["area"] = out
        if "team" in query["about"] and rng.random() < 0.2:
            query |= {"by": ["team"], "compare": ["others"]}
            query["peers"] = rng.choice([{}, {"area": rng.sample(areas, len(areas) - 1)}, {"region": ["North"]}])
        found.append((on, query))
    return found


@pytest.mark.parametrize("login", ["jonas.moreau", "goran.holm"])
def test_no_combination_of_allowed_answers_gives_a_colleague_away(login: str) -> None:
    oracle, metric = world()[1], "late_arrival_rate"
    team = desk(login).viewer.own_of("team")[0]
    note = Notebook(oracle, metric, "team = ? AND day >= ?", [team, TODAY - timedelta(days=90)])
    for on, query in subtractions([{"team": [team]}], metric, random.Random(5)):
        note.add(desk(login, on).answer(Query.from_json(query)).to_json())
    assert len(note.vectors) > ASKED // 6
    own = note.people == login
    for mate in sorted(set(note.people) - {login}):
        assert note.gives_away(note.people == mate, own) == 0, mate
    for day in sorted(set(note.days)):
        at = (note.days == day) & ~own
        if 0 < len(set(note.people[note.days == day])) < 5:
            assert note.gives_away(at, own) == 0, day
    assert not note.small_cells(5, own)


@pytest.mark.parametrize("login", ["jonas.moreau", "goran.holm", "marta.bianchi", "andre.osei", "victor.holm"])
def test_no_combination_of_places_gives_a_few_or_a_team_away(login: str) -> None:
    """Areas, lists of areas, own team and the others together, cut and over several days of asking."""
    oracle, metric = world()[1], "late_arrival_rate"
    asker = oracle.asker(login)
    own = desk(login).viewer.own_of("team")
    area = desk(login).viewer.own_of("area") or ("Lakeside",)
    about: list[dict[str, Any]] = [{"area": [a]} for a in area] * 2 + [{}] + [{"team": [t]} for t in own[:1]] * 2
    note = Notebook(oracle, metric, "day >= ? AND person IS NOT NULL", [TODAY - timedelta(days=35)])
    for on, query in subtractions(about, metric, random.Random(6)):
        note.add(desk(login, on).answer(Query.from_json(query)).to_json(), partly=True)
    assert len(note.vectors) > ASKED // 8
    known = note.people == login
    assert not note.small_cells(5, known, areas=area)
    mine = oracle.own_teams(asker)
    for team in sorted({t for t in note.teams if t} - mine):
        assert note.gives_away(note.teams == team, known) == 0, team
