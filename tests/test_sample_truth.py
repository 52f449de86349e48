"""What lies behind the sample's files: rates near the catalogue's, areas and people that differ, planted stories."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from data.sample import codes, company, field, out_people, tickets, traps, truth, world
from data.sample.base import DAY, Arr, day_no, local, midnight
from data.sample.world import World

ANCHOR = date(2026, 11, 18)
FIRST, LAST = date(2026, 10, 26), date(2026, 11, 15)


@pytest.fixture(scope="module")
def demo() -> World:
    return world.make("demo", 7, day_no(ANCHOR), customers=300_000)


@pytest.fixture(scope="module")
def visits(demo: World) -> dict[str, Arr]:
    return truth.frame(demo, "visits", FIRST, LAST)


@pytest.fixture(scope="module")
def contacts(demo: World) -> dict[str, Arr]:
    return truth.frame(demo, "contacts", FIRST, LAST)


def test_late_share_is_the_catalogues_and_follows_density(demo: World, visits: dict[str, Arr]) -> None:
    assert 0.058 < truth.late_share(demo, FIRST, LAST) < 0.085
    density = np.array([p.density for p in demo.places])[visits["area"]]
    late = {d: visits["late"][density == d].mean() for d in ("suburban", "rural", "metro")}
    assert late["suburban"] < late["metro"] < late["rural"] * 1.25
    evening = local(visits["ws"], visits["zone"]) % DAY >= 15 * 3600
    assert visits["late"][evening].mean() > 1.5 * visits["late"][~evening].mean()


def test_missed_early_and_heads_up(visits: dict[str, Arr]) -> None:
    due = ~np.isin(visits["status"], (codes.CUST_CANCEL, codes.WEATHER, codes.EARLY_CANCEL))
    missed = np.isin(visits["status"], (codes.NOSHOW, codes.COMP_CANCEL))[due].mean()
    there = visits["arrive"] >= 0
    early = ((visits["arrive"] < visits["ws"] - 600) & there)[due].mean()
    told = ((visits["omw_auto"] | visits["omw_own"]) & ~visits["quiet"])[there].mean()
    assert 0.009 < missed < 0.019 and 0.035 < early < 0.065 and 0.70 < told < 0.86


def test_nobody_is_in_two_places(visits: dict[str, Arr]) -> None:
    order = np.lexsort((visits["arrive"], visits["who"], visits["day"]))
    v = {k: visits[k][order] for k in ("who", "day", "arrive", "finish")}
    same = (v["who"][1:] == v["who"][:-1]) & (v["day"][1:] == v["day"][:-1]) & (v["arrive"][:-1] >= 0)
    assert (v["arrive"][1:][same] >= v["finish"][:-1][same]).all()
    assert same.sum() > 10_000


def test_repeats_and_fixes(demo: World) -> None:
    jobs = truth.frame(demo, "jobs", FIRST - timedelta(days=40), LAST)
    done = jobs["status"] == codes.DONE
    install = done & (jobs["job"] == codes.INSTALL)
    repair = done & (jobs["job"] == codes.REPAIR) & (jobs["fault"] != 7)
    assert 0.085 < (jobs["back"] == codes.AGAIN)[install].mean() < 0.135
    assert 0.69 < 1 - np.isin(jobs["back"], (codes.PART, codes.MORE, codes.AGAIN))[repair].mean() < 0.81
    back = np.isin(jobs["back"], (codes.AGAIN,))
    assert jobs["after"][back].min() >= 1 and jobs["after"][back].max() <= 31


def test_causes_of_lateness_are_all_there(visits: dict[str, Arr]) -> None:
    late = visits["late"] & (visits["who"] >= 0)
    share = np.bincount(visits["cause"][late], minlength=6) / late.sum()
    assert (share[1:] > [0.08, 0.05, 0.005, 0.2, 0.05]).all() and share[codes.NONE] < 0.2
    first = visits["k"] == 0
    assert not (late & first & (visits["cause"] == codes.BEFORE)).any()


def test_contacts(demo: World, contacts: dict[str, Arr]) -> None:
    own = contacts["pid"] >= 0
    cold = (contacts["transfer"] == 1)[own].mean()
    minutes = ((contacts["talk"] + contacts["hold"] + contacts["wrap"]) / 60)[own].mean()
    first = own & (contacts["repeat"] == 0)
    assert 0.09 < cold < 0.15 and 6.3 < minutes < 8.7 and 0.66 < contacts["solved"][first].mean() < 0.8
    agents = sum(
        len(demo.roster(d, f).pid) for d in range(day_no(FIRST), day_no(LAST) + 1) for f in ("care", "specialist")
    )
    assert 36 < own.sum() / agents < 52
    assert (contacts["ticket"] >= 0).sum() > 20_000, "fault reports are contacts"


def test_people_differ_for_real_and_by_about_what_is_assumed(demo: World) -> None:
    v = truth.frame(demo, "visits", LAST - timedelta(days=120), LAST)
    skill, _ = demo.skill["late"]
    own = v["who"] >= 0
    n = np.bincount(v["who"][own], minlength=len(demo.people))
    x = np.bincount(v["who"][own], weights=v["late"][own], minlength=len(demo.people))
    much = n >= 200
    rate = x[much] / n[much]
    assert np.corrcoef(rate, skill[much])[0, 1] > 0.4
    true_sd = np.sqrt(max(rate.var() - (rate * (1 - rate) / n[much]).mean(), 0))
    assert 0.018 < true_sd < 0.048


def test_repairs_take_about_a_day(demo: World) -> None:
    t = truth.frame(demo, "remote_tickets", FIRST, LAST)
    assert 20 < np.median((t["restored"] - t["reported"]) / 3600) < 32
    assert tickets.scale(demo) == pytest.approx(0.337, abs=0.03)


def test_cases(demo: World) -> None:
    c = truth.frame(demo, "cases", FIRST, LAST)
    first = c["from"] < 0
    yes = c["confirmed"] >= 0
    assert 0.6 < yes.mean() < 0.72 and 0.035 < (c["again"] >= 0)[first].mean() < 0.09
    waiting = (c["h1"] + c["h2"])[yes].sum() / (c["confirmed"] - c["start"])[yes].sum()
    assert 0.25 < waiting < 0.42
    assert (c["closed"] > c["opened"]).all()


def _hr(demo: World, folder: Path, day: date) -> dict[str, dict[str, str]]:
    out_people.snapshot(demo, folder, day_no(day))
    with (folder / f"hr_people_{day:%Y%m%d}.csv").open(encoding="utf-8") as source:
        return {r["login"].lower(): r for r in csv.DictReader(source, delimiter=";")}


def test_the_move_on_a_wednesday(demo: World, tmp_path: Path) -> None:
    day = date(2026, 9, 16)
    assert day.weekday() == 2
    assert _hr(demo, tmp_path, day - timedelta(days=1))["elena.ruiz"]["team_code"] == "F-CCINN-1"
    after = _hr(demo, tmp_path, day)["elena.ruiz"]
    assert (after["team_code"], after["effective_from"], after["site_or_area"]) == ("F-WCAN-1", "16.09.2026", "Canyon")
    assert truth.team_on(demo, "elena.ruiz", day) == ("F-WCAN-1", "F-WCAN-1")


def test_the_loan_over_a_month_end(demo: World, tmp_path: Path) -> None:
    row = _hr(demo, tmp_path, date(2026, 10, 31))["samuel.greco"]
    assert (row["team_code"], row["loan_team"], row["loan_from"]) == ("F-NHIG-2", "F-NLAK-2", "28.10.2026")
    assert truth.team_on(demo, "samuel.greco", date(2026, 11, 3)) == ("F-NHIG-2", "F-NLAK-2")


def test_the_newcomer(demo: World, tmp_path: Path) -> None:
    assert "viola.tanaka" not in _hr(demo, tmp_path, date(2026, 11, 5))
    assert _hr(demo, tmp_path, date(2026, 11, 6))["viola.tanaka"]["hired_on"] == "06.11.2026"


def test_the_rename_and_the_regrouping(demo: World, tmp_path: Path) -> None:
    before, after = _hr(demo, tmp_path, date(2026, 10, 4)), _hr(demo, tmp_path, date(2026, 10, 5))
    old = {r["team_code"] for r in before.values() if r["site_or_area"] == "Crossroads" and r["team_code"]}
    new = {r["team_code"] for r in after.values() if r["site_or_area"] == "Crossroads" and r["team_code"]}
    assert old == {"F-CROS-1", "F-CROS-2"} and new == {"F-CCRO-1", "F-CCRO-2"}
    billing = traps.regroup_day(day_no(ANCHOR))
    assert traps.old_code("C-WCCES-4", billing - 1, day_no(ANCHOR)) == "C-WCBIL-1"


def test_a_backdated_move(demo: World, tmp_path: Path) -> None:
    story = truth.stories(demo)["backdated_move"]
    day, known = story.days
    login = story.logins[0]
    seen = [_hr(demo, tmp_path, date(1970, 1, 1) + timedelta(days=d))[login] for d in (known - 1, known)]
    assert seen[0]["team_code"] != seen[1]["team_code"]
    assert seen[1]["effective_from"] == f"{date(1970, 1, 1) + timedelta(days=day):%d.%m.%Y}" and known - day == 28


def test_ids_used_twice(demo: World, tmp_path: Path) -> None:
    stories = truth.stories(demo)
    old, new = (p for p in demo.people if p.login == stories["rehire"].logins[0])
    assert old.employee_id != new.employee_id and old.left < new.hired and new.same_as == old.pid
    gone, come = (next(p for p in demo.people if p.login == x) for x in stories["badge_reused"].logins)
    assert gone.badge == come.badge and come.hired - gone.left > 365
    two = [p for p in demo.people if p.login == stories["login_reused"].logins[0]]
    assert len(two) == 2 and two[0].name != two[1].name and two[0].left < two[1].hired


def test_four_people_left(demo: World, tmp_path: Path) -> None:
    today = _hr(demo, tmp_path, ANCHOR)
    here = [
        r for r in today.values() if r["team_code"] == traps.SMALL_TEAM and not r["loan_team"] and r["role"] == "TECH"
    ]
    assert len(here) == 4
    for team in demo.teams:
        if team.code not in (traps.SMALL_TEAM, "C-HCAR-8"):
            size = sum(r["team_code"] == team.code and not r["role"].endswith("LEAD") for r in today.values())
            assert abs(size - team.staff) <= 3, team.code


def test_an_installation_in_the_night_of_the_clock_change(demo: World) -> None:
    day = day_no(date(2026, 10, 25))
    v = field.visits(demo, day)
    night = v["ws"] == midnight(day - 1, v["zone"]) + DAY
    assert night.sum() == 1 and v["job"][night][0] == codes.INSTALL
    closed = local(v["finish"][night], v["zone"][night])[0] % DAY
    assert closed == 2 * 3600 + 1800, "02:30 for the second time"


def test_returns_by_another_team(demo: World) -> None:
    found = truth.returned_to_other_team(demo, FIRST, LAST)
    assert len(found) > 20 and all(f["teams"][0] != f["teams"][1] for f in found)  # type: ignore[index]


def test_storm_days_have_stops(demo: World) -> None:
    day = date(2026, 10, 22)
    assert company.storms(day_no(day)) == ["East", "South"]
    v = truth.frame(demo, "visits", day, day)
    assert (v["status"] == codes.WEATHER).sum() > 10
    assert v["late"][v["storm"]].mean() > 1.5 * v["late"][~v["storm"]].mean()


def test_full_company_has_all_its_people() -> None:
    full = world.make("full", 7, day_no(ANCHOR), customers=100_000)
    day = day_no(ANCHOR)
    front = sum(len(full.home(day, f).pid) for f in world.FAMILIES)
    assert abs(front - 2785) < 25 and len(full.teams) == 215
    others = [p for p in full.people if p.place]
    assert len(others) == 26 + 14 + 5 + 2 + 8 + 6 + 4 + 3
