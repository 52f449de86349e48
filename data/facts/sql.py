"""Small helpers for SQL of the writer's database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb

from data.beside import SCRATCH


def name(identifier: str) -> str:
    """A quoted identifier.

    >>> name('a"b')
    '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def value(said: str) -> str:
    """A column's name, or an expression, as SQL.

    >>> value("customer"), value("account // 10")
    ('"customer"', '(account // 10)')
    """
    return name(said) if said.isidentifier() else f"({said})"


def names(identifiers: Iterable[str], before: str = "") -> str:
    """Quoted identifiers with commas between; `before` is a table alias."""
    return ", ".join(f"{before}.{name(i)}" if before else name(i) for i in identifiers)


def quoted(text: str) -> str:
    """A quoted string."""
    return "'" + text.replace("'", "''") + "'"


class Db:
    """The writer's connection, which remembers what tables there are (asking the catalogue takes milliseconds)."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._tables: set[str] | None = None
        self._columns: dict[str, list[str]] = {}
        self._made = False
        row = con.execute("SELECT current_database()").fetchone()
        self.name = str(row[0]) if row else "memory"
        self.marks: dict[str, str] | None = None
        """Table -> what it was made from, as `marks` found it when it was first asked."""
        self.stand_ins: dict[tuple[str, str], str] = {}
        """(Lookup, key) -> a table in memory that holds all of its rows that count now."""
        self.were: dict[tuple[str, str], str] = {}
        """(Lookup, key) -> a table in memory of what they were before the refresh, where that differs."""

    def beside(self, con: duckdb.DuckDBPyConnection) -> Db:
        """The same database on another connection, with what is known of it so far."""
        other = Db(con)
        other._tables, other._columns = set(self.tables()), dict(self._columns)
        other.marks, other.stand_ins, other.were = self.marks, self.stand_ins, self.were
        return other

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> duckdb.DuckDBPyConnection:
        """As the connection's own; a statement that makes or drops a stored table makes us look again."""
        head = sql.lstrip()[:40].upper()
        if head.startswith(("CREATE", "DROP", "ALTER")) and " TEMP" not in head and f" {SCRATCH.upper()}." not in head:
            self._made = True
            self.forget()
        return self.con.execute(sql, parameters) if parameters is not None else self.con.execute(sql)

    def learn(self, other: Db) -> None:
        """What another connection, set beside this one, has made or altered; dropped tables may still be named."""
        if other._made:
            self.tables().update(other.tables())
            self._columns = {}

    def forget(self) -> None:
        """Look at the catalogue anew: another connection made or dropped tables."""
        self._tables, self._columns = None, {}

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self.con.executemany(sql, rows)

    def tables(self) -> set[str]:
        """Names of the stored tables and views."""
        if self._tables is None:
            self._tables = {
                str(row[0])
                for row in self.con.execute(
                    "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal "
                    "AND database_name = current_database() UNION ALL SELECT view_name FROM duckdb_views() "
                    "WHERE schema_name = 'main' AND NOT internal AND database_name = current_database()"
                ).fetchall()
            }
        return self._tables

    def columns(self, table: str) -> list[str]:
        if table not in self.tables():
            return []
        if table not in self._columns:
            described = self.con.execute(f"DESCRIBE {name(self.name)}.main.{name(table)}").fetchall()
            self._columns[table] = [str(row[0]) for row in described]
        return self._columns[table]


Connection = duckdb.DuckDBPyConnection | Db


def opened(con: Connection) -> Db:
    return con if isinstance(con, Db) else Db(con)


def main(con: Connection, table: str) -> str:
    """The full name of a stored table, which a temporary view of the same name cannot hide."""
    return f"{name(opened(con).name)}.main.{name(table)}"


def columns(con: Connection, table: str) -> list[str]:
    """Names of the columns of a stored table or view, [] when there is none."""
    return opened(con).columns(table)


def says(con: Connection, table: str, said: str) -> bool:
    """Whether a stored table has a column of that name; of an expression it is taken on trust."""
    return said in columns(con, table) or (said != "" and not said.isidentifier())


def exists(con: Connection, table: str) -> bool:
    """Whether a stored table or view of that name is there."""
    return table in opened(con).tables()


def days(con: Connection, sql: str) -> set[date]:
    """The DATEs of a one-column SELECT, without NULL."""
    return {row[0] for row in con.execute(sql).fetchall() if row[0] is not None}


def count(con: Connection, sql: str) -> int:
    """The one number of a SELECT."""
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0
