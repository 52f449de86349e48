"""Every figure against plain pandas on the same roll-ups: each metric, each level, both sides."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from queries.catalogue import counts_only
from tests.answer_kit import MONTH, QUARTER, ask, definitions, shared

METRICS = sorted(definitions().metrics)
OWN = {"omar.osei": "F-NLAK-2", "carlos.demir": "C-BCAY-1"}


@lru_cache
def frame(metric: str) -> pd.DataFrame:
    store, _ = shared()
    found: pd.DataFrame = store._connection.cursor().execute(f"SELECT * FROM m_{metric}").df()
    found["day"] = pd.to_datetime(found["day"])
    return found


def within(rows: pd.DataFrame, period: dict[str, str]) -> pd.DataFrame:
    return rows[(rows["day"] >= period["from"]) & (rows["day"] < period["to"])]


def expected(metric: str, side: str, rows: pd.DataFrame) -> float | None:
    """The figure of some rows by the definition of its kind, without any code of the product."""
    definition = definitions().metrics[metric]
    if definition.kind == "stock":
        rows = rows[rows["day"] == rows["day"].max()]
    if definition.kind == "median":
        if side == "mirror" and definition.mirror_of == "own":
            return float(rows["mirror"].sum() / rows["n"].sum())
        return float(np.median(np.repeat(rows["value"].to_numpy(), rows["n"].to_numpy())))
    den = rows["den"].sum()
    num = rows["mirror"].sum() if side == "mirror" and definition.mirror_of == "own" else rows["num"].sum()
    if definition.kind == "count" and not den:
        return float(num)
    value = float(num / den)
    return 1 - value if side == "mirror" and definition.mirror_of == "complement" else value


def same(left: Any, right: Any) -> bool:
    return left is not None and math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("side", ["metric", "mirror"])
def test_company_figure(metric: str, side: str) -> None:
    got = ask("victor.holm", metric, side=side, period=MONTH)["dicts"][0]
    assert same(got[metric], expected(metric, side, within(frame(metric), MONTH)))


@pytest.mark.parametrize("metric", METRICS)
def test_regions(metric: str) -> None:
    rows = within(frame(metric), MONTH)
    got = {row["region"]: row[metric] for row in ask("victor.holm", metric, by=["region"], period=MONTH)["dicts"]}
    found = dict(list(rows.groupby("region")))
    assert set(got) >= set(found)
    if definitions().metrics[metric].kind == "stock":
        newest = rows["day"].max()
        found = {key: part[part["day"] == newest] for key, part in found.items()}
        found = {key: part for key, part in found.items() if len(part)}
    for key, part in found.items():
        assert same(got[key], expected(metric, "metric", part)), key


@pytest.mark.parametrize("metric", [m for m in METRICS if "team" in definitions().metrics[m].levels])
def test_own_team(metric: str) -> None:
    login = "omar.osei" if "field" in definitions().metrics[metric].feeds else "goran.popov"
    team = "F-NLAK-2" if login == "omar.osei" else "C-HCAR-1"
    got = ask(login, metric, about={"team": [team]}, period=QUARTER)
    rows = within(frame(metric), QUARTER)
    part = rows[rows["team"] == team]
    if got["outcome"] == "answer" and len(part):
        assert same(got["dicts"][0][metric], expected(metric, "metric", part))
    else:
        assert not len(part) or got["outcome"] == "refused"


def of_field_people(metric: str) -> bool:
    one = definitions().metrics[metric]
    return "person" in one.levels and "field" in one.feeds


@pytest.mark.parametrize("metric", [m for m in METRICS if of_field_people(m)])
def test_own_person(metric: str) -> None:
    got = ask("jonas.moreau", metric, about={"person": ["jonas.moreau"]}, period=QUARTER)
    rows = within(frame(metric), QUARTER)
    assert same(got["dicts"][0][metric], expected(metric, "metric", rows[rows["person"] == "jonas.moreau"]))


@pytest.mark.parametrize(
    "metric", ["late_arrival_rate", "minutes_late", "csat", "over_two_problems_rate", "quality_score"]
)
@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_series(metric: str, grain: str) -> None:
    got = ask("victor.holm", metric, grain=grain, period=QUARTER)["dicts"]
    rows = within(frame(metric), QUARTER).copy()
    start = {"day": rows["day"], "week": rows["day"] - pd.to_timedelta(rows["day"].dt.day_of_week, unit="D"),
             "month": rows["day"].dt.to_period("M").dt.start_time}[grain]  # fmt: skip
    want = {key.date().isoformat(): expected(metric, "metric", part) for key, part in rows.groupby(start)}
    assert [row[grain] for row in got] == sorted(want)
    assert all(same(row[metric], want[row[grain]]) for row in got)


@pytest.mark.parametrize("metric", ["late_arrival_rate", "minutes_late", "csat", "handle_time"])
def test_dimensions_restrictions_and_weekdays(metric: str) -> None:
    rows = within(frame(metric), MONTH)
    for key in definitions().metrics[metric].dimensions:
        if counts_only([key], definitions().metrics[metric], definitions()):
            continue
        days = rows["day"].dt.day_of_week.map(dict(enumerate(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])))
        column = days if key == "weekday" else rows[key]
        got = {row[key]: row[metric] for row in ask("victor.holm", metric, by=[key], period=MONTH)["dicts"]}
        for value, part in rows.groupby(column):
            assert same(got[value], expected(metric, "metric", part)), (key, value)
        first = sorted(v for v in got if v)[0]
        kept = ask("victor.holm", metric, where={key: [first]}, period=MONTH)["dicts"][0][metric]
        assert same(kept, got[first])
        left = ask("victor.holm", metric, where={key: {"not": [first]}}, period=MONTH)["dicts"][0][metric]
        rest = rows[(column != first) | column.isna()]
        assert left is None if not len(rest) else same(left, expected(metric, "metric", rest))


def test_share_lifts_its_denominator() -> None:
    rows = within(frame("theme_share"), MONTH)
    got = ask("victor.holm", "theme_share", by=["theme"], order="most", period=MONTH)["dicts"]
    for row in got:
        part = rows[rows["theme"] == row["theme"]]
        assert same(row["theme_share"], part["num"].sum() / rows["den"].sum())
    one = ask("victor.holm", "theme_share", where={"theme": [got[0]["theme"]]}, period=MONTH)["dicts"][0]
    assert same(one["theme_share"], got[0]["theme_share"])
    both = ask("victor.holm", "theme_share", by=["region", "theme"], period=MONTH)["dicts"]
    part = rows[rows["region"] == "North"]
    want = part[part["theme"] == got[0]["theme"]]["num"].sum() / part["den"].sum()
    assert same(next(r["theme_share"] for r in both if r["region"] == "North" and r["theme"] == got[0]["theme"]), want)


@pytest.mark.parametrize("metric", [m for m in METRICS if definitions().metrics[m].mirror_of == "complement"])
def test_mirror_and_metric_make_a_hundred_in_every_cell(metric: str) -> None:
    """Acceptance example 14."""
    key = next(
        (d for d in definitions().metrics[metric].dimensions if d != definitions().metrics[metric].over), "region"
    )
    sides = [
        {row[key]: row[metric] for row in ask("victor.holm", metric, side=side, by=[key], period=MONTH)["dicts"]}
        for side in ("metric", "mirror")
    ]
    assert sides[0].keys() == sides[1].keys() and len(sides[0]) > 1
    for cell, value in sides[0].items():
        assert value is None or abs(value + sides[1][cell] - 1) < 1e-12


def test_counts_are_the_numerators() -> None:
    rows = within(frame("late_arrival_rate"), MONTH)
    for side, want in (("metric", rows["num"].sum()), ("mirror", (rows["den"] - rows["num"]).sum())):
        got = ask("victor.holm", "late_arrival_rate", side=side, show="count", period=MONTH)
        assert got["dicts"][0]["count"] == want
        assert f"{want:,.0f}" in got["headline"]


def test_previous_like_for_like() -> None:
    then = {"from": "2026-11-09", "to": "2026-11-12"}
    now = {"from": "2026-11-16", "to": "2026-11-19"}
    got = ask("victor.holm", "late_arrival_rate", compare=["previous"], period=now, previous=then)
    row = got["dicts"][0]
    assert same(row["previous"], expected("late_arrival_rate", "metric", within(frame("late_arrival_rate"), then)))
    assert same(row["change"], row["late_arrival_rate"] - row["previous"])
    assert {"label": "compared with", **then} in got["periods"]
