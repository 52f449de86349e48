"""fsm_appointments: the change log of the scheduling system."""

from __future__ import annotations

import numpy as np

from data.sample import codes
from data.sample.base import DAY, NEVER, Arr, Frame, join, midnight, rng, size, unit
from data.sample.booking import HOUR, VID, badges, known
from data.sample.world import World
from data.sample.writing import Content, Feed, csv_row, deliver_late, lines, stamp

JOB = ("INSTALL", "REPAIR", "MOVE", "COLLECT")


STATUS = ("BOOKED", "DISPATCHED", "ENROUTE", "ONSITE", "DONE", "CANCELLED", "NOSHOW", "CNA")


REASONS = (
    "CUSTOMER REQUEST",
    "NO CAPACITY",
    "TECHNICIAN SICK",
    "PART MISSING",
    "WEATHER STOP",
    "SAFETY STOP",
    "ORDER CANCELLED",
)


COLUMNS = (
    "op", "lsn", "changed_at", "appointment_id", "work_order_no", "job_type", "window_start", "window_end",
    "window_agreed_at", "sched_start", "dispatched_at", "enroute_at", "arrived_at", "finished_at", "status",
    "cancel_by", "cancel_reason", "tech_badge", "customer_id", "area_code", "moved_by",
)  # fmt: skip


def _change_times(v: Frame, draw: np.random.Generator, day: int) -> list[tuple[int, Arr, Arr]]:
    """(step, rows, changed_at) of every change of every visit."""
    n = size(v)
    every = np.arange(n)
    dawn = midnight(day, v["zone"])
    evening = np.maximum(dawn - 7 * HOUR + draw.integers(0, 4 * HOUR, n), v["created"] + 600)
    going = np.isin(v["status"], (codes.DONE, codes.ABSENT))
    cancelled = np.isin(v["status"], (codes.CUST_CANCEL, codes.EARLY_CANCEL))
    late_moved = (v["moved"] == codes.ON_DAY_US) | (v["moved"] == codes.ON_DAY_THEM)
    rerouted = going & ((v["cause"] == codes.DISPATCH) | (draw.random(n) < 0.05) | late_moved)
    rerouted |= (v["status"] == codes.NOSHOW) & (draw.random(n) < 0.4)
    latest = np.where(going, v["dispatch"] - 300, v["ws"] - 600)
    at4 = np.maximum(
        np.minimum(dawn + 6 * HOUR + 600 + (draw.random(n) ** 2 * 4 * HOUR).astype(np.int64), latest),
        dawn + 6 * HOUR + 30,
    )
    spread = (draw.random(n) * 0.6 * np.maximum(v["ws"] - v["created"], 7300)).astype(np.int64)
    gone = np.select(
        [
            v["status"] == s
            for s in (codes.CUST_CANCEL, codes.COMP_CANCEL, codes.EARLY_CANCEL, codes.NOSHOW, codes.WEATHER)
        ],
        [
            np.minimum(v["created"] + 3600 + spread, v["ws"] - 4000),
            v["ws"] - draw.integers(1 * HOUR, 20 * HOUR, n),
            v["ws"] - draw.integers(30 * HOUR, 60 * HOUR, n),
            v["we"] + draw.integers(1 * HOUR, 3 * HOUR, n),
            dawn + draw.integers(6 * HOUR, 9 * HOUR, n),
        ],
        NEVER,
    )
    gone = np.where(gone >= 0, np.maximum(gone, v["created"] + 60), NEVER)
    v["gone"] = gone
    moved = v["moved"] == codes.EARLY_THEM
    back_then = v["ws"] - draw.integers(44 * HOUR, 90 * HOUR, n)
    before = (gone < 0) | (gone > evening)
    corrected = going & (draw.random(n) < 0.03)
    corrected_at = v["finish"] + DAY + draw.integers(0, 5 * DAY, n)
    steps = [
        (0, every, v["created"]),
        (1, np.flatnonzero(moved & ~cancelled), back_then),
        (2, np.flatnonzero(before & ~cancelled), evening),
        (3, np.flatnonzero(before & going & (draw.random(n) < 0.45)), evening + draw.integers(600, 5000, n)),
        (4, np.flatnonzero(rerouted), at4),
        (5, np.flatnonzero(going), np.where(v["dispatch"] >= 0, np.maximum(v["dispatch"], v["created"] + 700), NEVER)),
        (6, np.flatnonzero(going), v["enroute"] + 2),
        (7, np.flatnonzero(going), v["arrive"] + 3),
        (8, np.flatnonzero(going), v["finish"] + 5),
        (9, np.flatnonzero(corrected), corrected_at),
        (10, np.flatnonzero(gone >= 0), gone),
    ]
    return [(step, rows, at[rows]) for step, rows, at in steps]


def fsm_rows(world: World, day: int) -> Frame:
    """Change rows of the appointments of a day."""
    v = dict(known(world, day))
    n = size(v)
    draw = rng(world.seed, "fsm", day)
    steps = _change_times(v, draw, day)
    row = np.concatenate([rows for _, rows, _ in steps])
    step = np.concatenate([np.full(len(rows), s) for s, rows, _ in steps])
    changed = np.concatenate([at for _, _, at in steps])
    has4 = np.zeros(n, bool)
    has4[steps[4][1]] = True
    c = {k: v[k][row] for k in ("vid", "job", "cid", "area", "status", "moved", "who", "created", "back")}
    c |= {"step": step, "changed": changed, "op": np.where(step == 0, 0, 1), "kill": np.zeros(len(row), bool)}
    after1, after4 = (step >= 2) & (step != 10) | (step == 1), (step >= 4)
    us_or_them = np.isin(v["moved"], (codes.ON_DAY_US, codes.ON_DAY_THEM))[row]
    new = us_or_them & after4 & (step != 10)
    early = (c["moved"] == codes.EARLY_THEM) & ~after1 & (step == 0)
    away = np.where(early, -2 * DAY, 0)
    c["w1"] = np.where(new, v["ws1"][row], v["ws"][row]) + away
    c["w2"] = np.where(new, v["we1"][row], v["we"][row]) + away
    at1, at4 = np.full(n, NEVER), np.full(n, NEVER)
    at1[steps[1][1]], at4[steps[4][1]] = steps[1][2], steps[4][2]
    agreed = np.where((c["moved"] == codes.EARLY_THEM) & (step >= 1), at1[row], c["created"])
    c["agreed"] = np.where((c["moved"] == codes.ON_DAY_THEM) & after4, at4[row], agreed)
    c["agreed"] = np.where(c["agreed"] < 0, c["created"], c["agreed"])
    jitter = ((unit(v["vid"], 61) - 0.5) * 2400).astype(np.int64) // 300 * 300
    first_plan = v["planned"] - jitter
    moved_plan = np.where(
        us_or_them & (step >= 4), v["ws1"][row] + 1800, v["planned"][row] + np.where(has4[row] & (step >= 4), 1500, 0)
    )
    c["sched"] = np.where(step < 2, NEVER, np.where(step == 2, first_plan[row], moved_plan))
    flip = unit(v["vid"], 62) < 0.004
    dispatch = np.where(flip, v["arrive"] + 300, v["dispatch"])
    lost = (unit(v["vid"], 63) < 0.021) & (v["status"] == codes.DONE)
    arrive = np.where(lost, NEVER, v["arrive"])
    fixed = np.where(step == 9, draw.integers(-150, 150, len(row)), 0)
    on_way = (step >= 5) & (step <= 9)
    c["dispatched"] = np.where(on_way, dispatch[row], NEVER)
    c["enroute"] = np.where(on_way & (step >= 6), v["enroute"][row], NEVER)
    c["arrived"] = np.where(on_way & (step >= 7) & (arrive[row] >= 0), arrive[row] + fixed // 3, NEVER)
    c["finished"] = np.where(on_way & (step >= 8), v["finish"][row] + fixed, NEVER)
    ended = np.select(
        [c["status"] == codes.DONE, c["status"] == codes.ABSENT, c["status"] == codes.NOSHOW], [4, 7, 6], 5
    )
    c["state"] = np.select([step <= 4, step == 5, step == 6, step == 7], [0, 1, 2, 3], ended)
    gone = step == 10
    us = np.isin(c["status"], (codes.COMP_CANCEL, codes.EARLY_CANCEL, codes.WEATHER))
    c["cancel_by"] = np.where(gone & (c["status"] == codes.CUST_CANCEL), 0, np.where(gone & us, 1, -1))
    why = (1 + (unit(v["vid"], 64) * 3).astype(int))[row]
    why = np.where(
        c["status"] == codes.WEATHER,
        4 + (unit(v["vid"], 65)[row] < 0.3),
        np.where(c["status"] == codes.CUST_CANCEL, 0, why),
    )
    c["why"] = np.where(gone & (c["status"] != codes.NOSHOW), why, -1)
    other = _other(v, draw)
    badge = np.where(has4[row] & (step < 4), other[row], c["who"])
    c["badge"], _ = badges(world, badge)
    c["badge"] = np.where(step < 2, -1, c["badge"])
    c["zeros"] = (unit(v["vid"], 66) < 0.06)[row]
    moved_by = np.where(c["moved"] == codes.ON_DAY_US, 1, 0)
    c["moved_by"] = np.where(
        (us_or_them & (step >= 4) & ~gone) | ((c["moved"] == codes.EARLY_THEM) & (step >= 1)), moved_by, -1
    )
    c = {k: c[k] for k in c if k not in ("who", "created", "moved")}
    c = join([c, _tests(world, day, draw, c)])
    c["at"] = deliver_late(draw, c["changed"], 0.01, 6 * DAY)
    return c


def _other(v: Frame, draw: np.random.Generator) -> Arr:
    """A colleague of the same area who had the visit before dispatch changed the route."""
    n = size(v)
    other = v["who"].copy()
    for area in np.unique(v["area"]):
        pool = np.flatnonzero((v["area"] == area) & (v["who"] >= 0))
        hit = np.flatnonzero(v["area"] == area)
        if len(pool):
            other[hit] = v["who"][pool[draw.integers(len(pool), size=len(hit))]]
    return np.where(draw.random(n) < 0.6, other, v["who"])


def _tests(world: World, day: int, draw: np.random.Generator, c: Frame) -> Frame:
    """Test bookings: made in the morning, deleted within the hour (the delete carries the key only)."""
    n = max(2, int(size(c) * 0.0003))
    made = {k: np.repeat(v[:1], n) for k, v in c.items()}
    made["vid"] = 90_000_000 + (day - 18000) * 50 + np.arange(n) % 50
    made["changed"] = midnight(day, 1) + 9 * HOUR + draw.integers(0, 5 * HOUR, n)
    made |= {
        "op": np.zeros(n, np.int64),
        "state": np.zeros(n, np.int64),
        "step": np.zeros(n, np.int64),
        "badge": np.full(n, -1),
    }
    for name in ("sched", "dispatched", "enroute", "arrived", "finished", "cancel_by", "why", "moved_by"):
        made[name] = np.full(n, NEVER)
    gone = {k: v.copy() for k, v in made.items()}
    gone |= {"op": np.full(n, 2), "changed": made["changed"] + draw.integers(600, 3600, n), "kill": np.ones(n, bool)}
    gone["step"] = np.ones(n, np.int64)
    return join([made, gone])


TZ = "%Y-%m-%d %H:%M:%S+00"


def fsm_content(world: World, rows: Frame, day: int) -> Content:
    """CSV with header, one change a line."""
    if not rows:
        return Content(",".join(COLUMNS))
    rows = dict(rows)
    rows["lsn"] = (rows["changed"] - 1_600_000_000) * 10_000_000 + rows["vid"] % 500_000 * 20 + rows["step"]
    _, pool = badges(world, np.zeros(0, int))
    pools = {
        "op": ("I", "U", "D"),
        "job": JOB,
        "state": STATUS,
        "cancel_by": ("CUSTOMER", "COMPANY"),
        "why": REASONS,
        "area": [p.code for p in world.places],
        "moved_by": ("CUSTOMER", "COMPANY"),
        "badge": pool,
    }
    times = [stamp(c, TZ) for c in ("w1", "w2", "agreed", "sched", "dispatched", "enroute", "arrived", "finished")]
    order = "CASE WHEN job <> 'COLLECT' THEN 'WO' || lpad((vid + 1000000000)::VARCHAR, 10, '0') END"
    badge = "CASE WHEN zeros THEN ltrim(badge, '0') ELSE badge END"
    rest = csv_row([order, "job", *times, "state", "cancel_by", "why", badge, "cid", "area", "moved_by"])
    head = csv_row(["op", "lsn", stamp("changed", TZ), f"'SA-' || {VID}"])
    sql = f"SELECT {head} || ',' || CASE WHEN kill THEN repeat(',', 16) ELSE {rest} END FROM f"
    return Content(",".join(COLUMNS), lines(rows, sql, pools))


FEEDS = [
    Feed(
        "fsm_appointments",
        "fsm_appointments_{day}.csv",
        fsm_rows,
        fsm_content,
        rhythm="quarter",
        back=13,
        ahead=15,
    )
]
