# ruff: noqa: E501
"""Calls and survey answers from the raw files."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from tests.plain_company import UTC, Plain, Row, local, stamp, utc


def segments(plain: Plain) -> dict[str, list[dict[str, Any]]]:
    """Call -> its segments in order, each once (the last that came); calls by us left out."""
    seen: dict[tuple[str, int], dict[str, Any]] = {}
    for path in plain.files("acd_calls"):
        with path.open(encoding="utf-8") as text:
            for row in csv.DictReader(text):
                seen[row["call_id"], int(row["segment_no"])] = row
    calls: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (call, _), row in sorted(seen.items()):
        if row["direction"] != "IN":
            continue
        zone = plain.sites[row["site"]][2]
        times = {
            k: utc(datetime.fromisoformat(row[k]), zone) if row[k] else None
            for k in ("queued_at", "answered_at", "ended_at")
        }
        seconds = [
            float(row[k].replace(",", ".") or 0) if row[k] != "9999" else 0.0 for k in ("talk_s", "hold_s", "wrap_s")
        ]
        calls[call].append({**row, **times, "seconds": sum(seconds), "agent": row["agent_login"].lower()})
    return calls


def menu(plain: Plain) -> dict[str, list[datetime]]:
    """Number -> when it asked the phone menu for a person in a session that ended with hanging up there."""
    sessions: dict[str, list[dict[str, str]]] = defaultdict(list)
    for path in plain.files("ivr_log"):
        with path.open(encoding="utf-8") as text:
            for row in csv.DictReader(text, delimiter="|"):
                sessions[row["session_id"]].append(row)
    found: dict[str, list[datetime]] = defaultdict(list)
    for steps in sessions.values():
        asks = [int(s["ts"]) for s in steps if s["node"] == "ASK_PERSON"]
        if asks and any(s["outcome"] == "HANGUP" for s in steps):
            epoch = min(a / 1000 if a > 1e11 else a for a in asks)
            found[steps[0]["ani_hash"]].append(datetime.fromtimestamp(epoch, UTC).replace(tzinfo=None))
    return found


def contacts(plain: Plain) -> list[dict[str, Any]]:
    found, asked = [], menu(plain)
    for call, legs in segments(plain).items():
        people = [s for s in legs if s["agent"] and s["answered_at"]]
        queued = [s for s in legs if s["queue"] != "IVR"]
        site, region, zone, partner = plain.sites[(queued or legs)[0]["site"]]

        def length(s: dict[str, Any]) -> float:
            return (s["ended_at"] - s["answered_at"]).total_seconds()

        cold = [s for s in people if s["transfer_kind"] == "COLD" and length(s) >= 30]
        well = [s for s in people if s["transfer_kind"] == "WARM" or (s["transfer_kind"] == "COLD" and length(s) < 30)]
        codes = [s["reason_code"] for s in legs if s["reason_code"]]
        began = min(s["queued_at"] for s in legs)
        ended = max(s["ended_at"] for s in legs)
        begged = [at for at in asked.get(legs[0]["ani_hash"], []) if began <= at <= ended]
        entered = min((s["queued_at"] for s in queued), default=min(begged, default=None))
        found.append({
            "legs": legs, "answered": min((s["answered_at"] for s in people), default=None), "began": began,
            "id": call, "day": local(began, zone).date(), "queued_day": local(entered, zone).date() if entered else None,
            "entered": entered, "ended": ended, "people": people, "cold": cold, "well": well,
            "call_back": any(s["transfer_to"] == "CALLBACK" for s in legs), "code": codes[0] if codes else None,
            "site": site, "region": region, "partner": partner, "seconds": sum(s["seconds"] for s in people),
        })  # fmt: skip
    return found


def conversations(plain: Plain) -> list[dict[str, Any]]:
    """Written conversations in the shape of `contacts`; days by head-office clock."""
    seen: dict[str, dict[str, Any]] = {}
    for path in plain.files("messaging"):
        for line in path.read_text(encoding="utf-8").splitlines():
            message = json.loads(line)
            seen[message["message_id"]] = message
    talks: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in seen.values():
        talks[message["conversation_id"]].append(message)
    found = []
    for key, messages in talks.items():
        messages.sort(key=lambda m: m["ts"])
        agents = [m for m in messages if m["agent_login"]]
        done = [stamp(m["ts"]) for m in messages if m["event"] == "HANDOVER_DONE"]
        said = [stamp(m["ts"]) for m in messages if m["sender"] == "AGENT"]
        intents = [m["intent"] for m in messages if m["intent"]]
        began, answered = stamp(messages[0]["ts"]), min((d for d in done if d), default=None)
        assert began
        last = max([s for s in said if s], default=answered)
        taken = bool(answered and agents)
        seconds = (max(last, answered) - answered).total_seconds() if taken and last and answered else 0
        found.append({
            "id": key, "day": local(began, plain.company["head_office_zone"]).date(), "entered": None, "queued_day": None, "ended": None,
            "people": [{"agent": agents[0]["agent_login"].lower()}] if taken else [], "cold": [], "well": [], "call_back": False,
            "code": intents[0] if intents else None, "site": None, "region": None, "partner": None, "seconds": seconds, "messages": messages,
            "answered": answered,
        })  # fmt: skip
    return found


def _row(plain: Plain, c: dict[str, Any], agent: str | None, settles: int = 0) -> Row:
    who = plain.who("login", agent, c["day"])
    row = plain.place(who, c["day"], settles, team=c["partner"], site=c["site"], region=c["region"])
    return row | {"of": c, "agent": agent}


def transfer_rate(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    found = []
    for c in every:
        if c["people"] and (c["cold"] or not c["well"]):
            agent = (c["cold"] or c["people"])[0]["agent"]
            found.append(_row(plain, c, agent) | {"num": bool(c["cold"]), "den": 1})
    return found


def handle_time(plain: Plain, every: list[dict[str, Any]]) -> list[Row]:
    taken = [c for c in every if c["people"] and c["code"] != "TRNG"]
    return [_row(plain, c, c["people"][0]["agent"]) | {"num": c["seconds"] / 60, "den": 1} for c in taken]


def answers(plain: Plain) -> list[dict[str, Any]]:
    """The newest version of every invitation, read line by line in UTF-8 or Latin-1."""
    newest: dict[str, dict[str, Any]] = {}
    for path in plain.files("survey_vendor"):
        head, *lines = path.read_bytes().split(b"\n")
        for line in lines:
            if not line:
                continue
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                text = line.decode("latin-1")
            row = dict(zip(head.decode().split(","), next(csv.reader([text])), strict=True))
            held = newest.get(row["invite_id"])
            if held is None or int(row["version"]) >= int(held["version"]):
                newest[row["invite_id"]] = row
    return list(newest.values())


def _about(plain: Plain, a: dict[str, Any], visits: dict[str, Any], calls: dict[str, Any]) -> Row:
    """Who served, when, and where."""
    if a["ref_id"] in visits:
        v = visits[a["ref_id"]]
        day = local(v["arrived"], v["zone"]).date() if v["arrived"] else v["day"]
        who = plain.who("badge", v["badge"], day)
        return plain.place(who, day, 14, team=v["partner"], area=v["area"], region=v["region"])
    if a["ref_id"] in calls:
        c = calls[a["ref_id"]]
        return _row(plain, c, c["people"][0]["agent"] if c["people"] else None, 14)
    sent = stamp(a["sent_at"])
    assert sent
    return plain.place(None, local(sent, plain.company["head_office_zone"]).date(), 14)


def survey(plain: Plain, visits: list[dict[str, Any]], every: list[dict[str, Any]]) -> tuple[list[Row], list[Row]]:
    """Rows of csat and of customer_effort."""
    by_visit, by_call = {v["id"]: v for v in visits}, {c["id"]: c for c in every}
    happy: list[Row] = []
    easy: list[Row] = []
    for a in answers(plain):
        sent, answered = stamp(a["sent_at"]), stamp(a["answered_at"])
        if not answered or not sent or a["kind"] not in ("VISIT", "CONTACT") or answered > sent + timedelta(days=14):
            continue
        row = _about(plain, a, by_visit, by_call)
        if a["q_satisfied"] and a["staff_household"] != "1":
            happy.append(row | {"num": int(a["q_satisfied"]) >= 4, "den": 1})
        if a["q_easy"]:
            easy.append(row | {"num": int(a["q_easy"]) >= 5, "den": 1})
    return happy, easy
