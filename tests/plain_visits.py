# ruff: noqa: E501
"""Visits from the raw files: promised windows, arrivals, notices."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.plain_company import Plain, Row, local, pad, stamp, utc

DAY = timedelta(hours=24)
TIMES = (
    "changed_at", "window_start", "window_end", "window_agreed_at", "sched_start", "dispatched_at", "enroute_at",
    "arrived_at", "finished_at",
)  # fmt: skip


def logs(plain: Plain) -> dict[str, list[dict[str, Any]]]:
    """Appointment -> its changes in the order of the log; deleted bookings left out."""
    found: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for path in plain.files("fsm_appointments"):
        with path.open(encoding="utf-8") as text:
            for row in csv.DictReader(text):
                found[row["appointment_id"]][int(row["lsn"])] = row
    alive = {}
    for key, rows in found.items():
        ordered: list[dict[str, Any]] = [rows[lsn] for lsn in sorted(rows)]
        if ordered[-1]["op"] == "D":
            continue
        alive[key] = [{**row, **{t: stamp(row[t]) for t in TIMES}} for row in ordered if row["op"] != "D"]
    return alive


def taps(plain: Plain) -> dict[str, list[dict[str, str]]]:
    """Appointment -> taps of the phone, each once."""
    seen: dict[str, dict[str, str]] = {}
    for path in plain.files("tech_mobile_events"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            seen[row["event_id"]] = row
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in seen.values():
        found[row["appointment_id"]].append(row)
    return found


def promised(log: list[dict[str, Any]]) -> tuple[datetime, datetime, bool]:
    """The window that counts, and whether the customer asked for it with less than a day to go."""
    first = log[0]
    start, end, asked_late = first["window_start"], first["window_end"], False
    before = first
    for row in log[1:]:
        if (row["window_start"], row["window_end"]) != (before["window_start"], before["window_end"]):
            if row["moved_by"] == "CUSTOMER":
                start, end = row["window_start"], row["window_end"]
                asked_late = row["window_agreed_at"] > start - DAY
            elif row["changed_at"] <= start - DAY:
                start, end, asked_late = row["window_start"], row["window_end"], False
        before = row
    return start, end, asked_late


def visits(plain: Plain) -> list[dict[str, Any]]:
    """Every visit with what became of its promise."""
    every, tapped = logs(plain), taps(plain)
    newest = max(row["changed_at"] for log in every.values() for row in log)
    found = []
    for key, log in every.items():
        last = log[-1]
        area = plain.area(last["area_code"])
        zone = plain.area_zone(area)
        start, end, asked_late = promised(log)
        at: dict[str, list[datetime]] = defaultdict(list)
        for tap in tapped.get(key, []):
            device, server = utc(datetime.fromisoformat(tap["ts_device"]), zone), stamp(tap["ts_server"])
            assert server
            at[tap["event"]].append(server if abs((device - server).total_seconds()) > 600 else device)
        arrived = last["arrived_at"]
        if arrived is None or (last["dispatched_at"] and arrived < last["dispatched_at"]):
            arrived = min(at["ARRIVED"], default=None) or min(at["STARTED"], default=None) or arrived
        came = last["status"] not in ("CANCELLED", "NOSHOW") and (
            arrived is not None or last["status"] in ("DONE", "ONSITE", "CNA")
        )
        six = local(start, zone).replace(hour=6, minute=0, second=0)
        rerouted = any(
            (b["tech_badge"] and a["tech_badge"] and pad(a["tech_badge"]) != pad(b["tech_badge"]))
            or (a["sched_start"] and b["sched_start"] and a["sched_start"] != b["sched_start"])
            for a, b in pairwise(log)
            if b["status"] == "BOOKED" and local(b["changed_at"], zone) >= six and b["changed_at"] < end
        )
        cancelled = last["changed_at"] if last["status"] == "CANCELLED" else None
        stopped = (
            cancelled and last["cancel_by"] == "COMPANY" and last["cancel_reason"] in ("WEATHER STOP", "SAFETY STOP")
        )
        by_customer = cancelled and last["cancel_by"] == "CUSTOMER"
        by_us = cancelled and not by_customer and not stopped
        on_day = cancelled is not None and cancelled > start - DAY
        due = end <= newest and not asked_late and not stopped and not (by_customer and cancelled and cancelled < start)
        due = due and not (by_us and not on_day) and not (came and arrived is None)
        home = (
            last["status"] == "CNA"
            and arrived
            and (last["finished_at"] or arrived) >= arrived + timedelta(minutes=10)
            and at["CALLED_AHEAD"]
        )
        if by_us:
            missed = on_day
        elif last["status"] == "CNA":
            missed = not home
        else:
            missed = not came or (arrived is not None and local(arrived, zone).date() > local(end, zone).date())
        badge = pad(last["tech_badge"])
        day = local(end, zone).date()
        found.append({
            "id": key, "last": last, "area": area, "region": plain.areas[area]["region"], "zone": zone, "start": start, "end": end,
            "arrived": arrived, "came": came, "due": due, "late": arrived > end if came and arrived else not came, "missed": bool(missed),
            "early": bool(came and arrived and arrived < start - timedelta(minutes=10)), "day": day, "badge": badge,
            "who": plain.who("badge", badge, day), "dispatch": not came and rerouted, "calls": at["CALLED_AHEAD"],
            "set_off": last["enroute_at"] or min(at["ENROUTE"], default=None), "customer": int(last["customer_id"]),
            "partner": plain.codes["partner"].get(badge[:3]), "rerouted": rerouted, "stopped": stopped,
        })  # fmt: skip
    return found


def row(plain: Plain, v: dict[str, Any], day: Any, settles: int = 0, hide: bool = True) -> Row:
    placed = plain.place(v["who"], day, settles, team=v["partner"], area=v["area"], region=v["region"])
    if hide and v["dispatch"]:
        placed["person"] = None
    return placed | {"of": v}


def desk(plain: Plain, v: dict[str, Any]) -> Row:
    """The dispatch desk that plans a visit's area; a region's only desk plans all of it."""
    here = {row["team_code"].upper() for _, rows in plain.snapshots for row in rows}
    mine = [
        d for d, t in plain.teams.items() if t["work"] == "dispatch desk" and t["region"] == v["region"] and d in here
    ]
    planned = [d for d in mine if v["area"] in plain.codes["desk_areas"][d]]
    code = (planned or sorted(mine) or [None])[0]
    region = plain.teams[code]["region"] if code else None
    return {"day": v["day"], "person": None, "team": code, "area": None, "site": None, "region": region}


def missed_by_desk(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    """The visits of the areas that a desk plans."""
    found = []
    for v in every:
        if v["due"]:
            found.append(desk(plain, v) | {"num": v["missed"], "den": 1})
    return found


def warned_by_desk(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    late = [
        v for v in every if v["due"] and v["late"] and plain.customers.get(v["customer"], {}).get("reachable", True)
    ]
    told = messages(plain)
    return [desk(plain, v) | {"num": warned(v, told), "den": 1} for v in late]


def parts(plain: Plain) -> dict[str, list[tuple[datetime, datetime]]]:
    """Work order -> (asked for, received) of its parts, UTC; the warehouse keeps head-office time."""
    zone = plain.company["head_office_zone"]
    found: dict[str, dict[tuple[str, str], tuple[datetime, datetime]]] = defaultdict(dict)
    for path in plain.files("parts_logistics"):
        for line in path.read_text(encoding="latin-1").splitlines():
            asked, got = line[52:64], line[76:88]
            if int(line[45:52]) > 0 and line[33:45].strip() and asked[6:] != "000000" and got.strip("0"):
                times = [utc(datetime.strptime(t, "%y%m%d%H%M%S"), zone) for t in (asked, got)]
                found[line[33:45].strip()][line[:10], line[10:14]] = (times[0], times[1])
    return {order: list(rows.values()) for order, rows in found.items()}


def causes(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    """Late visits by what made them late."""
    came, found = parts(plain), []
    stops = {(v["region"], v["last"]["window_end"].date()) for v in every if v["stopped"]}
    routes: dict[tuple[str, Any], list[dict[str, Any]]] = defaultdict(list)
    for v in every:
        routes[v["badge"], v["last"]["window_end"].date()].append(v)
    for route in routes.values():
        route.sort(key=lambda v: (v["arrived"] or v["start"], v["id"]))
        for before, v in zip([None, *route], route, strict=False):
            if v["due"] and v["late"]:
                found.append(row(plain, v, v["day"]) | {"cause": _cause(v, before, stops, came), "num": 1, "den": 1})
    return found


def _cause(v: dict[str, Any], before: dict[str, Any] | None, stops: set[Any], came: dict[str, Any]) -> str | None:
    if v["rerouted"]:
        return "dispatch_change"
    if (v["region"], v["last"]["window_end"].date()) in stops:
        return "weather"
    if not v["came"] or not v["arrived"]:
        return None
    if any(
        asked < v["end"] and v["start"] <= got <= v["arrived"]
        for asked, got in came.get(v["last"]["work_order_no"], [])
    ):
        return "parts"
    drive = v["arrived"] - (v["set_off"] or v["arrived"])
    free = before["last"]["finished_at"] if before else None
    return "job_before" if free and free + drive >= v["end"] else "own_start"


def late_arrival_rate(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    return [row(plain, v, v["day"]) | {"num": v["late"], "den": 1} for v in every if v["due"]]


def missed_appointment_rate(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    return [row(plain, v, v["day"]) | {"num": v["missed"], "den": 1} for v in every if v["due"]]


def early_arrival_rate(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    return [
        row(plain, v, local(v["start"], v["zone"]).date()) | {"num": v["early"], "den": 1} for v in every if v["due"]
    ]


def minutes_late(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    late = [v for v in every if v["due"] and v["came"] and v["late"]]
    return [row(plain, v, v["day"]) | {"value": int((v["arrived"] - v["end"]).total_seconds() // 60)} for v in late]


def messages(plain: Plain) -> dict[str, list[tuple[datetime, datetime]]]:
    """Appointment -> (sent, delivered) of delivered on-my-way and running-late messages."""
    seen: dict[str, dict[str, datetime]] = defaultdict(dict)
    about: dict[str, str] = {}
    for path in plain.files("sms_gateway"):
        for line in path.read_text(encoding="utf-8").splitlines():
            parts = line.split(",")
            number, _, second, template, visit = parts[:5]
            status = parts[6] if len(parts) == 8 else parts[5]
            if template in ("ON_MY_WAY", "LATE_NOTE"):
                seen[number][status] = datetime(1970, 1, 1) + timedelta(seconds=int(second))
                about[number] = visit
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for number, status in seen.items():
        if "DELIVERED" in status:
            found[about[number]].append((status.get("SENT", status["DELIVERED"]), status["DELIVERED"]))
    return found


def on_my_way_rate(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    told, found = messages(plain), []
    for v in every:
        if not (v["due"] and v["arrived"]) or plain.customers.get(v["customer"], {}).get("no_contact"):
            continue
        sent = [s for s, _ in told[v["id"]]] + v["calls"]
        gaps = [(v["arrived"] - s).total_seconds() / 60 for s in sent if v["set_off"] is None or s >= v["set_off"]]
        day = local(v["arrived"], v["zone"]).date()
        found.append(row(plain, v, day, hide=False) | {"num": any(10 <= g <= 90 for g in gaps), "den": 1})
    return found


def late_warned_rate(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    told, found = messages(plain), []
    for v in every:
        if v["due"] and v["late"] and plain.customers.get(v["customer"], {}).get("reachable", True):
            found.append(row(plain, v, v["day"]) | {"num": warned(v, told), "den": 1})
    return found


def warned(v: dict[str, Any], told: dict[str, list[tuple[datetime, datetime]]]) -> bool:
    """Whether the customer heard from us before the window ended."""
    return any(heard <= v["end"] for heard in [d for _, d in told.get(v["id"], [])] + v["calls"])
