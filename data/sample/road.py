"""A day on the road: windows, who is late and why, and real times along each route, as columns of a day's visits."""

from __future__ import annotations

import numpy as np

from data.sample import company
from data.sample.base import NEVER, Frame, as_date, logit_sd, midnight, pick, size, unit, weekday
from data.sample.codes import (
    ABSENT,
    BEFORE,
    DISPATCH,
    DONE,
    EARLY_THEM,
    INSTALL,
    NONE,
    ON_DAY_THEM,
    ON_DAY_US,
    START,
    STORM,
)
from data.sample.world import World

MINUTES = np.array([95, 55, 80, 18])
HOURS = (8.25, 18.0)


def windows(v: Frame, draw: np.random.Generator) -> None:
    """Promised windows of two or four hours around the planned time; local seconds of the day."""
    step = (HOURS[1] - HOURS[0]) / np.maximum(v["n"], 3)
    planned = np.minimum(HOURS[0] + v["k"] * step, 19.0)
    start = np.floor(planned) - np.where(v["long"] & (v["k"] > 0), 1, 0)
    v["ws"] = (start * 3600).astype(np.int64)
    v["we"] = v["ws"] + np.where(v["long"], 4, 2) * 3600
    v["planned"] = (planned * 3600).astype(np.int64) + draw.integers(-9, 10, len(planned)) * 60


DAY_FACTOR = np.array([1.15, 1.0, 0.97, 0.97, 1.08, 0.9, 0.8])


def lateness(world: World, v: Frame, draw: np.random.Generator, day: int) -> None:
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


def route(world: World, v: Frame, draw: np.random.Generator) -> None:
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


def night(v: Frame, day: int) -> None:
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
