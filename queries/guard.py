"""No figure by subtraction: spans and restrictions of small groups that would single out a few people.

Two allowed answers must not differ by the work of fewer people than a figure needs. Cells beside each other in one
answer are `redact`'s; here are the two other ways: spans of time that differ by a thin day (a team on a Sunday), and
restrictions whose rest is thin ("all but collections"). Both look at the work around the edges of the span asked.
Days of the calendar that everybody uses (whole weeks, whole months) are edges as they are; any other edge must have
enough people on the first working day after it, and with a restriction any edge must have enough on both sides of
the restriction in its first day, week or block, or the span is moved to where it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from queries.blocks import Blocks
from queries.periods import Period

DAY, WEEK, MONTH, BLOCK = "day", "week", "month", "block"


@dataclass(frozen=True)
class Work:
    """That somebody worked on a day: `kept` tells of each restriction whether the work meets it."""

    day: date
    who: int
    kept: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Guard:
    """What decides: the minimum of people, the calendar of blocks, and the first day without data ("now")."""

    least: int
    blocks: Blocks
    now: date

    def safe(self, asked: Period, work: Sequence[Work]) -> Period | None:
        """The span to answer: the one asked, the nearest safe one, or None when there is none.

        `work` holds the unit's work in `needed(asked)`.
        """
        cut = bool(work) and bool(work[0].kept)
        for grid, period in self._spans(asked):
            if not cut and grid in (WEEK, MONTH):
                return period
            if all(self._edge(edge, grid, work) for edge in (period.start, period.end)) and self._inside(period, work):
                return period
        return None

    def stands(self, asked: Period, work: Sequence[Work]) -> bool:
        """Whether a cell may be told over the very span asked."""
        grid = self._grid(asked)
        return all(self._edge(edge, grid, work) for edge in (asked.start, asked.end)) and self._inside(asked, work)

    def needed(self, asked: Period) -> Period:
        """The days whose work has to be known: the spans that may be tried, and a block beyond."""
        spans = [period for _, period in self._spans(asked)]
        start, end = min(p.start for p in spans), max(p.end for p in spans)
        return Period(start, min(self.now, end + timedelta(days=self.blocks.days)))

    def plain(self, asked: Period) -> bool:
        """Whether an unrestricted span needs no look at the work: its edges are those of the calendar, or now."""
        return self._grid(asked) != DAY

    def _spans(self, asked: Period) -> list[tuple[str, Period]]:
        """The span asked, and what it may be moved to: whole weeks, whole blocks."""
        found = [(self._grid(asked), asked)]
        weeks = Period(_monday(asked.start + timedelta(days=3)), _monday(asked.end + timedelta(days=3)))
        if asked.end >= self.now:
            weeks = Period(weeks.start, asked.end)
        if weeks.days >= 7:
            found.append((WEEK, weeks))
        first = self.blocks.number(asked.start + timedelta(days=self.blocks.days // 2))
        count = max(1, round(asked.days / self.blocks.days))
        found.append((BLOCK, Period(self.blocks.start(first), self.blocks.start(first + count))))
        return found

    def _grid(self, period: Period) -> str:
        edges = [edge for edge in (period.start, period.end) if edge < self.now]
        if all(edge.weekday() == 0 for edge in edges):
            return WEEK
        return MONTH if all(edge.day == 1 for edge in edges) else DAY

    def _edge(self, edge: date, grid: str, work: Sequence[Work]) -> bool:
        """Whether enough people work, on both sides of every restriction, from an edge on."""
        if edge >= self.now:
            return True
        days = {DAY: 1, WEEK: 7, MONTH: 28, BLOCK: self.blocks.days}[grid]
        for side in sides(work):
            seen: set[int] = set()
            for reach in range(days, 29, days):
                seen |= {w.who for w in side if 0 <= (w.day - edge).days < reach}
                if seen:
                    break
            if seen and len(seen) < self.least:
                return False
        return True

    def _inside(self, period: Period, work: Sequence[Work]) -> bool:
        """Whether the restricted work of the span, and its rest, are those of enough people or of nobody."""
        for side in sides(work):
            seen = {w.who for w in side if period.start <= w.day < period.end}
            if seen and len(seen) < self.least:
                return False
        return True


def sides(work: Sequence[Work]) -> Iterable[list[Work]]:
    """The work that meets all restrictions, and for each restriction the work that only it leaves out.

    >>> list(map(len, sides([Work(date(2026, 1, 5), 1, (True,)), Work(date(2026, 1, 5), 2, (False,))])))
    [1, 1]
    """
    count = len(work[0].kept) if work else 0
    yield [w for w in work if all(w.kept)]
    for i in range(count):
        yield [w for w in work if not w.kept[i] and all(w.kept[:i]) and all(w.kept[i + 1 :])]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
