"""A figure over time as a plain Plotly dict: lines with their intervals, standard, typical and baseline as levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pages.parts.figures import PALE, Figure, Row, axis, layout
from pages.parts.look import GOOD, LINE, OTHER, OWN, is_rate, number

TICKS = 6
"""Named points of time below a picture, at most: more do not fit on a phone."""


def trend(picture: Mapping[str, Any]) -> Figure:
    """Lines over time with their intervals; standard and typical as lines; settling points hollow."""
    unit = picture.get("unit", "")
    scale = 100.0 if is_rate(unit) else 1.0
    series = picture.get("series") or [{"label": picture.get("label", ""), "own": True, "rows": picture["rows"]}]
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for number_, one in enumerate(series):
        colour = OWN if one.get("own") or len(series) == 1 else (OTHER, GOOD, LINE)[number_ % 3]
        rows = [r for r in one["rows"] if r.get("value") is not None]
        if not rows:
            continue
        traces += _band(rows, colour, scale) if one.get("own") or len(series) == 1 else []
        traces.append(_line(one, rows, colour, scale, unit) | _hover(picture.get("grain"), rows))
        if len(series) > 1:
            notes.append(_end(one["label"], rows[-1], colour, scale))
    shapes, marks = _levels(picture, scale, unit)
    return {
        "data": traces,
        "layout": layout(300)
        | {
            "xaxis": {"fixedrange": True, "showgrid": False, "type": "date"} | _ticks(picture.get("grain"), series),
            "yaxis": axis(unit) | {"automargin": True, "rangemode": "tozero" if _low(picture, series) else "normal"},
            "shapes": shapes,
            "annotations": notes + marks,
        },
    }


def _named(day: str, grain: str | None) -> tuple[str, str]:
    """What a point of time is called: month, quarter or year, and the year that it lies in.

    >>> _named("2026-11-01", "month"), _named("2026-10-01", "quarter"), _named("2026-01-01", "year")
    (('Nov', '2026'), ('Q4', '2026'), ('2026', ''))
    """
    first = date.fromisoformat(day[:10])
    if grain == "year":
        return str(first.year), ""
    return f"Q{(first.month + 2) // 3}" if grain == "quarter" else f"{first:%b}", str(first.year)


def _ticks(grain: str | None, series: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Days by their date; months, quarters and years each below its point, with the year where it begins."""
    if grain not in ("month", "quarter", "year"):
        return {"tickformat": "%-d %b", "nticks": TICKS}
    days = sorted({str(r["date"])[:10] for one in series for r in one["rows"] if r.get("value") is not None})
    shown = days[:: -(-len(days) // TICKS) or 1]
    texts, last = [], ""
    for name, year in (_named(day, grain) for day in shown):
        texts.append(f"{name}<br>{year}" if year != last else name)
        last = year
    return {"tickmode": "array", "tickvals": shown, "ticktext": texts}


def _hover(grain: str | None, rows: Sequence[Row]) -> dict[str, Any]:
    if grain not in ("month", "quarter", "year"):
        return {"hovertemplate": "%{x|%a %-d %b}<br>%{text}<extra></extra>"}
    named = [" ".join(_named(str(r["date"]), grain)).strip() for r in rows]
    return {"customdata": named, "hovertemplate": "%{customdata}<br>%{text}<extra></extra>"}


def _low(picture: Mapping[str, Any], series: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a share is drawn from nothing on: not when all of it lies so high that its moves would vanish."""
    held = [r["value"] for one in series for r in one["rows"] if r.get("value") is not None]
    return bool(picture.get("zero")) and bool(held) and min(held) < 0.5


def _levels(picture: Mapping[str, Any], scale: float, unit: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Standard, typical and baseline as level lines with their names at the left."""
    shapes, notes = [], []
    for key, dash in (("standard", "solid"), ("typical", "dot"), ("baseline", "dash")):
        value = picture.get(key)
        if value is None:
            continue
        at = value * scale
        line = {"color": LINE, "width": 1.5, "dash": dash}
        shapes.append(
            {"type": "line", "y0": at, "y1": at, "x0": 0, "x1": 1, "xref": "paper", "line": line, "layer": "below"}
        )
        notes.append({"x": 0 if key == "standard" else 0.5, "xref": "paper", "y": at, "xanchor": "left",
                      "yanchor": "bottom", "text": f"{key} {number(value, unit)}", "showarrow": False,
                      "font": {"size": 12}})  # fmt: skip
    return shapes, notes


def _band(rows: Sequence[Row], colour: str, scale: float) -> list[dict[str, Any]]:
    held = [r for r in rows if r.get("low") is not None and r.get("high") is not None]
    if len(held) < 2:
        return []
    days = [str(r["date"])[:10] for r in held]
    base = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        base | {"x": days, "y": [r["high"] * scale for r in held]},
        base | {"x": days, "y": [r["low"] * scale for r in held], "fill": "tonexty", "fillcolor": PALE.get(colour, "")},
    ]


def _line(one: Mapping[str, Any], rows: Sequence[Row], colour: str, scale: float, unit: str) -> dict[str, Any]:
    hollow = ["circle-open" if r.get("settling") else "circle" for r in rows]
    name = one.get("label") or ""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [str(r["date"])[:10] for r in rows],
        "y": [r["value"] * scale for r in rows],
        "line": {"color": colour, "width": 2.5},
        "marker": {"color": colour, "size": 7, "symbol": hollow},
        "text": [
            f"<b>{name}</b><br>{number(r['value'], unit)}" + ("<br>still settling" if r.get("settling") else "")
            for r in rows
        ],
    }


def _end(label: str, row: Row, colour: str, scale: float) -> dict[str, Any]:
    return {
        "x": str(row["date"])[:10],
        "y": row["value"] * scale,
        "text": label,
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "bottom",
        "yshift": 6,
        "font": {"color": colour},
    }
