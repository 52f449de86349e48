"""From a figure back to its files: the cases behind one day of a metric, and the records that each was made from.

    python -m data trace late_arrival_rate 2026-11-10 --of team=F-NLAK-1

A case is a row of the metric's fact; its records are found in the staged tables behind it by the keys on the way.
Counts that were taken over whole tables (customers by day and place) have no case of their own and say so.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data import beside
from data.door import options
from data.facts import attribution, setup
from data.facts.blocks import Block
from data.facts.models import Model
from data.facts.refresh import Plan, plan
from data.facts.rollup import attributed, units
from data.facts.sql import Db, columns, exists, main, name
from data.work import LoadError, Var, opened


@dataclass(frozen=True)
class Case:
    """One case behind a figure: its keys, what it adds to numerator and denominator (or its value), its records."""

    key: tuple[str, ...]
    num: float | None
    den: float | None
    records: tuple[tuple[str, str, int], ...]
    """(source, file, record of the file, counted from one without its header)."""


def trace(
    con: duckdb.DuckDBPyConnection, folder: Path, metric: str, day: date, of: Mapping[str, str], most: int = 20
) -> tuple[int, float, float, list[Case]]:
    """How many cases, their numerator and denominator summed, and the first of them, those that count first.

    Raises:
        LoadError: no such metric or level, or the day's cases were counted over whole tables.
    """
    said, db = plan(folder), Db(con)
    if metric not in said.blocks:
        raise LoadError(
            f"{metric}: no such metric; there are {', '.join(sorted(b for b in said.blocks if '__' not in b))}"
        )
    unknown = [level for level in of if level not in said.how.levels.keys]
    if unknown:
        raise LoadError(f"{unknown[0]}: no such level; there are {', '.join(said.how.levels.keys)}")
    setup.macros(db)
    beside.scratch(con)
    units(db, said.how.levels)
    attribution.worked(db, said.how, said.settles, (day, day))
    found: list[tuple[tuple[str, ...], float | None, float | None, Model]] = []
    for block in said.blocks[metric]:
        found += _cases(db, said, block, day, of)
    found.sort(key=lambda case: (-(case[1] or 0), case[0]))
    shown = [Case(key, num, den, _records(db, said, model, key)) for key, num, den, model in found[:most]]
    return len(found), sum(c[1] or 0 for c in found), sum(c[2] or 0 for c in found), shown


def _cases(
    con: Db, said: Plan, block: Block, day: date, of: Mapping[str, str]
) -> list[tuple[tuple[str, ...], float | None, float | None, Model]]:
    model = said.models[block.fact]
    if model.redo == "whole":
        raise LoadError(
            f"{block.metric}: counted over whole tables ({', '.join(n.table for n in model.needs)}), not by case"
        )
    if not exists(con, block.fact):
        return []
    keys = ", ".join(f"CAST({name(k)} AS VARCHAR)" for k in model.key)
    parts = (
        f"CAST({block.value} AS DOUBLE), NULL"
        if block.value
        else f"CAST({block.num} AS DOUBLE), CAST({block.den} AS DOUBLE)"
    )
    where = " AND ".join(f"_{level} = ?" for level in of) or "true"
    rows = attributed(con, block, said.how.levels, model, {day})
    made = con.execute(f"SELECT {keys}, {parts} FROM ({rows}) WHERE {where}", list(of.values())).fetchall()
    return [(tuple(row[:-2]), row[-2], row[-1], model) for row in made]


def _records(con: Db, said: Plan, model: Model, key: Iterable[str]) -> tuple[tuple[str, str, int], ...]:
    """The records of one case in the staged tables behind its fact."""
    tables, named = _behind(said, model)
    found: set[tuple[str, str, int]] = set()
    for table in sorted(t for t in tables if exists(con, t)):
        for column in [c for c in columns(con, table) if c in named.get(table, set()) | named["*"]]:
            kind = con.execute(
                "SELECT data_type FROM duckdb_columns() WHERE table_name = ? AND column_name = ?", [table, column]
            ).fetchone()
            values = ", ".join(f"TRY_CAST(? AS {kind[0] if kind else 'VARCHAR'})" for _ in key)
            rows = con.execute(
                f"SELECT l.source, l.name, t._row FROM {main(con, table)} AS t JOIN ledger AS l ON l.id = t._file "
                f"WHERE t.{name(column)} IN ({values})",
                list(key),
            ).fetchall()
            found |= {(str(source), str(file), int(row)) for source, file, row in rows}
    return tuple(sorted(found))


def _behind(said: Plan, model: Model) -> tuple[set[str], dict[str, set[str]]]:
    """Staged tables behind a fact, and the columns that hold keys: of all facts on the way ("*"), of needs by key."""
    tables, named, wait = set[str](), {"*": set[str]()}, [model]
    while wait:
        here = wait.pop()
        named["*"] |= set(here.key)
        for need in here.needs:
            if need.source:
                tables.add(need.table)
                if need.how == "keyed":
                    named.setdefault(need.table, set()).add(need.by)
            elif need.table in said.models and said.models[need.table].is_fact:
                wait.append(said.models[need.table])
    return {t for t in tables if f"l_{t[2:]}" not in tables or t.startswith("l_")}, named


def _text(count: int, num: float, den: float, cases: Sequence[Case]) -> str:
    lines = [f"{count:,} cases" + (f": {num:g} of {den:g}" if den else "")]
    for case in cases:
        lines.append(f"{' '.join(case.key)}: {case.num:g}" if case.num is not None else " ".join(case.key))
        lines += [f"    {source}: {file}, record {row}" for source, file, row in case.records]
    more = count - len(cases)
    return "\n".join([*lines, *([f"and {more:,} more (--rows)"] if more else [])])


def main_trace(arguments: Sequence[str]) -> int:
    """`python -m data trace`."""
    parser = options("trace", "The cases behind one day of a metric, with file and record of each.")
    parser.add_argument("metric")
    parser.add_argument("day", type=date.fromisoformat)
    parser.add_argument("--of", action="append", default=[], metavar="LEVEL=CODE", help="only of this unit; repeatable")
    parser.add_argument("--rows", type=int, default=20, help="cases shown, those that count first (20)")
    given: Any = parser.parse_args(arguments)
    of = dict(pair.partition("=")[::2] for pair in given.of)
    with opened(Var(given.var), given.threads) as con:
        print(_text(*trace(con, given.company, given.metric, given.day, of, given.rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main_trace(sys.argv[1:]))
