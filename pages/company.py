"""Company: the focus measures first, with trend and baseline; where they stand by place, what moved and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from pages.parts import answers, cards, ready
from pages.parts.answers import safe
from pages.parts.look import span
from queries.catalogue import Level, Metric
from queries.periods import Period
from queries.query import Query

Desk = Any
SPANS = {"13 weeks": 13, "52 weeks": 52}


def show(desk: Desk) -> None:
    whole = desk.catalogue.levels[-1]
    st.title(f"The {whole.label}")
    keys = [*(desk.catalogue.company.get("focus") or ()), *[m.key for m in _main(desk)]]
    metrics = [desk.catalogue.metrics[k] for k in dict.fromkeys(keys) if k in desk.catalogue.metrics]
    if not metrics:
        return
    st.header("The newest four weeks that have settled")
    cards.show([_card(desk, metric) for metric in metrics])
    labels = {m.label: m for m in metrics}
    with st.container(horizontal=True, key="choosers"):
        chosen = st.segmented_control("Measure", list(labels), default=metrics[0].label, key="measure", required=True,
                                      label_visibility="collapsed")  # fmt: skip
        weeks = st.segmented_control("Span", list(SPANS), default="13 weeks", key="span", required=True,
                                     label_visibility="collapsed")  # fmt: skip
    metric = labels[chosen or metrics[0].label]
    _trend(desk, metric, SPANS[weeks or "13 weeks"])
    moved = st.container()
    for level in _places(desk, metric):
        _by(desk, metric, level)
    with moved:  # the slowest part comes last, so that nothing waits for it
        _moved(desk, metric)


def _card(desk: Desk, metric: Metric) -> dict[str, Any]:
    """The last four whole weeks against the four before, with the line of thirteen weeks."""
    now, both = ready.weeks(desk, 4, metric), ready.weeks(desk, 8, metric)
    asked = Query(metrics=(metric.key,), period=now, compare=("previous",), previous=Period(both.start, now.start))
    found = ready.ask(desk, asked)
    compared = str((found or {}).get("headline") or "").partition(". ")[2]
    line = ready.points(ready.ask(desk, _weekly(desk, metric, 13)))
    return cards.card(metric, ready.value(found, metric), line, compared, span(now.start, now.end))


def _weekly(desk: Desk, metric: Metric, weeks: int) -> Query:
    return Query(metrics=(metric.key,), period=ready.whole_weeks(desk, weeks, metric), grain="week")


def _main(desk: Desk) -> list[Metric]:
    keys = (desk.catalogue.company.get("headline") or {}).get(desk.catalogue.whole) or []
    return [desk.catalogue.metrics[k] for k in keys if k in desk.catalogue.metrics]


def _trend(desk: Desk, metric: Metric, weeks: int) -> None:
    found = ready.ask(desk, _weekly(desk, metric, weeks))
    st.header(f"{metric.label}, {weeks} weeks")
    if not found:
        st.markdown("There are no figures for these weeks yet.")
        return
    picture = found.get("picture")
    if picture and (start := _baseline(desk, metric)) is not None:
        found["pictures"] = [{**picture, "baseline": start}]
    answers.picture(found, "trend")


def _baseline(desk: Desk, metric: Metric) -> float | None:
    """The frozen baseline: the figure of the first 13 whole weeks held, once there are more than 26."""
    first = desk.directory.first_day
    if first is None or (desk.today - first).days < 26 * 7:
        return None
    monday = first + timedelta(days=(7 - first.weekday()) % 7)
    period = Period(monday, monday + timedelta(weeks=13))
    return ready.value(ready.ask(desk, Query(metrics=(metric.key,), period=period)), metric)


def _moved(desk: Desk, metric: Metric) -> None:
    found = ready.ask(desk, Query(metrics=(metric.key,), period=ready.weeks(desk, 4, metric), explain="drivers"))
    if found and answers.has_figures(found):
        st.header("What moved, and why")
        st.markdown(safe(str(found.get("headline") or "")))
        answers.picture(found, "moved")
        with st.expander("As a table"):
            answers.table(found, "moved")


def _places(desk: Desk, metric: Metric) -> list[Level]:
    """The levels between the person and the whole that the metric is kept for, the widest first."""
    levels = [level for level in desk.catalogue.levels[:-1] if not level.people and level.key in metric.levels]
    return levels[::-1]


def _by(desk: Desk, metric: Metric, level: Level) -> None:
    found = ready.ask(desk, ready.listed(metric, level.key, ready.weeks(desk, 4, metric), order="best"))
    if found and (found.get("rows") or found.get("picture")):
        st.header(f"By {level.label}, four weeks")
        st.markdown(safe(str(found.get("headline") or "")))
        answers.picture(found, f"by_{level.key}")
        with st.expander("As a table"):
            answers.table(found, f"by_{level.key}")


if __name__ == "__main__":
    st.switch_page("app.py")
