"""`python -m data demo`: the sample company's files made, loaded and published, newest weeks first.

Chunks of days are made into a folder of their own, loaded, published and noted; a start after a crash goes on with the
first chunk that is not noted. How far it is stands in the store's meta (`loading`) and in var/demo.json.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import yaml

from data import load
from data.door import options
from data.work import LoadError, Var, opened, transaction

NEWEST, CHUNK = 28, 28
"""Days that the page opens on; days of each older chunk."""


@dataclass(frozen=True)
class Wanted:
    """What the demo store shall hold."""

    company: str
    days: int
    until: date
    sources: str = ""
    """Source keys with commas, empty for all."""


def chunks(wanted: Wanted) -> list[tuple[date, date]]:
    """(first, last) of the chunks, in the order of making: the newest days, then backwards.

    >>> chunks(Wanted("demo", 40, date(2026, 2, 9)))
    [(datetime.date(2026, 1, 13), datetime.date(2026, 2, 9)), (datetime.date(2026, 1, 1), datetime.date(2026, 1, 12))]
    """
    first = wanted.until - timedelta(days=wanted.days - 1)
    found, last, size = [], wanted.until, NEWEST
    while last >= first:
        start = max(first, last - timedelta(days=size - 1))
        found.append((start, last))
        last, size = start - timedelta(days=1), CHUNK
    return found


@dataclass(frozen=True)
class Step:
    """One chunk of days of some sources (none named: all)."""

    first: date
    last: date
    sources: tuple[str, ...]
    newest: bool

    @property
    def name(self) -> str:
        return f"demo_{self.first}_{self.last}_{'+'.join(self.sources)}"

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def steps(wanted: Wanted, anchor: date, company: Path) -> list[Step]:
    """What is made and loaded, in order: the newest days of the sources that the page opens with, then their other
    sources, then days that have come since the first start, then older days."""
    every = [p.stem for p in sorted((company / "sources").glob("*.yml"))]
    chosen = tuple(s for s in wanted.sources.split(",") if s) or tuple(every)
    said = yaml.safe_load((company / "company.yml").read_text(encoding="utf-8")).get("opens_with") or ()
    opening = tuple(s for s in chosen if s in said)
    parts = [opening, tuple(s for s in chosen if s not in opening)] if opening else [chosen]
    newest, *older = chunks(Wanted(wanted.company, wanted.days, anchor))
    found = [Step(*newest, part, wanted.until <= anchor) for part in parts if part]
    if wanted.until > anchor:
        found.append(Step(anchor + timedelta(days=1), wanted.until, chosen, True))
    return found + [Step(*chunk, chosen, False) for chunk in older]


def run(
    var: Var, company: Path, wanted: Wanted, only_newest: bool = False, tell: load.Tell = print,
    threads: int | None = None,
) -> None:  # fmt: skip
    """Make and load what is still missing; the planted stories count from the day the demo was first made until.

    While one step is loaded, the next one is made by a process of its own.
    """
    with opened(var, threads) as con:
        anchor = date.fromisoformat(_note(con, "demo_anchor") or _keep(con, "demo_anchor", wanted.until.isoformat()))
        all_steps = steps(wanted, anchor, company)
        todo = [step for step in all_steps if not _note(con, step.name)][: 1 if only_newest else None]
        total = sum({(s.first, s.last): s.days for s in all_steps}.values())
        shutil.rmtree(var.root / "work" / "made", ignore_errors=True)
        making = _make(var, wanted, anchor, todo[0]) if todo else None
        for step, following in zip(todo, [*todo[1:], None], strict=True):
            _tell(var, "making", _held(con, all_steps), total, step)
            _wait(making)
            making = _make(var, wanted, anchor, following, gentle=True) if following else None
            _tell(var, "loading", _held(con, all_steps), total, step)
            held = _held(con, all_steps, step)
            meta = {"loading": f"{held}/{total}"} if held < total else {}
            report = load.run(con, var, company, [_folder(var, step)], tell=_quiet, meta=meta, move=True)
            _keep(con, step.name, "done")
            shutil.rmtree(_folder(var, step), ignore_errors=True)
            left = any(not _note(con, s.name) for s in all_steps)
            _tell(var, "more" if left else "ready", held, total, step)
            tell(f"{step.first} to {step.last}: {report.rows} rows, {held} of {total} days, {report.version}")


def _quiet(text: str) -> None:
    return None


def _held(con: duckdb.DuckDBPyConnection, all_steps: Sequence[Step], also: Step | None = None) -> int:
    """Days of which something is held."""
    held = {(s.first, s.last): s.days for s in all_steps if s == also or _note(con, s.name)}
    return sum(held.values())


def _note(con: duckdb.DuckDBPyConnection, key: str) -> str | None:
    row = con.execute("SELECT value FROM progress WHERE key = ?", [key]).fetchone()
    return str(row[0]) if row else None


def _keep(con: duckdb.DuckDBPyConnection, key: str, value: str) -> str:
    with transaction(con):
        con.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", [key, value])
    return value


def _folder(var: Var, step: Step) -> Path:
    return var.root / "work" / "made" / hashlib.sha256(step.name.encode()).hexdigest()[:12]


def _make(var: Var, wanted: Wanted, anchor: date, step: Step, gentle: bool = False) -> subprocess.Popen[str]:
    """Start making a step's files; `gentle`: whatever is loaded meanwhile goes first."""
    command = [
        *(sys.executable, "-m", "data", "sample", "--company", wanted.company, "--from-day", str(step.first)),
        *("--until", str(step.last), "--out", str(_folder(var, step).resolve()), "--anchor", str(anchor)),
        *("--drops", "1" if step.newest else "0", "--sources", ",".join(step.sources)),
    ]
    home = Path(__file__).parents[1]
    making = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if gentle and hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, making.pid, 19)
    return making


def _wait(making: subprocess.Popen[str] | None) -> None:
    if making is None:
        return
    _, told = making.communicate()
    if making.returncode:
        last = told.strip().splitlines()[-1:] or [""]
        raise LoadError(f"the sample company could not be made: {last[0]}")


def _tell(var: Var, stage: str, done: int, total: int, step: Step) -> None:
    """For a progress bar: var/demo.json, replaced in one step."""
    text = json.dumps({"stage": stage, "done": done, "wanted": total, "from": str(step.first), "to": str(step.last)})
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
