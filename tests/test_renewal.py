"""Rows of a version become those of the work database, whatever differs; rows that are the same stay where they lie."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from data.renewal import renew

DAYS = [date(2026, 1, 2), date(2026, 1, 3)]
TAKEN = "NOT coalesce(team = 'C', FALSE)"
WHERE = f"day BETWEEN DATE '2026-01-02' AND DATE '2026-01-03' AND {TAKEN}"
Row = tuple[str, str | None, float]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        for table in ("source", "target"):
            made.execute(f"CREATE TABLE {table}(day DATE, team VARCHAR, num DOUBLE)")
        yield made


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    con.execute(f"DELETE FROM {table}")
    con.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)


def held(con: duckdb.DuckDBPyConnection, table: str, where: str) -> list[tuple[object, ...]]:
    return con.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY ALL").fetchall()


@pytest.mark.parametrize("seed", range(60))
def test_the_rows_become_those_of_the_source_and_all_others_stay(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Also where rows of one side say the same, and where a team is not known."""
    chance = random.Random(seed)
    kinds: list[Row] = [
        (f"2026-01-0{d}", team, float(n)) for d in (1, 2, 3) for team in ("A", "C", None) for n in (0, 1)
    ]
    alone = seed % 2
    for table in ("source", "target"):
        size = chance.randint(1, 12)
        fill(con, table, chance.sample(kinds, size) if alone else chance.choices(kinds, k=size))
    others = held(con, "target", f"NOT ({WHERE})")
    renew(con, "source", "target", DAYS, TAKEN)
    assert held(con, "target", WHERE) == held(con, "source", WHERE)
    assert held(con, "target", f"NOT ({WHERE})") == others


def test_rows_that_are_the_same_are_not_written_again(con: duckdb.DuckDBPyConnection) -> None:
    rows: list[Row] = [("2026-01-02", f"T{n}", 1.0) for n in range(100)]
    fill(con, "target", rows)
    before = dict(con.execute("SELECT team, rowid FROM target").fetchall())
    fill(con, "source", [*rows[1:], ("2026-01-02", "T0", 2.0)])
    renew(con, "source", "target", DAYS, TAKEN)
    after = dict(con.execute("SELECT team, rowid FROM target").fetchall())
    assert {team for team in after if after[team] != before[team]} == {"T0"}
