"""tech_mobile_events: what technicians tap on their phones."""

from __future__ import annotations

import numpy as np

from data.sample import codes
from data.sample.base import NEVER, Frame, join, local, mix, rng, size, take, unit
from data.sample.booking import VID, badges, known, place
from data.sample.world import World
from data.sample.writing import Content, Feed, json_row, lines, plain, quoted, stamp

EVENTS = ("ENROUTE", "ARRIVED", "STARTED", "DONE", "CALLED_AHEAD", "CUSTOMER_ABSENT")


VERSIONS = ("4.6.2", "4.7.0", "4.7.3", "4.8.0", "4.8.1")


def mobile_rows(world: World, day: int) -> Frame:
    """Taps of the technicians' app."""
    v = known(world, day)
    n = size(v)
    draw = rng(world.seed, "mobile", day)
    there = v["arrive"] >= 0
    absent = v["status"] == codes.ABSENT
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


FEEDS = [Feed("tech_mobile_events", "mobile_{day}.jsonl", mobile_rows, mobile_content, rhythm="hour", back=2, ahead=1)]
