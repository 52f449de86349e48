"""One customer's record among 25 million: made-up records in the order of their numbers, found by number at random.

Nothing of the sort is published yet; this measures the form that a customer card would read from: a file of its own
that is written in the order of the key, so that a look-up touches one row group, and opened like a version.
"""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path

import duckdb

from data.store import Store

MANY, ASKED, ROW_GROUP = 25_000_000, 300, 12_288


def run(folder: Path, many: int = MANY) -> str:
    """A line of text: how long making took, how large it is, and the milliseconds of single look-ups."""
    path = folder / "v0000000.duckdb"
    folder.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    began = time.perf_counter()
    _make(path, many)
    made = time.perf_counter() - began
    taken = []
    chance = random.Random(many)
    with Store(path) as store:
        for _ in range(ASKED):
            wanted = chance.randrange(many)
            began = time.perf_counter()
            rows = store.fetch("SELECT * FROM customer WHERE customer_id = ?", [wanted])
            taken.append((time.perf_counter() - began) * 1000)
            assert [row[0] for row in rows] == [wanted]
    size = path.stat().st_size / 1e6
    path.unlink()
    path.with_suffix(".readers").unlink(missing_ok=True)
    worst = sorted(taken)[int(0.95 * len(taken))]
    return (
        f"One customer of {many:,}: p50 {statistics.median(taken):.1f} ms, p95 {worst:.1f} ms "
        f"(made in {made:.1f} s, {size:.0f} MB)"
    )


def _make(path: Path, many: int) -> None:
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        con.execute("SET memory_limit = '1500MB'; SET preserve_insertion_order = true; SET threads = 2")
        con.execute(f"ATTACH '{path}' AS made (ROW_GROUP_SIZE {ROW_GROUP}, RECOVERY_MODE 'no_wal_writes')")
        con.execute(
            f"""CREATE TABLE made.customer AS SELECT i AS customer_id, 'A' || (i * 7 % 90) AS area_code,
                ['home', 'small business', 'business'][(1 + hash(i) % 3)::BIGINT] AS segment,
                ['internet', 'tv', 'phone', 'mobile', 'bundle'][(1 + hash(i, 1) % 5)::BIGINT] AS product,
                hash(i, 2)::VARCHAR AS address_id, hash(i, 3) % 20 > 0 AS active, hash(i, 4) % 9 > 0 AS reachable,
                DATE '2005-01-01' + (hash(i, 5) % 7500)::INTEGER AS active_since,
                (hash(i, 6) % 4)::INTEGER AS problems, DATE '2026-01-01' + (hash(i, 7) % 300)::INTEGER AS last_contact
                FROM range({many}) r(i)"""
        )
        con.execute("CHECKPOINT made")
