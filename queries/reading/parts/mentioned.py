"""Names, bare level words, `who`, and the number beside an order."""

from __future__ import annotations

from queries.catalogue import Catalogue
from queries.reading.english import english
from queries.reading.mentions import Mention
from queries.reading.parts.model import OURS, SELF, Parts, Whose
from queries.reading.scan import Knowledge, part_of_phrase
from queries.reading.tokens import Token

INSIDE = (["in", "the"], ["within", "the"], ["across", "the"])
"""Words before a level that make it the asker's own: the best team in the region."""


def take_mentions(p: Parts, know: Knowledge) -> None:
    settled = p.scan.settled
    taken: set[int] = set()
    for m in p.scan.mentions:
        here = set(range(m.start, m.end))
        if here & (settled | p.held | taken):
            continue
        if m.names and not part_of_phrase(m.start, m.end, p.scan.phrases):
            p.named.append(m)
            p.held |= here
            p.closed |= here
            taken |= here
            _swallow_level(p, m, know)
    for m in p.scan.mentions:
        here = set(range(m.start, m.end))
        if here & (settled | p.held | taken) or not m.level or m.values or m.dim:
            continue
        taken |= here
        if not m.level.plural and [t.norm for t in p.scan.tokens[max(0, m.start - 2) : m.start]] in INSIDE:
            p.whose.append(Whose("level", m.start - 1, m.end, m.level.key))
            p.held |= here
        else:
            p.levels.append((m, m.level))


def _swallow_level(p: Parts, m: Mention, know: Knowledge) -> None:
    """`Bay area`, `the region North`: the level word beside a name belongs to it."""
    for other in p.scan.mentions:
        if (
            other.level
            and other.level.key != know.catalogue.whole
            and not other.level.plural
            and (other.start == m.end or other.end == m.start)
        ):
            p.held.update(range(other.start, other.end))


def take_who(p: Parts, catalogue: Catalogue) -> None:
    """`who` at the start of a clause asks for people."""
    words = p.scan.tokens
    if catalogue.person_level is None or any(words[c.joint].norm == "or" for c in p.scan.contrasts):
        return  # "who are happier, homes or shops"
    for i, t in enumerate(words):
        if t.norm not in ("who", "whose", "whos", "whoever"):
            continue
        before = words[i - 1].norm if i else ""
        after = words[i + 1].norm if i + 1 < len(words) else ""
        if i and part_of_phrase(i - 1, i + 1, p.scan.phrases):
            continue
        if after in SELF | OURS or after in ("they", "he", "she", "you"):
            continue
        if i == 0 or before in (
            "show",
            "list",
            "tell",
            "see",
            "and",
            "name",
            "me",
            "us",
            ",",
            "know",
            "-",
            ":",
            ".",
            "?",
            "so",
            "ok",
            "is",
            "now",
            "of",
            "out",
        ):
            p.who = True


def _part_of_a_phrase(p: Parts, at: int) -> bool:
    """`the most one-stop service`: a small number that a metric's own words begin with."""
    return p.scan.tokens[at].number == 1 and any(m.start == at and m.end - m.start > 1 for m in p.scan.phrases)


def _superlative(t: Token) -> bool:
    """`the 3 areas with the happiest customers`: a word of a metric that orders by itself."""
    return t.norm.endswith("est") and len(t.norm) > 5 and not t.stem.endswith("est")


def _number_beside(p: Parts, start: int, end: int) -> int | None:
    """Where the number of an order stands: `top 5`, `5 best`, `best of 5`."""
    words = p.scan.tokens
    for at in (end, start - 1, end + 1):
        if 0 <= at < len(words) and words[at].number is not None and not words[at].ordinal and at not in p.closed:
            near = not (at == end + 1 and words[end].is_word and words[end].norm not in english().glue)
            in_op = any(h.start <= at < h.end for _, _, h in p.ops)
            if near and not in_op and not _part_of_a_phrase(p, at):
                return at
    return None


def take_top(p: Parts) -> None:
    """The number beside an order or before a listed level: `top 5`, `3 best agents`."""
    words = p.scan.tokens
    numbers = [at for _, start, end in p.orders if (at := _number_beside(p, start, end)) is not None]
    if numbers:  # "top 3 and bottom 3": the same number twice
        p.top = words[numbers[0]].number
        same = {at for at in numbers if words[at].number == p.top}
        p.held |= same
        p.closed |= same
        return
    if p.orders or any(_superlative(t) for t in words):
        for m in p.scan.mentions:
            if (
                (m.level or m.dim)
                and m.start
                and words[m.start - 1].number is not None
                and not words[m.start - 1].ordinal
            ) and m.start - 1 not in p.closed:
                p.top = words[m.start - 1].number
                p.held.add(m.start - 1)
                return
