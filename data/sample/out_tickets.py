"""trouble_tickets: change images of the fault tickets."""

from __future__ import annotations

from datetime import date

import numpy as np

from data.sample import codes, field, tickets
from data.sample.base import DAY, NEVER, Arr, Frame, day_no, join, rng, size, unit
from data.sample.booking import HOUR, SERVICE, badges
from data.sample.world import World
from data.sample.writing import (
    Content,
    Feed,
    deliver_late,
    json_row,
    lines,
    plain,
    quoted,
    stamp,
)

SEVERITY_RENAMED = day_no(date(2026, 7, 1))


TICKET_STATES = ("ACKNOWLEDGED", "IN_PROGRESS", "PENDING", "HELD", "RESOLVED", "CLOSED", "CANCELLED")


HOLD = ("VISIT", "PART", "CUSTOMER")


def _image(
    t: Frame, hit: Arr, step: int, at: Arr, state: int, hold: int = -1, restored: bool = False, owner: Arr | None = None
) -> Frame:
    rows = {
        k: t[k][hit]
        for k in ("ticket", "g", "fault", "reported", "parent", "incident", "restored", "severity", "owner", "closed")
    }
    m = int(hit.sum())
    rows |= {"step": np.full(m, step), "changed": at[hit], "state": np.full(m, state), "hold": np.full(m, hold)}
    rows["restored"] = rows["restored"] if restored else np.full(m, NEVER)
    rows["closed"] = rows["closed"] if state == 5 else np.full(m, NEVER)
    rows["owner"] = np.full(m, -1) if owner is None else owner[hit]
    return rows


def ticket_rows(world: World, day: int) -> Frame:
    """Change images of the tickets behind a day's repair visits and of the remote ones reported that day."""
    draw = rng(world.seed, "ticket rows", day)
    t = dict(tickets.visit_tickets(world, day))
    n = size(t)
    t["owner"] = t["who"]
    t["severity"] = np.searchsorted([0.1, 0.45, 0.85], unit(t["ticket"], 97), side="right")
    t["closed"] = np.where(t["restored"] >= 0, t["restored"] + draw.integers(2 * HOUR, 30 * HOUR, n), NEVER)
    fresh, there = t["fresh"], t["arrive"] >= 0
    part = there & (t["next"] == codes.PART)
    more = there & (t["next"] == codes.MORE)
    solved, odd = t["solved"], draw.random(n) < 0.02
    soon = t["reported"] + draw.integers(60, 1800, n)
    planned = np.maximum(soon + 900, np.minimum(t["ws"] - 10 * HOUR, t["reported"] + 20 * HOUR))
    parts = [
        _image(t, fresh, 0, t["reported"], 0),
        _image(t, fresh, 1, soon, 1),
        _image(t, fresh, 2, soon + 900, 2, 0, restored=False),
        _image(t, fresh & solved & odd, 3, planned, 2, 0, restored=True),
        _image(t, fresh & ~(solved & odd), 3, planned, 2, 0),
        _image(t, there, 4, t["arrive"], 1, owner=t["owner"]),
        _image(t, part, 5, t["finish"], 3, 1, owner=t["owner"]),
        _image(t, more, 5, t["finish"], 2, 0, owner=t["owner"]),
        _image(t, there & ~solved & ~part & ~more, 5, t["finish"], 3, 2, owner=t["owner"]),
        _image(t, solved, 6, t["restored"] + 60, 4, restored=True, owner=t["owner"]),
        _image(t, solved, 7, t["closed"], 5, restored=True, owner=t["owner"]),
    ]
    r = dict(tickets.remote(world, day))
    m = size(r)
    r["parent"] = np.full(m, -1)
    r["severity"] = np.searchsorted([0.1, 0.45, 0.85], unit(r["ticket"], 97), side="right")
    r["closed"] = r["restored"] + draw.integers(2 * HOUR, 30 * HOUR, m)
    ok, soon, span = ~r["cancelled"], r["reported"] + draw.integers(60, 1800, m), r["restored"] - r["reported"]
    held = ok & (draw.random(m) < 0.3)
    odd = ok & (draw.random(m) < 0.02)
    parts += [
        _image(r, np.ones(m, bool), 0, r["reported"], 0),
        _image(r, ok, 1, soon, 1, owner=r["owner"]),
        _image(r, ok & (span > 4 * HOUR), 2, r["reported"] + span // 3, 2, 2, owner=r["owner"]),
        _image(r, odd, 3, r["reported"] + span // 2, 2, 2, restored=True, owner=r["owner"]),
        _image(r, held, 3, r["reported"] + span // 2, 3, 2, owner=r["owner"]),
        _image(r, ok, 4, r["reported"] + span * 2 // 3, 1, owner=r["owner"]),
        _image(r, ok, 6, r["restored"] + 60, 4, restored=True, owner=r["owner"]),
        _image(r, ok, 7, r["closed"], 5, restored=True, owner=r["owner"]),
        _image(r, ~ok, 5, soon + 3 * HOUR, 6),
    ]
    rows = join(parts)
    count = size(rows)
    rows["cid"] = world.customers.ids(rows["g"])
    rows["line_of"] = 1 + world.customers.product(rows["g"]) % 3
    rows["incident"] = np.where(rows["incident"], rows["reported"] // DAY, -1)
    rows["ms"] = rows["changed"] * 1000 + (unit(rows["ticket"] * 8 + rows["step"], 98) * 1000).astype(np.int64)
    rows["at"] = deliver_late(draw, rows["changed"] + draw.integers(0, 4, count), 0.02, 2 * DAY)
    early = (draw.random(count) < 0.01) & (rows["step"] > 0)
    rows["at"] = np.where(early, rows["at"] - 1, rows["at"])
    staff = rows["owner"] >= 0
    partner = rows["owner"] <= -10
    badge, _ = badges(world, np.where(partner, rows["owner"], 0))
    rows["owner"] = np.where(staff, rows["owner"], np.where(partner, badge, -1))
    return {k: v for k, v in rows.items() if k not in ("g", "changed")}


def ticket_content(world: World, rows: Frame, day: int) -> Content:
    """One change a line, with the images before and after."""
    if not rows:
        return Content()
    rows = dict(rows)
    _, pool = badges(world, np.zeros(0, int))
    logins = [*world.login, *pool[len(world.badge) :]]
    rows["was"] = np.where(rows["step"] == 0, -1, np.select([rows["step"] <= 1, rows["step"] == 7], [0, 4], 1))
    letter = "S" if day >= SEVERITY_RENAMED else "P"
    iso = "%Y-%m-%dT%H:%M:%SZ"
    number = "'TT' || lpad({}::VARCHAR, 11, '0')"
    parent = f"CASE WHEN incident >= 0 THEN 'MI-' || incident WHEN parent >= 0 THEN {number.format('parent')} END"
    after = {
        "ticket_id": quoted(number.format("ticket")),
        "service_id": quoted(SERVICE),
        "severity": quoted(f"'{letter}' || (severity + 1)"),
        "status": quoted("state"),
        "reported_at": quoted(stamp("reported", iso)),
        "restored_at": quoted(stamp("restored", iso)),
        "closed_at": quoted(stamp("closed", iso)),
        "hold_reason": quoted("hold"),
        "fault_code": quoted("fault"),
        "parent_id": quoted(parent),
        "owner_login": quoted("owner"),
    }
    empty = dict.fromkeys(("restored_at", "closed_at", "hold_reason", "owner_login"), "'null'")
    before = after | {"status": quoted("was")} | empty
    fields = {
        "op": quoted("CASE WHEN step = 0 THEN 'c' ELSE 'u' END"),
        "ts_ms": plain("ms"),
        "before": f"CASE WHEN step = 0 THEN 'null' ELSE {json_row(before)} END",
        "after": json_row(after),
    }
    pools = {"state": TICKET_STATES, "was": TICKET_STATES, "hold": HOLD, "fault": field.FAULTS, "owner": logins}
    return Content(rows=lines(rows, f"SELECT {json_row(fields)} FROM f", pools))


FEEDS = [
    Feed(
        "trouble_tickets",
        "tickets_{day}.jsonl",
        ticket_rows,
        ticket_content,
        rhythm="quarter",
        back=22,
        ahead=6,
    )
]
