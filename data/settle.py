"""Rows of one batch against each other and against a staged table: of one key the highest order stays.

The batch is the temporary table `b`; what is settled is noted in the temporary tables `counts` (rows accepted and
replaced by file) and `days` (days on which something says something else than before).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from data.readers import quoted

EVERY = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
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

    @property
    def firsts(self) -> tuple[str, ...]:
        """The columns that keep the first values."""
        return tuple(f"{column}_first" for column in self.first)


def names(items: tuple[str, ...] | list[str], alias: str = "") -> str:
    return ", ".join(f"{alias}.{quoted(i)}" if alias else quoted(i) for i in items)


def same(key: tuple[str, ...], left: str, right: str) -> str:
    return " AND ".join(f"{left}.{quoted(k)} = {right}.{quoted(k)}" for k in key)


def settle(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """The rows of `b` against each other and against the table: the highest order, file stamp, row of a key stays."""
    _find(con, t)
    row = con.execute("SELECT count(*) FROM multi").fetchone()
    contested = bool(row and row[0])
    if contested:
        _contest(con, t)
        _drop_losers(con, t)
    _insert(con, t, contested)
    if t.account:
        con.execute("INSERT INTO counts SELECT _file, count(*), 0 FROM b GROUP BY _file")
        if contested:
            con.execute(
                "INSERT INTO counts SELECT _file, -count(*), count(*) FROM contest WHERE _place > 1 GROUP BY _file"
            )


def _find(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """`hits`: what is held of the keys of the batch; `multi`: the keys that stand more than once."""
    alive = "" if "_dead" in t.columns else ", false AS _dead"
    known = f"SELECT s.rowid FROM {t.table} s SEMI JOIN b ON {same(t.key, 's', 'b')} WHERE true{t.within}"
    held = f"SELECT rowid AS _hit, *{alive} FROM {t.table} WHERE rowid IN ({known})"  # the keys first: far less is read
    if t.gone:
        held += (
            f" UNION ALL BY NAME SELECT g.rowid AS _hit, g.*, true AS _dead FROM {t.gone} g SEMI JOIN b ON "
            f"{same(t.key, 'g', 'b')}"
        )
    con.execute(f"CREATE OR REPLACE TEMP TABLE hits AS {held}")
    key = names(t.key)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE multi AS SELECT {key} FROM b GROUP BY ALL HAVING count(*) > 1 "
        f"UNION SELECT {key} FROM hits"
    )


ROWS = "SELECT _rid AS _hit, false AS _old, * FROM b UNION ALL BY NAME SELECT true AS _old, * FROM hits"
"""New and old rows; `_hit` is the place in the batch or in the table."""
RANKS = """SELECT id AS _file, rank() OVER (ORDER BY stamp || ' ' || hash) AS _rank FROM ledger
  WHERE id IN (SELECT _file FROM files UNION SELECT _file FROM hits)"""
"""The place of each file among those of new and old rows."""


def _contest(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """`contest`: every row, old or new, of the keys that stand more than once; `_place` 1 stays.

    Only what is needed to judge: `_said` is a hash of what a row says; the keys' own columns and the housekeeping are
    left out, and so are first values, which stand beside those of all rows of the key (`_f_…`).
    """
    mine, key = names(t.key), same(t.key, "r", "multi")
    order = ", ".join([*(f"{quoted(o)} DESC NULLS LAST" for o in t.order), "_rank DESC", "_row DESC"])
    said = names([*(c for c in t.content if c not in (*t.key, *t.order, *t.firsts)), "_day", "_dead"])
    asked = names(tuple(dict.fromkeys((*t.key, *t.order, *HOUSE, *t.firsts, *(("_first_at",) if t.first else ())))))
    seen = window = ""
    if t.first:
        seen = "".join(f", first_value({quoted(c)}) OVER f AS {quoted('_f_' + c)}" for c in t.firsts)
        seen += ", min(_first_at) OVER f AS _f_at"
        window = f"WINDOW f AS (PARTITION BY {mine} ORDER BY _first_at, _row {EVERY})"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE contest AS
            SELECT *, row_number() OVER (PARTITION BY {mine} ORDER BY {order}) AS _place{seen}
            FROM (SELECT _hit, _old, _dead, {asked}, hash({said}) AS _said FROM ({ROWS}) r SEMI JOIN multi ON {key})
            JOIN ({RANKS}) USING (_file) {window}"""
    )


def _drop_losers(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """Old rows that lost leave the table; where first values are kept, old winners are written anew."""
    moved = "_old" if t.first else "_old AND _place > 1"
    mine = f"SELECT _hit FROM contest WHERE {moved}" + (" AND NOT _dead" if t.gone else "")
    if t.was:
        listed = names(t.columns)
        con.execute(f"INSERT INTO {t.was}({listed}) SELECT {listed} FROM hits WHERE NOT _dead AND _hit IN ({mine})")
    con.execute(f"DELETE FROM {t.table} WHERE rowid IN ({mine})")
    if t.gone:
        con.execute(f"DELETE FROM {t.gone} WHERE rowid IN (SELECT _hit FROM contest WHERE {moved} AND _dead)")
    _note_days(con, t)


def _note_days(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """Days of keys whose standing row says something else than before."""
    days = "[now]" if t.lasting else "[before, now]"
    stays = "_place = 1 AND NOT _old" if t.lasting else "_place = 1"
    con.execute(
        f"""INSERT INTO days SELECT DISTINCT unnest({days}) FROM (
              SELECT any_value(_day) FILTER (_old) AS before, any_value(_day) FILTER ({stays}) AS now
              FROM contest GROUP BY {names(t.key)}
              HAVING any_value(hash({names(["_said", *t.firsts])})) FILTER (_old) IS DISTINCT FROM
                any_value(hash({names(["_said", *(f"_f_{c}" for c in t.firsts)])})) FILTER (_place = 1))"""
    )


def _insert(con: duckdb.DuckDBPyConnection, t: Target, contested: bool) -> None:
    """What stands of the batch into the table; where first values are kept, every winner with them."""
    alone = stands = "SELECT * FROM b"
    if contested:
        contest = "SELECT _hit AS _rid FROM contest WHERE NOT _old"
        alone = f"SELECT * FROM b ANTI JOIN ({contest}) USING (_rid)"
        stands = f"SELECT * FROM b ANTI JOIN ({contest} AND _place > 1) USING (_rid)"
        stands = f"{alone} UNION ALL BY NAME {_winners(t)}" if t.first else stands
    listed, alive = names(t.columns), " WHERE NOT _dead" if t.gone else ""
    con.execute(f"INSERT INTO {t.table}({listed}) SELECT {listed} FROM ({stands}){alive}")
    if t.gone:
        listed = names(tuple(dict.fromkeys((*t.key, *t.order, *HOUSE))))
        con.execute(f"INSERT INTO {t.gone}({listed}) SELECT {listed} FROM ({stands}) WHERE _dead")
    con.execute(f"INSERT INTO days SELECT DISTINCT _day FROM ({alone})")


def _winners(t: Target) -> str:
    """The rows that won their contest, with the first values of all of them."""
    firsts = "".join(f"{quoted('_f_' + c)} AS {quoted(c)}, " for c in t.firsts)
    return (
        f"SELECT r.* REPLACE ({firsts}_f_at AS _first_at) FROM ({ROWS}) r "
        "JOIN contest c USING (_hit, _old, _dead) WHERE c._place = 1"
    )
