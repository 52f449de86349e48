"""The running day moves in steps: a group's rows of it are taken over when enough of its people have something new.

Versions follow each other by minutes, and what differs between two of them is what happened in between: one person's
work. So of the running day a version keeps each group's rows as the version before has them, until the work of
`privacy.people_min` people differs from them. In the evening, and of every other day, all rows are taken over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    """What is not taken over: roll-up -> groups (units of the level right above people) that wait, of which day."""

    day: date | None = None
    group: str = ""
    waiting: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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


def step(
    con: duckdb.DuckDBPyConnection, here: str, rollups: Mapping[str, Collection[str]], day: date | None, company: Path
) -> Step:
    """Which groups wait; `rollups`: those whose figures of the day have changed (without m_) -> their columns."""
    said = read_yaml((company / "company.yml").read_text(encoding="utf-8")) or {}
    levels, least = load_levels(said), int((said.get("privacy") or {}).get("people_min", LEAST))
    if day is None or levels.person is None or levels.base is None:
        return Step()
    waiting = {}
    for rollup, columns in rollups.items():
        if {levels.person, levels.base} <= set(columns):
            ours, theirs = (_work(f'{base}."m_{rollup}"', columns, day, levels.base, levels.person)
                            for base in (f'"{here}".main', "version"))  # fmt: skip
            differ = "GROUP BY unit, who HAVING count(*) = 1 OR min(did) <> max(did)"
            rows = con.execute(
                f"SELECT unit FROM (SELECT unit FROM ({ours} UNION ALL {theirs}) {differ}) "
                f"GROUP BY unit HAVING count(*) < {least} ORDER BY unit"
            ).fetchall()
            waiting[rollup] = tuple(str(row[0]) for row in rows)
    return Step(day, levels.base, {rollup: groups for rollup, groups in waiting.items() if groups})


def _work(table: str, columns: Collection[str], day: date, group: str, person: str) -> str:
    """Each one's work of a day in a table, as one number that tells whether it is the same."""
    return (
        f"SELECT {name(group)} AS unit, {name(person)} AS who, sum(hash({names(columns)})::HUGEINT) AS did "
        f"FROM {table} WHERE day = DATE '{day}' AND unit IS NOT NULL AND who IS NOT NULL GROUP BY ALL"
    )
