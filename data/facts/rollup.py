"""From facts to additive roll-ups: m_<metric> and t_<metric>, redone for the days that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from data.facts import delta, sums
from data.facts.blocks import Block, Levels
from data.facts.days import condition, ranges
from data.facts.expiry import stays_before
from data.facts.lines import lines, wide
from data.facts.models import Model
from data.facts.sql import Db, columns, days, exists, main, name, names

CHUNK = 62
"""Days of facts joined with their lookups at a time, to bound memory."""
VALUES = ("num", "den", "n", "mirror")
"""Columns of roll-ups that are sums."""


@dataclass(frozen=True)
class Due:
    """What is to be redone of one roll-up."""

    whole: set[date] | None
    """Days that are summed again; None: all."""
    by_row: set[date] = field(default_factory=set)
    """Days of which changed rows are taken off and added."""

    @property
    def days(self) -> set[date]:
        return (self.whole or set()) | self.by_row


def rolled(con: Db, blocks: Sequence[Block], levels: Levels, models: Mapping[str, Model], due: Due) -> set[date]:
    """Redo what is due of one roll-up; returns the days written or cleared.

    Days of which the single cases have expired stay as they are: nothing is left that they could be made from.
    """
    table = main(con, f"m_{blocks[0].metric}")
    there = exists(con, f"m_{blocks[0].metric}")
    expired = stays_before(con, blocks, models)
    whole = due.whole
    if whole is None:
        whole = _all_days(con, blocks)
        if there:
            whole |= days(con, f"SELECT DISTINCT day FROM {table}")
            con.execute(f"CREATE OR REPLACE TEMP TABLE stays AS SELECT * FROM {table} WHERE day < DATE '{expired}'")
            con.execute(f"DROP TABLE {table}")
        _empty(con, table, _union(con, blocks, levels, models, Due(set())), there)
        there = False
    elif not there:
        _empty(con, table, _union(con, blocks, levels, models, Due(set())), False)
    told, now = whole | due.by_row, {d for d in whole | due.by_row if d >= expired}
    changed: set[date] = set()
    for first, last in _chunks(now):
        some = {d for d in now if first <= d <= last}
        mixed = Due(some & whole, some - whole)
        added = _added(con, table, blocks, levels, models, mixed)
        changed |= _again(con, table, blocks, levels, models, mixed) if added is None else added
    if not there:
        _short(con, blocks[0], levels)
    return changed if there else told


def _again(
    con: Db, table: str, blocks: Sequence[Block], levels: Levels, models: Mapping[str, Model], due: Due
) -> set[date]:  # fmt: skip
    """Sum days again. What stands in for lookups holds no more than was to be joined: nothing of days by row."""
    looking = Db(con.con) if due.by_row else con
    con.execute(f"DELETE FROM {table} WHERE {condition('day', due.days)}")
    con.execute(f"INSERT INTO {table} {_union(looking, blocks, levels, models, Due(due.days))}")
    return due.days


def _added(
    con: Db, table: str, blocks: Sequence[Block], levels: Levels, models: Mapping[str, Model], due: Due
) -> set[date] | None:  # fmt: skip
    """Sum days again, of others add and take off what changed. Returns the days that differ, or None where nothing
    was done: there is no day to be done by row, or its sums are not exact."""
    if not due.by_row:
        return None
    held, by_row = columns(con, f"m_{blocks[0].metric}"), condition("day", due.by_row)
    values = [v for v in VALUES if v in held]
    keys = [c for c in held if c not in values]
    con.execute(f"CREATE OR REPLACE TEMP TABLE delta AS {_union(con, blocks, levels, models, due)}")
    both = " UNION ALL ".join(f"SELECT {names(values)} FROM {of} WHERE {by_row}" for of in ("temp.delta", table))
    if sums.broken(con, both, values):
        return None
    differ = days(con, "SELECT DISTINCT day FROM temp.delta")
    if due.whole:
        whole = condition("day", due.whole)
        con.execute(f"DELETE FROM {table} WHERE {whole}")
        con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM temp.delta WHERE {whole}")
    sums.add(con, table, keys, values, by_row)
    return (due.whole or set()) | differ


def _empty(con: Db, table: str, union: str, stays: bool) -> None:
    """The roll-up's table with no rows, or with those in `stays` as far as they have the same columns."""
    described = con.execute(f"DESCRIBE {union}").fetchall()
    con.execute(f"CREATE TABLE {table}({', '.join(f'{name(c[0])} {c[1]}' for c in described)})")
    if stays:
        held = {str(row[0]) for row in con.execute("DESCRIBE temp.stays").fetchall()}
        both = ", ".join(name(c[0]) for c in described if c[0] in held)
        con.execute(f"INSERT INTO {table}({both}) SELECT {both} FROM temp.stays; DROP TABLE temp.stays")


def _all_days(con: Db, blocks: Sequence[Block]) -> set[date]:
    found: set[date] = set()
    for block in blocks:
        found |= days(con, f"SELECT DISTINCT CAST({block.day} AS DATE) FROM {main(con, block.fact)}")
    return found


def _chunks(changed: set[date]) -> list[tuple[date, date]]:
    """Runs of changed days, none longer than CHUNK, short runs that lie close taken together."""
    chunks: list[tuple[date, date]] = []
    for first, last in ranges(changed):
        start = first
        while start <= last:
            stop = min(last, date.fromordinal(start.toordinal() + CHUNK - 1))
            if chunks and (stop - chunks[-1][0]).days < CHUNK:
                chunks[-1] = (chunks[-1][0], stop)
            else:
                chunks.append((start, stop))
            start = date.fromordinal(stop.toordinal() + 1)
    return chunks


def _union(con: Db, blocks: Sequence[Block], levels: Levels, models: Mapping[str, Model], due: Due) -> str:
    """The SELECT of a roll-up: what its parts add up to, of days by row what is to be added."""
    one = blocks[0]
    keys = names(["day", *levels.keys, *one.dimensions, "mix", *_own(one)])
    rows = " UNION ALL ".join(select(con, block, levels, models[block.fact], due) for block in blocks)
    some = f" HAVING {' OR '.join(f'sum({v}) <> 0' for v in _parts(one))}" if due.by_row else ""
    return f"SELECT {keys}, {_sums(one)} FROM ({rows}) GROUP BY {keys}{some}"


def _own(block: Block) -> list[str]:
    """Columns that make figures and are no sums."""
    return [*(["item"] if block.item else []), *(["value"] if block.kind == "median" else [])]


def select(con: Db, block: Block, levels: Levels, model: Model, due: Due) -> str:
    """The SELECT of what each row of one part of a roll-up adds, for some days."""
    rows = lines(con, block, levels, model, _rows(con, block, model, due), bool(due.by_row))
    dimensions = "".join(f", CAST({e} AS VARCHAR) AS {name(d)}" for d, e in block.dimensions.items())
    lined = ", ".join(f"_{key} AS {name(key)}" for key in levels.keys)
    measures = f"{_mix(block)} AS mix, {_measures(block, '_sign' if due.by_row else '')}"
    return f"SELECT _day AS day, {lined}{dimensions}, {measures} FROM ({rows})"


def _rows(con: Db, block: Block, model: Model, due: Due) -> str:
    """Rows with lookups: all of the whole days, of days by row with a _sign those to be added and to be taken off."""
    day = f"CAST({block.day} AS DATE)"
    whole = wide(con, model, condition(day, due.whole or ()), block)
    if not due.by_row:
        return whole
    plus, minus = delta.side(delta.PLUS, model.name), delta.side(delta.MINUS, model.name)
    rows = [wide(con, model, condition(day, due.by_row), block, plus), *([whole] if due.whole else [])]
    taken = wide(con, model, condition(day, due.by_row), block, minus, con.were)
    return " UNION ALL ".join(
        [*(f"SELECT *, 1 AS _sign FROM ({sql})" for sql in rows), f"SELECT *, -1 AS _sign FROM ({taken})"]
    )


def _mix(block: Block) -> str:
    if not block.mix:
        return "CAST(NULL AS VARCHAR)"
    return "concat_ws('|', " + ", ".join(f"coalesce(CAST({m} AS VARCHAR), '')" for m in block.mix) + ")"


def _measures(block: Block, sign: str) -> str:
    times = f"{sign} * " if sign else ""
    parts = [f"{times}CAST({block.n} AS BIGINT) AS _n"]
    if block.kind == "median":
        parts.append(f'CAST({block.value} AS DOUBLE) AS "value"')
    else:
        if block.item:
            parts.append(f"CAST({block.item} AS VARCHAR) AS item")
        parts += [f"{times}{sums.measure(block.num)} AS _num", f"{times}{sums.measure(block.den)} AS _den"]
    if block.mirror:
        parts.append(f"{times}{sums.measure(block.mirror)} AS _mirror")
    return ", ".join(parts)


def _parts(block: Block) -> list[str]:
    """The summed columns of `_measures`."""
    return ["_n", *(["_num", "_den"] if block.kind != "median" else []), *(["_mirror"] if block.mirror else [])]


def _sums(block: Block) -> str:
    parts = ["CAST(sum(_n) AS BIGINT) AS n"]
    if block.kind != "median":
        num = [] if block.item else ["coalesce(sum(_num), 0) AS num"]
        parts = [*num, "coalesce(sum(_den), 0) AS den", *parts]
    if block.mirror:
        parts.append("coalesce(sum(_mirror), 0) AS mirror")
    return ", ".join(parts)


def _short(con: Db, block: Block, levels: Levels) -> None:
    """t_<metric>: without the single person and without dimensions; a view here, a table in a published version."""
    long, short = name(f"m_{block.metric}"), main(con, f"t_{block.metric}")
    keys = ["day", *levels.units, "mix"]
    keys += ["value"] if block.kind == "median" else []
    keys += ["item"] if block.item else []
    held = columns(con, f"m_{block.metric}")
    sums = ", ".join(
        "CAST(sum(n) AS BIGINT) AS n" if part == "n" else f"sum({part}) AS {part}"
        for part in ("num", "den", "n", "mirror") if part in held
    )  # fmt: skip
    listed = ", ".join(name(k) for k in keys)
    a_table = "SELECT 1 FROM duckdb_tables() WHERE table_name = ? AND database_name = current_database()"
    if con.execute(a_table, [f"t_{block.metric}"]).fetchone():
        con.execute(f"DROP TABLE {short}")
    con.execute(f"CREATE OR REPLACE VIEW {short} AS SELECT {listed}, {sums} FROM {long} GROUP BY {listed}")
