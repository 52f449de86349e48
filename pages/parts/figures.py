"""Figures as plain Plotly dicts: a spread of units with intervals, what moved a figure. Nothing here knows Streamlit.

Plain dicts are drawn in a third of the time of plotly express. Colours of text and paper are left to the theme,
so the same dict works in light and dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pages.parts.look import GOOD, LINE, OTHER, OWN, is_rate, number
from queries.answers.text import whole

FAIR = "fair number: as if all had the same mix of work"
TOP = 24
"""Pixels above the first row: room for its name."""
Row = Mapping[str, Any]
Figure = dict[str, Any]
COLOUR = {"own": OWN, "good": GOOD, "other": OTHER}
PALE = {OWN: "rgba(47,125,225,.30)", GOOD: "rgba(10,143,99,.30)", OTHER: "rgba(138,148,163,.32)"}


def spread(picture: Mapping[str, Any]) -> Figure:
    """A dot and its interval for every unit, best at the top; own and named units carry their name.

    `picture`: unit, standard, typical and rows of label, own, named, value, low, high (see the answer's object).
    """
    rows: list[Row] = [r for r in picture["rows"] if r.get("value") is not None]
    if picture.get("kind") == "list":
        rows = [{"low": min(0.0, r["value"]), "high": max(0.0, r["value"]), **r} for r in rows]
    unit, places = picture.get("unit", ""), _places(rows)
    scale = 100.0 if is_rate(unit) else 1.0
    low, high = _range(rows, picture, scale)
    traces = [_bars(kind, rows, places, scale) for kind in ("other", "good", "own")]
    traces += [_dots(kind, rows, places, scale, unit) for kind in ("other", "good", "own")]
    notes = [_label(row, y, unit) for row, y in zip(rows, places, strict=True) if row.get("label")]
    bottom = (places[-1] if places else 0) + 14
    shapes, marks = _lines(picture, scale, unit, low, high)
    fair = picture.get("kind") == "ranking"
    below = {"title": _title(FAIR), "range": [low, high]} if fair else {"range": [low, high]}
    return {
        "data": [t for t in traces if t],
        "layout": layout(bottom + TOP + (98 if fair else 74), 72 if fair else 44)
        | {
            "xaxis": axis(unit) | below,
            "yaxis": {"range": [bottom, -TOP], "visible": False, "fixedrange": True},
            "shapes": shapes,
            "annotations": notes + marks,
        },
    }


def drivers(picture: Mapping[str, Any]) -> Figure:
    """What moved a figure: a bar to the left or right of nothing for every part, own work and mix of work apart."""
    rows: list[Row] = [r for r in picture["rows"] if r.get("value") is not None]
    unit = picture.get("unit", "")
    scale = 100.0 if is_rate(unit) else 1.0
    places = [34.0 * at for at in range(len(rows))]
    parts = (("own_part", OWN, "the work itself"), ("mix", OTHER, "a different mix of work"))
    traces = [
        {
            "type": "bar", "orientation": "h", "width": 11, "name": name, "y": places,
            "x": [(r.get(key) or 0.0) * scale for r in rows], "marker": {"color": colour},
            "hovertemplate": f"{name}: %{{x:+.1f}}<extra></extra>",
        }
        for key, colour, name in parts
    ]  # fmt: skip
    suffix = " points" if is_rate(unit) else ""
    notes = [_note(f"{r['label']} {_moved(r['value'] * scale)}{suffix}", y) for r, y in zip(rows, places, strict=True)]
    bottom = (places[-1] if places else 0) + 14
    zero = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": LINE, "width": 1.5}}
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"}
    points = axis("") | {"ticksuffix": "", "tickformat": "+.1f", "title": _title(suffix.strip())}
    return {
        "data": traces,
        "layout": layout(bottom + TOP + 90)
        | {
            "xaxis": points, "barmode": "relative", "showlegend": True, "legend": legend, "shapes": [zero],
            "yaxis": {"range": [bottom, -TOP], "visible": False, "fixedrange": True}, "annotations": notes,
            "margin": {"l": 8, "r": 8, "t": 34, "b": 50},
        },
    }  # fmt: skip


def _moved(value: float) -> str:
    """A change with its sign; nothing has none."""
    text = f"{value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def inked(figure: Figure, colour: str, ground: str) -> Figure:
    """The same figure with its text in the given colour, on the page's own ground: no line runs through a name."""
    font = figure["layout"]["font"] | {"color": colour, "family": "sans-serif"}
    clear = {"paper_bgcolor": ground, "plot_bgcolor": ground}
    notes = [note | {"bgcolor": ground, "borderpad": 1} for note in figure["layout"].get("annotations") or []]
    return figure | {"layout": figure["layout"] | clear | {"font": font, "annotations": notes}}


def _title(text: str) -> dict[str, Any]:
    """What an axis measures, clear of the names below it."""
    return {"text": text, "font": {"size": 12}, "standoff": 24}


def layout(height: float, below: int = 44) -> dict[str, Any]:
    """What all pictures share; `below`: pixels under the drawing, for its axis."""
    return {
        "height": int(height),
        "margin": {"l": 8, "r": 8, "t": 26, "b": below},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "font": {"size": 13},
        "hoverlabel": {"font": {"size": 13}},
    }


def axis(unit: str) -> dict[str, Any]:
    return {
        "fixedrange": True,
        "zeroline": False,
        "ticksuffix": " %" if is_rate(unit) else "",
        "nticks": 6,
        "gridcolor": "rgba(138,148,163,.18)",
    }


def _kind(row: Row) -> str:
    return "own" if row.get("own") else "good" if row.get("named") else "other"


def _places(rows: Sequence[Row]) -> list[float]:
    """Where each row stands, in pixels from the top: labelled rows have their name above."""
    bare = sum(1 for r in rows if not r.get("label"))
    step = 13.0 if bare <= 20 else max(2.5, 300.0 / bare)
    places: list[float] = []
    at = 0.0
    for number_, row in enumerate(rows):
        if number_:
            at += 34.0 if row.get("label") else step + (3.0 if rows[number_ - 1].get("label") else 0.0)
        places.append(at)
    return places


def _range(rows: Sequence[Row], picture: Mapping[str, Any], scale: float) -> tuple[float, float]:
    """The axis: everything drawn; with more than one name, room at the left for them to stand clear of the lines."""
    keys = ("value", "low", "high")
    held = [r[k] * scale for r in rows for k in keys if r.get(k) is not None]
    held += [picture[k] * scale for k in ("standard", "typical") if picture.get(k) is not None]
    if not held:
        return 0.0, 1.0
    low, high = min(held), max(held)
    room = (high - low) or abs(high) or 1.0
    named = sum(1 for r in rows if r.get("label"))
    start = low - (0.3 if named > 1 else 0.06) * room
    if low >= 0:
        start = max(0.0, start)
    return start, high + 0.06 * room


def _bars(kind: str, rows: Sequence[Row], places: Sequence[float], scale: float) -> dict[str, Any] | None:
    """The intervals of one kind of unit as one trace of thick pale lines."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, place in zip(rows, places, strict=True):
        if _kind(row) == kind and row.get("low") is not None and row.get("high") is not None:
            x += [row["low"] * scale, row["high"] * scale, None]
            y += [place, place, None]
    if not x:
        return None
    width = {"own": 9, "good": 7, "other": 5}[kind]
    line = {"color": PALE[COLOUR[kind]], "width": width}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}


def _dots(kind: str, rows: Sequence[Row], places: Sequence[float], scale: float, unit: str) -> dict[str, Any] | None:
    of_kind = [(r, p) for r, p in zip(rows, places, strict=True) if _kind(r) == kind]
    if not of_kind:
        return None
    size = {"own": 12, "good": 9, "other": 6}[kind]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [r["value"] * scale for r, _ in of_kind],
        "y": [p for _, p in of_kind],
        "marker": {"color": COLOUR[kind], "size": size, "symbol": "diamond" if kind == "own" else "circle"},
        "text": [_hover(r, unit) for r, _ in of_kind],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover(row: Row, unit: str) -> str:
    parts = [f"<b>{row.get('label') or 'one of the others'}</b>", _value(row, unit)]
    if row.get("low") not in (None, 0.0) and row.get("high") is not None:
        parts.append(f"likely between {number(row['low'], unit)} and {number(row['high'], unit)}")
    if row.get("n") and row.get("label"):
        parts.append(f"{row['n']:,} cases")
    return "<br>".join(parts)


def _value(row: Row, unit: str) -> str:
    """A figure beside its name; that of a small group is in whole per cent."""
    rounded = is_rate(unit) and bool(row.get("label")) and whole(row["value"], row, ("n",))
    return number(row["value"], unit, 0 if rounded else None)


def _label(row: Row, y: float, unit: str) -> dict[str, Any]:
    """The name and figure, at the left above the row: there it is never cut, however narrow the screen."""
    text = f"{row['label']} {_value(row, unit)}"
    return _note(f"<b>{text}</b>" if row.get("own") else text, y)


def _note(text: str, y: float) -> dict[str, Any]:
    return {"x": 0, "xref": "paper", "y": y, "text": text, "showarrow": False, "xanchor": "left", "yanchor": "bottom",
            "yshift": 5, "align": "left"}  # fmt: skip


def _lines(
    picture: Mapping[str, Any], scale: float, unit: str, low: float, high: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Standard (named above) and typical (named below) as upright lines."""
    shapes, notes = [], []
    for key, dash, y, anchor in (("standard", "solid", 1.0, "bottom"), ("typical", "dot", 0.0, "top")):
        value = picture.get(key)
        if value is None:
            continue
        at = value * scale
        line = {"color": LINE, "width": 1.5, "dash": dash}
        shapes.append(
            {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line, "layer": "below"}
        )
        share = (at - low) / ((high - low) or 1.0)
        side = "left" if share < 0.2 else "right" if share > 0.8 else "center"
        notes.append({"x": at, "y": y, "yref": "paper", "text": f"{key} {number(value, unit)}", "showarrow": False,
                      "yanchor": anchor, "xanchor": side, "yshift": 0 if key == "standard" else -17,
                      "font": {"size": 12}})  # fmt: skip
    return shapes, notes
