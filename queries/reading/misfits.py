"""Matches whose words fit and whose sentence does not: a relative clause is no question, a past tense no courtesy."""

from __future__ import annotations

from collections.abc import Sequence

from queries.reading.english import Token, english
from queries.reading.patterns import Match

ASKED = frozenset(["tell", "show", "give", "get", "send", "bring", "fetch", "find", "let", "pull"])
HELPERS = frozenset(["do", "does", "did", "am", "are", "is", "was", "were", "can", "could"])
NAMING = frozenset(["my", "our", "the", "a", "an", "his", "her", "their", "of", "for", "on", "by", "many", "best"])
LEFT_WITH = frozenset(["stick", "leave", "sit", "go", "stay", "be", "live", "struggle"])
NOW = HELPERS | frozenset(["stay", "stays"])
RUNS = frozenset(["run", "streak", "spell", "row"])
SPOKEN_OF = frozenset(["i", "we", "they", "he", "she"])
THANKED = frozenset(["say", "hear", "get", "a", "no"])
"""`we said thank you to`: words before thanks that were given."""
STRUGGLED = frozenset(["struggle", "struggled", "struggles"])
RATED = ("often", "frequently", "regularly")


def misfit(m: Match, words: Sequence[Token], people: str | None) -> bool:
    """Whether a rule of grammar would misread its words here; `people`: the level of single people."""
    make = m.payload.make
    if make.get("explain") == "next_step":
        return any(t.norm in RATED for t in words[: m.end])
    if make.get("explain") == "streak" and words[m.start].norm == "how" and words[m.end - 1].norm in NOW:
        return RUNS.isdisjoint(t.norm for t in words[m.end :])  # "how long are people without service"
    if make.get("exclude") and m.start and words[m.start - 1].stem in LEFT_WITH:
        return words[m.start].norm in ("with", "without")  # "stuck with no internet"
    if make.get("instead") and m.start and [t.norm for t in words[m.end : m.end + 1]] in (["of"], ["than"]):
        return True  # "working on it instead of waiting"
    if make.get("compare") == "others" and words[m.start].norm == "where":
        return _clause(m, words) and words[m.start + 1].norm not in HELPERS
    if make.get("unread") == "change":
        return words[m.start].norm.endswith("s") or (bool(m.start) and words[m.start - 1].norm in NAMING)
    if m.payload.name == "which" and words[m.start].norm == "whose":
        return _clause(m, words)
    if m.payload.name == "which" and words[m.start].norm == "which":
        return words[m.start + 1].norm in ("the", "a", "an") and m.start > 0
    if make.get("order") == "room_to_grow" and words[m.start].norm in STRUGGLED:
        return True
    by = m.payload.name == "by by" and any(t.norm == "by" for t in words[m.start : m.end])
    return by and m.slots[0].value.key == people and _clause(m, words)


def _clause(m: Match, words: Sequence[Token]) -> bool:
    """`visits where we came late`, `late technicians by team`: a word with a meaning stands just before."""
    if not m.start or not words[m.start - 1].is_word:
        return False
    before, e = words[m.start - 1].norm, english()
    return before not in e.glue and before not in e.commands and before not in HELPERS


def rated(m: Match, words: Sequence[Token]) -> bool:
    """`how often are we late` is not `how late`."""
    at = m.start + 1
    return words[m.start].norm == "how" and at < m.end and words[at].norm in RATED and at not in m.used


def proportion(m: Match, words: Sequence[Token]) -> bool:
    """`visit rate` is a share of something, `customers rate us` a verdict."""
    at = m.used[0]
    if len(m.used) > 1 or at == 0 or words[at].norm not in ("rate", "rates"):
        return False
    before = words[at - 1]
    return before.is_word and not before.norm.endswith("s") and before.norm not in english().glue | HELPERS


def told(m: Match, words: Sequence[Token]) -> bool:
    """`told us`, `without telling`, `we pull up`: not `tell us`, which only asks; `in my team met` no meeting."""
    first = words[m.start]
    if any(words[i].stem == "meet" and words[i].norm not in ("meeting", "meetings") for i in range(m.start, m.end)):
        return True
    if first.norm == "thank":
        return bool(m.start) and words[m.start - 1].stem in THANKED
    if first.stem not in ASKED:
        return False
    if m.start and words[m.start - 1].norm in SPOKEN_OF or [t.norm for t in words[m.start - 2 : m.start]] == ["bother", "to"]:
        return True
    return first.norm != first.stem or (first.norm == "give" and words[m.end - 1].norm == "up")
