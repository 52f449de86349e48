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
    strangers: list[str] = field(default_factory=list)
    version: str = ""


def source_of(contracts: Mapping[str, Contract], name: str) -> Contract | None:
    """The contract whose patterns take a file of this name."""
    for found in contracts.values():
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in found.files):
            return found
    return None


def scan(folders: Iterable[Path]) -> Iterator[Path]:
    """Every file under the folders, or the files themselves, in the order of their names."""
    for folder in folders:
        if folder.is_file():
            yield folder
        elif not folder.exists():
            raise LoadError(f"{folder}: no such file or folder")
        for base, inner, names in os.walk(folder):
            inner.sort()
            for name in sorted(names):
                if not name.startswith(".") and not name.endswith(PARTIAL):
                    yield Path(base) / name


def new(
    con: duckdb.DuckDBPyConnection, var: Var, contracts: Mapping[str, Contract], folders: Sequence[Path],
    report: Report, retry: bool, recover: bool,
) -> dict[str, list[ledger.Found]]:  # fmt: skip
    """Files that the ledger does not know by their hash, by source; those kept in an interrupted pass come first."""
    states = "('loaded', 'expired')" if retry else "('loaded', 'expired', 'refused', 'unreadable')"
    paths = [*scan(folders), *(_left_behind(con, var) if recover else ())]
    seen = _seen(con, paths)
    hidden = set() if retry else _known(con, states, [hash_ for *_, hash_ in seen.values()])
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
            report.refused.append(f"{path}: cannot be read: {error.strerror or error}")
            continue
        key = (status.st_size, status.st_mtime_ns)
        if seen.get(str(path), (0, 0, ""))[:2] == key and seen[str(path)][2] in hidden:
            report.again += 1
        else:
            fresh.append((path, name, mine, key))
    found, looked = _looked(con, states, fresh, report)
    _remember(con, looked, report.strangers)
    return {s: sorted(found[s], key=lambda f: (ledger.stamp(f.name, None), f.name)) for s in contracts if s in found}


def _seen(con: duckdb.DuckDBPyConnection, paths: Iterable[Path]) -> dict[str, tuple[int, int, str]]:
    """Of the paths that were looked at before: size, time and hash of then."""
    sql = "SELECT path, size, modified, hash FROM seen WHERE path IN (SELECT unnest(?::VARCHAR[]))"
    rows = con.execute(sql, [[str(path) for path in paths]]).fetchall()
    return {row[0]: row[1:] for row in rows}


def _known(con: duckdb.DuckDBPyConnection, states: str, hashes: list[str]) -> set[str]:
    """Those of the hashes that files in the books have."""
    sql = f"SELECT hash FROM ledger WHERE state IN {states} AND hash IN (SELECT unnest(?::VARCHAR[]))"
    return {str(row[0]) for row in con.execute(sql, [hashes]).fetchall()}


def _looked(
    con: duckdb.DuckDBPyConnection, states: str, fresh: Sequence[tuple[Path, str, Contract, tuple[int, int]]],
    report: Report,
) -> tuple[dict[str, list[ledger.Found]], list[tuple[str, int, int, str]]]:  # fmt: skip
    """Files by source that are new to the books, each once, and what is to be remembered of every file."""
    found: dict[str, list[ledger.Found]] = {}
    looked: list[tuple[str, int, int, str]] = []
    with ThreadPoolExecutor(LOOKERS) as pool:
        files = list(pool.map(lambda f: _look(f[0]), fresh))
    known = _known(con, states, [file.hash for file in files if isinstance(file, ledger.Found)])
    for (path, name, mine, key), file in zip(fresh, files, strict=True):
        if isinstance(file, OSError):
            report.refused.append(f"{path}: cannot be read: {file.strerror or file}")
            continue
        looked.append((str(path), *key, file.hash))
        if file.hash in known:
            report.again += 1
            continue
        known.add(file.hash)
        found.setdefault(mine.source, []).append(replace(file, name=name))
    return found, looked


def _look(path: Path) -> ledger.Found | OSError:
    try:
        return ledger.look(path)
    except OSError as error:
        return error


def _left_behind(con: duckdb.DuckDBPyConnection, var: Var) -> list[Path]:
    """Kept files that the ledger does not know: a pass was cut off between keeping and entering."""
    known = {str(r[0]) for r in con.execute("SELECT kept FROM ledger").fetchall()}
    paths = var.kept.glob("*/*") if var.kept.exists() else ()
    left = [p for p in paths if p.suffix != ".part"]
    left = [p for p in left if f"{p.parent.name}/{p.name.removesuffix(ledger.PACKED)}" not in known]
    return [ledger.unpack(p) for p in left]


def _remember(
    con: duckdb.DuckDBPyConnection, looked: Sequence[tuple[str, int, int, str]], strangers: list[str]
) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    with transaction(con):
        if looked:
            paths, sizes, times, hashes = (list(column) for column in zip(*looked, strict=True))
            con.execute("INSERT OR REPLACE INTO seen SELECT unnest(?), unnest(?), unnest(?), unnest(?)",
                        [paths, sizes, times, hashes])  # fmt: skip
        if strangers:
            con.execute("INSERT OR REPLACE INTO strangers SELECT unnest(?), 'no source takes a file of this name', ?",
                        [sorted(set(strangers)), now])  # fmt: skip
