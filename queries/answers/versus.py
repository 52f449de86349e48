"""One unit against the others in words: its figure, its fair number, whether they differ, its place, its next step."""

from __future__ import annotations

from queries.answers.hands import in_your_hands
from queries.answers.lever import lever
from queries.answers.shown import Shown, enough_others, is_small
from queries.answers.steps import step_of, step_words, week_words
from queries.answers.told import few_words
from queries.fairness import standing
from queries.fairness.board import Standing
from queries.figures import better, is_rate, label
from queries.labels import joined
from queries.numbers import ordinal, points_text, span_in, value_text

TELLING = 0.1
"""A fair difference that lies this share of the others' figure away from the plain one is told beside it."""


def own_sentences(shown: Shown) -> list[str]:
    """The own unit beside the others: as counts, as a figure, or why not; then what of the difference is real."""
    found, at = shown.found, shown.at
    metric, side, own = found.metric, found.side, found.own[0]
    single = len(found.own) == 1
    me = shown.people and own.code == at.viewer.login
    name = "You" if me else shown.name(own) if single else joined([shown.name(s) for s in found.own])
    things = label(metric, side).lower()
    if not single:
        others, span = value_text(metric, side, found.others.value), span_in(found.statement.period, at.today)
        if not enough_others(shown):
            return [at.say("others_few", least=found.statement.scope.units_min)]
        return [at.say("others_several", names=name, label=things, others=others, span=span)]
    if shown.withheld(own):
        least = found.statement.scope.people_min
        return [at.say("too_small_told", label=label(metric, side), least=least)]
    small = not shown.people and is_small(own, shown)
    if own.sample == standing.COUNTS and small:
        return [at.say("too_small_told", label=label(metric, side), least=found.statement.scope.round_below)]
    none = shown.people and own.figure.count == 0 and better(metric, side) < 0 and is_rate(metric, side)
    if own.sample == standing.COUNTS or (none and own.sample == standing.INTERVAL):
        return [few_words(name, metric, side, own.figure, at)]
    beside = value_text(metric, side, found.others.value) if enough_others(shown) else None
    first = at.say(
        "others" if is_rate(metric, side) else "others_amount" if metric.kind == "count" else "others_value",
        subject=name,
        value=value_text(metric, side, own.figure.value, small),
        label=things,
        span=span_in(found.statement.period, at.today),
        you="you" if me else "it",
        others=beside,
    )
    if beside is None:
        return [first, at.say("others_few", least=found.statement.scope.units_min)]
    place = "" if shown.people else place_sentence(shown, own)
    hands = in_your_hands(shown.query, metric, found.statement.period, at)
    return [first, _fair_sentence(shown, own), _verdict(shown, own), place, next_step_sentence(shown), hands]


def _fair_sentence(shown: Shown, own: Standing) -> str:
    """The fair number, where it tells another story than the plain one."""
    found = shown.found
    plain, others = own.figure.value, found.others.value
    if found.versus is None or own.fair is None or plain is None or others is None or not found.tells:
        return ""
    gap = plain - others
    turned = gap * found.versus.gap < 0
    differs = turned or abs(gap - found.versus.gap) > TELLING * max(abs(others), 1e-9)
    if not differs or (found.versus.verdict == standing.SAME and not turned):
        return ""
    texts = [value_text(found.metric, found.side, v) for v in (own.fair, own.fair - found.versus.gap)]
    return shown.at.say("fair_told", fair=texts[0], others=texts[1])


def _verdict(shown: Shown, own: Standing) -> str:
    found, at = shown.found, shown.at
    if not found.statement.scope.places and not shown.people:
        return at.say("not_ranked_here", label=label(found.metric, found.side))
    if found.versus is None or not better(found.metric, found.side):
        return ""
    if found.stormy is not None:
        return at.say("storm_period", share=f"{found.stormy * 100:.0f} %")
    if not found.tells and found.fair is not None and len(found.fair.units) > 1:
        return at.say("no_differences")
    running = found.statement.period.end > at.today
    help_: str | None = None
    key = {standing.SAME: "others_same", standing.ABOUT: "others_about_same"}.get(found.versus.verdict)
    if key is None:
        stage = "early_" if found.versus.verdict == standing.EARLY else ""
        key = f"others_{stage}" + ("ahead" if found.versus.gap * better(found.metric, found.side) > 0 else "behind")
    gap = points_text(found.metric, found.side, found.versus.gap)
    if key == "others_behind":
        help_ = lever(shown.query, found, at)
    return at.say(key, yet=at.say("word_yet") if running else "", gap=gap, help=help_)


def place_sentence(shown: Shown, own: Standing) -> str:
    """The place range. One that reaches the end says where it begins; a person's, that it is too wide."""
    found, at = shown.found, shown.at
    if own.place is None:
        group = found.metric.min_sample.get("person" if shown.people else "group") or {}
        if own.sample == standing.INTERVAL and group and found.statement.scope.places:
            return at.say("no_place_few", cases=own.figure.n, place=group.get("place"))
        return ""
    low, high, of = ordinal(own.place.low), ordinal(own.place.high), own.place.of
    tenth = max(1, -(-of // 10))
    if shown.people and own.place.high > of - tenth:
        return at.say("place_wide")
    if own.place.joint and own.place.high == of and own.place.low == 1:
        return at.say("place_any")
    level = at.ground.catalogue.level(shown.level)
    few = found.fair is not None and len(found.fair.units) < found.count
    among = {"of": of, "units": level.plural if level else shown.level, "enough": at.say("word_enough") if few else ""}
    if own.place.joint and own.place.high == of:
        return at.say("place_from", low=low, **among)
    return at.say("place_one" if low == high else "place_range", low=low, high=high, **among)


def next_step_sentence(shown: Shown) -> str:
    """The next step of the one own unit; empty without one, or where what is seen could all be luck."""
    if "others" not in shown.query.compare or len(shown.found.own) != 1:
        return ""
    own = shown.found.own[0]
    rounded = not shown.people and is_small(own, shown)
    week = "" if rounded else week_words(shown.found, own, shown.at)
    if week:
        return week
    step = step_of(shown.found, own)
    if step is None or not shown.found.tells:
        return ""
    if step.rung is None:
        return shown.at.say("step_keep")
    return shown.at.say("step_next", step=step_words(shown.found, step, shown.at))
