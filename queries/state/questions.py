"""The log of questions that could not be read or not wholly, and what an asker asked lately."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, delete, insert, select, update

from queries.state.tables import QUESTIONS, RECENT, State, moment

MAX_LENGTH = 500
RECENT_KEPT = 20


@dataclass(frozen=True)
class Logged:
    """One question of the log. `words` are those that were not used; `mended` says that it reads by now."""

    id: int
    at: str
    login: str
    question: str
    asked_on: date
    outcome: str
    reason: str
    words: tuple[str, ...]
    mended: bool


@dataclass(frozen=True)
class Often:
    """Logged questions that are the same but for case and spaces, with how often and by how many they were asked."""

    question: str
    times: int
    askers: int
    words: tuple[str, ...]
    reason: str
    newest: str


def log(
    state: State, login: str, question: str, on: date, outcome: str, *, at: datetime,
    reason: str = "", words: Iterable[str] = (),
) -> None:  # fmt: skip
    """Keep a question whose outcome was `unread`, or which had words that were not used. Never its answer."""
    row = {
        "at": moment(at), "login": login, "question": _short(question), "asked_on": on.isoformat(),
        "outcome": outcome, "reason": _short(reason), "words": "\n".join(_short(w) for w in words),
    }  # fmt: skip
    with state.write() as connection:
        connection.execute(insert(QUESTIONS).values(row))


def waiting(state: State, limit: int = 2000) -> list[Logged]:
    """Logged questions that nothing has mended yet, newest first."""
    with state.read() as connection:
        rows = connection.execute(
            select(QUESTIONS).where(QUESTIONS.c.mended_at == "").order_by(QUESTIONS.c.id.desc()).limit(limit)
        ).all()
    return [_logged(row) for row in rows]


def often(state: State, limit: int = 200) -> list[Often]:
    """Waiting questions grouped, the most frequent first; without the names of those who asked."""
    groups: dict[str, list[Logged]] = {}
    for logged in waiting(state):
        groups.setdefault(" ".join(logged.question.casefold().split()), []).append(logged)
    found = [
        Often(g[0].question, len(g), len({q.login for q in g}), g[0].words, g[0].reason, g[0].at)
        for g in groups.values()
    ]
    return sorted(found, key=lambda o: (-o.times, o.question))[:limit]


def often_words(state: State) -> list[tuple[str, int]]:
    """Words that were not used in waiting questions, with how often, the most frequent first."""
    counts: dict[str, int] = {}
    for logged in waiting(state):
        for word in {w.casefold() for w in logged.words}:
            counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def mend(state: State, ids: Sequence[int], *, at: datetime) -> None:
    """Mark logged questions as reading by now; each asker is told on the next visit."""
    with state.write() as connection:
        connection.execute(
            update(QUESTIONS).where(QUESTIONS.c.id.in_(ids), QUESTIONS.c.mended_at == "").values(mended_at=moment(at))
        )


def news(state: State, login: str, *, at: datetime) -> list[str]:
    """Questions of this asker that failed once and read by now; each is told once."""
    with state.write() as connection:
        mine = (QUESTIONS.c.login == login, QUESTIONS.c.mended_at != "", QUESTIONS.c.told_at == "")
        rows = connection.execute(select(QUESTIONS.c.question).where(*mine).order_by(QUESTIONS.c.id)).all()
        if rows:
            connection.execute(update(QUESTIONS).where(*mine).values(told_at=moment(at)))
    return list(dict.fromkeys(row[0] for row in rows))


def forget(state: State, before: datetime) -> int:
    """Remove logged and recent questions older than a moment; gives back how many."""
    with state.write() as connection:
        gone = [connection.execute(delete(t).where(t.c.at < moment(before))).rowcount for t in (QUESTIONS, RECENT)]
    return sum(gone)


def remember(state: State, login: str, question: str, *, at: datetime) -> None:
    """Note a question that was answered among the asker's recent ones (the newest 20 are kept)."""
    text = _short(question)
    with state.write() as connection:
        connection.execute(delete(RECENT).where(RECENT.c.login == login, RECENT.c.question == text))
        connection.execute(insert(RECENT).values(login=login, question=text, at=moment(at)))
        kept = select(RECENT.c.id).where(RECENT.c.login == login).order_by(RECENT.c.id.desc()).limit(RECENT_KEPT)
        connection.execute(delete(RECENT).where(RECENT.c.login == login, RECENT.c.id.not_in(kept.scalar_subquery())))


def recent(state: State, login: str, limit: int = 8) -> list[str]:
    """What an asker asked lately, newest first; nobody else's."""
    with state.read() as connection:
        rows = connection.execute(
            select(RECENT.c.question).where(RECENT.c.login == login).order_by(RECENT.c.id.desc()).limit(limit)
        ).all()
    return [row[0] for row in rows]


def _short(text: str) -> str:
    return " ".join(text.split())[:MAX_LENGTH]


def _logged(row: Row[tuple[object, ...]]) -> Logged:
    m = row._mapping
    words = tuple(w for w in str(m["words"]).split("\n") if w)
    on = date.fromisoformat(str(m["asked_on"]))
    return Logged(int(m["id"]), m["at"], m["login"], m["question"], on, m["outcome"], m["reason"], words,
                  bool(m["mended_at"]))  # fmt: skip
