"""Calendar arithmetic on half-open spans of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True, order=True)
class Period:
    """Whole local days from `start` up to, but without, `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.end - timedelta(days=1)

    def to_json(self) -> dict[str, str]:
        return {"from": self.start.isoformat(), "to": self.end.isoformat()}

    @classmethod
    def from_json(cls, value: Any) -> Period:
        return cls(date.fromisoformat(str(value["from"])[:10]), date.fromisoformat(str(value["to"])[:10]))
