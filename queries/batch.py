"""A batch of questions: one JSON object a line, answered in the order asked, with one open store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from queries.answers.answer import ANSWER, UNREAD, Answer
from queries.desk import Desk
from queries.query import Query


class BadLineError(ValueError):
    """A line that is no question; the message names the line and what is wrong with it."""


@dataclass(frozen=True)
class Line:
    """One question of a batch. `after` names an earlier line whose query this one follows up."""

    id: str | None
    question: str
    login: str
    on: str | None
    after: str | None
    number: int = 0


def lines(text: Iterable[str], login: str | None = None, on: str | None = None) -> Iterator[Line]:
    """The questions of a batch; `login` and `on` stand in where a line has none.

    Raises:
        BadLineError: with the number of the line and what is wrong.
    """
    seen: set[str] = set()
    for number, raw in enumerate(text, 1):
        if raw.strip():
            line = _line(raw, number, login, on)
            if line.after is not None and line.after not in seen:
                raise BadLineError(f'line {number}: "after" names {line.after!r}, which is no earlier line')
            if line.id is not None:
                seen.add(line.id)
            yield line


def _line(raw: str, number: int, login: str | None, on: str | None) -> Line:
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise BadLineError(f"line {number} is no JSON object: {error}") from None
    if not isinstance(value, dict):
        raise BadLineError(f"line {number} is no JSON object")
    question = _string(value, "question", number)
    asker = _string(value, "as", number) or login
    if not question:
        raise BadLineError(f'line {number}: "question" is missing')
    if not asker:
        raise BadLineError(f'line {number}: "as" is missing; without somebody who asks there is no answer')
    day = _string(value, "on", number) or on
    if day is not None and not _is_day(day):
        raise BadLineError(f'line {number}: "on" is {day!r}; write it as YYYY-MM-DD')
    name = value.get("id")
    after = value.get("after")
    return Line(
        None if name is None else str(name), question, asker, day, None if after is None else str(after), number
    )


def _string(value: dict[str, Any], key: str, number: int) -> str | None:
    found = value.get(key)
    if found is not None and not isinstance(found, str):
        raise BadLineError(f'line {number}: "{key}" is not a text')
    return found


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class UnknownAskerError(Exception):
    """Who asks, or the day, is not known; the message names it."""


def _answer(line: Line, desk: Callable[[Line], Desk], before: Query | None, read_only: bool) -> Answer:
    """The answer to one line; a line of somebody unknown is told as not read, and the batch goes on."""
    try:
        found = desk(line).ask(line.question, after=before, read_only=read_only)
    except UnknownAskerError as error:
        found = Answer(UNREAD, headline=str(error), question=line.question, login=line.login, failed=True)
    return found.with_(id=line.id)


def answers(asked: Iterable[Line], desk: Callable[[Line], Desk], read_only: bool = False) -> Iterator[Answer]:
    """The answers in the order asked; after a line without an answer the newest answered query of its chain counts."""
    held: dict[str, Query | None] = {}
    for line in asked:
        before = held.get(line.after) if line.after is not None else None
        found = _answer(line, desk, before, read_only)
        if line.id is not None:
            held[line.id] = found.query if found.outcome == ANSWER and found.query is not None else before
        yield found
