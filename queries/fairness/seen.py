"""What a `standings` statement returned, as arrays: units, their sums, and the events expected with their mix."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.catalogue import Metric
from queries.fairness import mix
from queries.fairness.mix import Array, Cells

SUMS = ("num", "den", "n", "squares")


@dataclass(frozen=True)
class Seen:
    """Units of a field with their work per mix cell; the whole company's work per cell beside it."""

    units: tuple[str | None, ...]
    """Codes, None where the viewer may not know which unit it is."""
    tokens: tuple[str, ...]
    sums: Mapping[str, Array]
    """num, den, n and squares per unit."""
    behind: tuple[tuple[int, float] | None, ...]
    """People and the rows of the busiest of them, where the statement counts them."""
    table: Cells
    """Cases and events per unit and (pooled) mix cell."""
    reference: Cells
    """The same of the whole company."""
    whole: Mapping[str, float]
    shown: NDArray[np.bool_]
    apart: Array
    """Cases per unit in mix cells of days that are not ranked (storms)."""

    @cached_property
    def expected(self) -> Array:
        return mix.expected(self.table, self.reference)

    def overlap(self) -> Array:
        """How much of the work's mix each unit has in common with the units compared."""
        peers = Cells(("peers",), self.table.n.sum(axis=0, keepdims=True), self.table.x.sum(axis=0, keepdims=True))
        return mix.overlap(self.table, peers)

    def row(self, i: int) -> dict[str, Any]:
        """The sums of one unit."""
        found: dict[str, Any] = {name: float(values[i]) for name, values in self.sums.items()}
        behind = self.behind[i]
        return found if behind is None else found | {"people": behind[0], "biggest": behind[1]}

    def summed(self, keep: NDArray[np.bool_]) -> dict[str, float]:
        """The sums of several units together."""
        return {name: float(values[keep].sum()) for name, values in self.sums.items()}

    def only(self, own: Collection[str]) -> Seen:
        """The units of the field, and the own ones even outside of it."""
        keep = np.array([bool(s) or u in own for s, u in zip(self.shown, self.units, strict=True)], dtype=bool)
        if keep.all():
            return self
        picked = [int(i) for i in np.flatnonzero(keep)]
        return Seen(
            units=tuple(self.units[i] for i in picked),
            tokens=tuple(self.tokens[i] for i in picked),
            sums={name: values[keep] for name, values in self.sums.items()},
            behind=tuple(self.behind[i] for i in picked),
            table=Cells(tuple(self.tokens[i] for i in picked), self.table.n[keep], self.table.x[keep]),
            reference=self.reference,
            whole=self.whole,
            shown=self.shown[keep],
            apart=self.apart[keep],
        )


def cell_least(metric: Metric) -> float:
    """The fewest cases of a mix cell of its own; exposures of counts are hundreds of cases."""
    return mix.CELL_LEAST / 100 if metric.kind == "count" else mix.CELL_LEAST


def gathered(
    rows: Sequence[tuple[Any, ...]], names: Sequence[str], least: float = mix.CELL_LEAST,
    apart: Sequence[str] = (),
) -> Seen:  # fmt: skip
    """The rows of a `standings` statement as arrays; the rest of the company counts in the reference only.

    Mix cells with fewer than `least` cases are put together; those `apart` are counted beside.
    """
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    tokens = [token or "" for token in columns["token"]]
    at = {token: i for i, token in enumerate(dict.fromkeys(t for t in tokens if t))}
    cell = {mix: i for i, mix in enumerate(dict.fromkeys(columns["mix"]))}
    width, rest = max(1, len(cell)), len(at)
    row = np.fromiter((at.get(t, rest) for t in tokens), np.int64, len(tokens))
    flat = row * width + np.fromiter((cell[m] for m in columns["mix"]), np.int64, len(tokens))
    values: dict[str, Array] = {name: np.array([v or 0.0 for v in columns[name]], dtype=float) for name in SUMS}
    n, x = (_counted(flat, values[k], (rest + 1) * width).reshape(rest + 1, width) for k in ("den", "num"))
    names_of = tuple(at)
    whole = mix.merged(Cells((*names_of, ""), n, x), least)
    sums = {name: _counted(row, v, rest + 1) for name, v in values.items()}
    first = {token: i for i, token in reversed(list(enumerate(tokens))) if token}
    people = "people" in columns
    return Seen(
        units=tuple(columns["unit"][first[t]] for t in names_of),
        tokens=names_of,
        sums={name: v[:rest] for name, v in sums.items()},
        behind=tuple(_behind(columns, first[t]) if people else None for t in names_of),
        table=Cells(names_of, whole.n[:rest], whole.x[:rest]),
        reference=Cells(("whole",), whole.n.sum(axis=0, keepdims=True), whole.x.sum(axis=0, keepdims=True)),
        whole={name: float(v.sum()) for name, v in sums.items()},
        shown=np.array([bool(columns["shown"][first[t]]) for t in names_of], dtype=bool),
        apart=n[:rest, [i for m, i in cell.items() if m in apart]].sum(axis=1),
    )


def _counted(index: NDArray[np.int64], weights: Array, size: int) -> Array:
    found: Array = np.bincount(index, weights, size).astype(float)
    return found


def _behind(columns: Mapping[str, Sequence[Any]], i: int) -> tuple[int, float] | None:
    people = columns["people"][i]
    return None if people is None else (int(people), float(columns["biggest"][i] or 0))
