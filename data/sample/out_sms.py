"""sms_gateway: messages to customers about their visits."""

from __future__ import annotations

import numpy as np

from data.sample import codes
from data.sample.base import DAY, Arr, Frame, join, midnight, rng, size
from data.sample.booking import HOUR, VID, badges, known
from data.sample.world import World
from data.sample.writing import Content, Feed, csv_row, deliver_late, lines

TEMPLATES = (
    "BOOK_CONF",
    "REMIND_1",
    "RMND",
    "ON_MY_WAY",
    "LATE_NOTE",
    "MOVED",
    "CANCELLED",
    "DONE_NOTE",
    "PREP_NOTE",
    "TECH_INFO",
)


REMIND_RENAMED = 20666  # 2026-08-01


SENDER_ADDED = 20577  # 2026-05-04


def sms_rows(world: World, day: int) -> Frame:
    """Messages about the visits of a day: a row when sent, a row when delivered or failed."""
    v = known(world, day)
    n = size(v)
    draw = rng(world.seed, "sms", day)
    there, tell = v["arrive"] >= 0, ~v["quiet"]
    going = np.isin(v["status"], (codes.DONE, codes.ABSENT, codes.NOSHOW, codes.WEATHER))
    remind = midnight(day, v["zone"]) - 6 * HOUR + draw.integers(0, HOUR, n)
    own_text = v["omw_own"] & ~v["omw_call"]
    moved = np.isin(v["moved"], (codes.ON_DAY_US, codes.ON_DAY_THEM)) & there
    gone = np.isin(v["status"], (codes.CUST_CANCEL, codes.COMP_CANCEL, codes.EARLY_CANCEL, codes.WEATHER))
    parts = [
        (0, np.ones(n, bool), v["created"] + draw.integers(30, 300, n), -1),
        (1 if day >= REMIND_RENAMED else 2, going & (remind > v["created"] + HOUR), remind, -1),
        (3, v["omw_auto"], v["enroute"] + draw.integers(5, 60, n), -1),
        (3, own_text, v["omw_at"], 1),
        (4, (v["warn_at"] >= 0) & ~v["warn_call"], v["warn_at"], 9),
        (5, moved, np.maximum(v["ws"] - 5400, v["created"] + 900), -1),
        (6, gone, np.maximum(v["ws"] - 3 * HOUR, v["created"] + 1200), -1),
        (
            8,
            (v["created"] < v["ws"] - 40 * HOUR) & (draw.random(n) < world.thin),
            v["ws"] - 40 * HOUR + draw.integers(0, HOUR, n),
            -1,
        ),
        (9, going & (draw.random(n) < world.thin), np.maximum(remind + 2 * HOUR, v["created"] + 2000), -1),
        (7, v["status"] == codes.DONE, v["finish"] + draw.integers(120, 1800, n), -1),
    ]
    desk = _desk(world, day, v, draw)
    found = []
    for kind, (template, hit, at, by) in enumerate(parts):
        rows = np.flatnonzero(hit & tell)
        sender = v["who"][rows] if by == 1 else np.full(len(rows), -2)
        if by == 9:
            sender = np.select([v["warn_by"][rows] == 1, v["warn_by"][rows] == 2], [v["who"][rows], desk[rows]], -2)
        m = {"msg": (v["vid"][rows] * 16 + kind), "template": np.full(len(rows), template), "vid": v["vid"][rows]}
        found.append(m | {"sent": at[rows], "sender": sender, "reach": v["reach"][rows]})
    m = join(found)
    count = size(m)
    failed = (draw.random(count) < 0.03) | ~m["reach"]
    m["auto"] = m["sender"] == -2
    m["sender"], _ = badges(world, np.where(m["auto"], 0, m["sender"]))
    m["sender"] = np.where(m["auto"], -1, m["sender"])
    sent = m | {"seq": np.ones(count, np.int64), "ts": m["sent"], "status": np.zeros(count, np.int64)}
    m["ts"] = m["sent"] + 2 + draw.exponential(15, count).astype(np.int64)
    report = m | {"seq": np.full(count, 2), "status": np.where(failed, 2, 1)}
    log = join([sent, report])
    log["at"] = deliver_late(draw, log["ts"], 0.02, DAY)
    swap = draw.random(2 * count) < 0.01
    log["at"] = np.where(swap & (log["seq"] == 1), log["at"] + 90, log["at"])
    log["why"] = np.where(log["status"] == 2, np.where(log["reach"], 1, 0), -1)
    return {k: log[k] for k in ("at", "msg", "seq", "ts", "template", "vid", "sender", "status", "why")}


def _desk(world: World, day: int, v: Frame, draw: np.random.Generator) -> Arr:
    """A dispatcher on duty at the desk of the visit's region (-2 = none: automatic)."""
    roster = world.roster(day, "dispatch")
    desk = np.full(size(v), -2)
    regions = np.array([t.region for t in world.teams])[roster.team]
    for number, spot in enumerate(world.places):
        pool = roster.pid[regions == spot.region]
        codes = np.array([world.teams[t].code for t in roster.team[regions == spot.region]])
        if len(set(codes)) > 1:  # two desks share the region's areas
            mine = "1" if spot.name in DESK_ONE else "2"
            pool = pool[np.array([c.endswith(mine) for c in codes])]
        hit = np.flatnonzero(v["area"] == number)
        if len(pool):
            desk[hit] = pool[draw.integers(len(pool), size=len(hit))]
    return desk


DESK_ONE = (
    "Lakeside", "Highlands", "Port City", "Bay", "Old Town", "Sun Coast", "Harbour", "Riverside", "East Plains",
    "Canyon", "West Coast", "Orchard", "Capital Inner", "Crossroads", "Ironworks",
)  # fmt: skip


def sms_content(world: World, rows: Frame, day: int) -> Content:
    """CSV without header; the sender's column came in May 2026."""
    if not rows:
        return Content()
    _, pool = badges(world, np.zeros(0, int))
    sender = ["coalesce(sender, 'AUTO')"] if day >= SENDER_ADDED else []
    fields = ["'S' || msg", "seq", "ts", "template", f"'SA-' || {VID}", *sender, "status", "why"]
    pools = {
        "template": TEMPLATES,
        "sender": pool,
        "status": ("SENT", "DELIVERED", "FAILED"),
        "why": ("UNREACHABLE", "EXPIRED"),
    }
    return Content(rows=lines(rows, f"SELECT {csv_row(fields)} FROM f", pools))


FEEDS = [Feed("sms_gateway", "sms_{day}.csv", sms_rows, sms_content, rhythm="hour", back=2, ahead=15)]
