"""Calendar arithmetic on half-open spans of days: units, fiscal years, what came before, a year ago. No clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

UNITS = ("day", "week", "month", "quarter", "half", "year")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, order=True)
class Period:
    """Whole local days from `start` up to, but without, `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.end - timedelta(days=1)

    def to_json(self) -> dict[str, str]:
        return {"from": self.start.isoformat(), "to": self.end.isoformat()}

    @classmethod
    def from_json(cls, value: Any) -> Period:
        return cls(date.fromisoformat(str(value["from"])[:10]), date.fromisoformat(str(value["to"])[:10]))


@dataclass(frozen=True)
class Calendar:
    """A company's conventions. `week_start`: 0 = Monday; `fiscal_month`: first month of its year."""

    week_start: int = 0
    fiscal_month: int = 1
    day_first: bool = True
    last_days_hold_today: bool = False
    last_units_whole: bool = True

    @classmethod
    def of(cls, company: Mapping[str, Any]) -> Calendar:
        """The calendar of a company.yml; every key has a default."""
        c = company.get("calendar") or {}
        return cls(
            week_start=WEEKDAYS.index(str(c.get("week_starts", "mon"))[:3]),
            fiscal_month=int(c.get("fiscal_year_starts", 1)),
            day_first=bool(c.get("day_first", True)),
            last_days_hold_today=bool(c.get("last_days_hold_today", False)),
            last_units_whole=c.get("last_units", "whole") == "whole",
        )


def add_days(day: date, count: int) -> date:
    """`day` plus `count` days, held inside the calendar.

    >>> add_days(date(2026, 2, 28), 1)
    datetime.date(2026, 3, 1)
    """
    return date.fromordinal(min(max(day.toordinal() + count, 1), date.max.toordinal()))


def add_months(day: date, count: int) -> date:
    """`day` moved by whole months, held at the end of a shorter month.

    >>> add_months(date(2026, 3, 31), -1)
    datetime.date(2026, 2, 28)
    """
    index = min(max(day.year * 12 + day.month - 1 + count, 12), 9999 * 12 + 11)
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, month_days(year, month + 1)))


def month_days(year: int, month: int) -> int:
    """How many days a month has."""
    following = date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else date.max
    return (following - date(year, month, 1)).days if following != date.max else 31


def start_of(unit: str, day: date, calendar: Calendar) -> date:
    """The first day of the unit that holds `day`."""
    if unit == "day":
        return day
    if unit == "week":
        return add_days(day, -((day.weekday() - calendar.week_start) % 7))
    size = MONTHS_IN[unit]
    return date(day.year, (day.month - 1) // size * size + 1, 1)


def shift(unit: str, day: date, count: int) -> date:
    """`day` moved by `count` units."""
    if unit in MONTHS_IN:
        return add_months(day, count * MONTHS_IN[unit])
    return add_days(day, count * (7 if unit == "week" else 1))


def whole(unit: str, day: date, calendar: Calendar, back: int = 0, count: int = 1) -> Period:
    """`count` whole calendar units, the last of them `back` units before the one that holds `day`."""
    first = shift(unit, start_of(unit, day, calendar), -back - count + 1)
    return Period(first, shift(unit, first, count))


def to_date(unit: str, today: date, calendar: Calendar) -> Period:
    """The running unit from its first day to today, today included."""
    return Period(start_of(unit, today, calendar), add_days(today, 1))


def last(unit: str, count: int, today: date, calendar: Calendar) -> Period:
    """The last `count` units: whole calendar ones before the running one, or as the calendar says."""
    if unit == "day":
        end = add_days(today, 1) if calendar.last_days_hold_today else today
        return Period(add_days(end, -count), end)
    if calendar.last_units_whole:
        return whole(unit, today, calendar, back=1, count=count)
    return Period(shift(unit, start_of(unit, today, calendar), -count + 1), add_days(today, 1))


def rolling(unit: str, count: int, today: date) -> Period:
    """`count` units that end with today: weeks as 7 days, months by date."""
    end = add_days(today, 1)
    return Period(shift(unit, end, -count), end)


def fiscal_year(day: date, calendar: Calendar, back: int = 0) -> Period:
    """The fiscal year holding `day`, or one `back` years earlier."""
    year = day.year - (day.month < calendar.fiscal_month) - back
    return Period(date(year, calendar.fiscal_month, 1), date(year + 1, calendar.fiscal_month, 1))


def fiscal_named(year: int, calendar: Calendar) -> Period:
    """The fiscal year of a name: the year in which it ends."""
    first = year - (calendar.fiscal_month > 1)
    return Period(date(first, calendar.fiscal_month, 1), date(first + 1, calendar.fiscal_month, 1))


def fiscal_quarter(year: Period, number: int) -> Period:
    """Quarter 1-4 of a fiscal year."""
    return Period(add_months(year.start, 3 * number - 3), add_months(year.start, 3 * number))


def week_number(year: int, number: int) -> Period:
    """The ISO week of a year.

    Raises:
        ValueError: the year has no such week.
    """
    monday = date.fromisocalendar(year, number, 1)
    return Period(monday, add_days(monday, 7))


def matured(count: int, today: date, calendar: Calendar, days: int) -> Period:
    """The newest `count` whole weeks whose last day is at least `days` days old."""
    end = start_of("week", add_days(today, -days + 1 if days else 0), calendar)
    return Period(add_days(end, -7 * count), end)


def cut(period: Period, today: date) -> Period:
    """The period without the days after today."""
    return Period(period.start, min(period.end, add_days(today, 1)))


def shape(period: Period, today: date, calendar: Calendar) -> tuple[str, int]:
    """The unit and count that a period is made of; ("day", days) when it is no whole units or unit to date.

    >>> shape(Period(date(2026, 10, 1), date(2026, 11, 1)), date(2026, 11, 18), Calendar())
    ('month', 1)
    """
    for unit in ("year", "half", "quarter", "month", "week"):
        if start_of(unit, period.start, calendar) != period.start:
            continue
        count, end = 0, period.start
        while end < period.end:
            count, end = count + 1, shift(unit, period.start, count + 1)
        if end == period.end or (count == 1 and period.end == add_days(today, 1)):
            if unit in ("year", "half", "quarter") and count > 1 and end != period.end:
                continue
            return unit, count
    return "day", period.days


def before(period: Period, unit: str, count: int) -> Period:
    """What a period is compared with when nothing is said: whole units against those before, part against like part."""
    if unit == "day":
        return Period(add_days(period.start, -period.days), period.start)
    start = shift(unit, period.start, -count)
    full_end = shift(unit, period.start, count)
    if period.end >= full_end:
        return Period(start, period.start)
    return Period(start, min(add_days(start, period.days), period.start))


def year_ago(period: Period, unit: str) -> Period:
    """The same time last year: days and weeks by 364 days, a month or longer by one year."""
    if unit in MONTHS_IN:
        end = add_days(add_months(period.last, -12), 1)
        if period.end.day == 1:
            end = add_months(period.end, -12)
        return Period(add_months(period.start, -12), end)
    return Period(add_days(period.start, -364), add_days(period.end, -364))


def like(period: Period, other: Period, unit: str) -> Period:
    """`other`, a whole unit, cut to the length of a part-done `period` of the same unit."""
    if unit == "day" or period.end >= shift(unit, period.start, 1):
        return other
    return Period(other.start, min(other.end, add_days(other.start, period.days)))
