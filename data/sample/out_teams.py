"""community_kb and wfm_schedule: tips that colleagues share, and who was to work when."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.sample.base import DAY, as_date, rng, unit, weekday
from data.sample.cases import HOUR
from data.sample.lite import iso, put
from data.sample.out_cases import FIRST_CASE
from data.sample.people import Person
from data.sample.sheet import Shift, plan_book
from data.sample.world import FAMILIES, World

TIP = """CREATE TABLE tip (id INTEGER PRIMARY KEY, author_login TEXT, title TEXT, topic TEXT, created TEXT,
merged_into INTEGER, updated_at TEXT)"""
USE = """CREATE TABLE "use" (id INTEGER PRIMARY KEY, tip_id INTEGER, user_login TEXT, case_ref TEXT, used_at TEXT,
updated_at TEXT)"""
IDEA = """CREATE TABLE idea (id INTEGER PRIMARY KEY, raised_by TEXT, title TEXT, theme TEXT, status TEXT, owner TEXT,
created TEXT, updated_at TEXT)"""
TOPICS = ("wiring", "router", "billing", "empathy", "moves", "tv", "tools", "routes")
IDEAS = ("RAISED", "ROUTED", "ANSWERED", "ADOPTED", "DECLINED")
USE_DAYS = 190


def _tips(world: World) -> list[tuple[int, Person, int]]:
    """(number, author, day created): kinder people share more; some of the authors have left."""
    key = ("tips", 1 << 40)
    if key not in world.cache:
        found = []
        share, _ = world.skill["tips"]
        frontline = [p for p in world.people if p.role in ("TECH", "AGENT", "DISP", "SPEC")]
        for p in frontline:
            for k in range(int(unit(p.pid, 231) * 2.2 * np.exp(0.7 * share[p.pid]))):
                begin = max(p.hired + 20, world.anchor - 420)
                end = min(p.left, world.anchor)
                if end > begin:
                    found.append((p, begin + int(unit(p.pid * 16 + k, 232) * (end - begin))))
        found.sort(key=lambda x: (x[1], x[0].pid))
        world.cache[key] = [(i + 1, p, day) for i, (p, day) in enumerate(found)]
    return world.cache[key]  # type: ignore[return-value]


def _uses(world: World, day: int) -> list[tuple[object, ...]]:
    """Uses of tips on a day: who used which tip for which case."""
    key = ("uses", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    draw = rng(world.seed, "uses", day)
    tips = [t for t in _tips(world) if t[2] < day]
    staff = np.concatenate([world.roster(day, f).pid for f in FAMILIES])
    n = int(len(staff) * 0.045) if tips else 0
    users = staff[draw.integers(len(staff), size=n)] if len(staff) else np.zeros(0, int)
    chosen = (draw.random(n) ** 1.5 * len(tips)).astype(int)
    own, cased = draw.random(n) < 0.03, draw.random(n) < 0.85
    second = day * DAY + 7 * HOUR + draw.integers(0, 11 * HOUR, n)
    case = FIRST_CASE + (day - 18000) * 40_000 + draw.integers(0, 2000, n)
    rows: list[tuple[object, ...]] = []
    for i in range(n):
        number, author, _ = tips[chosen[i]]
        login = author.login if own[i] else world.people[int(users[i])].login
        at = iso(int(second[i]))
        rows.append(((day - 18000) * 1000 + i, number, login, str(case[i]) if cased[i] else None, at, at))
    return world.cache.setdefault(key, rows)  # type: ignore[return-value]


def community(world: World, folder: Path, day: int) -> int:
    """Three whole tables as they were at a quarter to one in the morning."""
    tips = [t for t in _tips(world) if t[2] < day]
    tip_rows = []
    for number, author, made in tips:
        into = number - 1 if unit(number, 233) < 0.02 and number > 1 else None
        created = iso(made * DAY + 40_000)
        title = f"{TOPICS[number % 8]}: tip {number}"
        tip_rows.append((number, author.login, title, TOPICS[number % 8], created, into, created))
    use_rows = [u for d in range(day - USE_DAYS, day) for u in _uses(world, d)]
    ideas = [i for d in range(day - 180, day) for i in _ideas(world, d, day)]
    tables = {"tip": (TIP, tip_rows), "use": (USE, use_rows), "idea": (IDEA, ideas)}
    put(folder / f"community_{as_date(day):%Y%m%d}.sqlite", tables)  # type: ignore[arg-type]
    return len(tip_rows) + len(use_rows) + len(ideas)


def _ideas(world: World, made: int, day: int) -> list[tuple[object, ...]]:
    draw = rng(world.seed, "ideas", made)
    n = int(draw.poisson(6 * len(world.teams) / 215))
    people = [p for p in world.people[: len(world.people) // 2] if p.role in ("TECH", "AGENT")]
    rows: list[tuple[object, ...]] = []
    for i in range(n):
        age = day - made
        step = 0 if age < 3 else 1 if age < 10 else 2 + int(unit(made * 50 + i, 234) * 3)
        owner = None if step == 0 else "process.owner"
        created = iso(made * DAY + 36_000 + i)
        by = people[int(draw.integers(len(people)))].login
        number = (made - 18000) * 50 + i
        rows.append(
            (number, by, f"idea {number}", TOPICS[i % 8], IDEAS[step], owner, created, iso(min(day, made + 10) * DAY))
        )
    return rows


NAMES_AT = ("Lakeside Care", "West Coast Care")


def schedule(world: World, folder: Path, day: int) -> int:
    """Fridays the plan of the next week; every morning the amendments for yesterday and today."""
    rows = 0
    if weekday(day) == 4:
        monday = day + 3
        iso = as_date(monday).isocalendar()
        shifts = [s for d in range(monday, monday + 7) for s in _shifts(world, d, planned=True)]
        plan_book(folder / f"plan_{iso.year}W{iso.week:02d}.xlsx", shifts)
        rows += len(shifts)
    changes = [s for d in (day - 1, day) for s in _shifts(world, d, planned=False) if s[7] == day]
    plan_book(folder / f"amend_{as_date(day):%Y%m%d}.xlsx", changes)
    return rows + len(changes)


def _shifts(world: World, day: int, planned: bool) -> list[Shift]:
    """Three slots a person and shift day; planned as everybody on the rota, amended where people were away."""
    found: list[Shift] = []
    for family in FAMILIES:
        here = set(world.roster(day, family).pid.tolist())
        every = world.home(day, family)
        for pid, team in zip(every.pid.tolist(), every.team.tolist(), strict=True):
            rota = pid in here or unit(pid * 40_000 + day, 241) < 0.05
            if planned and not rota:
                continue
            if not planned and (pid in here or not rota):
                continue
            found += _slots(world, pid, world.teams[team].site, day, planned)
    return found


def _slots(world: World, pid: int, site: str, day: int, planned: bool) -> list[Shift]:
    person = world.people[pid]
    late = unit(pid * 1000 + (day + 3) // 7, 242) < 0.3
    night = site == "Capital Care" and unit(pid, 243) < 0.02
    hours = (
        ("22:00", "02:00", "02:30", "06:00")
        if night
        else ("12:00", "16:00", "16:30", "20:30")
        if late
        else ("08:00", "12:00", "12:30", "16:30")
    )
    who = person.name if site in NAMES_AT else person.employee_id
    home = "H" if site == "Home Network" or unit(pid * 400 + day % 400, 244) < 0.15 else "S"
    if not planned:
        why = ("ABSENT sick", "ABSENT family", "TRAINING", "LEAVE")[int(unit(pid * 40_000 + day, 245) * 4)]
        changed = day + (1 if unit(pid * 40_000 + day, 246) < 0.3 else 0)
        return [(who, day, slot, hours[0], hours[3], why, home, changed) for slot in (1, 2, 3)]
    work = "FIELD" if not site else "CALLS"
    made = day - int(weekday(day)) - 3
    slots = ((1, hours[0], hours[1], work), (2, hours[1], hours[2], "BREAK"), (3, hours[2], hours[3], work))
    return [(who, day, slot, start, end, what, home, made) for slot, start, end, what in slots]
