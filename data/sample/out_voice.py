"""voice_themes and qa_scores: what was heard in contacts, and how reviewers judged them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import xlsxwriter

from data.sample import cases, contacts
from data.sample.base import DAY, Arr, Frame, as_date, day_no, join, local, rng, size, take, unit, weekday
from data.sample.out_cases import OLD, OLD_TREE
from data.sample.world import World
from data.sample.writing import Content, Feed, column, texts, words

MODELS = ("tag-4.1", "tag-4.2")
SOURCES = ("CALL", "MSG", "SURVEY", "NOTE")
QUOTES = (
    "it stopped again on Monday",
    "nobody came",
    "the bill went up by [NUMBER]",
    "AGENT: let me check",
    "very helpful lady",
    "I want to leave",
    "waiting for an hour",
    "[NAME] promised to call",
)
SECOND_MODEL = day_no(date(2026, 9, 1))


def theme_rows(world: World, day: int) -> Frame:
    """Tags of the contacts of a day, made the next morning; from September a second model tags some again."""
    draw = rng(world.seed, "themes", day)
    c = contacts.contacts(world, day)
    n = size(c)
    heard = draw.random(n) < np.where(c["reason"] == 13, 0.9, 0.87 * np.where(c["channel"] == 0, 0.97, 1.06))
    heard &= contacts.heard(c["cid"])
    base = {k: c[k] for k in ("cid", "channel")}
    main = cases.theme_of(c["reason"], c["issue"])
    main = np.where(c["reason"] == 13, 15, np.where(draw.random(n) < 0.93, main, _other_theme(draw, n)))
    parts = []
    for hit, theme in (
        (heard, main),
        (heard & (c["repeat"] > 0) & (draw.random(n) < 0.6), np.full(n, 8)),
        (heard & (c["wait"] > 120) & (draw.random(n) < 0.5), np.full(n, 7)),
        (heard & (c["visit"] >= 0), np.full(n, 6)),
        (heard & c["solved"] & (draw.random(n) < 0.08), np.full(n, 13)),
        (heard & (draw.random(n) < 0.45), _other_theme(draw, n)),
    ):
        part = {k: v[hit] for k, v in base.items()}
        part["theme"] = theme[hit]
        parts.append(part)
    t = join(parts)
    m = size(t)
    first = np.concatenate([np.ones(size(parts[0]), bool), np.zeros(m - size(parts[0]), bool)])
    sure = np.where(first, 0.62 + 0.36 * draw.random(m), 0.45 + 0.5 * draw.random(m))
    t["confidence"] = np.where(draw.random(m) < 0.04, 0.3 + 0.29 * draw.random(m), sure)
    t["model"] = np.zeros(m, np.int64)
    t["source"] = np.where(
        t["channel"] == 0, np.where(draw.random(m) < 0.06, 3, 0), np.where(draw.random(m) < 0.04, 2, 1)
    )
    t["tagged"] = (day + 1) * DAY + 2 * 3600 + draw.integers(0, 5 * 3600, m)
    t["quote"] = np.where(draw.random(m) < 0.2, draw.integers(0, len(QUOTES), m), -1)
    t["at"] = np.full(m, (day + 1) * DAY + 8 * 3600)
    if day >= SECOND_MODEL:
        again = take(t, unit(t["cid"], 191) < 0.12)
        again |= {"model": np.ones(size(again), np.int64), "confidence": np.minimum(0.99, again["confidence"] + 0.05)}
        t = join([t, again])
    return t


def _other_theme(draw: np.random.Generator, n: int) -> Arr:
    """A second theme; nobody speaks of leaving by the way."""
    theme = draw.integers(0, 14, n)
    return np.where(theme == 10, 3, theme)


def theme_content(world: World, rows: Frame, day: int) -> Content:
    names = ("cid", "channel", "theme", "model", "source", "tagged", "quote")
    rows = rows or {**{k: np.zeros(0, np.int64) for k in names}, "confidence": np.zeros(0)}
    letters = np.where(rows["channel"] == 0, "C", "M").tolist()
    ref = [f"{x}{i:010d}" for x, i in zip(letters, rows["cid"].tolist(), strict=True)]
    tree = [*cases.THEMES, "T-WRNG"]
    if day < OLD_TREE:
        tree = [OLD.get(t, "TH99") for t in tree]
    made = pa.table(
        {
            "contact_ref": texts(ref),
            "theme_code": words(rows["theme"], tree).cast(pa.string()),
            "confidence": column(rows["confidence"]).cast(pa.float32()),
            "model_version": words(rows["model"], MODELS).cast(pa.string()),
            "source": words(rows["source"], SOURCES).cast(pa.string()),
            "tagged_at": column(rows["tagged"] * 1_000_000).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "quote_masked": words(rows["quote"], QUOTES).cast(pa.string()),
        }
    )
    return Content(table=made)


REVIEWS = 0.0042  # of own contacts
POINTS = (("Understanding", 20), ("Empathy", 20), ("Right answer", 30), ("Ownership", 20), ("Next step", 10))


def reviews(world: World, day: int) -> Frame:
    """Reviews of a day's contacts, done within four days: points, reviewer, dispute."""
    key = ("reviews", day)
    if key in world.cache:
        return world.cache[key]  # type: ignore[return-value]
    draw = rng(world.seed, "reviews", day)
    c = contacts.contacts(world, day)
    r = take(c, (c["pid"] >= 0) & (draw.random(size(c)) < REVIEWS))
    n = size(r)
    r["review"] = (day - 18000) * 500 + np.arange(n)
    r["reviewer"] = draw.integers(0, 9, n)
    own, group = world.skill["quality"]
    level = 84 + 2.5 * own[r["pid"]] + 2.4 * group[np.maximum(r["team"], 0)] + 2.0 * np.sin(r["reviewer"] * 2.0)
    score = np.clip(level + 8.5 * draw.standard_normal(n), 30, 100)
    for i, (name, most) in enumerate(POINTS):
        part = score / 100 + 0.08 * draw.standard_normal(n)
        r[f"p{i}"] = np.clip(np.round(part * most), 0, most).astype(np.int64)
        del name
    r["dispute"] = draw.random(n) < 0.03
    r["done"] = day + 1 + draw.integers(0, 4, n)
    r["at"] = r["start"]
    return world.cache.setdefault(key, r)  # type: ignore[return-value]


def qa_book(world: World, folder: Path, day: int) -> int:
    """The workbook of the month as it was at 19:00 of a day: one sheet a site, totals inside the data."""
    today = as_date(day)
    first = day_no(today.replace(day=1))
    if weekday(day) > 4:
        return 0
    held = [take(r, r["done"] <= day) for r in (reviews(world, d) for d in range(first, day))]
    r = join(held)
    path = folder / f"QA_{today:%Y%m}_{today:%Y%m%d}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("." + path.name + ".part")
    book = xlsxwriter.Workbook(str(part), {"in_memory": True})
    book.set_properties({"created": datetime.combine(today, datetime.min.time())})
    form = book.add_format({"num_format": "dd.mm.yyyy"})
    home = world.team_site[np.maximum(r["team"], 0)] if r else np.zeros(0, int)
    for number, (code, name, _) in enumerate([*world.sites, ("HQ", "Specialists", "")]):
        mine = take(r, home == (number if code != "HQ" else -1)) if r else {}
        _sheet(world, book.add_worksheet(name), form, mine, code, today.day >= 15)
    book.close()
    part.replace(path)
    return size(r) if r else 0


def _sheet(world: World, sheet: Any, form: Any, r: Frame, code: str, extra: bool) -> None:
    """One site's sheet: a merged heading above the column names; one site types dates as text."""
    heads = [
        "Review ID",
        "Contact ref",
        "Agent",
        "Reviewer",
        "Contact date",
        *[p for p, _ in POINTS],
        "Dispute",
        "Comment",
    ]
    if extra and code in ("BCAY", "HCAR"):
        heads.insert(5, "Language")  # a column put in mid-month
    put = sheet
    put.merge_range(0, 0, 0, len(heads) - 1, f"Quality reviews {code}")
    for x, head in enumerate(heads):
        put.write(1, x, head)
    total = size(r) // 2 if size(r) > 20 else -1
    y = 2
    for i in range(size(r) if r else 0):
        if i == total:
            put.write_row(y, 0, ["TOTAL", "", "", "", "", *[int(r[f"p{p}"][:i].sum()) for p in range(5)]])
            y += 1
        _review(world, put, form, r, i, y, code, heads)
        y += 1


def _review(world: World, put: Any, form: Any, r: Frame, i: int, y: int, code: str, heads: list[str]) -> None:
    pid = int(r["pid"][i])
    second = int(local(r["start"][i : i + 1], r["zone"][i : i + 1])[0])
    spoken = as_date(second // DAY)
    person = world.people[pid]
    values: list[object] = [
        f"QR{int(r['review'][i]):08d}",
        f"{'C' if r['channel'][i] == 0 else 'M'}{int(r['cid'][i]):010d}",
        person.name if int(r["review"][i]) % 4 == 0 else person.login,
        f"Reviewer {int(r['reviewer'][i]) + 1}",
        f"{spoken:%d.%m.%Y}" if code == "WCCES" else spoken,
        *([["EN", "DE"][i % 2]] if "Language" in heads else []),
        *[int(r[f"p{p}"][i]) for p in range(5)],
        "Y" if r["dispute"][i] else "",
        "calm and clear" if i % 9 == 0 else "",
    ]
    for x, value in enumerate(values):
        if isinstance(value, date):
            put.write_datetime(y, x, value, form)
        else:
            put.write(y, x, value)


FEEDS = [
    Feed("voice_themes", "themes_{day}.parquet", theme_rows, theme_content, back=2, named=0),
]
