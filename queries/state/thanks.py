"""Kudos: somebody thanks somebody in their own words. A few a day, and each can be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, insert, select, update

from queries.catalogue import Catalogue
from queries.state.tables import THANKS, State, moment

MAX_LENGTH = 400
A_DAY = 3


@dataclass(frozen=True)
class Kudos:
    """One thank-you; `receiver` and `giver` are logins."""

    id: int
    at: str
    giver: str
    receiver: str
    words: str


@dataclass(frozen=True)
class NotGiven:
    """Why a thank-you was not kept: `self`, `empty`, `too_long`, `unknown` or `cap` (`left` = 0 for today)."""

    reason: str


def cap(catalogue: Catalogue) -> int:
    """How many thank-yous one person can give a day: `kudos: {a_day: 3}` of company.yml, taken-back ones included."""
    return int((catalogue.company.get("kudos") or {}).get("a_day", A_DAY))


def give(
    state: State, giver: str, receiver: str, words: str, *, at: datetime, a_day: int = A_DAY, known: Iterable[str] = ()
) -> Kudos | NotGiven:
    """Thank somebody. `at` should be local time, for its day counts; `known`: the logins there are, when given."""
    words, logins = " ".join(words.split()), set(known)
    if reason := _fault(giver, receiver, words, logins):
        return NotGiven(reason)
    day = at.date().isoformat()
    with state.write() as connection:
        today = select(func.count()).select_from(THANKS).where(THANKS.c.giver == giver, THANKS.c.day == day)
        if int(connection.execute(today).scalar() or 0) >= a_day:
            return NotGiven("cap")
        row = {"at": moment(at), "giver": giver, "receiver": receiver, "words": words}
        key = connection.execute(insert(THANKS).values(**row, day=day)).inserted_primary_key
    return Kudos(int(key[0]) if key else 0, **row)


def take_back(state: State, kudos_id: int, giver: str, *, at: datetime) -> bool:
    """Take a thank-you back; only who gave it can. It still counts for that day's cap."""
    with state.write() as connection:
        mine = (THANKS.c.id == kudos_id, THANKS.c.giver == giver, THANKS.c.taken_back_at == "")
        return connection.execute(update(THANKS).where(*mine).values(taken_back_at=moment(at))).rowcount == 1


def received(state: State, receiver: str, limit: int = 50) -> list[Kudos]:
    """What somebody was thanked for, newest first."""
    return _those(state, THANKS.c.receiver == receiver, limit)


def given(state: State, giver: str, limit: int = 50) -> list[Kudos]:
    """What somebody thanked others for, newest first."""
    return _those(state, THANKS.c.giver == giver, limit)


def newest(state: State, since: datetime, limit: int = 50) -> list[Kudos]:
    """All thank-yous since a moment, newest first. Leave out receivers who are opted out of being named."""
    return _those(state, THANKS.c.at >= moment(since), limit)


def _fault(giver: str, receiver: str, words: str, logins: set[str]) -> str:
    if giver == receiver:
        return "self"
    if logins and receiver not in logins:
        return "unknown"
    if not words:
        return "empty"
    return "too_long" if len(words) > MAX_LENGTH else ""


def _those(state: State, condition: object, limit: int) -> list[Kudos]:
    query = select(THANKS).where(condition, THANKS.c.taken_back_at == "")  # type: ignore[arg-type]
    with state.read() as connection:
        rows = connection.execute(query.order_by(THANKS.c.id.desc()).limit(limit)).all()
    return [_kudos(row) for row in rows]


def _kudos(row: Row[tuple[object, ...]]) -> Kudos:
    m = row._mapping
    return Kudos(int(m["id"]), m["at"], m["giver"], m["receiver"], m["words"])
