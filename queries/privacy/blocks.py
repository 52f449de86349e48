"""Whole sealed blocks of weeks: the only spans in which somebody else's figures are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from queries.periods import Period


@dataclass(frozen=True)
class Blocks:
    """The calendar of blocks: `days` long, counted from `anchor`, shown once `sealed_after` days have passed."""

    days: int = 28
    anchor: date = date(2024, 1, 1)
    sealed_after: int = 10

    def number(self, day: date) -> int:
        """The number of the block that holds a day; the one starting on the anchor is 0."""
        return (day - self.anchor).days // self.days

    def start(self, number: int) -> date:
        return self.anchor + timedelta(days=number * self.days)

    def last_sealed(self, today: date) -> int:
        """The number of the newest block whose figures no longer change.

        >>> Blocks().last_sealed(date(2024, 2, 8)), Blocks().last_sealed(date(2024, 2, 7))
        (0, -1)
        """
        return self.number(today - timedelta(days=self.sealed_after)) - 1

    def best_fit(self, period: Period, today: date) -> Period:
        """The whole sealed blocks that overlap a period most: as many as fit its length, at least one.

        >>> Blocks().best_fit(Period(date(2024, 2, 1), date(2024, 3, 1)), date(2024, 6, 1))
        Period(start=datetime.date(2024, 1, 29), end=datetime.date(2024, 2, 26))
        """
        count = max(1, (period.days + self.days // 2) // self.days)
        latest = self.last_sealed(today) - count + 1
        near = self.number(period.start)
        first = max((near, near + 1), key=lambda n: (self._overlap(n, count, period), -n))
        first = min(first, latest)
        return Period(self.start(first), self.start(first + count))

    def _overlap(self, first: int, count: int, period: Period) -> int:
        start, end = self.start(first), self.start(first + count)
        return (min(end, period.end) - max(start, period.start)).days


def blocks(company: Mapping[str, Any]) -> Blocks:
    """The block calendar of company.yml's `privacy`."""
    rules = company.get("privacy") or {}
    anchor = rules.get("block_anchor", date(2024, 1, 1))
    return Blocks(
        days=int(rules.get("block_days", 28)),
        anchor=anchor if isinstance(anchor, date) else date.fromisoformat(str(anchor)),
        sealed_after=int(rules.get("sealed_after_days", 10)),
    )
