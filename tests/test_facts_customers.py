# ruff: noqa: E501
"""Figures of what customers say and are owed, and of kind acts, by hand: a few source rows, and the figure in a comment."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import facts_kit
from tests.facts_kit import company, figure, hr, put, visit, visits, writer
from tests.test_facts_care import call, case, cases, closed

DAY = "2026-11-04"  # a Wednesday
Dirty = dict[str, set[date]]


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Anna and Bert Case in C-LCAK-1, Lea Lead leads them; Tilda Kent is a technician of F-NLAK-2."""
    con = writer()
    people = [("9", "anna.case", "C-LCAK-1", "AGENT"), ("8", "bert.case", "C-LCAK-1", "AGENT"), ("7", "lea.lead", "C-LCAK-1", "AGENT_LEAD"),
              ("1", "tilda.kent", "F-NLAK-2", "TECH")]  # fmt: skip
    put(con, "l_hr_people", [hr("2026-11-05", n, who, team, role=role) for n, who, team, role in people])
    return con


def at(clock: str, day: str = DAY) -> str:
    return f"{day} {clock}"


def refresh(con: duckdb.DuckDBPyConnection, metric: str, *dirty: Dirty) -> None:
    facts_kit.refresh(con, *dirty, folder=company(metric))


def customers(con: duckdb.DuckDBPyConnection, *rows: dict[str, Any]) -> Dirty:
    """Customers of Lakeside, active for years, who pay on time."""
    row = {"segment": "HOME", "active_since": "2020-01-01", "status": "ACTIVE", "area_code": "NLAK", "products": ["INET100"], "reachable": True,
           "no_contact": False, "pays_on_time": True, "deleted": False, "changed_at": "2026-10-01 03:00", "_day": "2026-10-01", "_dead": False}  # fmt: skip
    return put(con, "l_customer_delta", [{**row, **more} for more in rows])


def test_what_is_only_said_again_is_no_new_word(con: duckdb.DuckDBPyConnection) -> None:
    """Five words, four days: pays on time; the same again; no longer; again the same, then, that day, a word about no figure."""
    paying = {1: True, 2: True, 3: False, 4: False}
    rows = [{"customer_id": 1, "pays_on_time": pays, "changed_at": f"2026-10-0{n} 03:00", "_day": f"2026-10-0{n}"} for n, pays in paying.items()]
    rows += [{**rows[-1], "changed_at": "2026-10-04 04:00", "address_id": "elsewhere"}]
    refresh(con, "csat", customers(con, *rows))
    spans = con.execute("SELECT pays_on_time, valid_from, valid_to FROM customers ORDER BY valid_from").fetchall()
    assert spans == [(True, date(1900, 1, 1), date(2026, 10, 3)), (False, date(2026, 10, 3), date(9999, 12, 31))]


def answer(number: int, score: int | None, **more: Any) -> dict[str, Any]:
    """An answer, a day after it was asked, about call C1."""
    row = {"invite_id": f"SV-EN-{number}", "version": 1, "sent_at": at("12:00"), "answered_at": at("12:00", "2026-11-05"), "kind": "CONTACT",
           "ref_type": "CONTACT", "ref_id": "C1", "q_satisfied": score, "staff_household": False, "_day": DAY}  # fmt: skip
    return {**row, **more}


def test_satisfied_is_four_or_five_within_14_days(con: duckdb.DuckDBPyConnection) -> None:
    """5, 4, 3 and 2: two of four, one of them unhappy. After 15 days, of a staff household, about a whole case: not counted."""
    late, staff, about = (
        {"answered_at": "2026-11-19 13:00"},
        {"staff_household": True},
        {"kind": "AFTER", "ref_type": "CASE", "ref_id": "1"},
    )
    rows = [answer(n, score) for n, score in enumerate((5, 4, 3, 2))]
    rows += [answer(5, 5, **late), answer(6, 5, **staff), answer(7, 5, **about)]
    refresh(con, "csat", put(con, "s_survey_vendor", rows), put(con, "s_acd_calls", [call(1)]))
    assert figure(con, "csat", "person = 'anna.case' AND channel = 'call'") == (2, 4)
    assert con.execute("SELECT sum(mirror) FROM m_csat").fetchone() == (1,)


def test_the_scale_that_was_upside_down(con: duckdb.DuckDBPyConnection) -> None:
    """The Portuguese form asked from 5 to 1 until 12 May 2026: a 1 before is a 5, a 1 after is a 1."""
    before = {"sent_at": "2026-05-01 12:00", "answered_at": "2026-05-02 12:00", "_day": "2026-05-01"}
    rows = [answer(1, 1, invite_id="SV-PT-1", **before), answer(2, 1, invite_id="SV-PT-2")]
    refresh(con, "csat", put(con, "s_survey_vendor", rows))
    assert figure(con, "csat") == (1, 2)


def test_easy_is_five_to_seven(con: duckdb.DuckDBPyConnection) -> None:
    """7, 5, 4 and 1 of 7: two of four, one hard work; without an answer to this question: not counted."""
    rows = [answer(n, 5, q_easy=easy) for n, easy in enumerate((7, 5, 4, 1, None))]
    refresh(con, "customer_effort", put(con, "s_survey_vendor", rows), put(con, "s_acd_calls", [call(1)]))
    assert figure(con, "customer_effort", "channel = 'call'") == (2, 4)
    assert con.execute("SELECT sum(mirror) FROM m_customer_effort").fetchone() == (1,)


def test_the_change_between_two_answers(con: duckdb.DuckDBPyConnection) -> None:
    """Case 1: 2 at its start, 4 after: +2. Case 2: no answer at its start, the last regular one said 5, after it 4: -1.

    Case 3: the answer before is more than 120 days old: not counted. So +1 in two.
    """
    said = {"ref_type": "CASE", "version": 1}
    rows = [
        answer(1, 2, kind="BEFORE", ref_id="1", answered_at=at("13:00"), **said), answer(2, 4, kind="AFTER", ref_id="1", answered_at=at("20:00"), **said),
        answer(3, 5, kind="REGULAR", ref_type="CUST", ref_id="2", answered_at="2026-10-01 09:00"), answer(4, 4, kind="AFTER", ref_id="2", answered_at=at("20:00"), **said),
        answer(5, 1, kind="REGULAR", ref_type="CUST", ref_id="3", answered_at="2026-07-01 09:00"), answer(6, 5, kind="AFTER", ref_id="3", answered_at=at("20:00"), **said),
    ]  # fmt: skip
    every = cases(con, [closed(n, at("12:00"), at("19:00")) for n in (1, 2, 3)])
    refresh(con, "satisfaction_change", every, put(con, "s_survey_vendor", rows))
    assert figure(con, "satisfaction_change", "person = 'anna.case'") == (1, 2)


def tag(contact: str, theme: str, confidence: float = 0.9, model: str = "tag-4.1") -> dict[str, Any]:
    return {
        "contact_ref": contact,
        "theme_code": theme,
        "confidence": confidence,
        "model_version": model,
        "tagged_at": at("09:00", "2026-11-05"),
        "_day": "2026-11-05",
    }


def test_what_is_understood_and_what_it_is_about(con: duckdb.DuckDBPyConnection) -> None:
    """Five calls. 1: a theme. 2: too unsure a tag, but the agent's code. 3: "other" only. 4: nothing. 5: a wrong number, not counted.

    So 2 of 4 are understood. Of the one contact with a usable theme, one is about slow internet, and by the newer model's word alone.
    """
    rows = [call(1), call(2, reason_code="SLOW"), call(3, reason_code="OTHR"), call(4), call(5, reason_code="WRNG")]
    tags = [tag("C1", "T-SLOW", model="tag-4.2"), tag("C1", "T-BHGH"), tag("C2", "T-BHGH", 0.4), tag("C3", "T-OTHR")]
    dirty = [put(con, "s_acd_calls", rows), put(con, "s_voice_themes", tags)]
    facts_kit.refresh(con, *dirty, folder=company("voice_coverage", "theme_share"))
    assert figure(con, "voice_coverage", "team = 'C-LCAK-1'") == (2, 4)
    assert figure(con, "theme_share", "theme = 'slow_internet'") == (1, 0)
    assert figure(con, "theme_share") == (1, 1)


def use(number: int, user: str, used: str = at("10:00")) -> dict[str, Any]:
    return {"kind": "use", "id": number, "tip_id": 1, "user_login": user, "used_at": used, "_day": used[:10]}


TIP = {"kind": "tip", "id": 1, "author_login": "anna.case", "_day": "2026-10-01"}


def test_colleagues_who_used_a_tip(con: duckdb.DuckDBPyConnection) -> None:
    """Bert uses Anna's tip twice: one colleague helped. Anna herself and her own team lead: none."""
    rows = [TIP, use(2, "bert.case"), use(3, "bert.case", at("12:00")), use(4, "anna.case"), use(5, "lea.lead")]
    refresh(con, "tips_reused", put(con, "s_community_kb", rows))
    assert con.execute("SELECT DISTINCT person, item FROM m_tips_reused").fetchall() == [("anna.case", "bert.case")]


def test_kind_acts_have_a_second_trace(con: duckdb.DuckDBPyConnection) -> None:
    """A card that was posted: an act. One not posted: none. A second for the same customer ten days later: none.

    A check-in that the telephone knows of: an act; one that it does not: none. A colleague helped twice in a week: one act.
    Anna's three acts stand beside two jobs and contacts, hers one of them.
    """
    card = {"ordered_by": "anna.case@fernway.example", "returned": False}
    cards = [
        {**card, "order_ref": "1", "customer_ref": "1", "ordered_at": at("09:00"), "posted_at": at("09:00", "2026-11-05"), "_day": DAY},
        {**card, "order_ref": "2", "customer_ref": "2", "ordered_at": at("09:00"), "_day": DAY},
        {**card, "order_ref": "3", "customer_ref": "1", "ordered_at": at("09:00", "2026-11-14"), "posted_at": at("09:00", "2026-11-15"), "_day": "2026-11-14"},
    ]  # fmt: skip
    task = {"created": at("10:00"), "promised_by": at("15:00"), "promised_by_first": at("15:00"), "done": at("14:00"), "done_kind": "CONNECTED",
            "login": "anna.case", "kind": "CHECK_IN", "_day": DAY}  # fmt: skip
    tasks = [{**task, "task_id": 1, "customer_id": 5}, {**task, "task_id": 2, "customer_id": 6}]
    out = call(
        9, 1, direction="OUT", customer_id=5, queued_at=at("13:00"), answered_at=at("13:00"), ended_at=at("13:05")
    )
    done = visit(1, at("08:00"), at("10:00"), arrived_at=at("09:00"), finished_at=at("09:30"))
    refresh(
        con, "extra_mile_acts", put(con, "s_greeting_cards", cards), put(con, "s_follow_up_tasks", tasks), put(con, "s_acd_calls", [out, call(1)]),
        put(con, "s_community_kb", [TIP, use(2, "bert.case"), use(3, "bert.case", at("12:00"))]), visits(con, [done]),
    )  # fmt: skip
    assert figure(con, "extra_mile_acts", "person = 'anna.case'") == pytest.approx((3, 0.01))
    assert figure(con, "extra_mile_acts") == pytest.approx((3, 0.02))


def test_more_than_two_problems_in_365_days(con: duckdb.DuckDBPyConnection) -> None:
    """Customer 1: problems in December, June, August and November: three within 365 days from August on. Customer 2: two, and a question.

    Customer 3: two, one of them opened again: the same problem. Customer 4 has none. On 4 November: 1 of 4.
    """
    days = {
        1: ("2025-12-01", "2026-06-01", "2026-08-01", DAY),
        2: ("2026-06-01", "2026-08-01"),
        3: ("2026-06-01", "2026-08-01"),
    }
    rows = [
        case(who * 10 + n, at("09:00", day), customer_id=who)
        for who, opened in days.items()
        for n, day in enumerate(opened)
    ]
    rows += [
        case(25, at("09:00"), customer_id=2, problem_flag=False),
        case(35, at("09:00"), customer_id=3, reopened_from=31),
    ]
    known = customers(con, *({"customer_id": n} for n in (1, 2, 3, 4)))
    refresh(con, "over_two_problems_rate", cases(con, rows), known)
    assert figure(con, "over_two_problems_rate", f"day = '{DAY}' AND area = 'Lakeside'") == (1, 4)
    assert figure(con, "over_two_problems_rate", "day = '2026-07-31'") == (0, 4)


def test_good_customers_thanked(con: duckdb.DuckDBPyConnection) -> None:
    """Good are 1, 2 and 3: with us for two years, paying, no problem in a year. 4 is new, 5 pays late, 6 had a problem, 7 wants no contact.

    1 got a thank-you, 2 a sale that calls itself one, 3 nothing: 1 of 3.
    """
    more: list[dict[str, Any]] = [
        {},
        {},
        {},
        {"active_since": "2025-06-01"},
        {"pays_on_time": False},
        {},
        {"no_contact": True},
    ]
    known = customers(con, *({"customer_id": n + 1, **m} for n, m in enumerate(more)))
    sent = {"kind": "THANKS", "sent_at": "2026-10-20 09:00", "delivered": True, "_day": "2026-10-20"}
    sends = [
        {**sent, "send_id": "1", "customer_id": 1, "campaign": "TY_LOYAL"},
        {**sent, "send_id": "2", "customer_id": 2, "campaign": "SALE_TV"},
    ]
    trouble = cases(con, [case(6, "2026-10-15 09:00"), case(99, at("09:00"), problem_flag=False)])
    refresh(con, "good_customer_thanked_rate", known, trouble, put(con, "s_loyalty_offers", sends))
    assert figure(con, "good_customer_thanked_rate", f"day = '{DAY}'") == (1, 3)


def test_broken_promises_made_good_within_14_days_and_without_a_claim(con: duckdb.DuckDBPyConnection) -> None:
    """Nobody came to 1 to 4. 1 is credited after 10 days: good. 2 after 15 days, 3 only when asked, 4 never: still owed. 1 of 4.

    A repair reported on Wednesday and done on Saturday took more than two working days: due on Saturday, credited on Monday: 1 of 1.
    """
    none = [visit(n, at("08:00"), at("10:00"), status="NOSHOW", changed_at=at("12:00")) for n in (1, 2, 3, 4)]
    row = {"seq": 1, "type": "CRD", "sign": "+", "reason": "MAPT", "amt": 25.0}
    paid = [
        {**row, "acct": "11", "adjdt": "2026-11-14", "_day": "2026-11-14"}, {**row, "acct": "21", "adjdt": "2026-11-19", "_day": "2026-11-19"},
        {**row, "acct": "31", "adjdt": "2026-11-10", "reason": "CLAM", "_day": "2026-11-10"},
        {**row, "acct": "51", "adjdt": "2026-11-09", "reason": "LREP", "_day": "2026-11-09"},
    ]  # fmt: skip
    slow = {
        "ticket_id": "T5",
        "service_id": "SVC00000000501",
        "status": "RESOLVED",
        "reported_at": at("09:00"),
        "restored_at": at("09:00", "2026-11-07"),
        "_day": DAY,
    }
    dirty = [visits(con, none), put(con, "s_billing_adjustments", paid), put(con, "s_trouble_tickets", [slow])]
    refresh(con, "make_good_paid_rate", *dirty, customers(con, *({"customer_id": n} for n in range(1, 6))))
    assert figure(con, "make_good_paid_rate", "mix = 'missed visit'") == (1, 4)
    assert figure(con, "make_good_paid_rate", "mix = 'late repair' AND day = '2026-11-07' AND area = 'Lakeside'") == (
        1,
        1,
    )


def test_signs_of_being_unhappy_are_followed_up_within_two_working_days(con: duckdb.DuckDBPyConnection) -> None:
    """Nobody came to 1, 2 and 3 on Wednesday. 1 is called on Friday, two working days on: followed. 2 on Saturday: too late. 3 never.

    4 disputes a bill and is called the same day: followed. 5 promised a call at 15:00 got none: a sign of its own, of Anna's. 2 of 5.
    """
    none = [visit(n, at("08:00"), at("10:00"), status="NOSHOW", changed_at=at("12:00")) for n in (1, 2, 3)]
    out = {"direction": "OUT", "queue": "Q_CASES"}
    calls = [
        call(
            n,
            1,
            **out,
            customer_id=n,
            queued_at=f"{day} 09:00",
            answered_at=f"{day} 09:01",
            ended_at=f"{day} 09:05",
            _day=day,
        )
        for n, day in ((1, "2026-11-06"), (2, "2026-11-07"), (4, DAY))
    ]
    bill = {"acct": "41", "seq": 1, "adjdt": DAY, "type": "DSP", "sign": "+", "reason": "DISP", "_day": DAY}
    row = {
        "created": at("10:00"),
        "promised_by": at("15:00"),
        "promised_by_first": at("15:00"),
        "kind": "CALL_BACK",
        "_day": DAY,
    }
    tasks = [{**row, "task_id": 1, "customer_id": 5, "login": "anna.case"}, {**row, "task_id": 2, "customer_id": 9, "login": "anna.case",
             "done": at("16:00", "2026-11-08"), "done_kind": "CONNECTED", "promised_by_first": at("17:00", "2026-11-08")}]  # fmt: skip
    dirty = [
        visits(con, none),
        put(con, "s_acd_calls", calls),
        put(con, "s_billing_adjustments", [bill]),
        put(con, "s_follow_up_tasks", tasks),
    ]
    refresh(con, "unhappy_signal_followed_rate", *dirty, customers(con, *({"customer_id": n} for n in range(1, 6))))
    assert figure(con, "unhappy_signal_followed_rate", "signal = 'late_or_missed'") == (1, 3)
    assert figure(con, "unhappy_signal_followed_rate", "signal = 'bill_dispute' AND area = 'Lakeside'") == (1, 1)
    assert figure(con, "unhappy_signal_followed_rate", "signal = 'promise_missed' AND person = 'anna.case'") == (0, 1)
    assert figure(con, "unhappy_signal_followed_rate") == (2, 5)


def test_eight_hours_without_service_in_thirty_days_and_a_fall_of_two_points(con: duckdb.DuckDBPyConnection) -> None:
    """Customer 1: five hours on 10 October and four on 4 November, nine in 30 days: a sign on the 4th. Customer 2: five alone: none.

    Customer 3 said 5 before the case and 3 after it: a sign, though 3 is not low.
    """
    row = {"status": "RESOLVED", "fault_code": "NSIG"}
    spells = [(1, "2026-10-10 09:00", "2026-10-10 14:00"), (1, at("09:00"), at("13:00")), (2, at("09:00"), at("14:00"))]
    tickets = [
        {
            **row,
            "ticket_id": f"T{n}",
            "service_id": f"SVC{who:09d}01",
            "reported_at": a,
            "restored_at": b,
            "_day": a[:10],
        }
        for n, (who, a, b) in enumerate(spells)
    ]
    about = {"ref_type": "CASE", "ref_id": "3", "version": 1}
    answers = [
        answer(1, 5, kind="BEFORE", answered_at=at("13:00"), **about),
        answer(2, 3, kind="AFTER", answered_at=at("20:00"), **about),
    ]
    dirty = [
        put(con, "s_trouble_tickets", tickets),
        put(con, "s_survey_vendor", answers),
        cases(con, [closed(3, at("12:00"), at("19:00"))]),
    ]
    refresh(con, "unhappy_signal_followed_rate", *dirty, customers(con, *({"customer_id": n} for n in (1, 2, 3))))
    held = con.execute(
        "SELECT signal, day::VARCHAR, sum(den) FROM m_unhappy_signal_followed_rate GROUP BY 1, 2 ORDER BY 1"
    ).fetchall()
    assert held == [("long_outage", DAY, 1), ("low_answer", DAY, 1)]


def test_every_metric_has_a_figure_worked_out_by_hand() -> None:
    """The keys of the catalogue, each with its roll-up in one of these files."""
    here = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_facts*.py")))
    metrics = [path.stem for path in sorted((facts_kit.FERNWAY / "metrics").glob("*.yml"))]
    assert len(metrics) == 36
    assert [
        m for m in metrics if f'figure(con, "{m}"' not in here and f"m_{m} " not in here and f'm_{m}"' not in here
    ] == []
