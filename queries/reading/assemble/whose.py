"""Whose figures are asked for: the asker, their units, the places named, and what narrows the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from queries.reach import has_level, has_unit, uppers
from queries.reading.assemble.work import NotAskableError, Place, Work, levels_of, listed
from queries.reading.mentions import Mention
from queries.reading.names import Name
from queries.reading.parts import Whose


def about_of(work: Work, names: Sequence[tuple[Mention, Name]], by: list[str]) -> tuple[list[Place], list[Place]]:
    p = work.parts
    places: list[tuple[int, str, tuple[str, ...], str]] = []
    for m, name in names:
        places.append((m.start, name.level, (name.code,), "named"))
    for w in p.whose:
        if w.kind == "level" and not _fellows(work, w):
            place = my_place(work, w)
            if place is not None:
                places.append((w.start, *place, "my"))
    whole = any(w.kind == "whole" for w in p.whose)
    places.sort()
    others = "others" in p.compare
    if places:
        places += _ours_beside(work, places, others)
        return _split_places(work, sorted(places), others, by)
    if any(w.kind == "level" and not _fellows(work, w) for w in p.whose):
        return _ours_around(work), []
    if whole and not others:
        return [], []
    if p.explain == "definition":
        return [], []
    if any(w.kind == "self" for w in p.whose) and not (listed(work, by) and not work.frontline):
        return _self(work), []
    if any(w.kind == "ours" for w in p.whose) and not whole:
        if listed(work, by) and not others:
            return _asked_of_us(work, by), []
        return _climb(work, _ours(work)), []
    if listed(work, by) and not others:
        work.assumed.append("whole")
        return [], []
    return _assumed(work), []


def _asked_of_us(work: Work, by: list[str]) -> list[Place]:
    """`how are we doing on ..., by area`: the asker's own unit, where it holds units of that level."""
    p, place = work.parts, _ours_place(work)
    hard = [h for h in p.scan.hard if h.rule and h.rule.make.get("headline")]
    asked = any(h.start <= w.start < h.end for h in hard for w in p.whose if w.kind == "ours")
    levels = [key for key in by if key in levels_of(work)]
    holds = place is not None and all(place[0] in uppers(key, work.know.catalogue) for key in levels)
    return [place] if asked and holds and place is not None else []


def _fellows(work: Work, w: Whose) -> bool:
    """`where am I among my colleagues`: the others compared with, not the unit that the asker is of."""
    return work.frontline and w.level == work.person and w.plural and "others" in work.parts.compare


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
    own = [work.viewer.login] if level == work.person and work.frontline else work.viewer.own_of(level)
    return [(ours.start, level, (code,), "named") for code in own if all(code not in x[2] for x in places)]


def _split_places(
    work: Work, places: list[tuple[int, str, tuple[str, ...], str]], others: bool, by: list[str]
) -> tuple[list[Place], list[Place]]:
    """Which places are meant, and which only narrow the others."""
    p = work.parts
    own: dict[str, set[str]] = {}
    peers: dict[str, set[str]] = {}
    if others:
        at = p.others_at or 0
        before = [x for x in places if x[0] not in p.against and (x[0] < at - 1 or _own_unit(work, x))]
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
    alone = _in_person(work) and any(w.kind == "self" for w in p.whose) and work.person not in own
    if alone and any(len(held) > 1 for held in own.values()):  # "my on time in one area vs another"
        raise NotAskableError("two_places")
    if any(n.level in own and n.code not in own[n.level] for m in p.left_out for n in m.names):  # "north minus south"
        raise NotAskableError("two_places")
    for level, held in own.items():
        if work.person not in by:
            check_place(work, level, held)
        if len(held) > 1 and level not in by and not others and not any(x[3] == "my" for x in places):
            by.append(level)
    return [(k, tuple(sorted(v))) for k, v in own.items()], [(k, tuple(sorted(v))) for k, v in peers.items()]


def _own_unit(work: Work, place: tuple[int, str, tuple[str, ...], str]) -> bool:
    """`against the others on csat, my team`: the asker's own unit does not narrow the others to itself."""
    _, level, codes, kind = place
    if work.frontline and any(w.kind == "self" for w in work.parts.whose):  # "where do i stand in the team"
        return False
    own = _ours_place(work)
    return kind == "my" and own is not None and own == (level, codes)


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


def _in_person(work: Work) -> bool:
    """Whether `I` and `my` mean the asker alone: not of work that is counted for their whole unit."""
    shared = any(work.viewer.work in metric.credited for metric in work.metrics)
    return work.frontline and not shared


def _self(work: Work) -> list[Place]:
    if _in_person(work) and work.person:
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
    if _in_person(work) and work.person:
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
