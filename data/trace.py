"""From a figure back to its files: the cases behind it, and the records that each was made from.

    python -m data trace late_arrival_rate 2026-11-10 --of team=F-NLAK-1 --of job_type=repair
    python -m data trace csat 2026-11-09 --to 2026-11-15

A case is a row of the metric's fact. Its records are found in the staged tables behind the fact: by the keys of all
facts on the way, and by the columns that the fact shares with the natural key of a source. Where a fact holds counts,
its model says by `cases:` which single rows a day's counts are made of.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from data import beside, contract
from data.contract import Contract
from data.door import options
from data.facts import attribution as facts_attribution
from data.facts import setup as facts_setup
from data.facts.blocks import Block
from data.facts.lines import attributed, units
from data.facts.models import Model
from data.facts.refresh import Plan, plan
from data.facts.sql import Db, columns, exists, main, name
from data.work import LoadError, Var, opened

Records = tuple[tuple[str, str, int], ...]
"""(source, file, record of the file, counted from one without its header)."""
SINGLE = "single_cases"
"""The table of the single rows behind a fact that holds counts, there while they are looked at."""
TRACED = f"{beside.SCRATCH}.traced"
"""All cases of the figure."""


@dataclass(frozen=True)
class Case:
    """One case behind a figure: its keys, what it adds to numerator and denominator (or its value), its records."""

    key: tuple[str, ...]
    num: float | None
    den: float | None
    item: str | None = None
    """What counts once however often it comes."""
    records: Records = ()


@dataclass(frozen=True)
class Trace:
    """All cases of a figure added up, and those that count first with their records."""

    kind: str
    """Of the metric."""
    count: int
    num: float
    den: float
    middle: float | None
    """Of a median."""
    different: int | None
    """Of a count of different things."""
    cases: tuple[Case, ...]


def trace(
    con: duckdb.DuckDBPyConnection, folder: Path, metric: str, span: date | tuple[date, date], of: Mapping[str, str],
    most: int = 20,
) -> Trace:  # fmt: skip
    """The cases behind a metric on a day, or on the days from the first to the last given.

    `of`: unit by level, value by dimension.

    Raises:
        LoadError: no such metric, level or dimension.
    """
    said, db = plan(folder), Db(con)
    if metric not in said.blocks:
        raise LoadError(
            f"{metric}: no such metric; there are {', '.join(sorted(b for b in said.blocks if '__' not in b))}"
        )
    first, last = span if isinstance(span, tuple) else (span, span)
    facts_setup.macros(db)
    beside.scratch(con)
    units(db, said.how.levels)
    facts_attribution.worked(db, said.how, dict.fromkeys(said.settles, (first, last)))
    blocks, contracts = said.blocks[metric], contract.load_all(folder)
    con.execute(
        f"CREATE OR REPLACE TABLE {TRACED}"
        "(fact VARCHAR, key VARCHAR[], num DOUBLE, den DOUBLE, item VARCHAR, shared VARCHAR)"
    )
    for block in blocks:
        if exists(db, block.fact):
            _gather(db, said, block, _days(first, last), of, _shared(said, said.models[block.fact], contracts))
    sums = "count(*), coalesce(sum(num), 0), coalesce(sum(den), 0), quantile_disc(num, 0.5), count(DISTINCT item)"
    (count, num, den, middle, different) = con.execute(f"SELECT {sums} FROM {TRACED}").fetchall()[0]
    rows = con.execute(
        f"SELECT fact, key, num, den, item, shared FROM {TRACED} ORDER BY coalesce(num, 0) DESC, key LIMIT {most}"
    ).fetchall()
    cases = tuple(
        Case(tuple(key), n, d, item, _records(db, said, said.models[fact], key, json.loads(shared), contracts))
        for fact, key, n, d, item, shared in rows
    )
    kind = blocks[0].kind
    return Trace(
        kind, count, num, den, middle if kind == "median" else None, different if blocks[0].item else None, cases
    )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _gather(con: Db, said: Plan, block: Block, days: Sequence[date], of: Mapping[str, str], shared: set[str]) -> None:
    """Put the rows of one select of a metric into TRACED, as the roll-up counts them."""
    model = said.models[block.fact]
    where = " AND ".join(_is(said, block, key) for key in of) or "true"
    num, den = (block.value, "NULL") if block.value else (block.num, block.den)
    for rows, key in _rows(con, said, block, model, days):
        keys = ", ".join(f"CAST({name(k)} AS VARCHAR)" for k in key)
        con.execute(
            f"INSERT INTO {TRACED} SELECT '{model.name}', [{keys}], CAST({num} AS DOUBLE), CAST({den} AS DOUBLE), "
            f"CAST({block.item or 'NULL'} AS VARCHAR), {_said(con, SINGLE if model.cases else model.name, shared)} "
            f"FROM ({rows}) WHERE {where}",
            list(of.values()),
        )


def _said(con: Db, table: str, shared: set[str]) -> str:
    """SQL of what a row has of the given columns, as JSON."""
    parts = ", ".join(f"'{c}': {name(c)}" for c in columns(con, table) if c in shared)
    return f"CAST(to_json({{{parts}}}) AS VARCHAR)" if parts else "'{}'"


def _is(said: Plan, block: Block, key: str) -> str:
    """SQL of a row that is of a given unit or has a given value. The whole of a share is of every value."""
    if key in said.how.levels.keys:
        return f"_{key} = ?"
    if key not in block.dimensions:
        known = [*said.how.levels.keys, *block.dimensions]
        raise LoadError(f"{key}: {block.metric} has no such level or dimension; there are {', '.join(known)}")
    value = f"CAST({block.dimensions[key]} AS VARCHAR)"
    return f"coalesce({value} = ?, {'true' if block.kind == 'share' else 'false'})"


def _rows(
    con: Db, said: Plan, block: Block, model: Model, days: Sequence[date]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """SQL of the attributed rows, and their key; day by day where single rows stand in for a fact of counts."""
    if not model.cases:
        yield attributed(con, block, said.how.levels, model, set(days)), model.key
        return
    single = replace(model, name=SINGLE)
    table = main(con, SINGLE)
    try:
        for day in days:
            rows = model.cases.replace("{day}", f"DATE '{day}'")
            con.execute(f"CREATE OR REPLACE TABLE {table} AS {rows}")
            yield attributed(con, block, said.how.levels, single, {day}), (columns(con, SINGLE)[0],)
    finally:
        con.execute(f"DROP TABLE IF EXISTS {table}")


def _shared(said: Plan, model: Model, contracts: Mapping[str, Contract]) -> set[str]:
    """Columns of the natural keys of all sources behind a fact."""
    tables, _ = _behind(said, model)
    return {column for table in tables for column in contracts[_source(table)].key}


def _source(table: str) -> str:
    """The source of a staged table.

    >>> _source("l_crm_cases")
    'crm_cases'
    """
    return table.partition("_")[2]


def _records(
    con: Db, said: Plan, model: Model, key: Sequence[str], shared: Mapping[str, Any], contracts: Mapping[str, Contract]
) -> Records:
    """The records of one case in the staged tables behind its fact, by its keys and by what it shares with a source."""
    tables, named = _behind(said, model)
    found: set[tuple[str, str, int]] = set()
    for table in sorted(t for t in tables if exists(con, t)):
        own = [c for c in columns(con, table) if c in named.get(table, set()) | named["*"]]
        ways = [] if model.cases else [{column: list(key)} for column in own]
        same = {c: shared[c] for c in contracts[_source(table)].key if shared.get(c) is not None}
        for way in [*ways, *([same] if same else [])]:
            values = {c: [str(x) for x in v] if isinstance(v, list) else [str(v)] for c, v in way.items()}
            where = " AND ".join(f"CAST(t.{name(c)} AS VARCHAR) IN ?" for c in values)
            rows = con.execute(
                f"SELECT l.source, l.name, t._row FROM {main(con, table)} AS t JOIN ledger AS l ON l.id = t._file "
                f"WHERE {where}",
                list(values.values()),
            ).fetchall()
            found |= {(str(source), str(file), int(row)) for source, file, row in rows}
    return tuple(sorted(found))


def _behind(said: Plan, model: Model) -> tuple[set[str], dict[str, set[str]]]:
    """Staged tables behind a fact, and the columns that hold keys: of all facts on the way ("*"), of single needs."""
    tables, named, wait = set[str](), {"*": set[str]()}, [model]
    while wait:
        here = wait.pop()
        named["*"] |= set(here.key)
        for need in here.needs:
            if need.source:
                tables.add(need.table)
                named.setdefault(need.table, set()).update({need.key, need.by if need.how == "keyed" else ""})
            elif need.table in said.models and (said.models[need.table].is_fact or model.cases):
                wait.append(said.models[need.table])
    return {t for t in tables if f"l_{t[2:]}" not in tables or t.startswith("l_")}, named


def text(traced: Trace) -> str:
    """The figure in one line, then the cases with their records."""
    head = f"{traced.count:,} cases" + (f": {traced.num:g} of {traced.den:g}" if traced.den else "")
    head += f", the middle one {traced.middle:g}" if traced.middle is not None else ""
    head += f", {traced.different:,} different" if traced.different is not None else ""
    lines = [head]
    for case in traced.cases:
        value = case.item if case.item is not None else None if case.num is None else f"{case.num:g}"
        lines.append(" ".join(case.key) + ("" if value is None else f": {value}"))
        lines += [f"    {source}: {file}, record {row}" for source, file, row in case.records]
    more = traced.count - len(traced.cases)
    return "\n".join([*lines, *([f"and {more:,} more (--rows)"] if more else [])])


def main_trace(arguments: Sequence[str]) -> int:
    """`python -m data trace`."""
    parser = options("trace", "The cases behind a figure, with file and record of each.")
    parser.add_argument("metric")
    parser.add_argument("day", type=date.fromisoformat)
    parser.add_argument("--to", type=date.fromisoformat, help="last day, where the figure is of several")
    only = "only of this unit or value; repeatable"
    parser.add_argument("--of", action="append", default=[], type=_pair, metavar="LEVEL=CODE", help=only)
    parser.add_argument("--rows", type=int, default=20, help="cases shown, those that count first (20)")
    given: Any = parser.parse_args(arguments)
    span = (given.day, given.to or given.day)
    if span[1] < span[0]:
        parser.error(f"--to {span[1]} lies before {span[0]}")
    with opened(Var(given.var), given.threads) as con:
        print(text(trace(con, given.company, given.metric, span, dict(given.of), max(0, given.rows))))
    return 0


def _pair(said: str) -> tuple[str, str]:
    key, is_, value = said.partition("=")
    if not (key and is_ and value):
        raise argparse.ArgumentTypeError(f"{said!r} is not LEVEL=CODE, a level or dimension and one of its values")
    return key, value


if __name__ == "__main__":
    sys.exit(main_trace(sys.argv[1:]))
