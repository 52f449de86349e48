"""Rules for days: named, counted back, weekdays, weekends, parts of a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from queries import periods
from queries.periods import Period, add_days
from queries.reading.dates.found import IMPOSSIBLE, Ask, Made, day_of_year, found, month_word, problem_of, year_of
from queries.reading.english import english


def day_of(a: Ask, year: str, month: int, day: int) -> Made:
    if year:
        period = day_of_year(year_of(year, a.today), month, day)
        return found(period, "day") if period else problem_of(IMPOSSIBLE)

    def again(year: int) -> Period | None:
        return day_of_year(year, month, day)

    for y in range(a.today.year, a.today.year - 9, -1):
        period = again(y)
        if period and period.start <= a.today:
            return found(period, "day", year_said=False, again=again)
    return problem_of(IMPOSSIBLE)


def named_day(a: Ask) -> Made:
    return day_of(a, a.groups.get("y") or "", month_word(a), a.n("d"))


def numbers_day(a: Ask) -> Made:
    """3/11/2026 or 3/11, day or month first as the company says; the other way round where only that is a date."""
    first, second = a.n("d"), a.n("e")
    year = a.groups.get("y") or ""
    day, month = (first, second) if a.calendar.day_first else (second, first)
    if month > 12 >= day:
        day, month = month, day
    if not 1 <= month <= 12:
        return problem_of(IMPOSSIBLE)
    return day_of(a, year, month, day)


def iso_day(a: Ask) -> Made:
    month = english().months.get(a.groups["m"]) or int(a.groups["m"])
    period = day_of_year(int(a.groups["y"]), month, a.n("d")) if month <= 12 else None
    return found(period, "day") if period else problem_of(IMPOSSIBLE)


def the_nth(a: Ask) -> Made:
    """The 18th: the most recent one."""
    for back in range(0, 13):
        month = periods.add_months(a.today.replace(day=1), -back)
        period = day_of_year(month.year, month.month, a.n("d"))
        if period and period.start <= a.today:
            return found(period, "day")
    return problem_of(IMPOSSIBLE)


def day_back(back: int) -> Callable[[Ask], Made]:
    return lambda a: found(Period(add_days(a.today, -back), add_days(a.today, 1 - back)), "day")


def days_of_month(a: Ask) -> Made:
    """3 to 12 September: both days inside."""
    month = month_word(a)

    def again(year: int) -> Period | None:
        first, final = day_of_year(year, month, a.n("d")), day_of_year(year, month, a.n("e"))
        return Period(first.start, final.end) if first and final and first.start <= final.start else None

    for year in [year_of(a.groups["y"], a.today)] if a.groups.get("y") else range(a.today.year, a.today.year - 9, -1):
        period = again(year)
        if period and (a.groups.get("y") or period.start <= a.today):
            return found(period, "day", period.days)
    return problem_of(IMPOSSIBLE)


def days_ago(a: Ask) -> Made:
    return day_back(a.n())(a)


def weekday_back(a: Ask, strictly: bool = False) -> date:
    back = (a.today.weekday() - english().weekdays[a.groups["w"]]) % 7
    return add_days(a.today, -(back or (7 if strictly else 0)))


def named_weekday(a: Ask) -> Made:
    first = weekday_back(a)
    return found(Period(first, add_days(first, 1)), "day")


def last_weekday(a: Ask) -> Made:
    """In the calendar week before when that weekday has come this week, else the most recent one."""
    w = english().weekdays[a.groups["w"]]
    week = periods.start_of("week", a.today, a.calendar)
    this = add_days(week, (w - a.calendar.week_start) % 7)
    first = add_days(this, -7) if this <= a.today else weekday_back(a, strictly=True)
    return found(Period(first, add_days(first, 1)), "day")


def this_weekday(a: Ask) -> Made:
    w = english().weekdays[a.groups["w"]]
    first = add_days(periods.start_of("week", a.today, a.calendar), (w - a.calendar.week_start) % 7)
    return found(Period(first, add_days(first, 1)), "day")


def weekday_of_last_week(a: Ask) -> Made:
    made = this_weekday(a)
    back = 7 if (a.groups.get("which") or "last") != "this" else 0
    assert made is not None and made.period is not None
    return replace(made, period=Period(add_days(made.period.start, -back), add_days(made.period.end, -back)))


def weekend(a: Ask) -> Made:
    back = (a.today.weekday() - 5) % 7
    back += 7 * (a.n() - 1) if a.groups.get("n") else 0
    first = add_days(a.today, -back)
    return found(Period(first, add_days(first, 2)), "day", 2)


def weekend_before_last(a: Ask) -> Made:
    first = add_days(a.today, -((a.today.weekday() - 5) % 7) - 7)
    return found(Period(first, add_days(first, 2)), "day", 2)


def day_part(back: int) -> Callable[[Ask], Made]:
    def make(a: Ask) -> Made:
        made = day_back(back)(a)
        assert made is not None
        return replace(made, part=a.groups["p"])

    return make


def weekday_part(a: Ask) -> Made:
    made = last_weekday(a) if a.groups.get("which") else named_weekday(a)
    assert made is not None
    return replace(made, part=a.groups["p"])
