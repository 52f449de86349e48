"""Calendar arithmetic: weeks, year ends, leap days, fiscal years, part periods; date phrases with one fixed today."""

from __future__ import annotations

import itertools
import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from queries import periods
from queries.periods import Calendar, Period
from queries.reading import ranges
from queries.reading.tokens import tokens

MONDAYS = Calendar(fiscal_month=4)
ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GS_SHARED", ROOT.parent / "shared"))
DAYS = [date(2019, 12, 1) + timedelta(days=n) for n in range(0, 3000)]


def P(start: str, end: str) -> Period:  # noqa: N802
    return Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "half", "year"])
def test_units_tile_the_calendar(unit: str) -> None:
    for day in DAYS:
        start = periods.start_of(unit, day, MONDAYS)
        unit_of_day = periods.whole(unit, day, MONDAYS)
        assert unit_of_day.start == start <= day < unit_of_day.end
        assert periods.start_of(unit, unit_of_day.end, MONDAYS) == unit_of_day.end
        before = periods.whole(unit, day, MONDAYS, back=1)
        assert before.end == start
        assert periods.before(unit_of_day, unit, 1) == before


def test_weeks_are_iso_weeks() -> None:
    for day in DAYS:
        year, number, _ = day.isocalendar()
        assert periods.week_number(year, number) == periods.whole("week", day, MONDAYS)
    with pytest.raises(ValueError):
        periods.week_number(2027, 53)


def test_weeks_can_start_on_any_day() -> None:
    for first in range(7):
        calendar = Calendar(week_start=first)
        for day in DAYS[:60]:
            assert periods.start_of("week", day, calendar).weekday() == first


def test_last_units_are_whole_and_end_before_the_running_one() -> None:
    today = date(2026, 11, 18)
    assert periods.last("week", 4, today, MONDAYS) == P("2026-10-19", "2026-11-16")
    assert periods.last("day", 7, today, MONDAYS) == P("2026-11-11", "2026-11-18")
    assert periods.last("quarter", 2, today, MONDAYS) == P("2026-04-01", "2026-10-01")
    holding = Calendar(last_days_hold_today=True, last_units_whole=False)
    assert periods.last("day", 7, today, holding) == P("2026-11-12", "2026-11-19")
    assert periods.last("week", 8, date(2017, 5, 31), holding) == P("2017-04-10", "2017-06-01")
    assert periods.rolling("week", 13, today) == P("2026-08-20", "2026-11-19")
    assert periods.rolling("month", 12, today) == P("2025-11-19", "2026-11-19")


def test_part_periods_are_compared_with_like_parts() -> None:
    for today in DAYS:
        for unit in ("week", "month", "quarter", "year"):
            part = periods.to_date(unit, today, MONDAYS)
            before = periods.before(part, unit, 1)
            assert before.start == periods.shift(unit, part.start, -1)
            assert before.end <= part.start
            assert (
                before.days == part.days or before.end == part.start or part.end == periods.shift(unit, part.start, 1)
            )


def test_a_year_ago() -> None:
    assert periods.year_ago(P("2026-11-16", "2026-11-19"), "week") == P("2025-11-17", "2025-11-20")
    assert periods.year_ago(P("2026-11-01", "2026-11-19"), "month") == P("2025-11-01", "2025-11-19")
    assert periods.year_ago(P("2024-02-01", "2024-03-01"), "month") == P("2023-02-01", "2023-03-01")
    assert periods.year_ago(P("2024-02-29", "2024-03-01"), "day") == P("2023-03-02", "2023-03-03")
    for day in DAYS:
        week = periods.whole("week", day, MONDAYS)
        assert periods.year_ago(week, "week").start.weekday() == 0


def test_fiscal_years_are_named_after_their_end() -> None:
    for day in DAYS:
        year = periods.fiscal_year(day, MONDAYS)
        assert year.start <= day < year.end and (year.start.month, year.start.day) == (4, 1)
        assert periods.fiscal_named(year.end.year, MONDAYS) == year
        quarters = [periods.fiscal_quarter(year, n) for n in (1, 2, 3, 4)]
        assert quarters[0].start == year.start and quarters[3].end == year.end
        assert all(a.end == b.start for a, b in itertools.pairwise(quarters))
    assert periods.fiscal_named(2026, Calendar(fiscal_month=1)) == P("2026-01-01", "2027-01-01")


def test_matured_weeks_are_old_enough() -> None:
    for today in DAYS:
        for days in (0, 7, 30):
            found = periods.matured(4, today, MONDAYS, days)
            assert found.days == 28 and found.start.weekday() == 0
            assert (today - found.last).days >= max(days, 1) or days == 0
            assert (today - found.last).days < days + 8


def test_shape_finds_the_unit_again() -> None:
    today = date(2026, 11, 18)
    for unit, count in (("week", 3), ("month", 1), ("month", 2), ("quarter", 1), ("year", 1), ("day", 5)):
        assert periods.shape(periods.last(unit, count, today, MONDAYS), today, MONDAYS) == (unit, count)
    assert periods.shape(periods.to_date("week", today, MONDAYS), today, MONDAYS) == ("week", 1)


def test_the_ends_of_the_calendar_hold() -> None:
    assert periods.add_days(date.max, 10) == date.max
    assert periods.add_days(date.min, -10) == date.min
    assert periods.add_months(date(1, 1, 31), -5).year == 1
    assert periods.add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)


WEDNESDAY = date(2026, 11, 18)
PHRASES = [
    line.split(" | ")
    for line in """
this week | 2026-11-16 | 2026-11-19
this month so far | 2026-11-01 | 2026-11-19
month to date | 2026-11-01 | 2026-11-19
last week | 2026-11-09 | 2026-11-16
last week in the south | 2026-11-09 | 2026-11-16
past quarter | 2026-07-01 | 2026-10-01
last 10 days | 2026-11-08 | 2026-11-18
last 3 months | 2026-08-01 | 2026-11-01
last couple of weeks | 2026-11-02 | 2026-11-16
rolling 4 weeks | 2026-10-22 | 2026-11-19
6 weeks to today | 2026-10-08 | 2026-11-19
today | 2026-11-18 | 2026-11-19
the day before yesterday | 2026-11-16 | 2026-11-17
on monday | 2026-11-16 | 2026-11-17
monday's | 2026-11-16 | 2026-11-17
last monday | 2026-11-09 | 2026-11-10
last friday | 2026-11-13 | 2026-11-14
since monday | 2026-11-16 | 2026-11-19
since march | 2026-03-01 | 2026-11-19
since 3 march | 2026-03-03 | 2026-11-19
since the start of the year | 2026-01-01 | 2026-11-19
october | 2026-10-01 | 2026-11-01
november | 2026-11-01 | 2026-11-19
december | 2025-12-01 | 2026-01-01
last march | 2026-03-01 | 2026-04-01
october 2025 | 2025-10-01 | 2025-11-01
week of 28 october | 2026-10-26 | 2026-11-02
week commencing 12 october | 2026-10-12 | 2026-10-19
w/c 12 october | 2026-10-12 | 2026-10-19
week 40 | 2026-09-28 | 2026-10-05
first half of october | 2026-10-01 | 2026-10-16
second half of september | 2026-09-16 | 2026-10-01
h1 | 2026-01-01 | 2026-07-01
q3 | 2026-07-01 | 2026-10-01
q3 2025 | 2025-07-01 | 2025-10-01
fiscal year to date | 2026-04-01 | 2026-11-19
last fiscal year | 2025-04-01 | 2026-04-01
fy25 | 2024-04-01 | 2025-04-01
last fiscal quarter | 2026-07-01 | 2026-10-01
3/11 | 2026-11-03 | 2026-11-04
2026-10-12 to 2026-10-18 | 2026-10-12 | 2026-10-19
between 3 and 7 november | 2026-11-03 | 2026-11-08
12th to 14th october 2026 | 2026-10-12 | 2026-10-15
from march to may | 2026-03-01 | 2026-06-01
last weekend | 2026-11-14 | 2026-11-16
three weeks ago | 2026-10-26 | 2026-11-02
the week before last | 2026-11-02 | 2026-11-09
ytd | 2026-01-01 | 2026-11-19
last year | 2025-01-01 | 2026-01-01
last 2 years | 2024-01-01 | 2026-01-01
""".strip().split("\n")
]


@pytest.mark.parametrize(("text", "start", "end"), PHRASES)
def test_date_phrases(text: str, start: str, end: str) -> None:
    found = ranges.find(tokens(f"arrivals {text}"), WEDNESDAY, MONDAYS)
    assert [f.period for f in found] == [P(start, end)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [("next week", "future"), ("tomorrow", "future"), ("3 march 2027", "future"), ("31 november", "impossible"),
     ("30 february 2026", "impossible"), ("in week 60", "impossible"), ("before march", "open")],
)  # fmt: skip
def test_dates_that_cannot_be(text: str, problem: str) -> None:
    assert [f.problem for f in ranges.find(tokens(f"arrivals {text}"), WEDNESDAY, MONDAYS)] == [problem]


@pytest.mark.parametrize("text", ["may i see arrivals", "fixed on the first visit", "two visits", "the second team"])
def test_what_only_looks_like_a_date(text: str) -> None:
    assert ranges.find(tokens(text), WEDNESDAY, MONDAYS) == []


def test_month_first_where_the_company_says_so() -> None:
    found = ranges.find(tokens("on 3/11"), WEDNESDAY, Calendar(day_first=False))
    assert [f.period for f in found] == [P("2026-03-11", "2026-03-12")]


def test_phrases_that_outsiders_wrote() -> None:
    path = SHARED / "outside" / "phrases" / "dates.jsonl"
    if not path.exists():
        pytest.skip(f"NOT RUN: {path} is missing (set GS_SHARED)")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    right = 0
    for line in lines:
        golds = [line["expect"]["query"]["period"], *[a["period"] for a in line["expect"].get("accept", [])]]
        found = ranges.find(tokens(line["question"]), date.fromisoformat(line["on"]), MONDAYS)
        right += len(found) == 1 and found[0].period is not None and found[0].period.to_json() in golds
    assert right >= 0.9 * len(lines), f"{right} of {len(lines)}"
