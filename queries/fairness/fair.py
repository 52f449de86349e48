"""The fair number: what a unit's figure would be with everybody's mix of work, shrunk towards the whole by its luck.

Pure functions on arrays; no rows, no words, no rights. Notation as in the rules (section 5): unit i, mix cell s,
x = events on the rarer side, n = cases, p = rate of all, E = events expected with the unit's own mix, m = the prior
strength in cases. Rates are fractions. Arrays are one entry a unit unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from queries.fairness.mix import DIRECT_MOVES, Array, Cells, Index, direct, expected, share

Z90 = 1.6448536
LADDER = {"typical": 0.5, "top_quarter": 0.75, "top_tenth": 0.9}


@dataclass(frozen=True)
class Fair:
    """Fair numbers of units, in the metric's own unit and on the side asked for."""

    units: tuple[str, ...]
    value: Array
    """The fair number F."""
    variance: Array
    """Its variance V."""
    plain: Array
    """The plain number: events by cases, or the mean."""
    n: Array
    expected: Array
    """What the mix alone would give, as a rate or mean."""
    prior: float
    better: int
    """+1 when more is better, -1 when less is."""
    whole: float
    """The number of all units together."""
    shape: str = "normal"
    """How the doubt about F is shaped: `gamma` (rates), `counted` (the same, may pass 1), `mirrored` or `normal`."""

    @property
    def reliability(self) -> Array:
        """n / (n + m): the share of what is seen that is not luck (Adams, RAND 2009)."""
        return self.n / (self.n + self.prior)

    @property
    def low(self) -> Array:
        """The lower end of the 90 % interval."""
        return self.quantile(-Z90)

    @property
    def high(self) -> Array:
        """The upper end of the 90 % interval."""
        return self.quantile(Z90)

    def quantile(self, z: float) -> Array:
        """F at z standard deviations of its doubt; for rates by the cube root (Wilson, Hilferty 1931)."""
        if self.shape == "normal":
            return self.value + z * np.sqrt(self.variance)
        turned = -1.0 if self.shape == "mirrored" else 1.0
        rare, k = self._rare()
        root = np.maximum(0.0, 1 - 1 / (9 * k) + turned * z / (3 * np.sqrt(k)))
        found: Array = rare * root**3
        if self.shape == "counted":
            return found
        found = np.minimum(1.0, found)
        return 1 - found if self.shape == "mirrored" else found

    def z_of(self, figure: float) -> Array:
        """How many standard deviations of its doubt each F lies below a figure."""
        if self.shape == "normal":
            return (figure - self.value) / np.sqrt(np.maximum(self.variance, 1e-18))
        rare, k = self._rare()
        at = 1 - figure if self.shape == "mirrored" else figure
        z: Array = ((at / rare) ** (1 / 3) - 1 + 1 / (9 * k)) * 3 * np.sqrt(k)
        return -z if self.shape == "mirrored" else z

    def _rare(self) -> tuple[Array, Array]:
        """The fair rate on the rarer side, and its squared mean by variance."""
        rare = np.maximum(1e-12, 1 - self.value if self.shape == "mirrored" else self.value)
        return rare, rare**2 / np.maximum(self.variance, 1e-18)

    @property
    def goodness(self) -> Array:
        """The fair number, turned so that more is better."""
        return self.better * self.value

    @cached_property
    def ladder(self) -> Mapping[str, float]:
        """The goodness that half, a quarter and a tenth of the units reach."""
        reached = np.quantile(self.goodness, tuple(LADDER.values()))
        return dict(zip(LADDER, reached.tolist(), strict=True))

    def index(self, unit: str) -> int:
        return self.units.index(unit)

    def only(self, keep: NDArray[np.bool_] | Index) -> Fair:
        """The same for some of the units."""
        picked = np.flatnonzero(keep) if keep.dtype == np.bool_ else keep
        names = tuple(self.units[int(i)] for i in picked)
        value, variance, plain = self.value[picked], self.variance[picked], self.plain[picked]
        n, mix = self.n[picked], self.expected[picked]
        return Fair(names, value, variance, plain, n, mix, self.prior, self.better, self.whole, self.shape)


def rates(table: Cells, prior: float, better: int, reference: Cells | None = None, counted: bool = False) -> Fair:
    """Fair rates by the shrunk ratio of observed to expected (rules, section 5).

        a = m p;  R = (O + a) / (E + a);  F = min(1, p R);  V = p^2 (1 - p) (O + a) / (E + a)^2

    Worked on the rarer side and mirrored back. With `counted` the events are acts per case, which may pass 1:
    then there is no rarer side and V lacks the factor 1 - p (Poisson). Empirical Bayes shrinkage as in Robinson
    2015 and Lin, Louis, Paddock, Ridgeway 2006 (Bayesian Anal 1:915).
    """
    whole = reference or table
    total = float(whole.n.sum())
    p = float(whole.x.sum()) / total if total else 0.0
    n, x = table.totals
    return rates_of(table.units, n, x, expected(table, whole), p, prior, better, counted)


def rates_of(
    units: tuple[str, ...], n: Array, x: Array, e: Array, p: float, prior: float, better: int, counted: bool = False
) -> Fair:
    """The same from sums per unit: cases, events, events expected with the own mix; p is the rate of the whole."""
    mirror = not counted and p > 0.5
    if mirror:
        p, x, e = 1 - p, n - x, n - e
    a = prior * p
    bottom = np.maximum(e + a, 1e-12)
    value = p * (x + a) / bottom
    variance = p**2 * (1.0 if counted else 1 - p) * (x + a) / bottom**2
    if not counted:
        value = np.minimum(1.0, value)
    plain, mix = share(x, n), share(e, n)
    if mirror:
        value, plain, mix, p = 1 - value, 1 - plain, 1 - mix, 1 - p
    shape = "mirrored" if mirror else "counted" if counted else "gamma"
    return Fair(units, value, variance, plain, n, mix, prior, better, p, shape)


def averages(table: Cells, sigma: float, prior: float, better: int, reference: Cells | None = None) -> Fair:
    """Fair averages, scores or mean logarithms of hours; `table.x` holds sums of values.

        F = y + n / (n + m) * (y_i - expected_i);  V = sigma^2 / (n + m)

    sigma: spread of single cases. (Rules, section 5; m = sigma^2 / tau^2.)
    """
    whole = reference or table
    total = float(whole.n.sum())
    y = float(whole.x.sum()) / total if total else 0.0
    n, x = table.totals
    return averages_of(table.units, n, x, expected(table, whole), y, sigma, prior, better)


def averages_of(
    units: tuple[str, ...], n: Array, x: Array, e: Array, y: float, sigma: float, prior: float, better: int
) -> Fair:
    """The same from sums per unit: cases, sums of values, sums expected with the own mix; y is the mean of all."""
    mix, plain = share(e, n), share(x, n)
    value = y + n / (n + prior) * (plain - mix)
    return Fair(units, value, sigma**2 / (n + prior), plain, n, mix, prior, better, y)


def wilson(x: Array, n: Array, z: float = Z90) -> tuple[Array, Array]:
    """The plain interval of x of n, as fractions (Wilson 1927; Brown, Cai, DasGupta 2001, Stat Sci 16:101).

    >>> low, high = wilson(np.array([0.0]), np.array([25.0]))
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.0, 0.098)
    """
    n = np.maximum(n, 1e-12)
    centre = (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * np.sqrt(np.maximum(0.0, x * (n - x) / n) + z * z / 4)
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)


def moved(table: Cells, fair: Fair) -> NDArray[np.bool_]:
    """Units that the direct rate would move by more than 15 % of the list: a range only (rules, section 5)."""
    places = np.argsort(np.argsort(fair.value, kind="stable"), kind="stable")
    others = np.argsort(np.argsort(direct(table), kind="stable"), kind="stable")
    found: NDArray[np.bool_] = np.abs(places - others) > DIRECT_MOVES * len(fair.units)
    return found


def pooled(fair: Fair, keep: NDArray[np.bool_]) -> tuple[float, float]:
    """Fair number and variance of several units as one: weighted by cases."""
    n = fair.n[keep]
    total = float(n.sum())
    if total <= 0:
        return fair.whole, 0.0
    weights = n / total
    return float((weights * fair.value[keep]).sum()), float((weights**2 * fair.variance[keep]).sum())
