"""Which kind of answer a question about one metric gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from queries.answers.begun import comparable
from queries.answers.compared import compared
from queries.answers.drivers import drivers
from queries.answers.explain import defined, next_step
from queries.answers.helped import counts_people, helped
from queries.answers.newcomers import newcomer, starts
from queries.answers.part import Part
from queries.answers.single import limited, listed, shares
from queries.answers.told import told, told_of
from queries.answers.weeks import best_weeks, in_a_row
from queries.catalogue import Metric
from queries.figures import better, label
from queries.privacy.rights import Naming, Scope
from queries.query import COMPARES, EXPLAINS, GRAINS, OPS, ORDERS, Query
from queries.reach import default_period
from queries.setting import Setting, settling_from
from queries.statements.ground import NotHeldError

FAULTY = ("stale", "broken", "lacking", "short")
"""States of metrics whose figures are there, but not as they should be."""
EXPLAINED: dict[str, Callable[[Query, str, Setting], Part]] = {
    "definition": defined,
    "drivers": drivers,
    "next_step": next_step,
    "streak": in_a_row,
    "personal_best": best_weeks,
}


def part(query: Query, metric: str, scope: Scope, at: Setting) -> Part:
    """The answer about one metric, and what is wrong with the sources behind its figures.

    Raises:
        NotAllowedError: a figure that the answer needs may not be had by this viewer.
    """
    if query.explain == "definition":
        return defined(query, metric, at)
    found, stale = _figures(query, metric, scope, at), stale_words(metric, at)
    return replace(found, notes=(stale, *found.notes)) if stale else found


def _figures(query: Query, metric: str, scope: Scope, at: Setting) -> Part:
    missing = missing_words(metric, at)
    if missing:
        return Part((missing,), notes=(missing,))
    if query.explain is None:
        query = with_period(query, metric, at)
    if query.explain is not None:
        return EXPLAINED[query.explain](query, metric, at)
    query, alone = comparable(query, at.ground.catalogue.metrics[metric], at)
    if alone and query.order == "most_improved":
        return Part((alone,))
    found = _held_figures(query, metric, scope, at)
    return replace(found, sentences=(*found.sentences, alone)) if alone else found


def _held_figures(query: Query, metric: str, scope: Scope, at: Setting) -> Part:
    if query.rows is not None:
        return listed(query, metric, at)
    if query.show == "share":
        return told_of(query, shares(query, metric, at), at)
    if query.cases is not None:
        return told(plain(query), metric, limited(query, metric, at))
    definition = at.ground.catalogue.metrics[metric]
    if counts_people(query, definition, at):
        return helped(query, metric, at)
    level = field_level(query, metric, scope, at)
    if starts(query, definition, level, at):
        return newcomer(query, metric, at)
    if level and all_young(query, definition, at):
        return told(plain(query.with_(order=None, top=None, having=())), metric, at)
    return compared(query, metric, level, at) if level else told(query, metric, at)


def check(query: Query) -> None:
    """A query from outside (an address, a file) holds only words that queries have.

    Raises:
        NotHeldError: with the first word that no query has.
    """
    words: list[tuple[str | None, tuple[str, ...]]] = [(query.grain, GRAINS), (query.order, ORDERS)]
    words += [(query.explain, EXPLAINS)]
    words += [(one, COMPARES) for one in query.compare] + [(having.op, OPS) for having in query.having]
    for word, known in words:
        if word is not None and word not in known:
            raise NotHeldError(str(word))
    for one in (query.period, query.previous):
        if one is not None and one.days <= 0:
            raise NotHeldError(f"{one.start} – {one.end}")


def with_period(query: Query, metric: str, at: Setting) -> Query:
    """The query with the metric's own default period where it has none."""
    if query.period is not None:
        return query
    level = next((k for k, _ in query.about if at.ground.catalogue.level(k)), at.ground.catalogue.whole)
    period, _ = default_period(at.ground.catalogue.metrics[metric], level, at.today, at.ground.catalogue)
    return query.with_(period=period)


def all_young(query: Query, metric: Metric, at: Setting) -> bool:
    """Whether all cases of a period are still settling: those are shown and never ranked."""
    first = settling_from(metric, at.today)
    return first is not None and query.period is not None and query.period.start >= first


def plain(query: Query) -> Query:
    """A comparison with others as a plain list: for figures that have no fair number."""
    if "others" not in query.compare:
        return query
    levels = {level for level, _ in query.about} & set(query.by)
    about = tuple((k, v) for k, v in query.about if k not in levels)
    return query.with_(about=about, compare=tuple(c for c in query.compare if c != "others"))


def stale_words(metric: str, at: Setting) -> str:
    """What is wrong with the data behind a metric: late, not taken, without a column, of too few days; else empty."""
    state, note = at.shelf.states.get(metric, ("ok", ""))
    name = label(at.ground.catalogue.metrics[metric], "metric")
    return at.say(f"{state}_told", label=name, note=note) if state in FAULTY else ""


def missing_words(metric: str, at: Setting) -> str:
    """The sentence for a metric whose facts are not in the store; empty when they are."""
    definition = at.ground.catalogue.metrics[metric]
    state, note = at.shelf.states.get(metric, ("missing", ""))
    if state in ("ok", *FAULTY) and f"m_{metric}" in at.ground.tables:
        return ""
    source = note or ", ".join(str(s) for s in definition.raw.get("sources") or ()) or "its source"
    return at.say("note_missing", label=label(definition, "metric"), source=source)


def field_level(query: Query, metric: str, scope: Scope, at: Setting) -> str | None:
    """The level to compare units of, when the question is such a comparison; None for plain figures."""
    catalogue = at.ground.catalogue
    definition = catalogue.metrics[metric]
    levels = [key for key in query.by if key in catalogue.unit_levels]
    if "others" in query.compare and not levels:
        levels = [k for k, v in query.about if k in catalogue.unit_levels and not v.exclude][:1]
    if len(levels) != 1 or set(query.by) - set(levels) or query.grain or not better(definition, query.side_of(metric)):
        return None
    if not _has_cases(metric, at) or (query.show == "count" and query.order not in ("best", "room_to_grow")):
        return levels[0] if _has_cases(metric, at) and _hides(scope, levels[0]) else None
    naming = scope.naming.get(levels[0])
    picked = any(k == levels[0] and not v.exclude for k, v in query.about)
    by_right = picked or _all_by_right(query, levels[0], naming, at)
    if by_right and "others" not in query.compare and not (naming and naming.banded):
        return None
    if query.at_least is not None and naming is not None and naming.everyone and "others" not in query.compare:
        return None
    if "others" in query.compare or query.order in ("best", "room_to_grow", "most_improved"):
        return levels[0]
    if naming is not None and naming.everyone:
        return None
    ranked = bool(query.order or query.having)
    return levels[0] if ranked or _hides(scope, levels[0]) else None


def _all_by_right(query: Query, level: str, naming: Naming | None, at: Setting) -> bool:
    """Whether every unit that the question is about is the viewer's to see by name."""
    if naming is None or naming.everyone or level == at.ground.catalogue.person_level or not query.about:
        return False
    places = [(k, v.values) for k, v in query.about if k in at.ground.catalogue.unit_levels and not v.exclude]
    asked = [u for u in at.shelf.directory.units_of(level) if all(u.within.get(k) in codes for k, codes in places)]
    return bool(asked) and all(naming.by_right(u.code) for u in asked)


def _hides(scope: Scope, level: str) -> bool:
    """Whether units of the level are shown without their names."""
    naming = scope.naming.get(level)
    return naming is not None and not naming.everyone and naming.rest in ("spread", "recognised", "anonymous")


def _has_cases(metric: str, at: Setting) -> bool:
    """Whether the metric has something to take its events from; a bare count has not."""
    columns = at.ground.tables[f"m_{metric}"]
    return "item" not in columns and ("den" in columns or "value" in columns)
