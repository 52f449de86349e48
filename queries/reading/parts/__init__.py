"""What a question says, part by part, before it is known which metric it is about."""

from __future__ import annotations

from queries.reading.contrasts import apart
from queries.reading.dates import Found
from queries.reading.english import english
from queries.reading.parts.mentioned import take_mentions, take_top, take_who
from queries.reading.parts.model import Parts, Whose
from queries.reading.parts.owners import take_whose
from queries.reading.parts.portions import take_portion
from queries.reading.parts.ruled import take_rule
from queries.reading.scan import Knowledge, Scan
from queries.reading.settled import Hard

__all__ = ["Parts", "Whose", "parts"]


ONTO = frozenset(("on", "over", "from", "since", "upon", "than"))
RUNNING = frozenset(("this", "today", "yesterday", "now"))
MOVED = frozenset("better worse difference improvement improve improved change changed changes".split())  # noqa: SIM905


def parts(scan: Scan, know: Knowledge) -> Parts:
    """Sorts what was found into parts."""
    p = Parts(scan, know.catalogue.whole)
    for h in scan.hard:
        if h.date is not None:
            _date(p, h.date)
        elif h.rule is not None:
            p.rules.append(h.rule.name)
            shares = set(h.rule.make) & {"show", "order", "free"}
            if h.rule.make and (not shares or h.rule.make.get("who")):
                p.closed.update(_without_metric(h))
            if h.rule.make.get("to"):
                p.closed.update(_last_metric(h))
            take_rule(p, h, h.rule.make, know.catalogue)
    p.closed |= apart(scan.mentions, scan.phrases, scan.tokens, scan.labels)
    p.closed |= {i for c in scan.contrasts for i in c.tokens}
    take_portion(p)
    take_whose(p, know)
    take_mentions(p, know)
    take_who(p, know.catalogue)
    take_top(p)
    _weighed(p)
    return p


def _weighed(p: Parts) -> None:
    """What one part means beside the others."""
    if p.defined_weak and (p.show or p.orders or p.compare or p.by or p.grain):
        p.explain = ""
    alone = [h.start for h in p.scan.hard if h.rule and h.rule.make.get("compare") == "others" and h.end - h.start == 1]
    ranked = [i for i in alone if p.scan.tokens[i].stem == "rank"]
    if ranked and not p.others_said and any(t.plural for _, t in p.levels):
        p.compare.discard("others")
        p.rules.append("ranked")
    if "others" in p.compare and not p.others_said and (len(p.compare) > 1 or p.previous_at or p.unit_on):
        p.compare.discard("others")
    if p.explain == "drivers":
        p.closed |= _moved(p)
    if p.previous_at or p.unit_on:
        p.closed |= {i for i, t in enumerate(p.scan.tokens) if t.norm in MOVED and i not in p.scan.labels}
    if p.explain != "streak" and not p.explain:
        p.ops += [(_standing(p, h), None, h) for h in p.scan.hard if h.rule and h.rule.make.get("standard")]


def _standing(p: Parts, h: Hard) -> str:
    """`who is above the standard`: on which side of it."""
    words = {t.norm for t in p.scan.tokens[h.start : h.end]}
    missed = bool(h.start) and p.scan.tokens[h.start - 1].norm in ("not", "never")
    if words & {"above", "over"}:
        return "above_standard"
    if words & {"below", "under"}:
        return "below_standard"
    return "misses_standard" if missed else "meets_standard"


def _moved(p: Parts) -> set[int]:
    """`why did satisfaction drop`: the last word that only says that it moved."""
    words = p.scan.tokens
    start = next((h.start for h in p.scan.hard if h.rule and h.rule.make.get("explain") == "drivers"), 0)
    motion = english().motion
    found = [i for i in range(start, len(words)) if words[i].norm in motion and i not in p.scan.labels]
    return {found[-1]} if found else set()


def _without_metric(h: Hard) -> set[int]:
    """The tokens of a rule, but for a metric's words inside it."""
    slots = h.match.slots if h.match else ()
    inside = {i for e in slots if e.name == "{metric}" for i in range(e.start, e.end)}
    return set(range(h.start, h.end)) - inside


def _last_metric(h: Hard) -> set[int]:
    """`from latest to most punctual`: the words of the far end, which name the other side of the same metric."""
    edges = [e for e in (h.match.slots if h.match else ()) if e.name == "{metric}"]
    return set(range(edges[-1].start, h.end)) if edges else set()


def _open(p: Parts, h: Hard) -> set[int]:
    """`improve on`, `changed since`: where the time compared with follows."""
    return {at for at in (h.end, h.end + 1) if p.scan.tokens[at - 1 : at] and p.scan.tokens[at - 1].norm in ONTO}


def _date(p: Parts, found: Found) -> None:
    p.dates.append(found)
    p.closed.update(range(found.start, found.end))
    p.dated.update(range(found.start, found.end))
    at = found.start - 1
    while at >= 0 and at in p.scan.lattice.skippable:
        at -= 1
    ends = {e.end for edges in p.scan.lattice.edges.values() for e in edges if e.name == "{vs}"}
    ends |= {end for h in p.scan.hard if h.rule and h.rule.make.get("compare") == "previous" for end in _open(p, h)}
    against = found.relative or at + 1 in ends or any(e in ends for e in range(at + 1, found.start + 1))
    if against or _one_more(p, found, at):
        p.previous_at.add(found.start)


def _one_more(p: Parts, found: Found, at: int) -> bool:
    """`vs last month and last year`, `this week vs last week, a year ago`: a second time that is compared with."""
    dated = any(f.end == at and f.start in p.previous_at for f in p.dates)
    ruled = any(h.end == at and h.rule.make.get("compare") in ("standard", "company") for h in p.scan.hard if h.rule)
    if not (dated or ruled) or p.scan.tokens[found.start].norm in RUNNING:
        return False
    main = any(f.start not in p.previous_at for f in p.dates if f is not found)
    return p.scan.tokens[at].norm in (("and", "&", "or", ",") if main and dated else ("and", "&", "or"))
