"""From which text each table was made: another text means that it is made again, none that it goes.

All marks are read once, when a refresh begins; what it notes counts for the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from data.facts.sql import Db, exists, main


def of(text: str) -> str:
    """The mark of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def made(con: Db, table: str, mark: str) -> bool:
    """Whether the table is there and was made from a text of this mark."""
    if con.marks is None:
        con.marks = dict(con.execute("SELECT name, mark FROM facts_made").fetchall())
    return exists(con, table) and con.marks.get(table) == mark


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
