# ruff: noqa: E501
"""Figures of the field by hand: a few source rows, and the figure worked out in a comment."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from data import ledger
from tests import facts_kit
from tests.facts_kit import company, figure, hr, put, visit, visits, writer

DAY = "2026-11-04"  # a Wednesday; Lakeside keeps Berlin's clock, an hour ahead of UTC
Dirty = dict[str, set[date]]


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Tilda Kent (badge 000001) in F-NLAK-2, and Dora Desk at the dispatch desk of the North."""
    con = writer()
    people = [("1", "tilda.kent", "F-NLAK-2", "TECH"), ("7", "dora.desk", "D-NOR-1", "DISP")]
    put(
        con,
        "l_hr_people",
        [hr(seen, n, who, team, role=role) for seen in ("2026-11-01", "2026-11-05") for n, who, team, role in people],
    )
    return con


def at(clock: str, day: str = DAY) -> str:
    return f"{day} {clock}"


def done(number: int, arrived: str, **more: Any) -> list[dict[str, Any]]:
    """A visit promised for 08:00-10:00 UTC and done."""
    return visit(number, at("08:00"), at("10:00"), arrived_at=at(arrived), finished_at=at("11:30"), **more)


def refresh(con: duckdb.DuckDBPyConnection, metric: str, *dirty: Dirty) -> None:
    facts_kit.refresh(con, *dirty, folder=company(metric))


def test_early_is_more_than_ten_minutes_before_the_window(con: duckdb.DuckDBPyConnection) -> None:
    """Window 08-10. Arrived 07:45 (early), 07:50 (ten minutes: not early), 09:00: one of three."""
    refresh(con, "early_arrival_rate", visits(con, [done(1, "07:45"), done(2, "07:50"), done(3, "09:00")]))
    assert figure(con, "early_arrival_rate", "team = 'F-NLAK-2'") == (1, 3)


def sms(number: int, visit_no: int, sent: str, template: str = "ON_MY_WAY", ended: str = "DELIVERED") -> list[Any]:
    row = {"msg_id": f"S{number}", "template": template, "appointment_id": f"SA-{visit_no:08d}", "_day": DAY}
    return [
        {**row, "status_seq": 1, "ts": at(sent), "status": "SENT"},
        {**row, "status_seq": 2, "ts": at(sent + ":20"), "status": ended},
    ]


def test_on_my_way_is_told_after_setting_off_and_ten_to_ninety_minutes_before(con: duckdb.DuckDBPyConnection) -> None:
    """All arrive at 09:00. Told 08:40 after setting off at 08:35: yes. Told 08:30 before setting off: no.

    Told 08:55, five minutes before: no. Told, but not delivered: no. So one of four.
    """
    every = visits(con, [done(n, "09:00", enroute_at=at("08:35")) for n in (1, 2, 3, 4)])
    told = [*sms(1, 1, "08:40"), *sms(2, 2, "08:30"), *sms(3, 3, "08:55"), *sms(4, 4, "08:40", ended="FAILED")]
    refresh(con, "on_my_way_rate", every, put(con, "s_sms_gateway", told))
    assert figure(con, "on_my_way_rate", "person = 'tilda.kent'") == (1, 4)


def test_warned_is_heard_of_before_the_window_ended_by_desk_and_technician(con: duckdb.DuckDBPyConnection) -> None:
    """Three are late. Heard at 09:40: warned. Heard at 10:05, after the end: not. Not heard of: not. One of three.

    The desk that plans Lakeside has the same three in a roll-up of its own, where nobody in person is behind it.
    """
    every = visits(con, [done(n, "10:30") for n in (1, 2, 3)] + [done(4, "09:00")])
    told = [*sms(1, 1, "09:40", "LATE_NOTE"), *sms(2, 2, "10:05", "LATE_NOTE")]
    refresh(con, "late_warned_rate", every, put(con, "s_sms_gateway", told))
    assert figure(con, "late_warned_rate", "team = 'F-NLAK-2'") == (1, 3)
    assert figure(con, "late_warned_rate__dispatch", "team = 'D-NOR-1' AND region = 'North'") == (1, 3)
    assert figure(con, "late_warned_rate__dispatch", "person IS NOT NULL OR area IS NOT NULL") == (0, 0)


def test_missed_visits_are_the_desks_too(con: duckdb.DuckDBPyConnection) -> None:
    """Nobody came to one of two: one of two for the technician's team, and for the desk that plans the area."""
    no_show = visit(2, at("08:00"), at("10:00"), status="NOSHOW", changed_at=at("12:00"))
    refresh(
        con, "missed_appointment_rate", visits(con, [done(1, "09:00"), no_show, done(3, "09:30", area_code="SBAY")])
    )
    assert figure(con, "missed_appointment_rate") == (1, 3)
    assert figure(con, "missed_appointment_rate__dispatch", "team = 'D-NOR-1'") == (1, 2)
    # the South has no desk here: counted for nobody
    assert figure(con, "missed_appointment_rate__dispatch", "team IS NULL") == (0, 1)


def test_why_a_visit_was_late(con: duckdb.DuckDBPyConnection) -> None:
    """Five visits of five technicians, each late for another reason; the sixth was on time.

    1 a new time given at 08:30 local, before anybody was sent off: the route. 2 the part came at 10:10. 3 the job before
    ended at 10:00, twenty minutes away: the job before. 4 the first of the day: the own start. 5 a part that came the
    day before is no reason: the own start, too.
    """
    moved = [{**done(1, "10:30")[0], "status": "BOOKED", "arrived_at": None, "finished_at": None, "lsn": 1,
              "changed_at": at("05:00"), "sched_start": at("08:10")}]  # fmt: skip
    moved.append({**moved[0], "lsn": 2, "changed_at": at("07:30"), "sched_start": at("09:30")})
    moved.append({**done(1, "10:30")[0], "lsn": 3, "sched_start": at("09:30")})
    late = {"enroute_at": at("10:00")}
    before = visit(30, at("06:00"), at("09:30"), arrived_at=at("08:00"), finished_at=at("10:00"), tech_badge="000003")
    every = [
        moved, done(2, "10:30", tech_badge="000002", work_order_no="WO2", **late), before,
        done(3, "10:20", tech_badge="000003", **late), done(4, "10:30", tech_badge="000004", **late),
        done(5, "10:30", tech_badge="000005", work_order_no="WO5", **late), done(6, "09:00", tech_badge="000006"),
    ]  # fmt: skip
    # the warehouse keeps Berlin's clock: 11:10 there is 10:10 UTC
    part = {"item": 1, "partno": "RTR-B20", "qty": 1, "req_ts": "2026-11-03 15:00", "_day": "2026-11-03"}
    parts = [
        {**part, "docno": "1", "wo": "WO2", "recv_ts": at("11:10")},
        {**part, "docno": "2", "wo": "WO5", "recv_ts": "2026-11-03 20:00"},
    ]
    refresh(con, "late_arrival_rate", visits(con, every), put(con, "s_parts_logistics", parts))
    held = con.execute("SELECT cause, sum(num), sum(den) FROM m_late_arrival_rate GROUP BY 1 ORDER BY 1").fetchall()
    assert held == [("dispatch_change", 1, 1), ("job_before", 1, 1), ("own_start", 2, 2), ("parts", 1, 1), (None, 0, 2)]


def test_an_arrival_is_confirmed_by_the_tap_near_the_work_or_by_a_van(con: duckdb.DuckDBPyConnection) -> None:
    """Work was done at 50.0, 8.0. Tapped 50 m away: confirmed. 900 m away: not. 900 m away and a van stood there: confirmed."""
    taps, vans = [], []
    for n, north in ((1, 0.0005), (2, 0.008), (3, 0.008)):
        where = {"lat": 50.0 + n, "lon": 8.0, "appointment_id": f"SA-{n:08d}", "_day": DAY}
        taps += [
            {**where, "event_id": f"a{n}", "event": "ARRIVED", "lat": 50.0 + n + north, "ts_device": at("10:00"), "ts_server": at("09:00")},
            {**where, "event_id": f"d{n}", "event": "DONE", "ts_device": at("11:00"), "ts_server": at("10:00")},
        ]  # fmt: skip
    vans.append({"vehicle_id": "V1", "ts": at("09:05"), "lat": 53.0003, "lon": 8.0, "speed_kmh": 0, "_day": DAY})
    vans.append({"vehicle_id": "V2", "ts": at("09:05"), "lat": 52.0003, "lon": 8.0, "speed_kmh": 40, "_day": DAY})
    every = visits(con, [done(n, "09:00") for n in (1, 2, 3)])
    dirty = [put(con, "s_tech_mobile_events", taps), put(con, "s_vehicle_gps", vans)]
    facts_kit.refresh(con, every, *dirty, folder=company("late_arrival_rate", models=("f_arrival",)))
    held = con.execute("SELECT tapped_far, confirmed FROM f_arrival ORDER BY appointment_id").fetchall()
    assert held == [(False, True), (True, False), (True, True)]


def ticket(number: int, reported: str, restored: str | None, **more: Any) -> dict[str, Any]:
    row = {"ticket_id": f"TT{number}", "service_id": f"SVC{number:09d}01", "status": "RESOLVED" if restored else "HELD",
           "reported_at": reported, "restored_at": restored, "fault_code": "NSIG", "_day": reported[:10]}  # fmt: skip
    return {**row, **more}


def test_hours_to_repair_whose_clock_never_stops(con: duckdb.DuckDBPyConnection) -> None:
    """Ten hours; and one reported on Monday 08:00, restored, opened again and restored on Thursday 08:00: 72 hours.

    One inside a major incident, and one still held that says it was restored, do not count. Within two working days: one.
    """
    rows = [
        ticket(1, at("08:00"), at("18:00")),
        ticket(2, "2026-11-02 08:00", "2026-11-02 10:00"),
        ticket(3, "2026-11-03 08:00", "2026-11-05 08:00", parent_id="TT2"),
        ticket(4, at("08:00"), at("09:00"), parent_id="MI-1"),
        ticket(5, at("08:00"), at("09:00"), status="HELD"),
    ]
    refresh(con, "time_to_repair", put(con, "s_trouble_tickets", rows))
    held = con.execute("SELECT value, n, mirror FROM m_time_to_repair ORDER BY 1").fetchall()
    assert held == [(10.0, 1, 1.0), (72.0, 1, 0.0)]


def test_a_new_service_counts_by_its_first_promise(con: duckdb.DuckDBPyConnection) -> None:
    """Promised for the 4th: working on the 4th (yes), on the 5th after we moved the date (no), never yet (no).

    The customer who asked for a later date, and the order that was cancelled, do not count. One of three.
    """
    row = {"product_code": "INET100", "created_at": "2026-10-20 09:00", "promised_dates": [DAY], "status": "OPEN",
           "_day": "2026-10-20"}  # fmt: skip
    rows = [
        {**row, "order_no": "O1", "customer_id": 1, "completed_at": at("15:00"), "status": "COMPLETED"},
        {**row, "order_no": "O2", "customer_id": 2, "promised_dates": [DAY, "2026-11-05"], "completed_at": "2026-11-05 09:00"},
        {**row, "order_no": "O3", "customer_id": 3},
        {**row, "order_no": "O4", "customer_id": 4, "later_asked_by": "CUSTOMER"},
        {**row, "order_no": "O5", "customer_id": 5, "status": "CANCELLED"},
        {**row, "order_no": "O9", "customer_id": 9, "promised_dates": [], "created_at": "2026-11-06 09:00", "_day": "2026-11-06"},
    ]  # fmt: skip
    refresh(con, "install_on_promised_day_rate", put(con, "s_install_orders", rows))
    assert figure(con, "install_on_promised_day_rate") == (1, 3)


@pytest.mark.parametrize("known", [False, True])
def test_an_order_comes_due_when_others_tell_that_its_day_has_passed(con: duckdb.DuckDBPyConnection, known: bool) -> None:
    """Promised for the 4th and heard of no more: it counts once another order was taken on the 6th, whatever is `known` of what came."""
    if known:
        con.execute(ledger.TABLES)
        con.execute("INSERT INTO ledger(id) VALUES (1)")
    row = {"product_code": "INET100", "created_at": "2026-10-20 09:00", "promised_dates": [DAY], "status": "OPEN", "_day": "2026-10-20"}
    refresh(con, "install_on_promised_day_rate", put(con, "s_install_orders", [{**row, "order_no": "O1", "customer_id": 1}]))
    assert figure(con, "install_on_promised_day_rate") == (0, 0)
    later = {"promised_dates": [], "created_at": "2026-11-06 09:00", "_day": "2026-11-06", "_file": 2}
    refresh(con, "install_on_promised_day_rate", put(con, "s_install_orders", [{**row, **later, "order_no": "O9", "customer_id": 9}]))
    assert figure(con, "install_on_promised_day_rate") == (0, 1)
