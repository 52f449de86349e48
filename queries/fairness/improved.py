"""Who improved most, beyond what the level they started from would bring by itself."""

from __future__ import annotations

import numpy as np

from queries.fairness.board import Board
from queries.fairness.contest import board
from queries.fairness.fair import Fair
from queries.fairness.progress import improved
from queries.query import Query, earlier_query
from queries.setting import Setting


def more_improved(query: Query, now: Board, at: Setting) -> frozenset[str]:
    """Tokens of the units that improved clearly between the two periods of a question; groups only."""
    level = now.field.level
    naming = now.statement.scope.naming.get(level)
    if now.fair is None or level == at.ground.catalogue.person_level or (naming and naming.rest == "anonymous"):
        return frozenset()
    then = board(earlier_query(query), now.metric, level, at.ground, at.shelf, at.viewer)
    if then.fair is None:
        return frozenset()
    both = [unit for unit in now.fair.units if unit in set(then.fair.units)]
    found = improved(_picked(now.fair, both), _picked(then.fair, both))
    return frozenset(unit for unit, clear in zip(both, found.clear, strict=True) if clear)


def _picked(fair: Fair, units: list[str]) -> Fair:
    index = {unit: i for i, unit in enumerate(fair.units)}
    return fair.only(np.array([index[unit] for unit in units], dtype=np.int64))
