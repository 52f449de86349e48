"""First contacts about an issue: who takes them, what they are about, whether they end it.

`firsts(world, day)` is one level deep: what follows (a repeat, a case) is drawn with the first contact.
Channels: 0 call, 1 chat, 2 app, 3 whatsapp, 4 social, 5 e-mail.
"""

from __future__ import annotations

import numpy as np

from data.sample import codes, company, field, tickets
from data.sample.base import Arr, Frame, join, logit_sd, midnight, pick, rng, size, take, unit, weekday
from data.sample.world import World

REASONS = (
    "NSIG",
    "SLOW",
    "TVTR",
    "PHON",
    "BHGH",
    "BQUE",
    "PAYM",
    "APPT",
    "NORD",
    "MOVE",
    "LEAV",
    "SALE",
    "OTHR",
    "WRNG",
    "TRNG",
)


QUEUES = (
    "Q_FAULTS",
    "Q_BILLING",
    "Q_MOVES",
    "Q_MSG",
    "Q_CASES",
    "Q_NETWORK",
    "Q_BILLSPEC",
    "Q_COMPLAINTS",
    "Q_LOYALTY",
    "Q_ACCESS",
)


WORKS = (
    "care faults",
    "care billing",
    "care moves and orders",
    "care messaging",
    "care cases",
    "specialist desk: network specialists",
    "specialist desk: bill specialists",
    "specialist desk: complaint care",
    "specialist desk: keep-customers desk",
    "specialist desk: accessibility and vulnerable customers",
)
# chances of the reasons by queue, in the order of REASONS


MENU = np.array(
    [
        [28, 28, 14, 9, 0.5, 1, 0.5, 10, 0, 0, 1, 1, 5, 1.5, 0.5],
        [0.5, 0.5, 0.5, 0, 33, 29, 22, 1, 1, 1, 5, 1, 3, 1.5, 0.5],
        [1, 1, 0, 0, 1, 2, 1, 14, 38, 28, 3, 7, 3, 1.5, 0.5],
        [13, 14, 8, 4, 13, 14, 9, 8, 6, 4, 3, 3, 5, 0.5, 0],
        [18, 20, 9, 5, 20, 6, 4, 10, 2, 3, 5, 0, 8, 0, 0],
        [35, 35, 12, 10, 0, 0, 0, 3, 0, 0, 2, 0, 3, 0, 0],
        [0, 0, 0, 0, 45, 25, 20, 0, 0, 0, 5, 0, 5, 0, 0],
        [12, 14, 6, 4, 20, 6, 4, 14, 3, 3, 8, 0, 6, 0, 0],
        [2, 3, 1, 1, 15, 5, 3, 1, 1, 4, 62, 1, 2, 0, 0],
        [20, 15, 10, 12, 10, 8, 6, 8, 3, 3, 1, 0, 4, 0, 0],
    ]
)


FAULT_REASON = np.array([0, 1, 0, 3, 1, 2, 3, 0])  # fault of the ticket -> reason


LOAD = np.array([49, 49, 46, 50, 28, 26, 28, 24, 28, 30])  # contacts a full-time agent and day


FIRST_SHARE = 0.735


BACK = 16


FAR = 1_000_000  # partner agents are -(site + 1) * FAR - number


def volume(world: World) -> tuple[float, float]:
    """Partners' calls for each of our own, calls without a person for each with one (the demo keeps itself small)."""
    return (1.1, 0.62) if world.which == "full" else (0.4, 0.15)


def crew(world: World, day: int) -> Frame:
    """Everyone who answers customers on a day: pid, team, queue (position in QUEUES), contacts planned."""
    rosters = [world.roster(day, family) for family in ("care", "specialist")]
    pid = np.concatenate([r.pid for r in rosters])
    team = np.concatenate([r.team for r in rosters])
    queue = np.array([WORKS.index(t.work) if t.work in WORKS else -1 for t in world.teams])[team]
    draw = rng(world.seed, "care crew", day)
    fte = np.array([p.fte for p in world.people])[pid]
    rate = LOAD[queue] * np.maximum(fte, 0.5) * (1.18, 1.0, 0.98, 0.97, 0.98, 0.9, 0.72)[int(weekday(day))]
    return {"pid": pid, "team": team, "queue": queue, "count": draw.poisson(rate)}


def starts(world: World, draw: np.random.Generator, day: int, zone: Arr) -> Arr:
    """Seconds of the day: busiest 17-19, some late evening."""
    n = len(zone)
    early = 8 * 3600 + 36000 * draw.beta(1.6, 1.7, n)
    late = 17 * 3600 + 7200 * draw.random(n)
    night = 19 * 3600 + 3.5 * 3600 * draw.random(n)
    dice = draw.random(n)
    return np.asarray(
        midnight(day, zone) + np.where(dice < 0.66, early, np.where(dice < 0.9, late, night)).astype(np.int64)
    )


def firsts(world: World, day: int) -> Frame:
    """First contacts about an issue on a day."""
    key = ("firsts", day)
    if key not in world.cache:
        world.cache[key] = _firsts(world, day)
    return world.cache[key]  # type: ignore[return-value]


def _slots(world: World, day: int, draw: np.random.Generator) -> Frame:
    """One row a first contact with who takes it: our agents and, for their calls, partners."""
    c = crew(world, day)
    take_first = draw.binomial(c["count"], FIRST_SHARE)
    row = np.repeat(np.arange(size(c)), take_first)
    own = {"pid": c["pid"][row], "team": c["team"][row], "queue": c["queue"][row]}
    calls = int((own["queue"] < 3).sum() * volume(world)[0])
    site = pick(draw, (0.6, 0.4), calls)
    number = -(site + 1) * FAR - (draw.random(calls) * (260, 180)[0] * tickets.scale(world)).astype(np.int64) - 1
    partner = {"pid": number, "team": np.full(calls, -1), "queue": pick(draw, (0.5, 0.32, 0.18), calls)}
    return join([own, partner])


def zone_of(world: World, f: Frame) -> Arr:
    """Zone of the site that answers; partner sites use Central's clock."""
    return np.where(f["team"] >= 0, world.team_zone[f["team"]], company.ZONES["Central"])


def _firsts(world: World, day: int) -> Frame:
    draw = rng(world.seed, "firsts", day)
    f = _slots(world, day, draw)
    n = size(f)
    order = draw.permutation(n)
    f = take(f, order)
    f["reason"] = np.zeros(n, dtype=np.int64)
    for queue in range(len(QUEUES)):
        hit = f["queue"] == queue
        f["reason"][hit] = pick(draw, MENU[queue], int(hit.sum()))
    f["start"] = starts(world, draw, day, zone_of(world, f))
    f["g"] = np.full(n, -1, dtype=np.int64)
    f["ticket"] = np.full(n, -1, dtype=np.int64)
    f["visit"] = np.full(n, -1, dtype=np.int64)
    _link_tickets(world, f, day, draw)
    _link_visits(world, f, day, draw)
    _link_rest(world, f, day, draw)
    f["day"] = np.full(n, day)
    f["no"] = np.arange(n, dtype=np.int64)
    f["issue"] = (day - 18000) * 200_000 + f["no"]
    f["repeat"] = np.zeros(n, dtype=np.int64)
    f["channel"] = np.where(f["queue"] == 3, 1 + pick(draw, (0.4, 0.2, 0.24, 0.06, 0.1), n), 0)
    _solve(world, f, draw)
    return f


def _link_tickets(world: World, f: Frame, day: int, draw: np.random.Generator) -> None:
    """Fault reports of the day are first contacts of the faults queue."""
    reports = tickets.reports(world, day)
    seats = np.flatnonzero(((f["queue"] == 0) | (f["queue"] == 3)) & (f["reason"] <= 3))
    count = min(len(seats), size(reports))
    rows = draw.permutation(size(reports))[:count]
    at = seats[:count]
    f["g"][at] = reports["g"][rows]
    f["ticket"][at] = reports["ticket"][rows]
    f["reason"][at] = FAULT_REASON[reports["fault"][rows]]
    f["start"][at] = reports["reported"][rows] - 240


def _link_visits(world: World, f: Frame, day: int, draw: np.random.Generator) -> None:
    """Some customers who wait for a late or missed visit ask where it is."""
    v = field.visits(world, day)
    wait = (v["arrive"] - v["we"] > 900) | (v["status"] == codes.NOSHOW)
    rows = draw.permutation(np.flatnonzero(wait & (draw.random(size(v)) < 0.35)))
    seats = np.flatnonzero((f["reason"] == 7) & (f["g"] < 0))
    count = min(len(seats), len(rows))
    f["g"][seats[:count]] = v["g"][rows[:count]]
    f["visit"][seats[:count]] = v["vid"][rows[:count]]
    f["start"][seats[:count]] = v["we"][rows[:count]] + draw.integers(120, 2400, count)


def _link_rest(world: World, f: Frame, day: int, draw: np.random.Generator) -> None:
    rest = np.flatnonzero(f["g"] < 0)
    area = pick(draw, world.customers.share, len(rest))
    _chronic(world, f, rest, area, day)
    area, rest = area[f["g"][rest] < 0], rest[f["g"][rest] < 0]
    for a in range(len(world.places)):
        hit = rest[area == a]
        f["g"][hit] = world.customers.draw(draw, a, day % 8, 8, len(hit), 0.35)


CHRONIC = 0.045


def _chronic(world: World, f: Frame, rest: Arr, area: Arr, day: int) -> None:
    """Some households have the same trouble again and again: small pools by area, reason and quarter of a year."""
    block = day // 90
    reason = f["reason"][rest]
    hot = 0.5 + 1.5 * unit(area * 64 + reason, 45)  # some troubles keep coming back in some places
    hit = (reason < 5) & (unit(f["start"][rest] * 7 + np.arange(len(rest)), 46) < CHRONIC * 2.2 * hot)
    start, span = world.customers.start[area[hit]], np.diff(world.customers.start)[area[hit]]
    pool = np.maximum(2, 90 * len(rest) * CHRONIC * world.customers.share[area[hit]] / 5 / 2.4).astype(np.int64)
    member = (unit(f["start"][rest][hit], 47) * pool).astype(np.int64)
    spot = unit((block * 32 + reason[hit]) * 100_000 + member, 48)
    f["g"][rest[hit]] = start + (spot * span).astype(np.int64)


HARD = np.array([-0.15, -0.3, -0.1, -0.1, 0.0, 0.2, 0.3, -0.1, 0.1, 0.0, -0.2, 0.6, 0.0, 1.5, 2.0])


def _solve(world: World, f: Frame, draw: np.random.Generator) -> None:
    """Whether it was solved; if not, when and how the customer comes back (0 = not; seconds after)."""
    n = size(f)
    shift = world.effect("fcr", f["pid"], f["team"], logit_sd(0.72, 0.06), logit_sd(0.72, 0.035))
    shift = shift + HARD[f["reason"]] + np.where(f["pid"] < 0, -0.15, 0.0) - np.log(company.better(f["day"]))
    f["solved"] = draw.random(n) < world.shifted(np.full(n, 0.735), shift)
    back = ~f["solved"] & (draw.random(n) < 0.95)
    days = np.minimum(6, draw.exponential(1.9, n).astype(np.int64))
    same = days == 0
    f["again"] = np.where(back, np.where(same, 0, days), -1)
    f["again_second"] = (9 * 3600 + draw.random(n) * 11.5 * 3600).astype(np.int64)
    f["again_call"] = draw.random(n) < 0.78
    more = back & (draw.random(n) < 0.22)
    f["third"] = np.where(more, f["again"] + 1 + (draw.random(n) * 4).astype(np.int64), -1)
    late = f["solved"] & (draw.random(n) < 0.02)
    f["again"] = np.where(late, 8 + (draw.random(n) * 7).astype(np.int64), f["again"])
