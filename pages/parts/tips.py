"""How those who are recognised do it, in their own words, with a box for whoever is among them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from pages.parts.answers import safe
from pages.parts.watch import now
from queries.answers.recognition import Award
from queries.catalogue import Metric
from queries.state import named, tips

Desk = Any
WEEKS = 26


def show(desk: Desk, metric: Metric, awards: Sequence[Award]) -> None:
    """Tips for a metric; who is recognised for it now, alone or with their group, may tell one."""
    if desk.state is None:
        return
    out, people = named.opted_out(desk.state), desk.directory.people
    since = now() - timedelta(weeks=WEEKS)
    found = [t for t in tips.of_metric(desk.state, metric.key, since) if t.giver not in out and t.giver in people]
    mine = [a for a in awards if a.code in desk.viewer.own_of(a.level)]
    if not found and not mine:
        return
    st.header("How they do it")
    for tip in found:
        st.markdown(f"**{safe(_who(tip, desk) if awards else 'Recognised before')}:** {safe(tip.words)}")
        if tip.giver == desk.viewer.login:
            st.button("Take back", key=f"tip_back_{tip.id}", type="tertiary", on_click=tips.take_back,
                      args=(desk.state, tip.id, tip.giver), kwargs={"at": now()})  # fmt: skip
    if mine:
        with st.form("tip", border=True, clear_on_submit=True):
            words = st.text_area("What helps you here? Others would like to know.", max_chars=tips.MAX_LENGTH)
            told = st.form_submit_button("Tell the others")
        if told and tips.tell(desk.state, desk.viewer.login, mine[0].name, metric.key, words, at=now()):
            st.rerun()


def _who(tip: tips.Tip, desk: Desk) -> str:
    """Name and group; only for whoever sees names in recognition at all."""
    name = str(desk.directory.people[tip.giver].name)
    return name if tip.unit == name else f"{name}, {tip.unit}"
