"""The prior's strength from the spread between units, by the method of moments (rules, section 5).

Pure functions on arrays, as `fair`, with its notation; tau2 = the real variance between units beyond luck.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from queries.fairness.mix import Array, share

PRIOR_LEAST, PRIOR_MOST = 10.0, 5000.0
COUNTED_LEAST = 0.1
"""Exposures may be hundreds of cases."""


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
