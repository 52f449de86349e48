"""One model made again for the days that changed, and what that changed in its table.

The SELECT of a model is written as if it were made for all days. Temporary views of the needed tables' names, narrowed
to the rows in reach, stand in front of the stored tables while it runs. Its rows are compared with those held for the
same days, and only rows that differ are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

import duckdb

from data.facts import alone
from data.facts.alone import Only
from data.facts.changes import Changes
from data.facts.days import condition, made_from, read_for
from data.facts.models import Model, Need, day_column
from data.facts.sql import Db, columns, count, days, exists, main, name, names


def redo(
    con: Db, model: Model, facts: Mapping[str, Model], changes: Changes,
    fresh: bool, expressions: Sequence[str], span: tuple[date, date],
) -> bool:  # fmt: skip
    """Bring the model's table up to date and note in `changes` what differs; False when there was nothing to look at.

    `fresh` makes all of it again.
    """
    lacking = next((n for n in model.needs if not n.columns and not exists(con, n.table)), None)
    if lacking is not None:
        changes.missing[model.name] = changes.missing.get(lacking.table, lacking.source or lacking.table)
        return False
    wanted = None if fresh or not exists(con, model.name) else _wanted(con, model, facts, changes)
    if wanted is not None and not wanted:
        return False
    keyed = model.redo == "key" and wanted is not None
    only = alone.narrow(con, model, facts, changes, wanted)
    with _narrowed(con, model, facts, wanted, changes if keyed else None, only):
        _make(con, model, wanted if model.redo == "day" else None, only)
    _apply(con, model, wanted, fresh, changes, expressions, span, only)
    return True


def _wanted(con: Db, model: Model, facts: Mapping[str, Model], changes: Changes) -> set[date] | None:
    """Days of the model to be redone; None for all."""
    wanted: set[date] = set()
    for need in model.needs:
        if need.table in changes.everything and not (need.how == "keyed" and need.source):
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
            wanted |= _keyed_days(con, model, need, facts, changes)
    return wanted


def _keyed_days(con: Db, model: Model, need: Need, facts: Mapping[str, Model], changes: Changes) -> set[date]:
    """Days of the facts that changed rows of a keyed need belong to, by way of the need that holds the keys."""
    other = model.need(need.of)
    if other is None or (need.source and need.source == other.source and need.by == need.ours in model.key):
        return set()  # more about the same row: its own day has changed
    if need.table in changes.pairs:
        keys = f"SELECT {name(need.by)} FROM {main(con, f'changed_{need.table}')}"
    else:
        changed = condition(name(day_column(need.table, facts)), changes.days[need.source or need.table])
        keys = f"SELECT {name(need.by)} FROM {main(con, need.table)} WHERE {changed}"
        was = f"{alone.WAS}{need.source}"
        keys += f" UNION SELECT {name(need.by)} FROM {main(con, was)}" if need.by in columns(con, was) else ""
    day = name(day_column(other.table, facts))
    found = days(con, f"SELECT DISTINCT {day} FROM {main(con, other.table)} WHERE {need.held_by} IN ({keys})")
    made = made_from(found, other.reach)
    return made & made_from(changes.days[need.source or need.table], need.reach) if need.near else made


@contextmanager
def _narrowed(
    con: Db, model: Model, facts: Mapping[str, Model], wanted: set[date] | None,
    keyed: Changes | None, only: Only | None,
) -> Iterator[None]:  # fmt: skip
    """Views of the needed tables that hold no more than what the wanted days are made from."""
    made: list[str] = []
    try:
        for need in sorted(model.needs, key=lambda n: n.how == "keyed"):
            where = _where(con, model, need, facts, wanted, keyed)
            if only and need is model.needs[0]:
                where += f" AND {only.of(day_column(need.table, facts), read_for(only.days, need.reach))}"
            if not exists(con, need.table):
                con.execute(f"CREATE OR REPLACE TEMP TABLE {name(need.name)}({need.columns})")
                made.append(f"DROP TABLE temp.{name(need.name)}")
            elif where or need.name != need.table:
                rows = f"SELECT * FROM {main(con, need.table)}" + (f" WHERE {where}" if where else "")
                con.execute(f"CREATE OR REPLACE TEMP VIEW {name(need.name)} AS {rows}")
                made.append(f"DROP VIEW temp.{name(need.name)}")
        yield
    except duckdb.Error:  # the transaction is lost, and the views with it
        made.clear()
        raise
    finally:
        for statement in reversed(made):
            con.execute(statement)


def _where(
    con: Db, model: Model, need: Need, facts: Mapping[str, Model], wanted: set[date] | None,
    keyed: Changes | None,
) -> str:  # fmt: skip
    if wanted is None:
        return ""
    if keyed is not None:
        changed = keyed.days.get(need.source or need.table, set())
        key, day = names(model.key), name(day_column(need.table, facts))
        if need.how != "days":
            return ""
        rows = f"SELECT {key} FROM {main(con, need.table)} WHERE {condition(day, made_from(changed, need.reach))}"
        return f"({key}) IN ({rows})"
    if model.redo != "day":
        return ""
    if need.how == "days":
        return condition(name(day_column(need.table, facts)), read_for(wanted, need.reach))
    if need.how == "keyed":
        keys = f"{name(need.by)} IN (SELECT {need.held_by} FROM {name(need.of)})"
        near = condition(name(day_column(need.table, facts)), read_for(wanted, need.reach))
        return f"{near} AND {keys}" if need.near else keys
    return ""


def _make(con: Db, model: Model, wanted: set[date] | None, only: Only | None) -> None:
    day = f" WHERE {name(model.day)} IS NOT NULL" if model.day and model.is_fact else ""
    if wanted is not None:
        day = f" WHERE {condition(name(model.day), wanted)}" + (f" AND {only.of(model.day, only.days)}" if only else "")
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE new_rows AS SELECT * FROM ({model.sql}) AS made{day}")
    except duckdb.Error as error:
        raise duckdb.ProgrammingError(f"{model.path}: {error}") from error


def _apply(
    con: Db, model: Model, wanted: set[date] | None, fresh: bool, changes: Changes,
    expressions: Sequence[str], span: tuple[date, date], only: Only | None,
) -> None:  # fmt: skip
    """Write the rows that differ and note the days."""
    table = main(con, model.name)
    old = columns(con, model.name)
    same_shape = old == [str(row[0]) for row in con.execute("DESCRIBE new_rows").fetchall()]
    first = not old
    if first or (fresh and not same_shape):
        _note(con, model, changes, "SELECT * FROM new_rows", "", expressions, span, True)
        if not first:
            changes.everything.add(model.name)
        con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM new_rows")
    else:
        _difference(con, model, table, wanted, only)
        if count(con, "SELECT count(*) FROM difference"):
            _note(con, model, changes, "SELECT * FROM came", "SELECT * FROM went", expressions, span, False)
            alone.remember(con, model, changes)
            con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT went FROM difference)")
            con.execute(f"INSERT INTO {table} SELECT * FROM came")
        con.execute("DROP VIEW temp.came; DROP TABLE temp.went; DROP TABLE temp.difference")
    con.execute("DROP TABLE temp.new_rows")


def _difference(con: Db, model: Model, table: str, wanted: set[date] | None, only: Only | None) -> None:
    """`came`: new rows that are not held; `went`: held rows that are not made any more; `difference`: their row ids.

    A row is known by its key and a hash of all that it says, which is much less to compare than the row itself.
    Where there is no key, equal rows are told apart by counting them.
    """
    says = f"hash({names(columns(con, model.name))})"
    keys = [name(k) for k in model.key] or [f"row_number() OVER (PARTITION BY {says})"]
    marks = {"_says": says, **{f"_key{i}": key for i, key in enumerate(keys)}}
    marked = "rowid AS _id, " + ", ".join(f"{sql} AS {mark}" for mark, sql in marks.items())
    same = " AND ".join(f"new.{mark} IS NOT DISTINCT FROM held.{mark}" for mark in marks)
    narrowed = f" AND {only.of(model.day, only.days)}" if only else ""
    held = f"SELECT {marked} FROM {table}{_held(model, wanted)}{narrowed}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE difference AS SELECT new._id AS came, held._id AS went "
        f"FROM (SELECT {marked} FROM new_rows) AS new FULL JOIN ({held}) AS held ON {same} "
        "WHERE new._id IS NULL OR held._id IS NULL"
    )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW came AS SELECT * FROM new_rows WHERE rowid IN (SELECT came FROM difference)"
    )
    rows = f"SELECT * FROM {table} WHERE rowid IN (SELECT went FROM difference)"
    con.execute(f"CREATE OR REPLACE TEMP TABLE went AS {rows}")


def _held(model: Model, wanted: set[date] | None) -> str:
    """Which held rows the new rows stand against: those of the wanted days, of the keys made again, or all."""
    if wanted is None or model.redo == "whole":
        return ""
    if model.redo == "key":
        return f" WHERE ({names(model.key)}) IN (SELECT {names(model.key)} FROM new_rows)"
    return f" WHERE {condition(name(model.day), wanted)}"


def _note(
    con: Db, model: Model, changes: Changes, came: str, went: str, expressions: Sequence[str],
    span: tuple[date, date], first: bool,
) -> None:  # fmt: skip
    """Note the days of rows that came or went."""
    both = f"({came})" if not went else f"({came} UNION ALL {went})"
    if model.is_fact:
        _note_days(con, model, changes, both, expressions)
    elif "valid_from" not in [str(row[0]) for row in con.execute("DESCRIBE new_rows").fetchall()] or first:
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
    there is compared with what the rows that went said; only pieces that differ are spread out into days.
    """
    rest = [c for c in (str(r[0]) for r in con.execute("DESCRIBE new_rows").fetchall()) if c[:6] != "valid_"]
    key = [k for k in model.key if k[:6] != "valid_"]

    def said(rows: str) -> str:
        on = " AND ".join(f"r.{name(k)} = pieces.{name(k)}" for k in key)
        return (
            f"SELECT {names(key, 'pieces')}, starts, sum(CAST(hash({names(rest, 'r')}) AS HUGEINT)) AS says "
            f"FROM pieces LEFT JOIN ({rows}) AS r ON {on} AND r.valid_from <= starts AND starts < r.valid_to "
            "GROUP BY ALL"
        )

    changed = main(con, f"changed_{model.name}")
    head = f"INSERT INTO {changed}" if exists(con, f"changed_{model.name}") else f"CREATE TABLE {changed} AS"
    con.execute(
        f"""{head}
            WITH edges AS (SELECT DISTINCT {names(key)}, unnest([valid_from, valid_to]) AS edge
              FROM ({came} UNION ALL {went})),
            cut AS (SELECT {names(key)}, edge AS starts,
              lead(edge) OVER (PARTITION BY {names(key)} ORDER BY edge) AS ends FROM edges),
            pieces AS (SELECT * FROM cut WHERE ends > DATE '{span[0]}' AND starts <= DATE '{span[1]}'),
            new AS ({said(came)}), old AS ({said(went)}),
            differ AS (SELECT {names(key, "pieces")}, starts, ends FROM pieces JOIN new USING ({names(key)}, starts)
              JOIN old USING ({names(key)}, starts) WHERE new.says IS DISTINCT FROM old.says)
            SELECT DISTINCT {names(key)}, unnest(generate_series(greatest(starts, DATE '{span[0]}'),
              least(ends - 1, DATE '{span[1]}'), INTERVAL 1 DAY))::DATE AS day FROM differ"""
    )
    changes.add(model.name, days(con, f"SELECT DISTINCT day FROM {changed}"))
    changes.pairs.add(model.name)
