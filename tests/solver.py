"""Linear algebra on answers: can what somebody was told be combined into what they were not?

Each exact figure of an answer is a sum over raw rows of the roll-up: a vector of noughts and ones. A set of raw rows
(a colleague's, a thin day's) is given away when some combination of the vectors is zero outside it and not inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.oracle import Oracle, figures, rows_of

PRIME = 2_147_483_647
Matrix = NDArray[np.int64]


def rank(matrix: Matrix) -> int:
    """The rank over the integers modulo a large prime: exact, no rounding."""
    a = np.unique(matrix, axis=1) % PRIME
    found = 0
    for column in range(a.shape[1]):
        pivots = np.flatnonzero(a[found:, column])
        if not len(pivots):
            continue
        at = found + int(pivots[0])
        a[[found, at]] = a[[at, found]]
        a[found] = a[found] * pow(int(a[found, column]), PRIME - 2, PRIME) % PRIME
        rest = np.flatnonzero(a[:, column])
        rest = rest[rest != found]
        for row in rest:
            a[row] = (a[row] - a[row, column] * a[found]) % PRIME
        found += 1
        if found == len(a):
            break
    return found


class Notebook:
    """All exact figures that one asker has been told about one KPI."""

    def __init__(self, oracle: Oracle, metric: str, where: str, values: list[Any]) -> None:
        self.oracle, self.metric = oracle, metric
        rows = oracle.store.fetch(f"SELECT rowid, person, team, day FROM m_{metric} WHERE {where} ORDER BY 1", values)
        self.atoms = {r[0]: i for i, r in enumerate(rows)}
        self.people = np.array([r[1] for r in rows])
        self.days = np.array([r[3].toordinal() for r in rows])
        self.vectors: list[NDArray[np.int64]] = []
        self.about: list[Any] = []

    def add(self, answer: Mapping[str, Any]) -> None:
        """Note the exact figures of an answer."""
        if answer["outcome"] != "answer":
            return
        query = answer["query"]
        spans = [("count", self.oracle._period(answer, query))]
        for row in rows_of(answer):
            if not figures(row, self.metric) or any(row.get(k) is None for k in query["by"] if k != "weekday"):
                continue
            for column, span in spans:
                if row.get(column) is None or row.get("cases") is None:
                    continue
                where, values = self.oracle.condition(row, query, span)
                source = f"m_{self.metric} r JOIN calendar c ON c.day = r.day"
                found = self.oracle.store.fetch(f"SELECT r.rowid FROM {source} WHERE {where}", values)
                self._note([f[0] for f in found], (query, row))

    def _note(self, ids: Iterable[int], about: Any) -> None:
        vector = np.zeros(len(self.atoms), dtype=np.int64)
        for i in ids:
            if i not in self.atoms:
                return  # reaches beyond the rows looked at
            vector[self.atoms[i]] = 1
        self.vectors.append(vector)
        self.about.append(about)

    def gives_away(self, inside: NDArray[np.bool_], known: NDArray[np.bool_]) -> int:
        """How many independent combinations say something about the rows inside alone (known rows aside)."""
        a = np.array(self.vectors)
        if not len(a):
            return 0
        outside = a[:, ~inside & ~known]
        return rank(np.concatenate([outside, a[:, inside]], axis=1)) - rank(outside)
