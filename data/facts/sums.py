"""Tables of sums brought up to date by what is added and taken off, instead of being summed again.

What was taken off and added must leave no trace, whatever the order: sums are exact. Whole numbers add up so; fractions
(minutes, a hundredth a case) do once they are taken to a grid that is finer than any figure shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from data.facts.changes import CAME, WENT, Changes, rows
from data.facts.models import Model
from data.facts.sql import Db, columns, count, main, name, names

GRID = 2**32
"""Fractions are taken to so many parts of one: below 2^21 a DOUBLE then holds every sum of them to the last bit."""
EXACT = 2**20
"""Sums of fractions below this can be added to and taken off."""


def known(model: Model, changes: Changes) -> bool:
    """Whether no more is to be done for a `redo: sum` model than to add and take off rows of its first need."""
    first, *others = model.needs
    return first.table in changes.kept and not any(
        need.table in changes.everything or changes.days.get(need.source or need.table) for need in others
    )


def find(con: Db, model: Model) -> None:
    """The table `delta`: what rows that came to the first need add to the model's, less what those that went had."""
    need = model.needs[0]
    values = [c for c in columns(con, model.name) if c not in model.key]
    for side in (CAME, WENT):
        con.execute(f"CREATE OR REPLACE TEMP VIEW {name(need.name)} AS SELECT * FROM {rows(side, need.table)}")
        con.execute(f"CREATE OR REPLACE TEMP TABLE {side} AS {model.sql}")
    con.execute(f"DROP VIEW temp.{name(need.name)}")
    off = ", ".join(f"-{name(v)}" for v in values)
    came = f"SELECT {names([*model.key, *values])} FROM temp.{CAME}"
    both = f"{came} UNION ALL SELECT {names(model.key)}, {off} FROM temp.{WENT}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE delta AS {net(model.key, values, both)}")
    con.execute(f"DROP TABLE temp.{CAME}; DROP TABLE temp.{WENT}")


def write(con: Db, model: Model, changes: Changes) -> None:
    """Add `delta` to the model's table."""
    if count(con, "SELECT count(*) FROM temp.delta"):
        add(con, main(con, model.name), model.key, [c for c in columns(con, model.name) if c not in model.key])
        changes.everything.add(model.name)


def net(keys: Sequence[str], values: Sequence[str], rows: str) -> str:
    """A SELECT of what rows sum up to by the keys; what comes to nothing is left out."""
    summed = ", ".join(f"sum({name(v)}) AS {name(v)}" for v in values)
    some = " OR ".join(f"sum({name(v)}) <> 0" for v in values)
    return f"SELECT {names(keys)}, {summed} FROM ({rows}) GROUP BY {names(keys)} HAVING {some}"


def add(con: Db, table: str, keys: Sequence[str], values: Sequence[str], where: str = "true") -> None:
    """Add rows of the temporary table `delta` to a table of sums; `where` says which, and where their like can be."""
    same = " AND ".join(f"d.{name(k)} IS NOT DISTINCT FROM t.{name(k)}" for k in keys)
    listed = names([*keys, *values])
    added = f"SELECT {listed} FROM temp.delta WHERE {where}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE went AS SELECT * FROM (SELECT rowid AS _id, {listed} FROM {table} "
        f"WHERE {where}) AS t SEMI JOIN ({added}) AS d ON {same}"
    )
    both = f"{added} UNION ALL SELECT {listed} FROM temp.went"
    con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT _id FROM temp.went)")
    con.execute(f"INSERT INTO {table} BY NAME {net(keys, values, both)}")
    con.execute("DROP TABLE temp.went; DROP TABLE temp.delta")


def measure(sql: str) -> str:
    """SQL of a number as a DOUBLE that adds up exactly: whole numbers as they are, fractions on the grid."""
    return _fine(f"CAST({sql} AS DOUBLE)")


def _fine(sql: str) -> str:
    return f"round({sql} * {GRID}) / {GRID}"


def broken(con: Db, rows: str, values: Sequence[str]) -> bool:
    """Whether rows have sums that are not exact: too large, or of an older make."""
    part = " OR ".join(f"{v} <> trunc({v}) AND (abs({v}) >= {EXACT} OR {v} <> {_fine(v)})" for v in values if v != "n")
    return bool(part) and count(con, f"SELECT count(*) FROM (FROM ({rows}) WHERE {part} LIMIT 1)") > 0
