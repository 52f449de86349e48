# ruff: noqa: E501
"""The numbers test: figures recomputed from the raw files in an independent way equal those of the store to the last digit.

Three weeks, every day, every level. The other side is tests/plain_*.py; break-downs are compared in test_numbers_dimensions.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import duckdb
import pytest

from tests import numbers_kit as kit
from tests import plain_contacts, plain_signals, plain_visits
from tests.plain_care import Care
from tests.plain_company import Plain, Row
from tests.plain_jobs import Jobs
from tests.small_company import Small

WEEKS = 3


@pytest.fixture(scope="session")
def company() -> Small:
    return kit.company()


@pytest.fixture(scope="session")
def plain() -> Plain:
    return kit.plain()


@pytest.fixture(scope="session")
def visits() -> list[dict[str, Any]]:
    return kit.visits()


@pytest.fixture(scope="session")
def jobs() -> Jobs:
    return kit.jobs()


@pytest.fixture(scope="session")
def contacts() -> list[dict[str, Any]]:
    return kit.contacts()


@pytest.fixture(scope="session")
def care() -> Care:
    return kit.care()


@pytest.fixture(scope="module")
def work(company: Small) -> Iterable[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(company.work), read_only=True) as con:
        yield con


def days(company: Small) -> tuple[str, str]:
    """Three whole weeks that end with the last day."""
    return str(company.until - timedelta(days=7 * WEEKS - 1)), str(company.until)


def summed(rows: Iterable[Row], level: str | None, span: tuple[str, str]) -> dict[tuple[str, str], tuple[float, float]]:
    """(day, unit) -> sums of num and den."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        day, unit = str(row["day"]), str(row[level]) if level else ""
        if span[0] <= day <= span[1] and (level is None or row[level]):
            held = found.setdefault((day, unit), [0.0, 0.0])
            held[0] += float(row["num"])  # type: ignore[arg-type]
            held[1] += float(row["den"])  # type: ignore[arg-type]
    return {key: (round(a, 6), round(b, 6)) for key, (a, b) in found.items()}


def stored(
    con: duckdb.DuckDBPyConnection, metric: str, level: str | None, span: tuple[str, str], table: str = "m"
) -> Any:
    unit = f'"{level}"' if level else "''"
    rows = con.execute(
        f"SELECT day, {unit}, round(sum(num), 6), round(sum(den), 6) FROM {table}_{metric} "
        f"WHERE day BETWEEN '{span[0]}' AND '{span[1]}' AND {unit} IS NOT NULL GROUP BY 1, 2"
    ).fetchall()
    return {(str(day), code): (num, den) for day, code, num, den in rows}


def compare(company: Small, con: duckdb.DuckDBPyConnection, metric: str, rows: list[Row]) -> None:
    span = days(company)
    assert sum(span[0] <= str(row["day"]) <= span[1] for row in rows) > 50, f"{metric}: hardly a row to compare"
    for level in kit.LEVELS:
        expected = summed(rows, level, span)
        assert stored(con, metric, level, span) == expected, f"{metric} by {level}"
        if level != "person":
            assert stored(con, metric, level, span, "t") == expected, f"{metric} by {level} in the short roll-up"


@pytest.mark.parametrize(
    "recompute",
    [
        plain_visits.late_arrival_rate,
        plain_visits.missed_appointment_rate,
        plain_visits.early_arrival_rate,
        plain_visits.on_my_way_rate,
        plain_visits.late_warned_rate,
    ],
    ids=lambda f: f.__name__,
)
def test_visits(
    recompute: Callable[..., list[Row]], company: Small, plain: Plain, visits: list[dict[str, Any]],
    work: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    compare(company, work, recompute.__name__, recompute(plain, visits))


@pytest.mark.parametrize(
    ("metric", "recompute"),
    [
        ("missed_appointment_rate__dispatch", plain_visits.missed_by_desk),
        ("late_warned_rate__dispatch", plain_visits.warned_by_desk),
    ],
)
def test_desks(
    metric: str, recompute: Callable[..., list[Row]], company: Small, plain: Plain, visits: list[dict[str, Any]],
    work: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    """Dispatch desks share in the visits of their areas, in a roll-up of their own."""
    rows = recompute(plain, visits)
    assert {row["team"] for row in rows} == {"D-NOR-1", None}
    compare(company, work, metric, rows)


def test_causes(company: Small, plain: Plain, visits: list[dict[str, Any]], work: duckdb.DuckDBPyConnection) -> None:
    """Every late visit with what made it late; all five causes are there."""
    rows, span = plain_visits.causes(plain, visits), days(company)
    expected = {key: (num, num) for key, (num, _) in summed(rows, "cause", span).items()}
    held = {key: (num, num) for key, (num, _) in stored(work, "late_arrival_rate", "cause", span).items()}
    assert held == expected
    assert {cause for _, cause in expected} >= {"dispatch_change", "parts", "job_before", "own_start"}


@pytest.mark.parametrize("metric", ["reopen_rate", "follow_up_kept_rate"])
def test_channels(metric: str, company: Small, care: Care, work: duckdb.DuckDBPyConnection) -> None:
    """The channel in which the customer came, of cases and of promises."""
    rows, span = getattr(care, metric)(), days(company)
    assert stored(work, metric, "channel", span) == summed(rows, "channel", span)
    assert {row["channel"] for row in rows} >= {"call", "chat", None}


def test_minutes_late(
    company: Small, plain: Plain, visits: list[dict[str, Any]], work: duckdb.DuckDBPyConnection
) -> None:
    """Medians: the very values are held, at every level."""
    compare_values(company, work, "minutes_late", plain_visits.minutes_late(plain, visits))


def compare_values(company: Small, con: duckdb.DuckDBPyConnection, metric: str, rows: list[Row]) -> None:
    span = days(company)
    for level in kit.LEVELS:
        expected: dict[tuple[str, str], list[float]] = {}
        for row in rows:
            if span[0] <= str(row["day"]) <= span[1] and (level is None or row[level]):
                unit = str(row[level]) if level else ""
                expected.setdefault((str(row["day"]), unit), []).append(round(float(row["value"]), 6))  # type: ignore[arg-type]
        unit = f'"{level}"' if level else "''"
        held: dict[tuple[str, str], list[float]] = {}
        for day, code, value, n in con.execute(
            f"SELECT day, {unit}, value, n FROM m_{metric} WHERE day BETWEEN '{span[0]}' AND '{span[1]}' AND {unit} IS NOT NULL"
        ).fetchall():
            held.setdefault((str(day), code), []).extend([round(value, 6)] * n)
        assert {k: sorted(v) for k, v in held.items()} == {k: sorted(v) for k, v in expected.items()}, (
            f"{metric} by {level}"
        )


@pytest.mark.parametrize("metric", ["repeat_install_rate", "first_time_fix_rate"])
def test_jobs(metric: str, company: Small, jobs: Jobs, work: duckdb.DuckDBPyConnection) -> None:
    compare(company, work, metric, getattr(jobs, metric)())


def test_orders(company: Small, jobs: Jobs, visits: list[dict[str, Any]], work: duckdb.DuckDBPyConnection) -> None:
    compare(company, work, "install_on_promised_day_rate", jobs.install_on_promised_day_rate(visits))


def test_time_to_repair(company: Small, jobs: Jobs, work: duckdb.DuckDBPyConnection) -> None:
    compare_values(company, work, "time_to_repair", jobs.time_to_repair())


@pytest.mark.parametrize(
    "recompute",
    [plain_contacts.transfer_rate, plain_contacts.handle_time],
    ids=lambda f: f.__name__,
)
def test_contacts(
    recompute: Callable[..., list[Row]], company: Small, plain: Plain, contacts: list[dict[str, Any]],
    work: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    compare(company, work, recompute.__name__, recompute(plain, contacts))


def test_surveys(
    company: Small, plain: Plain, visits: list[dict[str, Any]], contacts: list[dict[str, Any]],
    work: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    happy, easy = plain_contacts.survey(plain, visits, contacts)
    compare(company, work, "csat", happy)
    compare(company, work, "customer_effort", easy)


@pytest.mark.parametrize(
    "metric",
    [
        "abandonment_rate", "first_contact_resolution_rate", "escalation_rate", "customer_card_rate", "reached_person_rate", "quality_score",
        "customer_confirmed_rate", "reopen_rate", "repeat_issue_rate", "touches_per_case", "waiting_share", "satisfaction_change",
        "follow_up_kept_rate", "over_two_problems_rate", "make_good_paid_rate",
        "good_customer_thanked_rate", "extra_mile_acts",
    ],
)  # fmt: skip
def test_care(metric: str, company: Small, care: Care, work: duckdb.DuckDBPyConnection) -> None:
    compare(company, work, metric, getattr(care, metric)())


def test_total_response_time(company: Small, care: Care, work: duckdb.DuckDBPyConnection) -> None:
    compare_values(company, work, "total_response_time", care.total_response_time())


def test_voice(company: Small, care: Care, work: duckdb.DuckDBPyConnection) -> None:
    heard, shared = care.voice()
    compare(company, work, "voice_coverage", heard)
    compare(company, work, "theme_share", shared)


def test_tips(company: Small, care: Care, work: duckdb.DuckDBPyConnection) -> None:
    first, last = days(company)
    held = work.execute(
        f"SELECT DISTINCT day::VARCHAR, person, item FROM m_tips_reused WHERE day BETWEEN '{first}' AND '{last}'"
    ).fetchall()
    assert set(held) == {tip for tip in care.tips_reused() if first <= tip[0] <= last}


def test_signals(
    company: Small, plain: Plain, visits: list[dict[str, Any]], jobs: Jobs, care: Care, work: duckdb.DuckDBPyConnection
) -> None:
    rows = plain_signals.unhappy_signal_followed_rate(plain, visits, jobs, care)
    compare(company, work, "unhappy_signal_followed_rate", rows)
