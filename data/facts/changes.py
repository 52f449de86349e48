"""What one refresh has changed so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass
class Changes:
    """What one refresh has changed so far. `everything` holds tables that were made anew as a whole."""

    days: dict[str, set[date]] = field(default_factory=dict)
    """Source key, or fact or dated table -> days."""
    everything: set[str] = field(default_factory=set)
    missing: dict[str, str] = field(default_factory=dict)
    """Model -> the source without which it could not be made."""
    pairs: set[str] = field(default_factory=set)
    """Dated tables with a table changed_<table>(key columns, day), which lasts until the refresh is done."""
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fact -> its columns of which models that are made alone want to know the changed values."""
    since: int | None = None
    """Files after this one have come since the last refresh; None: not known."""
    columns: dict[tuple[str, str], set[date]] = field(default_factory=dict)
    """(fact, day expression) -> days of that expression among changed rows."""

    def add(self, key: str, found: set[date]) -> None:
        self.days.setdefault(key, set()).update(found)
