"""Promises, tips and kind acts from the raw files."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from tests.plain_cases import Cases
from tests.plain_company import Row, local
from tests.plain_talks import WEEK


class Promises(Cases):
    """What people promised, shared and did of their own accord."""

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
