"""`python -m data watch FOLDER…`: load whatever lands, redo only the days it touches, publish within a minute.

A file is taken when its size and time have not changed between two looks.
Pages that are open pick the new version up by the pointer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from data import arrivals, load
from data.arrivals import Report
from data.door import options
from data.work import LoadError, Var, opened

Mark = tuple[int, int]


def settled(folders: Sequence[Path], before: dict[Path, Mark], done: dict[Path, Mark]) -> list[Path]:
    """Files that look as they did at the last look and are not done yet; `before` is brought up to date."""
    ready, now = [], {}
    for path in arrivals.scan(folders):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        now[path] = (status.st_size, status.st_mtime_ns)
        if done.get(path) != now[path] and before.get(path) == now[path]:
            ready.append(path)
    before.clear()
    before.update(now)
    return ready


def watch(
    con: duckdb.DuckDBPyConnection,
    var: Var,
    company: Path,
    folders: Sequence[Path],
    every: float = 2.0,
    until: Callable[[], bool] = lambda: False,
    tell: load.Tell = print,
) -> None:
    """Look, load, wait, until `until` says so; a pass that fails is told and tried again."""
    before: dict[Path, Mark] = {}
    done: dict[Path, Mark] = {}
    first = True
    while True:
        try:
            ready = settled(folders, before, done)
            if ready or first:
                began = time.monotonic()
                report = load.run(con, var, company, ready, tell=lambda text: None, recover=first)
                done.update({path: before[path] for path in ready if path in before})
                first = False
                _say(report, time.monotonic() - began, tell)
        except LoadError as error:
            tell(str(error))
        if until():
            return
        time.sleep(every)


def _say(report: Report, seconds: float, tell: load.Tell) -> None:
    if report.files:
        tell(f"{report.files} files, {report.rows} rows in {seconds:.1f} s: {report.version}")
    for line in report.refused:
        tell(f"NOT TAKEN {line}")


def main(arguments: Sequence[str]) -> int:
    parser = options("watch", "Load whatever lands in the folders, again and again.")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between looks")
    parser.add_argument("--passes", type=int, default=0, help="stop after so many looks (0: never)")
    given = parser.parse_args(arguments)
    looks = iter(range(1, given.passes)) if given.passes else None
    var = Var(given.var)
    try:
        with opened(var, given.threads) as con:
            until = (lambda: next(looks, None) is None) if looks is not None else (lambda: False)
            watch(con, var, given.company, given.folders, given.every, until)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 0
