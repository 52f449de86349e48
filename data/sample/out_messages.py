"""messaging: what customers, the bot and agents write to each other."""

from __future__ import annotations

import numpy as np

from data.sample import contacts, issues, out_calls, tickets
from data.sample.base import DAY, Arr, Frame, mix, pick, rng, size, take, unit
from data.sample.cases import HOUR
from data.sample.world import World
from data.sample.writing import Content, Feed, json_row, lines, quoted, stamp

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


FEEDS = [Feed("messaging", "messages_{day}.jsonl", message_rows, message_content, rhythm="hour", back=1, ahead=1)]
