"""Sets of days: ranges of them, and what lies in reach of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

Reach = tuple[int, int]
"""(back, forward): facts of day d are made from rows of days d-back .. d+forward."""

_FIRST, _LAST = date(1900, 1, 1), date(9999, 12, 31)


def ranges(days: Iterable[date]) -> list[tuple[date, date]]:
    """Runs of days that follow one another, both ends included.

    >>> ranges([date(2026, 1, 1), date(2026, 1, 3), date(2026, 1, 2), date(2026, 1, 9)])
    [(datetime.date(2026, 1, 1), datetime.date(2026, 1, 3)), (datetime.date(2026, 1, 9), datetime.date(2026, 1, 9))]
    """
    runs: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if runs and day - runs[-1][1] <= timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def condition(column: str, days: Iterable[date]) -> str:
    """SQL that is true where `column` (a DATE) is one of the days; ranges, so that storage can be skipped."""
    runs = ranges(days)
    if not runs:
        return "false"
    parts = [f"{column} BETWEEN DATE '{a}' AND DATE '{b}'" for a, b in runs]
    if len(parts) == 1:
        return parts[0]
    return f"({column} BETWEEN DATE '{runs[0][0]}' AND DATE '{runs[-1][1]}' AND ({' OR '.join(parts)}))"


def read_for(days: Iterable[date], reach: Reach) -> set[date]:
    """Days of the rows that facts of `days` are made from."""
    back, forward = reach
    return _spread(days, -back, forward)


def made_from(days: Iterable[date], reach: Reach) -> set[date]:
    """Days of the facts that rows of `days` can change."""
    back, forward = reach
    return _spread(days, -forward, back)


def _spread(days: Iterable[date], low: int, high: int) -> set[date]:
    spread: set[date] = set()
    for first, last in ranges(days):
        start = max(first.toordinal() + low, _FIRST.toordinal())
        stop = min(last.toordinal() + high, _LAST.toordinal() - 1)
        spread.update(date.fromordinal(n) for n in range(start, stop + 1))
    return spread
