"""What models may read besides staged tables: CSV files, codes and settings of the company folder; and the calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from data.facts.sql import Connection, Db, name, quoted
from data.facts.yaml import read_yaml

AHEAD, BEHIND = 31, 400
"""Days that the calendar holds after and before the days of the facts."""


def company(folder: Path) -> dict[str, Any]:
    """company.yml of the folder."""
    value = read_yaml((folder / "company.yml").read_text(encoding="utf-8"))
    return value if isinstance(value, dict) else {}


def mark(folder: Path) -> str:
    """A hash of everything besides models and metrics that facts depend on: CSV files, codes.yml and company.yml."""
    files = [*sorted(folder.glob("*.csv")), folder / "codes.yml", folder / "company.yml"]
    files = [path for path in files if path.exists()]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def prepare(con: Connection, folder: Path) -> None:
    """Tables csv_<file>, codes(list, code, value), zones(code, zone), settings(key, value).

    `codes` holds codes.yml: `list: {code: value}`, or `list: {code: [values]}`, or `list: [codes]`.
    """
    for path in sorted(folder.glob("*.csv")):
        con.execute(
            f"CREATE OR REPLACE TABLE {name('csv_' + path.stem)} AS "
            f"SELECT * FROM read_csv({quoted(str(path))}, header = true, all_varchar = true)"
        )
    _table(con, "codes", ("list", "code", "value"), _codes(folder / "codes.yml"))
    values = company(folder)
    _table(con, "zones", ("code", "zone"), list((values.get("time_zones") or {}).items()))
    plain = [(key, value) for key, value in values.items() if isinstance(value, str | int | float)]
    _table(con, "settings", ("key", "value"), plain)


def macros(con: Connection) -> None:
    """What a connection needs that makes facts: the clock UTC, and the macros to_local and to_utc.

    `to_local(ts, zone)` gives the local TIMESTAMP of a UTC TIMESTAMP, `to_utc(ts, zone)` the other way round
    (a time that the clock change repeats is taken as its second passing, one that it skips as an hour later).
    """
    con.execute("SET TimeZone = 'UTC'")
    con.execute(
        "CREATE OR REPLACE TEMP MACRO to_local(ts, zone) AS CAST((CAST(ts AS TIMESTAMP) AT TIME ZONE 'UTC') "
        "AT TIME ZONE zone AS TIMESTAMP)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP MACRO to_utc(ts, zone) AS CAST((CAST(ts AS TIMESTAMP) AT TIME ZONE zone) "
        "AT TIME ZONE 'UTC' AS TIMESTAMP)"
    )


def _codes(path: Path) -> list[tuple[Any, ...]]:
    values = (read_yaml(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}
    rows: list[tuple[Any, ...]] = []
    for key, codes in values.items():
        for code, said in (codes if isinstance(codes, dict) else {code: code for code in codes}).items():
            rows += [(key, code, value) for value in (said if isinstance(said, list) else [said])]
    return rows


def _table(con: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table of texts."""
    con.execute(f"CREATE OR REPLACE TABLE {table}({', '.join(c + ' VARCHAR' for c in columns)})")
    if rows:
        texts = [[None if value is None else str(value) for value in row] for row in rows]
        con.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", texts)


def calendar(con: Db, first: date, last: date) -> None:
    """The table calendar from `first` - 400 to `last` + 31 days; weeks start on Monday."""
    con.execute(
        "CREATE OR REPLACE TABLE calendar AS SELECT day, "
        "['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'][isodow(day)] AS weekday, "
        "date_trunc('week', day)::DATE AS week, date_trunc('month', day)::DATE AS month, "
        "date_trunc('quarter', day)::DATE AS quarter, date_trunc('year', day)::DATE AS year "
        f"FROM (SELECT unnest(generate_series(DATE '{first}' - {BEHIND}, DATE '{last}' + {AHEAD}, "
        "INTERVAL 1 DAY))::DATE AS day)"
    )
