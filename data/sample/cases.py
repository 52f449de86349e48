"""Customer cases: opened in contacts, waiting for parts, visits or the customer, solved, confirmed, opened again."""

from __future__ import annotations

import numpy as np

from data.sample import issues
from data.sample.base import DAY, NEVER, Arr, Frame, join, logit_sd, pick, rng, size, take, unit
from data.sample.world import World

LIFE = 52
"""Days after its opening in which a case and the one it leads to may still change."""
THEMES = (
    "T-NSIG",
    "T-SLOW",
    "T-WIFI",
    "T-TVPX",
    "T-BHGH",
    "T-PRIC",
    "T-LATE",
    "T-WAIT",
    "T-NSOL",
    "T-MOVE",
    "T-LEAV",
    "T-APPX",
    "T-EQPT",
    "T-PRAI",
    "T-OTHR",
)
# theme that a reason becomes: most often the first, else the second
THEME_OF = np.array(
    [
        [0, 12],
        [1, 2],
        [3, 12],
        [0, 8],
        [4, 5],
        [4, 11],
        [4, 7],
        [6, 7],
        [9, 8],
        [9, 11],
        [10, 5],
        [14, 5],
        [14, 8],
        [14, 14],
        [14, 14],
    ]
)
TALKING, WAIT_PART, WAIT_VISIT, WAIT_CUST = range(4)
CONFIRMED, QUIET, WITHDRAWN, MERGED = range(4)
HOUR = 3600


def theme_of(reason: Arr, key: Arr) -> Arr:
    """Theme of a contact or case by its reason."""
    return np.asarray(THEME_OF[reason, (unit(key, 151) < 0.28).astype(int)])


def opened(world: World, day: int) -> Frame:
    """Cases opened on a day, each followed by the case it leads to (`from` >= 0) if it is opened again."""
    key = ("cases", day)
    if key not in world.cache:
        first = _first(world, day)
        world.cache[key] = join([first, _again(world, day, first)])
    return world.cache[key]  # type: ignore[return-value]


def _first(world: World, day: int) -> Frame:
    draw = rng(world.seed, "cases", day)
    f = issues.firsts(world, day)
    n = size(f)
    problem = (f["reason"] < 11) & ~np.isin(f["reason"], (5, 8))
    chance = np.where(f["solved"], 0.07, 0.5) * np.where(problem, 1.0, 0.35) * np.where(f["queue"] == 4, 2.0, 1.0)
    c = take(f, (f["reason"] < 13) & (draw.random(n) < np.minimum(chance, 0.95)))
    c = {k: c[k] for k in ("g", "reason", "pid", "team", "start", "ticket", "visit", "issue", "channel")}
    n = size(c)
    c["opened"] = c["start"] + 200 + draw.integers(0, 400, n)
    c["no"] = np.arange(n, dtype=np.int64)
    c["case"] = (day - 18000) * 40_000 + c["no"]
    c["from"] = np.full(n, -1, dtype=np.int64)
    c["theme"] = theme_of(c["reason"], c["issue"])
    c["problem"] = (c["reason"] < 11) & ~np.isin(c["reason"], (5, 8)) & (draw.random(n) < 0.95)
    _owner(world, c, draw, day)
    _life(world, c, draw)
    return c


def _owner(world: World, c: Frame, draw: np.random.Generator, day: int) -> None:
    """Our agent keeps it in most cases; partners' cases and some others go to the teams for cases."""
    crew = issues.crew(world, day)
    pool = np.flatnonzero(crew["queue"] == 4)
    n = size(c)
    if len(pool) == 0:
        pool = np.arange(size(crew))
    moved = (c["pid"] < 0) | (draw.random(n) < 0.12)
    pickup = pool[draw.integers(len(pool), size=n)]
    c["owner"] = np.where(moved, crew["pid"][pickup], c["pid"])
    c["owner_team"] = np.where(moved, crew["team"][pickup], c["team"])


def _life(world: World, c: Frame, draw: np.random.Generator) -> None:
    """Hours by state until solved, whether the customer says so, how it is closed."""
    n = size(c)
    area = world.customers.area(c["g"])
    visit = (c["visit"] >= 0) | (c["ticket"] >= 0) | ((c["reason"] < 4) & (draw.random(n) < 0.35))
    part = visit & (draw.random(n) < 0.36)
    slow = world.effect("confirm", np.full(n, -1), c["owner_team"], 0.13, 0.13) + 0.1 * np.sin(area * 1.7)
    hours = np.exp(np.log(np.where(part, 62.0, np.where(visit, 39.0, 17.0))) + slow + 0.85 * draw.standard_normal(n))
    hours = np.clip(hours, 0.3, 14 * 24)
    split = np.stack(
        [draw.gamma(1.0, 1, n), draw.gamma(3.8, 1, n) * part, draw.gamma(4.0, 1, n) * visit, draw.gamma(0.9, 1, n)]
    )
    split[1] *= np.exp(0.35 * np.sin(area * 2.3 + 1))
    share = split / split.sum(axis=0)
    for state in range(4):
        c[f"h{state}"] = (share[state] * hours * HOUR).astype(np.int64)
    c["solved_at"] = c["opened"] + c["h0"] + c["h1"] + c["h2"] + c["h3"]
    shift = world.effect("confirm", c["owner"], c["owner_team"], logit_sd(0.66, 0.08), logit_sd(0.66, 0.05))
    yes = draw.random(n) < world.shifted(np.full(n, 0.675), shift)
    rest = pick(draw, (0.86, 0.1, 0.04), n)
    c["kind"] = np.where(yes, CONFIRMED, 1 + rest)
    ask = np.minimum(13 * DAY, (draw.exponential(7, n) * HOUR).astype(np.int64) + 600)
    c["confirmed"] = np.where(yes, c["solved_at"] + ask, NEVER)
    c["closed"] = np.select(
        [yes, c["kind"] == QUIET], [c["confirmed"] + 60, c["solved_at"] + 14 * DAY], c["solved_at"] - 300
    )
    c["closed"] = np.maximum(c["closed"], c["opened"] + 120)
    c["by"] = pick(draw, (0.45, 0.25, 0.18, 0.12), n)
    again = (c["kind"] != MERGED) & (draw.random(n) < np.where(yes, 0.052, 0.085))
    c["again"] = np.where(again, c["closed"] + (draw.random(n) ** 1.4 * 13.5 * DAY).astype(np.int64) + HOUR, NEVER)
    c["touches"] = 1 + draw.poisson(np.where(c["issue"] % 2 == 0, 0.45, 0.5) + 0.45 * visit, n)
    c["handovers"] = (draw.random(n) < 0.12).astype(np.int64) + (draw.random(n) < 0.04)
    c["needs_visit"] = visit


def _again(world: World, day: int, first: Frame) -> Frame:
    """The case that follows a closed one on the same issue: most know where they come from."""
    draw = rng(world.seed, "cases again", day)
    c = take(first, first["again"] >= 0)
    n = size(c)
    c["from"] = np.where(draw.random(n) < 0.62, c["case"], -1)
    c["opened"] = c["again"]
    c["case"] = c["case"] + 20_000
    c["start"] = c["opened"] - 300
    _life(world, c, draw)
    c["again"] = np.full(n, NEVER)
    return c


def surveys(world: World, day: int, draw: np.random.Generator) -> Frame:
    """Invitations at the start of a case and after its closing (`day` = the day it was opened)."""
    c = opened(world, day)
    c = take(c, draw.random(size(c)) < 0.35)
    n = size(c)
    zone = np.where(c["owner_team"] >= 0, world.team_zone[np.maximum(c["owner_team"], 0)], 1)
    none = np.zeros(n, np.int64)
    shift = world.effect("csat", np.full(n, -1), c["owner_team"], 0.3, 0.3)
    before = {
        "ref": c["case"], "g": c["g"], "ended": c["opened"] + 600, "happy": draw.random(n) < 0.74, "solved": none < 0,
        "zone": zone, "kind": none + 2, "type": none + 2, "answer": np.full(n, 0.22),
    }  # fmt: skip
    good = draw.random(n) < world.shifted(np.where(c["kind"] == CONFIRMED, 0.86, 0.6), shift)
    after = before | {"ended": c["closed"] + 600, "happy": good, "solved": c["kind"] == CONFIRMED, "kind": none + 3}
    after["answer"] = np.where(unit(c["case"], 152) < 0.5, 0.4, 0.16)
    done = (c["kind"] != MERGED) & (c["closed"] - c["opened"] < 12 * DAY)
    return join([before, take(after, done)])
