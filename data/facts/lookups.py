"""Lookups as roll-ups join them: of large ones the few rows that count, and what they said before the refresh.

Both are tables in memory, each made by a task of its own before the roll-ups that join it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

import duckdb

from data.beside import SCRATCH, Task
from data.facts.blocks import Block
from data.facts.changes import CAME, WENT, rows
from data.facts.days import condition
from data.facts.delta import MINUS, PLUS, Moved, side
from data.facts.lines import taken
from data.facts.models import Lookup, Model
from data.facts.rollup import Due
from data.facts.sql import Db, columns, count, exists, main, name, names

VALID = ("valid_from", "valid_to")
LARGE = 50_000
"""Rows from which on a lookup is narrowed before roll-ups join it."""
Key = tuple[str, str]
"""A lookup, and the first of its columns by which rows are found."""


def key(lookup: Lookup) -> Key:
    """Which table stands in for it."""
    return lookup.table, next(iter(lookup.by))


def narrowed(
    con: Db, blocks: Mapping[str, Sequence[Block]], models: Mapping[str, Model], todo: Mapping[str, Due]
) -> dict[Key, Task]:
    """Of large lookups only what roll-ups take, of the keys that their facts hold: every roll-up joins few rows."""
    keys: dict[Key, dict[str, None]] = {}
    wanted: dict[Key, set[str]] = {}
    for due, block, lookup in _uses(con, blocks, models, todo):
        of, (ours,) = key(lookup), lookup.by.values()
        day = "true" if due.whole is None else condition(f"CAST({block.day} AS DATE)", due.whole)
        some = [f"{main(con, block.fact)} WHERE {day}", *(side(to, block.fact) for to in (PLUS, MINUS) if due.by_row)]
        keys.setdefault(of, {}).update({f"SELECT {name(ours)} FROM {held}": None for held in some})
        wanted.setdefault(of, {of[1], *VALID}).update(taken(lookup, block))
    large = [of for of in keys if count(con, f"SELECT count(*) FROM {main(con, of[0])}") >= LARGE]
    return {of: partial(_narrow, con, of, _few(con, of, wanted[of], " UNION ALL ".join(keys[of]))) for of in large}


def _uses(
    con: Db, blocks: Mapping[str, Sequence[Block]], models: Mapping[str, Model], todo: Mapping[str, Due]
) -> Iterator[tuple[Due, Block, Lookup]]:
    """What is due, and the lookups that it joins by one column."""
    for rollup, due in todo.items():
        for block in blocks[rollup]:
            for lookup in models[block.fact].lookups:
                if len(lookup.by) == 1 and taken(lookup, block) and exists(con, lookup.table):
                    yield due, block, lookup


def _few(con: Db, of: Key, wanted: Collection[str], keys: str) -> str:
    """The SELECT of some columns and keys of a lookup."""
    table, theirs = of
    listed = names(c for c in columns(con, table) if c in wanted)
    return f"SELECT {listed} FROM {main(con, table)} WHERE {name(theirs)} IN ({keys})"


def _narrow(whole: Db, of: Key, few: str, con: duckdb.DuckDBPyConnection) -> None:
    table = f"{SCRATCH}.{name('few_' + '_'.join(of))}"
    con.execute(f"CREATE OR REPLACE TABLE {table} AS {few}")
    whole.stand_ins[of] = table


def as_were(con: Db, found: Moved, models: Mapping[str, Model]) -> dict[Key, Task]:
    """What lookups said before of rows to be taken off; those that say the same are left out."""
    held: dict[Key, list[str]] = {}
    for fact in sorted(found.known):
        for lookup in models[fact].lookups:
            if lookup.table in found.lookups:
                ours = next(iter(lookup.by.values()))
                held.setdefault(key(lookup), []).append(f"SELECT {name(ours)} FROM {side(MINUS, fact)}")
    return {of: partial(_go_back, con, of, " UNION ALL ".join(keys)) for of, keys in held.items()}


def _go_back(whole: Db, of: Key, keys: str, con: duckdb.DuckDBPyConnection) -> None:
    """A lookup's rows of those keys as they were: without what came to it, with what went."""
    table, theirs = of
    now = whole.stand_ins.get(of, main(whole, table))
    listed = names(str(row[0]) for row in con.execute(f"DESCRIBE {now}").fetchall())
    sides = {"now": now, CAME: rows(CAME, table), WENT: rows(WENT, table)}
    few = ", ".join(
        f"{to} AS (SELECT {listed} FROM {one} WHERE {name(theirs)} IN (FROM held))" for to, one in sides.items()
    )
    changed = f"{name(theirs)} IN (SELECT {name(theirs)} FROM {main(whole, f'changed_{table}')})"
    were = f"{SCRATCH}.{name(f'was_{table}_{theirs}')}"
    con.execute(
        f"CREATE OR REPLACE TABLE {were} AS WITH held AS ({keys}), {few} "
        f"FROM now WHERE NOT {changed} UNION ALL (FROM now WHERE {changed} EXCEPT ALL FROM {CAME} WHERE {changed}) "
        f"UNION ALL FROM {WENT} WHERE {changed}"
    )
    whole.were[of] = were
