"""Words that nobody knows beside a metric that much speaks for: where they stand, they restrict nothing.

`the slot once it was gone`, `they kept ringing and grumbling`: a verb or a word between others. A word before a noun
(`platinum customers`) or after a preposition (`for pensioners`) may restrict the figure and is never passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from queries.reading.english import english, real_words
from queries.reading.scan import Knowledge, Scan
from queries.reading.words import Side

if TYPE_CHECKING:
    from queries.reading.meaning import Candidate

MANY, STRONG, MARGIN = 2, 3.1, 0.9


def strangers(
    rest: frozenset[int], core: frozenset[int], strength: float, side: Side, scan: Scan, know: Knowledge
) -> frozenset[int]:
    """The words left over, when all of them can be passed over beside so much evidence; else none."""
    if not 0 < len(rest) <= MANY or strength < STRONG or len(core) < 3:
        return frozenset()
    other = know.lexicon.own_of(Side(side.metric, "metric" if side.side == "mirror" else "mirror"))
    return rest if all(_harmless(i, core, other, scan, know) for i in rest) else frozenset()


def clear(c: Candidate, others: Iterable[Candidate]) -> bool:
    """Whether no other reading comes near one that passes words over."""
    rivals = (o for o in others if o.side != c.side and len(o.left) + len(o.strange) <= len(c.strange))
    return all(o.strength < c.strength - MARGIN for o in rivals)


def _harmless(i: int, core: frozenset[int], other: frozenset[str], scan: Scan, know: Knowledge) -> bool:
    t, e = scan.tokens[i], english()
    known = any(m.start <= i < m.end for m in scan.mentions) or t.stem in other or t.norm in e.telling
    if known or len(t.norm) < 3 or not t.norm.isalpha() or t.norm not in real_words() or t.number is not None:
        return False
    nouns = _nouns(scan, know)
    before = next((w.norm for w in reversed(scan.tokens[:i]) if w.is_word and w.norm not in e.articles), "")
    head = next((w.norm for k, w in reversed(list(enumerate(scan.tokens[:i]))) if w.is_word and k not in nouns), "")
    if before in e.verbal:
        return True
    return before not in e.prepositions and head not in e.prepositions and not (i + 1 in core or i + 1 in nouns)


def _nouns(scan: Scan, know: Knowledge) -> frozenset[int]:
    """Words for whom and what figures are about."""
    bits, neutral = know.lexicon.bits, know.lexicon.neutral
    return frozenset(i for m in scan.concepts if neutral >> bits[m.payload] & 1 for i in m.used)
