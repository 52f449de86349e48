"""Rows of one batch against each other and against a staged table: of one key the highest order stays.

The batch is the temporary table `b`; what is settled is noted in the temporary tables `counts` (rows accepted and
replaced by file) and `days` (days on which something says something else than before).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from data.readers import quoted

HOUSE = {"_file": "INTEGER", "_row": "BIGINT", "_day": "DATE"}


@dataclass(frozen=True)
class Target:
    """A staged table that keyed rows are settled into."""

    table: str
    key: tuple[str, ...]
    order: tuple[str, ...]
    columns: tuple[str, ...]
    """Columns of the table, housekeeping included."""
    gone: str | None = None
    was: str | None = None
    """Table that takes the rows that leave this one."""
    within: str = ""
    """SQL condition on `s` that bounds where rows of the batch's keys can stand (storage is skipped by it)."""
    first: tuple[str, ...] = ()
    account: bool = True
    content: tuple[str, ...] = ()
    """Columns that say something; a row that is sent again as it was makes no day dirty."""
    lasting: bool = False
    """Only the days of the rows that came are dirty, not those of the rows that gave way."""


def names(items: tuple[str, ...] | list[str], alias: str = "") -> str:
    return ", ".join(f"{alias}.{quoted(i)}" if alias else quoted(i) for i in items)


def same(key: tuple[str, ...], left: str, right: str) -> str:
    return " AND ".join(f"{left}.{quoted(k)} = {right}.{quoted(k)}" for k in key)


def settle(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """The rows of `b` against each other and against the table: the highest order, file stamp, row of a key stays."""
    key = names(t.key)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE hits AS SELECT s.rowid AS _hit, s.* FROM {t.table} s SEMI JOIN b ON "
        f"{same(t.key, 's', 'b')} WHERE true{t.within}"
    )
    dead_hits = ""
    if t.gone:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE dead_hits AS SELECT g.rowid AS _hit, g.* FROM {t.gone} g SEMI JOIN b ON "
            f"{same(t.key, 'g', 'b')}"
        )
        dead_hits = f" UNION SELECT {key} FROM dead_hits"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE multi AS SELECT {key} FROM b GROUP BY ALL HAVING count(*) > 1 "
        f"UNION SELECT {key} FROM hits{dead_hits}"
    )
    row = con.execute("SELECT count(*) FROM multi").fetchone()
    contested = bool(row and row[0])
    if contested:
        _contest(con, t)
        _drop_losers(con, t)
    _insert(con, t, contested)


def _contest(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """`contest`: every row, old or new, of the keys that stand more than once; `_place` 1 stays."""
    order = ", ".join([*(f"{quoted(o)} DESC NULLS LAST" for o in t.order), "_fstamp DESC", "_row DESC"])
    dead = " UNION ALL BY NAME SELECT d.*, true AS _old, true AS _dead FROM dead_hits d" if t.gone else ""
    firsts = "".join(f", first_value({quoted(c + '_first')}) OVER f AS {quoted('_f_' + c)}" for c in t.first)
    firsts += ", min(_first_at) OVER f AS _f_at" if t.first else ""
    whole = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    window = f"WINDOW f AS (PARTITION BY {names(t.key)} ORDER BY _first_at, _row {whole})"
    alive = "" if "_dead" in t.columns else ", false AS _dead"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE contest AS SELECT * EXCLUDE (_fstamp), {_says(t)} AS _was, _was AS _says,
            row_number() OVER (PARTITION BY {names(t.key)} ORDER BY {order}) AS _place{firsts}
            FROM (SELECT NULL::BIGINT AS _hit, false AS _old, b.* FROM b SEMI JOIN multi ON {same(t.key, "b", "multi")}
              UNION ALL BY NAME SELECT h.*, true AS _old{alive} FROM hits h{dead})
            JOIN (SELECT id AS _file, stamp || ' ' || hash AS _fstamp FROM ledger) USING (_file)
            {window if t.first else ""}"""
    )
    for column in t.first:
        con.execute(f"UPDATE contest SET {quoted(column + '_first')} = {quoted('_f_' + column)}, _first_at = _f_at")
    if t.first:
        con.execute(f"UPDATE contest SET _says = {_says(t)} WHERE _place = 1")


def _drop_losers(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """Old rows that lost leave the table; where first values are kept, old winners are written anew."""
    moved = "_old" if t.first else "_old AND _place > 1"
    mine = f"{moved} AND NOT _dead" if t.gone else moved
    if t.was:
        listed = names(t.columns)
        con.execute(f"INSERT INTO {t.was}({listed}) SELECT {listed} FROM contest WHERE {mine}")
    con.execute(f"DELETE FROM {t.table} WHERE rowid IN (SELECT _hit FROM contest WHERE {mine})")
    if t.gone:
        con.execute(f"DELETE FROM {t.gone} WHERE rowid IN (SELECT _hit FROM contest WHERE {moved} AND _dead)")
    _note_days(con, t)
    if t.account:
        con.execute(
            """INSERT INTO counts SELECT _file, count(*) FILTER (NOT _old AND _place = 1)
               - count(*) FILTER (_old AND _place > 1), count(*) FILTER (_place > 1) FROM contest GROUP BY _file"""
        )


def _says(t: Target) -> str:
    """A hash of what a row says; the keys' own columns and the housekeeping are left out."""
    said = [c for c in t.content if c not in (*t.key, *t.order)]
    return f"hash({names([*said, '_day', '_dead'])})"


def _note_days(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """Days of keys whose standing row says something else than before."""
    days = "_place = 1 AND NOT _old" if t.lasting else "_old OR _place = 1"
    con.execute(
        f"""INSERT INTO days SELECT DISTINCT _day FROM (SELECT *,
              max(_was) FILTER (_old) OVER k AS before, max(_says) FILTER (_place = 1) OVER k AS after
              FROM contest WINDOW k AS (PARTITION BY {names(t.key)}))
            WHERE before IS DISTINCT FROM after AND ({days})"""
    )


def _insert(con: duckdb.DuckDBPyConnection, t: Target, contested: bool) -> None:
    alone = f"SELECT * FROM b ANTI JOIN multi ON {same(t.key, 'b', 'multi')}" if contested else "SELECT * FROM b"
    won = "_place = 1" if t.first else "_place = 1 AND NOT _old"

    def into(table: str, columns: tuple[str, ...], dead: str) -> None:
        listed = names(columns)
        con.execute(f"INSERT INTO {table}({listed}) SELECT {listed} FROM ({alone}) WHERE {dead}")
        if contested:
            con.execute(f"INSERT INTO {table}({listed}) SELECT {listed} FROM contest WHERE {won} AND {dead}")

    into(t.table, t.columns, "NOT _dead" if t.gone else "true")
    if t.gone:
        into(t.gone, tuple(dict.fromkeys((*t.key, *t.order, *HOUSE))), "_dead")
    con.execute(f"INSERT INTO days SELECT DISTINCT _day FROM ({alone})")
    if t.account:
        con.execute(f"INSERT INTO counts SELECT _file, count(*), 0 FROM ({alone}) GROUP BY _file")
