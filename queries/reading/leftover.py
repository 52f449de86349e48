"""Words that a metric leaves over, and which of them may be passed over.

Silently: the metric's own way of talking, and general words (`light`) beside many that speak for it. Told as not used:
strangers, which nobody knows, where much speaks for the metric and they stand so that they restrict nothing: a verb or
a word between others (`the slot once it was gone`, `they kept ringing and grumbling`). A word before a noun
(`platinum customers`) or after a preposition (`for pensioners`) may restrict the figure and is never passed over.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from queries.reading.candidates import Candidate
from queries.reading.english import english, real_words
from queries.reading.scan import Knowledge, Scan
from queries.reading.words import Side

MANY, STRONG, MARGIN = 2, 3.1, 0.9
FLIPS = frozenset(("not", "never", "without", "fail", "un", "non", "rarely", "no", "lack"))
CUTTING = frozenset(("by", "per", "each", "only", "without", "except", "excluding"))
"""Before these a word is never only a manner of speaking: `by hour`, `without delays`."""
ASKING = frozenset(("how", "many", "much", "often", "what", "which", "who", "when", "number", "time", "times"))
NOTHING: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())


def passed_over(
    rest: frozenset[int], core: frozenset[int], strength: float, side: Side, scan: Scan, know: Knowledge
) -> tuple[frozenset[int], frozenset[int]]:
    """The words left over, silent ones and told ones, when every one of them can be passed over; else none."""
    if not 0 < len(rest) <= MANY or not core:
        return NOTHING
    loose = _loose(rest, core, side, scan, know) if len(core) > len(rest) else frozenset()
    strange = rest - loose
    strong = strength >= STRONG and len(core) > MANY and len(_telling(core, scan, know)) > 1
    if strange and not (strong and may_pass(strange, core, side, scan, know)):
        return NOTHING
    return loose, strange


def may_pass(strange: frozenset[int], core: frozenset[int], side: Side, scan: Scan, know: Knowledge) -> bool:
    """Whether words that nobody knows stand, every one, where they restrict nothing beside these words of a metric."""
    other = know.lexicon.own_of(Side(side.metric, "metric" if side.side == "mirror" else "mirror"))
    return all(_harmless(i, strange, core, other, scan, know) for i in strange)


def cuts(i: int, scan: Scan) -> bool:
    """Whether the word before makes this one a break-down or a restriction."""
    return i > 0 and scan.tokens[i - 1].norm in CUTTING


def _telling(core: frozenset[int], scan: Scan, know: Knowledge) -> frozenset[int]:
    """The words of a metric that say more than `how many people`, `how often do customers`."""
    e = english()
    small = e.verbal | e.prepositions | e.articles | ASKING
    return frozenset(i for i in core - nouns(scan, know) if scan.tokens[i].norm not in small)


def clear(c: Candidate, others: Iterable[Candidate]) -> bool:
    """Whether no other reading comes near one that passes strangers over."""
    rivals = (o for o in others if o.side != c.side and len(o.left) + len(o.strange) <= len(c.strange))
    return all(o.strength < c.strength - MARGIN for o in rivals)


def _loose(rest: frozenset[int], core: frozenset[int], side: Side, scan: Scan, know: Knowledge) -> frozenset[int]:
    """The metric's own words on this side, and general ones beside many; another metric's own phrase is neither."""
    own = know.lexicon.own_of(side) - _claimed(side, rest, scan)
    own |= english().light if len(core) > MANY else frozenset()
    words, never = scan.tokens, FLIPS | english().glue
    kin = _kin(side, scan, know) if len(core) > MANY else frozenset()
    return frozenset(
        i
        for i in rest
        if (words[i].stem in own or i in kin) and words[i].norm not in never and not cuts(i, scan)
    )


def _kin(side: Side, scan: Scan, know: Knowledge) -> frozenset[int]:
    """Words of the concepts that this side of a metric goes with, not with its other side."""
    other = Side(side.metric, "metric" if side.side == "mirror" else "mirror")
    mask = know.lexicon.family.get(side, 0)
    mask &= ~know.lexicon.family.get(other, 0) | know.lexicon.subjects.get(side.metric, 0)
    bits = know.lexicon.bits
    return frozenset(i for m in scan.concepts if mask >> bits[m.payload] & 1 for i in m.used)


def _claimed(side: Side, rest: frozenset[int], scan: Scan) -> frozenset[str]:
    """Stems of words that are another metric's own phrase: beside this one they may well change what is meant."""
    alone = [m for m in scan.phrases if isinstance(m.payload, Side) and set(m.used) <= rest]
    return frozenset(scan.tokens[i].stem for m in alone if m.payload.metric != side.metric for i in m.used)


def _harmless(
    i: int, rest: frozenset[int], core: frozenset[int], other: frozenset[str], scan: Scan, know: Knowledge
) -> bool:
    t, e = scan.tokens[i], english()
    said = frozenset(k for m in scan.mentions for k in range(m.start, m.end))
    known = i in said or t.stem in other or t.norm in e.telling
    if known or len(t.norm) < 3 or not t.norm.isalpha() or t.norm not in real_words() or t.number is not None:
        return False
    about = nouns(scan, know)
    before = next((w.norm for w in reversed(scan.tokens[:i]) if w.is_word and w.norm not in e.articles), "")
    head = next((w.norm for k, w in reversed(list(enumerate(scan.tokens[:i]))) if w.is_word and k not in about), "")
    if before in e.verbal and scan.tokens[i - 1].norm not in e.articles and t.norm not in know.lexicon.outside:
        return True
    if t.norm not in know.lexicon.trade:
        return False
    after = next(k for k in itertools.count(i + 1) if k not in rest)  # "gold plan customers"
    return before not in e.prepositions and head not in e.prepositions and after not in core | about | said


def nouns(scan: Scan, know: Knowledge) -> frozenset[int]:
    """Words for whom and what figures are about."""
    bits, neutral = know.lexicon.bits, know.lexicon.neutral
    return frozenset(i for m in scan.concepts if neutral >> bits[m.payload] & 1 for i in m.used)
