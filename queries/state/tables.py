"""The tables of the state database, and how several processes share it (SQLite in WAL mode through SQLAlchemy)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Index, Integer, MetaData, String, Table, create_engine, event

META = MetaData()
FILE = "state.sqlite"
"""The database's name in a runtime folder."""


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, String, nullable=False, server_default="")


# Moments are kept as UTC text ("2026-11-18T09:30:00"), which sorts; empty text = not yet.
QUESTIONS = Table(
    "question_log", META, _id(),
    _text("at"), _text("login"), _text("question"), _text("asked_on"), _text("outcome"), _text("reason"),
    _text("words"), _text("mended_at"), _text("told_at"),
)  # fmt: skip
RECENT = Table("recent_question", META, _id(), _text("at"), _text("login"), _text("question"))
TAUGHT = Table(
    "taught_word", META, _id(),
    _text("phrase"), _text("kind"), _text("key"), _text("value"),
    _text("taught_by"), _text("taught_at"), _text("undone_by"), _text("undone_at"),
)  # fmt: skip
LOOKED = Table(
    "access_log", META, _id(),
    _text("at"), _text("viewer"), _text("viewer_role"), _text("whose"), _text("what"),
    _text("first_day"), _text("end_day"),
)  # fmt: skip
THANKS = Table(
    "kudos", META, _id(),
    _text("at"), _text("day"), _text("giver"), _text("receiver"), _text("words"), _text("taken_back_at"),
)  # fmt: skip
TIPS = Table(
    "tip", META, _id(),
    _text("at"), _text("giver"), _text("unit"), _text("metric"), _text("words"), _text("taken_back_at"),
)  # fmt: skip
DISPUTES = Table(
    "dispute", META, _id(),
    _text("at"), _text("whose"), _text("metric"), _text("about"), _text("words"),
    _text("answered_at"), _text("answered_by"), _text("answer"),
)  # fmt: skip
NAMED = Table("naming", META, Column("whose", String, primary_key=True), _text("opted_out_at"))
ENDED = Table("ended_session", META, Column("session", String, primary_key=True))
Index("question_login", QUESTIONS.c.login)
Index("recent_login", RECENT.c.login, RECENT.c.at)
Index("looked_person", LOOKED.c.whose, LOOKED.c.at)
Index("thanks_giver", THANKS.c.giver, THANKS.c.day)
Index("thanks_receiver", THANKS.c.receiver)
Index("tip_metric", TIPS.c.metric, TIPS.c.at)
Index("dispute_person", DISPUTES.c.whose)


@dataclass(frozen=True)
class State:
    """An open state database; safe to share between threads, and between processes that open the same file."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the database."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One change, whole or not at all; other writers wait for up to ten seconds."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_state(folder: Path) -> State:
    """Open, or make, the state of a runtime folder (usually `var/`)."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{folder / FILE}", connect_args={"timeout": 10})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    state = State(engine)
    with _first(folder), state.write() as connection:
        META.create_all(connection)
    return state


@contextmanager
def _first(folder: Path) -> Iterator[None]:
    """One process at a time: while a new database turns to WAL, SQLite refuses others at once instead of waiting."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def moment(at: datetime) -> str:
    """A moment as the database keeps it: UTC, whole seconds. A moment without a zone is taken as UTC."""
    return (at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)).isoformat(timespec="seconds")


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own way would start writes too late
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
