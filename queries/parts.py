"""What a question says, part by part, before it is known which metric it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from queries.catalogue import Catalogue
from queries.dates import Found
from queries.english import english
from queries.patterns import Edge
from queries.scan import Hard, Knowledge, Mention, Scan
from queries.words import Term

OTHERS_FIRST = ("others",)
SELF = frozenset(("i", "me", "my", "mine", "myself"))
OURS = frozenset(("we", "us", "our", "ours", "ourselves"))


@dataclass(frozen=True)
class Whose:
    """`self`, `ours`, `whole`, or `level` with the level said (`my region`)."""

    kind: str
    start: int
    end: int
    level: str = ""
    plural: bool = False


@dataclass
class Parts:
    """The parts of one question."""

    scan: Scan
    whole: str = ""
    dates: list[Found] = field(default_factory=list)
    previous_at: set[int] = field(default_factory=set)
    """Starts of the dates that are compared with."""
    whose: list[Whose] = field(default_factory=list)
    named: list[Mention] = field(default_factory=list)
    values: list[tuple[Mention, bool]] = field(default_factory=list)
    """Value mentions, and whether they are left out."""
    left_out: list[Mention] = field(default_factory=list)
    without_self: bool = False
    by: list[Term] = field(default_factory=list)
    levels: list[tuple[Mention, Term]] = field(default_factory=list)
    """Bare level words, plural or beside an order."""
    compare: set[str] = field(default_factory=set)
    others_at: int | None = None
    other_level: str = ""
    orders: list[tuple[str, int, int]] = field(default_factory=list)
    top: int | None = None
    grain: str = ""
    unit_on: str = ""
    show: str = ""
    explain: str = ""
    weak_why: bool = False
    target: Any = None
    ops: list[tuple[str, float | None, Hard]] = field(default_factory=list)
    limits: list[tuple[str, float, Hard]] = field(default_factory=list)
    """Limits on single cases: operator and minutes."""
    least: int | None = None
    listing: bool = False
    listed: int | None = None
    part: int | None = None
    """Where `share of all` ends."""
    ranked_time: bool = False
    goals: list[Hard] = field(default_factory=list)
    standard: bool = False
    headline: bool = False
    who: bool = False
    unread: str = ""
    lift: list[str] = field(default_factory=list)
    also: bool = False
    instead: bool = False
    rules: list[str] = field(default_factory=list)
    held: set[int] = field(default_factory=set)
    dated: set[int] = field(default_factory=set)
    courtesy: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    """Tokens that may not speak for a metric: dates and names."""


def parts(scan: Scan, know: Knowledge) -> Parts:
    """Sorts what was found into parts."""
    p = Parts(scan, know.catalogue.whole)
    for h in scan.hard:
        if h.date is not None:
            _date(p, h.date)
        elif h.rule is not None:
            p.rules.append(h.rule.name)
            if not set(h.rule.make) & {"show", "order"}:
                p.closed.update(_without_metric(h))
            _rule(p, h, h.rule.make, know.catalogue)
    _whose(p, know)
    _mentions(p, know)
    _who(p, know.catalogue)
    _top(p)
    return p


def _without_metric(h: Hard) -> set[int]:
    """The tokens of a rule, but for a metric's words inside it."""
    slots = h.match.slots if h.match else ()
    inside = {i for e in slots if e.name == "{metric}" for i in range(e.start, e.end)}
    return set(range(h.start, h.end)) - inside


def _date(p: Parts, found: Found) -> None:
    p.dates.append(found)
    p.closed.update(range(found.start, found.end))
    p.dated.update(range(found.start, found.end))
    at = found.start - 1
    while at >= 0 and at in p.scan.lattice.skippable:
        at -= 1
    ends = {e.end for edges in p.scan.lattice.edges.values() for e in edges if e.name == "{vs}"}
    if found.relative or at + 1 in ends or any(e in ends for e in range(at + 1, found.start + 1)):
        p.previous_at.add(found.start)


def _rule(p: Parts, h: Hard, make: Mapping[str, Any], catalogue: Catalogue) -> None:
    assert h.match is not None
    if make.get("compare"):
        p.compare.add(make["compare"])
        if make["compare"] == "others":
            p.others_at = h.end
            level = _inner(p, h, "level")
            if level:
                p.other_level = level.key
    if make.get("unit_on"):
        edge = h.match.slot("{unit}")
        p.unit_on = edge.value if edge else ""
    if make.get("order"):
        p.orders.append((make["order"], h.start, h.end))
    for key in ("show", "explain", "unread"):
        if make.get(key):
            if key == "explain" and make.get("weak") and p.explain:
                continue
            setattr(p, key, make[key])
    if make.get("target"):
        p.target = ("place", _place(h, p)) if make["target"] == "place" else make["target"]
    if make.get("op"):
        edge = h.match.slot("{n}")
        p.ops.append((make["op"], edge.value if edge else None, h))
    _singles(p, h, make)
    if make.get("standard"):
        p.standard = True
    if make.get("headline"):
        p.headline = True
        _hold_level(p, h, catalogue)
    if make.get("by"):
        _by(p, h)
    if make.get("ranked"):
        edge = h.match.slot("{level}")
        if edge:
            p.by.append(edge.value)
    if make.get("grain"):
        _grain(p, h, make["grain"])
    if make.get("only") or make.get("exclude"):
        _restrict(p, h, bool(make.get("exclude")))
    if make.get("lift"):
        edge = h.match.slot("{dim}")
        if edge:
            p.lift.append(edge.value.key)
    p.also |= bool(make.get("also"))
    p.instead |= bool(make.get("instead"))


def _singles(p: Parts, h: Hard, make: Mapping[str, Any]) -> None:
    """Limits, lists, least numbers and shares of single cases."""
    assert h.match is not None
    number = h.match.slot("{n}")
    if make.get("limit"):
        amount = h.match.slot("{amount}")
        p.limits.append((make["limit"], float(amount.value) if amount else 0.0, h))
    if make.get("least") and number:
        words = {t.norm for t in p.scan.tokens[h.start : h.end]}
        p.least = int(number.value) + bool(words & {"more", "over"} and "or" not in words)
    if make.get("listing"):
        p.listing = True
        p.listed = int(number.value) if number else p.listed
        words = {t.norm for t in p.scan.tokens[h.start : h.end]}
        if number and words & {"largest", "smallest"}:
            p.orders.append(("most" if "largest" in words else "least", h.start, h.end))
    if make.get("part"):
        p.part = h.end
    if make.get("goal"):
        p.goals.append(h)
    p.ranked_time |= bool(make.get("ranked_time"))


def _inner(p: Parts, h: Hard, kind: str) -> Term | None:
    """A level or dimension word anywhere inside a stretch."""
    for m in p.scan.mentions:
        if h.start <= m.start and m.end <= h.end:
            for t in m.terms:
                if t.kind == kind:
                    return t
    return None


def _hold_level(p: Parts, h: Hard, catalogue: Catalogue) -> None:
    for m in p.scan.mentions:
        apart = all(m.end <= n.start or m.start >= n.end for n in p.named)
        if h.start <= m.start and m.end <= h.end and m.names and apart:
            p.named.append(m)


def _place(h: Hard, p: Parts) -> int:
    assert h.match is not None
    edge = h.match.slot("{nth}")
    if edge:
        return int(edge.value)
    numbers = [t.number for t in p.scan.tokens[h.start : h.end] if t.number is not None]
    return int(numbers[-1]) if numbers else 1


def _by(p: Parts, h: Hard) -> None:
    assert h.match is not None
    p.closed.update(range(h.start, h.end))
    slots: list[Edge] = [e for e in h.match.slots if e.name in ("{by}", "{dim}", "{level}", "{dims}", "{levels}")]
    for e in slots:
        if e.value not in p.by:
            p.by.append(e.value)
    at = h.end
    while True:
        following = _next_by(p, at)
        if following is None:
            return
        p.by.append(following[1])
        p.held.update(range(at, following[0].end))
        p.closed.update(range(at, following[0].end))
        at = following[0].end


def _next_by(p: Parts, at: int) -> tuple[Mention, Term] | None:
    """`by region and product`: a further break-down after a joining word."""
    words = p.scan.tokens
    if at >= len(words) or words[at].norm not in ("and", "&", ",", "then", "/", "+", "plus"):
        return None
    while at < len(words) and words[at].norm in ("and", "&", ",", "then", "/", "by", "per", "+", "plus"):
        at += 1
    best = None
    for m in p.scan.mentions:
        longer = any(f.start <= m.start and f.end > m.end for f in p.scan.phrases)
        if m.start == at and (m.level or m.dim) and not longer and (best is None or m.end > best[0].end):
            term = m.dim or m.level
            if term and term not in p.by and term.key != p.whole:
                best = (m, term)
    return best


def _grain(p: Parts, h: Hard, said: Any) -> None:
    assert h.match is not None
    edge = h.match.slot("{unit}") or h.match.slot("{unitly}")
    if said == "auto":
        p.grain = p.grain or "auto"
    elif edge:
        p.grain = edge.value


def _restrict(p: Parts, h: Hard, exclude: bool) -> None:
    assert h.match is not None
    dim = h.match.slot("{dim}")
    for e in h.match.slots:
        if e.name == "{value}":
            m: Mention = e.value
            if dim and dim.end <= e.start:
                m = replace(m, terms=tuple(t for t in m.terms if t.key == dim.value.key) or m.terms)
            p.values.append((m, exclude))
            _more_values(p, h.end, exclude, {t.key for t in m.values})
        elif e.name == "{who}" and exclude:
            if isinstance(e.value, Mention):
                p.left_out.append(e.value)
            else:
                p.without_self = True


def _more_values(p: Parts, at: int, exclude: bool, keys: set[str]) -> None:
    """`without installs and moves`."""
    words = p.scan.tokens
    while at < len(words) and words[at].norm in ("and", "or", ",", "&", "nor", "/"):
        here = [m for m in p.scan.mentions if m.start == at + 1 and keys & {t.key for t in m.values}]
        following = next(iter(here), None)
        if following is None or any(f.start <= following.start and f.end > following.end for f in p.scan.phrases):
            return
        p.values.append((following, exclude))
        p.held.update(range(at, following.end))
        at = following.end


def _whose(p: Parts, know: Knowledge) -> None:
    words, settled = p.scan.tokens, p.scan.settled
    polite = frozenset(i for h in p.scan.hard if h.polite for i in range(h.start, h.end))
    p.courtesy |= polite
    taken: set[int] = set()
    for i, t in enumerate(words):
        if i in taken or i in polite or t.norm not in SELF | OURS:
            continue
        ruled = i in settled
        if t.norm in ("my", "our", "own"):
            found = _my_level(p, i, know)
            if found is not None:
                p.whose.append(found)
                taken.update(range(i, found.end))
                p.held.update(range(i, found.end))
                continue
        if t.norm == "me" and i and words[i - 1].norm in english().commands | {"for"} and words[i - 1].norm != "for":
            continue
        if t.norm == "i" and ruled and _rule_at(p, i) in ("how often",):
            continue
        if t.norm == "us" and i and words[i - 1].norm in ("let", "show", "give", "tell"):
            continue
        p.whose.append(Whose("self" if t.norm in SELF else "ours", i, i + 1))
    for m in p.scan.mentions:
        whole = next((t for t in m.terms if t.kind == "level" and t.key == know.catalogue.whole), None)
        if whole and not any(i in settled or i in p.held for i in range(m.start, m.end)):
            if m.end - m.start == 1 and words[m.start].norm in english().glue:
                continue
            p.whose.append(Whose("whole", m.start, m.end))
            p.held.update(range(m.start, m.end))


def _rule_at(p: Parts, i: int) -> str:
    return next((h.rule.name for h in p.scan.hard if h.rule and h.start <= i < h.end), "")


def _my_level(p: Parts, i: int, know: Knowledge) -> Whose | None:
    """`my region`, `our own crew`, `my whole team`, `my repair team`."""
    words = p.scan.tokens
    for at in range(i + 1, min(i + 4, len(words))):
        for m in p.scan.mentions:
            level = m.level
            if m.start == at and level and level.key != know.catalogue.whole and not m.names:
                if any(k in p.dated for k in range(m.start, m.end)):
                    return None
                return Whose("level", i, m.end, level.key, level.plural)
            if m.start == at and level and level.key == know.catalogue.whole:
                return Whose("whole", i, m.end)
        fits = words[at].norm in ("own", "whole", "entire", "current", "new", "full", "other") or any(
            m.start <= at < m.end and m.values for m in p.scan.mentions
        )
        if not fits:
            return None
    return None


def _mentions(p: Parts, know: Knowledge) -> None:
    settled = p.scan.settled
    core = list(p.scan.phrases)
    taken: set[int] = set()
    for m in p.scan.mentions:
        here = set(range(m.start, m.end))
        if here & (settled | p.held | taken):
            continue
        if m.names and not _part_of_phrase(m, core):
            p.named.append(m)
            p.held |= here
            p.closed |= here
            taken |= here
            _swallow_level(p, m, know)
    for m in p.scan.mentions:
        here = set(range(m.start, m.end))
        if here & (settled | p.held | taken) or not m.level or m.values or m.dim:
            continue
        p.levels.append((m, m.level))
        taken |= here


def _part_of_phrase(m: Mention, phrases: list[Any]) -> bool:
    """A name's words inside a longer phrase of a metric."""
    return any(f.start <= m.start and m.end <= f.end and f.end - f.start > m.end - m.start for f in phrases)


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


def _who(p: Parts, catalogue: Catalogue) -> None:
    """`who` at the start of a clause asks for people."""
    words = p.scan.tokens
    if catalogue.person_level is None:
        return
    for i, t in enumerate(words):
        if t.norm not in ("who", "whose", "whos", "whoever"):
            continue
        before = words[i - 1].norm if i else ""
        after = words[i + 1].norm if i + 1 < len(words) else ""
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


def _top(p: Parts) -> None:
    """The number beside an order or before a listed level: `top 5`, `3 best agents`."""
    words = p.scan.tokens
    for _order, start, end in p.orders:
        for at in (end, start - 1, end + 1):
            if 0 <= at < len(words) and words[at].number is not None and not words[at].ordinal and at not in p.closed:
                near = not (at == end + 1 and words[end].is_word and words[end].norm not in english().glue)
                in_op = any(h.start <= at < h.end for _, _, h in p.ops)
                if near and not in_op:
                    p.top = words[at].number
                    p.held.add(at)
                    p.closed.add(at)
                    return
    if p.orders:
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
