"""Rules for fiscal years and their parts."""

from __future__ import annotations

from queries import periods
from queries.periods import Period, add_days
from queries.reading.dates.found import IMPOSSIBLE, Ask, Made, found, problem_of, year_of


def fiscal_year(a: Ask) -> Made:
    which = a.groups.get("which")
    if which in ("last", "previous", "past", "prior"):
        return found(periods.fiscal_year(a.today, a.calendar, 1), "year")
    if a.groups.get("y"):
        return found(periods.fiscal_named(year_of(a.groups["y"], a.today), a.calendar), "year")
    return found(periods.cut(periods.fiscal_year(a.today, a.calendar), a.today), "year")


def fiscal_quarter(a: Ask) -> Made:
    n = a.n()
    if not 1 <= n <= 4:
        return problem_of(IMPOSSIBLE)
    if a.groups.get("y"):
        year = periods.fiscal_named(year_of(a.groups["y"], a.today), a.calendar)
    else:
        year = periods.fiscal_year(a.today, a.calendar, int((a.groups.get("which") or "this") != "this"))
    quarter = periods.fiscal_quarter(year, n)
    if quarter.start > a.today and not a.groups.get("y") and not a.groups.get("which"):
        quarter = periods.fiscal_quarter(periods.fiscal_year(a.today, a.calendar, 1), n)
    return found(quarter, "quarter")


def fiscal_half(a: Ask) -> Made:
    n = a.n()
    if n not in (1, 2):
        return problem_of(IMPOSSIBLE)
    named = a.groups.get("y")
    year = (
        periods.fiscal_named(year_of(named, a.today), a.calendar)
        if named
        else periods.fiscal_year(a.today, a.calendar)
    )
    return found(Period(periods.add_months(year.start, 6 * n - 6), periods.add_months(year.start, 6 * n)), "half")


def fiscal_relative_quarter(a: Ask) -> Made:
    months = (a.today.month - a.calendar.fiscal_month) % 12 // 3
    start = periods.add_months(periods.fiscal_year(a.today, a.calendar).start, 3 * months)
    if a.groups["which"] == "this":
        return found(Period(start, add_days(a.today, 1)), "quarter")
    return found(Period(periods.add_months(start, -3), start), "quarter")
