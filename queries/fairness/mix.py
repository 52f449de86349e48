"""The mix of work: cases and events per unit and mix cell, and the events that a mix alone would bring.

Pure functions on arrays, as `fair`, with its notation: unit i, mix cell s, x = events, n = cases, p = rate of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]

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


def comparable(table: Cells, reference: Cells | None = None) -> NDArray[np.bool_]:
    """Units whose mix overlaps enough with the peers' for a fair place."""
    return overlap(table, reference) >= OVERLAP_LEAST
