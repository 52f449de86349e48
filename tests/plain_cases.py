# ruff: noqa: E501
"""Cases from the raw files: states, closings, touches, answers before and after."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from tests.plain_company import Row, local, stamp
from tests.plain_contacts import answers
from tests.plain_voice import Voice


class Cases(Voice):
    """Customers' cases, with the contacts in which they were opened."""

    @cached_property
    def cases(self) -> dict[int, dict[str, Any]]:
        rows: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
        for path in self.plain.files("crm_cases"):
            with path.open(encoding="utf-8") as text:
                for row in csv.DictReader(text):
                    rows[int(row["case_id"])][int(row["lsn"])] = row
        found = {}
        times = ("opened_at", "we_think_solved_at", "confirmed_at", "closed_at", "state_since")
        for case, log in rows.items():
            ordered: list[dict[str, Any]] = [{**log[k], **{t: stamp(log[k][t]) for t in times}} for k in sorted(log)]
            if ordered[-1]["op"] == "D":
                continue
            last, closing = ordered[-1], next((r for r in ordered if r["closed_at"]), None)
            customer, opened = int(last["customer_id"]), last["opened_at"]
            area = self.plain.home_area(customer, opened.date())
            zone = self.plain.area_zone(area) if area else self.head
            closed = closing["closed_at"] if closing else None
            kind = closing["close_kind"] if closing else None
            confirmed = last["confirmed_at"] if kind == "CONFIRMED" else None
            ended = confirmed or closed
            found[case] = {
                "id": case, "customer": customer, "opened": opened, "closed": closed, "kind": kind, "confirmed": confirmed, "ended": ended,
                "yes": last["confirmed_at"] is not None, "owner": (closing or last)["owner_login"].lower(), "area": area, "zone": zone,
                "theme": self.plain.codes["theme"].get(last["theme_code"]), "from": int(last["reopened_from"]) if last["reopened_from"] else None,
                "whole": min(r["state_since"] for r in ordered) <= opened,
                "problem": last["problem_flag"] == "t", "solved": last["we_think_solved_at"], "opened_day": local(opened, zone).date(),
                "closed_day": local(closed, zone).date() if closed else None, "ended_day": local(ended, zone).date() if ended else None,
                "changed_day": local(max(max(r["state_since"], r["we_think_solved_at"] or r["state_since"]) for r in ordered), zone).date(),
                "waits": self.waits(ordered, last["we_think_solved_at"] or closed),
                "solved_day": local(last["we_think_solved_at"], zone).date() if last["we_think_solved_at"] else None,
            }  # fmt: skip
        return found

    @staticmethod
    def waits(log: list[dict[str, Any]], until: datetime | None) -> float:
        """Hours waiting for a part or a visit."""
        states: list[tuple[datetime, str]] = []
        for row in log:
            entry = (row["state_since"], row["state"])
            if not row["we_think_solved_at"] and not row["closed_at"] and entry not in states:
                states.append(entry)
        states.sort(key=lambda s: s[0])
        hours = 0.0
        for i, (since, state) in enumerate(states):
            end = min(states[i + 1][0], until) if until and i + 1 < len(states) else until
            if end and state in ("WAIT_PART", "WAIT_VISIT"):
                hours += max(0, int((end - since).total_seconds())) / 3600
        return hours

    def came_by(self, case: dict[str, Any]) -> str | None:
        """The channel of the contact during which the case was opened: the newest of its customer in the two hours before."""
        begins, ends = case["opened"] - timedelta(hours=2), case["opened"]
        fit = [c for c in self.of_customer[case["customer"]] if c["people"] and begins <= c["start"] <= ends]
        return max(fit, key=lambda c: (c["start"], c["id"]))["channel"] if fit else None

    @cached_property
    def of_customer(self) -> dict[int, list[dict[str, Any]]]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for c in self.contacts:
            if c["customer"]:
                found[c["customer"]].append(c)
        return found

    def promised_by(self, task: dict[str, Any]) -> str | None:
        """The channel of the contact in which whoever promised spoke with the customer on that day."""
        agents = {(task["login"] or "").lower(), (task["taken_over_from"] or "").lower()} - {""}
        fit = [
            c
            for c in self.of_customer[task["customer_id"]]
            if c["people"] and c["agent"] in agents and c["day"] == task["created"].date()
            and self.hour_of(c) <= task["created"].hour
        ]  # fmt: skip
        return max(fit, key=lambda c: (c["start"], c["id"]))["channel"] if fit else None

    def hour_of(self, c: dict[str, Any]) -> int:
        """The hour of day of a contact's beginning by the clock of its site, or of the head office."""
        zone = self.plain.sites[c["legs"][0]["site"]][2] if "legs" in c else self.head
        return local(c["start"], zone).hour

    def owned(self, case: dict[str, Any], day: date, settles: int) -> Row:
        who = self.plain.who("login", case["owner"], case["opened"].date())
        row = self.plain.place(who, day, settles, area=case["area"], region=self.region(case["area"]))
        return row | {"of": case}

    def placed(self, case: dict[str, Any], day: date) -> Row:
        return {
            "day": day,
            "person": None,
            "team": None,
            "site": None,
            "area": case["area"],
            "region": self.region(case["area"]),
            "of": case,
        }

    @property
    def closed(self) -> list[dict[str, Any]]:
        return [c for c in self.cases.values() if c["closed"]]

    def customer_confirmed_rate(self) -> list[Row]:
        kept = [c for c in self.closed if c["kind"] != "WITHDRAWN"]
        return [
            self.owned(c, c["closed_day"], 0) | {"num": c["kind"] == "CONFIRMED" and c["yes"], "den": 1} for c in kept
        ]

    def total_response_time(self) -> list[Row]:
        again = {c["from"] for c in self.cases.values() if c["from"]}
        found = []
        for c in self.closed:
            if c["kind"] in ("CONFIRMED", "QUIET") and c["id"] not in again:
                first = self.cases.get(c["from"] or -1, c)["opened"]
                row = self.owned(c, c["ended_day"], 0) | (
                    {"area": c["area"], "region": self.region(c["area"])} if c["area"] else {}
                )
                found.append(row | {"value": (c["ended"] - first).total_seconds() // 60 / 60})
        return found

    def _again(self) -> dict[int, list[dict[str, Any]]]:
        group: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for c in self.cases.values():
            group[c["customer"]].append(c)
        return group

    def reopen_rate(self) -> list[Row]:
        group, found = self._again(), []
        for c in self.closed:
            gaps = [
                (b["opened"] - c["closed"]).total_seconds() / 86400 for b in group[c["customer"]]
                if b["id"] != c["id"] and b["opened"] > c["closed"] and (b["from"] == c["id"] or (c["theme"] and b["theme"] == c["theme"]))
            ]  # fmt: skip
            row = self.owned(c, c["closed_day"], 14) | {"channel": self.came_by(c)}
            found.append(row | {"num": any(g <= 14 for g in gaps), "den": 1})
        return found

    def repeat_issue_rate(self) -> list[Row]:
        group, found = self._again(), []
        for c in self.closed:
            if c["solved"] and not self.in_major_incident(c):
                gaps = [
                    (b["opened"] - c["solved"]).total_seconds() / 86400 for b in group[c["customer"]]
                    if b["id"] != c["id"] and b["opened"] > c["solved"] and c["theme"] and b["theme"] == c["theme"] and b["from"] != c["id"]
                ]  # fmt: skip
                found.append(self.placed(c, c["solved_day"]) | {"num": any(g <= 90 for g in gaps), "den": 1})
        return found

    @cached_property
    def incidents(self) -> dict[int, list[datetime]]:
        """Customer -> when faults were first reported that were part of a declared major incident."""
        found: dict[int, list[datetime]] = defaultdict(list)
        for ticket in self.jobs.tickets.values():
            parent = self.jobs.tickets.get(ticket["parent_id"] or "")
            if any((t["parent_id"] or "").startswith("MI-") for t in (ticket, parent) if t):
                reported = stamp((parent or ticket)["reported_at"])
                assert reported
                found[int(ticket["service_id"][3:12])].append(reported)
        return found

    def in_major_incident(self, c: dict[str, Any]) -> bool:
        return any(c["opened"] - timedelta(days=1) <= at <= c["solved"] for at in self.incidents[c["customer"]])

    @cached_property
    def touches(self) -> list[tuple[int, str]]:
        """(case, kind) of every touch by a person, notes left out."""
        seen: dict[str, dict[str, str]] = {}
        for path in self.plain.files("crm_touches"):
            with path.open(encoding="utf-8") as text:
                for row in csv.DictReader(text):
                    seen[row["touch_id"]] = row
        found = []
        for row in seen.values():
            auto = row["auto"] == "Y" if row["auto"] else row["login"].lower().startswith("system")
            if row["kind"] != "NOTE" and not auto:
                found.append((int(row["case_id"]), row["kind"]))
        return found

    @cached_property
    def hand_overs(self) -> Counter[int]:
        return Counter(case for case, kind in self.touches if kind == "HANDOVER")

    def touches_per_case(self) -> list[Row]:
        count = Counter(case for case, _ in self.touches)
        whole = [c for c in self.closed if c["whole"]]
        return [self.owned(c, c["closed_day"], 0) | {"num": count[c["id"]], "den": 1} for c in whole]

    def waiting_share(self) -> list[Row]:
        found = []
        for c in self.closed:
            if c["kind"] in ("CONFIRMED", "QUIET") and c["whole"]:
                fixed = c["confirmed"] or c["solved"] or c["closed"]
                hours = int((fixed - c["opened"]).total_seconds()) / 3600
                found.append(self.placed(c, c["closed_day"]) | {"num": min(c["waits"], hours), "den": hours})
        return found

    def satisfaction_change(self) -> list[Row]:
        done = [c for c in self.changes if c[1]["ended_day"]]
        return [
            self.owned(case, case["ended_day"], 21) | {"num": a["score"] - start, "den": 1} for a, case, start in done
        ]

    @cached_property
    def changes(self) -> list[tuple[dict[str, Any], dict[str, Any], int]]:
        """(answer after a case, the case, the score before it)."""
        said = []
        for a in answers(self.plain):
            at = stamp(a["answered_at"])
            if at and a["q_satisfied"]:
                said.append({**a, "at": at, "score": int(a["q_satisfied"])})
        before: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for a in said:
            if a["kind"] in ("BEFORE", "REGULAR"):
                before[a["kind"], a["ref_id"]].append(a)
        found = []
        for a in said:
            case = (
                self.cases.get(int(a["ref_id"]))
                if a["kind"] == "AFTER" and a["ref_type"] == "CASE" and a["ref_id"].isdigit()
                else None
            )
            if not case:
                continue
            for key in (("BEFORE", a["ref_id"]), ("REGULAR", str(case["customer"]))):
                fit = [b for b in before[key] if a["at"] - timedelta(days=120) <= b["at"] < a["at"]]
                if fit:
                    start = max(fit, key=lambda b: (b["at"], b["invite_id"]))["score"]
                    found.append((a, case, start))
                    break
        return found
