"""Tables as plain HTML: figures to the right, the own row marked, reachable by keyboard when they must scroll."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from html import escape
from types import MappingProxyType
from typing import Any

import streamlit as st

from pages.parts.look import NOTHING, number, plain
from queries.answers.text import one_figure, own_column, whole
from queries.numbers import bucket_text, signed_points

STYLE = """<style>
.gs-table { overflow-x: auto; border: 1px solid rgba(128,140,155,.38); border-radius: .5rem; }
.gs-table table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: 0; }
.gs-table th, .gs-table td { padding: .38rem .7rem; border: 0; border-bottom: 1px solid rgba(128,140,155,.22);
  text-align: left; vertical-align: top; }
.gs-table thead th { font-weight: 600; } .gs-table tbody th { font-weight: 400; }
.gs-table tr:last-child > * { border-bottom: 0; }
.gs-table .num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.gs-table tr.own > * { font-weight: 600; background: rgba(47,125,225,.12); }
@media (max-width: 640px) {
  .gs-table table { font-size: .84rem; }
  .gs-table .wide { min-width: 44rem; } .gs-table td:not(.num) { min-width: 5.5rem; }
  .gs-table th, .gs-table td { padding: .34rem .45rem; }
  .gs-table .texts, .gs-table .texts :is(tbody, tr, td, tbody th) { display: block; }
  .gs-table .texts thead { position: absolute; clip-path: inset(50%); }
  .gs-table .texts tr { border-bottom: 1px solid rgba(128,140,155,.38); padding: .3rem 0; }
  .gs-table .texts :is(td, tbody th) { border: 0; padding: .1rem .6rem; overflow-wrap: anywhere; }
  .gs-table .texts tbody th { font-weight: 600; }
  .gs-table .texts td::before { content: attr(data-title) ": "; opacity: .75; }
}
</style>"""
TEXTS = 4
"""From so many columns on a table without figures stands on a phone as one block a row."""
WIDE = 6
"""From so many columns on a table is scrolled on a phone, not squeezed."""
FIGURES = ("rate", "number", "count", "points")
IN_FILES = {"rate": " %", "points": ", points"}
"""Kinds that are fractions here and hundredths in files, and how their titles say so there."""
Object = Mapping[str, Any]


def show(titles: Sequence[str], rows: Sequence[Sequence[str]], label: str, own: Collection[int] = (),
         right: Collection[int] | None = None) -> None:  # fmt: skip
    """Texts as a table; `own`: rows to mark; `right`: columns of figures (left out: all but the first)."""
    if rows:
        st.html(STYLE + html(titles, rows, label, own, range(1, len(titles)) if right is None else right))


def html(
    titles: Sequence[str], rows: Sequence[Sequence[str]], label: str, own: Collection[int], right: Collection[int]
) -> str:
    marks = [' class="num"' if at in right else "" for at in range(len(titles))]
    head = "".join(f'<th scope="col"{mark}>{escape(t)}</th>' for t, mark in zip(titles, marks, strict=True))
    body = []
    for at, row in enumerate(rows):
        first = f'<th scope="row"{marks[0]}>{escape(row[0])}</th>'
        rest = "".join(
            f'<td{mark} data-title="{escape(title, quote=True)}">{escape(text)}</td>'
            for title, text, mark in zip(titles[1:], row[1:], marks[1:], strict=True)
        )
        mark = ' class="own"' if at in own else ""
        body.append(f"<tr{mark}>{first}{rest}</tr>")
    name = escape(label, quote=True)
    texts = not right and len(titles) >= TEXTS
    wide = ' class="texts"' if texts else ' class="wide"' if len(titles) >= WIDE else ""
    return (
        f'<div class="gs-table" tabindex="0" role="group" aria-label="{name}"><table{wide}>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def cells(answer: Object) -> tuple[list[str], list[list[Any]]]:
    """Every column of an answer's table for files: numbers as numbers, rates in per cent."""
    columns, rows = _held(answer)
    titles = [c["label"] + ("" if c.get("of") else IN_FILES.get(str(c.get("kind")), "")) for c in columns]
    return titles, [[_file_value(r.get(c["key"]), own_column(c, r)) for c in columns] for r in rows]


def _file_value(value: Any, column: Object) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return value if value is not None else ""
    return round(value * 100, 3) if column.get("kind") in IN_FILES else value


def short(answer: Object) -> tuple[list[str], list[list[str]], list[int]]:
    """The table to read: events and cases in one column, the fair number with its range in another, no empty ones.

    Titles, rows, and which columns hold figures.
    """
    held, found = _held(answer)
    columns, rows = one_figure(held, found, lambda value, column: _text(value, column, _unit(column)))
    keys = {c["key"]: c for c in held}
    made: list[tuple[str, list[str], bool]] = []
    for column in columns:
        key, unit = column["key"], _unit(column)
        if (key in ("low", "high") and "fair" in keys) or (key == "cases" and "count" in keys):
            continue
        if key == "count" and "cases" in keys:
            made.append(("how many", [_of(r) for r in rows], True))
        elif key == "fair" and {"low", "high"} <= set(keys):
            made.append((column["label"], [_ranged(r, _unit(own_column(keys[key], r))) for r in found], True))
        else:
            texts = [_text(r.get(key), column, unit, r) for r in rows]
            made.append((column["label"], texts, key == "figure" or column.get("kind") in FIGURES))
    kept = [one for at, one in enumerate(made) if not at or any(t != NOTHING for t in one[1])]
    right = [at for at, (_, _, figures) in enumerate(kept) if figures]
    return [title for title, _, _ in kept], [[texts[at] for _, texts, _ in kept] for at in range(len(rows))], right


def _held(answer: Object) -> tuple[Sequence[Object], Sequence[Object]]:
    shown = answer.get("table") or {}
    return shown.get("columns") or [], shown.get("rows") or []


def _unit(column: Object) -> str:
    """Rates are fractions whatever their unit says of what they are a share of."""
    return "%" if column.get("kind") == "rate" else str(column.get("unit") or "")


def _text(value: Any, column: Object, unit: str, row: Object = MappingProxyType({})) -> str:
    if column.get("kind") == "rate" and whole(value, row):
        return number(value, unit, 0)
    if column.get("kind") == "points" and isinstance(value, int | float):
        return signed_points(value)
    if column.get("kind") == "day" and isinstance(value, str):
        return bucket_text(date.fromisoformat(value[:10]), column["key"])
    return plain(value, unit)


def _of(row: Object) -> str:
    count, cases = plain(row.get("count")), plain(row.get("cases"))
    return count if cases == NOTHING else cases if count == NOTHING else f"{count} of {cases}"


def _ranged(row: Object, unit: str) -> str:
    if row.get("fair") is None:
        return NOTHING
    text, low, high = (number(v, unit, 0 if whole(v, row) else None) for v in map(row.get, ("fair", "low", "high")))
    if row.get("low") is None or row.get("high") is None:
        return text
    return f"{text} ({low.removesuffix(' %')} to {high})"
