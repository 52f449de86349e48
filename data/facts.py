"""From staged source tables to facts to additive roll-ups, for the days that changed.

`refresh` is the door: after staging it brings the tables of the models (`people`, `units`, … and facts `f_…`) and the roll-ups
`m_<metric>` and `t_<metric>` up to date. Nothing of any company is known here: models and metrics of its folder say it all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import duckdb

from data import facts_setup
from data.facts_blocks import EARLY, Block, Levels, load_blocks, load_levels
from data.facts_models import Lookup, Model, load_models
from data.facts_redo import Changes, redo
from data.facts_rollup import UNIT_SAYS, rolled
from data.facts_sql import columns, count, days, exists, main, name, names, quoted

FAR = date(9999, 12, 31)
CALENDAR = ("weekday",)
"""Dimensions that the calendar gives."""


def refresh(
    con: duckdb.DuckDBPyConnection, folder: Path, dirty: Mapping[str, Iterable[date]]
) -> dict[str, set[date]]:
    """Redo what the dirty days touch; returns the changed days of every roll-up (an early sign's under metric__early).

    `dirty`: source key (or the name of its staged table) -> `_day` values of rows that came, changed or went.
    What was never made, or whose model or metric was edited since, is made whole.
    """
    facts_setup.prepare(con, folder)
    con.execute("CREATE TABLE IF NOT EXISTS facts_made(name VARCHAR, mark VARCHAR)")
    levels = load_levels(facts_setup.company(folder))
    blocks = load_blocks(folder, levels, CALENDAR)
    models = load_models(folder)
    changes = Changes(days=_by_source(dirty))
    placed = _placed(con, levels)
    _models(con, models, _expressions(blocks), changes, facts_setup.mark(folder))
    changed = _rollups(con, blocks, levels, {m.name: m for m in models}, changes, placed)
    span = held(con, blocks)
    if span:
        facts_setup.calendar(con, *span)
    _states(con, folder, blocks, models)
    return changed


def held(con: duckdb.DuckDBPyConnection, blocks: Iterable[str]) -> tuple[date, date] | None:
    """First and last day of all roll-ups, None when nothing is held."""
    spans = []
    for metric in blocks:
        if exists(con, f"m_{metric}"):
            spans += con.execute(f"SELECT min(day), max(day) FROM {main(con, f'm_{metric}')}").fetchall()
    known = [span for span in spans if span[0] is not None]
    return (min(s[0] for s in known), max(s[1] for s in known)) if known else None


def _by_source(dirty: Mapping[str, Iterable[date]]) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    for key, values in dirty.items():
        source = key.split("_", 1)[1] if key.startswith(("s_", "l_", "gone_")) else key
        found.setdefault(source, set()).update(values)
    return found


def _expressions(blocks: Mapping[str, list[Block]]) -> dict[str, list[str]]:
    """Fact -> day expressions of the metrics made from it."""
    found: dict[str, list[str]] = {}
    for parts in blocks.values():
        for block in parts:
            listed = found.setdefault(block.fact, [])
            if block.day not in listed:
                listed.append(block.day)
    return found


def _models(
    con: duckdb.DuckDBPyConnection, models: list[Model], expressions: Mapping[str, list[str]], changes: Changes, base: str
) -> None:
    facts = {m.name: m for m in models if m.is_fact}
    span = _span(con, changes)
    for model in models:
        mark = hashlib.sha256((base + model.path.read_text(encoding="utf-8")).encode()).hexdigest()[:16]
        fresh = not _made(con, model.name, mark)
        redo(con, model, facts, changes, fresh, expressions.get(model.name, ()), span)
        if fresh and model.name not in changes.missing:
            _note_made(con, model.name, mark)


def _span(con: duckdb.DuckDBPyConnection, changes: Changes) -> tuple[date, date]:
    """Days that dated tables are compared over: what facts hold and what is dirty."""
    known = {d for values in changes.days.values() for d in values}
    for (table,) in con.execute("SELECT DISTINCT name FROM facts_made WHERE name LIKE 'm\\_%' ESCAPE '\\'").fetchall():
        if exists(con, table):
            known |= days(con, f"SELECT unnest([min(day), max(day)]) FROM {main(con, table)}")
    return (min(known), max(known)) if known else (date(2000, 1, 1), date(2000, 1, 1))


def _made(con: duckdb.DuckDBPyConnection, table: str, mark: str) -> bool:
    return exists(con, table) and bool(
        count(con, f"SELECT count(*) FROM facts_made WHERE name = {quoted(table)} AND mark = {quoted(mark)}")
    )


def _note_made(con: duckdb.DuckDBPyConnection, table: str, mark: str) -> None:
    con.execute("DELETE FROM facts_made WHERE name = ?", [table])
    con.execute("INSERT INTO facts_made VALUES (?, ?)", [table, mark])


def _placed(con: duckdb.DuckDBPyConnection, levels: Levels) -> dict[tuple[str, str], tuple[str, ...]]:
    """(level, code) -> where the unit lies and what it says of itself, as roll-ups use it."""
    if not exists(con, "units"):
        return {}
    rows = con.execute(f"SELECT level, code, {names((*levels.units, *UNIT_SAYS))} FROM {main(con, 'units')}").fetchall()
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def _rollups(
    con: duckdb.DuckDBPyConnection, blocks: Mapping[str, list[Block]], levels: Levels, models: Mapping[str, Model],
    changes: Changes, before: dict[tuple[str, str], tuple[str, ...]],
) -> dict[str, set[date]]:  # fmt: skip
    after = _placed(con, levels)
    moved = {key for key in {*before, *after} if before.get(key) != after.get(key)} if before else set()
    todo: dict[str, set[date] | None] = {}
    for metric, parts in blocks.items():
        if any(b.fact not in models or not exists(con, b.fact) for b in parts):
            continue
        mark = hashlib.sha256("".join(b.mark for b in parts).encode()).hexdigest()[:16]
        whole = not _made(con, f"m_{metric}", mark) or any(b.fact in changes.everything for b in parts)
        todo[metric] = None if whole else _touched(con, metric, parts, levels, models, changes, moved)
        if whole:
            _note_made(con, f"m_{metric}", mark)
    if any(value is None or value for value in todo.values()):
        _lookups(con, levels, todo, blocks)
    return {
        metric: rolled(con, blocks[metric], levels, models, value)
        for metric, value in todo.items()
        if value is None or value
    }


def _touched(
    con: duckdb.DuckDBPyConnection, metric: str, parts: list[Block], levels: Levels, models: Mapping[str, Model],
    changes: Changes, moved: set[tuple[str, str]],
) -> set[date] | None:  # fmt: skip
    """Days of a roll-up that changed facts, lookups, memberships or units touch; None for all."""
    touched: set[date] = set()
    for block in parts:
        touched |= changes.columns.get((block.fact, block.day), set())
        for lookup in models[block.fact].lookups:
            if lookup.table in changes.everything:
                return None
            if lookup.table in changes.pairs:
                touched |= _looked_up(con, block, models[block.fact], lookup)
        if levels.person in block.levels:
            if "membership" in changes.everything:
                return None
            touched |= changes.days.get("membership", set())
    for level, code in moved:
        touched |= days(con, f"SELECT DISTINCT day FROM {main(con, f'm_{metric}')} WHERE {name(level)} = {quoted(code)}")
    return touched


def _looked_up(con: duckdb.DuckDBPyConnection, block: Block, model: Model, lookup: Lookup) -> set[date]:
    on = " AND ".join(f"changed.{name(a)} = f.{name(b)}" for a, b in lookup.on.items())
    return days(
        con,
        f"SELECT DISTINCT CAST({block.day} AS DATE) FROM {main(con, model.name)} AS f "
        f"SEMI JOIN {name(f'changed_{lookup.table}')} AS changed ON {on} AND changed.day = f.{name(lookup.day or model.day)}",
    )


def _lookups(
    con: duckdb.DuckDBPyConnection, levels: Levels, todo: Mapping[str, set[date] | None], blocks: Mapping[str, list[Block]]
) -> None:
    """Temporary tables worked_day(person, day, unit; a loan wins) and placed (the units)."""
    some = {d for value in todo.values() if value for d in value}
    if levels.person:
        con.execute("CREATE OR REPLACE TEMP TABLE worked_day(person VARCHAR, day DATE, unit VARCHAR)")
        if exists(con, "membership"):
            for metric, value in todo.items():
                if value is None:
                    for block in blocks[metric]:
                        fact = f"SELECT unnest([min(d), max(d)]) FROM (SELECT CAST({block.day} AS DATE) AS d FROM {main(con, block.fact)})"
                        some |= days(con, fact)
            if some:
                _worked(con, levels, min(some), max(some))
    if exists(con, "units"):
        listed = names(dict.fromkeys((*levels.units, *UNIT_SAYS)))
        con.execute(f"CREATE OR REPLACE TEMP TABLE placed AS SELECT level, code, {listed} FROM {main(con, 'units')}")
    else:
        listed = ", ".join(f"{name(c)} VARCHAR" for c in dict.fromkeys((*levels.units, *UNIT_SAYS)))
        con.execute(f"CREATE OR REPLACE TEMP TABLE placed(level VARCHAR, code VARCHAR, {listed})")


def _worked(con: duckdb.DuckDBPyConnection, levels: Levels, first: date, last: date) -> None:
    con.execute(
        f"INSERT INTO worked_day SELECT person, day, arg_max({name(levels.base or '')}, (kind <> 'HOME', valid_from)) FROM ("
        f"SELECT *, unnest(generate_series(greatest(valid_from, DATE '{first}'), least(valid_to - 1, DATE '{last}'), "
        f"INTERVAL 1 DAY))::DATE AS day FROM {main(con, 'membership')}) GROUP BY person, day"
    )


def _states(con: duckdb.DuckDBPyConnection, folder: Path, blocks: Mapping[str, list[Block]], models: list[Model]) -> None:
    """metric_state: ok, or missing with the source that was never loaded."""
    by_name = {model.name: model for model in models}
    con.execute("CREATE TABLE IF NOT EXISTS metric_state(metric VARCHAR, state VARCHAR, note VARCHAR)")
    con.execute("DELETE FROM metric_state")
    for path in sorted((folder / "metrics").glob("*.yml")):
        metric = path.stem
        parts = blocks.get(metric, [])
        lacking = sorted({s for b in parts for s in _unloaded(con, b.fact, by_name)})
        if not parts:
            con.execute("INSERT INTO metric_state VALUES (?, 'missing', 'no facts')", [metric])
        elif lacking:
            con.execute("INSERT INTO metric_state VALUES (?, 'missing', ?)", [metric, ", ".join(lacking)])
        else:
            con.execute("INSERT INTO metric_state VALUES (?, 'ok', '')", [metric])


def _unloaded(con: duckdb.DuckDBPyConnection, table: str, models: Mapping[str, Model]) -> set[str]:
    """Sources behind a fact, through all models, that hold no row."""
    model = models.get(table)
    if model is None:
        return set()
    found: set[str] = set()
    for need in model.needs:
        if need.columns:
            continue
        if need.source is not None:
            if not exists(con, need.table) or not count(con, f"SELECT count(*) FROM (SELECT 1 FROM {main(con, need.table)} LIMIT 1)"):
                found.add(need.source)
        else:
            found |= _unloaded(con, need.table, models)
    return found


__all__ = ["EARLY", "FAR", "columns", "held", "refresh", "timedelta"]
