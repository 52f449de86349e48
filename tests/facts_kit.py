"""Small hand-made staged tables for the tests of facts: a few rows in, `refresh`, figures out."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data import contract as contracts
from data import merge
from data.facts import models as facts_models
from data.facts import refresh as facts

ROOT = Path(__file__).resolve().parents[1]
FERNWAY = ROOT / "data" / "companies" / "fernway"


@functools.cache
def company(*metrics: str, models: tuple[str, ...] = ()) -> Path:
    """A company folder with some of Fernway's metrics, the models behind them and some more: quickly made."""
    to = Path(tempfile.mkdtemp(prefix="few-"))
    atexit.register(shutil.rmtree, to, ignore_errors=True)
    for path in (*FERNWAY.glob("*.yml"), *FERNWAY.glob("*.csv")):
        shutil.copy(path, to)
    (to / "metrics").mkdir()
    (to / "models").mkdir()
    for metric in metrics:
        shutil.copy(FERNWAY / "metrics" / f"{metric}.yml", to / "metrics")
    known = {model.name: model for model in facts_models.load_models(FERNWAY)}
    said = facts.plan(to)
    wanted = [b.fact for parts in said.blocks.values() for b in parts] + ["people", "units", "membership", *models]
    while wanted:
        model = known[wanted.pop()]
        if not (to / "models" / model.path.name).exists():
            shutil.copy(model.path, to / "models")
            wanted += [n.table for n in model.needs if n.table in known] + [x.table for x in model.lookups]
    return to


def writer(folder: Path = FERNWAY) -> duckdb.DuckDBPyConnection:
    """An empty writer's database with the staged tables of all contracts of a company folder."""
    con = duckdb.connect()
    con.execute("SET threads = 2; SET TimeZone = 'UTC'")
    merge.prepare(con, contracts.load_all(folder).values())
    return con


def put(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, set[date]]:
    """Insert rows into a staged table (columns left out are NULL); returns the dirty days of its source."""
    touched: set[date] = set()
    for number, row in enumerate(rows):
        full = {"_file": 1, "_row": number, **row}
        listed = ", ".join(f'"{c}"' for c in full)
        con.execute(f"INSERT INTO {table}({listed}) VALUES ({', '.join('?' * len(full))})", list(full.values()))
        if full.get("_day"):
            touched.add(_date(full["_day"]))
    return {table.split("_", 1)[1]: touched}


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def refresh(
    con: duckdb.DuckDBPyConnection, *dirty: Mapping[str, set[date]], folder: Path = FERNWAY
) -> dict[str, set[date]]:
    """`facts.refresh` with the dirty days of several sources together."""
    every: dict[str, set[date]] = {}
    for part in dirty:
        for source, values in part.items():
            every.setdefault(source, set()).update(values)
    return facts.refresh(con, folder, every)


def hr(seen: str, employee: str, login: str, team: str, since: str = "2020-01-06", **more: Any) -> dict[str, Any]:
    """One row of a snapshot of the HR file, of a technician unless said."""
    row = {
        "_part": seen.replace("-", ""), "employee_id": employee.zfill(8), "login": login, "team_code": team,
        "full_name": login.replace(".", " ").title(), "role": "TECH", "badge": employee.zfill(6)[-6:],
        "hired_on": since, "effective_from": since,
    }  # fmt: skip
    return {**row, **more}


def visit(number: int, start: str, end: str, **more: Any) -> list[dict[str, Any]]:
    """A visit of the field system as its one log row; times UTC."""
    row = {
        "op": "U", "lsn": number * 100, "changed_at": more.get("finished_at") or end,
        "appointment_id": f"SA-{number:08d}",
        "job_type": "REPAIR", "window_start": start, "window_end": end, "window_agreed_at": "2026-01-01 08:00:00",
        "status": "DONE", "tech_badge": "000001", "customer_id": number, "area_code": "NLAK", "_day": end[:10],
    }  # fmt: skip
    return [{**row, **more}]


def visits(con: duckdb.DuckDBPyConnection, logs: Iterable[list[dict[str, Any]]]) -> dict[str, set[date]]:
    """Visits with their logs: the last row of each is its state."""
    touched: dict[str, set[date]] = {"fsm_appointments": set()}
    for log in logs:
        for row in log:
            touched["fsm_appointments"] |= put(con, "l_fsm_appointments", [row])["fsm_appointments"]
        state = {**log[-1]}
        put(con, "s_fsm_appointments", [state])
    return touched


def figure(con: duckdb.DuckDBPyConnection, metric: str, where: str = "true") -> tuple[float, float]:
    """(num, den) of a roll-up under a condition."""
    row = con.execute(f"SELECT coalesce(sum(num), 0), coalesce(sum(den), 0) FROM m_{metric} WHERE {where}").fetchone()
    assert row is not None
    return row[0], row[1]
