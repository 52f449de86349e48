"""From the parts that SQL returns to figures: one place where a numerator meets a denominator."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from queries.catalogue import Metric

METRIC, MIRROR = "metric", "mirror"
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
"""How a figure is held against a threshold."""


@dataclass(frozen=True)
class Figure:
    """One figure on the side asked for.

    `value` is in the KPI's own unit, rates as fractions; `count` the cases on that side (late visits), `cases` what
    they are taken from (visits); None where there is none. `people` is how many stand behind it, when known.
    """

    value: float | None
    count: float | None
    cases: float | None
    n: int
    people: int | None = None
    biggest: float | None = None

    @property
    def empty(self) -> bool:
        return self.n == 0 or (self.value is None and self.count is None)


def figure(metric: Metric, side: str, parts: Mapping[str, Any]) -> Figure:
    """The figure of one row of parts (num, den, value, mirror, n, people, biggest)."""
    n = int(parts.get("n") or 0)
    value, count, cases = _sides(metric, side, parts, n)
    people = parts.get("people")
    return Figure(value, count, cases, n, None if people is None else int(people), parts.get("biggest"))


def _sides(
    metric: Metric, side: str, parts: Mapping[str, Any], n: int
) -> tuple[float | None, float | None, float | None]:
    own = side == MIRROR and metric.mirror_of == "own"
    if metric.kind == "median":
        mirror = parts.get("mirror")
        return (_over(mirror, n), mirror, n) if own else (parts.get("value"), n, n)
    num, den = parts.get("num"), parts.get("den")
    if own:
        num = parts.get("mirror")
    elif side == MIRROR and metric.mirror_of == "complement" and num is not None and den is not None:
        num = den - num
    if metric.kind == "count" and not den:
        return num, num, None
    if metric.kind == "score" and not own:
        return _over(num, den), den, den
    return _over(num, den), num, den


def _over(num: float | None, den: float | None) -> float | None:
    return None if num is None or not den else num / den


def is_rate(metric: Metric, side: str) -> bool:
    """Whether the value is a fraction, to be read as per cent."""
    own_share = side == MIRROR and metric.mirror_of == "own"
    return own_share or (metric.kind in ("ratio", "stock", "share") and metric.unit.startswith("%"))


def standard(metric: Metric, side: str) -> float | None:
    """The standard on a side: mirrored for a complement, none for a mirror with parts of its own."""
    if metric.standard is None:
        return None
    if side == METRIC or metric.mirror_of == "same":
        return float(metric.standard)
    return 1 - metric.standard if metric.mirror_of == "complement" else None


def better(metric: Metric, side: str) -> int:
    """-1 when less is better on the side asked for, 1 when more is, 0 when neither."""
    direction = metric.mirror_direction if side == MIRROR and metric.mirror_of != "same" else metric.direction
    return {"lower": -1, "higher": 1}.get(direction, 0)


def label(metric: Metric, side: str) -> str:
    return metric.mirror_label if side == MIRROR and metric.mirror_of not in ("none", "same") else metric.label


def things(metric: Metric, side: str) -> str:
    """The counted cases of a side, as they follow a number: `events` of the metric where they are that side's."""
    turned = better(metric, METRIC) > 0 and metric.mirror_of == "complement"
    counted = metric.raw.get("events") if side == (MIRROR if turned else METRIC) else None
    return str(counted or label(metric, side).lower())
