"""Who may ask what: the table of the rules, role by role, and the bank's answers and refusals.

Section 2 (who sees what), a row of the table each: technician `test_a_technician_...`, supervisor
`test_a_supervisor_...`, managers, directors, executives `test_managers_and_above_...`,
`test_other_teams_are_named_only_in_the_line`, analyst, steward, staff representative by their names; KPIs that are
the person's own `test_own_view_only_...`, `test_handle_time_...`; the agreement `test_a_works_agreement_...`; the
same figure for all: test_hostile, test_acceptance (12).

Section 3 (privacy), rule by rule: staff minimum, dominance, second suppression, rounding, customers' minimum
`test_redact`, their numbers in every scope `test_scope`, through the desk on hand-made work `test_guarded`; eight to
be named `test_named`; no differencing `test_without_somebody_...`, `test_picked_people_...`, test_guard, test_guarded,
test_uncounted (desks), test_steps (versions of a running day), test_encourage (picked others), test_hostile (all of
one asker's answers together); no stopwatch `test_a_supervisor_gets_no_span_under_four_weeks_...`,
`test_two_askings_never_differ_by_less_than_a_block`, `test_scope`; no automatic consequence: lists of people are not
exported (test_acceptance 7); told beforehand, looks logged and readable, disputes, opting out: test_state and
test_command; detail older than 13 months goes: test_load_backup, test_store.

Section 4 (words): test_wording. Sections 5-8: test_fair, each number at its edge test_fair_rules; sections 8-9, who is
named: test_named, test_recognition, test_encourage.
"""

from __future__ import annotations

import json
import os
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from queries import catalogue as catalogues
from queries import directory as directories
from queries.periods import Period
from queries.privacy.rights import Refusal, Scope, judge
from queries.query import Having, Query, Values, filter_of
from tests import fakestore

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GS_SHARED", ROOT.parent / "shared"))
TODAY = date(2026, 11, 18)
CATALOGUE = catalogues.load(ROOT / "data" / "companies" / "fernway")
QUARTER = Period(date(2026, 8, 17), date(2026, 11, 16))
WEEK = Period(date(2026, 11, 9), date(2026, 11, 16))


@cache
def people() -> directories.Directory:
    return directories.directory(fakestore.store(company="full", days=7), CATALOGUE)


def verdict(login: str, metric: str = "late_arrival_rate", today: date = TODAY, **fields: Any) -> Scope | Refusal:
    for key in ("about", "where", "peers"):
        if key in fields:
            fields[key] = filter_of({k: v if isinstance(v, Values) else Values.of(*v) for k, v in fields[key].items()})
    fields.setdefault("period", QUARTER)
    viewer = directories.viewer(login, people(), CATALOGUE)
    assert viewer is not None, login
    return judge(Query((metric,), **fields), viewer, CATALOGUE, people(), today)


def refused(login: str, key: str, **fields: Any) -> Refusal:
    found = verdict(login, **fields)
    assert isinstance(found, Refusal), found
    assert found.key == key
    viewer = directories.viewer(login, people(), CATALOGUE)
    assert viewer is not None
    for query in found.instead:
        assert isinstance(judge(query, viewer, CATALOGUE, people(), TODAY), Scope)
    return found


def allowed(login: str, **fields: Any) -> Scope:
    found = verdict(login, **fields)
    assert isinstance(found, Scope), found
    return found


def mate_of(login: str) -> str:
    """Somebody else who works in the same team."""
    place = people().people[login].unit
    mates = (p for p in people().people.values() if p.unit == place and p.role == "frontline")
    return next(p.login for p in mates if p.login != login)


TECHNICIAN, SUPERVISOR, AREA, REGION = "jonas.moreau", "noor.ozturk", "marta.bianchi", "andre.osei"
EXECUTIVE, ANALYST, STEWARD, STAFF = "victor.holm", "nadia.weiss", "greta.sato", "carlos.demir"
EVERYBODY = (TECHNICIAN, SUPERVISOR, AREA, REGION, EXECUTIVE, ANALYST, STEWARD, STAFF)


# --- section 2, row by row ---------------------------------------------------------------------------------------


def test_a_technician_sees_own_figures_of_every_kpi_in_any_span() -> None:
    for metric in CATALOGUE.metrics.values():
        scope = allowed(TECHNICIAN, metric=metric.key, about={"person": [TECHNICIAN]}, period=WEEK)
        assert scope.self_only
    allowed(TECHNICIAN, about={"person": [TECHNICIAN]}, by=("weekday",), grain="day", period=WEEK)


def test_a_technician_sees_the_team_as_own_recognised_and_dots() -> None:
    scope = allowed(TECHNICIAN, about={"team": ["F-EHAR-2"]}, by=("person",))
    naming = scope.naming["person"]
    assert naming.codes == (TECHNICIAN,) and naming.rest == "spread" and not scope.by_value and not scope.places
    assert not scope.logged


def test_a_technician_asking_for_everyone_gets_the_recognised() -> None:
    assert allowed(TECHNICIAN, by=("person",)).naming["person"].rest == "recognised"


def test_nobody_but_the_supervisor_sees_a_person_by_name() -> None:
    mate = mate_of(TECHNICIAN)
    for login in EVERYBODY:
        if login not in (SUPERVISOR, STEWARD):
            refused(login, "person_by_name", about={"person": [mate]})
    scope = allowed(SUPERVISOR, about={"person": [mate]})
    assert mate in scope.naming["person"].codes and scope.logged == (mate,)
    refused("omar.osei", "person_by_name", about={"person": [mate]})


def test_a_refusal_is_the_same_for_people_who_do_not_exist() -> None:
    mate = verdict(TECHNICIAN, about={"person": [mate_of(TECHNICIAN)]})
    nobody = verdict(TECHNICIAN, about={"person": ["no.body"]})
    assert mate == nobody


def test_a_supervisor_sees_own_people_in_whole_sealed_blocks_in_alphabetical_order() -> None:
    scope = allowed(SUPERVISOR, about={"team": ["F-EHAR-2"]}, by=("person",))
    assert TECHNICIAN in scope.naming["person"].codes and scope.naming["person"].rest == "nothing"
    assert not scope.by_value and not scope.places and scope.people_within == ("team", ("F-EHAR-2",))
    assert scope.period is not None and scope.period.days % 28 == 0 and scope.period.end <= date(2026, 11, 8)


def test_two_askings_never_differ_by_less_than_a_block() -> None:
    spans = {
        allowed(SUPERVISOR, about={"person": [TECHNICIAN]}, period=Period(date(2026, 8, d), date(2026, 10, e))).period
        for d in range(1, 31, 2) for e in range(1, 31, 3)
    }  # fmt: skip
    edges = sorted({s.start for s in spans if s} | {s.end for s in spans if s})
    assert all((b - a).days % 28 == 0 for a, b in pairwise(edges))


def test_a_supervisor_gets_no_span_under_four_weeks_but_is_offered_them() -> None:
    refusal = refused(SUPERVISOR, "too_short", about={"person": [TECHNICIAN]}, period=WEEK)
    assert any(q.about == filter_of({"person": Values.of(TECHNICIAN)}) and q.period and q.period.days == 28
               for q in refusal.instead)  # fmt: skip


def test_other_teams_are_named_only_in_the_line() -> None:
    other = {"team": ["F-NLAK-1"]}
    for login in (TECHNICIAN, SUPERVISOR, AREA, EXECUTIVE, ANALYST, STAFF):
        refused(login, "unit_by_name", about=other)
    allowed(REGION, about=other)
    allowed(AREA, about={"team": ["F-EHAR-2"]})
    assert allowed(REGION, about={"region": ["North"]}, by=("team",)).naming["team"].banded


def test_a_list_of_teams_names_the_own_line_and_leaves_the_rest_to_the_spread() -> None:
    naming = allowed(SUPERVISOR, by=("team",), order="best").naming["team"]
    assert naming.codes == ("F-EHAR-2",) and naming.rest == "spread"
    naming = allowed(AREA, by=("team",)).naming["team"]
    assert len(naming.codes) == 5 and naming.rest == "spread"
    assert allowed(EXECUTIVE, by=("team",)).naming["team"].codes == ()


def test_managers_and_above_see_no_people_but_the_recognised() -> None:
    refused(AREA, "person_list", about={"team": ["F-EHAR-2"]}, by=("person",))
    refused(AREA, "person_list", about={"area": ["Harbour"]}, by=("person",))
    refused(REGION, "person_list", about={"region": ["North"]}, by=("person",))
    assert allowed(AREA, by=("person",), order="best").naming["person"].rest == "recognised"
    assert allowed(EXECUTIVE, by=("person",), order="best").naming["person"].rest == "recognised"


def test_areas_regions_and_the_company_are_open_to_all_with_figures() -> None:
    for login in (TECHNICIAN, SUPERVISOR, AREA, REGION, EXECUTIVE, ANALYST):
        for level, code in (("area", "Bay"), ("region", "South")):
            assert allowed(login, about={level: [code]}).naming[level].everyone
        allowed(login, by=("area",), order="room_to_grow")
        allowed(login)


def test_the_analyst_gets_no_list_of_teams_or_people() -> None:
    refused(ANALYST, "units_not_listed", by=("team",))
    refused(ANALYST, "person_list", by=("person",))
    refused(ANALYST, "person_list", by=("person",), order="best")
    allowed(ANALYST, by=("area",))


def test_the_steward_sees_definitions_only() -> None:
    refusal = refused(STEWARD, "no_figures")
    assert [q.explain for q in refusal.instead] == ["definition"]
    allowed(STEWARD, explain="definition")


def test_the_staff_representative_sees_the_company_and_dots() -> None:
    allowed(STAFF)
    assert allowed(STAFF, by=("team",)).naming["team"].rest == "anonymous"
    assert not allowed(STAFF, by=("area",)).naming["area"].everyone
    refused(STAFF, "unit_by_name", about={"area": ["Bay"]})
    refused(STAFF, "person_list", by=("person",), order="best")


# --- people -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", [TECHNICIAN, SUPERVISOR, AREA, REGION, EXECUTIVE])
def test_the_unfavourable_end_is_refused_however_it_is_worded(login: str) -> None:
    team = {"team": ["F-EHAR-2"]} if login in (TECHNICIAN, SUPERVISOR) else {}
    refused(login, "people_least", about=team, by=("person",), order="room_to_grow")
    refused(login, "people_least", about=team, by=("person",), order="most")
    refused(login, "people_least", about=team, by=("person",), order="least", side=("mirror",))
    refused(login, "people_least", about=team, by=("person",), order="most", top=1, show="count")
    for having in (("misses_standard", None), (">", 0.1), (">=", 0.0)):
        threshold = (Having("late_arrival_rate", *having),)
        refused(login, "people_threshold", about=team, by=("person",), having=threshold)


def test_the_good_end_of_people_is_answered() -> None:
    team = {"team": ["F-EHAR-2"]}
    for login in (TECHNICIAN, SUPERVISOR):
        allowed(login, about=team, by=("person",), order="best", top=3)
        allowed(login, about=team, by=("person",), order="least")
        allowed(login, about=team, by=("person",), order="most", side=("mirror",))
        allowed(login, about=team, by=("person",), having=(Having("late_arrival_rate", "meets_standard"),))


def test_other_people_are_never_cut_by_where_by_or_grain() -> None:
    team = {"team": ["F-EHAR-2"]}
    for cut in ({"grain": "week"}, {"by": ("person", "weekday")}, {"where": {"job_type": ["install"]}}):
        fields = {"by": ("person",)} | cut
        refused(SUPERVISOR, "person_cut", about=team, **fields)
        refused(SUPERVISOR, "person_cut", **{**fields, "about": {"person": [TECHNICIAN]}})


def test_without_somebody_is_refused_for_people_and_teams_not_above() -> None:
    without = Values.of(TECHNICIAN, exclude=True)
    refused(TECHNICIAN, "differencing", about={"team": ["F-EHAR-2"]}, where={"person": without})
    refused(SUPERVISOR, "differencing", where={"team": Values.of("F-EHAR-2", exclude=True)})
    allowed(SUPERVISOR, where={"region": Values.of("East", exclude=True)})


def test_picked_people_are_not_summed() -> None:
    mates = sorted(p.login for p in people().people.values() if p.unit == "F-EHAR-2" and p.role == "frontline")
    refused(SUPERVISOR, "hand_picked", about={"person": mates[:-1]})
    refused(TECHNICIAN, "person_by_name", about={"person": [TECHNICIAN, mate_of(TECHNICIAN)]})


def test_own_view_only_kpis_stay_with_the_person() -> None:
    metric = "reopen_rate"
    refused("noor.sorensen", "person_metric", metric=metric, about={"team": ["C-BCAY-1"]}, by=("person",))
    allowed("hana.petrov", metric=metric, about={"person": ["hana.petrov"]})
    about = {"person": ["hana.petrov"]}
    scope = allowed("hana.petrov", metric=metric, about=about, by=("person",), compare=("others",))
    assert scope.naming["person"].rest == "nothing" and not scope.spread


def test_handle_time_is_never_ranked_and_four_measures_are_offered() -> None:
    for fields in (
        {"by": ("person",)}, {"by": ("team",), "order": "best"},
        {"about": {"team": ["C-BCAY-1"]}, "by": ("team",), "compare": ("others",)},
    ):  # fmt: skip
        refusal = refused("noor.sorensen", "context_ranking", metric="handle_time", **fields)
        assert len(refusal.instead[0].metrics) == 4
    allowed("noor.sorensen", metric="handle_time", about={"site": ["Bay Care"]}, by=("queue",))


def test_streak_and_personal_best_are_the_persons_own() -> None:
    for explain in ("streak", "personal_best"):
        allowed(TECHNICIAN, about={"person": [TECHNICIAN]}, explain=explain, period=None)
        refused(SUPERVISOR, "person_private", about={"person": [TECHNICIAN]}, explain=explain, period=None)


def test_own_figures_beside_others_show_dots_without_names() -> None:
    fields: dict[str, Any] = {"about": {"person": [TECHNICIAN]}, "by": ("person",), "compare": ("others",)}
    assert allowed(TECHNICIAN, **fields).naming["person"].rest == "anonymous"
    assert allowed(TECHNICIAN, period=WEEK, **fields).naming["person"].rest == "nothing"


def test_an_edited_address_bar_meets_the_same_judge() -> None:
    assert isinstance(verdict(TECHNICIAN, extra={"rows": "all"}), Refusal)
    assert isinstance(verdict(TECHNICIAN, by=("login",)), Refusal)
    assert isinstance(verdict(TECHNICIAN, where={"person": [mate_of(TECHNICIAN)]}), Refusal)
    assert isinstance(verdict(TECHNICIAN, peers={"person": [mate_of(TECHNICIAN)]}), Refusal)
    assert isinstance(verdict(TECHNICIAN, metric="salary"), Refusal)


def test_a_works_agreement_can_switch_the_person_view() -> None:
    from dataclasses import replace

    def view(setting: dict[str, Any], login: str, about: str) -> Scope | Refusal:
        privacy = {**CATALOGUE.company["privacy"], "person_view": setting}
        company = replace(CATALOGUE, company={**CATALOGUE.company, "privacy": privacy})
        viewer = directories.viewer(login, people(), company)
        assert viewer is not None
        query = Query(("late_arrival_rate",), about=filter_of({"person": Values.of(about)}), period=QUARTER)
        return judge(query, viewer, company, people(), TODAY)

    assert isinstance(view({"all": "self"}, SUPERVISOR, TECHNICIAN), Refusal)
    assert isinstance(view({"all": "self"}, TECHNICIAN, TECHNICIAN), Scope)
    assert isinstance(view({"all": "off"}, TECHNICIAN, TECHNICIAN), Refusal)
    assert isinstance(view({"all": "self_and_supervisor", "region": {"East": "self"}}, SUPERVISOR, TECHNICIAN), Refusal)


# --- the bank ---------------------------------------------------------------------------------------------------


def bank() -> list[dict[str, Any]]:
    path = SHARED / "questions" / "bank.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is missing: the bank's rights are not checked")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_answer_of_the_bank_is_allowed_to_its_asker() -> None:
    checked = 0
    for line in bank():
        expect = line["expect"]
        golds = [expect.get("query") or {}, *expect.get("accept", []), *expect.get("among", [])]
        viewer = directories.viewer(line["as"], people(), CATALOGUE)
        assert viewer is not None
        for gold in golds:
            if gold.get("metrics"):
                found = judge(Query.from_json(gold), viewer, CATALOGUE, people(), date.fromisoformat(line["on"]))
                assert isinstance(found, Scope), (line["id"], line["question"], found)
                checked += 1
    assert checked > 180


LATE, WORST = "late_arrival_rate", "room_to_grow"
REFUSED: dict[str, dict[str, Any]] = {
    "dv-157": {"metrics": ["on_my_way_rate"], "about": {"team": ["F-SBAY-4"]}, "by": ["person"], "order": WORST},
    "dv-162": {"metrics": ["handle_time"], "about": {"team": ["C-BCAY-4"]}, "by": ["person"], "order": "best"},
    "dv-181": {"metrics": ["minutes_late"], "about": {"person": ["kofi.bauer"]}},
    "dv-182": {"metrics": [LATE], "about": {"team": ["F-NLAK-1"]}, "by": ["person"], "order": WORST},
    "dv-183": {"metrics": ["repeat_install_rate"], "by": ["person"], "order": "most", "top": 5},
    "dv-184": {"metrics": ["handle_time"], "by": ["person"], "order": "best"},
    "dv-185": {"metrics": ["total_response_time"], "by": ["person"]},
    "dv-186": {
        "metrics": [LATE], "about": {"team": ["F-EHAR-2"]}, "where": {"person": {"not": ["jonas.moreau"]}},
    },
    "dv-187": {"metrics": ["reopen_rate"], "about": {"person": ["hana.petrov"]}},
    "dv-188": {"metrics": ["late_arrival_rate"], "about": {"area": ["Canyon"]}, "by": ["person"]},
    "dv-189": {
        "metrics": ["quality_score"], "by": ["person"],
        "having": [{"metric": "quality_score", "op": "<", "value": 70}],
    },
    "dv-190": {
        "metrics": ["csat"], "about": {"team": ["C-BCAY-1"]}, "by": ["person"],
        "having": [{"metric": "csat", "op": "<", "value": 0.8}],
    },
}  # fmt: skip


def test_every_refusal_of_the_bank_is_refused_whatever_the_span() -> None:
    lines = {line["id"]: line for line in bank() if line["expect"]["outcome"] == "refused"}
    assert set(lines) == set(REFUSED)
    for key, line in lines.items():
        viewer = directories.viewer(line["as"], people(), CATALOGUE)
        assert viewer is not None
        for period in (None, QUARTER.to_json()):
            query = Query.from_json({**REFUSED[key], "period": period})
            found = judge(query, viewer, CATALOGUE, people(), TODAY)
            assert isinstance(found, Refusal) and 1 <= len(found.instead) <= 3, (key, found)
