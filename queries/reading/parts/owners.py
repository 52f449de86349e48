"""Whose: I, we, my region, the whole company."""

from __future__ import annotations

from queries.reading.english import english
from queries.reading.parts.model import OURS, SELF, Parts, Whose
from queries.reading.scan import Knowledge


def take_whose(p: Parts, know: Knowledge) -> None:
    words, settled = p.scan.tokens, p.scan.settled
    polite = frozenset(i for h in p.scan.hard if h.polite for i in range(h.start, h.end))
    p.courtesy |= polite
    taken: set[int] = {i for m in p.scan.mentions if m.values and m.end - m.start > 1 for i in range(m.start, m.end)}
    for i, t in enumerate(words):
        against = t.norm == "the" and i in p.against  # "vs the team"
        if i in taken or i in polite or i in p.scan.labels or not (against or t.norm in SELF | OURS):
            continue
        ruled = i in settled
        if ruled and _of_others(p, i):
            continue
        if against or t.norm in ("my", "our", "own"):
            found = _my_level(p, i, know)
            if found is not None and not (against and found.plural):
                p.whose.append(found)
                taken.update(range(i, found.end))
                p.held.update(range(i, found.end))
                continue
        if against:
            continue
        if t.norm == "me" and i and words[i - 1].norm in english().commands | {"for"} and words[i - 1].norm != "for":
            continue
        if t.norm == "i" and ruled and _rule_at(p, i) in ("how often",):
            continue
        if t.norm == "us" and i and words[i - 1].norm in ("let", "show", "give", "tell"):
            continue
        p.whose.append(Whose("self" if t.norm in SELF else "ours", i, i + 1))
    for m in p.scan.mentions:
        whole = next((t for t in m.terms if t.kind == "level" and t.key == know.catalogue.whole), None)
        if whole and not any(i in settled or i in p.held for i in range(m.start, m.end)):
            if m.end - m.start == 1 and words[m.start].norm in english().glue:
                continue
            p.whose.append(Whose("whole", m.start, m.end))
            p.held.update(range(m.start, m.end))


def _of_others(p: Parts, i: int) -> bool:
    """`vs my team mates`: the others compared with."""
    if i in p.against:
        return False
    rules = [h for h in p.scan.hard if h.rule and h.start < i < h.end and h.rule.make.get("compare") == "others"]
    return any(p.scan.tokens[i].norm in ("my", "our") and not h.rule.make.get("headline") for h in rules if h.rule)


def _rule_at(p: Parts, i: int) -> str:
    return next((h.rule.name for h in p.scan.hard if h.rule and h.start <= i < h.end), "")


def _my_level(p: Parts, i: int, know: Knowledge) -> Whose | None:
    """`my region`, `our own crew`, `my whole team`, `my repair team`."""
    words, person = p.scan.tokens, know.catalogue.person_level
    if person and i + 1 < len(words) and words[i + 1].norm in english().fellows:
        return Whose("level", i, i + 2, person, True)
    for at in range(i + 1, min(i + 5, len(words))):
        for m in p.scan.mentions:
            level = m.level
            if m.start == at and level and level.key != know.catalogue.whole and not m.names:
                if any(k in p.dated for k in range(m.start, m.end)):
                    return None
                return Whose("level", i, m.end, level.key, level.plural)
            if m.start == at and level and level.key == know.catalogue.whole:
                return Whose("whole", i, m.end)
        if not _between(p, at):
            return None
    return None


def _between(p: Parts, at: int) -> bool:
    """What may stand between `my` and the level: `my own crew`, `my repair team`, `my three best technicians`."""
    t = p.scan.tokens[at]
    plain = t.norm in ("own", "whole", "entire", "current", "new", "full", "other") or t.number is not None
    ordered = any(start <= at < end for _, start, end in p.orders)
    return plain or ordered or any(m.start <= at < m.end and m.values for m in p.scan.mentions)
