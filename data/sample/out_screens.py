"""agent_desktop: what the agents' screens record: cards of customers, searches, approvals."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data.sample import contacts
from data.sample.base import Frame, pick, rng, size, take, unit
from data.sample.world import World
from data.sample.writing import Content, Feed, column, texts, words

SCREEN = ("CARD_OPEN", "CARD_CLOSE", "SEARCH", "APPROVAL_ASK", "APPROVAL_GIVEN")
RULES = (
    "CREDIT_GT_20",
    "CREDIT_GT_50",
    "REFUND",
    "EARLY_EXIT",
    "FREE_VISIT",
    "ADDR_CHANGE",
    "FRAUD_CHECK",
    "SAFETY_CHECK",
)


def desktop_rows(world: World, day: int) -> Frame:
    """Screen events of our own agents' contacts."""
    draw = rng(world.seed, "desktop", day)
    c = contacts.contacts(world, day)
    c = take(c, c["pid"] >= 0)
    n = size(c)
    begin = c["start"] + c["wait"]
    soon = begin + np.where(c["card"], draw.integers(2, 45, n), draw.integers(75, 240, n))
    shown = c["card"] | (draw.random(n) < 0.5)
    stay = np.maximum(8, (c["talk"] * 0.7).astype(np.int64))
    closes = shown & (draw.random(n) < 0.93)
    asks = c["approve"]
    parts = [
        (2, draw.random(n) < world.thin, begin + 1),
        (2, draw.random(n) < 0.75 * world.thin, begin + 20),
        (0, shown, soon),
        (1, closes, soon + stay),
        (2, draw.random(n) < 0.5 * world.thin, begin + c["talk"] // 2),
        (0, draw.random(n) < 0.35, begin + c["talk"] // 2 + 60),
        (1, draw.random(n) < 0.33, begin + c["talk"] // 2 + 120),
        (3, asks, begin + c["talk"] // 3 + 60),
        (4, asks & (draw.random(n) < 0.9), begin + c["talk"] // 3 + 240),
    ]
    row = np.concatenate([np.flatnonzero(hit) for _, hit, _ in parts])
    e = {k: c[k][row] for k in ("cid", "pid", "g", "channel")}
    e["event"] = np.concatenate([np.full(int(hit.sum()), kind) for kind, hit, _ in parts])
    e["ts"] = np.concatenate([at[hit] for _, hit, at in parts])
    m = len(row)
    order = np.lexsort((e["ts"], e["pid"]))
    e = take(e, order)
    edge = np.append(True, e["pid"][1:] != e["pid"][:-1]) if m else np.zeros(0, bool)
    begin_at = np.maximum.accumulate(np.where(edge, np.arange(m), 0))
    e["seq"] = (np.arange(m) - begin_at + 1).astype(np.int32)
    e["day"] = np.full(m, day)
    drift = ((unit(e["pid"] * 1000 + day % 1000, 175) - 0.5) * 12).astype(np.int64)
    e["load"] = np.clip(600 * np.exp(0.7 * draw.standard_normal(m)), 90, 30_000).astype(np.int32)
    busy = pick(draw, (0.27, 0.12, 0.2, 0.08, 0.13, 0.08, 0.08, 0.04), m)
    e["rule"] = np.where(e["event"] >= 3, busy, -1)
    e["noref"] = draw.random(m) < 0.09
    e["at"] = e["ts"] + 30
    e["ts"] = e["ts"] + drift
    return e


def desktop_content(world: World, rows: Frame, day: int) -> Content:
    rows = rows or {
        k: np.zeros(0, np.int64) for k in ("pid", "day", "seq", "ts", "event", "g", "cid", "channel", "load", "rule")
    }
    n = size(rows)
    login = world.login[rows["pid"]] if n else np.zeros(0, str)
    session = [f"{a}-{d}" for a, d in zip(login.tolist(), rows["day"].tolist(), strict=True)]
    letters = np.where(rows["channel"] == 0, "C", "M").tolist()
    blank = rows["noref"].tolist() if n else []
    ref = [None if b else f"{x}{i:010d}" for x, i, b in zip(letters, rows["cid"].tolist(), blank, strict=True)]
    made = pa.table(
        {
            "session_id": texts(session),
            "seq": column(rows["seq"].astype(np.int32)),
            "login": texts(login.tolist()),
            "ts": column(rows["ts"] * 1_000_000).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "event": words(rows["event"], SCREEN).cast(pa.string()),
            "customer_id": column(world.customers.ids(rows["g"])),
            "contact_ref": texts(ref),
            "load_ms": column(rows["load"].astype(np.int32)),
            "approval_rule": words(rows["rule"], RULES).cast(pa.string()),
        }
    )
    return Content(table=made)


FEEDS = [Feed("agent_desktop", "desktop_{day}.parquet", desktop_rows, desktop_content, rhythm="hour", back=1, ahead=1)]
