"""Customer cases (arrives with the CRM's files)."""

from __future__ import annotations

import numpy as np

from data.sample.base import Frame
from data.sample.world import World


def surveys(world: World, day: int, draw: np.random.Generator) -> Frame:
    """Invitations before and after cases."""
    return {}
