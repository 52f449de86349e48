"""From the parts of a question and the metric it is about to a query: whose, cut how, when, compared with what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from queries import extras, periods
from queries.catalogue import Metric
from queries.dates import Found
from queries.names import Name
from queries.parts import Parts, Whose
from queries.periods import Period
from queries.query import Having, Query, Values, filter_of
from queries.reach import default_period, dimensions_of, has_level, has_unit, uppers
from queries.scan import Hard, Knowledge, Mention
from queries.viewer import Viewer
from queries.words import Side, Term

Place = tuple[str, tuple[str, ...]]


class NotAskableError(Exception):
    """The question is understood and cannot be answered this way: `kind` and the words for the reason."""

    def __init__(self, kind: str, **values: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.values = values


@dataclass
class Made:
    """A query being made; `assumed` tells what was not said."""

    query: Query
    assumed: list[str] = field(default_factory=list)
    unused: list[int] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    """Why another reading exists."""


@dataclass
class Work:
    """Everything at hand while one query is made."""

    parts: Parts
    sides: tuple[Side, ...]
    know: Knowledge
    viewer: Viewer
    today: date
    core: frozenset[int]
    covers: frozenset[int] = frozenset()
    framed: bool = False
    pick: int = 0
    """Which of several periods said is tried."""
    places: tuple[tuple[Side, frozenset[int]], ...] = ()
    assumed: list[str] = field(default_factory=list)
    unused: list[int] = field(default_factory=list)

    @property
    def metric(self) -> Metric:
        return self.know.catalogue.metrics[self.sides[0].metric]

    @property
    def metrics(self) -> list[Metric]:
        return [self.know.catalogue.metrics[s.metric] for s in self.sides]

    @property
    def role(self) -> dict[str, Any]:
        return dict(self.know.catalogue.company["roles"].get(self.viewer.role) or {})

    @property
    def person(self) -> str | None:
        return self.know.catalogue.person_level

    @property
    def frontline(self) -> bool:
        return self.person is not None and self.role.get("assumes") == self.person


def build(work: Work, names: Sequence[tuple[Mention, Name]]) -> Made:
    """The query; `names`: the reading of each name mention that is tried.

    Raises:
        NotAskableError: a break-down or period that cannot be had.
    """
    p = work.parts
    by = by_of(work)
    where, excluded = where_of(work, by)
    about, peers = about_of(work, names, by)
    if "others" in p.compare and not p.explain:
        about = own_if_empty(work, about)
        for level, _ in about:
            if level not in by:
                by = [b for b in by if b not in levels_of(work)] + [level]
    explain, target = explain_of(work)
    compare = set(p.compare)
    having = having_of(work, by, compare)
    order, top = order_of(work, by)
    if order == "most_improved":
        compare.add("previous")
    period, previous = period_of(work, about, by, compare, explain)
    if previous is not None:
        compare.add("previous")
    grain = grain_of(work, period)
    show = show_of(work)
    more = extras.more_of(work, by, compare, order, top, grain)
    query = Query(
        metrics=tuple(s.metric for s in work.sides),
        side=tuple(s.side for s in work.sides),
        show=show,
        about=filter_of({level: Values.of(*codes) for level, codes in about}),
        by=tuple(by),
        where=filter_of({**where, **excluded}),
        period=period,
        grain=grain,
        compare=tuple(compare),
        previous=previous if "previous" in compare else None,
        order=order,
        top=top,
        peers=filter_of({level: Values.of(*codes) for level, codes in peers}) if "others" in compare else (),
        target=target,
        having=having,
        explain=explain,
    )
    return Made(query.with_(**more), list(work.assumed), list(work.unused))


def levels_of(work: Work) -> set[str]:
    return {level.key for level in work.know.catalogue.levels}


# --- break-downs ---------------------------------------------------------------------------------------------


def by_of(work: Work) -> list[str]:
    p, found = work.parts, [t.key for t in work.parts.by]
    person = work.person
    mine = [w for w in p.whose if w.kind == "level"]
    for m, term in p.levels:
        if set(range(m.start, m.end)) <= work.core or term.key == work.know.catalogue.whole:
            continue
        ordered = any(e == m.start or s == m.end or e == m.start - 1 for _, s, e in p.orders)
        if term.key == person:
            if ordered or (p.ops and not mine) or (p.orders and term.plural) or (p.headline is False and p.top):
                found.append(term.key)
        elif term.plural or ordered or p.top or extras.superlative(work):
            found.append(term.key)
    for w in mine:
        if my_list(work, w):
            found.append(w.level)
    if p.who and person and not found:
        found.append(person)
    for m in p.scan.mentions:
        dim = m.dim
        here = set(range(m.start, m.end))
        free = not here & (p.scan.settled | p.held | work.core) and not (here <= work.covers and not p.orders)
        meant = bool(dim and (dim.plural or p.orders or p.top or extras.superlative(work)))
        if dim and free and not m.values and meant:
            found.append(dim.key)
    found += _values_compared(work)
    found = [key for key in found if f"{key}_group" not in found]
    for metric in work.metrics:
        held = any(metric.over in _dims(m) for m, _ in p.values)
        if metric.over and metric.over not in found and not held and not p.explain:
            found.append(metric.over)
    out = list(dict.fromkeys(found))
    for key in out:
        check_by(work, key)
    return out


def my_list(work: Work, w: Whose) -> bool:
    """`my agents`, `which of my teams`: a list of the asker's own, not `my teams late arrivals`."""
    if w.level == work.person:
        p = work.parts
        marked = bool(p.orders or p.ops or p.by or p.top) or bool({"which", "ranked"} & set(p.rules)) or p.who
        return marked and not work.frontline
    if not w.plural or "others" in work.parts.compare:
        return False
    covers = work.viewer.covers
    single = covers[0] == w.level and len(covers[1]) < 2
    return not work.frontline and not single


def _dims(m: Mention) -> set[str]:
    return {t.key for t in m.values}


def _values_compared(work: Work) -> list[str]:
    """`chat vs email`, `compare installs and repairs`: two values of one dimension."""
    p = work.parts
    words = p.scan.tokens
    joined = any(t.norm in ("vs", "versus", "against", "than", "or") for t in words) or any(
        t.norm in ("compare", "comparison", "comparing", "difference", "between", "compared") for t in words
    )
    found: dict[str, list[Mention]] = {}
    for m in _free_values(work):
        for key in sorted(_dims(m) & allowed_of(work)):
            found.setdefault(key, []).append(m)
    found.update(extras.contrasts(work.parts.scan.mentions, found, work.know.catalogue))
    several = {key: ms for key, ms in sorted(found.items()) if len({m.start for m in ms}) > 1 and joined}
    return [extras.grouped(key, ms, work.know.catalogue) for key, ms in several.items()]


def allowed_of(work: Work) -> frozenset[str]:
    out = dimensions_of(work.metric, work.know.catalogue)
    for m in work.metrics[1:]:
        out &= dimensions_of(m, work.know.catalogue)
    return out


def check_by(work: Work, key: str) -> None:
    for metric in work.metrics:
        if work.know.catalogue.level(key) is not None:
            if not has_level(metric, key, work.know.catalogue) and not (key == work.person):
                raise NotAskableError("no_breakdown", metric=metric.key, by=key)
        elif key not in dimensions_of(metric, work.know.catalogue):
            raise NotAskableError("no_breakdown", metric=metric.key, by=key)


# --- restrictions --------------------------------------------------------------------------------------------


def _free_values(work: Work) -> list[Mention]:
    """Value mentions not settled by grammar and not part of what names the metric, longest first."""
    p = work.parts
    out: list[Mention] = []
    taken: set[int] = set()
    for m in p.scan.mentions:
        here = set(range(m.start, m.end))
        if here & (p.scan.settled | p.held | taken):
            continue
        if not m.values:
            taken |= here if len(here) > 1 and m.dim else set()
            continue
        if here <= work.core or here & work.core:
            continue
        out.append(m)
        taken |= here
    return out


def where_of(work: Work, by: list[str]) -> tuple[dict[str, Values], dict[str, Values]]:
    p = work.parts
    kept: dict[str, set[str]] = {}
    dropped: dict[str, set[str]] = {}
    ruled_keys: set[str] = set()
    compared = set(_values_compared(work))
    said = [(m, out, True) for m, out in p.values] + [(m, False, False) for m in _free_values(work)]
    for m, left_out, ruled in said:
        if not ruled and _subject_only(work, m):
            continue
        key, values = _value(work, m, by)
        if (key in compared and extras.all_said(work, key)) or f"{key}_group" in compared:
            continue
        if ruled:
            ruled_keys.add(key)
        (dropped if left_out else kept).setdefault(key, set()).update(values)
    for f in p.dates:
        if f.part:
            key = _part_key(work)
            if key:
                kept.setdefault(key, set()).add(f.part)
    where = {k: Values.of(*v) for k, v in kept.items() if k in ruled_keys or not _says_nothing(work, k, v)}
    out = {k: Values.of(*v, exclude=True) for k, v in dropped.items() if k not in where}
    for m in p.left_out:
        name = min(m.names)
        out[name.level] = Values.of(name.code, *(out[name.level].values if name.level in out else ()), exclude=True)
    if p.without_self and work.person:
        out[work.person] = Values.of(work.viewer.login, exclude=True)
    return where, out


def _part_key(work: Work) -> str:
    return next((k for k, d in work.know.catalogue.dimensions.items() if d.hours), "")


def _subject_only(work: Work, m: Mention) -> bool:
    """A word that only names what the metric is about: calls of an abandonment rate."""
    if not set(range(m.start, m.end)) <= work.covers:
        return False
    at = m.start - 1
    words = work.parts.scan.tokens
    while at >= 0 and words[at].norm in ("the", "our", "my", "all"):
        at -= 1
    return at < 0 or words[at].norm not in ("on", "by", "via", "over", "through", "for", "only", "just")


def _value(work: Work, m: Mention, by: list[str]) -> tuple[str, tuple[str, ...]]:
    allowed = allowed_of(work)
    fitting = [t for t in m.values if t.key in allowed]
    if not fitting:
        raise NotAskableError("no_breakdown", metric=work.metric.key, by=m.values[0].key)
    keys = list(dict.fromkeys(t.key for t in fitting))
    if len(keys) > 1:
        order = list(work.metric.dimensions)
        keys.sort(key=lambda k: (k not in by, order.index(k) if k in order else 99))
    key = keys[0]
    return key, tuple(v for t in fitting if t.key == key for v in t.values)


def _says_nothing(work: Work, key: str, values: set[str]) -> bool:
    """A restriction that the metric's own definition holds already."""
    for metric in work.metrics:
        implied = (metric.raw.get("words") or {}).get("implies") or {}
        if key in implied and set(implied[key]) <= values:
            continue
        d = work.know.catalogue.dimensions.get(key)
        if (
            d
            and metric.feeds
            and set(metric.feeds) <= set(d.values)
            and set(metric.feeds) <= values | _same_work(work, values)
        ):
            continue
        return False
    return True


def _same_work(work: Work, values: set[str]) -> set[str]:
    return set()


# --- whose -----------------------------------------------------------------------------------------------------


def about_of(work: Work, names: Sequence[tuple[Mention, Name]], by: list[str]) -> tuple[list[Place], list[Place]]:
    p = work.parts
    places: list[tuple[int, str, tuple[str, ...], str]] = []
    for m, name in names:
        places.append((m.start, name.level, (name.code,), "named"))
    for w in p.whose:
        if w.kind == "level":
            place = my_place(work, w)
            if place is not None:
                places.append((w.start, *place, "my"))
    whole = any(w.kind == "whole" for w in p.whose)
    places.sort()
    others = "others" in p.compare
    if places:
        places += _ours_beside(work, places, others)
        return _split_places(work, sorted(places), others, by)
    if any(w.kind == "level" for w in p.whose):
        return _ours_around(work), []
    if whole and not others:
        return [], []
    if p.explain == "definition":
        return [], []
    if any(w.kind == "self" for w in p.whose) and not (_listed(work, by) and not work.frontline):
        return _self(work), []
    if any(w.kind == "ours" for w in p.whose) and not whole:
        if _listed(work, by) and not others:
            return [], []
        return _climb(work, _ours(work)), []
    if _listed(work, by) and not others:
        work.assumed.append("whole")
        return [], []
    return _assumed(work), []


def _ours_beside(
    work: Work, places: list[tuple[int, str, tuple[str, ...], str]], others: bool
) -> list[tuple[int, str, tuple[str, ...], str]]:
    """`our lateness against Bay's`: the asker's own unit stands beside the one that is named."""
    p, levels = work.parts, {level for _, level, _, kind in places if kind == "named"}
    words = {t.norm for t in p.scan.tokens}
    against = words & {"vs", "versus", "against", "compare", "compared", "comparing", "than", "with"}
    ours = next((w for w in p.whose if w.kind in ("ours", "self")), None)
    if others or ours is None or len(levels) != 1 or not against or any(x[3] == "my" for x in places):
        return []
    level = next(iter(levels))
    own = [code for code in work.viewer.own_of(level) if all(code not in x[2] for x in places)]
    return [(ours.start, level, (code,), "named") for code in own] if level != work.person else []


def _listed(work: Work, by: list[str]) -> bool:
    return any(key in levels_of(work) for key in by)


def _split_places(
    work: Work, places: list[tuple[int, str, tuple[str, ...], str]], others: bool, by: list[str]
) -> tuple[list[Place], list[Place]]:
    """Which places are meant, and which only narrow the others."""
    p = work.parts
    own: dict[str, set[str]] = {}
    peers: dict[str, set[str]] = {}
    if others:
        at = p.others_at or 0
        before = [x for x in places if x[0] < at - 1]
        after = [x for x in places if x not in before]
        weak = any(w.kind in ("self", "ours") for w in p.whose)
        if not before and weak:
            own_about = _self(work) if any(w.kind == "self" for w in p.whose) else _climb(work, _ours(work))
            for at_level, at_codes in own_about:
                own.setdefault(at_level, set()).update(at_codes)
            before = []
        elif not before:
            before, after = after[:1], after[1:]
        for _, level, codes, _ in after:
            peers.setdefault(level, set()).update(codes)
        places = before
    for _, level, codes, _ in places:
        own.setdefault(level, set()).update(codes)
    levels = list(own)
    if len(levels) > 1:
        order = [level.key for level in work.know.catalogue.levels]
        lowest = min(levels, key=order.index)
        for level in levels:
            if level != lowest:
                if others and level in uppers(lowest, work.know.catalogue):
                    peers.setdefault(level, set()).update(own[level])
                elif not _contains(work, lowest, own[lowest], level, own[level]):
                    raise NotAskableError("two_places")
                del own[level]
    for level, held in own.items():
        if work.person not in by:
            check_place(work, level, held)
        if len(held) > 1 and level not in by and not others and not any(x[3] == "my" for x in places):
            by.append(level)
    return [(k, tuple(sorted(v))) for k, v in own.items()], [(k, tuple(sorted(v))) for k, v in peers.items()]


def _contains(work: Work, level: str, codes: Iterable[str], upper: str, upper_codes: set[str]) -> bool:
    d = work.know.directory
    for code in codes:
        start = (level, code)
        if level == work.person and code in d.people:
            start = (d.people[code].unit_level, d.people[code].unit)
        unit = d.units.get(start)
        inside = {start[1], *unit.within.values()} if unit else set()
        if not inside & upper_codes:
            return False
    return True


def check_place(work: Work, level: str, codes: Iterable[str]) -> None:
    for metric in work.metrics:
        if level == work.person:
            continue
        for code in codes:
            if not has_unit(metric, level, code, work.know.catalogue, work.know.directory):
                raise NotAskableError("no_unit", metric=metric.key, level=level, code=code)


def my_place(work: Work, w: Whose) -> Place | None:
    """The asker's own units of a level; None for everything."""
    level, covers = w.level, work.viewer.covers
    if level == work.person:
        if work.frontline:
            return _ours_place(work)
        return _ours_place(work)
    if covers[0] == level and covers[1]:
        return (level, covers[1])
    if w.plural and not work.frontline:
        return _ours_place(work)
    own = work.viewer.own_of(level)
    order = [x.key for x in work.know.catalogue.levels]
    if own and (work.frontline or (covers[0] in order and order.index(level) >= order.index(covers[0]))):
        return (level, own)
    return _ours_place(work)


def _ours_around(work: Work) -> list[Place]:
    """`our planes`: those of the unit that the asker covers or works in, when it holds units of that level."""
    place = _ours_place(work)
    lower = {w.level for w in work.parts.whose if w.kind == "level"}
    if place and all(place[0] in uppers(level, work.know.catalogue) for level in lower):
        return [place]
    return []


def _ours_place(work: Work) -> Place | None:
    covers = work.viewer.covers
    if work.frontline:
        low = work.know.catalogue.levels[0]
        for level in low.within[:1]:
            own = work.viewer.own_of(level)
            if own:
                return (level, own)
        return None
    if covers[0] and covers[0] != work.know.catalogue.whole and covers[1]:
        return covers
    return None


def _ours(work: Work) -> list[Place]:
    place = _ours_place(work)
    return [place] if place else []


def _self(work: Work) -> list[Place]:
    if work.frontline and work.person:
        for metric in work.metrics:
            if metric.feeds and work.viewer.work and work.viewer.work not in metric.feeds:
                raise NotAskableError("not_your_work", metric=metric.key)
        return [(work.person, (work.viewer.login,))]
    place = _ours_place(work)
    if place:
        work.assumed.append("ours")
    return _climb(work, [place] if place else [])


def _assumed(work: Work) -> list[Place]:
    """Nobody named: what the role assumes, or the nearest level above that can have the metric."""
    if work.frontline and work.person:
        fits = all(
            (not m.feeds or work.viewer.work in m.feeds)
            and has_level(m, work.person, work.know.catalogue)
            and bool(m.feeds)
            for m in work.metrics
        )
        if fits:
            work.assumed.append("self")
            return [(work.person, (work.viewer.login,))]
        return _climb(work, _ours(work), assumed=True)
    place = _ours_place(work)
    if place is None:
        work.assumed.append("whole")
        return []
    work.assumed.append("ours")
    return _climb(work, [place], assumed=True)


def _climb(work: Work, places: list[Place], assumed: bool = False) -> list[Place]:
    """The same place, or the nearest one above it that can have every metric asked."""
    catalogue, directory = work.know.catalogue, work.know.directory
    if not places:
        return places
    level, codes = places[0]
    order = [x.key for x in catalogue.levels[:-1]]
    if level not in order:
        return places
    tried = {level: set(codes)}
    for up in order[order.index(level) :]:
        if up != level:
            found = {u.within[up] for c in codes if (u := directory.units.get((level, c))) and up in u.within}
            if not found:
                continue
            tried[up] = found
        if all(has_unit(m, up, c, catalogue, directory) for m in work.metrics for c in tried[up]):
            if up != level:
                work.assumed.append("climbed:" + up)
            return [(up, tuple(sorted(tried[up])))]
    work.assumed.append("whole")
    return []


def own_if_empty(work: Work, about: list[Place]) -> list[Place]:
    if about:
        return about
    return _assumed(work) if work.role.get("assumes") != work.know.catalogue.whole else []


# --- how shown -----------------------------------------------------------------------------------------------------


def explain_of(work: Work) -> tuple[str | None, Any]:
    p = work.parts
    explain = p.explain or None
    target = p.target if explain == "next_step" else None
    if explain == "next_step" and target is None and (p.compare & {"standard"} or p.ops):
        target = "standard"
    if explain == "next_step":
        p.compare.discard("standard")
    if p.target and explain is None and not p.orders:
        pass
    return explain, target


def having_of(work: Work, by: list[str], compare: set[str]) -> tuple[Having, ...]:
    p = work.parts
    out = []
    if p.explain:
        return ()
    for op, value, hard in p.ops:
        side = _nearest_side(work, hard.start)
        metric = work.know.catalogue.metrics[side.metric]
        if op.endswith("_standard"):
            if not by:
                compare.add("standard")
                continue
            out.append(Having(metric.key, _standard_op(op, metric, side), None))
        elif value is not None:
            scaled = _scaled(work, metric, value, hard.end, hard.start)
            if not by and not _of_this_unit(work, metric, hard):
                raise NotAskableError("unknown_words", words=_quoted(work, hard))
            out.append(Having(metric.key, op, scaled))
    return tuple(out)


def _of_this_unit(work: Work, metric: Metric, hard: Hard) -> bool:
    """Whether a number without a list beside it can be the metric's own: said in percent, or in its unit."""
    words = work.parts.scan.tokens
    near = {t.norm for t in words[hard.start : hard.end + 2]}
    if metric.kind in ("ratio", "stock", "share"):
        return bool(near & {"%", "percent"}) or hard.end in work.core or work.parts.show == "count"
    return True


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

    def nearness(place: tuple[Side, frozenset[int]]) -> tuple[int, int]:
        near = [i for i in place[1] if at - 5 < i < at]
        return min((abs(i - at) for i in place[1]), default=999), -len(near)

    return min(work.places, key=nearness)[0]


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
        return None, None
    own = [] if work.metric.over or work.framed else [x for x in p.orders if set(range(x[1], x[2])) <= work.core]
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
    metric = work.metric
    direction = metric.direction if work.sides[0].side == "metric" else metric.mirror_direction
    if order in ("best",) and direction == "context":
        order = "most"
    return order, p.top


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


# --- when ------------------------------------------------------------------------------------------------------------


def check_dates(p: Parts) -> None:
    """Raises NotAskableError for the future and for days that do not exist."""
    for f in p.dates:
        if f.problem:
            raise NotAskableError(f.problem)


def period_of(
    work: Work, about: list[Place], by: list[str], compare: set[str], explain: str | None
) -> tuple[Period | None, Period | None]:
    p, calendar = work.parts, work.know.calendar
    check_dates(p)
    main = [f for f in p.dates if f.start not in p.previous_at]
    earlier = [f for f in p.dates if f.start in p.previous_at]
    if len(main) == 2 and main[0].part and main[0].period == main[1].period:
        main = main[:1]
    if len(main) > 1 and not earlier:
        main, earlier = _two(work, main)
    if len(earlier) > 1:
        earlier = [earlier[min(work.pick, len(earlier) - 1)]]
    if len(main) > 1:
        main = [main[min(work.pick, len(main) - 1)]]
    if main and earlier and earlier[0].period and main[0].period and earlier[0].period.start > main[0].period.start:
        main, earlier = earlier, main
    if main and main[0].relative == "year":
        if len(p.dates) == 1 and main[0].end - main[0].start == 3 and not p.compare:
            main = [replace(main[0], period=periods.whole("year", work.today, calendar, back=1), relative="")]
        else:
            main, earlier = [], main
    if explain == "definition" and not main:
        return None, None
    if main:
        period, unit, count = main[0].period, main[0].unit, main[0].count
        if main[0].note == "few":
            work.assumed.append("few")
        assert period is not None
    elif earlier or p.unit_on:
        unit = p.unit_on or (earlier[0].unit if earlier[0].period or earlier[0].relative == "before" else "") or ""
        if unit:
            count = earlier[0].count if earlier else 1
            period = periods.to_date(unit, work.today, calendar)
            if earlier and count > 1:
                period = periods.rolling(unit, count, work.today)
            work.assumed.append("period:running")
        else:
            period, unit, count = _default(work, about, by)
    else:
        period, unit, count = _default(work, about, by)
    if (
        "previous" not in compare
        and not earlier
        and not p.unit_on
        and not (p.orders and p.orders[0][0] == "most_improved")
    ):
        return period, None
    return period, previous_of(work, period, unit, count, earlier)


def _two(work: Work, main: list[Found]) -> tuple[list[Found], list[Found]]:
    ordered = sorted(main, key=lambda f: f.period.start if f.period else work.today)
    if len(ordered) == 2:
        words = {t.norm for t in work.parts.scan.tokens}
        if words & {
            "compare",
            "comparison",
            "comparing",
            "between",
            "compared",
            "difference",
            "from",
            "to",
            "or",
            "and",
        }:
            return ordered[1:], ordered[:1]
    return main, []


def _default(work: Work, about: list[Place], by: list[str]) -> tuple[Period, str, int]:
    catalogue = work.know.catalogue
    level = about[0][0] if about else catalogue.whole
    if work.person in by:
        level = str(work.person)
    elif not about:
        level = next((b for b in by if b in levels_of(work)), level)
    period, name = default_period(work.metric, level, work.today, catalogue)
    work.assumed.append("period:" + name)
    if name.startswith("rolling"):
        return period, "day", period.days
    unit, count = periods.shape(period, work.today, work.know.calendar)
    return period, unit, count


def previous_of(work: Work, period: Period, unit: str, count: int, earlier: list[Found]) -> Period:
    if not earlier:
        work.assumed.append("previous")
        return periods.before(period, unit, count) if unit != "day" else periods.before(period, "day", period.days)
    f = earlier[0]
    if f.relative == "year":
        return periods.year_ago(period, unit)
    if f.relative == "before":
        return periods.before(period, unit, count) if unit != "day" else periods.before(period, "day", period.days)
    assert f.period is not None
    return periods.like(period, f.period, unit) if f.unit == unit and f.count == 1 and count == 1 else f.period


def grain_of(work: Work, period: Period | None) -> str | None:
    grain = work.parts.grain
    if not grain or period is None:
        return None
    if grain != "auto":
        return grain
    return "day" if period.days <= 31 else "week" if period.days <= 26 * 7 else "month"


def term_of(by: str, terms: Iterable[Term]) -> Term | None:
    """The term that named a break-down."""
    return next((t for t in terms if t.key == by), None)
