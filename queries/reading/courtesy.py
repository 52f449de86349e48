"""Greetings before a question and thanks after it, which name nothing."""

from __future__ import annotations

from collections.abc import Sequence

from queries.reading.english import english
from queries.reading.tokens import Token

NO_COURTESY = frozenset(
    "i we to should of a an the our their some any no more say said get gets got give gives gave given without".split()  # noqa: SIM905
)
"""After these words thanks are what the question is about: a word of thanks, got a thank you."""

MEANT = (["i", "meant"], ["i", "mean"], ["we", "meant"], ["we", "mean"])


def without_courtesy(words: Sequence[Token]) -> list[Token]:
    """The words without a greeting before and thanks at the end, which would otherwise name something."""
    said = english().raw["courtesy"].split()
    words = _without_greeting(words)
    end = len(words)
    while end and not (words[end - 1].is_word or words[end - 1].norm == "%"):
        end -= 1
    start = end
    while start > 1 and (words[start - 1].norm in said or (start < end and words[start - 1].norm in ("many", "so"))):
        start -= 1
    tail = start
    if start == end and end > 2 and words[end - 1].norm in ("you", "much", "lot"):
        while tail > 1 and words[tail - 1].norm in ("you", "much", "very", "so", "a", "lot"):
            tail -= 1
        tail = tail - 1 if words[tail - 1].norm in said and tail > 2 else start
    return list(words) if tail and words[tail - 1].norm in NO_COURTESY else list(words[:tail])


def without_correction(words: Sequence[Token]) -> list[Token]:
    """`no, i meant repairs`: how a follow-up sets something right; what follows says what."""
    at, said = 0, english().raw["corrections"].split()
    then = (",", ".", "!", "-", "i", "we", *said)
    while at + 1 < len(words) and words[at].norm in said and words[at + 1].norm in then:
        at += 1 if words[at + 1].is_word else 2
    meant = [t.norm for t in words[at : at + 2]]
    return list(words[at + 2 if meant in MEANT else at :])


def _without_greeting(words: Sequence[Token]) -> Sequence[Token]:
    """`Morning!`, `evening all`: a time of day by itself that only greets."""
    after = words[1].norm if len(words) > 1 else ""
    greets = words[:1] and words[0].norm in english().raw["greetings"].split()
    if greets and (after in ("!", ".", "-") or after in english().raw["greeted"].split()):
        return words[2:]
    if greets and after == "," and len(words) > 2 and words[2].norm in english().raw["begin"].split():
        return words[2:]
    return words
