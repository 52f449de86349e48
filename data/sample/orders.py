"""Orders of new services: one behind every installation visit, and self-installed ones without a visit."""

from __future__ import annotations

import numpy as np

from data.sample import codes, field
from data.sample.base import DAY, NEVER, Frame, midnight, pick, rng, size, take, unit
from data.sample.customers import NEW
from data.sample.tickets import midnights
from data.sample.world import World

AHEAD = 14  # an order is at most so many days older than its visit
SELF_SHARE = 0.5


def orders(world: World, day: int) -> Frame:
    """Orders whose (first) visit or activation is on a day. Promised days are day numbers; 0 = no second promise.

    `follows` marks visits that finish an order of an earlier day (missed then): same order number.
    """
    key = ("orders", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    v = field.visits(world, day)
    o = take(v, (v["job"] == codes.INSTALL) & np.isin(v["back"], (0, codes.REBOOK, codes.NEWPROD)))
    o = {k: o[k] for k in ("g", "area", "zone", "status", "finish", "first", "first_no", "back", "vid", "team")}
    own = (o["first"] - 18000) * 20000 + o["first_no"]
    o["order"] = np.where(o["back"] == codes.NEWPROD, own + 300_000_000, own)
    o["follows"] = o["back"] == codes.REBOOK
    o["self"] = np.zeros(size(o), bool)
    draw = rng(world.seed, "orders", day)
    extra = _self_installed(world, day, draw, int(size(o) * SELF_SHARE))
    o = {k: np.concatenate([o[k], extra[k]]) for k in o}
    o["day"] = np.full(size(o), day)
    u, dice, first = unit(o["order"], 51), unit(o["order"], 52), o["first"]
    lead = 3 + (u * (AHEAD - 4)).astype(np.int64)
    o["created"] = midnights(first, o["zone"]) - lead * DAY + 28800 + (46800 * unit(o["order"], 53)).astype(np.int64)
    skew = np.where(dice < 0.03, -np.minimum(lead - 1, 1 + (dice * 1000).astype(int) % 5), np.where(dice > 0.95, 1, 0))
    o["promise1"] = first + skew
    o["promise2"] = np.where(o["follows"], day, np.where(skew < 0, first, 0))
    o["asked"] = (skew < 0) & (unit(o["order"], 54) < 0.25)  # the customer wanted the later day
    o["channel"] = np.searchsorted([0.5, 0.74, 0.84, 0.9], unit(o["order"], 55), side="right")
    o["civil"] = unit(o["order"], 56) < 0.06
    o["product"] = world.customers.product(o["g"])
    o["done"] = np.where(o["status"] == codes.DONE, o["finish"], NEVER)
    o["cancelled"] = (o["status"] == codes.CUST_CANCEL) | (o["status"] == codes.EARLY_CANCEL)
    world.cache[key] = o
    return o


def _self_installed(world: World, day: int, draw: np.random.Generator, n: int) -> Frame:
    area = pick(draw, world.customers.share, n)
    no = np.arange(n, dtype=np.int64) + 15000
    zone = world.area_zone[area]
    finish = midnight(day, zone) + draw.integers(9 * 3600, 22 * 3600, n)
    return {
        "g": NEW + ((day - 18000) * 20000 + no) * 64 + area,
        "area": area,
        "zone": zone,
        "status": np.where(draw.random(n) < 0.96, codes.DONE, codes.CUST_CANCEL),
        "finish": finish,
        "first": np.full(n, day),
        "first_no": no,
        "back": np.zeros(n, np.int64),
        "vid": np.full(n, -1, dtype=np.int64),
        "team": np.full(n, -1, dtype=np.int64),
        "order": (day - 18000) * 20000 + no,
        "follows": np.zeros(n, bool),
        "self": np.ones(n, bool),
    }
