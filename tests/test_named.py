"""Who may be named, one condition at a time: sections 7-9 of the rules. Each is taken away from somebody who wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pytest

from queries.fairness import fair, fields
from queries.fairness.board import Board
from queries.fairness.contest import board
from queries.fairness.recognised import recognised
from queries.periods import Period
from queries.query import Query, Values, filter_of
from tests import ministore
from tests.ministore import Done, spread
from tests.test_acceptance import CATALOGUE, LATE, people
from tests.test_encourage import setting

METRIC = CATALOGUE.metrics[LATE]
FIRST, QUARTER = date(2026, 8, 10), Period(date(2026, 8, 10), date(2026, 11, 2))
DAYS = QUARTER.days
WINNERS = ("F-NLAK-1", "F-NLAK-2", "F-NLAK-4", "F-SBAY-1")


def work(extra: Iterable[Done] = ()) -> list[Done]:
    """Twelve weeks: four teams at 2 %, the others between 6 and 10 %; each person about 200 visits."""
    rows = list(extra)
    for i, (team, logins) in enumerate(sorted(people().items())):
        if team.startswith("F-"):
            n = 200 * len(logins)
            rows += spread(logins, team, FIRST, DAYS, n, n * (2 if team in WINNERS else 6 + i % 5) // 100)
    return rows


@cache
def store() -> Any:
    return ministore.store(LATE, work())


def changed(source: Any, *statements: str) -> Any:
    """The store with a few things written into it."""
    path = source._connection.execute("SELECT path FROM duckdb_databases() WHERE NOT internal").fetchall()[0][0]
    source._connection.close()
    with duckdb.connect(path) as con:
        for statement in statements:
            con.execute(statement)
    return type(source)(type(ministore.Path())(path))


def compared(level: str, source: Any, login: str = "victor.holm", **fields_: Any) -> tuple[Board, Any]:
    at = setting(login, source)
    query = Query((LATE,), by=(level,), period=QUARTER, order="best", **fields_)
    return board(query, METRIC, level, at.ground, at.shelf, at.viewer), at


def named(level: str, source: Any, everyone: bool = True) -> set[str]:
    found, at = compared(level, source)
    return {at.shelf.codes(level)[token] for token in recognised(found, at, everyone)[0]}


def test_all_who_win_are_recognised_a_list_names_the_top_tenth() -> None:
    assert named("team", store()) == set(WINNERS)
    first = named("team", store(), everyone=False)
    assert first < set(WINNERS) and len(first) == max(1, sum(t.startswith("F-") for t in people()) // 10)


@pytest.mark.parametrize("change", ["range_only", "listed_min", "tells", "rest"])
def test_a_moved_place_few_people_no_real_differences_or_silence_take_the_name_away(change: str) -> None:
    found, at = compared("team", store())
    one = next(token for token, code in at.shelf.codes("team").items() if code == "F-NLAK-2")
    scope = found.statement.scope
    naming = {**scope.naming, "team": replace(scope.naming["team"], rest="anonymous")}
    changes: dict[str, Any] = {
        "range_only": {"range_only": frozenset({one})}, "tells": {"tells": False},
        "listed_min": {"statement": replace(found.statement, scope=replace(scope, listed_min=100))},
        "rest": {"statement": replace(found.statement, scope=replace(scope, naming=naming))},
    }  # fmt: skip
    after = recognised(replace(found, **changes[change]), at, True)[0]
    assert one in recognised(found, at, True)[0] and one not in after
    assert len(after) == (len(WINNERS) - 1 if change == "range_only" else 0)


def test_a_counter_metric_clearly_below_its_standard_takes_the_name_away() -> None:
    guard = next(CATALOGUE.metrics[k] for k in METRIC.counter_metrics if CATALOGUE.metrics[k].kind == "ratio"
                 and "team" in CATALOGUE.metrics[k].levels and CATALOGUE.metrics[k].standard)  # fmt: skip
    bad, good = (0.9, 0.0) if guard.direction == "lower" else (0.1, 1.0)
    rate = f"CASE WHEN team = 'F-NLAK-2' THEN {bad} ELSE {good} END"
    columns = "day, person, team, area, site, region, mix, n"
    held = changed(
        ministore.store(LATE, work()),
        f"INSERT INTO m_{guard.key} BY NAME SELECT {columns}, n * {rate} AS num, n::DOUBLE AS den FROM m_{LATE}",
        f"INSERT INTO t_{guard.key} BY NAME SELECT day, team, area, site, region, mix, sum(num) AS num, "
        f"sum(den) AS den, sum(n)::BIGINT AS n FROM m_{guard.key} GROUP BY ALL",
    )
    assert named("team", held) == set(WINNERS) - {"F-NLAK-2"}
    found, at = compared("team", held)
    assert recognised(found, at, True)[1], "and it is told that somebody was held back"


def test_newcomers_and_leaders_who_also_work_jobs_are_in_no_list() -> None:
    alone = spread(["omar.osei"], "F-NLAK-2", FIRST, DAYS, 200, 1)
    before = named("person", ministore.store(LATE, work(alone)))
    fresh = next(p for p in people()["F-NLAK-2"] if p in before)
    assert "omar.osei" not in before
    since = QUARTER.end - timedelta(days=30)
    held = changed(ministore.store(LATE, work()), f"UPDATE people SET since = DATE '{since}' WHERE login = '{fresh}'")
    assert named("person", held) == before - {fresh}


def test_others_are_all_but_the_own_group() -> None:
    about = filter_of({"team": Values.of("F-NLAK-2")})
    found, _ = compared("team", store(), "omar.osei", about=about, compare=("others",))
    own = found.own[0]
    assert own.figure.cases and found.others.cases
    assert own.figure.cases + found.others.cases == sum(s.figure.cases or 0 for s in found.standings)
    assert found.fair is not None and found.versus is not None
    mine = np.array([token == own.token for token in found.fair.units])
    assert found.versus.gap == pytest.approx(fair.pooled(found.fair, mine)[0] - fair.pooled(found.fair, ~mine)[0])


def test_work_too_different_from_the_others_gets_no_place() -> None:
    me = "jonas.moreau"
    for other, placed in ((0.2, True), (0.9, False)):
        odd = [replace(r, mix="odd") if r.person == me and i % 10 < 10 * other else r for i, r in enumerate(
            sorted(work(), key=lambda r: (r.person, r.day)))]  # fmt: skip
        odd += spread(["ana.nobody"], "F-EHAR-1", FIRST, DAYS, 400, 20)
        found, _ = compared("person", ministore.store(LATE, odd), me, about=filter_of({"person": Values.of(me)}),
                            compare=("others",))  # fmt: skip
        assert (found.own[0].token in found.tokens) is placed, other


def test_people_are_compared_where_it_is_built_alike_when_thirty_work_there() -> None:
    at = setting("jonas.moreau", store())
    query = Query((LATE,), about=filter_of({"person": Values.of("jonas.moreau")}), by=("person",), period=QUARTER,
                  compare=("others",))  # fmt: skip
    field, _ = fields.field_of(query, "person", at.shelf, at.viewer)
    density = at.shelf.directory.units[("team", "F-EHAR-2")].density
    alike = sum(len(logins) for team, logins in people().items() if (u := at.shelf.directory.units[("team", team)])
                and u.density == density and u.kind in field.kinds)  # fmt: skip
    assert (("density", (density,)) in field.places) is (alike >= 30)
