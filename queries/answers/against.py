"""A figure against an earlier one, the standard and the company, in words: luck is called luck."""

from __future__ import annotations

import numpy as np

from queries.catalogue import Metric
from queries.fairness import standing
from queries.fairness.fair import wilson
from queries.figures import Figure, better, is_rate, standard
from queries.numbers import plain_number, points_text, span_said, value_text
from queries.periods import Period
from queries.setting import Setting


def variance(metric: Metric, side: str, figure: Figure) -> float | None:
    """The variance of a plain figure from its own cases; None where the roll-up does not tell it (medians)."""
    n = figure.cases or figure.n
    if figure.value is None or not n:
        return None
    if is_rate(metric, side):
        count = figure.value * n if figure.count is None else figure.count
        smoothed = (count + 0.5) / (n + 1)
        return smoothed * (1 - smoothed) / n if 0 < smoothed < 1 else None
    sigma = metric.min_sample.get("assumed_sd")
    if metric.kind == "count":
        return max(figure.count or 0.0, 1.0) / n**2
    return None if sigma is None or metric.kind == "median" else float(sigma) ** 2 / n


def previous_words(
    metric: Metric, side: str, now: Figure, then: Figure, period: Period, at: Setting, counted: bool = False
) -> str:  # fmt: skip
    """Now against an earlier period, with the bands of section 6; `counted`: how many there were is told, too."""
    span, value = span_said(period, at.today), value_text(metric, side, then.value)
    if counted and then.count is not None and is_rate(metric, side):
        value = f"{plain_number(then.count, 0)}, {value}"
    if now.value is None or then.value is None:
        return at.say("previous_plain", span=span, value=value)
    pair = variance(metric, side, now), variance(metric, side, then)
    way = better(metric, side)
    gap = points_text(metric, side, now.value - then.value)
    if pair[0] is None or pair[1] is None or not way:
        more = "word_more" if now.value > then.value else "word_fewer"
        if gap == points_text(metric, side, 0):
            return at.say("previous_about_same", span=span, value=value)
        return at.say("previous_moved", span=span, value=value, gap=gap, more=at.say(more))
    found = standing.difference(
        (now.value, pair[0]), (then.value, pair[1]), way, standard(metric, side), points=is_rate(metric, side)
    )
    ahead = way * (now.value - then.value) > 0
    key = {standing.SAME: "previous_same", standing.ABOUT: "previous_about_same"}.get(found.verdict)
    stage = "previous_early_" if found.verdict == standing.EARLY else "previous_"
    key = key or stage + ("better" if ahead else "worse")
    return at.say(key, span=span, value=value, gap=gap)


def settling_words(metric: Metric, side: str, now: Figure, then: Figure, period: Period, at: Setting) -> str:
    """A figure that is still settling beside an earlier one: told, not compared."""
    return at.say("previous_settling", span=span_said(period, at.today), value=value_text(metric, side, then.value))


def standard_words(metric: Metric, side: str, figure: Figure, at: Setting, exact: bool = True) -> str:
    """A plain figure against the standard: better, give or take, or how far it is; side by side when rounded."""
    goal, way = standard(metric, side), better(metric, side)
    if goal is None:
        return at.say("standard_none")
    told = value_text(metric, side, goal)
    spread = interval(metric, side, figure) if exact else None
    if figure.value is None or spread is None or not way:
        return at.say("standard_beside", standard=told)
    low, high = spread
    if low <= goal <= high:
        return at.say(
            "standard_on", standard=told, low=value_text(metric, side, low), high=value_text(metric, side, high)
        )
    if way * (figure.value - goal) > 0:
        return at.say("standard_beat", standard=told)
    return at.say("standard_next", standard=told, gap=points_text(metric, side, figure.value - goal))


def interval(metric: Metric, side: str, figure: Figure) -> tuple[float, float] | None:
    """The plain 90 % interval: Wilson for rates, normal for averages; None where it cannot be told."""
    spread = variance(metric, side, figure)
    if figure.value is None or spread is None:
        return None
    if is_rate(metric, side) and figure.cases:
        low, high = wilson(np.array([figure.value * figure.cases]), np.array([figure.cases]))
        return float(low[0]), float(high[0])
    half = 1.645 * spread**0.5
    return figure.value - half, figure.value + half


def company_words(metric: Metric, side: str, company: Figure, at: Setting) -> str:
    return at.say("company_beside", value=value_text(metric, side, company.value))
