"""Rows of one roll-up in a version brought up to those of the work database: only what differs is written.

Most rows of days that are made again come out as they were. What is not written need not be packed once more, and the
file does not grow by it.
"""

from __future__ import annotations

import duckdb

from data.work import transaction

NEW = 0.5
"""Of the rows that come: when fewer than this share were there before, none are looked for."""


def renew(con: duckdb.DuckDBPyConnection, source: str, target: str, where: str) -> None:
    """The rows of a table for which the condition holds become those of another table of the same columns."""
    with transaction(con):
        came, went = _difference(con, source, target, where)
        con.execute(f"DELETE FROM {target} WHERE {where} AND {went}")
        con.execute(f"INSERT INTO {target} SELECT * FROM {source} WHERE {where} AND {came}")


def _difference(con: duckdb.DuckDBPyConnection, source: str, target: str, where: str) -> tuple[str, str]:
    """Conditions for rows of the source that are new, and for rows of the target that are so no more.

    Rows are paired by a hash of all that they say. Where rows of one side say the same, there are more pairs than rows;
    then nothing is told apart and all rows are replaced, as they are where most of them can only be new.
    """
    counts = f"(SELECT count(*) FROM {source} WHERE {where}), (SELECT count(*) FROM {target} WHERE {where})"
    rows = con.execute(f"SELECT {counts}").fetchone() or (0, 0)
    if rows[1] < NEW * rows[0]:
        return "true", "true"
    ours, theirs = (
        f"(SELECT rowid AS id, hash(*COLUMNS(*)) AS says FROM {table} WHERE {where})" for table in (source, target)
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS SELECT ours.id AS came, theirs.id AS went "
        f"FROM {ours} AS ours FULL JOIN {theirs} AS theirs ON ours.says = theirs.says"
    )
    if con.execute("SELECT count(came), count(went) FROM pairs").fetchone() != rows:
        return "true", "true"
    return (
        "rowid IN (SELECT came FROM pairs WHERE went IS NULL)",
        "rowid IN (SELECT went FROM pairs WHERE came IS NULL)",
    )
