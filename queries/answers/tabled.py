"""How the cells of a table are shown: values as far as they may be, names of keys, columns, rows and the picture."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from queries.answers.answer import Column
from queries.answers.part import change_column, value_column
from queries.answers.tables import BUCKET
from queries.catalogue import Metric, counts_only
from queries.figures import Figure, better, is_rate, label, standard
from queries.labels import key_label, subject, value_name
from queries.numbers import value_text
from queries.privacy import redact
from queries.privacy.cells import Cell, Table
from queries.query import Query
from queries.setting import Setting

SHORT_DAYS = 28


def shown_value(metric: Metric, side: str, figure: Figure, verdict: str) -> float | None:
    """The value as it may be shown: whole percent for small groups, none below the fewest cases."""
    least = float(metric.min_sample.get("counts_below") or 0)
    if figure.value is None or (is_rate(metric, side) and figure.n < least):
        return None
    return redact.whole_percent(figure.value) if verdict == redact.ROUNDED and is_rate(metric, side) else figure.value


def value_words(query: Query, found: Table, cell: Cell) -> str:
    """A figure within a sentence: of few cases, or of one's own short time, as counts: 3 of 7."""
    metric, side, one = found.metric, found.side, cell.figure
    few = in_counts(query, found) or shown_value(metric, side, one, cell.verdict) is None
    if few and is_rate(metric, side) and one.count is not None and one.cases:
        return f"{one.count:,.0f} of {one.cases:,.0f}"
    return value_text(metric, side, one.value, cell.verdict == redact.ROUNDED)


def shown_cases(cell: Cell) -> int | None:
    """How many cases a cell is drawn with: none for a small group, whose figure is told in whole percent."""
    return None if cell.verdict == redact.ROUNDED else cell.figure.n


def key_name(name: str, key: Any, found: Table, at: Setting) -> str:
    """The name of a key; without one it is the rest of the units, or what nobody knows."""
    if key is None and name in at.ground.catalogue.unit_levels and not _everyone(name, found):
        return at.say("rest_of_units")
    return value_name(at.shelf, name, key)


def _everyone(name: str, found: Table) -> bool:
    naming = found.scope.naming.get(name)
    return naming is not None and naming.everyone


def table_picture(
    query: Query, found: Table, cells: list[Cell], at: Setting, marked: frozenset[date] = frozenset()
) -> Mapping[str, Any] | None:
    """What to draw; `marked`: weeks of storm, drawn as such."""
    metric, side = found.metric, found.side
    shown = [c for c in cells if not c.withheld]
    base = {
        "metric": metric.key,
        "side": side,
        "label": label(metric, side),
        "standard": standard(metric, side),
        "unit": "%" if is_rate(metric, side) else metric.unit,
        "typical": None,
        "direction": {1: "higher", -1: "lower"}.get(better(metric, side), "context"),
    }
    if query.grain and shown:
        lines = _lines(query, found, shown, at, marked)
        return base | {"kind": "trend", "zero": is_rate(metric, side), "grain": query.grain, "series": lines}
    person = at.ground.catalogue.person_level
    if len(found.names) == 1 and len(shown) > 1:
        rows = [
            {
                "label": key_name(found.names[0], c.keys[0], found, at),
                "n": shown_cases(c),
                "own": _is_own(c, found, at),
                "value": shown_value(metric, side, c.figure, c.verdict),
            }
            for c in shown
        ]
        return base | {"kind": "list", "rows": rows, "ranked": found.names[0] != person}
    return None


def _is_own(cell: Cell, found: Table, at: Setting) -> bool:
    return cell.keys[0] in at.viewer.own_of(found.names[0])


def _lines(
    query: Query, found: Table, shown: list[Cell], at: Setting, marked: frozenset[date]
) -> list[dict[str, Any]]:
    """One line per combination of the other keys, points in the order of time."""
    after = found.metric.matures_after_days
    first = at.today - timedelta(days=after - 1) if after else None
    lines: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for cell in sorted(shown, key=lambda c: c.keys[-1]):
        day = cell.keys[-1]
        point = {
            "date": day.isoformat(),
            "value": shown_value(found.metric, found.side, cell.figure, cell.verdict),
            "n": shown_cases(cell),
            "settling": bool(first and bucket_end(query, day) > first),
            "marked": day in marked,
        }
        lines.setdefault(cell.keys[:-1], []).append(point)
    names = found.names[:-1]
    return [
        {
            "label": ", ".join(key_name(n, k, found, at) for n, k in zip(names, keys, strict=True))
            or subject(query, at.shelf, at.viewer),
            "own": not names,
            "rows": rows,
        }
        for keys, rows in lines.items()
    ]


def bucket_end(query: Query, day: date) -> date:
    """The last day of a bucket of a series, of a longer one nearly so."""
    days = {"day": 0, "week": 6, "month": 27, "quarter": 89, "year": 364}[str(query.grain)]
    return day + timedelta(days=days)

def in_counts(query: Query, found: Table) -> bool:
    """Whether a figure is told as counts: asked so, or the asker's own short time."""
    return query.show == "count" or (found.scope.self_only and found.period.days < SHORT_DAYS)


def _counts_before(query: Query, found: Table) -> bool:
    """Whether counts stand beside those of before: asked so, and none of them is told in whole percent only."""
    return query.show == "count" and all(cell.verdict != redact.ROUNDED for cell in found.cells)


def table_columns(query: Query, found: Table, at: Setting) -> tuple[Column, ...]:
    """The columns of a table: keys, the figure, and what it is compared with."""
    metric, side = found.metric, found.side
    columns = [Column(n, key_label(at.ground.catalogue, n), "dimension") for n in found.names if n != BUCKET]
    if query.grain:
        columns.append(Column(query.grain, query.grain, "day"))
    if counts_only(query.by, metric, at.ground.catalogue):
        columns.append(Column("count", label(metric, side), "count"))
    else:
        columns.append(value_column(metric, side, metric.key, label(metric, side)))
        columns += [Column("count", "how many", "count"), Column("cases", "of", "count")]
    if found.previous is not None and _counts_before(query, found):
        columns += [Column("previous", "before", "count"), Column("change", "change", "count")]
    elif found.previous is not None:
        columns.append(value_column(metric, side, "previous", "before"))
        columns.append(change_column(metric, side, "change", "change"))
    if "company" in query.compare:
        columns.append(value_column(metric, side, "company", at.ground.catalogue.levels[-1].label))
    if "standard" in query.compare and standard(metric, side) is not None:
        columns.append(value_column(metric, side, "standard", "standard"))
    return tuple(columns)


def table_row(query: Query, cell: Cell, found: Table, at: Setting) -> Mapping[str, Any]:
    """A cell as a row of these columns."""
    metric, side, one = found.metric, found.side, cell.figure
    row: dict[str, Any] = {}
    for name, key in zip(found.names, cell.keys, strict=True):
        if name == BUCKET:
            row[str(query.grain)] = key
        else:
            row |= {name: key, f"{name}.name": key_name(name, key, found, at)}
    value = shown_value(metric, side, one, cell.verdict)
    value = None if in_counts(query, found) and query.show == "rate" and is_rate(metric, side) else value
    small = cell.verdict == redact.ROUNDED and is_rate(metric, side)
    alone = counts_only(query.by, metric, at.ground.catalogue)
    value, cases = (None, None) if alone else (value, None if metric.kind == "count" else one.cases)
    row |= {metric.key: value, "count": None if small else one.count, "cases": None if small else cases}
    counting = _counts_before(query, found)
    before = (cell.previous.count if counting else cell.previous.value) if cell.previous else None
    value = one.count if counting and before is not None else value
    row |= {"previous": before, "change": None if before is None or value is None else value - before}
    company = found.company_of(cell)
    row["company"] = company.value if company else None
    row["standard"] = standard(metric, side)
    return row
