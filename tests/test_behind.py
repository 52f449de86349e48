"""Who stands behind figures of small groups: counted once for all questions, never otherwise than by a statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from queries.answers.tables import table
from queries.fairness.storms import cells_apart
from queries.periods import Period
from queries.query import Query, Values, filter_of
from queries.statements import sql
from queries.statements.ground import allowed
from tests.test_acceptance import CATALOGUE, LATE
from tests.test_encourage import setting
from tests.test_guarded import store

OWN = filter_of({"team": Values.of("F-NLAK-2")})
SPAN = Period(date(2026, 10, 5), date(2026, 11, 16))


@pytest.mark.parametrize("grain", [None, "day", "week", "month"])
def test_people_of_one_group_are_counted_as_a_statement_counts_them_and_the_small_roll_up_is_read(
    grain: str | None,
) -> None:
    at = setting("omar.osei", store())
    asked = Query((LATE,), about=OWN, period=SPAN, grain=grain)
    found = table(asked, CATALOGUE.metrics[LATE], at, whole=False)
    counted = at.shelf.run(sql.compile(asked, LATE, at.ground, at.viewer, count_people=True))
    assert all(s.shape.table == f"t_{LATE}" for s in found.statements)
    told = {cell.keys: (cell.figure.people, cell.figure.biggest) for cell in found.cells}
    assert told == {tuple(row[n] for n in found.names): (row["people"], row["biggest"]) for row in counted}


def test_people_of_a_part_of_the_work_are_counted_by_a_statement() -> None:
    at = setting("omar.osei", store())
    asked = Query((LATE,), about=OWN, where=filter_of({"job_type": Values.of("repair")}), period=SPAN)
    assert table(asked, CATALOGUE.metrics[LATE], at).statements[0].shape.table == f"m_{LATE}"


def test_only_who_works_in_units_told_by_name_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    at, looked = setting("omar.osei", store()), []
    fetch = at.shelf.store.fetch

    def spied(text: str, parameters: Sequence[Any] = ()) -> Any:
        looked.extend([tuple(parameters)] if "DENSE_RANK" in text else [])
        return fetch(text, parameters)

    monkeypatch.setattr(at.shelf.store, "fetch", spied)
    asked = Query((LATE,), by=("team",), period=SPAN)
    table(asked, CATALOGUE.metrics[LATE], at)
    told = allowed(asked, at.ground, at.viewer).naming["team"].codes
    assert "F-NLAK-2" in told and len(told) < len(at.shelf.codes("team"))
    assert looked and all(parameters[2:] == told for parameters in looked)


def test_the_weeks_of_a_series_are_asked_for_days_set_apart_alone() -> None:
    """Which weeks are marked: of each the cases of such days and of all others, not of each kind of work."""
    at = setting("omar.osei", store())
    asked = Query((LATE,), about=OWN, period=SPAN, grain="week")
    scope = allowed(asked, at.ground, at.viewer)
    rows = at.shelf.run(sql.compile_mix(asked, LATE, at.ground, scope, cells_apart(CATALOGUE)))
    assert cells_apart(CATALOGUE) and {row["mix"] for row in rows} == {None}
    weeks = at.shelf.run(sql.compile(asked, LATE, at.ground, at.viewer))
    assert {row["bucket"]: row["den"] for row in rows} == {row["bucket"]: row["den"] for row in weeks}
