"""Signs that a customer is unhappy, and the calls with which the company follows most of them up."""

from __future__ import annotations

import numpy as np

from data.sample import cases, codes, contacts, field, issues, out_surveys, promises, tickets
from data.sample.base import DAY, Arr, Frame, join, logit_sd, midnight, rng, size, take, unit, weekday
from data.sample.world import World

FOLLOWED = 0.77
LONG_CASE = 7  # days
MONTH = 30  # days
ANSWERS = 8  # days after the invitation in which nearly all answers come
BACK = 3  # a follow-up comes at most so many days after the sign
CALL_IDS = 190_000


def disputes(world: World, day: int) -> Arr:
    """Customers who dispute a bill on a day."""
    n = int(1100 * tickets.scale(world))
    return np.asarray((unit(np.arange(n) + day * 4001, 204) * world.customers.size).astype(np.int64))


def signs(world: World, day: int) -> Frame:
    """Signs of a day: customer and who is responsible (-1 nobody in person)."""
    key = ("signs", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    v = field.visits(world, day)
    missed = np.isin(v["status"], (codes.NOSHOW, codes.COMP_CANCEL)) | (v["late"] & (v["arrive"] - v["we"] > 3600))
    again = (v["back"] > 0) & (v["arrive"] >= 0)
    c = contacts.contacts(world, day)
    leaving = cases.theme_of(c["reason"], c["issue"]) == 10
    old = cases.opened(world, day - LONG_CASE)
    long = old["closed"] - old["opened"] > LONG_CASE * DAY
    found = [
        _of(v["g"][missed | again]),
        _of(c["g"][leaving], c["pid"][leaving], c["team"][leaving]),
        _of(old["g"][long], old["owner"][long], old["owner_team"][long]),
        _of(disputes(world, day)),
        _two_problems(world, day),
        _gave_up_twice(world, day),
    ]
    for first in range(day - promises.BACK, day + 1):
        p = promises.made(world, first)
        broken = (p["due"] // DAY == day) & np.isin(p["end"], (1, 2, 3))
        found.append(_of(p["g"][broken], p["pid"][broken], p["team"][broken]))
    for first in range(day - ANSWERS, day):
        low = out_surveys.low_answers(world, first)
        found.append(_of(low["g"][low["answered"] // DAY == day]))
    for t in (
        tickets.remote(world, day),
        *(tickets.visit_tickets(world, d) for d in range(day, day + tickets.AHEAD + 1)),
    ):
        dead = (t["fault"] == 0) & (t["reported"] // DAY == day) & (t["restored"] - t["reported"] > 8 * 3600)
        found.append(_of(t["g"][dead]))
    return world.cache.setdefault(key, join(found))  # type: ignore[return-value]


def _two_problems(world: World, day: int) -> Frame:
    """Customers who report a second problem within a month, with whoever has the new case."""
    recent = join([_problems(world, first) for first in range(day - MONTH, day + 1)])
    now = recent["opened"] // DAY == day
    again = take(recent, now & np.isin(recent["g"], recent["g"][recent["opened"] // DAY < day]))
    return _of(again["g"], again["owner"], again["owner_team"])


def _problems(world: World, day: int) -> Frame:
    """Problems of which the first case was opened on a day; a case opened again is the same problem."""
    c = cases.opened(world, day)
    c = take(c, c["problem"] & (c["from"] < 0) & (c["kind"] != cases.MERGED))
    return {key: c[key] for key in ("g", "opened", "owner", "owner_team")}


def _gave_up_twice(world: World, day: int) -> Frame:
    """Callers who gave up waiting for the second time in a week."""
    lost = [u["g"][u["kind"] == 1] for u in (contacts.unserved(world, first) for first in range(day - 7, day + 1))]
    return _of(np.unique(lost[-1][np.isin(lost[-1], np.concatenate(lost[:-1]))]))


def _of(g: Arr, pid: Arr | None = None, team: Arr | None = None) -> Frame:
    nobody = np.full(len(g), -1)
    return {"g": g, "pid": nobody if pid is None else pid, "team": nobody if team is None else team}


def followups(world: World, day: int) -> Frame:
    """Outbound calls of a day to customers with signs of this day and the three before; as promises.callbacks."""
    crew = issues.crew(world, day)
    found = []
    for first in range(day - BACK, day + 1):
        s = signs(world, first)
        n = size(s)
        draw = rng(world.seed, "follow", first)
        shift = world.effect("promise", s["pid"], s["team"], logit_sd(0.7, 0.09), logit_sd(0.7, 0.06))
        will = draw.random(n) < world.shifted(np.full(n, FOLLOWED), shift)
        wait = draw.integers(1, 3, n)
        wait = wait + (weekday(first + wait) == 6)
        part = take(s, will & (first + wait == day))
        part["key"] = first * 100_000 + np.flatnonzero(will & (first + wait == day))
        found.append(part)
    calls = join(found)
    n = size(calls)
    if not n or not size(crew):
        return {}
    draw = rng(world.seed, "follow calls", day)
    row = draw.integers(size(crew), size=n)
    calls["pid"], calls["team"], calls["queue"] = crew["pid"][row], crew["team"][row], crew["queue"][row]
    calls["zone"] = issues.zone_of(world, calls)
    calls["start"] = midnight(day, calls["zone"]) + draw.integers(9 * 3600, 18 * 3600, n)
    calls["reached"] = draw.random(n) < 0.97
    calls["talk"] = np.clip(170 * np.exp(0.6 * draw.standard_normal(n)), 25, 1500).astype(np.int64)
    calls["reason"] = np.full(n, 12)
    calls["cid"] = (day - 18000) * 200_000 + CALL_IDS + np.arange(n) % 10_000
    return calls
