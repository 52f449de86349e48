"""Work on one database by several connections side by side: tasks in the order in which they need each other.

Each worker has a connection of its own (temporary tables, transaction); DuckDB lets Python go while it works.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from graphlib import TopologicalSorter

import duckdb

Task = Callable[[duckdb.DuckDBPyConnection], None]
SCRATCH = "beside"
"""An attached database in memory: tables that all connections see and nobody keeps."""


def workers(con: duckdb.DuckDBPyConnection) -> int:
    """As many as the database has threads."""
    row = con.execute("SELECT current_setting('threads')").fetchone()
    return max(1, int(row[0])) if row else 1


def scratch(con: duckdb.DuckDBPyConnection) -> None:
    """Attach the database SCRATCH anew: it is empty afterwards."""
    con.execute(f"DETACH DATABASE IF EXISTS {SCRATCH}")
    con.execute(f"ATTACH ':memory:' AS {SCRATCH}")


def run(
    con: duckdb.DuckDBPyConnection, tasks: Mapping[str, Task], after: Mapping[str, Collection[str]] | None = None,
    prepare: Task | None = None,
) -> None:  # fmt: skip
    """Run the tasks, those named in `after` before the one that they belong to; `prepare` runs once a connection.

    Of those that could begin, one that much waits for is first, else the one that is given first.

    The first error is raised when nothing runs any more. A task that runs out of memory beside others is tried again
    alone: a task must leave nothing behind when it fails (one transaction).
    """
    needs = {name: [n for n in (after or {}).get(name, ()) if n in tasks] for name in tasks}
    graph, chains = TopologicalSorter(needs), _chains(needs)
    rank = {name: (-chains[name], given) for given, name in enumerate(tasks)}
    graph.prepare()
    mine = _Connections(con, prepare)
    cores = workers(con)
    running: dict[Future[None], str] = {}
    errors: list[BaseException] = []
    ready, again = list[str](), list[str]()
    with ThreadPoolExecutor(cores) as pool, _kept(con, cores):
        while running or (graph.is_active() and not errors):
            ready = sorted([*ready, *graph.get_ready()], key=rank.__getitem__)
            while ready and len(running) < cores and not errors and not again:
                name = ready.pop(0)
                running[pool.submit(mine.do, tasks[name])] = name
            _help(con, max(0, cores - len(running)))
            for done in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                name, error = running.pop(done), done.exception()
                if isinstance(error, duckdb.OutOfMemoryException):
                    again.append(name)
                elif error is not None:
                    errors.append(error)
                else:
                    graph.done(name)
            while again and not running and not errors:
                pool.submit(mine.do, tasks[again[0]]).result()
                graph.done(again.pop(0))
    mine.close()
    if errors:
        raise errors[0]


def _chains(needs: Mapping[str, Collection[str]]) -> dict[str, int]:
    """How many tasks, one after the other, wait for each: what much waits for is begun first.

    >>> _chains({"a": [], "b": [], "c": ["b"], "d": ["c"]})
    {'a': 0, 'b': 2, 'c': 1, 'd': 0}
    """
    found = dict.fromkeys(needs, 0)
    for name in reversed(list(TopologicalSorter(needs).static_order())):
        for need in needs[name]:
            found[need] = max(found[need], found[name] + 1)
    return found


def _help(con: duckdb.DuckDBPyConnection, helpers: int) -> None:
    """So many of DuckDB's own threads beside those of the tasks: more threads than cores cost a third more work."""
    con.execute(f"SET threads = {helpers + 1}")


@contextmanager
def _kept(con: duckdb.DuckDBPyConnection, threads: int) -> Iterator[None]:
    """The database has as many threads afterwards as it had before."""
    try:
        yield
    finally:
        con.execute(f"SET threads = {threads}")


class _Connections:
    """One connection a thread, closed together."""

    def __init__(self, con: duckdb.DuckDBPyConnection, prepare: Task | None) -> None:
        self._con, self._prepare = con, prepare
        row = con.execute("SELECT current_database()").fetchone()
        self._database = str(row[0]) if row else "memory"
        self._local, self._lock = threading.local(), threading.Lock()
        self._made: list[duckdb.DuckDBPyConnection] = []

    def do(self, task: Task) -> None:
        task(self._mine())

    def _mine(self) -> duckdb.DuckDBPyConnection:
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            with self._lock:
                cursor = self._con.cursor()
                self._made.append(cursor)
            cursor.execute(f"USE {self._database}; SET TimeZone = 'UTC'; SET enable_progress_bar = false")
            if self._prepare:
                self._prepare(cursor)
            self._local.cursor = cursor
        return cursor

    def close(self) -> None:
        for cursor in self._made:
            with suppress(duckdb.Error):
                cursor.close()
