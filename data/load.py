"""One pass of the load path: find new files, keep them, read and settle them batch by batch, redo facts, publish.

A batch of files is one transaction with its rows in the ledger, so a crash at any moment leaves whole batches or none;
what was kept but not entered is found again at the next start, and so are days whose facts were not redone yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import duckdb

from data import arrivals, batch, beside, contract, ledger, merge, publish
from data.arrivals import Report
from data.contract import Contract
from data.facts import refresh as facts
from data.shapes import TakenFile
from data.work import LoadError, Var, tidy, transaction

BATCH_BYTES, BATCH_FILES = 80_000_000, 400
PACK_LATER = 1_000_000_000
"""Bytes of a pass up to which its files are packed when the version is out; of a longer one they are as they come."""
DENSE = {"parquet": 8, "sqlite": 8, "excel": 8}
"""Formats of which a byte makes so many times the work of a byte of text; rows that keep a history make it twice."""

Tell = Callable[[str], None]


def run(
    con: duckdb.DuckDBPyConnection, var: Var, company: Path, folders: Sequence[Path], tell: Tell = print,
    meta: Mapping[str, str] | None = None, retry: bool = False, recover: bool = True, move: bool = False,
) -> Report:  # fmt: skip
    """Load what is new in the folders, redo the facts of the changed days, publish when anything changed, tidy up."""
    report = stage(con, var, company, folders, tell, retry, recover, move)
    with publish.ahead(var) if report.files else nullcontext() as copied:
        with _told("the rows are in, the figures could not be redone"):
            refresh(con, company)
        with _told("the figures are made, the version could not be written"):
            report.version = publish.publish(con, var, company, meta or {}, copied)
    settle(con, var, company, report, meta)
    return report


def settle(
    con: duckdb.DuckDBPyConnection, var: Var, company: Path, report: Report, meta: Mapping[str, str] | None = None
) -> None:
    """The last of a pass, when its version is out and nobody waits: what lies scattered is put together."""
    if report.files:
        with _told("the version is out, it could not be packed"):
            report.version = publish.packed(con, var, company, meta or {})
    with _told("the version is out, the log could not be put into the database"):
        tidy(con, var, report.plain)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """A disk or database that fails is told in one sentence, with what stands already."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        raise LoadError(f"{what} (nothing lost): {str(error).splitlines()[0]}") from error


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
    first = _next_id(con)
    try:
        found = arrivals.new(con, var, contracts, folders, report, retry, recover)
        with transaction(con):
            merge.prepare(con, [contracts[source] for source in found])
    except (OSError, duckdb.Error) as error:
        raise LoadError(f"nothing could be taken, nothing lost: {str(error).splitlines()[0]}") from error
    size = sum(file.size for files in found.values() for file in files)
    this = _Pass(var, tell, move, pack=size > PACK_LATER)
    tasks, after = _tasks(this, contracts, found, first)
    try:
        beside.run(con, tasks, after)
    except duckdb.OutOfMemoryException as error:
        raise LoadError(f"not all is loaded, nothing lost: {str(error).splitlines()[0]}") from error
    finally:
        this.tell_all(report)
    return report


@dataclass(frozen=True)
class _Done:
    """What became of a batch."""

    first: int
    files: int
    rows: int
    refused: list[str]
    plain: list[Path]


@dataclass(frozen=True)
class _Pass:
    """What the batches of one pass have in common; `pack`: at once."""

    var: Var
    tell: Tell
    move: bool
    pack: bool
    done: list[_Done] = field(default_factory=list)

    def tell_all(self, report: Report) -> None:
        for one in sorted(self.done, key=lambda done: done.first):
            report.files += one.files
            report.rows += one.rows
            report.refused += one.refused
            report.plain += one.plain


def _tasks(
    this: _Pass, contracts: Mapping[str, Contract], found: Mapping[str, Sequence[ledger.Found]], first: int
) -> tuple[dict[str, beside.Task], dict[str, list[str]]]:
    """The batches, the longest first, and which comes after which; ids of files are given by size alone."""
    work: dict[str, int] = {}
    tasks: dict[str, beside.Task] = {}
    after: dict[str, list[str]] = {}
    for source, files in sorted(found.items(), key=lambda item: -sum(f.size for f in item[1])):
        for number, part in enumerate(_batches(files)):
            name = f"{source} {number}"
            tasks[name] = partial(_batch, this, contracts[source], part, first)
            mine = contracts[source]
            work[name] = sum(file.size for file in part) * DENSE.get(mine.format, 1) * (1 + mine.history)
            after[name] = [f"{source} {number - 1}"]
            first += len(part)
    return dict(sorted(tasks.items(), key=lambda item: -work[item[0]])), after


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
    this: _Pass, mine: Contract, files: Sequence[ledger.Found], first: int, con: duckdb.DuckDBPyConnection
) -> None:
    """Keep the files, then read and settle them in one transaction; their ids in the ledger begin with `first`."""
    try:
        kept = [ledger.keep(file, mine.source, this.var.kept, this.move) for file in files]
        with transaction(con):
            taken = _enter(con, this.var, mine, kept, first)
            outcomes = batch.take(con, mine, taken, this.var.scratch)
    except duckdb.OutOfMemoryException:
        raise
    except (OSError, duckdb.Error) as error:
        if isinstance(error, OSError) or batch.out_of_room(error):
            names = files[0].name + (f" and {len(files) - 1} more" if len(files) > 1 else "")
            raise LoadError(f"{names}: not loaded, nothing lost: {str(error).splitlines()[0]}") from error
        raise
    plain = [file.kept for file in taken if ledger.packs(file.size, mine.format)]
    if this.pack:
        ledger.pack_all(plain)
    rows = sum(outcome.received for outcome in outcomes)
    refused = [f"{o.file.name}: {o.state}: {o.note}" for o in outcomes if o.state != "loaded"]
    this.done.append(_Done(first, len(files), rows, refused, [] if this.pack else plain))
    this.tell(f"{mine.label}: {len(files)} files, {rows} rows")


def _enter(
    con: duckdb.DuckDBPyConnection, var: Var, mine: Contract, kept: Sequence[tuple[ledger.Found, str]], first: int
) -> list[TakenFile]:
    """The files' rows in the ledger from id `first` on, every count 0."""
    now = datetime.now(UTC).replace(tzinfo=None)
    _forget_attempts(con, mine.source, [file for file, _ in kept])
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


def _forget_attempts(con: duckdb.DuckDBPyConnection, source: str, files: Sequence[ledger.Found]) -> None:
    """A file that was refused before and is tried again starts anew."""
    sql = "SELECT id FROM ledger WHERE source = ? AND (hash, name) IN (SELECT (unnest(?), unnest(?)))"
    ids = con.execute(sql, [source, [f.hash for f in files], [f.name for f in files]]).fetchall()
    for table, column in (("rejects", "file"), ("ledger", "id")) if ids else ():
        con.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT unnest(?))", [[row[0] for row in ids]])


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
