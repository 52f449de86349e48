"""From frames to a system's own files: text by DuckDB expressions, files by delivery day or by drop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.sample.base import DAY, Arr, Frame, as_date, join, size, take
from data.sample.world import World

Pools = Mapping[str, Sequence[str]]
"""Column name -> texts that the column's whole numbers stand for (negative = null)."""

_LOCAL: dict[str, duckdb.DuckDBPyConnection] = {}


def connection() -> duckdb.DuckDBPyConnection:
    """This process's own in-memory database for formatting."""
    if "con" not in _LOCAL:
        _LOCAL["con"] = duckdb.connect(config={"threads": 2})
    return _LOCAL["con"]


_TYPES = {"int64": pa.int64(), "int32": pa.int32(), "float64": pa.float64(), "uint64": pa.uint64()}


def column(values: Arr) -> pa.Array:
    """An Arrow array over a numpy column without a copy (and without pyarrow importing pandas for it)."""
    if values.dtype == bool:
        bits = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bits)])
    kind = _TYPES.get(str(values.dtype))
    if kind is None:
        return texts([str(v) for v in values.tolist()])
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def texts(values: Sequence[str | None]) -> pa.Array:
    """An Arrow array of texts (again without pyarrow importing pandas for it)."""
    raw = [b"" if v is None else v.encode() for v in values]
    ends = np.zeros(len(raw) + 1, dtype=np.int32)
    np.cumsum([len(b) for b in raw], out=ends[1:])
    known = pa.py_buffer(np.packbits(np.array([v is not None for v in values], dtype=bool), bitorder="little"))
    return pa.Array.from_buffers(pa.string(), len(raw), [known, pa.py_buffer(ends), pa.py_buffer(b"".join(raw))])


def words(codes: Arr, pool: Sequence[str]) -> pa.DictionaryArray:
    """Whole numbers as the texts that they stand for; negative ones are null."""
    flat = np.asarray(codes, dtype=np.int32)
    known = pa.py_buffer(np.packbits(flat >= 0, bitorder="little"))
    held = pa.Array.from_buffers(pa.int32(), len(flat), [known, pa.py_buffer(np.maximum(flat, 0))])
    return pa.DictionaryArray.from_arrays(held, texts(list(pool)))


def table(frame: Frame, pools: Pools | None = None) -> pa.Table:
    """A frame as an Arrow table; pooled columns become dictionaries."""
    pools = pools or {}
    return pa.table({k: words(v, pools[k]) if k in pools else column(v) for k, v in frame.items()})


def query(frame: Frame, sql: str, pools: Pools | None = None) -> pa.Table:
    """Run SQL on the frame, which is called `f` there; rows keep the frame's order unless sql says otherwise."""
    con = connection()
    con.register("f", table(frame, pools))
    try:
        return con.sql(sql).to_arrow_table()
    finally:
        con.unregister("f")


def lines(frame: Frame, sql: str, pools: Pools | None = None) -> list[str]:
    """The first column of a query as Python texts."""
    if not size(frame):
        return []
    return [str(x) for x in query(frame, sql, pools).column(0).to_pylist()]


def stamp(column: str, form: str) -> str:
    """SQL text of a column of UTC (or wall-clock) seconds in a strftime form; null where it is negative."""
    return f"CASE WHEN {column} >= 0 THEN strftime(make_timestamp({column} * 1000000), '{form}') END"


def put(path: Path, content: bytes | str, encoding: str = "utf-8") -> None:
    """Write a whole file under its final name at once, so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("." + path.name + ".part")
    part.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    part.replace(path)


def put_lines(path: Path, rows: Sequence[str], head: str | None = None) -> None:
    put(path, "\n".join([*([head] if head is not None else []), *rows, ""]))


def put_parquet(path: Path, what: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("." + path.name + ".part")
    pq.write_table(what, part, compression="zstd")
    part.replace(path)


def csv_row(fields: Sequence[str], separator: str = ",") -> str:
    """SQL text of a line of separated fields; nulls are empty."""
    return "concat(" + f", '{separator}', ".join(fields) + ")"


def quoted(expression: str) -> str:
    """SQL text of a JSON text, or null."""
    return f"""coalesce('"' || ({expression}) || '"', 'null')"""


def plain(expression: str) -> str:
    """SQL text of a JSON number or flag, or null."""
    return f"coalesce(({expression})::VARCHAR, 'null')"


def json_row(fields: Mapping[str, str]) -> str:
    """SQL text of a JSON object; the values are already JSON (`quoted`, `plain`)."""
    parts = [f"""'{"{" if i == 0 else ", "}"{key}": ', {value}""" for i, (key, value) in enumerate(fields.items())]
    return "concat(" + ", ".join(parts) + ", '}')"


@dataclass(frozen=True)
class Content:
    """What a file holds: a heading and a text a row, or a table with a line a row."""

    head: str | None = None
    rows: Sequence[str] = ()
    table: pa.Table | None = None

    def part(self, where: Arr) -> Content:
        """The rows at some positions."""
        if self.table is not None:
            return Content(table=self.table.take(column(where)))
        return Content(self.head, [self.rows[i] for i in where.tolist()])

    def put(self, path: Path) -> None:
        if self.table is not None:
            put_parquet(path, self.table)
        else:
            put_lines(path, self.rows, self.head)


@dataclass(frozen=True)
class Feed:
    """A source made of rows that are told by an origin day and delivered on days around it."""

    source: str
    stem: str
    """File name with {day} in it."""
    rows: Callable[[World, int], Frame]
    """Rows of one origin day with a column `at`: UTC second of delivery."""
    content: Callable[[World, Frame, int], Content] | None = None
    """What a file with these rows (in order of delivery) of this day holds; a row each, also for no rows."""
    write: Callable[[World, Frame, Path, int], None] | None = None
    """For files that are not a row a line: writes the whole file."""
    rhythm: str = "day"
    """quarter (every 15 minutes), hour or day."""
    back: int = 0
    """Rows come up to so many days after their origin day (what would come later never comes)."""
    ahead: int = 0
    """... and up to so many days before it."""
    lag: int = 0
    """A daily file holds the rows of the day `lag` days before its delivery."""
    named: int = 0
    """The day in a file's name is so many days after the day of its rows."""


@dataclass
class Run:
    """A feed being written day by day."""

    feed: Feed
    world: World
    out: Path
    first: int
    next_origin: int = 0
    waiting: dict[int, list[Frame]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.next_origin = self.first - self.feed.lag - self.feed.back

    def day(self, delivered: int, in_drops: bool) -> int:
        """Write what is delivered on a day; days must come in order. Returns the number of rows."""
        wanted = delivered - self.feed.lag
        while self.next_origin <= wanted + self.feed.ahead:
            self._collect(self.next_origin, self.first - self.feed.lag)
            self.next_origin += 1
        rows = join(self.waiting.pop(wanted, []))
        rows = take(rows, np.argsort(rows["at"], kind="stable")) if rows else {}
        folder = self.out / self.feed.source
        path = folder / self.feed.stem.format(day=f"{as_date(wanted + self.feed.named):%Y%m%d}")
        if self.feed.write:
            self.feed.write(self.world, rows, path, wanted)
        elif self.feed.content:
            content = self.feed.content(self.world, rows, wanted)
            if in_drops and self.feed.rhythm != "day":
                self._drops(rows, content, folder, wanted)
            else:
                content.put(path)
        return size(rows) if rows else 0

    def _collect(self, origin: int, first: int) -> None:
        rows = self.feed.rows(self.world, origin)
        if not size(rows):
            return
        days = rows["at"] // DAY
        early, late = max(first, origin - self.feed.ahead), origin + self.feed.back
        order = np.argsort(days, kind="stable")
        days = days[order]
        for day in np.unique(days[(days >= early) & (days <= late)]).tolist():
            low, high = np.searchsorted(days, (day, day + 1))
            self.waiting.setdefault(int(day), []).append(take(rows, order[low:high]))

    def _drops(self, rows: Frame, content: Content, folder: Path, day: int) -> None:
        step = 900 if self.feed.rhythm == "quarter" else 3600
        slot = (rows["at"] - day * DAY) // step if rows else np.zeros(0, int)
        text = f"{as_date(day):%Y%m%d}"
        for i in range(DAY // step):
            end = (i + 1) * step
            name = f"{text}T{end // 3600:02d}{end % 3600 // 60:02d}" if step == 900 else f"{text}_{i:02d}"
            content.part(np.flatnonzero(slot == i)).put(folder / self.feed.stem.format(day=name))


def deliver_late(draw: np.random.Generator, at: Arr, share: float, longest: int) -> Arr:
    """Delivery seconds: a share of the rows comes up to `longest` seconds late."""
    late = draw.random(len(at)) < share
    return np.asarray(at + np.where(late, (draw.random(len(at)) * longest).astype(np.int64), 0))
