"""From staged source tables to facts to additive roll-ups, for the days that changed.

`refresh` is the door: after staging it brings the tables of the models (`people`, `units`, … and facts `f_…`) and the
roll-ups `m_<metric>` and `t_<metric>` up to date. Nothing of any company is known here: models and metrics of its
folder say it all.

Models are made side by side in the order in which they need each other, then the roll-ups, each in a transaction of its
own; `journal` sees to it that a refresh that was cut off is taken up where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from data import beside
from data.facts import alone, delta, difference, journal, marks, names, sealed, setup, state
from data.facts import attribution as people
from data.facts.blocks import Block
from data.facts.changes import Changes
from data.facts.models import FACT, Model
from data.facts.plan import Plan, held, plan, spanned
from data.facts.redo import redo
from data.facts.rolling import due, roll
from data.facts.sql import Db, exists, main
from data.work import transaction

__all__ = ["Plan", "held", "plan", "refresh"]
ELSEWHERE = "worked elsewhere"
"""The task that finds who worked elsewhere than known before."""


def refresh(
    con: duckdb.DuckDBPyConnection, folder: Path, dirty: Mapping[str, Iterable[date]],
    done: Callable[[Mapping[str, set[date]]], None] = lambda changed: None,
) -> dict[str, set[date]]:  # fmt: skip
    """Redo what the dirty days touch; returns the changed days of every roll-up (an early sign's under metric__early).

    `dirty`: source key (or the name of its staged table) -> `_day` values of rows that came, changed or went.
    What was never made, or whose model or metric was edited since, is made whole. `done` is called with what is
    returned in the last transaction: dirty days may be forgotten in it, never before. The caller holds no transaction.
    """
    said, db = plan(folder), Db(con)
    base = setup.mark(folder)
    setup.macros(db)
    beside.scratch(con)
    db.execute("CREATE TABLE IF NOT EXISTS facts_made(name VARCHAR, mark VARCHAR)")
    if not marks.made(db, "codes", base):
        with transaction(con):
            setup.prepare(db, folder)
            marks.note(db, "codes", base)
    changes = journal.begun(db)
    changes.since = alone.since(db)
    newest = alone.newest(db)
    for source, found in _by_source(dirty).items():
        changes.add(source, found)
    moves = _make(db, said, changes, base)
    changed = roll(db, said, due(db, said, changes, moves), moves)
    with transaction(con):
        span = held(db, said.blocks)
        if span:
            setup.calendar(db, *span)
        state.write(db, folder, said.how.levels.person or "", said.blocks, said.models)
        names.complete(db, folder, said.blocks, said.models)
        sealed.write(db, said.how, said.blocks, changed, span)
        marks.drop(db, FACT, said.models)
        done(changed)
        journal.clear(db, changes)
        alone.read(db, newest)
    beside.scratch(con)
    return changed


def _by_source(dirty: Mapping[str, Iterable[date]]) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    for key, values in dirty.items():
        source = key.split("_", 1)[1] if key.startswith(("s_", "l_", "gone_")) else key
        found.setdefault(source, set()).update(values)
    return found


def _make(con: Db, said: Plan, changes: Changes, base: str) -> delta.Moved:
    """Bring the tables of all models up to date, side by side where they do not need each other.

    Of facts that are rolled up, which rows moved is found as soon as they and their lookups are made.
    """
    moves = delta.Moved()
    blocks: dict[str, list[Block]] = {}
    for block in (block for parts in said.blocks.values() for block in parts):
        blocks.setdefault(block.fact, []).append(block)
    span = spanned(con, said, changes)
    _news(con, said, changes)
    con.tables()  # looked up once, for all that work beside
    tasks: dict[str, beside.Task] = {
        key: partial(_model, said, model, changes, base, sorted({b.day for b in blocks.get(key, ())}), span, con)
        for key, model in said.models.items()
    }
    after = {key: [need.table for need in model.needs] for key, model in said.models.items()}
    tasks[ELSEWHERE] = partial(_elsewhere, moves, said, span, con)
    after[ELSEWHERE] = list(journal.BEFORE)
    for model in (said.models[fact] for fact in blocks if fact in said.models):
        tasks[f"moved {model.name}"] = partial(_moved, moves, said, model, blocks[model.name], changes, con)
        after[f"moved {model.name}"] = [model.name, ELSEWHERE, *(lookup.table for lookup in model.lookups)]
    beside.run(con.con, tasks, after, setup.macros)
    con.forget()
    return moves


def _model(
    said: Plan, model: Model, changes: Changes, base: str, expressions: Sequence[str], span: tuple[date, date],
    whole: Db, con: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    """One model: made, then written in a transaction of its own."""
    db = whole.beside(con)
    facts = {m.name: m for m in said.models.values() if m.is_fact}
    mark = marks.of(base + model.text)
    fresh = not marks.made(db, model.name, mark)
    write = redo(db, model, facts, changes, fresh, expressions, span)
    with transaction(con):
        if write:
            write()
            journal.note(db, model.name, changes)
        if fresh and model.name not in changes.missing:
            marks.note(db, model.name, mark)
    difference.keep(db, model, changes)
    whole.learn(db)


def _elsewhere(
    moves: delta.Moved, said: Plan, span: tuple[date, date], whole: Db, con: duckdb.DuckDBPyConnection
) -> None:
    """Who worked elsewhere than known before."""
    moves.elsewhere = people.changed(whole.beside(con), said.how, said.settles, span)


def _moved(
    moves: delta.Moved, said: Plan, model: Model, blocks: Sequence[Block], changes: Changes, whole: Db,
    con: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    """Which rows of a fact moved, where there is such a fact."""
    db = whole.beside(con)
    if exists(db, model.name):
        delta.find(db, moves, model, blocks, said.how.levels.person, changes)


def _news(con: Db, said: Plan, changes: Changes) -> None:
    """Staged tables that are read whole: whether they hold other rows than last time, dirty days or not."""
    for table in {n.table for m in said.models.values() for n in m.needs if n.how == "whole" and n.source}:
        if not exists(con, table):
            continue
        row = con.execute(f"SELECT count(*), max(_file) FROM {main(con, table)}").fetchone()
        if not marks.made(con, table, str(row)):
            changes.everything.add(table)
            with transaction(con.con):
                journal.note(con, table, changes)
                marks.note(con, table, str(row))
