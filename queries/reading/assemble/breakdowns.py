"""What the figures are broken down by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from queries.reach import dimensions_of, has_level
from queries.reading.assemble import extras
from queries.reading.assemble.work import NotAskableError, Work, allowed_of, dims_of, free_values
from queries.reading.english import english
from queries.reading.fitting import AROUND
from queries.reading.mentions import Mention
from queries.reading.parts import Whose

CONTRASTING = frozenset(
    ("vs", "versus", "against", "than", "or", "compare", "comparison", "comparing", "difference", "between", "compared")
)
CUT_BY = frozenset(("by", "per", "into"))
HAVING = frozenset(("with", "having", "has", "have", "had", "where", "that", "at", "for", "on"))


def by_of(work: Work) -> list[str]:
    p, found = work.parts, [t.key for t in work.parts.by if not _own_list(work, t.key)]
    person = work.person
    mine = [w for w in p.whose if w.kind == "level"]
    for m, term in p.levels:
        counted, which = bool(p.orders) and _counted(work, m), _which(work, m)
        ordered = counted or _ordered(work, m)
        framed = (work.framed or counted) and ordered and term.plural
        led = bool(p.ops) and term.plural and _leads(work, m)
        inside = set(range(m.start, m.end)) <= work.core and not framed and not led
        part = not (ordered or led or which or p.top) and _in_value(m, _beside_metric(work))
        if inside or part or _elsewhere(work, m) or term.key == work.know.catalogue.whole:
            continue
        if term.key == person:
            if "which" in p.rules and p.by and p.by[0].key != person and not p.top:
                continue
            listed = p.orders and (term.plural or which)
            if ordered or listed or (p.ops and not mine) or (p.headline is False and p.top):
                found.append(term.key)
        elif term.plural and p.by and work.know.catalogue.level(p.by[0].key) and not ordered:
            continue
        elif term.plural or ordered or p.top or extras.superlative(work):
            found.append(term.key)
    for w in mine:
        if my_list(work, w):
            found.append(w.level)
    if p.who and person and not found:
        found.append(person)
    if not found and p.orders and p.top and _inside_unit(work):
        found.append(str(person))
    for m in p.scan.mentions:
        dim = m.dim
        here = set(range(m.start, m.end))
        free = not here & (p.scan.settled | p.held | work.core) and not (here <= work.covers and (p.by or not p.orders))
        free = (free or _asked(work, m)) and not _in_value(m, p.scan.mentions)
        meant = bool(dim and (dim.plural or p.orders or p.top or extras.superlative(work) or _asked(work, m)))
        if dim and free and not m.values and meant:
            found.append(dim.key)
    found += values_compared(work)
    said = {t.key for t in p.by}
    found = [key for key in found if key in said or f"{key}_group" not in found]
    for metric in work.metrics:
        held = any(metric.over in dims_of(m) for m, _ in p.values)
        if metric.over and metric.over not in found and not held and not p.explain:
            found.append(metric.over)
    out = list(dict.fromkeys(found))
    for key in out:
        check_by(work, key)
    return out


def _own_list(work: Work, key: str) -> bool:
    """`contact reasons` of what contacts are about: the metric's own list by another dimension's word."""
    said = (m for m in work.parts.scan.mentions if m.dim and m.dim.key == key)
    own = any(set(range(m.start, m.end)) <= work.core for m in said)
    return own and bool(work.metric.over) and key not in allowed_of(work)


def _beside_metric(work: Work) -> Iterator[Mention]:
    return (m for m in work.parts.scan.mentions if work.core.isdisjoint(range(m.start, m.end)))


def _in_value(m: Mention, mentions: Iterable[Mention]) -> bool:
    """`on weekdays`: the dimension's word in the words of a value."""
    here = m.end - m.start
    return any(v.values and v.start <= m.start and m.end <= v.end and v.end - v.start > here for v in mentions)


def _which(work: Work, m: Mention) -> bool:
    return m.start > 0 and work.parts.scan.tokens[m.start - 1].norm == "which"


def _counted(work: Work, m: Mention) -> bool:
    """`5 teams`, `top 5 care teams`: the number of the order stands before a level and its kind."""
    p, at = work.parts, m.start
    while kind := next((v for v in p.scan.mentions if v.values and v.end == at), None):
        at = kind.start
    return at - 1 in p.held and p.scan.tokens[at - 1].number == p.top is not None


def _ordered(work: Work, m: Mention) -> bool:
    """Whether an order stands beside a level: `best teams`, `teams with the fewest`."""
    words = work.parts.scan.tokens
    after = m.end + 1 if m.end < len(words) and words[m.end].norm in HAVING else m.end
    return any(e == m.start or s in (m.end, after) or e == m.start - 1 for _, s, e in work.parts.orders)


def _elsewhere(work: Work, m: Mention) -> bool:
    """`passed on to other teams`: a place, no list."""
    near = [t.norm for t in work.parts.scan.tokens[max(0, m.start - 2) : m.start]]
    return len(near) == 2 and near[0] in AROUND and near[1] in ("other", "another", "different")


def _asked(work: Work, m: Mention) -> bool:
    """`which themes keep coming back`, `the 3 most common repeat issues`: asked for, though the metric's own words."""
    words = work.parts.scan.tokens
    ends = [end for _, _, end in work.parts.orders if work.parts.top and end <= m.start]
    led = any(set(range(end, m.end)) <= work.core for end in ends)
    which = bool(m.start) and words[m.start - 1].norm == "which"
    return bool(m.dim and (which or (led and m.dim.plural)))


def asks_which(work: Work) -> bool:
    """`which supplier holds us up most`: a list is asked for by words that are the metric's own."""
    return any(m.dim and _asked(work, m) for m in work.parts.scan.mentions)


def _inside_unit(work: Work) -> bool:
    """`the best two in our team`: people, where no other level lies below the unit."""
    catalogue, words = work.know.catalogue, work.parts.scan.tokens
    low = catalogue.levels[0]
    if low.key != work.person or work.parts.grain:
        return False
    inside = [w.start for w in work.parts.whose if w.kind == "level" and w.level in low.within[:1]]
    inside += [m.start for m in work.parts.named if any(n.level in low.within[:1] for n in m.names)]
    return any(i and words[i - 1].norm in ("in", "on", "of", "within", "from") for i in inside)


def _leads(work: Work, m: Mention) -> bool:
    """`list care teams passing on more than 12 %`: the list comes first, whatever else its word could mean."""
    scan, plain = work.parts.scan, english().glue | english().commands
    values = {i for x in scan.mentions if x.values for i in range(x.start, x.end)}
    return all(t.norm in plain or i in values for i, t in enumerate(scan.tokens[: m.start]))


def my_list(work: Work, w: Whose) -> bool:
    """`my agents`, `which of my teams`: a list of the asker's own, not `my teams late arrivals`."""
    if w.level == work.person:
        p = work.parts
        marked = bool(p.orders or p.ops or p.top) or bool({"which", "ranked"} & set(p.rules)) or p.who
        return marked and not work.frontline
    if not w.plural or "others" in work.parts.compare:
        return False
    covers = work.viewer.covers
    single = covers[0] == w.level and len(covers[1]) < 2
    return not work.frontline and not single


def values_compared(work: Work) -> list[str]:
    """`chat vs email`, `compare installs and repairs`: two values of one dimension."""
    p = work.parts
    words = p.scan.tokens
    joined = bool(CONTRASTING & {t.norm for t in words})
    found: dict[str, list[Mention]] = {}
    free = free_values(work)
    for m in [*free, *(m for m, left_out in p.values if free and not left_out and m not in free)]:
        for key in sorted(dims_of(m) & allowed_of(work)):
            found.setdefault(key, []).append(m)
    found.update(extras.contrasts(work.parts.scan.mentions, found, work.know.catalogue))
    several = {
        key: ms
        for key, ms in sorted(found.items())
        if len({m.start for m in ms}) > 1 and (joined or words[min(m.start for m in ms) - 1].norm in CUT_BY)
    }
    return [extras.grouped(key, ms, work.know.catalogue) for key, ms in several.items()]


def check_by(work: Work, key: str) -> None:
    for metric in work.metrics:
        if work.know.catalogue.level(key) is not None:
            if not has_level(metric, key, work.know.catalogue) and not (key == work.person):
                raise NotAskableError("no_breakdown", metric=metric.key, by=key)
        elif key not in dimensions_of(metric, work.know.catalogue):
            raise NotAskableError("no_breakdown", metric=metric.key, by=key)
