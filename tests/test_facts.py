# ruff: noqa: E501
"""Facts by hand: a few source rows, and the figure worked out in a comment. The traps of the organisation among them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pytest

from data.facts import attribution
from data.facts.plan import plan
from data.facts.sql import Db
from tests import facts_kit
from tests.facts_kit import FERNWAY, company, figure, hr, put, visit, visits, writer

FEW = (
    "late_arrival_rate", "minutes_late", "missed_appointment_rate", "repeat_install_rate", "first_time_fix_rate", "abandonment_rate",
    "transfer_rate", "handle_time", "first_contact_resolution_rate", "quality_score",
)  # fmt: skip
DAY = "2026-11-04"  # a Wednesday; Lakeside keeps Berlin's clock, an hour ahead of UTC


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """One technician, Tilda Kent (badge 000001), in F-NLAK-2, and Ugo Lind (000002) in F-NLAK-1."""
    con = writer()
    rows = [hr(seen, "1", "tilda.kent", "F-NLAK-2") for seen in ("2026-11-01", "2026-11-05")]
    rows += [hr(seen, "2", "ugo.lind", "F-NLAK-1") for seen in ("2026-11-01", "2026-11-05")]
    put(con, "l_hr_people", rows)
    return con


def refresh(con: duckdb.DuckDBPyConnection, *dirty: Mapping[str, set[date]]) -> dict[str, set[date]]:
    return facts_kit.refresh(con, *dirty, folder=company(*FEW))


def at(clock: str, day: str = DAY) -> str:
    return f"{day} {clock}"


def done(number: int, arrived: str, **more: Any) -> list[dict[str, Any]]:
    """A visit promised for 08:00-10:00 UTC and done."""
    return visit(number, at("08:00"), at("10:00"), arrived_at=at(arrived), finished_at=at("11:30"), **more)


def test_late_is_after_the_end_of_the_window_or_nobody_at_all(con: duckdb.DuckDBPyConnection) -> None:
    """Arrived 09:50, 10:00 and 10:07, and one no-show: two of four late. Typical minutes late: 7."""
    no_show = visit(4, at("08:00"), at("10:00"), status="NOSHOW", changed_at=at("12:00"))
    refresh(con, visits(con, [done(1, "09:50"), done(2, "10:00"), done(3, "10:07"), no_show]))
    assert figure(con, "late_arrival_rate", "team = 'F-NLAK-2' AND area = 'Lakeside'") == (2, 4)
    assert con.execute("SELECT value, sum(n) FROM m_minutes_late GROUP BY 1").fetchall() == [(7.0, 1)]
    assert figure(con, "missed_appointment_rate") == (1, 4)


def test_a_window_that_we_move_on_the_day_keeps_the_old_promise(con: duckdb.DuckDBPyConnection) -> None:
    """Promised 08-10, moved by us at 07:00 to 12-14, arrived 12:30: two and a half hours late."""
    log = visit(1, at("08:00"), at("10:00"), status="BOOKED", changed_at="2026-11-01 09:00", lsn=1)
    log += visit(1, at("12:00"), at("14:00"), moved_by="COMPANY", changed_at=at("07:00"), lsn=2, arrived_at=at("12:30"),
                 finished_at=at("13:00"))  # fmt: skip
    log.append({**log[-1], "changed_at": at("13:00"), "lsn": 3})
    refresh(con, visits(con, [log]))
    assert figure(con, "late_arrival_rate") == (1, 1)
    assert con.execute("SELECT value FROM m_minutes_late").fetchall() == [(150.0,)]


def test_a_window_that_is_moved_in_time_is_the_new_promise(con: duckdb.DuckDBPyConnection) -> None:
    """Moved by us two days before, and by the customer two days before: both count by the new window, on time."""
    for number, by in ((1, "COMPANY"), (2, "CUSTOMER")):
        log = visit(
            number,
            "2026-11-03 08:00",
            "2026-11-03 10:00",
            status="BOOKED",
            changed_at="2026-10-20 09:00",
            lsn=number * 10,
        )
        agreed = "2026-11-01 08:00" if by == "CUSTOMER" else "2026-01-01 08:00"
        log += visit(number, at("08:00"), at("10:00"), moved_by=by, changed_at="2026-11-01 08:00", window_agreed_at=agreed,
                     lsn=number * 10 + 1, arrived_at=at("09:00"), finished_at=at("10:30"))  # fmt: skip
        refresh(con, visits(con, [log]))
    put(con, "l_fsm_appointments", visit(9, at("18:00"), at("19:00"), changed_at=at("20:00")))
    refresh(con, {"fsm_appointments": {date(2026, 11, 4)}})
    assert figure(con, "late_arrival_rate", f"day = '{DAY}'") == (0, 2)


def test_customers_and_storms_take_a_visit_out_of_the_count(con: duckdb.DuckDBPyConnection) -> None:
    """Cancelled by the customer before, stopped for the weather, a new time asked for on the day: none counts."""
    out = {"status": "CANCELLED", "changed_at": at("07:00")}
    asked = visit(3, at("08:00"), at("10:00"), status="BOOKED", changed_at="2026-11-01 09:00", lsn=1)
    asked += visit(3, at("12:00"), at("14:00"), moved_by="CUSTOMER", window_agreed_at=at("07:30"), changed_at=at("15:00"), lsn=2,
                   arrived_at=at("13:00"))  # fmt: skip
    gone = visit(1, at("08:00"), at("10:00"), cancel_by="CUSTOMER", **out)
    storm = visit(2, at("08:00"), at("10:00"), cancel_by="COMPANY", cancel_reason="WEATHER STOP", **out)
    refresh(con, visits(con, [gone, storm, asked, done(4, "09:00")]))
    assert figure(con, "late_arrival_rate") == (0, 1)


def test_a_no_show_that_dispatch_caused_is_the_teams_and_not_the_persons(con: duckdb.DuckDBPyConnection) -> None:
    """The route was changed at 08:30 local, after six: late for team and area, nobody's own figure."""
    log = visit(
        1, at("12:00"), at("14:00"), status="BOOKED", changed_at="2026-11-03 17:00", sched_start=at("12:10"), lsn=1
    )
    log += visit(1, at("12:00"), at("14:00"), status="BOOKED", changed_at=at("07:30"), sched_start=at("13:10"), lsn=2)
    log += visit(1, at("12:00"), at("14:00"), status="NOSHOW", changed_at=at("15:00"), sched_start=at("13:10"), lsn=3)
    refresh(con, visits(con, [log]))
    assert figure(con, "late_arrival_rate", "team = 'F-NLAK-2'") == (1, 1)
    assert figure(con, "late_arrival_rate", "person IS NOT NULL") == (0, 0)


def test_an_arrival_before_the_dispatch_is_not_believed(con: duckdb.DuckDBPyConnection) -> None:
    """Arrived 07:00 says the system, dispatched 09:30; the phone says 10:20 (its clock is three hours off, the server's right)."""
    tap = {"event_id": "e1", "appointment_id": "SA-00000001", "event": "ARRIVED", "badge": "000001", "ts_device": at("08:20"),
           "ts_server": at("10:20"), "_day": DAY}  # fmt: skip
    put(con, "s_tech_mobile_events", [tap])
    refresh(con, visits(con, [done(1, "07:00", dispatched_at=at("09:30"))]))
    assert con.execute("SELECT value FROM m_minutes_late").fetchall() == [(20.0,)]


def test_a_move_on_a_wednesday_splits_the_week(con: duckdb.DuckDBPyConnection) -> None:
    """Tilda moves to F-NLAK-1 on Wednesday: Tuesday's visit stays with the old team, Wednesday's goes to the new one."""
    put(con, "l_hr_people", [hr("2026-11-06", "1", "tilda.kent", "F-NLAK-1", effective_from=DAY)])
    tuesday = visit(
        1, "2026-11-03 08:00", "2026-11-03 10:00", arrived_at="2026-11-03 11:00", finished_at="2026-11-03 12:00"
    )
    refresh(con, visits(con, [tuesday, done(2, "09:00")]))
    assert figure(con, "late_arrival_rate", "team = 'F-NLAK-2'") == (1, 1)
    assert figure(con, "late_arrival_rate", "team = 'F-NLAK-1'") == (0, 1)
    assert figure(con, "late_arrival_rate", "person = 'tilda.kent'") == (1, 2)


def test_a_loan_wins(con: duckdb.DuckDBPyConnection) -> None:
    """Lent to F-WCAN-1 from 31 October to 4 November, over the month's end: the visit is theirs; on the 5th it is home again."""
    loan = {"loan_team": "F-WCAN-1", "loan_from": "2026-10-31", "loan_to": DAY}
    put(con, "l_hr_people", [hr("2026-11-02", "1", "tilda.kent", "F-NLAK-2", **loan)])
    after = visit(
        2, "2026-11-05 08:00", "2026-11-05 10:00", arrived_at="2026-11-05 09:00", finished_at="2026-11-05 10:30"
    )
    refresh(con, visits(con, [done(1, "09:00"), after]))
    assert figure(con, "late_arrival_rate", "team = 'F-WCAN-1' AND region = 'West'") == (0, 1)
    assert figure(con, "late_arrival_rate", "team = 'F-NLAK-2'") == (0, 1)


@pytest.mark.parametrize(("entered", "team"), [("2026-11-18", "F-NLAK-1"), ("2026-11-19", "F-NLAK-2")])
def test_a_move_entered_late_counts_until_the_week_is_sealed(
    con: duckdb.DuckDBPyConnection, entered: str, team: str
) -> None:
    """The week of 4 November ends on the 8th and is sealed ten days later: entered on the 18th in time, on the 19th too late."""
    refresh(con, visits(con, [done(1, "10:30")]))
    put(con, "l_hr_people", [hr(entered, "1", "tilda.kent", "F-NLAK-1", effective_from="2026-11-02")])
    refresh(con, {"hr_people": set()})
    assert figure(con, "late_arrival_rate", f"team = '{team}'") == (1, 1)
    # what the move entered too late would have changed stands beside the sealed figure
    told = con.execute(
        "SELECT day::VARCHAR, unit, known_as, num, den FROM sealed WHERE metric = 'late_arrival_rate'"
    ).fetchall()
    assert told == ([] if team == "F-NLAK-1" else [(DAY, "F-NLAK-2", "F-NLAK-1", 1, 1)])
    # the metric that takes 30 days to mature stays open so much longer
    day = date(2026, 11, 4)
    attribution.worked(Db(con), plan(FERNWAY).how, {30: (day, day)})
    rows = con.execute(f"SELECT unit FROM {attribution.WORKED} WHERE person = 'tilda.kent'").fetchall()
    assert rows == [("F-NLAK-1",)]


def test_a_visit_that_comes_late_over_a_sealed_week(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts, for the team as sealed, whether it comes before a move that was entered too late or after it. Who
    worked elsewhere is looked for again only when more is known of moves."""
    refresh(con, visits(con, [done(1, "10:30")]))
    put(con, "l_hr_people", [hr("2026-11-19", "1", "tilda.kent", "F-NLAK-1", effective_from="2026-11-02")])
    refresh(con, {"hr_people": set()})
    monkeypatch.setattr("data.facts.sealed._differ", lambda *given: pytest.fail("looked for again"))
    refresh(con, visits(con, [done(2, "10:40"), done(3, "09:00")]))
    assert figure(con, "late_arrival_rate", "team = 'F-NLAK-2'") == (2, 3)
    assert figure(con, "late_arrival_rate", "team = 'F-NLAK-1'") == (0, 0)
    told = "SELECT day::VARCHAR, unit, known_as, num, den FROM sealed WHERE metric = 'late_arrival_rate'"
    assert con.execute(told).fetchall() == [(DAY, "F-NLAK-2", "F-NLAK-1", 2, 3)]


def test_a_badge_given_to_somebody_else(con: duckdb.DuckDBPyConnection) -> None:
    """Badge 000002 was Ugo's until he left; Vera has it from 4 November. A visit on the 3rd is Ugo's, on the 4th Vera's."""
    put(con, "l_hr_people", [hr("2026-11-06", "3", "vera.moss", "F-NLAK-1", badge="000002", since=DAY)])
    before = visit(
        1,
        "2026-11-03 08:00",
        "2026-11-03 10:00",
        arrived_at="2026-11-03 09:00",
        tech_badge="000002",
        finished_at="2026-11-03 10:00",
    )
    refresh(con, visits(con, [before, done(2, "09:00", tech_badge="000002")]))
    assert con.execute("SELECT day::VARCHAR, person FROM m_late_arrival_rate ORDER BY 1").fetchall() == [
        ("2026-11-03", "ugo.lind"), (DAY, "vera.moss"),
    ]  # fmt: skip


def test_a_login_given_to_somebody_else_and_a_rehire(con: duckdb.DuckDBPyConnection) -> None:
    """Two people of one login: the newest is called by it, the earlier login~1. Two employments of one person: one person."""
    put(con, "l_hr_people", [hr("2026-11-06", "4", "ugo.lind", "F-NLAK-1", full_name="Ugoa Lind", since="2026-11-05")])
    put(con, "l_hr_people", [hr("2026-11-06", "5", "tilda.kent", "F-NLAK-2", badge="000001", since="2026-11-05")])
    refresh(con, visits(con, [done(1, "09:00")]))
    people = dict(con.execute("SELECT employee_id, person FROM employments").fetchall())
    assert people == {
        "00000001": "tilda.kent",
        "00000002": "ugo.lind~1",
        "00000004": "ugo.lind",
        "00000005": "tilda.kent",
    }


def test_a_renamed_team_keeps_its_history(con: duckdb.DuckDBPyConnection) -> None:
    """F-NLAK-1 and F-NLAK-2 hold other people; F-OLD is called F-NLAK-4 from the 5th on, with the same people in it."""
    for seen, code in (("2026-11-01", "F-OLD"), ("2026-11-05", "F-NLAK-4")):
        put(con, "l_hr_people", [hr(seen, str(n), f"p{n}.old", code) for n in (6, 7, 8)])
    refresh(con, visits(con, [done(1, "10:30", tech_badge="000006")]))
    assert figure(con, "late_arrival_rate", "team = 'F-NLAK-4'") == (1, 1)
    assert [r[0] for r in con.execute("SELECT code FROM units WHERE level = 'team' AND kind <> 'partner' ORDER BY 1").fetchall()] == [
        "F-NLAK-1", "F-NLAK-2", "F-NLAK-4",
    ]  # fmt: skip


def test_unknown_badges_count_for_the_area_and_partners_as_a_group(con: duckdb.DuckDBPyConnection) -> None:
    """A badge nobody has: the address's area. X91…: the partner's group, never a person."""
    refresh(con, visits(con, [done(1, "10:30", tech_badge="999999"), done(2, "10:30", tech_badge="X91004")]))
    assert figure(con, "late_arrival_rate", "team IS NULL AND area = 'Lakeside' AND region = 'North'") == (1, 1)
    assert figure(con, "late_arrival_rate", "team = 'Nordline Field' AND person IS NULL AND area = 'Lakeside'") == (
        1,
        1,
    )


def job(number: int, closed: str, **more: Any) -> dict[str, Any]:
    row = {"wo_no": f"WO{number}", "line": 1, "jobtype": "INS", "svc_id": "SVC1", "addr_id": "AD1", "tech_id": "000001", "open_dt": closed,
           "close_dt": closed, "close_code": "DONE", "_day": closed[:10]}  # fmt: skip
    return {**row, **more}


def test_a_return_visit_goes_back_to_the_first_installer(con: duckdb.DuckDBPyConnection) -> None:
    """Tilda installs on 2 October in F-NLAK-2, moves on the 14th; Ugo comes back on 1 November, 30 days later: hers, the old team's.

    A second installation (SVC2) is visited 31 days later: clean. A third (SVC3) has a second stage agreed: clean, and one
    installation. So 1 of 3.
    """
    put(con, "l_hr_people", [hr("2026-11-06", "1", "tilda.kent", "F-NLAK-1", effective_from="2026-10-14")])
    rows = [job(1, "2026-10-02 15:00"), job(2, "2026-11-01 09:00", jobtype="REP", tech_id="000002")]
    rows += [
        job(3, "2026-10-02 11:00", svc_id="SVC2"),
        job(4, "2026-11-02 09:00", svc_id="SVC2", jobtype="REP", tech_id="000002"),
    ]
    rows += [job(5, "2026-10-03 11:00", svc_id="SVC3", close_code="STG2"), job(6, "2026-10-13 11:00", svc_id="SVC3")]
    refresh(con, put(con, "s_work_orders", rows), visits(con, [done(1, "09:00")]))
    assert figure(con, "repeat_install_rate", "team = 'F-NLAK-2' AND person = 'tilda.kent'") == (1, 3)
    assert figure(con, "repeat_install_rate__early") == (0, 3)
    # the repairs of 1 and 2 November: first visits, nothing after them
    assert figure(con, "first_time_fix_rate", "team = 'F-NLAK-1' AND person = 'ugo.lind'") == (2, 2)


def test_the_night_of_the_clock_change(con: duckdb.DuckDBPyConnection) -> None:
    """25 October 2026, 02:30 comes twice: 00:30 and 01:30 UTC are one hour apart and both on the 25th; the window ends 01:00 UTC."""
    early = visit(
        1, "2026-10-24 23:00", "2026-10-25 01:00", arrived_at="2026-10-25 00:30", finished_at="2026-10-25 02:00"
    )
    late = visit(
        2, "2026-10-24 23:00", "2026-10-25 01:00", arrived_at="2026-10-25 01:30", finished_at="2026-10-25 02:00"
    )
    refresh(con, visits(con, [early, late, done(3, "09:00")]))
    assert figure(con, "late_arrival_rate", "day = '2026-10-25'") == (1, 2)
    assert con.execute("SELECT value FROM m_minutes_late").fetchall() == [(30.0,)]


def test_only_the_days_that_changed_are_redone(con: duckdb.DuckDBPyConnection) -> None:
    """A second refresh without news changes nothing; a new visit changes its own day."""
    refresh(con, visits(con, [done(1, "09:00")]))
    assert refresh(con) == {}
    later = visit(
        2, "2026-11-06 08:00", "2026-11-06 10:00", arrived_at="2026-11-06 09:00", finished_at="2026-11-06 10:30"
    )
    changed = refresh(con, visits(con, [later]))
    assert {str(d) for d in changed["late_arrival_rate"]} == {"2026-11-06"}


def test_a_metric_without_its_source_says_so(con: duckdb.DuckDBPyConnection) -> None:
    refresh(con, visits(con, [done(1, "09:00")]))
    states = dict(con.execute("SELECT metric, state FROM metric_state").fetchall())
    assert states["late_arrival_rate"] == "ok"
    assert states["quality_score"] == "missing"
    assert con.execute("SELECT note FROM metric_state WHERE metric = 'quality_score'").fetchone() == ("qa_scores",)


def call(number: int, segment: int, **more: Any) -> dict[str, Any]:
    row = {"call_id": f"C{number}", "segment_no": segment, "queue": "Q_FAULTS", "site": "LCAK", "queued_at": at("09:00"), "ended_at": at("09:05"),
           "transfer_kind": "NONE", "direction": "IN", "ani_hash": f"n{number}", "_day": DAY}  # fmt: skip
    return {**row, **more}


def test_calls_given_up_and_passed_on(con: duckdb.DuckDBPyConnection) -> None:
    """Four calls: answered; given up after a minute; gone after 4 seconds (left out); passed on cold after two minutes.

    So 1 of 3 gave up, and 1 of 2 was passed on, by the agent who passed it.
    """
    put(
        con,
        "l_hr_people",
        [
            hr("2026-11-05", "9", "anna.case", "C-LCAK-1", role="AGENT"),
            hr("2026-11-05", "8", "bert.case", "C-LCAK-1", role="AGENT"),
        ],
    )
    taken = {"agent_login": "anna.case", "answered_at": at("09:01"), "talk_s": 200, "hold_s": 10, "wrap_s": 30}
    rows = [
        call(1, 1, queue="IVR"),
        call(1, 2, **taken),
        call(2, 2, ended_at=at("09:01")),
        call(3, 2, ended_at=at("09:00:04")),
    ]
    rows += [
        call(
            4,
            2,
            **{
                **taken,
                "agent_login": "bert.case",
                "ended_at": at("09:03"),
                "transfer_kind": "COLD",
                "transfer_to": "Q_BILLING",
            },
        )
    ]
    refresh(con, put(con, "s_acd_calls", rows))
    assert figure(con, "abandonment_rate", "site = 'Lakeside Care' AND person IS NULL") == (1, 3)
    assert figure(con, "transfer_rate", "team = 'C-LCAK-1'") == (1, 2)
    assert figure(con, "transfer_rate", "person = 'bert.case'") == (1, 1)
    # 240 seconds each
    assert figure(con, "handle_time") == (8, 2)


def test_first_contact(con: duckdb.DuckDBPyConnection) -> None:
    """Customer 7 calls on the 1st and again on the 4th about the same: the first is not solved. Customer 8 calls once: solved.

    The second call of customer 7 is no first contact. So 1 of 2; the early sign (48 hours) 2 of 2.
    """
    taken = {"agent_login": "anna.case", "reason_code": "NSIG"}
    rows = [
        call(1, 2, **taken, customer_id=7, queued_at="2026-11-01 09:00", answered_at="2026-11-01 09:01", ended_at="2026-11-01 09:05", _day="2026-11-01"),
        call(2, 2, **taken, customer_id=7, answered_at=at("09:01")), call(3, 2, **taken, customer_id=8, answered_at=at("09:01")),
    ]  # fmt: skip
    put(con, "l_hr_people", [hr("2026-11-05", "9", "anna.case", "C-LCAK-1", role="AGENT")])
    refresh(con, put(con, "s_acd_calls", rows))
    assert figure(con, "first_contact_resolution_rate", "person = 'anna.case'") == (1, 2)
    assert figure(con, "first_contact_resolution_rate__early") == (2, 2)
