"""Own weeks: how many in a row on the standard, and the best four of the year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from queries.answers.answer import Column
from queries.answers.explain import own_level, settled_weeks
from queries.answers.part import Part, value_column
from queries.answers.tables import table
from queries.catalogue import Metric
from queries.fairness.progress import milestone, personal_best, streak
from queries.fairness.storms import marked_weeks
from queries.figures import Figure, better, is_rate, label, standard
from queries.labels import subject
from queries.numbers import number_of, plain_number, span_text, value_text
from queries.periods import Period
from queries.privacy import redact
from queries.query import Query
from queries.setting import Setting
from queries.statements.ground import Statement

YEAR_WEEKS, PERSON_WEEKS = 52, 13


def weekly(query: Query, metric: Metric, at: Setting, weeks: int) -> tuple[list[tuple[date, Figure]], Statement]:
    """The own figures of the last whole settled weeks, oldest first; weeks without work have no cases."""
    period = settled_weeks(metric, at, weeks)
    first = at.ground.directory.first_day
    asked = query.with_(period=period, grain="week", by=(), compare=(), explain=None, previous=None, target=None)
    got = table(asked, metric, at, whole=False)
    statement = got.statements[0]
    found = {cell.keys[-1]: cell.figure for cell in got.cells if not cell.withheld and cell.verdict != redact.ROUNDED}
    start = period.start if first is None else max(period.start, first + timedelta(days=-first.weekday() % 7))
    days = [start + timedelta(weeks=i) for i in range(max(0, (period.end - start).days // 7))]
    return [(day, found.get(day) or Figure(None, None, None, 0)) for day in days], statement


def in_a_row(query: Query, metric_key: str, at: Setting) -> Part:
    """How many settled weeks in a row were on or better than the standard; people by their rolling 13 weeks."""
    metric = at.ground.catalogue.metrics[metric_key]
    side = query.side_of(metric_key)
    goal = standard(metric, side)
    if goal is None or not better(metric, side):
        return Part((at.say("standard_none"),))
    found, statement = weekly(query, metric, at, YEAR_WEEKS + PERSON_WEEKS)
    person = own_level(query, at) == at.ground.catalogue.person_level
    values = rolling(found, PERSON_WEEKS) if person else [f.value for _, f in found]
    way = better(metric, side)
    storm = marked_weeks(query.with_(period=statement.period, grain="week"), metric, statement.scope, at)
    ranked = [v if day not in storm else None for (day, _), v in zip(found, values, strict=True)]
    weeks = streak([None if v is None else way * (v - goal) >= 0 for v in ranked][-YEAR_WEEKS:])
    said = at.say("streak", weeks=number_of(weeks, "week")) if weeks else at.say("streak_none")
    who = at.say(
        "streak_of",
        subject=subject(query, at.shelf, at.viewer),
        label=label(metric, side).lower(),
        standard=value_text(metric, side, goal),
    )
    rows = tuple(
        {
            "week": day,
            metric.key: value,
            "count": f.count,
            "cases": f.cases,
            "on_standard": None if value is None else way * (value - goal) >= 0,
        }
        for (day, f), value in zip(found, values, strict=True)
    )
    columns = (
        Column("week", "week", "day"),
        value_column(metric, side, metric.key, label(metric, side)),
        Column("count", "how many", "count"),
        Column("cases", "of", "count"),
        Column("on_standard", "on the standard", "text"),
    )
    note = (at.say("streak_milestone", weeks=number_of(milestone(weeks), "week")),) if milestone(weeks) else ()
    picture = _trend(
        metric, side, [(d, v) for (d, _), v in zip(found, values, strict=True)], subject(query, at.shelf, at.viewer)
    )
    return Part(
        (who, said),
        columns,
        rows[-max(weeks + 1, 13) :],
        note,
        ((label(metric, side), statement.period),),
        picture,
        statements=(statement,),
    )


def rolling(found: list[tuple[date, Figure]], weeks: int) -> list[float | None]:
    """The figure over the weeks up to each one, from sums; None where that week had no work."""
    values: list[float | None] = []
    for i, (_, one) in enumerate(found):
        part = [f for _, f in found[max(0, i - weeks + 1) : i + 1]]
        cases = sum(f.cases or 0 for f in part)
        total = sum((f.value or 0) * (f.cases or 0) for f in part)
        values.append(None if not one.n or not cases else total / cases)
    return values


def best_weeks(query: Query, metric_key: str, at: Setting) -> Part:
    """The best own four weeks of the last 52, and whether they are more than a good run of luck."""
    metric = at.ground.catalogue.metrics[metric_key]
    side = query.side_of(metric_key)
    if not better(metric, side) or not is_rate(metric, side):
        return Part((at.say("best_none", label=label(metric, side)),))
    found, statement = weekly(query, metric, at, YEAR_WEEKS)
    x, n = (np.array([float(getattr(f, k) or 0) for _, f in found]) for k in ("count", "cases"))
    group = metric.min_sample.get("person") or metric.min_sample.get("group") or {}
    best = personal_best(x, n, better(metric, side), float(group.get("place") or 10))
    if best is None:
        return Part((at.say("personal_best_few", cases=plain_number(float(n[-4:].sum()), 0)),), statements=(statement,))
    start = found[best.start][0]
    span = Period(start, start + timedelta(weeks=4))
    key = "personal_best_luck" if not best.clear else "personal_best_now" if best.is_now else "personal_best_then"
    said = at.say(
        key,
        value=value_text(metric, side, best.value),
        span=span_text(span, at.today),
        cases=f"{best.n:,.0f} {metric.unit.removeprefix('% of ')}",
    )
    columns = (
        Column("from", "from", "day"),
        Column("to", "to", "day"),
        value_column(metric, side, metric.key, label(metric, side)),
        Column("cases", "of", "count"),
    )
    row = {"from": span.start, "to": span.last, metric.key: best.value, "cases": best.n}
    four = [
        (found[i][0], float(x[i - 3 : i + 1].sum() / n[i - 3 : i + 1].sum()) if n[i - 3 : i + 1].sum() else None)
        for i in range(3, len(found))
    ]
    return Part(
        (said,),
        columns,
        (row,),
        periods=(("the best four weeks", span), ("looked at", statement.period)),
        picture=_trend(metric, side, four, subject(query, at.shelf, at.viewer)),
        statements=(statement,),
    )


def _trend(metric: Metric, side: str, points: list[tuple[date, float | None]], name: str) -> Mapping[str, Any]:
    rows = [{"date": day.isoformat(), "value": value, "settling": False} for day, value in points]
    return {
        "kind": "trend",
        "metric": metric.key,
        "side": side,
        "label": label(metric, side),
        "typical": None,
        "unit": "%" if is_rate(metric, side) else metric.unit,
        "standard": standard(metric, side),
        "direction": {1: "higher", -1: "lower"}.get(better(metric, side), "context"),
        "series": [{"label": name, "own": True, "rows": rows}],
    }
