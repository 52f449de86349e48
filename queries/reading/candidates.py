"""The sides of metrics that the words of a question may mean, best first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from queries.reading.words import Ambiguous, Side


@dataclass(frozen=True)
class Candidate:
    """A side of a metric with the words that speak for it (`core`) and those it accounts for (`covers`)."""

    side: Side
    core: frozenset[int]
    covers: frozenset[int]
    strength: float
    left: frozenset[int] = frozenset()
    """Content words that it leaves unexplained."""
    soft: int = 0
    """Mentions that would become restrictions beside it."""
    flipped: bool = False
    framed: bool = False
    loose: frozenset[int] = frozenset()
    """Words that only belong to the metric's own way of being talked about."""
    named: bool = False
    """By the metric's very name."""
    strange: frozenset[int] = frozenset()
    """Words that nobody knows and that, where they stand, cannot restrict the figure."""
    speaks: frozenset[int] = frozenset()
    """Content words that are its own evidence or belong to what it is about; those of any metric not counted."""

    @property
    def rank(self) -> tuple[float, float, int]:
        return (
            len(self.left) + 0.5 * len(self.strange) + 0.3 * self.soft + 0.31 * len(self.loose),
            -self.strength,
            self.framed,
        )


@dataclass(frozen=True)
class Meaning:
    """Candidates best first, and what the words are."""

    candidates: tuple[Candidate, ...]
    content: frozenset[int]
    """Tokens that carry meaning and are not settled by grammar, dates or names."""
    ambiguous: tuple[Ambiguous, ...] = ()
    phrased: tuple[Candidate, ...] = ()
    """Only those that a fixed wording names, best first."""
    evidence: Mapping[str, frozenset[int]] = field(default_factory=dict)
