"""fsm_appointments, tech_mobile_events, sms_gateway: the three systems that follow a visit."""

from __future__ import annotations

import numpy as np

from data.sample import company, field, orders, tickets
from data.sample.base import DAY, NEVER, Arr, Frame, join, local, logit_sd, midnight, mix, rng, size, take, unit
from data.sample.world import EVER, World
from data.sample.writing import Content, Feed, csv_row, deliver_late, json_row, lines, plain, quoted, stamp

HOUR = 3600
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


def badges(world: World, who: Arr) -> tuple[Arr, list[str]]:
    """Codes and pool of badge texts; partners' are X9 + four figures."""
    key = ("badges", EVER)
    if key not in world.cache:
        regions = [company.PARTNER_OF[p.region] for p in world.places]
        partners = [f"X9{regions[min(i // 38, len(regions) - 1)] + 1}{i:03d}" for i in range(26 * 38)]
        world.cache[key] = [*world.badge.tolist(), *partners]
    return np.where(who >= 0, who, len(world.badge) + (-10 - who)), world.cache[key]  # type: ignore[return-value]


def known(world: World, day: int) -> Frame:
    """The visits of a day with what the scheduling side adds: booking, first technician, heads-up messages."""
    key = ("known", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    v = dict(field.visits(world, day))
    n = size(v)
    draw = rng(world.seed, "known", day)
    created = v["ws"] - (2 + draw.integers(0, 9, n)) * DAY - draw.integers(0, 8 * HOUR, n)
    quick = np.isin(v["back"], (field.PART, field.MORE, field.REBOOK))
    created = np.where(quick, v["ws"] - draw.integers(20 * HOUR, 30 * HOUR, n), created)
    repair = v["job"] == field.REPAIR
    t = tickets.visit_tickets(world, day)
    reported = np.full(n, NEVER)
    reported[repair] = t["reported"]
    created = np.where(repair & ~quick, reported + 300 + draw.integers(0, 900, n), created)
    o = orders.orders(world, day)
    by_visit = o["vid"] >= 0
    ordered = np.full(n, NEVER)
    ordered[o["vid"][by_visit] - (day - 18000) * 20000] = o["created"][by_visit]
    created = np.where((ordered >= 0) & ~quick, ordered + 1800, created)
    created = np.where(v["moved"] == field.EARLY_THEM, np.minimum(created, v["ws"] - 6 * DAY), created)
    created = np.where(v["status"] == field.EARLY_CANCEL, np.minimum(created, v["ws"] - 4 * DAY), created)
    v["created"] = np.minimum(created, v["ws"] - 5400)
    _heads_up(world, v, draw)
    v["cid"] = world.customers.ids(v["g"])
    v["reach"] = world.customers.reachable(v["g"])
    v["quiet"] = world.customers.no_contact(v["g"])
    return world.cache.setdefault(key, v)  # type: ignore[return-value]


def _heads_up(world: World, v: Frame, draw: np.random.Generator) -> None:
    """On-my-way and running-late messages: when (NEVER without), by whom (0 automatic, 1 technician, 2 desk), how."""
    n = size(v)
    there = v["arrive"] >= 0
    auto = np.array([p.name in company.AUTO_AREAS for p in world.places])[v["area"]] & (draw.random(n) < 0.97)
    shift = world.effect("onmyway", v["who"], v["team"], logit_sd(0.78, 0.12), logit_sd(0.78, 0.07))
    own = draw.random(n) < world.shifted(np.where(auto, 0.35, 0.84), shift)
    v["omw_auto"] = there & auto
    v["omw_own"] = there & own
    v["omw_call"] = own & (draw.random(n) < 0.45)
    spare = np.maximum(20, np.minimum(400, v["travel"] - 660))
    v["omw_at"] = v["enroute"] + 15 + (draw.random(n) * spare).astype(np.int64)
    desk = world.effect("onmyway", np.full(n, -1), v["team"], 0.37, 0.37)
    overdue = v["late"] | (v["status"] == field.NOSHOW)
    warn = overdue & (draw.random(n) < world.shifted(np.full(n, 0.6), desk))
    v["warn_at"] = np.where(warn, v["we"] - draw.integers(300, 3000, n), NEVER)
    v["warn_by"] = np.searchsorted([0.2, 0.6], draw.random(n), side="right")
    v["warn_call"] = (v["warn_by"] == 1) & (draw.random(n) < 0.4)


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
    going = np.isin(v["status"], (field.DONE, field.ABSENT))
    cancelled = np.isin(v["status"], (field.CUST_CANCEL, field.EARLY_CANCEL))
    late_moved = (v["moved"] == field.ON_DAY_US) | (v["moved"] == field.ON_DAY_THEM)
    rerouted = going & ((v["cause"] == field.DISPATCH) | (draw.random(n) < 0.05) | late_moved)
    rerouted |= (v["status"] == field.NOSHOW) & (draw.random(n) < 0.4)
    latest = np.where(going, v["dispatch"] - 300, v["ws"] - 600)
    at4 = np.maximum(
        np.minimum(dawn + 6 * HOUR + 600 + (draw.random(n) ** 2 * 4 * HOUR).astype(np.int64), latest),
        dawn + 6 * HOUR + 30,
    )
    spread = (draw.random(n) * 0.6 * np.maximum(v["ws"] - v["created"], 7300)).astype(np.int64)
    gone = np.select(
        [
            v["status"] == s
            for s in (field.CUST_CANCEL, field.COMP_CANCEL, field.EARLY_CANCEL, field.NOSHOW, field.WEATHER)
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
    moved = v["moved"] == field.EARLY_THEM
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
    us_or_them = np.isin(v["moved"], (field.ON_DAY_US, field.ON_DAY_THEM))[row]
    new = us_or_them & after4 & (step != 10)
    early = (c["moved"] == field.EARLY_THEM) & ~after1 & (step == 0)
    away = np.where(early, -2 * DAY, 0)
    c["w1"] = np.where(new, v["ws1"][row], v["ws"][row]) + away
    c["w2"] = np.where(new, v["we1"][row], v["we"][row]) + away
    at1, at4 = np.full(n, NEVER), np.full(n, NEVER)
    at1[steps[1][1]], at4[steps[4][1]] = steps[1][2], steps[4][2]
    agreed = np.where((c["moved"] == field.EARLY_THEM) & (step >= 1), at1[row], c["created"])
    c["agreed"] = np.where((c["moved"] == field.ON_DAY_THEM) & after4, at4[row], agreed)
    c["agreed"] = np.where(c["agreed"] < 0, c["created"], c["agreed"])
    jitter = ((unit(v["vid"], 61) - 0.5) * 2400).astype(np.int64) // 300 * 300
    first_plan = v["planned"] - jitter
    moved_plan = np.where(
        us_or_them & (step >= 4), v["ws1"][row] + 1800, v["planned"][row] + np.where(has4[row] & (step >= 4), 1500, 0)
    )
    c["sched"] = np.where(step < 2, NEVER, np.where(step == 2, first_plan[row], moved_plan))
    flip = unit(v["vid"], 62) < 0.004
    dispatch = np.where(flip, v["arrive"] + 300, v["dispatch"])
    lost = (unit(v["vid"], 63) < 0.021) & (v["status"] == field.DONE)
    arrive = np.where(lost, NEVER, v["arrive"])
    fixed = np.where(step == 9, draw.integers(-150, 150, len(row)), 0)
    on_way = (step >= 5) & (step <= 9)
    c["dispatched"] = np.where(on_way, dispatch[row], NEVER)
    c["enroute"] = np.where(on_way & (step >= 6), v["enroute"][row], NEVER)
    c["arrived"] = np.where(on_way & (step >= 7) & (arrive[row] >= 0), arrive[row] + fixed // 3, NEVER)
    c["finished"] = np.where(on_way & (step >= 8), v["finish"][row] + fixed, NEVER)
    ended = np.select(
        [c["status"] == field.DONE, c["status"] == field.ABSENT, c["status"] == field.NOSHOW], [4, 7, 6], 5
    )
    c["state"] = np.select([step <= 4, step == 5, step == 6, step == 7], [0, 1, 2, 3], ended)
    gone = step == 10
    us = np.isin(c["status"], (field.COMP_CANCEL, field.EARLY_CANCEL, field.WEATHER))
    c["cancel_by"] = np.where(gone & (c["status"] == field.CUST_CANCEL), 0, np.where(gone & us, 1, -1))
    why = (1 + (unit(v["vid"], 64) * 3).astype(int))[row]
    why = np.where(
        c["status"] == field.WEATHER,
        4 + (unit(v["vid"], 65)[row] < 0.3),
        np.where(c["status"] == field.CUST_CANCEL, 0, why),
    )
    c["why"] = np.where(gone & (c["status"] != field.NOSHOW), why, -1)
    other = _other(v, draw)
    badge = np.where(has4[row] & (step < 4), other[row], c["who"])
    c["badge"], _ = badges(world, badge)
    c["badge"] = np.where(step < 2, -1, c["badge"])
    c["zeros"] = (unit(v["vid"], 66) < 0.06)[row]
    moved_by = np.where(c["moved"] == field.ON_DAY_US, 1, 0)
    c["moved_by"] = np.where(
        (us_or_them & (step >= 4) & ~gone) | ((c["moved"] == field.EARLY_THEM) & (step >= 1)), moved_by, -1
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


VID = "lpad(vid::VARCHAR, 8, '0')"
EVENTS = ("ENROUTE", "ARRIVED", "STARTED", "DONE", "CALLED_AHEAD", "CUSTOMER_ABSENT")
VERSIONS = ("4.6.2", "4.7.0", "4.7.3", "4.8.0", "4.8.1")


def mobile_rows(world: World, day: int) -> Frame:
    """Taps of the technicians' app."""
    v = known(world, day)
    n = size(v)
    draw = rng(world.seed, "mobile", day)
    there = v["arrive"] >= 0
    absent = v["status"] == field.ABSENT
    call = np.where(v["omw_own"] & v["omw_call"], v["omw_at"] + 60, NEVER)
    called = np.where(v["warn_call"] & (v["warn_at"] >= 0), v["warn_at"], NEVER)
    parts = [
        (0, there, v["enroute"]),
        (1, there, v["arrive"]),
        (2, there & ~absent, v["arrive"] + draw.integers(60, 360, n)),
        (3, there & ~absent, v["finish"]),
        (4, call >= 0, call),
        (4, called >= 0, called),
        (4, absent, v["arrive"] + 240),
        (5, absent, v["finish"] - 30),
        (0, there & (draw.random(n) < 0.5 * world.thin), v["enroute"] + draw.integers(5, 90, n)),
        (2, there & ~absent & (draw.random(n) < 0.9 * world.thin), v["arrive"] + draw.integers(400, 1500, n)),
        (2, there & ~absent & (draw.random(n) < 0.8 * world.thin), v["arrive"] + draw.integers(1500, 2600, n)),
        (3, there & ~absent & (draw.random(n) < 0.3 * world.thin), v["finish"] + draw.integers(5, 60, n)),
    ]
    row = np.concatenate([np.flatnonzero(hit) for _, hit, _ in parts])
    e = {"row": row, "event": np.concatenate([np.full(int(hit.sum()), c) for c, hit, _ in parts])}
    e["real"] = np.concatenate([at[hit] for _, hit, at in parts])
    e |= {k: v[k][row] for k in ("vid", "who", "zone", "g", "area")}
    m = len(row)
    e["seq"] = np.arange(m, dtype=np.int64)
    device = np.abs(e["who"]) * 100_000 + day
    off = unit(device, 71) < 0.007
    e["device"] = e["real"] + np.where(off, (np.round((unit(device, 72) - 0.5) * 10) * 3600 + 1800).astype(np.int64), 0)
    late = draw.random(m) < 0.04
    delay = np.where(late, 3600 + draw.random(m) * 8 * 3600, 1 + draw.exponential(6, m)).astype(np.int64)
    e["at"] = e["real"] + delay
    far = (e["event"] == 1) & (draw.random(m) < 0.03)
    spot = np.where(far, 0.004 + 0.02 * draw.random(m), 0.0006 * draw.random(m))
    away = np.where(e["event"] == 0, 0.05, 0.0) + spot
    angle = draw.random(m) * 6.283
    e["lat"], e["lon"] = place(world, e["g"], e["area"])
    e["lat"], e["lon"] = e["lat"] + away * np.sin(angle), e["lon"] + away * np.cos(angle)
    e["accuracy"] = (4 + draw.exponential(12, m)).astype(np.int64)
    newest = np.clip((day - 20500) / 200, 0, 1)
    e["version"] = np.minimum(4, (unit(np.abs(e["who"]), 73) * 3 + newest * 2.2).astype(np.int64))
    e["badge"], _ = badges(world, e["who"])
    twice = np.flatnonzero(draw.random(m) < 0.015)
    again = take(e, twice)
    again["at"] = again["at"] + draw.integers(1, 1200, len(twice))
    e = join([e, again])
    e["id1"] = (mix(e["vid"] * 64 + 7, 74) >> np.uint64(1)).astype(np.int64)
    e["id2"] = (mix((day - 18000) * 1_000_000 + e["seq"], 75) >> np.uint64(1)).astype(np.int64)
    return {
        k: e[k]
        for k in ("at", "event", "vid", "zone", "device", "lat", "lon", "accuracy", "version", "badge", "id1", "id2")
    }


def place(world: World, g: Arr, area: Arr) -> tuple[Arr, Arr]:
    """Latitude and longitude of an address, spread around the area's middle."""
    lat = 44.0 + 1.1 * (area % 6) + (unit(g, 81) - 0.5) * 0.7
    lon = 4.0 + 1.7 * (area // 6) + (unit(g, 82) - 0.5) * 0.9
    return lat, lon


def mobile_content(world: World, rows: Frame, day: int) -> Content:
    """One JSON object a line."""
    if not rows:
        return Content()
    rows = dict(rows)
    rows["wall"] = local(rows["device"], rows["zone"])
    _, pool = badges(world, np.zeros(0, int))
    a, b = "lpad(lower(to_hex(id1)), 16, '0')", "lpad(lower(to_hex(id2)), 16, '0')"
    uuid = f"{a}[1:8] || '-' || {a}[9:12] || '-' || {a}[13:16] || '-' || {b}[1:4] || '-' || {b}[5:16]"
    fields = {
        "event_id": quoted(uuid),
        "ts_device": quoted(stamp("wall", "%Y-%m-%dT%H:%M:%S")),
        "ts_server": quoted(stamp('"at"', "%Y-%m-%dT%H:%M:%SZ")),
        "badge": quoted("badge"),
        "appointment_id": quoted(f"'SA-' || {VID}"),
        "event": quoted("event"),
        "lat": "printf('%.5f', lat)",
        "lon": "printf('%.5f', lon)",
        "accuracy_m": plain("accuracy"),
        "app_version": quoted("version"),
    }
    renamed = {("worker_id" if key == "badge" else key): value for key, value in fields.items()}
    sql = f"SELECT CASE WHEN version >= '4.8' THEN {json_row(renamed)} ELSE {json_row(fields)} END FROM f"
    return Content(rows=lines(rows, sql, {"event": EVENTS, "version": VERSIONS, "badge": pool}))


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
    going = np.isin(v["status"], (field.DONE, field.ABSENT, field.NOSHOW, field.WEATHER))
    remind = midnight(day, v["zone"]) - 6 * HOUR + draw.integers(0, HOUR, n)
    own_text = v["omw_own"] & ~v["omw_call"]
    moved = np.isin(v["moved"], (field.ON_DAY_US, field.ON_DAY_THEM)) & there
    gone = np.isin(v["status"], (field.CUST_CANCEL, field.COMP_CANCEL, field.EARLY_CANCEL, field.WEATHER))
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
        (7, v["status"] == field.DONE, v["finish"] + draw.integers(120, 1800, n), -1),
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


FEEDS = [
    Feed(
        "fsm_appointments",
        "fsm_appointments_{day}.csv",
        fsm_rows,
        fsm_content,
        rhythm="quarter",
        back=13,
        ahead=15,
    ),
    Feed("tech_mobile_events", "mobile_{day}.jsonl", mobile_rows, mobile_content, rhythm="hour", back=2, ahead=1),
    Feed("sms_gateway", "sms_{day}.csv", sms_rows, sms_content, rhythm="hour", back=2, ahead=15),
]
