# ruff: noqa: E501
"""Jobs, orders and tickets from the raw files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from tests.plain_company import Plain, Row, local, pad, stamp, utc


def work_orders(plain: Plain) -> list[dict[str, Any]]:
    """The first line of every work order; a resent day replaces the day, a wrong trailer refuses the file."""
    days: dict[str, list[list[str]]] = {}
    for path in plain.files("work_orders"):
        lines = path.read_text(encoding="utf-8").splitlines()
        if int(lines[-1].split("|")[1]) == len(lines) - 2:
            days[path.stem[3:11]] = [line.split("|") for line in lines[1:-1]]
    jobs: dict[str, dict[str, Any]] = {}
    for day in sorted(days):
        for parts in days[day]:
            opened, closed = wall(parts[7]), wall(parts[8])
            if closed < opened:
                continue
            job = {"wo": parts[0], "line": int(parts[1]), "type": parts[3], "svc": parts[4], "addr": parts[5]}
            job |= {"badge": pad(parts[6]), "closed": closed, "code": parts[9], "fault": parts[10] or None}
            if parts[0] not in jobs or job["line"] < jobs[parts[0]]["line"] or day > jobs[parts[0]]["file"]:
                jobs[parts[0]] = job | {"file": day}
    return sorted(jobs.values(), key=lambda j: (j["closed"], j["wo"]))


def wall(text: str) -> datetime:
    """YYYYMMDDHHMM; 2400 is the end of the day."""
    if text.endswith("2400"):
        return datetime.strptime(text[:8], "%Y%m%d") + timedelta(days=1)
    return datetime.strptime(text, "%Y%m%d%H%M")


def tickets(plain: Plain) -> dict[str, dict[str, Any]]:
    """Every ticket as the last change left it."""
    rank = {"c": 1, "u": 2, "d": 3}
    found: dict[str, dict[str, Any]] = {}
    for path in plain.files("trouble_tickets"):
        for line in path.read_text(encoding="utf-8").splitlines():
            change = json.loads(line)
            image = change["after"] or change["before"]
            key = (change["ts_ms"], rank[change["op"]])
            held = found.get(image["ticket_id"])
            if held is None or key >= held["key"]:
                found[image["ticket_id"]] = {**image, "key": key}
    return found


class Jobs:
    """Jobs joined with what followed them."""

    def __init__(self, plain: Plain, visits: list[dict[str, Any]]) -> None:
        self.plain = plain
        self.visits = {v["last"]["work_order_no"]: v for v in visits if v["last"]["work_order_no"]}
        self.jobs = work_orders(plain)
        self.tickets = tickets(plain)
        self.at: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for job in self.jobs:
            self.at[job["svc"], job["addr"]].append(job)
        self.faults: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for ticket in self.tickets.values():
            self.faults[ticket["service_id"]].append(ticket)

    def later(self, job: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
        """(days after, visit) to the same service and address in the 30 days after."""
        group = self.at[job["svc"], job["addr"]]
        after = group[group.index(job) + 1 :]
        gaps = [((other["closed"].date() - job["closed"].date()).days, other) for other in after]
        return [(days, other) for days, other in gaps if days <= 30]

    def stage(self, job: dict[str, Any]) -> str | None:
        """The visit that is the planned second stage of an installation."""
        if job["code"] != "STG2":
            return None
        return next((other["wo"] for _, other in self.later(job) if other["type"] == "INS"), None)

    def place(self, job: dict[str, Any], settles: int) -> Row:
        visit = self.visits.get(job["wo"], {})
        day: date = job["closed"].date()
        who = self.plain.who("badge", job["badge"], day)
        partner = self.plain.codes["partner"].get(job["badge"][:3])
        row = self.plain.place(who, day, settles, team=partner, area=visit.get("area"), region=visit.get("region"))
        return row | {"of": job, "visit": visit}

    def repeat_install_rate(self) -> list[Row]:
        second = {self.stage(job) for job in self.jobs if job["type"] == "INS"}
        found = []
        for job in self.jobs:
            if job["type"] != "INS" or job["code"] in ("NACC", "PART", "MORE", "OUTN") or job["wo"] in second:
                continue
            again = [o for _, o in self.later(job) if o["code"] not in ("NEWP", "DMGO") and o["wo"] != self.stage(job)]
            found.append(self.place(job, 30) | {"num": bool(again), "den": 1})
        return found

    def first_time_fix_rate(self) -> list[Row]:
        found = []
        for job in self.jobs:
            if job["type"] != "REP" or job["code"] in ("NACC", "OUTN"):
                continue
            group = self.at[job["svc"], job["addr"]]
            before = group[: group.index(job)]
            if any(
                o["type"] == "REP" and o["code"] not in ("NACC", "OUTN") and self.same(o, job)
                and (job["closed"].date() - o["closed"].date()).days <= 30
                for o in before
            ):  # fmt: skip
                continue
            again = [
                o
                for _, o in self.later(job)
                if o["type"] == "REP" and o["code"] not in ("NEWP", "DMGO") and self.same(job, o)
            ]
            zone = (
                self.visits[job["wo"]]["zone"] if job["wo"] in self.visits else self.plain.company["head_office_zone"]
            )
            closed = utc(job["closed"], zone)
            reported = [
                stamp(t["reported_at"])
                for t in self.faults[job["svc"]]
                if t["status"] != "CANCELLED" and self.same_fault(t["fault_code"], job)
            ]
            more = [r for r in reported if r and closed < r <= closed + timedelta(days=30)]
            fixed = job["code"] not in ("PART", "MORE") and not again and not more
            found.append(self.place(job, 30) | {"num": fixed, "den": 1})
        return found

    @staticmethod
    def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
        return Jobs.same_fault(one["fault"], other)

    @staticmethod
    def same_fault(code: str | None, job: dict[str, Any]) -> bool:
        return not code or not job["fault"] or code == job["fault"]

    def time_to_repair(self) -> list[Row]:
        """Hours and whether restored by the end of the second working day."""
        parents = {t["parent_id"] for t in self.tickets.values() if t["parent_id"]}
        found = []
        for key, ticket in self.tickets.items():
            parent = self.tickets.get(ticket["parent_id"] or "")
            incident = any((t["parent_id"] or "").startswith("MI-") for t in (ticket, parent) if t)
            restored = stamp(ticket["restored_at"]) if ticket["status"] in ("RESOLVED", "CLOSED") else None
            if restored is None or incident or key in parents:
                continue
            reported, own = stamp((parent or ticket)["reported_at"]), stamp(ticket["reported_at"])
            assert reported and own
            if restored < reported:
                continue
            area = self.plain.home_area(int(ticket["service_id"][3:12]), own.date())
            zone = self.plain.area_zone(area) if area else "UTC"
            day = local(restored, zone).date()
            owner = (ticket["owner_login"] or "").lower()
            who = self.plain.who("login", owner, day)
            row = self.plain.place(who, day, 0, team=self.plain.codes["partner"].get(owner[:3].upper()))
            if area:
                row |= {"area": area, "region": self.plain.areas[area]["region"]}
            found.append(row | {"value": (restored - reported).total_seconds() // 60 / 60})
        return found

    def install_on_promised_day_rate(self, visits: list[dict[str, Any]]) -> list[Row]:
        orders: dict[str, dict[str, Any]] = {}
        for path in self.plain.files("install_orders"):
            root = ElementTree.parse(path).getroot()
            for item in root:
                values = {child.tag.rpartition("}")[2]: child for child in item}
                orders[values["orderNo"].text or ""] = {
                    "customer": int(values["customerId"].text or 0), "created": stamp(values["createdAt"].text or ""),
                    "promises": sorted((int(p.get("seq", "0")), p.text, p.get("askedBy")) for p in values["promisedDates"]),
                    "completed": stamp(values["completedAt"].text or ""), "status": values["status"].text,
                }  # fmt: skip
        installs: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for v in visits:
            if v["last"]["job_type"] == "INSTALL":
                installs[v["customer"]].append(v)
        newest = max(max(o["created"], o["completed"] or o["created"]) for o in orders.values()).date()
        found = []
        for order in orders.values():
            first = date.fromisoformat(order["promises"][0][1])
            asked = any(by == "CUSTOMER" for _, _, by in order["promises"])
            if order["status"] == "CANCELLED" or asked or first > newest:
                continue
            planned = [v for v in installs[order["customer"]] if v["day"] >= order["created"].date()]
            visit = min(planned, key=lambda v: (abs((v["day"] - first).days), v["id"]), default=None)
            badge = visit["badge"] if visit else None
            row = self.plain.place(
                self.plain.who("badge", badge, first), first, 0, team=visit["partner"] if visit else None
            )
            area = visit["area"] if visit else self.plain.home_area(order["customer"], first)
            row |= {"area": area, "region": self.plain.areas[area]["region"] if area else None}
            zone = visit["zone"] if visit else "UTC"
            done = local(order["completed"], zone).date() if order["completed"] else None
            found.append(row | {"num": bool(done and done <= first), "den": 1})
        return found
