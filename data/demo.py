"""`python -m data demo`: the sample company's files made, loaded and published, newest weeks first.

Chunks of days are made into a folder of their own, loaded, published and noted; a start after a crash goes on with the
first chunk that is not noted. How far it is stands in the store's meta (`loading`) and in var/demo.json.
"""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from data import load
from data.door import options
from data.work import Var, opened, transaction

NEWEST, CHUNK = 28, 28
"""Days that the page opens on; days of each older chunk."""
GENERATOR = "data.sample.cli"


@dataclass(frozen=True)
class Wanted:
    """What the demo store shall hold."""

    company: str
    days: int
    until: date
    sources: str = ""


def chunks(wanted: Wanted, held: date | None) -> list[tuple[date, date]]:
    """(first, last) of the chunks, in the order of making: the newest days, then backwards.

    >>> chunks(Wanted("demo", 40, date(2026, 2, 9)), None)
    [(datetime.date(2026, 1, 13), datetime.date(2026, 2, 9)), (datetime.date(2026, 1, 1), datetime.date(2026, 1, 12))]
    """
    first = wanted.until - timedelta(days=wanted.days - 1)
    found, last, size = [], wanted.until, NEWEST
    while last >= first:
        start = max(first, last - timedelta(days=size - 1))
        found.append((start, last))
        last, size = start - timedelta(days=1), CHUNK
    return found


def run(
    var: Var, company: Path, wanted: Wanted, only_newest: bool = False, tell: load.Tell = print,
    threads: int | None = None,
) -> None:  # fmt: skip
    """Make and load what is still missing; the planted stories count from the day the demo was first made until."""
    with opened(var, threads) as con:
        anchor = date.fromisoformat(_note(con, "demo_anchor") or _keep(con, "demo_anchor", wanted.until.isoformat()))
        begun = Wanted(wanted.company, wanted.days, anchor, wanted.sources)
        todo = chunks(begun, None)
        if wanted.until > anchor:
            todo.insert(1, (anchor + timedelta(days=1), wanted.until))
        done = sum(_days(c) for c in todo if _note(con, _name(c)))
        total = sum(_days(c) for c in todo)
        for chunk in [c for c in todo if not _note(con, _name(c))]:
            _tell(var, "making", done, total, chunk)
            folder = var.root / "work" / "made"
            _make(folder, begun, chunk, chunk[1] == max(c[1] for c in todo))
            _tell(var, "loading", done, total, chunk)
            done += _days(chunk)
            meta = {"loading": f"{done}/{total}"} if done < total else {}
            report = load.run(con, var, company, [folder], tell=lambda text: None, meta=meta, recover=True)
            _keep(con, _name(chunk), "done")
            shutil.rmtree(folder, ignore_errors=True)
            _tell(var, "ready" if done == total else "more", done, total, chunk)
            tell(f"{chunk[0]} to {chunk[1]}: {report.rows} rows, {done} of {total} days, {report.version}")
            if only_newest:
                return


def _days(chunk: tuple[date, date]) -> int:
    return (chunk[1] - chunk[0]).days + 1


def _name(chunk: tuple[date, date]) -> str:
    return f"demo_{chunk[0]}_{chunk[1]}"


def _note(con: duckdb.DuckDBPyConnection, key: str) -> str | None:
    row = con.execute("SELECT value FROM progress WHERE key = ?", [key]).fetchone()
    return str(row[0]) if row else None


def _keep(con: duckdb.DuckDBPyConnection, key: str, value: str) -> str:
    with transaction(con):
        con.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", [key, value])
    return value


def _make(folder: Path, wanted: Wanted, chunk: tuple[date, date], newest: bool) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    maker: Any = importlib.import_module(GENERATOR)
    order = [
        *("--company", wanted.company, "--from-day", str(chunk[0]), "--until", str(chunk[1]), "--out", str(folder)),
        *("--anchor", str(wanted.until), "--drops", "1" if newest else "0"),
        *(("--sources", wanted.sources) if wanted.sources else ()),
    ]
    maker.main(order)


def _tell(var: Var, stage: str, done: int, total: int, chunk: tuple[date, date]) -> None:
    """For a progress bar: var/demo.json, replaced in one step."""
    text = json.dumps({"stage": stage, "done": done, "wanted": total, "from": str(chunk[0]), "to": str(chunk[1])})
    part = var.root / "demo.json.part"
    part.write_text(text, encoding="utf-8")
    part.replace(var.root / "demo.json")


def main(arguments: Sequence[str]) -> int:
    parser = options("demo", "Make, load and publish the sample company, newest weeks first.")
    parser.add_argument("--size", choices=("demo", "full"), default="demo")
    parser.add_argument("--days", type=int, default=182)
    parser.add_argument("--until", type=date.fromisoformat, default=None)
    parser.add_argument("--sources", default="", help="only these, with commas")
    parser.add_argument("--only-newest", action="store_true", help="stop after the newest four weeks")
    given = parser.parse_args(arguments)
    wanted = Wanted(given.size, given.days, given.until or date.today(), given.sources)
    run(Var(given.var), given.company, wanted, given.only_newest, threads=given.threads)
    return 0
