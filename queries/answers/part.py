"""One metric's share of an answer, before the parts are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from queries.answers.answer import Column, Offer
from queries.catalogue import Metric
from queries.figures import is_rate
from queries.numbers import span_in
from queries.periods import Period
from queries.statements.ground import Statement


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
    return Column(key, label, "rate", "%") if is_rate(metric, side) else Column(key, label, "number", metric.unit)


def change_column(metric: Metric, side: str, key: str, label: str) -> Column:
    """A difference of two figures of the metric: of rates percentage points."""
    return Column(key, label, "points", "points") if is_rate(metric, side) else value_column(metric, side, key, label)


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
