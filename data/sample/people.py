"""Everyone who works at the sample company: who they are, where they worked from when to when, how good they are.

The story is told as seats: a team has as many seats as teams.csv says, people follow each other in a seat
(leavers, joiners), swap seats (moves) and work elsewhere for a while (loans). Planted stories are in traps.py.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from data.sample import company
from data.sample.base import day_no, rng, unit, weekday
from data.sample.company import Team
from data.sample.names import FIRST, LAST

Seat = tuple[str, int]
FOREVER = day_no(date(9999, 12, 31))
LEAVE = {"field": 0.09, "care": 0.22, "dispatch": 0.12, "specialist": 0.12}
ROLE = {"field": "TECH", "care": "AGENT", "dispatch": "DISP", "specialist": "SPEC"}
TRAITS = (
    "late", "repeat", "fix", "onmyway", "csat", "fcr", "transfer", "abandon", "handle", "escalate", "card", "promise",
    "confirm", "quality", "missed", "early", "tips", "kind",
)  # fmt: skip


@dataclass
class Person:
    """One employment: a rehire is a second one with an own employee_id."""

    pid: int
    name: str
    login: str
    role: str
    employee_id: str
    badge: str
    hired: int
    left: int = FOREVER
    fte: float = 1.0
    same_as: int = -1
    """pid of the earlier employment of the same human being."""
    place: str = ""
    """For people outside teams: what they cover."""


@dataclass
class Stint:
    """A person in a team, half-open days; `known` = day on which HR entered it."""

    pid: int
    team: str
    kind: str
    start: int
    end: int
    known: int


@dataclass
class Leader:
    """Who leads a team from when to when; pid -1 = vacant."""

    team: str
    pid: int
    start: int
    end: int


@dataclass
class Seats:
    """The working state while the story is being written."""

    people: list[Person] = field(default_factory=list)
    seats: dict[Seat, list[Stint]] = field(default_factory=dict)
    loans: list[Stint] = field(default_factory=list)
    leaders: list[Leader] = field(default_factory=list)
    fixed: set[int] = field(default_factory=set)
    """People whose story is planted: never moved or lent by chance."""
    names: set[str] = field(default_factory=set)
    first: int = 0
    last: int = 0

    def stints(self) -> list[Stint]:
        return [s for stints in self.seats.values() for s in stints if s.end > s.start]


class Namer:
    """Hands out names that nobody has, in an order fixed by the seed."""

    def __init__(self, seed: int, taken: set[str]) -> None:
        draw = rng(seed, "names")
        self.taken = taken
        self.order = iter(draw.permutation(len(FIRST) * len(LAST)).tolist())

    def next(self) -> tuple[str, str]:
        while True:
            number = next(self.order)
            first, last = FIRST[number // len(LAST)], LAST[number % len(LAST)]
            login = f"{first}.{last}".lower()
            if login not in self.taken:
                self.taken.add(login)
                return f"{first} {last}", login


def hire(state: Seats, seed: int, name: str, login: str, role: str, hired: int, same_as: int = -1) -> Person:
    """A new employment with its own ids; badges have six figures, many with leading zeros."""
    pid = len(state.people)
    badge = f"{200 + pid * 7:06d}" if pid % 3 else f"{40000 + pid * 7:06d}"
    part_time = unit(pid, 31) < (0.11 if role == "AGENT" else 0.04)
    fte = round(0.4 + 0.1 * int(unit(pid, 32) * 5), 1) if part_time else 1.0
    person = Person(pid, name, login, role, f"{10000000 + pid * 37:08d}", badge, hired, FOREVER, fte, same_as)
    state.people.append(person)
    return person


def named_people() -> list[dict[str, str]]:
    with (company.FOLDER / "people.csv").open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


def fill(seed: int, teams: list[Team], anchor: int) -> Seats:
    """Everybody's seats from about 560 days before the anchor to 40 after, without moves and loans yet."""
    state = Seats(first=anchor - 560, last=anchor + 40)
    named = named_people()
    taken = {r["login"] for r in named} | {t.leader_login for t in company.all_teams()}
    namer = Namer(seed, set(taken))
    at = {r["covers"]: r for r in named if r["role"] == "frontline"}
    for team in teams:
        leader = hire(state, seed, team.leader, team.leader_login, ROLE[team.family] + "_LEAD", anchor - 1200)
        state.leaders.append(Leader(team.code, leader.pid, state.first, FOREVER))
    for team in teams:
        draw = rng(seed, "seats", team.code)
        for seat in range(team.staff):
            keep = at.get(team.code) if seat == 0 else None
            state.seats[team.code, seat] = _seat(state, seed, namer, team, anchor, draw, keep)
    return state


def _seat(
    state: Seats,
    seed: int,
    namer: Namer,
    team: Team,
    anchor: int,
    draw: np.random.Generator,
    named: dict[str, str] | None,
) -> list[Stint]:
    """The people of one seat, one after the other; a named person holds it all the time."""
    role, stints, start = ROLE[team.family], [], state.first
    if named:
        person = hire(state, seed, named["name"], named["login"], role, anchor - 1500 - int(draw.integers(900)))
        state.fixed.add(person.pid)
        return [Stint(person.pid, team.code, "HOME", start, FOREVER, start)]
    tenure = int(draw.exponential(1600)) + 30
    while start < state.last:
        end = start + int(draw.exponential(365 / LEAVE[team.family])) + 40
        gap = int(draw.integers(21, 43))
        person = hire(state, seed, *namer.next(), role, start - tenure)
        if end <= anchor < end + gap:  # every seat is taken on the anchor day, so that teams have their size
            gap = max(1, anchor - end)
        person.left = end if end < state.last else FOREVER
        stints.append(Stint(person.pid, team.code, "HOME", start, person.left, start))
        start, tenure = end + gap, 0
    return stints


def moves(state: Seats, seed: int, teams: list[Team]) -> None:
    """Two people swap seats: 14 % of people a year move; 60 % inside the area or site, 30 % in the region."""
    draw = rng(seed, "moves", len(teams))
    keys = list(state.seats)
    circles = _circles(keys, {t.code: t for t in teams})
    for number in range(int(len(keys) * 0.07 * (state.last - state.first) / 365)):
        a = keys[int(draw.integers(len(keys)))]
        wish = float(draw.random())
        near = [key for key in circles[a[0]][0 if wish < 0.6 else 1 if wish < 0.9 else 2] if key[0] != a[0]]
        b = near[int(draw.random() * len(near))] if near else a
        at = state.first + 1 + int(draw.integers(state.last - state.first - 45))
        if unit(number, 5) < 0.7:
            at -= int(weekday(at))
        late = int(draw.integers(1, 31)) if draw.random() < 1 / 6 else 0
        swap(state, a, b, at, at + late)


def _circles(keys: list[Seat], teams: dict[str, Team]) -> dict[str, list[list[Seat]]]:
    """Per team the seats of its place, of its region and of the company, of the same family."""
    groups: dict[tuple[str, ...], list[Seat]] = {}
    wanted = {}
    for code, team in teams.items():
        wanted[code] = [(team.family, team.region, team.place), (team.family, team.region), (team.family,)]
    for key in keys:
        for group in wanted[key[0]]:
            groups.setdefault(group, []).append(key)
    return {code: [groups.get(group, []) for group in found] for code, found in wanted.items()}


def swap(state: Seats, a: Seat, b: Seat, at: int, known: int) -> bool:
    """Exchange what follows day `at` in two seats; False when a seat is empty then or holds a planted person."""
    one, two = (_cut(state.seats[key], at) for key in (a, b))
    if a == b or one is None or two is None or {one[1][0].pid, two[1][0].pid} & state.fixed:
        return False
    for (key, mine), other in zip(((a, one), (b, two)), (two, one), strict=True):
        tail = [replace(s, team=key[0], known=known if i == 0 else s.known) for i, s in enumerate(other[1])]
        state.seats[key] = mine[0] + tail
    return True


def _cut(stints: list[Stint], at: int) -> tuple[list[Stint], list[Stint]] | None:
    """A seat before and from a day on; None when nobody sits there or somebody has just come."""
    for i, s in enumerate(stints):
        if s.start + 20 <= at < s.end - 5:
            return [*stints[:i], replace(s, end=at)], [replace(s, start=at), *stints[i + 1 :]]
    return None


def loans(state: Seats, seed: int, teams: list[Team]) -> None:
    """About 25 people of 2,785 work elsewhere on any day, two days to twelve weeks."""
    draw = rng(seed, "loans", len(teams))
    held = [s for s in state.stints() if s.pid not in state.fixed]
    by_family: dict[str, list[str]] = {}
    for team in teams:
        by_family.setdefault(team.family, []).append(team.code)
    family = {t.code: t.family for t in teams}
    length_mean = 30
    count = int(len(state.seats) * 0.009 * (state.last - state.first) / length_mean)
    lent: set[int] = set()
    for _ in range(count):
        s = held[int(draw.integers(len(held)))]
        start = state.first + int(draw.integers(state.last - state.first - 20))
        end = start + int(np.clip(draw.exponential(length_mean), 2, 84))
        to = [c for c in by_family[family[s.team]] if c != s.team]
        if s.pid in lent or not (s.start + 5 <= start and end < s.end) or not to:
            continue
        lent.add(s.pid)
        state.loans.append(Stint(s.pid, to[int(draw.integers(len(to)))], "LOAN", start, end, start))


OTHERS = (("CARE_MGR", 14), ("HEAD", 2), ("EXEC", 8), ("ANALYST", 6), ("STEWARD", 4), ("STAFFREP", 3))


def others(state: Seats, seed: int, teams: list[Team], anchor: int) -> None:
    """The users outside the teams: managers, directors, heads, executives, analysts, stewards, representatives."""
    namer = Namer(seed + 1, {p.login for p in state.people} | {t.leader_login for t in company.all_teams()})
    posts = [("AREA_MGR", a.name) for a in company.areas_of(teams)]
    posts += [("CARE_MGR", site) for site in dict.fromkeys(t.site for t in teams if t.site) for _ in range(2)]
    posts += [("REG_DIR", region) for region in company.REGIONS]
    posts += [(role, "HQ") for role, count in OTHERS[1:] for _ in range(count)]
    code = {
        "manager": ("AREA_MGR", "CARE_MGR", "REG_DIR"),
        "executive": ("EXEC",),
        "analyst": ("ANALYST",),
        "steward": ("STEWARD",),
    }
    waiting = [r for r in named_people() if r["role"] != "frontline"]
    for role, place in posts:
        match = next(
            (
                r
                for r in waiting
                if role in code.get(r["role"], ("STAFFREP",))
                and r["covers"].split(":")[-1].replace("company", "HQ") == place
            ),
            None,
        )
        if match:
            waiting.remove(match)
        name, login = (match["name"], match["login"]) if match else namer.next()
        hire(state, seed, name, login, role, anchor - 900).place = place
