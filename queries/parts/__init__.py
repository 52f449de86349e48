"""What a question says, part by part, before it is known which metric it is about."""

from __future__ import annotations

from queries.dates import Found
from queries.parts.mentioned import take_mentions, take_top, take_who
from queries.parts.model import Parts, Whose
from queries.parts.owners import take_whose
from queries.parts.ruled import take_rule
from queries.scan import Hard, Knowledge, Scan

__all__ = ["Parts", "Whose", "parts"]


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
            take_rule(p, h, h.rule.make, know.catalogue)
    take_whose(p, know)
    take_mentions(p, know)
    take_who(p, know.catalogue)
    take_top(p)
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
