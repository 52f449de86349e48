"""The scheduling side of a visit: when it was booked, for whom, what the customer is told; badges, places."""

from __future__ import annotations

import numpy as np

from data.sample import codes, company, field, orders, tickets
from data.sample.base import DAY, NEVER, Arr, Frame, logit_sd, rng, size, unit
from data.sample.world import EVER, World

HOUR = 3600


VID = "lpad(vid::VARCHAR, 8, '0')"


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
    quick = np.isin(v["back"], (codes.PART, codes.MORE, codes.REBOOK))
    created = np.where(quick, v["ws"] - draw.integers(20 * HOUR, 30 * HOUR, n), created)
    repair = v["job"] == codes.REPAIR
    t = tickets.visit_tickets(world, day)
    reported = np.full(n, NEVER)
    reported[repair] = t["reported"]
    created = np.where(repair & ~quick, reported + 300 + draw.integers(0, 900, n), created)
    o = orders.orders(world, day)
    by_visit = o["vid"] >= 0
    ordered = np.full(n, NEVER)
    ordered[o["vid"][by_visit] - (day - 18000) * 20000] = o["created"][by_visit]
    created = np.where((ordered >= 0) & ~quick, ordered + 1800, created)
    created = np.where(v["moved"] == codes.EARLY_THEM, np.minimum(created, v["ws"] - 6 * DAY), created)
    created = np.where(v["status"] == codes.EARLY_CANCEL, np.minimum(created, v["ws"] - 4 * DAY), created)
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
    overdue = v["late"] | (v["status"] == codes.NOSHOW)
    warn = overdue & (draw.random(n) < world.shifted(np.full(n, 0.6), desk))
    v["warn_at"] = np.where(warn, v["we"] - draw.integers(300, 3000, n), NEVER)
    v["warn_by"] = np.searchsorted([0.2, 0.6], draw.random(n), side="right")
    v["warn_call"] = (v["warn_by"] == 1) & (draw.random(n) < 0.4)


def place(world: World, g: Arr, area: Arr) -> tuple[Arr, Arr]:
    """Latitude and longitude of an address, spread around the area's middle."""
    lat = 44.0 + 1.1 * (area % 6) + (unit(g, 81) - 0.5) * 0.7
    lon = 4.0 + 1.7 * (area // 6) + (unit(g, 82) - 0.5) * 0.9
    return lat, lon


SERVICE = "'SVC' || lpad(cid::VARCHAR, 9, '0') || lpad(line_of::VARCHAR, 2, '0')"
