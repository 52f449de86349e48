"""Access log: who looked at whose figures, and what people say is not right. For who represents the staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from pages.parts import looks
from pages.parts.answers import safe
from pages.parts.look import counted, local_moment
from pages.parts.watch import now
from queries.state import disputes, looked
from queries.state.looked import Look
from queries.state.tables import moment

Desk = Any
SHOWN, READ = 100, 5000


def show(desk: Desk) -> None:
    st.title("Who looked, and what is not right")
    reads = looked.may_read_all(desk.viewer, desk.catalogue)
    answers = disputes.may_answer(desk.viewer, desk.catalogue)
    if desk.state is None or not (reads or answers):
        st.markdown("This page is for the people whom your company has named for it. Your own part is on My standing.")
        return
    if answers:
        _waiting(desk)
    if reads:
        _looks(desk)


def _waiting(desk: Desk) -> None:
    """What people say is not right, oldest first; an answer ends it."""
    found = disputes.open_ones(desk.state)
    st.header("What is not right")
    if not found:
        st.markdown("Nobody waits for an answer.")
    else:
        st.markdown("Until it is answered, the person is not named for that measure. Five working days are promised.")
    for one in found:
        _dispute(desk, one)


def _dispute(desk: Desk, one: disputes.Dispute) -> None:
    metrics = desk.catalogue.metrics
    label = metrics[one.metric].label if one.metric in metrics else one.metric
    about = f", {one.about}" if one.about else ""
    with st.container(border=True):
        st.markdown(f"**{safe(looks.name(desk, one.person))}** on {safe(label.lower() + about)}: {safe(one.words)}")
        st.caption(f"since {local_moment(one.at)}")
        with st.form(f"answer_{one.id}", border=False):
            words = st.text_area("Your answer", max_chars=disputes.MAX_LENGTH, key=f"words_{one.id}")
            if st.form_submit_button("Answer") and words.strip():
                disputes.answer(desk.state, one.id, desk.viewer.login, words, at=now())
                st.rerun()


def _looks(desk: Desk) -> None:
    st.header("Who looked at whose figures")
    found = looked.looks(desk.state, desk.viewer, desk.catalogue, limit=READ)
    since = moment(now() - timedelta(days=28))
    st.markdown(summary([look for look in found if look.at >= since]))
    if not found:
        return
    sought = st.text_input("Name of who looked or was looked at", key="sought", placeholder="a name or a part of it")
    kept = [look for look in found if matches(look, sought or "", desk)]
    if not kept:
        st.markdown("Nobody of that name looked or was looked at.")
    looks.table(kept[:SHOWN], desk, whose=True)
    if len(kept) > SHOWN:
        st.caption(f"The newest {SHOWN} of {len(kept):,}. Search for a name to see the others.")


def summary(found: list[Look]) -> str:
    """The last four weeks in a sentence."""
    if not found:
        return "In the last four weeks nobody looked at anybody else's figures."
    lookers, people = len({look.viewer for look in found}), len({look.person for look in found})
    return (
        f"In the last four weeks {counted(lookers, 'colleague', 'colleagues')} looked at the figures of "
        f"{counted(people, 'other', 'others')}, {counted(len(found), 'time', 'times')} in all."
    )


def matches(look: Look, sought: str, desk: Desk) -> bool:
    """Whether every word sought is in the name of who looked, or in that of who was looked at."""
    names = [looks.name(desk, login).casefold() + " " + login for login in (look.viewer, look.person)]
    return any(all(word in name for word in sought.casefold().split()) for name in names)


if __name__ == "__main__":
    st.switch_page("app.py")
