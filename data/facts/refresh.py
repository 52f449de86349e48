"""From staged source tables to facts to additive roll-ups, for the days that changed.

`refresh` is the door: after staging it brings the tables of the models (`people`, `units`, … and facts `f_…`) and the
roll-ups `m_<metric>` and `t_<metric>` up to date. Nothing of any company is known here: models and metrics of its
folder say it all.

Models are made side by side in the order in which they need each other, then the roll-ups, each in a transaction of its
own; `journal` sees to it that a refresh that was cut off is taken up where it stood.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from data import beside
from data.facts import alone, journal, names, sealed, setup, state
from data.facts import attribution as people
from data.facts.blocks import Block, load_blocks, load_levels
from data.facts.days import condition
from data.facts.models import Lookup, Model, load_models
from data.facts.redo import Changes, redo
from data.facts.rollup import place, rolled, units
from data.facts.rows import listed
from data.facts.sql import Connection, Db, count, days, exists, main, name, quoted
from data.work import transaction

LARGE = 50_000
"""Rows from which on a lookup is narrowed before roll-ups join it."""
CALENDAR = ("weekday",)
"""Dimensions that the calendar gives."""
FORM = "2"
"""Of the tables of roll-ups: another one makes all of them again."""
Places = dict[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True)
class Plan:
    """What a company folder says about its facts."""

    models: Mapping[str, Model]
    """In the order in which they are made."""
    blocks: Mapping[str, Sequence[Block]]
    """Roll-up -> its selects."""
    how: people.Attribution

    @property
    def settles(self) -> set[int]:
        return {block.settles for parts in self.blocks.values() for block in parts}


def plan(folder: Path) -> Plan:
    """Read models and metrics of a company folder; raises ModelError on an author's mistake."""
    company = setup.company(folder)
    levels = load_levels(company)
    return Plan(
        {model.name: model for model in load_models(folder)},
        load_blocks(folder, levels, CALENDAR),
        people.attribution(levels, company),
    )


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
    if not _made(db, "codes", base):
        with transaction(con):
            setup.prepare(db, folder)
            _note(db, "codes", base)
    changes = journal.begun(db)
    changes.asked, changes.since = alone.asked(said.models.values()), alone.since(db)
    newest = alone.newest(db)
    for source, found in _by_source(dirty).items():
        changes.add(source, found)
    _make(db, said, changes, base)
    changed = _roll(db, said, _todo(db, said, changes))
    with transaction(con):
        span = held(db, said.blocks)
        if span:
            setup.calendar(db, *span)
        state.write(db, folder, said.blocks, said.models)
        names.complete(db, folder, said.blocks, said.models)
        sealed.write(db, said.how, said.blocks, changed, span)
        done(changed)
        journal.clear(db, changes)
        alone.read(db, newest)
    return changed


def held(con: Connection, rollups: Iterable[str]) -> tuple[date, date] | None:
    """First and last day of all roll-ups, None when nothing is held."""
    there = [
        f"SELECT min(day) AS a, max(day) AS b FROM {main(con, f'm_{r}')}" for r in rollups if exists(con, f"m_{r}")
    ]
    row = con.execute(f"SELECT min(a), max(b) FROM ({' UNION ALL '.join(there)})").fetchone() if there else None
    return (row[0], row[1]) if row and row[0] is not None else None


def _by_source(dirty: Mapping[str, Iterable[date]]) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    for key, values in dirty.items():
        source = key.split("_", 1)[1] if key.startswith(("s_", "l_", "gone_")) else key
        found.setdefault(source, set()).update(values)
    return found


def _make(con: Db, said: Plan, changes: Changes, base: str) -> None:
    """Bring the tables of all models up to date, side by side where they do not need each other."""
    expressions: dict[str, list[str]] = {}
    for parts in said.blocks.values():
        for block in parts:
            expressions.setdefault(block.fact, []).append(block.day)
    span = _span(con, said, changes)
    _news(con, said, changes)
    tasks = {
        key: partial(_model, said, model, changes, base, list(dict.fromkeys(expressions.get(key, ()))), span)
        for key, model in said.models.items()
    }
    after = {key: [need.table for need in model.needs] for key, model in said.models.items()}
    beside.run(con.con, tasks, after, _prepared)
    con.forget()


def _prepared(con: duckdb.DuckDBPyConnection) -> None:
    setup.macros(con)


def _model(
    said: Plan, model: Model, changes: Changes, base: str, expressions: Sequence[str], span: tuple[date, date],
    con: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    """One model, in a transaction of its own."""
    db = Db(con)
    facts = {m.name: m for m in said.models.values() if m.is_fact}
    mark = _hash(base + model.text)
    with transaction(con):
        fresh = not _made(db, model.name, mark)
        if redo(db, model, facts, changes, fresh, expressions, span):
            journal.note(db, model.name, changes)
        if fresh and model.name not in changes.missing:
            _note(db, model.name, mark)


def _news(con: Db, said: Plan, changes: Changes) -> None:
    """Staged tables that are read whole: whether they hold other rows than last time, dirty days or not."""
    for table in {n.table for m in said.models.values() for n in m.needs if n.how == "whole" and n.source}:
        if not exists(con, table):
            continue
        row = con.execute(f"SELECT count(*), max(_file) FROM {main(con, table)}").fetchone()
        if not _made(con, table, str(row)):
            changes.everything.add(table)
            with transaction(con.con):
                journal.note(con, table, changes)
                _note(con, table, str(row))


def _span(con: Db, said: Plan, changes: Changes) -> tuple[date, date]:
    """Days that dated tables are compared over: what roll-ups hold and what is dirty."""
    known = {d for values in changes.days.values() for d in values}
    known |= set(held(con, said.blocks) or ())
    return (min(known), max(known)) if known else (date(2000, 1, 1), date(2000, 1, 1))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _made(con: Db, table: str, mark: str) -> bool:
    return exists(con, table) and bool(
        count(con, f"SELECT count(*) FROM facts_made WHERE name = {quoted(table)} AND mark = {quoted(mark)}")
    )


def _note(con: Db, table: str, mark: str) -> None:
    con.execute("DELETE FROM facts_made WHERE name = ?", [table])
    con.execute("INSERT INTO facts_made VALUES (?, ?)", [table, mark])


def _todo(con: Db, said: Plan, changes: Changes) -> dict[str, set[date] | None]:
    """Roll-up -> days to be redone, None for all; roll-ups with nothing to do are left out."""
    before = place(con, said.how.levels, journal.BEFORE["units"])
    after = place(con, said.how.levels)
    moved = {key for key in {*before, *after} if before.get(key) != after.get(key)} if before else set()
    elsewhere = people.changed(con, said.how, said.settles, _span(con, said, changes))
    todo: dict[str, set[date] | None] = {}
    looked: dict[tuple[str, ...], set[date]] = {}
    for rollup, parts in said.blocks.items():
        if any(b.fact not in said.models or not exists(con, b.fact) for b in parts):
            continue
        whole = not _made(con, f"m_{rollup}", _mark(parts)) or elsewhere is None
        wanted = None if whole else _touched(con, said, parts, changes, elsewhere or {}, looked)
        if wanted is not None:
            wanted |= _moved(con, rollup, moved)
        if wanted is None or wanted:
            todo[rollup] = wanted
    return todo


def _mark(parts: Sequence[Block]) -> str:
    return _hash(FORM + "".join(b.mark for b in parts))


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


def _roll(con: Db, said: Plan, todo: Mapping[str, set[date] | None]) -> dict[str, set[date]]:
    if not todo:
        return {}
    some = {d for wanted in todo.values() for d in wanted or ()}
    for rollup, wanted in todo.items():
        for block in said.blocks[rollup] if wanted is None else ():
            day = f"CAST({block.day} AS DATE)"
            some |= days(con, f"SELECT unnest([min({day}), max({day})]) FROM {main(con, block.fact)}")
    _narrow(con, said, todo)
    settles = {block.settles for rollup in todo for block in said.blocks[rollup]}
    people.worked(con, said.how, settles, (min(some), max(some)) if some else None)
    units(con, said.how.levels)
    changed: dict[str, set[date]] = {}
    order = sorted(todo, key=lambda rollup: todo[rollup] is not None)
    tasks = {r: partial(_rollup, said, r, todo[r], con.stand_ins, changed) for r in order}
    beside.run(con.con, tasks, prepare=_prepared)
    for stand_in in con.stand_ins.values():
        con.execute(f"DROP TABLE {stand_in}")
    con.stand_ins.clear()
    con.forget()
    return changed


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
            _note(db, f"m_{rollup}", _mark(parts))
    changed[rollup] = found


def _narrow(con: Db, said: Plan, todo: Mapping[str, set[date] | None]) -> None:
    """Of large lookups only the rows whose keys the facts to be rolled up hold: every roll-up joins few rows."""
    keys: dict[tuple[str, str], list[str]] = {}
    for rollup, wanted in todo.items():
        for block in said.blocks[rollup]:
            day = "true" if wanted is None else condition(f"CAST({block.day} AS DATE)", wanted)
            for lookup in said.models[block.fact].lookups:
                if len(lookup.by) == 1 and exists(con, lookup.table):
                    ((theirs, ours),) = lookup.by.items()
                    rows = f"SELECT {name(ours)} FROM {main(con, block.fact)} WHERE {day}"
                    keys.setdefault((lookup.table, theirs), []).append(rows)
    for (table, key), selects in keys.items():
        if count(con, f"SELECT count(*) FROM {main(con, table)}") >= LARGE:
            few = f"{beside.SCRATCH}.{name(f'few_{table}_{key}')}"
            where = f"{name(key)} IN ({' UNION '.join(dict.fromkeys(selects))})"
            con.execute(f"CREATE OR REPLACE TABLE {few} AS SELECT * FROM {main(con, table)} WHERE {where}")
            con.stand_ins[table, key] = few
