"""An answer as plain text for the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from queries.numbers import bucket_text, day_text, signed_points, span_text
from queries.periods import Period

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
    columns, rows = one_figure(columns, rows, _told)
    texts = [[c["label"] for c in columns]] + [
        [cell(row.get(c["key"]), c, whole(row.get(c["key"]), row)) for c in columns] for row in rows[:MOST_ROWS]
    ]
    widths = [max(len(line[i]) for line in texts) for i in range(len(columns))]
    numeric = [c["kind"] in ("rate", "number", "count", "points") for c in columns]
    found = [""]
    for line in texts:
        parts = (t.rjust(w) if n else t.ljust(w) for t, w, n in zip(line, widths, numeric, strict=True))
        found.append("  " + "  ".join(parts).rstrip())
    if len(rows) > MOST_ROWS:
        found.append(f"  … and {len(rows) - MOST_ROWS} more")
    return found


def one_figure(
    columns: Sequence[Any], rows: Sequence[Any], tell: Callable[[Any, Any], str]
) -> tuple[Sequence[Any], Sequence[Any]]:
    """Several figures under each other have one column: each row holds the one that it is about, told by `tell`; so is
    what was before and the standard, where the figures are not in one unit."""
    mixed = [c for c in columns if c.get("of")]
    rows = [{**row, **{c["key"]: tell(row.get(c["key"]), own_column(c, row)) for c in mixed}} for row in rows]
    columns = [{**c, "kind": "count"} if c.get("of") else c for c in columns]
    kinds = {c["label"]: c for c in columns if c.get("kind") in ("rate", "number")}
    own = {name: kinds[name] for row in rows if (name := str(row.get("metric"))) in kinds}
    if not columns or columns[0]["key"] != "metric" or len(own) < 2:
        return columns, rows
    keys = [c["key"] for c in own.values()]
    merged = [c for c in columns if c["key"] not in keys]
    at = next(i for i, c in enumerate(columns) if c["key"] in keys)
    told = [
        {**row, "figure": tell(row.get(c["key"]), c)} if (c := own.get(str(row.get("metric")))) else row for row in rows
    ]
    return [*merged[:at], {"key": "figure", "label": "figure", "kind": "count"}, *merged[at:]], told


def own_column(column: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, Any]:
    """How a column is told of the metric that a row is about."""
    found: Mapping[str, Any] = (column.get("of") or {}).get(str(row.get("metric")), column)
    return found


def _told(value: Any, column: Mapping[str, Any]) -> str:
    unit = f" {column['unit']}" if column["kind"] not in ("rate", "points") and value is not None else ""
    return cell(value, column) + unit


def whole(value: Any, row: Mapping[str, Any], counts: Sequence[str] = ("count", "cases")) -> bool:
    """Whether a rate is in whole per cent: that of a small group, beside which no count stands."""
    alone = counts[0] in row and all(row.get(key) is None for key in counts)
    return alone and isinstance(value, float) and round(value * 100, 9).is_integer()


def cell(value: Any, column: Mapping[str, Any], rounded: bool = False) -> str:
    """One value as it is printed: rates as per cent, counts without decimals."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column["kind"] == "rate" and isinstance(value, int | float):
        return f"{value * 100:.{0 if rounded else 1}f} %"
    if column["kind"] == "points" and isinstance(value, int | float):
        return signed_points(value)
    if column["kind"] == "day" and isinstance(value, str):
        return bucket_text(date.fromisoformat(value[:10]), column["key"], True)
    if column["kind"] == "count" and isinstance(value, int | float):
        return f"{value:,.0f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _below(answer: Mapping[str, Any]) -> list[str]:
    lines: list[str] = [""]
    for period in answer.get("periods") or []:
        span = Period(date.fromisoformat(period["from"]), date.fromisoformat(period["to"]))
        lines.append(f"{period['label']}: {dates(span)}")
    lines += [f"Assumed: {text}" for text in answer.get("assumed") or []]
    if answer.get("unused"):
        lines.append("Not used: " + ", ".join(answer["unused"]))
    lines += [f"Note: {text}" for text in answer.get("notes") or []]
    if answer.get("as_of"):
        ms = answer.get("ms") or {}
        at = f"Newest data: {moment(answer['as_of'])}"
        lines.append(f"{at} (version {answer.get('store')}, {ms.get('total', 0):.0f} ms)")
    return lines if len(lines) > 1 else []


def dates(span: Period) -> str:
    """A span with its year, both days included: 16 to 18 November 2026."""
    if span.days == 1:
        return day_text(span.start, True)
    return span_text(span).replace(" – ", " to ").replace("–", " to ")


def moment(text: str) -> str:
    """A moment as people say it.

    >>> moment("2026-11-18T23:59:30+00:00")
    '18 November 2026, 23:59 UTC'
    """
    found = datetime.fromisoformat(text)
    zone = " UTC" if found.utcoffset() == timedelta(0) else ""
    return f"{day_text(found.date(), True)}, {found:%H:%M}{zone}"
