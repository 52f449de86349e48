"""The prior strength of each metric and level: estimated on 26 weeks, frozen for the quarter."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from queries.catalogue import Metric
from queries.fairness import moments
from queries.fairness.moments import Prior
from queries.fairness.progress import prior_period
from queries.fairness.seen import Seen, cell_least, gathered
from queries.figures import is_rate
from queries.library import Shelf
from queries.periods import Period
from queries.query import Query
from queries.statements.ground import Field, Ground
from queries.statements.sql import compile_prior

WEEKS, WEEKS_LEAST, UNITS_LEAST = 26, 8, 10


def prior(metric: Metric, side: str, field: Field, ground: Ground, shelf: Shelf) -> Prior:
    """The prior of a metric among units of like kinds.

    By the method of moments on the 26 weeks before this quarter, so that the yardstick does not move from week to
    week. Where the store holds less than eight weeks of them: on the newest weeks held, up to 26. With fewer than
    ten units, or too little history: the catalogue's own.
    """
    quarter = ground.today.replace(month=(ground.today.month - 1) // 3 * 3 + 1, day=1)
    own_mirror = side == "mirror" and metric.mirror_of == "own"
    key = ("prior", metric.key, own_mirror, field.level, field.kinds, quarter)
    return shelf.keep(key, lambda: _estimated(metric, side, field, ground, shelf))


def _estimated(metric: Metric, side: str, field: Field, ground: Ground, shelf: Shelf) -> Prior:
    assumed = _assumed(metric, field.level, ground)
    period = _span(ground)
    if period is None or (metric.kind == "count" and "item" in ground.tables.get(f"m_{metric.key}", ())):
        return assumed
    query = Query((metric.key,), side=(side,), by=(field.level,), period=period)
    statement = compile_prior(query, metric.key, Field(field.level, field.kinds), ground)
    seen = gathered(shelf.fetch(statement), shelf.names(statement), cell_least(metric)).only(set())
    if int((seen.sums["den"] > 0).sum()) < UNITS_LEAST:
        return assumed
    return _moments(metric, side, seen)


def _moments(metric: Metric, side: str, seen: Seen) -> Prior:
    some = seen.sums["den"] > 0
    n, x, e = seen.sums["den"][some], seen.sums["num"][some], seen.expected[some]
    if is_rate(metric, side):
        if n.sum() and x.sum() / n.sum() > 0.5:
            x, e = n - x, n - e
        return moments.prior_of_rates(n, x, np.maximum(e, 1e-9))
    if metric.kind == "count":
        return moments.prior_of_counts(n, x, e)
    total, mean = seen.whole["den"], x / n
    if metric.kind == "median":
        sigma = max(1e-6, seen.whole["squares"] / total - (seen.whole["num"] / total) ** 2) ** 0.5
    else:
        sigma = float(metric.min_sample.get("assumed_sd") or 1.0)
    adjusted = mean - e / n + float(n @ mean) / float(n.sum())
    return moments.prior_of_averages(n, adjusted, sigma)


def _span(ground: Ground) -> Period | None:
    """The weeks to learn from, as far as they are held; the newest ones while a store is young."""
    first, last = ground.directory.first_day, ground.directory.last_day
    if first is None or last is None:
        return None
    wanted = prior_period(ground.today, WEEKS)
    before = Period(max(first, wanted.start), wanted.end)
    if before.days >= 7 * WEEKS_LEAST:
        return before
    end = last + timedelta(days=1)
    newest = Period(max(first, end - timedelta(weeks=WEEKS)), end)
    return newest if newest.days >= 7 * WEEKS_LEAST else None


def _assumed(metric: Metric, level: str, ground: Ground) -> Prior:
    people = level == ground.catalogue.person_level
    sample = metric.min_sample.get("person" if people else "group") or metric.min_sample.get("group") or {}
    return Prior(float(sample.get("prior") or 100.0), 1.0)
