"""Facts whose rows stand alone: of the days to be redone only the rows of changed keys are made again.

A model says `alone: <column>` when its rows of one value of that column are made from rows of that same value in its
first need, and from needs that the first need holds the keys of, or that one of those does. Which values changed is
known: of a staged table by the files that came since the last refresh and by the rows that gave way to them
(was_<source>), of a fact by the rows that this refresh changed (touched_<fact>). What lies around the day in another
need makes the whole days in reach again. Where it is not known what changed, all days are made whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from data.facts.changes import Changes
from data.facts.days import condition, made_from, read_for
from data.facts.models import Model, Need, day_column
from data.facts.sql import Db, columns, count, exists, main, name, names

MARK = "facts_file"
WAS = "was_"
"""Prefix of the tables of staged rows that gave way since the last refresh."""


@dataclass(frozen=True)
class Only:
    """Rows to be made again: those of the values in the temporary table only_keys, and all of some days."""

    column: str
    days: frozenset[date]

    def of(self, day: str, days: Iterable[date]) -> str:
        """SQL that is true of them, of a table that has its days in the column `day`."""
        column = name(self.column)
        return f"({column} IN (SELECT * FROM temp.only_keys) OR {column} IS NULL OR {condition(name(day), days)})"


def asked(models: Iterable[Model]) -> dict[str, tuple[str, ...]]:
    """Fact -> its columns of which models want to know the values that changed."""
    found: dict[str, set[str]] = {}
    for model in models:
        for need in model.needs if model.alone else ():
            if need.source is None:
                found.setdefault(need.table, set()).add(model.alone if need is model.needs[0] else need.by)
    return {table: tuple(sorted(c for c in wanted if c)) for table, wanted in found.items()}


def since(con: Db) -> int | None:
    """The newest file that the last refresh knew, None before the first."""
    if not exists(con, "progress"):
        return None
    row = con.execute("SELECT value FROM progress WHERE key = ?", [MARK]).fetchone()
    return int(row[0]) if row else None


def newest(con: Db) -> int | None:
    """The newest file of all."""
    if not exists(con, "ledger") or not exists(con, "progress"):
        return None
    return max(count(con, "SELECT coalesce(max(id), 0) FROM ledger"), since(con) or 0)


def read(con: Db, file: int | None) -> None:
    """In the last transaction of a refresh: it knew the files up to this one, and all that gave way."""
    if file is not None:
        con.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", [MARK, str(file)])
    for table in sorted(t for t in con.tables() if t.startswith(WAS)):
        con.execute(f"DELETE FROM {main(con, table)}")


def narrow(
    con: Db, model: Model, facts: Mapping[str, Model], changes: Changes, wanted: set[date] | None
) -> Only | None:
    """Which rows of the wanted days are to be made again; None: all."""
    first = model.needs[0]
    if not model.alone or wanted is None or model.redo != "day" or not exists(con, model.name):
        return None
    if first.how != "days" or any(model.alone not in columns(con, t) for t in (first.table, model.name)):
        return None
    selects: list[str] = []
    whole: set[date] = set()
    for need in model.needs:
        changed = changes.days.get(need.source or need.table)
        if need.how == "whole" or not changed:
            continue
        if need.how == "days" and need is not first:
            whole |= made_from(changed, need.reach)
            continue
        values = _values(con, model, facts, changes, need, wanted)
        if values is None:
            return None
        selects.append(values)
    con.execute(f"CREATE OR REPLACE TEMP TABLE only_keys AS {' UNION '.join(selects) or _none(con, model)}")
    return Only(model.alone, frozenset(whole & wanted))


def _none(con: Db, model: Model) -> str:
    return f"SELECT {name(model.alone)} FROM {main(con, model.name)} WHERE false"


def _values(
    con: Db, model: Model, facts: Mapping[str, Model], changes: Changes, need: Need, wanted: set[date]
) -> str | None:
    """A SELECT of the values whose rows may change because of a need; None where that cannot be told."""
    first = model.needs[0]
    values = _touched(con, need, model.alone if need is first else need.by, changes)
    while values is not None and need is not first:
        above = model.need(need.of) if need.how == "keyed" else None
        if above is None:
            return None
        column, near = (model.alone, read_for(wanted, above.reach)) if above is first else (above.by, None)
        where = "" if near is None else f" AND {condition(name(day_column(above.table, facts)), near)}"
        rows = f"{main(con, above.table)} WHERE {need.held_by} IN ({values}){where}"
        values, need = f"SELECT {name(column)} FROM {rows}", above
    return values


def _touched(con: Db, need: Need, column: str, changes: Changes) -> str | None:
    """A SELECT of the values of a column among changed rows of a needed table."""
    if need.source:
        return _arrived(con, need.source, column, changes.since)
    table = f"changed_{need.table}" if need.table in changes.pairs else f"touched_{need.table}"
    return f"SELECT {name(column)} FROM {main(con, table)}" if column in columns(con, table) else None


def _arrived(con: Db, source: str, column: str, file: int | None) -> str | None:
    """Of rows that came after a file and of those that gave way; not of sources whose files are the whole of a part."""
    held = columns(con, f"s_{source}")
    if file is None or column not in held or "_part" in held or not exists(con, WAS + source):
        return None
    tables = [t for t in (f"s_{source}", f"l_{source}", f"gone_{source}") if column in columns(con, t)]
    came = [f"SELECT {name(column)} FROM {main(con, t)} WHERE _file > {file}" for t in tables]
    return " UNION ".join([*came, f"SELECT {name(column)} FROM {main(con, WAS + source)}"])


def remember(con: Db, model: Model, changes: Changes) -> None:
    """Keep the values of the rows that came and went, for the models that ask for them."""
    wanted = [c for c in changes.asked.get(model.name, ()) if c in columns(con, model.name)]
    if not wanted or not model.is_fact:
        return
    rows = f"SELECT {names(wanted)} FROM came UNION SELECT {names(wanted)} FROM went"
    table = f"touched_{model.name}"
    head = f"INSERT INTO {main(con, table)}" if exists(con, table) else f"CREATE TABLE {main(con, table)} AS"
    con.execute(f"{head} {rows}")
