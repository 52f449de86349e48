"""What one refresh has changed so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from data.beside import SCRATCH
from data.facts.sql import name

CAME, WENT = "came", "went"
"""Sides of a difference."""


def rows(side: str, model: str) -> str:
    """The table, in memory, of a model's rows that came or went in this refresh."""
    return f"{SCRATCH}.{name(f'{side}_{model}')}"


@dataclass
class Changes:
    """What one refresh has changed so far. `everything` holds tables that were made anew as a whole."""

    days: dict[str, set[date]] = field(default_factory=dict)
    """Source key, or fact or dated table -> days."""
    everything: set[str] = field(default_factory=set)
    missing: dict[str, str] = field(default_factory=dict)
    """Model -> the source without which it could not be made."""
    pairs: set[str] = field(default_factory=set)
    """Dated tables with a table changed_<table>(key columns, starts, ends), which lasts until the refresh is done."""
    kept: set[str] = field(default_factory=set)
    """Models of which the `rows` that came and went are known."""
    resumed: bool = False
    """Whether a refresh that was cut off goes on: rows that it changed before are not known any more."""
    since: int | None = None
    """Files after this one have come since the last refresh; None: not known."""
    columns: dict[tuple[str, str], set[date]] = field(default_factory=dict)
    """(fact, day expression) -> days of that expression among changed rows."""

    def add(self, key: str, found: set[date]) -> None:
        self.days.setdefault(key, set()).update(found)
