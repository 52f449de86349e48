"""Answers about single cases: counts beyond a limit, lists of them, and a part's share of the whole.

Only for metrics whose facts say `rows`; `rights` refuses lists where people are measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from queries.answers.answer import Column
from queries.answers.part import Part
from queries.answers.tables import table
from queries.catalogue import Metric
from queries.figures import Figure, label
from queries.labels import key_label, subject, value_name
from queries.numbers import plain_number, span_in
from queries.privacy.cells import Table
from queries.privacy.rights import Refusal
from queries.query import Limit, Query
from queries.setting import Setting
from queries.statements import sql
from queries.statements.ground import NotAllowedError

OPS = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}


def amount_unit(metric: Metric) -> str:
    """The unit of a case's amount: minutes, hours, days, or nothing."""
    unit = str(metric.rows.get("unit") or "none")
    return "" if unit == "none" else unit


def limit_words(limit: Limit, metric: Metric) -> str:
    """`more than 60 minutes`."""
    return f"{OPS[limit.op]} {limit.value:g} {amount_unit(metric)}".strip()


def limited(query: Query, metric_key: str, at: Setting) -> Setting:
    """The setting in which the metric is: out of all cases, those beyond the limit."""
    metric = at.ground.catalogue.metrics[metric_key]
    assert query.cases is not None
    noun = metric.unit.removeprefix("% of ") if metric.unit.startswith("% of ") else _noun(metric)
    changed = replace(
        metric,
        kind="count" if metric.kind == "count" else "ratio",
        label=f"{label(metric, 'metric')} ({limit_words(query.cases, metric)})",
        unit=f"% of {noun}", mirror_of="none", mirror_label="", standard=None, over=None,
    )  # fmt: skip
    catalogue = replace(at.ground.catalogue, metrics={**at.ground.catalogue.metrics, metric_key: changed})
    return replace(at, ground=replace(at.ground, catalogue=catalogue))


def _noun(metric: Metric) -> str:
    return str(next(iter(metric.rows.get("words") or ()), "cases"))


def shares(query: Query, metric_key: str, at: Setting) -> Table:
    """Each cell's part of a count: of a break-down of all that it is about, else of everybody's, for the same days.
    Without a place it is the part that the restrictions leave.

    Raises:
        NotAllowedError: counts of few people.
    """
    metric = at.ground.catalogue.metrics[metric_key]
    query = query.with_(show="count")
    found = table(query, metric, at)
    if any(c.figure.n and c.figure.count is None for c in found.cells):  # counts of few people are not told
        raise NotAllowedError(Refusal("too_small", {"least": found.scope.round_below}))
    picked = any(key in query.by for key, _ in query.where)
    if query.by and not picked:
        total, used = sum(c.figure.count or 0.0 for c in found.cells), []
    else:
        lifted = tuple((k, v) for k, v in query.where if k not in query.by)
        every = query.with_(where=lifted, by=(), order=None, top=None) if query.by else sql.whole(query)
        every = every if query.by or query.about else every.with_(where=())
        statement = sql.compile(every, metric_key, at.ground, at.viewer)
        total, used = sql_count(at.shelf.run(statement), metric, found.side), [statement]
    changed = replace(
        metric, kind="ratio", unit=f"% of all {label(metric, found.side).lower()}", mirror_of="none", standard=None,
        direction="context", label=f"Share of all {label(metric, found.side).lower()}", min_sample={},
    )  # fmt: skip
    cells = tuple(replace(c, figure=_part(c.figure, total), previous=None) for c in found.cells)
    together = replace(found.whole, figure=_part(found.whole.figure, total), previous=None) if found.whole else None
    if not query.by and not query.grain:
        together = cells[0] if cells else None
    return Table(changed, "metric", found.names, cells, together, None, (*found.statements, *used), found.period, None)


def sql_count(rows: list[dict[str, Any]], metric: Metric, side: str) -> float:
    from queries.figures import figure

    return float(figure(metric, side, rows[0]).count or 0.0) if rows else 0.0


def _part(one: Figure, total: float) -> Figure:
    return replace(one, value=one.count / total if total and one.count is not None else None, cases=total)


def listed(query: Query, metric_key: str, at: Setting) -> Part:
    """Single cases, one a row."""
    metric = at.ground.catalogue.metrics[metric_key]
    try:
        statement = sql.compile_rows(query, metric_key, at.ground, at.viewer)
    except KeyError:
        return Part((at.say("rows_not_held"),))
    found = at.shelf.run(statement)
    shown = found[: query.rows]
    what = label(metric, query.side_of(metric_key)) + (f" ({limit_words(query.cases, metric)})" if query.cases else "")
    if metric.kind not in ("ratio", "count"):
        what = f"{_noun(metric)} by {what}"
    values = {"subject": subject(query, at.shelf, at.viewer), "span": span_in(statement.period, at.today)}
    if not shown:
        return Part((at.say("figure_none", things=what.lower(), **values),), statements=(statement,))
    first = at.say("rows_told", count=len(shown), things=what.lower(), how=_how(query), **values)
    lead = at.say("row_first", row=_line(shown[0], metric, at)) if query.order else ""
    notes = (at.say("rows_more", count=len(shown)),) if len(found) > len(shown) else ()
    return Part(
        sentences=tuple(s for s in (first, lead) if s),
        columns=_columns(metric, at),
        rows=tuple(_row(row, at) for row in shown),
        notes=notes,
        periods=((what, statement.period),),
        statements=(statement,),
    )


def _how(query: Query) -> str:
    return {"most": "largest first", "room_to_grow": "largest first", "least": "smallest first"}.get(
        query.order or "", "newest first"
    )


def _columns(metric: Metric, at: Setting) -> tuple[Column, ...]:
    held = [c for c in at.ground.tables[f"r_{metric.key}"] if c not in ("num", "den", "n")]
    made = []
    for name in held:
        if name == "day":
            made.append(Column(name, "day", "day"))
        elif name == "amount":
            made.append(Column(name, amount_unit(metric) or "amount", "number", amount_unit(metric)))
        elif name.startswith("x_"):
            made.append(Column(name, name.removeprefix("x_").replace("_", " "), "text"))
        else:
            made.append(Column(name, key_label(at.ground.catalogue, name), "dimension"))
    return tuple(made)


def _row(row: Mapping[str, Any], at: Setting) -> Mapping[str, Any]:
    made: dict[str, Any] = {}
    for key, value in row.items():
        if key in ("num", "den", "n"):
            continue
        made[key] = value
        if key not in ("day", "amount") and not key.startswith("x_"):
            made[f"{key}.name"] = value_name(at.shelf, key, value)
    return made


def _line(row: Mapping[str, Any], metric: Metric, at: Setting) -> str:
    """One case in words: what it is called, where, when, how much."""
    shown = [f"{k.removeprefix('x_').replace('_', ' ')} {v}" for k, v in row.items() if k.startswith("x_") and v]
    units = [value_name(at.shelf, k, row[k]) for k in at.ground.catalogue.unit_levels if row.get(k)]
    day = row.get("day")
    when = f"{day:%A} {day.day} {day:%B %Y}" if isinstance(day, date) else ""
    amount = row.get("amount")
    size = f"{plain_number(float(amount), 1)} {amount_unit(metric)}".strip() if amount is not None else ""
    return ", ".join(part for part in (*shown, *units, when, size) if part)
