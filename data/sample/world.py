"""The world that every file tells about: the company's people on each day, their skill, its areas and sites."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from data.sample import company, people, traps
from data.sample.base import Arr, rng, sigmoid, unit, weekday
from data.sample.customers import Customers
from data.sample.people import TRAITS, Leader, Person, Stint

WORKING = {
    "field": (0.88, 0.83, 0.83, 0.83, 0.81, 0.42, 0.10),
    "care": (0.90, 0.82, 0.81, 0.81, 0.80, 0.44, 0.30),
    "dispatch": (0.85, 0.80, 0.80, 0.80, 0.80, 0.50, 0.20),
    "specialist": (0.90, 0.85, 0.85, 0.85, 0.85, 0.15, 0.00),
}


@dataclass(frozen=True)
class Roster:
    """Who works on a day: person ids and the team of that day (a loan wins), as positions in World.teams."""

    pid: Arr
    team: Arr


@dataclass
class World:
    """Everything that does not depend on the day asked for."""

    which: str
    seed: int
    anchor: int
    teams: list[company.Team]
    people: list[Person]
    stints: list[Stint]
    leaders: list[Leader]
    stories: list[traps.Story]
    customers: Customers
    thin: float = 1.0
    cache: dict[tuple[str, int], object] = field(default_factory=dict)

    @cached_property
    def places(self) -> list[company.Place]:
        return company.areas_of(self.teams)

    @cached_property
    def sites(self) -> list[tuple[str, str, str]]:
        """(code, name, region) of the care sites."""
        return list(dict.fromkeys((t.place, t.site, t.region) for t in self.teams if t.site))

    @cached_property
    def team_no(self) -> dict[str, int]:
        return {t.code: i for i, t in enumerate(self.teams)}

    @cached_property
    def team_area(self) -> Arr:
        """Position in `places` of each team's area, -1 without."""
        names = {p.name: i for i, p in enumerate(self.places)}
        return np.array([names.get(t.area, -1) for t in self.teams])

    @cached_property
    def team_site(self) -> Arr:
        names = {s[1]: i for i, s in enumerate(self.sites)}
        return np.array([names.get(t.site, -1) for t in self.teams])

    @cached_property
    def team_zone(self) -> Arr:
        return np.array([company.ZONES[t.region] for t in self.teams])

    @cached_property
    def area_zone(self) -> Arr:
        return np.array([company.ZONES[p.region] for p in self.places])

    @cached_property
    def badge(self) -> Arr:
        return np.array([p.badge for p in self.people])

    @cached_property
    def login(self) -> Arr:
        return np.array([p.login for p in self.people])

    @cached_property
    def hired(self) -> Arr:
        return np.array([p.hired for p in self.people])

    @cached_property
    def _stint_columns(self) -> dict[str, Arr]:
        rows = self.stints
        return {
            "pid": np.array([s.pid for s in rows]),
            "team": np.array([self.team_no[s.team] for s in rows]),
            "loan": np.array([s.kind == "LOAN" for s in rows]),
            "start": np.array([s.start for s in rows]),
            "end": np.array([s.end for s in rows]),
            "family": np.array([people_family(self.teams[self.team_no[s.team]]) for s in rows]),
        }

    @cached_property
    def skill(self) -> dict[str, tuple[Arr, Arr]]:
        """Per trait: standard normal draws of people and of teams."""
        draw = rng(self.seed, "skill")
        n = len(self.people)
        own = draw.standard_normal((len(TRAITS), n)).clip(-2.6, 2.6)
        twin = np.array([p.same_as if p.same_as >= 0 else p.pid for p in self.people])
        group = draw.standard_normal((len(TRAITS), len(self.teams))).clip(-2.4, 2.4)
        return {trait: (own[i][twin], group[i]) for i, trait in enumerate(TRAITS)}

    def effect(self, trait: str, pid: Arr, team: Arr, person_sd: float, group_sd: float) -> Arr:
        """Log-odds shift by person and team; pid or team -1 (partners, nobody) shifts nothing. sds on that scale."""
        own, group = self.skill[trait]
        within = np.sqrt(max(person_sd**2 - group_sd**2, 0.0) / (1 - 1 / 12))
        between = np.sqrt(max(group_sd**2 - within**2 / 12, 0.0))
        shift = (
            np.where(pid >= 0, own[np.maximum(pid, 0)], 0.0) * within
            + np.where(team >= 0, group[np.maximum(team, 0)], 0.0) * between
        )
        return np.asarray(shift)

    def shifted(self, base: Arr, shift: Arr) -> Arr:
        """Chances moved on the log-odds scale."""
        return sigmoid(np.log(base / (1 - base)) + shift)

    def home(self, day: int, family: str) -> Roster:
        """Everyone of a family on a day, working or not, in the team where they work (a loan wins)."""
        s = self._stint_columns
        held = (s["start"] <= day) & (day < s["end"]) & (s["family"] == FAMILIES.index(family))
        order = np.lexsort((s["loan"][held], s["pid"][held]))
        pid, team = s["pid"][held][order], s["team"][held][order]
        last = np.append(pid[1:] != pid[:-1], True) if len(pid) else np.zeros(0, bool)
        return Roster(pid[last], team[last])

    def roster(self, day: int, family: str) -> Roster:
        """Who works on a day: rota by weekday, blocks of leave by week."""
        every = self.home(day, family)
        key = every.pid.astype(np.int64) * 40000 + day
        week = every.pid.astype(np.int64) * 6000 + (day + 3) // 7
        here = (unit(key, 11) < WORKING[family][int(weekday(day))]) & (unit(week, 12) >= 0.075)
        return Roster(every.pid[here], every.team[here])


EVER = 1 << 40
"""Day of a cache key that is never thrown away."""
FAMILIES = ("field", "care", "dispatch", "specialist")


def people_family(team: company.Team) -> int:
    return FAMILIES.index(team.family)


def make(which: str, seed: int, anchor: int, customers: int = 0, thin: float = 0.0) -> World:
    """The world of a company ("demo" or "full")."""
    if which not in ("demo", "full"):
        raise ValueError(f"company must be demo or full, not {which!r}")
    teams = [t for t in company.all_teams() if which == "full" or t.demo]
    state = people.fill(seed, teams, anchor)
    people.moves(state, seed, teams)
    people.loans(state, seed, teams)
    stories = traps.plant(state, seed, anchor)
    people.others(state, seed, teams, anchor)
    size = customers or (500_000 if which == "demo" else 2_500_000)
    stints = state.stints() + state.loans
    base = Customers(seed, size, company.areas_of(teams))
    kept = thin or (0.25 if which == "demo" else 1.0)
    return World(which, seed, anchor, teams, state.people, stints, state.leaders, stories, base, kept)
