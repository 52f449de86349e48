"""Two times that share words: `this and last month`, `last week vs this one`, `the first half of may vs the second`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from queries.periods import Calendar
from queries.reading.dates import Found, atoms
from queries.reading.english import english
from queries.reading.tokens import Token

RUNNING = ("this", "last", "previous", "current")
BESIDE = frozenset(("and", "plus", "&", "or", "vs", "versus", "against", "to", "with", "than", "/"))


def shared(
    words: Sequence[Token], at: Mapping[int, Sequence[Found]], i: int, today: date, calendar: Calendar
) -> Iterator[Found]:
    """The time that only a part of its own words stands for, at a token; `at`: the whole date phrases."""
    for end, said in (*_end(words, at, i), *_half(words, at, i), *_unit(words, at, i)):
        for f in atoms(said, today, calendar).get(0, ()):
            if f.end == len(said) and f.period is not None:
                yield replace(f, start=i, end=end)
                break


def _end(words: Sequence[Token], at: Mapping[int, Sequence[Found]], i: int) -> Iterator[tuple[int, list[Token]]]:
    """`this | and last month`, `the first | and second half of october`: the end follows."""
    if not _qualifies(words, i) or _norm(words, i + 1) not in BESIDE:
        return
    start = i + 2 + (_norm(words, i + 2) in ("the", "on"))
    for f in at.get(start, ()):
        if f.period is not None and f.end - start > 1 and _qualifies(words, start):
            yield i + 1, [words[i], *words[start + 1 : f.end]]


def _half(words: Sequence[Token], at: Mapping[int, Sequence[Found]], i: int) -> Iterator[tuple[int, list[Token]]]:
    """`the first half of october vs | the second half`: the end was said before."""
    start = i + (_norm(words, i) == "the")
    whole = _norm(words, start + 1) == "half" and _norm(words, start + 2) not in ("of", "in")
    if not whole or not _qualifies(words, start) or _norm(words, i - 1) not in BESIDE:
        return
    for f in (f for group in at.values() for f in group if i - 2 <= f.end < i and f.period):
        half = [k for k in range(f.start, f.end) if _norm(words, k) == "half"]
        if half:
            yield start + 2, [words[start], *words[half[0] : f.end]]


def _unit(words: Sequence[Token], at: Mapping[int, Sequence[Found]], i: int) -> Iterator[tuple[int, list[Token]]]:
    """`last quarter and | this one`: the unit was said before."""
    end = i + 1 + (_norm(words, i + 1) == "one")
    last = end >= len(words) or not words[end].is_word or words[end].norm in english().prepositions
    if not last or _norm(words, i) not in RUNNING or _norm(words, i - 1) not in BESIDE:
        return
    for f in (f for group in at.values() for f in group if f.end == i - 1 and f.period):
        if words[f.end - 1].norm in english().units:
            yield end, [words[i], words[f.end - 1]]


def _qualifies(words: Sequence[Token], i: int) -> bool:
    """What two times may differ by: their place, or which of two they are."""
    ordinal = 0 <= i < len(words) and words[i].ordinal
    return ordinal or _norm(words, i) in RUNNING


def _norm(words: Sequence[Token], i: int) -> str:
    return words[i].norm if 0 <= i < len(words) else ""
