"""What is held about somebody: who looked at their figures, what they object to, whether they are named."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import looks, ready
from pages.parts.answers import safe
from pages.parts.watch import now
from queries.state import disputes, looked, named

Desk = Any


def show(desk: Desk) -> None:
    """What is held about me, who looked, what I can do about it."""
    if desk.state is None:
        return
    st.header("What is held about you")
    with st.expander("Who looked at your figures"):
        found = looked.looks(desk.state, desk.viewer, desk.catalogue, person=desk.viewer.login, limit=50)
        if found:
            looks.table(found, desk, whose=False)
        else:
            st.markdown("Nobody but you has looked.")
    with st.expander("This is not right"):
        _dispute(desk)
    with st.expander("Being named"):
        _naming(desk)


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
            disputes.dispute(desk.state, desk.viewer.login, labels[which], about, words, at=now())
    for one in disputes.of_person(desk.state, desk.viewer.login):
        label = desk.catalogue.metrics[one.metric].label if one.metric in desk.catalogue.metrics else one.metric
        st.markdown(f"- {safe(label)}, {safe(one.about)}: {safe(one.words)} — {safe(one.answer or 'not answered yet')}")


def _naming(desk: Desk) -> None:
    st.markdown("When your work is clearly above the standard, colleagues can see your name with it. You may say no.")
    out = desk.viewer.login in named.opted_out(desk.state)
    wants = st.toggle("Name me when I am recognised", value=not out, key="naming")
    if wants == out:
        named.opt_in(desk.state, desk.viewer.login) if wants else named.opt_out(desk.state, desk.viewer.login, at=now())
