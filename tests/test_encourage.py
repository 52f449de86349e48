"""What lifts people: newcomers' curves, helped most, whom to thank; storms are not ranked; places on request.

Rules held here: section 7, place only when opened and never in the last tenth; section 8, newcomers, and storm, outage,
strike days; section 9, helped most and quiet staff; section 3, no differencing by picked others.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from queries import directory as directories
from queries.answers.helped import Helper, first_of
from queries.answers.newcomers import cumulated
from queries.answers.shown import band_of
from queries.desk import Desk
from queries.fairness.moments import prior_of_counts
from queries.reading.telling import asks_for_place
from tests import ministore
from tests.ministore import spread
from tests.test_acceptance import CATALOGUE, LATE, QUARTER, TODAY, WEEK, answer, made_up, people


def setting(login: str, store: Any) -> Any:
    viewer = directories.viewer(login, directories.directory(store, CATALOGUE), CATALOGUE)
    assert viewer is not None
    return Desk(CATALOGUE, store, viewer, TODAY).setting


# --- places -------------------------------------------------------------------------------------------------------


def me_against_others(store: Any, **fields: Any) -> Any:
    login = "jonas.moreau"
    return answer(login, store, about={"person": [login]}, by=["person"], compare=["others"], period=QUARTER, **fields)


def quarter(x: int) -> Any:
    """Thirteen weeks in which the asker has x late of 300, the others between 3 and 16 %."""
    rows = []
    for i, (team, logins) in enumerate(sorted(people().items())):
        if team.startswith("F-"):
            for j, login in enumerate(logins):
                late = x if login == "jonas.moreau" else 9 + (7 * i + 5 * j) % 40
                rows += spread([login], team, date(2026, 8, 17), 91, 300, late)
    return ministore.store(LATE, rows)


def test_a_place_is_told_only_when_asked_for() -> None:
    found = me_against_others(quarter(3))
    assert found.place and found.place not in found.headline and " of " in found.place
    assert asks_for_place("where do I rank?") and not asks_for_place("how do I compare with the others")


def test_nobody_is_told_a_range_that_ends_with_the_end_of_the_list() -> None:
    for x in (14, 20, 40, 70):
        found = me_against_others(quarter(x))
        number = found.place.rsplit(" of ", 1)[-1].rstrip(".") if " of " in found.place else ""
        assert not number or not found.place.startswith(f"Anywhere from {number}"), found.place
        assert "to 60th" not in found.place and not any(row.get("place") for row in found.rows)


def test_a_unit_that_surely_misses_the_standard_would_welcome_help() -> None:
    one = standing_of(0.0)
    assert band_of(one) == "would_welcome_help" and band_of(replace(one, beats=None)) == "as_expected"
    assert band_of(replace(one, beats=0.99)) == "doing_well"


def standing_of(beats: float) -> Any:
    from queries.fairness.board import Standing
    from queries.figures import Figure

    return Standing("a", "t", False, Figure(0.1, 10, 100, 100), beats=beats)


# --- picked others ------------------------------------------------------------------------------------------------


def test_picked_others_come_without_bars_and_counts() -> None:
    """Two lists of places that differ by one would tell which bar, and whose figure, is that place's."""
    areas = ["Highlands", "Port City", "Harbour", "Bay"]
    for picked in (areas, areas[:3], {"not": ["Bay"]}):
        found = answer("omar.osei", about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"], period=QUARTER,
                       peers={"area": picked})  # fmt: skip
        bars = [r for r in (found.picture or {})["rows"] if not r["label"]]
        rest = [r for r in found.rows if r.get("team") is None]
        assert not bars and all(r["count"] is None and r["cases"] is None for r in rest)
        assert all(r[LATE] == round(r[LATE], 3) for r in rest)
    whole = answer("omar.osei", about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"], period=QUARTER)
    assert [r for r in (whole.picture or {})["rows"] if not r["label"]]


def test_fewer_than_three_others_are_not_shown_beside_it() -> None:
    found = answer("omar.osei", about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"], period=QUARTER,
                   where={"area": ["Lakeside", "Highlands"]})  # fmt: skip
    assert "Others like it" not in found.headline and "Fewer than 3 others" in found.headline


# --- storms -------------------------------------------------------------------------------------------------------


def stormy_week(share: float) -> Any:
    rows = []
    for i, (team, logins) in enumerate(sorted(people().items())):
        if team.startswith("F-"):
            n = 400
            storm = round(n * share)
            late = 10 + 3 * (i % 12)
            rows += [replace(r, mix="storm") for r in spread(logins, team, date(2026, 11, 9), 7, storm, late // 2)]
            rows += spread(logins, team, date(2026, 11, 9), 7, n - storm, late // 2)
    return ministore.store(LATE, rows)


@pytest.mark.parametrize(("share", "ranked"), [(0.2, True), (0.4, False)])
def test_a_week_of_storm_is_shown_and_not_ranked(share: float, ranked: bool) -> None:
    store = stormy_week(share)
    found = answer("omar.osei", store, about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"], period=WEEK)
    assert ("shown and not ranked" in found.headline) is not ranked
    assert ranked or not any(row.get("place") for row in found.rows)
    listed = answer("victor.holm", store, by=["team"], order="best", period=WEEK)
    assert ranked or not any(row.get("team") for row in listed.rows)
    trend = answer("omar.osei", store, about={"team": ["F-NLAK-2"]}, grain="week", period=WEEK)
    assert any("marked and not ranked" in note for note in trend.notes) is not ranked
    assert (trend.picture or {})["series"][0]["rows"][0]["marked"] is not ranked


# --- newcomers, helpers, the steady -------------------------------------------------------------------------------


def test_sums_up_to_each_week_in_the_role() -> None:
    began = {"a": date(2026, 9, 2)}
    rows = [
        {"person": "a", "bucket": date(2026, 8, 31) + timedelta(weeks=i), "num": x, "den": n, "n": n}
        for i, (x, n) in enumerate([(2.0, 10.0), (0.0, 0.0), (1.0, 20.0)])
    ]
    found = cumulated(rows, began, CATALOGUE.metrics[LATE], "metric", "person")
    assert found == {"a": {1: (2.0, 10.0), 3: (3.0, 30.0)}}


def test_a_newcomer_is_beside_those_who_began_and_not_in_the_list() -> None:
    store = quarter(40)
    login = "jonas.moreau"
    fresh = [login, *[p for team in ("F-NLAK-1", "F-EHAR-1") for p in people()[team]][:14]]
    path = store._connection.execute("SELECT path FROM duckdb_databases() WHERE NOT internal").fetchall()[0][0]
    store._connection.close()
    with duckdb.connect(path) as writable:
        marks = ", ".join("?" * len(fresh))
        writable.execute(f"UPDATE people SET since = DATE '2026-09-21' WHERE login IN ({marks})", fresh)
    store = type(store)(Path(path))
    found = me_against_others(store)
    assert "in your first" in found.headline and "others who began had typically" in found.headline
    assert not found.picture and not found.place and all({"week", "typical"} <= set(row) for row in found.rows)
    assert any("first 13 weeks" in note for note in found.notes)


def test_helped_most_names_three_of_each_kind_of_work_and_who_is_level() -> None:
    at = setting("jonas.moreau", made_up())
    field = [p for p in people()["F-NLAK-1"] if not_new(p, at)][:5]
    care = [p for p in people()["C-BCAY-1"] if not_new(p, at)][:2]
    helpers = [Helper(p, "field", n) for p, n in zip(field, (9, 7, 5, 5, 4), strict=True)]
    helpers += [Helper(p, "care", n) for p, n in zip(care, (3, 2), strict=True)]
    assert {h.login for h in first_of(helpers, at)} == {*field[:4], care[0]}
    out = replace(at, unnamed=frozenset({field[0]}))
    assert field[0] not in {h.login for h in first_of(helpers, out)}


def not_new(login: str, at: Any) -> bool:
    since = at.shelf.directory.people[login].since
    return since is None or (TODAY - since).days > 100


def team_of_steady(weeks: int) -> Any:
    """So many weeks up to the newest sealed block: two of one team are at 3.4 %, the others between 2 and 10."""
    rows, end = [], date(2026, 11, 2)
    for i, (team, logins) in enumerate(sorted(people().items())):
        if team.startswith("F-") and (team == "F-EHAR-2" or i % 3 == 0):
            for j, login in enumerate(logins):
                percent = (3.4 if j < 2 else 5.5) if team == "F-EHAR-2" else 2 + (7 * i + 5 * j) % 9
                n = 25 * weeks
                rows += spread([login], team, end - timedelta(weeks=weeks), 7 * weeks, n, round(n * percent / 100))
    return ministore.store(LATE, rows, first=end - timedelta(weeks=weeks))


@pytest.mark.parametrize(("weeks", "thanked"), [(24, False), (28, True)])
def test_who_answers_for_a_team_is_told_whom_to_thank(weeks: int, thanked: bool) -> None:
    """Half a year on the standard: said by name to the one who answers for them, else a word for all."""
    store = team_of_steady(weeks)
    found = answer("noor.ozturk", store, about={"team": ["F-EHAR-2"]}, by=["person"], order="best", period=QUARTER)
    staff = directories.directory(store, CATALOGUE).people
    first = [staff[p].name for p in people()["F-EHAR-2"][:2]]
    assert all((name in found.headline) is thanked for name in first), found.headline
    assert ("quietly kept the standard for 28 weeks" in found.headline) is thanked
    assert thanked or "thank" in found.headline.lower()


def test_the_prior_of_counts_is_that_of_poisson_events() -> None:
    rng = np.random.default_rng(3)
    n = np.full(400, 60.0)
    rate = rng.gamma(16.0, 4.0 / 16.0, 400)  # mean 4, variance 1
    found = prior_of_counts(n, rng.poisson(n * rate).astype(float), n * 4.0)
    assert found.tau2 == pytest.approx(1.0, rel=0.25) and found.m == pytest.approx(4.0, rel=0.3)


# --- in your hands ------------------------------------------------------------------------------------------------


def hands(causes: dict[str, int], about: dict[str, Any], login: str = "omar.osei") -> str:
    """What the sentence says of a team in which so many of twelve people came late, twice each, by a cause."""
    rows = []
    for team in ("F-NLAK-2", "F-NHIG-2", "F-WORC-2", "F-SOTOW-2"):
        staff = people()[team]
        rows += spread(staff, team, date(2026, 8, 17), 91, 300 * len(staff), 0)
        for cause, count in causes.items():
            rows += [ministore.Done(date(2026, 9, 1 + i % 2), p, team, 2, 2, cause=cause)
                     for i, p in enumerate(staff[:count])]  # fmt: skip
    found = answer(login, ministore.store(LATE, rows), about=about, by=list(about), compare=["others"], period=QUARTER)
    said = [part for mark in ("In your own hands", "What came up most") for part in found.headline.split(mark)[1:]]
    assert len(said) < 2
    return said[0] if said else ""


def test_events_in_the_own_hands_are_counted_and_the_other_causes_named() -> None:
    team = {"team": ["F-NLAK-2"]}
    assert "20 of 44 late arrivals" in hands({"own_start": 10, "job_before": 12}, team)


def test_where_few_are_behind_a_cause_the_largest_is_told_in_round_words_or_none() -> None:
    """Three who set off late are never told, nor can they be: no count stands beside the round words."""
    team = {"team": ["F-NLAK-2"]}
    told = hands({"own_start": 3, "job_before": 12, "weather": 11}, team)
    assert told.startswith(": job before, with about half of the late arrivals.") and not any(c.isdigit() for c in told)
    assert hands({"own_start": 3, "job_before": 2, "weather": 1}, team) == ""
    alike = {"own_start": 3, "parts": 6, "job_before": 12, "weather": 12}
    assert hands(alike, team) == "", "two alike: none is the largest"
