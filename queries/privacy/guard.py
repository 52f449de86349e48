"""No figure by subtraction: spans and restrictions of small groups that would single out a few people.

Two allowed answers must not differ by the work of fewer people than a figure needs, also when they are asked for on
different days. Cells beside each other in one answer are `redact`'s; here are the two other ways: spans that differ by
a thin day (a team on a Sunday), and restrictions whose rest is thin ("all but collections").

An edge between two days is exact when it could be told on that very evening and still may today. Whether it may be
told is expected from the weeks before it (six of the same weekday with one more person than needed, an odd one
forgiven; Mondays always), so that nothing which happens later changes it; and there must be enough people, on both
sides of every restriction, between it and the edge expected before it (or nobody). Any two exact edges then have enough
people between them, whenever they were asked for. A week or a month that everybody asks for and that has no such edge
is told in whole percent; any other span is moved to the nearest such edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from queries.periods import Period
from queries.privacy.blocks import Blocks

REACH = 8
"""How many days an edge may be moved."""
LOOK_BACK, ALIKE = 28, 6
"""How far the edge before is looked for, and how many earlier days of the same weekday tell what to expect."""
DAY = timedelta(days=1)


class Work(NamedTuple):
    """That somebody worked on a day: `kept` tells of each restriction whether the work meets it; `n`: its cases."""

    day: date
    who: int
    kept: tuple[bool, ...] = ()
    n: int = 0


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
        if not self or not self[0].kept:
            return (self.days,)
        return tuple(_by_day(side) for side in sides(self))

    @cached_property
    def cases(self) -> dict[date, dict[int, int]]:
        """Cases of everybody, by day."""
        found: dict[date, dict[int, int]] = {}
        for w in self:
            those = found.setdefault(w.day, {})
            those[w.who] = those.get(w.who, 0) + w.n
        return found

    def cases_in(self, period: Period) -> dict[int, int]:
        """Cases of everybody in a span."""
        found: dict[int, int] = {}
        for day, those in self.cases.items():
            if period.start <= day < period.end:
                for who, n in those.items():
                    found[who] = found.get(who, 0) + n
        return found

    @cached_property
    def known(self) -> dict[date, bool]:
        """Edges whose exactness has been worked out."""
        return {}


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
        cut = bool(work and work[0].kept)
        if self.exact(asked, work) and not (cut and not self._inside(asked, work)):
            return asked, False
        if self.natural(asked):
            return None if cut and not self._inside(asked, work) else (asked, True)
        for period in self._moved(asked, work, cut):
            if self.exact(period, work) and not (cut and not self._inside(period, work)):
                return period, False
        return None

    def exact(self, period: Period, work: Sequence[Work]) -> bool:
        """Whether both edges of a span are exact."""
        return all(self.edge(edge, seen_of(work)) for edge in (period.start, period.end))

    def edge(self, edge: date, work: Seen) -> bool:
        """Whether an edge is exact: expected, and enough people (or nobody) between it and the one expected before."""
        edge = min(edge, self.now)
        if edge not in work.known:
            work.known[edge] = self._expected(edge, work) and all(self._run(edge, side, work) for side in work.parts)
        return work.known[edge]

    def _expected(self, edge: date, work: Seen) -> bool:
        """Whether enough people were to be expected on the first working day from an edge on, by the weeks before."""
        return edge.weekday() == 0 or all(self._busy(edge, side) for side in work.parts)

    def _busy(self, edge: date, people: People) -> bool:
        for ahead in range(7):
            alike = (edge + timedelta(days=ahead - 7 * (back + 1)) for back in range(ALIKE))
            counts = sorted(len(people[day]) for day in alike if day in people)
            if counts:
                return counts[min(1, len(counts) - 1)] > self.least  # one more than needed: some fall ill
        return True

    def _run(self, edge: date, people: People, work: Seen) -> bool:
        seen: set[int] = set()
        for _ in range(LOOK_BACK):
            edge -= DAY
            seen |= people.get(edge, set())
            if seen and self._expected(edge, work):
                break
        return not seen or len(seen) >= self.least

    def _moved(self, asked: Period, work: Seen, cut: bool) -> Iterable[Period]:
        """What a span may be moved to: the nearest exact edges, whole weeks, whole blocks."""
        start, end = self._nearest(asked.start, work), self._nearest(asked.end, work)
        if start < end:
            yield Period(start, end)
        yield from self._spans(asked)[1:] if cut else ()

    def _nearest(self, edge: date, work: Seen) -> date:
        """The exact edge that is the least work away."""
        days = [min(self.now, edge + timedelta(days=i)) for i in range(-REACH, REACH + 1)]
        safe = [day for day in dict.fromkeys(days) if self.edge(day, work)]

        def between(day: date) -> tuple[int, int]:
            first, last = min(day, edge), max(day, edge)
            return sum(len(who) for at, who in work.days.items() if first <= at < last), abs((day - edge).days)

        return min(safe, key=between, default=edge)

    def together(self, work: Sequence[Work]) -> set[date]:
        """The days that are told only with another: those without an exact edge on both sides."""
        seen = seen_of(work)
        return {day for day in seen.days if not (self.edge(day, seen) and self.edge(day + DAY, seen))}

    def splits(self, asked: Period, work: Sequence[Work]) -> bool:
        """Whether a restriction keeps one day and leaves out another of those that are told together."""
        days = self.together(Seen(Work(w.day, w.who) for w in work))
        kept = {w.kept for w in work if w.day in days and asked.start <= w.day < asked.end}
        return len(kept) > 1

    def stands(self, asked: Period, work: Sequence[Work]) -> bool:
        """Whether a cell may be told exactly over the very span asked."""
        return self.exact(asked, work) and self._inside(asked, seen_of(work))

    def rounds(self, asked: Period, work: Sequence[Work]) -> bool:
        """Whether a cell that may not be told exactly may be told in whole percent."""
        return self.natural(asked) and self._inside(asked, seen_of(work))

    def needed(self, asked: Period) -> Period:
        """The days whose work has to be known: the spans that may be tried, and what tells which edges are exact."""
        spans = self._spans(asked)
        start, end = min(p.start for p in spans), max(p.end for p in spans)
        back = timedelta(days=REACH + LOOK_BACK + 7 * ALIKE)
        return Period(start - back, max(start, min(self.now, end + timedelta(days=REACH))))

    def _spans(self, asked: Period) -> list[Period]:
        """The span asked, and what it may be moved to: whole weeks, whole blocks."""
        found = [asked]
        weeks = Period(_monday(asked.start + timedelta(days=3)), _monday(asked.end + timedelta(days=3)))
        if weeks.days >= 7:
            found.append(weeks)
        first = self.blocks.number(asked.start + timedelta(days=self.blocks.days // 2))
        count = max(1, round(asked.days / self.blocks.days))
        found.append(Period(self.blocks.start(first), self.blocks.start(first + count)))
        return found

    def natural(self, period: Period) -> bool:
        """Whether a span is one that everybody asks for: whole weeks, whole months, or such up to now."""
        edges = [edge for edge in (period.start, period.end) if edge < self.now]
        return all(edge.weekday() == 0 for edge in edges) or all(edge.day == 1 for edge in edges)

    def _inside(self, period: Period, work: Seen) -> bool:
        """Whether the restricted work of the span, and its rest, are those of enough people or of nobody."""
        for part in work.parts:
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
