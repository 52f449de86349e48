"""Plain figures as an answer: the sentence, the rows and the picture of a number, a break-down or a series."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from queries.answers.against import company_words, previous_words, settling_words, standard_words
from queries.answers.begun import nothing_words
from queries.answers.order import kept
from queries.answers.part import Part
from queries.answers.settling import held_notes, settling_notes
from queries.answers.tabled import (
    bucket_end,
    in_counts,
    key_name,
    shown_value,
    table_columns,
    table_picture,
    table_row,
    value_words,
)  # fmt: skip
from queries.answers.tables import BUCKET, overlaps, table
from queries.catalogue import Metric
from queries.fairness.sealed import sealed_notes
from queries.fairness.storms import marked_weeks
from queries.figures import Figure, better, is_rate, label, things
from queries.labels import joined, key_label, subject, value_name
from queries.numbers import bucket_text, day_text, one_or_many, plain_number, span_in, span_text, value_text
from queries.privacy import redact
from queries.privacy.cells import Cell, Table
from queries.query import Query
from queries.setting import Setting, settling_from
from queries.statements.ground import held

MOST_TOLD = 5


def told(query: Query, metric_key: str, at: Setting) -> Part:
    """One metric as plain figures."""
    return told_of(query, table(query, at.ground.catalogue.metrics[metric_key], at), at)


def told_of(query: Query, found: Table, at: Setting) -> Part:
    """A table as an answer."""
    cells = kept(query, found, at)
    notes = [*settling_notes(found.metric, found.side, query, found.period, at), *_notes(query, found, at)]
    notes += held_notes(query, found.period, at)
    held = found.whole.figure if found.whole and not found.whole.withheld else None
    notes += sealed_notes(found.metric, found.side, query, found.period, held, at)
    marked = marked_weeks(query, found.metric, found.scope, at)
    if marked:
        notes.append(at.say("storm_weeks", weeks=joined([day_text(week) for week in sorted(marked)])))
    full = [c for c in found.cells if c.figure.n]
    return Part(
        sentences=tuple(s for s in _sentences(query, found, cells, at) if s),
        columns=table_columns(query, found, at),
        rows=tuple(table_row(query, cell, found, at) for cell in cells if not cell.withheld),
        notes=tuple(notes),
        periods=_periods(found),
        picture=table_picture(query, found, cells, at, frozenset(marked)),
        statements=found.statements,
        empty=bool(full) and all(c.withheld for c in full),
    )


def _periods(found: Table) -> tuple[tuple[str, Any], ...]:
    first = (label(found.metric, found.side), found.period)
    return (first,) if found.previous is None else (first, ("compared with", found.previous))


def _sentences(query: Query, found: Table, cells: list[Cell], at: Setting) -> list[str]:
    if not any(c.figure.n for c in found.cells):
        return [nothing_words(query, label(found.metric, found.side), found.period, at)]
    if not found.names:
        return _single(query, found, found.cells[0], at)
    if query.show == "share" and len(cells) == 1 and not cells[0].withheld:
        who, key = subject(query, at.shelf, at.viewer), key_name(found.names[0], cells[0].keys[0], found, at)
        return [_part(f"{who}, {key}", found, cells[0], span_in(found.period, at.today), at)]
    first = _first(query, found, cells, at)
    if first:
        return [first, *(_compared(query, found, at) if len(cells) == 1 else [])]
    if query.grain and not query.by:
        return [_series(query, found, cells, at), *_compared(query, found, at)]
    return [_list(query, found, cells, at), *_compared(query, found, at)]


def _first(query: Query, found: Table, cells: list[Cell], at: Setting) -> str:
    """A short list of the first ones (never of people): each with its figure; those that are level share."""
    shown = [c for c in cells if not c.withheld and c.keys and c.keys[-1] is not None]
    person = at.ground.catalogue.person_level
    short = bool(query.top and query.order and shown) and len(shown) <= MOST_TOLD
    alone = len(shown) == 1 and found.names[:1] == (found.metric.over,)
    if not (short or alone) or person in query.by or len(found.names) > 1:
        return ""
    name = found.names[0]
    told = [f"{_called(name, c.keys[0], query, found, at)} ({_size_text(query, found, c)})" for c in shown]
    by = query.grain if name == BUCKET else key_label(at.ground.catalogue, name)
    who = subject(query, at.shelf, at.viewer)
    return at.say(
        "top_told", subject=who, label=_things(found), by=by, span=span_in(found.period, at.today), names=joined(told)
    )


def _called(name: str, key: Any, query: Query, found: Table, at: Setting) -> str:
    if name != BUCKET:
        return key_name(name, key, found, at)
    return bucket_text(key, str(query.grain), year=True)


def _things(found: Table) -> str:
    return label(found.metric, found.side).lower()


def cases_text(metric: Metric, figure: Figure) -> str:
    """What the figure is taken from: 275 visits."""
    if not figure.cases or figure.value is None or metric.kind == "count":
        return ""
    noun = metric.unit.removeprefix("% of ") if metric.unit.startswith("% of ") else "cases"
    return f"{figure.cases:,.0f} {noun.removesuffix('s') if figure.cases == 1 else noun}"


def _single(query: Query, found: Table, cell: Cell, at: Setting) -> list[str]:
    metric, side, one = found.metric, found.side, cell.figure
    if cell.withheld:
        return []
    who, span = subject(query, at.shelf, at.viewer), span_in(found.period, at.today)
    value = shown_value(metric, side, one, cell.verdict)
    cases = cases_text(metric, one)
    if value is None and one.count is None:
        return [at.say("too_small_told", label=label(metric, side), least=found.scope.round_below)]
    if value is None and one.count is not None:
        return [few_words(who, metric, side, one, at)]
    if _own_short(query, found) and one.count == 0 and better(metric, side) < 0:
        return [few_words(who, metric, side, one, at)]
    if query.show == "share":
        return [_part(who, found, cell, span, at)]
    plain = metric.kind == "count" and one.cases is None and metric.unit.casefold() == label(metric, side).casefold()
    if (plain or query.show == "count" or _own_short(query, found)) and one.count is not None:
        count = plain_number(one.count or 0, 0)
        things = one_or_many(one.count, _things(found))
        first = at.say("figure_count", subject=who, count=count, label=things, span=span, cases=cases)
    else:
        whole = cell.verdict == redact.ROUNDED
        text = value_text(metric, side, value, whole)
        cases = "" if whole else cases
        key = "figure" if is_rate(metric, side) else "figure_amount" if metric.kind == "count" else "figure_value"
        first = at.say(key, subject=who, value=text, label=_things(found), span=span, cases=cases)
    return [first, *_compared(query, found, at)]


def _part(who: str, found: Table, cell: Cell, span: str, at: Setting) -> str:
    """`Lakeside: 7.7 % of all late arrivals last month (285 of 3,709)`."""
    one, whole = cell.figure, _things(found).removeprefix("share ")
    value = value_text(found.metric, found.side, one.value, cell.verdict == redact.ROUNDED)
    count, cases = plain_number(one.count or 0, 0), plain_number(one.cases or 0, 0)
    return at.say("figure_part", subject=who, value=value, label=whole, span=span, count=count, cases=cases)


CLEAN_WEEK = 15
"""So many cases without one event are told as a clean week; it is never ranked."""


def few_words(who: str, metric: Metric, side: str, one: Figure, at: Setting) -> str:
    """A figure of a few cases as counts; none of the unwelcome kind is told as such."""
    counted = things(metric, side)
    cases = cases_text(metric, replace(one, value=0.0)) or f"{one.n} cases"
    if one.count == 0 and better(metric, side) < 0:
        return at.say("clean_week" if one.n >= CLEAN_WEEK else "none_in", subject=who, things=counted, cases=cases)
    count, counted = plain_number(one.count or 0, 0), one_or_many(one.count, counted)
    return at.say("few_cases", subject=who, count=count, things=counted, cases=cases)


def _own_short(query: Query, found: Table) -> bool:
    return in_counts(query, found) and is_rate(found.metric, found.side)


def _compared(query: Query, found: Table, at: Setting) -> list[str]:
    """Against before, the standard and the company, for the figure as a whole."""
    whole = found.whole
    if whole is None or whole.withheld or overlaps(query, found.metric):
        return []
    said = []
    young = settling_from(found.metric, at.today)
    settling = young is not None and found.period.end > young
    if whole.previous is not None and found.previous is not None:
        both = found.metric, found.side, whole.figure, whole.previous, found.previous, at
        exact = query.show == "count" and whole.verdict != redact.ROUNDED
        said.append(settling_words(*both) if settling else previous_words(*both, counted=exact))
    if "standard" in query.compare and not settling:
        said.append(standard_words(found.metric, found.side, whole.figure, at, whole.verdict != redact.ROUNDED))
    if found.company is not None:
        said.append(company_words(found.metric, found.side, found.company, at))
    return said


def _series(query: Query, found: Table, cells: list[Cell], at: Setting) -> str:
    shown = [c for c in cells if not c.withheld and c.figure.value is not None]
    young = settling_from(found.metric, at.today)
    settled = [c for c in shown if young is None or bucket_end(query, c.keys[-1]) < young]
    newest = max(settled or shown, key=lambda c: c.keys[-1], default=None)
    whole = None if overlaps(query, found.metric) else found.whole
    return at.say(
        "series_told",
        subject=subject(query, at.shelf, at.viewer),
        label=_things(found),
        grain=query.grain,
        bucket=f"settled {query.grain}" if 0 < len(settled) < len(shown) else query.grain,
        span=span_in(found.period, at.today),
        value=None if whole is None or whole.figure.value is None else value_words(query, found, whole),
        newest=None if newest is None else value_words(query, found, newest),
        day=None if newest is None else bucket_text(newest.keys[-1], str(query.grain)),
    )


def _list(query: Query, found: Table, cells: list[Cell], at: Setting) -> str:
    by = " and ".join(key_label(at.ground.catalogue, n) for n in found.names if n != BUCKET)
    whole = None if overlaps(query, found.metric) else found.whole
    value = None if whole is None else _size_text(query, found, whole)
    ends = _ends(query, found, cells, at) if len(found.names) == 1 else {}
    return at.say(
        "list_told" if cells or not query.having else "list_none",
        subject=subject(query, at.shelf, at.viewer),
        label=_things(found),
        by=by,
        value=value,
        span=span_in(found.period, at.today),
        **(dict.fromkeys(("best", "best_value", "other", "other_value")) | ends),
    )


def _ends(query: Query, found: Table, cells: list[Cell], at: Setting) -> dict[str, str]:
    """The two ends of a list of things or places (never of people), the better one first."""
    name, young = found.names[0], settling_from(found.metric, at.today)
    if name == at.ground.catalogue.person_level or (young is not None and found.period.start >= young):
        return {}
    shown = [c for c in cells if not c.withheld and c.keys[0] is not None and _enough(query, found, c)]
    if len(shown) < 2:
        return {}
    way = better(found.metric, found.side) or 1
    order = sorted(shown, key=lambda c: -way * _size(c, query))
    first, final = order[0], order[-1]
    names = [value_name(at.shelf, name, c.keys[0]) for c in (first, final)]
    sizes = [_size_text(query, found, c) for c in (first, final)]
    return {"best": names[0], "best_value": sizes[0], "other": names[1], "other_value": sizes[1]}


def _enough(query: Query, found: Table, cell: Cell) -> bool:
    """Whether a cell has cases enough to be told as an end of a list."""
    if query.show == "count":
        return cell.figure.value is not None
    return shown_value(found.metric, found.side, cell.figure, cell.verdict) is not None


def _size(cell: Cell, query: Query) -> float:
    return (cell.figure.count if query.show == "count" else cell.figure.value) or 0.0


def _size_text(query: Query, found: Table, cell: Cell) -> str:
    if query.show == "count" and cell.figure.count is not None:
        return plain_number(cell.figure.count, 0)
    return value_words(query, found, cell)


def _notes(query: Query, found: Table, at: Setting) -> list[str]:
    notes = []
    scope = found.scope
    if scope.period is not None:
        notes.append(at.say("note_blocks", span=span_text(scope.period, at.today)))
    elif query.period is not None and found.period != held(query.period, at.ground):
        notes.append(at.say("note_merged_days", least=scope.people_min, span=span_text(found.period, at.today)))
    counted = redact.counted([c.verdict for c in found.cells])
    few = sum(n for reason, n in counted.items() if reason != redact.FEW_CASES)
    few_cases = counted.get(redact.FEW_CASES, 0)
    for key, number, least in (
        ("note_withheld", few, scope.people_min),
        ("note_withheld_cases", few_cases, scope.cases_min),
    ):
        if number:
            lines, it = ("line is", "it") if number == 1 else ("lines are", "them")
            notes.append(at.say(key, count=number, lines=lines, least=least, it=it))
    if any(c.verdict == redact.ROUNDED and c.figure.count is None for c in found.cells):
        notes.append(at.say("note_rounded"))
    if scope.logged:
        notes.append(at.say("note_logged"))
    return notes
