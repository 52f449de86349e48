"""Columns that a contract names and a file does not have: told by name, never taken for empty in silence.

A file with a header, a schema or table columns says itself what it has. In JSON and XML a name that stands nowhere in
a file of some length is lacking; a short one may just have had nothing to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import duckdb

from data import foreign
from data.contract import Contract, Lack
from data.readers import Read, quoted
from data.shapes import Group, TakenFile

ENOUGH = 100
"""Records from which on a name that never occurs is told as lacking."""


def lacking(con: duckdb.DuckDBPyConnection, contract: Contract, group: Group, found: Read) -> dict[int, Lack]:
    """File id -> what it lacks, also when that is nothing; files that do not tell are left out."""
    if contract.format in ("json", "jsonl", "xml"):
        return _never_named(con, contract, group.files)
    said = {f.id: [name.partition(":")[0] for name in group.shape] for f in group.files} if group.shape else found.names
    return {file: contract.lack(have) for file, have in said.items()}


def _never_named(con: duckdb.DuckDBPyConnection, contract: Contract, files: Sequence[TakenFile]) -> dict[int, Lack]:
    """Columns that are empty in all of a file's records and whose names stand nowhere in it."""
    counts = ", ".join(f"count({quoted(c.name)})" for c in contract.read_columns)
    named = rb"[<:\s]%s[\s=/>]" if contract.format == "xml" else rb'"%s"\s*:'
    rows = con.execute(f"SELECT _fi, count(*), {counts} FROM typed GROUP BY _fi").fetchall()
    found = {}
    for index, records, *filled in rows:
        if records >= ENOUGH:
            empty = [c for c, n in zip(contract.read_columns, filled, strict=True) if not n]
            text = files[index].kept.read_bytes() if empty else b""
            gone = tuple(c for c in empty if not any(re.search(named % _leaf(n), text) for n in c.names))
            found[files[index].id] = Lack(contract, gone, _new(contract, text) if gone else ())
    return found


def _new(contract: Contract, text: bytes) -> tuple[str, ...]:
    """Names in the first record of JSON lines that the contract does not know."""
    try:
        record = json.loads(text.partition(b"\n")[0])
    except ValueError:
        return ()
    return contract.lack(list(foreign.flat(record))).new if isinstance(record, dict) else ()


def _leaf(path: str) -> bytes:
    """The last step of a path.

    >>> _leaf("promisedDates/promise[@seq]"), _leaf("after.status")
    (b'promise', b'status')
    """
    return re.escape(re.split(r"[./@]", path.partition("[")[0])[-1]).encode()
