"""Rows of one roll-up in a version brought up to those of the work database: only what differs is written.

Most rows of days that are made again come out as they were. What is not written need not be packed once more, and the
file does not grow by it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import duckdb

from data.facts.days import condition


def renew(con: duckdb.DuckDBPyConnection, source: str, target: str, days: Collection[date], taken: str) -> None:
    """The rows of some days for which `taken` holds become those of another table of the same columns.

    Several statements: the caller's transaction holds them together.
    """
    newest = con.execute(f"SELECT max(day) FROM {target}").fetchone() or (None,)
    held = {day for day in days if newest[0] and day <= newest[0]}
    if held:
        _differing(con, source, target, f"{condition('day', held)} AND {taken}")
    if new := set(days) - held:
        con.execute(f"INSERT INTO {target} SELECT * FROM {source} WHERE {condition('day', new)} AND {taken}")


def _differing(con: duckdb.DuckDBPyConnection, source: str, target: str, where: str) -> None:
    """Rows are paired by a hash of all that they say; what has no like on the other side comes or goes.

    Where rows of one side say the same, there are more pairs than rows: nothing is told apart then, all are replaced.
    """
    ours, theirs = (
        f"(SELECT rowid AS id, hash(*COLUMNS(*)) AS says FROM {table} WHERE {where})" for table in (source, target)
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS SELECT ours.id AS came, theirs.id AS went "
        f"FROM {ours} AS ours FULL JOIN {theirs} AS theirs ON ours.says = theirs.says"
    )
    counts = ", ".join(f"(SELECT count(*) FROM {table} WHERE {where})" for table in (source, target))
    found = con.execute(f"SELECT count(*), count(came), count(went), {counts} FROM pairs").fetchone()
    pairs, came, went, *rows = found or (0, 0, 0)
    told_apart = [came, went] == rows
    for side, other, matched, change in (
        ("went", "came", came, f"DELETE FROM {target}"),
        ("came", "went", went, f"INSERT INTO {target} SELECT * FROM {source}"),
    ):
        some = f"rowid IN (SELECT {side} FROM pairs WHERE {other} IS NULL)" if told_apart else "true"
        if matched < pairs or not told_apart:
            con.execute(f"{change} WHERE {where} AND {some}")
