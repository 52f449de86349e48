"""install_orders: every order again each time it changes, as XML."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from data.sample import company, orders
from data.sample.base import DAY, NEVER, Frame, as_date, day_no, join, local, rng, size, take
from data.sample.booking import HOUR
from data.sample.world import World
from data.sample.writing import (
    Feed,
    deliver_late,
    lines,
    put,
    stamp,
)

STATES = ("RECEIVED", "VALIDATED", "SCHEDULED", "INPROGRESS", "COMPLETED", "CANCELLED")


CHANNELS = ("CALL", "CHAT", "EMAIL", "SOCIAL", "TEXT")


NEW_NAMESPACE = day_no(date(2026, 3, 1))


def order_rows(world: World, day: int) -> Frame:
    """Snapshots of the orders around a day: each time an order changes, the whole order."""
    o = orders.orders(world, day)
    draw = rng(world.seed, "order rows", day)
    n = size(o)
    missed = ~o["cancelled"] & (o["done"] < 0)
    visit = np.where(o["done"] >= 0, o["done"] - 2 * HOUR, (day * DAY) + 9 * HOUR)
    promised_again = (o["promise2"] > 0) & ~o["follows"]
    fresh = ~o["follows"]
    steps = [
        (0, fresh, o["created"]),
        (1, fresh, o["created"] + draw.integers(600, 5 * HOUR, n)),
        (2, fresh, o["created"] + draw.integers(6 * HOUR, 30 * HOUR, n)),
        (
            2,
            promised_again | o["follows"],
            np.where(o["follows"], visit - 20 * HOUR, np.minimum(o["promise1"] * DAY + 15 * HOUR, visit - 9 * HOUR)),
        ),
        (3, ~o["cancelled"] & ~missed, visit),
        (4, o["done"] >= 0, o["done"] + 300),
        (4, o["done"] >= 0, o["done"] + draw.integers(5 * HOUR, 50 * HOUR, n)),
        (5, o["cancelled"] & fresh, visit - 22 * HOUR),
    ]
    row = np.concatenate([np.flatnonzero(hit) for _, hit, _ in steps])
    s = {
        k: o[k][row]
        for k in (
            "order",
            "product",
            "channel",
            "created",
            "promise1",
            "promise2",
            "asked",
            "done",
            "civil",
            "zone",
            "g",
            "follows",
        )
    }
    s["turn"] = np.concatenate([np.full(int(hit.sum()), i) for i, (_, hit, _) in enumerate(steps)])
    s["state"] = np.concatenate([np.full(int(hit.sum()), c) for c, hit, _ in steps])
    s["changed"] = np.concatenate([at[hit] for _, hit, at in steps])
    s["cid"] = world.customers.ids(s["g"])
    shown = (s["turn"] >= 3) & (s["promise2"] > 0)
    s["promise2"] = np.where(shown & (s["turn"] < 7), s["promise2"], 0)
    s["done"] = np.where(s["state"] == 4, s["done"], NEVER)
    m = len(row)
    s["mixed"] = draw.random(m) < 0.12
    s["why"] = np.where(s["state"] == 5, draw.integers(0, 3, m), -1)
    s["at"] = deliver_late(draw, s["changed"], 0.005, 3 * DAY)
    twice = np.flatnonzero(draw.random(m) < 0.01)
    again = take(s, twice)
    again["at"] = again["at"] + DAY
    s = join([s, again])
    return {k: v for k, v in s.items() if k not in ("g", "turn", "follows", "changed")}


def order_write(world: World, rows: Frame, path: Path, day: int) -> None:
    """One XML document a day."""
    version = "v2" if day >= NEW_NAMESPACE else "v1"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    head += f'<orders xmlns="urn:fernway:orders:{version}" day="{as_date(day):%Y-%m-%d}">\n'
    put(path, head + "\n".join(_order_text(rows)) + "\n</orders>\n")


def _order_text(rows: Frame) -> list[str]:
    if not rows:
        return []
    rows = dict(rows)
    rows["wall"], rows["ended"] = local(rows["created"], rows["zone"]), local(rows["done"], rows["zone"])
    rows["hours"] = (rows["wall"] - rows["created"]) // HOUR
    rows["hours2"] = np.where(rows["done"] >= 0, (rows["ended"] - rows["done"]) // HOUR, 0)
    rows["p1"], rows["p2"] = rows["promise1"] * DAY, np.where(rows["promise2"] > 0, rows["promise2"] * DAY, NEVER)
    asked = """CASE WHEN asked THEN ' askedBy="CUSTOMER"' ELSE '' END"""
    first = f"""'<promise seq="1">' || {stamp("p1", "%Y-%m-%d")} || '</promise>'"""
    second = f"""'<promise seq="2"' || {asked} || '>' || {stamp("p2", "%Y-%m-%d")} || '</promise>'"""
    promises = f"CASE WHEN p2 < 0 THEN {first} WHEN mixed THEN {second} || {first} ELSE {first} || {second} END"
    iso = "%Y-%m-%dT%H:%M:%S"
    elements = {
        "orderNo": """'O' || lpad("order"::VARCHAR, 9, '0')""",
        "customerId": "cid::VARCHAR",
        "productCode": "product",
        "channel": "channel",
        "createdAt": f"{stamp('wall', iso)} || '+0' || hours || ':00'",
        "promisedDates": promises,
        "completedAt": f"{stamp('ended', iso)} || '+0' || hours2 || ':00'",
        "status": "state",
        "addressId": "'AD' || lpad(cid::VARCHAR, 10, '0')",
        "civilWorks": "civil::VARCHAR",
        "cancelReason": "why",
    }
    body = [f"coalesce('<{k}>' || {e} || '</{k}>', '<{k}/>')" for k, e in elements.items()]
    pools = {
        "product": company.PRODUCTS,
        "channel": CHANNELS,
        "state": STATES,
        "why": ("CHANGED MIND", "NO LINE", "MOVED AWAY"),
    }
    return lines(rows, f"SELECT '<order>' || {' || '.join(body)} || '</order>' FROM f", pools)


FEEDS = [Feed("install_orders", "orders_{day}.xml", order_rows, write=order_write, back=8, ahead=15, lag=1)]
