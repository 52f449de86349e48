# ruff: noqa: E501
"""What the rows of the plain recomputation can be broken down by, from the raw files and the company's own lists."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from tests.plain_care import Care
from tests.plain_company import Plain, Row, local

Values = dict[str, str | None]


def part_of_day(hour: int) -> str:
    return (
        "morning"
        if 6 <= hour <= 11
        else "afternoon"
        if 12 <= hour <= 16
        else "evening"
        if 17 <= hour <= 21
        else "night"
    )


class Dimensions:
    """Row of a metric -> its value of each dimension."""

    def __init__(self, plain: Plain, care: Care) -> None:
        self.plain, self.care = plain, care

    @cached_property
    def customers(self) -> dict[int, list[tuple[date, str | None, str | None, str | None]]]:
        """Customer -> (from, segment, product, density), oldest first; the last of a day counts."""
        columns = ["customer_id", "segment", "products", "area_code", "changed_at"]
        rows = pd.concat([pd.read_parquet(p, columns=columns) for p in self.plain.files("customer_delta")])
        codes, found = self.plain.codes, defaultdict(list)
        for row in rows.sort_values("changed_at", kind="stable").itertuples(index=False):
            area = codes["area_code"].get(row.area_code)
            entry = (
                row.changed_at.date(), codes["segment"].get(row.segment),
                codes["product"].get(row.products[0]) if len(row.products) else None,
                self.plain.areas[area]["density"] if area in self.plain.areas else None,
            )  # fmt: skip
            held = found[int(row.customer_id)]
            if held and held[-1][0] == entry[0]:
                held.pop()
            held.append(entry)
        return found

    def customer(self, number: int | None, day: date) -> Values:
        held = self.customers.get(number or -1, [])
        fit = [entry for i, entry in enumerate(held) if i == 0 or entry[0] <= day]
        return dict(zip(("segment", "product", "density"), fit[-1][1:] if fit else (None, None, None), strict=True))

    @cached_property
    def since(self) -> dict[str, date]:
        """Person -> first day of work: the earliest that HR says of the holder of a login."""
        found: dict[str, date] = {}
        for _, rows in self.plain.snapshots:
            for row in rows:
                hired, who = self.plain.german(row["hired_on"]), self.plain.person(row)
                if hired:
                    found[who] = min(found.get(who, hired), hired)
        return found

    def tenure(self, who: str | None, day: date) -> str | None:
        if who is None or who not in self.since:
            return None
        days = (day - self.since[who]).days
        return "new" if days < 90 else "veteran" if days >= 1826 else "settled"

    def work(self, row: Row) -> str | None:
        return self.plain.teams.get(str(row["team"]), {}).get("family")

    # ---- by what a row is about ----------------------------------------------------------------------------------

    def visit(self, row: Row) -> Values:
        v: Any = row["of"]
        day: Any = row["day"]
        found = self.customer(v["customer"], v["day"])
        return found | {
            "density": self.plain.areas[v["area"]]["density"], "job_type": self.plain.codes["job_type"][v["last"]["job_type"]],
            "part_of_day": part_of_day(local(v["start"], v["zone"]).hour), "tenure": self.tenure(v["who"], day), "work": self.work(row),
        }  # fmt: skip

    def contact(self, row: Row) -> Values:
        c: Any = row["of"]
        found = self.customer(c["customer"], c["day"])
        agent: Any = row["agent"]
        return found | {
            "channel": c["channel"], "queue": c["queue"], "reason": c["reason"], "part_of_day": part_of_day(self.care.hour_of(c)),
            "tenure": self.tenure(self.plain.who("login", agent, c["day"]), c["day"]), "work": self.work(row),
        }  # fmt: skip

    def case(self, row: Row) -> Values:
        c: Any = row["of"]
        day: Any = row["day"]
        found = self.customer(c["customer"], c["opened"].date())
        who = self.plain.who("login", c["owner"], c["opened"].date())
        return found | {
            "theme": c["theme"], "channel": self.care.came_by(c), "work": self.work(row), "tenure": self.tenure(who, day),
        }  # fmt: skip

    def job(self, row: Row) -> Values:
        j: Any = row["of"]
        visit: Any = row["visit"]
        day = j["closed"].date()
        found = self.customer(visit.get("customer"), day)
        return found | {
            "density": self.plain.areas[visit["area"]]["density"] if visit else None, "work": self.work(row),
            "job_type": self.plain.codes["job_type"].get(j["type"]), "fault_type": self.plain.codes["fault_type"].get(j["fault"] or ""),
            "part_of_day": part_of_day(j["closed"].hour), "tenure": self.tenure(self.plain.who("badge", j["badge"], day), day),
        }  # fmt: skip
