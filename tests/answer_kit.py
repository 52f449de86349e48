"""What the tests of answers share: desks on the made-up store, and stores with figures set by hand."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from queries import Desk, Shared, directory
from queries import catalogue as catalogues
from queries.query import Query
from tests import fakestore

TODAY = fakestore.UNTIL
WEEK = {"from": "2026-11-16", "to": "2026-11-19"}
QUARTER = {"from": "2026-08-17", "to": "2026-11-16"}
MONTH = {"from": "2026-10-01", "to": "2026-11-01"}


@lru_cache
def definitions() -> catalogues.Catalogue:
    return catalogues.load(fakestore.FERNWAY)


@lru_cache
def shared(days: int = 182) -> tuple[Any, Shared]:
    store = fakestore.store("demo", days)
    return store, Shared(definitions())


def desk(login: str, on: date = TODAY, store: Any = None) -> Desk:
    """The desk of somebody on the made-up store, or on another one."""
    usual, kept = shared()
    store, kept = (usual, kept) if store is None else (store, Shared(definitions()))
    viewer = directory.viewer(login, kept.shelf(store).directory, definitions())
    assert viewer is not None, login
    return Desk(definitions(), store, viewer, on, shared=kept)


def query(metric: str | list[str], **fields: Any) -> Query:
    metrics = [metric] if isinstance(metric, str) else metric
    return Query.from_json({"metrics": metrics, **fields})


def ask(login: str, metric: str | list[str], store: Any = None, **fields: Any) -> dict[str, Any]:
    """The JSON of an answer, with its rows as dicts too."""
    found = desk(login, store=store).answer(query(metric, **fields)).to_json()
    found["dicts"] = [dict(zip(found["columns"], row, strict=True)) for row in found.get("rows", [])]
    return found


def store_with(
    folder: Path,
    metric: str,
    rows: Iterable[Mapping[str, Any]],
    company: str = "demo",
    without: Iterable[str] = (),
    source: Any = None,
) -> Any:
    """A store whose roll-ups of one metric hold exactly these rows (day, person, team, mix, num, den and more).

    `without`: metrics that are not in it.
    """
    made = source or fakestore.store(company, 182)
    path = folder / f"{metric}-{len(list(folder.iterdir()))}.duckdb"
    shutil.copy((folder if source else Path(tempfile.gettempdir())) / f"{made.version}.duckdb", path)
    con = duckdb.connect(str(path))
    for table in (f"m_{metric}", f"t_{metric}"):
        con.execute(f"DELETE FROM {table}")
    for other in without:
        con.execute(f"DROP TABLE m_{other}")
        con.execute(f"DROP TABLE t_{other}")
    columns = [r[0] for r in con.execute(f"DESCRIBE m_{metric}").fetchall()]
    places = {
        r[0]: r[1:] for r in con.execute("SELECT code, area, site, region FROM units WHERE level = 'team'").fetchall()
    }
    filled = []
    for row in rows:
        area, site, region = places.get(row.get("team"), (None, None, None))
        filled.append({"area": area, "site": site, "region": region, "n": row.get("den", 0), "mix": "all", **row})
    con.register("filled", pd.DataFrame(filled, columns=columns))
    con.execute(f"INSERT INTO m_{metric} BY NAME SELECT * FROM filled")
    small = [r[0] for r in con.execute(f"DESCRIBE t_{metric}").fetchall()]
    keys = [c for c in small if c not in ("num", "den", "mirror", "n")]
    sums = [f"sum({c}) AS {c}" for c in small if c in ("num", "den", "mirror", "n")]
    con.execute(
        f"INSERT INTO t_{metric} BY NAME SELECT {', '.join(keys + sums)} FROM m_{metric} GROUP BY {', '.join(keys)}"
    )
    con.close()
    return fakestore.FakeStore(path)


def teams_of(kind: str, company: str = "demo") -> list[str]:
    store = fakestore.store(company, 182)
    rows = store.fetch("SELECT code FROM units WHERE level = 'team' AND kind = ? ORDER BY code", [kind])
    return [row[0] for row in rows]
