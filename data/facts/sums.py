"""Tables of sums brought up to date by what is added and taken off, instead of being summed again."""

from __future__ import annotations

from collections.abc import Sequence

from data.facts.changes import CAME, WENT, Changes, rows
from data.facts.models import Model
from data.facts.sql import Db, columns, count, main, name, names


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


def broken(con: Db, table: str, held: Sequence[str], where: str) -> bool:
    """Whether a table of sums, of the columns `held`, has some that are no whole numbers."""
    part = " OR ".join(f"{v} <> trunc({v})" for v in ("num", "den", "mirror") if v in held)
    return bool(part) and count(con, f"SELECT count(*) FROM (FROM {table} WHERE {where} AND ({part}) LIMIT 1)") > 0
