"""A date phrase found, and what a rule may look at to make it a period."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from queries.periods import Calendar, Period, add_days
from queries.reading.english import english

FUTURE, IMPOSSIBLE, OPEN = "future", "impossible", "open"


@dataclass(frozen=True)
class Found:
    """A date phrase: token span, period, and the unit and count it is made of."""

    start: int
    end: int
    period: Period | None
    unit: str
    count: int = 1
    rule: str = ""
    problem: str = ""
    """`future`, `impossible` or `open` (no beginning said)."""
    part: str = ""
    """A part of the day said with it."""
    year_said: bool = True
    again: Callable[[int], Period | None] | None = None
    """The same phrase in another year, for ranges where only one end names it."""
    relative: str = ""
    """For comparisons: `before` (the unit before), `year` (the same time a year ago)."""
    note: str = ""


@dataclass(frozen=True)
class Ask:
    """What a rule may look at: the match, today and the company's calendar."""

    groups: dict[str, str]
    today: date
    calendar: Calendar

    def n(self, key: str = "n") -> int:
        return int(re.sub(r"\D", "", self.groups.get(key) or "") or 1)


Made = Found | None

Rule = tuple[str, str, Callable[[Ask], Made]]


def found(period: Period | None, unit: str, count: int = 1, **more: object) -> Found:
    return Found(0, 0, period, unit, count, **more)  # type: ignore[arg-type]


def problem_of(problem: str) -> Found:
    return Found(0, 0, None, "day", problem=problem)


def day_of_year(year: int, month: int, day: int) -> Period | None:
    try:
        first = date(year, month, day)
    except ValueError:
        return None
    return Period(first, add_days(first, 1))


def year_of(text: str, today: date) -> int:
    """A year as written: four digits, or two after an apostrophe."""
    number = int(text)
    return number if number > 99 else 2000 + number if number < 70 else 1900 + number


def month_word(a: Ask) -> int:
    return english().months[a.groups["m"]]
