"""survey_vendor: invitations and answers about visits, contacts and cases, and regular ones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from data.sample import cases, codes, company, contacts, field, tickets
from data.sample.base import DAY, NEVER, Frame, day_no, join, logit_sd, midnight, pick, rng, size, take, unit
from data.sample.world import World
from data.sample.writing import Feed, csv_row, lines, put, stamp

COLUMNS = (
    "invite_id,version,sent_at,answered_at,kind,ref_type,ref_id,q_satisfied,q_easy,q_solved,comment,staff_household"
)
KINDS = ("VISIT", "CONTACT", "BEFORE", "AFTER", "REGULAR")
LANGUAGES = ("EN", "DE", "PT", "EL")
REVERSED_UNTIL = day_no(date(2026, 5, 12))
COMMENTS = (
    "Friendly and quick.",
    "Still not working!",
    "He explained everything, thank you",
    "Waited all morning.",
    "Très bien, merci",
    "Sehr nett, schöne Grüße an Jürgen",
    "Não funciona, ninguém liga de volta",
    "Anna was great",
    "Nobody called me back",
    "Router is fine now",
    "Too expensive",
    "Überraschend schnell",
    "Tudo resolvido, obrigado João",
    "Had to explain it three times",
    "On time and clean",
)
CONTACT_INVITED = 0.36


def _visits(world: World, day: int, draw: np.random.Generator) -> Frame:
    v = field.visits(world, day)
    v = take(v, v["status"] == codes.DONE)
    n = size(v)
    shift = world.effect("csat", v["who"], v["team"], logit_sd(0.82, 0.05), logit_sd(0.82, 0.03)) - np.log(
        company.better(day)
    )
    base = (
        0.9
        - 0.27 * v["late"]
        - 0.22 * np.isin(v["next"], (codes.PART, codes.MORE))
        - 0.1 * (v["next"] == codes.AGAIN)
        - 0.03 * v["early"]
    )
    happy = draw.random(n) < world.shifted(np.clip(base, 0.1, 0.95), shift)
    solved = draw.random(n) < np.where(np.isin(v["next"], (1, 2, 3)), 0.35, 0.95)
    return {
        "ref": v["vid"],
        "g": v["g"],
        "ended": v["finish"],
        "happy": happy,
        "solved": solved,
        "zone": v["zone"],
        "kind": np.zeros(n, np.int64),
        "type": np.zeros(n, np.int64),
        "answer": np.full(n, 0.118),
    }


def _contacts(world: World, day: int, draw: np.random.Generator) -> Frame:
    c = contacts.contacts(world, day)
    c = take(c, (unit(c["cid"], 141) < CONTACT_INVITED) & (c["reason"] < 13))
    n = size(c)
    shift = world.effect("csat", c["pid"], c["team"], logit_sd(0.82, 0.05), logit_sd(0.82, 0.03)) - np.log(
        company.better(day)
    )
    base = (
        np.where(c["solved"], 0.91, 0.69)
        - 0.07 * (c["transfer"] == 1)
        - 0.05 * (c["repeat"] > 0)
        - 0.0001 * np.minimum(c["wait"], 600)
    )
    happy = draw.random(n) < world.shifted(np.clip(base, 0.1, 0.95), shift)
    solved = draw.random(n) < np.where(c["solved"], 0.95, 0.3)
    return {
        "ref": np.where(c["channel"] == 0, c["cid"], -c["cid"]),
        "g": c["g"],
        "ended": c["start"] + c["wait"] + c["talk"],
        "happy": happy,
        "solved": solved,
        "zone": c["zone"],
        "kind": np.ones(n, np.int64),
        "type": np.ones(n, np.int64),
        "answer": np.full(n, 0.21),
    }


def _regular(world: World, day: int, draw: np.random.Generator) -> Frame:
    n = int(2600 * tickets.scale(world))
    g = draw.integers(0, world.customers.size, n)
    zone = world.area_zone[world.customers.area(g)]
    return {
        "ref": g,
        "g": g,
        "ended": midnight(day, zone) + 36000,
        "happy": draw.random(n) < 0.79,
        "solved": np.ones(n, bool),
        "zone": zone,
        "kind": np.full(n, 4),
        "type": np.full(n, 3),
        "answer": np.full(n, 0.1),
    }


def survey_rows(world: World, day: int) -> Frame:
    """Invitations that follow from a day's visits and contacts, their answers and corrections."""
    draw = rng(world.seed, "surveys", day)
    s = join(
        [
            _visits(world, day, draw),
            _contacts(world, day, draw),
            _regular(world, day, draw),
            cases.surveys(world, day, draw),
        ]
    )
    n = size(s)
    keep = ~world.customers.no_contact(s["g"])
    s = take(s, keep)
    n = size(s)
    s["no"] = np.arange(n, dtype=np.int64)
    s["id"] = (day - 18000) * 200_000 + s["no"]
    s["language"] = world.customers.language(s["g"])
    s["sent"] = s["ended"] + draw.integers(1800, 20 * 3600, n)
    s["old"] = draw.random(n) < 0.04
    s["ref"] = np.where(s["type"] == 3, world.customers.ids(s["g"]), s["ref"])
    s["staff"] = (unit(s["g"], 142) < 0.006).astype(np.int64)
    none = np.full(n, NEVER)
    s |= {"version": np.ones(n, np.int64), "answered": none, "sat": none, "easy": none, "yes": none, "comment": none}
    s["at"] = s["sent"]
    answers = _answers(s, draw)
    wrong = take(answers, draw.random(size(answers)) < 0.012)
    wrong |= {
        "version": np.full(size(wrong), 3),
        "at": wrong["at"] + draw.integers(1, 4, size(wrong)) * DAY,
        "sat": np.clip(wrong["sat"] + 1, 1, 5),
    }
    rows = join([s, answers, wrong])
    poor = (answers["sat"] <= 2) & (answers["answered"] - answers["sent"] < 14 * DAY)
    world.cache["low answers", day] = {"g": answers["g"][poor], "answered": answers["answered"][poor]}
    back = (rows["language"] == 2) & (rows["answered"] < REVERSED_UNTIL * DAY) & (rows["sat"] > 0)
    rows["sat"] = np.where(back, 6 - rows["sat"], rows["sat"])
    return {k: v for k, v in rows.items() if k not in ("g", "ended", "happy", "solved", "answer", "no")}


def _answers(s: Frame, draw: np.random.Generator) -> Frame:
    a = take(s, draw.random(size(s)) < s["answer"])
    n = size(a)
    dice = draw.random(n)
    delay = np.where(
        dice < 0.4,
        draw.random(n) * 0.9,
        np.where(dice < 0.98, np.minimum(13.9, 1 + draw.exponential(2.6, n)), 14.2 + 4 * draw.random(n)),
    )
    a["answered"] = a["sent"] + (delay * DAY).astype(np.int64)
    a["at"] = a["answered"]
    a["version"] = np.full(n, 2)
    good, bad = np.array([4, 5])[pick(draw, (0.42, 0.58), n)], np.array([1, 2, 3])[pick(draw, (0.3, 0.27, 0.43), n)]
    a["sat"] = np.where(a["happy"], good, bad)
    easy_p = np.where(a["happy"], 0.81, 0.31)
    easy = np.where(draw.random(n) < easy_p, draw.integers(5, 8, n), draw.integers(1, 5, n))
    a["easy"] = np.where(draw.random(n) < 0.9, easy, NEVER)
    a["yes"] = np.where(draw.random(n) < 0.8, a["solved"].astype(np.int64), NEVER)
    a["comment"] = np.where(draw.random(n) < 0.16, draw.integers(0, len(COMMENTS), n), NEVER)
    return a


def low_answers(world: World, day: int) -> Frame:
    """Answers of 1 or 2 to the invitations of a day: customer and second."""
    if ("low answers", day) not in world.cache:
        survey_rows(world, day)
    return world.cache["low answers", day]  # type: ignore[return-value]


def survey_write(world: World, rows: Frame, path: Path, day: int) -> None:
    """CSV; every third of the lines comes in latin-1, the others in utf-8."""
    text = []
    if rows:
        rows = dict(rows)
        for name in ("sent", "answered"):
            rows[name] = np.where(rows[name] >= 0, rows[name] + 3600, NEVER)
        iso = "%Y-%m-%dT%H:%M:%S+01:00"
        contact = "CASE WHEN ref >= 0 THEN 'C' ELSE 'M' END || lpad(abs(ref)::VARCHAR, 10, '0')"
        visit = "WHEN 'APPT' THEN 'SA-' || lpad(ref::VARCHAR, 8, '0')"
        case = "WHEN 'CASE' THEN (500000000 + ref)::VARCHAR"
        ref = f"CASE type {visit} WHEN 'CONTACT' THEN {contact} {case} ELSE ref::VARCHAR END"
        fields = [
            "'SV-' || language || '-' || lpad(id::VARCHAR, 10, '0')",
            "version",
            stamp("sent", iso),
            stamp("answered", iso),
            "kind",
            "type",
            f"CASE WHEN old THEN 'OLD-' || (abs(ref) % 1000000) ELSE {ref} END",
            "CASE WHEN sat > 0 THEN sat END",
            "CASE WHEN easy > 0 THEN easy END",
            "CASE yes WHEN 1 THEN 'Y' WHEN 0 THEN 'N' END",
            """'"' || comment || '"'""",
            "staff",
        ]
        pools = {
            "language": LANGUAGES,
            "kind": KINDS,
            "type": ("APPT", "CONTACT", "CASE", "CUST"),
            "comment": COMMENTS,
        }
        text = lines(rows, f"SELECT {csv_row(fields)} FROM f", pools)
    body = [COLUMNS.encode()] + [x.encode("latin-1" if i % 3 == 0 else "utf-8") for i, x in enumerate(text)]
    put(path, b"\n".join([*body, b""]))


FEEDS = [Feed("survey_vendor", "survey_{day}.csv", survey_rows, write=survey_write, back=36, lag=1, named=1)]
