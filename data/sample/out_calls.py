"""acd_calls: the segments of every call."""

from __future__ import annotations

from datetime import date

import numpy as np

from data.sample import contacts, issues, promises, signals
from data.sample.base import NEVER, Arr, Frame, day_no, join, local, rng, size, take, unit
from data.sample.world import World
from data.sample.writing import Content, Feed, csv_row, lines, stamp

QUEUES = ("IVR", *issues.QUEUES)
NEW_ORDER = day_no(date(2026, 6, 15))
OLD_COLUMNS = (
    "call_id",
    "segment_no",
    "site",
    "queue",
    "agent_login",
    "customer_id",
    "ani_hash",
    "direction",
    "queued_at",
    "answered_at",
    "ended_at",
    "talk_s",
    "hold_s",
    "wrap_s",
    "transfer_kind",
    "transfer_to",
    "ended_by",
    "reason_code",
)
COLUMNS = (
    "call_id",
    "segment_no",
    "queue",
    "site",
    "agent_login",
    "queued_at",
    "answered_at",
    "ended_at",
    "talk_s",
    "hold_s",
    "wrap_s",
    "transfer_to",
    "transfer_kind",
    "ended_by",
    "ani_hash",
    "customer_id",
    "direction",
    "reason_code",
)


def sites(world: World) -> list[str]:
    """Codes of the care sites, then of the partners'."""
    return [s[0] for s in world.sites] + ["PS1", "PS2"]


def site_of(world: World, pid: Arr, team: Arr) -> Arr:
    """Position in `sites`; specialists sit at Capital Care (or the last site there is)."""
    codes = [s[0] for s in world.sites]
    home = codes.index("CCAP") if "CCAP" in codes else 0
    own = np.where(world.team_site[np.maximum(team, 0)] >= 0, world.team_site[np.maximum(team, 0)], home)
    return np.where(team >= 0, own, len(codes) + np.clip(-pid // issues.FAR - 1, 0, 1))


def logins(world: World, pid: Arr) -> tuple[Arr, list[str]]:
    """Codes and pool of logins; partners' are P-<site><three figures>; -1 = nobody."""
    partner = np.where(pid <= -issues.FAR, np.clip(-pid // issues.FAR - 1, 0, 1) * 1000 + (-pid) % issues.FAR % 1000, 0)
    pool = [*world.login, *(f"P-{1 + i // 1000}{i % 1000:03d}" for i in range(2000))]
    return np.where(pid >= 0, pid, np.where(pid <= -issues.FAR, len(world.login) + partner, -1)), pool


def _empty(n: int) -> Frame:
    none = np.full(n, NEVER)
    zero = np.zeros(n, dtype=np.int64)
    return {
        "queue": zero,
        "agent": none,
        "answered": none,
        "talk": zero,
        "hold": zero,
        "wrap": zero,
        "to": none,
        "kind": zero + 2,
        "by": zero,
        "reason": none,
        "out": zero,
    }


def acd_rows(world: World, day: int) -> Frame:
    """Segments of the calls that began on a site-local day."""
    draw = rng(world.seed, "acd", day)
    c = contacts.contacts(world, day)
    c = take(c, c["channel"] == 0)
    c["site"] = site_of(world, c["pid"], c["team"])
    n = size(c)
    menu = draw.integers(12, 110, n)
    base = {k: c[k] for k in ("cid", "site", "zone", "g")}
    first = (
        base
        | _empty(n)
        | {"seg": np.ones(n, np.int64), "queued": c["start"] - menu, "ended": c["start"], "by": np.full(n, 2)}
    )
    first["answered"] = first["queued"]
    answered = c["start"] + c["wait"]
    code, _ = logins(world, c["pid"])
    coded = draw.random(n) < np.where(c["pid"] >= 0, 0.9, 0.84) * contacts.heard(c["cid"])
    passed = c["transfer"] > 0
    talk = (
        base
        | _empty(n)
        | {
            "seg": np.full(n, 2),
            "queue": c["queue"] + 1,
            "agent": code,
            "queued": c["start"],
            "answered": answered,
            "ended": answered + c["talk"] + c["hold"],
            "talk": c["talk"],
            "hold": c["hold"],
            "wrap": c["wrap"],
            "to": np.where(passed, c["to"] + 1, -1),
            "kind": np.where(c["transfer"] == 2, 1, np.where(passed, 0, 2)),
            "by": np.where(passed, 1, np.searchsorted([0.62, 0.97], draw.random(n), side="right")),
            "reason": np.where(coded, c["reason"], -1),
        }
    )
    t = take(c | {"ended": talk["ended"], "coded": coded}, passed)
    m = size(t)
    second, _ = logins(world, t["second"])
    lost = draw.random(m) < 0.04
    wait = np.where(t["transfer"] == 2, 8, draw.exponential(55, m)).astype(np.int64) + 2
    length = np.clip(260 * np.exp(0.7 * draw.standard_normal(m)), 15, 4000).astype(np.int64)
    got = np.where(lost, NEVER, t["ended"] + wait)
    third = (
        {k: t[k] for k in base}
        | _empty(m)
        | {
            "seg": np.full(m, 3),
            "queue": t["to"] + 1,
            "agent": np.where(lost, -1, second),
            "queued": t["ended"],
            "answered": got,
            "ended": np.where(lost, t["ended"] + wait, got + length),
            "talk": np.where(lost, 0, length),
            "wrap": np.where(lost, 0, draw.integers(5, 120, m)),
            "reason": np.where(lost | ~t["coded"], -1, t["reason"]),
        }
    )
    rows = join([first, talk, third, *_unserved(world, day), _outbound(world, day)])
    return _dirt(world, rows, draw)


def _unserved(world: World, day: int) -> list[Frame]:
    u = contacts.unserved(world, day)
    u["site"] = site_of(world, np.where(u["team"] >= 0, 0, -issues.FAR - u["cid"] % 2 * issues.FAR), u["team"])
    n = size(u)
    base = {k: u[k] for k in ("cid", "site", "zone", "g")}
    alone = u["kind"] == 0
    one = base | _empty(n) | {"seg": np.ones(n, np.int64), "queued": u["start"] - u["menu"], "ended": u["start"]}
    one |= {"answered": one["queued"], "by": np.where(alone, 0, 2)}
    q = take(u, ~alone)
    m = size(q)
    two = {k: q[k] for k in base} | _empty(m) | {"seg": np.full(m, 2), "queue": q["queue"] + 1, "queued": q["start"]}
    two |= {
        "ended": q["start"] + q["wait"],
        "by": np.where(q["kind"] == 2, 2, 0),
        "to": np.where(q["kind"] == 2, len(QUEUES), -1),
    }
    return [one, two]


def _outbound(world: World, day: int) -> Frame:
    """Calls to customers: promised call-backs, and calls after signs of being unhappy."""
    names = ("cid", "pid", "team", "zone", "g", "queue", "start", "reached", "talk", "reason")
    calls = [promises.callbacks(world, day), signals.followups(world, day), _chosen(world, day)]
    p = join([{k: c[k] for k in names} for c in calls if c])
    n = size(p)
    if not n:
        return {}
    code, _ = logins(world, p["pid"])
    out = _empty(n) | {
        "seg": np.ones(n, np.int64),
        "cid": p["cid"],
        "site": site_of(world, p["pid"], p["team"]),
        "zone": p["zone"],
        "g": p["g"],
    }
    out |= {
        "queue": p["queue"] + 1,
        "agent": code,
        "queued": p["start"],
        "answered": np.where(p["reached"], p["start"] + 14, NEVER),
    }
    out |= {
        "talk": np.where(p["reached"], p["talk"], 0),
        "ended": p["start"] + 14 + np.where(p["reached"], p["talk"], 20),
        "out": np.ones(n, np.int64),
    }
    out |= {"by": np.ones(n, np.int64), "reason": p["reason"], "wrap": np.full(n, 15)}
    return {k: out[k] for k in ("cid", "site", "zone", "g", *_empty(0), "seg", "queued", "ended")}


def _chosen(world: World, day: int) -> Frame:
    """Call-backs that callers chose in the queue: most come within hours, by somebody of the same queue."""
    u = contacts.unserved(world, day)
    draw, crew = rng(world.seed, "chosen", day), issues.crew(world, day)
    u = take(u, (u["kind"] == 2) & (draw.random(size(u)) < 0.88))
    n = size(u)
    if not n or not size(crew):
        return {}
    row = draw.integers(size(crew), size=n)
    c: Frame = {k: u[k] for k in ("g", "queue", "zone")}
    c |= {
        "pid": crew["pid"][row],
        "team": crew["team"][row],
        "cid": (day - 18000) * 200_000 + 160_000 + np.arange(n) % 12_000,
    }
    c["start"] = u["start"] + u["wait"] + draw.integers(900, 3 * 3600, n)
    c["reached"], c["reason"] = draw.random(n) < 0.95, np.full(n, 12)
    c["talk"] = np.clip(200 * np.exp(0.6 * draw.standard_normal(n)), 25, 1500).astype(np.int64)
    return c


def _dirt(world: World, rows: Frame, draw: np.random.Generator) -> Frame:
    n = size(rows)
    agent = rows["agent"] >= 0
    rows["wrap"] = np.where(agent & (draw.random(n) < 0.003), 9999, rows["wrap"])
    rows["upper"] = draw.random(n) < 0.03
    rows["blank"] = (unit(rows["cid"], 121) < 0.22) & (rows["out"] == 0)  # whom we call we know
    rows["at"] = rows["ended"] + 20 + np.where(draw.random(n) < 0.015, 3600, 0)
    slow = np.flatnonzero(agent & (draw.random(n) < 0.015))
    again = take(rows, slow)
    again["at"] = again["at"] + 3600
    rows["wrap"][slow] = 0
    double = np.flatnonzero(draw.random(n) < 0.008)
    rows = join([rows, again, take(rows, double)])
    rows["cust"] = world.customers.ids(rows["g"])
    rows["ani"] = world.customers.ani(rows["g"])
    return {k: v for k, v in rows.items() if k != "g"}


def acd_content(world: World, rows: Frame, day: int) -> Content:
    """CSV with header; wall clock of the site; two sites write decimal commas."""
    columns = COLUMNS if day >= NEW_ORDER else OLD_COLUMNS
    if not rows:
        return Content(",".join(columns))
    rows = dict(rows)
    for name in ("queued", "answered", "ended"):
        rows[name] = local(rows[name], rows["zone"])
    wall = "%Y-%m-%d %H:%M:%S"
    text = {
        "call_id": "'C' || lpad(cid::VARCHAR, 10, '0')",
        "segment_no": "seg",
        "queue": "queue",
        "site": "site",
        "agent_login": "CASE WHEN upper THEN upper(agent) ELSE agent END",
        "queued_at": stamp("queued", wall),
        "answered_at": stamp("answered", wall),
        "ended_at": stamp("ended", wall),
        "talk_s": """CASE WHEN site IN ('PCCOR', 'HNOM') THEN '"' || talk || ',0"' ELSE talk::VARCHAR END""",
        "hold_s": "hold",
        "wrap_s": "wrap",
        "transfer_to": '"to"',
        "transfer_kind": "kind",
        "ended_by": '"by"',
        "ani_hash": "lpad(lower(to_hex(ani)), 12, '0')",
        "customer_id": "CASE WHEN NOT blank THEN cust END",
        "direction": "CASE WHEN out = 1 THEN 'OUT' ELSE 'IN' END",
        "reason_code": "reason",
    }
    _, pool = logins(world, np.zeros(0, int))
    pools = {
        "queue": QUEUES,
        "site": sites(world),
        "agent": pool,
        "to": (*QUEUES, "CALLBACK"),
        "kind": ("COLD", "WARM", "NONE"),
        "by": ("CUSTOMER", "AGENT", "SYSTEM"),
        "reason": issues.REASONS,
    }
    return Content(",".join(columns), lines(rows, f"SELECT {csv_row([text[c] for c in columns])} FROM f", pools))


FEEDS = [Feed("acd_calls", "acd_{day}.csv", acd_rows, acd_content, rhythm="hour", back=1, ahead=1)]
