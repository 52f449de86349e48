"""All customer contacts of a day and everything an agent does in them; calls that nobody answered.

`contacts(world, day)` all contacts with a person, repeats of earlier firsts among them
`unserved(world, day)` calls that ended in the menu or in the queue
"""

from __future__ import annotations

import numpy as np

from data.sample import company, tickets
from data.sample.base import Arr, Frame, join, logit_sd, midnight, pick, rng, size, take, unit
from data.sample.issues import BACK, FAR, QUEUES, crew, firsts, starts, volume, zone_of
from data.sample.world import World


def _repeats(world: World, day: int) -> Frame:
    """Customers of earlier first contacts who come back on this day, with whoever answers now."""
    found: list[Frame] = []
    for first in range(day - BACK, day + 1):
        f = firsts(world, first)
        for turn, column in ((1, "again"), (2, "third")):
            hit = (f[column] >= 0) & (first + f[column] == day)
            back = {
                k: f[k][hit]
                for k in ("g", "reason", "issue", "ticket", "visit", "again_second", "again_call", "start", "queue")
            }
            back["repeat"] = np.full(size(back), turn)
            found.append(back)
    r = join(found)
    draw = rng(world.seed, "repeats", day)
    c = crew(world, day)
    n = size(r)
    agent = pick(draw, np.maximum(c["count"], 1), n) if size(c) else np.zeros(n, int)
    queue = np.where(r["again_call"] & (r["queue"] == 3), 0, r["queue"])
    r["pid"], r["team"] = np.full(n, -1), np.full(n, -1)
    for q in range(len(QUEUES)):
        hit = np.flatnonzero(queue == q)
        pool = np.flatnonzero(c["queue"] == q)
        if len(pool) and len(hit):
            agent[hit] = pool[pick(draw, np.maximum(c["count"][pool], 1), len(hit))]
    partner = (draw.random(n) < 0.42) & (queue < 3)
    number = -(pick(draw, (0.6, 0.4), n) + 1) * FAR - (draw.random(n) * 260 * tickets.scale(world)).astype(np.int64) - 1
    r["pid"] = np.where(partner, number, c["pid"][agent])
    r["team"] = np.where(partner, -1, c["team"][agent])
    r["queue"] = np.where(partner, queue, c["queue"][agent])
    wall = midnight(day, zone_of(world, r)) + r["again_second"]
    r["start"] = np.where(r["start"] > wall - 1800, np.maximum(wall, r["start"] + 1800), wall)
    r["channel"] = np.where(r["queue"] == 3, 1 + pick(draw, (0.4, 0.2, 0.24, 0.06, 0.1), n), 0)
    r["solved"] = draw.random(n) < 0.75
    r["day"] = np.full(n, day)
    return r


def contacts(world: World, day: int) -> Frame:
    """All contacts with a person on a day; `no` counts them, firsts first."""
    key = ("contacts", day)
    if key not in world.cache:
        world.cache[key] = _contacts(world, day)
    return world.cache[key]  # type: ignore[return-value]


TRANSFER_TO = np.array([5, 0, 0, 0, 6, 6, 6, 2, 2, 2, 8, 2, 7, 1, 0])  # reason -> queue it is passed on to


TALK = np.array([1.1, 1.2, 1.05, 1.0, 1.05, 0.85, 0.7, 0.7, 1.1, 1.0, 1.1, 0.8, 0.8, 0.2, 2.0])


def _contacts(world: World, day: int) -> Frame:
    f = firsts(world, day)
    r = _repeats(world, day)
    columns = (
        "pid",
        "team",
        "queue",
        "reason",
        "start",
        "g",
        "ticket",
        "visit",
        "day",
        "issue",
        "repeat",
        "channel",
        "solved",
    )
    c = join([{k: part[k] for k in columns} for part in (f, r)])
    n = size(c)
    draw = rng(world.seed, "contacts", day)
    c["no"] = np.arange(n, dtype=np.int64)
    c["cid"] = (day - 18000) * 200_000 + c["no"]
    c["zone"] = zone_of(world, c)
    own = world.effect("handle", c["pid"], c["team"], 0.2, 0.1)
    talk = 252 * TALK[c["reason"]] * np.exp(0.68 * draw.standard_normal(n) + own)
    c["talk"] = np.clip(talk, 12, 5400).astype(np.int64)
    c["hold"] = np.where(draw.random(n) < 0.22, draw.exponential(130, n), 0).astype(np.int64)
    c["wrap"] = draw.exponential(48, n).astype(np.int64) + 5
    busy = np.where(company.storms(day), 1.6, 1.0) if company.storms(day) else 1.0
    c["wait"] = np.minimum(900, draw.exponential(42 * np.mean(busy), n)).astype(np.int64) + 2
    shift = world.effect("transfer", c["pid"], c["team"], logit_sd(0.12, 0.04), logit_sd(0.12, 0.025))
    shift = (
        shift + np.where(c["repeat"] > 0, 0.25, 0.0) + np.where(c["pid"] < 0, 0.15, 0.0) + np.log(company.better(day))
    )
    cold = draw.random(n) < world.shifted(np.full(n, 0.097), shift)
    dice = draw.random(n)
    kind = np.where(cold, 1, np.where(dice < 0.045, 2, np.where(dice < 0.062, 3, 0)))
    c["transfer"] = kind  # 0 none, 1 cold, 2 warm, 3 mis-route within 30 seconds (cold)
    c["talk"] = np.where(kind == 3, 8 + (dice * 10000 % 20).astype(np.int64), c["talk"])
    to = TRANSFER_TO[c["reason"]]
    c["to"] = np.where(to == c["queue"], (to + 1) % 3, to)
    c["second"] = _second(world, day, c["to"], draw)
    c["approve"] = draw.random(n) < world.shifted(
        np.full(n, 0.047), world.effect("escalate", c["pid"], c["team"], 0.4, 0.25)
    )
    c["card"] = draw.random(n) < world.shifted(np.full(n, 0.75), world.effect("card", c["pid"], c["team"], 0.53, 0.32))
    return c


def _second(world: World, day: int, to: Arr, draw: np.random.Generator) -> Arr:
    """Who takes a contact that was passed on: somebody of that queue, else a partner."""
    c = crew(world, day)
    second = -FAR - (draw.random(len(to)) * 260 * tickets.scale(world)).astype(np.int64) - 1
    for q in range(len(QUEUES)):
        hit, pool = np.flatnonzero(to == q), np.flatnonzero(c["queue"] == q)
        if len(pool):
            second[hit] = c["pid"][pool[draw.integers(len(pool), size=len(hit))]]
    return second


def heard(cid: Arr) -> Arr:
    """Contacts of which a reason or theme can be had at all; of the others nobody knows what they were about."""
    return np.asarray(unit(cid, 77) >= 0.14)


def unserved(world: World, day: int) -> Frame:
    """Calls nobody answered: kind 0 solved by the menu or hung up in it, 1 gave up in the queue, 2 call-back chosen."""
    draw = rng(world.seed, "unserved", day)
    calls = contacts(world, day)
    answered = take(calls, calls["channel"] == 0)
    n = size(answered)
    alone = int(n * volume(world)[1])
    lost = take(
        answered,
        draw.random(n)
        < 0.067 * (1 + 0.5 * np.sin(answered["start"] / 86400 * 6.28 * 2)) * np.mean(company.better(day)),
    )
    m = size(lost)
    u: Frame = {"queue": np.concatenate([lost["queue"], pick(draw, (0.45, 0.4, 0.15), alone)])}
    u["team"] = np.concatenate([lost["team"], np.full(alone, -1)])
    u["kind"] = np.concatenate([np.where(draw.random(m) < 0.07, 2, 1), np.zeros(alone, int)])
    zone = zone_of(world, u)
    u["zone"] = zone
    u["start"] = np.concatenate([lost["start"] + draw.integers(-900, 900, m), starts(world, draw, day, zone[m:])])
    area = pick(draw, world.customers.share, m + alone)
    u["g"] = np.zeros(m + alone, dtype=np.int64)
    for a in range(len(world.places)):
        hit = np.flatnonzero(area == a)
        u["g"][hit] = world.customers.draw(draw, a, (day + 4) % 8, 8, len(hit), 0.35)
    u["wait"] = np.where(u["kind"] > 0, np.minimum(1200, draw.exponential(95, m + alone)).astype(np.int64) + 3, 0)
    u["menu"] = draw.integers(15, 150, m + alone)
    u["cid"] = (day - 18000) * 200_000 + 120_000 + np.arange(m + alone)
    u["day"] = np.full(m + alone, day)
    return u
