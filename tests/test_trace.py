"""A number can be traced to file and record: its cases add up to it, and the raw file has the case in that place."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pytest

from data import contract, ledger
from data.contract import Contract
from data.trace import Trace, main_trace, trace
from data.work import LoadError, Var, opened
from tests import numbers_kit, plain_visits, small_company
from tests.small_company import FERNWAY, Small, small

DAY = date(2026, 11, 10)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The small company with a work database of its own: tracing opens it as a writer does."""
    made, var = small(), tmp_path_factory.mktemp("var")
    shutil.copytree(made.var / "work", var / "work")
    return replace(made, var=var)


def test_whoever_makes_the_small_company_second_uses_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setattr(small_company, "read", lambda var, src: var.mkdir())

        def write(out: Path, first: date, until: date) -> None:
            (out / str(len(list(Path(folder).iterdir())))).mkdir(parents=True)
            if len(list(Path(folder).iterdir())) == 1:
                monkeypatch.setattr(os, "getpid", lambda: -1)
                small()  # somebody else, who is done sooner

        monkeypatch.setattr(small_company, "write", write)
        (made,) = small().src.iterdir()
        assert made.name == "1" and len(list(Path(folder).iterdir())) == 1


METRICS = sorted(path.stem for path in (FERNWAY / "metrics").glob("*.yml"))
WHERE: tuple[dict[str, str], ...] = ({}, {"region": "South"}, {"team": "C-BCAY-1"}, {"area": "Bay"})
BROKEN_DOWN: dict[str, dict[str, str]] = {
    "late_arrival_rate": {"job_type": "repair"},
    "minutes_late": {"team": "F-NLAK-1", "part_of_day": "morning"},
    "transfer_rate": {"site": "Bay Care", "reason": "no_signal"},
    "csat": {"channel": "call"},
    "theme_share": {"theme": "bill_too_high"},
    "over_two_problems_rate": {"segment": "home"},
}


@pytest.mark.parametrize("metric", METRICS)
def test_the_cases_add_up_and_have_their_records(metric: str, company: Small) -> None:
    """Every metric on one day: rates, medians, different things, shares, customers counted by day; also broken down."""
    with opened(Var(company.var), 2) as con:
        for of in (*WHERE, *([BROKEN_DOWN[metric]] if metric in BROKEN_DOWN else [])):
            found = trace(con, FERNWAY, metric, DAY, of, most=4)
            assert figure(found) == stored(con, metric, of), of
            assert all(case.records for case in found.cases)


def test_a_week_is_its_days(company: Small) -> None:
    with opened(Var(company.var), 2) as con:
        week = trace(con, FERNWAY, "tips_reused", (DAY, date(2026, 11, 16)), {})
        days = [trace(con, FERNWAY, "tips_reused", date(2026, 11, d), {}) for d in range(10, 17)]
    assert week.count == sum(day.count for day in days)
    assert max(day.different or 0 for day in days) < (week.different or 0) <= sum(day.different or 0 for day in days)


def figure(found: Trace) -> tuple[float | None, ...]:
    """What a roll-up holds of the cases: their number where they have nothing else."""
    if found.kind == "median":
        return (found.count, found.middle)
    if found.different is not None:
        return (found.count, found.different)
    return (round(found.num, 4), round(found.den, 4))


def stored(con: duckdb.DuckDBPyConnection, metric: str, of: dict[str, str]) -> tuple[float | None, ...]:
    held = [str(row[0]) for row in con.execute(f"DESCRIBE m_{metric}").fetchall()]
    shared = "over: theme" in (FERNWAY / "metrics" / f"{metric}.yml").read_text(encoding="utf-8")
    where = "day = ?" + "".join(
        f" AND ({key} = ?" + (f" OR {key} IS NULL)" if shared and key == "theme" else ")") for key in of
    )
    rows, given = f"FROM m_{metric} WHERE {where}", [DAY, *of.values()]
    if "value" in held:
        sql = f"SELECT count(*), quantile_disc(value, 0.5) FROM (SELECT value, unnest(range(n)) {rows})"
    elif "item" in held:
        sql = f"SELECT coalesce(sum(n), 0), count(DISTINCT item) {rows}"
    else:
        sql = f"SELECT round(coalesce(sum(num), 0), 4), round(coalesce(sum(den), 0), 4) {rows}"
    return tuple(con.execute(sql, given).fetchall()[0])


@pytest.mark.parametrize("metric", METRICS)
def test_the_record_is_in_that_place_of_the_file(metric: str, company: Small) -> None:
    """Its natural key, as it is staged, stands in that line of the raw file."""
    contracts = contract.load_all(FERNWAY)
    texts = {s: c for s, c in contracts.items() if c.format in ("csv", "lines", "fixed", "jsonl") and not c.multiline}
    with opened(Var(company.var), 2) as con:
        for case in trace(con, FERNWAY, metric, DAY, {}, most=6).cases:
            for source, file, record in case.records:
                if source in texts:
                    found = line(company.src / source / file, texts[source], record)
                    assert all(any(way in found for way in said) for said in key(con, texts[source], file, record))


def key(con: duckdb.DuckDBPyConnection, source: Contract, file: str, record: int) -> list[tuple[str, ...]]:
    """What may stand in the file for each part of a staged row's natural key: days in digits, numbers padded."""
    table = ledger.books(con, source.source)[0]
    (row,) = con.execute(
        f"SELECT {', '.join(source.key)} FROM {table} JOIN ledger ON ledger.id = _file WHERE name = ? AND _row = ?",
        [file, record],
    ).fetchall()
    return [(text, text.replace("-", ""), text.lstrip("0"), text.split(" ")[0]) for text in map(str, row)]


@cache
def lines(path: Path, encoding: str) -> list[str]:
    return path.read_text(encoding=encoding, errors="replace").split("\n")


def line(path: Path, source: Contract, record: int) -> str:
    """A record of a text file, counted from one without the header."""
    headed = source.header and source.format in ("csv", "lines")
    return lines(path, source.encoding[0])[record - (not headed)]


@pytest.mark.parametrize("metric", ["late_arrival_rate", "missed_appointment_rate", "early_arrival_rate"])
def test_the_cases_are_those_that_plain_counting_finds(metric: str, company: Small) -> None:
    """Each visit of a day with what it adds, straight from the raw files by code of its own."""
    recompute = getattr(plain_visits, metric)
    counted = [(v, *recompute(numbers_kit.plain(), [v])) for v in numbers_kit.visits() if v["due"]]
    expected = {(str(v["id"]), float(row["num"])) for v, row in counted if row["day"] == DAY}
    with opened(Var(company.var), 2) as con:
        found = trace(con, FERNWAY, metric, DAY, {}, most=10_000).cases
    assert {(case.key[0], case.num) for case in found} == expected and len(found) == len(expected) > 20


def test_what_cannot_be_traced_says_why(company: Small) -> None:
    with opened(Var(company.var), 2) as con:
        with pytest.raises(LoadError, match="no such metric; there are abandonment_rate"):
            trace(con, FERNWAY, "late", DAY, {})
        with pytest.raises(LoadError, match="group: csat has no such level or dimension; there are person, team"):
            trace(con, FERNWAY, "csat", DAY, {"group": "1"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--of", "team"], "'team' is not LEVEL=CODE"), (["--of", "team="], "'team=' is not LEVEL=CODE"),
        (["--to", "2026-11-09"], "--to 2026-11-09 lies before 2026-11-10"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_an_error(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main_trace(["csat", str(DAY), *given])
    assert said in capsys.readouterr().err


def test_it_leaves_the_database_as_it_was(company: Small) -> None:
    with duckdb.connect(str(company.work), read_only=True) as con:
        tables = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert not {"placed", "worked_day", "single_cases", "traced"} & tables
