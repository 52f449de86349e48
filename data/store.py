"""Published versions: immutable files and a small pointer; and the store that answers questions from one of them.

    var/store/v0000012.duckdb   one version, never written again once it has this name
    var/store/current           the newest version's name and the length of its file, replaced in one step
    var/store/v0000012.readers  readers hold a shared lock on it for as long as they have the version open
    var/store/v0000012.damaged  a reader met a block that is not as it was written: nobody opens the version any more

A reader opens the version that the pointer names and keeps it; a new version is a new file, nobody is disturbed.
"""

from __future__ import annotations

import fcntl
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

import duckdb

POINTER = "current"
KEEP = 2
"""Versions before the newest that are kept for readers who are just about to open them."""
CORRUPT = "Corrupt database file"
"""What DuckDB says of a block that is not what its checksum tells."""
LOG = logging.getLogger(__name__)


class NoStoreError(Exception):
    """Nothing has been published yet."""


class DamagedError(NoStoreError):
    """A part of a version is not as it was written; another version is there, or the next load makes one."""


BROKEN = (FileNotFoundError, duckdb.IOException, duckdb.SerializationException, DamagedError)
"""What opening a version says that is gone or damaged."""


class Engine(Protocol):
    """What answers SQL: this module's Store, or an object of the same shape in front of another engine."""

    version: str
    dialect: str

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...
    def columns(self, table: str) -> tuple[str, ...]: ...


class Versions:
    """The versions of one runtime folder."""

    def __init__(self, var: Path) -> None:
        self.folder = Path(var) / "store"

    def newest(self) -> str | None:
        """The name of the newest version, None before the first; a read of a few bytes."""
        return self._pointer()[0]

    def _pointer(self) -> tuple[str | None, int]:
        """The newest version and how long its file is, 0 where that is not said."""
        try:
            text = (self.folder / POINTER).read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None, 0
        found = re.fullmatch(r"(v\d+)(?: (\d+))?", text)
        return (found[1], int(found[2] or 0)) if found else (None, 0)

    def path(self, version: str) -> Path:
        return self.folder / f"{version}.duckdb"

    def open(self, threads: int = 4) -> Store:
        """The newest version; where it is gone or damaged, the newest of those before it."""
        wanted = self.newest()
        for version in self._named():
            with suppress(*BROKEN):
                store = self._store(version, threads)
                if wanted and version < wanted:
                    LOG.warning("%s is gone or damaged: %s is read", self.path(wanted), version)
                return store
        if wanted:
            raise NoStoreError(f"{self.folder}: no version here can be opened; the next load publishes one anew")
        raise NoStoreError(f"{self.folder}: nothing is published here yet (python -m data load …)")

    def mark(self) -> tuple[str, int, int, bool] | None:
        """What the newest version looks like from outside, None where there is none: whatever happens to its file, or
        is found out about it, changes it."""
        with suppress(FileNotFoundError):
            if version := self.newest():
                path = self.path(version)
                status = path.stat()
                return version, status.st_size, status.st_mtime_ns, _damaged(path).exists()
        return None

    def sound(self, version: str) -> bool:
        """Whether a version is there and opens."""
        try:
            self._store(version).close()
        except BROKEN:
            return False
        return True

    def whole(self, version: str) -> bool:
        """Whether a version is there and each block of its tables can be read: what readers met or may meet."""
        try:
            with self._store(version) as store:
                for table in store.tables():
                    store.fetch(f'SELECT max(hash(COLUMNS(*))) FROM "{table}"')
        except BROKEN:
            return False
        return True

    def _store(self, version: str, threads: int = 4) -> Store:
        """One version, opened; one that was cut short, as by a copy to a full disk, would open all the same."""
        name, size = self._pointer()
        if version == name and self.path(version).stat().st_size < size:
            raise DamagedError(f"{self.path(version)}: is cut short")
        if _damaged(self.path(version)).exists():
            raise DamagedError(f"{self.path(version)}: a part of it could not be read")
        return Store(self.path(version), threads)

    def _named(self) -> Iterator[str]:
        """What the pointer names, read anew when that was cleared away meanwhile; then all versions, newest first."""
        tried = set[str]()
        while (version := self.newest()) and version not in tried:
            tried.add(version)
            yield version
        yield from sorted(
            (p.stem for p in self.folder.glob("v*.duckdb") if tried and p.stem not in tried), reverse=True
        )

    def clear(self, keep: int = KEEP) -> list[str]:
        """Remove versions that are neither among the newest nor open anywhere; returns their names."""
        newest = self.newest()
        found = sorted(p for p in self.folder.glob("v*.duckdb") if newest and p.stem < newest)
        removed = []
        for path in found[: -keep or None]:
            with _readers(path).open("a") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue
                for file in (path, _readers(path), _damaged(path)):
                    file.unlink(missing_ok=True)
                removed.append(path.stem)
        return removed


def _readers(path: Path) -> Path:
    return path.with_suffix(".readers")


def _damaged(path: Path) -> Path:
    return path.with_suffix(".damaged")


def _hold(path: Path) -> IO[str]:
    """The version at the path is in use until this is closed. Who may only read the folder holds what the loader left
    there, or the version alone, which stays readable where it is open though its name goes."""
    try:
        held = _readers(path).open("a")
    except OSError:
        held = (_readers(path) if _readers(path).exists() else path).open()
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


class Store:
    """One version, open read-only. Any thread may ask; each gets a cursor of its own."""

    dialect = "duckdb"

    def __init__(self, path: Path, threads: int = 4) -> None:
        if not path.exists():
            raise FileNotFoundError(path)
        self.path, self.version = path, path.stem
        self._held = _hold(path)
        try:
            self._con = duckdb.connect(
                str(path), read_only=True, config={"threads": threads, "enable_external_access": "false"}
            )
        except duckdb.Error as error:
            self._held.close()
            if not path.exists():
                raise FileNotFoundError(path) from error
            if CORRUPT in str(error):
                raise DamagedError(f"{path}: cannot be opened") from error
            raise
        with suppress(duckdb.InvalidInputException):  # somebody in this process has it open: set and locked for all
            self._con.execute("SET GLOBAL TimeZone = 'UTC'; SET lock_configuration = true")
        self._local = threading.local()
        self._columns: dict[str, tuple[str, ...]] = {}

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement; DamagedError, noted for all readers, where the file is not as it was written."""
        try:
            return self._cursor().execute(sql, list(parameters)).fetchall()
        except duckdb.Error as error:
            if CORRUPT not in str(error):
                raise
            with suppress(OSError):  # who may only read cannot note it
                _damaged(self.path).touch()
            raise DamagedError(f"{self.path} is damaged; asked again, the version before it answers") from error

    def columns(self, table: str) -> tuple[str, ...]:
        """Column names of a table, () when the version has no such table."""
        if not self._columns:
            found: dict[str, list[str]] = {}
            for name, column in self.fetch(
                "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal "
                "ORDER BY table_name, column_index"
            ):
                found.setdefault(name, []).append(column)
            self._columns = {name: tuple(columns) for name, columns in found.items()}
        return self._columns.get(table, ())

    def tables(self) -> tuple[str, ...]:
        self.columns("")
        return tuple(self._columns)

    def close(self) -> None:
        """Give the version free; later asks fail."""
        self._con.close()
        self._held.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._con.cursor()
        return cursor
