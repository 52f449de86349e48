"""Contacts in depth from the raw files: issues, screens, queues."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from tests.plain_company import Plain, Row, local, stamp
from tests.plain_contacts import answers
from tests.plain_jobs import Jobs

WEEK = timedelta(days=7)


class Talks:
    """What was said on the phone and in writing, and what the agents' screens showed."""

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
        row = self.plain.place(who, c["day"], settles, team=c["partner"], site=c["site"], region=c["region"])
        return row | {"of": c, "agent": agent}

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

    def region(self, area: str | None) -> str | None:
        return self.plain.areas[area]["region"] if area else None


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Two contacts about one issue, as far as their reasons tell."""
    return a["reason"] is None or b["reason"] is None or a["reason"] == b["reason"]
