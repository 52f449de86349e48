"""Roll-ups brought up to date for the days that changed facts, lookups, memberships and units touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial

import duckdb

from data import beside
from data.facts import attribution as people
from data.facts import delta, journal, marks, setup
from data.facts.blocks import Block
from data.facts.changes import Changes
from data.facts.days import condition
from data.facts.lines import place, taken, units
from data.facts.plan import Plan, held
from data.facts.rollup import Due, rolled
from data.facts.rows import listed
from data.facts.sql import Db, columns, count, days, exists, main, name, names, quoted
from data.work import transaction

VALID = ("valid_from", "valid_to")
LARGE = 50_000
"""Rows from which on a lookup is narrowed before roll-ups join it."""
FORM = "2"
"""Of the tables of roll-ups: another one makes all of them again."""


def due(con: Db, said: Plan, changes: Changes, moves: delta.Moved) -> dict[str, Due]:
    """Roll-up -> what is to be redone; roll-ups with nothing to do are left out."""
    before = place(con, said.how.levels, journal.BEFORE["units"])
    after = place(con, said.how.levels)
    moved = {key for key in {*before, *after} if before.get(key) != after.get(key)} if before else set()
    shown = set(held(con, said.blocks) or ()).union(*changes.columns.values())
    elsewhere = people.changed(con, said.how, said.settles, (min(shown), max(shown))) if shown else {}
    todo: dict[str, Due] = {}
    looked: dict[tuple[str, str], set[date]] = {}
    for rollup, parts in said.blocks.items():
        if any(b.fact not in said.models or not exists(con, b.fact) for b in parts):
            continue
        touched = _touched(con, said, parts, changes, moves, looked)
        if touched is None or elsewhere is None or not marks.made(con, f"m_{rollup}", _mark(parts)):
            todo[rollup] = Due(None)
            continue
        whole = _moved(con, rollup, moved)
        for block in parts:
            whole |= elsewhere.get(block.settles, set()) if said.how.levels.person in block.levels else set()
        by_row = delta.by_row(con, moves, parts, touched - whole) if touched - whole else set()
        if touched or whole:
            todo[rollup] = Due(whole | (touched - by_row), by_row)
    return todo


def _mark(parts: Sequence[Block]) -> str:
    return marks.of(FORM + "".join(b.mark for b in parts))


def _touched(
    con: Db, said: Plan, parts: Sequence[Block], changes: Changes, moves: delta.Moved,
    looked: dict[tuple[str, str], set[date]],
) -> set[date] | None:  # fmt: skip
    """Days that changed facts and lookups touch; None for all."""
    touched: set[date] = set()
    for block in parts:
        if {block.fact, *(lookup.table for lookup in said.models[block.fact].lookups)} & changes.everything:
            return None
        touched |= changes.columns.get((block.fact, block.day), set())
        key = (block.fact, block.day)
        if block.fact in moves.looked and key not in looked:
            rows = delta.side(delta.LOOKED, block.fact)
            looked[key] = days(con, f"SELECT DISTINCT CAST({block.day} AS DATE) FROM {rows}")
        touched |= looked.get(key, set())
    return touched


def _moved(con: Db, rollup: str, moved: Iterable[tuple[str, str]]) -> set[date]:
    """Days of a roll-up with rows of units that lie elsewhere than before."""
    where = " OR ".join(f"{name(level)} = {quoted(code)}" for level, code in sorted(moved))
    return days(con, f"SELECT DISTINCT day FROM {main(con, f'm_{rollup}')} WHERE {where}") if where else set()


def roll(con: Db, said: Plan, todo: Mapping[str, Due], moves: delta.Moved) -> dict[str, set[date]]:
    if not todo:
        return {}
    _narrow(con, said, todo)
    delta.as_were(con, moves, said.models)
    people.worked(con, said.how, _spans(con, said, todo))
    units(con, said.how.levels)
    changed: dict[str, set[date]] = {}
    order = sorted(todo, key=lambda rollup: todo[rollup].whole is not None)
    tasks = {r: partial(_rollup, said, r, todo[r], con, changed) for r in order}
    beside.run(con.con, tasks, prepare=setup.macros)
    con.stand_ins.clear()
    con.were.clear()
    con.forget()
    return changed


def _spans(con: Db, said: Plan, todo: Mapping[str, Due]) -> people.Spans:
    """First and last day of the roll-ups that name persons, by the days that they take to mature."""
    found: dict[int, set[date]] = {}
    for rollup, wanted in todo.items():
        for block in said.blocks[rollup]:
            if block.levels.get(said.how.levels.person or "", "NULL") != "NULL":
                ends = f"SELECT unnest([min(day), max(day)]) FROM (SELECT CAST({block.day} AS DATE) AS day FROM "
                every = wanted.whole is None
                some = days(con, f"{ends}{main(con, block.fact)})") if every else wanted.days
                found.setdefault(block.settles, set()).update(some)
    return {settles: (min(some), max(some)) for settles, some in found.items() if some}


def _rollup(
    said: Plan, rollup: str, wanted: Due, whole: Db, changed: dict[str, set[date]], con: duckdb.DuckDBPyConnection
) -> None:
    """One roll-up, in a transaction of its own."""
    db, parts = whole.beside(con), said.blocks[rollup]
    with transaction(con):
        found = rolled(db, parts, said.how.levels, said.models, wanted)
        if parts[0].amount:
            listed(db, parts[0], said.how.levels, said.models[parts[0].fact], found, wanted.whole is None)
        if wanted.whole is None:
            marks.note(db, f"m_{rollup}", _mark(parts))
    changed[rollup] = found


def _narrow(con: Db, said: Plan, todo: Mapping[str, Due]) -> None:
    """Of large lookups only what roll-ups take, of the keys that their facts hold: every roll-up joins few rows."""
    keys: dict[tuple[str, str], list[str]] = {}
    wanted: dict[tuple[str, str], set[str]] = {}
    for rollup, redone in todo.items():
        for block in said.blocks[rollup]:
            day = "true" if redone.whole is None else condition(f"CAST({block.day} AS DATE)", redone.whole)
            sides = [delta.side(to, block.fact) for to in (delta.PLUS, delta.MINUS) if redone.by_row]
            for lookup in said.models[block.fact].lookups:
                if len(lookup.by) == 1 and taken(lookup, block) and exists(con, lookup.table):
                    ((theirs, ours),) = lookup.by.items()
                    rows = [f"SELECT {name(ours)} FROM {main(con, block.fact)} WHERE {day}"]
                    rows += [f"SELECT {name(ours)} FROM {side}" for side in sides]
                    keys.setdefault((lookup.table, theirs), []).extend(rows)
                    wanted.setdefault((lookup.table, theirs), {theirs, *VALID}).update(taken(lookup, block))
    for (table, key), selects in keys.items():
        if count(con, f"SELECT count(*) FROM {main(con, table)}") >= LARGE:
            few = f"{beside.SCRATCH}.{name(f'few_{table}_{key}')}"
            listed = names(c for c in columns(con, table) if c in wanted[table, key])
            where = f"{name(key)} IN ({' UNION ALL '.join(dict.fromkeys(selects))})"
            con.execute(f"CREATE OR REPLACE TABLE {few} AS SELECT {listed} FROM {main(con, table)} WHERE {where}")
            con.stand_ins[table, key] = few
