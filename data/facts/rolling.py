"""Roll-ups brought up to date for the days that changed facts, lookups, memberships and units touch."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import duckdb

from data import beside
from data.facts import attribution as people
from data.facts import delta, journal, lookups, marks, setup
from data.facts.blocks import Block
from data.facts.changes import Changes
from data.facts.lines import place, units
from data.facts.plan import Plan
from data.facts.rollup import Due, rolled
from data.facts.rows import listed
from data.facts.sql import Db, days, exists, main, name, quoted
from data.work import transaction

FORM = "2"
"""Of the tables of roll-ups: another one makes all of them again."""


def due(con: Db, said: Plan, changes: Changes, moves: delta.Moved) -> dict[str, Due]:
    """Roll-up -> what is to be redone; roll-ups with nothing to do are left out."""
    before = place(con, said.how.levels, journal.BEFORE["units"])
    after = place(con, said.how.levels)
    moved = {key for key in {*before, *after} if before.get(key) != after.get(key)} if before else set()
    todo: dict[str, Due] = {}
    for rollup, parts in said.blocks.items():
        if any(b.fact not in said.models or not exists(con, b.fact) for b in parts):
            continue
        touched = _touched(said, parts, changes, moves)
        if touched is None or moves.elsewhere is None or not marks.made(con, f"m_{rollup}", _mark(parts)):
            todo[rollup] = Due(None)
            continue
        whole = _moved(con, rollup, moved)
        for block in parts:
            made = not block.levels.get(said.how.levels.person or "", "NULL").isidentifier()  # not merely a column
            whole |= moves.elsewhere.get(block.settles, set()) if made else set()
        by_row = delta.by_row(con, moves, parts, touched - whole) if touched - whole else set()
        if touched or whole:
            todo[rollup] = Due(whole | (touched - by_row), by_row)
    return todo


def _mark(parts: Sequence[Block]) -> str:
    return marks.of(FORM + "".join(b.mark for b in parts))


def _touched(said: Plan, parts: Sequence[Block], changes: Changes, moves: delta.Moved) -> set[date] | None:
    """Days that changed facts and lookups touch; None for all."""
    touched: set[date] = set()
    for block in parts:
        if {block.fact, *(lookup.table for lookup in said.models[block.fact].lookups)} & changes.everything:
            return None
        for found in (changes.columns, moves.looked):
            touched |= found.get((block.fact, block.day), set())
    return touched


def _moved(con: Db, rollup: str, moved: Iterable[tuple[str, str]]) -> set[date]:
    """Days of a roll-up with rows of units that lie elsewhere than before."""
    where = " OR ".join(f"{name(level)} = {quoted(code)}" for level, code in sorted(moved))
    return days(con, f"SELECT DISTINCT day FROM {main(con, f'm_{rollup}')} WHERE {where}") if where else set()


def roll(con: Db, said: Plan, todo: Mapping[str, Due], moves: delta.Moved) -> dict[str, set[date]]:
    """Bring the roll-ups up to date side by side, each after what it joins; returns the days that changed."""
    if not todo:
        return {}
    units(con, said.how.levels)
    joins: dict[str, Mapping[Any, beside.Task]] = {
        "worked": people.working(con, said.how, _spans(con, said, todo)),
        "few": lookups.narrowed(con, said.blocks, said.models, todo),
        "were": lookups.as_were(con, moves, said.models),
    }
    tasks = {_task(kind, of): task for kind, some in joins.items() for of, task in some.items()}
    after = {_task("were", of): [_task("few", of)] for of in joins["were"]}
    changed: dict[str, set[date]] = {}
    for rollup in sorted(todo, key=lambda rollup: -_work(said.blocks[rollup], todo[rollup], moves)):
        tasks[rollup] = partial(_rollup, said, rollup, todo[rollup], con, changed)
        after[rollup] = _joined(said, rollup)
    beside.run(con.con, tasks, after, setup.macros)
    con.stand_ins.clear()
    con.were.clear()
    con.forget()
    return changed


def _task(kind: str, of: Hashable) -> str:
    return f"{kind} {of}"


def _joined(said: Plan, rollup: str) -> list[str]:
    """Tasks that a roll-up waits for, as far as there are such."""
    blocks = said.blocks[rollup]
    looked = {lookups.key(lookup) for block in blocks for lookup in said.models[block.fact].lookups}
    return [
        *(_task("worked", block.settles) for block in blocks),
        *(_task(kind, of) for kind in ("few", "were") for of in sorted(looked)),
    ]


def _work(parts: Sequence[Block], wanted: Due, moves: delta.Moved) -> float:
    """Rows that a roll-up is made from, as far as known: the most work is begun first."""
    if wanted.whole is None:
        return math.inf
    moved = sum(moves.rows(block, day)[0] for block in parts for day in wanted.by_row)
    return moved + sum(moves.rows(block, day)[1] for block in parts for day in wanted.whole)


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
    try:
        with transaction(con):
            found = rolled(db, parts, said.how.levels, said.models, wanted)
            if parts[0].amount:
                listed(db, parts[0], said.how.levels, said.models[parts[0].fact], found, wanted.whole is None)
            if wanted.whole is None:
                marks.note(db, f"m_{rollup}", _mark(parts))
    except duckdb.Error as error:
        raise type(error)(f"metric {rollup}: {error}") from error  # of its kind, see redo
    changed[rollup] = found
