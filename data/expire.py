"""`python -m data expire`: raw files and person detail go after some months; counts and unit figures stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

from data import contract, ledger, publish
from data.door import options
from data.facts.expiry import EXPIRED, EXPIRED_ON
from data.facts.models import load_models
from data.work import LoadError, Var, asked, transaction

MONTHS = 13
"""Months that detail is kept, unless company.yml says otherwise (keep_months)."""
MOST = 1200


def expire(var: Var, company: Path, today: date, months: int | None = None) -> dict[str, int]:
    """Clear what is older than the company keeps; returns how many kept files, staged rows and rejects went.

    Staged rows of old days go, except of sources that describe a lasting state (customers, people); files of which no
    row is newer are removed and their ledger lines say `expired`; roll-ups lose the person. A crash in the middle
    is made good by the next run.
    """
    said = yaml.safe_load((company / "company.yml").read_text(encoding="utf-8"))
    months = int(said.get("keep_months", MONTHS)) if months is None else months
    if not 1 <= months <= MOST:
        raise LoadError(f"{months} months: detail is kept for at least one month, and at most {MOST}")
    before = months_back(today, months)
    gone = {"files": 0, "rows": 0, "rejects": 0}
    with asked(var) as con:
        with transaction(con):
            for source, mine in contract.load_all(company).items():
                limit = before if mine.keep_days is None else max(before, today - timedelta(days=mine.keep_days))
                gone["rows"] += 0 if mine.lasting or not mine.day else _rows(con, source, limit)
                gone["rejects"] += _files(con, source, limit)
            _facts(con, company, before)
            _people(con, before, said)
            for key, day in ((EXPIRED, before), (EXPIRED_ON, today)):
                con.execute("INSERT OR REPLACE INTO progress VALUES (?, greatest(?, coalesce((SELECT value FROM "
                            "progress WHERE key = ?), '')))", [key, day.isoformat(), key])  # fmt: skip
        for (kept,) in con.execute("SELECT kept FROM ledger WHERE state = 'expired' AND kept <> ''").fetchall():
            ledger.remove(var.kept / str(kept))
            gone["files"] += 1
        with transaction(con):
            con.execute("UPDATE ledger SET kept = '' WHERE state = 'expired'")
        publish.publish(con, var, company, {})
    return gone


def months_back(day: date, months: int) -> date:
    """
    >>> months_back(date(2026, 11, 18), 13)
    datetime.date(2025, 10, 18)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, 28))


def _files(con: duckdb.DuckDBPyConnection, source: str, limit: date) -> int:
    """Files whose newest row is older than the limit; one of which nothing was taken goes by its day of arrival."""
    old = "source = ? AND coalesce(last_day, CAST(received_at AS DATE)) < ? AND state <> 'expired'"
    mine = f"SELECT id FROM ledger WHERE {old}"
    row = con.execute(f"SELECT count(*) FROM rejects WHERE file IN ({mine})", [source, limit]).fetchone()
    con.execute(f"DELETE FROM rejects WHERE file IN ({mine})", [source, limit])
    con.execute(f"UPDATE ledger SET state = 'expired' WHERE {old}", [source, limit])
    return int(row[0]) if row else 0


def _rows(con: duckdb.DuckDBPyConnection, source: str, limit: date) -> int:
    """Staged rows of days before the limit; what goes of a file's accepted rows is noted in the ledger."""
    books, count = ledger.books(con, source), 0
    for table in dict.fromkeys([*books, *([f"s_{source}"] if books else [])]):
        if table.startswith("gone_"):
            continue
        row = con.execute(f'SELECT count(*) FROM "{table}" WHERE _day < ?', [limit]).fetchone()
        count += int(row[0]) if row else 0
        if table in books:
            con.execute(
                f"""UPDATE ledger SET expired = coalesce(expired, 0) + n FROM
                    (SELECT _file, count(*) AS n FROM "{table}" WHERE _day < ? GROUP BY _file) e
                    WHERE e._file = ledger.id""",
                [limit],
            )
        con.execute(f'DELETE FROM "{table}" WHERE _day < ?', [limit])
    return count


def _tables(con: duckdb.DuckDBPyConnection, prefix: str, column: str) -> list[str]:
    rows = con.execute(
        """SELECT DISTINCT table_name FROM duckdb_columns() WHERE database_name = current_database()
           AND starts_with(table_name, ?) AND column_name = ?""",
        [prefix, column],
    ).fetchall()
    return sorted(str(row[0]) for row in rows)


def _facts(con: duckdb.DuckDBPyConnection, company: Path, before: date) -> None:
    """Facts are rows about single things: those of old days go. Tables that are kept up to date row by row from them
    are made anew by the next pass, of what is left."""
    models = load_models(company)
    made = {model.name for model in models if model.is_fact}
    for model in models:
        if model.is_fact and model.day in _columns(con, model.name):
            con.execute(f'DELETE FROM "{model.name}" WHERE "{model.day}" < ?', [before])
        elif model.redo in ("key", "sum") and made & {need.table for need in model.needs}:
            made.add(model.name)
            con.execute(f'DROP TABLE IF EXISTS "{model.name}"')


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND table_name = ?", [table]
    ).fetchall()
    return {str(row[0]) for row in rows}


def _people(con: duckdb.DuckDBPyConnection, before: date, said: dict[str, Any]) -> None:
    """Roll-ups of old days stay by unit and lose the person; the days are published anew."""
    person = next((str(level["key"]) for level in said.get("levels", ()) if level.get("people")), None)
    for table in _tables(con, "m_", person) if person else []:
        old = f'day < ? AND "{person}" IS NOT NULL'
        con.execute(
            f'INSERT INTO unpublished SELECT DISTINCT ?, day FROM "{table}" WHERE {old}',
            [table.removeprefix("m_"), before],
        )
        con.execute(f'UPDATE "{table}" SET "{person}" = NULL WHERE {old}', [before])
    for table in _tables(con, "r_", "day"):
        con.execute(
            f'INSERT INTO unpublished SELECT DISTINCT ?, day FROM "{table}" WHERE day < ?',
            [table.removeprefix("r_"), before],
        )
        con.execute(f'DELETE FROM "{table}" WHERE day < ?', [before])


def main(arguments: Sequence[str]) -> int:
    parser = options("expire", "Remove raw files and person detail that are older than the company keeps them.")
    parser.add_argument("--months", type=int, default=None, help=f"instead of the company's keep_months (or {MONTHS})")
    parser.add_argument("--on", type=date.fromisoformat, default=None, help="count back from this day (today)")
    given = parser.parse_args(arguments)
    gone = expire(Var(given.var), given.company, given.on or date.today(), given.months)
    print(f"{gone['files']} files, {gone['rows']} rows and {gone['rejects']} rejected rows removed; counts stay")
    return 0
