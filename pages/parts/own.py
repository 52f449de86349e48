"""The card of one metric of somebody's own: a person's or a group's figure with all that helps to read it."""

from __future__ import annotations

from typing import Any

from pages.parts import answers, cards, ready
from pages.parts.look import number
from queries.catalogue import Metric
from queries.periods import Period
from queries.query import Query

Desk = Any
Object = dict[str, Any]
Codes = tuple[str, ...]


def card(desk: Desk, metric: Metric, level: str, codes: Codes, step: bool = True) -> dict[str, Any]:
    """Thirteen weeks: figure, fair number, standard and typical, next step, this week, good weeks in a row, best ones.

    The line is the one that the weeks in a row are counted by: a group's weeks, a person's thirteen weeks together.
    """

    def about(period: Period | None = None, **more: Any) -> Query:
        return ready.own(metric, level, codes, period or ready.rolling(desk, 13, metric), **more)

    found = ready.ask(desk, about(explain="next_step"))
    row = _row(found)
    value = row.get(metric.key)
    if value is None:
        value = ready.value(ready.ask(desk, about()), metric)
    streak = ready.ask(desk, about(explain="streak"))
    next_ = str((found or {}).get("next_step") or "") if step else ""
    lines = (next_, _fair(row, metric), _this_week(desk, metric, about), _in_a_row(streak),
             _best(ready.ask(desk, about(explain="personal_best"))))  # fmt: skip
    typical = ((found or {}).get("picture") or {}).get("typical")
    return cards.card(metric, value, ready.points(streak), *lines, typical=typical)


def _row(found: Object | None) -> Object:
    """The first row of an answer by the names of its columns; empty without one."""
    return dict(zip(found["columns"], found["rows"][0], strict=True)) if found and found.get("rows") else {}


def _fair(row: Object, metric: Metric) -> str:
    if row.get("fair") is None:
        return ""
    fair, low, high = (number(row.get(key), metric.unit) for key in ("fair", "low", "high"))
    return f"Fair number {fair}, likely between {low.removesuffix(' %')} and {high}."


def _this_week(desk: Desk, metric: Metric, about: Any) -> str:
    """Counts of the running week; nothing for what takes longer to settle than a week."""
    if metric.matures_after_days > 7:
        return ""
    row = _row(ready.ask(desk, about(ready.this_week(desk), show="count")))
    count, cases = row.get("count"), row.get("cases")
    if count is None:
        return ""
    settling = ", still settling" if metric.matures_after_days else ""
    return f"This week so far: {count:,.0f}" + (f" of {cases:,.0f}" if cases else "") + f"{settling}."


def _in_a_row(found: Object | None) -> str:
    """The streak, once there is one: a week that broke it is not worth a line."""
    rows = [r for r in ((found or {}).get("table") or {}).get("rows") or [] if r.get("on_standard") is not None]
    if not found or not rows or not rows[-1]["on_standard"]:
        return ""
    return str(found["headline"]).rpartition(": ")[2]


def _best(found: Object | None) -> str:
    return str(found.get("headline") or "") if found and answers.has_figures(found) else ""
