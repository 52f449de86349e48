# ruff: noqa: E501
"""Figures of contacts, cases and promises by hand: a few source rows, and the figure worked out in a comment."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from data import ledger
from tests import facts_kit
from tests.facts_kit import company, figure, hr, put, writer

DAY = "2026-11-04"  # a Wednesday; staged times are UTC, those of promises the site's own
Dirty = dict[str, set[date]]


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Anna Case and Bert Case in C-LCAK-1."""
    con = writer()
    people = [("9", "anna.case"), ("8", "bert.case")]
    put(con, "l_hr_people", [hr("2026-11-05", n, who, "C-LCAK-1", role="AGENT") for n, who in people])
    return con


def at(clock: str, day: str = DAY) -> str:
    return f"{day} {clock}"


def call(number: int, segment: int = 2, **more: Any) -> dict[str, Any]:
    """A call taken by Anna at 09:01, over at 09:05."""
    row = {"call_id": f"C{number}", "segment_no": segment, "queue": "Q_FAULTS", "site": "LCAK", "queued_at": at("09:00"), "answered_at": at("09:01"),
           "ended_at": at("09:05"), "agent_login": "anna.case", "transfer_kind": "NONE", "direction": "IN", "ani_hash": f"n{number}", "_day": DAY}  # fmt: skip
    return {**row, **more}


UNANSWERED: dict[str, Any] = {"agent_login": None, "answered_at": None}


def refresh(con: duckdb.DuckDBPyConnection, metric: str, *dirty: Dirty) -> None:
    facts_kit.refresh(con, *dirty, folder=company(metric))


def test_reached_within_two_minutes_or_called_back(con: duckdb.DuckDBPyConnection) -> None:
    """Answered after one minute: reached. After three: not. Given up: not. Called back an hour later as chosen: reached.

    Solved in the menu: nobody was asked for. A chat that asked at 09:00 and had a person at 09:01: reached. So 3 of 5.
    """
    rows = [
        call(1), call(2, answered_at=at("09:03")), call(3, **UNANSWERED), call(4, 2, **UNANSWERED, transfer_to="CALLBACK"),
        call(5, 1, **UNANSWERED, queue="IVR"),
        call(6, 1, direction="OUT", ani_hash="n4", queued_at=at("10:00"), answered_at=at("10:01"), ended_at=at("10:05")),
    ]  # fmt: skip
    chat = {"conversation_id": "M1", "channel": "CHAT", "customer_key": "c7", "_day": DAY}
    talk = [
        {**chat, "message_id": "1", "ts": at("09:00"), "sender": "CUSTOMER", "event": "HANDOVER_ASK"},
        {**chat, "message_id": "2", "ts": at("09:01"), "sender": "AGENT", "event": "HANDOVER_DONE", "agent_login": "anna.case"},
    ]  # fmt: skip
    refresh(con, "reached_person_rate", put(con, "s_acd_calls", rows), put(con, "s_messaging", talk))
    assert figure(con, "reached_person_rate", "person IS NULL") == (3, 5)
    assert figure(con, "reached_person_rate", "channel = 'chat'") == (1, 1)


def test_a_call_back_that_never_came_is_a_call_given_up(con: duckdb.DuckDBPyConnection) -> None:
    """Answered: not given up. A call-back chosen and got an hour later: left out. Chosen and never got: given up. 1 of 2."""
    chosen = {**UNANSWERED, "transfer_to": "CALLBACK"}
    back = call(
        9, 1, direction="OUT", ani_hash="n2", queued_at=at("10:00"), answered_at=at("10:01"), ended_at=at("10:05")
    )
    refresh(con, "abandonment_rate", put(con, "s_acd_calls", [call(1), call(2, **chosen), call(3, **chosen), back]))
    assert figure(con, "abandonment_rate") == (1, 2)


def screen(number: int, clock: str, event: str, **more: Any) -> dict[str, Any]:
    row = {
        "session_id": "D1",
        "seq": number,
        "login": "anna.case",
        "ts": at(clock),
        "event": event,
        "contact_ref": "C1",
        "_day": DAY,
    }
    return {**row, **more}


def test_approvals_asked_for(con: duckdb.DuckDBPyConnection) -> None:
    """Three calls, answered at 09:01. An approval for a credit counts; a fraud check that the law asks for does not: 1 of 3."""
    rows = [call(1), call(2), call(3)]
    asks = [
        screen(1, "09:02", "APPROVAL_ASK", approval_rule="CREDIT_GT_20"),
        screen(2, "09:03", "APPROVAL_ASK", approval_rule="FRAUD_CHECK", contact_ref="C2"),
    ]
    refresh(con, "escalation_rate", put(con, "s_acd_calls", rows), put(con, "s_agent_desktop", asks))
    assert figure(con, "escalation_rate", "team = 'C-LCAK-1'") == (1, 3)
    assert figure(con, "escalation_rate", "approval_rule = 'credit_over_20'") == (1, 1)


def test_the_card_is_open_in_the_first_minute_and_for_five_seconds(con: duckdb.DuckDBPyConnection) -> None:
    """All answered at 09:01. Opened at 09:01:30: yes. At 09:03: no. For three seconds only: no. Customer unknown: not counted. 1 of 3."""
    rows = [call(1, customer_id=1), call(2, customer_id=2), call(3, customer_id=3), call(4)]
    events = [
        screen(1, "09:01:30", "CARD_OPEN"), screen(2, "09:03:00", "CARD_OPEN", contact_ref="C2"),
        screen(3, "09:01:10", "CARD_OPEN", contact_ref="C3", session_id="D2"), screen(4, "09:01:13", "CARD_CLOSE", contact_ref="C3", session_id="D2"),
        screen(5, "09:01:20", "CARD_OPEN", contact_ref="C4", session_id="D3"),
    ]  # fmt: skip
    refresh(con, "customer_card_rate", put(con, "s_acd_calls", rows), put(con, "s_agent_desktop", events))
    assert figure(con, "customer_card_rate", "person = 'anna.case'") == (1, 3)


def test_points_of_reviews(con: duckdb.DuckDBPyConnection) -> None:
    """18 + 17 + 25 + 15 + 5 = 80 and 90 points, one by login and one by name; a review in dispute waits: 170 in two."""
    row = {"agent": "anna.case", "reviewer": "Reviewer 1", "understanding": 18, "empathy": 17, "right_answer": 25,
           "ownership": 15, "next_step": 5, "_day": DAY}  # fmt: skip
    rows = [
        {**row, "review_id": "1"}, {**row, "review_id": "2", "agent": "bert case", "right_answer": 30, "next_step": 10},
        {**row, "review_id": "3", "dispute": True},
    ]  # fmt: skip
    refresh(con, "quality_score", put(con, "s_qa_scores", rows))
    assert figure(con, "quality_score") == (170, 2)
    assert figure(con, "quality_score", "person = 'bert.case'") == (90, 1)


def case(number: int, opened: str, **more: Any) -> dict[str, Any]:
    """A case as its last change tells it."""
    row = {"op": "U", "lsn": number * 100, "case_id": number, "customer_id": number, "theme_code": "T-SLOW", "opened_at": opened,
           "owner_login": "anna.case", "state": "TALKING", "state_since": opened, "problem_flag": True, "_day": opened[:10]}  # fmt: skip
    return {**row, **more}


def cases(con: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> Dirty:
    """Cases of one change each, or several in order: the last of each is its state."""
    logged = [{**row, "lsn": n} for n, row in enumerate(rows)]
    put(con, "l_crm_cases", [{**row, "_dead": False} for row in logged])
    return put(con, "s_crm_cases", {row["case_id"]: row for row in logged}.values())


def closed(number: int, opened: str, ended: str, kind: str = "CONFIRMED", **more: Any) -> dict[str, Any]:
    confirmed = ended if kind == "CONFIRMED" else None
    solved = {"we_think_solved_at": more.pop("solved", ended), "confirmed_at": confirmed}
    return case(number, opened, **solved, closed_at=ended, close_kind=kind, **more)


def test_hours_to_the_customers_yes(con: duckdb.DuckDBPyConnection) -> None:
    """Opened 09:00, confirmed 19:00: 10 hours. Solved after an hour and quiet for 14 days: 337. Merged: not counted.

    Opened again: the first is none, the second goes on from the first opening: 09:00 on the 2nd to 09:00 on the 4th, 48.
    """
    rows = [
        closed(1, at("09:00"), at("19:00")), closed(2, at("09:00"), "2026-11-18 10:00", "QUIET", solved=at("10:00")),
        closed(3, at("09:00"), at("10:00"), "MERGED"),
        closed(4, "2026-11-02 09:00", "2026-11-02 10:00"), closed(5, "2026-11-03 09:00", at("09:00"), customer_id=4, reopened_from=4),
    ]  # fmt: skip
    refresh(con, "total_response_time", cases(con, rows))
    held = con.execute("SELECT value, n, mirror FROM m_total_response_time ORDER BY 1").fetchall()
    assert held == [(10.0, 1, 1.0), (48.0, 1, 1.0), (337.0, 1, 0.0)]


def test_closed_with_a_yes(con: duckdb.DuckDBPyConnection) -> None:
    """A yes; quiet; a yes ticked without a time: none; withdrawn by the customer: not counted. 1 of 3."""
    rows = [
        closed(1, at("09:00"), at("19:00")), closed(2, at("09:00"), at("19:00"), "QUIET"),
        {**closed(3, at("09:00"), at("19:00")), "confirmed_at": None, "confirm_by": "CALL"}, closed(4, at("09:00"), at("10:00"), "WITHDRAWN"),
    ]  # fmt: skip
    refresh(con, "customer_confirmed_rate", cases(con, rows))
    assert figure(con, "customer_confirmed_rate", "person = 'anna.case'") == (1, 3)


def test_opened_again_within_14_days(con: duckdb.DuckDBPyConnection) -> None:
    """Case 1 is opened again as 2 (another theme, but it says so): yes. 3 is followed by 4 of the same theme: yes.

    5 is followed by another theme, 7 by the same theme after 15 days: no. 2, 4, 6 and 8 are still open: 2 of 4.
    """
    rows = [
        closed(1, "2026-11-02 09:00", "2026-11-02 10:00"), case(2, at("09:00"), customer_id=1, reopened_from=1, theme_code="T-BHGH"),
        closed(3, "2026-11-02 09:00", "2026-11-02 10:00"), case(4, at("09:00"), customer_id=3),
        closed(5, "2026-11-02 09:00", "2026-11-02 10:00"), case(6, at("09:00"), customer_id=5, theme_code="T-BHGH"),
        closed(7, "2026-11-02 09:00", "2026-11-02 10:00"), case(8, "2026-11-17 11:00", customer_id=7),
    ]  # fmt: skip
    refresh(con, "reopen_rate", cases(con, rows))
    assert figure(con, "reopen_rate", "team = 'C-LCAK-1'") == (2, 4)
    assert figure(con, "reopen_rate__early") == (2, 4)


def test_the_same_issue_again_within_90_days(con: duckdb.DuckDBPyConnection) -> None:
    """Solved on 3 August. The same theme after 89 days: again. After 91 days: not. Opened again: the same issue, not another.

    Part of a major incident: not counted. So 1 of 3; the others are open.
    """
    begin, end = "2026-08-03 09:00", "2026-08-03 10:00"
    rows = [
        closed(1, begin, end), case(11, "2026-10-31 10:00", customer_id=1), closed(2, begin, end), case(12, "2026-11-02 11:00", customer_id=2),
        closed(3, begin, end), case(13, "2026-08-05 09:00", customer_id=3, reopened_from=3), closed(4, begin, end), case(14, "2026-08-09 10:00", customer_id=4),
    ]  # fmt: skip
    storm = {"ticket_id": "T1", "service_id": "SVC00000000401", "status": "RESOLVED", "reported_at": "2026-08-03 08:30", "restored_at": end,
             "parent_id": "MI-9", "_day": "2026-08-03"}  # fmt: skip
    refresh(con, "repeat_issue_rate", cases(con, rows), put(con, "s_trouble_tickets", [storm]))
    assert figure(con, "repeat_issue_rate") == (1, 3)


def test_touches_of_a_case(con: duckdb.DuckDBPyConnection) -> None:
    """A call, a visit and a hand-over are three; a note and an automatic message are none. A case of before our files: not counted.

    Automatic where the mark is blank: written by the system itself.
    """
    old = closed(2, "2026-10-01 09:00", at("19:00"), state_since="2026-11-03 09:00")
    row = {"ts": at("10:00"), "case_id": 1, "login": "anna.case", "auto": False, "_day": DAY}
    kinds = [
        ("CALL", {}),
        ("VISIT", {}),
        ("HANDOVER", {}),
        ("NOTE", {}),
        ("MSG", {"auto": True}),
        ("MSG", {"auto": None, "login": "system"}),
    ]
    touches = [{**row, "touch_id": n, "kind": kind, **more} for n, (kind, more) in enumerate(kinds)]
    refresh(
        con,
        "touches_per_case",
        cases(con, [closed(1, at("09:00"), at("19:00")), old]),
        put(con, "s_crm_touches", touches),
    )
    assert figure(con, "touches_per_case", "person = 'anna.case'") == (3, 1)


def test_waiting_is_for_parts_and_visits_of_all_hours_until_put_right(con: duckdb.DuckDBPyConnection) -> None:
    """Opened 08:00; from 09:00 for a part, from 13:00 for the customer, from 14:00 for a visit, solved 16:00, a yes at 18:00.

    Waited 4 + 2 hours of 10. The quiet one was solved after two hours, one of them waiting for a visit: 1 of 2, whenever it was closed.
    """
    log = [
        case(1, at("08:00")), case(1, at("08:00"), state="WAIT_PART", state_since=at("09:00")),
        case(1, at("08:00"), state="WAIT_CUST", state_since=at("13:00")), case(1, at("08:00"), state="WAIT_VISIT", state_since=at("14:00")),
        closed(1, at("08:00"), at("18:00"), solved=at("16:00")),
        case(2, at("08:00")), case(2, at("08:00"), state="WAIT_VISIT", state_since=at("09:00")),
        closed(2, at("08:00"), "2026-11-18 10:00", "QUIET", solved=at("10:00")),
    ]  # fmt: skip
    refresh(con, "waiting_share", cases(con, log))
    assert figure(con, "waiting_share", f"day = '{DAY}'") == (6, 10)
    assert figure(con, "waiting_share", "day = '2026-11-18'") == (1, 2)


def test_promises_kept(con: duckdb.DuckDBPyConnection) -> None:
    """Promised by 15:00. Reached at 14:50: kept. Only a voicemail; reached at 15:10; nothing at all: not kept.

    Promised by 15:00, later rewritten to the next day and reached then: not kept. Cancelled by the customer: not counted. 1 of 5.
    The first was promised in a call.
    """
    row = {
        "created": at("10:00"),
        "promised_by": at("15:00"),
        "promised_by_first": at("15:00"),
        "login": "anna.case",
        "kind": "CALL_BACK",
        "_day": DAY,
    }
    rows = [
        {**row, "task_id": 1, "customer_id": 1, "done": at("14:50"), "done_kind": "CONNECTED"},
        {**row, "task_id": 2, "customer_id": 2, "done": at("14:50"), "done_kind": "VOICEMAIL"},
        {**row, "task_id": 3, "customer_id": 3, "done": at("15:10"), "done_kind": "CONNECTED"}, {**row, "task_id": 4, "customer_id": 4},
        {**row, "task_id": 5, "customer_id": 5, "promised_by": "2026-11-05 15:00", "done": "2026-11-05 09:00", "done_kind": "CONNECTED"},
        {**row, "task_id": 6, "customer_id": 6, "cancelled_by": "CUSTOMER"},
    ]  # fmt: skip
    refresh(
        con,
        "follow_up_kept_rate",
        put(con, "s_follow_up_tasks", rows),
        put(con, "s_acd_calls", [call(1, customer_id=1)]),
    )
    assert figure(con, "follow_up_kept_rate", "person = 'anna.case'") == (1, 5)
    assert figure(con, "follow_up_kept_rate", "channel = 'call'") == (1, 1)


@pytest.mark.parametrize("known", [False, True])
def test_a_promise_comes_due_when_others_tell_that_its_time_has_passed(con: duckdb.DuckDBPyConnection, known: bool) -> None:
    """Promised two days ahead and heard of no more: it counts once another task was written later, whatever is `known` of what came."""
    if known:
        con.execute(ledger.TABLES)
        con.execute("INSERT INTO ledger(id) VALUES (1)")
    row = {"login": "anna.case", "kind": "CALL_BACK", "created": "2026-11-02 10:00", "promised_by_first": at("15:00"), "_day": "2026-11-02"}
    refresh(con, "follow_up_kept_rate", put(con, "s_follow_up_tasks", [{**row, "task_id": 1, "customer_id": 1}]))
    assert figure(con, "follow_up_kept_rate") == (0, 0)
    later = {"created": at("16:00"), "promised_by_first": "2026-11-09 15:00", "_day": DAY, "_file": 2}
    refresh(con, "follow_up_kept_rate", put(con, "s_follow_up_tasks", [{**row, **later, "task_id": 2, "customer_id": 2}]))
    assert figure(con, "follow_up_kept_rate") == (0, 1)


def test_the_channel_of_a_case_is_that_of_the_contact_in_which_it_was_opened(con: duckdb.DuckDBPyConnection) -> None:
    """Customer 1 calls at 09:00, the case is opened at 09:04: by call. Customer 2's was opened without a contact: not known."""
    rows = [closed(1, at("09:04"), at("19:00")), closed(2, at("09:04"), at("19:00"))]
    refresh(con, "customer_confirmed_rate", cases(con, rows), put(con, "s_acd_calls", [call(1, customer_id=1)]))
    held = con.execute("SELECT channel, sum(den) FROM m_customer_confirmed_rate GROUP BY 1 ORDER BY 1").fetchall()
    assert held == [("call", 1), (None, 1)]
