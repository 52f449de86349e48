"""Which metrics a question may be about: one, several that are as good, two asked together, or the headline ones."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from queries.catalogue import Metric
from queries.reach import dimensions_of, has_level, works_in
from queries.reading.candidates import Candidate, Meaning
from queries.reading.english import english
from queries.reading.leftover import cuts, may_pass
from queries.reading.meaning import candidate
from queries.reading.naming import own_people
from queries.reading.parts import Parts
from queries.reading.scan import Knowledge
from queries.reading.words import Side
from queries.viewer import Viewer

MOST = 5
OUTDONE = 3.0
"""Log odds beyond sure at which examples are believed before frames."""
JOINERS = frozenset(
    ("and", "&", "+", ",", "plus", "with", "vs", "/", "together", "versus", "or", "against", "alongside")
)
SIZED = frozenset(("average", "mean", "median", "amount", "size", "cost", "worth"))
"""A size asked of what is only counted: the average bill."""
NONE = frozenset(("no", "not", "never", "nobody", "without"))


@dataclass(frozen=True)
class Option:
    """Metrics that a question may be about, with the words that say so."""

    sides: tuple[Side, ...]
    core: frozenset[int] = frozenset()
    covers: frozenset[int] = frozenset()
    framed: bool = False
    told: tuple[str, ...] = ()
    """Codes of what was assumed in choosing."""
    places: tuple[tuple[Side, frozenset[int]], ...] = ()
    """Where the words of each side stand."""
    words: str = ""
    """The words that say so, as text."""
    strange: frozenset[int] = frozenset()
    """Words passed over, which are told."""


def options(p: Parts, m: Meaning) -> list[Option]:
    """One reading, or several that are as good; empty when no metric accounts for all the words."""
    if p.scan.unheld:
        return []
    fine = [c for c in m.candidates if not c.left]
    if not fine:
        pairs = (pair(p, m, first) for first in m.phrased[:6])
        return [x for x in pairs if x][:1]
    best = fine[0]
    named = [c for c in m.phrased if c.named]
    both = pair(p, m, named[0]) if len({c.side.metric for c in named}) > 1 else None
    both = both or pair(p, m, best) or (_beyond(best, pair(p, m, m.phrased[0])) if best.framed and m.phrased else None)
    if both:
        return [both]
    same = [
        c for c in fine
        if c.rank[0] <= best.rank[0] and c.strength >= best.strength - 0.15 and c.side.metric != best.side.metric
    ]  # fmt: skip
    told: tuple[str, ...] = ()
    default = next((a for a in m.ambiguous if a.default), None)
    near = [c for c in fine if c.strength >= best.strength - 0.6 and c.rank[0] <= best.rank[0]]
    if default and default.default in [c.side for c in near]:
        others = [c.side.metric for c in near if c.side != default.default]
        best = next(c for c in fine if c.side == default.default)
        words = _words(p, best.core)
        stand_in = len(default.choose) == 1
        told = ("stand_in:" + words,) if stand_in else ("default:" + words + ":" + ", ".join(others),) if others else ()
        same = []
    chosen = [best, *[c for c in same if c.side != best.side]][:MOST]
    return [_option(p, m, c, told) for c in chosen]


def contested(found: list[Option], liked: list[Option], lead: float) -> list[Option]:
    """A reading beside examples that are all of another metric: asked back, or theirs where frames are outdone.

    `lead`: how sure the examples are.
    """
    if len(found) != 1 or len(found[0].sides) != 1 or not liked or lead < 0:
        return found
    if found[0].sides[0].metric == liked[0].sides[0].metric:
        return found
    return liked if found[0].framed and lead >= OUTDONE else [*liked, *found]


def most_like(p: Parts, m: Meaning, know: Knowledge) -> tuple[list[Option], float]:
    """What the words are most like by the examples, or the few metrics that they are near to, and how sure that is.

    A metric that is called by its very name is meant, whatever its examples.
    """
    if p.scan.unheld or p.scan.labels:
        return [], -1.0
    words, runs = p.scan.tokens, _runs(p)
    core = frozenset(i for run in runs for i in run if words[i].norm not in english().glue)
    found = know.examples.like([[words[i].norm for i in run] for run in runs], [words[i].norm for i in sorted(core)])
    strange = frozenset(i for i in core if words[i].norm in found.unknown)
    core -= strange
    if not found.sides or any(cuts(i, p.scan) for i in core):
        return [], -1.0
    made = [candidate(side, core, 0.0, True, p.scan, know, m.content, m.evidence) for side in found.sides]
    made = [
        replace(c, covers=c.covers | c.left | strange | _nothing_else(p, c.side, know), strange=strange)
        for c in made if may_pass(strange, core, c.side, p.scan, know)
    ]  # fmt: skip
    return [_option(p, m, c, ()) for c in made], found.lead


def _runs(p: Parts) -> list[list[int]]:
    """The words that no date, name or rule has taken, in runs."""
    taken = frozenset((*p.held, *p.closed, *p.courtesy, *p.scan.settled))
    runs: list[list[int]] = [[]]
    for i, t in enumerate(p.scan.tokens):
        if i in taken:
            runs.append([])
        elif t.is_word:
            runs[-1].append(i)
    return [run for run in runs if run]


def _nothing_else(p: Parts, side: Side, know: Knowledge) -> frozenset[int]:
    """Words of values by which the metric is never cut: beside it they are a way of speaking, too."""
    allowed = dimensions_of(know.catalogue.metrics[side.metric], know.catalogue)
    said = (m for m in p.scan.mentions if not m.names and m.terms and all(t.kind == "value" for t in m.terms))
    return frozenset(i for m in said if not any(t.key in allowed for t in m.terms) for i in range(m.start, m.end))


def _beyond(one: Candidate, both: Option | None) -> Option | None:
    """Two metrics, unless all their words speak for one: `late and did not bother to tell them`."""
    short = both and any(len(words) == 1 for _, words in both.places)
    return None if both and short and both.core <= one.core else both


def by_role(found: list[Option], know: Knowledge, viewer: Viewer) -> list[Option]:
    """Of readings that are as good, the one about the asker's own kind of work, when there is just one.

    Not of their work: fed by other work, not counted for their unit, or a headline of a sibling kind and not of theirs.
    """
    role = know.catalogue.company["roles"].get(viewer.role) or {}
    if len(found) < 2 or role.get("headline") != "own_work" or not viewer.work:
        return found
    own = [o for o in found if all(_of_work(know.catalogue.metrics[s.metric], know, viewer) for s in o.sides)]
    if len(own) != 1:
        return found
    others = ", ".join(s.metric for o in found if o is not own[0] for s in o.sides)
    words = own[0].words or next((o.words for o in found if o.words), "")
    return [replace(own[0], told=(f"default:{words}:{others}",))]


def _of_work(metric: Metric, know: Knowledge, viewer: Viewer) -> bool:
    if metric.feeds and viewer.work not in metric.feeds:
        return False
    level, _ = viewer.covers if len(viewer.covers[1]) == 1 else ("", ())
    level = know.catalogue.levels[0].within[0] if level == know.catalogue.person_level else level
    if level and not has_level(metric, level, know.catalogue):
        return False
    table = know.catalogue.company.get("headline") or {}
    kinds = {kind: keys for kind, keys in table.items() if kind.startswith(viewer.work)}
    siblings = any(metric.key in keys for keys in kinds.values())
    return not siblings or metric.key in (table.get(viewer.kind) or table.get(viewer.work) or ())


def _option(p: Parts, m: Meaning, c: Candidate, told: tuple[str, ...]) -> Option:
    if c.framed and not told:
        told = ("framed:" + _words(p, c.core),)
    core = c.core if c.framed else c.core | _all_of(c.side, m)
    return Option((c.side,), core, c.covers | core, c.framed, told, ((c.side, core),), _words(p, core), c.strange)


def _words(p: Parts, core: frozenset[int]) -> str:
    return " ".join(p.scan.tokens[i].norm for i in sorted(core)).replace(":", "")


def pair(p: Parts, m: Meaning, first: Candidate) -> Option | None:
    """Metrics asked together: their words apart, joined by a small word, nothing left over."""
    if first.framed:
        return None
    sides, covers = [first], set(first.covers)
    alone = any(not c.left and not c.strange for c in m.candidates)
    core = set(_all_of(first.side, m) | first.core)
    for c in sorted(m.phrased, key=lambda c: not c.named):
        known = c.side.metric in {x.side.metric for x in sides}
        apart = c.core.isdisjoint(core) and _joined(p, first, c, alone and not (first.named and c.named))
        if not known and apart and not _list_of(p, c):
            sides.append(c)
            core |= _all_of(c.side, m)
            covers |= c.covers | core
    if len(sides) < 2 or m.content - covers - core - structure(p):
        return None
    ordered = sorted(sides, key=lambda c: min(c.core))
    places = tuple((c.side, _all_of(c.side, m)) for c in ordered)
    return Option(tuple(c.side for c in ordered), frozenset(core), frozenset(covers), places=places)


def _joined(p: Parts, one: Candidate, other: Candidate, alone: bool) -> bool:
    """Whether a small word that joins stands between the words of two metrics."""
    low, high = sorted((one, other), key=lambda c: min(c.core))
    if _conditional(p, min(low.core)):
        return False
    words = [p.scan.tokens[i].norm for i in range(max(low.core) + 1, min(high.core) + 1)]
    if {"only", "when", "where", "if"} & set(words[:-1]):  # "csat, but only of those we were late for"
        return False
    joiners = [w for w, then in itertools.pairwise(words) if w in JOINERS and not (w == "with" and then in NONE)]
    return bool(joiners) and not (alone and joiners in (["with"], [","]))


def _list_of(p: Parts, c: Candidate) -> bool:
    """`reopen rate, top 10 themes`: a list of a dimension's values, no second metric."""
    ordered = {i for _, start, end in p.orders for i in range(start, end)}
    dims = {i for m in p.scan.mentions if m.dim and m.dim.plural for i in range(m.start, m.end)}
    return bool(dims & c.core) and all(i in ordered | dims or p.scan.tokens[i].number is not None for i in c.core)


def _conditional(p: Parts, at: int) -> bool:
    """`when we are late, by how many minutes`: a clause that only says of which cases."""
    while at and at - 1 in p.scan.lattice.skippable:
        at -= 1
    return bool(at) and p.scan.tokens[at - 1].norm in ("when", "whenever", "if", "once")


def _all_of(side: Side, m: Meaning) -> frozenset[int]:
    return frozenset(i for c in m.phrased if c.side == side for i in c.core)


def structure(p: Parts) -> frozenset[int]:
    """The tokens of all mentions."""
    return frozenset(i for m in p.scan.mentions for i in range(m.start, m.end)) - p.scan.unheld


def fallback(p: Parts, know: Knowledge, viewer: Viewer) -> list[Option]:
    """Without a metric's words: the share of a dimension that is named, or the headline metrics."""
    if [t.norm for t in p.scan.tokens[1:2]] in (["that"], ["it"], ["those"], ["them"]):
        return []
    for m in p.scan.phrases:  # "contact reasons by channel": a list that is a metric's own
        if isinstance(m.payload, Side) and know.catalogue.metrics[m.payload.metric].over and p.by:
            return [Option((m.payload,), frozenset(m.used))]
    over = _over(p, know)
    if over and not SIZED & {t.norm for t in p.scan.tokens}:
        return [Option((over,))]
    goal = p.goals or any(op.endswith("_standard") for op, _, _ in p.ops)
    ordered = any(order in ("best", "room_to_grow") for order, _, _ in p.orders)  # "the worst one in my team"
    compared = bool(p.compare & {"others", "standard", "company"}) or (_since(p) and bool(p.whose or p.named))
    speaks = p.headline or goal or ordered or compared or bool(p.named and p.dates)
    sides = headline(p, know, viewer)
    if goal:
        sides = tuple(s for s in sides if know.catalogue.metrics[s.metric].standard is not None) or sides
    if p.explain == "drivers" and not speaks and any(x.values for x in p.scan.mentions):
        return []
    if p.explain and p.explain not in ("definition", "next_step"):
        return [Option((side,), told=("headline",)) for side in sides]
    return [Option(sides, told=("headline",))] if speaks or p.explain == "next_step" else []


def _since(p: Parts) -> bool:
    """`are we any better than last year`."""
    return "previous" in p.compare or bool(p.previous_at)


def _over(p: Parts, know: Knowledge) -> Side | None:
    """The share metric of a dimension that is named alone: themes are asked for by their share."""
    said = (m for m in p.scan.mentions if not p.who or p.scan.settled.isdisjoint(range(m.start, m.end)))
    keys = {t.key for t in p.by} | {t.key for m in said for t in m.terms if t.kind != "level"}
    over = [m.key for m in know.catalogue.metrics.values() if m.over in keys]
    return Side(over[0]) if len(over) == 1 else None


def headline(p: Parts, know: Knowledge, viewer: Viewer) -> tuple[Side, ...]:
    """The headline metrics of the unit asked about, else of the asker's kind of work."""
    company = know.catalogue.company
    table = company.get("headline") or {}
    role = company["roles"].get(viewer.role) or {}
    keys: Sequence[str] | None = None
    if role.get("headline") == "own_work":
        keys = table.get(viewer.kind) or table.get(viewer.work)
    for m in p.named:
        name = min(own_people(list(m.names), know, viewer))
        works = works_in(name.level, name.code, know.catalogue, know.directory)
        someone = know.directory.people.get(name.code) if name.level == know.catalogue.person_level else None
        at = (someone.unit_level, someone.unit) if someone else (name.level, name.code)
        unit = know.directory.units.get(at)
        keys = table.get(unit.kind if unit else "") or (table.get(min(works)) if len(works) == 1 else None)
    if any(w.kind == "whole" for w in p.whose):
        keys = None
    kinds = [v for m, left_out in p.values if not left_out for t in m.values for v in t.values if v in table]
    keys = table[kinds[0]] if len(kinds) == 1 else keys
    keys = keys or table.get(know.catalogue.whole) or next(iter(table.values()), [])
    return tuple(Side(k) for k in keys)
