"""Desks share in the work of others, and nobody can be counted behind their figures: they come whole, in weeks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from queries.answers.answer import Answer
from tests.test_acceptance import CATALOGUE, answer

MISSED = "missed_appointment_rate"
DESK = {"team": ["D-NOR-1"]}
WEEK = {"from": "2026-11-09", "to": "2026-11-16"}


def asked(**fields: Any) -> Answer:
    return answer("yusuf.lindqvist", **{"metrics": [MISSED], "about": DESK, "period": WEEK} | fields)


def exact(found: Answer) -> bool:
    return any(row.get("cases") is not None for row in found.rows)


def test_whole_weeks_are_told_exactly_and_others_in_whole_percent() -> None:
    assert CATALOGUE.metrics[MISSED].credited and exact(asked())
    so_far, month = {"from": "2026-11-16", "to": "2026-11-19"}, {"from": "2026-10-01", "to": "2026-11-01"}
    for period in (so_far, month):
        found = asked(period=period)
        assert found.outcome == "answer" and not exact(found)
        assert all(row[MISSED] == round(row[MISSED], 2) for row in found.rows)
        assert not exact(asked(period=period, grain="week"))
    assert exact(asked(grain="week", period={"from": "2026-10-05", "to": "2026-11-16"}))


def test_any_other_span_is_moved_to_whole_weeks() -> None:
    spans = set()
    for start in range(7):
        for days in (1, 3, 5, 8):
            first = date(2026, 11, 2) + timedelta(days=start)
            found = asked(period={"from": str(first), "to": str(first + timedelta(days=days))})
            spans.add(found.periods[0][1])
    assert all(not (s.start.weekday() or s.end.weekday()) for s in spans)


@pytest.mark.parametrize(
    "part", [{"by": ["job_type"]}, {"by": ["weekday"]}, {"where": {"tenure": ["new"]}}, {"grain": "day"},
             {"where": {"density": ["rural"]}}, {"where": {"job_type": {"not": ["move"]}}}],
)  # fmt: skip
def test_no_day_and_no_part_of_the_work_and_something_else_is_offered(part: dict[str, Any]) -> None:
    for more in ({}, {"by": ["team"], "compare": ["others"]}):
        if part.get("grain") and more:
            continue  # a series beside others is none of its days
        found = asked(**{**more, **part})
        assert found.outcome == "refused" and found.nearest, (part, more)
        query = found.nearest[0].query
        assert query is not None and asked(period=query.period.to_json()).outcome == "answer" if query.period else False


def test_beside_others_a_day_is_in_whole_percent() -> None:
    day = {"from": "2026-11-10", "to": "2026-11-11"}
    assert exact(asked(by=["team"], compare=["others"]))
    assert not exact(asked(by=["team"], compare=["others"], period=day))
