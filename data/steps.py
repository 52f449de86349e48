"""The running day moves in steps: a group's rows of it are taken over when enough of its people have something new.

Versions follow each other by minutes, and what differs between two of them is what happened in between: one person's
work. So of the running day a version keeps each group's rows as the version before has them, until the work of
`privacy.people_min` people differs from them. In the evening, and of every other day, all rows are taken over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from data.facts.blocks import load_levels
from data.facts.sql import name, names, quoted
from data.facts.yaml import read_yaml

OVER = 22
"""The hour (UTC) from which on a day is over."""
LEAST = 5


@dataclass(frozen=True)
class Step:
    """What is not taken over of the running day, and by what that is told: groups are the level right above people."""

    day: date | None = None
    group: str = ""
    person: str = ""
    least: int = LEAST
    """A group waits until the work of so many people differs."""
    waiting: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Roll-up -> groups (units) that wait."""

    def look(self, con: duckdb.DuckDBPyConnection, here: str, rollup: str, columns: Collection[str]) -> None:
        """Find out which groups wait of a roll-up (its name without m_) whose figures of the day have changed."""
        if self.day is None or not {self.person, self.group} <= set(columns):
            return
        ours, theirs = (_work(f'{base}."m_{rollup}"', columns, self.day, self.group, self.person)
                        for base in (f'"{here}".main', "version"))  # fmt: skip
        differ = "GROUP BY unit, who HAVING count(*) = 1 OR min(did) <> max(did)"
        rows = con.execute(
            f"SELECT unit FROM (SELECT unit FROM ({ours} UNION ALL {theirs}) {differ}) "
            f"GROUP BY unit HAVING count(*) < {self.least} ORDER BY unit"
        ).fetchall()
        if rows:
            self.waiting[rollup] = tuple(str(row[0]) for row in rows)

    def taken(self, rollup: str) -> str:
        """The condition for the rows of a roll-up that are taken over."""
        groups = ", ".join(quoted(group) for group in self.waiting.get(rollup, ()))
        still = f"day = DATE '{self.day}' AND {name(self.group)} IN ({groups})"
        return f"NOT coalesce({still}, FALSE)" if groups else "TRUE"

    def left(self) -> set[tuple[str, date]]:
        """Roll-ups and days that are not wholly published."""
        return {(rollup, self.day) for rollup in self.waiting} if self.day else set()


def running(now: datetime) -> date | None:
    """The day that is not over yet; None in the evening."""
    return now.date() if now.hour < OVER else None


def step(company: Path, day: date | None) -> Step:
    """By what the company's groups wait, of the day that is still running; nothing has been looked at yet."""
    said = read_yaml((company / "company.yml").read_text(encoding="utf-8")) or {}
    levels, least = load_levels(said), int((said.get("privacy") or {}).get("people_min", LEAST))
    if levels.person is None or levels.base is None:
        return Step()
    return Step(day, levels.base, levels.person, least)


def _work(table: str, columns: Collection[str], day: date, group: str, person: str) -> str:
    """Each one's work of a day in a table, as one number that tells whether it is the same."""
    return (
        f"SELECT {name(group)} AS unit, {name(person)} AS who, sum(hash({names(columns)})::HUGEINT) AS did "
        f"FROM {table} WHERE day = DATE '{day}' AND unit IS NOT NULL AND who IS NOT NULL GROUP BY ALL"
    )
