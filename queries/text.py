"""An answer as plain text for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_ROWS = 40


def told(answer: Mapping[str, Any]) -> str:
    """The answer's sentence, its figures as a table, and what belongs to it, line by line."""
    lines: list[str] = []
    if answer.get("said"):
        lines.append(f"» {answer['said']}")
    if answer.get("headline"):
        lines += ["", str(answer["headline"])]
    lines += _offers(answer)
    lines += _table(answer.get("table") or {})
    lines += _below(answer)
    return "\n".join(lines) + "\n"


def _offers(answer: Mapping[str, Any]) -> list[str]:
    offers = [*(answer.get("choices") or []), *(answer.get("nearest") or [])]
    return [f"  {number}. {offer['said']}" for number, offer in enumerate(offers, 1)]


def _table(table: Mapping[str, Any]) -> list[str]:
    columns, rows = table.get("columns") or [], table.get("rows") or []
    if not rows or not columns:
        return []
    texts = [[c["label"] for c in columns]] + [
        [cell(row.get(c["key"]), c) for c in columns] for row in rows[:MOST_ROWS]
    ]
    widths = [max(len(line[i]) for line in texts) for i in range(len(columns))]
    numeric = [c["kind"] in ("rate", "number", "count") for c in columns]
    found = [""]
    for line in texts:
        parts = (t.rjust(w) if n else t.ljust(w) for t, w, n in zip(line, widths, numeric, strict=True))
        found.append("  " + "  ".join(parts).rstrip())
    if len(rows) > MOST_ROWS:
        found.append(f"  … and {len(rows) - MOST_ROWS} more")
    return found


def cell(value: Any, column: Mapping[str, Any]) -> str:
    """One value as it is printed: rates as per cent, counts without decimals."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column["kind"] == "rate" and isinstance(value, int | float):
        return f"{value * 100:.1f} %"
    if column["kind"] == "count" and isinstance(value, int | float):
        return f"{value:,.0f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _below(answer: Mapping[str, Any]) -> list[str]:
    lines: list[str] = [""]
    for period in answer.get("periods") or []:
        lines.append(f"{period['label']}: from {period['from']} up to, without, {period['to']}")
    lines += [f"Assumed: {text}" for text in answer.get("assumed") or []]
    if answer.get("unused"):
        lines.append("Not used: " + ", ".join(answer["unused"]))
    lines += [f"Note: {text}" for text in answer.get("notes") or []]
    if answer.get("as_of"):
        ms = answer.get("ms") or {}
        lines.append(f"Figures as of {answer['as_of']}, version {answer.get('store')}, {ms.get('total', 0):.0f} ms")
    return lines if len(lines) > 1 else []
