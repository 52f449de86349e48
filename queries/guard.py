"""No figure by subtraction: spans and restrictions of small groups that would single out a few people.

Two allowed answers must not differ by the work of fewer people than a figure needs. Cells beside each other in one
answer are `redact`'s; here are the two other ways: spans that differ by a thin day (a team on a Sunday), and
restrictions whose rest is thin ("all but collections"). A thin day belongs to the day before it: a span is exact only
when both its edges have enough people on the first working day after them. A week or a month that everybody asks
for and that has no such edge is told in whole percent; any other span is moved to the nearest such edges. With a
restriction there must be enough people on both sides of it in the first day, week or block after each edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from queries.blocks import Blocks
from queries.periods import Period

REACH = 8
"""How many days an edge may be moved."""
DAY, WEEK, MONTH, BLOCK = "day", "week", "month", "block"


class Work(NamedTuple):
    """That somebody worked on a day: `kept` tells of each restriction whether the work meets it."""

    day: date
    who: int
    kept: tuple[bool, ...] = ()


People = dict[date, set[int]]
"""Who worked, by day."""


class Seen(tuple[Work, ...]):
    """Work, gathered by day once."""

    @cached_property
    def days(self) -> People:
        return _by_day(self)

    @cached_property
    def parts(self) -> tuple[People, ...]:
        """`sides`, by day."""
        return tuple(_by_day(side) for side in sides(self))


def _by_day(work: Iterable[Work]) -> People:
    found: People = {}
    for w in work:
        found.setdefault(w.day, set()).add(w.who)
    return found


def seen_of(work: Sequence[Work]) -> Seen:
    return work if isinstance(work, Seen) else Seen(work)


@dataclass(frozen=True)
class Guard:
    """What decides: the minimum of people, the calendar of blocks, and the first day without data ("now")."""

    least: int
    blocks: Blocks
    now: date

    def safe(self, asked: Period, work: Sequence[Work]) -> tuple[Period, bool] | None:
        """The span to answer and whether it has to be rounded; None when nothing can be told.

        `work` holds the unit's work in `needed(asked)`.
        """
        work = seen_of(work)
        if work and work[0].kept:
            return self._cut(asked, work)
        if self._edges(asked, DAY, work):
            return asked, False
        if self._grid(asked) != DAY:
            return asked, True
        start, end = self._nearest(asked.start, work), self._nearest(asked.end, work)
        return (Period(start, end), False) if start < end else None

    def _cut(self, asked: Period, work: Sequence[Work]) -> tuple[Period, bool] | None:
        """The first span that has enough on both sides; rounded where an edge parts days that are told together."""
        for grid, period in self._spans(asked):
            if self._edges(period, grid, work) and self._inside(period, work):
                return period, not self.unparted(period, work)
        return None

    def unparted(self, period: Period, work: Sequence[Work]) -> bool:
        """Whether the edges part no days of the unit's whole work that are told together."""
        days = seen_of(work).days
        return all(self._enough(edge, 1, days) for edge in (period.start, period.end))

    def _edges(self, period: Period, grid: str, work: Sequence[Work]) -> bool:
        return all(self._edge(edge, grid, work) for edge in (period.start, period.end))

    def _nearest(self, edge: date, work: Sequence[Work]) -> date:
        """The safe edge that is the least work away."""
        people = seen_of(work).days
        days = [edge + timedelta(days=i) for i in range(-REACH, REACH + 1)]
        safe = [day for day in days if self._edge(day, DAY, work)]

        def between(day: date) -> tuple[int, int]:
            first, last = min(day, edge), max(day, edge)
            return sum(len(who) for at, who in people.items() if first <= at < last), abs((day - edge).days)

        return min(safe, key=between, default=edge)

    def together(self, work: Sequence[Work]) -> set[date]:
        """The days that are told only with another: thin ones, and the day that each belongs to."""
        people = seen_of(work).days
        found: set[date] = set()
        head: date | None = None
        for day in sorted(people):
            if len(people[day]) >= self.least:
                head = day
            else:
                found |= {day} if head is None else {day, head}
        return found

    def splits(self, asked: Period, work: Sequence[Work]) -> bool:
        """Whether a restriction keeps one day and leaves out another of those that are told together."""
        days = self.together(work)
        kept = {w.kept for w in work if w.day in days and asked.start <= w.day < asked.end}
        return len(kept) > 1

    def stands(self, asked: Period, work: Sequence[Work], plain: bool = False) -> bool:
        """Whether a cell may be told over the very span asked; `plain`: all of a unit's work, nothing cut."""
        return self._edges(asked, DAY if plain else self._grid(asked), work) and self._inside(asked, work)

    def needed(self, asked: Period) -> Period:
        """The days whose work has to be known: the spans that may be tried, and a block beyond."""
        spans = [period for _, period in self._spans(asked)]
        start, end = min(p.start for p in spans), max(p.end for p in spans)
        return Period(start - timedelta(days=REACH), min(self.now, end + timedelta(days=self.blocks.days)))

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
        days = {DAY: 1, WEEK: 7, MONTH: 28, BLOCK: self.blocks.days}[grid]
        return all(self._enough(edge, days, side) for side in seen_of(work).parts)

    def _enough(self, edge: date, days: int, people: People) -> bool:
        """Whether the first so many days from an edge on that saw work at all saw enough people (or none did)."""
        if edge >= self.now:
            return True
        seen: set[int] = set()
        for i in range(28):
            seen |= people.get(edge + timedelta(days=i), set())
            if seen and (i + 1) % days == 0:
                break
        return not seen or len(seen) >= self.least

    def _inside(self, period: Period, work: Sequence[Work]) -> bool:
        """Whether the restricted work of the span, and its rest, are those of enough people or of nobody."""
        for part in seen_of(work).parts:
            inside = [who for day, who in part.items() if period.start <= day < period.end]
            seen: set[int] = set().union(*inside)
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
