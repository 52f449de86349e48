"""`python -m data …`: from source systems' files to a published store.

load FOLDER…     take whatever is new, check it, redo the figures, publish
watch FOLDER…    the same, again and again, as files land
health           what came in, what was rejected, whether the books balance
trace METRIC DAY the cases behind a figure, with file and record of each
sample           make the sample company's source files
demo             make, load and publish the sample company: newest weeks first
check, new       look over a company folder; draft one from files
backup, restore, expire, bench
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from data.door import options
from data.store import NoStoreError
from data.work import HeldError, LoadError, Var, opened


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    name, rest = arguments[0], list(arguments[1:])
    if name in OTHERS:
        module, _, function = OTHERS[name].partition(":")
        command = getattr(importlib.import_module(module), function or "main")
    elif name in COMMANDS:
        command = COMMANDS[name]
    else:
        print(f"python -m data {name}: no such command; there are {', '.join([*COMMANDS, *OTHERS])}", file=sys.stderr)
        return 2
    try:
        return int(command(rest) or 0)
    except (LoadError, NoStoreError, OSError) as error:
        print(f"python -m data {name}: {error}", file=sys.stderr)
    except duckdb.Error as error:
        print(f"python -m data {name}: {str(error).splitlines()[0]}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 1


def _load(arguments: Sequence[str]) -> int:
    from data import load

    parser = options("load", "Take whatever is new in the folders, redo the figures, publish.")
    parser.add_argument("folders", nargs="*", type=Path, help="folders or files (var/inbox)")
    parser.add_argument("--retry", action="store_true", help="try files again that were refused or could not be read")
    given = parser.parse_args(arguments)
    var = Var(given.var)
    folders = given.folders or [var.root / "inbox"]
    with opened(var, given.threads) as con:
        report = load.run(con, var, given.company, folders, retry=given.retry)
    for line in report.refused:
        print(f"NOT TAKEN {line}", file=sys.stderr)
    if report.strangers:
        shown = ", ".join(report.strangers[:5])
        print(f"{len(report.strangers)} files that no source takes: {shown}", file=sys.stderr)
    print(f"{report.files} files, {report.rows} rows, {report.again} known already; store {report.version}")
    return 0


def _health(arguments: Sequence[str]) -> int:
    from data import balance
    from data.store import Versions

    given = options("health", "What came in, what was rejected, whether the books balance.").parse_args(arguments)
    versions = Versions(given.var)
    try:
        with opened(Var(given.var), given.threads) as con:
            text, good = balance.report(con)
    except HeldError:
        with versions.open() as store:
            text, good = balance.published(store)
    print(text)
    newest = versions.newest()
    if newest and not versions.whole(newest):
        print(f"{versions.path(newest)} IS GONE OR DAMAGED: the next load makes it anew")
        good = False
    return 0 if good else 1


def _check(arguments: Sequence[str]) -> int:
    """The folder's faults, then what its words leave open; reading words is the other room's work: they meet here."""
    from data.check import faults
    from queries import catalogue
    from queries.reading import teaching

    code = faults.main(arguments)
    folder = Path(arguments[0]) if arguments and not arguments[0].startswith("-") else None
    if folder is not None and code == 0:
        for line in teaching.doubled(catalogue.load(folder)):
            print(f"note: {line}")
    return code


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {"load": _load, "health": _health, "check": _check}
OTHERS = {
    "sample": "data.sample.cli",
    "watch": "data.watch",
    "pull": "data.pull",
    "demo": "data.demo",
    "new": "data.draft.new",
    "bench": "data.bench.days",
    "backup": "data.backup",
    "restore": "data.backup:main_restore",
    "expire": "data.expire",
    "trace": "data.trace:main_trace",
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
