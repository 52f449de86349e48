"""Facts whose rows stand alone: of the days to be redone only the rows of changed keys are made again.

A model says `alone: <column>` when its rows of one value of that column are made from rows of that same value in its
first need, and from needs that the first need holds the keys of. Which values changed is known: of a staged table by
the files that came since the last refresh, of a fact by the rows that this refresh changed (touched_<fact>). Where it
is not known, or something else changed as well, whole days are redone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from data.facts.models import Model, Need
from data.facts.sql import Db, columns, count, exists, main, name, names

if TYPE_CHECKING:
    from data.facts.redo import Changes

MARK = "facts_file"


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
    """In the last transaction of a refresh: it knew the files up to this one."""
    if file is not None:
        con.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", [MARK, str(file)])


def narrow(con: Db, model: Model, changes: Changes, wanted: set[date] | None) -> str:
    """SQL that is true of rows to be made again, by the temporary table only_keys; empty: all rows of the days."""
    if not model.alone or wanted is None or model.redo != "day" or not exists(con, model.name):
        return ""
    selects = _keys(con, model, changes)
    if selects is None:
        return ""
    con.execute(f"CREATE OR REPLACE TEMP TABLE only_keys AS {' UNION '.join(selects)}")
    column = name(model.alone)
    return f"({column} IN (SELECT * FROM temp.only_keys) OR {column} IS NULL)"


def _keys(con: Db, model: Model, changes: Changes) -> list[str] | None:
    """SELECTs of the values whose rows may change; None where that cannot be told."""
    first, found = model.needs[0], []
    if first.how != "days" or any(model.alone not in columns(con, t) for t in (first.table, model.name)):
        return None
    for need in model.needs:
        if need.how == "whole" or not changes.days.get(need.source or need.table):
            continue
        if need is first:
            values = _touched(con, need, model.alone, changes)
        elif need.how == "keyed" and need.of == first.name:
            if need.source and need.source == first.source and need.by == need.ours == model.alone:
                continue
            values = _touched(con, need, need.by, changes)
            ours = name(need.ours) if need.ours.isidentifier() else f"({need.ours})"
            values = values and f"SELECT {name(model.alone)} FROM {main(con, first.table)} WHERE {ours} IN ({values})"
        else:
            return None
        if values is None:
            return None
        found.append(values)
    return found or None


def _touched(con: Db, need: Need, column: str, changes: Changes) -> str | None:
    """A SELECT of the values of a column among changed rows of a needed table."""
    if need.source:
        return _arrived(con, need.source, column, changes.since)
    table = f"changed_{need.table}" if need.table in changes.pairs else f"touched_{need.table}"
    return f"SELECT {name(column)} FROM {main(con, table)}" if column in columns(con, table) else None


def _arrived(con: Db, source: str, column: str, file: int | None) -> str | None:
    """Of rows that came after a file; not of sources whose older rows can come back."""
    held = columns(con, f"s_{source}")
    if file is None or column not in held or {"_part", "_first_at"} & set(held):
        return None
    tables = [t for t in (f"s_{source}", f"l_{source}", f"gone_{source}") if exists(con, t)]
    for table in tables:
        if column not in columns(con, table):
            if count(con, f"SELECT count(*) FROM {main(con, table)} WHERE _file > {file}"):
                return None
            continue
    known = [t for t in tables if column in columns(con, t)]
    return " UNION ".join(f"SELECT {name(column)} FROM {main(con, t)} WHERE _file > {file}" for t in known)


def remember(con: Db, model: Model, changes: Changes) -> None:
    """Keep the values of the rows that came and went, for the models that ask for them."""
    wanted = [c for c in changes.asked.get(model.name, ()) if c in columns(con, model.name)]
    if not wanted or not model.is_fact:
        return
    rows = f"SELECT {names(wanted)} FROM came UNION SELECT {names(wanted)} FROM went"
    table = f"touched_{model.name}"
    head = f"INSERT INTO {main(con, table)}" if exists(con, table) else f"CREATE TABLE {main(con, table)} AS"
    con.execute(f"{head} {rows}")

