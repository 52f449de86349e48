"""A sealed week keeps its figure when a move is entered too late for it; the difference is told beside it.

In whole percent only, so that nobody's own work can be worked out from it.
"""

from __future__ import annotations

from typing import Any

from queries.catalogue import Metric
from queries.figures import Figure, figure
from queries.periods import Period
from queries.privacy.redact import whole_percent
from queries.query import Query
from queries.setting import Setting

COLUMNS = ("metric", "day", "unit", "known_as", "num", "den", "n")


def sealed_notes(
    metric: Metric, side: str, query: Query, period: Period, held: Figure | None, at: Setting
) -> list[str]:
    """The note of one unit's figure; empty where no move was entered after the seal, or none of the unit asked."""
    lowest = at.ground.catalogue.levels[0].within[:1]
    codes = [c for k, v in query.about if k in lowest and not v.exclude for c in v.values]
    if len(codes) != 1:
        return []
    out, came = ([0.0, 0.0], [0.0, 0.0])
    rows = [r for r in _moves(at) if r[0] == metric.key and period.start <= r[1] < period.end and codes[0] in r[2:4]]
    for row in rows:
        side_of = out if row[2] == codes[0] else came
        for place in (0, 1):
            side_of[place] += row[4 + place] or 0.0
    if not rows:
        return []
    name = (
        at.shelf.directory.units[(lowest[0], codes[0])].name
        if (lowest[0], codes[0]) in at.shelf.directory.units
        else codes[0]
    )
    value = _as_known_today(metric, side, query, held, out, came)
    if value is None or held is None or held.value is None:
        return [at.say("sealed_told", unit=name)]
    before, after = (f"{100 * whole_percent(v):.0f} %" for v in (held.value, value))
    return [
        at.say(
            "sealed_told",
            unit=name,
            difference=at.say("sealed_same" if before == after else "sealed_differs", before=before, after=after),
        )
    ]


def _moves(at: Setting) -> list[tuple[Any, ...]]:
    """The moves entered after a seal, of all metrics; a handful."""

    def read() -> list[tuple[Any, ...]]:
        if not set(COLUMNS) <= set(at.shelf.store.columns("sealed")):
            return []
        return at.shelf.store.fetch(f"SELECT {', '.join(COLUMNS)} FROM sealed")

    return at.shelf.keep(("sealed",), read)


def _as_known_today(
    metric: Metric, side: str, query: Query, held: Figure | None, out: list[float], came: list[float]
) -> float | None:
    """The rate with the cases moved; None where it is none, or the question is about a part of the cases."""
    plain = held is not None and not query.where and not query.by and metric.kind == "ratio"
    if held is None or not plain or held.cases is None or held.count is None:
        return None
    other = side == "mirror" and metric.mirror_of == "complement"
    shift = [came[i] - out[i] for i in (0, 1)]
    count = held.count + (shift[1] - shift[0] if other else shift[0])
    cases = held.cases + shift[1]
    return figure(metric, "metric", {"num": count, "den": cases, "n": 1}).value if cases > 0 else None
