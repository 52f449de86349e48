"""How the data stand: what the store tells about its sources, as values for the page. No figure of anybody is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from queries.directory import Store

Rows = tuple[Mapping[str, Any], ...]
TABLES = {
    "freshness": ("source", "label", "rhythm", "newest_at", "received_at", "state", "note", "gaps"),
    "books": (
        "source", "files", "received", "accepted", "rejected", "replaced", "waiting", "late", "refused", "unreadable",
    ),
    "reject_reasons": ("source", "reason", "rows"),
    "metric_state": ("metric", "state", "note"),
    "untaken": ("source", "name", "state", "note", "waiting", "received_at"),
    "strangers": ("name", "note", "seen_at"),
    "quality": ("what", "unit", "week", "n", "total"),
}  # fmt: skip
ORDER = {
    "freshness": "source",
    "books": "source",
    "reject_reasons": "rows DESC",
    "metric_state": "metric",
    "untaken": "received_at DESC",
    "strangers": "seen_at DESC",
    "quality": "week DESC",
}
MOST = 1000


@dataclass(frozen=True)
class Health:
    """The newest of each source, the books of its rows, why rows were rejected, and the state of each metric."""

    freshness: Rows
    books: Rows
    reasons: Rows
    metrics: Rows
    untaken: Rows = ()
    """Files of a source that were refused or could not be read, the newest first."""
    strangers: Rows = ()
    """Files that belong to no source, and why."""
    quality: Rows = ()
    """What may be wrong with the records themselves: what, unit, week, n of a total; newest weeks first."""

    @property
    def faults(self) -> Rows:
        """Sources with how many rows have each fault; a row with several faults counts for each of them."""
        rows: dict[tuple[str, str], int] = {}
        for row in self.reasons:
            for fault in dict.fromkeys(faults_of(str(row["reason"]))):
                key = (str(row["source"]), fault)
                rows[key] = rows.get(key, 0) + int(row["rows"])
        found = sorted(rows.items(), key=lambda item: (-item[1], item[0]))
        return tuple({"source": source, "fault": fault, "rows": number} for (source, fault), number in found)

    @property
    def late(self) -> Rows:
        """Sources that have not delivered as their rhythm promises."""
        return tuple(row for row in self.freshness if row.get("state") not in ("ok", "fresh", "lacking", None, ""))

    @property
    def lacking(self) -> Rows:
        """Sources whose newest file came without a column."""
        return tuple(row for row in self.freshness if row.get("state") == "lacking")

    @property
    def unbalanced(self) -> Rows:
        """Sources whose rows in are not the sum of accepted, rejected, replaced and waiting."""
        parts = ("accepted", "rejected", "replaced", "waiting")
        return tuple(r for r in self.books if int(r.get("received") or 0) != sum(int(r.get(p) or 0) for p in parts))


def faults_of(reason: str) -> list[str]:
    """The faults of a row without the values that had them: those differ from row to row.

    >>> faults_of("Empathy: out of range: 762; a review without a date")
    ['Empathy: out of range', 'a review without a date']
    """
    parts = [part.strip() for part in reason.split("; ")]
    return [part.rpartition(": ")[0] if part.count(": ") > 1 else part for part in parts if part]


def shape(record: str) -> str:
    """A row without what it says: who keeps the data in order sees how it is built, nobody's name, number or score.

    >>> shape('T-481;"Ana Abel";2026-11-03')
    'x-999;"xxx xxxx";9999-99-99'
    """
    return re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", record))


def rejects(store: Store, source: str, limit: int = MOST) -> Rows:
    """The newest rejected rows of a source: file, row, reason and how the row is built."""
    columns = ("name", "row", "reason", "record")
    if not set(columns) <= set(store.columns("rejects")):
        return ()
    sql = "SELECT name, row, reason, record FROM rejects WHERE source = $1 ORDER BY file DESC, row LIMIT $2"
    found = (dict(zip(columns, row, strict=True)) for row in store.fetch(sql, [source, limit]))
    return tuple(row | {"record": shape(str(row["record"]))} for row in found)


def health(store: Store) -> Health:
    """The health of one store version; tables that a version does not have are empty."""
    return Health(*(_rows(store, table) for table in TABLES))


def _rows(store: Store, table: str) -> Rows:
    held = [c for c in TABLES[table] if c in store.columns(table)]
    if not held:
        return ()
    listed = ", ".join(held)
    order = ORDER[table] if ORDER[table].split()[0] in held else held[0]
    found = store.fetch(f"SELECT {listed} FROM {table} ORDER BY {order} LIMIT {MOST}")
    return tuple(dict(zip(held, row, strict=True)) for row in found)
