"""Change over time: streaks, personal best, most improved, what moved and why, cohorts that are still settling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from queries.fairness.fair import Fair
from queries.fairness.mix import Array, share
from queries.fairness.standing import Flags
from queries.periods import Period

MILESTONES = (52, 26, 13, 8, 4)
Z_BEST, Z_IMPROVED, Z_MOVED, Z_WORSE = 1.28, 1.64, 2.0, 1.96
NEWCOMER_DAYS, BEST_WEEKS = 91, 4


def prior_period(today: date, weeks: int = 26) -> Period:
    """The weeks from which the prior strength of today's quarter is learned: those before its first Monday.

    Frozen for the quarter, because a yardstick must not move weekly (rules, section 5).

    >>> prior_period(date(2026, 11, 18)).to_json()
    {'from': '2026-03-30', 'to': '2026-09-28'}
    """
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    monday = first - timedelta(days=first.weekday())
    return Period(monday - timedelta(weeks=weeks), monday)


def is_newcomer(since: date | None, today: date) -> bool:
    """Whether somebody is in the first 13 weeks in the role: not in lists."""
    return since is not None and (today - since).days < NEWCOMER_DAYS


def matured(period: Period, today: date, after_days: int) -> Period | None:
    """The part of a period whose cases are old enough to count; None when all of it is still settling.

    >>> matured(Period(date(2026, 10, 1), date(2026, 11, 1)), date(2026, 11, 18), 30).last
    datetime.date(2026, 10, 18)
    """
    end = min(period.end, today - timedelta(days=after_days - 1)) if after_days else period.end
    return Period(period.start, end) if end > period.start else None


def last_matured_week(today: date, after_days: int) -> Period:
    """The newest whole week whose cases have all matured."""
    end = today - timedelta(days=max(0, after_days - 1))
    monday = end - timedelta(days=end.weekday())
    return Period(monday - timedelta(days=7), monday)


def streak(on_standard: Sequence[bool | None]) -> int:
    """How many weeks, oldest first, up to the last one on or above the standard; None = no work, the streak pauses.

    >>> streak([True, False, True, None, True]), streak([True, False])
    (2, 0)
    """
    count = 0
    for week in reversed(on_standard):
        if week is False:
            break
        count += week is True
    return count


def milestone(weeks: int) -> int:
    """The milestone that a streak has reached: 4, 8, 13, 26 or 52 weeks; 0 before the first."""
    return next((m for m in MILESTONES if weeks >= m), 0)


@dataclass(frozen=True)
class Best:
    """Four weeks of somebody's own year: `start` = index of the first week, rate and cases, and z against the year."""

    start: int
    value: float
    n: float
    z: float
    is_now: bool
    clear: bool
    """z >= 1.28: more than a lucky month."""


def personal_best(x: Array, n: Array, better: int, place_from: float) -> Best | None:
    """The best own four weeks in a run of weeks (up to 52), with enough cases; None when no four weeks have them.

    x, n: events and cases a week, oldest first. Four weeks against the whole run: z of two binomial rates.
    """
    if len(n) < BEST_WEEKS:
        return None
    kernel = np.ones(BEST_WEEKS)
    cases, events = np.convolve(n, kernel, "valid"), np.convolve(x, kernel, "valid")
    enough = cases >= max(1.0, place_from)
    if not enough.any():
        return None
    goodness = np.where(enough, better * share(events, cases), -np.inf)
    start = int(len(goodness) - 1 - np.argmax(goodness[::-1]))
    rate, whole = float(events[start] / cases[start]), float(x.sum() / n.sum())
    error = math.sqrt(whole * (1 - whole) / float(cases[start]))
    z = better * (rate - whole) / error if error > 0 else 0.0
    return Best(start, rate, float(cases[start]), z, start == len(goodness) - 1, z >= Z_BEST)


@dataclass(frozen=True)
class Improvement:
    """Per unit: the change that the start does not explain (turned so that more is better), its z, and who is clear."""

    residual: Array
    z: Array
    clear: Flags


def improved(now: Fair, before: Fair) -> Improvement:
    """Improvement beyond what the start level predicts: the residual of now on before among peers, z >= 1.64.

    Low starts rise by themselves (regression to the mean, Linden 2013, BMC MRM 13:119), so the plain numbers now
    are regressed on those before, weighted by cases; the error is the larger of what sampling and what the
    peers' own scatter give. Both boards hold the same units in the same order.
    """
    y, x = now.better * now.plain, before.better * before.plain
    weights = np.sqrt(np.maximum(now.n * before.n, 0.0))
    total = float(weights.sum())
    if len(y) < 3 or total <= 0:
        zero = np.zeros(len(y))
        return Improvement(zero, zero, zero > 0)
    mean_x, mean_y = float((weights * x).sum()) / total, float((weights * y).sum()) / total
    spread = float((weights * (x - mean_x) ** 2).sum())
    slope = float((weights * (x - mean_x) * (y - mean_y)).sum()) / spread if spread > 0 else 0.0
    residual = y - mean_y - slope * (x - mean_x)
    sampling = _sampling(now) + slope**2 * _sampling(before)
    scatter = float((weights * residual**2).sum()) / total * len(y) / max(1, len(y) - 2)
    z = residual / np.sqrt(np.maximum(np.maximum(sampling, scatter), 1e-18))
    return Improvement(residual, z, (z >= Z_IMPROVED) & (y > x))


def _sampling(fair: Fair) -> Array:
    """The variance of the plain number from a unit's own cases."""
    spread = fair.variance * (fair.n + fair.prior)
    found: Array = spread / np.maximum(fair.n, 1.0)
    return found


def held_back(counter: Fair, before: Fair | None, standard: float | None) -> Flags:
    """Units whose counter-metric stands in the way: clearly worse than its standard, or moved > 2 z the wrong way."""
    root = np.sqrt(np.maximum(counter.variance, 1e-18))
    bad = np.zeros(len(counter.units), dtype=bool)
    if standard is not None:
        bad |= counter.better * (counter.value - standard) / root <= -Z_WORSE
    if before is not None:
        moved = counter.better * (counter.value - before.value)
        bad |= moved / np.sqrt(np.maximum(counter.variance + before.variance, 1e-18)) < -Z_MOVED
    return bad


def lifted_together(fair: Fair, standard: float, groups: Sequence[str]) -> list[str]:
    """The areas (or whatever `groups` names, one entry a unit) all of whose units are on or above the standard."""
    on = fair.better * (fair.value - standard) >= 0
    return sorted({g for g in groups if all(ok for ok, other in zip(on, groups, strict=True) if other == g)})


@dataclass(frozen=True)
class Part:
    """What one cell (unit, kind of work, cause) gave to a change: by a changed mix and by its own figure."""

    key: str
    mix: float
    own: float

    @property
    def both(self) -> float:
        return self.mix + self.own


def contributions(keys: Sequence[str], x0: Array, n0: Array, x1: Array, n1: Array) -> tuple[list[Part], float]:
    """Why a rate moved: per cell its mix and own part, largest first; they add up to the change, the second result.

    own_s = (w0 + w1) / 2 * (r1 - r0);  mix_s = (w1 - w0) * ((r0 + r1) / 2 - (R0 + R1) / 2)

    w = share of the cases, r = rate of the cell, R = rate of all. A cell without cases in one of the two spans has
    no own change there. (Kitagawa 1955, JASA 50:1168, symmetrical.)
    """
    total0, total1 = max(1e-12, float(n0.sum())), max(1e-12, float(n1.sum()))
    r0, r1 = share(x0, n0), share(x1, n1)
    r0, r1 = np.where(n0 > 0, r0, r1), np.where(n1 > 0, r1, r0)
    w0, w1 = n0 / total0, n1 / total1
    whole0, whole1 = float(x0.sum()) / total0, float(x1.sum()) / total1
    own = (w0 + w1) / 2 * (r1 - r0)
    mix = (w1 - w0) * ((r0 + r1) / 2 - (whole0 + whole1) / 2)
    parts = [Part(key, float(m), float(o)) for key, m, o in zip(keys, mix, own, strict=True)]
    return sorted(parts, key=lambda part: -abs(part.both)), whole1 - whole0
