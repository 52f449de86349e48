"""Rows of facts with what their lookups say, and the line of the organisation that each belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from data.beside import SCRATCH
from data.facts.attribution import WORKED
from data.facts.blocks import Block, Levels
from data.facts.days import condition
from data.facts.models import Lookup, Model
from data.facts.sql import Connection, Db, columns, exists, main, name, names, opened

UNIT_SAYS = ("work", "kind", "density")
"""What a unit says of itself, offered to expressions as unit_work and so on."""
PLACED = f"{SCRATCH}.placed"


def place(con: Db, levels: Levels, table: str = "units") -> dict[tuple[str, str], tuple[str, ...]]:
    """(level, code) -> where the unit lies and what it says of itself, as roll-ups use it."""
    if not exists(con, table):
        return {}
    listed = names(dict.fromkeys((*levels.units, *UNIT_SAYS)))
    rows = con.execute(f"SELECT level, code, {listed} FROM {main(con, table)}").fetchall()
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def units(con: Db, levels: Levels) -> None:
    """The table placed(level, code, the units above it, work, kind, density), in memory, for all connections."""
    listed = dict.fromkeys((*levels.units, *UNIT_SAYS))
    if exists(con, "units"):
        rows = f"AS SELECT level, code, {names(listed)} FROM {main(con, 'units')}"
    else:
        rows = f"(level VARCHAR, code VARCHAR, {', '.join(f'{name(c)} VARCHAR' for c in listed)})"
    con.execute(f"CREATE OR REPLACE TABLE {PLACED} {rows}")


def attributed(con: Db, block: Block, levels: Levels, model: Model, some: set[date]) -> str:
    """Rows of the fact with lookups, the day, and a column _<level> for every level."""
    return lines(con, block, levels, model, wide(con, model, condition(f"CAST({block.day} AS DATE)", some), block))


def lines(con: Db, block: Block, levels: Levels, model: Model, rows: str, signed: bool = False) -> str:
    """The same of given rows with their lookups; `signed`: of those whose _sign is below 0 as it was known before."""
    day = f"CAST({block.day} AS DATE)"
    block = _fitting(con, block, model)
    person = block.levels.get(levels.person or "", "NULL")
    sql = (
        f"SELECT *, {day} AS _day, CAST({person} AS VARCHAR) AS _who, ({block.person_if}) AS _mine "
        f"FROM ({rows}) WHERE ({block.where})"
    )
    if levels.person:
        unit = "if(r._sign < 0, w.before, w.unit)" if signed else "w.unit"
        sql = (
            f"SELECT r.*, CASE WHEN r._mine THEN r._who END AS _{levels.person}, {unit} AS _in FROM ({sql}) AS r "
            f"LEFT JOIN {WORKED} AS w ON w.person = r._who AND w.day = r._day AND w.settles = {block.settles}"
        )
    known: list[str] = []
    for level in levels.units:
        sql = _placed(sql, block, levels, level, known)
        known.append(level)
    return sql


def _fitting(con: Db, block: Block, model: Model) -> Block:
    """The block without levels whose plain column this fact does not have: not every fact says every unit."""
    have = {*columns(con, model.name), *(to for lookup in model.lookups for to in lookup.take.values())}
    held = {level: sql for level, sql in block.levels.items() if not sql.isidentifier() or sql in have}
    return block if len(held) == len(block.levels) else replace(block, levels=held)


def _placed(sql: str, block: Block, levels: Levels, level: str, known: Sequence[str]) -> str:
    """The unit of one level: as the row says, by membership, as a lower unit lies in it, or the fallback."""
    lower = [k for k in known if level in levels.within.get(k, ()) or _reaches(levels, k, level)]
    said = [f"CAST({block.levels[level]} AS VARCHAR)"] if level in block.levels else []
    by_membership = ["_in"] if level == levels.base and levels.person else []
    derived = [f"unit_{k}_{level}" for k in lower]
    fallback = [f"CAST({block.otherwise[level]} AS VARCHAR)"] if level in block.otherwise else []
    choice = [*said, *by_membership, *derived, *fallback] or ["CAST(NULL AS VARCHAR)"]
    sql = f"SELECT *, coalesce({', '.join(choice)}) AS _{level} FROM ({sql})"
    uppers = [k for k in levels.units if k != level and _reaches(levels, level, k)]
    says = "".join(f", unit_{level}.{name(k)} AS unit_{level}_{k}" for k in uppers)
    if level == levels.base:
        says += "".join(f", unit_{level}.{name(k)} AS unit_{k}" for k in (*uppers, *UNIT_SAYS))
    if not says:
        return sql
    return (
        f"SELECT p.*{says} FROM ({sql}) AS p LEFT JOIN {PLACED} AS unit_{level} "
        f"ON unit_{level}.level = '{level}' AND unit_{level}.code = p._{level}"
    )


def _reaches(levels: Levels, low: str, high: str) -> bool:
    """Whether units of the lower level lie in units of the higher one."""
    above = levels.within.get(low, ())
    return high in above or any(_reaches(levels, level, high) for level in above)


def taken(lookup: Lookup, block: Block | None) -> dict[str, str]:
    """Of a lookup's columns those that a block may mean, and their names there; none: it need not be joined."""
    return {column: to for column, to in lookup.take.items() if block is None or block.says(to)}


def wide(
    con: Connection, model: Model, where: str, block: Block | None = None, table: str = "",
    were: Mapping[tuple[str, str], str] | None = None,
) -> str:  # fmt: skip
    """The fact's rows (or those of a table like it) with what a block takes from its lookups, now or as they were."""
    take, joins = "", ""
    for i, lookup in enumerate(model.lookups):
        alias, wanted = f"look{i}", taken(lookup, block)
        if not wanted or not exists(con, lookup.table):
            take += "".join(f", NULL AS {name(to)}" for to in wanted.values())
            continue
        take += "".join(f", {alias}.{name(column)} AS {name(to)}" for column, to in wanted.items())
        on = " AND ".join(f"{alias}.{name(a)} = f.{name(b)}" for a, b in lookup.by.items())
        dated = "valid_from" in columns(con, lookup.table)
        if dated:
            day = f"f.{name(lookup.day or model.day)}"
            on += f" AND {day} >= {alias}.valid_from AND {day} < {alias}.valid_to"
        stand_ins = {**opened(con).stand_ins, **(were or {})}
        looked = stand_ins.get((lookup.table, next(iter(lookup.by))), main(con, lookup.table))
        joins += f" LEFT JOIN {looked} AS {alias} ON {on}"
    return f"SELECT f.*{take} FROM (SELECT * FROM {table or main(con, model.name)} WHERE {where}) AS f{joins}"
