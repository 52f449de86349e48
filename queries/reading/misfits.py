"""Matches whose words fit and whose sentence does not: a relative clause is no question, a past tense no courtesy."""

from __future__ import annotations

from collections.abc import Sequence

from queries.reading.dates import Found
from queries.reading.english import english
from queries.reading.mentions import Mention
from queries.reading.patterns import Match
from queries.reading.tokens import Token

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
LIMITING = frozenset(["over", "above", "under", "below", "past", "beyond", "within", "exceed", "exceeds"])
MOVING = frozenset(["do", "does", "did", "have", "has", "is", "are"])
"""Before these words a figure moves: `is it rising`."""
RATED = ("often", "frequently", "regularly")


def misfit(m: Match, words: Sequence[Token], people: str | None) -> bool:
    """Whether a rule of grammar would misread its words here; `people`: the level of single people."""
    make = m.payload.make
    if make.get("headline") and [t.norm for t in words[m.start : m.start + 2]] in (["how", w] for w in RATED):
        return True  # "how often do we go back"
    if make.get("explain") == "next_step":
        return any(t.norm in RATED for t in words[: m.end])
    if make.get("explain") == "streak" and words[m.start].norm == "how" and words[m.end - 1].norm in NOW:
        return RUNS.isdisjoint(t.norm for t in words[m.end :])  # "how long are people without service"
    if make.get("exclude") and [t.norm for t in words[m.start : m.start + 2]] in (["not", "having"], ["not", "got"]):
        return True  # "time lost on us not having the part"
    if make.get("exclude") and m.start and words[m.start - 1].stem in LEFT_WITH:
        return words[m.start].norm in ("with", "without")  # "stuck with no internet"
    if make.get("instead") and m.start and [t.norm for t in words[m.end : m.end + 1]] in (["of"], ["than"]):
        return True  # "working on it instead of waiting"
    if make.get("compare") == "others" and m.end < len(words) and words[m.end].norm == "of":
        return any(t.norm in english().units for t in words[m.end + 1 : m.end + 3])  # "than the rest of the week"
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
    before = [t.norm for t in words[max(0, m.start - 2) : m.start]]
    if (before and before[-1] in SPOKEN_OF) or before == ["bother", "to"]:
        return True
    return first.norm != first.stem or (first.norm == "give" and words[m.end - 1].norm == "up")


def takes_last(m: Match, dates: Sequence[Found], words: Sequence[Token]) -> bool:
    """`installs last` of `installs last quarter`: the last word of a phrase is the first one of a time or limit."""
    at = m.used[-1]
    if words[at].norm in LIMITING and m.end == at + 1 < len(words) and words[m.end].number is not None:
        return True  # `delay over` of `delay over 20 minutes`
    return words[at].norm in ("last", "past") and any(f.start == at and f.end > m.end for f in dates)


def takes_first(m: Match, said: Sequence[Mention], words: Sequence[Token]) -> bool:
    """`length per contact` of `length per contact reason`: the last word of a phrase begins a break-down."""
    at = m.end - 1
    split = words[at - 1].norm in ("per", "by") and m.end - m.start > 1
    return split and any(o.start == at and o.end > m.end and o.dim for o in said)


def moved(m: Match, others: Sequence[Match], words: Sequence[Token]) -> bool:
    """`is satisfaction rising`, `how has happiness changed`: a figure by its own words, and that it moved."""
    before, glue = {t.norm for t in words[: m.used[-1]]}, english().glue
    rest = [i for i in m.used[:-1] if words[i].norm not in glue]
    if not rest or "why" in before or MOVING.isdisjoint(before) or words[m.used[-1]].norm not in english().motion:
        return False
    return any([i for i in o.used if words[i].norm not in glue] == rest for o in others if o is not m)
