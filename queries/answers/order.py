"""Which cells of a break-down are shown, and in which order. People are always in the order of their names."""

from __future__ import annotations

from typing import Any

from queries.answers.tables import BUCKET
from queries.figures import COMPARE, better, standard
from queries.labels import value_name
from queries.privacy import redact
from queries.privacy.cells import Cell, Table
from queries.query import Having, Query
from queries.setting import Setting


def kept(query: Query, found: Table, at: Setting) -> list[Cell]:
    """The cells that meet the thresholds, ordered, the first `top` of them."""
    cells = [c for c in found.cells if _listed(c, found, at)]
    if query.at_least is not None:  # of few people the number of cases is not told, by a threshold neither
        cells = [c for c in cells if c.verdict != redact.SHOWN or c.figure.n >= query.at_least]
    for having in query.having:
        cells = [c for c in cells if c.withheld or _meets(c, having, query, found)]
    person = at.ground.catalogue.person_level
    if person in found.names or (not found.scope.by_value and person is not None and person in query.by):
        return sorted(cells, key=lambda c: _alphabetical(c, found, at))
    if not query.order and found.names == (found.metric.over,):  # parts that are asked for by their share
        query = query.with_(order="most")
    if (query.grain and not query.top) or not query.order:
        return sorted(cells, key=lambda c: _natural(c, found, at))
    cells.sort(key=lambda c: (_by_value(c, query, found), tuple(map(str, c.keys))))
    return _with_ties(cells, query, found)


def _with_ties(cells: list[Cell], query: Query, found: Table) -> list[Cell]:
    """The first `top`, and all that are level with the last of them."""
    if not query.top or len(cells) <= query.top:
        return cells
    last = _by_value(cells[query.top - 1], query, found)
    return [c for i, c in enumerate(cells) if i < query.top or _by_value(c, query, found) == last]


def _listed(cell: Cell, found: Table, at: Setting) -> bool:
    """A pooled rest of units without a name is shown only where the scope speaks of others at all."""
    for name, key in zip(found.names, cell.keys, strict=True):
        if key is None and name in at.ground.catalogue.unit_levels:
            naming = found.scope.naming.get(name)
            if naming is None or (naming.rest == "nothing" and not naming.everyone):
                return False
    return True


def _meets(cell: Cell, having: Having, query: Query, found: Table) -> bool:
    counted = query.counts_cases(having)
    value = cell.figure.count if counted and cell.verdict == redact.SHOWN else None if counted else cell.figure.value
    if value is None:
        return False
    if having.op in COMPARE:
        return COMPARE[having.op](value, having.value or 0.0)
    goal, way = standard(found.metric, found.side), better(found.metric, found.side)
    if goal is None or not way:
        return False
    return (way * (value - goal) >= 0) == (having.op == "meets_standard")


def _by_value(cell: Cell, query: Query, found: Table) -> tuple[bool, float]:
    if query.order == "most_improved":
        now, then = cell.figure.value, cell.previous.value if cell.previous else None
        gain = None if now is None or then is None else (better(found.metric, found.side) or 1) * (now - then)
        return gain is None, -(gain or 0.0)
    size = cell.figure.count if query.show == "count" else cell.figure.value
    way = better(found.metric, found.side) or 1
    sign = {"best": way, "room_to_grow": -way, "most": 1, "least": -1}[str(query.order)]
    unknown = any(key is None for key in cell.keys)  # the rest of the units together is no unit
    return unknown or size is None or cell.withheld, -sign * (size or 0.0)


def _alphabetical(cell: Cell, found: Table, at: Setting) -> tuple[str, ...]:
    return tuple(value_name(at.shelf, n, k) for n, k in zip(found.names, cell.keys, strict=True))


def _natural(cell: Cell, found: Table, at: Setting) -> tuple[Any, ...]:
    """Days by time, a dimension's values as the catalogue lists them, units by name; the unknown at the end."""
    keys: list[Any] = []
    for name, key in zip(found.names, cell.keys, strict=True):
        dimension = at.ground.catalogue.dimensions.get(name)
        values = list(dimension.values) if dimension else []
        place = values.index(key) if key in values else len(values)
        keys.append((key is None, place, key.isoformat() if name == BUCKET else value_name(at.shelf, name, key)))
    return tuple(keys)
