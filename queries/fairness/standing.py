"""Where a unit stands: is a difference real, which places are possible, who is named, what the next step is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.fairness.fair import Fair
from queries.fairness.mix import Array

Flags = NDArray[np.bool_]

Z_CLEAR, Z_REAL, Z_ALERT = 1.28, 1.96, 2.58
NAMED_PROBABILITY = 0.80
PLACED_LEAST = 4
"""The unit itself and three others."""
PRACTICAL_POINTS, PRACTICAL_SHARE = 0.005, 0.05

SAME, EARLY, REAL, ABOUT = "no_difference", "too_early", "real", "about_the_same"


def phi(z: Array) -> Array:
    """The normal distribution function."""
    return np.fromiter((0.5 * (1.0 + math.erf(v / math.sqrt(2.0))) for v in z), float, len(z))


@dataclass(frozen=True)
class Difference:
    """Two figures compared: `verdict` is SAME, EARLY, REAL or ABOUT; `z` and `gap` are own minus other."""

    verdict: str
    z: float
    gap: float
    better: bool | None
    """Whether the own figure is the better one; None when neither or when it could be luck."""


def difference(
    own: tuple[float, float], other: tuple[float, float], better: int, standard: float | None = None,
    points: bool = True, clear: float = Z_REAL,
) -> Difference:  # fmt: skip
    """Whether own (F, V) and other (F, V) differ for real (rules, section 6).

    |z| < 1.28 no real difference; < 1.96 too early to be sure; from there real, if it is also at least half a
    point (`points`: rates) and 5 % of the standard. `clear`: 2.58 in alerts over more than 20 units.

    >>> difference((0.061, 0.07 * 0.93 / 260), (0.074, 0.07 * 0.93 / 260), -1, 0.05).verdict
    'no_difference'
    """
    gap = own[0] - other[0]
    spread = math.sqrt(own[1] + other[1])
    z = gap / spread if spread > 0 else 0.0
    if abs(z) < Z_CLEAR:
        return Difference(SAME, z, gap, None)
    ahead = better * gap > 0
    if abs(z) < clear:
        return Difference(EARLY, z, gap, ahead)
    least = max(PRACTICAL_POINTS if points else 0.0, PRACTICAL_SHARE * abs(standard) if standard else 0.0)
    return Difference(REAL if abs(gap) >= least else ABOUT, z, gap, ahead if abs(gap) >= least else None)


def smallest_visible(p: float, n: float, others: float = math.inf) -> float:
    """The difference between n cases and others' that a period could show at all: 1.96 sqrt(p (1 - p) (1/n + 1/n')).

    >>> round(100 * smallest_visible(0.07, 264), 1), round(100 * smallest_visible(0.07, 264, 264), 1)
    (3.1, 4.4)
    """
    return Z_REAL * math.sqrt(p * (1 - p) * (1 / max(n, 1.0) + 1 / others)) if n > 0 else math.inf


def clearly_better(fair: Fair, i: int, z: float = Z_CLEAR) -> tuple[Flags, Flags]:
    """Which units are clearly better than unit i, and which clearly worse."""
    score = (fair.goodness - fair.goodness[i]) / np.sqrt(fair.variance + fair.variance[i])
    score[i] = 0.0
    return score > z, score < -z


@dataclass(frozen=True)
class Place:
    """A place range `low`-`high` of `of` (rounded down to tens from 20 on); joint when it holds more than one."""

    low: int
    high: int
    of: int

    @property
    def joint(self) -> bool:
        return self.high > self.low


def place(fair: Fair, i: int, round_from: int = 20) -> Place | None:
    """The possible places of unit i: 1 + clearly better ones to N - clearly worse ones (rules, section 7).

    None among fewer than four, and for a unit in the last tenth (unless it could as well be the first): nobody is
    told, or can work out, that they are last.
    """
    count = len(fair.units)
    better, worse = clearly_better(fair, i)
    low, high = 1 + int(better.sum()), count - int(worse.sum())
    end = count - max(1, math.ceil(count / 10))
    behind = int((fair.goodness > fair.goodness[i]).sum()) >= end
    if count < PLACED_LEAST or low > end or (behind and low != 1):
        return None
    of = rounded_units(count, round_from)
    return Place(min(low, of), max(min(low, of), min(high, of)), of)


def rounded_units(count: int, round_from: int = 20) -> int:
    """The number of units as it may be told.

    >>> rounded_units(12), rounded_units(128)
    (12, 120)
    """
    return count if count < round_from else count // 10 * 10


def tiers(fair: Fair) -> NDArray[np.int64]:
    """Tier per unit, 1 the best: a tier holds all that are not clearly worse (z > 1.28) than its first."""
    order = np.argsort(-fair.goodness, kind="stable")
    found = np.zeros(len(order), dtype=np.int64)
    tier, first = 0, -1
    for i in order:
        gap = math.inf if first < 0 else float(fair.goodness[first] - fair.goodness[i])
        spread = 1.0 if first < 0 else math.sqrt(float(fair.variance[first] + fair.variance[i]))
        if gap > Z_CLEAR * spread:
            tier, first = tier + 1, int(i)
        found[i] = tier
    return found


def beats(fair: Fair, standard: float) -> Array:
    """P(better than the standard) = Phi((standard - F) / sqrt V), turned for higher-is-better.

    For rates on the scale of the cube root, where the doubt is nearly normal.
    """
    return phi(-fair.better * fair.z_of(standard))


COUNTS, INTERVAL, PLACE, NAMED = "counts", "interval", "place", "named"


def sample(n: float, minimum: Mapping[str, Any], people: bool) -> str:
    """What n cases allow: COUNTS only, a rate with its INTERVAL, a PLACE range, or being NAMED (rules, section 8)."""
    group = minimum.get("group")
    bars = next((v for k, v in minimum.items() if isinstance(v, Mapping) and k != "group"), None) if people else group
    if n < float(minimum.get("counts_below") or 10):
        return COUNTS
    if not bars or n < float(bars["place"]):
        return INTERVAL
    return NAMED if n >= float(bars["named"]) else PLACE


def qualifies(fair: Fair, standard: float, named_from: float, fine: Flags | None = None) -> Flags:
    """Units that beat the standard: P >= 0.80, enough cases, and `fine` (counter-metrics, consent, no newcomer)."""
    found: Flags = (beats(fair, standard) >= NAMED_PROBABILITY) & (fair.n >= named_from)
    return found if fine is None else found & fine


def named_part(fair: Fair, standard: float, named_from: float, fine: Flags | None = None, most: int = 10) -> Flags:
    """Who is named in a list: of those who qualify the top tenth of all, at least one, at most ten.

    When the cut falls inside a tier, those with the surest lead over the standard stay.
    """
    good = qualifies(fair, standard, named_from, fine)
    room = max(1, min(most, len(fair.units) // 10))
    chosen = np.flatnonzero(good)
    sure = beats(fair, standard)[chosen]
    order = chosen[np.lexsort((-fair.goodness[chosen], -np.round(sure, 3)))][:room]
    found = np.zeros(len(good), dtype=bool)
    found[order] = True
    return found


def shown_top(fair: Fair, named: Flags, top: int | None) -> list[tuple[int, list[str]]]:
    """The named units in tiers, alphabetical inside each; with `top` the whole tiers that the number reaches into."""
    levels = tiers(fair)
    found: list[tuple[int, list[str]]] = []
    count = 0
    for tier in sorted({int(t) for t in levels[named]}):
        if top is not None and count >= top:
            break
        names = sorted(fair.units[i] for i in np.flatnonzero(named & (levels == tier)))
        found.append((len(found) + 1, names))
        count += len(names)
    return found


RUNGS = ("typical", "standard", "top_quarter", "top_tenth")


@dataclass(frozen=True)
class Step:
    """The next step: `rung` to reach, `value` of it, `count` fewer (or more) cases in four weeks, `half` of the way.

    `count` is None for averages, where `gap` in the metric's unit tells; `half` when the whole is more than a
    quarter of the events. `rung` is None when all rungs are reached.
    """

    rung: str | None
    value: float
    gap: float
    count: int | None = None
    half: int | None = None


def rungs(fair: Fair, standard: float | None) -> dict[str, float]:
    """The ladder: typical (median) -> standard -> top quarter -> top tenth, in the metric's unit.

    Among fewer than four there is the standard alone: a rung of theirs would be somebody's own figure.
    """
    reached = fair.ladder.items() if len(fair.units) >= PLACED_LEAST else ()
    ladder = {name: fair.better * good for name, good in reached}
    if standard is not None:
        ladder["standard"] = standard
    return {name: ladder[name] for name in RUNGS if name in ladder}


def next_step(
    fair: Fair, i: int, n_4weeks: float, standard: float | None, target: str | tuple[str, int] | None = None,
    counted: bool = True,
) -> Step:  # fmt: skip
    """The next rung that is not reached yet, in things to count: k = max(1, ceil(n_4weeks * gap)).

    Below the typical one aims at the typical, from there at the standard, the top quarter, the top tenth: one
    reference for all loses (Eyring and Narayanan 2018). More than a quarter of the own events: half the way too.
    """
    value = float(fair.value[i])
    ladder = rungs(fair, standard)
    if isinstance(target, tuple) and len(fair.units) < PLACED_LEAST:
        ladder = {}
    elif isinstance(target, tuple):
        wanted = max(1, min(target[1], len(fair.units)))
        ladder = {"place": fair.better * float(np.sort(-fair.goodness)[wanted - 1] * -1)}
    elif target is not None:
        ladder = {target: ladder[target]} if target in ladder else {}
    for rung, at in ladder.items():
        gap = fair.better * (at - value)
        if gap > 1e-12:
            return _step(rung, at, gap, value, n_4weeks, fair.better, counted)
    return Step(None, value, 0.0)


def _step(rung: str, at: float, gap: float, value: float, n: float, better: int, counted: bool) -> Step:
    if not counted:
        return Step(rung, at, gap)
    count = max(1, math.ceil(n * gap - 1e-9))
    events = n * (value if better < 0 else 1 - value)
    half = math.ceil(count / 2) if count > 2 and count > events / 4 else None
    return Step(rung, at, gap, count, half)


@dataclass(frozen=True)
class Limits:
    """Funnel limits around the standard at n cases: 95 % and 99.8 %."""

    low95: Array
    high95: Array
    low998: Array
    high998: Array


def funnel(x: Array, n: Array, standard: float) -> tuple[Limits, float]:
    """Binomial limits around the standard, widened for over-dispersion; and the factor phi they were widened by.

    phi = mean of the squared z, winsorised at 10 %, when above 1 (Spiegelhalter 2005, Stat Med 24:1185).
    """
    error = np.sqrt(standard * (1 - standard) / np.maximum(n, 1.0))
    z = (x / np.maximum(n, 1.0) - standard) / np.maximum(error, 1e-12)
    low, high = (np.quantile(z, 0.1), np.quantile(z, 0.9)) if len(z) else (0.0, 0.0)
    factor = max(1.0, float(np.mean(np.clip(z, low, high) ** 2))) if len(z) else 1.0
    wide = error * math.sqrt(factor)
    floor = np.zeros_like(wide)
    return Limits(
        np.maximum(floor, standard - 1.96 * wide), standard + 1.96 * wide,
        np.maximum(floor, standard - 3.09 * wide), standard + 3.09 * wide,
    ), factor  # fmt: skip


def bands(fair: Fair, standard: float) -> Sequence[str]:
    """`doing_well`, `as_expected` or `would_welcome_help` per unit: by P(better than the standard) of 0.8 and 0.2."""
    sure = beats(fair, standard)
    return ["doing_well" if p >= 0.8 else "would_welcome_help" if p <= 0.2 else "as_expected" for p in sure]
