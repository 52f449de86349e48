"""What truly happened in the field: visits of each local day, with returns of earlier visits among them.

`plan(world, day)`   the jobs that start on a day and what becomes of them (one level, needs no other day)
`visits(world, day)` all visits of a day in route order with real times; needs the plans of the 46 days before
"""

from __future__ import annotations

import numpy as np

from data.sample import company, road
from data.sample.base import NEVER, Arr, Frame, join, logit_sd, midnight, pick, rng, size, take, weekday
from data.sample.codes import (
    AGAIN,
    CUST_CANCEL,
    DONE,
    INSTALL,
    LATER,
    MORE,
    MOVE,
    NEWPROD,
    PART,
    REBOOK,
    REPAIR,
    STAGE2,
)
from data.sample.customers import NEW, STRATA
from data.sample.world import World

BACK = 46
FAULTS = ("NSIG", "SLOW", "DROP", "WIRE", "EQPT", "TVPX", "NOIS", "OUTN")
JOBS = {
    "field install": (0.56, 0.14, 0.15, 0.15),
    "field repair": (0.05, 0.84, 0.04, 0.07),
    "field mixed": (0.38, 0.42, 0.10, 0.10),
    "partner": (0.40, 0.44, 0.06, 0.10),
}
RESERVED = 0.135


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
    road.windows(v, draw)
    road.lateness(world, v, draw, day)
    road.route(world, v, draw)
    for name in ("ws", "we", "ws1", "we1", "planned", "arrive", "enroute", "dispatch", "finish"):
        v[name] = np.where(v[name] == NEVER, NEVER, v[name].astype(np.int64) + midnight(day, v["zone"]))
    road.night(v, day)
    return v
