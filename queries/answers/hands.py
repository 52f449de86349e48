"""In your hands: of the events of a measure, those whose cause lies with whoever does the work, and the others.

Where so few are behind a cause that its count is not told, the largest cause alone is, in round words.
"""

from __future__ import annotations

from queries.answers.lever import events, part_words
from queries.answers.tables import table
from queries.catalogue import Metric
from queries.figures import things
from queries.labels import joined, value_name
from queries.periods import Period
from queries.privacy.cells import Cell
from queries.query import Query
from queries.setting import Setting
from queries.statements.ground import NotAllowedError

LEAST = 3
"""Fewer events tell nothing about their causes."""


def in_your_hands(query: Query, metric: Metric, period: Period, at: Setting) -> str:
    """How many of the events began in the own hands, and what the others came with; empty where it is not known."""
    dimensions = at.ground.catalogue.dimensions
    key = next((k for k in metric.dimensions if k in dimensions and dimensions[k].in_hands), None)
    held = at.ground.tables.get(f"m_{metric.key}", ())
    if key is None or key not in held or metric.direction != "lower" or query.where:
        return ""
    plain = Query((metric.key,), side=("metric",), show="count", about=query.about, by=(key,), period=period)
    try:
        found = table(plain, metric, at, whole=False)
    except (NotAllowedError, KeyError):
        return ""
    told = [c for c in found.cells if c.figure.count]
    if any(c.withheld or c.figure.count is None for c in found.cells if c.figure.n):
        return _largest([c for c in found.cells if c.keys[0]], key, metric, at)
    own = sum(_count(c) for c in told if c.keys[0] in dimensions[key].in_hands)
    every = sum(_count(c) for c in told)
    others = [c for c in told if c.keys[0] and c.keys[0] not in dimensions[key].in_hands]
    others.sort(key=lambda c: -_count(c))
    if every < LEAST or not others:
        return ""
    names = [value_name(at.shelf, key, v) for v in dimensions[key].in_hands]
    return at.say(
        "in_your_hands", count=f"{own:.0f}", all=f"{every:.0f}", things=things(metric, "metric"),
        own=joined(names), causes=joined([value_name(at.shelf, key, c.keys[0]) for c in others]),
    )  # fmt: skip


def _largest(cells: list[Cell], key: str, metric: Metric, at: Setting) -> str:
    """The cause that most of the events came with; nothing when that one is withheld or shares its place."""
    sizes = sorted(((events(c), c) for c in cells), key=lambda pair: -pair[0])
    every = sum(size for size, _ in sizes)
    if every < LEAST or sizes[0][1].withheld or (len(sizes) > 1 and sizes[1][0] >= sizes[0][0]):
        return ""
    share = at.say(part_words(sizes[0][0] / every), things=things(metric, "metric"))
    return at.say("largest_cause", cause=value_name(at.shelf, key, sizes[0][1].keys[0]), share=share)


def _count(cell: Cell) -> float:
    return cell.figure.count or 0.0
