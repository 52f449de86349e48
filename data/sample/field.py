"""What truly happened in the field: visits of each local day, with returns of earlier visits among them.

`plan(world, day)`   the jobs that start on a day and what becomes of them (one level, needs no other day)
`visits(world, day)` all visits of a day in route order with real times; needs the plans of the 46 days before
"""

from __future__ import annotations

import numpy as np

from data.sample import company
from data.sample.base import NEVER, Arr, Frame, as_date, join, logit_sd, midnight, pick, rng, size, take, unit, weekday
from data.sample.customers import NEW, STRATA
from data.sample.world import World

BACK = 46
INSTALL, REPAIR, MOVE, COLLECT = range(4)
DONE, CUST_CANCEL, COMP_CANCEL, EARLY_CANCEL, NOSHOW, ABSENT, WEATHER = range(7)
PART, MORE, AGAIN, REBOOK, STAGE2, NEWPROD, LATER = range(1, 8)  # kinds of return
NONE, DISPATCH, PARTS, STORM, BEFORE, START = range(6)  # causes of lateness
ON_DAY_US, ON_DAY_THEM, EARLY_THEM = 1, 2, 3  # windows moved
FAULTS = ("NSIG", "SLOW", "DROP", "WIRE", "EQPT", "TVPX", "NOIS", "OUTN")
JOBS = {
    "field install": (0.56, 0.14, 0.15, 0.15),
    "field repair": (0.05, 0.84, 0.04, 0.07),
    "field mixed": (0.38, 0.42, 0.10, 0.10),
    "partner": (0.40, 0.44, 0.06, 0.10),
}
MINUTES = np.array([95, 55, 80, 18])
RESERVED = 0.135
HOURS = (8.25, 18.0)


def _crew(world: World, day: int) -> Frame:
    """Everyone in a van on a day, our own and partners': who (pid or -(number+10)), team, area, visits planned."""
    own = world.roster(day, "field")
    area = world.team_area[own.team]
    draw = rng(world.seed, "crew", day)
    every = world.home(day, "field")
    per_area = np.bincount(world.team_area[every.team], minlength=len(world.places))
    staff = np.minimum(37, np.round(per_area * 0.55)).astype(int)
    partner = np.repeat(np.arange(len(world.places)), staff)
    number = partner * 38 + np.concatenate([np.arange(n) for n in staff])
    here = draw.random(len(partner)) < (0.8, 0.8, 0.8, 0.8, 0.8, 0.45, 0.12)[int(weekday(day))]
    partner, number = partner[here], number[here]
    who = np.concatenate([own.pid, -10 - number])
    area = np.concatenate([area, partner])
    team = np.concatenate([own.team, np.full(len(partner), -1)])
    mean = np.array([company.VISITS[p.density] for p in world.places])[area] * 0.97
    fte = np.array([p.fte for p in world.people])
    mean = mean * np.where(who >= 0, np.maximum(fte[who], 0.5), 1.0) * (1.06 if weekday(day) == 0 else 1.0)
    count = np.clip(np.round(draw.normal(mean, 0.75)), 1, 7).astype(int)
    kind = [world.teams[t].work if t >= 0 else "partner" for t in team]
    return {"who": who, "team": team, "area": area, "count": count, "kind": np.array(kind)}


def _slots(world: World, day: int) -> Frame:
    """One row a planned visit in route order."""
    crew = _crew(world, day)
    draw = rng(world.seed, "slots", day)
    row = np.repeat(np.arange(size(crew)), crew["count"])
    k = np.arange(len(row)) - np.repeat(np.cumsum(crew["count"]) - crew["count"], crew["count"])
    job = np.zeros(len(row), dtype=np.int64)
    for kind, chances in JOBS.items():
        hit = crew["kind"][row] == kind
        job[hit] = pick(draw, chances, int(hit.sum()))
    slots = {
        "row": row,
        "k": k,
        "job": job,
        "who": crew["who"][row],
        "team": crew["team"][row],
        "area": crew["area"][row],
    }
    slots["n"] = crew["count"][row]
    slots["reserved"] = draw.random(len(row)) < RESERVED
    slots["long"] = draw.random(len(row)) < 0.35
    return slots


def plan(world: World, day: int) -> Frame:
    """The jobs whose first visit is on a day, with their outcome and the return that follows (kind, days after)."""
    key = ("plan", day)
    if key not in world.cache:
        world.cache[key] = _plan(world, day)
    return world.cache[key]  # type: ignore[return-value]


def _plan(world: World, day: int) -> Frame:
    slots = _slots(world, day)
    jobs = take(slots, ~slots["reserved"])
    n = size(jobs)
    draw = rng(world.seed, "plan", day)
    jobs["no"] = np.arange(n, dtype=np.int64)
    jobs["g"] = np.zeros(n, dtype=np.int64)
    for area in range(len(world.places)):
        hit = jobs["area"] == area
        jobs["g"][hit] = world.customers.draw(draw, area, day % STRATA, STRATA, int(hit.sum()))
    new = (jobs["job"] == INSTALL) & (draw.random(n) < 0.5)
    jobs["g"] = np.where(new, NEW + ((day - 18000) * 20000 + jobs["no"]) * 64 + jobs["area"], jobs["g"])
    jobs["fault"] = np.where(jobs["job"] == REPAIR, pick(draw, (0.2, 0.16, 0.17, 0.13, 0.14, 0.08, 0.08, 0.04), n), -1)
    jobs["status"] = _status(world, jobs, draw, day)
    jobs["back"], jobs["after"] = _returns(world, jobs, draw, day)
    return jobs


def _status(world: World, jobs: Frame, draw: np.random.Generator, day: int) -> Arr:
    """Kept, cancelled, missed: chances per visit; misses differ a little by team."""
    n = size(jobs)
    shift = np.exp(world.effect("missed", np.full(n, -1), jobs["team"], 0.38, 0.38)) * company.better(day)
    storm = _stormy(world, jobs["area"], day)
    chances = np.stack(
        [
            np.full(n, 0.035),
            0.0046 * shift,
            np.full(n, 0.004),
            0.0046 * shift * np.where(storm, 2.0, 1.0),
            np.full(n, 0.018),
            np.where(storm, 0.09, 0.0),
        ]
    ).cumsum(axis=0)
    place = (draw.random(n)[None, :] > chances).sum(axis=0)
    return np.where(place == 6, DONE, place + 1)


def _stormy(world: World, area: Arr, day: int) -> Arr:
    regions = company.storms(day)
    hit = np.array([p.region in regions for p in world.places])
    return np.asarray(hit[area])


def _returns(world: World, jobs: Frame, draw: np.random.Generator, day: int) -> tuple[Arr, Arr]:
    """What brings somebody back (0 nothing) and how many days after."""
    n = size(jobs)
    job, who, team = jobs["job"], jobs["who"], jobs["team"]
    product = world.customers.product(jobs["g"])
    partner = np.where(who < 0, 0.18, 0.0)
    ease = np.log(company.better(day))
    install = world.effect("repeat", who, team, logit_sd(0.09, 0.03), logit_sd(0.09, 0.018)) + partner
    install = install + np.array([0, 0.1, 0.05, 0.15, -0.1, -0.3, 0.1, 0.2])[product] + ease
    repair = -world.effect("fix", who, team, logit_sd(0.77, 0.06), logit_sd(0.77, 0.04)) + partner
    repair = repair + np.array([-0.1, 0.1, 0.3, 0.0, -0.2, 0.0, 0.1, 0])[np.maximum(jobs["fault"], 0)] + ease
    chance = np.where(job == INSTALL, world.shifted(np.full(n, 0.1), install), 0.0)
    chance = np.where(job == REPAIR, world.shifted(np.full(n, 0.245), repair), chance)
    chance = np.where(job == MOVE, 0.06, chance)
    kind = np.where(draw.random(n) < chance, AGAIN, 0)
    split = pick(draw, (0.27, 0.2, 0.53), n)
    kind = np.where((kind > 0) & (job == REPAIR), np.array([PART, MORE, AGAIN])[split], kind)
    rest, dice = (kind == 0) & (job == INSTALL), draw.random(n)
    kind = np.where(rest & (dice < 0.03), STAGE2, np.where(rest & (dice < 0.045), NEWPROD, kind))
    kind = np.where((kind == 0) & (job <= REPAIR) & (dice > 0.99), LATER, kind)
    kind = np.where(jobs["fault"] == 7, 0, kind)
    missed = jobs["status"] != DONE
    kind = np.where(missed, np.where((jobs["status"] != CUST_CANCEL) & (draw.random(n) < 0.8), REBOOK, 0), kind)
    u = draw.random(n)
    after = np.select(
        [kind == PART, kind == MORE, kind == AGAIN, kind == REBOOK, kind == STAGE2, kind == NEWPROD, kind == LATER],
        [2 + 6 * u, 1 + 5 * u, 1 + 30 * u**1.6, 1 + 4 * u, 7 + 14 * u, 3 + 23 * u, 31 + 13 * u],
        0,
    ).astype(np.int64)
    sunday = weekday(day + after) == 6
    return kind, np.where(sunday & (kind > 0), np.where((after > 1) & (after != 31), after - 1, after + 1), after)


def _due(world: World, day: int) -> Frame:
    """Earlier jobs that somebody comes back for on this day."""
    found = []
    for first in range(day - BACK, day):
        jobs = plan(world, first)
        back = take(jobs, (jobs["back"] > 0) & (first + jobs["after"] == day))
        if size(back):
            back["first"] = np.full(size(back), first)
            found.append(back)
    return join(found)


def visits(world: World, day: int) -> Frame:
    """All visits whose final promised day is this one; times are UTC seconds, NEVER where nothing happened."""
    key = ("visits", day)
    if key not in world.cache:
        world.cache[key] = _visits(world, day)
    return world.cache[key]  # type: ignore[return-value]


def _assign(world: World, day: int, due: Frame, slots: Frame) -> Frame:
    """Returns put into the reserved slots of their area, the rest into an extra slot of somebody there."""
    draw = rng(world.seed, "assign", day)
    found: list[Frame] = []
    free = take(slots, slots["reserved"])
    last = take(slots, slots["k"] == slots["n"] - 1)
    last = {**last, "k": last["k"] + 1}
    for area in range(len(world.places)):
        rows = draw.permutation(np.flatnonzero(due["area"] == area)) if due else np.zeros(0, int)
        seats = [take(part, draw.permutation(np.flatnonzero(part["area"] == area))) for part in (free, last)]
        seat = join(seats)
        count = min(len(rows), size(seat))
        if not count:
            continue
        one = take(seat, np.arange(count))
        what = take(due, rows[:count])
        kind = what["back"]
        one["job"] = np.where(
            kind == AGAIN, REPAIR, np.where(kind == LATER, REPAIR, np.where(kind == NEWPROD, INSTALL, what["job"]))
        )
        fault = np.where(what["fault"] >= 0, what["fault"], pick(draw, (0.2, 0.15, 0.15, 0.2, 0.2, 0.1), count))
        one |= {"g": what["g"], "first": what["first"], "first_no": what["no"], "back": kind, "first_who": what["who"]}
        one["fault"] = np.where(one["job"] == REPAIR, fault, -1)
        found.append(one)
    return join(found)


def _visits(world: World, day: int) -> Frame:
    jobs = plan(world, day)
    slots = _slots(world, day)
    fresh = {k: jobs[k] for k in ("row", "k", "job", "who", "team", "area", "n", "long", "g", "fault", "status")}
    n = size(fresh)
    fresh |= {"first": np.full(n, day), "first_no": jobs["no"], "back": np.zeros(n, np.int64), "first_who": jobs["who"]}
    fresh["next"] = jobs["back"]
    back = _assign(world, day, _due(world, day), slots)
    draw = rng(world.seed, "visits", day)
    if back:
        back["status"] = _status(world, back, draw, day)
        back["next"] = np.zeros(size(back), np.int64)
        fresh = join([fresh, {k: back[k] for k in fresh}])
    order = np.lexsort((fresh["k"], fresh["row"]))
    v = take(fresh, order)
    v["day"] = np.full(size(v), day)
    v["no"] = np.arange(size(v), dtype=np.int64)
    v["vid"] = (day - 18000) * 20000 + v["no"]
    v["zone"] = world.area_zone[v["area"]]
    v["storm"] = _stormy(world, v["area"], day)
    _windows(v, draw)
    _lateness(world, v, draw, day)
    _route(world, v, draw)
    for name in ("ws", "we", "ws1", "we1", "planned", "arrive", "enroute", "dispatch", "finish"):
        v[name] = np.where(v[name] == NEVER, NEVER, v[name].astype(np.int64) + midnight(day, v["zone"]))
    _night(v, day)
    return v


def _windows(v: Frame, draw: np.random.Generator) -> None:
    """Promised windows of two or four hours around the planned time; local seconds of the day."""
    step = (HOURS[1] - HOURS[0]) / np.maximum(v["n"], 3)
    planned = np.minimum(HOURS[0] + v["k"] * step, 19.0)
    start = np.floor(planned) - np.where(v["long"] & (v["k"] > 0), 1, 0)
    v["ws"] = (start * 3600).astype(np.int64)
    v["we"] = v["ws"] + np.where(v["long"], 4, 2) * 3600
    v["planned"] = (planned * 3600).astype(np.int64) + draw.integers(-9, 10, len(planned)) * 60


DAY_FACTOR = np.array([1.15, 1.0, 0.97, 0.97, 1.08, 0.9, 0.8])


def _lateness(world: World, v: Frame, draw: np.random.Generator, day: int) -> None:
    """Draw who is late and why, who is early, and whose window was moved."""
    n = size(v)
    base = np.array([company.LATE[p.density] for p in world.places])[v["area"]] - 0.011
    hour = v["planned"] / 3600
    factor = np.select([hour < 10, hour < 12, hour < 14, hour < 16], [0.66, 0.82, 1.0, 1.12], 1.5)
    factor = (
        factor
        * np.where(v["long"], 0.72, 1.14)
        * np.array([1.12, 1.0, 1.05, 0.7])[v["job"]]
        * DAY_FACTOR[int(weekday(day))]
    )
    factor = factor * np.where(v["storm"], 2.6, 1.0) * company.better(day) * np.where(v["who"] < 0, 1.1, 1.0) * 0.82
    shift = world.effect("late", v["who"], v["team"], logit_sd(0.07, 0.03), logit_sd(0.07, 0.02))
    odds = world.shifted(np.clip(base * factor, 0.005, 0.6), shift)
    late = draw.random(n) < odds
    cause = 1 + pick(draw, (0.19, 0.13, 0.03, 0.41, 0.24), n)
    cause = np.where(v["storm"] & (draw.random(n) < 0.6), STORM, cause)
    cause = np.where((cause == BEFORE) & (v["k"] == 0), START, np.where((cause == START) & (v["k"] > 0), BEFORE, cause))
    v["cause"] = np.where(late, np.where(draw.random(n) < 0.93, cause, NONE), NONE)
    slow = world.effect("late", v["who"], v["team"], 0.25, 0.15)
    v["minutes"] = np.where(late, np.clip(16 * np.exp(0.75 * draw.standard_normal(n) + slow), 1, 300), 0.0)
    early = ~late & (
        draw.random(n) < world.shifted(np.full(n, 0.064), world.effect("early", v["who"], v["team"], 0.5, 0.3))
    )
    v["early"] = early
    dice = draw.random(n)
    moved = np.where((v["cause"] == DISPATCH) & (dice < 0.45), ON_DAY_US, 0)
    moved = np.where(~late & ~early & (dice > 0.998), ON_DAY_US, moved)
    moved = np.where(~late & ~early & (dice > 0.985) & (dice < 0.998), ON_DAY_THEM, moved)
    moved = np.where((moved == 0) & (dice > 0.90) & (dice < 0.94), EARLY_THEM, moved)
    v["moved"] = moved
    shift_by = (
        np.where(moved == ON_DAY_US, 2 + (dice * 1000).astype(int) % 2, np.where(moved == ON_DAY_THEM, 2, 0)) * 3600
    )
    v["ws1"], v["we1"] = v["ws"] + shift_by, v["we"] + shift_by
    v["minutes"] = np.where(late & (moved == ON_DAY_US), v["minutes"] + 25, v["minutes"])
    v["late"] = late


def _route(world: World, v: Frame, draw: np.random.Generator) -> None:
    """Real times along each route: a visit cannot start before the one before has ended and the drive is done."""
    n = size(v)
    minutes = MINUTES[v["job"]] * np.exp(0.35 * draw.standard_normal(n))
    travel = np.array([17, 19, 32, 48])[[company.DENSITIES.index(p.density) for p in world.places]][v["area"]]
    travel = np.maximum(12, travel * np.exp(0.35 * draw.standard_normal(n))) * 60
    on_time = np.clip(v["planned"] + draw.normal(0, 1100, n), v["ws1"] + 30, v["we1"] - 90)
    arrive = np.where(v["late"], v["we"] + v["minutes"] * 60, on_time)
    arrive = np.where(v["early"], v["ws"] - 600 - 60 - draw.exponential(700, n), arrive)
    there = (v["status"] == DONE) | (v["status"] == ABSENT)
    stay = np.where(v["status"] == ABSENT, 780, np.maximum(minutes * 60, 480))
    finish = arrive + stay
    rows = int(v["row"].max()) + 1 if n else 0
    at = np.full(rows, -1)
    for k in range(int(v["k"].max()) + 1 if n else 0):
        here = np.flatnonzero((v["k"] == k) & there)
        last = at[v["row"][here]]
        some = last >= 0
        now, before = here[some], last[some]
        gap = arrive[now] - travel[now]
        tight = gap < finish[before]
        forced = tight | (v["cause"][now] == BEFORE)
        finish[before] = np.where(forced, np.maximum(gap, arrive[before] + 480), finish[before])
        arrive[now] = np.maximum(arrive[now], finish[before] + travel[now])
        finish[now] = arrive[now] + stay[now]
        at[v["row"][here]] = here
    v["travel"] = travel.astype(np.int64)
    v["arrive"] = np.where(there, arrive, NEVER).astype(np.int64)
    v["finish"] = np.where(there, finish, NEVER).astype(np.int64)
    v["enroute"] = np.where(there, arrive - travel, NEVER).astype(np.int64)
    wait = np.where(v["k"] == 0, 900 + 1200 * unit(v["vid"], 3), 60 + 300 * unit(v["vid"], 4))
    v["dispatch"] = np.where(there, arrive - travel - wait, NEVER).astype(np.int64)
    meant = v["late"]
    v["late"] = there & (v["arrive"] > v["we"]) & (v["moved"] != ON_DAY_THEM)
    pushed = np.where(v["moved"] == ON_DAY_US, DISPATCH, BEFORE)
    v["cause"] = np.where(v["late"] & ~meant & (v["cause"] == NONE), pushed, v["cause"])


def _night(v: Frame, day: int) -> None:
    """The planted installation on the night of the clock change (last Sunday of October): 02:30 comes twice."""
    d = as_date(day)
    hit = np.flatnonzero((v["job"] == INSTALL) & (v["k"] == 0) & (v["status"] == DONE))
    if not (d.month == 10 and d.day >= 25 and weekday(day) == 6 and len(hit)):
        return
    i = hit[0]
    start = midnight(day - 1, v["zone"][i]) + 86400  # 00:00 of the night, still in summer time
    v["ws"][i] = v["ws1"][i] = start
    v["we"][i] = v["we1"][i] = start + 4 * 3600
    v["planned"][i] = start + 3600
    v["dispatch"][i], v["enroute"][i] = start - 3000, start + 600
    v["arrive"][i], v["finish"][i] = start + 2400, start + 3 * 3600 + 1800
    v["late"][i], v["early"][i], v["moved"][i], v["cause"][i] = False, False, 0, NONE
