"""The next step of a unit in things to count, as a sentence."""

from __future__ import annotations

import math
from datetime import timedelta

from queries.catalogue import Metric
from queries.fairness import standing
from queries.fairness.board import Board, Standing
from queries.fairness.standing import Step
from queries.figures import better, is_rate, things
from queries.numbers import count_word, one_or_many, points_text, value_text
from queries.setting import Setting

Target = str | tuple[str, int] | None


def step_of(found: Board, own: Standing, target: Target = None) -> Step | None:
    """The next rung of a unit, or the way to a target; None without enough cases or a good direction."""
    if found.fair is None or own.token not in found.tokens or not better(found.metric, found.side):
        return None
    cases = (own.figure.cases or own.figure.n) * 28 / max(1, found.statement.period.days)
    i = found.fair.index(own.token)
    rate = is_rate(found.metric, found.side)
    nothing = points_text(found.metric, found.side, 0)
    wanted = [target] if target is not None else list(standing.rungs(found.fair, found.standard))
    if not wanted:
        return None
    for rung in wanted:
        step = standing.next_step(found.fair, i, cases, found.standard, rung, counted=rate)
        seen = step.count is not None or points_text(found.metric, found.side, step.gap) != nothing
        if step.rung is not None and seen:
            return step
    return Step(None, float(found.fair.value[i]), 0.0)


def step_words(found: Board, step: Step, at: Setting) -> str:
    """The step as it completes "Next step: …"."""
    metric, side = found.metric, found.side
    level = at.ground.catalogue.level(found.field.level)
    unit = level.label if level and not level.people else at.say("word_colleague")
    rung = {
        "typical": f"level with the typical {unit}",
        "standard": "the standard",
        "top_quarter": "the top quarter",
        "top_tenth": "the top tenth",
        "place": "that place",
    }.get(step.rung or "", "")
    if step.count is None:
        less = at.say("word_less" if better(metric, side) < 0 else "word_more")
        return at.say("step_gap", rung=rung, gap=points_text(metric, side, step.gap), fewer=less)
    fewer, counted = things_to_count(metric, side, at)
    counted = one_or_many(step.count, counted)
    said = at.say(f"step_{step.rung}", unit=unit, count=step.count, fewer=fewer, things=counted, place=rung)
    half = ". " + at.say("step_half", half=step.half, fewer=fewer).rstrip(".") if step.half else ""
    return said + half


def things_to_count(metric: Metric, side: str, at: Setting) -> tuple[str, str]:
    """Fewer or more of what: always the side on which less is better, where there is one.

    For "fixed first time" these are fewer repeat repairs.
    """
    if better(metric, side) <= 0:
        return at.say("word_fewer"), things(metric, side)
    if metric.mirror_of == "complement":
        return at.say("word_fewer"), things(metric, "mirror" if side == "metric" else "metric")
    counted, noun = things(metric, side), metric.unit.removeprefix("% of ")
    return at.say("word_more"), counted if metric.raw.get("events") else f"{noun} for {counted}"


def week_words(found: Board, own: Standing, at: Setting) -> str:
    """In a week that still runs: how many more events would just keep the standard until it ends; else empty.

    The days left are taken to bring as many cases a day as those gone by.
    """
    period, goal = found.statement.period, found.standard
    left = 7 - period.days
    running = period.start.weekday() == 0 and period.end == at.today + timedelta(days=1) and 0 < left < 7
    if not running or goal is None or not is_rate(found.metric, found.side) or not own.figure.cases:
        return ""
    events, wanted = own.figure.count or 0, goal
    if better(found.metric, found.side) > 0:
        if found.metric.mirror_of != "complement":
            return ""
        events, wanted = own.figure.cases - events, 1 - goal
    whole = own.figure.cases * 7 / period.days
    more = math.floor(whole * wanted - events)
    if more < 0 or found.metric.matures_after_days:
        return ""
    _, counted = things_to_count(found.metric, found.side, at)
    standard = value_text(found.metric, found.side, goal)
    if not more:
        return at.say("step_week_none", things=counted, standard=standard)
    return at.say("step_week", count=count_word(more), things=one_or_many(more, counted), standard=standard)
