"""The access log: who looked at whose figures. The person reads their own part, the staff representative all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, insert, select

from queries.catalogue import Catalogue
from queries.periods import Period
from queries.state.tables import LOOKED, State, moment
from queries.viewer import Viewer


@dataclass(frozen=True)
class Look:
    """One look of `viewer` at the figures of `person`: which metrics (`what`), over which days."""

    at: str
    viewer: str
    viewer_role: str
    person: str
    what: tuple[str, ...]
    first_day: str
    end_day: str


def record(
    state: State, viewer: Viewer, persons: Iterable[str], what: Iterable[str], period: Period | None, *, at: datetime
) -> int:
    """Write that figures of persons were shown; looks at one's own figures are not logged. Gives back how many.

    Call it BEFORE the figures are handed out: when it fails (disk full), nothing may be shown.
    """
    row = {
        "at": moment(at), "viewer": viewer.login, "viewer_role": viewer.role, "what": " ".join(sorted(set(what))),
        "first_day": period.start.isoformat() if period else "", "end_day": period.end.isoformat() if period else "",
    }  # fmt: skip
    rows = [{**row, "whose": person} for person in sorted(set(persons)) if person != viewer.login]
    if rows:
        with state.write() as connection:
            connection.execute(insert(LOOKED), rows)
    return len(rows)


def may_read_all(viewer: Viewer, catalogue: Catalogue) -> bool:
    """Whether the viewer's role reads the whole access log (`reads_access_log: true` in company.yml roles)."""
    role = (catalogue.company.get("roles") or {}).get(viewer.role) or {}
    return bool(role.get("reads_access_log", False))


def looks(
    state: State, reader: Viewer, catalogue: Catalogue, person: str | None = None, limit: int = 200
) -> list[Look]:
    """The newest looks at a person's figures: everybody may read about themselves, some roles about all.

    With `person` None a role that reads all gets all, everybody else their own.
    """
    if not may_read_all(reader, catalogue):
        if person not in (None, reader.login):
            return []
        person = reader.login
    query = select(LOOKED).order_by(LOOKED.c.id.desc()).limit(limit)
    with state.read() as connection:
        rows = connection.execute(query if person is None else query.where(LOOKED.c.whose == person)).all()
    return [_look(row) for row in rows]


def count(state: State, person: str, since: datetime) -> int:
    """How often others looked at a person's figures since a moment."""
    with state.read() as connection:
        found = connection.execute(
            select(func.count()).select_from(LOOKED).where(LOOKED.c.whose == person, LOOKED.c.at >= moment(since))
        ).scalar()
    return int(found or 0)


def _look(row: Row[tuple[object, ...]]) -> Look:
    m = row._mapping
    return Look(m["at"], m["viewer"], m["viewer_role"], m["whose"], tuple(str(m["what"]).split()), m["first_day"],
                m["end_day"])  # fmt: skip
