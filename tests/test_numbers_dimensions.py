"""Break-downs recomputed from the raw files: dimensions of a metric, by every unit of every level, over three weeks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import duckdb
import pytest
import yaml

from tests import numbers_kit as kit
from tests import plain_contacts, plain_visits
from tests.plain_company import Row
from tests.small_company import FERNWAY
from tests.test_numbers import days

VISITS = ("late_arrival_rate", "missed_appointment_rate", "early_arrival_rate", "on_my_way_rate", "late_warned_rate")
JOBS = ("repeat_install_rate", "first_time_fix_rate")
CALLS = ("transfer_rate", "handle_time")
CONTACTS = ("first_contact_resolution_rate", "escalation_rate", "customer_card_rate")
CASES = ("customer_confirmed_rate", "reopen_rate", "touches_per_case", "repeat_issue_rate")


@pytest.fixture(scope="module")
def work() -> Iterable[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(kit.company().work), read_only=True) as con:
        yield con


@pytest.mark.parametrize("metric", VISITS)
def test_visits(metric: str, work: duckdb.DuckDBPyConnection) -> None:
    compare(work, metric, getattr(plain_visits, metric)(kit.plain(), kit.visits()), kit.dimensions().visit)


@pytest.mark.parametrize("metric", JOBS)
def test_jobs(metric: str, work: duckdb.DuckDBPyConnection) -> None:
    compare(work, metric, getattr(kit.jobs(), metric)(), kit.dimensions().job)


@pytest.mark.parametrize("metric", CALLS)
def test_calls(metric: str, work: duckdb.DuckDBPyConnection) -> None:
    kit.care()  # puts reasons, queues and customers to the contacts
    compare(work, metric, getattr(plain_contacts, metric)(kit.plain(), kit.contacts()), kit.dimensions().contact)


@pytest.mark.parametrize("metric", CONTACTS)
def test_contacts(metric: str, work: duckdb.DuckDBPyConnection) -> None:
    compare(work, metric, getattr(kit.care(), metric)(), kit.dimensions().contact)


@pytest.mark.parametrize("metric", CASES)
def test_cases(metric: str, work: duckdb.DuckDBPyConnection) -> None:
    compare(work, metric, getattr(kit.care(), metric)(), kit.dimensions().case)


def compare(
    con: duckdb.DuckDBPyConnection, metric: str, rows: list[Row], values: Callable[[Row], dict[str, str | None]]
) -> None:
    """Every value of every dimension that both sides know, by every level: the same sums."""
    first, last = days(kit.company())
    inside = [(row, values(row)) for row in rows if first <= str(row["day"]) <= last]
    said = yaml.safe_load((FERNWAY / "metrics" / f"{metric}.yml").read_text(encoding="utf-8"))["dimensions"]
    known = [key for key in said if key in inside[0][1]]
    assert len(known) >= 4 and len(inside) > 50
    for key in known:
        for level in kit.LEVELS:
            unit = f'"{level}"' if level else "''"
            held = con.execute(
                f'SELECT {unit}, "{key}", round(sum(num), 4), round(sum(den), 4) FROM m_{metric} '
                f"WHERE day BETWEEN '{first}' AND '{last}' AND {unit} IS NOT NULL GROUP BY 1, 2"
            ).fetchall()
            assert {(u, v): (a, b) for u, v, a, b in held} == summed(inside, level, key), f"{metric} by {key}, {level}"


def summed(rows: list[tuple[Row, Any]], level: str | None, key: str) -> dict[Any, tuple[float, float]]:
    found: dict[Any, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row, values in rows:
        if level is None or row[level]:
            held = found[row[level] if level else "", values[key]]
            held[0] += float(row["num"])  # type: ignore[arg-type]
            held[1] += float(row["den"])  # type: ignore[arg-type]
    return {k: (round(a, 4), round(b, 4)) for k, (a, b) in found.items()}
