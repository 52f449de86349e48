"""Which dates, rules of grammar, phrases and names hold where they overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from queries.reading.dates import Found
from queries.reading.patterns import Match
from queries.reading.phrases import Rule

FREE = frozenset(("show", "order", "part"))
"""Grammar that may share its words with the phrase of a metric: how many, most, best."""


@dataclass(frozen=True)
class Hard:
    """A stretch whose meaning is settled: a date or a rule of grammar."""

    start: int
    end: int
    rule: Rule | None = None
    match: Match | None = None
    date: Found | None = None
    polite: bool = False


def _lowest(rule: Rule) -> bool:
    """Of several words it is no order inside the phrase of a metric: `happier at the end of a case`."""
    return rule.make.get("order") == "room_to_grow"


def settle(
    dates: Sequence[Found],
    rules: Sequence[Match],
    polite: Sequence[Match],
    phrases: Sequence[Match],
    names: Sequence[tuple[int, int]],
    following: bool,
) -> tuple[Hard, ...]:
    """The longest wins; at equal length a date, then a metric's own phrase, then grammar in its order."""
    offers: list[tuple[int, int, int, Hard | None, int, int]] = []
    for f in dates:
        offers.append((f.end - f.start, 0, 0, Hard(f.start, f.end, date=f), f.start, f.end))
    for m in phrases:
        offers.append((m.end - m.start, 1, 0, None, m.start, m.end))
    for start, end in names:
        offers.append((end - start, 0, 1, None, start, end))
    for m in rules:
        rank = 100 * m.payload.order + len(m.slots)
        own = any(f.start == m.start and f.end == m.end for f in phrases)
        kind = 0 if set(m.payload.make) & {"op", "between"} and not own else 2
        longer = any(f.start <= m.start and m.end < f.end for f in phrases)
        opening = 2 if m.start == 0 and m.payload.make.get("explain") and not longer else 0
        opening += 2 if m.start == 0 and following and m.payload.make.get("exclude") else 0
        offers.append((m.end - m.start + opening, kind, rank, Hard(m.start, m.end, m.payload, m), m.start, m.end))
    for m in polite:
        offers.append((m.end - m.start, 3, 0, Hard(m.start, m.end, polite=True), m.start, m.end))
    chosen: list[Hard] = []
    taken: list[tuple[int, int, int]] = []
    for _, kind, _, hard, start, end in sorted(offers, key=lambda o: (-o[0], o[1], o[2], o[4])):
        rule = hard.rule if hard is not None else None
        shares = rule is not None and set(rule.make) <= FREE and not (end - start > 1 and _lowest(rule))
        free = shares or bool(rule and rule.make.get("free"))
        if all(end <= s or start >= e or (free and k == 1) or (kind == 1 and k == 9) for s, e, k in taken):
            taken.append((start, end, 9 if free and kind == 2 else kind))
            if hard is not None:
                chosen.append(hard)
    return tuple(sorted(chosen, key=lambda h: h.start))
