"""One batch of files of one source, in the caller's transaction: read, check, refuse or settle, enter in the books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from data import merge
from data.checking import checked, columns
from data.contract import Contract, Lack
from data.lacking import lacking
from data.readers import Read, left_out, literal, quoted, read
from data.shapes import Group, TakenFile, UnreadableError, groups

TEXT_FORMATS = ("csv", "lines", "jsonl", "fixed")
FULL = ("no space left", "could not write")
"""What the database says when there is no room."""


@dataclass(frozen=True)
class Outcome:
    """What became of a file: loaded, refused or unreadable, and why; its records."""

    file: TakenFile
    state: str
    note: str
    received: int = 0


def take(
    con: duckdb.DuckDBPyConnection, contract: Contract, files: Sequence[TakenFile], scratch: Path
) -> list[Outcome]:
    """Read and settle the files; each has its row in the ledger already (all counts 0, state waiting)."""
    outcomes: list[Outcome] = []
    for group in _readable(contract, files, outcomes):
        outcomes += _take_group(con, contract, group, scratch)
    _close(con, contract, outcomes)
    return outcomes


def _readable(contract: Contract, files: Sequence[TakenFile], outcomes: list[Outcome]) -> Iterator[Group]:
    """Groups of one shape; files without a shape go to the outcomes as unreadable."""
    good = []
    for file in files:
        try:
            if not file.size and contract.format not in TEXT_FORMATS:
                raise UnreadableError(file, "is empty")
            list(groups(contract, [file]))
            good.append(file)
        except UnreadableError as error:
            outcomes.append(Outcome(file, "unreadable", error.why))
    yield from groups(contract, good)


def _take_group(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> list[Outcome]:
    """A group in one statement; when that fails, its files one by one, so that one bad file costs only itself."""
    try:
        found = read(con, contract, group, scratch)
        _type_rows(con, contract, found)
    except (UnreadableError, duckdb.Error) as error:
        if out_of_room(error):
            raise
        if len(group.files) == 1:
            why = error.why if isinstance(error, UnreadableError) else str(error).splitlines()[0]
            return [Outcome(group.files[0], "unreadable", why)]
        single = [Group((file,), group.shape) for file in group.files]
        return [outcome for one in single for outcome in _take_group(con, contract, one, scratch)]
    return _settle_group(con, contract, group, found)


def out_of_room(error: BaseException) -> bool:
    """The machine's fault, not the file's: no space on the disk, no memory."""
    full = isinstance(error, duckdb.Error) and any(sign in str(error).lower() for sign in FULL)
    return full or isinstance(error, duckdb.OutOfMemoryException)


def _settle_group(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, found: Read) -> list[Outcome]:
    left_out(con, contract)
    _place_rows(con, contract, group)
    lacks = lacking(con, contract, group, found)
    outcomes = _judge(con, contract, group.files, found, lacks)
    _keep_rejects(con, contract)
    refused = [str(n) for n, o in enumerate(outcomes) if o.state == "refused"]
    con.execute(f"DELETE FROM typed WHERE _reason IS NOT NULL OR _fi IN ({', '.join(refused) or 'NULL'}) IS TRUE")
    merge.merge(con, contract)
    con.execute("DROP VIEW b; DROP TABLE typed")
    return outcomes


def _type_rows(con: duckdb.DuckDBPyConnection, contract: Contract, found: Read) -> None:
    """`typed`: the group's records in the order of the files, typed; bad ones with their reason and record, too.

    The record is told by its line or its cleaned texts; raw text is not kept of sources that have masked columns.
    """
    check = checked(contract, found)
    made = [quoted(name) for name in columns(contract) if not name.endswith("_first")]
    made += [f"{quoted(c.name)} AS {quoted(c.name + '_first')}" for c in contract.columns if c.first]
    made += [f"CAST({quoted(contract.day)} AS DATE) AS _day"] if contract.day else []
    line = "NULL" if _masked(contract) else "_line"
    texts = ", ".join(f"{literal(c.name)}: {quoted('t_' + c.name)}" for c in contract.read_columns)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE typed AS SELECT _rid, _fi, {", ".join(made)},
            coalesce(({contract.deletes or "false"}), false) AS _dead,
            NOT _ok AND ({check.tolerated}) AS _mild, CASE WHEN NOT _ok THEN {check.reasons} END AS _reason,
            CASE WHEN NOT _ok THEN coalesce({line}, CAST(to_json({{{texts}}}) AS VARCHAR)) END AS _record
            FROM (SELECT *, ({check.good}) AS _ok FROM ({check.typed}))"""
    )


def _masked(contract: Contract) -> bool:
    return any(c.mask for c in contract.columns)


def _place_rows(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group) -> None:
    """`files` of the group, and `b`: the typed rows with their file and `_row`, the record's place in it.

    Where a reader left broken records out, later rows move down.
    """
    ids = ", ".join(f"({index}, {file.id})" for index, file in enumerate(group.files))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE files AS SELECT _fi, _file, _first, _gaps, stamp || ' ' || hash AS _fstamp,
              part AS _part, TRY_STRPTIME(left(stamp, 8), '%Y%m%d') AS _filed, CAST(TRY_STRPTIME(
                left(regexp_replace(part, '[^0-9]', '', 'g'), 8), ['%Y%m%d', '%Y%m']) AS DATE) AS _part_day
            FROM (VALUES {ids}) f(_fi, _file) JOIN ledger ON ledger.id = _file
            LEFT JOIN (SELECT _fi, min(_rid) AS _first FROM typed GROUP BY _fi) USING (_fi)
            LEFT JOIN (SELECT _fi, list(_row - place + 1 ORDER BY _row) AS _gaps FROM (SELECT _fi, _row, row_number()
              OVER (PARTITION BY _fi ORDER BY _row) AS place FROM broken) GROUP BY _fi) USING (_fi)"""
    )
    place = "_rid - _first + 1"
    if _one(con, "SELECT count(*) FROM broken", [])[0]:
        place = f"{place} + coalesce(len(list_filter(_gaps, lambda gap: gap <= {place})), 0)"
    named = "" if contract.day else ", _part_day AS _day"
    named += ", _fstamp AS _first_at" if any(c.first for c in contract.columns) else ""
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW b AS SELECT {place} AS _row, typed.* EXCLUDE (_fi),
            files.* EXCLUDE (_first, _gaps){named} FROM typed JOIN files USING (_fi)"""
    )


def _judge(
    con: duckdb.DuckDBPyConnection, contract: Contract, files: Sequence[TakenFile], found: Read,
    lacks: Mapping[int, Lack],
) -> list[Outcome]:  # fmt: skip
    """Decide which files are taken, and enter into the ledger what they hold and what became of them."""
    rows = con.execute(
        f"""SELECT _file, count(*) - count(_reason), count(_reason), count(*) FILTER (_mild), min(_day), max(_day),
            {_newest_and_late(contract)} FROM b GROUP BY _file"""
    ).fetchall()
    typed = {row[0]: row[1:] for row in rows}
    broken = dict(con.execute("SELECT _file, count(*) FROM broken JOIN files USING (_fi) GROUP BY _file").fetchall())
    outcomes, entries = [], []
    for file in files:
        good, bad, mild, *days = typed.get(file.id, (0, 0, 0, None, None, None, None))
        apart = broken.get(file.id, 0)
        lost = max(0, found.lines.get(file.id, 0) - good - bad - apart)
        received, rejected = good + bad + apart + lost, bad + apart + lost
        lack = lacks.get(file.id)
        note = _fault(contract, file, found.promised.get(file.id), received, rejected - mild, lack)
        outcome = Outcome(file, "refused" if note else "loaded", note, received)
        outcomes.append(outcome)
        if note or not good:
            days[2:] = None, None
        said = None if lack is None else str(lack)
        counts = (received, rejected, mild, good if note else 0)
        texts = ["" if day is None else str(day) for day in days]
        entries.append((file.id, outcome.state, note, *counts, said, *texts))
        _lost(con, contract, file, lost)
    _enter(con, entries)
    return outcomes


def _newest_and_late(contract: Contract) -> str:
    """The newest moment that a file tells of, and its late rows: written on days long over by the file's name.

    Moments far after the day in the name are not believed. When a row was written is known where the source says it, or
    where its day never changes.
    """
    written = f"CAST({quoted(contract.recorded or contract.day or '_day')} AS TIMESTAMP)"
    believed = f"_reason IS NULL AND (_filed IS NULL OR {written} <= _filed + INTERVAL 2 DAY)"
    late = f"count(*) FILTER (_reason IS NULL AND CAST({written} AS DATE) < _filed - INTERVAL 1 DAY)"
    known = contract.recorded or contract.fixed_day
    return f"CAST(max({written}) FILTER ({believed}) AS VARCHAR), {late if known else 'NULL'}"


def _enter(con: duckdb.DuckDBPyConnection, entries: Sequence[tuple[object, ...]]) -> None:
    """Into the ledger, of each file: id, state, note, counts, what it lacks, days and late rows as texts."""
    con.execute(
        """UPDATE ledger SET state = e.state, note = e.note, loaded_at = ?, received = e.received,
             rejected = e.rejected, tolerated = e.mild, waiting = e.waiting, lacks = e.lacks,
             first_day = TRY_CAST(e.first AS DATE), last_day = TRY_CAST(e.last AS DATE),
             newest_at = TRY_CAST(e.newest AS TIMESTAMP), late = TRY_CAST(e.late AS BIGINT)
           FROM (SELECT unnest(?) AS id, unnest(?) AS state, unnest(?) AS note, unnest(?) AS received,
             unnest(?) AS rejected, unnest(?) AS mild, unnest(?) AS waiting, unnest(?) AS lacks,
             unnest(?) AS first, unnest(?) AS last, unnest(?) AS newest, unnest(?) AS late) e
           WHERE e.id = ledger.id""",
        [datetime.now(UTC).replace(tzinfo=None), *(list(column) for column in zip(*entries, strict=True))],
    )


def _fault(
    contract: Contract, file: TakenFile, promised: int | None, received: int, bad: int, lack: Lack | None
) -> str:
    """Why a file is refused whole, "" when it is not."""
    if lack is not None and lack.needed.columns:
        return f"has no column {lack.needed}"
    if promised is not None and promised != received:
        return f"the trailer says {promised} rows, the file has {received}"
    if contract.complete_lines and contract.format in TEXT_FORMATS and not file.whole_lines:
        return "the last line has no end: cut short or still being written"
    if bad > contract.refuse_over * received:
        return f"{bad} of {received} rows are bad, more than {contract.refuse_over:.0%}"
    return ""


def _lost(con: duckdb.DuckDBPyConnection, contract: Contract, file: TakenFile, lost: int) -> None:
    """Lines that the file has and no reader gave: each is a reject."""
    if lost:
        con.execute(
            "INSERT INTO rejects SELECT ?, ?, NULL, 'lost in a broken quote, an empty line or one over 2 MB', NULL "
            "FROM range(?)",
            [file.id, contract.source, lost],
        )


def _one(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[object]) -> tuple[Any, ...]:
    row = con.execute(sql, parameters).fetchone()
    assert row is not None
    return row


def _keep_rejects(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Records that were left out and bad rows, each with its reason."""
    source, line = literal(contract.source), "NULL" if _masked(contract) else "line"
    con.execute(
        f"""INSERT INTO rejects
            SELECT _file, {source}, _row, reason, {line} FROM broken JOIN files USING (_fi)
            UNION ALL SELECT _file, {source}, _row, _reason, _record FROM b WHERE _reason IS NOT NULL"""
    )


def _close(con: duckdb.DuckDBPyConnection, contract: Contract, outcomes: Sequence[Outcome]) -> None:
    """Files that nothing could be read of; refused ones of which the same name or part came anew count as replaced."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for outcome in outcomes:
        if outcome.state == "unreadable":
            said = [outcome.state, outcome.note, now, outcome.file.id]
            con.execute("UPDATE ledger SET state = ?, note = ?, loaded_at = ? WHERE id = ?", said)
    same = "part" if contract.whole else "name"
    newer = f"{same} = ledger.{same} AND (g.stamp, g.id) > (ledger.stamp, ledger.id)"
    con.execute(
        f"""UPDATE ledger SET replaced = replaced + waiting, waiting = 0, note = note || '; made up for by another file'
            WHERE source = $1 AND waiting > 0 AND EXISTS (SELECT 1 FROM ledger g WHERE g.source = $1
              AND g.state = 'loaded' AND (g.hash = ledger.hash OR g.{newer}))""",
        [contract.source],
    )
