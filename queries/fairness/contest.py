"""A comparison: which units, where each stands, where the asker's own is, and what the others do together.

The statistics are those of `fair` and `standing`; this module brings the rows of a `standings` statement into their
shape and picks the field: like kinds of work, the places named, no unit that is not compared.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.catalogue import Metric
from queries.fairness import fair as fairness
from queries.fairness import mix, standing
from queries.fairness.board import Board, Standing
from queries.fairness.fair import Fair
from queries.fairness.fields import field_of, own_codes
from queries.fairness.middles import is_middle, middles, with_middles
from queries.fairness.priors import prior
from queries.fairness.seen import Seen, cell_least, gathered
from queries.fairness.standing import Difference
from queries.fairness.storms import cells_apart, stormy
from queries.figures import Figure, better, figure, is_rate, standard
from queries.library import Shelf
from queries.query import Query
from queries.statements.ground import Field, Ground, Statement
from queries.statements.sql import compile_field
from queries.viewer import Viewer

Row = Mapping[str, Any]
RANGE_UNITS = 7
"""Fewer units than this: 15 % of the list is less than one place."""


def board(query: Query, metric: Metric, level: str, ground: Ground, shelf: Shelf, viewer: Viewer) -> Board:
    """Compare the units of a level on one metric.

    Raises:
        NotAllowedError: the rights do not allow it.
        KeyError: the metric has no roll-up here.
    """
    field, widened = field_of(query, level, shelf, viewer)
    if widened and viewer.work in metric.credited:  # their figures are no part of the others'
        field, widened = replace(field, kinds=(viewer.kind,), places=()), False
    statement = compile_field(query, metric.key, field, ground, viewer, shelf.salt)
    asked = Asked(query, metric, level, field, frozenset(own_codes(query, level, viewer)), statement)
    key = ("board", *asked.key, statement.scope.places, ground.today)
    found = shelf.recent(key, lambda: _made(asked, ground, shelf), lambda made: made.count)
    return replace(found, widened=widened, statement=statement)


@dataclass(frozen=True)
class Asked:
    """A comparison as it is asked of the store: who asks is in it only by what the statement may return."""

    query: Query
    metric: Metric
    level: str
    field: Field
    own: frozenset[str]
    statement: Statement

    @property
    def side(self) -> str:
        return self.query.side_of(self.metric.key)

    @property
    def key(self) -> tuple[Hashable, ...]:
        return self.metric.key, self.side, self.field, self.own, self.statement.shape, self.statement.parameters


def _made(asked: Asked, ground: Ground, shelf: Shelf) -> Board:
    """The board, from the rows of its statement."""
    statement, metric = asked.statement, asked.metric
    rows, names = shelf.fetch(statement), shelf.names(statement)
    seen = gathered(rows, names, cell_least(metric), cells_apart(shelf.catalogue))
    picked = seen.only(asked.own)
    if not is_middle(metric, asked.side) or not seen.whole["den"]:
        return _board(asked, picked, ground, shelf)
    codes = tuple(code for t in picked.tokens if (code := shelf.codes(asked.level).get(t)))
    got = middles(asked.query, metric, statement, asked.level, codes, asked.own, ground, shelf)
    scale = got.scale(float(np.expm1(seen.whole["num"] / seen.whole["den"])))
    return with_middles(_board(asked, picked, ground, shelf, scale), got, scale)


def _board(asked: Asked, seen: Seen, ground: Ground, shelf: Shelf, scale: float = 1.0) -> Board:
    metric, side, field, own = asked.metric, asked.side, asked.field, asked.own
    people = field.level == ground.catalogue.person_level
    strength = prior(metric, side, field, ground, shelf)
    everyone = fair_of(metric, side, seen, strength.m, scale)
    samples = [standing.sample(n, metric.min_sample, people) for n in seen.sums["den"].tolist()]
    enough = np.array([s in (standing.PLACE, standing.NAMED) for s in samples], dtype=bool)
    if everyone is not None and people and len(own) == 1:
        enough &= seen.overlap() >= mix.OVERLAP_LEAST
    placed = everyone.only(enough) if everyone is not None else None
    goal = standard(metric, side)
    mine = np.array([unit in own for unit in seen.units], dtype=bool)
    storm = stormy(seen, mine, ground.catalogue)
    tells = placed is not None and len(placed.units) > 1 and strength.tells(placed.n) and storm is None
    standings = _standings(metric, side, seen, own, everyone, samples)
    if placed is not None and len(placed.units):
        standings = _places(standings, placed, goal, tells and asked.statement.scope.places)
    way = better(metric, side) or -1
    standings.sort(key=lambda s: (s.fair is None, -way * (s.fair or 0.0), s.token))
    return Board(
        metric=metric,
        side=side,
        field=field,
        standings=tuple(standings),
        fair=placed,
        tokens=placed.units if placed is not None else (),
        others=_figure(metric, side, seen.summed(~mine)),
        rest=_figure(metric, side, seen.summed(np.array([unit is None for unit in seen.units], dtype=bool))),
        company=_figure(metric, side, seen.whole),
        typical=float(np.median(placed.value)) if placed and len(placed.units) >= standing.PLACED_LEAST else None,
        range_only=_range_only(seen, everyone),
        standard=goal,
        versus=_versus(everyone, mine, metric, side, goal),
        tells=tells,
        stormy=storm,
        widened=False,
        statement=asked.statement,
    )


def fair_of(metric: Metric, side: str, seen: Seen, m: float, scale: float = 1.0) -> Fair | None:
    """The fair numbers of the units seen, by their tokens; None without cases. `scale`: see `middles`.

    Rates by the shrunk ratio of observed to expected, averages and logs of medians by shrinkage of the mean.
    """
    total = seen.whole["den"]
    if not total or not seen.tokens:
        return None
    n, x, e = seen.sums["den"], seen.sums["num"], seen.expected
    p, way = seen.whole["num"] / total, better(metric, side)
    if side == "mirror" and metric.mirror_of == "complement":
        x, e, p = n - x, n - e, 1 - p
    if is_rate(metric, side) or metric.kind == "count":
        return fairness.rates_of(seen.tokens, n, x, e, p, m, way, counted=metric.kind == "count")
    variance = float(metric.min_sample.get("assumed_sd") or 1.0) ** 2
    if metric.kind == "median":
        variance = max(1e-6, seen.whole["squares"] / total - p * p)
    found = fairness.averages_of(seen.tokens, n, x, e, p, variance**0.5, m, way)
    return _from_logs(found, scale) if metric.kind == "median" else found


def _from_logs(found: Fair, scale: float) -> Fair:
    """Back from ln(1 + value): the typical value times `scale`, with its variance by the slope of exp."""
    value = np.expm1(found.value)
    slope = (1 + value) ** 2
    return replace(
        found,
        value=value * scale,
        variance=found.variance * slope * scale**2,
        plain=np.expm1(found.plain) * scale,
        expected=np.expm1(found.expected) * scale,
        whole=float(np.expm1(found.whole)) * scale,
    )


def _standings(
    metric: Metric, side: str, seen: Seen, own: Collection[str], everyone: Fair | None, samples: list[str]
) -> list[Standing]:
    rate = is_rate(metric, side)
    values = lows = highs = [None] * len(seen.tokens)
    if everyone is not None:
        low, high = everyone.low, everyone.high
        values = everyone.value.tolist()
        lows = (np.maximum(low, 0.0) if rate else low).tolist()
        highs = (np.minimum(high, 1.0) if rate else high).tolist()
    found = []
    for i, (code, token) in enumerate(zip(seen.units, seen.tokens, strict=True)):
        one = _figure(metric, side, seen.row(i))
        bounds = (values[i], lows[i], highs[i]) if one.n else (None, None, None)
        found.append(Standing(code, token, code in own, one, *bounds, sample=samples[i]))
    return found


def _figure(metric: Metric, side: str, row: Row) -> Figure:
    """The plain figure of a unit; of a median there is only the typical value here (see `medians`)."""
    if metric.kind == "median" and not (side == "mirror" and metric.mirror_of == "own"):
        mean = row["num"] / row["den"] if row.get("den") else None
        return figure(metric, side, {**row, "value": None if mean is None else float(np.expm1(mean))})
    if side == "mirror" and metric.mirror_of == "own":
        return figure(metric, side, {**row, "mirror": row.get("num")})
    return figure(metric, side, row)


def _places(standings: list[Standing], placed: Fair, goal: float | None, tells: bool) -> list[Standing]:
    """Places, tiers and the chance of beating the standard, for those with enough cases."""
    index = {token: i for i, token in enumerate(placed.units)}
    sure = standing.beats(placed, goal if goal is not None else float(np.median(placed.value)))
    tiers = standing.tiers(placed) if tells else None
    found = []
    for one in standings:
        i = index.get(one.token)
        if i is not None:
            place = standing.place(placed, i) if tells and one.code is not None else None
            tier = int(tiers[i]) + 1 if tiers is not None else None
            one = replace(one, beats=float(sure[i]), place=place, tier=tier)
        found.append(one)
    return found


def _range_only(seen: Seen, everyone: Fair | None) -> frozenset[str]:
    if everyone is None or len(seen.tokens) < RANGE_UNITS:
        return frozenset()
    flags = fairness.moved(seen.table, everyone)
    return frozenset(token for token, far in zip(seen.tokens, flags, strict=True) if far)


def _versus(
    everyone: Fair | None, mine: NDArray[np.bool_], metric: Metric, side: str, goal: float | None
) -> Difference | None:
    """Own units against all others, both fair; the others always without the own."""
    if everyone is None or not mine.any() or mine.all():
        return None
    if not everyone.n[mine].sum() or not everyone.n[~mine].sum():
        return None
    pair = fairness.pooled(everyone, mine), fairness.pooled(everyone, ~mine)
    return standing.difference(*pair, everyone.better, goal, points=is_rate(metric, side))
