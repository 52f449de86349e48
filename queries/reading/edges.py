"""Slots that words fill by themselves: numbers, fractions, units and amounts of time, what a single case is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from queries.catalogue import Catalogue, Metric
from queries.reading.english import english, stem
from queries.reading.patterns import Edge
from queries.reading.tokens import Token

MINUTES = {"minute": 1.0, "minutes": 1.0, "hour": 60.0, "hours": 60.0, "day": 1440.0, "days": 1440.0}

LENGTHS = frozenset(("minute", "hour", "day"))

PARTS = {"third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}


def numbers(words: Sequence[Token]) -> Iterator[Edge]:
    e = english()
    for i, t in enumerate(words):
        if t.norm in ("my", "our", "mine", "ours"):
            yield Edge("{mine}", i, i + 1)
        if t.norm in ("me", "myself", "i"):
            yield Edge("{who}", i, i + 1, t)
        if t.norm in e.units:
            if t.norm.endswith("ly") or t.norm == "annual":
                yield Edge("{unitly}", i, i + 1, e.units[t.norm])
            else:
                yield Edge("{unit}", i, i + 1, e.units[t.norm])
        if t.norm in ("a", "an") and i + 1 < len(words) and words[i + 1].norm in LENGTHS:
            yield Edge("{n}", i, i + 1, 1.0)
        if t.number is None:
            continue
        if t.ordinal:
            yield Edge("{nth}", i, i + 1, t.number)
        elif not (i and words[i - 1].norm == "." and words[i - 1].end == t.start):
            value, end = float(t.number), i + 1
            if (
                end + 1 < len(words)
                and words[end].norm in ".,"
                and words[end + 1].norm.isdecimal()
                and words[end].end == words[end + 1].start
            ):
                digits = words[end + 1].norm
                value = float(f"{t.number}.{digits}") if words[end].norm == "." else float(f"{t.number}{digits}")
                end += 2
            yield Edge("{n}", i, end, value)
            yield from _fractions(words, i, value)
    yield from _named_fractions(words)


def _fractions(words: Sequence[Token], i: int, value: float) -> Iterator[Edge]:
    """`one in ten`, `2 visits out of 5`, `1 of every 20`."""
    for at in (i + 1, i + 2):
        said = [t.norm for t in words[at : at + 2]]
        end = at + (2 if said in (["out", "of"], ["in", "every"], ["of", "every"]) else 1)
        if said[:1] not in (["in"], ["of"]) and end == at + 1:
            continue
        whole = words[end].number if end < len(words) else None
        if whole and value < whole and not words[end].ordinal and (said[0] != "of" or end == at + 2):
            yield Edge("{n}", i, end + 1, value / whole)


def _named_fractions(words: Sequence[Token]) -> Iterator[Edge]:
    """`half`, `a third`, `two thirds`, `three quarters`."""
    for i, t in enumerate(words):
        if t.norm == "half":
            yield Edge("{n}", i, i + 1, 0.5)
        part = 4 if t.norm in ("quarter", "quarters") else PARTS.get(t.norm.removesuffix("s"))
        before = words[i - 1] if i else None
        if part and before is not None and (before.norm in ("a", "one") or before.number is not None):
            yield Edge("{n}", i - 1, i + 1, (before.number or 1) / part)


def single_edges(words: Sequence[Token], catalogue: Catalogue) -> Iterator[Edge]:
    """{amount}: a time in minutes (`an hour`, `90 minutes`); {rownoun}: what a company calls a single case."""
    metrics = [m for m in catalogue.metrics.values() if m.rows]
    if not metrics:
        return
    nouns = {stem(part) for m in metrics for word in nouns_of(m) for part in str(word).split()}
    timed = any(str(m.rows.get("unit") or "none") != "none" for m in metrics)
    for i, t in enumerate(words):
        if stem(t.norm) in nouns:
            yield Edge("{rownoun}", i, i + 1)
        if timed and t.norm in MINUTES and i:
            start, number = _number_before(words, i)
            if number is not None:
                yield Edge("{amount}", start, i + 1, number * MINUTES[t.norm])


def nouns_of(metric: Metric) -> tuple[str, ...]:
    """What one case of a metric is called: `rows.words`, the noun of a rate, `case`."""
    unit = (metric.unit.removeprefix("% of "),) if metric.unit.startswith("% of ") else ()
    return (*(str(w) for w in metric.rows.get("words") or ()), *unit, "case")


def _number_before(words: Sequence[Token], at: int) -> tuple[int, float | None]:
    before = words[at - 1]
    if before.norm in ("a", "an", "one"):
        if at > 1 and words[at - 2].norm == "half":
            return at - 2, 0.5
        return at - 1, 1.0
    if before.number is not None and not before.ordinal:
        return at - 1, float(before.number)
    return (at - 1, 0.5) if before.norm == "half" else (at, None)
