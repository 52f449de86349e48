"""A finished comparison, as values: where each unit stands, and what the others do together."""

from __future__ import annotations

from dataclasses import dataclass

from queries.catalogue import Metric
from queries.fairness import standing
from queries.fairness.fair import Fair
from queries.fairness.standing import Difference, Place
from queries.figures import Figure
from queries.statements.ground import Field, Statement


@dataclass(frozen=True)
class Standing:
    """One unit of a comparison. `code` is None when the viewer may not know which unit it is."""

    code: str | None
    token: str
    own: bool
    figure: Figure
    fair: float | None = None
    low: float | None = None
    high: float | None = None
    sample: str = standing.COUNTS
    place: Place | None = None
    tier: int | None = None
    beats: float | None = None
    """P(better than the standard); None without cases enough for a place."""
    recognised: bool = False


@dataclass(frozen=True)
class Board:
    """A finished comparison of one metric among the units of a field; `standings` are best first."""

    metric: Metric
    side: str
    field: Field
    standings: tuple[Standing, ...]
    fair: Fair | None
    """The units that have enough cases for a place."""
    tokens: tuple[str, ...]
    others: Figure
    """All units but the asker's own, summed."""
    rest: Figure
    """All units whose names the viewer has no right to, summed."""
    company: Figure
    typical: float | None
    """The median of those with enough cases; None among so few that it would be somebody's own figure."""
    standard: float | None
    versus: Difference | None
    """The asker's own unit against the others; None without either."""
    range_only: frozenset[str]
    """Tokens of units that another way to adjust for the mix would move far: a place range, but no name."""
    tells: bool
    """False: what is seen could all be luck, or was mostly storm, so nobody has a place."""
    stormy: float | None
    """The share of stormy days when it is too large to rank."""
    widened: bool
    statement: Statement

    @property
    def own(self) -> tuple[Standing, ...]:
        return tuple(s for s in self.standings if s.own)

    @property
    def count(self) -> int:
        return len(self.standings)
