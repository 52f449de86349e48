"""Signings in that were ended, so that the other tabs of one end with it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from queries.state.tables import ENDED, State


def end(state: State, session: str) -> None:
    """Note that a signing in is over."""
    with state.write() as connection:
        connection.execute(insert(ENDED).values(session=session).on_conflict_do_nothing())


def ended(state: State, session: str) -> bool:
    """Whether a signing in is over."""
    with state.read() as connection:
        return connection.execute(select(ENDED.c.session).where(ENDED.c.session == session)).first() is not None
