# ruff: noqa: E501
"""Date phrases to periods: an ordered list of small rules over the words; the longest match wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from queries.periods import Calendar
from queries.reading.dates.found import FUTURE, IMPOSSIBLE, OPEN, Ask, Found, Made
from queries.reading.dates.rules import RULES
from queries.reading.english import english
from queries.reading.tokens import Token

__all__ = ["FUTURE", "IMPOSSIBLE", "OPEN", "Found", "atoms", "compiled", "triggers"]


@cache
def compiled() -> tuple[tuple[str, re.Pattern[str], Callable[[Ask], Made]], ...]:
    """The rules with the words of months, weekdays and units put in."""
    e = english()
    words = {
        "m": "|".join(sorted(e.months, key=lambda w: (-len(w), w))),
        "w": "|".join(sorted(e.weekdays, key=lambda w: (-len(w), w))),
        "u": "|".join(sorted((w for w in e.units if not w.endswith("ly")), key=lambda w: (-len(w), w))),
    }
    out = []
    for name, pattern, make in RULES:
        for key, alternatives in words.items():
            pattern = pattern.replace("{" + key + "}", alternatives)
        out.append((name, re.compile(rf"(?:{pattern})(?!\S)"), make))
    return tuple(out)


@cache
def triggers() -> frozenset[str]:
    """Words at which a date phrase may begin."""
    e = english()
    extra = """my our today to yesterday the other day two n a this tonight last past previous prior preceding on weekend over at
    in during for year calendar cy all q h half first iso week wk cw so far wtd mtd qtd ytd current present most recent latest
    within from rolling trailing moving fiscal financial fy fytd one same those tomorrow next coming following upcoming later by going
    quarter month every beforehand before previously"""
    return frozenset(extra.split()) | set(e.months) | set(e.weekdays) | set(e.units)


class Words:
    """The token list as the rules see it: one string, and where each token begins."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.starts: list[int] = []
        parts: list[str] = []
        at = 0
        for t in tokens:
            self.starts.append(at)
            parts.append(t.dated)
            at += len(t.dated) + 1
        self.text = " ".join(parts)
        self.index = {start: i for i, start in enumerate(self.starts)}
        self.ends = {start + len(part): i + 1 for i, (start, part) in enumerate(zip(self.starts, parts, strict=True))}


def atoms(tokens: Sequence[Token], today: date, calendar: Calendar) -> dict[int, list[Found]]:
    """Every date phrase at each token, longest first."""
    words = Words(tokens)
    begin = triggers()
    found: dict[int, list[Found]] = {}
    for i, t in enumerate(tokens):
        if t.number is None and t.norm not in begin:
            continue
        here: list[Found] = []
        for name, pattern, make in compiled():
            match = pattern.match(words.text, words.starts[i])
            end = words.ends.get(match.end()) if match else None
            if match is None or end is None:
                continue
            made = make(Ask({k: v for k, v in match.groupdict().items() if v}, today, calendar))
            if made is not None:
                here.append(replace(made, start=i, end=end, rule=made.rule or name))
        if here:
            here.sort(key=lambda f: -f.end)
            found[i] = here
    return found
