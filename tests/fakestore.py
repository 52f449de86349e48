# ruff: noqa: E501
"""A made-up published store for tests: every table of the seam, every metric of the company, random but believable.

`store(company="demo"|"full"|"tiny", days=…)` builds one DuckDB file in the temporary folder (once per version of
this file and of the metrics) and opens it read-only.
"""

from __future__ import annotations

import csv
import hashlib
import os
import random
import shutil
import tempfile
import threading
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from queries import catalogue as catalogues
from tests.kept import kept

ROOT = Path(__file__).resolve().parents[1]
FERNWAY = ROOT / "data" / "companies" / "fernway"
UNTIL = date(2026, 11, 18)
FIRST = [
    "Ana",
    "Ben",
    "Cleo",
    "Dov",
    "Eva",
    "Finn",
    "Gus",
    "Hedy",
    "Ivo",
    "Jana",
    "Kai",
    "Lia",
    "Max",
    "Nia",
    "Oto",
    "Pia",
    "Raj",
    "Sia",
    "Tom",
    "Uma",
    "Vik",
    "Wes",
    "Yara",
    "Zoe",
]
LAST = [
    "Abel",
    "Brandt",
    "Cruz",
    "Dorn",
    "Evans",
    "Falk",
    "Grau",
    "Haas",
    "Ito",
    "Jung",
    "Kern",
    "Lund",
    "Moro",
    "Nagy",
    "Olsen",
    "Pinto",
    "Rey",
    "Stone",
    "Toth",
    "Ueda",
]
MEAN = {"ratio": 0.1, "share": 0.1, "stock": 0.1, "avg": 3.0, "score": 84.0, "median": 20.0, "count": 1.0}


class FakeStore:
    """The `Store` protocol over one DuckDB file."""

    dialect = "duckdb"

    def __init__(self, path: Path) -> None:
        self.version = path.stem
        self._connection = duckdb.connect(str(path), read_only=True)
        self._local = threading.local()

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if not hasattr(self._local, "cursor"):
            self._local.cursor = self._connection.cursor()
        return self._local.cursor.execute(sql, list(parameters)).fetchall()

    def columns(self, table: str) -> tuple[str, ...]:
        rows = self.fetch(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [table]
        )
        return tuple(row[0] for row in rows)


def store(company: str = "demo", days: int = 126, until: date = UNTIL, seed: int = 7) -> FakeStore:
    """The store of a company of the given size over the last `days` days up to and including `until`."""
    sources = [Path(__file__), *sorted((FERNWAY / "metrics").glob("*.yml")), FERNWAY / "dimensions.yml"]
    mark = hashlib.sha256(b"".join(p.read_bytes() for p in sources) + f"{company}{days}{until}{seed}".encode())
    path = kept(f"fake-{company}", mark.hexdigest()[:12], ".duckdb")
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}.part")
        _build(part, company, days, until, seed)
        part.replace(path)
    return FakeStore(path)


def published(var: Path) -> Path:
    """A runtime folder made of an empty one: its published version is the demo company's store."""
    (var / "store").mkdir()
    shutil.copy(Path(tempfile.gettempdir()) / f"{store().version}.duckdb", var / "store" / "v0000001.duckdb")
    (var / "store" / "current").write_text("v0000001\n", encoding="utf-8")
    return var


def _build(path: Path, company: str, days: int, until: date, seed: int) -> None:
    rng = random.Random(seed)
    catalogue = catalogues.load(FERNWAY)
    teams = [t for t in csv.DictReader((FERNWAY / "teams.csv").open(encoding="utf-8")) if _wanted(t, company)]
    people = _people(teams, rng)
    con = duckdb.connect(str(path))
    con.execute("SET threads = 2")
    _units(con, teams)
    con.execute(
        "CREATE TABLE people(login TEXT, name TEXT, role TEXT, work TEXT, unit_level TEXT, unit TEXT, "
        "cover_level TEXT, cover_codes TEXT, since DATE)"
    )
    con.executemany("INSERT INTO people VALUES (?,?,?,?,?,?,?,?,?)", people)
    con.execute("CREATE TABLE membership(person TEXT, team TEXT, kind TEXT, valid_from DATE, valid_to DATE)")
    con.execute(
        "INSERT INTO membership SELECT login, unit, 'HOME', since, DATE '9999-12-31' FROM people WHERE unit <> ''"
    )
    con.execute("CREATE TABLE names(dimension TEXT, value TEXT, name TEXT)")
    first = until - timedelta(days=days - 1)
    con.execute("CREATE TABLE meta(key TEXT, value TEXT)")
    meta = {"first_day": first, "last_day": until, "as_of": f"{until}T17:45:00", "company": catalogue.name,
            "version": path.stem, "sealed_to": until - timedelta(days=10)}  # fmt: skip
    con.executemany("INSERT INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in meta.items()])
    con.execute(
        "CREATE TABLE calendar AS SELECT day, ['mon','tue','wed','thu','fri','sat','sun'][isodow(day)] AS weekday, "
        "date_trunc('week', day)::DATE AS week, date_trunc('month', day)::DATE AS month, "
        "date_trunc('quarter', day)::DATE AS quarter, date_trunc('year', day)::DATE AS year FROM "
        "(SELECT unnest(generate_series(?::DATE - 400, ?::DATE + 31, INTERVAL 1 DAY))::DATE AS day)",
        [first, until],
    )
    con.execute("CREATE TABLE metric_state(metric TEXT, state TEXT, note TEXT)")
    con.execute(
        "CREATE TABLE freshness(source TEXT, label TEXT, rhythm TEXT, newest_at TIMESTAMP, received_at TIMESTAMP, "
        "state TEXT, note TEXT)"
    )
    for number, metric in enumerate(catalogue.metrics.values()):
        con.execute("INSERT INTO metric_state VALUES (?, 'ok', '')", [metric.key])
        _roll(con, catalogue, metric, number, first, until)
        _credited(con, metric)
    con.close()


def _wanted(team: dict[str, str], company: str) -> bool:
    if company == "tiny":
        return team["demo"] == "yes" and team["region"] in ("North", "South")
    return company == "full" or team["demo"] == "yes"


def _people(teams: list[dict[str, str]], rng: random.Random) -> list[tuple[Any, ...]]:
    """login, name, role, work, unit_level, unit, cover_level, cover_codes, since."""
    named = list(csv.DictReader((FERNWAY / "people.csv").open(encoding="utf-8")))
    rows: dict[str, tuple[Any, ...]] = {}
    old = date(2019, 3, 4)
    for p in named:
        if p["role"] == "frontline":
            team = next((t for t in teams if t["team"] == p["covers"]), None)
            unit = "F-NLAK-2" if p["login"] == "samuel.greco" else p["covers"]
            since = date(2026, 11, 6) if p["login"] == "viola.tanaka" else old
            if team:
                row = (p["login"], p["name"], "frontline", team["family"], "team", unit, "person", p["login"], since)
                rows[p["login"]] = row
        else:
            level, _, code = p["covers"].partition(":")
            work = {"area": "field", "site": "care"}.get(level, "")
            unit_level = level if level != "company" else ""
            rows[p["login"]] = (p["login"], p["name"], p["role"], work, unit_level, code, level, code, old)
    for t in teams:
        login = t["login"]
        rows[login] = (login, t["supervisor"], "supervisor", t["family"], "team", t["team"], "team", t["team"], old)
    for t in teams:
        have = sum(1 for r in rows.values() if r[5] == t["team"] and r[2] == "frontline")
        for _ in range(int(t["staff"]) - have):
            name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
            login = base = name.lower().replace(" ", ".")
            number = 2
            while login in rows:
                login, number = f"{base}{number}", number + 1
            since = UNTIL - timedelta(days=rng.choice([20, 60, 200, 400, 900, 2500, 3000]))
            rows[login] = (login, name, "frontline", t["family"], "team", t["team"], "person", login, since)
    return sorted(rows.values())


def _units(con: duckdb.DuckDBPyConnection, teams: list[dict[str, str]]) -> None:
    con.execute(
        "CREATE TABLE units(level TEXT, code TEXT, name TEXT, work TEXT, kind TEXT, density TEXT, leader TEXT, "
        "staff INTEGER, team TEXT, area TEXT, site TEXT, region TEXT)"
    )
    rows: dict[tuple[str, str], tuple[Any, ...]] = {}
    for t in teams:
        place = {k: t[k] or None for k in ("area", "site", "region")}
        kind = t["work"].split(":")[0]
        rows[("team", t["team"])] = (t["name"], t["family"], kind, t["density"], t["login"], int(t["staff"]),
                                     t["team"], place["area"], place["site"], place["region"])  # fmt: skip
        if t["area"]:
            rows[("area", t["area"])] = (
                t["area"],
                "field",
                "area",
                t["density"],
                "",
                0,
                None,
                t["area"],
                None,
                t["region"],
            )
        if t["site"]:
            rows[("site", t["site"])] = (t["site"], "care", "site", "", "", 0, None, None, t["site"], t["region"])
        if t["region"]:
            rows[("region", t["region"])] = (t["region"], "", "region", "", "", 0, None, None, None, t["region"])
    for (level, code), row in sorted(rows.items()):
        con.execute(f"INSERT INTO units VALUES ({','.join('?' * 12)})", [level, code, *row])


def _roll(con: Any, catalogue: Any, metric: Any, number: int, first: date, until: date) -> None:
    """One m_ table and its t_ table."""
    kind, keys = metric.kind, [d for d in metric.dimensions if d != "weekday"]

    def rnd(salt: str) -> str:
        return f"((hash(p.login, d.day, {number}, '{salt}') % 100000) / 100000.0)"

    picks = []
    for key in keys:
        if key in ("work", "density"):
            picks.append(f"NULLIF(u.{key}, '') AS \"{key}\"")
        elif key == "tenure":
            picks.append("CASE WHEN d.day - p.since < 90 THEN 'new' WHEN d.day - p.since > 1826 THEN 'veteran' "
                         "ELSE 'settled' END AS tenure")  # fmt: skip
        else:
            values = list(catalogue.dimensions[key].values)
            listed = "[" + ",".join(f"'{v}'" for v in values) + "]"
            picks.append(f"{listed}[1 + (hash(p.login, d.day, '{key}') % {len(values)})::INT] AS \"{key}\"")
    mean = metric.standard if metric.standard is not None else MEAN[kind]
    unit_skill = f"(0.75 + 0.5 * ((hash(u.code, {number}) % 1000) / 1000.0))"
    own_skill = f"(0.8 + 0.4 * ((hash(p.login, {number}) % 1000) / 1000.0))"
    feeds = metric.feeds or ("field",)
    people_known = bool(metric.feeds) and "team" in metric.levels
    person = "p.login" if people_known and "person" in [*metric.levels, "person"] else "NULL"
    team = "u.team" if people_known else "NULL"
    cases = f"(1 + (hash(p.login, d.day, {number}) % 5)::BIGINT)"
    if kind in ("ratio", "stock", "share"):
        rate = f"least(0.98, {mean} * {unit_skill} * {own_skill})"
        draws = [
            f"({i} < {cases} AND hash(p.login, d.day, {number}, {i}) % 10000 < 10000 * {rate})::INT" for i in range(5)
        ]
        num = f"({' + '.join(draws)})"
        parts = f"{num}::DOUBLE AS num, {cases}::DOUBLE AS den"
    elif kind in ("avg", "score"):
        parts = f"({mean} * {unit_skill} * {own_skill} * {cases})::DOUBLE AS num, {cases}::DOUBLE AS den"
    elif kind == "count":
        parts = f"(hash(p.login, d.day, {number}) % 2)::DOUBLE AS num, 0.05::DOUBLE AS den"
    else:
        parts = f"round({mean} * {unit_skill} * 2 * {rnd('v')})::DOUBLE AS value"
    if metric.mirror_of == "own":
        parts += f", ({cases} * 0.1)::DOUBLE AS mirror"
    mix = (
        " || '|' || ".join(f"coalesce(\"{k}\", '-')" for k in keys if k in ("job_type", "density", "reason")) or "'all'"
    )
    columns = ", ".join(picks)
    con.execute(
        f"CREATE TABLE m_{metric.key} AS SELECT *, {mix} AS mix FROM (SELECT d.day, {person} AS person, {team} AS team, "
        f"u.area, u.site, u.region{', ' + columns if columns else ''}, {cases}::BIGINT AS n, {parts} "
        "FROM people p JOIN units u ON u.level = 'team' AND u.code = p.unit "
        "CROSS JOIN (SELECT day FROM calendar WHERE day BETWEEN ? AND ?) d "
        f"WHERE p.role = 'frontline' AND list_contains(?, u.work) AND hash(p.login, d.day) % 3 > 0 AND d.day >= p.since)",
        [first, until, list(feeds)],
    )
    if kind == "share" and metric.over:
        over = metric.over
        con.execute(
            f"INSERT INTO m_{metric.key} BY NAME SELECT * REPLACE (NULL AS {over}, 0.0 AS num) FROM m_{metric.key}"
        )
        con.execute(f"UPDATE m_{metric.key} SET den = 0, num = n WHERE {over} IS NOT NULL")
    levels = "day, team, area, site, region, mix"
    have = [c for c in ("num", "den", "mirror") if c in _columns(con, f"m_{metric.key}")]
    group = levels + (", value" if kind == "median" else "")
    sums = ", ".join(f"sum({c}) AS {c}" for c in [*have, "n"])
    con.execute(f"CREATE TABLE t_{metric.key} AS SELECT {group}, {sums} FROM m_{metric.key} GROUP BY {group}")


def _credited(con: Any, metric: Any) -> None:
    """Roll-ups of units that share in the work of others: a desk of the region has its work, and nobody's name."""
    for work in metric.credited:
        con.execute(
            f"CREATE TABLE m_{metric.key}__{work} AS SELECT m.* REPLACE (NULL::VARCHAR AS person, d.code AS team, "
            f"NULL::VARCHAR AS area, NULL::VARCHAR AS site) FROM m_{metric.key} m JOIN (SELECT region, min(code) AS code "
            "FROM units WHERE level = 'team' AND work = ? GROUP BY region) d USING (region)",
            [work],
        )


def _columns(con: Any, table: str) -> list[str]:
    return [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
