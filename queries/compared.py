"""The answer to a comparison: own unit placed and marked, the recognised named, the rest a spread without names."""

from __future__ import annotations

from queries import standing
from queries.contest import Standing
from queries.figures import better, is_rate, label
from queries.hands import in_your_hands
from queries.labels import joined, subject, unit_name
from queries.lever import lever
from queries.numbers import ordinal, points_text, span_in, span_text, value_text
from queries.part import Part, Setting
from queries.progress import is_newcomer
from queries.query import Query
from queries.sealed import sealed_notes
from queries.settling import held_notes, settling_notes
from queries.shown import (
    Shown,
    columns,
    dots_shown,
    enough_others,
    everyone,
    is_small,
    listed,
    others_row,
    picture,
    row_of,
    shown_board,
)
from queries.steady import steady
from queries.steps import step_of, step_words, week_words
from queries.told import few_words

MOST_THANKED = 5
TELLING = 0.1
"""A fair difference that lies this share of the others' figure away from the plain one is told beside it."""


def compared(query: Query, metric_key: str, level: str, at: Setting) -> Part:
    """One metric compared among the units of a level."""
    shown = shown_board(query, metric_key, level, at)
    found = shown.found
    chosen = listed(shown)
    rows = [row_of(one, shown) for one in chosen]
    dots = dots_shown(shown)
    enough = sum(one.code is None and one.figure.n > 0 for one in found.standings) >= found.statement.scope.units_min
    if found.rest.n and enough and not everyone(shown) and (found.own or dots):
        rows.append(others_row(shown))
    first = label(found.metric, found.side)
    return Part(
        sentences=tuple(s for s in _sentences(shown, chosen) if s),
        columns=columns(shown),
        rows=tuple(rows),
        notes=tuple(_notes(shown)),
        periods=((first, found.statement.period),),
        picture=picture(shown, dots),
        next_step=_next_step(shown),
        place=_own_place(shown),
        statements=(found.statement,),
    )


def _own_place(shown: Shown) -> str:
    """A person's own place range, kept apart from the sentences: told when it is asked for."""
    own = shown.found.own
    alone = shown.people and len(own) == 1 and own[0].code == shown.at.viewer.login
    return place_sentence(shown, own[0]) if alone else ""


def _sentences(shown: Shown, chosen: list[Standing]) -> list[str]:
    query, found = shown.query, shown.found
    if not any(s.figure.n for s in found.standings):
        span = span_in(found.statement.period, shown.at.today)
        return [
            shown.at.say(
                "figure_nothing",
                subject=subject(query, shown.at.shelf, shown.at.viewer),
                things=label(found.metric, found.side).lower(),
                span=span,
            )
        ]
    if "others" in query.compare and found.own:
        return _own_sentences(shown)
    return _list_sentences(shown, chosen)


def _own_sentences(shown: Shown) -> list[str]:
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
    return [first, _fair_sentence(shown, own), _verdict(shown, own), place, _next_step(shown), hands]


def _fair_sentence(shown: Shown, own: Standing) -> str:
    """The fair number, where it tells another story than the plain one."""
    found = shown.found
    plain, others = own.figure.value, found.others.value
    if found.versus is None or own.fair is None or plain is None or others is None or not found.tells:
        return ""
    gap = plain - others
    differs = gap * found.versus.gap < 0 or abs(gap - found.versus.gap) > TELLING * max(abs(others), 1e-9)
    if not differs or found.versus.verdict == standing.SAME:
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
    if own.place.joint and own.place.high == of:
        return at.say("place_from", low=low, of=of) if own.place.low > 1 else at.say("place_any")
    return at.say("place_one" if low == high else "place_range", low=low, high=high, of=of)


def _next_step(shown: Shown) -> str:
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


def _list_sentences(shown: Shown, chosen: list[Standing]) -> list[str]:
    found, at = shown.found, shown.at
    metric, side = found.metric, found.side
    plural = next((x.plural for x in at.ground.catalogue.levels if x.key == shown.level), shown.level)
    first = at.say(
        "board_told",
        label=label(metric, side),
        units=plural,
        span=span_in(found.statement.period, at.today),
        value=value_text(metric, side, found.company.value),
        whole=_whole_label(shown),
    )
    names = [shown.name(s) for s in chosen if s.token in shown.named]
    if everyone(shown):
        ends = [s for s in chosen if s.figure.value is not None]
        ends.sort(key=lambda s: -better(metric, side) * (s.figure.value or 0.0))
        if len(ends) < 2 or not better(metric, side):
            return [first]
        one, other = (ends[0], ends[-1]) if shown.query.order != "room_to_grow" else (ends[-1], ends[0])
        values = (value_text(metric, side, s.figure.value) for s in (one, other))
        pairs = dict(zip(("best_value", "other_value"), values, strict=True))
        return [first, at.say("board_ends", best=shown.name(one), other=shown.name(other), **pairs)]
    if query_improved(shown):
        told = at.say("improved_list", names=joined(names)) if names else at.say("improved_nobody")
        return [first, told]
    if shown.people and found.statement.scope.logged and shown.query.order == "best":
        return [first, *_thanks(shown, names)]
    if found.stormy is not None:
        return [first, at.say("storm_period", share=f"{found.stormy * 100:.0f} %")]
    if not found.tells:
        return [first, at.say("no_differences")]
    if shown.bands and not shown.people:
        first = f"{first} {at.say('bands_count', **shown.bands)}"
    if not names and shown.held:
        return [first]
    if not names:
        return [first, at.say("top_nobody")]
    shared = at.say("tie_share", count=len(names)) if len(names) > 1 else ""
    return [first, at.say("top_named", names=joined(names)), shared]


def _whole_label(shown: Shown) -> str:
    """What the figure of all is of: the own unit where nobody else's rows are read, else the company."""
    catalogue, within = shown.at.ground.catalogue, shown.found.statement.scope.people_within
    level = catalogue.level(within[0]) if within else None
    return level.label if level else catalogue.levels[-1].label


def _thanks(shown: Shown, names: list[str]) -> list[str]:
    """Whom of the own people to thank: the named, those who kept it up quietly; else a word for all of them."""
    found, at = shown.found, shown.at
    kept = steady(found.metric, found.side, found, found.statement.scope.logged, at)
    quiet = [(unit_name(at.shelf.directory, at.ground.catalogue, shown.level, one.login), one.weeks) for one in kept]
    told = [at.say("top_named", names=joined(names))] if names else []
    told += [at.say("thank_you_prompt", name=n, weeks=w) for n, w in sorted(quiet) if n not in names][:MOST_THANKED]
    return told or [at.say("thank_nobody")]


def query_improved(shown: Shown) -> bool:
    return shown.query.order == "most_improved"


def _notes(shown: Shown) -> list[str]:
    found, at = shown.found, shown.at
    query, notes = shown.query, []
    if query.period is not None and found.statement.period != query.period and found.statement.scope.period is None:
        notes.append(at.say("settled_part", span=span_text(found.statement.period, at.today)))
    notes += held_notes(found.statement.period, at)
    notes += sealed_notes(found.metric, found.side, query, found.statement.period, None, at)
    notes += settling_notes(found.metric, found.side, query, query.period or found.statement.period, at)
    if found.statement.scope.period is not None:
        notes.append(at.say("note_blocks", span=span_text(found.statement.period, at.today)))
    if found.widened:
        notes.append(at.say("too_few_others", wider=f"the whole {at.ground.catalogue.levels[-1].label}"))
    fresh = _new_people(shown)
    if fresh:
        notes.append(at.say("note_new_people", count=fresh, people="person" if fresh == 1 else "people"))
    if query.order == "room_to_grow" and not everyone(shown):
        notes.append(at.say("names_up_only"))
    if not everyone(shown) and dots_shown(shown):
        notes.append(at.say("unnamed_rest"))
    if shown.held and not shown.named and found.tells and "others" not in query.compare:
        notes.append(at.say("held_back_some"))
    visible = _visible(shown)
    if visible:
        notes.append(visible)
    hidden = sum(1 for one in found.standings if shown.by_name(one) and shown.withheld(one))
    if hidden:
        lines, it = ("line is", "it") if hidden == 1 else ("lines are", "them")
        least = found.statement.scope.people_min
        notes.append(at.say("note_withheld", count=hidden, lines=lines, least=least, it=it))
    return notes


def _new_people(shown: Shown) -> int:
    """How many of the own unit are in their first weeks: their work counts in its figure."""
    own, at = shown.found.own, shown.at
    if shown.people or len(own) != 1 or own[0].code is None or own[0].code not in at.viewer.own_of(shown.level):
        return 0
    people = at.shelf.directory.people.values()
    return sum(p.unit == own[0].code and is_newcomer(p.since, at.today) for p in people)


def _visible(shown: Shown) -> str:
    """What the period could show at all, when it could only show large differences."""
    found = shown.found
    own = found.own[0] if len(found.own) == 1 else None
    p = found.others.value
    if (
        "others" not in shown.query.compare
        or own is None
        or p is None
        or not is_rate(found.metric, found.side)
        or not own.figure.cases
        or not 0 < p < 1
    ):
        return ""
    size = standing.smallest_visible(p, own.figure.cases)
    if found.versus is None or found.versus.verdict not in (standing.SAME, standing.EARLY) or not 0.01 <= size <= 0.2:
        return ""
    return shown.at.say("visible_from", points=points_text(found.metric, found.side, size))
