"""`python -m data watch FOLDER…`: load whatever lands, redo only the days it touches, publish within a minute.

A file is taken when it has not changed between two looks.
Pages that are open pick the new version up by the pointer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from data import load
from data.arrivals import Report
from data.door import options
from data.inbox import Inbox
from data.store import Versions
from data.work import LoadError, Var, opened, step_aside

PAUSE = 30.0
"""Seconds that watching waits at most for the next try when one failed: each failure doubles its pause."""


def watch(
    con: duckdb.DuckDBPyConnection,
    var: Var,
    company: Path,
    folders: Sequence[Path],
    every: float = 2.0,
    until: Callable[[], bool] = lambda: False,
    tell: load.Tell = print,
) -> None:
    """Look, load, wait, until `until` says so; a pass that fails is told once and tried again."""
    inbox, versions, failed, said, told = Inbox(folders), Versions(var.root), 0, "", set[str]()
    first, mark = True, None
    while True:
        try:
            step_aside(con, var)
            ready = inbox.ready()
            if ready or first or versions.mark() != mark:
                began = time.monotonic()
                report = load.run(con, var, company, ready, tell=lambda text: None, recover=first)
                inbox.done(ready, report.unread)
                _say(report, time.monotonic() - began, tell, told)
                if failed and not report.files:
                    tell(f"going on: {report.version}")
                first, mark = False, versions.mark()
            failed, said = 0, ""
        except LoadError as error:
            if said != str(error):
                tell(str(error))
            failed, said = failed + 1, str(error)
        if until():
            return
        time.sleep(max(every, min(PAUSE, every * 2 ** min(failed, 9))) if failed else every)


def _say(report: Report, seconds: float, tell: load.Tell, told: set[str]) -> None:
    """What a pass did; what could not be taken once, though it is tried again."""
    if report.files:
        tell(f"{report.files} files, {report.rows} rows in {seconds:.1f} s: {report.version}")
    lines = [f"NOT TAKEN {line}" for line in report.refused]
    lines += [f"NO SOURCE TAKES {name}" for name in report.strangers]
    for line in dict.fromkeys(lines):
        if line not in told:
            tell(line)
    told.update(lines)


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
