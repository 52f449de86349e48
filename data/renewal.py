"""Rows of one roll-up in a version brought up to those of the work database: only what differs is written.

Most rows of days that are made again come out as they were. What is not written need not be packed once more, and the
file does not grow by it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import duckdb

from data.facts.days import condition
from data.work import transaction


def renew(con: duckdb.DuckDBPyConnection, source: str, target: str, days: Collection[date], taken: str) -> None:
    """The rows of some days for which `taken` holds become those of another table of the same columns."""
    with transaction(con):
        where = f"{condition('day', days)} AND {taken}"
        held = {row[0] for row in con.execute(f"SELECT DISTINCT day FROM {target} WHERE {where}").fetchall()}
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
    counts = f"(SELECT count(*) FROM {source} WHERE {where}), (SELECT count(*) FROM {target} WHERE {where})"
    paired = con.execute(f"SELECT (count(came), count(went)) = ({counts}) FROM pairs").fetchone()
    came, went = (
        f"rowid IN (SELECT {side} FROM pairs WHERE {other} IS NULL)" if paired == (True,) else "true"
        for side, other in (("came", "went"), ("went", "came"))
    )
    con.execute(f"DELETE FROM {target} WHERE {where} AND {went}")
    con.execute(f"INSERT INTO {target} SELECT * FROM {source} WHERE {where} AND {came}")
