"""Who worked when: the people of a day as bits of a number, so that a year of a group is small and quick to judge."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from queries.periods import Period

People = dict[date, int]
"""Who worked, by day: bit k is set when person k did."""
Kept = tuple[bool, ...]
"""Of each restriction of a question, whether some work meets it."""


class Work(NamedTuple):
    """That somebody worked on a day."""

    day: date
    who: int
    kept: Kept = ()


@dataclass(frozen=True)
class Seen:
    """The work of a unit, apart by the restrictions that it meets; `cases`: those of everybody by day, where asked."""

    apart: Mapping[Kept, People] = field(default_factory=dict)
    cases: Mapping[date, Mapping[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Iterable[Work]) -> Seen:
        apart: dict[Kept, People] = {}
        for one in work:
            people = apart.setdefault(one.kept, {})
            people[one.day] = people.get(one.day, 0) | 1 << one.who
        return cls(apart)

    @cached_property
    def cut(self) -> bool:
        """Whether there are restrictions."""
        return any(self.apart)

    @cached_property
    def days(self) -> People:
        """Who worked at all."""
        return merged(self.apart.values())

    @cached_property
    def parts(self) -> tuple[People, ...]:
        """Who did work that meets all restrictions; then, for each of them, work that it alone leaves out.

        >>> day = date(2026, 1, 5)
        >>> [part[day] for part in Seen.of([Work(day, 1, (True,)), Work(day, 2, (False,))]).parts]
        [2, 4]
        """
        count = len(next(iter(self.apart), ()))
        alone = [tuple(k != i for k in range(count)) for i in range(count)]
        return tuple(self.apart.get(kept, {}) for kept in ((True,) * count, *alone))

    @cached_property
    def known(self) -> dict[date, bool]:
        """Edges whose exactness has been worked out."""
        return {}

    def cases_in(self, period: Period) -> dict[int, int]:
        """Cases of everybody in a span."""
        found: dict[int, int] = {}
        first, end = (bisect_left(self._at, day) for day in (period.start, period.end))
        for day in self._at[first:end]:
            for who, n in self.cases[day].items():
                found[who] = found.get(who, 0) + n
        return found

    @cached_property
    def _at(self) -> list[date]:
        """The days of the cases."""
        return sorted(self.cases)


def seen_of(work: Seen | Iterable[Work]) -> Seen:
    return work if isinstance(work, Seen) else Seen.of(work)


def merged(several: Iterable[People]) -> People:
    """Who worked by day, of several together."""
    found: People = {}
    for people in several:
        for day, who in people.items():
            found[day] = found.get(day, 0) | who
    return found


def together(several: Iterable[Seen]) -> Seen:
    """The work of several cells as that of one."""
    apart: dict[Kept, list[People]] = {}
    for seen in several:
        for kept, people in seen.apart.items():
            apart.setdefault(kept, []).append(people)
    return Seen({kept: merged(lists) for kept, lists in apart.items()})
