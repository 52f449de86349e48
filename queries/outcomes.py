"""What reading a question may come to: a query, a choice, a kind refusal, or a reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from queries.privacy.scope import Refusal
from queries.query import Query


@dataclass(frozen=True)
class Mark:
    """A stretch of the question: `how` is understood, assumed or unused; `part` names what it became."""

    start: int
    end: int
    how: str
    part: str = ""


@dataclass(frozen=True)
class Reading:
    """The one thing that a question means. `assumed`: parts that were not said; `unused`: words without effect."""

    query: Query
    said: str
    assumed: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One reading offered."""

    said: str
    query: Query


@dataclass(frozen=True)
class Choices:
    """Two or more readings, best first, at most five; `why` says what was open."""

    choices: tuple[Choice, ...]
    why: str = ""
    assumed: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Unread:
    """Not about what is held, or not askable; `nearest`: up to three questions that work for this asker."""

    reason: str
    nearest: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    kind: str = ""
    """A key for the wording file: unknown_words, not_held, future, impossible, change, no_breakdown ..."""


@dataclass(frozen=True)
class Refused:
    """Understood, and not for this asker."""

    refusal: Refusal
    query: Query | None
    said: str = ""
    assumed: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


Outcome = Reading | Choices | Unread | Refused
