"""Middle values beside a comparison of medians: what is printed is a median, the fair number lies on its scale.

Comparing medians works on logarithms (see `contest`); their means are no medians. The plain numbers are therefore
fetched as they are defined, and the fair numbers stretched so that the whole company's is its median.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from queries.catalogue import Metric
from queries.fairness.board import Board
from queries.figures import Figure
from queries.library import Shelf
from queries.query import Query
from queries.statements import sql
from queries.statements.ground import Ground, Statement


@dataclass(frozen=True)
class Middles:
    """Medians: of units told by name, of the others of the field, of the units without a name, of the company."""

    units: dict[str, float]
    others: float | None
    rest: float | None
    company: float | None

    def scale(self, typical: float) -> float:
        """What brings the company's typical value (from logarithms) to its median."""
        return self.company / typical if self.company and typical > 0 else 1.0


def is_middle(metric: Metric, side: str) -> bool:
    return metric.kind == "median" and not (side == "mirror" and metric.mirror_of == "own")


def middles(
    query: Query, metric: Metric, statement: Statement, level: str, field: tuple[str, ...], own: Collection[str],
    ground: Ground, shelf: Shelf,
) -> Middles:  # fmt: skip
    """The medians of the units of a field; `own` are the asker's."""
    scope = statement.scope
    naming = scope.naming.get(level)
    by_name = field if naming is None or naming.everyone else tuple(c for c in naming.codes if c in field)

    def of(codes: tuple[str, ...], shown: tuple[str, ...]) -> dict[str | None, float]:
        made = sql.compile_middles(query, metric.key, level, codes, shown, ground, scope) if codes else None
        return {row[level]: row["value"] for row in shelf.run(made)} if made else {}

    named = of(field, by_name)
    units = {code: value for code, value in named.items() if code is not None}
    levels = ground.catalogue.levels
    everybody = tuple(u.code for u in shelf.directory.units_of(levels[-2].key))
    company = of_company(query, metric, levels[-2].key, everybody, ground, shelf, statement)
    others = of(tuple(c for c in field if c not in own), ()).get(None)
    return Middles(units, others, named.get(None), company)


def of_company(
    query: Query, metric: Metric, level: str, codes: tuple[str, ...], ground: Ground, shelf: Shelf, statement: Statement
) -> float | None:
    """The median of the whole company: of all its largest units together."""
    made = sql.compile_middles(query, metric.key, level, codes, (), ground, statement.scope)
    return next((row["value"] for row in shelf.run(made)), None)


def with_middles(found: Board, got: Middles, scale: float) -> Board:
    """The board with medians as plain numbers; those of units without a right to a name stay on the fair scale."""

    def plain(one: Figure, value: float | None) -> Figure:
        return replace(one, value=value if value is not None or one.value is None else one.value * scale)

    return replace(
        found,
        standings=tuple(
            replace(s, figure=plain(s.figure, got.units.get(s.code) if s.code else None)) for s in found.standings
        ),
        others=plain(found.others, got.others),
        rest=plain(found.rest, got.rest),
        company=plain(found.company, got.company),
    )
