"""What the figures themselves forbid: small cells, cells that could be worked out, cells that are one person's.

Pure functions on tallies (who and how many stand behind a cell); the rules' numbers come with the Scope.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from queries.privacy.scope import Scope

SHOWN, ROUNDED = "shown", "rounded"
FEW, ONE_PERSON, SECOND, FEW_CASES, TOGETHER = "few", "one_person", "second", "few_cases", "together"
WITHHELD = (FEW, ONE_PERSON, SECOND, FEW_CASES, TOGETHER)


@dataclass(frozen=True)
class Tally:
    """What stands behind one cell.

    `keys`: its values in the order of the names asked; `n` cases; `people` who contributed (None when the figure is
    nobody's doing or not counted); `biggest`: cases of the one with most. `open`: the asker may see it anyway (own
    figures, or a person by right).
    """

    keys: tuple[Any, ...]
    n: float
    people: int | None = None
    biggest: float | None = None
    open: bool = False


def redact(
    tallies: Sequence[Tally], scope: Scope, parents: Mapping[int, Callable[[Any], Any]] | None = None
) -> list[str]:
    """One verdict a tally: SHOWN, ROUNDED (whole percent), or why it is withheld.

    Cells under the minimum, or with more than half of their cases from one person, are hidden first; then, as long
    as one cell of a set of siblings is hidden alone (or the hidden ones are too few together), the next smallest with
    it, because siblings and their parent would give it away. Siblings differ in one key only; `parents` maps the
    position of a key to the unit above it, so that only units of one parent are siblings. With `all_or_nothing` one
    hidden cell hides all.
    """
    if scope.self_only:
        return [SHOWN] * len(tallies)
    verdicts = [_alone(tally, scope) for tally in tallies]
    if scope.all_or_nothing and any(v in WITHHELD for v in verdicts):
        return [SHOWN if tally.open else TOGETHER for tally in tallies]
    families = _families(tallies, parents or {})
    while True:
        more = [weakest for family in families if (weakest := _second(family, verdicts, tallies, scope)) is not None]
        if not more:
            return verdicts
        for i in more:
            verdicts[i] = SECOND


def _alone(tally: Tally, scope: Scope) -> str:
    """The verdict on one cell by itself."""
    if tally.open or (tally.n <= 0 and not tally.people):
        return SHOWN
    if scope.cases_min and tally.n < scope.cases_min:
        return FEW_CASES
    if not tally.people:
        return SHOWN
    if tally.people < scope.people_min:
        return FEW
    if scope.people_min and tally.biggest is not None and tally.biggest > tally.n / 2:
        return ONE_PERSON
    return ROUNDED if tally.people < scope.round_below else SHOWN


def _families(tallies: Sequence[Tally], parents: Mapping[int, Callable[[Any], Any]]) -> list[list[int]]:
    """Indices of cells that differ in one key only (and lie under one parent), per key."""
    found: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for i, tally in enumerate(tallies):
        for k, key in enumerate(tally.keys):
            above = parents[k](key) if k in parents else None
            found[(k, above, *tally.keys[:k], *tally.keys[k + 1 :])].append(i)
    return list(found.values())


def _second(family: Sequence[int], verdicts: Sequence[str], tallies: Sequence[Tally], scope: Scope) -> int | None:
    """The cell to hide beside the hidden ones of a family; None when they are covered or nothing is left to hide.

    Parent minus the shown ones gives the hidden ones together: so they must be more than one, and together no
    smaller than a cell may be. (People of small cells overlap, so one of the cells must have enough of them itself.)
    """
    hidden = [tallies[i] for i in family if verdicts[i] in WITHHELD]
    shown = [i for i in family if verdicts[i] not in WITHHELD and tallies[i].n > 0 and not tallies[i].open]
    if not hidden or not shown or (len(hidden) > 1 and _covered(hidden, scope)):
        return None
    return min(shown, key=lambda i: (tallies[i].n, str(tallies[i].keys)))


def _covered(hidden: Sequence[Tally], scope: Scope) -> bool:
    if sum(t.n for t in hidden) < scope.cases_min:
        return False
    counted_people = [t.people for t in hidden if t.people]
    return not counted_people or max(counted_people) >= scope.people_min


def counted(verdicts: Sequence[str]) -> dict[str, int]:
    """How many cells were withheld, by reason, for the notes; empty when none."""
    found: dict[str, int] = {}
    for verdict in verdicts:
        if verdict in WITHHELD:
            found[verdict] = found.get(verdict, 0) + 1
    return found


def all_withheld(tallies: Sequence[Tally], verdicts: Sequence[str]) -> bool:
    """Whether nothing at all is left to show: the outcome is then a refusal."""
    full = [v for t, v in zip(tallies, verdicts, strict=True) if t.n > 0]
    return bool(full) and all(v in WITHHELD for v in full)


def listed(people: int | None, scope: Scope) -> bool:
    """Whether a unit has people enough to be named in somebody else's list."""
    return people is None or people >= scope.listed_min


def spread_shown(unnamed: int, scope: Scope, of_people: bool = False) -> bool:
    """Whether the others may be drawn one by one: enough of them that no dot is somebody's.

    Three units, or five people.
    """
    return scope.spread and unnamed >= (scope.people_min if of_people else scope.units_min)


def whole_percent(value: float) -> float:
    """A rate of a small group, rounded to whole percent.

    >>> whole_percent(0.0749)
    0.07
    """
    return round(value, 2)


def two_digits(value: float) -> float:
    """A figure of a small group that is no rate.

    >>> two_digits(24.53), two_digits(3.14), two_digits(0.0)
    (25.0, 3.1, 0.0)
    """
    return float(f"{value:.2g}")
