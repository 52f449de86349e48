"""One model made again for the days that changed, and what that changed in its table.

The SELECT of a model is written as if it were made for all days. Temporary views of the needed tables' names, narrowed
to the rows in reach, stand in front of the stored tables while it runs. Its rows are compared with those held for the
same days, and only rows that differ are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial

import duckdb

from data.facts import alone, difference, sums
from data.facts.alone import Only
from data.facts.changes import CAME, Changes, rows
from data.facts.days import condition, made_from, read_for
from data.facts.models import Model, Need, day_column
from data.facts.sql import Db, columns, days, exists, main, name, names, value

Write = Callable[[], None]


def redo(
    con: Db, model: Model, facts: Mapping[str, Model], changes: Changes,
    fresh: bool, expressions: Sequence[str], span: tuple[date, date],
) -> Write | None:  # fmt: skip
    """Make the rows of the model that may differ; returns what brings its table up to date and notes in `changes`
    what differs, to be called in a transaction; None when there is nothing to look at.

    `fresh` makes all of it again.
    """
    lacking = next((n for n in model.needs if not n.columns and not exists(con, n.table)), None)
    if lacking is not None:
        changes.missing[model.name] = changes.missing.get(lacking.table, lacking.source or lacking.table)
        return None
    held = not fresh and exists(con, model.name)
    if held and model.redo == "sum" and sums.known(model, changes):
        sums.find(con, model)
        return partial(sums.write, con, model, changes)
    with alone.finding(con) as found:
        wanted = _wanted(con, model, facts, changes, found) if held else None
        only = alone.narrow(con, model, facts, changes, wanted, found)
    if wanted is not None and not wanted:
        return None
    if model.redo == "key" and wanted is not None and not alone.keyed(con, model, changes):
        wanted = None
    with _narrowed(con, model, facts, wanted, only):
        _make(con, model, wanted if model.redo == "day" else None, only)
    return partial(_write, con, model, wanted, fresh, changes, expressions, span, only)


def _wanted(
    con: Db, model: Model, facts: Mapping[str, Model], changes: Changes, found: dict[str, str]
) -> set[date] | None:
    """Days of the model to be redone; None for all."""
    wanted: set[date] = set()
    for need in model.needs:
        if need.table in changes.everything and (need.how == "whole" or need.source is None):
            return None
        changed = changes.days.get(need.source or need.table, set())
        if not changed:
            continue
        if need.how == "whole":
            return None
        if need.how == "days":
            wanted |= made_from(changed, need.reach)
        elif need.how == "dated":
            wanted |= changed
        else:
            wanted |= _keyed_days(con, model, need, facts, changes, found)
    return wanted


def _keyed_days(
    con: Db, model: Model, need: Need, facts: Mapping[str, Model], changes: Changes, found: dict[str, str]
) -> set[date]:
    """Days of the facts that changed rows of a keyed need belong to, by way of the need that holds the keys."""
    other = model.need(need.of)
    if other is None or (need.source and need.source == other.source and need.by == need.ours in model.key):
        return set()  # more about the same row: its own day has changed
    keys = alone.touched(con, need, need.by, changes)
    known = keys is not None
    if keys is None:
        changed = condition(name(day_column(need.table, facts)), changes.days[need.source or need.table])
        keys = f"SELECT {need.tells} FROM {main(con, need.table)} WHERE {changed}"
        was = f"{alone.WAS}{need.source}"
        keys += f" UNION SELECT {need.tells} FROM {main(con, was)}" if exists(con, was) else ""
    day = name(day_column(other.table, facts))
    near = made_from(changes.days[need.source or need.table], need.reach) if need.near else None
    some = f" AND {condition(day, read_for(near, other.reach))}" if near is not None else ""
    held = f"{main(con, other.table)} WHERE {other.counts}{some} AND {need.held_by} IN ({keys})"
    held = alone.find(con, model, need, day, held, found) if known else held
    made = made_from(days(con, f"SELECT DISTINCT {day} FROM {held}"), other.reach)
    return made if near is None else made & near


@contextmanager
def _narrowed(
    con: Db, model: Model, facts: Mapping[str, Model], wanted: set[date] | None, only: Only | None
) -> Iterator[None]:
    """Views of the needed tables that hold no more than what the wanted days are made from."""
    made: list[str] = []
    try:
        for need in sorted(model.needs, key=lambda n: n.how == "keyed"):
            where = " AND ".join(f"({true})" for true in _conditions(con, model, need, facts, wanted, only))
            if not exists(con, need.table):
                con.execute(f"CREATE OR REPLACE TEMP TABLE {name(need.name)}({need.columns})")
                made.append(f"DROP TABLE temp.{name(need.name)}")
            elif where or need.name != need.table:
                rows = f"SELECT * FROM {main(con, need.table)}" + (f" WHERE {where}" if where else "")
                con.execute(f"CREATE OR REPLACE TEMP VIEW {name(need.name)} AS {rows}")
                made.append(f"DROP VIEW temp.{name(need.name)}")
        yield
    finally:
        for statement in reversed(made):
            con.execute(statement)


def _conditions(
    con: Db, model: Model, need: Need, facts: Mapping[str, Model], wanted: set[date] | None, only: Only | None
) -> Iterator[str]:
    """What is true of the rows of a need that are read, as SQL."""
    if need.where:
        yield need.where
    if wanted is None or need.how not in ("days", "keyed"):
        return
    day = day_column(need.table, facts)
    if model.redo == "key" and need.how == "days":
        yield f"{value(need.by or model.key[0])} IN (SELECT * FROM temp.only_keys)"
    if model.redo == "day" and (need.how == "days" or need.near):
        yield condition(name(day), read_for(wanted, need.reach))
    if model.redo == "day" and need.how == "keyed":
        yield f"{need.tells} IN (SELECT {need.held_by} FROM {name(need.of)})"
    if only and model.apart(need):
        yield only.of(need.by, day, read_for(only.days, need.reach))


def _make(con: Db, model: Model, wanted: set[date] | None, only: Only | None) -> None:
    day = f" WHERE {name(model.day)} IS NOT NULL" if model.day and model.is_fact else ""
    if wanted is not None:
        some = f" AND {only.of(model.alone, model.day, only.days)}" if only and only.days else ""
        day = f" WHERE {condition(name(model.day), wanted)}{some}"
    try:
        con.execute(f"CREATE OR REPLACE TABLE {rows(CAME, model.name)} AS SELECT * FROM ({model.sql}) AS made{day}")
    except duckdb.Error as error:
        raise type(error)(f"{model.path}: {error}") from error  # of its kind: what lacked memory is tried again alone


def _shape(con: Db, model: Model) -> list[str]:
    """Columns of the rows made now."""
    return [str(row[0]) for row in con.execute(f"DESCRIBE {rows(CAME, model.name)}").fetchall()]


def _write(
    con: Db, model: Model, wanted: set[date] | None, fresh: bool, changes: Changes,
    expressions: Sequence[str], span: tuple[date, date], only: Only | None,
) -> None:  # fmt: skip
    """Write the rows that differ and note the days."""
    table, made = main(con, model.name), rows(CAME, model.name)
    old, shape = columns(con, model.name), _shape(con, model)
    if not old or (fresh and old != shape):
        _note(con, model, changes, f"SELECT * FROM {made}", "", expressions, span)
        if old:
            changes.everything.add(model.name)
        con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {made}")
        return
    if old == shape:
        difference.retype(con, table, made)
    differ = difference.find(con, model, wanted, only)
    if differ:
        _note(con, model, changes, "SELECT * FROM came", "SELECT * FROM went", expressions, span)
        con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT went FROM difference)")
        con.execute(f"INSERT INTO {table} SELECT * FROM came")
    if differ <= difference.MOST and not changes.resumed:
        changes.kept.add(model.name)


def _note(
    con: Db, model: Model, changes: Changes, came: str, went: str, expressions: Sequence[str], span: tuple[date, date]
) -> None:  # fmt: skip
    """Note the days of rows that came or went; nothing went: all are new."""
    both = f"({came})" if not went else f"({came} UNION ALL {went})"
    if model.is_fact:
        _note_days(con, model, changes, both, expressions)
    elif "valid_from" not in _shape(con, model) or not went:
        changes.everything.add(model.name)
    else:
        _note_dated(con, model, changes, came, went, span)


def _note_days(con: Db, model: Model, changes: Changes, rows: str, expressions: Sequence[str]) -> None:
    """Days of a fact's changed rows, its own and those of the roll-ups' expressions, in one look."""
    listed = ", ".join([name(model.day), *(f"CAST({expression} AS DATE)" for expression in expressions)])
    found = con.execute(f"SELECT DISTINCT {listed} FROM {rows}").fetchall()
    own, *others = ({row[i] for row in found} - {None} for i in range(len(expressions) + 1))
    changes.add(model.name, own)
    for expression, theirs in zip(expressions, others, strict=True):
        changes.columns.setdefault((model.name, expression), set()).update(theirs)


def _note_dated(con: Db, model: Model, changes: Changes, came: str, went: str, span: tuple[date, date]) -> None:
    """Days on which a dated table says something else than before, and for which keys: changed_<table>.

    Between two neighbouring edges (valid_from, valid_to) of a key's rows nothing changes: what the rows that came say
    there is compared with what the rows that went said, from the day `starts` to the day `ends` of each piece.
    """
    rest = [c for c in _shape(con, model) if c[:6] != "valid_"]
    key = [k for k in model.key if k[:6] != "valid_"]
    says = f"CAST(hash({names(rest)}) AS HUGEINT) AS says"
    changed = main(con, f"changed_{model.name}")
    head = f"INSERT INTO {changed}" if exists(con, f"changed_{model.name}") else f"CREATE TABLE {changed} AS"
    con.execute(
        f"""{head}
            WITH moved AS (SELECT {names(key)}, valid_from, valid_to, {says} FROM ({came})
              UNION ALL SELECT {names(key)}, valid_from, valid_to, -{says} FROM ({went})),
            edges AS (SELECT DISTINCT {names(key)}, unnest([valid_from, valid_to]) AS edge FROM moved),
            cut AS (SELECT {names(key)}, edge AS starts,
              lead(edge) OVER (PARTITION BY {names(key)} ORDER BY edge) AS ends FROM edges),
            pieces AS (SELECT * FROM cut WHERE ends > DATE '{span[0]}' AND starts <= DATE '{span[1]}'),
            differ AS (SELECT {names(key)}, starts, ends FROM pieces JOIN moved USING ({names(key)})
              WHERE valid_from <= starts AND starts < valid_to GROUP BY ALL HAVING sum(says) <> 0)
            SELECT DISTINCT {names(key)}, greatest(starts, DATE '{span[0]}') AS starts,
              least(ends - 1, DATE '{span[1]}') AS ends FROM differ"""
    )
    every = "unnest(generate_series(starts, ends, INTERVAL 1 DAY))::DATE"
    changes.add(model.name, days(con, f"SELECT DISTINCT {every} FROM (SELECT DISTINCT starts, ends FROM {changed})"))
    changes.pairs.add(model.name)
