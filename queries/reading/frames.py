"""Frames: concepts that together mean a metric, in any order, where their words really stand together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from queries.reach import dimensions_of
from queries.reading.mentions import Mention
from queries.reading.scan import Knowledge, Scan
from queries.reading.words import Side


def framed(
    know: Knowledge, bits: int, places: Mapping[str, frozenset[int]], scan: Scan
) -> Iterator[tuple[Side, frozenset[int], float]]:
    """Sides of metrics with the words that speak for them and how much they say.

    `bits`: the concepts found; `places`: where each of them stands.
    """
    names = {index: name for name, index in know.lexicon.bits.items()}
    for frame in know.lexicon.frames:
        if frame.mask & bits != frame.mask:
            continue
        concepts = [places[names[i]] for i in range(frame.mask.bit_length()) if frame.mask >> i & 1]
        core: frozenset[int] = frozenset().union(*concepts)
        denied = _denies_nothing(core, scan) or not _denies(concepts, places.get("not"), scan)
        if len(core) < len(concepts) or not _distinct(concepts) or denied or _torn(core, frame.side, scan, know):
            continue
        yield frame.side, core, frame.size + 0.05 * len(core)


def _denies_nothing(core: frozenset[int], scan: Scan) -> bool:
    """`satisfaction without a call`: a `without` after all of the metric's words denies something else."""
    return len(core) > 1 and scan.tokens[max(core)].norm in ("without", "no", "zero", "lack")


def _denies(concepts: list[frozenset[int]], denial: frozenset[int] | None, scan: Scan) -> bool:
    """Whether a denial stands before what it can deny: not in `late and not told`, nor in `never moan, thank them`."""
    if denial is None or denial not in concepts:
        return True
    others = frozenset(i for c in concepts if c is not denial for i in c - denial)
    denial -= frozenset().union(*(c for c in concepts if c is not denial and c - denial))
    signs = [i for i, t in enumerate(scan.tokens) if t.norm in ",;.?"]
    ends = {i: next((s for s in signs if s > i), len(scan.tokens)) for i in denial}
    return not others or any(i < k < ends[i] for i in denial for k in others)


def _torn(core: frozenset[int], side: Side, scan: Scan, know: Knowledge) -> bool:
    """`from supplier a`: a frame does not take some words of a value that the metric can be cut by, leaving others;
    nor does it stand on the one word of such a value: `our care`."""
    said = [m for m in scan.mentions if m.values and (m.end - m.start > 1 or {m.start} == core)]
    firm = [frozenset(range(m.start, m.end)) for m in said if _can_have(m, side, know)]
    apart = (
        m & core and (m - core - scan.lattice.skippable or _singled_out(min(m), scan) or m == core) for m in firm
    )
    return any(apart)


def _singled_out(start: int, scan: Scan) -> bool:
    """`on phone calls`, `about the bill`."""
    return start > 0 and scan.tokens[start - 1].norm in ("on", "by", "via", "in", "about", "for", "to", "of")


def _can_have(m: Mention, side: Side, know: Knowledge) -> bool:
    return bool({t.key for t in m.values} & dimensions_of(know.catalogue.metrics[side.metric], know.catalogue))


def _distinct(concepts: list[frozenset[int]]) -> bool:
    """Whether every concept can have a word of its own."""

    def place(i: int, used: frozenset[int]) -> bool:
        return i == len(order) or any(place(i + 1, used | {t}) for t in sorted(order[i] - used))

    order = sorted(concepts, key=lambda c: (len(c), sorted(c)))
    return place(0, frozenset())
