"""billing_adjustments, loyalty_offers, greeting_cards: credits, disputes, thank-yous."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.sample import cases, codes, field, signals, tickets
from data.sample.base import (
    DAY,
    Arr,
    Frame,
    as_date,
    day_no,
    join,
    local,
    logit_sd,
    pick,
    rng,
    size,
    take,
    unit,
    weekday,
)
from data.sample.cases import HOUR
from data.sample.out_cases import FIRST_CASE
from data.sample.world import World
from data.sample.writing import Content, Feed, column, lines, put, stamp, texts, words

TYPES = ("CRD", "DSP", "LAT")
REASONS = ("MAPT", "LREP", "3PRB", "CLAM", "GOOD", "DISP", "LPAY")
WORKING = np.array([2, 2, 2, 4, 4, 3, 2])  # days until two working days have passed, by weekday of the report
CODED = day_no(date(2026, 2, 1))
BILL_BACK = 50


def _owed(world: World, draw: np.random.Generator, g: Arr, broken: Arr, reason: int, ref: Arr, paid: float) -> Frame:
    """Credits for broken promises: most within 14 days without a claim, some only when asked, some never."""
    n = len(g)
    area = world.customers.area(g)
    p = world.shifted(np.full(n, paid), logit_sd(0.95, 0.03) * np.sin(area * 1.3 + 0.5))
    dice = draw.random(n)
    auto, claim = dice < p, (dice >= p) & (dice < p + (1 - p) * 0.5)
    days = np.where(auto, 1 + draw.random(n) ** 2 * 12, 10 + 25 * draw.random(n))
    keep = auto | claim
    c = {"g": g, "on": broken // DAY + days.astype(np.int64), "type": np.zeros(n, np.int64), "ref": ref}
    c["reason"] = np.where(auto, reason, 3)
    c["cents"] = np.array([2500, 900, 1500])[np.full(n, reason)] + draw.integers(0, 3, n) * 100
    return take(c, keep)


def bill_rows(world: World, day: int) -> Frame:
    """Adjustments that follow from promises broken on a day, and the ordinary ones of the day."""
    draw = rng(world.seed, "billing", day)
    v = field.visits(world, day)
    missed = take(v, np.isin(v["status"], (codes.NOSHOW, codes.COMP_CANCEL)))
    none = np.full(size(missed), -1)
    parts = [_owed(world, draw, missed["g"], missed["we"], 0, none, 0.985)]
    for t in (tickets.remote(world, day), tickets.visit_tickets(world, day)):
        begun = local(t["reported"], t["zone"]) // DAY
        allowed = begun + WORKING[weekday(begun)]
        late = (t["restored"] >= 0) & (local(t["restored"], t["zone"]) // DAY > allowed)
        none = np.full(int(late.sum()), -1)
        parts.append(_owed(world, draw, t["g"][late], (allowed[late] + 1) * DAY, 1, none, 0.985))
    c = cases.opened(world, day)
    often = c["problem"] & (unit(c["case"], 201) < 0.97)
    third = take(c, often)
    parts.append(_owed(world, draw, third["g"], third["opened"], 2, third["case"], 0.97))
    n = int(46_000 * tickets.scale(world))
    kind = np.array([0, 2])[pick(draw, (0.47, 0.53), n)]
    g = (unit(np.arange(n) + day * n, 202) * world.customers.size).astype(np.int64)
    poor = ~world.customers.pays(g)
    kind = np.where((kind == 2) & ~poor & (draw.random(n) < 0.7), 0, kind)
    plain = {"g": g, "on": np.full(n, day), "type": kind, "ref": np.full(n, -1), "reason": np.array([4, 5, 6])[kind]}
    plain["cents"] = draw.integers(100, 6000, n)
    angry = signals.disputes(world, day)
    row = np.full(len(angry), 1)
    dispute = {"g": angry, "on": row * day, "type": row, "ref": -row, "reason": row * 5, "cents": 900 + row}
    b = join([*parts, plain, dispute])
    m = size(b)
    b["seq"] = (day * 31 + np.arange(m)) % 10_000
    b["account"] = world.customers.ids(b["g"]) * 10 + 1 + (unit(b["g"], 203) < 0.2) * draw.integers(0, 2, m)
    b["sign"] = np.zeros(m, np.int64)
    undo = take(b, draw.random(m) < 0.006)
    undo |= {"sign": np.ones(size(undo), np.int64), "on": undo["on"] + 2}
    b = join([b, undo])
    b["at"] = deliver(draw, b["on"] * DAY + 12 * HOUR)
    return {k: v for k, v in b.items() if k != "g"}


def deliver(draw: np.random.Generator, at: Arr) -> Arr:
    """One in a hundred comes up to 30 days late."""
    late = draw.random(len(at)) < 0.01
    return np.asarray(at + np.where(late, (draw.random(len(at)) * 29).astype(np.int64) * DAY, 0))


OVERPUNCH = "{ABCDEFGHI", "}JKLMNOPQR"


def bill_write(world: World, rows: Frame, path: Path, day: int) -> None:
    """Fixed width, 120 bytes a line; the last figure of AMT may carry the sign of a punched card."""
    if not rows:
        return put(path, b"")
    rows = dict(rows)
    rows["on"] = rows["on"] * DAY
    rows["punched"] = rows["account"] % 11 == 0
    signs = f"CASE WHEN sign = 1 THEN '{OVERPUNCH[1]}' ELSE '{OVERPUNCH[0]}' END"
    last = f"CASE WHEN punched THEN substr({signs}, (cents % 10)::INTEGER + 1, 1) ELSE (cents % 10)::VARCHAR END"
    reason = "reason" if day >= CODED else "'9999'"
    fields = [
        "lpad(account::VARCHAR, 12, '0')", "lpad(seq::VARCHAR, 4, '0')", stamp('"on"', "%Y%m%d"), "type",
        f"lpad((cents // 10)::VARCHAR, 10, '0') || {last}", f"rpad({reason}, 4, ' ')",
        f"rpad(CASE WHEN ref >= 0 THEN ({FIRST_CASE} + ref)::VARCHAR ELSE '' END, 12, ' ')",
        "CASE WHEN sign = 1 THEN '-' ELSE '+' END", "repeat(' ', 65)",
    ]  # fmt: skip
    text = lines(rows, f"SELECT concat({', '.join(fields)}) FROM f", {"type": TYPES, "reason": REASONS})
    return put(path, "".join(x + "\n" for x in text))


KINDS = ("THANKS", "OFFER", "SALES")
CAMPAIGNS = ("TY_LOYAL", "TY_QUIET", "OFF_BONUS", "OFF_TV", "SALE_AUTUMN", "SALE_UPGRADE", "SALE_MOBILE")
STRING_IDS_UNTIL = day_no(date(2026, 4, 1))
THANKED = 0.66


def loyalty_rows(world: World, day: int) -> Frame:
    """Sends of a day. Every customer who is thanked at all has a day of the year for it; areas differ."""
    draw = rng(world.seed, "loyalty", day)
    step = np.arange(day % 365, world.customers.size, 365)
    g = (step * 48_271) % world.customers.size
    area = world.customers.area(g)
    good = world.customers.pays(g) & (world.customers.since(g) < day - 600)
    chance = THANKED + 0.16 * np.sin(area * 2.1)
    g = g[(unit(g, 211) < np.where(good, chance, chance * 0.25)) & ~world.customers.no_contact(g)]
    n = int((56_000 * tickets.scale(world) - len(g)) * world.thin)
    other = draw.integers(0, world.customers.size, max(n, 0))
    o: Frame = {"g": np.concatenate([g, other])}
    m = size(o)
    thanks = np.arange(m) < len(g)
    campaign = np.where(thanks, draw.integers(0, 2, m), 2 + pick(draw, (0.25, 0.2, 0.2, 0.2, 0.15), m))
    o["campaign"] = campaign
    kind = np.where(campaign < 2, 0, np.where(campaign < 4, 1, 2))
    o["kind"] = np.where((kind == 2) & (draw.random(m) < 0.08), 0, kind)
    o["channel"] = pick(draw, (0.6, 0.25, 0.15), m)
    o["sent"] = day * DAY + 5 * HOUR + draw.integers(0, 12 * HOUR, m)
    o["ok"] = draw.random(m) < 0.97
    o["opened"] = o["ok"] & (draw.random(m) < 0.4)
    o["cost"] = draw.integers(2, 300, m)
    o["send"] = (day - 18000) * 100_000 + np.arange(m)
    o["at"] = deliver(draw, o["sent"])
    return o


def loyalty_content(world: World, rows: Frame, day: int) -> Content:
    names = ("g", "campaign", "kind", "channel", "sent", "cost", "send")
    rows = rows or {**{k: np.zeros(0, np.int64) for k in names}, "ok": np.zeros(0, bool), "opened": np.zeros(0, bool)}
    ids = column(world.customers.ids(rows["g"]))
    cents = np.zeros((len(ids), 2), dtype=np.int64)  # decimals are 16-byte whole numbers of hundredths
    cents[:, 0] = rows["cost"]
    cost = pa.Array.from_buffers(pa.decimal128(9, 2), len(ids), [None, pa.py_buffer(cents)])
    made = pa.table(
        {
            "send_id": texts([f"L{i}" for i in rows["send"].tolist()]),
            "customer_id": ids.cast(pa.string()) if day < STRING_IDS_UNTIL else ids,
            "campaign": words(rows["campaign"], CAMPAIGNS).cast(pa.string()),
            "kind": words(rows["kind"], KINDS).cast(pa.string()),
            "channel": words(rows["channel"], ("EMAIL", "SMS", "POST")).cast(pa.string()),
            "sent_at": column(rows["sent"] * 1_000_000).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "delivered": column(rows["ok"]),
            "opened": column(rows["opened"]),
            "cost": cost,
        }
    )
    return Content(table=made)


DESIGNS = ("SUNRISE", "THANK_YOU", "SORRY", "WELCOME", "BIRTHDAY")


def cards(world: World, folder: Path, day: int) -> int:
    """The cards ordered on the day before, as one JSON array; sometimes the closing bracket is missing."""
    orders = []
    for first in (day - 1, day - 3):
        orders += _cards(world, first, posted=first == day - 3)
    text = "[\n" + ",\n".join(json.dumps(o, ensure_ascii=False) for o in orders)
    broken = unit(day, 221) < 0.04
    put(folder / f"cards_{as_date(day):%Y%m%d}.json", text + ("" if broken else "\n]\n"))
    return len(orders)


def _cards(world: World, day: int, posted: bool) -> list[dict[str, object]]:
    """Cards ordered on a day; those posted later come again with their posting date."""
    draw = rng(world.seed, "cards", day)
    staff = np.concatenate([world.roster(day, f).pid for f in ("field", "care", "specialist", "dispatch")])
    kind, _ = world.skill["kind"]
    chance = 0.24 * np.exp(0.8 * kind[staff] - 0.3)
    pid = staff[draw.random(len(staff)) < np.minimum(chance, 0.9) * (0.95 if len(staff) else 0)]
    n = len(pid)
    g = draw.integers(0, world.customers.size, n)
    when = local(day * DAY + 7 * HOUR + draw.integers(0, 11 * HOUR, n), np.ones(n, np.int64))
    fast = draw.random(n) < 0.6
    ids = world.customers.ids(g)
    private, twice, returned = draw.random(n) < 0.04, draw.random(n) < 0.01, draw.random(n) < 0.015
    found: list[dict[str, object]] = []
    for i in range(n):
        if posted and fast[i]:
            continue
        person = world.people[int(pid[i])]
        host = "freemail.example" if private[i] else "fernway.example"
        card = {
            "order_ref": f"GC{(day - 18000) * 4000 + i}",
            "ordered_at": str(np.datetime64(int(when[i]), "s")),
            "ordered_by": f"{person.login}@{host}",
            "customer_ref": str(int(ids[i])),
            "design": DESIGNS[int(g[i]) % 5],
            "message_len": int(20 + g[i] % 180),
            "posted_at": str(np.datetime64(int(when[i]) + (1 + (0 if fast[i] else 2)) * DAY, "s"))
            if fast[i] or posted
            else None,
            "returned": bool(returned[i]) and posted,
        }
        found += [card, card] if twice[i] and not posted else [card]
    return found


FEEDS = [
    Feed("billing_adjustments", "BILADJ.{day}.dat", bill_rows, write=bill_write, back=BILL_BACK, lag=1, named=1),
    Feed("loyalty_offers", "loyalty_{day}.parquet", loyalty_rows, loyalty_content, back=30, lag=1, named=1),
]
