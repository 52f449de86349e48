"""Follow-ups: what is said replaces the same field of the earlier query, the rest stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from queries import periods
from queries.periods import Period
from queries.query import Filter, Having, Query, Values, filter_of
from queries.reach import uppers
from queries.reading import assemble as b
from queries.reading.mentions import Mention
from queries.reading.names import Name
from queries.reading.parts import Parts, Whose
from queries.reading.words import Side


def says_anything(p: Parts) -> bool:
    """Whether a follow-up changes any field."""
    return bool(
        p.dates or p.whose or p.named or p.values or p.left_out or p.without_self or p.by or p.levels or p.compare
        or p.orders or p.top or p.grain or p.unit_on or p.show or p.explain or p.ops or p.who or p.lift or p.headline
        or p.standard or p.invert or p.widen or p.flip or p.drop or p.readmit
    )  # fmt: skip


def sides_of(query: Query) -> tuple[Side, ...]:
    """The metrics of a query with their sides."""
    return tuple(Side(m, s) for m, s in zip(query.metrics, query.side, strict=True))


def follow(work: b.Work, names: Sequence[tuple[Mention, Name]], after: Query, new_metric: bool) -> b.Made:
    """The earlier query with what is said now.

    Raises:
        NotAskableError: a break-down or period that cannot be had.
    """
    p = work.parts
    after = _without(after, p)
    _whole_level(p)
    by = _by(work, after, new_metric)
    about, peers = _places(work, names, after, by)
    if "others" in p.compare and not p.explain:
        if not about:
            about = b.own_if_empty(work, [])
        by = [key for key in by if key not in b.levels_of(work)] + [level for level, _ in about]
    earlier = any(f.start in p.previous_at for f in p.dates)
    compare = set(p.compare) or ({"previous"} if earlier and _versus(p) and not p.also else set(after.compare))
    having = b.having_of(work, by, compare) if p.ops and not p.invert else after.having
    having = tuple(inverted(h) for h in having) if p.invert else having
    cut = p.orders[:1] and p.orders[0][0] == "best" and after.order and "so many" in p.rules
    order = b.order_of(work, by)[0] if p.orders and not cut else after.order
    top = p.top or after.top
    order = FLIPPED.get(order or "", order) if p.flip else order
    if order == "most_improved":
        compare.add("previous")
    period, previous = _period(work, after, about, by, compare)
    replaced = bool(p.compare) and "previous" not in compare and not earlier and not p.unit_on and not p.also
    previous = None if replaced else previous
    if previous is not None:
        compare.add("previous")
    explain, target = b.explain_of(work) if p.explain else (after.explain, after.target)
    query = b.query_of(
        work, about, peers, compare, previous, show=_show(work, after, new_metric), by=tuple(by),
        where=_where(work, after, by), period=period, grain=b.grain_of(work, period) or after.grain, order=order,
        top=top, target=target, explain=explain,
        having=tuple(h for h in having if h.metric in {s.metric for s in work.sides}),
    )  # fmt: skip
    made = b.finished(work, query)
    for place, values in query.about:
        if work.person not in by:
            b.check_place(work, place, values.values)
    return made


GIVEN_UP: dict[str, dict[str, Any]] = {
    "compare": {"compare": (), "previous": None, "peers": ()}, "by": {"by": ()}, "where": {"where": ()},
    "order": {"order": None, "top": None}, "grain": {"grain": None},
}  # fmt: skip


def _without(after: Query, p: Parts) -> Query:
    """The earlier query without the fields that are given up, and with the units that are let in again."""
    for name in p.drop:
        after = after.with_(**GIVEN_UP[name])
    back = {(n.level, n.code) for m in p.readmit for n in m.names}
    left = {
        key: Values.of(*(v for v in held.values if not held.exclude or (key, v) not in back), exclude=held.exclude)
        for key, held in after.where
    }
    return after.with_(where=filter_of({key: values for key, values in left.items() if values.values}))


OTHER_ENDS = {
    "meets_standard": "misses_standard", "misses_standard": "meets_standard",
    ">": "<=", "<=": ">", ">=": "<", "<": ">=",
}  # fmt: skip


FLIPPED = {"best": "room_to_grow", "room_to_grow": "best", "most": "least", "least": "most"}


def inverted(h: Having) -> Having:
    """The threshold that those meet who did not meet this one."""
    return replace(h, op=OTHER_ENDS[h.op])


def _whole_level(p: Parts) -> None:
    """`and for the region`: the asker's own."""
    for m, term in list(p.levels):
        near = [t.norm for t in p.scan.tokens[max(0, m.start - 2) : m.start]]
        the = near[1:] == ["the"] and near[0] in ("for", "in", "of", "across", "about", "and")
        if not term.plural and (the or near[1:] in (["whole"], ["entire"])):
            p.levels.remove((m, term))
            p.whose.append(Whose("level", m.start - 1, m.end, term.key))


def _by(work: b.Work, after: Query, new_metric: bool) -> list[str]:
    p = work.parts
    said = bool(p.by or p.levels or p.who or any(b.my_list(work, w) for w in p.whose if w.kind == "level"))
    found = b.by_of(work)
    over = {m.over for m in work.metrics}
    if said or [key for key in found if key not in over]:
        if p.also and not new_metric:
            found = list(dict.fromkeys([*after.by, *found]))
        return found
    kept = list(after.by)
    if new_metric:
        for key in kept:
            b.check_by(work, key)
    return kept


def _places(
    work: b.Work, names: Sequence[tuple[Mention, Name]], after: Query, by: list[str]
) -> tuple[list[b.Place], list[b.Place]]:
    p = work.parts
    kept = [(level, values.values) for level, values in after.about]
    kept_peers = [] if p.widen else [(level, values.values) for level, values in after.peers]
    if not names and not p.whose:
        return kept, kept_peers
    if "others" in {*after.compare, *p.compare} and kept and not _own_words(p) and _behind(p, names):
        places: list[b.Place] = [(n.level, (n.code,)) for _, n in names]
        places += [x for w in p.whose if w.kind == "level" and (x := b.my_place(work, w)) is not None]
        wider = [x for x in places if x[0] not in dict(kept) and x[0] in uppers(kept[0][0], work.know.catalogue)]
        if wider and len(wider) == len(places):
            return kept, wider
    about, peers = b.about_of(work, names, by)
    if not about and any(w.kind in ("self", "ours") for w in p.whose) and not any(w.kind == "whole" for w in p.whose):
        about = b.own_if_empty(work, [])
    if p.compare & {"others"} and not about:
        about = kept
    return about, peers or ([] if "others" in p.compare else kept_peers)


def _behind(p: Parts, names: Sequence[tuple[Mention, Name]]) -> bool:
    """`vs teams in my region`: every place stands after the others, whom it narrows."""
    at = (p.others_at or 0) if "others" in p.compare else 0
    starts = (*(m.start for m, _ in names), *(w.start for w in p.whose))
    return all(start in p.against or start >= at - 1 for start in starts)


def _own_words(p: Parts) -> bool:
    return any(w.kind in ("self", "ours", "whole") for w in p.whose)


def _where(work: b.Work, after: Query, by: list[str]) -> Filter:
    kept, out = b.where_of(work, by)
    merged = {key: values for key, values in after.where if key not in work.parts.lift}
    for key, values in {**kept, **out}.items():
        merged[key] = values
    allowed = b.allowed_of(work) | b.levels_of(work)
    return filter_of({key: values for key, values in merged.items() if key in allowed})


def _show(work: b.Work, after: Query, new_metric: bool) -> str:
    if work.parts.show:
        return b.show_of(work)
    if new_metric:
        return "rate"
    return after.show


def _period(
    work: b.Work, after: Query, about: list[b.Place], by: list[str], compare: set[str]
) -> tuple[Period | None, Period | None]:
    p, calendar = work.parts, work.know.calendar
    b.check_dates(p)
    main = [f for f in p.dates if f.start not in p.previous_at]
    earlier = [f for f in p.dates if f.start in p.previous_at]
    old = after.period
    if old is None:
        return b.period_of(work, about, by, compare, after.explain)
    unit, count = periods.shape(old, work.today, calendar)
    if main and main[0].period is not None:
        period, previous = b.period_of(work, about, by, compare, None)
        if not earlier and period is not None and "previous" in compare and _yearly(after, unit, count):
            previous = periods.year_ago(period, main[0].unit)
            work.assumed[:] = [code for code in work.assumed if code != "previous"]
        return period, previous
    if earlier:
        earlier = b.steps_of(earlier, work.pick)
        if earlier[0].relative == "before" and not p.compare and not _versus(p):  # "and the week before?"
            period = b.previous_of(work, old, unit, count, earlier)
            if after.previous is None:
                return period, None
            yearly = _yearly(after, unit, count)
            return period, periods.year_ago(period, unit) if yearly else b.previous_of(work, period, unit, count, [])
        return old, b.previous_of(work, old, unit, count, earlier)
    if "previous" in p.compare or p.unit_on or ("previous" in compare and after.previous is None):
        return old, b.previous_of(work, old, unit, count, [])
    return old, after.previous


def _yearly(after: Query, unit: str, count: int) -> bool:
    """Whether the earlier question compared with the same time a year before."""
    old, then = after.period, after.previous
    if old is None or then is None or then == periods.before(old, unit, count):
        return False
    return then in (periods.year_ago(old, unit), periods.year_ago(old, "day"))


def _versus(p: Parts) -> bool:
    return any(e.name == "{vs}" for edges in p.scan.lattice.edges.values() for e in edges)
