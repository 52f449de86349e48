"""Rules for weeks, months, quarters, halves and years: named, running, before, counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from queries import periods
from queries.periods import Period
from queries.reading.dates.days import day_back, days_ago
from queries.reading.dates.found import IMPOSSIBLE, Ask, Made, found, month_word, problem_of, year_of
from queries.reading.english import english


def recent(a: Ask, year: str, make: Callable[[int], Period], unit: str, whole: bool = False) -> Made:
    """A unit of a year, or the most recent one that has begun (`whole`: that has ended)."""
    if year:
        return found(make(year_of(year, a.today)), unit)
    for y in range(a.today.year + 1, a.today.year - 4, -1):
        period = make(y)
        if period.start <= a.today and (not whole or period.end <= a.today):
            return found(period, unit, year_said=False, again=make)
    return None


def month_of(month: int) -> Callable[[int], Period]:
    return lambda y: Period(date(y, month, 1), periods.add_months(date(y, month, 1), 1))


def months_of(start: int, length: int) -> Callable[[int], Period]:
    return lambda y: Period(date(y, start, 1), periods.add_months(date(y, start, 1), length))


def named_month(a: Ask) -> Made:
    return recent(a, a.groups.get("y") or "", month_of(month_word(a)), "month")


def last_month_name(a: Ask) -> Made:
    return recent(a, "", month_of(month_word(a)), "month", whole=True)


def this_month_name(a: Ask) -> Made:
    return found(month_of(month_word(a))(a.today.year), "month")


def month_of_relative_year(a: Ask) -> Made:
    back = {"this": 0, "last": 1, "previous": 1, "past": 1}[a.groups["which"]]
    return found(month_of(month_word(a))(a.today.year - back), "month")


def number_month(a: Ask) -> Made:
    month = a.n("m")
    return found(month_of(month)(int(a.groups["y"])), "month") if 1 <= month <= 12 else problem_of(IMPOSSIBLE)


def year_said(a: Ask) -> str:
    """The year beside a quarter or half: written, or `this year`, `last year`."""
    which = a.groups.get("which")
    if which:
        return str(a.today.year - (which != "this"))
    return a.groups.get("y") or ""


def named_quarter(a: Ask) -> Made:
    n = a.n()
    if not 1 <= n <= 4:
        return problem_of(IMPOSSIBLE)
    return recent(a, year_said(a), months_of(3 * n - 2, 3), "quarter", whole=bool(a.groups.get("last")))


def final_quarter(a: Ask) -> Made:
    return recent(a, year_said(a), months_of(10, 3), "quarter")


def named_half(a: Ask) -> Made:
    n = {"first": 1, "second": 2, "1th": 1, "2th": 2, "1": 1, "2": 2, "last": 2}.get(a.groups["n"], 0)
    if not n:
        return problem_of(IMPOSSIBLE)
    return recent(a, year_said(a), months_of(6 * n - 5, 6), "half", whole=bool(a.groups.get("last")))


def named_year(a: Ask) -> Made:
    return found(Period(date(int(a.groups["y"]), 1, 1), date(int(a.groups["y"]) + 1, 1, 1)), "year")


def half_month(a: Ask) -> Made:
    made = named_month(a) if a.groups.get("m") else relative(a)
    if made is None or made.period is None:
        return made
    start, end = made.period.start, periods.add_months(made.period.start, 1)
    middle = start.replace(day=16)
    first = a.groups["n"] in ("1th", "1", "early")
    return replace(made, period=Period(start, middle) if first else Period(middle, end), unit="day", again=None)


def half_relative(a: Ask) -> Made:
    which = a.groups.get("which") or "this"
    if a.groups["u"] == "month":
        return half_month(replace(a, groups={**a.groups, "which": "this" if which == "current" else which}))
    n = 1 if a.groups["n"].startswith("1") else 2
    period = months_of(6 * n - 5, 6)(a.today.year - (which not in ("this", "current")))
    if period.start > a.today and not a.groups.get("which"):
        period = months_of(6 * n - 5, 6)(a.today.year - 1)
    return found(period, "half") if a.groups["u"] == "year" else None


def week_number(a: Ask) -> Made:
    year = int(a.groups["y"]) if a.groups.get("y") else a.today.year
    try:
        period = periods.week_number(year, a.n())
        if not a.groups.get("y") and period.start > a.today:
            period = periods.week_number(year - 1, a.n())
    except ValueError:
        return problem_of(IMPOSSIBLE)
    return found(period, "week")


def weeks_numbered(a: Ask) -> Made:
    """Weeks 44 to 46: all three."""
    first, last = (week_number(replace(a, groups={**a.groups, "n": a.groups[key]})) for key in ("n", "e"))
    if not (first and last and first.period and last.period) or first.period.start > last.period.start:
        return problem_of(IMPOSSIBLE)
    period = Period(first.period.start, last.period.end)
    return found(period, "week", period.days // 7)


def unit_of(a: Ask) -> str:
    return english().units[a.groups["u"]]


def running(a: Ask) -> Made:
    unit = unit_of(a)
    return found(periods.to_date(unit, a.today, a.calendar), unit)


def letters_to_date(a: Ask) -> Made:
    unit = {"w": "week", "m": "month", "q": "quarter", "y": "year"}[a.groups["u"]]
    return found(periods.to_date(unit, a.today, a.calendar), unit)


def relative(a: Ask) -> Made:
    """Last week, this month: the calendar unit before, or the running one."""
    unit = unit_of(a)
    if a.groups.get("which") == "this":
        return running(a)
    if unit == "day":
        return day_back(1)(a)
    return found(periods.whole(unit, a.today, a.calendar, back=1), unit)


def last_n(a: Ask) -> Made:
    unit, n = unit_of(a), a.n()
    if a.groups.get("half"):
        unit, n = "month", 6
    if not 1 <= n <= 5000:
        return problem_of(IMPOSSIBLE)
    return found(periods.last(unit, n, a.today, a.calendar), unit, n)


def few(a: Ask) -> Made:
    made = found(periods.last(unit_of(a), 4, a.today, a.calendar), unit_of(a), 4)
    return replace(made, note="few")


def rolling(a: Ask) -> Made:
    unit, n = unit_of(a), a.n()
    if not 1 <= n <= 5000:
        return problem_of(IMPOSSIBLE)
    return found(periods.rolling(unit, n, a.today), unit, n, rule="rolling")


def units_ago(a: Ask) -> Made:
    unit, n = unit_of(a), a.n()
    if unit == "day":
        return days_ago(a)
    return found(periods.whole(unit, a.today, a.calendar, back=min(n, 4000)), unit)


def unit_before_last(a: Ask) -> Made:
    return found(periods.whole(unit_of(a), a.today, a.calendar, back=2), unit_of(a))


def fortnight(a: Ask) -> Made:
    return found(periods.last("week", 2, a.today, a.calendar), "week", 2)


def ago_year(a: Ask) -> Made:
    return found(None, "year", relative="year")


def same_days(a: Ask) -> Made:
    return found(None, unit_of(a), relative="shift")


def before_that(a: Ask) -> Made:
    unit = english().units.get(a.groups.get("u") or "", "")
    return found(None, unit, a.n(), relative="before")
