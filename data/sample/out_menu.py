"""ivr_log: the steps of callers through the phone menu."""

from __future__ import annotations

import numpy as np

from data.sample import contacts
from data.sample.base import DAY, Frame, rng, size, take, unit
from data.sample.world import World
from data.sample.writing import Content, Feed, csv_row, lines

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


FEEDS = [Feed("ivr_log", "ivr_{day}.log", ivr_rows, ivr_content, rhythm="hour", back=1, ahead=1)]
