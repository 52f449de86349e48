"""A comparison: which units, where each stands, where the asker's own is, and what the others do together.

The statistics are those of `fair` and `standing`; this module brings the rows of a `standings` statement into their
shape and picks the field: like kinds of work, the places named, no unit that is not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from queries import fair as fairness
from queries import standing
from queries.catalogue import Metric
from queries.directory import Unit
from queries.fair import Fair
from queries.figures import Figure, better, figure, is_rate, standard
from queries.library import Shelf
from queries.priors import prior
from queries.query import Query
from queries.sql import Field, Ground, Statement, compile_field
from queries.standing import Difference, Place
from queries.viewer import Viewer

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """One unit of a comparison. `code` is None when the viewer may not know which unit it is."""

    code: str | None
    token: str
    own: bool
    figure: Figure
    fair: float | None = None
    low: float | None = None
    high: float | None = None
    sample: str = standing.COUNTS
    place: Place | None = None
    tier: int | None = None
    beats: float = 0.0
    """P(better than the standard)."""
    recognised: bool = False


@dataclass(frozen=True)
class Board:
    """A finished comparison of one metric among the units of a field; `standings` are best first."""

    metric: Metric
    side: str
    field: Field
    standings: tuple[Standing, ...]
    fair: Fair | None
    """The units that have enough cases for a place."""
    tokens: tuple[str, ...]
    others: Figure
    """All units but the asker's own, summed."""
    company: Figure
    typical: float | None
    standard: float | None
    versus: Difference | None
    """The asker's own unit against the others; None without either."""
    tells: bool
    """False: what is seen could all be luck, so nobody has a place."""
    widened: bool
    statement: Statement

    @property
    def own(self) -> tuple[Standing, ...]:
        return tuple(s for s in self.standings if s.own)

    @property
    def count(self) -> int:
        return len(self.standings)


def board(query: Query, metric: Metric, level: str, ground: Ground, shelf: Shelf, viewer: Viewer) -> Board:
    """Compare the units of a level on one metric.

    Raises:
        NotAllowedError: the rights do not allow it.
        KeyError: the metric has no roll-up here.
    """
    field, widened = field_of(query, level, shelf, viewer)
    statement = compile_field(query, metric.key, field, ground, viewer, shelf.salt)
    rows = shelf.run(statement)
    side, own = query.side_of(metric.key), own_codes(query, level, viewer)
    kept = [row for row in rows if row["shown"] or row["unit"] in own]
    return _board(metric, side, field, widened, statement, kept, own, ground, shelf)


def own_codes(query: Query, level: str, viewer: Viewer) -> set[str]:
    """The units of the level that the question is about, or else the asker's own."""
    return {c for k, v in query.about if k == level for c in v.values} or set(viewer.own_of(level))


def field_of(query: Query, level: str, shelf: Shelf, viewer: Viewer) -> tuple[Field, bool]:
    """The fair field of a query; True when it had to be widened beyond the places named."""
    catalogue = shelf.catalogue
    home = catalogue.levels[0].within[0] if level == catalogue.person_level else level
    own = _homes(query, level, home, shelf, viewer)
    compared = "others" in query.compare or query.explain is not None
    kinds = tuple(sorted({u.kind for u in own if u.kind})) if compared else ()
    if not kinds:
        apart = set(catalogue.company.get("not_compared") or ())
        kinds = tuple(sorted({u.kind for u in shelf.directory.units_of(home)} - apart))
    about = tuple((k, v.values) for k, v in query.about if k != level and catalogue.level(k) and k != catalogue.whole)
    narrow = tuple((k, v.values) for k, v in query.peers if not v.exclude)
    field = Field(level, kinds, (*about, *narrow))
    least = int((catalogue.company.get("privacy") or {}).get("units_min", 3))
    if not compared or not narrow or _others(field, home, shelf, own) >= least:
        return field, False
    return replace(field, places=about), True


def _homes(query: Query, level: str, home: str, shelf: Shelf, viewer: Viewer) -> list[Unit]:
    """The units whose kind of work the asker's own figures belong to."""
    codes = list(own_codes(query, level, viewer))
    if level != home:
        codes = [shelf.directory.people[c].unit for c in codes if c in shelf.directory.people]
    found = [shelf.directory.units.get((home, c)) for c in codes]
    return [u for u in found if u is not None]


def _others(field: Field, home: str, shelf: Shelf, own: list[Unit]) -> int:
    mine = {u.code for u in own}
    return sum(
        u.code not in mine
        and u.kind in field.kinds
        and all((u.code if name == home else u.within.get(name)) in codes for name, codes in field.places)
        for u in shelf.directory.units_of(home)
    )


def _board(
    metric: Metric, side: str, field: Field, widened: bool, statement: Statement, rows: list[dict[str, Any]],
    own: set[str], ground: Ground, shelf: Shelf,
) -> Board:  # fmt: skip
    people = field.level == ground.catalogue.person_level
    strength = prior(metric, side, field, ground, shelf)
    everyone = fair_of(metric, side, rows, strength.m)
    samples = [standing.sample(float(row["den"] or 0), metric.min_sample, people) for row in rows]
    enough = np.array([s in (standing.PLACE, standing.NAMED) for s in samples], dtype=bool)
    placed = everyone.only(enough) if everyone is not None else None
    goal = standard(metric, side)
    tells = placed is not None and len(placed.units) > 1 and strength.tells(placed.n)
    standings = _standings(metric, side, rows, own, everyone, samples)
    if placed is not None and len(placed.units):
        standings = _places(standings, placed, goal, tells and statement.scope.places)
    way = better(metric, side) or -1
    standings.sort(key=lambda s: (s.fair is None, -way * (s.fair or 0.0), s.token))
    mine = [row for row in rows if row["unit"] in own]
    rest = [row for row in rows if row["unit"] not in own]
    whole = {k: rows[0][f"all_{k}"] for k in ("num", "den", "n")} if rows else {}
    return Board(
        metric=metric, side=side, field=field, standings=tuple(standings), fair=placed,
        tokens=placed.units if placed is not None else (),
        others=_figure(metric, side, _summed(rest)), company=_figure(metric, side, whole),
        typical=float(np.median(placed.value)) if placed is not None and len(placed.units) else None,
        standard=goal, versus=_versus(everyone, mine, metric, side, goal), tells=tells, widened=widened,
        statement=statement,
    )  # fmt: skip


def fair_of(metric: Metric, side: str, rows: list[dict[str, Any]], m: float) -> Fair | None:
    """The fair numbers of the rows of a `standings` statement, units by their tokens; None without cases.

    Rates by the shrunk ratio of observed to expected, averages and logs of medians by shrinkage of the mean.
    """
    total = float(rows[0]["all_den"] or 0) if rows else 0.0
    if not total:
        return None
    units = tuple(str(row["token"]) for row in rows)
    n, x, e = (np.array([float(row[k] or 0) for row in rows]) for k in ("den", "num", "expected"))
    p, way = float(rows[0]["all_num"] or 0) / total, better(metric, side)
    complement = side == "mirror" and metric.mirror_of == "complement"
    if complement:
        x, e, p = n - x, n - e, 1 - p
    if is_rate(metric, side) or metric.kind == "count":
        return fairness.rates_of(units, n, x, e, p, m, way, counted=metric.kind == "count")
    variance = float(metric.min_sample.get("assumed_sd") or 1.0) ** 2
    if metric.kind == "median":
        variance = max(1e-6, float(rows[0]["all_squares"]) / total - p * p)
    found = fairness.averages_of(units, n, x, e, p, variance**0.5, m, way)
    return _from_logs(found) if metric.kind == "median" else found


def _from_logs(found: Fair) -> Fair:
    """Back from ln(1 + value): the typical value, with its variance by the slope of exp."""
    value = np.expm1(found.value)
    slope = (1 + value) ** 2
    return replace(
        found, value=value, variance=found.variance * slope, plain=np.expm1(found.plain),
        expected=np.expm1(found.expected), whole=float(np.expm1(found.whole)),
    )  # fmt: skip


def _standings(
    metric: Metric, side: str, rows: list[dict[str, Any]], own: set[str], everyone: Fair | None, samples: list[str]
) -> list[Standing]:
    found = []
    for i, row in enumerate(rows):
        one = Standing(row["unit"], row["token"], row["unit"] in own, _figure(metric, side, row), sample=samples[i])
        if everyone is not None and one.figure.n:
            low, high = float(everyone.low[i]), float(everyone.high[i])
            bounds = (max(0.0, low), min(1.0, high)) if is_rate(metric, side) else (low, high)
            one = replace(one, fair=float(everyone.value[i]), low=bounds[0], high=bounds[1])
        found.append(one)
    return found


def _figure(metric: Metric, side: str, row: Row) -> Figure:
    """The plain figure of a unit; of a median there is only the typical value here (see `medians`)."""
    if metric.kind == "median" and not (side == "mirror" and metric.mirror_of == "own"):
        mean = row["num"] / row["den"] if row.get("den") else None
        return figure(metric, side, {"n": row.get("n"), "value": None if mean is None else float(np.expm1(mean))})
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


def _versus(
    everyone: Fair | None, mine: list[dict[str, Any]], metric: Metric, side: str, goal: float | None
) -> Difference | None:
    """Own units against all others, both fair; the others always without the own."""
    if everyone is None or not mine or len(mine) == len(everyone.units):
        return None
    own = np.isin(np.array(everyone.units), [row["token"] for row in mine])
    if not everyone.n[own].sum() or not everyone.n[~own].sum():
        return None
    pair = fairness.pooled(everyone, own), fairness.pooled(everyone, ~own)
    return standing.difference(*pair, everyone.better, goal, points=is_rate(metric, side))


def _summed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: sum(float(r[key] or 0) for r in rows) for key in ("num", "den", "n")}
