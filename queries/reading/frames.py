"""Frames: concepts that together mean a metric, in any order, where their words really stand together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from queries.reach import dimensions_of
from queries.reading.english import english
from queries.reading.mentions import Mention
from queries.reading.patterns import mapping
from queries.reading.scan import Knowledge, Scan
from queries.reading.words import Side

CAUSED = (["because", "of"], ["due", "to"], ["caused", "by"])
AS_ONE = 4
"""Words of one concept that are never taken apart."""


def framed(
    know: Knowledge, bits: int, places: Mapping[str, frozenset[int]], scan: Scan
) -> Iterator[tuple[Side, frozenset[int], frozenset[int], float]]:
    """Sides of metrics with the words that speak for them, those that may stand beside, and how much they say.

    `bits`: the concepts found; `places`: where each of them stands.
    """
    names = {index: name for name, index in know.lexicon.bits.items()}
    neutral = know.lexicon.neutral
    for frame in know.lexicon.frames:
        if frame.mask & bits != frame.mask:
            continue
        said, beside = _names(frame.mask, names), _names(frame.may & bits, names)
        here = [places[name] for name in said]
        kept = _whole_values(here, [places[name] for name in beside], frame.side, scan, know)
        concepts = [used - kept for used in here]
        core: frozenset[int] = frozenset().union(*concepts)
        denied = _denies_nothing(core, scan) or not _denies(concepts, places.get("not"), scan)
        ordered = _in_order([places[name] for name in frame.order])
        if len(core) < len(concepts) or not (ordered and _distinct(concepts)) or denied:
            continue
        if not _swallowed(said, beside, scan):
            joined = _joined(concepts, {name: places[name] - kept for name in beside})
            core = core.union(*(used for name, used in joined.items() if not neutral >> know.lexicon.bits[name] & 1))
            words = core.union(*joined.values())
            yield frame.side, core, words - core, frame.size + bool(frame.order) + len(joined) / 2 + 0.05 * len(words)


def _names(mask: int, names: Mapping[int, str]) -> list[str]:
    return [names[i] for i in range(mask.bit_length()) if mask >> i & 1]


def _joined(concepts: list[frozenset[int]], beside: Mapping[str, frozenset[int]]) -> dict[str, frozenset[int]]:
    """Of what may stand beside a frame the concepts that have a word of their own."""
    joined: dict[str, frozenset[int]] = {}
    for name, used in beside.items():
        if _distinct([*concepts, *joined.values(), used]):
            joined[name] = used
    return joined


def _in_order(concepts: list[frozenset[int]]) -> bool:
    """Whether some word of each concept stands after some word of the one before."""
    at = -1
    for used in concepts:
        after = [i for i in used if i > at]
        if not after:
            return False
        at = min(after)
    return True


def _swallowed(said: list[str], beside: list[str], scan: Scan) -> bool:
    """`we will not make the slot`, `the hour we gave`: a denial or a length of time that only is a part of the words
    of another concept, of this frame or so long that they are said as one."""
    used = [(m.payload, frozenset(m.used)) for m in scan.concepts]
    longer = [(name, words) for name, words in used if name in said or name in beside or len(words) >= AS_ONE]
    return any(
        all(any(words < other for _, other in longer) for name, words in used if name == general)
        for general in said
        if general in mapping(english().raw["concepts"])
    )


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


def _whole_values(
    said: list[frozenset[int]], beside: list[frozenset[int]], side: Side, scan: Scan, know: Knowledge
) -> frozenset[int]:
    """`from supplier a`, `a billing call`: words of values that the metric can be cut by and that a frame may not take
    apart; nor does it stand on the one word of such a value: `our care`."""
    own: frozenset[int] = frozenset().union(*said)
    core = own.union(*beside)
    caused = [m for m in scan.mentions if m.values and _caused(m.start, scan)]
    values = [m for m in scan.mentions if m.values and (m.end - m.start > 1 or {m.start} == own)]
    firm = [frozenset(range(m.start, m.end)) for m in [*caused, *(m for m in values if _can_have(m, side, know))]]
    free = scan.lattice.skippable
    torn = [m for m in firm if m & core and (m - core - free or m == own or _singled_out(min(m), scan))]
    return frozenset().union(*torn)


def _singled_out(start: int, scan: Scan) -> bool:
    """`on phone calls`, `about the bill`."""
    return start > 0 and scan.tokens[start - 1].norm in ("on", "by", "via", "in", "about", "for", "to", "of")


def _caused(start: int, scan: Scan) -> bool:
    """`late because of parts`: why something was, not what is asked for."""
    words = [t.norm for t in scan.tokens]
    return any(words[max(0, at - 2) : at] in CAUSED for at in (start, start + 2))


def _can_have(m: Mention, side: Side, know: Knowledge) -> bool:
    return bool({t.key for t in m.values} & dimensions_of(know.catalogue.metrics[side.metric], know.catalogue))


def _distinct(concepts: list[frozenset[int]]) -> bool:
    """Whether every concept can have a word of its own."""

    def place(i: int, used: frozenset[int]) -> bool:
        return i == len(order) or any(place(i + 1, used | {t}) for t in sorted(order[i] - used))

    order = sorted(concepts, key=lambda c: (len(c), sorted(c)))
    return place(0, frozenset())
