"""The answer to a comparison: own unit placed and marked, the recognised named, the rest a spread without names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queries import standing
from queries.answer import Column
from queries.contest import Board, Standing, board
from queries.figures import better, label
from queries.labels import key_label, unit_name
from queries.numbers import ordinal, plain_number, points_text, span_said, value_text
from queries.part import Part, Setting, value_column
from queries.query import Query
from queries.sentences import say


def compared(query: Query, metric_key: str, level: str, at: Setting) -> Part:
    """One metric compared among the units of a level."""
    metric = at.ground.catalogue.metrics[metric_key]
    found = board(query, metric, level, at.ground, at.shelf, at.viewer)
    shown = [s for s in found.standings if _by_name(s, found)]
    rows = [_row(s, found, level, at) for s in shown]
    rest = [s for s in found.standings if not _by_name(s, found)]
    if rest or found.others.n:
        rows.append(_others_row(found, level, len(rest)))
    return Part(
        sentences=_sentences(query, found, level, at),
        columns=_columns(found, level, at),
        rows=tuple(rows),
        periods=((f"{label(metric, found.side)}", found.statement.period),),
        picture=picture(found, level, at),
        statements=(found.statement,),
    )


def _by_name(one: Standing, found: Board) -> bool:
    naming = found.statement.scope.naming.get(found.field.level)
    if naming is not None and naming.everyone:
        return True
    return one.code is not None or one.recognised


def _columns(found: Board, level: str, at: Setting) -> tuple[Column, ...]:
    metric, side = found.metric, found.side
    return (
        Column(level, key_label(at.ground.catalogue, level), "unit"),
        value_column(metric, side, metric.key, label(metric, side)),
        Column("count", "how many", "count"),
        Column("cases", "of", "count"),
        value_column(metric, side, "fair", "fair number"),
        value_column(metric, side, "low", "from"),
        value_column(metric, side, "high", "to"),
        Column("place", "place", "text"),
    )


def _row(one: Standing, found: Board, level: str, at: Setting) -> Mapping[str, Any]:
    name = unit_name(at.shelf.directory, at.ground.catalogue, level, one.code or "")
    return {
        level: one.code, f"{level}.name": name, found.metric.key: one.figure.value, "count": one.figure.count,
        "cases": one.figure.cases, "fair": one.fair, "low": one.low, "high": one.high,
        "place": place_text(one), "own": one.own, "named": one.recognised,
    }  # fmt: skip


def _others_row(found: Board, level: str, count: int) -> Mapping[str, Any]:
    number = standing.rounded_units(count)
    return {level: None, f"{level}.name": f"{number} others together", found.metric.key: found.others.value,
            "count": found.others.count, "cases": found.others.cases, "own": False}  # fmt: skip


def place_text(one: Standing) -> str:
    """The place range: 2nd to 9th of 50."""
    if one.place is None:
        return ""
    low, high, of = one.place.low, one.place.high, one.place.of
    return f"{ordinal(low)} of {of}" if low == high else f"{ordinal(low)} to {ordinal(high)} of {of}"


def _sentences(query: Query, found: Board, level: str, at: Setting) -> tuple[str, ...]:
    if not found.own:
        return (_spread_sentence(found, level, at),)
    metric, side = found.metric, found.side
    own = found.own[0]
    name = unit_name(at.shelf.directory, at.ground.catalogue, level, own.code or "")
    first = say(
        "others", subject=name, label=label(metric, side).lower(), value=value_text(metric, side, own.figure.value),
        span=span_said(found.statement.period, at.today), you="you" if own.code else "it",
        others=value_text(metric, side, found.others.value),
    )  # fmt: skip
    return (first, _verdict(found, own, at))


def _verdict(found: Board, own: Standing, at: Setting) -> str:
    running = found.statement.period.end > at.today
    place = ""
    if own.place is not None:
        low, high, of = own.place.low, own.place.high, own.place.of
        place = say("place_one" if low == high else "place", low=ordinal(low), high=ordinal(high), of=of)
    if found.versus is None:
        return ""
    gap = points_text(found.metric, found.side, found.versus.gap)
    key: str | None
    key = {standing.SAME: "level", standing.EARLY: "early", standing.ABOUT: "about_the_same"}.get(found.versus.verdict)
    if key is None:
        key = "ahead" if found.versus.better else "behind"
    elif key == "early" and found.versus.better:
        key = "early_ahead"
    return say(key, yet=" yet" if running else "", place=place, gap=gap, apart="ahead", Ahead="Ahead")


def _spread_sentence(found: Board, level: str, at: Setting) -> str:
    metric, side = found.metric, found.side
    plural = next((one.plural for one in at.ground.catalogue.levels if one.key == level), level)
    number = standing.rounded_units(found.count)
    value = value_text(metric, side, found.company.value)
    span = span_said(found.statement.period, at.today)
    return f"{label(metric, side)} of {plain_number(number)} {plural}, {span}: {value} for the whole."


def picture(found: Board, level: str, at: Setting) -> Mapping[str, Any]:
    """The ranked picture: a row a unit, best first; names only where they may be told."""
    metric, side = found.metric, found.side
    rows = []
    for one in found.standings:
        named = _by_name(one, found)
        text = unit_name(at.shelf.directory, at.ground.catalogue, level, one.code or "") if named else ""
        rows.append({"label": text, "own": one.own, "named": one.recognised, "value": one.fair, "low": one.low,
                     "high": one.high, "n": one.figure.n if named else None, "place": place_text(one)})  # fmt: skip
    way = {1: "higher", -1: "lower"}.get(better(metric, side), "context")
    unit = "%" if value_column(metric, side, "", "").kind == "rate" else metric.unit
    return {"kind": "ranking", "metric": metric.key, "side": side, "label": label(metric, side), "unit": unit,
            "direction": way, "standard": found.standard, "typical": found.typical, "rows": rows}  # fmt: skip
