"""Helpers of the load tests: a throw-away company folder, files, and what the work database then holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from data import ledger, load
from data.arrivals import Report
from data.work import Var, opened


@dataclass(frozen=True)
class Place:
    """A company folder, an inbox and a folder of runtime files under one temporary folder."""

    root: Path

    @property
    def company(self) -> Path:
        return self.root / "company"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def var(self) -> Var:
        return Var(self.root / "var")

    def source(self, **keys: Any) -> None:
        """Write one contract."""
        folder = self.company / "sources"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{keys['source']}.yml").write_text(yaml.safe_dump(keys, sort_keys=False), encoding="utf-8")
        (self.company / "company.yml").write_text("name: Test\nlevels: [{key: unit}, {key: all}]\n", encoding="utf-8")
        (self.company / "metrics").mkdir(exist_ok=True)
        (self.company / "models").mkdir(exist_ok=True)

    def file(self, name: str, text: str | bytes) -> Path:
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def stage(self, *paths: Path) -> Report:
        """Into the staged tables only; the books must balance afterwards."""
        with opened(self.var, 2) as con:
            report = load.stage(con, self.var, self.company, paths or (self.inbox,), tell=lambda text: None)
            assert ledger.check(con) == []
        return report

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with opened(self.var, 2) as con:
            return con.execute(sql, list(parameters)).fetchall()

    def counts(self, name: str) -> tuple[str, int, int, int, int, int]:
        """(state, received, accepted, rejected, replaced, waiting) of a file."""
        found = self.rows(
            "SELECT state, received, accepted, rejected, replaced, waiting FROM ledger WHERE name = ?", name
        )
        assert len(found) == 1, f"{len(found)} files {name}"
        row: tuple[str, int, int, int, int, int] = found[0]
        return row


def csv(header: str, rows: Sequence[str]) -> str:
    return "\n".join([header, *rows]) + "\n"
