"""One batch of files of one source, in the caller's transaction: read, check, refuse or settle, enter in the books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from data import merge
from data.checking import Checked, checked, columns
from data.contract import Contract, Lack
from data.lacking import lacking
from data.readers import Read, literal, quoted, read
from data.shapes import Group, TakenFile, UnreadableError, groups

TEXT_FORMATS = ("csv", "lines", "jsonl", "fixed")


@dataclass(frozen=True)
class Outcome:
    """What became of a file: loaded, refused or unreadable, and why."""

    file: TakenFile
    state: str
    note: str


def take(
    con: duckdb.DuckDBPyConnection, contract: Contract, files: Sequence[TakenFile], scratch: Path
) -> list[Outcome]:
    """Read and settle the files; each has its row in the ledger already (all counts 0, state waiting)."""
    merge.prepare(con, contract)
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
            list(groups(contract, [file]))
            good.append(file)
        except UnreadableError as error:
            outcomes.append(Outcome(file, "unreadable", error.why))
    yield from groups(contract, good)


def _take_group(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> list[Outcome]:
    """A group in one statement; when that fails, its files one by one, so that one bad file costs only itself."""
    try:
        found = read(con, contract, group, scratch)
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
    text = str(error).lower()
    return isinstance(error, duckdb.OutOfMemoryException) or "no space left" in text or "disk" in text


def _settle_group(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, found: Read) -> list[Outcome]:
    types = {str(r[0]): str(r[1]) for r in con.execute("DESCRIBE raw").fetchall()}
    check = checked(contract, types)
    _type_rows(con, contract, check)
    _number_rows(con)
    lacks = lacking(con, contract, group, found)
    outcomes = _judge(con, contract, group.files, found, lacks)
    _keep_rejects(con, contract, check)
    refused = [str(o.file.id) for o in outcomes if o.state == "refused"]
    con.execute(f"DELETE FROM b WHERE NOT _ok OR _file IN ({', '.join(refused) or 'NULL'}) IS TRUE")
    _note_days(con, contract)
    merge.merge(con, contract)
    con.execute("DROP TABLE b; DROP TABLE raw")
    return outcomes


def _type_rows(con: duckdb.DuckDBPyConnection, contract: Contract, check: Checked) -> None:
    """`b`: typed rows of the group, good and bad, with their housekeeping columns."""
    made = [quoted(name) for name in columns(contract) if not name.endswith("_first")]
    made += [f"{quoted(c.name)} AS {quoted(c.name + '_first')}" for c in contract.columns if c.first]
    if any(c.first for c in contract.columns):
        made.append("(SELECT stamp || ' ' || hash FROM ledger WHERE id = _file) AS _first_at")
    if "_part" in merge.staged(contract):
        made.append("_part")
    day = f"CAST({quoted(contract.day)} AS DATE)" if contract.day else "_part_day"
    dead = f"coalesce(({contract.deletes}), false)" if contract.deletes else "false"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE b AS SELECT _file, _row, _rid, _ok,
            NOT _ok AND ({check.tolerated}) AS _mild, {", ".join(made)},
            {day} AS _day, {dead} AS _dead FROM ({check.typed})"""
    )


def _number_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Where a reader left broken records out, later rows move down: `_row` is the record's place in the file."""
    rows = con.execute(
        """SELECT _file, list(_row - place + 1 ORDER BY _row) FROM (SELECT _fi, _row, row_number()
           OVER (PARTITION BY _fi ORDER BY _row) AS place FROM broken) JOIN rowmap USING (_fi) GROUP BY _file"""
    ).fetchall()
    for file, thresholds in rows:
        before = f"len(list_filter({thresholds}::BIGINT[], lambda t: t <= _row))"
        con.execute(f"UPDATE b SET _row = _row + {before} WHERE _file = {file}")


def _judge(
    con: duckdb.DuckDBPyConnection, contract: Contract, files: Sequence[TakenFile], found: Read,
    lacks: Mapping[int, Lack],
) -> list[Outcome]:  # fmt: skip
    """Count the files' rows into the ledger and decide which are taken."""
    rows = con.execute(
        """SELECT _file, count(*) FILTER (_ok), count(*) FILTER (NOT _ok), count(*) FILTER (_mild), min(_day), max(_day)
           FROM b GROUP BY _file"""
    ).fetchall()
    typed = {row[0]: row[1:] for row in rows}
    broken = dict(con.execute("SELECT _file, count(*) FROM broken JOIN rowmap USING (_fi) GROUP BY _file").fetchall())
    outcomes, entries = [], []
    for file in files:
        good, bad, mild, first, last = typed.get(file.id, (0, 0, 0, None, None))
        apart = broken.get(file.id, 0)
        lost = max(0, found.lines.get(file.id, 0) - good - bad - apart)
        received, rejected = good + bad + apart + lost, bad + apart + lost
        lack = lacks.get(file.id)
        note = _fault(contract, file, found.promised.get(file.id), received, rejected - mild, lack)
        outcome = Outcome(file, "refused" if note else "loaded", note)
        outcomes.append(outcome)
        waiting = good if note else 0
        said = None if lack is None else str(lack)
        entries.append(
            (file.id, outcome.state, received, rejected, mild, waiting, str(first or ""), str(last or ""), said)
        )
        _lost(con, contract, file, lost)
    con.execute(
        """UPDATE ledger SET state = e.state, received = e.received, rejected = e.rejected, tolerated = e.mild,
             waiting = e.waiting, lacks = e.lacks,
             first_day = TRY_CAST(e.first AS DATE), last_day = TRY_CAST(e.last AS DATE)
           FROM (SELECT unnest(?) AS id, unnest(?) AS state, unnest(?) AS received, unnest(?) AS rejected,
             unnest(?) AS mild, unnest(?) AS waiting, unnest(?) AS first, unnest(?) AS last,
             unnest(?) AS lacks) e
           WHERE e.id = ledger.id""",
        [list(column) for column in zip(*entries, strict=True)],
    )
    return outcomes


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


def _keep_rejects(con: duckdb.DuckDBPyConnection, contract: Contract, check: Checked) -> None:
    """Bad rows with their reasons and cleaned text; raw text is not kept of sources that have masked columns."""
    masked = any(c.mask for c in contract.columns)
    line = "NULL" if masked else "{0}"
    con.execute(
        f"""INSERT INTO rejects SELECT _file, {literal(contract.source)}, _row, reason, {line.format("line")}
            FROM broken JOIN rowmap USING (_fi)"""
    )
    (bad,) = _one(con, "SELECT count(*) FROM b WHERE NOT _ok", [])
    if not bad:
        return
    record = ", ".join(f"{literal(c.name)}: {quoted('t_' + c.name)}" for c in contract.read_columns)
    con.execute(
        f"""INSERT INTO rejects SELECT _file, {literal(contract.source)}, place, {check.reasons},
            coalesce({line.format("_line")}, CAST(to_json({{{record}}}) AS VARCHAR))
            FROM (SELECT t.*, bad.place FROM ({check.typed}) t JOIN
                  (SELECT _rid AS rid, _row AS place FROM b WHERE NOT _ok) bad ON bad.rid = t._rid)"""
    )


def _note_days(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """The newest moment that each file tells of, and its late rows: written on days long over by the file's name.

    Moments far after the day in the name are not believed. When a row was written is known where the source says it, or
    where its day never changes.
    """
    column = contract.recorded or contract.day or "_day"
    written = f"CAST(b.{quoted(column)} AS DATE) < _filed - INTERVAL 1 DAY"
    late = f"count(*) FILTER ({written})" if contract.recorded or contract.fixed_day else "NULL"
    con.execute(
        f"""UPDATE ledger SET newest_at = n.at, late = n.late FROM (
              SELECT b._file, max(CAST(b.{quoted(column)} AS TIMESTAMP)) FILTER
                (_filed IS NULL OR CAST(b.{quoted(column)} AS TIMESTAMP) <= _filed + INTERVAL 2 DAY) AS at,
                {late} AS late
              FROM b JOIN rowmap USING (_file) GROUP BY b._file) n WHERE ledger.id = n._file"""
    )


def _close(con: duckdb.DuckDBPyConnection, contract: Contract, outcomes: Sequence[Outcome]) -> None:
    """States and notes of the files; refused files of a name or part that is loaded now are settled as replaced."""
    now = datetime.now(UTC).replace(tzinfo=None)
    con.execute(
        """UPDATE ledger SET state = o.state, note = o.note, loaded_at = ? FROM
           (SELECT unnest(?) AS id, unnest(?) AS state, unnest(?) AS note) o WHERE o.id = ledger.id""",
        [now, [o.file.id for o in outcomes], [o.state for o in outcomes], [o.note for o in outcomes]],
    )
    same = "part" if contract.whole else "name"
    con.execute(
        f"""UPDATE ledger SET replaced = replaced + waiting, waiting = 0, note = note || '; made up for by another file'
            WHERE source = ? AND waiting > 0 AND {same} IN
              (SELECT {same} FROM ledger WHERE source = ? AND state = 'loaded')""",
        [contract.source, contract.source],
    )
