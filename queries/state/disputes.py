"""The button "this is not right": somebody disputes a row of their own figures.

Until a dispute is answered, the person is not named for that metric (reward rules, section 8, "disputed row").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, insert, select, update

from queries.catalogue import Catalogue
from queries.state.tables import DISPUTES, State, moment
from queries.viewer import Viewer

MAX_LENGTH = 1000


@dataclass(frozen=True)
class Dispute:
    """What `person` disputes about a metric; `about` says which row or days; `answer` is empty while open."""

    id: int
    at: str
    person: str
    metric: str
    about: str
    words: str
    answered_at: str
    answered_by: str
    answer: str


def dispute(state: State, person: str, metric: str, about: str, words: str, *, at: datetime) -> int:
    """Open a dispute about one's own figures and give back its id; the same open one is not opened twice."""
    row = {"whose": person, "metric": metric, "about": about[:MAX_LENGTH], "words": words.strip()[:MAX_LENGTH]}
    with state.write() as connection:
        same = [DISPUTES.c[k] == row[k] for k in ("whose", "metric", "about")]
        found = connection.execute(select(DISPUTES.c.id).where(*same, DISPUTES.c.answered_at == "")).scalar()
        if found is not None:
            return int(found)
        key = connection.execute(insert(DISPUTES).values(**row, at=moment(at))).inserted_primary_key
        return int(key[0]) if key else 0


def answer(state: State, dispute_id: int, login: str, words: str, *, at: datetime) -> bool:
    """Answer an open dispute; who disputed cannot answer their own."""
    with state.write() as connection:
        open_one = (DISPUTES.c.id == dispute_id, DISPUTES.c.answered_at == "", DISPUTES.c.whose != login)
        values = {"answered_at": moment(at), "answered_by": login, "answer": words.strip()[:MAX_LENGTH]}
        return connection.execute(update(DISPUTES).where(*open_one).values(values)).rowcount == 1


def may_answer(viewer: Viewer, catalogue: Catalogue) -> bool:
    """Whether the viewer's role answers disputes (`answers_disputes: true` in company.yml roles)."""
    role = (catalogue.company.get("roles") or {}).get(viewer.role) or {}
    return bool(role.get("answers_disputes", False))


def of_person(state: State, person: str) -> list[Dispute]:
    """All disputes of a person, newest first."""
    with state.read() as connection:
        rows = connection.execute(
            select(DISPUTES).where(DISPUTES.c.whose == person).order_by(DISPUTES.c.id.desc())
        ).all()
    return [_dispute(row) for row in rows]


def open_ones(state: State) -> list[Dispute]:
    """Every dispute that waits for an answer, oldest first."""
    with state.read() as connection:
        rows = connection.execute(select(DISPUTES).where(DISPUTES.c.answered_at == "").order_by(DISPUTES.c.id)).all()
    return [_dispute(row) for row in rows]


def disputed(state: State) -> frozenset[tuple[str, str]]:
    """(person, metric) pairs that are left out of naming for now."""
    return frozenset((d.person, d.metric) for d in open_ones(state))


def _dispute(row: Row[tuple[object, ...]]) -> Dispute:
    m = row._mapping
    return Dispute(int(m["id"]), m["at"], m["whose"], m["metric"], m["about"], m["words"], m["answered_at"],
                   m["answered_by"], m["answer"])  # fmt: skip
