"""Figures that are still settling: cases younger than the days after which a KPI is final."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from queries.answers.tabled import value_words
from queries.answers.tables import overlaps, table
from queries.catalogue import Metric
from queries.fairness.progress import last_matured_week
from queries.figures import Figure, figure, label
from queries.library import EARLY
from queries.numbers import day_text, number_of, span_said, value_text
from queries.periods import Period
from queries.privacy.scope import Scope
from queries.query import Query
from queries.setting import Setting, settling_from
from queries.statements import sql
from queries.statements.ground import NotAllowedError
from queries.statements.shapes import Shape

EARLY_DAYS = 7
"""After so many days a case shows its early sign."""


def settling_notes(metric: Metric, side: str, query: Query, period: Period, at: Setting) -> list[str]:
    """What to say about the young days of a period; empty when all of it is settled."""
    first = settling_from(metric, at.today)
    if first is None or period.end <= first:
        return []
    name = label(metric, side)
    if period.start < first:
        days = number_of(metric.matures_after_days, "day")
        return [at.say("settling_from", day=day_text(first), days=days, label=name)]
    week = last_matured_week(at.today, metric.matures_after_days)
    value = _week_value(metric, query, week, at)
    span = span_said(period, at.today)
    early = _early_sign(metric, side, query, first, at)
    return [
        at.say(
            "still_settling",
            label=name,
            span=span,
            early=early,
            week=span_said(week, at.today),
            value=value,
        )
    ]


def _early_sign(metric: Metric, side: str, query: Query, first: date, at: Setting) -> str | None:
    """The early sign of the cases that are old enough for it but not yet final: 4 of 61.

    Of whole weeks and whole work: days, or parts, could be told apart by asking again.
    """
    name = f"m_{metric.key}{EARLY}"
    period = _weeks(first, at.today - timedelta(days=EARLY_DAYS - 1))
    if name not in at.ground.tables or period is None or query.where:
        return None
    try:
        statement = sql.compile(_plain(query, period), metric.key, at.ground, at.viewer)
    except NotAllowedError:
        return None
    assert isinstance(statement.shape, Shape)
    rows = at.shelf.run(replace(statement, shape=replace(statement.shape, table=name)))
    found = figure(metric, side, rows[0]) if rows else None
    if found is None or not found.cases or not _enough(found, statement.scope):
        return None
    if _few(found, statement.scope):
        return value_text(metric, side, found.value, whole=True)
    return f"{found.count:,.0f} of {found.cases:,.0f}"


def _weeks(first: date, end: date) -> Period | None:
    """The whole weeks of some days."""
    start, end = first + timedelta(days=-first.weekday() % 7), end - timedelta(days=end.weekday())
    return Period(start, end) if start < end else None


def _plain(query: Query, period: Period) -> Query:
    plain = query.with_(by=(), grain=None, compare=(), previous=None, order=None, top=None, having=(), explain=None)
    return plain.with_(period=period, peers=())


def held_notes(query: Query, period: Period, at: Setting) -> list[str]:
    """Where a question reaches beyond the days that the store holds, and how far loading has come; `period`: told."""
    first, last, notes = at.ground.directory.first_day, at.ground.directory.last_day, []
    asked = [query.period, query.previous if "previous" in query.compare else None]
    if first is not None and any(span.start < first < span.end for span in asked if span):
        notes.append(at.say("held_from", day=day_text(first, first.year != at.today.year)))
    if last is not None and period.last > last:
        notes.append(at.say("held_to", day=day_text(last, last.year != at.today.year)))
    done, _, wanted = at.shelf.meta.get("loading", "").partition("/")
    if done and wanted:
        notes.append(at.say("note_loading", done=done, all=wanted))
    return notes


def _week_value(metric: Metric, query: Query, week: Period, at: Setting) -> str | None:
    """The figure of the newest settled week for the same unit, where the viewer may have it and it is one figure."""
    if overlaps(query, metric):
        return None
    try:
        found = table(_plain(query, week), metric, at)
    except NotAllowedError:
        return None
    whole = found.whole
    return None if whole is None or whole.withheld or whole.figure.empty else value_words(query, found, whole)


def _enough(found: Figure, scope: Scope) -> bool:
    """Whether enough people stand behind a figure told beside another; own figures have no minimum."""
    if scope.self_only or found.people is None:
        return True
    return found.people >= scope.people_min and 2 * (found.biggest or 0) <= found.n


def _few(found: Figure, scope: Scope) -> bool:
    """Whether so few people stand behind a figure that it is told in whole percent."""
    return not scope.self_only and found.people is not None and found.people < scope.round_below
