"""Checked rows into the staged tables: one row per key, the highest order wins, whatever the order of arrival.

s_<source> holds the current state by key, gone_<source> the keys that were deleted, l_<source> every row of a source
that keeps its history or whose files are the whole of a part (a day). was_<source> holds the rows that left s_<source>
since figures were last made. The caller holds the transaction; the batch is
the temporary table `b` (typed columns, _file, _row, _day, _dead, and _part where the table has it), its files `files`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb

from data.checking import columns
from data.contract import Contract
from data.readers import quoted
from data.settle import HOUSE, Target, names, same, settle


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
    if contract.key and not contract.whole:
        made[f"was_{contract.source}"] = full
    if contract.history or (contract.whole and contract.key):
        made[f"l_{contract.source}"] = {**full, **({"_dead": "BOOLEAN"} if contract.deletes else {})}
    return made


def prepare(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> None:
    """Create the staged tables of sources; columns that a contract gained are added."""
    asked = {table: wanted for contract in contracts for table, wanted in tables(contract).items()}
    known: dict[str, set[str]] = {}
    for table, column in con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND list_contains(?, table_name)",
        [list(asked)],
    ).fetchall():
        known.setdefault(table, set()).add(column)
    for table, wanted in asked.items():
        have = known.get(table, set())
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
    full, said, was = tuple(staged(contract)), tuple(columns(contract)), f"was_{contract.source}"
    return Target(table, contract.key, contract.order, full, gone, was, within, first, account, said, contract.lasting)


def _within(con: duckdb.DuckDBPyConnection, contract: Contract) -> str:
    """Where repeats of the batch's keys can stand: its own days, or `reach_days` around them."""
    if not contract.fixed_day and contract.reach_days is None:
        return ""
    row = con.execute("SELECT min(_day), max(_day), count(*) FILTER (_day IS NULL) FROM b").fetchone()
    if row is None or row[0] is None or row[2]:
        return ""
    reach = contract.reach_days or 0
    return f" AND s._day BETWEEN DATE '{row[0]}' - {reach} AND DATE '{row[1]}' + {reach}"


# ---- sources that keep every row ------------------------------------------------------------------------------------


def _history(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Every change row once into l_, then the state by key; a late old change dirties the day of its key, too."""
    log = f"l_{contract.source}"
    bounds = con.execute(f"SELECT min({quoted(contract.order[0])}), max({quoted(contract.order[0])}) FROM b").fetchone()
    within = ""
    if bounds and isinstance(bounds[0], (int, datetime)):
        within = f" AND s.{quoted(contract.order[0])} BETWEEN '{bounds[0]}' AND '{bounds[1]}'"
    key = tuple(dict.fromkeys((*contract.key, *contract.order)))
    kept = tuple(tables(contract)[log])
    settle(con, Target(log, key, (), kept, within=within, content=tuple(columns(contract))))
    settle(con, _state(con, contract, account=False))
    mine = same(contract.key, "s", "b")
    con.execute(f"INSERT INTO days SELECT DISTINCT s._day FROM s_{contract.source} s SEMI JOIN b ON {mine}")
    if contract.deletes and contract.forget:
        _forget(con, contract, log)


def _forget(con: duckdb.DuckDBPyConnection, contract: Contract, log: str) -> None:
    """Deleted for privacy: what is older than a delete leaves the log, whenever it comes; it is counted as replaced."""
    at, key = f"row({names(contract.order, 'l')})", names(contract.key, "l")
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE forgotten AS SELECT _rid, _file FROM (
              SELECT l.rowid AS _rid, l._file, l._dead, {at} AS _at,
                max({at}) FILTER (l._dead) OVER (PARTITION BY {key}) AS _deleted
              FROM {log} l SEMI JOIN b ON {same(contract.key, "l", "b")})
            WHERE NOT _dead AND _at < _deleted"""
    )
    con.execute(f"DELETE FROM {log} WHERE rowid IN (SELECT _rid FROM forgotten)")
    con.execute("INSERT INTO counts SELECT _file, -count(*), count(*) FROM forgotten GROUP BY _file")


def _whole(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Each file is the whole of its part: the newest file of a part stands, the others' rows are replaced.

    One that came without rows stands, too (`files`: all of the batch).
    """
    log = f"l_{contract.source}" if contract.key else f"s_{contract.source}"
    con.execute(
        """CREATE OR REPLACE TEMP TABLE standing AS
           SELECT part AS _part, arg_max(id, (stamp, hash)) AS _file FROM ledger
           WHERE source = ? AND state = 'loaded' AND part IN (SELECT _part FROM files) GROUP BY part""",
        [contract.source],
    )
    con.execute("CREATE OR REPLACE TEMP TABLE passed AS SELECT _rid, _file FROM b ANTI JOIN standing USING (_file)")
    con.execute("INSERT INTO counts SELECT _file, 0, count(*) FROM passed GROUP BY _file")
    con.execute("DELETE FROM typed WHERE _rid IN (SELECT _rid FROM passed)")
    key = names(contract.key, "l") + ", " if contract.key else ""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE ousted AS SELECT l.rowid AS _rid, {key}l._file, l._day FROM {log} l
            JOIN standing ON standing._part = l._part AND standing._file <> l._file"""
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
    settle(con, Target(log, (*contract.key, "_part"), contract.order, kept, content=tuple(columns(contract))))
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
