"""The books: every file ever taken, with its rows in and out, in the writer's own database.

received = accepted + rejected + replaced + waiting holds for every file at any time:
accepted rows stand in the staged tables (counted by `_file`), rejected ones are in `rejects` with their reasons,
replaced ones gave way to another row of the same key, waiting ones belong to a file that was refused or not yet read.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

PACKED = ".zst"
LINE_END, RETURN = b"\n\r"
CHUNK = 1 << 20
"""Bytes of a file that are looked at together."""
PACK_FROM = 4096
"""Bytes from which on a kept file is packed."""
SMALL = ("parquet", "excel")
"""Formats that are packed already."""
LONG = 200
"""Bytes of the longest name that a kept file has whole: folders take 255, and hash and endings go with it."""
TABLES = """
CREATE TABLE IF NOT EXISTS ledger(
  id INTEGER PRIMARY KEY, source VARCHAR, name VARCHAR, hash VARCHAR, size BIGINT, stamp VARCHAR, part VARCHAR,
  kept VARCHAR, state VARCHAR, note VARCHAR, received BIGINT, accepted BIGINT, rejected BIGINT, replaced BIGINT,
  waiting BIGINT, tolerated BIGINT, lines BIGINT, first_day DATE, last_day DATE, newest_at TIMESTAMP,
  received_at TIMESTAMP, loaded_at TIMESTAMP,
  expired BIGINT, lacks VARCHAR, late BIGINT);
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS expired BIGINT;
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS lacks VARCHAR;
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS late BIGINT;
CREATE TABLE IF NOT EXISTS rejects(file INTEGER, source VARCHAR, row BIGINT, reason VARCHAR, record VARCHAR);
CREATE TABLE IF NOT EXISTS seen(path VARCHAR PRIMARY KEY, size BIGINT, modified BIGINT, hash VARCHAR);
CREATE TABLE IF NOT EXISTS strangers(name VARCHAR PRIMARY KEY, note VARCHAR, seen_at TIMESTAMP);
CREATE TABLE IF NOT EXISTS dirty(source VARCHAR, day DATE);
CREATE TABLE IF NOT EXISTS unpublished(metric VARCHAR, day DATE);
CREATE TABLE IF NOT EXISTS progress(key VARCHAR PRIMARY KEY, value VARCHAR);
"""


@dataclass(frozen=True)
class Found:
    """A file that lies where files arrive, with what one pass over its bytes tells."""

    path: Path
    name: str
    size: int
    hash: str
    lines: int
    whole_lines: bool


class BooksError(AssertionError):
    """The books do not balance; never expected."""


def look(path: Path) -> Found:
    """Hash and lines (blank ones left out) of a file in one pass; OSError when it cannot be read."""
    digest, lines, size = hashlib.sha256(), 0, 0
    held = bytearray(b" \n" + bytes(CHUNK))  # filled again and again: fresh memory costs more than the counting
    room = memoryview(held)[2:]
    with path.open("rb", buffering=0) as handle:
        while read := handle.readinto(room):
            digest.update(room[:read])
            lines += _lines(held, read + 2)
            held[:2] = held[read : read + 2]
            size += read
    whole = held[1:2] == b"\n" or held[:2] == b"\n\0"  # the last letter may have two bytes
    return Found(path, path.name, size, digest.hexdigest(), lines + (not whole), whole)


def _lines(held: bytearray, size: int) -> int:
    """Lines with something in them that end in the first bytes of a text; two of them are only what stands before."""
    text = np.frombuffer(held, np.uint8, size)
    ends = text == LINE_END
    lines = np.count_nonzero(ends[2:]) - np.count_nonzero(ends[2:] & ends[1:-1])
    if held.find(RETURN, 0, size) >= 0:
        lines -= np.count_nonzero(ends[2:] & (text[1:-1] == RETURN) & ends[:-2])
    return int(lines)


def keep(found: Found, source: str, kept: Path, move: bool = False) -> tuple[Found, str]:
    """Put the file aside, untouched, under its hash; returns its path relative to `kept`. Same file, same place.

    A file that somebody wrote to since it was looked at is looked at anew: what is kept is what is told of it.
    """
    relative = _place(found, source)
    target = kept / relative
    if target.exists() and target.stat().st_size == found.size:
        return found, relative
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    if move and found.path.stat().st_dev == target.parent.stat().st_dev:
        found.path.replace(target)
        return found, relative
    shutil.copyfile(found.path, part)
    if part.stat().st_size != found.size:
        found = replace(look(part), path=found.path, name=found.name)
        relative = _place(found, source)
    part.replace(kept / relative)
    return found, relative


def _place(found: Found, source: str) -> str:
    name = found.name if len(found.name.encode()) <= LONG else found.name[: LONG // 8] + found.name[-LONG // 8 :]
    return f"{source}/{found.hash[:16]}__{name}"


def packs(size: int, form: str) -> bool:
    """Whether a kept file is packed: it is read once, and from then on only has to be there."""
    return size > PACK_FROM and form not in SMALL


def pack(path: Path) -> None:
    """Put a kept file in a smaller form of the same bytes, <name>.zst (`zstd -d` or `unpack` gives it back)."""
    part, target = path.with_name(path.name + ".part"), path.with_name(path.name + PACKED)
    codec = pa.Codec("zstd")
    with path.open("rb") as plain, part.open("wb") as small:
        while block := plain.read(1 << 20):
            small.write(codec.compress(block))
    part.replace(target)
    path.unlink()


def pack_all(paths: Iterable[Path]) -> None:
    """`pack` each; where there is no room for the packed form beside the plain one, that stays as well."""
    for path in paths:
        with suppress(OSError):
            pack(path)


def unpack(path: Path) -> Path:
    """The kept file under its own name again; a path that is not packed is returned as it is."""
    if path.suffix != PACKED:
        return path
    target = path.with_suffix("")
    part = target.with_name(target.name + ".part")
    with pa.input_stream(str(path), compression="zstd") as small, part.open("wb") as plain:
        shutil.copyfileobj(small, plain, 1 << 20)
    part.replace(target)
    path.unlink()
    return target


def remove(path: Path) -> None:
    """A kept file goes, packed or not."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + PACKED).unlink(missing_ok=True)


def stamp(name: str, pattern: str | None) -> str:
    """What orders the files of a source by their names: the digits, or the groups of the contract's pattern.

    >>> stamp("WO_20261118_R1.txt", None)
    '202611181'
    """
    if pattern and (found := re.search(pattern, name)):
        return "".join(g for g in found.groups() if g) if found.groups() else found.group(0)
    return "".join(re.findall(r"\d+", Path(name).stem))


def part(name: str, pattern: str | None) -> str:
    """The part (a day, a month) that a file is the whole of; the file's own name when there is no pattern."""
    found = re.search(pattern, name) if pattern else None
    if not found:
        return name
    return "".join(g for g in found.groups() if g) or found.group(0)


def check(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Every fault of the books in words: files that do not add up, staged rows that are not those accepted."""
    faults = [
        f"{name}: {received} rows received, {total} accounted for"
        for name, received, total in con.execute(
            """SELECT name, received, accepted + rejected + replaced + waiting FROM ledger
               WHERE received <> accepted + rejected + replaced + waiting"""
        ).fetchall()
    ]
    faults += [
        f"{name}: {rejected} rows rejected, {held} kept with their reason"
        for name, rejected, held in con.execute(
            """SELECT l.name, l.rejected, coalesce(r.n, 0) FROM ledger l
               LEFT JOIN (SELECT file, count(*) AS n FROM rejects GROUP BY file) r ON r.file = l.id
               WHERE l.rejected <> coalesce(r.n, 0) AND l.state <> 'expired'"""
        ).fetchall()
    ]
    for (source,) in con.execute("SELECT DISTINCT source FROM ledger ORDER BY 1").fetchall():
        faults += _staged(con, str(source))
    return faults


def _staged(con: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    tables = books(con, source)
    if not tables:
        return []
    rows = " UNION ALL ".join(f'SELECT _file FROM "{t}"' for t in tables)
    return [
        f"{name}: {accepted} rows accepted, {held} held in {' and '.join(tables)}"
        for name, accepted, held in con.execute(
            f"""SELECT l.name, l.accepted, coalesce(h.n, 0) FROM ledger l
                LEFT JOIN (SELECT _file, count(*) AS n FROM ({rows}) GROUP BY _file) h ON h._file = l.id
                WHERE l.source = ? AND l.state <> 'expired'
                  AND l.accepted <> coalesce(h.n, 0) + coalesce(l.expired, 0)""",
            [source],
        ).fetchall()
    ]


def books(con: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """The tables that hold a source's accepted rows: l_ where it has one, else s_ and gone_."""
    have = {
        str(row[0])
        for row in con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT temporary"
        ).fetchall()
    }
    if f"l_{source}" in have:
        return [f"l_{source}"]
    return [t for t in (f"s_{source}", f"gone_{source}") if t in have]
