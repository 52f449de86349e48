"""What no part of a query used although it would change the figures: such a question is never answered in silence."""

from __future__ import annotations

from queries.query import Query
from queries.reading.assemble.work import Work
from queries.reading.contrasts import JOINED, JOINTS
from queries.reading.english import english
from queries.reading.frames import CAUSED


def overlooked(work: Work, query: Query) -> frozenset[int]:
    """Tokens of numbers, of orders and of listed levels that the query does not reflect."""
    if query.explain:
        return frozenset()
    told = _numbers(work) | _orders(work, query) | _levels(work, query) | _cuts(work) | _kinds(work, query)
    return told | _against(work, query) | _causes(work)


def _numbers(work: Work) -> frozenset[int]:
    p = work.parts
    seen = p.scan.settled | p.held | work.core | work.covers | p.closed
    numbers = (i for i, t in enumerate(p.scan.tokens) if t.number is not None and t.norm not in ("one", "zero"))
    return frozenset(numbers) - seen


def _orders(work: Work, query: Query) -> frozenset[int]:
    if query.order or query.explain:
        return frozenset()
    spans = [set(range(start, end)) for _, start, end in work.parts.orders]
    said = work.core | work.parts.scan.lattice.skippable  # `what do they most often miss`
    return frozenset(i for span in spans if not span <= said for i in span)


def _levels(work: Work, query: Query) -> frozenset[int]:
    """`the 3 agents with the least ...` without a list of agents; `best region and site` by region alone."""
    p, words = work.parts, work.parts.scan.tokens
    used = {*query.by, *(level for level, _ in query.about)}
    ends = {m.end for m, term in p.levels if term.key in query.by}
    listed = bool(p.orders or p.top) and not query.order
    lost = (
        m for m, term in p.levels if term.key not in used and (
            (listed and term.plural) or (m.start - 1 in ends and words[m.start - 1].norm in JOINED)
        )
    )  # fmt: skip
    return frozenset(i for m in lost for i in range(m.start, m.end)) - work.core


def _cuts(work: Work) -> frozenset[int]:
    """`by hour`: a break-down that nothing knows."""
    p, words = work.parts, work.parts.scan.tokens
    known = p.scan.settled | p.held | work.core | p.closed | {i for m in p.scan.mentions for i in range(m.start, m.end)}
    after = (i for i in range(1, len(words)) if words[i - 1].norm in ("by", "per") and words[i].is_word)
    return frozenset(i for i in after if words[i].norm not in english().glue) - known


def _kinds(work: Work, query: Query) -> frozenset[int]:
    """`supplier scorecard`: a dimension that neither cuts nor restricts the figure, nor belongs to its name."""
    p = work.parts
    seen = p.scan.settled | p.held | work.core | work.covers | p.closed
    used = {*query.by, *(key.removesuffix("_group") for key in query.by), *(key for key, _ in query.where)}
    named = {i for m in p.scan.mentions if m.values or m.names or m.level for i in range(m.start, m.end)}
    alone = [m for m in p.scan.mentions if m.dim and m.dim.key not in used]
    return frozenset(i for m in alone for i in range(m.start, m.end)) - seen - named


def _against(work: Work, query: Query) -> frozenset[int]:
    """`billing calls passed on more than fault calls`: what is compared with, where the query compares nothing."""
    p, words = work.parts, work.parts.scan.tokens
    compares = query.compare or query.by or query.grain or query.having or query.cases or len(query.metrics) > 1
    if compares or any(len(held.values) > 1 for _, held in query.about):
        return frozenset()
    seen = p.scan.settled | work.core
    joints = [i for i, t in enumerate(words[:-1]) if t.norm in JOINTS and i not in seen]
    after = frozenset(k for i in joints for k in range(i + 1, min(i + 3, len(words))) if words[k].is_word)
    return frozenset(k for k in after if words[k].norm not in english().glue)  # "further than i had to"


def _causes(work: Work) -> frozenset[int]:
    """`late because of traffic`: a cause that is neither a value nor the metric's own word."""
    p, words, e = work.parts, work.parts.scan.tokens, english()
    known = work.core | p.held | {i for m in p.scan.mentions if m.values or m.names for i in range(m.start, m.end)}
    after = (i for i in range(2, len(words)) if [t.norm for t in words[i - 2 : i]] in CAUSED)
    causes = (i + (words[i].norm in e.articles) for i in after)
    return frozenset(i for i in causes if i < len(words) and words[i].is_word and words[i].norm not in e.glue) - known


def quoted(work: Work, at: frozenset[int]) -> str:
    return ", ".join(f"“{work.parts.scan.tokens[i].text}”" for i in sorted(at))
