"""What helps most right now: the part of the work in which a unit is furthest behind the company."""

from __future__ import annotations

from datetime import timedelta

from queries.answers.tables import table
from queries.fairness.board import Board
from queries.figures import better, is_rate, things
from queries.labels import value_name
from queries.periods import Period
from queries.privacy.cells import Cell
from queries.query import Query
from queries.setting import Setting
from queries.statements.ground import NotAllowedError
from queries.statements.sql import whole

DIMENSIONS_TRIED, LEAST_SHARE = 2, 0.1
NEWEST_DAYS = 28
"""What helps right now is looked for in the newest days of a longer period."""


def lever(query: Query, found: Board, at: Setting) -> str | None:
    """The value of a dimension that holds most of the events beyond the company's rate, with its share of them.

    Tried are times of the day and days of the week; None where nothing stands out or may be shown.
    """
    metric = found.metric
    side = found.side if better(metric, found.side) < 0 else "mirror" if found.side == "metric" else "metric"
    if not is_rate(metric, side) or better(metric, side) >= 0:
        return None
    whole_span = found.statement.period
    newest = Period(max(whole_span.start, whole_span.end - timedelta(days=NEWEST_DAYS)), whole_span.end)
    plain = query.with_(by=(), compare=(), peers=(), order=None, side=(side,), period=newest)
    best: tuple[float, str] | None = None
    for key in _dimensions(found, at):
        got = _excess(plain.with_(by=(key,)), found, key, at)
        best = got if got is not None and (best is None or got[0] > best[0]) else best
    return best[1] if best else None


def _dimensions(found: Board, at: Setting) -> list[str]:
    timed = [k for k in found.metric.dimensions if (d := at.ground.catalogue.dimensions.get(k)) and d.hours]
    return [*timed, *(k for k in found.metric.dimensions if k == "weekday")][:DIMENSIONS_TRIED]


def _excess(query: Query, found: Board, key: str, at: Setting) -> tuple[float, str] | None:
    """The largest excess as a share of all own events, and how it is told."""
    try:
        own = table(query, found.metric, at, whole=False).cells
        all_of = table(whole(query).with_(by=(key,)), found.metric, at, whole=False).cells
    except (NotAllowedError, KeyError):
        return None
    rates = {c.keys[0]: c.figure.value for c in all_of if not c.withheld}
    every = sum(events(c) for c in own)
    if not every or any(c.withheld for c in own):
        return None
    sized = [(events(c) - c.figure.n * (rates.get(c.keys[0]) or 0.0), c) for c in own]
    most, cell = max(sized, key=lambda pair: pair[0])
    if most / every < LEAST_SHARE or cell.keys[0] is None:
        return None
    side = query.side[0]
    share = at.say(part_words(events(cell) / every), things=things(found.metric, side))
    return most / every, f"{value_name(at.shelf, key, cell.keys[0])} ({share})"


def events(cell: Cell) -> float:
    """Events of a cell; of a small group as its rounded rate gives them."""
    return cell.figure.count if cell.figure.count is not None else (cell.figure.value or 0.0) * cell.figure.n


PARTS = (
    (0.22, "part_fifth"), (0.29, "part_quarter"), (0.42, "part_third"), (0.58, "part_half"), (0.71, "part_two_thirds"),
)  # fmt: skip


def part_words(share: float) -> str:
    """The situation for a share in round words: counts cannot be worked out of it."""
    return next((name for most, name in PARTS if share < most), "part_most")
