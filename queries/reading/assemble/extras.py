"""Reading of single cases and groups of them: limits, lists, least numbers, shares of the whole, ranked times.

What a company's metrics allow is in their facts (`rows`); without it, none of these words is looked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from queries.catalogue import Catalogue
from queries.query import Having, Limit
from queries.reading.assemble.work import NotAskableError, Work
from queries.reading.edges import MINUTES
from queries.reading.mentions import Mention

LISTED = 20
"""Single cases in a list when no number is said."""
ENDS = {"best": "least", "most": "most", "room_to_grow": "most", "least": "least"}


def lists(work: Work) -> bool:
    """Whether an order without a break-down asks for single cases: the longest delay, the ten latest flights."""
    p = work.parts
    return bool(work.metric.rows) and not p.grain and not p.explain and not p.compare and len(work.sides) == 1


def more_of(
    work: Work, by: list[str], compare: set[str], order: str | None, top: int | None, grain: str | None
) -> dict[str, Any]:
    """The query's fields beyond the contract's first ones, and what they change in those."""
    p, made = work.parts, dict[str, Any]()
    if p.explain == "definition":
        return made
    _limit(work, by, made)
    if p.least is not None:
        made["at_least"] = p.least
    if p.goals and not p.ops:
        compare.add("standard")
        made["compare"] = tuple(compare)
    if p.part is not None and _counted_next(work):
        made["show"] = "share"
    if p.ranked_time and grain and order and not by:
        made["top"] = top or 1
    elif p.ranked_time and grain and not order:
        made |= {"order": "most", "top": 1} if superlative(work) else {}
    elif order and not by and lists(work):
        made |= {"rows": p.listed or top or 1, "top": None, "order": ENDS.get(order, order), "show": "rate"}
    elif p.listing and not by and not grain and not compare and lists(work) and p.show != "count":
        made |= {"rows": p.listed or top or LISTED, "top": None, "show": "rate"}
    elif by and not order and superlative(work):
        side = work.sides[0].side
        way = work.metric.mirror_direction if side == "mirror" else work.metric.direction
        made |= {"order": "best" if way == "higher" else "most", "top": top or p.top}
    if _most_counts(work) and made.get("order", order) in ("most", "least") and "rows" not in made:
        made.setdefault("show", "count")
    return made


def _limit(work: Work, by: list[str], made: dict[str, Any]) -> None:
    """A limit on single cases, in the metric's own unit."""
    for op, minutes, hard in work.parts.limits:
        metric = work.metric
        unit = str(metric.rows.get("unit") or "none")
        if unit not in ("minutes", "hours", "days"):
            work.unused.extend(range(hard.start, hard.end))
            raise NotAskableError("no_breakdown", metric=metric.key, by="")
        if metric.kind in ("avg", "median") and by and _of_a_cell(work, hard):
            made["having"] = (Having(metric.key, op, minutes / MINUTES[unit]),)
        else:
            made["cases"] = Limit(op, minutes / MINUTES[unit])
            made |= {"show": "count"} if work.parts.show == "count" else {}


def _of_a_cell(work: Work, hard: Any) -> bool:
    """`areas with a delay over 10 minutes`: the limit is on the mean; `a delay of over 10 minutes` is on each case."""
    p = work.parts
    return p.show != "count" and not p.listing and p.scan.tokens[hard.start].norm != "of"


def _counted_next(work: Work) -> bool:
    """Whether `share of all` is followed by what the metric counts, and not by what it is taken from."""
    at, skip = work.parts.part or 0, work.parts.scan.lattice.skippable
    words = work.parts.scan.tokens
    while at < len(words) and at in skip:
        at += 1
    return at in work.core


def superlative(work: Work) -> bool:
    """`latest`, `slowest` as the metric's own word: the largest is asked for."""
    return any(
        work.parts.scan.tokens[i].text.casefold().endswith("est") and len(work.parts.scan.tokens[i].text) > 5
        for i in work.core
    )


def _most_counts(work: Work) -> bool:
    """Whether `the most late ones` is by number: `asking: {most: count}` of company.yml, and `most` was said."""
    asking = work.know.catalogue.company.get("asking") or {}
    if asking.get("most") != "count" or work.metric.kind not in ("ratio", "stock"):
        return False
    words = work.parts.scan.tokens
    said = {t.norm for _, start, end in work.parts.orders for t in words[start:end]}
    return bool(said & {"most", "fewest", "least"})


def grouped(key: str, mentions: Sequence[Mention], catalogue: Catalogue) -> str:
    """`weekends or weekdays`: the dimension of the groups when only its groups are named."""
    dimension = catalogue.dimensions.get(f"{key}_group")
    if dimension is None:
        return key
    groups = {tuple(sorted(values)) for values in dimension.groups.values()}
    said = {t.values for m in mentions for t in m.values if t.key == key}
    if any(m.dim and m.dim.key == key for m in mentions):
        said.add(tuple(sorted(dimension.groups[key])))
    return dimension.key if said == groups else key


def contrasts(
    mentions: Sequence[Mention], found: Mapping[str, list[Mention]], catalogue: Catalogue
) -> dict[str, list[Mention]]:
    """`weekends` beside `weekdays`, which is a dimension's word and the name of one of its groups."""
    made: dict[str, list[Mention]] = {}
    for key, ms in found.items():
        d = catalogue.dimensions.get(f"{key}_group")
        if d is None or key not in d.groups:
            continue
        groups = {tuple(sorted(values)) for values in d.groups.values()}
        own = [m for m in mentions if m.dim and m.dim.key == key and not m.values]
        if own and all(t.values in groups for m in ms for t in m.values if t.key == key):
            made[key] = [*ms, *own]
    return made


def all_said(work: Work, key: str) -> bool:
    """Whether naming two values asks for the whole short list of them: when the catalogue lists every value."""
    known = {v for v, _ in work.know.directory.values.get(key, ())}
    return known <= set(work.know.catalogue.dimensions[key].values)
