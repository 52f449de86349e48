"""What a company folder says about its facts, and over which days they reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.facts import attribution as people
from data.facts import setup
from data.facts.blocks import Block, load_blocks, load_levels
from data.facts.changes import Changes
from data.facts.models import Model, load_models
from data.facts.sql import Connection, Db, exists, main

CALENDAR = ("weekday",)
"""Dimensions that the calendar gives."""


@dataclass(frozen=True)
class Plan:
    """What a company folder says about its facts."""

    models: Mapping[str, Model]
    """In the order in which they are made."""
    blocks: Mapping[str, Sequence[Block]]
    """Roll-up -> its selects."""
    how: people.Attribution

    @property
    def settles(self) -> set[int]:
        return {block.settles for parts in self.blocks.values() for block in parts}


def plan(folder: Path) -> Plan:
    """Read models and metrics of a company folder; raises ModelError on an author's mistake."""
    company = setup.company(folder)
    levels = load_levels(company)
    return Plan(
        {model.name: model for model in load_models(folder)},
        load_blocks(folder, levels, CALENDAR),
        people.attribution(levels, company),
    )


def held(con: Connection, rollups: Iterable[str]) -> tuple[date, date] | None:
    """First and last day of all roll-ups, None when nothing is held."""
    there = [
        f"SELECT min(day) AS a, max(day) AS b FROM {main(con, f'm_{r}')}" for r in rollups if exists(con, f"m_{r}")
    ]
    row = con.execute(f"SELECT min(a), max(b) FROM ({' UNION ALL '.join(there)})").fetchone() if there else None
    return (row[0], row[1]) if row and row[0] is not None else None


def spanned(con: Db, said: Plan, changes: Changes) -> tuple[date, date]:
    """Days that dated tables are compared over: what roll-ups hold and what is dirty."""
    known = {d for values in changes.days.values() for d in values}
    known |= set(held(con, said.blocks) or ())
    return (min(known), max(known)) if known else (date(2000, 1, 1), date(2000, 1, 1))
