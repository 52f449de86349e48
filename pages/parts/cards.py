"""Cards: one metric each, with its figure, standard and a small line. Plain HTML: a phone shows them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from pages.parts.look import GOOD, LINE, OWN, number
from queries.catalogue import Metric

STYLE = """<style>
.gs-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr)); gap: .7rem; }
.gs-card { border: 1px solid rgba(128,140,155,.38); border-radius: .6rem; padding: .7rem .85rem; }
.gs-card h3 { font-size: .92rem; font-weight: 600; margin: 0; padding: 0; }
.gs-card .big { font-size: 1.6rem; font-weight: 600; line-height: 1.3; margin: 0; }
.gs-card p { margin: .1rem 0 0 0; font-size: .86rem; line-height: 1.4; }
.gs-card svg { display: block; width: 100%; height: 44px; margin-top: .35rem; }
.gs-line { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.gs-good { border-left: 4px solid #0a8f63; } .gs-even { border-left: 4px solid #2f7de1; }
</style>"""


def show(cards: Sequence[Mapping[str, Any]]) -> None:
    """Cards of: label, unit, value, standard, direction, points (oldest first), lines (sentences)."""
    if cards:
        st.html(STYLE + f'<div class="gs-cards">{"".join(html(card) for card in cards)}</div>')


def card(metric: Metric, value: float | None, points: Sequence[Mapping[str, Any]], *lines: str) -> dict[str, Any]:
    """What a card needs, from a metric, its figure and the points of its trend."""
    return {
        "label": metric.label, "unit": metric.unit, "direction": metric.direction, "standard": metric.standard,
        "value": value, "points": [p.get("value") for p in points], "lines": lines,
    }  # fmt: skip


def html(card: Mapping[str, Any]) -> str:
    """One card; a green edge when on or better than the standard."""
    unit = card.get("unit", "")
    lines = "".join(f"<p>{escape(str(text))}</p>" for text in card.get("lines") or () if text)
    standard = card.get("standard")
    if standard is not None:
        lines = f"<p>standard {escape(number(standard, unit))}</p>" + lines
    edge = " gs-good" if meets(card) else " gs-even" if card.get("value") is not None else ""
    line = spark(card.get("points") or (), standard, str(card.get("label", "")), unit)
    big = escape(number(card.get("value"), unit))
    return (
        f'<div class="gs-card{edge}"><h3>{escape(str(card.get("label", "")))}</h3>'
        f'<p class="big">{big}</p>{lines}{line}</div>'
    )


def meets(card: Mapping[str, Any]) -> bool:
    """Whether the figure is on the standard or better."""
    value, standard = card.get("value"), card.get("standard")
    if value is None or standard is None or card.get("direction") not in ("lower", "higher"):
        return False
    return bool(value <= standard if card["direction"] == "lower" else value >= standard)


def spark(points: Sequence[float | None], standard: float | None, label: str, unit: str) -> str:
    """A small line with the standard dotted; gaps stay gaps; the newest point marked."""
    held = [p for p in points if p is not None]
    if len(held) < 2:
        return ""
    low, high = (
        min([*held, *([standard] if standard is not None else [])]),
        max([*held, *([standard] if standard is not None else [])]),
    )
    room = (high - low) or 1.0
    step = 196 / (len(points) - 1)

    def y(value: float) -> float:
        return 38 - 32 * (value - low) / room

    runs, run = [], []
    for at, point in enumerate([*points, None]):
        if point is None:
            runs, run = [*runs, run] if run else runs, []
        else:
            run.append(f"{2 + at * step:.1f},{y(point):.1f}")
    drawn = "".join(f'<polyline points="{" ".join(r)}" class="gs-line" stroke="{OWN}"/>' for r in runs)
    level = (
        f'<line x1="0" x2="200" y1="{y(standard):.1f}" y2="{y(standard):.1f}" stroke="{LINE}" stroke-width="1"'
        ' stroke-dasharray="3 3" vector-effect="non-scaling-stroke"/>'
        if standard is not None
        else ""
    )
    last = max(at for at, p in enumerate(points) if p is not None)
    dot = f'<circle cx="{2 + last * step:.1f}" cy="{y(points[last] or 0.0):.1f}" r="3" fill="{GOOD}"/>'
    first = next(p for p in points if p is not None)
    alt = f"{label} over {len(points)} weeks, from {number(first, unit)} to {number(points[last], unit)}"
    return (
        f'<svg viewBox="0 0 200 44" preserveAspectRatio="none" role="img" aria-label="{escape(alt, quote=True)}">'
        f"{level}{drawn}{dot}</svg>"
    )
