"""Why a figure moved: per dimension or place, how much is a different mix of work and how much the work itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from queries.answers.answer import Column
from queries.answers.begun import comparable
from queries.answers.explain import settled_weeks
from queries.answers.part import Part, change_column, value_column
from queries.answers.tables import table
from queries.catalogue import Metric, counts_only
from queries.fairness.progress import Part as Share
from queries.fairness.progress import contributions
from queries.figures import Figure, is_rate, label
from queries.labels import key_label, subject, value_name
from queries.numbers import points_text, span_said, value_text
from queries.periods import Period
from queries.privacy.cells import Cell, Table
from queries.query import Query
from queries.reach import uppers
from queries.setting import Setting
from queries.statements.ground import NotAllowedError

LINES, HARDLY = 8, 0.05
ADDS_UP = 1e-6
"""A split is told only when its cells, now and before, give the whole change: none of them withheld or rounded."""


@dataclass(frozen=True)
class Split:
    """One way to take a change apart."""

    key: str
    table: Table
    parts: tuple[Share, ...]
    change: float

    @property
    def told(self) -> float:
        """How unevenly the change is spread: a split tells most when few cells carry it."""
        return max((abs(p.both) for p in self.parts), default=0.0)


def drivers(query: Query, metric_key: str, at: Setting) -> Part:
    """What moved between the period and the one before it, by the break-down that tells most."""
    metric = at.ground.catalogue.metrics[metric_key]
    period = query.period or settled_weeks(metric, at, 4)
    asked = query.with_(
        period=period,
        previous=query.previous or before(period),
        compare=("previous",),
        explain=None,
        by=(),
        grain=None,
        order=None,
        top=None,
        target=None,
    )
    asked, alone = comparable(asked, metric, at)
    if alone:
        return Part((alone,))
    whole = table(asked, metric, at)
    one = whole.cells[0] if whole.cells else None
    if one is None or one.withheld or one.previous is None or one.figure.value is None or one.previous.value is None:
        return Part((at.say("drivers_none", label=label(metric, whole.side)),), statements=whole.statements)
    change = one.figure.value - one.previous.value
    splits = [] if metric.kind == "median" else _splits(asked, query, metric, at)
    splits = [s for s in splits if abs(s.change - change) < ADDS_UP]
    splits.sort(key=lambda s: -s.told)
    first = _first(metric, whole, one, splits[0] if splits else None, at)
    lines = _lines(splits[0], metric, at) if splits and not _hardly(one, whole) else ()
    rows = tuple(row for split in splits[:3] for row in _rows(split, metric, at))
    statements = (*whole.statements, *(s for split in splits[:3] for s in split.table.statements))
    return Part(
        (f"{subject(query, at.shelf, at.viewer)}: {first}", *lines),
        _columns(metric, whole.side),
        rows,
        periods=((label(metric, whole.side), whole.period), ("compared with", whole.previous or period)),
        picture=_picture(splits[0], metric, at) if splits else None,
        statements=statements,
    )


def before(period: Period) -> Period:
    """The span of the same length right before, a whole month before a whole month."""
    if period.start.day == 1 and period.end.day == 1:
        months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
        start = period.start
        for _ in range(months):
            start = (start - timedelta(days=1)).replace(day=1)
        return Period(start, period.start)
    shift = timedelta(days=-(-period.days // 7) * 7)
    return Period(period.start - shift, period.end - shift)


def _splits(asked: Query, query: Query, metric: Metric, at: Setting) -> list[Split]:
    """Every break-down all of whose cells are shown with their cases, by the dimensions asked for or the metric's."""
    fixed = {k for k, _ in (*query.about, *query.where)} | _above(query, at)
    keys = query.by or tuple(k for k in (*metric.dimensions, *_places(metric, at)) if k not in fixed)
    found = []
    for key in keys:
        if key == metric.over or counts_only((key,), metric, at.ground.catalogue):
            continue
        try:
            got = table(asked.with_(by=(key,)), metric, at, whole=False)
        except (NotAllowedError, KeyError):
            continue
        if len(got.cells) > 1 and all(_counted(c) for c in got.cells):
            found.append(_split(key, got, metric))
    return found


def _counted(cell: Cell) -> bool:
    """Whether a cell tells its cases, now and before: of few people it does not, and nothing adds up without them."""
    known = (one is None or not one.n or one.cases is not None for one in (cell.figure, cell.previous))
    return not cell.withheld and all(known)


def _places(metric: Metric, at: Setting) -> list[str]:
    return [k for k in at.ground.catalogue.unit_levels if k in metric.levels and k != at.ground.catalogue.person_level]


def _above(query: Query, at: Setting) -> set[str]:
    """The levels above the one unit that is asked about: it lies in one of each, so nothing is broken down by them."""
    alone = [k for k, v in query.about if not v.exclude and len(v.values) == 1 and at.ground.catalogue.level(k)]
    return {upper for level in alone for upper in uppers(level, at.ground.catalogue)}


def _split(key: str, got: Table, metric: Metric) -> Split:
    now = {c.keys[0]: c for c in got.cells}
    names = list(now)
    x1, n1 = _sums([now[k].figure for k in names])
    x0, n0 = _sums([now[k].previous for k in names])
    parts, change = contributions([str(k) for k in names], x0, n0, x1, n1)
    return Split(key, got, tuple(parts), change)


def _sums(figures: list[Figure | None]) -> tuple[Any, Any]:
    """Events and cases per cell; what a cell did not have is nothing."""
    n = np.array([float(f.cases or 0) if f else 0.0 for f in figures])
    x = np.array([float((f.value or 0) * (f.cases or 0)) if f else 0.0 for f in figures])
    return x, n


def _first(metric: Metric, whole: Table, one: Cell, split: Split | None, at: Setting) -> str:
    assert one.figure.value is not None and one.previous is not None and one.previous.value is not None
    change = one.figure.value - one.previous.value
    texts = [value_text(metric, whole.side, v) for v in (one.previous.value, one.figure.value)]
    name = label(metric, whole.side)
    hardly = _hardly(one, whole)
    if split is None or hardly:
        return at.say("drivers_same" if hardly else "drivers_few", label=name, before=texts[0], now=texts[1])
    mix, own = sum(p.mix for p in split.parts), sum(p.own for p in split.parts)
    return at.say(
        "drivers" if _tells(metric, whole.side, mix) else "drivers_own",
        label=name,
        before=texts[0],
        now=texts[1],
        change=signed(metric, whole.side, change),
        mix=signed(metric, whole.side, mix),
        own=signed(metric, whole.side, own),
    )


def _hardly(one: Cell, found: Table) -> bool:
    """Whether a figure moved so little, on its rarer side, that there is nothing to explain."""
    now, before = one.figure.value, one.previous.value if one.previous else None
    if now is None or before is None:
        return False
    rarer = min(before, 1 - before) if is_rate(found.metric, found.side) else abs(before)
    return abs(now - before) <= HARDLY * rarer


def _tells(metric: Metric, side: str, value: float) -> bool:
    """Whether a part of a change is more than nothing as it is written."""
    return points_text(metric, side, value) != points_text(metric, side, 0)


def signed(metric: Metric, side: str, value: float) -> str:
    """A part of a change with its sign.

    Zero has none.
    """
    sign = ("+" if value > 0 else "−") if _tells(metric, side, value) else ""
    return sign + points_text(metric, side, value)


def _lines(split: Split, metric: Metric, at: Setting) -> tuple[str, ...]:
    """The cells that gave most, in the direction of the change."""
    side = split.table.side
    same = [p for p in split.parts if p.both * split.change > 0 and _tells(metric, side, p.both)][:2]
    return tuple(
        at.say(
            "driver_line",
            name=_name(split, p.key, at),
            both=signed(metric, side, p.both),
            mix=signed(metric, side, p.mix) if _tells(metric, side, p.mix) else None,
        )
        for p in same
    )


def _name(split: Split, key: str, at: Setting) -> str:
    return value_name(at.shelf, split.key, None if key == "None" else key)


def _columns(metric: Metric, side: str) -> tuple[Column, ...]:
    return (
        Column("by", "by", "text"),
        Column("value", "what", "text"),
        value_column(metric, side, "before", "before"),
        value_column(metric, side, "now", "now"),
        change_column(metric, side, "both", "part of the change"),
        change_column(metric, side, "mix", "from the mix"),
        change_column(metric, side, "own", "from the work"),
    )


def _rows(split: Split, metric: Metric, at: Setting) -> list[Mapping[str, Any]]:
    cells = {str(c.keys[0]): c for c in split.table.cells}
    by = key_label(at.ground.catalogue, split.key)
    return [
        {
            "by": by,
            "value": _name(split, p.key, at),
            "now": cells[p.key].figure.value,
            "before": cells[p.key].previous.value if cells[p.key].previous else None,  # type: ignore[union-attr]
            "both": p.both,
            "mix": p.mix,
            "own": p.own,
        }
        for p in split.parts[:LINES]
    ]


def _picture(split: Split, metric: Metric, at: Setting) -> Mapping[str, Any]:
    side = split.table.side
    rows = [
        {"label": _name(split, p.key, at), "value": p.both, "mix": p.mix, "own_part": p.own, "n": None, "own": False}
        for p in split.parts[:LINES]
    ]
    return {
        "kind": "drivers",
        "metric": metric.key,
        "side": side,
        "label": label(metric, side),
        "typical": None,
        "unit": "%" if is_rate(metric, side) else metric.unit,
        "standard": None,
        "rows": rows,
        "caption": at.say(
            "drivers_caption",
            by=key_label(at.ground.catalogue, split.key),
            span=span_said(split.table.period, at.today),
        ),
    }
