"""Ready-made questions of the role pages: `Query` values that go the same road as a typed one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from queries.catalogue import Metric
from queries.fairness.progress import last_matured_week
from queries.periods import Period
from queries.query import Query, Values, filter_of

Desk = Any
Object = dict[str, Any]


def headline(desk: Desk) -> list[Metric]:
    """The metrics of the viewer's kind of work, by the company file; else those of the whole."""
    lists = desk.catalogue.company.get("headline") or {}
    viewer = desk.viewer
    keys = next((lists[k] for k in (viewer.kind, viewer.work, desk.catalogue.whole) if lists.get(k)), [])
    return [desk.catalogue.metrics[k] for k in keys if k in desk.catalogue.metrics]


def fed(desk: Desk) -> list[Metric]:
    """Every metric that the viewer's work feeds and that exists for a person, the headline ones first."""
    level, first = desk.catalogue.person_level, headline(desk)
    rest = sorted(desk.catalogue.metrics.values(), key=lambda m: m.label)
    mine = [m for m in rest if desk.viewer.work in m.feeds and level in m.levels and m not in first]
    return [*first, *mine]


def mine(desk: Desk, metric: Metric) -> tuple[str, tuple[str, ...]]:
    """Whose figures are the viewer's own: the person's; the unit's where the work is counted for all of it."""
    level, viewer = desk.catalogue.levels[0], desk.viewer
    if viewer.work in metric.credited:
        for above in level.within[:1]:
            if codes := viewer.own_of(above):
                return above, codes
    return level.key, (viewer.login,)


def this_week(desk: Desk) -> Period:
    today = desk.today
    return Period(today - timedelta(days=today.weekday()), today + timedelta(days=1))


def weeks(desk: Desk, number: int, metric: Metric | None = None) -> Period:
    """The last whole weeks; of a metric that takes days to settle, the last ones that have."""
    end = last_matured_week(desk.today, metric.matures_after_days if metric else 0).end
    return Period(end - timedelta(weeks=number), end)


def whole_weeks(desk: Desk, number: int, metric: Metric | None = None) -> Period:
    """The last whole weeks that the store holds from their first day on: a week cut at its start tells nothing."""
    period, first = weeks(desk, number, metric), desk.directory.first_day
    if first is None or first <= period.start:
        return period
    monday = first + timedelta(days=(7 - first.weekday()) % 7)
    return Period(monday, period.end) if monday < period.end else period


def rolling(desk: Desk, number: int, metric: Metric | None = None) -> Period:
    """Weeks to today; of a metric that takes days to settle, the last whole weeks that have."""
    if metric and metric.matures_after_days:
        return weeks(desk, number, metric)
    tomorrow = desk.today + timedelta(days=1)
    return Period(tomorrow - timedelta(weeks=number), tomorrow)


def own(metric: Metric, level: str, codes: tuple[str, ...], period: Period, **more: Any) -> Query:
    """A metric of some units."""
    return Query(metrics=(metric.key,), about=filter_of({level: Values.of(*codes)}), period=period, **more)


def against_others(metric: Metric, level: str, code: str, period: Period) -> Query:
    return own(metric, level, (code,), period, by=(level,), compare=("others",))


def listed(metric: Metric, level: str, period: Period, **more: Any) -> Query:
    """A metric for every unit of a level."""
    return Query(metrics=(metric.key,), by=(level,), period=period, **more)


def ask(desk: Desk, query: Query) -> Object | None:
    """The answer, or None when there is none for this viewer."""
    if not desk.allowed(query):
        return None
    found: Object = desk.answer(query).to_json()
    return found if found.get("outcome") == "answer" else None


def said(desk: Desk, query: Query) -> str:
    """Only the sentence of an answer."""
    found = ask(desk, query)
    return str(found.get("headline") or "") if found else ""


def step(desk: Desk, query: Query) -> str:
    """The next step alone, without the figure before it; empty when there is none yet."""
    found = ask(desk, query.with_(explain="next_step"))
    return str((found or {}).get("next_step") or "")


def value(answer: Object | None, metric: Metric) -> float | None:
    """The first figure of an answer's rows."""
    if not answer or not answer.get("rows") or metric.key not in answer.get("columns", ()):
        return None
    got = answer["rows"][0][answer["columns"].index(metric.key)]
    return float(got) if isinstance(got, (int, float)) else None


def points(answer: Object | None) -> list[Object]:
    """The points of an answer's trend, oldest first."""
    picture = (answer or {}).get("picture") or {}
    if picture.get("kind") != "trend":
        return []
    rows: list[Object] = picture.get("rows") or next((s["rows"] for s in picture.get("series") or []), [])
    return rows
