"""The parts of a question as they are filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from queries.reading.dates import Found
from queries.reading.mentions import Mention
from queries.reading.scan import Scan
from queries.reading.settled import Hard
from queries.reading.terms import Term

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
    why_at: int | None = None
    """Where a bare `why` stands, which may belong to a metric's own words: why customers contact us."""
    against: set[int] = field(default_factory=set)
    """Tokens of the asker's own unit as the others compared with: my visits against my team's."""
    target: Any = None
    ops: list[tuple[str, float | None, Hard]] = field(default_factory=list)
    limits: list[tuple[str, float, Hard]] = field(default_factory=list)
    """Limits on single cases: operator and minutes."""
    least: int | None = None
    listing: bool = False
    listed: int | None = None
    part: int | None = None
    """Where `share of all` ends."""
    portion: tuple[int, int] | None = None
    """Where `share of` ends, and the verb after which is said which part: `are in the north`."""
    ranked_time: bool = False
    goals: list[Hard] = field(default_factory=list)
    standard: bool = False
    headline: bool = False
    who: bool = False
    unread: str = ""
    lift: list[str] = field(default_factory=list)
    also: bool = False
    instead: bool = False
    invert: bool = False
    """The other ones than those that met a threshold, in a follow-up."""
    single: bool = False
    """`only if`: a threshold on the one figure."""
    drop: list[str] = field(default_factory=list)
    """Fields that are given up, in a follow-up: the comparison, the break-down, the order, the restrictions."""
    readmit: list[Mention] = field(default_factory=list)
    """Units that are no longer left out, in a follow-up."""
    flip: bool = False
    """The other end of the list, in a follow-up."""
    widen: bool = False
    """`not only the north`: the others are no longer narrowed."""
    others_said: bool = False
    """The others were named, not only hinted at: `where do we stand`."""
    defined_weak: bool = False
    """`count as`: a definition where no figure is asked for."""
    rules: list[str] = field(default_factory=list)
    held: set[int] = field(default_factory=set)
    dated: set[int] = field(default_factory=set)
    courtesy: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    """Tokens that may not speak for a metric: dates and names."""
