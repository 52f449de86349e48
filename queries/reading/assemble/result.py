"""How the result is shown: explained, cut at thresholds, ordered, counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from queries.catalogue import Metric
from queries.query import Having
from queries.reading.assemble import extras
from queries.reading.assemble.work import NotAskableError, Work
from queries.reading.english import Token, english
from queries.reading.scan import Hard
from queries.reading.words import Side

DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
SPAN = re.compile(r"(\d+)[ -](day|week|month)")


def explain_of(work: Work) -> tuple[str | None, Any]:
    p = work.parts
    explain = p.explain or None
    target = p.target if explain == "next_step" else None
    if explain == "next_step" and target is None and (p.compare & {"standard"} or p.ops):
        target = "standard"
    if explain == "next_step":
        p.compare.discard("standard")
    return explain, target


def having_of(work: Work, by: list[str], compare: set[str]) -> tuple[Having, ...]:
    p = work.parts
    out = []
    if p.explain:
        return ()
    for op, value, hard in p.ops:
        sides = work.sides if op.endswith("_standard") and _both(work) else (_nearest_side(work, hard.start),)
        if len(sides) > 1 and (by or p.single):
            out += [Having(s.metric, _standard_op(op, work.know.catalogue.metrics[s.metric], s)) for s in sides]
            continue
        side = sides[0]
        metric = work.know.catalogue.metrics[side.metric]
        if op.endswith("_standard"):
            if not by and not p.single:
                compare.add("standard")
                continue
            out.append(Having(metric.key, _standard_op(op, metric, side), None))
        elif value is not None and _window(work, metric, value, hard):
            continue
        elif value is not None:
            scaled = _scaled(work, metric, value, hard.end, hard.start)
            if not by and not p.single and not _of_this_unit(work, metric, hard):
                raise NotAskableError("unknown_words", words=_quoted(work, hard))
            out.append(Having(metric.key, op, scaled))
            if metric.kind == "ratio" and len({h.value > 1 for h in out if h.metric == metric.key and h.value}) > 1:
                raise NotAskableError("unknown_words", words=_quoted(work, hard))  # a share and a number of cases
    return tuple(out)


def _window(work: Work, metric: Metric, value: float, hard: Hard) -> bool:
    """`within 90 days` beside a metric that is no time: only its own span, which says nothing new.

    Raises:
        NotAskableError: another span than the metric's own.
    """
    words = work.parts.scan.tokens
    after = words[hard.end].norm if hard.end < len(words) else ""
    days = DAYS.get(english().units.get(after, ""))
    if days is None or any(unit in metric.unit for unit in ("minute", "hour", "day", "second")):
        return False
    own = {int(n) * DAYS[unit] for n, unit in SPAN.findall(f"{metric.plain} {metric.raw.get('numerator')}".lower())}
    if int(value * days) not in own:
        raise NotAskableError("unknown_words", words=_quoted(work, hard))
    return True


def _of_this_unit(work: Work, metric: Metric, hard: Hard) -> bool:
    """Whether a number without a list beside it can be the metric's own: said in percent, or in its unit."""
    words = work.parts.scan.tokens
    near = {t.norm for t in words[hard.start : hard.end + 2]}
    if metric.kind in ("ratio", "stock", "share"):
        return bool(near & {"%", "percent"}) or hard.end in work.core or work.parts.show == "count"
    return True


def _both(work: Work) -> bool:
    """`miss the target on both`: the threshold holds for every metric."""
    return bool({"both", "each", "all"} & {t.norm for t in work.parts.scan.tokens})


def _quoted(work: Work, hard: Hard) -> str:
    words = work.parts.scan.tokens[hard.start : hard.end]
    return "“" + " ".join(t.text for t in words) + "”"


def _standard_op(op: str, metric: Metric, side: Side) -> str:
    if op in ("meets_standard", "misses_standard"):
        return op
    higher = (metric.direction == "higher") == (side.side == "metric")
    return "meets_standard" if (op == "above_standard") == higher else "misses_standard"


def _nearest_side(work: Work, at: int) -> Side:
    """The side whose words stand nearest to a threshold."""
    if not work.places:
        return work.sides[0]

    words = work.parts.scan.tokens

    def nearness(place: tuple[Side, frozenset[int]]) -> tuple[int, int]:
        near = [i for i in place[1] if at - 5 < i < at]
        return min((_steps(words, i, at) for i in place[1]), default=999), -len(near)

    return min(work.places, key=nearness)[0]


def _steps(words: Sequence[Token], one: int, other: int) -> int:
    """How far apart two words stand; the joint between two clauses is a long step."""
    low, high = sorted((one, other))
    return high - low + 5 * any(t.norm in ("and", "but", ",", "or", "while") for t in words[low:high])


def _scaled(work: Work, metric: Metric, value: float, end: int, start: int) -> float:
    words = work.parts.scan.tokens
    text = {t.norm for t in words[start : end + 2]}
    percent = bool(text & {"%", "percent", "percentage"})
    if metric.kind in ("ratio", "stock", "share"):
        if percent or value > 1:
            if not percent and metric.kind != "share" and end < len(words) and end in work.core and value == int(value):
                work.parts.show = work.parts.show or "count"
                return value
            return round(value / 100, 6)
        return value
    if "hour" in metric.unit and text & {"day", "days"}:
        return value * 24
    if "minute" in metric.unit and text & {"hour", "hours"}:
        return value * 60
    return value


def order_of(work: Work, by: list[str]) -> tuple[str | None, int | None]:
    p = work.parts
    if p.explain or not p.orders:
        ranked = "ranked" in p.rules and by and not p.explain and "others" not in p.compare
        return ("most" if _direction(work) == "context" else "best") if ranked else None, p.top if ranked else None
    listing = work.metric.over or work.framed or p.who
    own = [] if listing else [x for x in p.orders if set(range(x[1], x[2])) <= work.core]
    kinds = [o for o, s, e in p.orders if (o, s, e) not in own]
    if not kinds:
        return None, None
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
    p = work.parts
    if p.show != "count":
        return "rate"
    counts = all(
        m.kind in ("ratio", "stock", "share", "count") or (s.side == "mirror" and m.mirror_of == "own")
        for m, s in zip(work.metrics, work.sides, strict=True)
    )
    return "count" if counts else "rate"
