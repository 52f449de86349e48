# ruff: noqa: E501
"""Contacts in depth, cases, promises, voice, tips, acts, customers and credits from the raw files."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from tests.plain_company import Plain, Row, local, stamp
from tests.plain_contacts import answers
from tests.plain_jobs import Jobs

WEEK = timedelta(days=7)
WORKING = [2, 2, 2, 4, 4, 3, 2]


class Care:
    """Everything that care, specialists and customers' records say."""

    def __init__(
        self,
        plain: Plain,
        visits: list[dict[str, Any]],
        jobs: Jobs,
        calls: list[dict[str, Any]],
        talks: list[dict[str, Any]],
    ) -> None:
        self.plain, self.visits, self.jobs = plain, visits, jobs
        self.head = plain.company["head_office_zone"]
        self.contacts = self._contacts(calls, talks)

    # ---- contacts ----------------------------------------------------------------------------------------------

    def _contacts(self, calls: list[dict[str, Any]], talks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        by_number: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        found = []
        for c in calls:
            first = c["legs"][0]
            c["number"], own = (
                first["ani_hash"],
                next((leg["customer_id"] for leg in c["legs"] if leg["customer_id"]), ""),
            )
            c["own"] = int(own) if own else None
            if c["own"]:
                by_number[c["number"]].append((c["began"], c["own"]))
        for entries in by_number.values():
            entries.sort()
        self.by_number = by_number
        for c in calls:
            c["customer"] = c["own"] or self.of_number(c["number"], c["began"])
            c["channel"], c["start"], c["asked"] = "call", c["began"], c["entered"] is not None
            c["reason"] = self.plain.codes["reason"].get(c["code"] or "")
            c["queue"] = self.plain.codes["queue"].get(
                next((leg["queue"] for leg in c["legs"] if leg["queue"] != "IVR"), "")
            )
            c["wrong"], c["training"] = c["code"] == "WRNG", c["code"] == "TRNG"
            found.append(c)
        reasons = set(self.plain.codes["reason"].values())
        for t in talks:
            first = t["messages"][0]
            t["channel"] = self.plain.codes["channel"][first["channel"]]
            key = first["customer_key"]
            t["start"] = stamp(first["ts"])
            t["end"] = stamp(t["messages"][-1]["ts"])
            t["number"] = key if first["channel"] == "WHATSAPP" else None
            t["customer"] = (
                int(key[1:], 16)
                if first["channel"] in ("CHAT", "APP") and key.startswith("c")
                else int(key) // 10
                if first["channel"] == "EMAIL"
                else None
            )
            if t["number"]:
                t["customer"] = self.of_number(t["number"], t["start"])
            t["key"] = key
            asks = [stamp(m["ts"]) for m in t["messages"] if m["event"] == "HANDOVER_ASK"]
            t["asked_at"] = min((a for a in asks if a), default=None)
            t["asked"], t["queue"] = t["asked_at"] is not None, "messaging"
            t["reason"] = t["code"] if t["code"] in reasons else None
            t["wrong"], t["training"] = t["code"] == "wrong_number", False
            found.append(t)
        for c in found:
            c["identified"] = bool(c["customer"])
            c["customer"] = c["customer"] or self.carded.get(c["id"])
            c["who"] = f"c{c['customer']}" if c["customer"] else f"n{c['number']}" if c["number"] else c.get("key")
            c["agent"] = c["people"][0]["agent"] if c["people"] else None
        return found

    @cached_property
    def carded(self) -> dict[str, int]:
        """Contact -> the customer of the first card that was opened with its number."""
        columns = ["session_id", "seq", "ts", "event", "customer_id", "contact_ref"]
        rows = pd.concat([pd.read_parquet(p, columns=columns) for p in self.plain.files("agent_desktop")])
        rows = rows[(rows["event"] == "CARD_OPEN") & rows["contact_ref"].notna() & rows["customer_id"].notna()]
        rows = rows.sort_values(["ts", "session_id", "seq"]).drop_duplicates("contact_ref")
        return {ref: int(customer) for ref, customer in zip(rows["contact_ref"], rows["customer_id"], strict=True)}

    def of_number(self, number: str, at: datetime) -> int | None:
        """The last customer who was known to call from a number in the week before."""
        fit = [customer for began, customer in self.by_number.get(number, []) if at - WEEK <= began <= at]
        return fit[-1] if fit else None

    def at(self, c: dict[str, Any], agent: str | None, settles: int) -> Row:
        who = self.plain.who("login", agent, c["day"])
        return self.plain.place(who, c["day"], settles, team=c["partner"], site=c["site"], region=c["region"])

    def first_contact_resolution_rate(self) -> list[Row]:
        no = {a["ref_id"] for a in answers(self.plain) if a["q_solved"] == "N"}
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for c in self.contacts:
            if (c["asked"] or c["people"]) and not c["wrong"] and not c["training"]:
                groups[c["who"]].append(c)
        found = []
        for group in groups.values():
            group.sort(key=lambda c: (c["start"], c["id"]))
            for i, c in enumerate(group):
                if not c["people"] or c["reason"] == "sales" or (c["well"] and not c["cold"]):
                    continue
                if any(c["start"] - b["start"] <= WEEK and same(b, c) for b in group[:i]):
                    continue
                back = any(b["start"] - c["start"] <= WEEK and same(b, c) for b in group[i + 1 :])
                found.append(self.at(c, c["agent"], 7) | {"num": not back and c["id"] not in no, "den": 1})
        return found

    @cached_property
    def screens(self) -> dict[str, list[dict[str, Any]]]:
        """Contact -> screen events, those without the contact's number by agent and time."""
        parts = pd.concat([pd.read_parquet(p) for p in self.plain.files("agent_desktop")], ignore_index=True)
        parts = parts.drop_duplicates(["session_id", "seq"], keep="last").sort_values(["session_id", "seq"])
        parts["ts"] = parts["ts"].dt.tz_localize(None)
        rows = parts.to_dict("records")
        for a, b in zip(rows, [*rows[1:], {"session_id": None}], strict=True):
            a["next"] = (b["event"], b["ts"]) if b["session_id"] == a["session_id"] else (None, None)
        mine: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
        for c in self.contacts:
            if c["people"] and not c["partner"] and not c["training"]:
                for day in {c["answered"].date(), (c["ended"] or c["end"]).date()}:
                    mine[c["agent"], day].append(c)
        own = {c["id"] for group in mine.values() for c in group}
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        ten = timedelta(seconds=10)
        for row in rows:
            ref = row["contact_ref"]
            if isinstance(ref, str) and ref:
                if ref in own:
                    found[ref].append(row)
                continue
            for c in mine.get((str(row["login"]).lower(), row["ts"].date()), []):
                end = c["ended"] or c["end"]
                if c["answered"] - ten <= row["ts"].to_pydatetime() <= end + ten:
                    found[c["id"]].append(row)
        return found

    def _screened(self) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
        own = [c for c in self.contacts if c["people"] and not c["partner"] and not c["training"]]
        return [(c, self.screens.get(c["id"], [])) for c in own]

    def escalation_rate(self) -> list[Row]:
        law = ("FRAUD_CHECK", "SAFETY_CHECK")
        found = []
        for c, events in self._screened():
            asks = [e for e in events if e["event"] == "APPROVAL_ASK" and e["approval_rule"] not in law]
            found.append(self.at(c, c["agent"], 0) | {"num": bool(asks), "den": 1})
        return found

    def customer_card_rate(self) -> list[Row]:
        found = []
        for c, events in self._screened():
            if not c["identified"]:
                continue
            low, high = c["answered"] - timedelta(seconds=10), c["answered"] + timedelta(seconds=60)
            seen = [
                e for e in events if e["event"] == "CARD_OPEN" and low <= e["ts"].to_pydatetime() <= high
                and not (e["next"][0] == "CARD_CLOSE" and e["next"][1] - e["ts"] < timedelta(seconds=5))
            ]  # fmt: skip
            found.append(self.at(c, c["agent"], 0) | {"num": bool(seen), "den": 1})
        return found

    def abandonment_rate(self) -> list[Row]:
        """Who was called back as chosen has not given up; who chose it and heard nothing has."""
        found = []
        for c in self.contacts:
            if "legs" not in c or not c["entered"] or (c["call_back"] and self.called_back(c)):
                continue
            if not c["people"] and (c["ended"] - c["entered"]).total_seconds() <= 5:
                continue
            row: Row = {"day": c["queued_day"], "person": None, "team": c["partner"], "area": None}
            found.append(row | {"site": c["site"], "region": c["region"], "num": not c["people"], "den": 1})
        return found

    def called_back(self, c: dict[str, Any]) -> bool:
        """Whether we reached the caller's number within a day."""
        return any(
            number == c["number"] and c["ended"] < at <= c["ended"] + timedelta(hours=24)
            for number, at in self.out_numbers
        )

    def reached_person_rate(self) -> list[Row]:
        desks = {
            queue: desk
            for desk, queue in (
                ("S-1", "network"),
                ("S-2", "bills"),
                ("S-3", "complaints"),
                ("S-4", "loyalty"),
                ("S-5", "vulnerable"),
            )
        }
        out: dict[str, list[datetime]] = defaultdict(list)
        for number, at in self.out_numbers:
            out[number].append(at)
        found = []
        for c in self.contacts:
            if not c["asked"]:
                continue
            asked = c["entered"] or c.get("asked_at")
            day = c["queued_day"] or local(asked, self.head).date()
            good = bool(c["people"]) and (c["answered"] - asked).total_seconds() < 121
            if c["call_back"]:
                good = good or any(c["ended"] < at <= c["ended"] + timedelta(hours=24) for at in out[c["number"]])
            row: Row = {
                "day": day,
                "person": None,
                "team": c["partner"] or desks.get(c["queue"] or ""),
                "area": None,
                "site": c["site"],
                "region": c["region"],
            }
            found.append(row | {"num": good, "den": 1})
        return found

    @cached_property
    def out_rows(self) -> list[dict[str, Any]]:
        seen: dict[tuple[str, int], dict[str, Any]] = {}
        for path in self.plain.files("acd_calls"):
            with path.open(encoding="utf-8") as text:
                for row in csv.DictReader(text):
                    seen[row["call_id"], int(row["segment_no"])] = row
        found = []
        for row in seen.values():
            if row["direction"] == "OUT" and row["answered_at"]:
                zone = self.plain.sites[row["site"]][2]
                found.append(
                    {
                        **row,
                        "zone": zone,
                        "at": datetime.fromisoformat(row["answered_at"]),
                        "began": datetime.fromisoformat(row["queued_at"]),
                    }
                )
        return found

    @cached_property
    def out_numbers(self) -> list[tuple[str, datetime]]:
        from tests.plain_company import utc

        return [(row["ani_hash"], utc(row["at"], row["zone"])) for row in self.out_rows]

    def quality_score(self) -> list[Row]:
        from python_calamine import CalamineWorkbook

        books: dict[str, Any] = {}
        for path in self.plain.files("qa_scores"):
            books[path.stem[3:9]] = path
        names = {}
        for _, rows in self.plain.snapshots:
            for row in rows:
                names[row["full_name"].lower()] = self.plain.person(row)
        found = []
        for path in books.values():
            book = CalamineWorkbook.from_path(str(path))
            for sheet in book.sheet_names:
                head: list[str] = []
                for cells in book.get_sheet_by_name(sheet).to_python():
                    texts = [str(c).strip() for c in cells]
                    if not head:
                        head = texts if "Review ID" in texts else []
                        continue
                    row = dict(zip(head, cells, strict=False))
                    if not str(row["Contact ref"]).strip() or str(row["Review ID"]).lower().startswith(
                        ("total", "average", "sum")
                    ):
                        continue
                    if str(row.get("Dispute") or "").strip().upper() in ("Y", "TRUE", "1"):
                        continue
                    day = self.day_of(row["Contact date"])
                    agent = str(row["Agent"]).strip().lower()
                    who = names.get(agent) if " " in agent else self.plain.who("login", agent, day)
                    points = sum(
                        int(float(row[k] or 0))
                        for k in ("Understanding", "Empathy", "Right answer", "Ownership", "Next step")
                    )
                    found.append(self.plain.place(who, day, 5) | {"num": points, "den": 1})
        return found

    @staticmethod
    def day_of(value: Any) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"):
            try:
                return datetime.strptime(str(value)[:10], form).date()
            except ValueError:
                continue
        raise ValueError(value)

    # ---- voice -------------------------------------------------------------------------------------------------

    @cached_property
    def tags(self) -> dict[str, list[dict[str, Any]]]:
        rows = pd.concat([pd.read_parquet(p) for p in self.plain.files("voice_themes")], ignore_index=True)
        rows = rows.sort_values(["model_version", "tagged_at"], kind="stable").drop_duplicates(
            ["contact_ref", "theme_code"], keep="last"
        )
        rows = rows[rows["model_version"] == rows.groupby("contact_ref")["model_version"].transform("max")]
        rows = rows[rows["confidence"] >= 0.6]
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows.to_dict("records"):
            found[row["contact_ref"]].append(row)
        return found

    def voice(self) -> tuple[list[Row], list[Row]]:
        """Rows of voice_coverage and of theme_share."""
        themes = self.plain.codes["theme"]
        heard: list[Row] = []
        shared: list[Row] = []
        for c in self.contacts:
            tags = self.tags.get(c["id"], [])
            if not c["people"] or c["wrong"] or any(t["theme_code"] == "T-WRNG" for t in tags):
                continue
            known = {themes[t["theme_code"]] for t in tags if t["theme_code"] in themes}
            usable = bool(known) or c["reason"] not in (None, "other")
            heard.append(self.at(c, c["agent"], 1) | {"num": usable, "den": 1})
            if known:
                area = self.plain.home_area(c["customer"], c["day"])
                row: Row = {
                    "day": c["day"],
                    "person": None,
                    "team": None,
                    "site": None,
                    "area": area,
                    "region": self.region(area),
                }
                shared.append(row | {"num": len(known), "den": 1})
        return heard, shared

    def region(self, area: str | None) -> str | None:
        return self.plain.areas[area]["region"] if area else None

    # ---- cases -------------------------------------------------------------------------------------------------

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
        return self.plain.place(who, day, settles, area=case["area"], region=self.region(case["area"]))

    def placed(self, case: dict[str, Any], day: date) -> Row:
        return {
            "day": day,
            "person": None,
            "team": None,
            "site": None,
            "area": case["area"],
            "region": self.region(case["area"]),
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

    # ---- promises, tips, customers, credits --------------------------------------------------------------------

    @cached_property
    def tasks(self) -> dict[int, dict[str, Any]]:
        """Promises as the newest table has them, with the promise as first seen."""
        tasks: dict[int, dict[str, Any]] = {}
        for path in self.plain.files("follow_up_tasks"):
            con = sqlite3.connect(path)
            con.row_factory = sqlite3.Row
            for row in con.execute("SELECT * FROM tasks"):
                first = tasks.get(row["task_id"], {}).get("first", row["promised_by"])
                tasks[row["task_id"]] = {**dict(row), "first": first}
            con.close()
        for t in tasks.values():
            for key in ("created", "first", "done"):
                t[key] = datetime.fromisoformat(t[key]) if t[key] else None
        return tasks

    def follow_up_kept_rate(self) -> list[Row]:
        tasks = self.tasks
        newest = max(max(t["created"], t["done"] or t["created"]) for t in tasks.values())
        found = []
        for t in tasks.values():
            if t["first"] <= newest and t["cancelled_by"] != "CUSTOMER":
                day = t["first"].date()
                area = self.plain.home_area(t["customer_id"], day)
                who = self.plain.who("login", (t["login"] or "").lower(), day)
                row = self.plain.place(who, day, 0, area=area, region=self.region(area))
                row["channel"] = self.promised_by(t)
                found.append(
                    row
                    | {"num": bool(t["done_kind"] == "CONNECTED" and t["done"] and t["done"] <= t["first"]), "den": 1}
                )
        return found

    def tips_reused(self) -> set[tuple[str, str | None, str]]:
        """(day, author, colleague)."""
        return {(day, author, user) for day, author, user, _, _ in self.tip_uses}

    @cached_property
    def tip_uses(self) -> list[tuple[str, str | None, str, int, str]]:
        """(day, author, colleague, number of the use, login of the author) of every use by somebody else."""
        tips: dict[int, str] = {}
        uses: dict[int, dict[str, Any]] = {}
        for path in self.plain.files("community_kb"):
            con = sqlite3.connect(path)
            con.row_factory = sqlite3.Row
            tips |= {row["id"]: row["author_login"].lower() for row in con.execute("SELECT * FROM tip")}
            uses |= {row["id"]: dict(row) for row in con.execute('SELECT * FROM "use"')}
            con.close()
        leads = {
            row["team_code"]: self.plain.person(row)
            for row in self.plain.snapshots[-1][1]
            if row["role"].endswith("_LEAD")
        }
        found = []
        for number, use in uses.items():
            day = local(datetime.fromisoformat(use["used_at"]), self.head).date()
            author = self.plain.who("login", tips[use["tip_id"]], day)
            user = self.plain.who("login", use["user_login"].lower(), day)
            if user and user != author and leads.get(str(self.plain.team(author, day, 400))) != user:
                found.append((str(day), author, user, number, tips[use["tip_id"]]))
        return found

    def over_two_problems_rate(self) -> list[Row]:
        """Counts of each day: active customers, and those with three problems in the 365 days up to it."""
        rows = pd.concat(
            [
                pd.read_parquet(p, columns=["customer_id", "area_code", "status", "deleted", "changed_at"])
                for p in self.plain.files("customer_delta")
            ]
        )
        rows["day"] = rows["changed_at"].dt.date
        rows = rows.sort_values("changed_at", kind="stable").drop_duplicates(["customer_id", "day"], keep="last")
        problems: dict[int, list[date]] = defaultdict(list)
        for c in sorted(self.cases.values(), key=lambda c: (c["opened"], c["id"])):
            if c["problem"] and not c["from"] and c["kind"] != "MERGED":
                problems[c["customer"]].append(c["opened_day"])
        opened = [c["opened_day"] for c in self.cases.values()]
        first, last = min(opened), max(opened)
        active: dict[tuple[date, str], int] = defaultdict(int)
        over: dict[tuple[date, str], int] = defaultdict(int)
        steps: dict[tuple[date, str], int] = defaultdict(int)
        for customer, group in rows.groupby("customer_id", sort=False):
            entries = list(zip(group["day"], group["area_code"], group["status"], group["deleted"], strict=True))
            for i, (start, code, status, deleted) in enumerate(entries):
                a = first if i == 0 else max(start, first)
                b = min(
                    entries[i + 1][0] if i + 1 < len(entries) else last + timedelta(days=1), last + timedelta(days=1)
                )
                if status != "ACTIVE" or deleted or b <= a:
                    continue
                steps[a, code] += 1
                steps[b, code] -= 1
                days = problems.get(int(customer), [])
                for n in range((b - a).days if len(days) > 2 else 0):
                    day = a + timedelta(days=n)
                    over[day, code] += sum(day - timedelta(days=365) < d <= day for d in days) > 2
        codes = {code for _, code in steps}
        found: list[Row] = []
        for code in codes:
            held = 0
            for n in range((last - first).days + 1):
                day = first + timedelta(days=n)
                held += steps[day, code]
                active[day, code] = held
                area = self.plain.area(code)
                row: Row = {
                    "day": day,
                    "person": None,
                    "team": None,
                    "site": None,
                    "area": area,
                    "region": self.region(area),
                }
                found.append(row | {"num": over[day, code], "den": held})
        return found

    def good_customer_thanked_rate(self) -> list[Row]:
        """Every day's good customers: two years a customer, paying on time, no problem in 365 days; and those thanked in 365 days."""
        columns = [
            "customer_id",
            "area_code",
            "status",
            "deleted",
            "changed_at",
            "pays_on_time",
            "no_contact",
            "active_since",
        ]
        rows = pd.concat([pd.read_parquet(p, columns=columns) for p in self.plain.files("customer_delta")])
        rows["day"] = rows["changed_at"].dt.date
        rows = rows.sort_values("changed_at", kind="stable").drop_duplicates(["customer_id", "day"], keep="last")
        trouble: dict[int, set[date]] = defaultdict(set)
        for c in self.cases.values():
            if c["problem"] and not c["from"] and c["kind"] != "MERGED":
                trouble[c["customer"]].add(c["opened_day"])
        thanks: dict[int, set[date]] = defaultdict(set)
        sends = pd.concat([pd.read_parquet(p) for p in self.plain.files("loyalty_offers")]).drop_duplicates(
            "send_id", keep="last"
        )
        sends = sends[(sends["kind"] == "THANKS") & sends["campaign"].str.startswith("TY_") & sends["delivered"]]
        for customer, at in zip(sends["customer_id"], sends["sent_at"], strict=True):
            thanks[int(customer)].add(at.date())
        for card in self.cards:
            if card["posted_at"] and not card["returned"]:
                thanks[int(card["customer_ref"])].add(datetime.fromisoformat(card["posted_at"]).date())
        opened = [c["opened_day"] for c in self.cases.values()]
        first, last = min(opened), max(opened)
        good: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
        for row in self._spells(rows, first, last):
            customer, code, a, b, pays, quiet, since = row
            if not pays or quiet:
                continue
            start = max(a, (pd.Timestamp(since) + pd.DateOffset(months=24)).date())
            bad, kind = trouble.get(customer, set()), thanks.get(customer, set())
            for n in range((b - start).days):
                day = start + timedelta(days=n)
                year = day - timedelta(days=365)
                if not any(year < d <= day for d in bad):
                    good[day, code][0] += any(year < d <= day for d in kind)
                    good[day, code][1] += 1
        found: list[Row] = []
        for (day, code), (num, den) in good.items():
            area = self.plain.area(code)
            row_: Row = {
                "day": day,
                "person": None,
                "team": None,
                "site": None,
                "area": area,
                "region": self.region(area),
            }
            found.append(row_ | {"num": num, "den": den})
        return found

    @staticmethod
    def _spells(rows: pd.DataFrame, first: date, last: date) -> list[tuple[Any, ...]]:
        """(customer, area code, from, to, pays on time, no contact, active since) of active customers within the days held."""
        found = []
        after = last + timedelta(days=1)
        held: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in rows.to_dict("records"):
            held[int(row["customer_id"])].append(row)
        for customer, entries in held.items():
            for i, e in enumerate(entries):
                a = first if i == 0 else max(e["day"], first)
                b = min(entries[i + 1]["day"] if i + 1 < len(entries) else after, after)
                if e["status"] == "ACTIVE" and not e["deleted"] and b > a:
                    found.append(
                        (customer, e["area_code"], a, b, e["pays_on_time"], e["no_contact"], e["active_since"])
                    )
        return found

    @cached_property
    def cards(self) -> list[dict[str, Any]]:
        """Cards as last told; an array that was never closed is read up to its end."""
        seen: dict[str, dict[str, Any]] = {}
        for path in self.plain.files("greeting_cards"):
            text = path.read_text(encoding="utf-8").strip().rstrip("]").rstrip()
            for card in json.loads(text + "]" if text != "[" else "[]"):
                seen[card["order_ref"]] = card
        return list(seen.values())

    def extra_mile_acts(self) -> list[Row]:
        """Acts with a second trace, and the jobs and contacts they are counted per."""
        acts: list[tuple[date, datetime, str, int | None, str | None]] = []
        for card in self.cards:
            if card["posted_at"] and not card["returned"]:
                at = datetime.fromisoformat(card["ordered_at"])
                name, _, host = card["ordered_by"].lower().partition("@")
                acts.append(
                    (
                        at.date(),
                        at,
                        card["order_ref"],
                        int(card["customer_ref"]),
                        name if host == "fernway.example" else None,
                    )
                )
        reached = set()
        first: set[tuple[str, int | None, date]] = set()
        for row in self.out_rows:
            own = int(row["customer_id"]) if row["customer_id"] else None
            from tests.plain_company import utc

            customer = own or self.of_any_number(row["ani_hash"], utc(row["began"], row["zone"]))
            first.add((row["agent_login"].lower(), customer, row["began"].date()))
        for task in self.tasks.values():
            if task["kind"] == "CHECK_IN" and task["done_kind"] == "CONNECTED" and task["done"]:
                key = ((task["login"] or "").lower(), task["customer_id"], task["done"].date())
                if key in first and key[1]:
                    reached.add(task["task_id"])
                    acts.append((task["done"].date(), task["done"], f"T{task['task_id']}", task["customer_id"], key[0]))
        helped: dict[tuple[str, str, date], tuple[str, int]] = {}
        for day_, _, user, number, login in self.tip_uses:
            used = date.fromisoformat(day_)
            pair = (login, user, used - timedelta(days=used.weekday()))
            helped[pair] = min(helped.get(pair, ("9999", 0)), (day_, number))
        for (author, _, _), (day_, number) in helped.items():
            used = date.fromisoformat(day_)
            acts.append((used, datetime.combine(used, datetime.min.time()), f"U{number}", None, author))
        last: dict[int | None, date] = {}
        week: dict[tuple[str, date], int] = defaultdict(int)
        found = []
        for day, _, _, customer, login in sorted(acts, key=lambda a: (a[1], a[2])):
            spaced = customer is None or customer not in last or (day - last[customer]).days > 30
            last[customer] = day
            monday = day - timedelta(days=day.weekday())
            if login:
                week[login, monday] += 1
            if spaced and (not login or week[login, monday] <= 10):
                found.append(self.plain.place(self.plain.who("login", login, day), day, 0) | {"num": 1, "den": 0})
        for v in self.visits:
            if v["came"] and v["arrived"] and not v["partner"]:
                day = local(v["arrived"], v["zone"]).date()
                who = self.plain.who("badge", v["badge"], v["day"])
                found.append(
                    self.plain.place(who, day, 0, area=v["area"], region=v["region"]) | {"num": 0, "den": 0.01}
                )
        for c in self.contacts:
            if c["people"] and not c["partner"]:
                found.append(self.at(c, c["agent"], 0) | {"num": 0, "den": 0.01})
        return found

    def of_any_number(self, number: str, at: datetime) -> int | None:
        """As `of_number`, our own calls included."""
        if not hasattr(self, "_any"):
            from tests.plain_company import utc

            held: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
            seen: dict[tuple[str, int], dict[str, Any]] = {}
            for path in self.plain.files("acd_calls"):
                with path.open(encoding="utf-8") as text:
                    for row in csv.DictReader(text):
                        seen[row["call_id"], int(row["segment_no"])] = row
            for row in seen.values():
                if row["customer_id"]:
                    zone = self.plain.sites[row["site"]][2]
                    held[row["ani_hash"]].append(
                        (utc(datetime.fromisoformat(row["queued_at"]), zone), int(row["customer_id"]))
                    )
            self._any = {key: sorted(entries) for key, entries in held.items()}
        fit = [customer for began, customer in self._any.get(number, []) if at - WEEK <= began <= at]
        return fit[-1] if fit else None

    def make_good_paid_rate(self) -> list[Row]:
        broken: list[tuple[str, int, date]] = []
        broken += [("MAPT", v["customer"], v["day"]) for v in self.visits if v["due"] and v["missed"]]
        for ticket in self.jobs.tickets.values():
            restored = stamp(ticket["restored_at"]) if ticket["status"] in ("RESOLVED", "CLOSED") else None
            reported = stamp(ticket["reported_at"])
            if not restored or not reported:
                continue
            customer = int(ticket["service_id"][3:12])
            area = self.plain.home_area(customer, reported.date())
            zone = self.plain.area_zone(area) if area else "UTC"
            start = local(reported, zone).date()
            limit = start + timedelta(days=WORKING[start.weekday()])
            if local(restored, zone).date() > limit:
                broken.append(("LREP", customer, limit + timedelta(days=1)))
        group = self._again()
        for customer, cases in group.items():
            days = [
                c["opened_day"]
                for c in sorted(cases, key=lambda c: (c["opened"], c["id"]))
                if c["problem"] and not c["from"] and c["kind"] != "MERGED"
            ]
            for i in range(2, len(days)):
                third = (days[i] - days[i - 2]).days < 365
                fourth = i > 2 and (days[i] - days[i - 3]).days < 365
                if third and not fourth:
                    broken.append(("3PRB", customer, days[i]))
        paid_to: dict[int, list[tuple[date, str]]] = defaultdict(list)
        newest: dict[tuple[str, str], str] = {}
        for path in self.plain.files("billing_adjustments"):
            for line in path.read_text(encoding="latin-1").splitlines():
                newest[line[:12], line[12:16]] = line
        for line in newest.values():
            if line[24:27] == "CRD" and line[54] != "-":
                paid_to[int(line[:12]) // 10].append(
                    (datetime.strptime(line[16:24], "%Y%m%d").date(), line[38:42].strip())
                )
        found = []
        for reason, customer, day in broken:
            paid = any(r == reason and day <= d <= day + timedelta(days=14) for d, r in paid_to[customer])
            area = self.plain.home_area(customer, day)
            row: Row = {
                "day": day,
                "person": None,
                "team": None,
                "site": None,
                "area": area,
                "region": self.region(area),
            }
            found.append(row | {"num": paid, "den": 1})
        return found


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Two contacts about one issue, as far as their reasons tell."""
    return a["reason"] is None or b["reason"] is None or a["reason"] == b["reason"]


__all__ = ["Care", "json"]
