"""Questions that ask for an explanation: what counts, and what the next step is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from queries.answers.answer import Column
from queries.answers.hands import in_your_hands
from queries.answers.part import Part, value_column
from queries.answers.ranked import columns as board_columns
from queries.answers.ranked import picture as board_picture
from queries.answers.ranked import row_of
from queries.answers.shown import is_small, shown_board
from queries.answers.steps import step_of, step_words, things_to_count
from queries.catalogue import Metric
from queries.figures import label, standard
from queries.labels import subject
from queries.numbers import span_in, value_text
from queries.periods import Period
from queries.query import Query
from queries.setting import Setting, settling_from

BOARD_WEEKS = 13


def definition(metric: Metric, side: str, at: Setting) -> str:
    """How a metric is counted, in plain words."""
    raw = metric.raw
    lines = [metric.plain] + ([f"Counted: {raw['numerator']}."] if raw.get("numerator") else [])
    lines += [f"Out of: {raw['denominator']}."] if raw.get("denominator") else []
    if raw.get("exclusions"):
        lines.append("Left out: " + "; ".join(str(x) for x in raw["exclusions"]) + ".")
    goal = standard(metric, side)
    if goal is not None:
        lines.append(f"Standard: {value_text(metric, side, goal)}.")
    if metric.matures_after_days:
        lines.append(f"A case is final after {metric.matures_after_days} days.")
    if raw.get("attribution"):
        lines.append(f"Counted for: {raw['attribution']}.")
    return " ".join(line for line in lines if line.strip())


def defined(query: Query, metric_key: str, at: Setting) -> Part:
    """What counts: words, no figures."""
    metric = at.ground.catalogue.metrics[metric_key]
    side = query.side_of(metric_key)
    raw = metric.raw
    goal = standard(metric, side)
    rows: list[Mapping[str, Any]] = [
        {"what": what, "text": text}
        for what, text in (
            ("in short", metric.plain),
            ("counted", raw.get("numerator")),
            ("out of", raw.get("denominator")),
            ("left out", "; ".join(str(x) for x in raw.get("exclusions") or [])),
            ("unit", metric.unit),
            ("standard", None if goal is None else value_text(metric, side, goal)),
            ("counted for", raw.get("attribution")),
            ("the other side", metric.mirror_label),
        )
        if text
    ]
    first = f"{label(metric, side)}: {metric.plain}"
    return Part((first,), (Column("what", "what", "text"), Column("text", "text", "text")), tuple(rows))


def own_level(query: Query, at: Setting) -> str:
    """The level that a question about somebody's own standing is about."""
    return next(
        (k for k, v in query.about if at.ground.catalogue.level(k) and not v.exclude), at.ground.catalogue.whole
    )


def next_step(query: Query, metric_key: str, at: Setting) -> Part:
    """The next rung, or the way to a target, in things to count over the next four weeks."""
    level = own_level(query, at)
    if level == at.ground.catalogue.whole:
        return Part((at.say("step_company"),))
    metric = at.ground.catalogue.metrics[metric_key]
    asked = query.with_(by=(level,), compare=("others",), period=query.period or settled_weeks(metric, at, BOARD_WEEKS))
    shown = shown_board(asked, metric_key, level, at)
    own = shown.found.own[0] if shown.found.own else None
    step = step_of(shown.found, own, query.target) if own and not shown.withheld(own) else None
    if own is None or step is None:
        cases = own.figure.n if own else 0
        few = at.say("step_few", cases=cases, label=label(metric, shown.found.side))
        return Part((few,), statements=(shown.found.statement,))
    span = span_in(shown.found.statement.period, at.today)
    said = at.say("step_keep") if step.rung is None else at.say("step_next", step=step_words(shown.found, step, at))
    if step.rung is None and query.target is not None:
        said = at.say("step_reached")
    now = at.say(
        "step_now",
        subject=subject(query, at.shelf, at.viewer),
        span=span,
        label=label(metric, shown.found.side).lower(),
        value=value_text(metric, shown.found.side, own.figure.value, not shown.people and is_small(own, shown)),
    )
    rung = step.rung.replace("_", " ") if step.rung else None
    counted = " ".join(things_to_count(metric, shown.found.side, at)) if step.count is not None else None
    row = {**row_of(own, shown), "rung": rung, "rung_value": round(step.value, 3), "to_go": step.count}
    more = (
        Column("rung", "next step", "text"),
        value_column(metric, shown.found.side, "rung_value", "at"),
        Column("to_go", "in 4 weeks", "count"),
        Column("to_go_of", "of what", "text"),
    )
    hands = in_your_hands(query, metric, shown.found.statement.period, at)
    return Part(
        tuple(s for s in (now, said, hands) if s),
        (*board_columns(shown), *more),
        ({**row, "to_go_of": counted},),
        next_step=said,
        statements=(shown.found.statement,),
        periods=((label(metric, shown.found.side), shown.found.statement.period),),
        picture=board_picture(shown, False),
    )


def settled_weeks(metric: Metric, at: Setting, weeks: int) -> Period:
    """The last whole settled weeks."""
    end = settling_from(metric, at.today) or at.today + timedelta(days=1)
    end -= timedelta(days=end.weekday())
    return Period(end - timedelta(weeks=weeks), end)
