"""The fixed part of the sample company: teams, areas, sites, zones, calendar effects."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from data.sample.base import Arr, day_no, unit, weekday

FOLDER = Path(__file__).resolve().parents[1] / "companies" / "fernway"
ZONES = {"North": 1, "Central": 1, "South": 2, "East": 2, "West": 0}
REGIONS = ("North", "South", "East", "West", "Central")
CUSTOMERS = {"metro": 1730, "suburban": 950, "rural": 430, "remote": 175}  # thousand an area, typical
DENSITIES = ("metro", "suburban", "rural", "remote")
VISITS = {"metro": 5.6, "suburban": 4.9, "rural": 3.9, "remote": 3.1}
LATE = {"metro": 0.078, "suburban": 0.056, "rural": 0.089, "remote": 0.110}
AUTO_AREAS = ("Port City", "West Coast", "Sun Coast", "Silver Hills", "Ironworks", "Mill Valley")
PARTNERS = ("X91", "X92", "X93")
PARTNER_OF = {"North": 0, "West": 0, "South": 1, "East": 2, "Central": 2}
WEEK = np.array([1.25, 1.08, 1.05, 1.04, 1.06, 0.97, 0.55])
PRODUCTS = ("INET100", "INET500", "TV01", "TVMAX", "TEL01", "MOB10", "BUN2", "BUN3")


@dataclass(frozen=True)
class Team:
    """One row of teams.csv."""

    code: str
    name: str
    family: str
    work: str
    region: str
    area: str
    site: str
    density: str
    staff: int
    leader: str
    leader_login: str
    demo: bool

    @property
    def place(self) -> str:
        """The code in the middle of the team's code: its area, site or desk."""
        return self.code.split("-")[1]


@dataclass(frozen=True)
class Place:
    """A field area."""

    code: str
    name: str
    region: str
    density: str


def all_teams() -> list[Team]:
    with (FOLDER / "teams.csv").open(encoding="utf-8") as source:
        return [
            Team(
                r["team"], r["name"], r["family"], r["work"], r["region"], r["area"], r["site"], r["density"],
                int(r["staff"]), r["supervisor"], r["login"], r["demo"] == "yes",
            )
            for r in csv.DictReader(source)
        ]  # fmt: skip


def areas_of(teams: list[Team]) -> list[Place]:
    found = {t.area: Place(t.place, t.area, t.region, t.density) for t in teams if t.area}
    return list(found.values())


def storms(day: int) -> list[str]:
    """Regions with a declared storm on a day: one fixed autumn storm and about one a region and quarter."""
    hit = [r for i, r in enumerate(REGIONS) if unit(day * 8 + i, 77) < 0.008 and weekday(day) < 6]
    if day in (day_no(date(2026, 10, 22)), day_no(date(2026, 6, 11))):
        hit = sorted({*hit, "South", "East"})
    return hit


def better(day: int | Arr) -> Arr:
    """Slow improvement: 1.12 half a year before November 2026, 0.97 then, still falling a little."""
    ago = day_no(date(2026, 11, 18)) - np.asarray(day, dtype=float)
    return np.clip(0.97 + 0.0008 * ago, 0.85, 1.25)
