"""The answer to a comparison: own unit placed and marked, the recognised named, the rest a spread without names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from queries.answers.begun import nothing_words
from queries.answers.part import Part
from queries.answers.ranked import columns, others_row, picture, row_of
from queries.answers.settling import held_notes, settling_notes
from queries.answers.shown import Shown, dots_shown, everyone, listed, shown_board
from queries.answers.versus import next_step_sentence, own_sentences, place_sentence
from queries.fairness import standing
from queries.fairness.board import Standing
from queries.fairness.progress import is_newcomer
from queries.fairness.sealed import sealed_notes
from queries.fairness.steady import steady
from queries.figures import better, is_rate, label
from queries.labels import joined, unit_name
from queries.numbers import number_of, points_text, span_in, span_text, value_text
from queries.query import Query
from queries.setting import Setting
from queries.statements.ground import held

MOST_THANKED = 5


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
        next_step=next_step_sentence(shown),
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
        return [nothing_words(query, label(found.metric, found.side), found.statement.period, shown.at)]
    if "others" in query.compare and found.own:
        return own_sentences(shown)
    return _list_sentences(shown, chosen)


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
        return [first, _ends(shown, chosen)]
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


def _ends(shown: Shown, chosen: list[Standing]) -> str:
    """The two ends of a list of units seen by name, in the order of its picture: by the fair number."""
    metric, side = shown.found.metric, shown.found.side
    held = sorted((s for s in chosen if s.fair is not None), key=lambda s: -better(metric, side) * (s.fair or 0.0))
    if len(held) < 2 or not better(metric, side):
        return ""
    if not shown.found.tells:
        return shown.at.say("no_differences")
    best, other = held[0], held[-1]
    close = min(best.high or 0.0, other.high or 0.0) >= max(best.low or 0.0, other.low or 0.0)
    if shown.query.order == "room_to_grow":
        best, other = other, best
    values = {"best_value": value_text(metric, side, best.fair), "other_value": value_text(metric, side, other.fair)}
    if values["best_value"] == values["other_value"]:
        return shown.at.say("board_same", value=values["best_value"])
    key = "board_close" if close else "board_ends"
    return shown.at.say(key, best=shown.name(best), other=shown.name(other), **values)


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
    least = sorted(pair for pair in quiet if pair[0] not in names)[:MOST_THANKED]
    for weeks in sorted({w for _, w in least}, reverse=True):
        alike = joined([name for name, w in least if w == weeks])
        told.append(at.say("thank_you_prompt", names=alike, weeks=number_of(weeks, "week")))
    return told or [at.say("thank_nobody")]


def query_improved(shown: Shown) -> bool:
    return shown.query.order == "most_improved"


def _notes(shown: Shown) -> list[str]:
    found, at = shown.found, shown.at
    query, notes = shown.query, []
    told, blocks = found.statement.period, found.statement.scope.period
    if query.period is not None and told != held(query.period, at.ground) and blocks is None:
        notes.append(at.say("settled_part", span=span_text(told, at.today)))
    notes += held_notes(query, told, at)
    notes += sealed_notes(found.metric, found.side, query, told, None, at)
    notes += settling_notes(found.metric, found.side, query, query.period or told, at)
    if blocks is not None:
        notes.append(at.say("note_blocks", span=span_text(told, at.today)))
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
    return at.shelf.keep(("new", at.today), lambda: _new_by_unit(at)).get(own[0].code, 0)


def _new_by_unit(at: Setting) -> Mapping[str, int]:
    people = at.shelf.directory.people.values()
    return Counter(p.unit for p in people if is_newcomer(p.since, at.today))


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
