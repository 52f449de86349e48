"""work_orders: how jobs were closed, one pipe-delimited file a day."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.sample import codes, field
from data.sample.base import DAY, Arr, Frame, as_date, join, local, rng, size, take, unit
from data.sample.booking import HOUR, SERVICE, badges, known
from data.sample.world import World
from data.sample.writing import (
    Feed,
    csv_row,
    lines,
    put_lines,
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


def jobs(world: World, day: int) -> Frame:
    """Closed visits (work orders) of a day with their close code; positions as in `known`."""
    key = ("jobs", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    v = known(world, day)
    closed = np.isin(v["status"], (codes.DONE, codes.ABSENT)) & (v["job"] != codes.COLLECT)
    j = take(v, closed)
    u = unit(j["vid"], 91)
    code = np.select(
        [
            j["status"] == codes.ABSENT,
            j["next"] == codes.PART,
            j["next"] == codes.MORE,
            j["fault"] == 7,
            j["next"] == codes.STAGE2,
            j["back"] == codes.NEWPROD,
            (j["back"] == codes.AGAIN) & (u < 0.04),
        ],
        [3, 1, 2, 4, 5, 7, 6],
        0,
    )
    j["code"] = code
    j["own_order"] = (j["first"] - 18000) * 20000 + j["first_no"] + np.where(j["back"] == codes.NEWPROD, 300_000_000, 0)
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
    returns = np.isin(j["back"], (codes.PART, codes.MORE, codes.AGAIN, codes.STAGE2, codes.REBOOK))
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


FEEDS = [Feed("work_orders", "WO_{day}.txt", wo_rows, write=wo_write, back=1, ahead=1, lag=1)]
