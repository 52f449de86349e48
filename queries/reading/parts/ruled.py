"""What a rule of grammar says, put into the parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from queries.catalogue import Catalogue
from queries.reading.english import stem
from queries.reading.mentions import Mention
from queries.reading.parts.model import Parts
from queries.reading.patterns import Edge
from queries.reading.settled import Hard
from queries.reading.terms import Term

FIELDS = {
    stem(word): name
    for name, words in (
        ("compare", "comparison compare comparing"), ("by", "split break breakdown grouping"),
        ("order", "order ordering ranking sorting"), ("where", "filter restriction"), ("grain", "trend series"),
    )
    for word in words.split()
}  # fmt: skip
"""Words for the fields of a query that a follow-up may give up."""


def take_rule(p: Parts, h: Hard, make: Mapping[str, Any], catalogue: Catalogue) -> None:
    assert h.match is not None
    if make.get("compare"):
        _compare(p, h, make, catalogue)
    if make.get("unit_on"):
        edge = h.match.slot("{unit}")
        p.unit_on = edge.value if edge else ""
    if make.get("order"):
        p.orders.append((make["order"], h.start, h.end))
    for key in ("show", "explain", "unread"):
        if make.get(key):
            if key == "explain" and make.get("weak") and p.explain:
                continue
            if key == "explain":
                p.defined_weak = make.get("figure") is False
                p.why_at = h.start if make.get("free") else None
            setattr(p, key, make[key])
    if make.get("target"):
        p.target = ("place", _place(h, p)) if make["target"] == "place" else make["target"]
    if make.get("op"):
        edge = h.match.slot("{n}")
        p.ops.append((make["op"], edge.value if edge else None, h))
    if make.get("between"):
        numbers = [e.value for e in h.match.slots if e.name == "{n}"]
        p.ops += [(op, value, h) for op, value in zip((">=", "<="), sorted(numbers), strict=True)]
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
    if make.get("number"):
        edge = h.match.slot("{n}")
        p.top = int(edge.value) if edge and float(edge.value).is_integer() and 0 < edge.value < 1000 else p.top
        _leading(p, h)
    if make.get("drop"):
        p.drop += [FIELDS[t.stem] for t in p.scan.tokens[h.start : h.end] if t.stem in FIELDS]
    if make.get("readmit"):
        p.readmit += [e.value for e in h.match.slots if e.name == "{name}"]
    p.invert |= bool(make.get("invert"))
    p.widen |= bool(make.get("widen"))
    p.flip |= bool(make.get("flip"))
    p.who |= bool(make.get("who"))
    p.single |= bool(make.get("single"))
    p.also |= bool(make.get("also"))
    if not set(make) & {"exclude", "widen", "headline", "readmit"}:
        p.named += [e.value for e in h.match.slots if e.name == "{name}" and e.value not in p.named]
    p.instead |= bool(make.get("instead"))


def _leading(p: Parts, h: Hard) -> None:
    """`top 3`, `only the worst 5`: the order that goes with the number."""
    words = {t.norm for t in p.scan.tokens[h.start : h.end]}
    if words & {"worst", "bottom"}:
        p.orders.append(("room_to_grow", h.start, h.end))
    elif words & {"top", "best"}:
        p.orders.append(("best", h.start, h.end))


def _compare(p: Parts, h: Hard, make: Mapping[str, Any], catalogue: Catalogue) -> None:
    """`where do we stand` asks for the others only where nothing else is compared with."""
    p.compare.add(make["compare"])
    if make["compare"] == "others":
        p.others_at = h.end
        within = any(t.norm == "rest" for t in p.scan.tokens[h.start : h.end])  # "the rest of the region"
        p.against |= set(range(h.start, h.end)) if make.get("own") or within else set()
        p.others_said |= not make.get("headline")
        level = _inner(p, h, "level")
        if level:
            p.other_level = level.key


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
    """`how is omar doing`, `how is care doing`: names and values inside the rule."""
    assert h.match is not None
    p.values += [(e.value, False) for e in h.match.slots if e.name == "{value}"]
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
