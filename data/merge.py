"""Checked rows into the staged tables: one row per key, the highest order wins, whatever the order of arrival.

s_<source> holds the current state by key, gone_<source> the keys that were deleted, l_<source> every row of a source
that keeps its history or whose files are the whole of a part (a day). The caller holds the transaction; the batch is
the temporary table `b` (typed columns, _file, _row, _day, _part, _dead, _fstamp).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from data.checking import columns
from data.contract import Contract
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
    within: str = ""
    """SQL condition on `s` that bounds where rows of the batch's keys can stand (storage is skipped by it)."""
    first: tuple[str, ...] = ()
    account: bool = True


def names(items: tuple[str, ...] | list[str], alias: str = "") -> str:
    return ", ".join(f"{alias}.{quoted(i)}" if alias else quoted(i) for i in items)


def same(key: tuple[str, ...], left: str, right: str) -> str:
    return " AND ".join(f"{left}.{quoted(k)} = {right}.{quoted(k)}" for k in key)


def staged(contract: Contract) -> dict[str, str]:
    """Column -> type of s_<source>."""
    made = {**columns(contract), **HOUSE}
    if contract.whole or not contract.key:
        made["_part"] = "VARCHAR"
    if any(c.first for c in contract.columns):
        made["_first_at"] = "VARCHAR"
    return made


def tables(contract: Contract) -> dict[str, dict[str, str]]:
    """Every staged table of a source with its columns and types."""
    full = staged(contract)
    made = {f"s_{contract.source}": full}
    if contract.deletes:
        kept = (*contract.key, *contract.order, *HOUSE)
        made[f"gone_{contract.source}"] = {name: full[name] for name in dict.fromkeys(kept)}
    if contract.history or (contract.whole and contract.key):
        made[f"l_{contract.source}"] = {**full, **({"_dead": "BOOLEAN"} if contract.deletes else {})}
    return made


def prepare(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Create the staged tables of a source; columns that the contract gained are added."""
    for table, wanted in tables(contract).items():
        have = {
            str(r[0])
            for r in con.execute(
                "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND database_name = current_database()",
                [table],
            ).fetchall()
        }
        if not have:
            con.execute(f"CREATE TABLE {table}({', '.join(f'{quoted(n)} {t}' for n, t in wanted.items())})")
        for name, kind in wanted.items() if have else ():
            if name not in have:
                con.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {kind}")


def merge(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Settle the batch `b` into the source's tables; notes `dirty` days and corrects the ledger's counts."""
    con.execute("CREATE OR REPLACE TEMP TABLE counts(_file INTEGER, accepted BIGINT, replaced BIGINT)")
    con.execute("CREATE OR REPLACE TEMP TABLE days(_day DATE)")
    if contract.whole or not contract.key:
        _whole(con, contract)
    elif contract.history:
        _history(con, contract)
    else:
        settle(con, _state(con, contract))
    con.execute(
        """UPDATE ledger SET accepted = ledger.accepted + c.a, replaced = ledger.replaced + c.r FROM
           (SELECT _file, sum(accepted) AS a, sum(replaced) AS r FROM counts GROUP BY _file) c
           WHERE c._file = ledger.id"""
    )
    con.execute(
        """INSERT INTO dirty SELECT ?, _day FROM (SELECT DISTINCT _day FROM days WHERE _day IS NOT NULL
           EXCEPT SELECT day FROM dirty WHERE source = ?)""",
        [contract.source, contract.source],
    )


def _state(con: duckdb.DuckDBPyConnection, contract: Contract, account: bool = True) -> Target:
    gone = f"gone_{contract.source}" if contract.deletes else None
    first = tuple(c.name for c in contract.columns if c.first)
    table = f"s_{contract.source}"
    within = _within(con, contract)
    return Target(table, contract.key, contract.order, tuple(staged(contract)), gone, within, first, account)


def _within(con: duckdb.DuckDBPyConnection, contract: Contract) -> str:
    """Where repeats of the batch's keys can stand: its own days, or `reach_days` around them."""
    if not contract.fixed_day and contract.reach_days is None:
        return ""
    row = con.execute("SELECT min(_day), max(_day), count(*) FILTER (_day IS NULL) FROM b").fetchone()
    if row is None or row[0] is None or row[2]:
        return ""
    reach = contract.reach_days or 0
    return f" AND s._day BETWEEN DATE '{row[0]}' - {reach} AND DATE '{row[1]}' + {reach}"


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
    ledger = "JOIN ledger ON ledger.id = _file"
    dead = (
        f" UNION ALL BY NAME SELECT d.*, true AS _old, true AS _dead, ledger.stamp || ' ' || ledger.hash AS _fstamp "
        f"FROM dead_hits d {ledger}"
        if t.gone
        else ""
    )
    firsts = "".join(f", first_value({quoted(c + '_first')}) OVER f AS {quoted('_f_' + c)}" for c in t.first)
    firsts += ", min(_first_at) OVER f AS _f_at" if t.first else ""
    whole = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    window = f"WINDOW f AS (PARTITION BY {names(t.key)} ORDER BY _first_at, _row {whole})"
    alive = "" if "_dead" in t.columns else ", false AS _dead"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE contest AS SELECT *,
            row_number() OVER (PARTITION BY {names(t.key)} ORDER BY {order}) AS _place{firsts}
            FROM (SELECT NULL::BIGINT AS _hit, false AS _old, b.* FROM b SEMI JOIN multi ON {same(t.key, "b", "multi")}
            UNION ALL BY NAME
            SELECT h.*, true AS _old{alive}, ledger.stamp || ' ' || ledger.hash AS _fstamp FROM hits h {ledger}{dead})
            {window if t.first else ""}"""
    )
    for column in t.first:
        con.execute(f"UPDATE contest SET {quoted(column + '_first')} = {quoted('_f_' + column)}, _first_at = _f_at")


def _drop_losers(con: duckdb.DuckDBPyConnection, t: Target) -> None:
    """Old rows that lost leave the table; where first values are kept, old winners are written anew."""
    moved = "_old" if t.first else "_old AND _place > 1"
    mine = f"{moved} AND NOT _dead" if t.gone else moved
    con.execute(f"DELETE FROM {t.table} WHERE rowid IN (SELECT _hit FROM contest WHERE {mine})")
    if t.gone:
        con.execute(f"DELETE FROM {t.gone} WHERE rowid IN (SELECT _hit FROM contest WHERE {moved} AND _dead)")
    con.execute("INSERT INTO days SELECT DISTINCT _day FROM contest WHERE _old = (_place > 1)")
    if t.first:
        con.execute("INSERT INTO days SELECT DISTINCT _day FROM contest")
    if t.account:
        con.execute(
            """INSERT INTO counts SELECT _file, count(*) FILTER (NOT _old AND _place = 1)
               - count(*) FILTER (_old AND _place > 1), count(*) FILTER (_place > 1) FROM contest GROUP BY _file"""
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


# ---- sources that keep every row ------------------------------------------------------------------------------------


def _history(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Every change row once into l_, then the state by key; a late old change dirties the day of its key, too."""
    log = f"l_{contract.source}"
    bounds = con.execute(f"SELECT min({quoted(contract.order[0])}), max({quoted(contract.order[0])}) FROM b").fetchone()
    within = ""
    if bounds and isinstance(bounds[0], int):
        within = f" AND s.{quoted(contract.order[0])} BETWEEN {bounds[0]} AND {bounds[1]}"
    key = tuple(dict.fromkeys((*contract.key, *contract.order)))
    kept = tuple(tables(contract)[log])
    settle(con, Target(log, key, (), kept, within=within))
    settle(con, _state(con, contract, account=False))
    mine = same(contract.key, "s", "b")
    con.execute(f"INSERT INTO days SELECT DISTINCT s._day FROM s_{contract.source} s SEMI JOIN b ON {mine}")
    if contract.deletes and contract.forget:
        _forget(con, contract, log)


def _forget(con: duckdb.DuckDBPyConnection, contract: Contract, log: str) -> None:
    """Deleted for privacy: the key's earlier rows leave the log, too; they are counted as replaced."""
    old = (
        f"SELECT l.rowid AS _rid, l._file FROM {log} l JOIN gone_{contract.source} g ON {same(contract.key, 'l', 'g')} "
        "WHERE NOT l._dead"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE forgotten AS {old}")
    con.execute(f"DELETE FROM {log} WHERE rowid IN (SELECT _rid FROM forgotten)")
    con.execute("INSERT INTO counts SELECT _file, -count(*), count(*) FROM forgotten GROUP BY _file")


def _whole(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Each file is the whole of its part: the newest file of a part stands, the others' rows are replaced."""
    log = f"l_{contract.source}" if contract.key else f"s_{contract.source}"
    con.execute(
        """CREATE OR REPLACE TEMP TABLE standing AS SELECT part, max(stamp || ' ' || hash) AS _fstamp FROM ledger
           WHERE source = ? AND state = 'loaded' AND part IN (SELECT DISTINCT _part FROM b) GROUP BY part""",
        [contract.source],
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE passed AS SELECT _file FROM b ANTI JOIN standing "
        "ON standing.part = b._part AND standing._fstamp = b._fstamp"
    )
    con.execute("INSERT INTO counts SELECT _file, 0, count(*) FROM passed GROUP BY _file")
    con.execute("DELETE FROM b WHERE _file IN (SELECT _file FROM passed)")
    key = names(contract.key, "l") + ", " if contract.key else ""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE ousted AS SELECT l.rowid AS _rid, {key}l._file, l._day FROM {log} l
            JOIN ledger ON ledger.id = l._file JOIN standing ON standing.part = l._part
            WHERE standing._fstamp <> ledger.stamp || ' ' || ledger.hash"""
    )
    con.execute(f"DELETE FROM {log} WHERE rowid IN (SELECT _rid FROM ousted)")
    con.execute("INSERT INTO counts SELECT _file, -count(*), count(*) FROM ousted GROUP BY _file")
    con.execute("INSERT INTO days SELECT DISTINCT _day FROM ousted")
    kept = tuple(tables(contract)[log])
    if not contract.key:
        listed = names(kept)
        con.execute(f"INSERT INTO {log}({listed}) SELECT {listed} FROM b")
        con.execute("INSERT INTO counts SELECT _file, count(*), 0 FROM b GROUP BY _file")
        con.execute("INSERT INTO days SELECT DISTINCT _day FROM b")
        return
    settle(con, Target(log, (*contract.key, "_part"), contract.order, kept))
    _from_log(con, contract, log)


def _from_log(con: duckdb.DuckDBPyConnection, contract: Contract, log: str) -> None:
    """The state out of the log: the newest part, or per key the newest of all parts."""
    table, listed = f"s_{contract.source}", names(tuple(staged(contract)))
    if contract.whole == "newest":
        con.execute(f"DELETE FROM {table}")
        con.execute(
            f"INSERT INTO {table}({listed}) SELECT {listed} FROM {log} WHERE _part = (SELECT max(_part) FROM {log})"
        )
        return
    key = names(contract.key)
    con.execute(f"CREATE OR REPLACE TEMP TABLE touched AS SELECT {key} FROM b UNION SELECT {key} FROM ousted")
    mine = same(contract.key, "s", "touched")
    con.execute(f"INSERT INTO days SELECT DISTINCT _day FROM {table} s SEMI JOIN touched ON {mine}")
    con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT s.rowid FROM {table} s SEMI JOIN touched ON {mine})")
    order = "".join(f"s.{quoted(o)} DESC NULLS LAST, " for o in contract.order) + "ledger.stamp DESC, ledger.hash DESC"
    con.execute(
        f"""INSERT INTO {table}({listed}) SELECT {names(tuple(staged(contract)), "s")} FROM {log} s
            SEMI JOIN touched ON {mine} JOIN ledger ON ledger.id = s._file
            QUALIFY row_number() OVER (PARTITION BY {names(contract.key, "s")} ORDER BY {order}, s._row DESC) = 1"""
    )
