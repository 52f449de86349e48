"""Who does not want to be named. It changes what others read, never a figure."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from queries.state.tables import NAMED, State, moment


def opt_out(state: State, person: str, *, at: datetime) -> None:
    """From now on the person is not named in recognitions, tips or lists of the best."""
    with state.write() as connection:
        connection.execute(insert(NAMED).values(whose=person, opted_out_at=moment(at)).on_conflict_do_nothing())


def opt_in(state: State, person: str) -> None:
    """The person may be named again."""
    with state.write() as connection:
        connection.execute(delete(NAMED).where(NAMED.c.whose == person))


def opted_out(state: State) -> frozenset[str]:
    """Logins of everybody who does not want to be named."""
    with state.read() as connection:
        return frozenset(row[0] for row in connection.execute(select(NAMED.c.whose)))
