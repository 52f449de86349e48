"""Facts whose rows stand alone: of the days to be redone only the rows of changed keys are made again.

A model says `alone: <column>` when its rows of one value of that column are made from rows of that same value in its
first need (and in others that say so), and from needs that these hold the keys of, or the model's own rows, or a need
that is found so. Which values changed is known: of a staged table by the files that came since the last refresh and by
the rows that gave way to them (was_<source>), of a fact by the rows that this refresh changed. What is dated or lies
around the day in another need makes the whole days in reach again. Where it is not known what changed, all days are
made whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from data.facts.changes import CAME, WENT, Changes, rows
from data.facts.days import condition, made_from, read_for
from data.facts.models import STAGED_DAY, Model, Need, day_column
from data.facts.sql import Db, columns, count, exists, main, name, says, value

MARK = "facts_file"
WAS = "was_"
"""Prefix of the tables of staged rows that gave way since the last refresh."""


@dataclass(frozen=True)
class Only:
    """Rows to be made again: those of the values in the temporary table only_keys, and all of some days."""

    days: frozenset[date]

    def of(self, column: str, day: str, days: Iterable[date]) -> str:
        """SQL that is true of them, of a table with the values in `column` and the days in `day`."""
        column = value(column)
        return f"({column} IN (SELECT * FROM temp.only_keys) OR {column} IS NULL OR {condition(name(day), days)})"


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


@contextmanager
def finding(con: Db) -> Iterator[dict[str, str]]:
    """Need -> a temporary table (day, value) of the rows that hold its changed keys, see `find`; dropped at the end."""
    found: dict[str, str] = {}
    try:
        yield found
    finally:
        for table in found.values():
            con.execute(f"DROP TABLE {table}")


def find(con: Db, model: Model, need: Need, day: str, held: str, found: dict[str, str]) -> str:
    """What the days of rows that hold a need's changed keys are read from: themselves, or, where `narrow` wants their
    values too, a table of both, so that they are looked up once."""
    above = model.need(need.of)
    if not model.alone or above is None or above.how != "days" or not above.by or need.ours == above.by:
        return held
    table = f"temp.{name(f'found_{need.name}')}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {day}, {above.tells} AS found FROM {held}")
    found[need.name] = table
    return table


def narrow(
    con: Db, model: Model, facts: Mapping[str, Model], changes: Changes, wanted: set[date] | None,
    found: Mapping[str, str],
) -> Only | None:  # fmt: skip
    """Which rows of the wanted days are to be made again; None: all."""
    if not model.alone or not wanted or model.redo != "day" or not _known(con, model):
        return None
    selects: list[str] = []
    whole: set[date] = set()
    for need in model.needs:
        changed = changes.days.get(need.source or need.table)
        if need.how == "whole" or not changed:
            continue
        if need.how == "dated" or (need.how == "days" and not need.by):
            whole |= made_from(changed, need.reach)
            continue
        values = _values(con, model, facts, changes, need, wanted, found)
        if values is None:
            return None
        selects.append(values)
    _only(con, model, model.alone, selects)
    return Only(frozenset(whole & wanted))


def keyed(con: Db, model: Model, changes: Changes) -> bool:
    """Which values of its key's first column are to be made again of a `redo: key` model, in the temporary table
    only_keys; False where that cannot be told."""
    key, selects = model.key[0], list[str]()
    for need in (n for n in model.needs if n.how == "days"):
        changed = changes.days.get(need.source or need.table)
        values = touched(con, need, need.by or key, changes, dated=False) if changed else None
        if changed and values is None:
            if not need.table.startswith("l_"):
                return False
            values = (
                f"SELECT {value(need.by or key)} FROM {main(con, need.table)} WHERE {condition(STAGED_DAY, changed)}"
            )
        selects += [values] if values else []
    _only(con, model, key, selects)
    return True


def _only(con: Db, model: Model, column: str, selects: list[str]) -> None:
    """The temporary table only_keys: values of a column of the model from some SELECTs, each once."""
    none = f"SELECT {name(column)} FROM {main(con, model.name)} WHERE false"
    every = " UNION ALL ".join(dict.fromkeys(selects)) or none
    con.execute(f"CREATE OR REPLACE TEMP TABLE only_keys AS SELECT DISTINCT * FROM ({every})")


def _known(con: Db, model: Model) -> bool:
    """Whether the model's table and its first need are there and have the columns of values."""
    first = model.needs[0]
    return says(con, first.table, first.by) and model.alone in columns(con, model.name)


def _values(
    con: Db, model: Model, facts: Mapping[str, Model], changes: Changes, need: Need, wanted: set[date],
    found: Mapping[str, str],
) -> str | None:  # fmt: skip
    """A SELECT of the values whose rows may change because of a need; None where that cannot be told."""
    changed = changes.days[need.source or need.table]
    near = wanted if need.of and not need.near else made_from(changed, need.reach) & wanted
    values, above = touched(con, need, need.by, changes), model.need(need.of)
    if above and need.name in found:
        values, need = f"SELECT found FROM {found[need.name]}", above
    while values is not None and need.of:
        above = model.need(need.of)
        if above is None or not above.by:
            return None
        if need.ours != above.by:
            days = condition(name(day_column(above.table, facts)), read_for(near, above.reach))
            where = f"{above.counts} AND {days}" if above.how == "days" else above.counts
            held = f"{main(con, above.table)} WHERE {where} AND {need.held_by} IN ({values})"
            values = f"SELECT {above.tells} FROM {held}"
        need = above
    if values is None or need.ours == model.alone:
        return values
    held = f"{main(con, model.name)} WHERE {need.held_by} IN ({values}) AND {condition(name(model.day), near)}"
    return f"SELECT {name(model.alone)} FROM {held}"


def touched(con: Db, need: Need, key: str, changes: Changes, dated: bool = True) -> str | None:
    """A SELECT of what a column (or SQL) says in changed rows of a needed table that count.

    `dated`: of a dated table those will do that say something else on some day that is held.
    """
    if need.source:
        return _arrived(con, need, key, changes.since)
    if dated and need.table in changes.pairs and key in columns(con, f"changed_{need.table}"):
        return f"SELECT {name(key)} FROM {main(con, f'changed_{need.table}')}"
    if need.table not in changes.kept or not says(con, need.table, key):
        return None
    sides = (rows(side, need.table) for side in (CAME, WENT))
    return " UNION ALL ".join(f"SELECT {value(key)} FROM {side} WHERE {need.counts}" for side in sides)


def _arrived(con: Db, need: Need, key: str, file: int | None) -> str | None:
    """Of rows that came after a file and of those that gave way; not of sources whose files are the whole of a part."""
    was, parts = f"{WAS}{need.source}", "_part" in columns(con, f"s_{need.source}")
    if file is None or parts or not exists(con, was) or not says(con, need.table, key):
        return None
    came = f"SELECT {value(key)} FROM {main(con, need.table)} WHERE {need.counts} AND _file > {file}"
    return f"{came} UNION ALL SELECT {value(key)} FROM {main(con, was)} WHERE {need.counts}"
