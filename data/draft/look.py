"""Looks at somebody's files and tells what they hold: format, encoding, columns with types, how values repeat."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from data.draft.types import Seen, seen
from data.foreign import TWICE, apart, flat, text_of

LIMIT = 300_000
"""Rows of a file that are looked at."""
ENDINGS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".psv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
    ".parquet": "parquet", ".pq": "parquet", ".xlsx": "excel", ".xls": "excel", ".ods": "excel",
}  # fmt: skip
DELIMITERS = (",", ";", "\t", "|")
Row = Mapping[str, str | None]


class UnseenError(Exception):
    """A file that `new` cannot look at; says why."""


@dataclass(frozen=True)
class Looked:
    """One file, or several of one kind, as `new` sees them. `rows` are the texts of the first LIMIT rows."""

    source: str
    files: tuple[Path, ...]
    format: str
    encoding: str
    delimiter: str
    header: bool
    columns: tuple[Seen, ...]
    rows: tuple[Row, ...] = field(repr=False)
    doubled: tuple[str, ...] = ()
    """Names that stand twice in the header: nobody knows which is meant, so neither is a column."""

    @property
    def size(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Seen | None:
        return next((c for c in self.columns if c.name == name), None)

    def values(self, name: str) -> Iterator[str]:
        """The known values of a column, row by row."""
        column = self.column(name)
        missing = {"", *(column.missing if column else ())}
        at = column.field if column else name
        return (v for row in self.rows if (v := (row.get(at) or "").strip()) not in missing)


def look(files: Iterable[Path]) -> list[Looked]:
    """The files taken together by kind (same name but for digits, same format), biggest first."""
    kinds: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(files):
        ending = path.suffix.casefold()
        if ending not in ENDINGS:
            raise UnseenError(f"{path}: what kind of file is it? Known endings: {', '.join(sorted(ENDINGS))}")
        kinds.setdefault((source_name(path), ENDINGS[ending]), []).append(path)
    found = [_looked(source, tuple(paths), kind) for (source, kind), paths in kinds.items()]
    return sorted(found, key=lambda looked: (-looked.size, looked.source))


def source_name(path: Path) -> str:
    """A key from a file name, without dates and numbers.

    >>> source_name(Path("Tickets_2026-11-18.csv"))
    'tickets'
    """
    name = re.sub(r"[\W\d_]+", "_", path.stem.casefold()).strip("_")
    return name or "rows"


def _looked(source: str, files: tuple[Path, ...], kind: str) -> Looked:
    encoding, delimiter, header = "utf-8", ",", True
    if kind == "csv":
        encoding = encoding_of(files[0].read_bytes()[:2_000_000])
        text = _text(files[0], encoding)
        delimiter = delimiter_of(text)
        header = has_header(text, delimiter)
    records = itertools.chain.from_iterable(_records(path, kind, encoding, delimiter, header) for path in files)
    rows = tuple(itertools.islice(records, LIMIT))
    if not rows:
        raise UnseenError(f"{files[0]}: no rows in it")
    names = list(dict.fromkeys(key for row in rows[:5000] for key in row))
    doubled = tuple(name.removesuffix(TWICE) for name in names if name.endswith(TWICE))
    columns = (name for name in names if not name.endswith(TWICE))
    found = tuple(seen(name, [(row.get(name) or "").strip() for row in rows]) for name in columns)
    return Looked(source, files, kind, encoding, delimiter, header, found, rows, doubled)


def encoding_of(data: bytes) -> str:
    """utf-8, utf-16 or latin-1 (Windows' characters are read as part of it).

    >>> encoding_of("Müller".encode("latin-1")), encoding_of("Müller".encode())
    ('latin-1', 'utf-8')
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        data[: data.rfind(b"\n") + 1 or len(data)].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252" if any(0x80 <= b < 0xA0 for b in data) else "latin-1"
    return "utf-8"


def delimiter_of(text: str) -> str:
    """The delimiter that splits the first lines into the same number of fields, the most fields winning."""
    lines = "\n".join(text.splitlines()[:50])

    def score(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(io.StringIO(lines), delimiter=delimiter) if row]
        common = max(set(widths), key=widths.count) if widths else 1
        return (widths.count(common) / len(widths) if common > 1 else 0.0, common)

    return max(DELIMITERS, key=score)


def has_header(text: str, delimiter: str) -> bool:
    """Whether the first line names columns: filled, none a number or a date, none twice unless it comes only there."""
    rows = list(itertools.islice(csv.reader(io.StringIO(text), delimiter=delimiter), 20))
    if not rows:
        return True
    first = [cell.strip() for cell in rows[0]]
    twice = {cell for cell in first if first.count(cell) > 1}
    alone = not any(cell.strip() in twice for row in rows[1:] for cell in row)
    return all(first) and alone and not any(re.match(r"[-+]?\d", cell) for cell in first)


def _text(path: Path, encoding: str) -> str:
    return path.read_text(encoding=encoding, errors="replace").lstrip("\ufeff")


def _records(path: Path, kind: str, encoding: str, delimiter: str, header: bool) -> Iterator[Row]:
    if kind == "csv":
        return _csv(path, encoding, delimiter, header)
    return {"jsonl": _jsonl, "json": _json, "parquet": _parquet, "excel": _excel}[kind](path)


def _csv(path: Path, encoding: str, delimiter: str, header: bool) -> Iterator[Row]:
    rows = csv.reader(io.StringIO(_text(path, encoding)), delimiter=delimiter)
    names = apart(cell.strip() for cell in next(rows, [])) if header else ()
    for row in rows:
        if len(row) > 1 or any(row):
            yield dict(zip(names or [f"column{i + 1}" for i in range(len(row))], row, strict=False))


def _jsonl(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.strip():
                yield flat(json.loads(line))


def _json(path: Path) -> Iterator[Row]:
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, list):
        raise UnseenError(f"{path}: a JSON file must hold one list of objects")
    return (flat(item) for item in value if isinstance(item, dict))


def _parquet(path: Path) -> Iterator[Row]:
    for batch in pq.ParquetFile(path).iter_batches(10_000):
        for row in batch.to_pylist():
            yield flat(row)


def _excel(path: Path) -> Iterator[Row]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    rows = iter(book.get_sheet_by_name(book.sheet_names[0]).to_python())
    names = apart(str(cell).strip() for cell in next(rows, []))
    for row in rows:
        yield {name: text_of(value) for name, value in zip(names, row, strict=False)}
