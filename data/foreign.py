"""Readers in Python for formats that DuckDB has none for, and small looks into files (schema, trailer)."""

from __future__ import annotations

import codecs
import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineWorkbook

from data.contract import Contract

Record = Mapping[str, str | None]


def _latin1_for_bad(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("latin1_for_bad", _latin1_for_bad)


def split_line(line: str, delimiter: str, quote: str) -> list[str]:
    """The fields of one line.

    >>> split_line('a;"b;c"', ";", '"')
    ['a', 'b;c']
    """
    if not quote or quote not in line:
        return line.split(delimiter)
    return next(csv.reader([line], delimiter=delimiter, quotechar=quote))


TWICE = " (twice)"


def apart(names: Iterable[str]) -> tuple[str, ...]:
    """The names of columns; which of two of one name is meant nobody knows, so that neither is taken.

    >>> apart(["id", "at", "at", "", ""])
    ('id', 'at (twice)', 'at (twice)', '', '')
    """
    counts = Counter(held := tuple(names))
    return tuple(f"{name}{TWICE}" if name and counts[name] > 1 else name for name in held)


def trailer_count(path: Path, pattern: str) -> int | None:
    """The count (first group) in the last line of a file, None when that line is no trailer."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 4096))
        lines = handle.read().decode("latin-1").rstrip("\r\n").splitlines()
    found = re.match(pattern, lines[-1]) if lines else None
    return int(found.group(1)) if found else None


def parquet_schema(path: Path) -> tuple[str, ...]:
    """`name:type` of every column."""
    return tuple(f"{f.name}:{f.type}" for f in pq.read_schema(path))


def json_structure(paths: Sequence[str]) -> str:
    """The structure DuckDB's from_json needs for dotted paths, every leaf a text.

    >>> json_structure(["op", "after.id"])
    '{"op": "VARCHAR", "after": {"id": "VARCHAR"}}'
    """
    tree: dict[str, Any] = {}
    for path in paths:
        *above, leaf = path.split(".")
        node = tree
        for step in above:
            node = node.setdefault(step, {})
        node[leaf] = "VARCHAR"
    return json.dumps(tree)


def arrow(contract: Contract, rows: Sequence[Record], index: int) -> pa.Table:
    """One file's records as a table of texts; the file's index, `_broken` and `_line` in front."""
    columns = {"_fi": _texts(str(index) for _ in rows)}
    columns |= {name: _texts(row.get(name) for row in rows) for name in ("_broken", "_line")}
    for column in contract.read_columns:
        columns[column.name] = _texts(_first(rows, column.names))
    return pa.table(columns)


def names(contract: Contract, rows: Iterable[Record]) -> list[str]:
    """Columns that a file has: those of any of its tables; of a workbook, whose sheets are alike, those of all sheets
    and those that the contract does not know."""
    kinds = dict.fromkeys(map(tuple, rows))
    found = dict.fromkeys(chain(*kinds))
    if contract.format != "excel":
        return list(found)
    new = contract.lack(tuple(found)).new
    return [name for name in found if name in new or all(name in kind for kind in kinds)]


def _texts(values: Iterable[str | None]) -> pa.StringArray:
    """A column of texts (`pa.array` would load pandas for it, which takes longer than most files)."""
    builder = pa.lib.StringBuilder()
    builder.append_values(values)
    return builder.finish()


def _first(rows: Sequence[Record], names: Sequence[str]) -> Iterator[str | None]:
    """Of each row the first of the names that has a text."""
    if len(names) == 1:
        (name,) = names
        return (row.get(name) or None for row in rows)
    return (next((value for name in names if (value := row.get(name))), None) for row in rows)


# ---- records of one file --------------------------------------------------------------------------------------------


def json_records(contract: Contract, path: Path) -> Iterator[Record]:
    """The objects of one JSON array; an array that was never closed gives the objects before its end."""
    text = path.read_text(encoding="utf-8", errors="replace")
    decoder = json.JSONDecoder()
    at, end = text.find("[") + 1, len(text)
    if at == 0:
        raise ValueError("no array")
    while True:
        while at < end and text[at] in " \t\r\n,":
            at += 1
        if at >= end or text[at] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            yield {"_broken": "not a whole JSON object", "_line": text[at : at + 500]}
            at = text.find("\n", at)
            if at < 0:
                return
            continue
        yield flat(value) if isinstance(value, dict) else {"_broken": "not a JSON object", "_line": str(value)[:500]}


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, str | None]:
    """Nested objects with dotted names, every leaf a text."""
    found: dict[str, str | None] = {}
    for key, item in value.items():
        if isinstance(item, Mapping):
            found.update(flat(item, f"{prefix}{key}."))
        else:
            found[prefix + key] = text_of(item)
    return found


def text_of(value: Any) -> str | None:
    """One value as text: truth as true and false, whole numbers without a point, days and times as ISO, lists by |."""
    if value is None or isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, (list, tuple)):
        return "|".join(text_of(v) or "" for v in value)
    return str(value)


def excel_records(contract: Contract, path: Path) -> Iterator[Record]:
    """Rows of every sheet (or those matching `sheets`) below the row that holds the key's column names.

    The sheet's name is the column `_sheet`; columns are found by name, wherever they stand.
    """
    book = CalamineWorkbook.from_path(str(path))
    named = [contract.column(key) for key in contract.key] or contract.read_columns
    wanted = {name for column in named for name in column.names} - {"_sheet"}
    for sheet in book.sheet_names:
        if contract.sheets and not re.search(contract.sheets, sheet):
            continue
        header: list[str] | None = None
        for cells in book.get_sheet_by_name(sheet).to_python():
            texts = [(text_of(c) or "").strip() for c in cells]
            if header is None:
                header = list(apart(texts)) if wanted & set(texts) else None
            elif any(texts):
                yield {**dict(zip(header, texts, strict=False)), "_sheet": sheet}
        if header is None:
            raise ValueError(f"sheet {sheet} has no row of column names ({', '.join(sorted(wanted))})")


def sqlite_records(contract: Contract, path: Path) -> Iterator[Record]:
    """Rows of the contract's tables in their stored order; the table's name is the column `_table`."""
    con = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        for table in contract.tables:
            cursor = con.execute(f'SELECT * FROM "{table}"')
            names = [d[0] for d in cursor.description]
            for row in cursor:
                yield {**{n: text_of(v) for n, v in zip(names, row, strict=True)}, "_table": table}
    finally:
        con.close()


RECORDS: dict[str, Callable[[Contract, Path], Iterator[Record]]] = {
    "json": json_records,
    "excel": excel_records,
    "sqlite": sqlite_records,
}
