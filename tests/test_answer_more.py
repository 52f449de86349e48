# ruff: noqa: E501
"""Answers, further: any query of any role is answered or refused and never fails; fields, tiers, bands, levers, what is kept."""

from __future__ import annotations

import json
import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pages.parts import tables
from queries.answers import compared
from queries.answers.text import told
from queries.answers.told import few_words
from queries.fairness.fields import field_of
from queries.figures import Figure
from queries.library import RECENT_KEPT
from queries.query import COMPARES, EXPLAINS, GRAINS, OPS, ORDERS, Query
from tests.answer_kit import MONTH, QUARTER, WEEK, ask, definitions, desk, query, shared, store_with, teams_of
from tests.test_answer import LATE, board, own_row, spread

LOGINS = (
    "omar.osei",
    "jonas.moreau",
    "victor.holm",
    "piotr.vargas",
    "andre.osei",
    "ines.laurent",
    "nadia.weiss",
    "greta.sato",
    "carlos.demir",
    "hana.petrov",
)


def random_query(rng: random.Random) -> Query:
    """Any combination of fields, sensible or not, with values that exist."""
    catalogue = definitions()
    metrics = rng.sample(sorted(catalogue.metrics), rng.choice([1, 1, 1, 2]))
    first = catalogue.metrics[metrics[0]]
    keys = [*catalogue.unit_levels, *first.dimensions, "queue"]
    units = {
        "team": ["F-NLAK-2", "F-EHAR-2"],
        "area": ["Lakeside", "Bay"],
        "site": ["Bay Care"],
        "region": ["North"],
        "person": ["jonas.moreau", "kofi.bauer"],
    }
    about = {k: rng.sample(units[k], 1) for k in rng.sample(sorted(units), rng.choice([0, 1, 1, 2]))}
    where: dict[str, Any] = {}
    for key in rng.sample(first.dimensions, min(len(first.dimensions), rng.choice([0, 0, 1]))):
        value = rng.choice(sorted(catalogue.dimensions[key].values) or ["x"])
        where[key] = rng.choice([[value], {"not": [value]}])
    ops = [{"metric": metrics[0], "op": rng.choice(OPS), "value": 0.05}]
    fields = {
        "metrics": metrics, "side": rng.choice(["metric", "mirror"]), "show": rng.choice(["rate", "rate", "count"]), "about": about,
        "by": rng.sample(keys, rng.choice([0, 0, 1, 1, 2])), "where": where, "period": rng.choice([WEEK, MONTH, QUARTER, None]),
        "grain": rng.choice([None, None, None, *GRAINS]), "compare": rng.sample(COMPARES, rng.choice([0, 0, 1, 2])),
        "previous": rng.choice([None, {"from": "2026-09-01", "to": "2026-10-01"}]), "order": rng.choice([None, None, *ORDERS]), "top": rng.choice([None, 3]),
        "peers": rng.choice([{}, {}, {"region": ["North"]}]), "having": rng.choice([[], [], ops]), "explain": rng.choice([None, None, None, *EXPLAINS]),
        "target": rng.choice([None, "standard", "top_quarter", {"place": 3}]),
    }  # fmt: skip
    return Query.from_json(fields)


@pytest.mark.parametrize("seed", range(4))
def test_no_query_fails(seed: int) -> None:
    rng = random.Random(seed)
    outcomes: set[str] = set()
    desks = {login: desk(login) for login in LOGINS}
    for _ in range(60):
        login, asked = rng.choice(LOGINS), random_query(rng)
        try:
            found = desks[login].answer(asked).to_json()
        except Exception as error:
            raise AssertionError((login, asked.to_json())) from error
        assert found["outcome"] in ("answer", "refused") and found["headline"], (login, asked.to_json())
        if found["outcome"] == "refused":
            assert found["rows"] == [] and found["sql"] == []
        json.dumps(found)
        outcomes.add(found["outcome"])
    assert outcomes == {"answer", "refused"}


def test_a_word_that_no_query_has_is_refused() -> None:
    for fields in ({"grain": "fortnight"}, {"order": "worst"}, {"explain": "all"}, {"compare": ["everybody"]}):
        assert ask("victor.holm", LATE, period=MONTH, **fields)["outcome"] == "refused"
    backwards = {"from": "2026-11-01", "to": "2026-10-01"}
    assert ask("victor.holm", LATE, period=backwards)["outcome"] == "refused"


def test_a_break_down_that_the_metric_does_not_have_is_refused() -> None:
    found = ask("victor.holm", LATE, by=["queue"], period=MONTH)
    assert found["outcome"] == "refused" and "Late arrivals" in found["headline"]


def test_the_others_are_of_the_same_kind_and_the_place_narrows_them() -> None:
    at = desk("omar.osei")
    own = query(LATE, about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"], period=MONTH)
    field, widened = field_of(own, "team", at.shelf, at.viewer)
    assert field.kinds == ("field repair",) and field.places == () and not widened
    narrow = query(
        LATE, about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"], peers={"area": ["Lakeside"]}, period=MONTH
    )
    field, widened = field_of(narrow, "team", at.shelf, at.viewer)
    assert widened and field.places == ()
    found = at.answer(narrow)
    assert "fewer than three others" in " ".join(found.notes)


def test_top_answers_the_whole_tier(tmp_path: Path) -> None:
    """'Top 1' among equals names all who share the tier, in the order of their names."""
    teams = [t for t in teams_of("field repair") if t != "F-NLAK-2"]
    rates = dict.fromkeys(teams, 200) | {teams[3]: 60, teams[1]: 62}
    rows = [r for t, x in rates.items() for r in spread(t, 2000, x)] + spread("F-NLAK-2", 2000, 210)
    store = store_with(tmp_path, LATE, rows, without=definitions().metrics[LATE].counter_metrics)
    found = ask("omar.osei", LATE, store=store, by=["team"], order="best", top=1, period=QUARTER)
    named = [row["team"] for row in found["dicts"] if row.get("standing")]
    assert set(named) <= {teams[1], teams[3]} and named
    assert own_row(found, "team", "F-NLAK-2")["own" if "own" in found["columns"] else LATE] is not None


def test_a_regional_director_sees_groups_not_an_order() -> None:
    found = ask("andre.osei", LATE, by=["team"], period=QUARTER)
    bands = [row["standing"] for row in found["dicts"] if row["team"]]
    order = ["doing well", "about as expected", "would welcome help"]
    assert bands and bands == sorted(bands, key=order.index)
    assert not any(row["place"] for row in found["dicts"])


def test_the_order_of_areas_is_open_to_all() -> None:
    best = [row["area"] for row in ask("jonas.moreau", LATE, by=["area"], order="best", period=QUARTER)["dicts"]]
    other = [
        row["area"] for row in ask("jonas.moreau", LATE, by=["area"], order="room_to_grow", period=QUARTER)["dicts"]
    ]
    assert best == other[::-1] and len(best) > 5


def test_two_ends_that_read_alike_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {"by": ["area"], "order": "best", "period": QUARTER}
    assert "By the fair number" in ask("jonas.moreau", LATE, **asked)["headline"]
    monkeypatch.setattr(compared, "value_text", lambda metric, side, value: "7.3 %")
    said = ask("jonas.moreau", LATE, **asked)["headline"]
    assert "By the fair number they are all at 7.3 %." in said and "to 7.3 %" not in said


def test_what_helps_most_is_told_to_those_behind(tmp_path: Path) -> None:
    rows = [r for t in teams_of("field repair") if t != "F-NLAK-2" for r in spread(t, 800, 40 + len(t))]
    rows += [r | {"part_of_day": "morning"} for r in spread("F-NLAK-2", 400, 10)]
    rows += [r | {"part_of_day": "afternoon"} for r in spread("F-NLAK-2", 400, 150)]
    rows = [{"part_of_day": ("morning", "afternoon")[i % 2], **r} for i, r in enumerate(rows)]
    found = board("omar.osei", "F-NLAK-2", store_with(tmp_path, LATE, rows), period=QUARTER)
    assert "What helps most right now: afternoon (" in found["headline"]


def test_the_second_default_period_stands_beside_the_first() -> None:
    found = desk("omar.osei").ask("my team's late arrivals").to_json()
    assert "in the last 13 weeks (17 August – 15 November): " in found["headline"].lower().replace(
        "august", "August"
    ).replace("november", "November")
    said = desk("omar.osei").ask("my team's late arrivals last week").to_json()
    assert len(said["periods"]) == 1


def test_a_time_that_has_hardly_begun_is_drawn_over_the_second_default_period() -> None:
    """One point is no line: on a Monday the picture is that of the weeks before, and the figures stay those asked for."""
    of_monday = desk("omar.osei", on=date(2026, 11, 16))
    found = of_monday.ask("my team's late arrivals by week").to_json()
    assert found["query"]["period"] == {"from": "2026-11-16", "to": "2026-11-17"}
    assert "In the last 13 weeks (17 August – 15 November), as drawn: " in found["headline"]
    (line,) = found["picture"]["series"]
    assert len(line["rows"]) == 13 and line["rows"][0]["date"] == "2026-08-17"
    days = of_monday.ask("late arrivals by weekday for north").to_json()["picture"]["rows"]
    assert len(days) >= 5
    months = of_monday.ask("my team's late arrivals by month this year").to_json()
    assert len(months["periods"]) == 1 and "13 weeks" not in months["headline"]


def test_a_fair_number_that_turns_the_plain_one_round_is_told_however_close(tmp_path: Path) -> None:
    """Ahead by the plain figure and asked for fewer late ones: the sentence says why, easy work."""
    rows = []
    for number, team in enumerate(t for t in teams_of("field repair") if t != "F-NLAK-2"):
        rows += spread(team, 400, 4 + 4 * (number % 4), mix="easy") + spread(team, 400, 30 + 6 * (number % 4), mix="hard")
    rows += spread("F-NLAK-2", 360, 18, mix="easy") + spread("F-NLAK-2", 40, 5, mix="hard")
    found = board("omar.osei", "F-NLAK-2", store_with(tmp_path, LATE, rows), period=QUARTER)
    assert "Others like it: 6.0 %. " in found["headline"]
    assert "With everybody's mix of work that is 6.8 % against 5.9 %. Too close to call." in found["headline"]


def test_small_numbers_stay_small_within_a_sentence(tmp_path: Path) -> None:
    """One late of six is told as that, never as 16.7 %; a list does not end in a part of few cases."""
    store, kept = shared()
    person = next(p.login for p in kept.shelf(store).directory.people.values() if p.unit == "F-NLAK-2")
    days = ask(person, LATE, about={"person": [person]}, period=WEEK, grain="day")
    assert re.search(r": \d+ of \d+ altogether; newest day \([^)]*\): \d+ of \d+\.$", days["headline"])
    parts = {"morning": (300, 10), "afternoon": (300, 60), "evening": (6, 6)}
    rows = [row | {"part_of_day": part} for part, (n, late) in parts.items() for row in spread("F-NLAK-2", n, late)]
    some = store_with(tmp_path, LATE, rows)
    found = ask(person, LATE, store=some, about={"person": [person]}, by=["part_of_day"], period=QUARTER)
    assert len(found["dicts"]) == 3 and re.search(r"From [\d.]+ % \(morning\) to [\d.]+ % \(afternoon\)", found["headline"])


def test_what_is_rounded_reads_so_in_every_table() -> None:
    """A small group's 8 % is no 8.0 %; a figure with its counts keeps its decimal."""
    day = {"from": "2026-10-31", "to": "2026-11-01"}
    small = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, period=MONTH)
    (value, count, cases), = small["rows"]
    assert (count, cases) == (None, None) and f"{value * 100:.0f} %" in small["headline"]
    assert f" {value * 100:.0f} %  " in told(small) and tables.short(small)[1][0][0] == f"{value * 100:.0f} %"
    large = ask("victor.holm", LATE, period=day)
    assert f"{large['rows'][0][0] * 100:.1f} %" in told(large)


def test_the_newest_of_a_series_is_a_settled_one_where_there_is_one() -> None:
    """A month of which half the repairs may still fail again looks good, and is no news."""
    found = ask("victor.holm", "first_time_fix_rate", grain="month", period={"from": "2026-08-01", "to": "2026-11-18"})
    september = next(row for row in found["dicts"] if str(row["month"]) == "2026-09-01")
    value = f"{september['first_time_fix_rate'] * 100:.1f} %"
    assert found["headline"].endswith(f"newest settled month (September 2026): {value}.")
    late = ask("victor.holm", LATE, grain="month", period={"from": "2026-08-01", "to": "2026-11-18"})
    assert "; newest month (November 2026): " in late["headline"]


def test_themes_are_listed_by_their_share_and_never_added_up() -> None:
    asked = {"period": MONTH, "compare": ["previous", "company"], "previous": {"from": "2026-09-01", "to": "2026-10-01"}}
    found = ask("victor.holm", "theme_share", about={"region": ["North"]}, by=["theme"], **asked)
    shares = [row["theme_share"] for row in found["dicts"]]
    assert len(shares) > 3 and shares == sorted(shares, reverse=True)
    told = [float(x) for x in re.findall(r"([\d.]+) %", found["headline"])]
    assert sorted(told, reverse=True) == [round(shares[0] * 100, 1), round(shares[-1] * 100, 1)]
    whole = {r["theme"]: r["theme_share"] for r in ask("victor.holm", "theme_share", by=["theme"], period=MONTH)["dicts"]}
    assert {row["theme"]: row["company"] for row in found["dicts"]} == whole
    one = ask("victor.holm", "theme_share", by=["theme"], where={"theme": [found["dicts"][0]["theme"]]}, period=MONTH)
    assert one["headline"].endswith(f"({whole[found['dicts'][0]['theme']] * 100:.1f} %).")


def test_a_list_that_nobody_comes_into_says_so() -> None:
    having = [{"metric": LATE, "op": ">", "value": 0.99}]
    found = ask("victor.holm", LATE, by=["area"], having=having, period=MONTH)
    assert found["outcome"] == "answer" and not found["dicts"]
    assert found["headline"].endswith("None of them comes to what was asked for.")


def test_a_number_of_cases_is_held_against_cases() -> None:
    everything = ask("victor.holm", LATE, by=["area"], show="count", period=MONTH)["dicts"]
    counts = sorted(row["count"] for row in everything)
    bar = counts[len(counts) // 2]
    having = [{"metric": LATE, "op": ">", "value": bar}]
    found = ask("victor.holm", LATE, by=["area"], show="count", having=having, period=MONTH)
    assert sorted(row["count"] for row in found["dicts"]) == [n for n in counts if n > bar]


def test_a_kept_result_is_the_same() -> None:
    first = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"], period=QUARTER)
    again = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"], period=QUARTER)
    assert (first["rows"], first["headline"], first["picture"]) == (again["rows"], again["headline"], again["picture"])
    _, kept = shared()
    shelf = next(iter(kept._shelves.values()))
    for number in range(RECENT_KEPT + 200):
        shelf.recent(("test", number), lambda: 1)
    assert len(shelf._recent) <= RECENT_KEPT


def test_two_viewers_of_one_store_do_not_see_each_others_answers() -> None:
    mine = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, period=MONTH)
    other = ask("goran.holm", LATE, about={"team": ["F-NLAK-2"]}, period=MONTH)
    assert mine["outcome"] == "answer" and other["outcome"] == "refused"


def test_the_salt_is_never_shown() -> None:
    at = desk("omar.osei")
    found = at.answer(
        query(LATE, about={"team": ["F-NLAK-2"]}, by=["team"], compare=["others"], period=QUARTER)
    ).to_json()
    assert at.shelf.salt not in json.dumps(found)
    tokens = set(at.shelf.codes("team"))
    assert not [t for t in tokens if t in json.dumps(found)]


def test_a_cause_that_only_the_late_ones_have_is_told_in_counts_and_moves_nothing() -> None:
    """A rate inside such a cell would always be 100 %."""
    by_cause = ask("victor.holm", LATE, by=("cause",), period=MONTH)
    assert "count" in by_cause["columns"] and LATE not in by_cause["columns"]
    assert by_cause["dicts"] and all(row["count"] > 0 for row in by_cause["dicts"])
    moved = ask("victor.holm", LATE, explain="drivers", period=MONTH)
    assert moved["dicts"] and "cause" not in {row["by"] for row in moved["dicts"]}


def test_how_many_of_a_rounded_month_is_told_in_whole_percent_and_not_as_none() -> None:
    """A month that ends before a thin day: no count, and never "no late arrivals"."""
    found = ask("omar.osei", LATE, about={"team": ["F-NLAK-2"]}, show="count", period=MONTH, where={"weekday": ["mon"]})
    if found["outcome"] == "answer" and found["dicts"][0]["count"] is None:
        assert "no late arrivals" not in found["headline"] and "%" in found["headline"]
    one = Figure(0.07, None, None, 900)
    assert "no late" not in few_words("A", definitions().metrics[LATE], "metric", one, desk("omar.osei").setting)


def test_counts_beside_earlier_counts_stay_counts_and_rates_move_by_points() -> None:
    last = {"period": MONTH, "compare": ("previous",), "previous": {"from": "2026-09-01", "to": "2026-10-01"}}
    counted = ask("victor.holm", LATE, show="count", by=("region",), **last)
    whole = counted["dicts"][0]
    assert whole["change"] == whole["count"] - whole["previous"]
    kinds = {c["key"]: c["kind"] for c in counted["table"]["columns"]}
    assert (kinds["previous"], kinds["change"]) == ("count", "count")
    assert "%" not in "".join(text for row in tables.short(counted)[1] for text in row[4:])
    rated = ask("victor.holm", LATE, by=("region",), **last)
    titles, rows, _ = tables.short(rated)
    assert all(row[titles.index("change")].endswith(" points") for row in rows)
    assert " points" in told(rated)
    at, first = tables.cells(rated)[0].index("change, points"), rated["dicts"][0]
    assert tables.cells(rated)[1][0][at] == pytest.approx(100 * first["change"], abs=1e-3)
