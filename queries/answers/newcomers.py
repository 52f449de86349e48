"""Newcomers: how somebody's first weeks in the role go, beside how earlier newcomers' first weeks typically went.

In the first 13 weeks nobody is compared with the list (rules, section 8). What earlier newcomers typically had after
as many weeks is told when at least eleven of them stand behind it; single ones never show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from queries.answers.answer import Column
from queries.answers.part import Part, value_column
from queries.catalogue import Metric
from queries.fairness.progress import NEWCOMER_DAYS, is_newcomer
from queries.figures import better, figure, label
from queries.numbers import plain_number, value_text
from queries.periods import Period
from queries.query import Query
from queries.setting import Setting
from queries.statements import sql
from queries.statements.ground import Statement

LEAST_PEOPLE, LEAST_CASES = 11, 10
WEEKS = NEWCOMER_DAYS // 7

Weeks = dict[int, tuple[float, float]]
"""Week in the role -> events (or sums) and cases up to and with that week."""


@dataclass(frozen=True)
class Curve:
    """Own figures by week in the role, and the typical ones of earlier newcomers where enough of them got so far."""

    own: dict[int, float]
    typical: dict[int, float]
    period: Period
    statement: Statement


def starts(query: Query, metric: Metric, level: str | None, at: Setting) -> bool:
    """Whether a comparison is that of a newcomer with the list, and the measure can be followed from the start."""
    person = at.shelf.directory.people.get(at.viewer.login)
    own = any(k == at.ground.catalogue.person_level and v.values == (at.viewer.login,) for k, v in query.about)
    additive = metric.kind in ("ratio", "avg", "score") and "others" in query.compare and not query.where
    fresh = person is not None and is_newcomer(person.since, at.today)
    return own and additive and fresh and level == at.ground.catalogue.person_level


def newcomer(query: Query, metric_key: str, at: Setting) -> Part:
    """The first weeks of the asker beside the typical ones."""
    metric = at.ground.catalogue.metrics[metric_key]
    side = query.side_of(metric_key)
    found = curve(metric, side, at)
    if not found.own:
        return Part((at.say("newcomer_none", label=label(metric, side)),), statements=(found.statement,))
    week, both = max(found.own), max(found.typical, default=None)
    beside: dict[str, str | None] = dict.fromkeys(("by_then", "typical", "then"))
    if both is not None:
        values = (found.own[both], found.typical[both])
        beside = dict(zip(("then", "typical"), (value_text(metric, side, v) for v in values), strict=True))
        beside["by_then"] = plain_number(both, 0)
    said = at.say(
        "newcomer", label=label(metric, side).lower(), value=value_text(metric, side, found.own[week]),
        weeks=plain_number(week, 0), **beside,
    )  # fmt: skip
    cheer = both is not None and better(metric, side) * (found.own[both] - found.typical[both]) > 0
    columns = (
        Column("week", "week in the role", "count"), value_column(metric, side, metric.key, "you, up to then"),
        value_column(metric, side, "typical", "typical of earlier newcomers"),
    )  # fmt: skip
    rows = tuple({"week": k, metric.key: v, "typical": found.typical.get(k)} for k, v in sorted(found.own.items()))
    return Part(
        tuple(s for s in (said, at.say("newcomer_ahead") if cheer else "") if s),
        columns, rows, notes=(at.say("note_newcomers"),), periods=((label(metric, side), found.period),),
        statements=(found.statement,),
    )  # fmt: skip


def curve(metric: Metric, side: str, at: Setting) -> Curve:
    """Cumulated figures by week in the role: the asker's, and the middle of earlier newcomers of the same work."""
    first, last = at.ground.directory.first_day or at.today, at.ground.directory.last_day or at.today
    period = Period(first, min(last, at.today) + timedelta(days=1))
    began = {
        p.login: p.since
        for p in at.shelf.directory.people.values()
        if p.since is not None and p.since >= first and p.work == at.viewer.work and p.role == at.viewer.role
    }
    statement = sql.compile_weeks_of(metric.key, period, tuple(sorted(began)), at.ground)
    weeks = cumulated(at.shelf.run(statement), began, metric, side, at.ground.catalogue.person_level or "")
    own = {k: x / n for k, (x, n) in weeks.pop(at.viewer.login, {}).items() if n >= LEAST_CASES}
    typical = {}
    for k in own:
        values = [x / n for others in weeks.values() for j, (x, n) in others.items() if j == k and n >= LEAST_CASES]
        if len(values) >= LEAST_PEOPLE:
            typical[k] = float(np.median(values))
    return Curve(own, typical, period, statement)


def cumulated(
    rows: list[dict[str, Any]], began: Mapping[str, date], metric: Metric, side: str, person: str
) -> dict[str, Weeks]:
    """Sums up to each week in the role; week 1 is the one of the first day."""
    found: dict[str, Weeks] = {}
    for row in sorted(rows, key=lambda r: str(r["bucket"])):
        start = began[row[person]]
        week = 1 + (row["bucket"] - (start - timedelta(days=start.weekday()))).days // 7
        one = figure(metric, side, row)
        if 1 <= week <= WEEKS and one.value is not None and one.cases:
            mine = found.setdefault(row[person], {})
            before = mine[max(mine)] if mine else (0.0, 0.0)
            mine[week] = (before[0] + one.value * one.cases, before[1] + one.cases)
    return found
