"""Spans and restrictions of small groups: no two allowed answers differ by the work of a few."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from queries.blocks import Blocks
from queries.guard import Guard, Work
from queries.periods import Period

NOW = date(2026, 11, 19)
GUARD = Guard(5, Blocks(), NOW)


def team(days: int = 120, thin: tuple[int, ...] = (6,), staff: int = 9) -> list[Work]:
    """A team of nine of whom two work on the thin weekdays."""
    start = NOW - timedelta(days=days)
    return [
        Work(day, who)
        for day in (start + timedelta(days=i) for i in range(days))
        for who in range(2 if day.weekday() in thin else staff)
    ]


def test_whole_weeks_stand_as_asked() -> None:
    period = Period(date(2026, 11, 9), date(2026, 11, 16))
    assert GUARD.safe(period, team()) == (period, False)
    assert GUARD.safe(Period(date(2026, 11, 16), NOW), team()) == (Period(date(2026, 11, 16), NOW), False)


def test_a_month_that_ends_before_a_thin_day_is_told_in_whole_percent() -> None:
    october = Period(date(2026, 10, 1), date(2026, 11, 1))
    assert GUARD.safe(october, team()) == (october, True), "1 November is a Sunday"
    assert GUARD.safe(october, team(thin=())) == (october, False)


def test_a_span_that_would_single_out_a_thin_day_takes_it_in() -> None:
    monday_to_saturday = Period(date(2026, 11, 9), date(2026, 11, 15))
    assert GUARD.safe(monday_to_saturday, team()) == (Period(date(2026, 11, 9), date(2026, 11, 16)), False)
    busy = Period(date(2026, 11, 10), date(2026, 11, 13))
    assert GUARD.safe(busy, team()) == (busy, False)


def test_a_thin_day_and_the_one_before_are_told_together() -> None:
    days = {day for day in GUARD.together(team(days=10)) if day > date(2026, 11, 10)}
    assert days == {date(2026, 11, 14), date(2026, 11, 15)}


def test_a_thin_rest_of_a_restriction_is_not_left_out() -> None:
    rare = [Work(w.day, w.who, (w.who != 0,)) for w in team(thin=())]
    assert GUARD.safe(Period(date(2026, 11, 9), date(2026, 11, 16)), rare) is None
    even = [Work(w.day, w.who, (w.day.weekday() < 3 or w.who % 2 == 0,)) for w in team(thin=(), staff=12)]
    assert GUARD.safe(Period(date(2026, 11, 9), date(2026, 11, 16)), even) is not None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_two_safe_spans_of_any_kind_of_edge_differ_by_a_few(data: st.DataObject) -> None:
    thin = tuple(data.draw(st.sets(st.integers(0, 6), max_size=3)))
    work = team(days=60, thin=thin)
    edge = st.integers(1, 59).map(lambda i: NOW - timedelta(days=i))
    spans = []
    for _ in range(6):
        a, b = sorted((data.draw(edge), data.draw(edge)))
        if a < b:
            safe = GUARD.safe(Period(a, b), work)
            if safe and not safe[1]:
                spans.append(safe[0])
    edges = sorted({e for span in spans for e in (span.start, span.end)} | {NOW})
    for a, b in combinations(edges, 2):
        assert len({w.who for w in work if a <= w.day < b}) in (0, *range(5, 10))
