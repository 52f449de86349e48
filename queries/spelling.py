"""Spelling."""

from __future__ import annotations

from collections.abc import Sequence

from queries.english import Token
from queries.scan import Knowledge


def corrected(words: Sequence[Token], know: Knowledge) -> tuple[Sequence[Token], tuple[str, ...]]:
    """The words, and what was put right."""
    return words, ()
