"""The customer master: who lives where, with what products; everything a pure function of the customer number.

A customer is a number g in [0, size); areas hold consecutive ranges. Customers who come with a new
installation have numbers from NEW on. The id in the files is a scrambled g.
"""

from __future__ import annotations

import numpy as np

from data.sample.base import Arr, mix, unit
from data.sample.company import CUSTOMERS, Place

NEW = 1 << 40
_MOD = 67_108_859  # a prime above every size allowed
_STEP = 28_657_171
STRATA = 64


class Customers:
    """The customers of the areas of one company."""

    def __init__(self, seed: int, size: int, places: list[Place]) -> None:
        if not 1000 <= size <= 60_000_000:
            raise ValueError("customers must be between 1,000 and 60,000,000")
        self.seed, self.size, self.places = seed, size, places
        weight = np.array([CUSTOMERS[p.density] for p in places], dtype=float)
        self.start = np.concatenate([[0], np.floor(np.cumsum(weight / weight.sum()) * size).astype(np.int64)])
        self.start[-1] = size
        self.share = np.diff(self.start) / size

    def area(self, g: Arr) -> Arr:
        """Area of the address; customers that came with an installation carry it in their number."""
        old = np.searchsorted(self.start, g, side="right") - 1
        return np.where(g >= NEW, (g - NEW) % 64, old)

    def ids(self, g: Arr) -> Arr:
        """customer_id in the files."""
        old = 10_000_000 + (g % _MOD * _STEP + self.seed * 7919) % _MOD
        return np.where(g >= NEW, 100_000_000 + (g - NEW) // 64, old)

    def segment(self, g: Arr) -> Arr:
        """0 home, 1 small business, 2 business."""
        return np.searchsorted([0.86, 0.96], unit(g, 101), side="right")

    def product(self, g: Arr) -> Arr:
        """Position in company.PRODUCTS of the main product."""
        edges = np.cumsum([0.22, 0.20, 0.07, 0.06, 0.09, 0.10, 0.15])
        return np.searchsorted(edges, unit(g, 102), side="right")

    def reachable(self, g: Arr) -> Arr:
        return unit(g, 103) < 0.95

    def no_contact(self, g: Arr) -> Arr:
        """Opted out of messages."""
        return unit(g, 104) < 0.025

    def pays(self, g: Arr) -> Arr:
        return unit(g, 105) < 0.86

    def since(self, g: Arr) -> Arr:
        """Day number of active_since (customers of the take-over): between 12 years ago and 2025-06-30."""
        return 20269 - (unit(g, 106) ** 1.5 * 4400).astype(np.int64)

    def language(self, g: Arr) -> Arr:
        """0 EN, 1 DE, 2 PT, 3 EL."""
        return np.searchsorted([0.55, 0.8, 0.9], unit(g, 107), side="right")

    def ani(self, g: Arr) -> Arr:
        """Number hash, 12 hexadecimal figures as a whole number (households share a number now and then)."""
        return (mix(np.where(unit(g, 108) < 0.03, g ^ 1, g), 109) >> np.uint64(16)).astype(np.int64)

    def draw(self, draw: np.random.Generator, area: int, stratum: int, strata: int, n: int, skew: float = 0.0) -> Arr:
        """n different customers of an area with g % strata == stratum: nobody is drawn twice within strata days.

        skew > 0 makes some customers come much oftener than others (chance falls as x^-skew).
        """
        low, high = int(self.start[area]), int(self.start[area + 1])
        first = low + (stratum - low) % strata
        m = max(0, (high - first + strata - 1) // strata)
        if m == 0:
            return np.full(n, low, dtype=np.int64)
        n_free = min(n, m)
        if skew:
            x = (np.arange(m) + 0.5) / m
            key = np.log(draw.random(m)) * x**skew
            chosen = np.argpartition(-key, n_free - 1)[:n_free]
            chosen = draw.permutation(chosen)
        else:
            chosen = draw.choice(m, n_free, replace=False)
        if n > m:
            chosen = np.concatenate([chosen, draw.integers(m, size=n - m)])
        return np.asarray(first + chosen.astype(np.int64) * strata)
