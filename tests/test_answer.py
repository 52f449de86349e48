"""Answers: their words, who is named, what is withheld, the JSON; the acceptance examples about answers."""
# ruff: noqa: E501

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from queries.answers.text import cell
from queries.desk import Desk
from tests.answer_kit import MONTH, QUARTER, TODAY, WEEK, ask, definitions, desk, query, shared, store_with, teams_of

LATE = "late_arrival_rate"
DAYS = [date(2026, 8, 17) + timedelta(days=i) for i in range(91)]
KEYS = [
    "id",
    "question",
    "as",
    "on",
    "outcome",
    "said",
    "query",
    "choices",
    "assumed",
    "unused",
    "headline",
    "columns",
    "rows",
    "notes",
    "as_of",
    "store",
    "sql",
    "ms",
]


def people_of(team: str, count: int = 8) -> list[str]:
    store, _ = shared()
    rows = store.fetch("SELECT login FROM people WHERE unit = ? AND role = 'frontline' ORDER BY login", [team])
    return [row[0] for row in rows][:count]


def spread(team: str, cases: int, events: int, days: list[date] = DAYS, mix: str = "all") -> list[dict[str, Any]]:
    """Cases of a team with so many events, evenly over its people and days."""
    people = itertools.cycle(people_of(team))
    rows = []
    for i in range(cases):
        late = (i + 1) * events // cases - i * events // cases
        rows.append({"day": days[i % len(days)], "person": next(people), "team": team, "num": float(late), "den": 1.0,
                     "mix": mix})  # fmt: skip
    return rows


def own_row(found: dict[str, Any], level: str, code: str) -> dict[str, Any]:
    return next(row for row in found["dicts"] if row[level] == code)


def board(login: str, team: str, store: Any = None, **fields: Any) -> dict[str, Any]:
    return ask(login, LATE, store=store, about={"team": [team]}, by=["team"], compare=["others"], **fields)


def test_the_object_has_every_key_of_the_contract() -> None:
    found = board("omar.osei", "F-NLAK-2", period=QUARTER)
    assert list(found)[: len(KEYS)] == KEYS
    assert found["outcome"] == "answer" and found["as"] == "omar.osei" and found["on"] == TODAY.isoformat()
    assert set(found["ms"]) == {"read", "query", "total"}
    json.dumps(found)
    assert all(len(row) == len(found["columns"]) for row in found["rows"])
    assert found["sql"][0]["sql"].startswith("WITH") and "2026-08-17" in found["sql"][0]["parameters"]


def test_read_only_has_no_figures() -> None:
    found = desk("omar.osei").answer(query(LATE, about={"team": ["F-NLAK-2"]}, period=WEEK), read_only=True).to_json()
    assert found["outcome"] == "answer" and found["query"]["metrics"] == [LATE]
    assert not {"rows", "headline", "columns", "picture"} & set(found) and found["sql"] == []


def test_my_team_against_others_is_a_ranking_with_my_own_marked() -> None:
    found = board("omar.osei", "F-NLAK-2", period=QUARTER)
    mine = [row for row in found["picture"]["rows"] if row["own"]]
    assert (
        len(mine) == 1
        and mine[0]["label"] == "Lakeside Repairs"
        and mine[0]["low"] < mine[0]["value"] < mine[0]["high"]
    )
    others = [row for row in found["picture"]["rows"] if not row["own"]]
    assert len(others) == len(teams_of("field repair")) - 1
    assert all(row["named"] or (row["label"] == "" and row["low"] is None and row["n"] is None) for row in others)
    assert found["picture"]["standard"] == 0.05 and found["picture"]["typical"] is not None
    assert "Lakeside Repairs:" in found["headline"] and "(17 August – 15 November)" in found["headline"]


def test_no_stranger_is_named_anywhere() -> None:
    """Names of other groups appear in an answer only when they are recognised."""
    store, _ = shared()
    names = dict(store.fetch("SELECT code, name FROM units WHERE level = 'team'"))
    for login in ("omar.osei", "victor.holm", "jonas.moreau"):
        for fields in ({"order": "best"}, {"order": "room_to_grow"}, {}, {"order": "most"}):
            found = ask(login, LATE, by=["team"], period=QUARTER, **fields)
            named = {row["label"] for row in found["picture"]["rows"] if row["named"] or row["own"]}
            text = json.dumps(
                {k: v for k, v in found.items() if k not in ("query", "said", "follow_ups", "definition")}
            )
            assert not [n for c, n in names.items() if n not in named and (f'"{n}"' in text or f'"{c}"' in text)]


def test_places_are_ranges_and_joint(tmp_path: Path) -> None:
    """Acceptance example 2: 6.1 % and 7.4 % of 260 visits is no real difference."""
    teams = teams_of("field repair")
    rows = [r for t in teams[2:] for r in spread(t, 260, 17)]
    store = store_with(tmp_path, LATE, [*spread(teams[0], 260, 16), *spread(teams[1], 260, 19), *rows])
    found = board("omar.osei", "F-NLAK-2", store, period=QUARTER)
    assert any(words in found["headline"] for words in ("Too close to call", "No real differences"))


def test_a_clear_winner_is_named_in_the_first_tier(tmp_path: Path) -> None:
    """Acceptance example 3: 3.0 % of 3,600 visits against a standard of 5 %."""
    teams = [t for t in teams_of("field repair") if t != "F-NLAK-2"]
    rates = [300, 280, 260, 240, 320, 310, 290, 270, 255, 330, 305]
    rows = [r for t, x in zip(teams[1:], rates, strict=False) for r in spread(t, 3600, x)]
    rows += [*spread(teams[0], 3600, 108), *spread("F-NLAK-2", 3600, 250)]
    counters = definitions().metrics[LATE].counter_metrics
    store = store_with(tmp_path, LATE, rows, without=counters)
    found = ask("omar.osei", LATE, store=store, by=["team"], order="best", period=QUARTER)
    assert [row["team"] for row in found["dicts"] if row.get("standing")] == [teams[0]]
    assert "Clearly better than the standard: " in found["headline"]


def test_a_counter_metric_holds_a_name_back(tmp_path: Path) -> None:
    teams = [t for t in teams_of("field repair") if t != "F-NLAK-2"]
    rows = [r for t in [*teams[1:], "F-NLAK-2"] for r in spread(t, 3600, 300)]
    rows += spread(teams[0], 3600, 108)
    first = store_with(tmp_path, LATE, rows, without=definitions().metrics[LATE].counter_metrics[1:])
    bad = [r for t in teams[1:] for r in spread(t, 900, 10)] + spread(teams[0], 900, 200)
    counter = definitions().metrics[LATE].counter_metrics[0]
    store = store_with(tmp_path, counter, bad, source=first)
    found = ask("omar.osei", LATE, store=store, by=["team"], order="best", period=QUARTER)
    assert not [row for row in found["dicts"] if row.get("standing")]
    assert "needs a look first" in " ".join(found["notes"])


def test_all_alike_means_no_places(tmp_path: Path) -> None:
    """Acceptance example 11: without real spread nobody is placed."""
    rows = [r for t in teams_of("field repair") for r in spread(t, 400, 28)]
    found = board("omar.osei", "F-NLAK-2", store_with(tmp_path, LATE, rows), period=QUARTER)
    assert "No real differences in this period" in found["headline"]
    assert not own_row(found, "team", "F-NLAK-2")["place"]
    assert len(found["picture"]["rows"]) > 3


def test_a_hard_mix_is_not_held_against_anybody(tmp_path: Path) -> None:
    """Acceptance example 4: 9 % where 10 % is expected is above typical, whatever the raw list says."""
    teams = teams_of("field repair")
    rows = [r for t in teams[1:] for r in [*spread(t, 1500, 75, mix="easy"), *spread(t, 500, 50, mix="hard")]]
    rows += spread(teams[0], 2000, 180, mix="hard")
    store = store_with(tmp_path, LATE, rows)
    login = store.fetch("SELECT leader FROM units WHERE level = 'team' AND code = ?", [teams[0]])[0][0]
    found = board(login, teams[0], store, period=QUARTER)
    row = own_row(found, "team", teams[0])
    assert row[LATE] == 0.09 and row["fair"] < found["picture"]["typical"]


def test_none_late_in_a_few_visits_is_a_fact_without_a_place(tmp_path: Path) -> None:
    """Acceptance example 1."""
    week = [date(2026, 11, 9) + timedelta(days=i) for i in range(5)]
    rows = [r for t in teams_of("field repair") for r in spread(t, 200, 14)]
    mine = [
        {"day": week[i % 5], "person": "jonas.moreau", "team": "F-EHAR-2", "num": 0.0, "den": 1.0} for i in range(25)
    ]
    rows = [r for r in rows if r["person"] != "jonas.moreau"]
    store = store_with(tmp_path, LATE, [*rows, *mine])
    period = {"from": "2026-11-09", "to": "2026-11-16"}
    found = ask("jonas.moreau", LATE, store=store, about={"person": ["jonas.moreau"]}, period=period)
    assert (found["dicts"][0]["count"], found["dicts"][0]["cases"]) == (0, 25)
    assert "place" not in found["columns"] and "25 visits" in found["headline"]


def test_small_groups_are_withheld_and_so_is_one_more(tmp_path: Path) -> None:
    """Acceptance example 5: of groups of 12, 12 and 4 in an area the small one and another are not shown."""
    store, _ = shared()
    area, teams = next(
        (area, codes.split("|")) for area, codes in store.fetch(
            "SELECT area, string_agg(code, '|') FROM units WHERE level = 'team' AND work = 'field' GROUP BY 1 ORDER BY 1"
        ) if len(codes.split("|")) >= 3
    )  # fmt: skip
    login = store.fetch("SELECT login FROM people WHERE cover_level = 'area' AND cover_codes = ?", [area])
    rows = [r for t in teams[1:] for r in spread(t, 400, 20)]
    few = [{**r, "person": people_of(teams[0])[i % 4]} for i, r in enumerate(spread(teams[0], 100, 5))]
    made = store_with(tmp_path, LATE, [*few, *rows])
    asker = login[0][0] if login else "greta.sato"
    found = ask(asker, LATE, store=made, about={"area": [area]}, by=["job_type", "team"], period=QUARTER)
    if found["outcome"] == "answer":
        shown = {row["team"] for row in found["dicts"] if row[LATE] is not None}
        assert teams[0] not in shown and len(shown) <= len(teams) - 2
    else:
        assert found["outcome"] == "refused"


def test_the_worst_are_not_listed() -> None:
    """Acceptance example 6."""
    found = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, by=["person"], order="room_to_grow", period=QUARTER)
    assert found["outcome"] == "refused" and found["rows"] == []
    assert found["headline"].startswith("This board does not list people who are below the standard.")
    assert found["nearest"]


def test_everyones_late_arrivals_for_a_technician() -> None:
    """Acceptance example 7: own row, the recognised, and dots without names."""
    found = ask("jonas.moreau", LATE, about={"team": ["F-EHAR-2"]}, by=["person"], period=QUARTER)
    assert found["outcome"] == "answer"
    named = {row["person"] for row in found["dicts"]} - {None}
    good = {row["person"] for row in found["dicts"] if row.get("standing")}
    assert "jonas.moreau" in named and named <= {"jonas.moreau"} | good
    assert all(row["label"] == "" or row["own"] or row["named"] for row in found["picture"]["rows"])


def test_an_executive_gets_nobody_by_name() -> None:
    """Acceptance example 8."""
    found = ask("victor.holm", LATE, about={"person": ["jonas.moreau"]}, period=QUARTER)
    assert found["outcome"] == "refused" and found["rows"] == [] and found["sql"] == []


def test_young_installs_are_still_settling() -> None:
    """Acceptance example 9."""
    found = ask("omar.osei", "repeat_install_rate", about={"team": ["F-NLAK-2"]}, period=WEEK)
    note = " ".join(found["notes"])
    assert "still settling" in note and "newest settled week (12–18 October)" in note
    ranked = ask("omar.osei", "repeat_install_rate", by=["team"], order="best", period=QUARTER)
    assert ranked["periods"][0]["to"] == "2026-10-20" and "settled days only" in " ".join(ranked["notes"])


def test_time_per_contact_is_not_ranked() -> None:
    """Acceptance example 10: four other measures are offered."""
    found = ask("goran.popov", "handle_time", by=["team"], order="best", period=MONTH)
    assert found["outcome"] == "refused" and "Time per contact is for planning" in found["headline"]
    offered = {m for one in found["nearest"] for m in one["query"]["metrics"]}
    assert offered & set(definitions().metrics["handle_time"].counter_metrics)


def test_the_company_figure_is_the_same_for_everybody() -> None:
    """Acceptance example 12: to the last digit, for every role, alone and beside one's own."""
    figures = set()
    for login in ("victor.holm", "omar.osei", "jonas.moreau", "lena.fischer"):
        figures.add(ask(login, LATE, period=MONTH)["dicts"][0][LATE])
    figures.add(
        ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, compare=["company"], period=MONTH)["dicts"][0]["company"]
    )
    assert len(figures) == 1


@pytest.mark.parametrize("order", [None, "best", "most"])
def test_people_are_always_in_the_order_of_their_names(order: str | None) -> None:
    """Acceptance example 13: whatever order is asked for."""
    fields = {"order": order} if order else {}
    metric = LATE if order != "most" else "on_my_way_rate"
    found = ask("omar.osei", metric, about={"team": ["F-NLAK-2"]}, by=["person"], period=QUARTER, **fields)
    names = [row["person"] for row in found["table"]["rows"] if row["person"]]
    assert names == sorted(names) and (order or len(names) > 5)


def test_somebody_elses_figures_come_in_whole_blocks() -> None:
    found = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, by=["person"], period=QUARTER)
    start, end = (date.fromisoformat(found["periods"][0][k]) for k in ("from", "to"))
    assert (end - start).days % 28 == 0 and (start - date(2024, 1, 1)).days % 28 == 0
    assert found["query"]["period"] == QUARTER and "four-week blocks" in " ".join(found["notes"])
    assert found["exportable"] is False


def test_own_short_time_is_told_in_counts() -> None:
    found = ask(
        "jonas.moreau", LATE, about={"person": ["jonas.moreau"]}, period={"from": "2026-11-02", "to": "2026-11-16"}
    )
    row = found["dicts"][0]
    assert row[LATE] is None and row["count"] is not None and row["cases"] > 0


def test_a_metric_that_is_not_connected_is_said() -> None:
    at = desk("omar.osei")
    at.shelf.states[LATE] = ("missing", "the visits file")
    try:
        found = at.answer(query(LATE, about={"team": ["F-NLAK-2"]}, period=WEEK)).to_json()
    finally:
        at.shelf.states[LATE] = ("ok", "")
    assert found["outcome"] == "answer" and found["rows"] == []
    assert "the visits file" in found["notes"][0]


def test_before_the_first_day_there_is_an_answer_without_figures() -> None:
    found = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, period={"from": "2020-01-01", "to": "2020-02-01"})
    assert found["outcome"] == "answer" and "nothing held for 1–31 January 2020" in found["headline"]


def begun(login: str, first: date) -> Desk:
    """A desk whose store holds its days as a whole from one on; before it only what changed later."""
    at = desk(login)
    held = replace(at.setting.ground.directory, first_day=first)
    at.setting = replace(at.setting, ground=replace(at.setting.ground, directory=held))
    return at


FIRST = date(2026, 8, 27)
"""A Thursday."""


@pytest.mark.parametrize("more", [{}, {"by": ["team"]}, {"by": ["team"], "order": "best"}], ids=["one", "list", "rank"])
def test_figures_begin_with_the_first_day_that_is_held_as_a_whole(more: dict[str, Any]) -> None:
    """Visits of days before the first files came only because they changed later: no figure counts them."""
    asked, since = (query(LATE, period=span, **more) for span in (QUARTER, {"from": str(FIRST), "to": QUARTER["to"]}))
    found, same = (begun("victor.holm", FIRST).answer(one).to_json() for one in (asked, since))
    assert found["rows"] == same["rows"] != desk("victor.holm").answer(asked).to_json()["rows"]
    assert found["periods"] == same["periods"]
    assert "27 August" in " ".join(found["notes"]) and "27 August" not in " ".join(same["notes"])


def test_a_series_begins_with_the_first_day_that_is_held_as_a_whole() -> None:
    asked = query(LATE, period=QUARTER, grain="week")
    whole, found = (at.answer(asked).to_json()["rows"] for at in (desk("victor.holm"), begun("victor.holm", FIRST)))
    assert found[1:] == [row for row in whole if row[0] > found[0][0]]
    assert found[0][0] == "2026-08-24" and found[0][-1] < next(row[-1] for row in whole if row[0] == found[0][0])


AUGUST = {"period": MONTH, "previous": {"from": "2026-08-01", "to": "2026-09-01"}, "compare": ["previous"]}


def test_an_earlier_time_held_for_the_most_part_is_told_with_its_own_dates() -> None:
    found = begun("victor.holm", date(2026, 8, 10)).answer(query(LATE, **AUGUST)).to_json()
    assert "10–31 August" in found["headline"] and "10 August" in " ".join(found["notes"])
    why = begun("victor.holm", date(2026, 8, 10)).answer(query(LATE, **AUGUST, explain="drivers")).to_json()
    assert why["periods"][1]["from"] == "2026-08-10"


@pytest.mark.parametrize(
    ("metric", "first", "more"),
    [
        (LATE, FIRST, {}),
        (LATE, FIRST, {"by": ["region"], "order": "most_improved"}),
        (LATE, FIRST, {"explain": "drivers"}),
        (LATE, date(2026, 9, 7), {}),
        (LATE, date(2026, 8, 10), {"show": "count"}),
        ("tips_reused", date(2026, 8, 10), {}),
    ],
)
def test_nothing_is_compared_with_a_time_of_which_too_little_is_held(
    metric: str, first: date, more: dict[str, Any]
) -> None:
    found = begun("victor.holm", first).answer(query(metric, **AUGUST, **more)).to_json()
    assert "Not compared with 1–31 August" in found["headline"] and not any("previous" in c for c in found["columns"])
    assert more.get("order") is None or not found.get("rows")


@pytest.mark.parametrize("sunday", [date(2026, 9, 6), date(2026, 9, 27)])
def test_the_first_day_held_gives_no_few_people_away(sunday: date) -> None:
    """All days held less those from Monday on would be the Sunday of three: only one of the two is exact."""
    found = []
    for start in ("2026-08-01", str(sunday + timedelta(days=1))):
        asked = query(LATE, about={"team": ["F-NLAK-1"]}, period={"from": start, "to": QUARTER["to"]})
        found += begun("goran.holm", sunday).answer(asked).to_json()["rows"]
    assert None in [row[1] for row in found] or found[0] == found[1]


def test_drivers_add_up() -> None:
    then = {"from": "2026-09-01", "to": "2026-10-01"}
    found = ask("victor.holm", LATE, explain="drivers", period=MONTH, previous=then, compare=["previous"])
    change = ask("victor.holm", LATE, period=MONTH, previous=then, compare=["previous"])["dicts"][0]["change"]
    first = [row for row in found["dicts"] if row["by"] == found["dicts"][0]["by"]]
    assert abs(sum(row["both"] for row in first) - change) < 1e-9
    assert all(abs(row["mix"] + row["own"] - row["both"]) < 1e-12 for row in first)


def test_a_part_of_a_count_is_of_all_that_the_question_is_about() -> None:
    """The part in a place is of everybody's, that of a kind is of those of the place; of few people it is not told."""
    every = ask("victor.holm", LATE, period=MONTH, show="count")["dicts"][0]["count"]
    north = ask("victor.holm", LATE, period=MONTH, show="count", about={"region": ["North"]})["dicts"][0]["count"]
    part = ask("victor.holm", LATE, period=MONTH, show="share", about={"region": ["North"]})
    assert part["dicts"][0]["cases"] == every and part["dicts"][0]["count"] == north
    assert f"{north:,.0f} of {every:,.0f}" in part["headline"] and " % of all late arrivals" in part["headline"]
    picked: dict[str, Any] = {"about": {"region": ["North"]}, "by": ["job_type"], "where": {"job_type": ["repair"]}}
    kind = ask("victor.holm", LATE, period=MONTH, show="share", **picked)
    assert len(kind["dicts"]) == 1 and kind["dicts"][0]["cases"] == north
    few = ask("omar.osei", LATE, period=MONTH, show="share", **{**picked, "about": {"team": ["F-NLAK-2"]}})
    assert few["outcome"] in ("refused", "answer") and "no figure altogether" not in few["headline"]


def test_the_next_step_is_counted() -> None:
    found = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, explain="next_step", period=QUARTER)
    assert "in the next 4 weeks" in found["next_step"] and found["dicts"][0]["to_go"] >= 1
    quarter = ask(
        "omar.osei", LATE, about={"team": ["F-NLAK-2"]}, explain="next_step", target="top_quarter", period=QUARTER
    )
    assert quarter["dicts"][0]["rung"] in ("top quarter", None)


def test_streak_and_personal_best() -> None:
    streak = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, explain="streak")
    assert "week" in streak["columns"] and streak["picture"]["kind"] == "trend"
    best = ask("jonas.moreau", LATE, about={"person": ["jonas.moreau"]}, explain="personal_best")
    assert "four weeks" in best["headline"]


def test_no_word_that_is_never_said() -> None:
    wording = desk("omar.osei").shelf.wording
    for login, fields in (
        ("omar.osei", {"about": {"team": ["F-NLAK-2"]}, "by": ["team"], "compare": ["others"], "period": QUARTER}),
        ("omar.osei", {"by": ["team"], "order": "room_to_grow", "period": QUARTER}),
        ("victor.holm", {"by": ["area"], "order": "room_to_grow", "period": MONTH}),
        ("jonas.moreau", {"about": {"person": ["jonas.moreau"]}, "explain": "streak"}),
    ):
        found = ask(login, LATE, **fields)
        for text in (found["headline"], *found["notes"]):
            assert wording.forbidden(text) == [], text


def test_several_metrics_have_a_row_each() -> None:
    found = ask("omar.osei", [LATE, "csat"], about={"team": ["F-NLAK-2"]}, period=MONTH)
    assert [row["metric"] for row in found["dicts"]] == [LATE, "csat"]
    assert found["columns"][0] == "metric" and all(row[row["metric"]] is not None for row in found["dicts"])


def test_a_month_of_a_series_is_called_by_its_name() -> None:
    found = desk("victor.holm").answer(query(LATE, period=QUARTER, grain="month"))
    assert "newest month (November 2026)" in found.headline
    assert [cell(row[0], {"key": "month", "kind": "day"}) for row in found.to_json()["rows"]][-1] == "November 2026"


def test_a_figure_that_is_final_the_next_day_says_so_in_the_singular() -> None:
    found = (
        desk("victor.holm")
        .answer(query("theme_share", period={"from": QUARTER["from"], "to": str(TODAY + timedelta(days=1))}))
        .to_json()
    )
    assert "a case is final after 1 day." in " ".join(found["notes"])
