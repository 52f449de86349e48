"""A comparison as rows and as a picture: what the columns hold, one row a unit, one bar or dot a unit.

Who may be named and which figures are withheld is decided in `shown`; here it is only drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queries.answers.answer import Column
from queries.answers.part import value_column
from queries.answers.shown import Shown, band_of, banded, coarse, is_small, narrowed, read_value
from queries.fairness import standing
from queries.fairness.board import Standing
from queries.figures import better, is_rate, label
from queries.labels import key_label
from queries.numbers import ordinal


def columns(shown: Shown) -> tuple[Column, ...]:
    """The columns of a comparison."""
    metric, side = shown.found.metric, shown.found.side
    columns = [
        Column(shown.level, key_label(shown.at.ground.catalogue, shown.level), "unit"),
        value_column(metric, side, metric.key, label(metric, side)),
        Column("count", "how many", "count"),
        Column("cases", "of", "count"),
        value_column(metric, side, "fair", "fair number"),
        value_column(metric, side, "low", "likely from"),
        value_column(metric, side, "high", "to"),
    ]
    if shown.found.statement.scope.places and not shown.people:
        columns.append(Column("place", "place", "text"))
    if banded(shown) or any(s.token in shown.named for s in shown.found.standings):
        columns.append(Column("standing", "standing", "text"))
    return tuple(columns)


def row_of(one: Standing, shown: Shown) -> Mapping[str, Any]:
    """A unit as a row of these columns."""
    enough = one.sample != standing.COUNTS
    small = not shown.people and is_small(one, shown)
    exact = shown.exact(one)
    return {
        shown.level: shown.code(one),
        f"{shown.level}.name": shown.name(one),
        shown.found.metric.key: read_value(one, shown) if enough else None,
        "count": one.figure.count if exact and not small else None,
        "cases": one.figure.cases if exact and not small else None,
        "fair": coarse(one.fair if enough else None, exact, small),
        "low": coarse(one.low if enough else None, exact, small),
        "high": coarse(one.high if enough else None, exact, small),
        "place": "" if banded(shown) or shown.people else place_text(one),
        "own": one.own,
        "standing": _standing_text(one, shown),
    }


def _standing_text(one: Standing, shown: Shown) -> str | None:
    if banded(shown):
        return shown.at.say(f"band_{band_of(one)}")
    return shown.at.say("standing_named") if one.token in shown.named else None


def others_row(shown: Shown) -> Mapping[str, Any]:
    """All units without a right to their names as one; the recognised among them are in it."""
    found = shown.found
    number = standing.rounded_units(sum(s.code is None for s in found.standings))
    plural = next((x.plural for x in shown.at.ground.catalogue.levels if x.key == shown.level), shown.level)
    name = shown.at.say("others_together", number=number, units=plural)
    return {
        shown.level: None,
        f"{shown.level}.name": name,
        found.metric.key: coarse(found.rest.value, not narrowed(shown)),
        "count": None if narrowed(shown) else found.rest.count,
        "cases": None if narrowed(shown) else found.rest.cases,
    }


def place_text(one: Standing) -> str:
    """The place range: 2nd to 9th of 50."""
    if one.place is None:
        return ""
    low, high, of = one.place.low, one.place.high, one.place.of
    if low < high == of:
        return f"{ordinal(low)} or later of {of}" if low > 1 else f"any of {of}"
    return f"{ordinal(low)} of {of}" if low == high else f"{ordinal(low)} to {ordinal(high)} of {of}"


def picture(shown: Shown, dots: bool) -> Mapping[str, Any]:
    """The ranked picture: a row a unit, best first; names only where they may be told.

    People are drawn only as named or as dots; a dot carries a rounded figure and nothing else.
    """
    found = shown.found
    metric, side = found.metric, found.side
    rows = []
    for one in found.standings:
        if one.fair is None or one.sample == standing.COUNTS or shown.withheld(one):
            continue
        if not (shown.by_name(one) or dots):
            continue
        rows.append(
            _bar(one, shown)
            if shown.by_name(one)
            else {
                "label": "",
                "own": False,
                "named": False,
                "value": round(one.fair, 3),
                "low": None,
                "high": None,
                "n": None,
                "place": "",
            }
        )
    way = {1: "higher", -1: "lower"}.get(better(metric, side), "context")
    return {
        "kind": "ranking",
        "metric": metric.key,
        "side": side,
        "label": label(metric, side),
        "unit": "%" if is_rate(metric, side) else metric.unit,
        "direction": way,
        "standard": found.standard,
        "typical": found.typical,
        "rows": rows,
    }


def _bar(one: Standing, shown: Shown) -> Mapping[str, Any]:
    return {
        "label": shown.name(one),
        "own": one.own,
        "named": one.token in shown.named,
        "value": coarse(one.fair, shown.exact(one), not shown.people and is_small(one, shown)),
        "low": coarse(one.low, shown.exact(one), not shown.people and is_small(one, shown)),
        "high": coarse(one.high, shown.exact(one), not shown.people and is_small(one, shown)),
        "n": one.figure.n if shown.exact(one) and not is_small(one, shown) else None,
        "place": "" if shown.people else place_text(one),
    }
