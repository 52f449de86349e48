"""The acceptance examples 1-14 of the reward rules, section 12, through the desk; each test has its number in its name.

Example 4 (a rural technician) is in test_fair: `test_a_rural_technician_above_the_expected_is_above_typical`.
"""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from queries import catalogue as catalogues
from queries import directory as directories
from queries.answers.answer import Answer
from queries.desk import Desk
from queries.query import Query
from tests import fakestore, ministore
from tests.ministore import spread

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = catalogues.load(ROOT / "data" / "companies" / "fernway")
TODAY = date(2026, 11, 18)
WEEK = {"from": "2026-11-09", "to": "2026-11-16"}
QUARTER = {"from": "2026-08-17", "to": "2026-11-16"}
LATE = "late_arrival_rate"


@cache
def made_up() -> fakestore.FakeStore:
    return fakestore.store(company="demo", days=126)


@cache
def people() -> dict[str, list[str]]:
    """Everybody on the front line, by team."""
    found: dict[str, list[str]] = {}
    for p in directories.directory(made_up(), CATALOGUE).people.values():
        if p.role == "frontline":
            found.setdefault(p.unit, []).append(p.login)
    return found


def answer(login: str, store: Any = None, **fields: Any) -> Answer:
    store = store or made_up()
    viewer = directories.viewer(login, directories.directory(store, CATALOGUE), CATALOGUE)
    assert viewer is not None, login
    return Desk(CATALOGUE, store, viewer, TODAY).answer(Query.from_json({"metrics": [LATE], "period": WEEK} | fields))


def company(rates: dict[str, tuple[int, int]], first: date, days: int, otherwise: tuple[int, int]) -> Any:
    """A store in which every field team has (cases, late ones) over some days."""
    rows = []
    for team, logins in people().items():
        if team.startswith("F-"):
            n, x = rates.get(team, otherwise)
            rows += spread(logins, team, first, days, n, x)
    return ministore.store(LATE, rows)


def test_1_none_late_in_25_is_a_fact_without_a_place() -> None:
    login = "mina.castillo"
    rows = spread([login], "F-NLAK-1", date(2026, 11, 9), 5, 25, 0)
    store = ministore.store(LATE, rows)
    for fields in ({}, {"by": ["person"], "compare": ["others"]}):
        found = answer(login, store, about={"person": [login]}, **fields)
        assert found.outcome == "answer" and "no late arrivals in 25 visits. A clean sheet." in found.headline
        assert not any(row.get("place") for row in found.rows) and " of " not in found.place
    viewer = directories.viewer(login, directories.directory(store, CATALOGUE), CATALOGUE)
    assert viewer is not None and not Desk(CATALOGUE, store, viewer, TODAY).recognition(LATE), "no badge"
    assert login not in str(answer("omar.osei", store, by=["person"], order="best").to_json()), "told to nobody else"


def test_2_two_teams_too_close_are_joint() -> None:
    rates = {"F-NLAK-2": (260, 16), "F-NHIG-2": (260, 19)}
    store = company(rates, date(2026, 11, 9), 7, (260, 17))
    found = answer("omar.osei", store, about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"])
    assert "Too close to call" in found.headline or "No real difference" in found.headline
    own = next(row for row in found.rows if row.get("own"))
    assert not own["place"] or re.search(r"to|later|any", own["place"]), "joint: a range, never one place"


def test_3_a_clearly_better_team_is_named() -> None:
    random_rates = random.Random(3)
    late = {team: (3600, random_rates.randint(200, 330)) for team in people() if team.startswith("F-")}
    store = company(late | {"F-NLAK-2": (3600, 108)}, date(2026, 8, 17), 91, (3600, 250))
    found = answer("victor.holm", store, by=["team"], order="best", period=QUARTER)
    named = [row["team"] for row in found.rows if row.get("team")]
    assert named == ["F-NLAK-2"], found.headline
    assert "Lakeside Repairs" in found.headline


def test_5_a_small_team_and_one_more_are_hidden() -> None:
    staff = people()
    rows = []
    for team, count in (("F-NLAK-1", 12), ("F-NLAK-2", 12), ("F-NLAK-4", 4)):
        rows += spread(staff[team][:count], team, date(2026, 11, 9), 7, 22 * count, 2 * count)
    found = answer("piotr.vargas", ministore.store(LATE, rows), about={"area": ["Lakeside"]}, by=["team"])
    shown = [row["team"] for row in found.rows if row.get("team") and row.get(LATE) is not None]
    assert found.outcome == "answer" and len(shown) == 1 and shown[0] != "F-NLAK-4", (shown, found.notes)
    assert any("not shown" in note for note in found.notes)


def test_6_who_is_the_worst_is_answered_kindly() -> None:
    found = answer("noor.ozturk", about={"team": ["F-EHAR-2"]}, by=["person"], order="room_to_grow", period=QUARTER)
    assert found.outcome == "refused" and "does not list people who are below the standard" in found.headline
    assert 1 <= len(found.nearest) <= 3


def test_7_everyones_late_arrivals_are_own_recognised_and_dots() -> None:
    found = answer("jonas.moreau", about={"team": ["F-EHAR-2"]}, by=["person"], period=QUARTER)
    assert found.outcome == "answer"
    named = {row["person"] for row in found.rows if row.get("person")}
    assert "jonas.moreau" in named
    assert all(row["standing"] for row in found.rows if row.get("person") not in (None, "jonas.moreau"))
    assert found.picture and sum(1 for row in found.picture["rows"] if not row["label"]) >= 5
    assert not found.exportable


def test_8_an_executive_is_refused_a_person() -> None:
    assert answer("victor.holm", about={"person": ["jonas.moreau"]}, period=QUARTER).outcome == "refused"
    rows = []
    for team, logins in people().items():
        for number, login in enumerate(logins if team.startswith("F-") else ()):
            late = 2 if login == "jonas.moreau" else 8 + number * 7 % 30
            rows += spread([login], team, date(2026, 8, 17), 91, 330, late)
    found = answer("victor.holm", ministore.store(LATE, rows), by=["person"], order="best", period=QUARTER)
    assert "jonas.moreau" in {row["person"] for row in found.rows}, "unless recognised"
    assert len(found.rows) <= 10 and all(row["standing"] for row in found.rows)


def test_9_repeat_installs_of_this_week_are_still_settling() -> None:
    period = {"from": "2026-11-16", "to": "2026-11-19"}
    staff, metric = people()["F-NLAK-1"], "repeat_install_rate"
    rows = spread(staff, "F-NLAK-1", date(2026, 8, 17), 94, 1410, 120)
    early = spread(staff[:12], "F-NLAK-1", date(2026, 10, 20), 20, 240, 12)
    store = ministore.store(metric, rows, early=early)
    found = answer("goran.holm", store, about={"team": ["F-NLAK-1"]}, metrics=[metric], period=period)
    told = " ".join([found.headline, *found.notes])
    assert found.outcome == "answer" and "still settling" in told and "Early sign: 9 of 168" in told, "two whole weeks"
    assert "12–18 October" in told, "the newest settled week"


def test_10_ranking_handle_time_offers_four_measures() -> None:
    for fields in ({"by": ["person"]}, {"by": ["team"], "order": "best"}):
        found = answer("arjun.tanaka", metrics=["handle_time"], **fields)
        assert found.outcome == "refused" and found.nearest[0].query is not None
        assert len(found.nearest[0].query.metrics) == 4


def test_11_without_real_differences_nobody_is_placed() -> None:
    store = company({}, date(2026, 5, 18), 180, (26 * 260, 26 * 18))
    found = answer("omar.osei", store, about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"])
    assert not any(row.get("place") for row in found.rows)
    assert "No real differences" in " ".join([found.headline, *found.notes])


def test_12_the_company_figure_is_one() -> None:
    askers = ("jonas.moreau", "noor.ozturk", "marta.bianchi", "andre.osei", "victor.holm", "nadia.weiss")
    assert len({str(answer(login).rows) for login in askers}) == 1


def test_13_people_are_in_the_order_of_their_names_however_sorted() -> None:
    for order in (None, "best", "most_improved", "least"):
        found = answer("noor.ozturk", about={"team": ["F-EHAR-2"]}, by=["person"], order=order, period=QUARTER)
        if found.outcome == "answer":
            names = [row["person.name"] for row in found.rows if row.get("person")]
            assert names == sorted(names) and not any(row.get("place") for row in found.rows)
    found = answer("noor.ozturk", about={"team": ["F-EHAR-2"]}, by=["person"], period=QUARTER)
    assert len(found.rows) > 5 and set(found.logged) == {row["person"] for row in found.rows if row.get("person")}


def test_14_late_and_on_time_are_a_hundred_in_every_cell() -> None:
    for fields in ({"by": ["area"]}, {"by": ["job_type"]}, {"grain": "week"}, {}):
        sides = [answer("victor.holm", period=QUARTER, side=side, **fields).rows for side in ("metric", "mirror")]
        keys = [k for k in ("area", "job_type", "week") if sides[0] and k in sides[0][0]]
        late, on_time = ({tuple(r[k] for k in keys): r[LATE] for r in rows} for rows in sides)
        assert late.keys() == on_time.keys() and late
        assert all(late[k] + on_time[k] == pytest.approx(1.0, abs=1e-12) for k in late if late[k] is not None)


def test_a_rest_of_days_is_never_left_alone() -> None:
    """Monday to Saturday against Monday to Sunday, when two people work on Sundays."""
    staff, rows = people()["F-NLAK-2"][:10], []
    for week in range(6):
        monday = date(2026, 10, 5) + timedelta(weeks=week)
        rows += spread(staff, "F-NLAK-2", monday, 6, 240, 12)
        rows += spread(staff[:2], "F-NLAK-2", monday + timedelta(days=6), 1, 8, 3)
    store = ministore.store(LATE, rows)
    spans = []
    for end in ("2026-11-08", "2026-11-09"):
        found = answer("omar.osei", store, about={"team": ["F-NLAK-2"]}, period={"from": "2026-11-02", "to": end})
        spans.append(found.periods[0][1])
    assert spans[0] == spans[1]


def test_6_also_when_no_figure_is_named() -> None:
    """Asked as people ask it: the same kind words; and what names no figure is answered with the headline ones."""
    store = ministore.store(LATE, [])
    directory = directories.directory(store, CATALOGUE)
    viewer = directories.viewer("noor.ozturk", directory, CATALOGUE)
    assert viewer is not None
    desk = Desk(CATALOGUE, store, viewer, TODAY)
    found = desk.ask("who is the worst in my team?", read_only=True)
    assert found.outcome == "refused" and "does not list people who are below the standard" in found.headline
    short = desk.ask("who in my team improved the most this month", read_only=True)
    assert short.outcome == "unread" and short.nearest
    assert all(o.query and o.query.by == ("person",) and o.query.about for o in short.nearest)
    improving = desk.ask("are we improving", read_only=True)
    assert improving.outcome == "answer" and improving.query is not None
    assert len(improving.query.metrics) > 1 and improving.query.compare == ("previous",)
    assert any("because none was named" in told for told in improving.assumed)
