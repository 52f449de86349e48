"""A part asked for alone is told only as it would be told beside its siblings.

"Installs of my team", "moves in all areas but one": such a figure is one cell, or a sum of cells, of a break-down that
could be asked for as well. Cells that the break-down withholds are told together or not at all: whoever asks for the
others one by one, and for the whole, would else work them out.
"""

from __future__ import annotations

from collections.abc import Callable

from queries.catalogue import Metric
from queries.privacy.cells import Keys, Table
from queries.privacy.guarded import ROUND, WITHHOLD
from queries.privacy.redact import ROUNDED, WITHHELD
from queries.privacy.rights import Scope
from queries.query import Filter, Query, Values
from queries.setting import Setting
from queries.statements.ground import NotAllowedError

Picked = dict[str, Values]
Made = Callable[[Query, Metric, Setting], Table]


def parted(query: Query, metric: Metric, scope: Scope, at: Setting, table: Made) -> dict[Keys, str]:
    """Cells of the query, by the values of `by` (the empty key for one figure), that part what is told together.

    Such cells are withheld; one that the break-down rounds is rounded. `table` makes the figures of a query.
    """
    picked = _picked(query, metric, scope, at)
    by = tuple(k for k in query.by if k not in picked)
    if not picked or len(by) < len(query.by) or any(k in at.ground.catalogue.unit_levels for k in by):
        return {}
    try:
        found = table(_beside(query, (*by, *picked), picked), metric, at)
    except (NotAllowedError, KeyError):
        return {}  # the viewer may not have it, or it is not held
    return _parted(found, by, picked)


def _picked(query: Query, metric: Metric, scope: Scope, at: Setting) -> Picked:
    """The restrictions that pick cells: of dimensions, and of places where a dimension cuts them or they are a list."""
    catalogue = at.ground.catalogue
    columns = at.ground.tables.get(f"m_{metric.key}", ())
    if catalogue.person_level not in columns or scope.self_only or scope.period is not None or not scope.people_min:
        return {}
    filters = query.about + query.where
    dims = {k: v for k, v in filters if k in catalogue.dimensions and (k in columns or k == "weekday")}
    groups = catalogue.unit_levels[1:]
    places = {k: v for k, v in filters if k in groups}
    lowest = catalogue.levels[0].within[:1]
    if any(k in lowest for k in places):
        places = {}
    small = any(k in groups[:-1] for k, _ in filters)
    cut = bool(dims) or any(k in catalogue.dimensions for k in query.by)
    wide = any(len(v.values) > 1 or v.exclude for v in places.values())
    if not cut or not (small or wide):
        return {}
    return dims | places


def _beside(query: Query, by: Keys, picked: Picked) -> Query:
    """The break-down whose cells the query picks from."""
    return query.with_(
        about=_without(query.about, picked), where=_without(query.where, picked), by=by, grain=None, compare=(),
        previous=None, peers=(), order=None, top=None, having=(), explain=None, target=None,
    )  # fmt: skip


def _without(entries: Filter, picked: Picked) -> Filter:
    return tuple((k, v) for k, v in entries if k not in picked)


def _parted(found: Table, by: tuple[str, ...], picked: Picked) -> dict[Keys, str]:
    """Withheld where the picked cells hold some of those told together and others of them are left out."""
    inside: dict[Keys, list[str]] = {}
    outside: set[Keys] = set()
    for cell in found.cells:
        at = dict(zip(found.names, cell.keys, strict=True))
        key = tuple(at[name] for name in by)
        if all((at[name] in values.values) != values.exclude for name, values in picked.items()):
            inside.setdefault(key, []).append(cell.verdict)
        elif cell.withheld:
            outside.add(key)
    marks: dict[Keys, str] = {}
    for key, verdicts in inside.items():
        hidden = any(v in WITHHELD for v in verdicts)
        if hidden and (key in outside or len(verdicts) == 1):
            marks[key] = WITHHOLD
        elif verdicts == [ROUNDED]:
            marks[key] = ROUND
    return marks
