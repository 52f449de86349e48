"""My standing: one's own figures over thirteen weeks, the next step, and what is held about me; places on request."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import answers, cards, held, own, ready, tables
from queries.catalogue import Metric, counts_only
from queries.query import Query

Desk = Any
Object = dict[str, Any]


def show(desk: Desk) -> None:
    st.title("My standing")
    metrics = ready.headline(desk)
    nothing = {"headline": "There are no figures of your own work here yet. They come with your first finished days."}
    answers.headline(_first(desk, metrics) or nothing, "standing")
    st.header("Your figures, the last 13 weeks")
    wider = st.toggle("Show every measure that your work feeds", key="wider")
    cards.show([own.card(desk, m, *ready.mine(desk, m)) for m in (ready.fed(desk) if wider else metrics)])
    st.caption(
        "The fair number takes your mix of work and luck into account. A single week is mostly luck for one person, "
        "so it is told in counts and never compared."
    )
    _behind(desk, metrics)
    _placed(desk, metrics)
    held.show(desk)


def _about(desk: Desk, metric: Metric, **more: Any) -> Query:
    return ready.own(metric, *ready.mine(desk, metric), ready.rolling(desk, 13, metric), **more)


def _first(desk: Desk, metrics: list[Metric]) -> Object | None:
    """The first measure that has something to tell: with a next step if there is one, else its figure."""
    for more in ({"explain": "next_step"}, {}):
        for metric in metrics:
            found = ready.ask(desk, _about(desk, metric, **more))
            if found and answers.has_figures(found):
                return found
    return None


def _behind(desk: Desk, metrics: list[Metric]) -> None:
    """What was behind one's own cases, where the sources tell: some of it is in one's own hands, some is not."""
    catalogue = desk.catalogue
    for metric in metrics:
        for key in (k for k in metric.dimensions if counts_only((k,), metric, catalogue)):
            found = ready.ask(desk, _about(desk, metric, by=(key,), show="count"))
            if not found or not found.get("rows"):
                continue
            st.header(f"{metric.label}: what was behind them")
            st.markdown("Thirteen weeks, in counts. Some of it is in your hands, some is for others to mend.")
            rows = sorted(found["table"]["rows"], key=lambda r: (r[key] is None, -(r["count"] or 0)))
            named = [[str(r[key] or "not known"), f"{r['count']:,.0f}"] for r in rows]
            tables.show([catalogue.dimensions[key].label, "how many"], named, metric.label)


def _placed(desk: Desk, metrics: list[Metric]) -> None:
    """A place only for whoever opens it, as a range, and none where it would help nobody."""
    opened = st.expander("Where do I stand among others?", key="placed", on_change="rerun")
    if not opened.open:
        return
    with opened:
        labels = {m.label: m for m in metrics}
        chosen = st.segmented_control("Measure", list(labels), default=metrics[0].label, key="placed_measure",
                                      required=True, label_visibility="collapsed")  # fmt: skip
        metric = labels[chosen or metrics[0].label]
        level, codes = ready.mine(desk, metric)
        query = ready.against_others(metric, level, codes[0], ready.rolling(desk, 13, metric))
        found = desk.answer(query) if desk.allowed(query) else None
        if found is None or found.outcome != "answer":
            st.markdown("There is nothing to compare for this yet.")
            return
        told = " ".join(t for t in (found.headline, found.place) if t)
        answers.headline({"headline": told}, "placed")
        answers.picture(found.to_json(), "placed")


if __name__ == "__main__":
    st.switch_page("app.py")
