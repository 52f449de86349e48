"""Promises to call back or follow up: made in contacts, visits and cases, kept or not."""

from __future__ import annotations

import numpy as np

from data.sample import contacts, field
from data.sample.base import DAY, Arr, Frame, join, logit_sd, midnight, rng, size, take, weekday
from data.sample.world import World

BACK = 5  # a promise is kept or forgotten at most so many days after it was made
KINDS = ("CALL_BACK", "FOLLOW_UP", "CHECK_IN", "SEND_INFO")


def made(world: World, day: int) -> Frame:
    """Promises made on a day by our own people: who, for when, what became of it.

    kind of end: 0 connected in time, 1 voicemail only, 2 message, 3 nothing, 4 connected but too late.
    """
    key = ("promises", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    draw = rng(world.seed, "promises", day)
    c = contacts.contacts(world, day)
    care = take(c, (c["pid"] >= 0) & (draw.random(size(c)) < 0.055))
    v = field.visits(world, day)
    van = take(v, (v["who"] >= 0) & (v["arrive"] >= 0) & (draw.random(size(v)) < 0.06))
    p = join(
        [_from(world, care, "pid", care["start"] + care["talk"], False), _from(world, van, "who", van["finish"], True)]
    )
    n = size(p)
    p["no"] = np.arange(n, dtype=np.int64)
    p["task"] = (day - 18000) * 5000 + p["no"]
    p["kind"] = draw.integers(0, len(KINDS), n)
    hours = np.array([2.0, 4.0, 20.0, 26.0, 48.0])[draw.integers(0, 5, n)] * 3600
    due = p["created"] + hours.astype(np.int64)
    clock = due - midnight(day, p["zone"])
    second = clock % DAY
    due = np.where((second < 9 * 3600) | (second > 19 * 3600), due - second + DAY + 10 * 3600, due)
    due_day = (due - midnight(day, p["zone"])) // DAY + day
    p["due"] = np.where(weekday(due_day) == 6, due + DAY, due)
    shift = world.effect("promise", p["pid"], p["team"], logit_sd(0.88, 0.07), logit_sd(0.88, 0.045))
    ok = draw.random(n) < world.shifted(np.full(n, 0.908), shift)
    dice = draw.random(n)
    p["end"] = np.where(ok, 0, np.select([dice < 0.25, dice < 0.4, dice < 0.65], [1, 2, 4], 3))
    span = np.maximum(p["due"] - p["created"], 1800)
    early = p["due"] - np.minimum(span - 600, (draw.random(n) ** 2 * 3600 * 1.5).astype(np.int64) + 120)
    p["done"] = np.where(
        p["end"] == 4, p["due"] + draw.integers(1800, 30 * 3600, n), np.where(p["end"] == 3, -1, early)
    )
    p["cancelled"] = draw.random(n) < 0.02
    p["taken_over"] = draw.random(n) < 0.04
    return world.cache.setdefault(key, p)  # type: ignore[return-value]


def _from(world: World, f: Frame, who: str, created: Arr, van: bool) -> Frame:
    n = size(f)
    queue = np.zeros(n, np.int64) if van else f["queue"]
    reason = np.full(n, 7) if van else f["reason"]
    return {
        "pid": f[who], "team": f["team"], "g": f["g"], "created": created, "zone": f["zone"], "van": np.full(n, van),
        "queue": queue, "reason": reason, "issue": np.full(n, -1) if van else f["issue"],
    }  # fmt: skip


def callbacks(world: World, day: int) -> Frame:
    """Outbound calls of agents on a (UTC) day that belong to promises, reached or not."""
    found = []
    for first in range(day - BACK, day + 1):
        p = made(world, first)
        hit = ~p["van"] & (p["done"] // DAY == day) & np.isin(p["end"], (0, 1, 4)) & ~p["cancelled"]
        part = take(p, hit)
        part["cid"] = (day - 18000) * 200_000 + 172_000 + (first - day + BACK) * 3000 + part["no"] % 3000
        found.append(part)
    calls = join(found)
    if not calls:
        return {}
    draw = rng(world.seed, "callbacks", day)
    calls["start"] = calls["done"] - 240
    calls["reached"] = calls["end"] != 1
    calls["talk"] = np.clip(150 * np.exp(0.6 * draw.standard_normal(size(calls))), 20, 1500).astype(np.int64)
    return calls
