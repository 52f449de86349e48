"""crm_cases, crm_touches: the customer care systems."""

from __future__ import annotations

from datetime import date

import numpy as np

from data.sample import cases
from data.sample.base import DAY, NEVER, Arr, Frame, day_no, join, local, rng, size, take, unit
from data.sample.cases import HOUR, THEMES
from data.sample.world import World
from data.sample.writing import Content, Feed, csv_row, deliver_late, lines, stamp

CASE_COLUMNS = (
    "op,lsn,case_id,customer_id,theme_code,priority,opened_at,we_think_solved_at,confirmed_at,confirm_by,closed_at,"
    "close_kind,reopened_from,owner_login,state,state_since,problem_flag"
)
OLD_TREE = day_no(date(2026, 4, 1))
OLD = {t: f"TH{i + 1:02d}" for i, t in enumerate(THEMES[:-1])} | {"T-OTHR": "TH99"}
STATES = ("TALKING", "WAIT_PART", "WAIT_VISIT", "WAIT_CUST")
FIRST_CASE = 500_000_000


def case_rows(world: World, day: int) -> Frame:
    """Change rows of the cases opened on a day."""
    c = cases.opened(world, day)
    draw = rng(world.seed, "case rows", day)
    n = size(c)
    every = np.ones(n, bool)
    merged = c["kind"] == cases.MERGED
    visit, part = c["h2"] > 0, c["h1"] > 0
    t_cust = c["opened"] + c["h0"] // 2
    t_visit = t_cust + c["h3"]
    t_part = t_visit + c["h2"] // 2
    t_visit2 = t_part + c["h1"]
    t_talk = t_visit2 + c["h2"] - c["h2"] // 2
    quick = c["opened"] + np.maximum(60, (c["solved_at"] - c["opened"]) // 9)
    withdrawn = c["kind"] == cases.WITHDRAWN
    steps = [
        (0, every, c["opened"], 0),
        (1, every, np.minimum(quick, t_cust), 0),
        (2, every, t_cust, 3),
        (3, visit, t_visit, 2),
        (4, part, t_part, 1),
        (5, part, t_visit2, 2),
        (6, every, t_talk, 0),
        (7, ~withdrawn & ~merged, c["solved_at"], 3),
        (8, c["confirmed"] >= 0, c["confirmed"], 3),
        (9, every, c["closed"], 3),
        (10, draw.random(n) < 0.35, c["closed"] + draw.integers(2, 30, n) * HOUR, 3),
        (11, merged, c["closed"] + 2 * DAY, 3),
        (12, draw.random(n) < 0.001, c["closed"] + draw.integers(1, 9, n) * DAY, -1),
    ]
    row = np.concatenate([np.flatnonzero(hit) for _, hit, _, _ in steps])
    names = (
        "case",
        "g",
        "theme",
        "opened",
        "solved_at",
        "confirmed",
        "closed",
        "kind",
        "by",
        "from",
        "owner",
        "problem",
    )
    s = {k: c[k][row] for k in names}
    s["step"] = np.concatenate([np.full(int(hit.sum()), i) for i, hit, _, _ in steps])
    s["since"] = np.concatenate([at[hit] for _, hit, at, _ in steps])
    s["state"] = np.concatenate([np.full(int(hit.sum()), state) for _, hit, _, state in steps])
    s["changed"] = s["since"]
    step = s["step"]
    late_script = step == 10
    s["since"] = np.where(step >= 8, np.where(step == 9, s["closed"], s["solved_at"]), s["since"])
    s["solved_at"] = np.where((step >= 7) & ~np.isin(s["kind"], (cases.WITHDRAWN, cases.MERGED)), s["solved_at"], NEVER)
    s["confirmed"] = np.where(step >= 8, s["confirmed"], NEVER)
    ticked = (unit(s["case"], 161) < 0.012) & (step >= 9)
    s["by"] = np.where((s["confirmed"] >= 0) | ticked, s["by"], -1)
    s["closed"] = np.where(step >= 9, np.where(late_script, s["changed"], s["closed"]), NEVER)
    s["kind"] = np.where(step >= 9, s["kind"], -1)
    s["op"] = np.where(step == 0, 0, np.where(step == 12, 2, 1))
    s["priority"] = 1 + np.searchsorted([0.08, 0.3, 0.8], unit(s["case"], 162), side="right")
    s["cid"] = world.customers.ids(s["g"])
    s["lsn"] = (s["changed"] - 1_600_000_000) * 10_000_000 + s["case"] % 500_000 * 20 + step
    s["at"] = deliver_late(draw, s["changed"], 0.03, 14 * DAY)
    return {k: v for k, v in s.items() if k not in ("g", "step", "changed")}


TZ = "%Y-%m-%d %H:%M:%S+00"


def case_content(world: World, rows: Frame, day: int) -> Content:
    """CSV with header, one change a line."""
    if not rows:
        return Content(CASE_COLUMNS)
    rows = dict(rows)
    number = f"({FIRST_CASE} + {{}})"
    rest = csv_row(
        [
            "cid",
            "theme",
            "priority",
            stamp("opened", TZ),
            stamp("solved_at", TZ),
            stamp("confirmed", TZ),
            '"by"',
            stamp("closed", TZ),
            "kind",
            f'CASE WHEN "from" >= 0 THEN {number.format(chr(34) + "from" + chr(34))} END',
            "owner",
            "state",
            stamp("since", TZ),
            "CASE WHEN problem THEN 't' ELSE 'f' END",
        ]
    )
    pools = {
        "op": ("I", "U", "D"),
        "theme": [OLD[t] for t in THEMES] if day < OLD_TREE else THEMES,
        "by": ("CALL", "MSG", "SURVEY", "APP"),
        "kind": ("CONFIRMED", "QUIET", "WITHDRAWN", "MERGED"),
        "owner": world.login.tolist(),
        "state": STATES,
    }
    key = csv_row(["op", "lsn", number.format('"case"')])
    sql = f"SELECT concat({key}, ',', CASE WHEN op = 'D' THEN repeat(',', 13) ELSE {rest} END) FROM f"
    return Content(CASE_COLUMNS, lines(rows, sql, pools))


TOUCH_COLUMNS = "touch_id,case_id,ts,kind,login,from_group,to_group,minutes,auto"
TOUCHES = ("CALL", "MAIL", "MSG", "VISIT", "NOTE", "HANDOVER")
MONTH_FIRST = ("WCCES", "HCAR")


def touch_rows(world: World, day: int) -> Frame:
    """Touches of the cases opened on a day: contacts, visits, hand-overs, notes, and automatic ones."""
    c = cases.opened(world, day)
    draw = rng(world.seed, "touch rows", day)
    human = _spread(c, c["touches"], draw)
    m = size(human)
    dice = draw.random(m)
    called = np.where(human["channel"] == 0, 0, 2)
    human["kind"] = np.where(
        human["k"] == 0, called, np.where(human["needs_visit"] & (dice < 0.4), 3, np.where(dice < 0.9, called, 1))
    )
    passed = _spread(c, c["handovers"], draw) | {}
    passed["kind"] = np.full(size(passed), 5)
    notes = _spread(c, draw.poisson(2.2, size(c)), draw)
    notes["kind"] = np.full(size(notes), 4)
    robot = _spread(c, draw.poisson(8.6 * np.sqrt(world.thin), size(c)), draw)
    robot["kind"] = np.where(draw.random(size(robot)) < 0.7, 4, np.where(draw.random(size(robot)) < 0.5, 1, 2))
    parts = [human, passed, notes, robot]
    for i, part in enumerate(parts):
        part["auto"] = np.full(size(part), 1 if i == 3 else 0)
    t = join(parts)
    n = size(t)
    t["touch"] = (day - 18000) * 120_000 + np.arange(n)
    t["minutes"] = np.where(t["auto"] == 1, 0, 1 + draw.exponential(5, n).astype(np.int64))
    blank = draw.random(n) < 0.12
    t["flag"] = np.where(blank, -1, t["auto"])
    t["to_team"] = np.where(t["kind"] == 5, (t["owner_team"] + 1 + t["touch"] % 5) % len(world.teams), -1)
    t["from_team"] = np.where(t["kind"] == 5, t["owner_team"], -1)
    t["login"] = np.where(t["auto"] == 1, len(world.people), t["owner"])
    site = np.array([t_.place for t_ in world.teams])[np.maximum(t["owner_team"], 0)]
    t["us"] = np.isin(site, MONTH_FIRST) & (t["auto"] == 0)
    t["at"] = deliver_late(draw, local(t["ts"], 1), 0.02, 7 * DAY)
    twice = take(t, draw.random(n) < 0.004)
    twice["at"] = twice["at"] + DAY
    t = join([t, twice])
    return {
        k: t[k] for k in ("at", "touch", "case", "ts", "kind", "login", "from_team", "to_team", "minutes", "flag", "us")
    }


def _spread(c: Frame, count: Arr, draw: np.random.Generator) -> Frame:
    """`count` touches of each case at times between opening and closing; the first at the opening."""
    row = np.repeat(np.arange(size(c)), count)
    k = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    t = {name: c[name][row] for name in ("case", "owner", "owner_team", "channel", "needs_visit")}
    span = np.maximum(c["closed"] - c["opened"], HOUR)[row]
    t["ts"] = c["opened"][row] + np.where(k == 0, 0, (draw.random(len(row)) * span * 0.95).astype(np.int64))
    t["k"] = k
    return t


def touch_content(world: World, rows: Frame, day: int) -> Content:
    """CSV; texts in quotes, which are doubled inside."""
    if not rows:
        return Content(TOUCH_COLUMNS)
    rows = dict(rows)
    rows["wall"] = local(rows["ts"], 1)
    codes = [t.code for t in world.teams]
    stamps = stamp("wall", "%d/%m/%Y %H:%M"), stamp("wall", "%m/%d/%Y %H:%M")
    fields = [
        "touch",
        f'{FIRST_CASE} + "case"',
        f"CASE WHEN us THEN {stamps[1]} ELSE {stamps[0]} END",
        "kind",
        """'"' || login || CASE WHEN touch % 97 = 0 THEN ' ""tmp""' ELSE '' END || '"'""",
        "from_team",
        "to_team",
        "minutes",
        "flag",
    ]
    pools = {
        "kind": TOUCHES,
        "login": [*world.login.tolist(), "SYSTEM"],
        "from_team": codes,
        "to_team": codes,
        "flag": ("N", "Y"),
    }
    return Content(TOUCH_COLUMNS, lines(rows, f"SELECT {csv_row(fields)} FROM f", pools))


FEEDS = [
    Feed("crm_cases", "crm_cases_{day}.csv", case_rows, case_content, rhythm="quarter", back=cases.LIFE, ahead=1),
    Feed("crm_touches", "touches_{day}.csv", touch_rows, touch_content, back=cases.LIFE, ahead=1, lag=1),
]
