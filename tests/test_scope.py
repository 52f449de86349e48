"""What a granted scope demands, number by number, and what no query may hold: sections 2, 3 and 7 of the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from queries import directory as directories
from queries.periods import Period
from queries.privacy.blocks import Blocks
from queries.privacy.rights import Refusal, Scope, judge
from queries.query import Having, Limit, Query, Values
from tests.test_rights import (
    AREA,
    CATALOGUE,
    EXECUTIVE,
    QUARTER,
    REGION,
    SUPERVISOR,
    TECHNICIAN,
    TODAY,
    WEEK,
    allowed,
    people,
    refused,
    verdict,
)  # fmt: skip

TEAM, PLACE = {"team": ["F-EHAR-2"]}, {"area": ["Harbour"]}


# --- the numbers of company.yml ----------------------------------------------------------------------------------


def test_every_answer_about_others_carries_the_minima_of_the_rules() -> None:
    for fields in ({"about": TEAM}, {"by": ("team",)}, {"about": PLACE}, {}):
        scope = allowed(SUPERVISOR, **fields)
        numbers = (scope.people_min, scope.listed_min, scope.round_below, scope.units_min, scope.round_units_from)
        assert numbers == (5, 8, 10, 3, 20) and not scope.self_only


@pytest.mark.parametrize(
    ("fields", "least"),
    [({"by": ("segment",)}, 11), ({"where": {"segment": ["home"]}}, 11), ({"by": ("job_type",)}, 0), ({}, 0),
     ({"metric": "theme_share", "by": ("theme",)}, 11), ({"metric": "over_two_problems_rate", "by": ("area",)}, 11),
     ({"about": {"person": [TECHNICIAN]}, "by": ("segment",)}, 0)],
)  # fmt: skip
def test_customers_have_a_minimum_of_eleven_in_every_break_down(fields: dict[str, Any], least: int) -> None:
    assert allowed(TECHNICIAN, **fields).cases_min == least


def test_two_dimensions_at_once_are_told_whole_or_not() -> None:
    assert allowed(SUPERVISOR, about=TEAM, by=("job_type", "weekday")).all_or_nothing
    assert not allowed(SUPERVISOR, about=TEAM, by=("job_type",)).all_or_nothing
    assert not allowed(SUPERVISOR, about={}, by=("job_type", "area")).all_or_nothing


def test_people_are_counted_where_few_may_be_behind_a_figure() -> None:
    for fields in (
        {"about": TEAM}, {"by": ("team",)},
        {"about": {"area": ["Bay"]}, "period": Period(WEEK.start, WEEK.end - timedelta(days=1))},
        {"about": {"area": ["Bay"]}, "grain": "day"}, {"about": {"area": ["Bay"]}, "by": ("weekday",)},
        {"about": {"area": ["Bay"]}, "grain": "week", "period": Period(WEEK.start - timedelta(days=1), WEEK.end)},
    ):  # fmt: skip
        assert allowed(SUPERVISOR, **fields).count_people, fields
    for fields in ({"about": {"region": ["South"]}, "period": WEEK}, {}, {"about": {"person": [SUPERVISOR]}}):
        assert not allowed(SUPERVISOR, **fields).count_people, fields


def test_places_are_given_only_where_the_metric_is_ranked() -> None:
    assert allowed(SUPERVISOR, by=("team",)).places and allowed(SUPERVISOR, by=("area",)).places
    for metric in ("early_arrival_rate", "minutes_late"):  # no, and a tie-breaker only
        assert not allowed(SUPERVISOR, metric=metric, by=("team",)).places
    assert not allowed("noor.sorensen", metric="escalation_rate", by=("team",)).places, "private to the team"


def test_own_figures_beside_others_name_no_other_group() -> None:
    own = {"about": {"person": [TECHNICIAN]}}
    assert allowed(TECHNICIAN, **own).naming["team"].everyone, "own rows only: whose they are is known"
    assert not allowed(TECHNICIAN, **own, by=("person",), compare=("others",)).naming["team"].everyone


# --- what no query may hold ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [{"grain": "hour"}, {"order": "value"}, {"explain": "why"}, {"show": "rows"}, {"side": ("both",)}, {"top": 0},
     {"compare": ("person",)}, {"having": (Having("late_arrival_rate", "LIKE", 1.0),)}, {"top": 10.5},
     *({"having": (Having("late_arrival_rate", ">", value),)} for value in (None, float("nan"))),
     {"having": (Having("csat", ">", 1.0),)}, {"period": Period(WEEK.end, WEEK.start)}, {"rows": 0}, {"at_least": 0},
     {"previous": Period(WEEK.end, WEEK.end)}, {"rows": 10**6}, {"cases": Limit("LIKE", 1.0)}, {"by": ("login",)}],
    ids=str,
)  # fmt: skip
def test_only_the_words_and_numbers_of_the_contract_are_judged(fields: dict[str, Any]) -> None:
    found = verdict(SUPERVISOR, **fields)
    assert isinstance(found, Refusal) and found.key == "not_held"


def test_single_cases_and_shares_of_a_person_are_never_told() -> None:
    """Also where a company lets single cases be listed: never those of people."""
    metric = CATALOGUE.metrics["late_arrival_rate"]
    raw = {**metric.raw, "facts": {**(metric.raw.get("facts") or {}), "rows": {"value": "minutes", "unit": "minutes"}}}
    listing = replace(metric, raw=raw)
    assert listing.rows
    company = replace(CATALOGUE, metrics={**CATALOGUE.metrics, metric.key: listing})
    viewer = directories.viewer(SUPERVISOR, people(), company)
    assert viewer is not None

    def key(**fields: Any) -> str:
        found = judge(Query((metric.key,), period=QUARTER, **fields), viewer, company, people(), TODAY)
        return found.key if isinstance(found, Refusal) else ""

    assert key(rows=5) == "not_held"
    about = (("person", Values.of(TECHNICIAN)),)
    for fields in ({"show": "share"}, {"cases": Limit(">", 60.0)}, {"at_least": 5}):
        assert key(by=("person",), **fields) == "not_held" and key(about=about, **fields) == "not_held"


# --- people -------------------------------------------------------------------------------------------------------


def test_four_weeks_are_the_shortest_and_so_is_what_is_compared_with() -> None:
    shortest = Period(date(2026, 10, 5), date(2026, 11, 2))
    allowed(SUPERVISOR, about={"person": [TECHNICIAN]}, period=shortest)
    for period, previous in (
        (Period(shortest.start, shortest.end - timedelta(days=1)), None),
        (shortest, Period(shortest.start - timedelta(days=27), shortest.start)),
    ):
        fields = {"period": period, "previous": previous, "compare": ("previous",) if previous else ()}
        refused(SUPERVISOR, "too_short", about={"person": [TECHNICIAN]}, **fields)


def test_what_is_too_short_is_offered_over_four_weeks_with_the_four_before() -> None:
    week, before = Period(date(2026, 11, 9), date(2026, 11, 16)), Period(date(2026, 11, 2), date(2026, 11, 9))
    asked = {"about": TEAM, "by": ("person",), "period": week, "previous": before, "compare": ("previous",)}
    first, second, *_ = refused(SUPERVISOR, "too_short", **asked).instead
    assert first.period == Period(date(2026, 10, 19), date(2026, 11, 16))
    assert first.previous == Period(date(2026, 9, 21), date(2026, 10, 19))
    assert (second.by, second.about, second.compare) == (("person",), first.about, ())
    improved = refused(SUPERVISOR, "too_short", **asked, order="most_improved").instead[0]
    assert (improved.by, improved.about, improved.order) == (("person",), first.about, None)


def test_what_is_compared_with_comes_in_whole_blocks_too() -> None:
    previous = Period(date(2026, 5, 11), date(2026, 8, 10))
    scope = allowed(SUPERVISOR, about=TEAM, by=("person",), compare=("previous",), previous=previous)
    for span in (scope.period, scope.previous):
        assert span is not None and (span.start - Blocks().anchor).days % 28 == 0 and span.days % 28 == 0


def test_a_block_is_told_only_when_it_is_sealed() -> None:
    """A block ends on 1 November: ten days later, and no day earlier."""
    blocks, end = Blocks(), date(2026, 11, 2)
    assert blocks.start(blocks.number(end)) == end
    for days, told in ((9, False), (10, True)):
        today = end + timedelta(days=days)
        assert (blocks.best_fit(Period(date(2026, 10, 5), end), today).end == end) is told
        assert blocks.best_fit(Period(date(2026, 11, 1), date(2026, 12, 31)), today).end <= end


def test_what_moved_is_not_told_of_one_person_nor_most_improved_nor_a_next_step_for_each() -> None:
    """One's own may: with that exception only."""
    about, own = {"person": [TECHNICIAN]}, {"about": {"person": [TECHNICIAN]}}
    refused(SUPERVISOR, "person_cut", about=about, explain="drivers")
    earlier = {"compare": ("previous",), "previous": Period(date(2026, 5, 18), QUARTER.start)}
    refused(SUPERVISOR, "person_private", about=TEAM, by=("person",), order="most_improved", **earlier)
    refused(SUPERVISOR, "person_private", about=TEAM, by=("person",), explain="next_step")
    for explain in ("drivers", "next_step", "streak"):
        allowed(TECHNICIAN, **own, explain=explain)


def test_own_figures_cut_to_a_part_are_beside_nobody() -> None:
    fields: dict[str, Any] = {"about": {"person": [TECHNICIAN]}, "by": ("person",), "compare": ("others",)}
    for cut in ({"where": {"job_type": ["repair"]}}, {"grain": "week"}):
        assert allowed(TECHNICIAN, **fields, **cut).naming["person"].rest == "nothing"


def test_a_list_of_the_best_names_nobody_by_right_but_the_asker() -> None:
    assert allowed(TECHNICIAN, by=("person",), order="best").naming["person"].codes == (TECHNICIAN,)
    elsewhere = allowed(SUPERVISOR, about={"area": ["Lakeside"]}, by=("person",), order="best")
    assert elsewhere.naming["person"].codes == (SUPERVISOR,) and not elsewhere.logged
    assert allowed(SUPERVISOR, about=PLACE, by=("person",), order="best").naming["person"].rest == "recognised"


def test_a_kpi_without_a_good_end_has_no_streak_and_no_next_step() -> None:
    for explain in ("streak", "personal_best", "next_step"):
        refused("noor.sorensen", "context_ranking", metric="handle_time", explain=explain)


def test_who_covers_the_company_has_every_person_in_the_line() -> None:
    from queries.privacy.sees import LINE, OTHERS, Sight

    viewer = directories.viewer(EXECUTIVE, people(), CATALOGUE)
    other = directories.viewer(AREA, people(), CATALOGUE)
    assert viewer and other and REGION
    assert Sight(viewer, CATALOGUE, people()).relation("team", "F-EHAR-2") == LINE
    assert Sight(other, CATALOGUE, people()).relation("team", "F-NLAK-1") == OTHERS


def test_a_scope_without_people_has_no_minimum_of_them() -> None:
    levels = tuple(level for level in CATALOGUE.levels if level.key != "person")
    company = replace(CATALOGUE, levels=levels)
    assert company.person_level is None
    viewer = directories.viewer(EXECUTIVE, people(), CATALOGUE)
    assert viewer is not None
    found = judge(Query(("late_arrival_rate",), by=("area",), period=WEEK), viewer, company, people(), TODAY)
    assert isinstance(found, Scope) and (found.people_min, found.round_below, found.count_people) == (0, 0, False)
