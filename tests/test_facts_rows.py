"""Roll-ups brought up to date row by row hold what the same rows make when all is summed anew."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.facts import lookups, rollup
from tests.facts_kit import company, figure, hr, put, refresh, visit, visits, writer

FEW = ("late_arrival_rate", "minutes_late", "over_two_problems_rate", "good_customer_thanked_rate")
DAY = "2026-11-04"


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Ten visits of one technician on one day, all in time, and a word about each customer."""
    con = writer()
    put(con, "l_hr_people", [hr(seen, "1", "tilda.kent", "F-NLAK-2") for seen in ("2026-11-01", "2026-11-05")])
    words = put(con, "l_customer_delta", [word(n, "2026-10-01") for n in range(1, 11)])
    refresh(con, words, visits(con, [done(n, "09:00") for n in range(1, 11)]), folder=company(*FEW))
    return con


def done(number: int, arrived: str) -> list[dict[str, Any]]:
    return visit(number, f"{DAY} 08:00", f"{DAY} 10:00", arrived_at=f"{DAY} {arrived}", finished_at=f"{DAY} 11:30")


def word(customer: int, day: str, **more: Any) -> dict[str, Any]:
    """What the customer master says of a customer from a day on."""
    row = {
        "customer_id": customer, "segment": "HOME", "status": "ACTIVE", "area_code": "NLAK", "products": ["INT"],
        "active_since": "2020-01-01", "pays_on_time": True, "changed_at": f"{day} 06:00", "_day": day,
    }  # fmt: skip
    return {**row, **more}


def arrives(con: duckdb.DuckDBPyConnection, number: int, clock: str) -> dict[str, set[date]]:
    for table in ("s_fsm_appointments", "l_fsm_appointments"):
        con.execute(f"UPDATE {table} SET arrived_at = '{DAY} {clock}' WHERE appointment_id = 'SA-{number:08d}'")
    return {"fsm_appointments": {date.fromisoformat(DAY)}}


def held(con: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    tables = [t for (t,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'm\\_%' ESCAPE '\\'").fetchall()]  # fmt: skip # noqa: E501
    return {t: con.execute(f"FROM {t} ORDER BY ALL").fetchall() for t in tables if t != "metric_state"}


@pytest.fixture
def again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The roll-ups of which days are summed again."""
    told: list[str] = []

    def noted(con: Any, table: str, *given: Any) -> set[date]:
        told.append(table)
        return summed(con, table, *given)

    summed = rollup._again
    monkeypatch.setattr(rollup, "_again", noted)
    return told


def test_a_row_that_changed_and_a_lookup_that_did(con: duckdb.DuckDBPyConnection, again: list[str]) -> None:
    """One visit turns out late, one customer a small business since October: nothing of the day is summed again."""
    changed = refresh(
        con, arrives(con, 3, "10:20"), put(con, "l_customer_delta", [word(5, "2026-10-20", segment="SMB")]),
        folder=company(*FEW),
    )  # fmt: skip
    assert changed["late_arrival_rate"] == {date.fromisoformat(DAY)}
    assert not [table for table in again if "late_arrival" in table]
    assert figure(con, "late_arrival_rate") == (1, 10)
    by_segment = "SELECT segment, sum(num), sum(den) FROM m_late_arrival_rate GROUP BY 1 ORDER BY 1"
    assert con.execute(by_segment).fetchall() == [("home", 1, 9), ("small_business", 0, 1)]
    after = held(con)
    con.execute("DELETE FROM facts_made")
    refresh(con, folder=company(*FEW))
    assert held(con) == after


def counted(folder: Path, num: str) -> None:
    """A visit that is late counts otherwise."""
    metric = folder / "metrics" / "late_arrival_rate.yml"
    metric.write_text(metric.read_text(encoding="utf-8").replace("num: late", f"num: {num}"), encoding="utf-8")


def test_a_day_by_row_that_must_be_summed_again(
    con: duckdb.DuckDBPyConnection, again: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fractions of so large a number do not add up exactly: the day is summed again, with all customers."""
    folder = shutil.copytree(company(*FEW), tmp_path / "few")
    counted(folder, "late::INT * 1500000.5")
    monkeypatch.setattr(lookups, "LARGE", 0)
    refresh(con, folder=folder)
    again.clear()
    refresh(con, arrives(con, 3, "10:20"), folder=folder)
    assert [table for table in again if "late_arrival" in table]
    by_segment = "SELECT segment, sum(num), sum(den) FROM m_late_arrival_rate GROUP BY 1 ORDER BY 1"
    assert con.execute(by_segment).fetchall() == [("home", 1500000.5, 10)]


def test_fractions_are_added_and_taken_off(con: duckdb.DuckDBPyConnection, again: list[str], tmp_path: Path) -> None:
    """A third of a late visit each: no day is summed again, and all comes out to the last bit as if it were."""
    folder = shutil.copytree(company(*FEW), tmp_path / "few")
    counted(folder, "(1 + late::INT) / 3")
    refresh(con, folder=folder)
    again.clear()
    refresh(con, arrives(con, 3, "10:20"), arrives(con, 4, "10:30"), folder=folder)
    refresh(con, arrives(con, 4, "09:00"), folder=folder)
    assert not [table for table in again if "late_arrival" in table]
    after = held(con)
    con.execute("DELETE FROM facts_made")
    refresh(con, folder=folder)
    assert held(con) == after


def test_somebody_who_worked_elsewhere_after_all(con: duckdb.DuckDBPyConnection, again: list[str]) -> None:
    """One is entered late as of another team since before the day: only their two visits move there, and back."""
    everybody = [
        hr("2026-11-05", *who)
        for who in (("1", "tilda.kent", "F-NLAK-2"), ("2", "omar.reed", "F-NLAK-2"), ("3", "ada.moss", "F-NLAK-1"))
    ]
    put(con, "l_hr_people", everybody)
    late = {"arrived_at": f"{DAY} 10:30", "tech_badge": "000002"}
    theirs = visits(con, [visit(n, f"{DAY} 08:00", f"{DAY} 10:00", **late) for n in (21, 22)])
    refresh(con, theirs, folder=company(*FEW))
    before = held(con)
    at_team = "SELECT team, sum(num), sum(den) FROM m_late_arrival_rate GROUP BY 1 ORDER BY 1"
    assert con.execute(at_team).fetchall() == [("F-NLAK-2", 2, 12)]
    again.clear()
    for seen, team, figures in (
        ("2026-11-06", "F-NLAK-1", [("F-NLAK-1", 2, 2), ("F-NLAK-2", 0, 10)]),
        ("2026-11-07", "F-NLAK-2", [("F-NLAK-2", 2, 12)]),
    ):
        moved = [{**row, "_part": seen.replace("-", "")} for row in everybody]
        moved[1] |= {"team_code": team, "effective_from": "2026-11-02"}
        changed = refresh(con, put(con, "l_hr_people", moved), folder=company(*FEW))
        assert changed["late_arrival_rate"] == {date.fromisoformat(DAY)}
        assert con.execute(at_team).fetchall() == figures
        assert not [table for table in again if "late_arrival" in table]
        after = held(con)
        con.execute("DELETE FROM facts_made")
        refresh(con, folder=company(*FEW))
        assert held(con) == after
        again.clear()
    assert held(con) == before


def test_what_is_taken_back_leaves_nothing(con: duckdb.DuckDBPyConnection) -> None:
    """The late visit was in time after all: the roll-ups are what they were, no row of nothing stays."""
    before = held(con)
    refresh(con, arrives(con, 3, "10:20"), folder=company(*FEW))
    assert held(con) != before
    refresh(con, arrives(con, 3, "09:00"), folder=company(*FEW))
    assert held(con) == before


def test_customers_are_counted_on_by_those_who_changed(con: duckdb.DuckDBPyConnection) -> None:
    """`redo: sum`: one customer leaves; the steps are those that all customers make."""
    refresh(con, put(con, "l_customer_delta", [word(7, "2026-11-03", status="LEFT")]), folder=company(*FEW))
    steps = con.execute("FROM customer_steps ORDER BY ALL").fetchall()
    con.execute("DELETE FROM facts_made")
    refresh(con, folder=company(*FEW))
    assert con.execute("FROM customer_steps ORDER BY ALL").fetchall() == steps
