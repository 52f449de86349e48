"""The ten signs of being unhappy, from the raw files."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.plain_care import WORKING, Care
from tests.plain_company import Plain, Row, local, stamp, utc
from tests.plain_contacts import answers
from tests.plain_jobs import Jobs

WEEK = timedelta(days=7)
Signal = tuple[str, int, date, date, str, str | None]
"""sign, customer, day of the fact, day of the sign, reference, who it belongs to."""


def signals(plain: Plain, visits: list[dict[str, Any]], jobs: Jobs, care: Care) -> list[Signal]:
    found: list[Signal] = []
    found += _cases(care)
    for v in visits:
        slow = v["came"] and v["arrived"] and int((v["arrived"] - v["end"]).total_seconds() // 60) > 60
        if v["due"] and (v["missed"] or slow):
            found.append(("late_or_missed", v["customer"], v["last"]["window_end"].date(), v["day"], v["id"], None))
    for job in jobs.jobs:
        again = [d for d, o in jobs.later(job) if o["code"] not in ("NEWP", "DMGO") and o["wo"] != jobs.stage(job)]
        visit = jobs.visits.get(job["wo"])
        if again and visit:
            day = job["closed"].date()
            found.append(("second_visit", visit["customer"], day, day + timedelta(days=again[0]), job["wo"], None))
    found += _answers(plain, visits, care)
    found += _promises(care)
    parents = {t["parent_id"] for t in jobs.tickets.values() if t["parent_id"]}
    without: dict[int, list[tuple[date, float, date, str]]] = defaultdict(list)
    for key, ticket in jobs.tickets.items():
        parent = jobs.tickets.get(ticket["parent_id"] or "")
        restored = stamp(ticket["restored_at"]) if ticket["status"] in ("RESOLVED", "CLOSED") else None
        reported, own = stamp((parent or ticket)["reported_at"]), stamp(ticket["reported_at"])
        assert reported and own
        if restored and ticket["fault_code"] == "NSIG" and restored > reported and key not in parents:
            customer = int(ticket["service_id"][3:12])
            area = plain.home_area(customer, own.date())
            zone = plain.area_zone(area) if area else "UTC"
            hours = int((restored - reported).total_seconds()) / 3600
            without[customer].append((own.date(), hours, local(reported, zone).date(), key))
    for customer, spells in without.items():
        for day, _, seen, key in spells:
            if sum(h for d, h, _, _ in spells if day - timedelta(days=30) <= d <= day) > 8:
                found.append(("long_outage", customer, day, seen, key, None))
    themes = plain.codes["theme"]
    for c in care.contacts:
        tags = care.tags.get(c["id"], [])
        wrong = c["wrong"] or any(t["theme_code"] == "T-WRNG" for t in tags)
        if c["people"] and c["customer"] and not wrong and any(themes.get(t["theme_code"]) == "leaving" for t in tags):
            found.append(("asked_to_leave", c["customer"], c["start"].date(), c["day"], c["id"], None))
    return found + _bills(plain) + _gave_up(care)


def _cases(care: Care) -> list[Signal]:
    found: list[Signal] = []
    for customer, cases in care._again().items():
        problems = sorted(
            (c for c in cases if c["problem"] and not c["from"] and c["kind"] != "MERGED"),
            key=lambda c: (c["opened"], c["id"]),
        )
        for before, c in pairwise(problems):
            if (c["opened_day"] - before["opened_day"]).days <= 30:
                found.append(("two_problems", customer, c["opened"].date(), c["opened_day"], str(c["id"]), c["owner"]))
    for c in care.cases.values():
        seen = c["closed_day"] or c["changed_day"]
        if (seen - c["opened_day"]).days > 7:
            found.append(
                (
                    "long_case",
                    c["customer"],
                    c["opened"].date(),
                    c["opened_day"] + timedelta(days=7),
                    str(c["id"]),
                    c["owner"],
                )
            )
        if c["closed_day"] and care.hand_overs[c["id"]] >= 3:
            found.append(("long_case", c["customer"], c["opened"].date(), c["closed_day"], f"{c['id']}h", c["owner"]))
    return found


def _answers(plain: Plain, visits: list[dict[str, Any]], care: Care) -> list[Signal]:
    who = {v["id"]: v["customer"] for v in visits} | {c["id"]: c["customer"] for c in care.contacts}
    found: list[Signal] = []
    for a, case, start in care.changes:
        if a["score"] > 2 and a["score"] - start <= -2:
            sent = stamp(a["sent_at"])
            assert sent
            found.append(("low_answer", case["customer"], sent.date(), a["at"].date(), a["invite_id"], None))
    for a in answers(plain):
        sent, at = stamp(a["sent_at"]), stamp(a["answered_at"])
        if (
            at
            and sent
            and a["q_satisfied"] in ("1", "2")
            and at <= sent + timedelta(days=14)
            and a["staff_household"] != "1"
            and _asked(a, who, care)
        ):
            found.append(("low_answer", _asked(a, who, care), sent.date(), at.date(), a["invite_id"], None))
    return found


def _asked(a: dict[str, Any], who: dict[str, int], care: Care) -> int:
    """The customer who was asked: about a visit or contact, about a case, or just so; 0 when not known."""
    number = int(a["ref_id"]) if a["ref_id"].isdigit() else 0
    if a["ref_type"] == "CASE":
        return care.cases[number]["customer"] if number in care.cases else 0
    return number if a["ref_type"] == "CUST" else who.get(a["ref_id"]) or 0


def _promises(care: Care) -> list[Signal]:
    newest = max(max(t["created"], t["done"] or t["created"]) for t in care.tasks.values())
    found: list[Signal] = []
    for key, t in care.tasks.items():
        kept = t["done_kind"] == "CONNECTED" and t["done"] and t["done"] <= t["first"]
        if t["first"] <= newest and not kept and t["cancelled_by"] != "CUSTOMER" and t["customer_id"]:
            found.append(
                (
                    "promise_missed",
                    t["customer_id"],
                    t["created"].date(),
                    t["first"].date(),
                    str(key),
                    (t["login"] or "").lower(),
                )
            )
    return found


def _bills(plain: Plain) -> list[Signal]:
    newest: dict[tuple[str, str], str] = {}
    for path in plain.files("billing_adjustments"):
        for line in path.read_text(encoding="latin-1").splitlines():
            newest[line[:12], line[12:16]] = line
    claims: dict[str, list[date]] = defaultdict(list)
    rows = [(line, datetime.strptime(line[16:24], "%Y%m%d").date()) for line in newest.values()]
    for line, day in rows:
        if line[24:27] == "CRD" and line[38:42].strip() == "CLAM":
            claims[line[:12]].append(day)
    found: list[Signal] = []
    for line, day in rows:
        again = (
            line[24:27] == "CRD"
            and line[38:42].strip() == "CLAM"
            and any(day - timedelta(days=90) <= d < day for d in claims[line[:12]])
        )
        if line[54] != "-" and (line[24:27] == "DSP" or again):
            found.append(
                ("bill_dispute", int(line[:12]) // 10, day, day, f"{line[:12]}-{int(line[12:16])}-{line[24:27]}", None)
            )
    return found


def _gave_up(care: Care) -> list[Signal]:
    group: dict[tuple[int, bool], list[dict[str, Any]]] = defaultdict(list)
    for c in care.contacts:
        call = c["channel"] == "call"
        at_once = call and c["asked"] and not c["people"] and (c["ended"] - c["entered"]).total_seconds() < 6
        if c["customer"] and c["asked"] and (not call or not c["people"]) and not at_once:
            group[c["customer"], call].append(c)
    found: list[Signal] = []
    for (customer, call), contacts in group.items():
        for c in contacts:
            near = sum(c["start"] - WEEK <= b["start"] <= c["start"] for b in contacts)
            if near >= (2 if call else 3):
                found.append(("gave_up_twice", customer, c["start"].date(), c["day"], c["id"], None))
    return found


def unhappy_signal_followed_rate(plain: Plain, visits: list[dict[str, Any]], jobs: Jobs, care: Care) -> list[Row]:
    spoke: dict[int, set[date]] = defaultdict(set)
    for row in care.out_rows:
        own = int(row["customer_id"]) if row["customer_id"] else None
        customer = own or care.of_any_number(row["ani_hash"], utc(row["began"], row["zone"]))
        if customer:
            spoke[customer].add(row["began"].date())
    for t in care.tasks.values():
        if t["done_kind"] == "CONNECTED" and t["done"] and t["customer_id"]:
            spoke[t["customer_id"]].add(t["done"].date())
    chosen: dict[tuple[Any, ...], Signal] = {}
    for s in signals(plain, visits, jobs, care):
        key = s[:4]
        if key not in chosen or s[4] < chosen[key][4]:
            chosen[key] = s
    found = []
    for _, customer, _, day, _, login in chosen.values():
        last = day + timedelta(days=WORKING[day.weekday()])
        area = plain.home_area(customer, day)
        row = plain.place(plain.who("login", login, day), day, 2, area=area, region=care.region(area))
        found.append(row | {"num": any(day <= d <= last for d in spoke[customer]), "den": 1})
    return found
