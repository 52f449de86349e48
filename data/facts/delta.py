"""Roll-ups brought up to date row by row: what a changed row had added is taken off, what it adds now is added.

What a row had added is summed once more from the rows that went and from lookups as they were. plus_<fact> and
minus_<fact>, in memory, are the rows to add and to take off: those that came and went, and on both sides those that
stayed while a lookup says something else of them. Sums of whole numbers come out the same to the last bit; others are
made again by day, and so are days on which about as much changed as there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from data.beside import SCRATCH
from data.facts import sums
from data.facts.blocks import Block
from data.facts.changes import CAME, WENT, Changes, rows
from data.facts.days import condition
from data.facts.models import Lookup, Model
from data.facts.sql import Db, columns, exists, main, name, names

PLUS, MINUS, LOOKED = "plus", "minus", "looked"
WORTH = 1.5
"""So many rows of a day cost as much to sum again as one costs to be taken off and added."""


@dataclass
class Moved:
    """What is known of the rows of facts whose part in roll-ups may differ."""

    known: set[str] = field(default_factory=set)
    """Facts with tables plus_ and minus_."""
    looked: set[str] = field(default_factory=set)
    """Facts with a table looked_: rows that stayed, of which a lookup says something else."""
    lookups: set[str] = field(default_factory=set)
    """Lookups that say something else of some key and day."""
    counts: dict[tuple[str, str], dict[date, int]] = field(default_factory=dict)
    """(Fact, day expression) -> rows that moved, by day."""


def moved(con: Db, facts: Mapping[str, Model], changes: Changes) -> Moved:
    """Make the tables looked_, plus_ and minus_ of the facts."""
    found = Moved()
    for model in facts.values():
        lookups = [lookup for lookup in model.lookups if lookup.table in changes.pairs]
        found.lookups |= {lookup.table for lookup in lookups}
        if lookups:
            found.looked.add(model.name)
            looked = _looked(con, model, lookups, changes)
            con.execute(f"CREATE OR REPLACE TABLE {side(LOOKED, model.name)} AS {looked}")
        own = model.name in changes.kept or model.name not in changes.days
        if own and model.key and all(lookup.table in changes.kept for lookup in lookups):
            found.known.add(model.name)
            for to, of in ((PLUS, CAME), (MINUS, WENT)):
                parts = [f"SELECT * FROM {rows(of, model.name)}"] if model.name in changes.kept else []
                parts += [f"SELECT * FROM {side(LOOKED, model.name)}"] if lookups else []
                empty = f"SELECT * FROM {main(con, model.name)} WHERE false"
                con.execute(f"CREATE OR REPLACE VIEW {side(to, model.name)} AS {' UNION ALL '.join(parts) or empty}")
    return found


def side(what: str, fact: str) -> str:
    """The table, in memory, of rows of a fact to be added, taken off, or looked up anew."""
    return f"{SCRATCH}.{name(f'{what}_{fact}')}"


def _looked(con: Db, model: Model, lookups: Sequence[Lookup], changes: Changes) -> str:
    """Rows that stayed, of whose keys and day a lookup says something else than before, each once."""
    table = main(con, model.name)
    selects = []
    for lookup in lookups:
        on = " AND ".join(f"changed.{name(a)} = f.{name(b)}" for a, b in lookup.by.items())
        selects.append(
            f"SELECT f.rowid FROM {table} AS f SEMI JOIN {main(con, f'changed_{lookup.table}')} AS changed "
            f"ON {on} AND f.{name(lookup.day or model.day)} BETWEEN changed.starts AND changed.ends"
        )
    sql = f"SELECT * FROM {table} WHERE rowid IN ({' UNION ALL '.join(selects)})"
    if model.key and model.name in changes.kept:
        same = " AND ".join(f"c.{name(k)} = r.{name(k)}" for k in model.key)
        sql = f"SELECT * FROM ({sql}) AS r ANTI JOIN {rows(CAME, model.name)} AS c ON {same}"
    return sql


def by_row(con: Db, found: Moved, blocks: Sequence[Block], touched: set[date]) -> set[date]:
    """Those of the touched days of which it is less work to take off and add rows than to sum the day again.

    None where sums are no whole numbers: they come out the same only when they are made again.
    """
    rollup = f"m_{blocks[0].metric}"
    if not exists(con, rollup) or blocks[0].amount:
        return set()
    if any(block.fact not in found.known or block.n != "1" for block in blocks):
        return set()
    if sums.broken(con, main(con, rollup), columns(con, rollup), condition("day", touched)):
        return set()
    moves = [_by_day(con, found, block, (side(PLUS, block.fact), side(MINUS, block.fact)), None) for block in blocks]
    held = [_by_day(con, found, block, (main(con, block.fact),), touched) for block in blocks]
    return {d for d in touched if sum(m.get(d, 0) for m in moves) * WORTH < sum(h.get(d, 0) for h in held)}


def _by_day(
    con: Db, found: Moved, block: Block, tables: Sequence[str], some: set[date] | None
) -> Mapping[date, int]:  # fmt: skip
    """Rows by day; of a few days, or of all and kept."""
    day = f"CAST({block.day} AS DATE)"
    if some is None and (block.fact, block.day) in found.counts:
        return found.counts[block.fact, block.day]
    where = "true" if some is None else condition(day, some)
    every = " UNION ALL ".join(f"SELECT {day} AS day FROM {table} WHERE {where}" for table in tables)
    by_day = {row[0]: row[1] for row in con.execute(f"SELECT day, count(*) FROM ({every}) GROUP BY day").fetchall()}
    if some is None:
        found.counts[block.fact, block.day] = by_day
    return by_day


def as_were(con: Db, found: Moved, facts: Mapping[str, Model]) -> None:
    """Tables in memory of what lookups said before of rows to be taken off; those that say the same are left out."""
    held: dict[tuple[str, str], list[str]] = {}
    for fact in found.known:
        for lookup in facts[fact].lookups:
            if lookup.table in found.lookups:
                theirs, ours = next(iter(lookup.by.items()))
                held.setdefault((lookup.table, theirs), []).append(f"SELECT {name(ours)} FROM {side(MINUS, fact)}")
    for (table, key), keys in held.items():
        now = con.stand_ins.get((table, key), main(con, table))
        listed = names(str(row[0]) for row in con.execute(f"DESCRIBE {now}").fetchall())
        sides = {"now": now, CAME: rows(CAME, table), WENT: rows(WENT, table)}
        few = ", ".join(
            f"{to} AS (SELECT {listed} FROM {of} WHERE {name(key)} IN (FROM held))" for to, of in sides.items()
        )
        changed = f"{name(key)} IN (SELECT {name(key)} FROM {main(con, f'changed_{table}')})"
        con.were[table, key] = f"{SCRATCH}.{name(f'was_{table}_{key}')}"
        con.execute(
            f"CREATE OR REPLACE TABLE {con.were[table, key]} AS WITH held AS ({' UNION ALL '.join(keys)}), {few} "
            f"FROM now WHERE NOT {changed} UNION ALL (FROM now WHERE {changed} EXCEPT ALL FROM {CAME} WHERE {changed}) "
            f"UNION ALL FROM {WENT} WHERE {changed}"
        )
