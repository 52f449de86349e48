# ruff: noqa: E501
"""Customers counted day by day, and what they are owed, from the raw files."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from tests.plain_company import Row, local, stamp
from tests.plain_promises import Promises

WORKING = [2, 2, 2, 4, 4, 3, 2]
YEAR = timedelta(days=365)


class Care(Promises):
    """Everything that care, specialists and customers' records say."""

    @cached_property
    def held(self) -> tuple[date, date]:
        """The days counted: from the first case opened to the last."""
        opened = [c["opened_day"] for c in self.cases.values()]
        return min(opened), max(opened)

    @cached_property
    def troubles(self) -> dict[int, list[date]]:
        """Customer -> days of separate problems; repeats of one case count once."""
        found: dict[int, list[date]] = defaultdict(list)
        for c in self.cases.values():
            if c["problem"] and not c["from"] and c["kind"] != "MERGED":
                found[c["customer"]].append(c["opened_day"])
        return found

    @cached_property
    def spells(self) -> list[tuple[int, date, date, dict[str, Any]]]:
        """(customer, from, to, what the master said) of active customers within the days counted."""
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
        said: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in rows.to_dict("records"):
            said[int(row["customer_id"])].append(row)
        (first, last), found = self.held, []
        after = last + timedelta(days=1)
        for customer, entries in said.items():
            for i, e in enumerate(entries):
                a = first if i == 0 else max(e["day"], first)
                b = min(entries[i + 1]["day"] if i + 1 < len(entries) else after, after)
                if e["status"] == "ACTIVE" and not e["deleted"] and b > a:
                    found.append((customer, a, b, e))
        return found

    def counted(self, day: date, code: str, num: int, den: int) -> Row:
        area = self.plain.area(code)
        nobody: Row = {
            "day": day,
            "person": None,
            "team": None,
            "site": None,
            "area": area,
            "region": self.region(area),
        }
        return nobody | {"num": num, "den": den}

    def over_two_problems_rate(self) -> list[Row]:
        """Counts of each day: active customers, and those with three problems in the 365 days up to it."""
        over: dict[tuple[date, str], int] = defaultdict(int)
        steps: dict[tuple[date, str], int] = defaultdict(int)
        for customer, a, b, said in self.spells:
            code, days = said["area_code"], self.troubles.get(customer, [])
            steps[a, code] += 1
            steps[b, code] -= 1
            for n in range((b - a).days if len(days) > 2 else 0):
                day = a + timedelta(days=n)
                over[day, code] += sum(day - YEAR < d <= day for d in days) > 2
        (first, last), found = self.held, []
        for code in {code for _, code in steps}:
            active = 0
            for n in range((last - first).days + 1):
                day = first + timedelta(days=n)
                active += steps[day, code]
                found.append(self.counted(day, code, over[day, code], active))
        return found

    @cached_property
    def thanks(self) -> dict[int, set[date]]:
        """Customer -> days of a thank-you that asked nothing: a message sent as such, a card that arrived."""
        found: dict[int, set[date]] = defaultdict(set)
        sends = pd.concat([pd.read_parquet(p) for p in self.plain.files("loyalty_offers")])
        sends = sends.drop_duplicates("send_id", keep="last")
        sends = sends[(sends["kind"] == "THANKS") & sends["campaign"].str.startswith("TY_") & sends["delivered"]]
        for customer, at in zip(sends["customer_id"], sends["sent_at"], strict=True):
            found[int(customer)].add(at.date())
        for card in self.cards:
            if card["posted_at"] and not card["returned"]:
                found[int(card["customer_ref"])].add(datetime.fromisoformat(card["posted_at"]).date())
        return found

    def good_customer_thanked_rate(self) -> list[Row]:
        """Every day's good customers: two years a customer, paying on time, no problem in 365 days; and those thanked in 365 days."""
        good: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
        for customer, a, b, said in self.spells:
            if not said["pays_on_time"] or said["no_contact"]:
                continue
            start = max(a, (pd.Timestamp(said["active_since"]) + pd.DateOffset(months=24)).date())
            bad, kind = self.troubles.get(customer, []), self.thanks.get(customer, set())
            for n in range((b - start).days):
                day = start + timedelta(days=n)
                if not any(day - YEAR < d <= day for d in bad):
                    good[day, said["area_code"]][0] += any(day - YEAR < d <= day for d in kind)
                    good[day, said["area_code"]][1] += 1
        return [self.counted(day, code, num, den) for (day, code), (num, den) in good.items()]

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
