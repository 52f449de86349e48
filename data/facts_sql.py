"""Small helpers for SQL of the writer's database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb


def name(identifier: str) -> str:
    """A quoted identifier.

    >>> name('a"b')
    '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def names(identifiers: Iterable[str], before: str = "") -> str:
    """Quoted identifiers with commas between; `before` is a table alias."""
    return ", ".join(f"{before}.{name(i)}" if before else name(i) for i in identifiers)


def quoted(text: str) -> str:
    """A quoted string."""
    return "'" + text.replace("'", "''") + "'"


def main(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """The full name of a stored table, which a temporary view of the same name cannot hide."""
    row = con.execute("SELECT current_database()").fetchone()
    return f"{name(str(row[0]) if row else 'memory')}.main.{name(table)}"


def columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Names of the columns of a stored table or view, [] when there is none."""
    rows = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND schema_name = 'main' AND NOT internal "
        "AND database_name = current_database() ORDER BY column_index",
        [table],
    ).fetchall()
    return [str(row[0]) for row in rows]


def exists(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a stored table or view of that name is there."""
    return bool(columns(con, table))


def days(con: duckdb.DuckDBPyConnection, sql: str) -> set[date]:
    """The DATEs of a one-column SELECT, without NULL."""
    return {row[0] for row in con.execute(sql).fetchall() if row[0] is not None}


def count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one number of a SELECT."""
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0
