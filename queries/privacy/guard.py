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

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

from queries.periods import Period
from queries.privacy.blocks import Blocks
from queries.privacy.work import People, Seen, Work, seen_of

REACH = 8
"""How many days an edge may be moved."""
LOOK_BACK, ALIKE = 28, 6
"""How far the edge before is looked for, and how many earlier days of the same weekday tell what to expect."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Guard:
    """What decides: the minimum of people, the calendar of blocks, and the first day without data ("now")."""

    least: int
    blocks: Blocks
    now: date

    def safe(self, asked: Period, work: Seen | Iterable[Work]) -> tuple[Period, bool] | None:
        """The span to answer and whether it has to be rounded; None when nothing can be told.

        `work` holds all of the unit's work until now.
        """
        seen = seen_of(work)
        if self.exact(asked, seen) and not (seen.cut and not self._inside(asked, seen)):
            return asked, False
        if self.natural(asked):
            return None if seen.cut and not self._inside(asked, seen) else (asked, True)
        for period in self._moved(asked, seen):
            if self.exact(period, seen) and not (seen.cut and not self._inside(period, seen)):
                return period, False
        return None

    def exact(self, period: Period, work: Seen | Iterable[Work]) -> bool:
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
            counts = sorted(people[day].bit_count() for day in alike if day in people)
            if counts:
                return counts[min(1, len(counts) - 1)] > self.least  # one more than needed: some fall ill
        return True

    def _run(self, edge: date, people: People, work: Seen) -> bool:
        seen = 0
        for _ in range(LOOK_BACK):
            edge -= DAY
            seen |= people.get(edge, 0)
            if seen and self._expected(edge, work):
                break
        return not seen or seen.bit_count() >= self.least

    def _moved(self, asked: Period, work: Seen) -> Iterable[Period]:
        """What a span may be moved to: the nearest exact edges, whole weeks, whole blocks."""
        start, end = self._nearest(asked.start, work), self._nearest(asked.end, work)
        if start < end:
            yield Period(start, end)
        yield from self._spans(asked)[1:] if work.cut else ()

    def _nearest(self, edge: date, work: Seen) -> date:
        """The exact edge that is the least work away."""
        days = [min(self.now, edge + timedelta(days=i)) for i in range(-REACH, REACH + 1)]
        safe = [day for day in dict.fromkeys(days) if self.edge(day, work)]

        def between(day: date) -> tuple[int, int]:
            first, last = min(day, edge), max(day, edge)
            return sum(who.bit_count() for at, who in work.days.items() if first <= at < last), abs((day - edge).days)

        return min(safe, key=between, default=edge)

    def together(self, work: Seen | Iterable[Work]) -> set[date]:
        """The days that are told only with another: those without an exact edge on both sides."""
        seen = seen_of(work)
        return {day for day in seen.days if not (self.edge(day, seen) and self.edge(day + DAY, seen))}

    def splits(self, asked: Period, work: Seen | Iterable[Work]) -> bool:
        """Whether a restriction keeps one day and leaves out another of those that are told together."""
        seen = seen_of(work)
        days = {day for day in self.together(Seen({(): seen.days})) if asked.start <= day < asked.end}
        return sum(not days.isdisjoint(people) for people in seen.apart.values()) > 1

    def stands(self, asked: Period, work: Seen | Iterable[Work]) -> bool:
        """Whether a cell may be told exactly over the very span asked."""
        return self.exact(asked, work) and self._inside(asked, seen_of(work))

    def rounds(self, asked: Period, work: Seen | Iterable[Work]) -> bool:
        """Whether a cell that may not be told exactly may be told in whole percent."""
        return self.natural(asked) and self._inside(asked, seen_of(work))

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
        behind = (_who(part, period) for part in work.parts)
        return not any(who and who.bit_count() < self.least for who in behind)


def _who(people: People, period: Period) -> int:
    """Who worked in a span: by its days or by those worked, whichever are fewer."""
    if period.days < len(people):
        return reduce(or_, (people.get(period.start + i * DAY, 0) for i in range(period.days)), 0)
    return reduce(or_, (who for day, who in people.items() if period.start <= day < period.end), 0)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
