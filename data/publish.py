"""A new version of the store: the previous one copied, changed days brought up to date, small tables written anew.

The version gets its name only when it is whole; then the pointer moves to it in one step. Days wait in `unpublished`
until that has happened, so a crash anywhere means only that the next pass publishes them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import duckdb

from data import beside, health, steps
from data.facts import setup
from data.facts.days import condition
from data.renewal import renew
from data.store import POINTER, Versions
from data.work import Var, transaction

BY_DAY = ("m_", "t_", "r_")
"""Names of tables that are replaced day by day; r_ only where a metric lists single rows."""
ROW_GROUP = 10_240
"""Rows that are stored and rewritten together: few, for a version differs from the one before by some days."""
BLOCK = 65_536
"""Bytes that a file is written by: a column of so few rows leaves much of a larger block empty."""
MERGED = 8
"""Every so many versions row groups that have become small are merged: half the time of packing a version."""
MOST = 0.8
"""Share of the days of all roll-ups from which on a version is written anew."""
WHOLE = ("calendar", "people", "units", "membership", "names", "metric_state", "sealed")
SPARE = 3
"""A file grows by what is replaced in it; it is written anew when a row takes this many times its first bytes."""


@contextmanager
def ahead(var: Var) -> Iterator[Future[str | None]]:
    """Meanwhile the newest version is copied for the next one to be made of; a copy that nobody took goes."""
    versions = Versions(var.root)
    part = _part(versions, _next(versions))
    try:
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(_copied, versions, part)
    finally:
        part.unlink(missing_ok=True)


def _copied(versions: Versions, part: Path) -> str | None:
    newest = versions.newest()
    if newest is None or not versions.sound(newest):
        return None
    shutil.copyfile(versions.path(newest), part)
    return newest


def publish(
    con: duckdb.DuckDBPyConnection, var: Var, company: Path, meta: Mapping[str, str],
    copied: Future[str | None] | None = None, again: bool = False,
) -> str:  # fmt: skip
    """Publish what is in the work database when anything changed since the last version, or `again`; the newest name.

    `copied`: the copy that is being made `ahead`. Of the day that is still running groups of few news wait (`steps`):
    their days stay unpublished.
    """
    versions = Versions(var.root)
    ours, newest = copied.result() if copied else None, versions.newest()
    if newest and newest != ours and not versions.sound(newest):
        newest = None
    changed, today = _changed(con), steps.running(datetime.now(UTC))
    books, waiting = _mark(con, meta), _waiting(changed, today)
    if newest and not again and (books, waiting) == (_progress(con, "published"), _progress(con, "waiting") or ""):
        return newest
    version = _next(versions)
    target, part = versions.path(version), _part(versions, version)
    target.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{part}.wal").unlink(missing_ok=True)
    anew = newest is None or (again and _due(con)) or _most(con, changed)
    if anew:
        part.unlink(missing_ok=True)
    elif newest != ours:
        _copied(versions, part)
    try:
        step = _fill(con, part, company, changed, {**meta, "version": version}, anew, today)
    except duckdb.Error:
        if newest is None or anew or versions.whole(newest):
            raise
        return publish(con, var, company, meta)  # anew: what was copied is damaged
    _put(part, target, versions.folder / POINTER, version)
    _settled(con, books, target, anew, step)
    versions.clear()
    return version


def packed(con: duckdb.DuckDBPyConnection, var: Var, company: Path, meta: Mapping[str, str]) -> str:
    """A version of the same figures that lies closer together, when one is due: for when nobody waits for a version."""
    versions = Versions(var.root)
    due = _due(con) or _merges(_next(versions))
    return publish(con, var, company, meta, again=True) if due else versions.newest() or ""


def _due(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the newest version has grown so much that it is to be written anew."""
    return _progress(con, "compact") == "due"


def _merges(version: str) -> bool:
    return int(version[1:]) % MERGED == 0


def _part(versions: Versions, version: str) -> Path:
    """Where a version is written before it has its name."""
    return versions.path(version).with_suffix(".part")


def _changed(con: duckdb.DuckDBPyConnection) -> dict[str, set[date]]:
    changed: dict[str, set[date]] = {}
    for metric, day in con.execute("SELECT DISTINCT metric, day FROM unpublished").fetchall():
        changed.setdefault(str(metric), set()).add(day)
    return changed


def _waiting(changed: Mapping[str, set[date]], today: date | None) -> str:
    """Of the changed days those of the running day, as kept from one publishing to the next; "all" with any other."""
    others = any(days - {today} for days in changed.values())
    return "all" if others else f"{today}: {sorted(changed)}" if changed else ""


def _most(con: duckdb.DuckDBPyConnection, changed: Mapping[str, set[date]]) -> bool:
    """Nearly everything is to be replaced: a version written anew is sooner done and has no gaps."""
    sizes = _sizes(con)
    held = sizes.pop("calendar", 0) - setup.AHEAD - setup.BEHIND
    return sum(len(days) for days in changed.values()) > MOST * len(sizes) * held > 0


def _mark(con: duckdb.DuckDBPyConnection, meta: Mapping[str, str]) -> str:
    """What the small tables depend on besides changed days: the books, files left lying, how far the loading is."""
    sums = "count(*), sum(received), sum(rejected), sum(waiting), max(loaded_at), count(*) FILTER (state = 'expired'), "
    sums += "(SELECT count(*) FROM rejects), (SELECT count(*) FROM strangers)"
    row = con.execute(f"SELECT {sums} FROM ledger").fetchone()
    return f"{row} {sorted(meta.items())}"


def _progress(con: duckdb.DuckDBPyConnection, key: str) -> str | None:
    row = con.execute("SELECT value FROM progress WHERE key = ?", [key]).fetchone()
    return str(row[0]) if row else None


def _next(versions: Versions) -> str:
    names = [p.stem for p in versions.folder.glob("v*.duckdb")] if versions.folder.exists() else []
    number = max((int(n[1:]) for n in [*names, versions.newest() or "v0"]), default=0) + 1
    return f"v{number:07d}"


def _tables(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, column in con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = 'main' "
        "AND NOT internal ORDER BY table_name, column_index",
        [database],
    ).fetchall():
        found.setdefault(str(table), []).append(str(column))
    return found


def _fill(
    con: duckdb.DuckDBPyConnection, part: Path, company: Path, changed: Mapping[str, set[date]],
    meta: Mapping[str, str], fresh: bool, today: date | None,
) -> steps.Step:  # fmt: skip
    """Write the version; the file has no name yet, so it needs no log of its own."""
    block = f", BLOCK_SIZE {BLOCK}" if fresh else ""
    con.execute(f"ATTACH '{part}' AS version (RECOVERY_MODE 'no_wal_writes', ROW_GROUP_SIZE {ROW_GROUP}{block})")
    try:
        step = steps.step(company, today)
        beside.run(con, _tasks(con, company, changed, fresh, step))
        with transaction(con):
            health.state(con, company, meta)
        _pack(con, _merges(meta["version"]))
        return step
    finally:
        con.execute("DETACH version")


def _tasks(
    con: duckdb.DuckDBPyConnection, company: Path, changed: Mapping[str, set[date]], fresh: bool, step: steps.Step
) -> dict[str, beside.Task]:
    """What is written side by side: the books, each roll-up, the small tables. Tables that are no more go at once."""
    here = str((con.execute("SELECT current_database()").fetchone() or ("",))[0])
    ours, theirs = _tables(con, here), _tables(con, "version")
    for table in theirs.keys() - ours.keys():
        if table.startswith(BY_DAY):
            con.execute(f'DROP TABLE version."{table}"')
    kept = {t for t in ours if not fresh and theirs.get(t) == ours[t]}
    tasks: dict[str, beside.Task] = {"books": partial(health.books, company)}
    for rollup, tables in _rollups(con, ours).items():
        days = {t: changed.get(rollup, set()) if t in kept else None for t in tables}
        if any(some is None or some for some in days.values()):
            tasks[f"m_{rollup}"] = partial(_rollup, here, rollup, days, ours.get(f"m_{rollup}", ()), step)
    return tasks | {table: partial(_whole, here, table) for table in WHOLE if table in ours}


def _pack(con: duckdb.DuckDBPyConnection, merge: bool) -> None:
    """What was written in memory goes into the file."""
    con.execute("RESET max_vacuum_tasks" if merge else "SET max_vacuum_tasks = 0")
    try:
        con.execute("CHECKPOINT version")
    finally:
        con.execute("RESET max_vacuum_tasks")


def _rollups(con: duckdb.DuckDBPyConnection, tables: Collection[str]) -> dict[str, list[str]]:
    """Roll-up -> its tables; the largest first, for the others fit in beside and after it."""
    found: dict[str, list[str]] = {}
    for table in sorted(tables):
        if table.startswith(BY_DAY):
            found.setdefault(table[2:], []).append(table)
    sizes = _sizes(con)
    return dict(sorted(found.items(), key=lambda item: -sizes.get(f"m_{item[0]}", 0)))


def _whole(here: str, table: str, con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f'CREATE OR REPLACE TABLE version."{table}" AS SELECT * FROM "{here}".main."{table}"')


def _rollup(
    here: str, rollup: str, days: Mapping[str, Collection[date] | None], columns: Collection[str], step: steps.Step,
    con: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    """The tables of one roll-up brought up to date, each of its `days`; None for the whole table."""
    with transaction(con):
        if step.day in (days.get(f"m_{rollup}") or ()):
            step.look(con, here, rollup, columns)
        for table, some in days.items():
            _days(here, table, some, step.taken(rollup), con)


def _days(here: str, table: str, days: Collection[date] | None, taken: str, con: duckdb.DuckDBPyConnection) -> None:
    """Bring days of one table up to date; None = the whole table, in the order of days: storage can be skipped.

    `taken`: the condition for rows that are replaced.
    """
    source, target = f'"{here}".main."{table}"', f'version."{table}"'
    if days is None:
        con.execute(f"CREATE OR REPLACE TABLE {target} AS SELECT * FROM {source} ORDER BY day")
        return
    if table.startswith("t_"):  # a view of the work database
        where = f"{condition('day', days)} AND {taken}"
        con.execute(f"CREATE OR REPLACE TEMP TABLE made AS SELECT * FROM {source} WHERE {where}")
        source = "temp.made"
    renew(con, source, target, days, taken)


def _put(part: Path, target: Path, pointer: Path, version: str) -> None:
    """The file under its name, then the pointer; both reach the disk before the next step."""
    with part.open("rb") as handle:
        os.fsync(handle.fileno())
    part.replace(target)
    draft = pointer.with_suffix(".part")
    with draft.open("w", encoding="utf-8") as writer:
        writer.write(f"{version} {target.stat().st_size}\n")
        writer.flush()
        os.fsync(writer.fileno())
    draft.replace(pointer)


def _sizes(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of the tables of all roll-ups and of the calendar, about."""
    rows = con.execute(
        "SELECT table_name, estimated_size FROM duckdb_tables() WHERE database_name = current_database() "
        "AND (starts_with(table_name, 'm_') OR table_name = 'calendar')"
    ).fetchall()
    return {str(table): int(size) for table, size in rows}


def _settled(con: duckdb.DuckDBPyConnection, books: str, target: Path, fresh: bool, step: steps.Step) -> None:
    size, rows = target.stat().st_size, max(1, sum(_sizes(con).values()))
    first = size / rows if fresh else float(_progress(con, "row_size") or size / rows)
    due = "due" if size > SPARE * first * rows + 50_000_000 else ""
    waiting = _waiting({rollup: {day} for rollup, day in step.left()}, step.day)
    state = {"published": books, "row_size": str(first), "compact": due, "waiting": waiting}
    with transaction(con):
        con.execute("DELETE FROM unpublished")
        if step.left():
            con.executemany("INSERT INTO unpublished VALUES (?, ?)", sorted(step.left()))
        con.executemany("INSERT OR REPLACE INTO progress VALUES (?, ?)", list(state.items()))
