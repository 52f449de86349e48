"""Spans and restrictions of small groups: no two allowed answers differ by the work of a few."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from queries.periods import Period
from queries.privacy.blocks import Blocks
from queries.privacy.guard import Guard
from queries.privacy.work import Work

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
    days = {day for day in GUARD.together(team(days=40)) if day > date(2026, 11, 10)}
    assert days == {date(2026, 11, 14), date(2026, 11, 15)}


def test_a_thin_rest_of_a_restriction_is_not_left_out() -> None:
    rare = [Work(w.day, w.who, (w.who != 0,)) for w in team(thin=())]
    assert GUARD.safe(Period(date(2026, 11, 9), date(2026, 11, 16)), rare) is None
    even = [Work(w.day, w.who, (w.day.weekday() < 3 or w.who % 2 == 0,)) for w in team(thin=(), staff=12)]
    assert GUARD.safe(Period(date(2026, 11, 9), date(2026, 11, 16)), even) is not None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_two_spans_differ_by_a_few_also_when_asked_on_different_days(data: st.DataObject) -> None:
    """Asked on any days, by somebody who keeps the answers: what was exact on Friday evening stays so on Saturday."""
    work = data.draw(weeks_of_work())
    edges: set[date] = set()
    for _ in range(6):
        now = NOW - timedelta(days=data.draw(st.integers(0, 21)))
        known = [w for w in work if w.day < now]
        end = now - timedelta(days=data.draw(st.integers(0, 9)))
        safe = Guard(5, Blocks(), now).safe(Period(end - timedelta(days=data.draw(st.integers(1, 30))), end), known)
        if safe and not safe[1]:
            edges |= {safe[0].start, safe[0].end}
    for a, b in combinations(sorted(edges), 2):
        assert len({w.who for w in work if a <= w.day < b}) in (0, *range(5, 10))


@st.composite
def weeks_of_work(draw: st.DrawFn) -> list[Work]:
    """A team of nine: two of them on thin weekdays, one on days that nobody could foresee."""
    thin = tuple(draw(st.sets(st.integers(0, 6), max_size=3)))
    odd = draw(st.sets(st.integers(1, 59), max_size=6))
    alone = {NOW - timedelta(days=i) for i in odd}
    return [w for w in team(days=110, thin=thin) if w.day not in alone or w.who == 0]


def test_this_week_so_far_is_in_whole_percent_when_the_next_day_will_be_thin() -> None:
    """Exact on Friday and again on Saturday would leave Saturday alone by subtraction."""
    monday, work = date(2026, 11, 9), team(thin=(5, 6))
    for days, exact in ((3, True), (4, True), (5, False), (6, False), (7, True)):
        now = monday + timedelta(days=days)
        known = [w for w in work if w.day < now]
        assert Guard(5, Blocks(), now).safe(Period(monday, now), known) == (Period(monday, now), not exact), days


def test_a_restriction_is_in_whole_percent_while_the_week_runs() -> None:
    """Installs so far on Tuesday and on Wednesday differ by the few who install on a Wednesday."""
    work = [Work(w.day, w.who, ((w.who + w.day.weekday()) % 3 == 0,)) for w in team(thin=())]
    now = date(2026, 11, 18)
    for days, exact in ((1, False), (2, False), (7, True)):
        now = date(2026, 11, 9) + timedelta(days=days)
        safe = Guard(5, Blocks(), now).safe(Period(date(2026, 11, 9), now), [w for w in work if w.day < now])
        assert safe is None or safe[1] != exact, days


def test_whether_a_day_is_busy_is_told_by_six_of_its_kind_with_one_more_than_needed() -> None:
    """One odd one of the six is forgiven, either way: what one week brings does not decide what may be told."""
    tuesday = date(2026, 11, 10)

    def expected(counts: list[int]) -> bool:
        """`counts`: at work on the Tuesdays before, the newest first."""
        past = [Work(tuesday - timedelta(days=7 * (i + 1)), who) for i, n in enumerate(counts) for who in range(n)]
        now = [Work(tuesday - timedelta(days=back), who) for back in (0, 1) for who in range(9)]
        return GUARD.exact(Period(tuesday, tuesday + timedelta(days=6)), [*past, *now])

    assert expected([9] * 6) and expected([6] * 6) and not expected([5] * 6)
    assert expected([3, 9, 9, 9, 9, 9]) and not expected([3, 3, 9, 9, 9, 9]) and not expected([9, 3, 3, 3, 3, 3])


def test_a_restriction_splits_what_is_told_together_only_when_it_keeps_one_day_of_it() -> None:
    sundays = [Work(w.day, w.who, (w.day.weekday() != 6,)) for w in team()]
    halves = [Work(w.day, w.who, (w.who % 2 == 0,)) for w in team(thin=())]
    week = Period(date(2026, 11, 9), date(2026, 11, 16))
    assert GUARD.splits(week, sundays) and not GUARD.splits(week, halves)
