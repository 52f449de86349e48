"""Plain figures: one number, a break-down or a series, with what it is compared to, from one statement each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from queries.catalogue import Metric
from queries.figures import Figure, figure, is_rate
from queries.privacy import redact
from queries.privacy.behind import at_work, counted_as, one_left
from queries.privacy.cells import Cell, Keys, Table
from queries.privacy.guarded import ROUND, WITHHOLD, Guarded, guarded, thin_cells
from queries.privacy.rights import Refusal, Scope
from queries.privacy.siblings import parted
from queries.query import Query, earlier_query
from queries.setting import Setting
from queries.statements import sql
from queries.statements.ground import NotAllowedError, Statement, allowed

BUCKET = "bucket"
FEW_CASES = 50
"""Cells of fewer cases may be those of a few people, at any level: then these are counted."""


def table(query: Query, metric: Metric, at: Setting, whole: bool = True) -> Table:
    """Run the statements of a question about one metric; with the figure of all cells together, unless told not to.

    Raises:
        NotAllowedError: the rights do not allow it.
        KeyError: the metric has no roll-up here.
    """
    names = (*query.by, *((BUCKET,) if query.grain else ()))
    safe = guarded_once(query, metric, allowed(query, at.ground, at.viewer), at)
    query = safe.query
    statement, found = _run(query, metric, names, at)
    statements, before, then = [statement], {}, None
    if "previous" in query.compare and query.previous is not None:
        asked = earlier_query(query)
        then_safe = guarded_once(asked, metric, statement.scope, at)
        earlier, old = _run(then_safe.query, metric, names, at)
        before, then = _verdicts(old, names, earlier.scope, then_safe, metric, at), earlier.period
        statements.append(earlier)
    company, parts, used = _company(query, metric, at) if "company" in query.compare else (None, {}, [])
    cells = _cells(_verdicts(found, names, statement.scope, safe, metric, at), before)
    together, more = _whole(query, metric, names, cells, at) if whole else (None, [])
    used = [*statements, *used, *more]
    side = query.side_of(metric.key)
    return Table(metric, side, names, cells, together, company, tuple(used), statement.period, then, parts)


def overlaps(query: Query, metric: Metric) -> bool:
    """Whether a case can be in several parts at once, so that all together are more than everything."""
    return metric.over is not None and not any(k == metric.over for k, _ in query.where)


def _mark(what: str, query: Query, scope: Scope, at: Setting) -> Keys:
    """What the guard's verdict depends on, beside the store version."""
    return what, query, scope.people_min, scope.self_only, scope.period, at.today


def guarded_once(query: Query, metric: Metric, scope: Scope, at: Setting) -> Guarded:
    """The guard's verdict, kept with the store version: it is the same for everybody of this scope.

    Raises:
        NotAllowedError: there is no span that may be told.
    """

    def verdict() -> Guarded | NotAllowedError:
        try:
            return guarded(query, metric, scope, at)
        except NotAllowedError as refused:
            return refused

    found = at.shelf.recent(_mark("guarded", query, scope, at), verdict)
    if isinstance(found, NotAllowedError):
        raise NotAllowedError(found.refusal)
    return found


def _run(query: Query, metric: Metric, names: tuple[str, ...], at: Setting) -> tuple[Statement, dict[Keys, Figure]]:
    known = None if query.by else at_work(query, metric, allowed(query, at.ground, at.viewer), at)
    statement = sql.compile(query, metric.key, at.ground, at.viewer, count_people=False if known else None)
    rows = at.shelf.run(statement)
    few = any("people" not in row and 0 < (row["n"] or 0) < FEW_CASES for row in rows)
    if few and known is None and statement.scope.people_min:
        statement = sql.compile(query, metric.key, at.ground, at.viewer, count_people=True)
        rows = at.shelf.run(statement)
    side, found = query.side_of(metric.key), {}
    for row in rows:
        keys = tuple(row[name] for name in names)
        behind = dict(zip(("people", "biggest"), known(keys), strict=True)) if known else {}
        found[keys] = figure(metric, side, row | behind)
    return statement, found


def _company(
    query: Query, metric: Metric, at: Setting
) -> tuple[Figure | None, Mapping[Any, Figure], Sequence[Statement]]:
    """The whole company's figure for the same restrictions and days, the same for all viewers; or that of each part."""
    plain = sql.whole(query)
    try:
        if metric.over in query.by:
            found = table(plain.with_(by=(metric.over,)), metric, at, whole=False)
            return None, {c.keys[0]: c.figure for c in found.cells if not c.withheld}, found.statements
        statement = sql.compile(plain, metric.key, at.ground, at.viewer)
    except NotAllowedError:
        return None, {}, []
    rows = at.shelf.run(statement)
    return (figure(metric, query.side_of(metric.key), rows[0]) if rows else None), {}, [statement]


def _verdicts(
    found: dict[Keys, Figure], names: tuple[str, ...], scope: Scope, safe: Guarded, metric: Metric, at: Setting
) -> dict[Keys, Cell]:
    """Each figure with what may be shown of it; cells of people known by right are open."""
    query = safe.query
    person = at.ground.catalogue.person_level
    by_person = names.index(person) if person in names else None
    named = any(key == person for key, _ in query.about)
    thin = at.shelf.recent(_mark("thin", query, scope, at), lambda: _thin(query, metric, scope, at))
    width = len(names)
    tallies: list[redact.Tally] = []
    for keys, one in found.items():
        known = named or (by_person is not None and keys[by_person] is not None)
        people, biggest = _behind(keys, names, one, query, at)
        units = [(n, str(v)) for n, v in zip(names, keys, strict=True) if n in at.ground.catalogue.unit_levels and v]
        units = units or [(k, c) for k, v in query.about if not v.exclude and len(v.values) == 1 for c in v.values]
        told_of_one = not scope.self_only and any(one_left(level, code, scope, at) for level, code in units)
        mark = thin.get(keys[:width]) or (ROUND if safe.rounded or told_of_one else None)
        if told_of_one and people is None:
            people = scope.round_below
        people = people if people is None else counted_as(people, mark, scope)
        tallies.append(redact.Tally(keys, one.n, people, biggest, open=known))
    verdicts = redact.redact(tallies, scope, _parents(names, at))
    side = query.side_of(metric.key)
    return {
        keys: Cell(keys, rounded(metric, side, one) if verdict == redact.ROUNDED else one, None, verdict)
        for (keys, one), verdict in zip(found.items(), verdicts, strict=True)
    }


def rounded(metric: Metric, side: str, one: Figure) -> Figure:
    """A figure of few people: whole percent (other units: two digits) and no counts; bare counts stay."""
    if one.value is None or one.cases is None:
        return one
    whole = redact.whole_percent if is_rate(metric, side) else redact.two_digits
    return replace(one, value=whole(one.value), count=None, cases=None)


def _thin(query: Query, metric: Metric, scope: Scope, at: Setting) -> dict[Keys, str]:
    """Cells that another span, or their siblings, would give away.

    Raises:
        NotAllowedError: the one figure asked for is such a cell.
    """
    alone = parted(query.with_(grain=None), metric, scope, at, partial(table, whole=False))
    if alone.get(()) == WITHHOLD:
        raise NotAllowedError(Refusal("too_small", {"least": scope.people_min}))
    return alone | thin_cells(query, metric, scope, at)


def _behind(
    keys: Keys, names: tuple[str, ...], one: Figure, query: Query, at: Setting
) -> tuple[int | None, float | None]:
    """People behind a cell: counted by the statement, or the staff of its units where the roll-up has no people."""
    if one.people is not None:
        return one.people, one.biggest
    if BUCKET not in names and not names and not query.about:
        return None, None
    codes = [(n, str(v)) for n, v in zip(names, keys, strict=True) if n in at.ground.catalogue.unit_levels and v]
    codes = codes or [(k, c) for k, v in query.about if not v.exclude for c in v.values]
    fewest = min((at.shelf.staff(level, code) for level, code in codes), default=0)
    return fewest or None, None


def _parents(names: tuple[str, ...], at: Setting) -> dict[int, Callable[[Any], Any]]:
    """For unit keys: the unit right above, so that only units of one parent are siblings."""
    found: dict[int, Callable[[Any], Any]] = {}
    for position, name in enumerate(names):
        level = at.ground.catalogue.level(name)
        if level is None:
            continue

        def above(code: Any, key: str = name) -> Any:
            unit = at.shelf.directory.units.get((key, str(code)))
            return tuple(sorted(unit.within.items())) if unit else None

        found[position] = above
    return found


def _cells(found: dict[Keys, Cell], before: dict[Keys, Cell]) -> tuple[Cell, ...]:
    """What is there now with what was there before; what is gone now has no cases."""
    cells = []
    for keys in [*found, *(keys for keys in before if keys not in found)]:
        old = before.get(keys)
        cell = found.get(keys, Cell(keys, Figure(None, None, None, 0)))
        cells.append(Cell(keys, cell.figure, _before(old), cell.verdict))
    return tuple(cells)


def _before(old: Cell | None) -> Figure | None:
    """An earlier figure as it may be shown: nothing when withheld."""
    return None if old is None or old.withheld else old.figure


def _whole(
    query: Query, metric: Metric, names: tuple[str, ...], cells: tuple[Cell, ...], at: Setting
) -> tuple[Cell | None, list[Statement]]:
    """The figure of all cells together: asked for on its own, since middles and distinct counts do not add up."""
    if not names:
        return (cells[0] if cells else None), []
    person = at.ground.catalogue.person_level
    if any(cell.withheld for cell in cells) or person in names:
        return None, []
    plain = query.with_(by=(), grain=None, order=None, top=None, having=(), explain=None)
    try:
        together = table(plain.with_(compare=tuple(c for c in query.compare if c == "previous")), metric, at)
    except NotAllowedError:
        return None, []
    whole = together.cells[0] if together.cells and not together.cells[0].withheld else None
    return whole, list(together.statements)
