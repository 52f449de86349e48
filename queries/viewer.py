"""Who asks, and which units are theirs. Looked up in the store's people on every run, never taken from a browser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Viewer:
    """Someone who asks.

    `own`: level -> codes of the units that are the viewer's own today: the person's own login, the team worked
    in (loan wins) or led, and every unit above it. `covers`: the level and codes the viewer answers for, e.g.
    ("area", ("Harbour",)) for an area manager, ("team", ("F-1",)) for a supervisor, ("company", ()) for an
    executive; for the frontline it is ("person", (login,)).
    """

    login: str
    name: str
    role: str
    work: str
    kind: str
    own: tuple[tuple[str, tuple[str, ...]], ...]
    covers: tuple[str, tuple[str, ...]]

    def own_of(self, level: str) -> tuple[str, ...]:
        return dict(self.own).get(level, ())
