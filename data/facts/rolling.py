"""Roll-ups brought up to date for the days that changed facts, lookups, memberships and units touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial

import duckdb

from data import beside
from data.facts import attribution as people
from data.facts import journal, marks, setup
from data.facts.blocks import Block
from data.facts.changes import Changes
from data.facts.days import condition
from data.facts.models import Lookup, Model
from data.facts.plan import Plan, spanned
from data.facts.rollup import place, rolled, units
from data.facts.rows import listed
from data.facts.sql import Db, columns, count, days, exists, main, name, names, quoted
from data.work import transaction

VALID = ("valid_from", "valid_to")
LARGE = 50_000
"""Rows from which on a lookup is narrowed before roll-ups join it."""
FORM = "2"
"""Of the tables of roll-ups: another one makes all of them again."""


def due(con: Db, said: Plan, changes: Changes) -> dict[str, set[date] | None]:
    """Roll-up -> days to be redone, None for all; roll-ups with nothing to do are left out."""
    before = place(con, said.how.levels, journal.BEFORE["units"])
    after = place(con, said.how.levels)
    moved = {key for key in {*before, *after} if before.get(key) != after.get(key)} if before else set()
    elsewhere = people.changed(con, said.how, said.settles, spanned(con, said, changes))
    todo: dict[str, set[date] | None] = {}
    looked: dict[tuple[str, ...], set[date]] = {}
    for rollup, parts in said.blocks.items():
        if any(b.fact not in said.models or not exists(con, b.fact) for b in parts):
            continue
        whole = not marks.made(con, f"m_{rollup}", _mark(parts)) or elsewhere is None
        wanted = None if whole else _touched(con, said, parts, changes, elsewhere or {}, looked)
        if wanted is not None:
            wanted |= _moved(con, rollup, moved)
        if wanted is None or wanted:
            todo[rollup] = wanted
    return todo


def _mark(parts: Sequence[Block]) -> str:
    return marks.of(FORM + "".join(b.mark for b in parts))


def _touched(
    con: Db, said: Plan, parts: Sequence[Block], changes: Changes,
    elsewhere: Mapping[int, set[date]], looked: dict[tuple[str, ...], set[date]],
) -> set[date] | None:  # fmt: skip
    """Days that changed facts, lookups or memberships touch; None for all."""
    touched: set[date] = set()
    for block in parts:
        model = said.models[block.fact]
        if block.fact in changes.everything:
            return None
        touched |= changes.columns.get((block.fact, block.day), set())
        for lookup in model.lookups:
            if lookup.table in changes.everything:
                return None
            if lookup.table in changes.pairs:
                key = (block.fact, block.day, lookup.table, lookup.day, *lookup.by.values())
                if key not in looked:
                    looked[key] = _looked_up(con, block, model, lookup)
                touched |= looked[key]
        if said.how.levels.person in block.levels:
            touched |= elsewhere.get(block.settles, set())
    return touched


def _looked_up(con: Db, block: Block, model: Model, lookup: Lookup) -> set[date]:
    """Days of a roll-up with rows for which a lookup says something else than before."""
    on = " AND ".join(f"changed.{name(a)} = f.{name(b)}" for a, b in lookup.by.items())
    return days(
        con,
        f"SELECT DISTINCT CAST({block.day} AS DATE) FROM {main(con, model.name)} AS f "
        f"SEMI JOIN {main(con, f'changed_{lookup.table}')} AS changed ON {on} "
        f"AND changed.day = f.{name(lookup.day or model.day)}",
    )


def _moved(con: Db, rollup: str, moved: Iterable[tuple[str, str]]) -> set[date]:
    """Days of a roll-up with rows of units that lie elsewhere than before."""
    where = " OR ".join(f"{name(level)} = {quoted(code)}" for level, code in sorted(moved))
    return days(con, f"SELECT DISTINCT day FROM {main(con, f'm_{rollup}')} WHERE {where}") if where else set()


def roll(con: Db, said: Plan, todo: Mapping[str, set[date] | None]) -> dict[str, set[date]]:
    if not todo:
        return {}
    _narrow(con, said, todo)
    people.worked(con, said.how, _spans(con, said, todo))
    units(con, said.how.levels)
    changed: dict[str, set[date]] = {}
    order = sorted(todo, key=lambda rollup: todo[rollup] is not None)
    tasks = {r: partial(_rollup, said, r, todo[r], con.stand_ins, changed) for r in order}
    beside.run(con.con, tasks, prepare=setup.macros)
    for stand_in in con.stand_ins.values():
        con.execute(f"DROP TABLE {stand_in}")
    con.stand_ins.clear()
    con.forget()
    return changed


def _spans(con: Db, said: Plan, todo: Mapping[str, set[date] | None]) -> people.Spans:
    """First and last day of the roll-ups that name persons, by the days that they take to mature."""
    found: dict[int, set[date]] = {}
    for rollup, wanted in todo.items():
        for block in said.blocks[rollup]:
            if block.levels.get(said.how.levels.person or "", "NULL") != "NULL":
                ends = f"SELECT unnest([min(day), max(day)]) FROM (SELECT CAST({block.day} AS DATE) AS day FROM "
                held = days(con, f"{ends}{main(con, block.fact)})") if wanted is None else wanted
                found.setdefault(block.settles, set()).update(held)
    return {settles: (min(held), max(held)) for settles, held in found.items() if held}


def _rollup(
    said: Plan, rollup: str, wanted: set[date] | None, stand_ins: Mapping[tuple[str, str], str],
    changed: dict[str, set[date]], con: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    """One roll-up, in a transaction of its own."""
    db, parts = Db(con), said.blocks[rollup]
    db.stand_ins.update(stand_ins)
    with transaction(con):
        found = rolled(db, parts, said.how.levels, said.models, wanted)
        if parts[0].amount:
            listed(db, parts[0], said.how.levels, said.models[parts[0].fact], found, wanted is None)
        if wanted is None:
            marks.note(db, f"m_{rollup}", _mark(parts))
    changed[rollup] = found


def _narrow(con: Db, said: Plan, todo: Mapping[str, set[date] | None]) -> None:
    """Of large lookups only what roll-ups take, of the keys that their facts hold: every roll-up joins few rows."""
    keys: dict[tuple[str, str], list[str]] = {}
    taken: dict[tuple[str, str], set[str]] = {}
    for rollup, wanted in todo.items():
        for block in said.blocks[rollup]:
            day = "true" if wanted is None else condition(f"CAST({block.day} AS DATE)", wanted)
            for lookup in said.models[block.fact].lookups:
                if len(lookup.by) == 1 and exists(con, lookup.table):
                    ((theirs, ours),) = lookup.by.items()
                    rows = f"SELECT {name(ours)} FROM {main(con, block.fact)} WHERE {day}"
                    keys.setdefault((lookup.table, theirs), []).append(rows)
                    taken.setdefault((lookup.table, theirs), {theirs, *VALID}).update(lookup.take)
    for (table, key), selects in keys.items():
        if count(con, f"SELECT count(*) FROM {main(con, table)}") >= LARGE:
            few = f"{beside.SCRATCH}.{name(f'few_{table}_{key}')}"
            listed = names(c for c in columns(con, table) if c in taken[table, key])
            where = f"{name(key)} IN ({' UNION '.join(dict.fromkeys(selects))})"
            con.execute(f"CREATE OR REPLACE TABLE {few} AS SELECT {listed} FROM {main(con, table)} WHERE {where}")
            con.stand_ins[table, key] = few
