"""SQLite files of whole tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np


def iso(second: int) -> str:
    """A time as such tables hold it."""
    return str(np.datetime64(int(second), "s"))


def put(path: Path, tables: dict[str, tuple[str, list[tuple[object, ...]]]]) -> None:
    """A SQLite file with whole tables, put in place at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("." + path.name + ".part")
    part.unlink(missing_ok=True)
    con = sqlite3.connect(part)
    con.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
    for name, (schema, rows) in tables.items():
        con.execute(schema)
        if rows:
            con.executemany(f'INSERT INTO "{name}" VALUES ({",".join("?" * len(rows[0]))})', rows)
    con.commit()
    con.close()
    part.replace(path)
