"""One metric's share of an answer, before the parts are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from queries.answers.answer import Column, Offer
from queries.catalogue import Metric
from queries.library import Shelf
from queries.numbers import span_in
from queries.periods import Period
from queries.query import Query
from queries.statements.ground import Ground, Statement
from queries.viewer import Viewer


@dataclass(frozen=True)
class Setting:
    """All that answering needs beside the question: one viewer on one store version on one day."""

    ground: Ground
    shelf: Shelf
    viewer: Viewer
    unnamed: frozenset[str] = frozenset()
    """Logins of people who do not want to be named."""
    disputed: frozenset[tuple[str, str]] = frozenset()
    """Logins and metrics that are not named until somebody has answered what the person says is not right."""

    @property
    def today(self) -> date:
        return self.ground.today

    def say(self, situation: str, **values: Any) -> str:
        """A sentence of the company's wording."""
        return self.shelf.wording.say(situation, **values)


@dataclass(frozen=True)
class Part:
    """The answer about one metric."""

    sentences: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    periods: tuple[tuple[str, Period], ...] = ()
    picture: Mapping[str, Any] | None = None
    next_step: str = ""
    place: str = ""
    """The asker's own place range: told only to who asks for it."""
    statements: tuple[Statement, ...] = ()
    follow_ups: tuple[Offer, ...] = ()
    empty: bool = False
    """Every cell had to be withheld."""


def value_column(metric: Metric, side: str, key: str, label: str) -> Column:
    from queries.figures import is_rate

    return Column(key, label, "rate", "%") if is_rate(metric, side) else Column(key, label, "number", metric.unit)


def settling_from(metric: Metric, today: date) -> date | None:
    """The first day whose figures are still settling; None when the metric is final at once."""
    if not metric.matures_after_days:
        return None
    return date.fromordinal(today.toordinal() - metric.matures_after_days + 1)


def metric_query(query: Query, metric: str) -> Query:
    """The same question about one of its metrics."""
    having = tuple(h for h in query.having if h.metric == metric)
    return query.with_(metrics=(metric,), side=(query.side_of(metric),), having=having)


def told_together(parts: Sequence[Part], subject: str, today: date) -> str:
    """The sentences of all parts; whose figures they are and of which days is said once."""
    told: list[str] = []
    before: Period | None = None
    for part in parts:
        text = " ".join(s for s in part.sentences if s)
        period = part.periods[0][1] if part.periods else None
        if told and text.startswith(f"{subject}: "):
            text = text.removeprefix(f"{subject}: ")
            if period and period == before:
                span = span_in(period, today)
                text = text.replace(f", {span}", "", 1).replace(f" {span}", "", 1)
            text = text[:1].upper() + text[1:]
        told.append(text)
        before = period
    return " ".join(t for t in told if t)
