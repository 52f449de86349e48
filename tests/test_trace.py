"""A number can be traced to file and record: its cases add up to it, and the raw file has the case in that place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from data.trace import trace
from data.work import LoadError, Var, opened
from tests.small_company import FERNWAY, Small, small

DAY = date(2026, 11, 10)


@pytest.fixture(scope="module")
def company() -> Small:
    return small()


@pytest.mark.parametrize(
    ("metric", "of"),
    [
        ("late_arrival_rate", {"team": "F-NLAK-1"}), ("transfer_rate", {"site": "Bay Care"}),
        ("follow_up_kept_rate", {}),
        ("repeat_install_rate", {"region": "South"}),
    ],
)  # fmt: skip
def test_the_cases_add_up_and_their_records_are_in_the_files(metric: str, of: dict[str, str], company: Small) -> None:
    with opened(Var(company.var), 2) as con:
        count, num, den, cases = trace(con, FERNWAY, metric, DAY, of, most=3)
        held = con.execute(
            f"SELECT sum(num), sum(den), sum(n) FROM m_{metric} WHERE day = ? "
            + "".join(f"AND {level} = ?" for level in of),
            [DAY, *of.values()],
        ).fetchone()
    assert (num, den, count) == held
    assert cases and all(case.records for case in cases)
    lines = {r: line(company.src, *r) for case in cases for r in case.records if r[1].endswith((".csv", ".jsonl"))}
    for case in cases:
        for record in case.records:
            if record in lines:
                assert case.key[0] in lines[record] or record[0] != "fsm_appointments", (case, record)


def line(src: Path, source: str, file: str, record: int) -> str:
    """A record of a text file, counted from one without the header."""
    rows = (src / source / file).read_text(encoding="utf-8", errors="replace").splitlines()
    return rows[record if file.endswith(".csv") and source != "sms_gateway" else record - 1]


def test_what_is_counted_as_a_whole_says_so(company: Small) -> None:
    with opened(Var(company.var), 2) as con:
        with pytest.raises(LoadError, match="counted over whole tables"):
            trace(con, FERNWAY, "over_two_problems_rate", DAY, {})
        with pytest.raises(LoadError, match="no such metric; there are abandonment_rate"):
            trace(con, FERNWAY, "late", DAY, {})
        with pytest.raises(LoadError, match="group: no such level; there are person, team"):
            trace(con, FERNWAY, "csat", DAY, {"group": "1"})


def test_it_leaves_the_database_as_it_was(company: Small) -> None:
    with duckdb.connect(str(company.work), read_only=True) as con:
        tables = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert not {"placed", "worked_day"} & tables
