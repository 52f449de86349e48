"""Small groups' figures through the desk, on hand-made work: no span, cell or restriction singles out a few people.

The team of the asker has twelve people at work from Monday to Saturday and four of them, in turn, on Sundays; two do
all collections, six take turns at moves. In one week hardly anybody worked. Each test is one rule of section 3.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from queries.answers.answer import Answer
from queries.answers.shown import read_value
from queries.answers.tables import table
from queries.fairness.board import Standing
from queries.figures import Figure
from queries.privacy.redact import ROUNDED, SHOWN
from queries.query import Query
from tests import ministore
from tests.ministore import Done
from tests.test_acceptance import CATALOGUE, LATE, TODAY, answer, company, people
from tests.test_encourage import setting

FIRST = date(2026, 7, 20)
WEEK, THIN_WEEK = {"from": "2026-11-09", "to": "2026-11-16"}, {"from": "2026-10-26", "to": "2026-11-02"}
TO_SATURDAY = {"from": "2026-11-09", "to": "2026-11-15"}
AREA, PLACE = {"area": ["Lakeside"]}, {"area": ["Port City"]}


@cache
def store() -> Any:
    staff, rows = people(), []
    for i in range((TODAY - FIRST).days + 1):
        day = FIRST + timedelta(days=i)
        thin = THIN_WEEK["from"] <= str(day) < THIN_WEEK["to"]
        rows += [Done(day, p, t, n, n // 3, job_type=k) for t, who, n, k in _of_a_day(staff, day, thin) for p in who]
    return ministore.store(LATE, rows)


def _of_a_day(staff: dict[str, list[str]], day: date, thin: bool) -> list[tuple[str, list[str], int, str]]:
    own, beside, turn = staff["F-NLAK-2"], staff["F-NLAK-1"], day.toordinal()
    found = [(t, staff[t][: 4 if thin and t.startswith("F-NPCIT") else None], 15, "repair")
             for t in ("F-NPCIT-1", "F-NHIG-2", "F-WORC-2", "F-SOTOW-2")]  # fmt: skip
    if not thin:
        found.append(("F-NPCIT-2", staff["F-NPCIT-2"], 3, "repair"))
    if day.weekday() == 6:
        sunday = [own[(turn // 7 * 4 + k) % 12] for k in range(4)]
        return found if thin else [*found, ("F-NLAK-2", sunday, 15, "repair")]
    saturday = day.weekday() == 5
    found.append(("F-NLAK-2", own[: 3 if thin and saturday else 12], 6 if saturday else 3, "repair"))
    if not saturday:
        found += [
            ("F-NLAK-2", own[12:14], 1, "collect"), ("F-NLAK-2", own[: 3 if thin else 10], 2, "install"),
            ("F-NLAK-2", [own[6 + (2 * turn + k) % 6] for k in (0, 1)], 2, "move"),
            ("F-NLAK-1", beside, 3, "install"), ("F-NLAK-1", [beside[(2 * turn + k) % 6] for k in (0, 1)], 2, "move"),
            ("F-NLAK-4", staff["F-NLAK-4"], 2, "repair"),
        ]  # fmt: skip
    return found


def asked(login: str = "omar.osei", **fields: Any) -> Answer:
    return answer(login, store(), **{"about": {"team": ["F-NLAK-2"]}, "period": WEEK} | fields)


def span(found: Answer) -> tuple[str, str]:
    assert found.outcome == "answer", found.headline
    return str(found.periods[0][1].start), str(found.periods[0][1].end)


def cases(found: Answer, key: str) -> dict[Any, Any]:
    """Cases of each row by one of its keys; None where it is told in whole percent."""
    return {row[key]: row["cases"] for row in found.rows}


# --- spans --------------------------------------------------------------------------------------------------------


def test_a_span_that_leaves_out_a_thin_day_takes_it_in_for_a_team_and_for_a_place() -> None:
    busy = {"from": "2026-11-10", "to": "2026-11-13"}
    for about in ({"team": ["F-NLAK-2"]}, AREA):
        assert span(asked(about=about, period=TO_SATURDAY)) == (WEEK["from"], WEEK["to"])
        assert span(asked(about=about, period=busy)) == (busy["from"], busy["to"])


def test_a_week_that_ends_in_an_unforeseen_thin_day_is_in_whole_percent() -> None:
    found = asked(period=THIN_WEEK)
    assert found.rows[0]["cases"] is None and found.rows[0][LATE] == round(found.rows[0][LATE], 2)
    assert asked().rows[0]["cases"] is not None


def test_months_beside_a_thin_day_are_in_whole_percent_weeks_are_not() -> None:
    october = {"from": "2026-10-01", "to": "2026-11-01"}
    assert set(cases(asked(period=october, grain="month"), "month").values()) == {None}, "1 November is a Sunday"
    three = cases(asked(period={"from": "2026-09-01", "to": "2026-11-09"}, grain="month"), "month")
    assert [three[date(2026, m, 1)] is None for m in (9, 10, 11)] == [False, True, True], "whose edges are exact"
    weeks = asked(period={"from": "2026-08-31", "to": "2026-09-28"}, grain="week")
    assert None not in cases(weeks, "week").values()


def test_a_thin_day_of_a_series_is_told_with_the_one_before_or_not_at_all() -> None:
    for about in ({"team": ["F-NLAK-2"]}, AREA):
        days = {str(day) for day in cases(asked(about=about, grain="day"), "day")}
        assert days and not days & {"2026-11-14", "2026-11-15"}


def test_thin_weekdays_are_withheld_for_weeks_and_rounded_over_a_block() -> None:
    for end in ("2026-10-26", "2026-11-16"):  # the second one begins beside the week in which few worked
        two = {"from": str(date.fromisoformat(end) - timedelta(days=14)), "to": end}
        found = asked(by=["weekday"], period=two)
        assert found.outcome == "refused" or not {"sat", "sun"} & set(cases(found, "weekday")), end
    found = cases(asked(by=["weekday"], period={"from": "2026-09-21", "to": "2026-10-19"}), "weekday")
    assert found["sun"] is None and found["sat"] is None and found["mon"] is not None


def test_all_but_a_thin_weekday_is_refused_for_weeks_and_rounded_over_a_block() -> None:
    where = {"weekday": {"not": ["sun"]}}
    assert asked(where=where, period={"from": "2026-11-02", "to": "2026-11-16"}).outcome == "refused"
    found = asked(where=where, period={"from": "2026-09-21", "to": "2026-10-19"})
    assert found.outcome == "refused" or found.rows[0]["cases"] is None


def test_beside_others_a_span_with_a_thin_edge_is_in_whole_percent() -> None:
    for period, exact in ((TO_SATURDAY, False), (WEEK, True)):
        own = next(r for r in asked(by=["team"], compare=["others"], period=period).rows if r.get("own"))
        assert (own["cases"] is not None) is exact


# --- cells --------------------------------------------------------------------------------------------------------


def test_two_people_and_the_next_smallest_are_withheld_and_the_whole_is_not_beside() -> None:
    for about in ({"team": ["F-NLAK-2"]}, {"region": ["North"]}):
        assert set(cases(asked(by=["job_type"], about=about), "job_type")) == {"install", "repair"}, about
        query = Query.from_json({"metrics": [LATE], "about": about, "by": ["job_type"], "period": WEEK})
        at = setting("omar.osei", store())
        assert table(query, at.ground.catalogue.metrics[LATE], at).whole is None


@pytest.mark.parametrize(
    ("where", "told"),
    [(["move"], False), (["install", "move"], False), ({"not": ["collect"]}, False), (["collect", "install"], False),
     (["install", "repair"], True), (["collect", "move"], True)],
)  # fmt: skip
def test_a_part_asked_for_alone_is_told_as_beside_its_siblings(where: Any, told: bool) -> None:
    """Moves are done by six: enough, but the whole, installs and repairs together would leave the two who collect."""
    assert (asked(where={"job_type": where}).outcome == "answer") is told


def test_a_cell_whose_days_have_a_few_people_is_not_cut_within_a_week() -> None:
    cut = {"from": "2026-11-10", "to": "2026-11-13"}
    about = {"team": ["F-NLAK-1"]}
    assert "move" in cases(asked("goran.holm", about=about, by=["job_type"]), "job_type")
    found = asked("goran.holm", about=about, by=["job_type"], period=cut)
    assert "move" not in {row.get("job_type") for row in found.rows}


def test_a_break_down_over_a_span_with_a_thin_edge_is_in_whole_percent() -> None:
    found = asked(by=["job_type"], period=TO_SATURDAY)
    assert found.outcome == "refused" or set(cases(found, "job_type").values()) <= {None}


def test_what_moved_is_not_split_into_cells_whose_cases_are_not_told() -> None:
    before = {"compare": ["previous"], "previous": {"from": "2026-11-02", "to": "2026-11-09"}, "explain": "drivers"}
    assert asked("kwame.larsen", about={"team": ["F-NLAK-4"]}, **before).rows == (), "eight people: whole percent"
    assert asked(about={"region": ["West"]}, **before).rows


def test_what_was_withheld_before_is_not_told_beside_what_is_shown_now() -> None:
    found = asked(by=["job_type"], period={"from": "2026-11-02", "to": "2026-11-09"}, compare=["previous"],
                  previous=THIN_WEEK)  # fmt: skip
    before = {row["job_type"]: row["previous"] for row in found.rows}
    assert "install" in before and before["install"] is None


# --- places -------------------------------------------------------------------------------------------------------


def test_a_place_with_one_other_group_is_in_whole_percent_for_the_group_beside_it() -> None:
    assert asked("goran.greco", about=PLACE).rows[0]["cases"] is None
    assert asked(about=PLACE).rows[0]["cases"] is not None
    listed = asked("goran.greco", about={}, by=["area"])
    assert cases(listed, "area")["Port City"] is None and cases(listed, "area")["Highlands"] is not None


def test_a_few_in_a_place_are_counted_over_days_and_where_its_staff_is_small() -> None:
    sunday = {"from": "2026-11-15", "to": "2026-11-16"}
    found = asked(about={}, by=["area"], period=sunday)
    assert "Lakeside" not in cases(found, "area") and "Port City" in cases(found, "area")
    assert "Port City" not in cases(asked(about={}, by=["area"], period=THIN_WEEK), "area")
    cut = asked(about=AREA, grain="week", period={"from": "2026-11-08", "to": "2026-11-16"})
    assert "2026-11-02" not in {str(week) for week in cases(cut, "week")}


def test_a_team_of_which_three_worked_has_no_figure() -> None:
    found = asked(period={"from": "2026-10-31", "to": "2026-11-01"})
    assert found.outcome == "refused" or span(found) != ("2026-10-31", "2026-11-01")


# --- thresholds ---------------------------------------------------------------------------------------------------


def test_a_threshold_finds_no_more_than_is_shown() -> None:
    """Asked with one bar after the other: a group of eight stays in whole percent, and so do its cases."""
    about = {"team": ["F-NLAK-4"]}
    for fields in ({"by": ["team"]}, {"by": ["team"], "compare": ["others"]}, {"by": ["job_type"]}):
        shown = asked("kwame.larsen", about=about, **fields).rows[0]
        assert shown["cases"] is None and shown[LATE] == round(shown[LATE], 2), fields
        for bar in (shown[LATE] - 0.004, shown[LATE] - 0.002, shown[LATE], shown[LATE] + 0.002, shown[LATE] + 0.004):
            having = [{"metric": LATE, "op": ">=", "value": bar}]
            rows = [r for r in asked("kwame.larsen", about=about, having=having, **fields).rows if r["cases"] is None]
            assert bool([r for r in rows if r.get(LATE) == shown[LATE]]) is (shown[LATE] >= bar), (fields, bar)
    bars = (1, 50, 79, 80, 81, 500)
    kept = {len(asked("kwame.larsen", about=about, by=["job_type"], at_least=bar).rows) for bar in bars}
    assert len(kept) == 1


def test_what_is_no_rate_is_told_in_two_digits_of_a_small_group_beside_others() -> None:
    one = Standing("a", "t", True, Figure(24.53, None, 80.0, 80))
    for verdict, told in ((ROUNDED, 25.0), (SHOWN, 24.53)):
        board = SimpleNamespace(metric=CATALOGUE.metrics["minutes_late"], side="metric")
        seen = SimpleNamespace(people=False, verdicts={"t": verdict}, found=board, exact=lambda one: True)
        assert read_value(one, seen) == told  # type: ignore[arg-type]


def test_a_recognised_group_is_told_and_found_to_three_digits_only() -> None:
    rates = {team: (3600, 250 + 3 * i) for i, team in enumerate(people()) if team.startswith("F-")}
    held = company(rates | {"F-NLAK-2": (3600, 109)}, date(2026, 8, 17), 91, (3600, 250))
    best = {"by": ["team"], "order": "best", "period": {"from": "2026-08-17", "to": "2026-11-16"}}
    row = next(r for r in answer("goran.greco", held, **best).rows if r.get("team") == "F-NLAK-2")
    assert row["cases"] is None and row[LATE] == 0.03, "109 of 3,600 are 0.0303"
    for bar, there in ((0.03, True), (0.0299, False)):
        found = answer("goran.greco", held, **best, having=[{"metric": LATE, "op": "<=", "value": bar}])
        assert ("F-NLAK-2" in {r.get("team") for r in found.rows}) is there, bar
