"""One pass of the load path: find new files, keep them, read and settle them batch by batch, redo facts, publish.

A batch of files is one transaction with its rows in the ledger, so a crash at any moment leaves whole batches or none;
what was kept but not entered is found again at the next start, and so are days whose facts were not redone yet.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import duckdb

from data import batch, beside, contract, ledger, publish
from data.contract import Contract
from data.facts import refresh as facts
from data.shapes import TakenFile
from data.work import LoadError, Var, transaction

BATCH_BYTES, BATCH_FILES = 80_000_000, 400
PACK_FROM = 4096
"""Bytes from which on a kept file is packed."""
LOOKERS = 4
"""Files that are looked at (hashed, their lines counted) side by side."""
PARTIAL = (".part", ".tmp", ".crdownload", ".filepart")
"""Names of files that somebody is still writing."""

Tell = Callable[[str], None]


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


def run(
    con: duckdb.DuckDBPyConnection, var: Var, company: Path, folders: Sequence[Path], tell: Tell = print,
    meta: Mapping[str, str] | None = None, retry: bool = False, recover: bool = True, move: bool = False,
) -> Report:  # fmt: skip
    """Load whatever is new in the folders, redo the facts of the changed days, publish when anything changed."""
    report = stage(con, var, company, folders, tell, retry, recover, move)
    try:
        refresh(con, company)
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise LoadError(f"the rows are in, the figures could not be redone (nothing lost): {why}") from error
    try:
        report.version = publish.publish(con, var, company, meta or {})
    except (OSError, duckdb.Error) as error:
        why = str(error).splitlines()[0]
        raise LoadError(f"the figures are made, the version could not be written (nothing lost): {why}") from error
    return report


def stage(
    con: duckdb.DuckDBPyConnection, var: Var, company: Path, folders: Sequence[Path], tell: Tell = print,
    retry: bool = False, recover: bool = True, move: bool = False,
) -> Report:  # fmt: skip
    """The first half of a pass: into the staged tables.

    `recover`: look for files kept by a pass that was cut off, too. `move`: the files are ours and need not stay where
    they are.
    """
    contracts, report = contract.load_all(company), Report()
    if not contracts:
        raise LoadError(f"{company}/sources holds no contract")
    done: list[Done] = []
    tasks: dict[str, beside.Task] = {}
    after: dict[str, list[str]] = {}
    first = _next_id(con)
    found = _new(con, var, contracts, folders, report, retry, recover)
    for source, files in sorted(found.items(), key=lambda item: -sum(f.size for f in item[1])):
        for number, part in enumerate(_batches(files)):
            name = f"{source} {number}"
            tasks[name] = partial(_batch, var, contracts[source], part, first, done, tell, move)
            after[name] = [f"{source} {number - 1}"]
            first += len(part)
    try:
        beside.run(con, tasks, after)
    except duckdb.OutOfMemoryException as error:
        raise LoadError(f"not all is loaded, nothing lost: {str(error).splitlines()[0]}") from error
    finally:
        _report(report, done)
    return report


Done = tuple[int, int, int, list[str]]
"""Of a batch: its first id, files, rows, what was refused."""


def _report(report: Report, done: Sequence[Done]) -> None:
    for _, files, rows, refused in sorted(done, key=lambda batch: batch[0]):
        report.files += files
        report.rows += rows
        report.refused += refused


def _new(
    con: duckdb.DuckDBPyConnection, var: Var, contracts: Mapping[str, Contract], folders: Sequence[Path],
    report: Report, retry: bool, recover: bool,
) -> dict[str, list[ledger.Found]]:  # fmt: skip
    """Files that the ledger does not know by their hash, by source; those kept in an interrupted pass come first."""
    states = "('loaded', 'expired')" if retry else "('loaded', 'expired', 'refused', 'unreadable')"
    known = {str(r[0]) for r in con.execute(f"SELECT hash FROM ledger WHERE state IN {states}").fetchall()}
    seen = {r[0]: r[1:] for r in con.execute("SELECT path, size, modified, hash FROM seen").fetchall()}
    hidden = set() if retry else known
    fresh: list[tuple[Path, str, Contract, tuple[int, int]]] = []
    for path in [*scan(folders), *(_left_behind(con, var) if recover else ())]:
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
    found, looked = _looked(fresh, known, report)
    _remember(con, looked, report.strangers)
    return {s: sorted(found[s], key=lambda f: (ledger.stamp(f.name, None), f.name)) for s in contracts if s in found}


def _looked(
    fresh: Sequence[tuple[Path, str, Contract, tuple[int, int]]], known: set[str], report: Report
) -> tuple[dict[str, list[ledger.Found]], list[tuple[str, int, int, str]]]:
    """Files by source whose hash is not `known` (which grows), and what is to be remembered of every file."""
    found: dict[str, list[ledger.Found]] = {}
    looked: list[tuple[str, int, int, str]] = []
    with ThreadPoolExecutor(LOOKERS) as pool:
        for (path, name, mine, key), file in zip(fresh, pool.map(lambda f: _look(f[0]), fresh), strict=True):
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


def _batches(files: Sequence[ledger.Found]) -> Iterator[list[ledger.Found]]:
    """Runs of files that are loaded together: bounded in bytes and number."""
    batch_files: list[ledger.Found] = []
    size = 0
    for file in files:
        if batch_files and (size + file.size > BATCH_BYTES or len(batch_files) >= BATCH_FILES):
            yield batch_files
            batch_files, size = [], 0
        batch_files.append(file)
        size += file.size
    if batch_files:
        yield batch_files


def _batch(
    var: Var, mine: Contract, files: Sequence[ledger.Found], first: int, done: list[Done], tell: Tell, move: bool,
    con: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    """Keep the files, then read and settle them in one transaction; their ids in the ledger begin with `first`."""
    try:
        kept = [(file, ledger.keep(file, mine.source, var.kept, move)) for file in files]
        with transaction(con):
            taken = _enter(con, var, mine, kept, first)
            outcomes = batch.take(con, mine, taken, var.scratch)
    except duckdb.OutOfMemoryException:
        raise
    except (OSError, duckdb.Error) as error:
        if isinstance(error, OSError) or batch.out_of_room(error):
            names = files[0].name + (f" and {len(files) - 1} more" if len(files) > 1 else "")
            raise LoadError(f"{names}: not loaded, nothing lost: {str(error).splitlines()[0]}") from error
        raise
    _pack(mine, outcomes)
    ids = ", ".join(str(o.file.id) for o in outcomes)
    row = con.execute(f"SELECT sum(received) FROM ledger WHERE id IN ({ids})").fetchone()
    rows = int(row[0] or 0) if row else 0
    refused = [f"{o.file.name}: {o.state}: {o.note}" for o in outcomes if o.state != "loaded"]
    done.append((first, len(files), rows, refused))
    tell(f"{mine.label}: {len(files)} files, {rows} rows")


def _pack(mine: Contract, outcomes: Sequence[batch.Outcome]) -> None:
    """Kept files are read once: from now on they only have to be there. Formats that are small already stay."""
    for outcome in outcomes if mine.format not in ("parquet", "excel") else ():
        if outcome.file.size > PACK_FROM and outcome.file.kept.exists():
            ledger.pack(outcome.file.kept)


def _enter(
    con: duckdb.DuckDBPyConnection, var: Var, mine: Contract, kept: Sequence[tuple[ledger.Found, str]], first: int
) -> list[TakenFile]:
    """The files' rows in the ledger from id `first` on, every count 0."""
    now = datetime.now(UTC).replace(tzinfo=None)
    hashes = ", ".join(f"'{file.hash}'" for file, _ in kept)
    _forget_attempts(con, hashes)
    taken, ids, rows = [], [], []
    for number, (file, path) in enumerate(kept, first):
        stamp, part = ledger.stamp(file.name, mine.stamp), ledger.part(file.name, mine.whole_part)
        taken.append(
            TakenFile(number, file.name, var.kept / path, stamp, part, file.size, file.lines, file.whole_lines)
        )
        ids.append(number)
        rows.append((file.name, file.hash, file.size, stamp, part, path, file.lines))
    con.execute(
        """INSERT INTO ledger(id, source, name, hash, size, stamp, part, kept, lines, received_at, state, note,
             received, accepted, rejected, replaced, waiting, tolerated)
           SELECT unnest(?), ?, unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), ?,
             'waiting', '', 0, 0, 0, 0, 0, 0""",
        [ids, mine.source, *(list(column) for column in zip(*rows, strict=True)), now],
    )
    return taken


def _next_id(con: duckdb.DuckDBPyConnection) -> int:
    """An id that no file had before: figures know by it what has come since they were made."""
    row = con.execute(
        "SELECT greatest(coalesce(max(id), 0), coalesce((SELECT CAST(value AS INTEGER) FROM progress "
        "WHERE key = 'facts_file'), 0)) + 1 FROM ledger"
    ).fetchone()
    return int(row[0]) if row else 1


def _forget_attempts(con: duckdb.DuckDBPyConnection, hashes: str) -> None:
    """A file that was refused before and is tried again starts anew."""
    con.execute(f"DELETE FROM rejects WHERE file IN (SELECT id FROM ledger WHERE hash IN ({hashes}))")
    con.execute(f"DELETE FROM ledger WHERE hash IN ({hashes})")


def refresh(con: duckdb.DuckDBPyConnection, company: Path) -> None:
    """Facts and roll-ups of the days that changed; what changed is noted until it is published."""
    dirty: dict[str, set[date]] = {}
    for source, day in con.execute("SELECT DISTINCT source, day FROM dirty").fetchall():
        dirty.setdefault(str(source), set()).add(day)

    def done(changed: Mapping[str, set[date]]) -> None:
        pairs = [(metric, day) for metric, found in changed.items() for day in found]
        if pairs:
            metrics, found_days = zip(*pairs, strict=True)
            con.execute("INSERT INTO unpublished SELECT unnest(?), unnest(?)", [list(metrics), list(found_days)])
        con.execute("DELETE FROM dirty")

    facts.refresh(con, company, dirty, done)
