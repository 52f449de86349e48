"""Which rows of a model's table differ from those that were made now, and both kept in memory until the refresh ends.

came_<model> and went_<model> are what other models and roll-ups are narrowed by: only what hangs on a row that came or
went can change. A refresh that was taken up again does not know them, and makes whole days. came_<model> is where the
rows are made; once they are written, those that were held before are taken out of it, which costs less than a copy.
"""

from __future__ import annotations

from datetime import date

from data.facts.alone import Only
from data.facts.changes import CAME, WENT, Changes, rows
from data.facts.days import condition
from data.facts.models import Model
from data.facts.sql import Db, columns, count, main, name, names

MOST = 1_000_000
"""Rows that are kept of one model; where more came and went, whole days are made."""


def find(con: Db, model: Model, wanted: set[date] | None, only: Only | None) -> int:
    """`came`: rows made that are not held; `went`: held rows that are not made any more; returns how many they are.

    A row is known by its key and a hash of all that it says, which is much less to compare than the row itself.
    Where there is no key, equal rows are told apart by counting them.
    """
    table, made = main(con, model.name), rows(CAME, model.name)
    says = f"hash({names(columns(con, model.name))})"
    keys = [name(k) for k in model.key] or [f"row_number() OVER (PARTITION BY {says})"]
    marks = {"_says": says, **{f"_key{i}": key for i, key in enumerate(keys)}}
    marked = "rowid AS _id, " + ", ".join(f"{sql} AS {mark}" for mark, sql in marks.items())
    same = " AND ".join(f"new.{mark} IS NOT DISTINCT FROM held.{mark}" for mark in marks)
    narrowed = f" AND {only.of(model.alone, model.day, only.days)}" if only else ""
    held = f"SELECT {marked} FROM {table}{_held(model, wanted)}{narrowed}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE difference AS SELECT new._id AS came, held._id AS went "
        f"FROM (SELECT {marked} FROM {made}) AS new FULL JOIN ({held}) AS held ON {same} "
        "WHERE new._id IS NULL OR held._id IS NULL"
    )
    came = f"SELECT * FROM {made} WHERE rowid IN (SELECT came FROM temp.difference)"
    con.execute(f"CREATE OR REPLACE TEMP VIEW came AS {came}")
    gone = f"SELECT * FROM {table} WHERE rowid IN (SELECT went FROM difference)"
    con.execute(f"CREATE OR REPLACE TEMP TABLE went AS {gone}")
    return count(con, "SELECT count(*) FROM difference")


def keep(con: Db, model: Model, changes: Changes) -> None:
    """Once the model's transaction is done: its rows that came and went, for all connections."""
    if model.name in changes.kept:
        con.execute(
            f"DELETE FROM {rows(CAME, model.name)} "
            "WHERE rowid NOT IN (SELECT came FROM temp.difference WHERE came IS NOT NULL)"
        )
        con.execute(f"CREATE OR REPLACE TABLE {rows(WENT, model.name)} AS SELECT * FROM temp.went")
    else:
        con.execute(f"DROP TABLE IF EXISTS {rows(CAME, model.name)}")
    con.execute("DROP VIEW IF EXISTS temp.came; DROP TABLE IF EXISTS temp.went; DROP TABLE IF EXISTS temp.difference")


def retype(con: Db, table: str, made: str) -> None:
    """Columns of the held table get the types that its model makes now: a need that was missing may have come."""
    now, held = (con.execute(f"DESCRIBE {t}").fetchall() for t in (made, table))
    for new, old in zip(now, held, strict=True):
        if new[1] != old[1]:
            con.execute(f"ALTER TABLE {table} ALTER {name(str(new[0]))} SET DATA TYPE {new[1]}")


def _held(model: Model, wanted: set[date] | None) -> str:
    """Which held rows the new rows stand against: those of the wanted days, of the keys made again, or all."""
    if wanted is None or model.redo == "whole":
        return ""
    if model.redo == "key":
        return f" WHERE {name(model.key[0])} IN (SELECT * FROM temp.only_keys)"
    return f" WHERE {condition(name(model.day), wanted)}"
