"""What is at hand while one query is made, and what the steps of making it share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from queries.catalogue import Metric
from queries.query import Query
from queries.reach import dimensions_of
from queries.reading.leftover import nouns
from queries.reading.mentions import Mention
from queries.reading.parts import Parts
from queries.reading.scan import Knowledge
from queries.reading.words import Side
from queries.viewer import Viewer

Place = tuple[str, tuple[str, ...]]


class NotAskableError(Exception):
    """The question is understood and cannot be answered this way: `kind` and the words for the reason."""

    def __init__(self, kind: str, **values: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.values = values


@dataclass
class Made:
    """A query being made; `assumed` tells what was not said."""

    query: Query
    assumed: list[str] = field(default_factory=list)
    unused: list[int] = field(default_factory=list)
    open: dict[int, list[str]] = field(default_factory=dict)
    """Words that are a value of several dimensions: where they stand, and the dimensions, best first."""


@dataclass
class Work:
    """Everything at hand while one query is made."""

    parts: Parts
    sides: tuple[Side, ...]
    know: Knowledge
    viewer: Viewer
    today: date
    core: frozenset[int]
    covers: frozenset[int] = frozenset()
    framed: bool = False
    pick: int = 0
    """Which of several periods said is tried."""
    forced: Mapping[int, str] = field(default_factory=dict)
    """The dimension tried for a word that is a value of several."""
    open: dict[int, list[str]] = field(default_factory=dict)
    places: tuple[tuple[Side, frozenset[int]], ...] = ()
    assumed: list[str] = field(default_factory=list)
    unused: list[int] = field(default_factory=list)

    @property
    def metric(self) -> Metric:
        return self.know.catalogue.metrics[self.sides[0].metric]

    @property
    def metrics(self) -> list[Metric]:
        return [self.know.catalogue.metrics[s.metric] for s in self.sides]

    @property
    def role(self) -> dict[str, Any]:
        return dict(self.know.catalogue.company["roles"].get(self.viewer.role) or {})

    @property
    def person(self) -> str | None:
        return self.know.catalogue.person_level

    @property
    def frontline(self) -> bool:
        return self.person is not None and self.role.get("assumes") == self.person


def levels_of(work: Work) -> set[str]:
    return {level.key for level in work.know.catalogue.levels}


def allowed_of(work: Work) -> frozenset[str]:
    out = dimensions_of(work.metric, work.know.catalogue)
    for m in work.metrics[1:]:
        out &= dimensions_of(m, work.know.catalogue)
    return out


def listed(work: Work, by: list[str]) -> bool:
    return any(key in levels_of(work) for key in by)


def dims_of(m: Mention) -> set[str]:
    return {t.key for t in m.values}


def free_values(work: Work) -> list[Mention]:
    """Value mentions not settled by grammar and not part of what names the metric, longest first."""
    p = work.parts
    out: list[Mention] = []
    taken: set[int] = set()
    for m in p.scan.mentions:
        here = set(range(m.start, m.end))
        if here & (p.scan.settled | p.held | taken):
            continue
        if not m.values:
            taken |= here if len(here) > 1 and m.dim else set()
            continue
        if here & work.core and not modified(work, m):
            continue
        out.append(m)
        taken |= here
    return out


def modified(work: Work, m: Mention) -> bool:
    """`home customers`: a kind of customers restricts, even where a metric's words take a word for anybody with it."""
    last, scan = m.end - 1, work.parts.scan
    of_customers = (work.know.catalogue.company.get("privacy") or {}).get("customer_dimensions") or ()
    keys = dims_of(m) & allowed_of(work) & set(of_customers)
    beside = any(keys & dims_of(o) for o in scan.mentions if (o.start, o.end) == (last, m.end))
    return bool(keys) and m.end - m.start > 1 and last in nouns(scan, work.know) and not beside
