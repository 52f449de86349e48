"""Format name -> how it is read: as a SELECT of the records of a group of files.

It gives one row per record: `_rid` (counted on through the files, as they stand there), `_fi` (index into the group's
files), `_broken` (why the record could not be taken apart, else NULL), `_line` (the broken record's text), `_filed`
(the day in the file's name, where the contract asks for it) and one column per contract column, as text or in the
file's own type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa
from lxml import etree

from data import foreign, xml
from data.contract import Column, Contract
from data.shapes import LINE_LIMIT, Group, UnreadableError, decode

WHOLE = "NULL::VARCHAR AS _broken, NULL::VARCHAR AS _line"
"""Of readers that leave no record broken."""


@dataclass(frozen=True)
class Read:
    """The records as SQL; rows that files say they have by file id (trailers), and lines that they have."""

    records: str
    promised: dict[int, int] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    names: dict[int, list[str]] = field(default_factory=dict)
    """Names of columns that a file has, where its shape does not tell them."""
    types: Mapping[str, str] = field(default_factory=dict)
    """DuckDB's types of the columns; without any all are texts."""


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"


def read(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> Read:
    """How the group's records are selected; nothing is read yet."""
    found = READERS[contract.format](con, contract, group, scratch)
    filed = "NULL::TIMESTAMP"
    if any(column.near_file for column in contract.columns):
        days = ", ".join(f"TRY_STRPTIME({literal(file.stamp[:8])}, '%Y%m%d')" for file in group.files)
        filed = f"[{days}][_fi + 1]"
    counted = f"SELECT *, row_number() OVER () AS _rid, {filed} AS _filed FROM ({found.records})"
    return replace(found, records=counted)


def left_out(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """`broken`: the records that a reader left out while they were selected, with their place in the file."""
    con.execute("CREATE OR REPLACE TEMP TABLE broken(_fi INT, _row BIGINT, reason VARCHAR, line VARCHAR)")
    if contract.format == "csv":
        head = 1 if contract.header else 0
        con.execute(
            f"""INSERT INTO broken SELECT file_id::INT, line - {head}, lower(any_value(error_type)), any_value(csv_line)
                FROM csv_errors GROUP BY ALL; DROP TABLE csv_errors; DROP TABLE csv_scans"""
        )


# ---- text -----------------------------------------------------------------------------------------------------------


def _paths(contract: Contract, group: Group, scratch: Path) -> list[str]:
    """Paths that DuckDB can read as UTF-8: the kept file, or a recoded copy in `scratch`."""
    if contract.encoding == ("utf-8",):
        return [str(file.kept) for file in group.files]
    paths = []
    for file in group.files:
        target = scratch / f"{file.id}.txt"
        text = decode(file.kept.read_bytes(), contract.encoding).replace("\x00", " ")
        target.write_text(text, encoding="utf-8", newline="")
        paths.append(str(target))
    return paths


def _list(paths: Sequence[str]) -> str:
    return "[" + ", ".join(literal(p) for p in paths) + "]"


def _read_csv(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> Read:
    names = [f"c{i}" for i in range(len(group.shape))]
    columns = ", ".join(f"'{n}': 'VARCHAR'" for n in names)
    place = {name: quoted(column) for name, column in zip(group.shape, names, strict=True)}
    records = f"""SELECT file_index::INT AS _fi, {WHOLE}, {_picks(contract, place)}
        FROM read_csv({_list(_paths(contract, group, scratch))}, columns={{{columns}}}, auto_detect=false,
          header={contract.header}, delim={literal(contract.delimiter)}, quote={literal(contract.quote)},
          escape={literal(contract.quote)}, store_rejects=true, rejects_table='csv_errors',
          rejects_scan='csv_scans', max_line_size={LINE_LIMIT}, nullstr='', null_padding=false)"""
    return Read(records, lines={} if contract.multiline else _counted(contract, group, 1 if contract.header else 0))


def _counted(contract: Contract, group: Group, beside: int) -> dict[int, int]:
    """Lines of the files but for those beside the records: counted by bytes, which tells nothing of wide text."""
    return {} if contract.wide else {file.id: file.lines - beside for file in group.files}


def _picks(contract: Contract, place: dict[str, str]) -> str:
    """The contract's columns out of what the file has; several names of one column are tried in order."""
    picks = []
    for column in contract.read_columns:
        have = [place[name] for name in column.names if name in place]
        have = [f"nullif({value}, '')" for value in have] if len(have) > 1 else have
        value = f"coalesce({', '.join(have)})" if len(have) > 1 else (have[0] if have else "NULL::VARCHAR")
        picks.append(f"{value} AS {quoted(column.name)}")
    return ", ".join(picks)


def _lines_sql(paths: Sequence[str], header: bool) -> str:
    return f"""SELECT file_index::INT AS _fi, line FROM read_csv({_list(paths)}, columns={{'line': 'VARCHAR'}},
        delim='\x1f', quote='', escape='', header={header}, auto_detect=false, ignore_errors=true,
        max_line_size={LINE_LIMIT})"""


def _read_lines(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> Read:
    """Delimited text without quoting: a delimiter inside the `overflow` column is met by counting from both ends."""
    n = len(group.shape)
    spare = group.shape.index(_name_in(contract.column(contract.overflow), group.shape)) if contract.overflow else None
    place = {}
    for i, name in enumerate(group.shape):
        if spare is None or i < spare:
            place[name] = f"l[{i + 1}]"
        elif i == spare:
            place[name] = f"array_to_string(l[{i + 1}:len(l) - {n - 1 - i}], {literal(contract.delimiter)})"
        else:
            place[name] = f"l[len(l) - {n - 1 - i}]"
    bad = f"len(l) < {n}" if spare is not None else f"len(l) <> {n}"
    lines = _text_lines(contract, group, scratch)
    records = f"""SELECT _fi, CASE WHEN {bad} THEN len(l) || ' fields instead of {n}' END AS _broken,
        CASE WHEN {bad} THEN line END AS _line, {_picks(contract, place)}
        FROM (SELECT _fi, line, string_split(line, {literal(contract.delimiter)}) AS l FROM ({lines.records}))"""
    return replace(lines, records=records)


def _name_in(column: Column, names: Sequence[str]) -> str:
    return next(name for name in column.names if name in names)


def _text_lines(contract: Contract, group: Group, scratch: Path) -> Read:
    """The lines of the files but for header and trailer, and what the trailers promise."""
    has_header = contract.header and contract.format == "lines"
    sql = _lines_sql(_paths(contract, group, scratch), has_header)
    head = 1 if has_header else 0
    promised, trailer = {}, 1 if contract.trailer else 0
    if contract.trailer:
        sql = f"SELECT * FROM ({sql}) WHERE NOT regexp_matches(line, {literal(contract.trailer)})"
        for file in group.files:
            count = foreign.trailer_count(file.kept, contract.trailer)
            if count is None:
                raise UnreadableError(file, "has no trailer line: cut short or still being written")
            promised[file.id] = count
    return Read(sql, promised, _counted(contract, group, head + trailer))


def _read_fixed(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> Read:
    needed = max(c.at[1] for c in contract.read_columns if c.at)
    place = {c.name: f"substr(line, {c.at[0]}, {c.at[1] - c.at[0] + 1})" for c in contract.read_columns if c.at}
    picks = ", ".join(f"{place[c.name]} AS {quoted(c.name)}" for c in contract.read_columns)
    lines = _text_lines(contract, group, scratch)
    records = f"""SELECT _fi,
        CASE WHEN length(line) < {needed} THEN 'line of ' || length(line) || ' characters' END AS _broken,
        CASE WHEN length(line) < {needed} THEN line END AS _line, {picks} FROM ({lines.records})"""
    return replace(lines, records=records)


def _read_jsonl(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> Read:
    lines = _text_lines(contract, group, scratch)
    paths = [name for column in contract.read_columns for name in column.names]
    place = {path: "s." + ".".join(quoted(step) for step in path.split(".")) for path in paths}
    records = f"""SELECT _fi, CASE WHEN s IS NULL THEN 'not a JSON object' END AS _broken,
        CASE WHEN s IS NULL THEN line END AS _line, {_picks(contract, place)}
        FROM (SELECT _fi, line, TRY(from_json(CASE WHEN line LIKE '{{%' OR ltrim(line) LIKE '{{%' THEN line END,
          {literal(foreign.json_structure(paths))})) AS s FROM ({lines.records}))"""
    return replace(lines, records=records)


def _read_xml(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> Read:
    names = [name for column in contract.read_columns for name in column.names]
    paths = []
    for file in group.files:
        paths.append(str(scratch / f"{file.id}.xml.txt"))
        try:
            xml.lines(file.kept, Path(paths[-1]), contract.item or "", names)
        except etree.XMLSyntaxError as error:
            raise UnreadableError(file, f"is not whole XML: {error.msg}") from error
    place = {name: f"l[{i}]" for i, name in enumerate(names, 1)}
    return Read(
        f"""SELECT _fi, {WHOLE}, {_picks(contract, place)}
            FROM (SELECT _fi, string_split(line, '{xml.FIELD}') AS l FROM ({_lines_sql(paths, False)}))"""
    )


# ---- others ---------------------------------------------------------------------------------------------------------


def _read_parquet(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> Read:
    place = {name.partition(":")[0]: quoted(name.partition(":")[0]) for name in group.shape}
    records = f"""SELECT file_index::INT AS _fi, {WHOLE}, {_picks(contract, place)}
        FROM read_parquet({_list([str(f.kept) for f in group.files])})"""
    types = {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE {records}").fetchall()}
    return Read(records, types=types)


def _read_foreign(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, scratch: Path) -> Read:
    """Formats that DuckDB has no reader for: records as texts through Arrow."""
    reader = foreign.RECORDS[contract.format]
    tables: list[pa.Table] = []
    names: dict[int, list[str]] = {}
    for file in group.files:
        try:
            rows = list(reader(contract, file.kept))
        except Exception as error:
            raise UnreadableError(file, f"cannot be read as {contract.format}: {error}") from error
        tables.append(foreign.arrow(contract, rows, len(tables)))
        if rows:
            names[file.id] = foreign.names(contract, rows)
    con.register("records", pa.concat_tables(tables))
    return Read("SELECT * REPLACE (CAST(_fi AS INT) AS _fi) FROM records", names=names)


READERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Contract, Group, Path], Read]] = {
    "csv": _read_csv,
    "lines": _read_lines,
    "fixed": _read_fixed,
    "jsonl": _read_jsonl,
    "parquet": _read_parquet,
    "json": _read_foreign,
    "xml": _read_xml,
    "excel": _read_foreign,
    "sqlite": _read_foreign,
}
