"""The fair number: what a unit's figure would be with everybody's mix of work, shrunk towards the whole by its luck.

Pure functions on arrays; no rows, no words, no rights. Notation as in the rules (section 5): unit i, mix cell s,
x = events on the rarer side, n = cases, p = rate of all, E = events expected with the unit's own mix, m = the prior
strength in cases. Rates are fractions. Arrays are one entry a unit unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]

Z90 = 1.6448536
PRIOR_LEAST, PRIOR_MOST = 10.0, 5000.0
COUNTED_LEAST = 0.1
"""Exposures may be hundreds of cases."""
CELL_LEAST, CELLS_MOST = 200.0, 60
OVERLAP_LEAST, DIRECT_PRIOR, DIRECT_MOVES = 0.5, 20.0, 0.15


@dataclass(frozen=True)
class Cells:
    """Cases and events of every unit in every mix cell: two arrays of shape (units, cells)."""

    units: tuple[str, ...]
    n: Array
    x: Array

    @property
    def totals(self) -> tuple[Array, Array]:
        """Cases and events per unit."""
        return self.n.sum(axis=1), self.x.sum(axis=1)


def cells(units: Sequence[str], mixes: Sequence[str | None], n: Sequence[float], x: Sequence[float]) -> Cells:
    """Gather rows (unit, mix cell, cases, events) into a table; units come back sorted.

    Cells under 200 cases are merged into one, and no more than 60 are kept (rules, section 5).

    >>> cells(["b", "a", "a"], ["q", "q", "r"], [300, 100, 500], [3, 1, 5]).n
    array([[100., 500.],
           [300.,   0.]])
    """
    names = {unit: i for i, unit in enumerate(sorted(set(units)))}
    mix_names = {mix: s for s, mix in enumerate(dict.fromkeys(mixes))}
    rows = np.fromiter((names[u] for u in units), np.int64, len(units))
    columns = np.fromiter((mix_names[s] for s in mixes), np.int64, len(mixes))
    shape = (len(names), len(mix_names))
    flat = rows * shape[1] + columns
    size = shape[0] * shape[1]
    counts: Array = np.bincount(flat, np.asarray(n, float), size).reshape(shape).astype(float)
    events: Array = np.bincount(flat, np.asarray(x, float), size).reshape(shape).astype(float)
    return merged(Cells(tuple(names), counts, events))


def merged(table: Cells, least: float = CELL_LEAST, most: int = CELLS_MOST) -> Cells:
    """The table with small cells in one last column, so that no expected rate rests on a handful of cases."""
    sizes = table.n.sum(axis=0)
    large = np.flatnonzero(sizes >= least)
    if len(large) > most - 1:
        large = np.sort(large[np.argsort(-sizes[large], kind="stable")[: most - 1]])
    if len(large) == len(sizes):
        return table
    small = np.setdiff1d(np.arange(len(sizes)), large)

    def gather(values: Array) -> Array:
        return np.column_stack([values[:, large], values[:, small].sum(axis=1)])

    return Cells(table.units, gather(table.n), gather(table.x))


def share(x: Array, n: Array) -> Array:
    """x / n, 0 where there is no case."""
    found: Array = np.divide(x, n, out=np.zeros_like(x, dtype=float), where=n > 0)
    return found


def expected(table: Cells, reference: Cells | None = None) -> Array:
    """E_i = sum over s of n_is * p_s: events a unit would have with everybody's rate in each of its cells.

    `reference` is the whole that sets p_s (same cells); by default the units themselves. Indirect standardisation;
    inside peer groups of like work (Nicholl et al. 2013, BMC MRM 13:133).
    """
    whole = reference or table
    return table.n @ share(whole.x.sum(axis=0), whole.n.sum(axis=0))


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


@dataclass(frozen=True)
class Prior:
    """The strength of the prior, and the real spread between units that it comes from."""

    m: float
    tau2: float

    def tells(self, n: Array) -> bool:
        """Whether real differences can be seen at all: tau2 above 0 and reliability at the median n at least 0.3."""
        if self.tau2 <= 0 or not len(n):
            return False
        middle = float(np.median(n))
        return middle / (middle + self.m) >= 0.3


def prior_of_rates(n: Array, x: Array, e: Array | None = None) -> Prior:
    """m by the method of moments, from the units' rates over 26 weeks (rules, section 5).

        tau2 = max(0, (sum n (r_i - r)^2 - (N - 1) r (1 - r)) / (sum n - sum n^2 / sum n));  m = r (1 - r) / tau2 - 1

    With `e` (expected events) the rates are mix-adjusted first, r_i = r x_i / e_i, so that differences of mix do
    not pass for differences of work. m is kept within 10..5000.
    """
    total = float(n.sum())
    if len(n) < 2 or total <= 0:
        return Prior(PRIOR_MOST, 0.0)
    r = float(x.sum()) / total
    r = min(r, 1 - r) if r > 0.5 else r
    own = share(x, n) if e is None else float(x.sum()) / total * share(x, e)
    tau2 = _tau2(n, own, float(x.sum()) / total, r * (1 - r))
    return Prior(_strength(r * (1 - r), tau2, 1.0), tau2)


def prior_of_counts(n: Array, x: Array, e: Array) -> Prior:
    """The same for events per case without an upper bound (Poisson): m = r / tau2."""
    total = float(n.sum())
    if len(n) < 2 or total <= 0 or x.sum() <= 0:
        return Prior(PRIOR_MOST, 0.0)
    r = float(x.sum()) / total
    tau2 = _tau2(n, r * share(x, np.maximum(e, 1e-12)) * float(e.sum()) / float(x.sum()), r, r)
    return Prior(PRIOR_MOST if tau2 <= 0 else float(np.clip(r / tau2, COUNTED_LEAST, PRIOR_MOST)), tau2)


def prior_of_averages(n: Array, mean: Array, sigma: float) -> Prior:
    """The same for averages: m = sigma^2 / tau2."""
    total = float(n.sum())
    if len(n) < 2 or total <= 0:
        return Prior(PRIOR_MOST, 0.0)
    tau2 = _tau2(n, mean, float((n * mean).sum()) / total, sigma**2)
    return Prior(_strength(sigma**2, tau2, 0.0), tau2)


def _tau2(n: Array, own: Array, centre: float, within: float) -> float:
    bottom = float(n.sum() - (n**2).sum() / n.sum())
    if bottom <= 0:
        return 0.0
    return max(0.0, (float((n * (own - centre) ** 2).sum()) - (len(n) - 1) * within) / bottom)


def _strength(within: float, tau2: float, less: float) -> float:
    if tau2 <= 0:
        return PRIOR_MOST
    return float(np.clip(within / tau2 - less, PRIOR_LEAST, PRIOR_MOST))


def overlap(table: Cells, reference: Cells | None = None) -> Array:
    """sum over s of min(share of the unit, share of the peers): under 0.5 the work is too different to place."""
    whole = (reference or table).n.sum(axis=0)
    own = share(table.n, np.broadcast_to(table.n.sum(axis=1, keepdims=True), table.n.shape))
    found: Array = np.minimum(own, whole / max(1e-12, float(whole.sum()))).sum(axis=1)
    return found


def direct(table: Cells, reference: Cells | None = None) -> Array:
    """The shrunk direct rate sum over s of w_s (x_is + 20 p_s) / (n_is + 20), w_s = share of the peers' cases."""
    whole = reference or table
    n, x = whole.n.sum(axis=0), whole.x.sum(axis=0)
    cell = (table.x + DIRECT_PRIOR * share(x, n)) / (table.n + DIRECT_PRIOR)
    found: Array = cell @ (n / max(1e-12, float(n.sum())))
    return found


def moved(table: Cells, fair: Fair) -> NDArray[np.bool_]:
    """Units that the direct rate would move by more than 15 % of the list: a range only (rules, section 5)."""
    places = np.argsort(np.argsort(fair.value, kind="stable"), kind="stable")
    others = np.argsort(np.argsort(direct(table), kind="stable"), kind="stable")
    found: NDArray[np.bool_] = np.abs(places - others) > DIRECT_MOVES * len(fair.units)
    return found


def comparable(table: Cells, reference: Cells | None = None) -> NDArray[np.bool_]:
    """Units whose mix overlaps enough with the peers' for a fair place."""
    return overlap(table, reference) >= OVERLAP_LEAST


def log_hours(values: Array, counts: Array) -> tuple[float, float, float]:
    """n, sum and sum of squares of log(1 + value) over a value-count histogram: medians are compared on logs."""
    logs = np.log1p(np.maximum(values, 0.0))
    return float(counts.sum()), float((counts * logs).sum()), float((counts * logs**2).sum())


def pooled(fair: Fair, keep: NDArray[np.bool_]) -> tuple[float, float]:
    """Fair number and variance of several units as one: weighted by cases."""
    n = fair.n[keep]
    total = float(n.sum())
    if total <= 0:
        return fair.whole, 0.0
    weights = n / total
    return float((weights * fair.value[keep]).sum()), float((weights**2 * fair.variance[keep]).sum())
