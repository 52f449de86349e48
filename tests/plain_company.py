# ruff: noqa: E501
"""Fernway's raw files read with plain Python and pandas, by the words of the catalogue alone: no code of `data` is used.

Everything here is written a second time on purpose: it is what the load path, the facts and the roll-ups are compared with.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import yaml

FERNWAY = Path(__file__).resolve().parents[1] / "data" / "companies" / "fernway"
UTC = ZoneInfo("UTC")
Row = dict[str, object]


def stamp(text: str) -> datetime | None:
    """A time with offset as a naive UTC datetime; None when empty."""
    if not text or not isinstance(text, str):
        return None
    text = text.strip().replace("Z", "+00:00")
    text = text + ":00" if text[-3] in "+-" else text
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def local(utc: datetime, zone: str) -> datetime:
    return utc.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def utc(wall: datetime, zone: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC).replace(tzinfo=None)


def pad(badge: str) -> str:
    badge = (badge or "").strip().upper()
    return badge.zfill(6) if badge.isdigit() else badge


@dataclass
class Plain:
    """The raw files of one company."""

    src: Path
    codes: dict = field(default_factory=lambda: yaml.safe_load((FERNWAY / "codes.yml").read_text(encoding="utf-8")))
    company: dict = field(default_factory=lambda: yaml.safe_load((FERNWAY / "company.yml").read_text(encoding="utf-8")))

    def files(self, source: str, pattern: str = "*") -> list[Path]:
        return sorted((self.src / source).glob(pattern))

    # ---- places ------------------------------------------------------------------------------------------------

    @cached_property
    def teams(self) -> dict[str, dict[str, str]]:
        with (FERNWAY / "teams.csv").open(encoding="utf-8") as text:
            return {row["team"]: row for row in csv.DictReader(text)}

    @cached_property
    def areas(self) -> dict[str, dict[str, str]]:
        return {t["area"]: t for t in self.teams.values() if t["area"]}

    def area(self, code: str) -> str:
        return self.codes["area_code"][code]

    def area_zone(self, area: str) -> str:
        return self.company["time_zones"][self.areas[area]["region"]]

    @cached_property
    def sites(self) -> dict[str, tuple[str | None, str | None, str, str | None]]:
        """Code -> site, region, zone, partner."""
        zones = self.company["time_zones"]
        region = {t["site"]: t["region"] for t in self.teams.values() if t["site"]}
        found = {c: (s, region[s], zones[region[s]], None) for c, s in self.codes["site"].items() if s in region}
        return found | {c: (None, None, zones["Central"], p) for c, p in self.codes["partner_site"].items()}

    # ---- people ------------------------------------------------------------------------------------------------

    @cached_property
    def snapshots(self) -> list[tuple[date, list[dict[str, str]]]]:
        found = []
        for path in self.files("hr_people"):
            with path.open(encoding="utf-8") as text:
                rows = list(csv.DictReader(text, delimiter=";"))
            found.append((datetime.strptime(path.stem[-8:], "%Y%m%d").date(), rows))
        return found

    @staticmethod
    def german(text: str) -> date | None:
        return datetime.strptime(text, "%d.%m.%Y").date() if text else None

    @cached_property
    def holders(self) -> dict[str, list[tuple[date, str]]]:
        """Login -> (hired, name) of everyone who had it, oldest first."""
        seen: dict[str, dict[str, date]] = defaultdict(dict)
        for _, rows in self.snapshots:
            for row in rows:
                hired, login, name = self.german(row["hired_on"]), row["login"].lower(), row["full_name"].lower()
                assert hired
                seen[login][name] = max(seen[login].get(name, hired), hired)
        return {login: sorted((d, n) for n, d in names.items()) for login, names in seen.items()}

    def person(self, row: dict[str, str]) -> str:
        login, name = row["login"].lower(), row["full_name"].lower()
        held = [n for _, n in self.holders[login]]
        earlier = len(held) - 1 - held.index(name)
        return login if earlier == 0 else f"{login}~{earlier}"

    @cached_property
    def ids(self) -> dict[tuple[str, str], list[tuple[date, str]]]:
        """(badge or login, id) -> (from, person), oldest first."""
        seen: dict[tuple[str, str], dict[str, date]] = defaultdict(dict)
        for _, rows in self.snapshots:
            for row in rows:
                hired, who = self.german(row["hired_on"]), self.person(row)
                assert hired
                for key in (("badge", pad(row["badge"])), ("login", row["login"].lower())):
                    seen[key][who] = min(seen[key].get(who, hired), hired)
        return {key: sorted((d, p) for p, d in people.items()) for key, people in seen.items()}

    def who(self, kind: str, key: str | None, day: date) -> str | None:
        held = self.ids.get((kind, key or ""), [])
        fit = [p for i, (d, p) in enumerate(held) if i == 0 or d <= day]
        return fit[-1] if fit else None

    @cached_property
    def said(self) -> dict[str, list[tuple[date, date, str | None]]]:
        """Person -> (recorded, from, team or None) in the order in which HR said it."""
        found: dict[str, list[tuple[date, date, str | None]]] = defaultdict(list)
        known: set[tuple[str, str | None, date]] = set()
        last: dict[str, tuple[str, dict[str, str]]] = {}
        for number, (day, rows) in enumerate(self.snapshots):
            here = {}
            for row in rows:
                who = self.person(row)
                start = self.german(row["effective_from"]) or self.german(row["hired_on"]) or day
                team = row["team_code"].upper() or None
                here[row["employee_id"]] = (who, row)
                if (who, team, start) not in known:
                    known.add((who, team, start))
                    found[who].append((date(1900, 1, 1) if number == 0 else day, start, team))
            for employee, (who, row) in last.items():
                if employee not in here:
                    found[who].append((day, self.german(row["left_on"]) or day, None))
            last = here
        return found

    @cached_property
    def loans(self) -> dict[str, list[tuple[date, date, date, str]]]:
        found: dict[str, list[tuple[date, date, date, str]]] = defaultdict(list)
        for number, (day, rows) in enumerate(self.snapshots):
            for row in rows:
                if not row["loan_team"]:
                    continue
                start, end = self.german(row["loan_from"]), self.german(row["loan_to"])
                assert start and end
                loan = (start, end, row["loan_team"].upper())
                who = self.person(row)
                if loan not in [entry[1:] for entry in found[who]]:
                    found[who].append((date(1900, 1, 1) if number == 0 else day, *loan))
        return found

    def team(self, who: str | None, day: date, settles: int = 0) -> str | None:
        """The team worked in on a day, as known when the day's week was sealed; a loan wins."""
        if who is None:
            return None
        sunday = day + timedelta(days=6 - day.weekday())
        sealed = sunday + timedelta(days=settles + self.company["privacy"]["sealed_after_days"])
        for recorded, start, end, team in reversed(self.loans.get(who, [])):
            if recorded <= sealed and start <= day <= end:
                return team
        fit = [(r, s, t) for r, s, t in self.said.get(who, []) if r <= sealed and s <= day]
        return max(fit, key=lambda x: (x[0], x[1]))[2] if fit else None

    def place(self, who: str | None, day: date, settles: int, **fallback: str | None) -> Row:
        """Person and units of a row; what the membership does not tell comes from the row itself."""
        team = self.team(who, day, settles)
        row: Row = {"day": day, "person": who, "team": team or fallback.get("team")}
        t = self.teams.get(str(row["team"]), {})
        row["area"] = t.get("area") or fallback.get("area")
        row["site"] = t.get("site") or (None if team else fallback.get("site"))
        row["region"] = t.get("region") or (None if team and "site" in fallback else fallback.get("region"))
        return row

    # ---- customers ---------------------------------------------------------------------------------------------

    @cached_property
    def customers(self) -> dict[int, Row]:
        """The newest row of each customer."""
        parts = [pd.read_parquet(path) for path in self.files("customer_delta")]
        rows = pd.concat(parts, ignore_index=True)
        rows["customer_id"] = rows["customer_id"].astype("int64")
        rows = rows.sort_values("changed_at", kind="stable").drop_duplicates("customer_id", keep="last")
        return {int(row["customer_id"]): row for row in rows.to_dict("records")}

    @cached_property
    def home(self) -> dict[int, list[tuple[date, str]]]:
        """Customer -> (from, area code), oldest first."""
        parts = [
            pd.read_parquet(path, columns=["customer_id", "area_code", "changed_at"])
            for path in self.files("customer_delta")
        ]
        rows = pd.concat(parts, ignore_index=True).sort_values("changed_at", kind="stable")
        found: dict[int, list[tuple[date, str]]] = defaultdict(list)
        for customer, code, changed in zip(rows["customer_id"], rows["area_code"], rows["changed_at"], strict=True):
            day = changed.date()
            entries = found[int(customer)]
            if entries and entries[-1][0] == day:
                entries[-1] = (day, code)
            else:
                entries.append((day, code))
        return found

    def home_area(self, customer: int | None, day: date) -> str | None:
        held = self.home.get(customer or -1, [])
        fit = [c for i, (d, c) in enumerate(held) if i == 0 or d <= day]
        return self.area(fit[-1]) if fit else None
