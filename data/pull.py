"""`python -m data pull`: change logs of a live PostgreSQL server, read from where the last pull ended.

What is pulled is put down as a file in the source's own file form and then goes the way of every other file: ledger,
hash, checks, merge. So a pull that is cut off, or repeated, neither loses nor doubles a change.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb
from adbc_driver_postgresql import dbapi

from data import contract, ledger, load
from data.contract import Contract
from data.door import options
from data.readers import quoted
from data.work import LoadError, Var, opened


def pull(con: duckdb.DuckDBPyConnection, var: Var, mine: Contract, uri: str) -> Path | None:
    """Write the changes after the highest one held into var/inbox; the new file, None when there is no change."""
    table, increment = str(mine.postgres["table"]), str(mine.postgres["increment"])
    after = held(con, mine, increment) - int(mine.postgres.get("overlap", 0))
    names = list(dict.fromkeys(name for column in mine.read_columns for name in column.names))
    part = var.scratch / f"{mine.source}.pulled.part"
    try:
        with dbapi.connect(uri) as server, server.cursor() as cursor:
            have = _columns(cursor, table)
            listed = ", ".join(quoted(name) for name in names if name in have)
            step = quoted(increment)
            cursor.execute(f"SELECT {listed} FROM {table} WHERE {step} > {after} ORDER BY {step}")
            count, last = _write(con, cursor, part, increment)
    except (dbapi.Error, duckdb.Error) as error:
        said = str(error).splitlines()[0]
        raise LoadError(f"{mine.source}: the server's changes cannot be read, nothing lost: {said}") from error
    if not count:
        part.unlink(missing_ok=True)
        return None
    target = var.root / "inbox" / mine.source / mine.files[0].replace("*", f"after_{after}_to_{last}")
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)
    return target


def held(con: duckdb.DuckDBPyConnection, mine: Contract, increment: str) -> int:
    """The highest log position in the staged rows, 0 before the first pull."""
    column = next(c.name for c in mine.columns if increment in c.names)
    books = ledger.books(con, mine.source)
    tops = [top for t in books for (top,) in con.execute(f'SELECT max("{column}") FROM "{t}"').fetchall()]
    return max((int(top) for top in tops if top is not None), default=0)


def _columns(cursor: dbapi.Cursor, table: str) -> set[str]:
    cursor.execute(f"SELECT * FROM {table} LIMIT 0")
    return {str(column[0]) for column in cursor.description or ()}


def _write(con: duckdb.DuckDBPyConnection, cursor: dbapi.Cursor, part: Path, increment: str) -> tuple[int, int]:
    """Stream the rows into a CSV file; (rows, highest position)."""
    pulled = cursor.fetch_record_batch()
    con.register("pulled", pulled)
    try:
        con.execute(f"COPY (SELECT * FROM pulled) TO '{part}' (FORMAT csv, HEADER, NULLSTR '')")
    finally:
        con.unregister("pulled")
    top = f"SELECT count(*), max(TRY_CAST({quoted(increment)} AS BIGINT)) FROM read_csv('{part}', all_varchar = true)"
    row = con.execute(top).fetchone()
    return (int(row[0]), int(row[1] or 0)) if row else (0, 0)


def sources(company: Path, wanted: Sequence[str]) -> list[Contract]:
    """The contracts that name a PostgreSQL table; LoadError for a wanted one that does not."""
    found = {c.source: c for c in contract.load_all(company).values() if c.postgres}
    for name in wanted:
        if name not in found:
            raise LoadError(f"{name}: is no source with a PostgreSQL table; there are {', '.join(found) or 'none'}")
    return [c for name, c in found.items() if not wanted or name in wanted]


def main(arguments: Sequence[str]) -> int:
    parser = options("pull", "Read change logs from a live PostgreSQL server, load and publish.")
    parser.add_argument("sources", nargs="*", help="source keys (all that name a table)")
    parser.add_argument("--server", default=os.environ.get("GS_POSTGRES", ""), help="postgresql://… (or GS_POSTGRES)")
    given = parser.parse_args(arguments)
    if not given.server:
        raise LoadError("say which server: --server postgresql://… or the environment variable GS_POSTGRES")
    var = Var(given.var)
    with opened(var, given.threads) as con:
        files = [path for mine in sources(given.company, given.sources) if (path := pull(con, var, mine, given.server))]
        report = load.run(con, var, given.company, files)
    print(f"{len(files)} sources with changes, {report.rows} rows; store {report.version}")
    return 0
