"""network_outages, vehicle_gps, parts_logistics: machines that know nothing of people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from data.sample import codes, field, tickets
from data.sample.base import DAY, Frame, join, local, midnight, pick, rng, size, take, unit
from data.sample.booking import place
from data.sample.cases import HOUR
from data.sample.world import World
from data.sample.writing import Content, Feed, column, deliver_late, json_row, lines, plain, put, quoted, stamp, texts

ALARMS = 19_000  # raises a day, full company
ALARM_EVENTS = ("RAISE", "UPDATE", "CLEAR")
SEVERITIES = ("CRITICAL", "MAJOR", "MINOR", "WARNING")


def alarm_rows(world: World, day: int) -> Frame:
    """Alarms raised on a day with their updates and clearings; a few nodes flap all day."""
    draw = rng(world.seed, "alarms", day)
    storm = field._stormy(world, np.arange(len(world.places)), day)
    mean = ALARMS * tickets.scale(world) * world.thin * world.customers.share * np.where(storm, 3.0, 1.0)
    count = draw.poisson(mean)
    area = np.repeat(np.arange(len(world.places)), count)
    n = len(area)
    node = area * 400 + (draw.random(n) ** 2 * 400).astype(np.int64)
    flap = draw.random(n) < 0.35
    node = np.where(flap, area * 400 + day % 7, node)
    a: Frame = {"no": np.arange(n, dtype=np.int64), "area": area, "node": node}
    a["raised"] = day * DAY + draw.integers(0, DAY, n)
    hours = np.where(flap, 0.02, np.exp(0.2 + 1.3 * draw.standard_normal(n)))
    a["cleared"] = a["raised"] + (np.clip(hours, 0.003, 60) * HOUR).astype(np.int64)
    a["severity"] = pick(draw, (0.03, 0.12, 0.4, 0.45), n)
    a["down"] = np.where(a["severity"] <= 1, (np.exp(3.2 + 1.2 * draw.standard_normal(n))).astype(np.int64), 0)
    a["root"] = np.where(draw.random(n) < 0.12, (a["no"] // 7) * 7, -1)
    a["alarm"] = (day - 18000) * 60_000 + a["no"]
    a["root"] = np.where(a["root"] >= 0, (day - 18000) * 60_000 + a["root"], -1)
    updates = draw.poisson(4.6, n)
    parts = [a | {"event": np.zeros(n, np.int64), "ts": a["raised"]}]
    row = np.repeat(np.arange(n), updates)
    more = take(a, row)
    span = (more["cleared"] - more["raised"]) * draw.random(len(row))
    parts.append(more | {"event": np.ones(len(row), np.int64), "ts": more["raised"] + span.astype(np.int64)})
    ends = take(a, draw.random(n) > 0.03)
    parts.append(ends | {"event": np.full(size(ends), 2), "ts": ends["cleared"]})
    rows = join(parts)
    rows["moved"] = unit(rows["node"], 181) < 0.02
    rows["at"] = deliver_late(draw, rows["ts"] + 10, 0.005, 6 * HOUR)
    return {k: rows[k] for k in ("at", "alarm", "event", "ts", "node", "area", "severity", "down", "root", "moved")}


def alarm_content(world: World, rows: Frame, day: int) -> Content:
    if not rows:
        return Content()
    rows = dict(rows)
    if day % 2:  # the map from nodes to areas changes now and then
        rows["area"] = np.where(rows["moved"], (rows["area"] + 1) % len(world.places), rows["area"])
    fields = {
        "alarm_id": quoted("'AL' || alarm"),
        "event": quoted("event"),
        "ts": quoted(stamp("ts", "%Y-%m-%dT%H:%M:%SZ")),
        "node_id": quoted("'ND' || lpad(node::VARCHAR, 6, '0')"),
        "area_code": quoted("area"),
        "severity": quoted("severity"),
        "customers_down": plain("down"),
        "root_alarm_id": quoted("CASE WHEN root >= 0 THEN 'AL' || root END"),
    }
    pools = {"event": ALARM_EVENTS, "area": [p.code for p in world.places], "severity": SEVERITIES}
    return Content(rows=lines(rows, f"SELECT {json_row(fields)} FROM f", pools))


POINTS = 29


def gps_rows(world: World, day: int) -> Frame:
    """Positions around the visits of a day: some on the way, most at the address; pool cars change hands daily."""
    v = field.visits(world, day)
    draw = rng(world.seed, "gps", day)
    v = take(v, (v["arrive"] >= 0) & (draw.random(size(v)) < world.thin))
    n = size(v)
    lat, lon = place(world, v["g"], v["area"])
    row = np.repeat(np.arange(n), POINTS)
    k = np.tile(np.arange(POINTS), n)
    move = k < 9
    begin, arrive, end = v["enroute"][row], v["arrive"][row], v["finish"][row]
    way = begin + (arrive - begin) * k // 9
    stay = arrive + (end - arrive) * (k - 9) // (POINTS - 9)
    g: Frame = {"ts": np.where(move, way, stay)}
    part = np.where(move, (9 - k) / 9.0, 0.0)
    angle = unit(v["vid"], 182)[row] * 6.283
    noise = 0.0004 * draw.standard_normal(len(row))
    g["lat"] = lat[row] + 0.06 * part * np.sin(angle) + noise
    g["lon"] = lon[row] + 0.06 * part * np.cos(angle) + noise
    g["speed"] = np.where(move, 15 + 45 * draw.random(len(row)), 0.0)
    g["on"] = move
    car = (np.abs(v["who"]) * 7 + np.where(unit(np.abs(v["who"]) * 1000 + day % 1000, 183) < 0.2, day % 50, 0)) % 40_000
    g["vehicle"] = car[row]
    g["km"] = 20_000 + (day - 20000) * 80.0 + k
    lost = draw.random(len(row)) < 0.01
    g["lat"], g["lon"] = np.where(lost, 0.0, g["lat"]), np.where(lost, 0.0, g["lon"])
    g["at"] = deliver_late(draw, g["ts"] + 60, 0.02, DAY)
    g = take(g, draw.random(len(row)) > 0.03)
    twice = take(g, draw.random(size(g)) < 0.004)
    return join([g, twice])


def gps_content(world: World, rows: Frame, day: int) -> Content:
    names = ("vehicle", "ts", "lat", "lon", "speed", "on", "km")
    rows = rows or {
        k: np.zeros(0, bool if k == "on" else float if k in ("lat", "lon", "speed", "km") else np.int64) for k in names
    }
    made = pa.table(
        {
            "vehicle_id": texts([f"V{i:05d}" for i in rows["vehicle"].tolist()]),
            "ts": column(rows["ts"] * 1_000_000).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "lat": column(rows["lat"]),
            "lon": column(rows["lon"]),
            "speed_kmh": column(rows["speed"]).cast(pa.float32()),
            "ignition": column(rows["on"]),
            "odometer_km": column(rows["km"]),
        }
    )
    return Content(table=made)


ITEMS = ("RTR-AX55", "RTR-B20", "CBL-10M", "CBL-RJ2", "SPL-2W", "STB-4K", "LNC-88")
SUPPLIERS = ("SUP-A", "SUP-B", "SUP-C", "SUP-D")
VAN_STOCK = 14_000


def part_rows(world: World, day: int) -> Frame:
    """Movements of parts: for jobs (asked for at the first visit or before it) and for van stock."""
    draw = rng(world.seed, "parts", day)
    v = field.visits(world, day)
    need = v["next"] == codes.PART
    wait = (v["cause"] == codes.PARTS) & (v["arrive"] >= 0)
    plan = (v["job"] != codes.COLLECT) & (v["status"] == codes.DONE) & (draw.random(size(v)) < 0.75)
    found = []
    for hit, kind in ((need, 0), (wait, 1), (plan & ~need & ~wait, 2)):
        p = {k: v[k][hit] for k in ("vid", "zone", "ws", "arrive", "finish", "area")}
        n = size(p)
        u = draw.random(n)
        if kind == 0:
            p["req"], span = p["finish"] + 300, 20 * HOUR + (u * 80 * HOUR).astype(np.int64)
        elif kind == 1:
            p["req"], span = p["ws"] - 20 * HOUR, np.maximum(p["arrive"] - 900 - (p["ws"] - 20 * HOUR), HOUR)
        else:
            p["req"], span = p["ws"] - 44 * HOUR, 12 * HOUR + (u * 24 * HOUR).astype(np.int64)
        p["recv"] = p["req"] + span
        p["ship"] = p["req"] + span // 2
        p["back"] = (draw.random(n) < (0.4 if kind == 0 else 0.05)).astype(np.int64)
        found.append({k: p[k] for k in ("vid", "area", "req", "ship", "recv", "back")})
    stock = int(VAN_STOCK * tickets._share(world, "field", 1560))
    area = pick(draw, world.customers.share, stock)
    req = midnight(day, 1) + draw.integers(6 * HOUR, 20 * HOUR, stock)
    found.append(
        {
            "vid": np.full(stock, -1),
            "area": area,
            "req": req,
            "ship": req + draw.integers(HOUR, 20 * HOUR, stock),
            "recv": req + draw.integers(20 * HOUR, 60 * HOUR, stock),
            "back": (draw.random(stock) < 0.04).astype(np.int64),
        }
    )
    p = join(found)
    n = size(p)
    p["doc"] = (day - 18000) * 15_000 + np.arange(n)
    p["item"] = 1 + draw.integers(0, 3, n)
    p["part"] = pick(draw, (0.18, 0.14, 0.2, 0.16, 0.12, 0.12, 0.08), n)
    p["supplier"] = (p["part"] + p["area"]) % 4
    p["qty"] = draw.integers(1, 5, n)
    p["at"] = deliver_late(draw, p["recv"], 0.05, 5 * DAY)
    p["unknown"] = draw.random(n) < 0.03
    undo = take(p, draw.random(n) < 0.015)
    undo |= {"qty": -undo["qty"], "at": undo["at"] + DAY, "item": undo["item"] + 50}
    ghost = take(p, draw.random(n) < 0.001)
    ghost |= {"qty": -ghost["qty"], "doc": ghost["doc"] + 900_000_000, "at": ghost["at"] + DAY}
    return join([p, undo, ghost])


def part_write(world: World, rows: Frame, path: Path, day: int) -> None:
    """Fixed width, 140 bytes a line; leftovers of another alphabet in the filler."""
    if not rows:
        return put(path, b"")
    rows = dict(rows)
    for name in ("req", "ship", "recv"):
        rows[name] = local(rows[name], 1)
    form = "%y%m%d%H%M%S"
    recv = f"CASE WHEN unknown THEN '000000000000' ELSE {stamp('recv', form)} END"
    order = "CASE WHEN vid >= 0 THEN 'WO' || lpad((1000000000 + vid)::VARCHAR, 10, '0') ELSE repeat(' ', 12) END"
    qty = "CASE WHEN qty < 0 THEN '-' ELSE '+' END || lpad(abs(qty)::VARCHAR, 6, '0')"
    house = "'W' || lpad((area + 1)::VARCHAR, 3, '0')"
    fields = [
        "lpad(doc::VARCHAR, 10, '0')",
        "lpad(item::VARCHAR, 4, '0')",
        "rpad(part, 15, ' ')",
        house,
        order,
        qty,
        stamp("req", form),
        stamp("ship", form),
        recv,
        "CASE WHEN back = 1 THEN 'Y' ELSE 'N' END",
        "rpad(supplier, 8, ' ')",
    ]
    text = lines(rows, f"SELECT concat({', '.join(fields)}) FROM f", {"part": ITEMS, "supplier": SUPPLIERS})
    filler = b"\xc1\xd3\xe3\x40" + b" " * 39
    blank = b" " * 43
    return put(
        path, b"".join(x.encode("ascii") + (filler if i % 23 == 0 else blank) + b"\n" for i, x in enumerate(text))
    )


FEEDS = [
    Feed("network_outages", "alarms_{day}.jsonl", alarm_rows, alarm_content, rhythm="hour", back=3),
    Feed("vehicle_gps", "gps_{day}.parquet", gps_rows, gps_content, rhythm="hour", back=2, ahead=1),
    Feed("parts_logistics", "PARTS.{day}.dat", part_rows, write=part_write, back=11, ahead=3, lag=1),
]
