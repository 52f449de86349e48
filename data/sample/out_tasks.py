"""follow_up_tasks: the table of promises, as the task app hands it over every night."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.sample import cases, lite, promises
from data.sample.base import DAY, NEVER, Arr, Frame, as_date, join, local, size, take, unit
from data.sample.cases import HOUR
from data.sample.lite import iso
from data.sample.out_cases import FIRST_CASE
from data.sample.world import World

SCHEMA = """CREATE TABLE tasks (task_id INTEGER PRIMARY KEY, created TEXT, promised_by TEXT,
done TEXT, done_kind TEXT, login TEXT,
taken_over_from TEXT, case_id INTEGER, customer_id INTEGER, kind TEXT, cancelled_by TEXT)"""
DONE = ("CONNECTED", "VOICEMAIL", "MESSAGE", "NONE", "CONNECTED")
HELD = 6


def _case_of(world: World, day: int) -> tuple[Arr, Arr]:
    """Issues of the cases opened on a day, sorted, and their cases."""
    key = ("case of", day)
    if key not in world.cache:
        c = cases.opened(world, day)
        hit = (c["from"] < 0) & (c["case"] % 40_000 < 20_000)
        order = np.argsort(c["issue"][hit], kind="stable")
        world.cache[key] = (c["issue"][hit][order], c["case"][hit][order])
    return world.cache[key]  # type: ignore[return-value]


def tasks(world: World, folder: Path, day: int) -> int:
    """The task table as it was at half past midnight of a day."""
    now = day * DAY - 3600 + 1800
    found = []
    for first in range(day - HELD - 3, day):
        p = dict(promises.made(world, first))
        issue, number = _case_of(world, first)
        spot = np.minimum(np.searchsorted(issue, p["issue"]), max(len(issue) - 1, 0))
        hit = (issue[spot] == p["issue"]) if len(issue) else np.zeros(size(p), bool)
        p["case"] = np.where(hit, number[spot] if len(issue) else -1, -1)
        found.append(p)
    t = join(found)
    t = take(t, (t["created"] < now) & (t["due"] > now - HELD * DAY)) if t else {}
    rows = _task_lines(world, t, now) if t else []
    lite.put(folder / f"tasks_{as_date(day):%Y%m%d}.sqlite", {"tasks": (SCHEMA, rows)})
    return len(rows)


def _task_lines(world: World, t: Frame, now: int) -> list[tuple[object, ...]]:
    done = np.where((t["done"] >= 0) & (t["done"] <= now), t["done"], NEVER)
    evening = local(done, t["zone"]) // DAY * DAY + 18 * HOUR
    bulk = (unit(t["task"], 163) < 0.08) & (done >= 0) & (local(t["due"], t["zone"]) >= evening)
    wall = np.where(bulk, np.maximum(evening, local(done, t["zone"])), local(done, t["zone"]))
    edited = (unit(t["task"], 164) < 0.015) & (t["due"] < now - 12 * HOUR)
    due = local(t["due"], t["zone"]) + np.where(edited, DAY, 0)
    created = local(t["created"], t["zone"])
    gone = t["cancelled"] & (t["created"] + HOUR < now)
    login = world.login[t["pid"]]
    other = world.login[(t["pid"] + 3) % len(world.people)]
    cid = world.customers.ids(t["g"])
    upper = unit(t["task"], 165) < 0.15
    return [
        (
            int(t["task"][i]) + 1_000_000,
            iso(created[i]),
            iso(due[i]),
            iso(wall[i]) if done[i] >= 0 else None,
            DONE[int(t["end"][i])] if done[i] >= 0 else None,
            str(login[i]).upper() if upper[i] else str(login[i]),
            str(other[i]) if t["taken_over"][i] else None,
            int(t["case"][i]) + FIRST_CASE if t["case"][i] >= 0 else None,
            int(cid[i]),
            promises.KINDS[int(t["kind"][i])],
            "CUSTOMER" if gone[i] else None,
        )
        for i in range(size(t))
    ]
