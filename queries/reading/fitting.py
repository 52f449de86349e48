"""Whether the words of a rule of grammar really say it where they stand."""

from __future__ import annotations

from collections.abc import Sequence

from queries.catalogue import Catalogue
from queries.reading.patterns import Edge, Match
from queries.reading.tokens import Token

NO_DATE = frozenset(("", "of", "in", "on", "for", "at", "by", "with", "then", "?", "!", ".", ","))
"""What may follow `last` when it is a place in a list and no time."""

AROUND = frozenset("on to onto into from by off through at in around round between".split())  # noqa: SIM905
"""Words before `other teams` that make them a place, not the others compared with."""

PEOPLE_BY = frozenset(
    (
        "which",
        "whose",
        "who",
        "by",
        "per",
        "each",
        "every",
        "rank",
        "list",
        "name",
        "show",
        "split",
        "break",
        "broken",
        "grouped",
        "group",
        "for",
    )
)
"""Words before people that ask for a list of them; others only speak of people."""


def fits(m: Match, words: Sequence[Token], catalogue: Catalogue) -> bool:
    """Whether a rule that was found is meant."""
    unfit = _uneven(m) or _loose(m, words) or _not_by(m, words, catalogue) or _otherwise(m, words)
    return not unfit


def _not_by(m: Match, words: Sequence[Token], catalogue: Catalogue) -> bool:
    """`compare my team`, `what are people saying`: no break-down, though the words would fit one."""
    if not m.payload.make.get("by"):
        return False
    if m.start and words[m.start].norm == "by" and words[m.start - 1].norm in ("caused", "driven", "explained"):
        return True
    if {"what", "is", "my"} <= {t.norm for t in words[m.start : m.end]}:  # "what is my teams best day"
        return True
    own = bool(m.start) and words[m.start - 1].norm in ("my", "our")
    if own and len(m.slots) > 1 and m.slots[0].start == m.start:
        return True
    edge = next((e for e in m.slots if e.name == "{by}"), None)
    if edge is None:
        return False
    if edge.start and words[edge.start - 1].norm in ("my", "our") and not (m.payload.make.get("list") and _many(edge)):
        return True
    return bool(edge.value.key == catalogue.person_level and words[m.start].norm not in PEOPLE_BY)


def _many(edge: Edge) -> bool:
    """`which of my teams`, not `what is my team's`."""
    return bool(edge.value.plural)


def _loose(m: Match, words: Sequence[Token]) -> bool:
    """`by us this quarter`: a break-down or series only where its words stand together."""
    if not (m.payload.make.get("grain") or m.payload.make.get("by")):
        return False
    held = set(m.used) | {i for e in m.slots for i in range(e.start, e.end)}
    between = (words[i].norm for i in range(m.start, m.end) if i not in held)
    return any(
        w not in ("the", "a", "an", "all", "our", "my", "-", "of", "any", "me", "is", "are", "was", "were", "own")
        for w in between
    )


def _otherwise(m: Match, words: Sequence[Token]) -> bool:
    """Words that fit a rule and say something else: passed to other teams, without a call, our mean, on record."""
    make, before = m.payload.make, words[m.start - 1].norm if m.start else ""
    after = words[m.end].norm if m.end < len(words) else ""
    if make.get("bare"):
        return before in AROUND
    if make.get("compare") == "others" and [t.norm for t in words[m.start : m.start + 3]] == ["with", "the", "most"]:
        return True
    if make.get("exclude"):
        edge = next((e for e in m.slots if e.name == "{value}"), None)
        of_one = edge is not None and words[edge.start - 1].norm in ("a", "an")
        return of_one or words[m.end - 1].norm == "i"
    if make.get("explain") == "definition" and any(words[i].norm == "made" for i in m.used):
        return True
    if make.get("explain") == "definition" and words[m.end - 1].norm == "mean":
        return words[m.end - 2].norm in ("our", "the", "my", "a", "and", "your", "their")
    if make.get("explain") == "personal_best":
        on_record = any(words[i].norm == "record" and i and words[i - 1].norm == "on" for i in m.used)
        return on_record or _best_of_all(m, words) or after == "to"  # "my teams best to worst"
    if make.get("order") and words[m.end - 1].norm == "last":
        return after not in NO_DATE
    if make.get("order") and m.end - m.start > 1 and words[m.end - 1].norm == "first":
        return after in ("time", "contact", "visit", "go", "attempt", "call", "try", "trip")
    if make.get("number"):
        edge = m.slot("{n}")
        return edge is not None and edge.value > 999
    said = {t.norm for t in words[m.start : m.end]}
    return make.get("explain") == "next_step" and bool(said & {"did", "was", "were", "had"})


def _uneven(m: Match) -> bool:
    """`quarter by month`: two different units do not make a series."""
    units = [e.value for e in m.slots if e.name == "{unit}"]
    return len(set(units)) > 1


EVER = frozenset(("ever", "personal", "record", "time", "yet", "far", "date", "been", "done", "had", "when"))


def _best_of_all(m: Match, words: Sequence[Token]) -> bool:
    """`which of my teams is best at ...`, `are we the best`: better than others, not than ever before."""
    at = next((i for i in range(m.start, m.end) if words[i].norm == "best"), None)
    if at is None or EVER & {t.norm for t in words[m.start : m.end]}:
        return False
    before = {t.norm for t in words[:at]}
    others = {"is", "are", "am", "was", "were", "the"} if before & {"is", "are", "am", "was", "were"} else set()
    return bool(before & {"which", "who", "whose"}) or words[at - 1].norm in others
