"""ivr_log, messaging, agent_desktop: what the menu, the messenger and the agents' screens record."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data.sample import contacts, issues, out_calls, tickets
from data.sample.base import DAY, Arr, Frame, mix, pick, rng, size, take, unit
from data.sample.cases import HOUR
from data.sample.world import World
from data.sample.writing import Content, Feed, column, csv_row, json_row, lines, quoted, stamp, texts, words

NODES = ("WELCOME", "LANGUAGE", "MAIN_MENU", "FAULTS", "BILLS", "ORDERS", "BALANCE", "LINE_CHECK", "ASK_PERSON")
OUTCOMES = ("SELF_SOLVED", "TO_QUEUE", "HANGUP", "CALLBACK")
IVR_HEAD = "session_id|step|ts|node|input|outcome|ani_hash|lang"
BEGS = 0.06
"""Share of those hanging up in the menu who asked it for a person before."""
TEST_NUMBERS = ("000000000001", "000000000002", "000000000003", "000000000004")


def ivr_rows(world: World, day: int) -> Frame:
    """Menu steps of the calls of a day; the menu does not know the call's id, only the number's hash."""
    draw = rng(world.seed, "ivr", day)
    c = contacts.contacts(world, day)
    c = take(c, c["channel"] == 0)
    u = contacts.unserved(world, day)
    n, m = size(c), size(u)
    person = np.concatenate([np.ones(n, bool), u["kind"] > 0])
    s: Frame = {"cid": np.concatenate([c["cid"], u["cid"]]), "g": np.concatenate([c["g"], u["g"]])}
    s["end"] = np.concatenate([c["start"], u["start"]])
    s["menu"] = np.concatenate([draw.integers(12, 110, n), u["menu"]])
    alone = np.where(draw.random(m) < 0.72, 0, 2)
    s["out"] = np.concatenate([np.ones(n, np.int64), np.where(u["kind"] == 2, 3, np.where(u["kind"] == 1, 1, alone))])
    s["queue"] = np.concatenate([c["queue"], u["queue"]])
    s["person"] = person
    # who asks the menu for a person, is sent back to its beginning and hangs up
    s["begs"] = (s["out"] == 2) & (unit(s["cid"], 176) < BEGS)
    keep = (draw.random(n + m) < world.thin) | s["begs"]
    s = take(s, keep)
    count = np.where(s["person"], 3, 2 + (draw.random(size(s)) < 0.55)) - (draw.random(size(s)) < 0.15)
    count = np.where(s["begs"], 3, count)
    row = np.repeat(np.arange(size(s)), count)
    k = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    e = {name: s[name][row] for name in ("cid", "g", "out", "queue", "person", "begs", "end", "menu")}
    last = k == count[row] - 1
    branch = np.array([3, 4, 5])[np.minimum(e["queue"], 2)]
    e["node"] = np.where(last, np.where(e["person"], 8, np.where(e["cid"] % 2 == 0, 6, 7)), np.where(k == 0, 0, branch))
    e["node"] = np.where(e["begs"] & (k == 1), 8, np.where(e["begs"] & last, 2, e["node"]))
    e["out"] = np.where(last, e["out"], -1)
    e["step"] = k + 1
    e["ts"] = (e["end"] - e["menu"]) * 1000 + (e["menu"] * 1000 * (k + 1) // np.maximum(count[row], 1))
    e["input"] = np.where(k == 0, -1, 1 + (e["cid"] + k) % 5)
    e["lang"] = world.customers.language(e["g"])
    e["ani"] = world.customers.ani(e["g"])
    e["seconds"] = e["cid"] % 10 == 3
    e["test"] = np.where(unit(e["cid"], 171) < 0.002, e["cid"] % 4, -1)
    cut = (e["ts"] // 1000 // DAY != (e["end"] - e["menu"]) // DAY) & (e["step"] > 1)
    e["cut"] = cut
    e["at"] = e["ts"] // 1000 + 60
    return {k: v for k, v in e.items() if k not in ("g", "queue", "person", "begs", "end", "menu")}


def ivr_content(world: World, rows: Frame, day: int) -> Content:
    if not rows:
        return Content(IVR_HEAD)
    fields = [
        "'I' || cid || CASE WHEN cut THEN 'B' ELSE '' END",
        "step",
        "CASE WHEN seconds THEN ts // 1000 ELSE ts END",
        "node",
        "CASE WHEN input >= 0 THEN input END",
        "out",
        "CASE WHEN test IS NULL THEN lpad(lower(to_hex(ani)), 12, '0') ELSE test END",
        "lang",
    ]
    pools = {"node": NODES, "out": OUTCOMES, "test": TEST_NUMBERS, "lang": ("en", "de", "pt", "el")}
    return Content(IVR_HEAD, lines(rows, f"SELECT {csv_row(fields, '|')} FROM f", pools))


CHANNELS = ("CHAT", "APP", "WHATSAPP", "SOCIAL", "EMAIL")
SENDERS = ("CUSTOMER", "BOT", "AGENT", "SYSTEM")
EVENTS = ("MSG", "HANDOVER_ASK", "HANDOVER_DONE", "CLOSED")
INTENTS = (
    "no_signal",
    "slow_internet",
    "tv_trouble",
    "phone_fault",
    "bill_too_high",
    "bill_question",
    "payment",
    "appointment",
    "new_order",
    "moving_home",
    "leaving",
    "sales",
    "other",
    "wrong_number",
    "",
)
TEXTS = (
    "Hello, I need help",
    "It still does not work \\ud83d\\ude21",
    "Thank you! \\ud83d\\ude4f",
    "My name is [NAME]",
    "line one\\nline two",
    "ok",
    "Where is the technician?",
    "Please call me on [NUMBER]",
    "I am Maria Lopez, account 12 88",
    "I want to speak to a person",
    "Let me check that for you",
    "Is there anything else?",
    "The bill is too high",
    "I am thinking of leaving",
)


def _talks(world: World, day: int) -> Frame:
    """Conversations of a day: those that reached a person, and those that stayed with the bot."""
    draw = rng(world.seed, "talks", day)
    c = contacts.contacts(world, day)
    c = take(c, c["channel"] > 0)
    n = size(c)
    alone = int(max(300, 13_500 * tickets.scale(world) - n) * (0.9 + 0.2 * draw.random()) * np.sqrt(world.thin))
    area = pick(draw, world.customers.share, alone)
    low, high = world.customers.start[area], world.customers.start[area + 1]
    g = low + (draw.random(alone) * (high - low)).astype(np.int64)
    t: Frame = {"id": np.concatenate([c["cid"], (day - 18000) * 200_000 + 150_000 + np.arange(alone)])}
    t["g"] = np.concatenate([c["g"], g])
    t["channel"] = np.concatenate([c["channel"] - 1, pick(draw, (0.4, 0.25, 0.22, 0.05, 0.08), alone)])
    t["reason"] = np.concatenate([c["reason"], pick(draw, issues.MENU[3], alone)])
    t["pid"] = np.concatenate([c["pid"], np.full(alone, -1)])
    t["start"] = np.concatenate(
        [c["start"], day * DAY + 7 * HOUR + (draw.beta(1.6, 1.5, alone) * 14 * HOUR).astype(np.int64)]
    )
    t["wait"] = np.concatenate(
        [np.where(draw.random(n) < 0.86, c["wait"], 120 + c["wait"] * 6), np.zeros(alone, np.int64)]
    )
    t["length"] = np.concatenate([c["talk"], np.full(alone, 300)])
    t["asked"] = np.concatenate([np.ones(n, bool), draw.random(alone) < 0.05])
    t["person"] = np.concatenate([np.ones(n, bool), np.zeros(alone, bool)])
    return t


def message_rows(world: World, day: int) -> Frame:
    """Messages and events of the conversations of a day."""
    t = _talks(world, day)
    draw = rng(world.seed, "messages", day)
    n = size(t)
    before = 2 + draw.poisson(1.5, n)
    inside = np.where(t["person"], 5 + draw.poisson(5.5, n), 2 + draw.poisson(3, n))
    parts: list[tuple[Arr, Arr, Arr, Arr]] = []  # rows, seconds, sender, event
    row = np.repeat(np.arange(n), before)
    k = np.arange(len(row)) - np.repeat(np.cumsum(before) - before, before)
    parts.append((row, t["start"][row] - (before[row] - k) * 25, k % 2, np.zeros(len(row), np.int64)))
    asked = np.flatnonzero(t["asked"])
    parts.append((asked, t["start"][asked], np.zeros(len(asked), np.int64), np.ones(len(asked), np.int64)))
    got = np.flatnonzero(t["person"])
    parts.append((got, t["start"][got] + t["wait"][got], np.full(len(got), 3), np.full(len(got), 2)))
    row = np.repeat(np.arange(n), inside)
    k = np.arange(len(row)) - np.repeat(np.cumsum(inside) - inside, inside)
    gap = np.maximum(t["length"][row] // np.maximum(inside[row], 1), 3)
    who = np.where(t["person"][row], np.where(k % 2 == 0, 2, 0), np.where(k % 2 == 0, 1, 0))
    parts.append((row, t["start"][row] + t["wait"][row] + 5 + gap * k, who, np.zeros(len(row), np.int64)))
    closed = np.flatnonzero(draw.random(n) < 0.96)
    end = t["start"] + t["wait"] + t["length"] + 30
    parts.append((closed, end[closed], np.full(len(closed), 3), np.full(len(closed), 3)))
    again = np.flatnonzero(draw.random(n) < 0.01)
    parts.append((again, end[again] + HOUR, np.zeros(len(again), np.int64), np.zeros(len(again), np.int64)))
    row = np.concatenate([p[0] for p in parts])
    m = {k: t[k][row] for k in ("id", "g", "channel", "reason", "pid")}
    m["ts"], m["sender"], m["event"] = (np.concatenate([p[i] for p in parts]) for i in (1, 2, 3))
    count = len(row)
    m["message"] = (day - 18000) * 400_000 + np.arange(count)
    code, _ = out_calls.logins(world, m["pid"])
    m["agent"] = np.where((m["sender"] == 2) | (m["event"] == 2), code, -1)
    known = (unit(m["id"], 172) < 0.95) & contacts.heard(m["id"])
    m["intent"] = np.where(known & (m["reason"] < 14), m["reason"], 14)
    text = np.where(m["sender"] == 2, 10 + m["message"] % 2, m["message"] * 5 % len(TEXTS))
    m["text"] = np.where(m["event"] == 0, np.where(m["event"] == 1, 9, text), -1)
    m["at"] = m["ts"] + 2 + np.where(draw.random(count) < 0.01, 3600 + draw.integers(0, 7200, count), 0)
    m["cust"] = world.customers.ids(m["g"])
    m["hash"] = world.customers.ani(m["g"])
    m["secret"] = (mix(m["g"], 173) >> np.uint64(20)).astype(np.int64)
    m["anonymous"] = (m["channel"] == 0) & (unit(m["id"], 174) < 0.15)
    return {k: v for k, v in m.items() if k not in ("g", "reason", "pid")}


def message_content(world: World, rows: Frame, day: int) -> Content:
    """One JSON object a line; the customer's key depends on the channel."""
    if not rows:
        return Content()
    key = """CASE WHEN anonymous OR channel = 'SOCIAL' THEN 'x' || lower(to_hex(secret))
        WHEN channel = 'WHATSAPP' THEN lpad(lower(to_hex(hash)), 12, '0')
        WHEN channel = 'EMAIL' THEN (cust * 10 + 1)::VARCHAR ELSE 'c' || lower(to_hex(cust)) END"""
    fields = {
        "message_id": quoted("'N' || message"),
        "conversation_id": quoted("'M' || lpad(id::VARCHAR, 10, '0')"),
        "channel": quoted("channel"),
        "ts": quoted(stamp("ts", "%Y-%m-%dT%H:%M:%SZ")),
        "sender": quoted("sender"),
        "agent_login": quoted("agent"),
        "event": quoted("event"),
        "intent": quoted("intent"),
        "customer_key": quoted(key),
        "text_masked": quoted("text"),
    }
    _, pool = out_calls.logins(world, np.zeros(0, int))
    pools = {
        "channel": CHANNELS,
        "sender": SENDERS,
        "agent": pool,
        "event": EVENTS,
        "intent": INTENTS,
        "text": TEXTS,
    }
    return Content(rows=lines(rows, f"SELECT {json_row(fields)} FROM f", pools))


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


FEEDS = [
    Feed("ivr_log", "ivr_{day}.log", ivr_rows, ivr_content, rhythm="hour", back=1, ahead=1),
    Feed("messaging", "messages_{day}.jsonl", message_rows, message_content, rhythm="hour", back=1, ahead=1),
    Feed("agent_desktop", "desktop_{day}.parquet", desktop_rows, desktop_content, rhythm="hour", back=1, ahead=1),
]
