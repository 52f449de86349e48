"""The bare reference of the bench: each format's own reader merely counting records, nothing checked, nothing kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
from lxml import etree
from python_calamine import CalamineWorkbook

from data import foreign
from data.contract import Contract
from data.readers import literal


def count(con: duckdb.DuckDBPyConnection, contract: Contract, path: Path) -> int:
    """Records of one file."""
    if contract.format == "parquet":
        return _sql(
            con, f"SELECT count(*) FROM (SELECT hash(r) AS h FROM read_parquet({literal(str(path))}) r) WHERE h > 0"
        )
    if contract.format == "csv" and path.stat().st_size:
        return _sql(con, f"SELECT count(*) FROM read_csv({_csv(contract, path)})")
    if contract.format == "jsonl":
        return _sql(con, f"SELECT count(*) FROM read_json_objects({literal(str(path))}, format = 'newline_delimited')")
    if contract.format == "xml":
        return sum(1 for _ in etree.iterparse(str(path), tag=f"{{*}}{contract.item}"))
    if contract.format == "excel":
        book = CalamineWorkbook.from_path(str(path))
        return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)
    if contract.format == "sqlite":
        return _rows(contract, path)
    return path.read_bytes().count(b"\n")


def _csv(contract: Contract, path: Path) -> str:
    """What the reader needs to know: guessing costs far more than counting a small file."""
    with path.open(encoding=contract.encoding[-1], errors="replace") as file:
        fields = len(foreign.split_line(file.readline(), contract.delimiter, contract.quote))
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(fields))
    quote = literal(contract.quote)
    marks = f"delim = {literal(contract.delimiter)}, quote = {quote}, escape = {quote}, header = {contract.header}"
    return f"{literal(str(path))}, auto_detect = false, columns = {{{columns}}}, {marks}, ignore_errors = true"


def _sql(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _rows(contract: Contract, path: Path) -> int:
    con = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        return sum(sum(1 for _ in con.execute(f'SELECT * FROM "{table}"')) for table in contract.tables)
    finally:
        con.close()
