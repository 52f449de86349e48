"""The answer: what every door shows, as the contract's object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from queries.periods import Period
from queries.query import Query

ANSWER, CHOICES, UNREAD, REFUSED = "answer", "choices", "unread", "refused"


@dataclass(frozen=True)
class Offer:
    """Something that can be asked instead or next: its words and its query."""

    said: str
    query: Query | None = None

    def to_json(self) -> dict[str, Any]:
        return {"said": self.said, "query": self.query.to_json() if self.query else None}


@dataclass(frozen=True)
class Column:
    """One column of the rows. `kind`: unit, dimension, day, text, rate, number, count, points.

    Rates are fractions; points are a difference of two of them.
    """

    key: str
    label: str
    kind: str
    unit: str = ""
    of: tuple[tuple[str, Column], ...] = ()
    """Where rows are of several metrics that are told otherwise, in hours beside per cent: the column of each."""

    def to_json(self) -> dict[str, Any]:
        made = {"key": self.key, "label": self.label, "kind": self.kind, "unit": self.unit}
        return made | ({"of": {metric: one.to_json() for metric, one in self.of}} if self.of else {})

    def beside(self, metric: str, other: Column) -> Column:
        """This column with how the same one is told of another metric."""
        same = (other.kind, other.unit) == (self.kind, self.unit)
        return self if same else replace(self, of=(*self.of, (metric, other)))


@dataclass(frozen=True)
class Used:
    """One statement that was run: its SQL and its parameters, for whoever wants to check."""

    metric: str
    sql: str
    parameters: tuple[Any, ...]

    def to_json(self) -> dict[str, Any]:
        return {"metric": self.metric, "sql": self.sql, "parameters": [_plain(p) for p in self.parameters]}


@dataclass(frozen=True)
class Answer:
    """One answered, offered, unread or refused question."""

    outcome: str
    headline: str = ""
    query: Query | None = None
    said: str = ""
    choices: tuple[Offer, ...] = ()
    assumed: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    periods: tuple[tuple[str, Period], ...] = ()
    """What each span of days in the answer is for, with its exact dates."""
    definition: str = ""
    next_step: str = ""
    place: str = ""
    """The asker's own place range, for a page to show when the person opens it; in the headline only when asked for."""
    pictures: tuple[Mapping[str, Any], ...] = ()
    follow_ups: tuple[Offer, ...] = ()
    nearest: tuple[Offer, ...] = ()
    """What can be asked instead of an unread or refused question."""
    marks: tuple[tuple[Any, ...], ...] = ()
    """Which parts of the question were understood and which not used, for the page."""
    exportable: bool = True
    """False when rows are about people other than the asker."""
    used: tuple[Used, ...] = ()
    logged: tuple[str, ...] = ()
    """Logins whose own figures this answer shows to somebody else (for the access log)."""
    as_of: str | None = None
    store: str | None = None
    ms: Mapping[str, float] = field(default_factory=dict)
    id: str | None = None
    question: str | None = None
    login: str | None = None
    on: date | None = None
    read_only: bool = False
    failed: bool = False
    """There was no answer because of how it was asked for: somebody unknown, a day that is none."""

    def with_(self, **changes: Any) -> Answer:
        return replace(self, **changes)

    @property
    def picture(self) -> Mapping[str, Any] | None:
        return self.pictures[0] if self.pictures else None

    def to_json(self) -> dict[str, Any]:
        """The contract's object; `rows` are lists in the order of `columns`."""
        found: dict[str, Any] = {
            "id": self.id,
            "question": self.question,
            "as": self.login,
            "on": self.on.isoformat() if self.on else None,
            "outcome": self.outcome,
            "said": self.said,
            "query": self.query.to_json() if self.query and self.outcome in (ANSWER, REFUSED) else None,
            "choices": [c.to_json() for c in self.choices],
            "assumed": list(self.assumed),
            "unused": list(self.unused),
        }
        if not self.read_only:
            keys = [c.key for c in self.columns]
            found["headline"] = self.headline
            found["columns"] = keys
            found["rows"] = [[_plain(row.get(key)) for key in keys] for row in self.rows]
        found["notes"] = list(self.notes)
        found |= {"as_of": self.as_of, "store": self.store, "sql": [u.to_json() for u in self.used]}
        found["ms"] = {key: round(value, 2) for key, value in self.ms.items()}
        return found | ({} if self.read_only else self._more())

    def _more(self) -> dict[str, Any]:
        """What the page draws beyond the contract: every picture and table as plain values."""
        return {
            "picture": dict(self.pictures[0]) if self.pictures else None,
            "pictures": [dict(p) for p in self.pictures],
            "table": {"columns": [c.to_json() for c in self.columns], "rows": [self._shown(row) for row in self.rows]},
            "periods": [{"label": what, **period.to_json()} for what, period in self.periods],
            "definition": self.definition,
            "next_step": self.next_step,
            "place": self.place,
            "follow_ups": [o.to_json() for o in self.follow_ups],
            "nearest": [o.to_json() for o in self.nearest],
            "marks": [list(m) for m in self.marks],
            "exportable": self.exportable,
        }

    def _shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row for reading: names instead of codes (a key's name stands beside it as `<key>.name`)."""
        shown = {c.key: _plain(row.get(f"{c.key}.name", row.get(c.key))) for c in self.columns}
        return shown | ({"own": True} if row.get("own") is True else {})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
