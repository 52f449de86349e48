"""work_orders, install_orders, trouble_tickets: what jobs, orders and faults leave in their systems."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from data.sample import company, field, orders, tickets
from data.sample.base import DAY, NEVER, Arr, Frame, as_date, day_no, join, local, rng, size, take, unit
from data.sample.out_visits import HOUR, badges, known
from data.sample.world import World
from data.sample.writing import (
    Content,
    Feed,
    csv_row,
    deliver_late,
    json_row,
    lines,
    plain,
    put,
    put_lines,
    quoted,
    stamp,
)

CODES = ("DONE", "PART", "MORE", "NACC", "OUTN", "STG2", "DMGO", "NEWP")
WO_COLUMNS = (
    "WO_NO|LINE|ORD_NO|JOBTYPE|SVC_ID|ADDR_ID|TECH_ID|OPEN_DT|CLOSE_DT|CLOSE_CODE|FAULT_CODE|PARTS_USED"
    "|LINKED_WO|CONTRACTOR"
)
PARTS = (
    "RTR-AX55",
    "RTR-B20",
    "CBL-10M",
    "CBL-RJ2",
    "SPL-2W",
    "STB-4K",
    "LNC-88",
    "RTR-AX55;CBL-RJ2",
    "SPL-2W;CBL-10M",
    "STB-4K;CBL-RJ2",
)
NOTE = ("MISC:clips 4|6 mm", "NOTE:box left | neighbour", "MISC:drill|plug")
WIRE = "%Y%m%d%H%M"
SERVICE = "'SVC' || lpad(cid::VARCHAR, 9, '0') || lpad(line_of::VARCHAR, 2, '0')"


def jobs(world: World, day: int) -> Frame:
    """Closed visits (work orders) of a day with their close code; positions as in `known`."""
    key = ("jobs", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    v = known(world, day)
    closed = np.isin(v["status"], (field.DONE, field.ABSENT)) & (v["job"] != field.COLLECT)
    j = take(v, closed)
    u = unit(j["vid"], 91)
    code = np.select(
        [
            j["status"] == field.ABSENT,
            j["next"] == field.PART,
            j["next"] == field.MORE,
            j["fault"] == 7,
            j["next"] == field.STAGE2,
            j["back"] == field.NEWPROD,
            (j["back"] == field.AGAIN) & (u < 0.04),
        ],
        [3, 1, 2, 4, 5, 7, 6],
        0,
    )
    j["code"] = code
    j["own_order"] = (j["first"] - 18000) * 20000 + j["first_no"] + np.where(j["back"] == field.NEWPROD, 300_000_000, 0)
    return world.cache.setdefault(key, j)  # type: ignore[return-value]


def _first_vid(world: World, first: Arr, first_no: Arr) -> Arr:
    """vid of the visit at which a job began: its place in the route order of that day."""
    vid = np.full(len(first), -1, dtype=np.int64)
    for day in np.unique(first).tolist():
        v = field.visits(world, int(day))
        mine = np.flatnonzero((v["back"] == 0) & (v["first"] == day))
        at = np.full(int(v["first_no"][mine].max(initial=0)) + 1, -1, dtype=np.int64)
        at[v["first_no"][mine]] = v["vid"][mine]
        hit = first == day
        vid[hit] = at[np.minimum(first_no[hit], len(at) - 1)]
    return vid


def wo_rows(world: World, day: int) -> Frame:
    """Lines of the work orders of a day: the job's line, then a line a part or labour item."""
    j = jobs(world, day)
    draw = rng(world.seed, "wo", day)
    n = size(j)
    returns = np.isin(j["back"], (field.PART, field.MORE, field.AGAIN, field.STAGE2, field.REBOOK))
    linked = returns & (draw.random(n) < 0.61)
    earlier = np.full(n, -1, dtype=np.int64)
    earlier[linked] = _first_vid(world, j["first"][linked], j["first_no"][linked])
    extra = np.where(j["code"] == 3, 0, draw.poisson(1.15, n))
    row = np.repeat(np.arange(n), 1 + extra)
    w = {
        k: j[k][row]
        for k in ("vid", "job", "cid", "who", "zone", "fault", "code", "own_order", "created", "finish", "g")
    }
    w["line"] = np.arange(len(row)) - np.repeat(np.cumsum(1 + extra) - (1 + extra), 1 + extra) + 1
    w["earlier"] = earlier[row]
    m = len(row)
    w["parts"] = np.where((w["line"] > 1) & (draw.random(m) < 0.75), draw.integers(0, len(PARTS), m), -1)
    w["note"] = np.where(draw.random(m) < 0.004, draw.integers(0, len(NOTE), m), -1)
    w["line_of"] = 1 + world.customers.product(w["g"]) % 3
    opened = local(w["created"], w["zone"])
    closed = local(w["finish"], w["zone"])
    wrong = unit(w["vid"], 92) < 0.002
    w["opened"] = np.where(wrong, closed + 3 * HOUR, opened)
    w["closed"] = closed
    w["end24"] = unit(w["vid"], 93) < 0.005
    w["at"] = closed
    w["contractor"] = w["who"] < 0
    w["badge"], _ = badges(world, w["who"])
    return {k: v for k, v in w.items() if k not in ("who", "g", "zone", "created", "finish")}


def resends(world: World, day: int) -> int:
    """Days after the first delivery on which the day's file comes again (0 = never); a bad trailer: next day."""
    if bad_trailer(world, day):
        return 1
    return int(2 + unit(day, 95) * 9) if unit(day, 94) < 0.06 else 0


def bad_trailer(world: World, day: int) -> bool:
    """About twice a month the trailer's count is wrong."""
    return bool(unit(day * 3 + world.seed, 96) < 0.066)


def wo_text(world: World, rows: Frame, corrected: bool) -> list[str]:
    """The lines of one day's file."""
    if not rows:
        return []
    _, pool = badges(world, np.zeros(0, int))
    rows = rows | {"fix": np.full(size(rows), corrected)}
    pools = {
        "job": ("INS", "REP", "MOV"), "badge": pool, "code": CODES, "fault": field.FAULTS, "parts": PARTS, "note": NOTE,
    }  # fmt: skip
    number = "'WO' || lpad((1000000000 + {})::VARCHAR, 10, '0')"
    fields = [
        number.format("vid"),
        "line",
        "CASE WHEN job = 'INS' THEN 'O' || lpad(own_order::VARCHAR, 9, '0') END",
        "job",
        SERVICE,
        "'AD' || lpad(cid::VARCHAR, 10, '0')",
        "badge",
        f"CASE WHEN end24 THEN {stamp('opened', '%Y%m%d')} || '2400' ELSE {stamp('opened', WIRE)} END",
        stamp("closed", WIRE),
        "CASE WHEN fix AND vid % 211 = 0 AND code = 'DONE' THEN 'MORE' ELSE code END",
        "fault",
        "concat_ws(';', parts, note)",
        f"CASE WHEN earlier >= 0 THEN {number.format('earlier')} END",
        "CASE WHEN contractor THEN 'Y' ELSE 'N' END",
    ]
    return lines(rows, f"SELECT {csv_row(fields, '|')} FROM f", pools)


def wo_write(world: World, rows: Frame, path: Path, day: int) -> None:
    """The day's file with its trailer; resends of earlier days are written by the days on which they come."""
    text = wo_text(world, rows, corrected=False)
    count = len(text) + (3 if bad_trailer(world, day) else 0)
    put_lines(path, [*text, f"TRAILER|{count}"], WO_COLUMNS)
    for first in range(day - 10, day):
        if resends(world, first) == day - first:
            again = join([wo_rows(world, d) for d in (first - 1, first, first + 1)])
            again = take(again, again["at"] // DAY == first)
            again = take(again, np.argsort(again["at"], kind="stable"))
            text = wo_text(world, again, corrected=not bad_trailer(world, first))
            put_lines(path.with_name(f"WO_{as_date(first):%Y%m%d}_R1.txt"), [*text, f"TRAILER|{len(text)}"], WO_COLUMNS)


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
    part = there & (t["next"] == field.PART)
    more = there & (t["next"] == field.MORE)
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
    Feed("work_orders", "WO_{day}.txt", wo_rows, write=wo_write, back=1, ahead=1, lag=1),
    Feed("install_orders", "orders_{day}.xml", order_rows, write=order_write, back=8, ahead=15, lag=1),
    Feed(
        "trouble_tickets",
        "tickets_{day}.jsonl",
        ticket_rows,
        ticket_content,
        rhythm="quarter",
        back=22,
        ahead=6,
    ),
]
