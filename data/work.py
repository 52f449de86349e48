"""The folder of runtime files and the writer's own database.

var/kept/<source>/<hash>__<name>   source files, untouched (larger ones packed: <name>.zst)
var/work/work.duckdb               ledger, staged rows, facts, roll-ups: one writer at a time
var/store/                         published versions and the pointer (see data.store)
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb

from data import ledger

DATABASE = "work"
SIGN = "asked"
"""Name of the empty file beside the database by which a watching load is asked for it."""
LOG_FROM = 32_000_000
"""Bytes of the database's log from which on `tidy` puts it into the file: a small drop leaves it for later."""
MEMORY = "1300MB"
"""What the writer's database may hold of rows at work and of blocks it has read."""
RESTING = "100MB"
"""What it keeps of them when a load of many rows is over: the next begins with room, readers have the rest."""
RIGHTS = ("Permission denied", "Read-only file system", "read-only mode")
"""What the database says when it may not write."""
ROW_GROUP = 30_720
"""Rows that are stored, skipped and rewritten together: a day's worth of a table is several, so cores share them."""
PATIENCE = 300.0
"""Seconds that a command waits for a watching load to come to the end of its pass."""


class LoadError(Exception):
    """A load that cannot go on: told in one sentence, with the file's name where one is to blame."""


class HeldError(LoadError):
    """Another load is at work."""


@dataclass(frozen=True)
class Var:
    """Where runtime files lie."""

    root: Path

    @property
    def kept(self) -> Path:
        return self.root / "kept"

    @property
    def database(self) -> Path:
        return self.root / "work" / "work.duckdb"

    @property
    def scratch(self) -> Path:
        return self.root / "work" / "tmp"

    @property
    def store(self) -> Path:
        return self.root / "store"


def connect(var: Var, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """The writer's database, its tables made on first use; LoadError when another writer holds it."""
    var.database.parent.mkdir(parents=True, exist_ok=True)
    try:
        con = duckdb.connect()
        _attach(con, var)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            what = "is held by another load; one writer at a time: wait for it, or stop it"
            raise HeldError(f"{var.database} {what}") from error
        if any(sign in str(error) for sign in RIGHTS):
            raise LoadError(f"{var.database} cannot be opened for writing: {str(error).splitlines()[0]}") from error
        way = "bring a backup back, or put the folder work aside: all kept files are then loaded anew"
        raise LoadError(f"{var.database} cannot be opened ({way}): {str(error).splitlines()[0]}") from error
    shutil.rmtree(var.scratch, ignore_errors=True)  # what a load before left; nobody else is at work any more
    var.scratch.mkdir(parents=True, exist_ok=True)
    con.execute(f"SET threads = {threads or min(4, os.cpu_count() or 2)}")
    con.execute(f"SET memory_limit = '{MEMORY}'")
    con.execute("SET checkpoint_threshold = '1GB'")  # `tidy` puts the log into the file
    con.execute(f"SET temp_directory = '{var.scratch}'")
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    con.execute(ledger.TABLES)
    return con


@contextmanager
def opened(var: Var, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """`connect`, closed at the end."""
    con = connect(var, threads)
    try:
        yield con
    finally:
        con.close()


def _attach(con: duckdb.DuckDBPyConnection, var: Var) -> None:
    con.execute(f"ATTACH '{var.database}' AS {DATABASE} (ROW_GROUP_SIZE {ROW_GROUP}); USE {DATABASE}")


@contextmanager
def asked(var: Var, patience: float = PATIENCE) -> Iterator[duckdb.DuckDBPyConnection]:
    """`opened`, for which a load that watches steps aside between two passes; HeldError when none did in time."""
    with _sign(var) as sign:
        fcntl.flock(sign, fcntl.LOCK_EX)  # one that has asked before is waited for
        until = time.monotonic() + patience
        while True:
            try:
                con = connect(var)
                break
            except HeldError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
        try:
            yield con
        finally:
            con.close()


def step_aside(con: duckdb.DuckDBPyConnection, var: Var) -> None:
    """Let a command that has `asked` for the database have it, and wait until it ends, however that is.

    LoadError when the database does not open again; the next call tries once more.
    """
    here = con.execute("SELECT current_database()").fetchone() == (DATABASE,)
    if here and not _sign_at(var).exists():
        return
    with _sign(var) as sign:
        if here:
            try:
                fcntl.flock(sign, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                con.execute(f"USE memory; DETACH {DATABASE}")
        here = False
        while not here:
            fcntl.flock(sign, fcntl.LOCK_SH)
            fcntl.flock(sign, fcntl.LOCK_UN)
            try:
                _attach(con, var)
                here = True
            except duckdb.Error as error:
                if "lock" not in str(error).lower():
                    raise LoadError(f"{var.database} cannot be opened: {str(error).splitlines()[0]}") from error
                time.sleep(0.2)  # another was quicker
        con.execute(ledger.TABLES)


def _sign_at(var: Var) -> Path:
    return var.database.parent / SIGN


def _sign(var: Var) -> IO[str]:
    """The file on which a command that waits for the database holds a lock."""
    try:
        var.database.parent.mkdir(parents=True, exist_ok=True)
        return _sign_at(var).open("a", encoding="utf-8")
    except OSError as error:
        raise LoadError(f"{_sign_at(var)} cannot be written: {error.strerror or error}") from error


def tidy(con: duckdb.DuckDBPyConnection, var: Var, plain: Iterable[Path] = ()) -> None:
    """Pack kept files, put a long log into the file, and give memory back.

    For when a version is out and nobody waits; no transaction may be open.
    """
    ledger.pack_all(plain)
    log = Path(f"{var.database}.wal")
    if log.exists() and log.stat().st_size >= LOG_FROM:
        con.execute(f"CHECKPOINT {DATABASE}")
        with suppress(duckdb.OutOfMemoryException):
            con.execute(f"SET memory_limit = '{RESTING}'")
        con.execute(f"SET memory_limit = '{MEMORY}'")


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing."""
    con.execute("BEGIN")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")
