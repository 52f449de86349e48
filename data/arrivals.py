"""Which files are new: what lies where files arrive, looked at once and known again by its hash."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from data import ledger
from data.contract import Contract
from data.work import LoadError, Var, transaction

LOOKERS = 4
"""Files that are looked at (hashed, their lines counted) side by side."""
PARTIAL = (".part", ".tmp", ".crdownload", ".filepart")
"""Names of files that somebody is still writing."""


@dataclass
class Report:
    """What one pass did."""

    files: int = 0
    again: int = 0
    rows: int = 0
    refused: list[str] = field(default_factory=list)
    unread: dict[Path, str] = field(default_factory=dict)
    """Files that could not be read, and why: among the refused, and in no ledger."""
    strangers: list[str] = field(default_factory=list)
    version: str = ""
    plain: list[Path] = field(default_factory=list)
    """Kept files that are to be packed when nobody waits."""

    def cannot_read(self, path: Path, error: OSError) -> None:
        self.unread[path] = f"cannot be read: {error.strerror or error}"
        self.refused.append(f"{said(path)}: {self.unread[path]}")


def said(path: Path) -> str:
    """A path in letters, whatever bytes its name is made of."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def source_of(contracts: Mapping[str, Contract], name: str) -> Contract | None:
    """The contract whose patterns take a file of this name."""
    for found in contracts.values():
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in found.files):
            return found
    return None


def scan(folders: Iterable[Path], report: Report | None = None) -> Iterator[Path]:
    """Every file under the folders, or the files themselves, in the order of their names.

    A folder that may not be read is told in the report; without one it ends the looking.
    """
    for folder in folders:
        if folder.is_file():
            yield folder
        elif not folder.exists():
            raise LoadError(f"{folder}: no such file or folder")
        else:
            yield from _under(folder, report)


def _under(folder: Path, report: Report | None) -> Iterator[Path]:
    try:
        files, folders = listed(folder)
    except PermissionError as error:
        if report is None:
            raise
        report.cannot_read(folder, error)
        return
    yield from map(Path, files)
    for inner in folders:
        yield from _under(inner, report)


def listed(folder: Path) -> tuple[list[os.DirEntry[str]], list[Path]]:
    """Files that somebody has finished writing, and folders, in the order of their names; none of one that is gone.

    Raises:
        PermissionError: it may not be read.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except PermissionError:
        raise
    except OSError:
        return [], []
    files = [e for e in entries if e.is_file() and not e.name.startswith(".") and not e.name.endswith(PARTIAL)]
    return files, [Path(e) for e in entries if e.is_dir(follow_symlinks=False)]


def new(
    con: duckdb.DuckDBPyConnection, var: Var, contracts: Mapping[str, Contract], folders: Sequence[Path],
    report: Report, retry: bool, recover: bool,
) -> dict[str, list[ledger.Found]]:  # fmt: skip
    """Files that the ledger does not know by their hash, by source; those kept in an interrupted pass come first."""
    paths = [path for path in scan(folders, report) if _named(path, report)]
    paths += _left_behind(con, var, contracts, report) if recover else []
    seen = _seen(con, paths)
    hidden = Known(con, [hash_ for *_, hash_ in seen.values()])
    fresh: list[tuple[Path, str, Contract, tuple[int, int]]] = []
    for path in paths:
        name = path.name.partition("__")[2] if var.kept in path.parents else path.name
        mine = source_of(contracts, name)
        if mine is None:
            report.strangers.append(name)
            continue
        try:
            status = path.stat()
        except OSError as error:
            report.cannot_read(path, error)
            continue
        key = (status.st_size, status.st_mtime_ns)
        *before, hash_ = seen.get(str(path), (0, 0, ""))
        if not retry and tuple(before) == key and hidden.holds(mine, hash_, name):
            report.again += 1
        else:
            fresh.append((path, name, mine, key))
    found, looked = _looked(con, retry, fresh, report)
    _remember(con, looked, report)
    return {s: sorted(found[s], key=lambda f: (ledger.stamp(f.name, None), f.name)) for s in contracts if s in found}


def _named(path: Path, report: Report) -> bool:
    """Whether a path can be written down; the books hold names as text."""
    if said(path) == str(path):
        return True
    report.cannot_read(path, OSError("its name is not UTF-8; give it another one"))
    return False


def _seen(con: duckdb.DuckDBPyConnection, paths: Iterable[Path]) -> dict[str, tuple[int, int, str]]:
    """Of the paths that were looked at before: size, time and hash of then."""
    sql = "SELECT path, size, modified, hash FROM seen WHERE path IN (SELECT unnest(?::VARCHAR[]))"
    rows = con.execute(sql, [[str(path) for path in paths]]).fetchall()
    return {row[0]: row[1:] for row in rows}


class Known:
    """Which of some hashes the books have: of files that were taken under any name, of others under their own.

    A file that could not be taken tells nothing of another one with the same few bytes: both are empty, or a message.
    Nor does one that is the whole of a day of one that is the whole of another day.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, hashes: list[str], tried: bool = True) -> None:
        sql = """SELECT source, hash, name, part, state IN ('loaded', 'expired') FROM ledger
                 WHERE state <> 'waiting' AND hash IN (SELECT unnest(?::VARCHAR[]))"""
        self._held: set[tuple[str, str, str]] = set()
        for source, hash_, name, part, taken in con.execute(sql, [hashes]).fetchall():
            if taken or tried:
                self._held |= {(source, hash_, as_) for as_ in (("", part) if taken else (name,))}

    def holds(self, mine: Contract, hash_: str, name: str) -> bool:
        return not self._held.isdisjoint({(mine.source, hash_, _whole_of(mine, name)), (mine.source, hash_, name)})

    def add(self, mine: Contract, hash_: str, name: str) -> None:
        self._held |= {(mine.source, hash_, as_) for as_ in ("", _whole_of(mine, name))}


def _whole_of(mine: Contract, name: str) -> str:
    """The part that a file says by its name that it is the whole of; "" when it says none."""
    part = ledger.part(name, mine.whole_part)
    return part if mine.whole and part != name else ""


def _looked(
    con: duckdb.DuckDBPyConnection, retry: bool, fresh: Sequence[tuple[Path, str, Contract, tuple[int, int]]],
    report: Report,
) -> tuple[dict[str, list[ledger.Found]], list[tuple[str, int, int, str]]]:  # fmt: skip
    """Files by source that are new to the books, each once, and what is to be remembered of every file."""
    found: dict[str, list[ledger.Found]] = {}
    looked: list[tuple[str, int, int, str]] = []
    with ThreadPoolExecutor(LOOKERS) as pool:
        files = list(pool.map(lambda f: _look(f[0]), fresh))
    known = Known(con, [file.hash for file in files if isinstance(file, ledger.Found)], tried=not retry)
    for (path, name, mine, key), file in zip(fresh, files, strict=True):
        if isinstance(file, OSError):
            report.cannot_read(path, file)
            continue
        looked.append((str(path), *key, file.hash))
        if known.holds(mine, file.hash, name):
            report.again += 1
            continue
        known.add(mine, file.hash, name)
        found.setdefault(mine.source, []).append(replace(file, name=name))
    return found, looked


def _look(path: Path) -> ledger.Found | OSError:
    try:
        return ledger.look(path)
    except OSError as error:
        return error


def _left_behind(
    con: duckdb.DuckDBPyConnection, var: Var, contracts: Mapping[str, Contract], report: Report
) -> list[Path]:
    """Kept files that the ledger does not know: a pass was cut off between keeping and entering.

    Pieces of files that it was just writing go; what it had entered and not packed yet is packed by this pass. Names
    alone are looked at, as texts: there may be many.
    """
    known = {str(r[0]) for r in con.execute("SELECT kept FROM ledger").fetchall()}
    left = []
    for folder in [path for path in var.kept.iterdir() if path.is_dir()] if var.kept.exists() else ():
        for file in os.scandir(folder):
            if file.name.endswith(".part"):
                Path(file).unlink()
            elif f"{folder.name}/{file.name.removesuffix(ledger.PACKED)}" not in known:
                left.append(ledger.unpack(Path(file)))
            elif not file.name.endswith(ledger.PACKED) and (mine := contracts.get(folder.name)):
                report.plain += [Path(file)] if ledger.packs(file.stat().st_size, mine.format) else []
    return sorted(left)


def _remember(con: duckdb.DuckDBPyConnection, looked: Sequence[tuple[str, int, int, str]], report: Report) -> None:
    """What every file looked like; which of those that lie there are left lying, and why."""
    now = datetime.now(UTC).replace(tzinfo=None)
    left = dict.fromkeys(report.strangers, "no source takes a file of this name")
    left |= {said(Path(path.name)): why for path, why in report.unread.items()}
    with transaction(con):
        if looked:
            paths, sizes, times, hashes = (list(column) for column in zip(*looked, strict=True))
            con.execute("INSERT OR REPLACE INTO seen SELECT unnest(?), unnest(?), unnest(?), unnest(?)",
                        [paths, sizes, times, hashes])  # fmt: skip
            names = {name for p in paths for name in (Path(p).name, Path(p).parent.name)}
            con.execute("DELETE FROM strangers WHERE name IN (SELECT unnest(?))", [sorted(names)])
        if left:
            con.execute("INSERT OR REPLACE INTO strangers SELECT unnest(?), unnest(?), ?",
                        [list(left), list(left.values()), now])  # fmt: skip
