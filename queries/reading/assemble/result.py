"""How the result is shown: explained, ordered, counted."""

from __future__ import annotations

from typing import Any

from queries.reading.assemble import extras
from queries.reading.assemble.breakdowns import asks_which
from queries.reading.assemble.work import Work

ENDS = (("best", "room_to_grow"), ("most", "least"))
"""The two ends of a list."""


def explain_of(work: Work) -> tuple[str | None, Any]:
    p = work.parts
    explain = p.explain or None
    target = p.target if explain == "next_step" else None
    if explain == "next_step" and target is None and (p.compare & {"standard"} or p.ops):
        target = "standard"
    if explain == "next_step":
        p.compare.discard("standard")
    return explain, target


def order_of(work: Work, by: list[str]) -> tuple[str | None, int | None]:
    p = work.parts
    if p.explain or not p.orders:
        ranked = "ranked" in p.rules and by and not p.explain and "others" not in p.compare
        return ("most" if _direction(work) == "context" else "best") if ranked else None, p.top if ranked else None
    listing = work.metric.over or work.framed or p.who or asks_which(work)
    own = [] if listing else [x for x in p.orders if set(range(x[1], x[2])) <= work.core]
    kinds = [o for o, s, e in p.orders if (o, s, e) not in own]
    if not kinds:
        return None, None
    ends = next((e for e in ENDS if set(e) <= set(kinds)), None)
    if ends and by and work.person not in by:  # "best and worst area": the whole list
        work.assumed.append("ends")
        return ("most" if ends[0] == "best" and _direction(work) == "context" else ends[0]), None
    order = "room_to_grow" if "room_to_grow" in kinds else kinds[0]
    if order == "best" and set(kinds) & {"most", "least"} and _only_top(work):
        order = next(k for k in kinds if k in ("most", "least"))
    if "most_improved" in kinds:
        order = "most_improved"
    if not by and (p.ranked_time or (p.grain and p.top) or extras.lists(work)):
        return order, p.top
    if not by:
        for _, start, end in p.orders:
            work.unused.extend(range(start, end))
        return None, None
    if order in ("best",) and _direction(work) == "context":
        order = "most"
    return order, p.top


def _direction(work: Work) -> str:
    return work.metric.direction if work.sides[0].side == "metric" else work.metric.mirror_direction


def _only_top(work: Work) -> bool:
    """`top 5 with the most ...`: top only says how many."""
    words = work.parts.scan.tokens
    return all({t.norm for t in words[s:e]} <= {"top", "the"} for o, s, e in work.parts.orders if o == "best")


def show_of(work: Work) -> str:
    return "count" if work.parts.show == "count" and counted(work) else "rate"


def counted(work: Work) -> bool:
    """Whether there are cases to count: not of a middle value."""
    return all(
        m.kind in ("ratio", "stock", "share", "count") or (s.side == "mirror" and m.mirror_of == "own")
        for m, s in zip(work.metrics, work.sides, strict=True)
    )
