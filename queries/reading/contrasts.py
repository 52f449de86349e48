"""Two values of one kind, or two names, set against each other: `chat versus calls`, `installs later than moves`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from queries.reading.english import english
from queries.reading.mentions import Mention
from queries.reading.patterns import Match, mapping
from queries.reading.tokens import Token

JOINTS = frozenset(("vs", "versus", "against", "than"))
JOINED = frozenset(("and", "or", "&", ","))
LINKING = frozenset("the a an our my those these in on at for with of by from".split())  # noqa: SIM905
DEGREES = frozenset("more less better worse higher lower often".split())  # noqa: SIM905
"""Words before `than` that only say which of the two has more of it."""


@dataclass(frozen=True)
class Contrast:
    """What is set against what, and where the joining word stands."""

    one: Mention
    joint: int
    other: Mention
    degrees: frozenset[int] = frozenset()
    """Where `less` and `more` stand between them."""

    @property
    def tokens(self) -> frozenset[int]:
        """What names no metric here."""
        sides = (*range(self.one.start, self.one.end), *range(self.other.start, self.other.end))
        return self.degrees.union(sides)

    def takes(self, m: Match) -> bool:
        """Whether a phrase or a rule of grammar says no more than that one is more than the other, or takes the other
        apart: `less happy than`, `get worse ratings than`, `than homes`."""
        make = mapping(getattr(m.payload, "make", None))
        onto = self.joint in (range(m.start, m.end) if make else m.used)
        moved = make.get("compare") == "previous" and self.one.end <= m.start < self.joint
        return onto or moved or ("only" in make and m.start == self.other.start)


def contrasts(said: Sequence[Mention], words: Sequence[Token]) -> tuple[Contrast, ...]:
    """Every pair across `than`, across `or` where something is said to be more: `are homes happier or shops`, and of
    two side by side across `vs`: `metro vs rural areas`."""
    compared = any(t.norm in english().comparatives for t in words)
    far = {i for i, t in enumerate(words) if t.norm == "than" or (t.norm == "or" and compared)}
    found = (_across(i, said, words) for i, t in enumerate(words) if i in far or t.norm in JOINTS)
    return tuple(c for c in found if c and (c.joint in far or (c.one.end == c.joint and c.one.values)))


def _across(joint: int, said: Sequence[Mention], words: Sequence[Token]) -> Contrast | None:
    at = joint + 1
    while at < len(words) and words[at].norm in LINKING:
        at += 1
    others = [m for m in said if m.start == at and (m.values or m.names)]
    for one in sorted((m for m in said if m.end <= joint), key=lambda m: (-m.end, m.start)):
        other = next((o for o in others if _alike(one, o)), None)
        if other is not None:
            return Contrast(one, joint, other, _degrees(one, joint, words))
    return None


def _degrees(one: Mention, joint: int, words: Sequence[Token]) -> frozenset[int]:
    """Between the two, and right before the first: `better for homes than for shops`."""
    at = one.start - 1
    while at > 0 and words[at].norm in LINKING:
        at -= 1
    return frozenset(i for i in (at, *range(one.end, joint)) if i >= 0 and words[i].norm in DEGREES)


def _alike(one: Mention, other: Mention) -> bool:
    """Values of one dimension, or names of one level."""
    values = {t.key for t in one.values} & {t.key for t in other.values}
    return bool(values or {n.level for n in one.names} & {n.level for n in other.names})


def apart(
    said: Sequence[Mention], phrases: Sequence[Match], words: Sequence[Token], labels: frozenset[int]
) -> set[int]:
    """`chat versus calls`: the words of two values side by side, which name no metric."""
    out: set[int] = set()
    for m in said:
        joint = words[m.end].norm if m.end < len(words) else ""
        if not m.values or joint not in JOINTS | JOINED or m.end + 1 in labels:
            continue
        for other in _at(m.end + 1, said):
            if {t.key for t in m.values} & {t.key for t in other.values} and (
                joint in JOINTS or _parted(m, other, phrases)
            ):
                out |= {*range(m.start, m.end), *range(other.start, other.end)}
    return out


def _at(start: int, said: Sequence[Mention]) -> Iterator[Mention]:
    return (m for m in said if m.start == start)


def _parted(one: Mention, other: Mention, phrases: Sequence[Match]) -> bool:
    """`late installs and repairs`: a metric's phrase takes the one value, and none takes both."""
    first, second = set(range(one.start, one.end)), set(range(other.start, other.end))
    held = [set(f.used) for f in phrases if f.end - f.start > 1]
    takes = any(bool(first & used) != bool(second & used) for used in held)
    return takes and not any(first & used and second & used for used in held)
