"""A small company with all its dirt and traps: fifteen teams of the sample, made and loaded once for several tests.

The folder is kept in the system's temporary folder under a hash of everything that goes into it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

from data import load
from data.sample import cli
from data.sample import company as sample_company
from data.work import Var, opened
from tests.kept import kept, settle

ROOT = Path(__file__).resolve().parents[1]
FERNWAY = ROOT / "data" / "companies" / "fernway"
UNTIL = date(2026, 11, 18)
TEAMS = (
    "F-NLAK-1", "F-NLAK-2", "F-WCAN-1", "F-CCINN-1", "F-SOTOW-1", "F-SBAY-1", "F-ERIV-1", "F-CCRO-1", "C-WCCES-4",
    "C-WCCES-5", "C-BCAY-1", "C-BCAY-8", "C-BCAY-10", "D-NOR-1", "S-3",
)  # fmt: skip


@dataclass(frozen=True)
class Small:
    """Where the source files and the loaded runtime folder lie."""

    src: Path
    var: Path
    first: date
    until: date

    @property
    def work(self) -> Path:
        return Var(self.var).database


def small(days: int = 24, until: date = UNTIL) -> Small:
    """The small company over the `days` delivery days up to and including `until`, made and loaded."""
    root = kept(f"small-{days}", f"{_mark()}-{until}")
    made = Small(root / "src", root / "var", until - timedelta(days=days - 1), until)
    if not root.exists():
        part = root.with_name(f"{root.name}.{os.getpid()}.part")
        shutil.rmtree(part, ignore_errors=True)
        write(part / "src", made.first, until)
        read(part / "var", part / "src")
        settle(part, root)
    return made


def write(out: Path, first: date, until: date) -> None:
    """The source files of the fifteen teams."""
    teams = [t for t in sample_company.all_teams() if t.code in TEAMS]
    with mock.patch.object(sample_company, "all_teams", lambda: teams):
        cli.write(cli.Order("full", first, until, out, customers=40_000, drops=0, thin=0.4), workers=1)


def read(var: Path, *folders: Path, company: Path = FERNWAY) -> None:
    """Load folders into a runtime folder."""
    with opened(Var(var), threads=2) as con:
        load.run(con, Var(var), company, list(folders), tell=lambda text: None)


def _mark() -> str:
    files = [*sorted((ROOT / "data").rglob("*.py")), *sorted(FERNWAY.rglob("*.yml")), *sorted(FERNWAY.rglob("*.sql"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
