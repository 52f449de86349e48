"""The desk as pages have it: every look at somebody's figures is written down before it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from queries.query import Query
from queries.state import looked, questions


class WatchedDesk:
    """A desk that keeps the access log and the question log. Everything else is the desk's own."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    def answer(self, query: Query, **more: Any) -> Any:
        return self._seen(self._desk.answer(query, **more))

    def ask(self, text: str, after: Query | None = None, **more: Any) -> Any:
        """The desk's answer, kept among the asker's questions; one that was only read was not asked."""
        answer = self._desk.ask(text, after=after, **more)
        if more.get("read_only"):
            return answer
        if self._desk.state is not None and _new(("asked", text, answer.outcome)):
            self._keep(text, answer)
        return self._seen(answer)

    def _seen(self, answer: Any) -> Any:
        """Write the looks down first: when that fails, nothing is shown."""
        if answer.logged and self._desk.state is not None and answer.query is not None:
            period = answer.query.period
            if _new((self._desk.viewer.login, answer.logged, answer.query.metrics, period)):
                looked.record(
                    self._desk.state, self._desk.viewer, answer.logged, answer.query.metrics, period, at=now()
                )
        return answer

    def _keep(self, text: str, answer: Any) -> None:
        state, viewer = self._desk.state, self._desk.viewer
        if answer.outcome == "unread" or answer.unused:
            day = answer.on or self._desk.today
            questions.log(state, viewer.login, text, day, answer.outcome, at=now(), words=answer.unused)
        elif answer.outcome == "answer":
            questions.remember(state, viewer.login, text, at=now())


def now() -> datetime:
    return datetime.now().astimezone()


def _new(what: Any) -> bool:
    """Whether this is the first time in this session; a rerun of the page is no second look."""
    seen: set[str] = st.session_state.setdefault("written_down", set())
    key = repr(what)
    if key in seen:
        return False
    seen.add(key)
    return True
