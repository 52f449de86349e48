"""From which text each table was made: another text means that it is made again, none that it goes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from data.facts.sql import Db, count, exists, main, quoted


def of(text: str) -> str:
    """The mark of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def made(con: Db, table: str, mark: str) -> bool:
    """Whether the table is there and was made from a text of this mark."""
    return exists(con, table) and bool(
        count(con, f"SELECT count(*) FROM facts_made WHERE name = {quoted(table)} AND mark = {quoted(mark)}")
    )


def note(con: Db, table: str, mark: str) -> None:
    """The table was made from a text of this mark."""
    con.execute("DELETE FROM facts_made WHERE name = ?", [table])
    con.execute("INSERT INTO facts_made VALUES (?, ?)", [table, mark])


def drop(con: Db, prefix: str, models: Collection[str]) -> None:
    """Tables of that prefix go that were made by a model once and are by none any more."""
    for (table,) in con.execute("SELECT name FROM facts_made WHERE starts_with(name, ?)", [prefix]).fetchall():
        if table not in models:
            con.execute(f"DROP TABLE IF EXISTS {main(con, table)}")
            con.execute("DELETE FROM facts_made WHERE name = ?", [table])
