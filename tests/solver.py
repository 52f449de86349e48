"""Linear algebra on answers: can what somebody was told be combined into what they were not?

Each exact figure of an answer is a sum over raw rows of the roll-up: a vector of noughts and ones. A set of raw rows
(a colleague's, a thin day's) is given away when some combination of the vectors is zero outside it and not inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.oracle import Oracle, figures, rows_of

CUTS = ("job_type", "weekday", "part_of_day", "tenure", "product", "segment")
PRIME = 2_147_483_647
Matrix = NDArray[np.int64]


def distinct(matrix: Matrix) -> Matrix:
    """Every column once, told apart by two random sums of its entries (each below the prime)."""
    weights = np.random.default_rng(1).integers(1, 2**31, (2, len(matrix)))
    marks = (weights @ matrix) if len(matrix) else np.zeros((2, matrix.shape[1]), dtype=np.int64)
    _, first = np.unique(marks[0] * 3 + marks[1], return_index=True)
    found: Matrix = matrix[:, first]
    return found


def rank(matrix: Matrix) -> int:
    """The rank over the integers modulo a large prime: exact, no rounding."""
    a = distinct(matrix) % PRIME
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
        cuts = ", ".join(CUTS)
        rows = oracle.store.fetch(
            f"SELECT r.rowid, r.person, r.team, r.day, r.area, {cuts} FROM m_{metric} r "
            f"JOIN calendar c ON c.day = r.day WHERE {where.replace('day', 'r.day')} ORDER BY 1",
            values,
        )
        self.atoms = {r[0]: i for i, r in enumerate(rows)}
        self.people = np.array([r[1] or "" for r in rows])
        self.teams = np.array([r[2] or "" for r in rows])
        self.days = np.array([r[3].toordinal() for r in rows])
        self.areas = np.array([r[4] or "" for r in rows])
        self.cuts = {key: np.array([r[5 + i] or "" for r in rows]) for i, key in enumerate(CUTS)}
        self.vectors: list[NDArray[np.int64]] = []
        self.about: list[Any] = []

    def add(self, answer: Mapping[str, Any], partly: bool = False) -> None:
        """Note the exact figures of an answer; `partly`: whatever of it lies in the rows looked at."""
        if answer["outcome"] != "answer":
            return
        query = answer["query"]
        span = self.oracle._period(answer, query)
        for row in rows_of(answer):
            if not figures(row, self.metric) or row.get("count") is None or row.get("cases") is None:
                continue
            others = "others" in query["compare"] and row.get("team") is None
            if not others and any(row.get(k) is None for k in query["by"] if k != "weekday"):
                continue
            self._note(self._rest(query, row, span) if others else self._rows(query, row, span), (query, row), partly)

    def _rows(self, query: Mapping[str, Any], row: Mapping[str, Any], span: tuple[Any, Any]) -> list[int]:
        where, values = self.oracle.condition(row, query, span)
        source = f"m_{self.metric} r JOIN calendar c ON c.day = r.day"
        return [f[0] for f in self.oracle.store.fetch(f"SELECT r.rowid FROM {source} WHERE {where}", values)]

    def _rest(self, query: Mapping[str, Any], row: Mapping[str, Any], span: tuple[Any, Any]) -> list[int]:
        """The rows behind "the others together": teams of the own one's kind; nothing when they are not those."""
        own = query["about"]["team"]
        kind = "kind IN (SELECT kind FROM units WHERE code = ?)"
        sql = f"SELECT code FROM units WHERE level = 'team' AND code <> ? AND {kind}"
        teams = [r[0] for r in self.oracle.store.fetch(sql, [own[0], own[0]])]
        found = self._rows({**query, "about": {"team": teams}, "by": [], "compare": []}, {}, span)
        total = self.oracle.store.fetch(f"SELECT sum(den) FROM m_{self.metric} WHERE list_contains(?, rowid)", [found])[
            0
        ][0]
        return found if total == row["cases"] else []

    def _note(self, ids: Iterable[int], about: Any, partly: bool) -> None:
        vector = np.zeros(len(self.atoms), dtype=np.int64)
        for i in ids:
            if i in self.atoms:
                vector[self.atoms[i]] = 1
            elif not partly:
                return  # reaches beyond the rows looked at
        self.vectors.append(vector)
        self.about.append(about)

    @cached_property
    def matrix(self) -> Matrix:
        return np.array(self.vectors)

    def gives_away(self, inside: NDArray[np.bool_], known: NDArray[np.bool_]) -> int:
        """How many independent combinations say something about the rows inside alone (known rows aside)."""
        a = self.matrix
        if not len(a) or not inside.any():
            return 0
        outside = distinct(a[:, ~inside & ~known])
        return rank(np.concatenate([outside, distinct(a[:, inside])], axis=1)) - rank(outside)

    def small_cells(self, least: int, known: NDArray[np.bool_], areas: Iterable[str] = ()) -> list[Any]:
        """Cells of a week, a cut and a place behind which fewer than `least` people stand, and that can be solved."""
        found = []
        places = [self.areas == a for a in areas] or [np.ones(len(self.people), dtype=bool)]
        weeks = self.days - (self.days - 1) % 7
        for place in places:
            for key, values in self.cuts.items():
                for value in sorted(set(values[place])):
                    for week in sorted(set(weeks)):
                        cell = place & (values == value) & (weeks == week)
                        inside = cell & ~known
                        if 0 < len(set(self.people[cell])) < least and self.gives_away(inside, known):
                            found.append((key, value, date.fromordinal(week), sorted(set(self.people[inside]))))
        return found
