# ruff: noqa: E501
"""Whatever the order in which files come, and in however many passes: the same figures as from one pass over all of them."""

from __future__ import annotations

import os
import random
import shutil
from datetime import date
from pathlib import Path

import duckdb

from data.work import Var
from tests.small_company import read, write

UNTIL = date(2026, 11, 18)


def tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE (starts_with(table_name, 'm_') OR starts_with(table_name, 't_')) "
        "AND database_name = 'one' ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in rows if row[0] != "metric_state"]


def differences(one: Path, other: Path) -> list[str]:
    """Roll-ups that do not hold the same rows in two runtime folders."""
    con = duckdb.connect()
    con.execute(f"ATTACH '{Var(one).database}' AS one (READ_ONLY); ATTACH '{Var(other).database}' AS other (READ_ONLY)")
    told = []
    for table in tables(con):
        listed = ", ".join(f'"{row[0]}"' for row in con.execute(f"DESCRIBE one.main.{table}").fetchall())
        a, b = (f"SELECT {listed} FROM {db}.main.{table}" for db in ("one", "other"))
        row = con.execute(
            f"SELECT (SELECT count(*) FROM ({a} EXCEPT ALL {b})), (SELECT count(*) FROM ({b} EXCEPT ALL {a}))"
        ).fetchone()
        if row != (0, 0):
            days = con.execute(f"SELECT min(day), max(day) FROM ({a} EXCEPT ALL {b})").fetchone()
            told.append(f"{table}: {row} {days}")
    con.close()
    return told


def in_passes(src: Path, var: Path, seed: int, passes: int) -> None:
    """The files of a folder in random order, a few at a time."""
    files = sorted(p for p in src.rglob("*") if p.is_file())
    random.Random(seed).shuffle(files)
    inbox = var.with_name(var.name + "-inbox")
    for number in range(passes):
        for path in files[number::passes]:
            to = inbox / path.relative_to(src)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
        read(var, inbox)


def test_any_order_gives_equal_figures(tmp_path: Path) -> None:
    """GS_ORDER says how many days, and in how many passes, a longer run takes."""
    days = passes = int(os.environ.get("GS_ORDER", "5"))
    write(tmp_path / "src", date.fromordinal(UNTIL.toordinal() - days + 1), UNTIL)
    read(tmp_path / "one", tmp_path / "src")
    in_passes(tmp_path / "src", tmp_path / "other", seed=days, passes=passes)
    assert differences(tmp_path / "one", tmp_path / "other") == []
