"""Roll-ups brought up to date row by row: what a changed row had added is taken off, what it adds now is added.

What a row had added is summed once more from the rows that went, from lookups as they were and from where people
worked then. plus_<fact> and minus_<fact>, in memory, are the rows to add and to take off: those that came and went, and
on both sides those that stayed while a lookup says something else of them or their person worked elsewhere. Days on
which about as much changed as there is are summed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from data.beside import SCRATCH
from data.facts.attribution import MOVED
from data.facts.blocks import Block
from data.facts.changes import CAME, WENT, Changes, rows
from data.facts.days import condition
from data.facts.models import Lookup, Model
from data.facts.sql import Db, columns, days, exists, main, name, names

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
    """(Fact, day expression) -> days of rows that stayed, of which a lookup or the membership says something else."""
    counts: dict[tuple[str, str], dict[date, tuple[int, int]]] = field(default_factory=dict)
    """(Fact, day expression) -> rows that moved and rows held, by day, of days with rows that moved."""
    elsewhere: dict[int, set[date]] | None = field(default_factory=dict)
    """Days to mature -> days on which somebody worked elsewhere than known before; None: not known, all may have."""

    def rows(self, block: Block, day: date) -> tuple[int, int]:
        """Of one day: how many rows moved, and how many are held."""
        return self.counts.get((block.fact, block.day), {}).get(day, (0, 0))


def find(con: Db, found: Moved, model: Model, blocks: Sequence[Block], person: str | None, changes: Changes) -> None:
    """Make the tables looked_, plus_ and minus_ of a fact that is made, as are all of its lookups and the membership.

    `blocks` are those of the fact, `person` is the level of single people.
    """
    lookups = [lookup for lookup in model.lookups if lookup.table in changes.pairs]
    found.lookups.update(lookup.table for lookup in lookups)
    stayed = [*_looked(con, model, lookups), *_elsewhere(con, found, model, blocks, person)]
    every = dict.fromkeys(block.day for block in blocks)
    if stayed:
        looked = side(LOOKED, model.name)
        con.execute(f"CREATE OR REPLACE TABLE {looked} AS {_stayed(con, model, stayed, changes)}")
        for day in every:
            found.looked[model.name, day] = days(con, f"SELECT DISTINCT CAST({day} AS DATE) FROM {looked}")
    own = model.name in changes.kept or model.name not in changes.days
    told = all(lookup.table in changes.kept for lookup in lookups) and not (stayed and changes.resumed)
    if own and model.key and told:
        for to, of in ((PLUS, CAME), (MINUS, WENT)):
            parts = [f"SELECT * FROM {rows(of, model.name)}"] if model.name in changes.kept else []
            parts += [f"SELECT * FROM {side(LOOKED, model.name)}"] if stayed else []
            empty = f"SELECT * FROM {main(con, model.name)} WHERE false"
            con.execute(f"CREATE OR REPLACE VIEW {side(to, model.name)} AS {' UNION ALL '.join(parts) or empty}")
        found.known.add(model.name)
        for day in every if stayed or model.name in changes.kept else ():
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


def _looked(con: Db, model: Model, lookups: Sequence[Lookup]) -> Iterator[str]:
    """SELECTs of the rows of whose keys and day a lookup says something else than before."""
    for lookup in lookups:
        changed, day = main(con, f"changed_{lookup.table}"), f"f.{name(lookup.day or model.day)}"
        on = " AND ".join(f"changed.{name(a)} = f.{name(b)}" for a, b in lookup.by.items())
        first, last = con.execute(f"SELECT min(starts), max(ends) FROM {changed}").fetchall()[0]
        if first is not None:  # the days are said once more as such: storage can be skipped
            yield (
                f"SELECT f.rowid FROM {main(con, model.name)} AS f SEMI JOIN {changed} AS changed ON {on} AND {day} "
                f"BETWEEN changed.starts AND changed.ends WHERE {day} BETWEEN DATE '{first}' AND DATE '{last}'"
            )


def _elsewhere(
    con: Db, found: Moved, model: Model, blocks: Sequence[Block], person: str | None
) -> Iterator[str]:  # fmt: skip
    """SELECTs of the rows of people who worked elsewhere than known before, on days on which somebody did."""
    for said, day, settles in sorted({(b.levels.get(person or "", ""), b.day, b.settles) for b in blocks}):
        theirs, some = _theirs(con, model, said), (found.elsewhere or {}).get(settles)
        if theirs and some:
            on = condition(f"CAST({day} AS DATE)", some)
            yield f"SELECT rowid FROM {main(con, model.name)} WHERE {theirs} AND {on}"


def _theirs(con: Db, model: Model, said: str) -> str:
    """SQL that is true of rows of people who moved, by a column of the fact or what a lookup says; empty: of none."""
    moved = f"IN (SELECT person FROM {MOVED})"
    if said in columns(con, model.name):
        return f"CAST({name(said)} AS VARCHAR) {moved}"
    for lookup in model.lookups:
        for column, to in lookup.take.items():
            if to == said and exists(con, lookup.table):
                keys = f"SELECT {names(lookup.by)} FROM {main(con, lookup.table)}"
                return f"({names(lookup.by.values())}) IN ({keys} WHERE CAST({name(column)} AS VARCHAR) {moved})"
    return ""


def _stayed(con: Db, model: Model, stayed: Sequence[str], changes: Changes) -> str:
    """The rows that the SELECTs name, each once, without those that came."""
    sql = f"SELECT * FROM {main(con, model.name)} WHERE rowid IN ({' UNION ALL '.join(stayed)})"
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
