"""Cards: one metric each, with its figure, standard and a small line. Plain HTML: a phone shows them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

import streamlit as st

from pages.parts.look import GOOD, LINE, OWN, number
from queries.catalogue import Metric

STYLE = """<style>
.gs-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr)); gap: .7rem; }
.gs-card { border: 1px solid rgba(128,140,155,.38); border-radius: .6rem; padding: .7rem .85rem; }
.gs-card h3 { font-size: .92rem; font-weight: 600; margin: 0; padding: 0; }
.gs-card .big { font-size: 1.6rem; font-weight: 600; line-height: 1.3; margin: 0; }
.gs-card p { margin: .1rem 0 0 0; font-size: .86rem; line-height: 1.4; }
.gs-card img { display: block; width: 100%; height: 44px; margin-top: .45rem; }
.gs-good { border-left: 4px solid #0a8f63; } .gs-even { border-left: 4px solid #2f7de1; }
</style>"""


def show(cards: Sequence[Mapping[str, Any]]) -> None:
    """Cards of: label, unit, value, standard, direction, points (oldest first), lines (sentences)."""
    if cards:
        st.html(STYLE + f'<div class="gs-cards">{"".join(html(card) for card in cards)}</div>')


def card(metric: Metric, value: float | None, points: Sequence[Mapping[str, Any]], *lines: str,
         typical: float | None = None) -> dict[str, Any]:  # fmt: skip
    """What a card needs, from a metric, its figure and the points of its trend."""
    return {
        "label": metric.label, "unit": metric.unit, "direction": metric.direction, "standard": metric.standard,
        "typical": typical, "value": value, "points": [p.get("value") for p in points], "lines": lines,
    }  # fmt: skip


def html(card: Mapping[str, Any]) -> str:
    """One card; a green edge when on or better than the standard."""
    unit = card.get("unit", "")
    standard = card.get("standard")
    told = [f"{key} {number(card[key], unit)}" for key in ("standard", "typical") if card.get(key) is not None]
    texts = [" · ".join(told), *(card.get("lines") or ())]
    lines = "".join(f"<p>{_text(str(text))}</p>" for text in texts if text)
    edge = " gs-good" if meets(card) else " gs-even" if card.get("value") is not None else ""
    line = spark(card.get("points") or (), standard, str(card.get("label", "")), unit)
    big = _text(number(card.get("value"), unit))
    return (
        f'<div class="gs-card{edge}"><h3>{escape(str(card.get("label", "")))}</h3>'
        f'<p class="big">{big}</p>{lines}{line}</div>'
    )


def _text(text: str) -> str:
    """Text as HTML; a figure stays on one line with its sign."""
    return escape(text).replace(" %", "\u00a0%")


def meets(card: Mapping[str, Any]) -> bool:
    """Whether the figure is on the standard or better."""
    value, standard = card.get("value"), card.get("standard")
    if value is None or standard is None or card.get("direction") not in ("lower", "higher"):
        return False
    return bool(value <= standard if card["direction"] == "lower" else value >= standard)


def spark(points: Sequence[float | None], standard: float | None, label: str, unit: str) -> str:
    """A small line with the standard dotted; gaps stay gaps; the newest point marked.

    A picture with a text of its own: Streamlit lets no drawing through that stands in the page itself.
    """
    held = [p for p in points if p is not None]
    if len(held) < 2:
        return ""
    ends = [*held, *([standard] if standard is not None else [])]
    low, room = min(ends), (max(ends) - min(ends)) or 1.0
    step = 196 / (len(points) - 1)
    places = [None if p is None else (2 + at * step, 38 - 32 * (p - low) / room) for at, p in enumerate(points)]
    drawn = "".join(_stroke(run, OWN, 2) for run in _runs(places))
    if standard is not None:
        y = 38 - 32 * (standard - low) / room
        drawn = _stroke([(0, y), (200, y)], LINE, 1, ' stroke-dasharray="3 3"') + drawn
    newest = [p for p in places if p is not None][-1]
    drawn += _stroke([newest, newest], GOOD, 7, ' stroke-linecap="round"')
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 44" width="200" height="44"'
        f' preserveAspectRatio="none">{drawn}</svg>'
    )
    alt = f"{label} over {len(points)} weeks, from {number(held[0], unit)} to {number(held[-1], unit)}"
    return f'<img alt="{escape(alt, quote=True)}" src="data:image/svg+xml,{quote(picture)}">'


Place = tuple[float, float]


def _runs(places: Sequence[Place | None]) -> list[list[Place]]:
    """The stretches without a gap."""
    runs: list[list[Place]] = [[]]
    for place in places:
        if place is not None:
            runs[-1].append(place)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _stroke(places: Sequence[Place], colour: str, width: float, more: str = "") -> str:
    """A line of the same width however wide the picture is drawn."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"'
        f' vector-effect="non-scaling-stroke"{more}/>'
    )
