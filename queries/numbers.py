"""Figures and days as people write them: 5.1 %, 24.5 hours, 16–18 November."""

from __future__ import annotations

from datetime import date, timedelta

from queries.catalogue import Metric
from queries.figures import is_rate
from queries.periods import Period

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def plain_number(value: float, digits: int = 1) -> str:
    """A number with thousands apart and no needless decimals.

    >>> plain_number(12345.0), plain_number(2.50), plain_number(0.04, 2)
    ('12,345', '2.5', '0.04')
    """
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_text(metric: Metric, side: str, value: float | None, whole: bool = False) -> str:
    """A figure in the metric's own unit; `whole` rounds rates to whole per cent (small groups)."""
    if value is None:
        return "no figure"
    if is_rate(metric, side):
        return f"{value * 100:.0f} %" if whole else f"{value * 100:.1f} %"
    unit = metric.unit.split(" on ")[0].split(" of ")[0]
    return f"{plain_number(value)} {unit}".strip()


def points_text(metric: Metric, side: str, difference: float) -> str:
    """A difference, without its sign: percentage points for rates.

    Half-way between two figures it stays a difference: 2.1 points, 3 minutes.
    """
    size = abs(difference)
    if is_rate(metric, side):
        return f"{size * 100:.1f} points"
    return value_text(metric, side, size)


def signed_points(difference: float) -> str:
    """A difference of two rates, with its sign; zero has none.

    >>> signed_points(-0.004), signed_points(0.0123), signed_points(-0.0001)
    ('−0.4 points', '+1.2 points', '0.0 points')
    """
    text = f"{abs(difference) * 100:.1f} points"
    return text if text == "0.0 points" else ("+" if difference > 0 else "−") + text


def count_word(number: int) -> str:
    """Small counts in words.

    >>> count_word(2), count_word(31)
    ('two', '31')
    """
    return SMALL[number] if 0 <= number < len(SMALL) else f"{number:,}"


def one_or_many(count: float | None, things: str) -> str:
    """The things counted, of one thing the singular: its noun stands first or at the end.

    >>> one_or_many(1, "late arrivals"), one_or_many(2, "late arrivals"), one_or_many(1, "time to repair")
    ('late arrival', 'late arrivals', 'time to repair')
    >>> one_or_many(1, "customers who had to come back")
    'customer who had to come back'
    """
    if count != 1:
        return things
    if things.endswith("s") and not things.endswith("ss"):
        return things.removesuffix("s")
    noun, _, rest = things.partition(" ")
    return f"{noun.removesuffix('s')} {rest}" if rest and noun.endswith("s") else things


def number_of(count: int, noun: str) -> str:
    """
    >>> number_of(1, "week"), number_of(13, "week")
    ('1 week', '13 weeks')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def ordinal(number: int) -> str:
    """
    >>> ordinal(1), ordinal(12), ordinal(23)
    ('1st', '12th', '23rd')
    """
    tail = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"


def day_text(day: date, year: bool = False) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def bucket_text(day: date, grain: str, year: bool = False) -> str:
    """A point of a series by its first day, as people call it; days and weeks by the date, with its year when asked.

    >>> bucket_text(date(2026, 11, 1), "month"), bucket_text(date(2026, 10, 1), "quarter")
    ('November 2026', 'quarter 4 of 2026')
    >>> bucket_text(date(2026, 1, 1), "year"), bucket_text(date(2026, 11, 16), "week")
    ('2026', '16 November')
    """
    quarter = f"quarter {(day.month + 2) // 3} of {day.year}"
    named = {"month": f"{MONTHS[day.month - 1]} {day.year}", "quarter": quarter, "year": str(day.year)}
    return named.get(grain) or day_text(day, year)


def span_text(period: Period, today: date | None = None) -> str:
    """The exact dates of a period, both ends included, as short as they can be.

    >>> span_text(Period(date(2026, 11, 16), date(2026, 11, 19)), date(2026, 11, 18))
    '16–18 November'
    >>> span_text(Period(date(2025, 12, 29), date(2026, 1, 5)), date(2026, 11, 18))
    '29 December 2025 – 4 January 2026'
    """
    first, last = period.start, period.last
    if first.year != last.year:
        return f"{day_text(first, True)} – {day_text(last, True)}"
    year = "" if today is not None and today.year == last.year else f" {last.year}"
    if first == last:
        return day_text(last) + year
    if first.month == last.month:
        return f"{first.day}–{day_text(last)}{year}"
    return f"{day_text(first)} – {day_text(last)}{year}"


def span_words(period: Period, today: date) -> str:
    """What a period is called today, with "so far" while it runs; empty when it has no name.

    >>> span_words(Period(date(2026, 11, 16), date(2026, 11, 19)), date(2026, 11, 18))
    'this week so far'
    """
    tomorrow = today + timedelta(days=1)
    if period.days == 1:
        return {today: "today", today - timedelta(days=1): "yesterday"}.get(period.start, "")
    for unit, first in _units(today).items():
        if period.start == first and period.end == tomorrow:
            return f"this {unit} so far"
        if period.end == first and period.start == _units(first - timedelta(days=1))[unit]:
            return f"last {unit}"
    weeks, rest = divmod(period.days, 7)
    if rest == 0 and weeks > 1 and period.end == tomorrow:
        return f"in the {weeks} weeks to today"
    if rest == 0 and weeks > 1 and period.end == _units(today)["week"]:
        return f"in the last {weeks} weeks"
    return ""


def _units(day: date) -> dict[str, date]:
    """The first day of the calendar units that hold a day."""
    return {
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }


def span_said(period: Period, today: date) -> str:
    """The name of a period and its dates: this week so far (16–18 November)."""
    words, dates = span_words(period, today), span_text(period, today)
    return f"{words} ({dates})" if words else dates


def span_in(period: Period, today: date) -> str:
    """The same as it follows a figure: on 9 November, from 1 to 18 October, this week so far (16–18 November).

    >>> span_in(Period(date(2026, 11, 9), date(2026, 11, 12)), date(2026, 11, 18))
    'from 9 to 11 November'
    """
    words, dates = span_words(period, today), span_text(period, today)
    if words:
        return f"{words} ({dates})"
    if period.days == 1:
        return f"on {dates}"
    return "from " + (dates.replace(" – ", " to ") if " – " in dates else dates.replace("–", " to "))
