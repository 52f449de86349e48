"""How they do it: who is recognised for a metric, or works in a group that is, tells the others what helps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, insert, select, update

from queries.state.tables import TIPS, State, moment

MAX_LENGTH = 400


@dataclass(frozen=True)
class Tip:
    """One way of doing it; `giver` is a login, `unit` the name under which it was recognised."""

    id: int
    at: str
    giver: str
    unit: str
    metric: str
    words: str


def tell(state: State, giver: str, unit: str, metric: str, words: str, *, at: datetime) -> bool:
    """Keep somebody's tip for a metric in place of their earlier one; nothing is kept of empty words."""
    words = " ".join(words.split())[:MAX_LENGTH]
    if not words:
        return False
    with state.write() as connection:
        mine = (TIPS.c.giver == giver, TIPS.c.metric == metric, TIPS.c.taken_back_at == "")
        connection.execute(update(TIPS).where(*mine).values(taken_back_at=moment(at)))
        connection.execute(insert(TIPS).values(at=moment(at), giver=giver, unit=unit, metric=metric, words=words))
    return True


def take_back(state: State, tip_id: int, giver: str, *, at: datetime) -> bool:
    """Take a tip back; only who told it can."""
    with state.write() as connection:
        mine = (TIPS.c.id == tip_id, TIPS.c.giver == giver, TIPS.c.taken_back_at == "")
        return connection.execute(update(TIPS).where(*mine).values(taken_back_at=moment(at))).rowcount == 1


def of_metric(state: State, metric: str, since: datetime, limit: int = 20) -> list[Tip]:
    """The tips for a metric since a moment, newest first. Leave out givers who are opted out of being named."""
    held = (TIPS.c.metric == metric, TIPS.c.taken_back_at == "", TIPS.c.at >= moment(since))
    with state.read() as connection:
        rows = connection.execute(select(TIPS).where(*held).order_by(TIPS.c.id.desc()).limit(limit)).all()
    return [_tip(row) for row in rows]


def _tip(row: Row[tuple[object, ...]]) -> Tip:
    m = row._mapping
    return Tip(int(m["id"]), m["at"], m["giver"], m["unit"], m["metric"], m["words"])
