"""A store with hand-made rows for one KPI: the made-up company's people and units, and the work a test needs."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas

from queries import catalogue as catalogues
from tests import fakestore


@dataclass(frozen=True)
class Done:
    """Work of one person on one day: cases and events of them; `mix` is the fairness cell."""

    day: date
    person: str
    team: str
    n: int
    x: int
    mix: str = "all"
    job_type: str = "repair"
    cause: str | None = None


COLUMNS = ["day", "person", "team", "area", "site", "region", "job_type", "cause", "mix", "n", "num", "den"]


def store(
    metric: str, rows: Iterable[Done], company: str = "demo", days: int = 126, early: Iterable[Done] = (),
    first: date | None = None,
) -> fakestore.FakeStore:  # fmt: skip
    """The store of the made-up company in which the KPI has these rows only.

    `early`: its early signs; `first`: the first day it says to hold.
    """
    origin = fakestore.store(company=company, days=days)
    source = Path(origin._connection.execute("SELECT path FROM duckdb_databases() WHERE NOT internal").fetchall()[0][0])
    folder = tempfile.mkdtemp(prefix="mini-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / f"mini-{metric}.duckdb"
    shutil.copy(source, path)
    con = duckdb.connect(str(path))
    units = {c: (a, s, r) for c, a, s, r in con.execute(
        "SELECT code, area, site, region FROM units WHERE level = 'team'").fetchall()}  # fmt: skip
    guards = catalogues.load(fakestore.FERNWAY).metrics[metric].counter_metrics
    for table in (f"{kind}_{key}" for key in (metric, *guards) for kind in "mt"):
        con.execute(f"DELETE FROM {table}")
    con.execute(f"CREATE OR REPLACE TABLE m_{metric}__early AS FROM m_{metric}")
    for table, held in ((f"m_{metric}", rows), (f"m_{metric}__early", early)):
        done = [
            (r.day, r.person, r.team, *units[r.team], r.job_type, r.cause, r.mix, r.n, float(r.x), float(r.n))
            for r in held
        ]
        frame = pandas.DataFrame(done, columns=COLUMNS)
        known = [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
        con.register("frame", frame[[c for c in COLUMNS if c in known]])
        con.execute(f"INSERT INTO {table} BY NAME SELECT * REPLACE (day::DATE AS day) FROM frame")
    con.execute(
        f"INSERT INTO t_{metric} BY NAME SELECT day, team, area, site, region, mix, sum(num) AS num, sum(den) AS den, "
        f"sum(n) AS n FROM m_{metric} GROUP BY ALL"
    )
    if first is not None:
        con.execute("UPDATE meta SET value = ? WHERE key = 'first_day'", [str(first)])
    con.close()
    made = fakestore.FakeStore(path)
    weakref.finalize(made, shutil.rmtree, path.parent, ignore_errors=True)
    return made


def spread(people: list[str], team: str, first: date, days: int, n: int, x: int) -> list[Done]:
    """n cases with x events, dealt out evenly over people and days."""
    slots = [(first + timedelta(days=d), p) for d in range(days) for p in people]
    found = []
    for i, (day, person) in enumerate(slots):
        share = lambda total: (i + 1) * total // len(slots) - i * total // len(slots)  # noqa: E731, B023
        if share(n):
            found.append(Done(day, person, team, share(n), min(share(x), share(n))))
    return found
