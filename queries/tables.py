"""Plain figures: one number, a break-down or a series, with what it is compared to, from one statement each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from queries import sql
from queries.catalogue import Metric
from queries.figures import Figure, figure
from queries.library import Shelf
from queries.periods import Period
from queries.query import Query
from queries.rights import Scope
from queries.sql import Ground, NotAllowedError, Statement, whole
from queries.viewer import Viewer

Keys = tuple[Any, ...]


@dataclass(frozen=True)
class Cell:
    """One row: the values of the keys (the bucket of a series last) and its figures; `withheld` hides them all."""

    keys: Keys
    figure: Figure
    previous: Figure | None = None
    withheld: bool = False


@dataclass(frozen=True)
class Table:
    """The figures of one metric for one question."""

    metric: Metric
    side: str
    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    company: Figure | None
    statements: tuple[Statement, ...]
    period: Period
    previous: Period | None

    @property
    def scope(self) -> Scope:
        return self.statements[0].scope


def table(query: Query, metric: Metric, ground: Ground, shelf: Shelf, viewer: Viewer) -> Table:
    """Run the statements of a question about one metric.

    Raises:
        NotAllowedError: the rights do not allow it.
        KeyError: the metric has no roll-up here.
    """
    side = query.side_of(metric.key)
    statement = sql.compile(query, metric.key, ground, viewer)
    names = (*query.by, *(("bucket",) if query.grain else ()))
    found = _figures(metric, side, names, shelf.run(statement))
    statements, before, then = [statement], {}, None
    if "previous" in query.compare and query.previous is not None:
        earlier = sql.compile(_before(query), metric.key, ground, viewer)
        before, then = _figures(metric, side, names, shelf.run(earlier)), earlier.period
        statements.append(earlier)
    company = None
    if "company" in query.compare:
        company, used = company_figure(query, metric, ground, shelf, viewer)
        statements += used
    cells = [Cell(keys, one, before.get(keys), _withheld(one, keys, names, statement.scope, shelf, query))
             for keys, one in found.items()]  # fmt: skip
    return Table(metric, side, names, tuple(cells), company, tuple(statements), statement.period, then)


def _before(query: Query) -> Query:
    """The same question about the earlier period."""
    compare = tuple(c for c in query.compare if c != "previous")
    order = None if query.order == "most_improved" else query.order
    return query.with_(period=query.previous, previous=None, compare=compare, order=order)


def company_figure(
    query: Query, metric: Metric, ground: Ground, shelf: Shelf, viewer: Viewer
) -> tuple[Figure | None, list[Statement]]:
    """The whole company's figure for the same restrictions and days; the same for every viewer."""
    try:
        statement = sql.compile(whole(query), metric.key, ground, viewer)
    except NotAllowedError:
        return None, []
    rows = shelf.run(statement)
    return (figure(metric, query.side_of(metric.key), rows[0]) if rows else None), [statement]


def _figures(metric: Metric, side: str, names: tuple[str, ...], rows: list[dict[str, Any]]) -> dict[Keys, Figure]:
    return {tuple(row[name] for name in names): figure(metric, side, row) for row in rows}


def _withheld(one: Figure, keys: Keys, names: tuple[str, ...], scope: Scope, shelf: Shelf, query: Query) -> bool:
    if scope.self_only or not one.n:
        return False
    if scope.cases_min and one.n < scope.cases_min:
        return True
    person = shelf.catalogue.person_level
    named_person = person in names or any(k == person for k, _ in query.about)
    people = one.people
    if named_person or people is None or not people:
        return False
    return people < scope.people_min or (one.biggest or 0) > one.n / 2


def total_of(cells: tuple[Cell, ...]) -> Mapping[str, float]:
    """Sums over the cells, for figures that add up."""
    return {"count": sum(c.figure.count or 0 for c in cells), "cases": sum(c.figure.cases or 0 for c in cells)}
