"""My standing: one's own figures over thirteen weeks, this week as counts, the next step, and what is held about me."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from pages.parts import answers, cards, ready
from pages.parts.answers import safe
from queries.catalogue import Metric
from queries.query import Query
from queries.state import disputes, looked, named

Desk = Any


def show(desk: Desk) -> None:
    st.title("My standing")
    metrics = ready.headline(desk)
    first = next((found for m in metrics if (found := ready.ask(desk, _placed(desk, m)))), None)
    if first is None:
        st.markdown("There are no figures of your own work here yet. They come with your first finished days.")
    else:
        answers.headline(first, "standing")
        answers.picture(first, "standing")
    st.header("Your figures, the last 13 weeks")
    wider = st.toggle("Show every measure that your work feeds", key="wider")
    cards.show([_card(desk, m) for m in (ready.fed(desk) if wider else metrics)])
    _this_week(desk, metrics)
    _encouraged(desk, metrics)
    _held(desk)


def _me(desk: Desk) -> tuple[str, tuple[str, ...]]:
    return desk.catalogue.person_level, (desk.viewer.login,)


def _placed(desk: Desk, metric: Metric) -> Query:
    level, codes = _me(desk)
    return ready.against_others(metric, level, codes[0], ready.rolling(desk, 13, metric))


def _card(desk: Desk, metric: Metric) -> dict[str, Any]:
    """Figure, standard and thirteen weeks of one metric."""
    level, codes = _me(desk)
    figure = ready.ask(desk, ready.own(metric, level, codes, ready.rolling(desk, 13, metric)))
    trend = ready.ask(desk, ready.own(metric, level, codes, ready.whole_weeks(desk, 13, metric), grain="week"))
    step = ready.step(desk, ready.own(metric, level, codes, ready.rolling(desk, 13, metric)))
    return cards.card(metric, ready.value(figure, metric), ready.points(trend), step)


def _this_week(desk: Desk, metrics: list[Metric]) -> None:
    st.header("This week so far")
    level, codes = _me(desk)
    told = [ready.said(desk, ready.own(m, level, codes, ready.this_week(desk), show="count")) for m in metrics]
    st.markdown("\n".join(f"- {safe(text)}" for text in told if text) or "Nothing finished yet this week.")
    st.caption("A single week is mostly luck for one person, so it is shown as counts and never compared.")


def _encouraged(desk: Desk, metrics: list[Metric]) -> None:
    level, codes = _me(desk)
    told = []
    for metric in metrics:
        for explain in ("streak", "personal_best"):
            found = ready.ask(desk, ready.own(metric, level, codes, ready.rolling(desk, 52, metric), explain=explain))
            if found and answers.has_figures(found):
                told.append(str(found.get("headline") or ""))
    if any(told):
        st.header("Worth knowing")
        st.markdown("\n".join(f"- {safe(text)}" for text in dict.fromkeys(told) if text))


def _held(desk: Desk) -> None:
    """What is held about me, who looked, what I can do about it."""
    if desk.state is None:
        return
    st.header("What is held about you")
    with st.expander("Who looked at your figures"):
        found = looked.looks(desk.state, desk.viewer, desk.catalogue, person=desk.viewer.login)
        if not found:
            st.markdown("Nobody but you has looked.")
        for look in found[:50]:
            st.markdown(f"- {safe(look.at[:16].replace('T', ' '))}: {safe(_name(desk, look.viewer))}")
    with st.expander("This is not right"):
        _dispute(desk)
    with st.expander("Being named"):
        _naming(desk)


def _name(desk: Desk, login: str) -> str:
    person = desk.directory.people.get(login)
    return person.name if person else login


def _dispute(desk: Desk) -> None:
    st.markdown(
        "Tell what does not fit. You get an answer within five working days, and are not named for it until then."
    )
    labels = {m.label: m.key for m in ready.fed(desk)}
    with st.form("dispute", border=False, clear_on_submit=True):
        which = st.selectbox("Which measure", list(labels))
        about = st.text_input("Which day or job", max_chars=200)
        words = st.text_area("What is not right", max_chars=1000)
        if st.form_submit_button("Send") and which and words.strip():
            disputes.dispute(desk.state, desk.viewer.login, labels[which], about, words, at=_now())
    for one in disputes.of_person(desk.state, desk.viewer.login):
        label = desk.catalogue.metrics[one.metric].label if one.metric in desk.catalogue.metrics else one.metric
        st.markdown(f"- {safe(label)}, {safe(one.about)}: {safe(one.words)} — {safe(one.answer or 'not answered yet')}")


def _naming(desk: Desk) -> None:
    st.markdown("When your work is clearly above the standard, colleagues can see your name with it. You may say no.")
    out = desk.viewer.login in named.opted_out(desk.state)
    wants = st.toggle("Name me when I am recognised", value=not out, key="naming")
    if wants == out:
        named.opt_in(desk.state, desk.viewer.login) if wants else named.opt_out(
            desk.state, desk.viewer.login, at=_now()
        )


def _now() -> datetime:
    return datetime.now().astimezone()


if __name__ == "__main__":
    st.switch_page("app.py")
