"""Roll-ups brought up to date row by row: what a changed row had added is taken off, what it adds now is added.

What a row had added is summed once more from the rows that went and from lookups as they were. plus_<fact> and
minus_<fact>, in memory, are the rows to add and to take off: those that came and went, and on both sides those that
stayed while a lookup says something else of them. Days on which about as much changed as there is are summed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from data.beside import SCRATCH
from data.facts.blocks import Block
from data.facts.changes import CAME, WENT, Changes, rows
from data.facts.days import condition
from data.facts.models import Lookup, Model
from data.facts.sql import Db, days, exists, main, name

PLUS, MINUS, LOOKED = "plus", "minus", "looked"
WORTH = 1.5
"""So many rows of a day cost as much to sum again as one costs to be taken off and added."""


@dataclass
class Moved:
    """What is known of the rows of facts whose part in roll-ups may differ."""

    known: set[str] = field(default_factory=set)
    """Facts with tables plus_ and minus_."""
    lookups: set[str] = field(default_factory=set)
    """Lookups that say something else of some key and day."""
    looked: dict[tuple[str, str], set[date]] = field(default_factory=dict)
    """(Fact, day expression) -> days of rows that stayed, of which a lookup says something else."""
    counts: dict[tuple[str, str], dict[date, tuple[int, int]]] = field(default_factory=dict)
    """(Fact, day expression) -> rows that moved and rows held, by day, of days with rows that moved."""

    def rows(self, block: Block, day: date) -> tuple[int, int]:
        """Of one day: how many rows moved, and how many are held."""
        return self.counts.get((block.fact, block.day), {}).get(day, (0, 0))


def find(con: Db, found: Moved, model: Model, expressions: Iterable[str], changes: Changes) -> None:
    """Make the tables looked_, plus_ and minus_ of a fact that is made, as all of its lookups are."""
    lookups = [lookup for lookup in model.lookups if lookup.table in changes.pairs]
    found.lookups.update(lookup.table for lookup in lookups)
    if lookups:
        looked = side(LOOKED, model.name)
        con.execute(f"CREATE OR REPLACE TABLE {looked} AS {_looked(con, model, lookups, changes)}")
        for day in expressions:
            found.looked[model.name, day] = days(con, f"SELECT DISTINCT CAST({day} AS DATE) FROM {looked}")
    own = model.name in changes.kept or model.name not in changes.days
    if own and model.key and all(lookup.table in changes.kept for lookup in lookups):
        own_rows = model.name in changes.kept
        for to, of in ((PLUS, CAME), (MINUS, WENT)):
            parts = [f"SELECT * FROM {rows(of, model.name)}"] if own_rows else []
            parts += [f"SELECT * FROM {side(LOOKED, model.name)}"] if lookups else []
            empty = f"SELECT * FROM {main(con, model.name)} WHERE false"
            con.execute(f"CREATE OR REPLACE VIEW {side(to, model.name)} AS {' UNION ALL '.join(parts) or empty}")
        found.known.add(model.name)
        for day in expressions if own_rows or lookups else ():
            found.counts[model.name, day] = _counts(con, model.name, f"CAST({day} AS DATE)")


def _counts(con: Db, fact: str, day: str) -> dict[date, tuple[int, int]]:
    both = " UNION ALL ".join(f"SELECT {day} AS day FROM {side(to, fact)}" for to in (PLUS, MINUS))
    moved = dict(con.execute(f"SELECT day, count(*) FROM ({both}) WHERE day IS NOT NULL GROUP BY day").fetchall())
    some = f"SELECT {day} AS day FROM {main(con, fact)} WHERE {condition(day, moved)}"
    held = dict(con.execute(f"SELECT day, count(*) FROM ({some}) GROUP BY day").fetchall())
    return {day: (rows, held.get(day, 0)) for day, rows in moved.items()}


def side(what: str, fact: str) -> str:
    """The table, in memory, of rows of a fact to be added, taken off, or looked up anew."""
    return f"{SCRATCH}.{name(f'{what}_{fact}')}"


def _looked(con: Db, model: Model, lookups: Sequence[Lookup], changes: Changes) -> str:
    """Rows that stayed, of whose keys and day a lookup says something else than before, each once."""
    table = main(con, model.name)
    selects = [f"SELECT rowid FROM {table} WHERE false"]
    for lookup in lookups:
        changed, day = main(con, f"changed_{lookup.table}"), f"f.{name(lookup.day or model.day)}"
        on = " AND ".join(f"changed.{name(a)} = f.{name(b)}" for a, b in lookup.by.items())
        first, last = con.execute(f"SELECT min(starts), max(ends) FROM {changed}").fetchall()[0]
        if first is not None:  # the days are said once more as such: storage can be skipped
            selects.append(
                f"SELECT f.rowid FROM {table} AS f SEMI JOIN {changed} AS changed ON {on} AND {day} BETWEEN "
                f"changed.starts AND changed.ends WHERE {day} BETWEEN DATE '{first}' AND DATE '{last}'"
            )
    sql = f"SELECT * FROM {table} WHERE rowid IN ({' UNION ALL '.join(selects)})"
    if model.key and model.name in changes.kept:
        same = " AND ".join(f"c.{name(k)} = r.{name(k)}" for k in model.key)
        sql = f"SELECT * FROM ({sql}) AS r ANTI JOIN {rows(CAME, model.name)} AS c ON {same}"
    return sql


def by_row(con: Db, found: Moved, blocks: Sequence[Block], touched: set[date]) -> set[date]:
    """Those of the touched days of which it is less work to take off and add rows than to sum the day again."""
    if not exists(con, f"m_{blocks[0].metric}") or blocks[0].amount:
        return set()
    if any(block.fact not in found.known for block in blocks) or not _told(blocks):
        return set()
    work = {day: [found.rows(block, day) for block in blocks] for day in touched}
    return {day for day, some in work.items() if sum(m for m, _ in some) * WORTH < sum(h for _, h in some)}


def _told(blocks: Sequence[Block]) -> bool:
    """Whether sums that came to nothing tell that no row is left: each row adds a fixed number that none takes off."""
    fixed = [p for p in ("n", "den") if all(_number(getattr(block, p)) >= 0 for block in blocks)]
    return all(any(_number(getattr(block, p)) > 0 for p in fixed) for block in blocks)


def _number(said: str) -> float:
    """The number that an expression is, -1 when it is none."""
    try:
        return float(said)
    except ValueError:
        return -1.0
