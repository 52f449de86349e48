"""The books in a few lines of text, and whether they balance."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from data import ledger
from data.health import NEWEST_LACKS
from data.store import Engine

LYING, SHOWN = "SELECT name, note FROM strangers ORDER BY seen_at DESC, name", 5


def report(con: duckdb.DuckDBPyConnection) -> tuple[str, bool]:
    """The books in a few lines of text, and whether they balance."""
    lines = [
        _book(*row)
        for row in con.execute(
            """SELECT source, count(*), sum(received)::BIGINT, sum(accepted)::BIGINT, sum(rejected)::BIGINT,
               sum(replaced)::BIGINT, sum(waiting)::BIGINT, count(*) FILTER (state NOT IN ('loaded', 'expired'))
               FROM ledger GROUP BY source ORDER BY source"""
        ).fetchall()
    ]
    lacking = con.execute(f"SELECT source, {NEWEST_LACKS} AS lacks FROM ledger GROUP BY source HAVING lacks <> ''")
    lines += [f"{source}: the newest file came without {lacks}" for source, lacks in lacking.fetchall()]
    lines += _lying(con.execute(LYING).fetchall())
    faults = ledger.check(con)
    lines += [f"DOES NOT BALANCE {fault}" for fault in faults] or ["The books balance."]
    return "\n".join(lines), not faults


def published(store: Engine) -> tuple[str, bool]:
    """The same out of the newest version, while a load holds the work database."""
    rows = store.fetch(
        "SELECT source, files, received, accepted, rejected, replaced, waiting, refused + unreadable FROM books"
    )
    lines = [f"A load is at work; as of {store.version}:", *(_book(*row) for row in rows), *_lying(store.fetch(LYING))]
    good = all(row[2] == sum(row[3:7]) for row in rows)
    return "\n".join([*lines, "The books balance." if good else "THE BOOKS DO NOT BALANCE"]), good


def _lying(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Files that are in no books, and why."""
    more = len(rows) - SHOWN
    shown = [f"NOT TAKEN {name}: {note}" for name, note in rows[:SHOWN]]
    return shown + ([f"and {more} more files that are not taken"] if more > 0 else [])


def _book(
    source: str, files: int, received: int, accepted: int, rejected: int, replaced: int, waiting: int, refused: int
) -> str:
    text = f"{source}: {files} files, {received} rows = {accepted} accepted + {rejected} rejected + {replaced} replaced"
    return f"{text} + {waiting} waiting" + (f"; {refused} files not taken" if refused else "")
