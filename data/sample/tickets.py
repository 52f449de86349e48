"""Fault tickets: those that a technician visits for (told by the visits) and those solved from afar."""

from __future__ import annotations

import numpy as np

from data.sample import codes, field
from data.sample.base import NEVER, Arr, Frame, join, midnight, pick, rng, size, summer, take, unit
from data.sample.customers import STRATA
from data.sample.world import World

REMOTE_PER_DAY = 8600  # full company
AHEAD = 4  # a visit's ticket is reported at most so many days before it


def scale(world: World) -> float:
    """Size of the company's customer-facing volume against the full one."""
    return float(np.mean([_share(world, "field", 1560), _share(world, "care", 1050)]))


def _share(world: World, family: str, full: int) -> float:
    return sum(t.staff for t in world.teams if t.family == family) / full


def visit_tickets(world: World, day: int) -> Frame:
    """Tickets behind the repair visits of a day: one row a visit; `fresh` = the ticket begins with this visit.

    Returns for a missing part or a second attempt go on with the first visit's ticket.
    """
    key = ("visit_tickets", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    v = field.visits(world, day)
    t = take(v, v["job"] == codes.REPAIR)
    draw = rng(world.seed, "tickets", day)
    n = size(t)
    t["fresh"] = (t["back"] == 0) | (t["back"] == codes.AGAIN) | (t["back"] == codes.LATER)
    own = (t["first"] - 18000) * 20000 + t["first_no"]
    t["ticket"] = np.where(
        t["back"] == codes.AGAIN, own + 10**10, np.where(t["back"] == codes.LATER, own + 2 * 10**10, own)
    )
    reopened = (t["back"] == codes.AGAIN) & (draw.random(n) < 0.5)
    t["parent"] = np.where(reopened, own, -1)
    t["incident"] = t["storm"] & (draw.random(n) < 0.35)
    lag = np.searchsorted([0.14, 0.61, 0.88], unit(t["ticket"], 21), side="right")
    second = np.where(lag == 0, 23400 + 4500 * unit(t["ticket"], 22), 25200 + 50400 * unit(t["ticket"], 22)).astype(
        np.int64
    )
    base = np.where(t["fresh"], day, t["first"])
    t["reported"] = midnights(base, t["zone"]) - lag * 86400 + second
    t["by_contact"] = draw.random(n) < 0.62
    ended = (t["status"] == codes.DONE) & ~np.isin(t["next"], (codes.PART, codes.MORE))
    t["solved"] = ended
    t["restored"] = np.where(ended, t["finish"] - draw.integers(60, 900, n), NEVER)
    world.cache[key] = t
    return t


def midnights(days: Arr, zone: Arr) -> Arr:
    """`midnight` for a day each."""
    noon = days * 86400 + 43200
    return np.asarray(days * 86400 - (zone + summer(noon)) * 3600)


def remote(world: World, day: int) -> Frame:
    """Tickets reported on a day that need no visit."""
    key = ("remote", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    draw = rng(world.seed, "remote", day)
    storm = field._stormy(world, np.arange(len(world.places)), day)
    mean = (
        REMOTE_PER_DAY
        * scale(world)
        * (1.0 if world.which == "full" else 0.5)
        * world.customers.share
        * np.where(storm, 2.2, 1.0)
    )
    count = draw.poisson(mean)
    area = np.repeat(np.arange(len(world.places)), count)
    g = [world.customers.draw(draw, a, (day + 32) % STRATA, STRATA, int(c), 0.35) for a, c in enumerate(count)]
    n = len(area)
    t: Frame = {"g": np.concatenate(g), "area": area, "no": np.arange(n, dtype=np.int64)}
    t["ticket"] = 3 * 10**10 + (day - 18000) * 20000 + t["no"]
    t["zone"] = world.area_zone[area]
    t["reported"] = midnight(day, t["zone"]) + (6.5 * 3600 + 15.5 * 3600 * draw.beta(2.2, 1.8, n)).astype(np.int64)
    t["fault"] = pick(draw, (0.22, 0.25, 0.2, 0.04, 0.12, 0.1, 0.05, 0.02), n)
    slow = 0.14 * np.sin(unit(area, 41) * 6.28) + 0.25 * (unit(t["fault"] * 64 + area, 42) - 0.5)
    hours = np.exp(np.log(24.5) + slow + 0.95 * draw.standard_normal(n))
    t["restored"] = t["reported"] + (np.clip(hours, 0.3, 400) * 3600).astype(np.int64)
    t["cancelled"] = draw.random(n) < 0.02
    t["incident"] = storm[area] & (draw.random(n) < 0.5)
    t["by_contact"] = draw.random(n) < 0.6
    t["owner"] = _owners(world, draw, day, n)
    world.cache[key] = t
    return t


def _owners(world: World, draw: np.random.Generator, day: int, n: int) -> Arr:
    """Fault agents and network specialists solve from afar."""
    roster = world.roster(day, "care")
    works = np.array([t.work for t in world.teams])[roster.team]
    pool = roster.pid[works == "care faults"]
    return pool[draw.integers(len(pool), size=n)] if len(pool) else np.full(n, -1)


def reports(world: World, day: int) -> Frame:
    """Tickets reported by a contact on a day: customer, fault, second, number of the ticket."""
    wanted = ("g", "area", "fault", "reported", "ticket")
    held = [take({k: r[k] for k in wanted}, r["by_contact"]) for r in [remote(world, day)]]
    for later in range(day, day + AHEAD + 1):
        t = visit_tickets(world, later)
        base = midnight(day, t["zone"])
        hit = t["by_contact"] & t["fresh"] & (t["reported"] >= base) & (t["reported"] < base + 86400)
        held.append(take({k: t[k] for k in wanted}, hit))
    return join(held)
