"""`python -m data sample`: writes the sample company's source files."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

from data.sample import catalogue, world
from data.sample.base import day_no
from data.sample.writing import Run

KEEP = 66  # days of made-up truth kept in memory behind the day being written


@dataclass(frozen=True)
class Order:
    """What to write. Days are delivery days; `drops` newest days come as small files."""

    company: str
    first: date
    until: date
    out: Path
    seed: int = 7
    anchor: date | None = None
    sources: tuple[str, ...] = ()
    drops: int = 1
    thin: float = 0.0
    customers: int = 0


def write(order: Order, workers: int = 2, progress: Callable[[float], None] | None = None) -> int:
    """Write the ordered files; the number of rows. Work is split by source over `workers` processes.

    `progress` is told the share done (0 to 1) about twice a second. Older history of the same company is a second
    call with the same anchor, seed and customers.
    """
    groups = catalogue.groups(order.sources, workers)
    days = len(groups) * ((order.until - order.first).days + 1)
    count = multiprocessing.Value("l", 0)
    if len(groups) == 1:
        _share(count)
        return _group(order, groups[0])
    with ProcessPoolExecutor(max_workers=len(groups), initializer=_share, initargs=(count,)) as pool:
        work = [pool.submit(_group, order, group) for group in groups]
        while wait(work, timeout=0.5).not_done:
            if progress:
                progress(count.value / days)
        return sum(done.result() for done in work)


_DONE: dict[str, Any] = {}


def _share(count: Any) -> None:
    """The counter of finished days that all processes of one order share."""
    _DONE["days"] = count


def _group(order: Order, sources: Sequence[str]) -> int:
    """All days of some sources, in one process."""
    made = world.make(order.company, order.seed, day_no(order.anchor or order.until), order.customers, order.thin)
    first, last = day_no(order.first), day_no(order.until)
    runs = [Run(feed, made, order.out, first) for feed in catalogue.feeds() if feed.source in sources]
    snapshots = [s for s in catalogue.snapshots() if s.source in sources]
    rows = sum(s.begin(made, order.out, first) for s in snapshots)
    for day in range(first, last + 1):
        in_drops = day > last - order.drops
        for run in runs:
            rows += run.day(day, in_drops)
        for snapshot in snapshots:
            rows += snapshot.day(made, order.out, day)
        for key in [key for key in made.cache if key[1] < day - KEEP]:
            del made.cache[key]
        with _DONE["days"].get_lock():
            _DONE["days"].value += 1
    return rows


def parse(argv: Sequence[str]) -> tuple[Order, int]:
    parser = argparse.ArgumentParser(prog="python -m data sample", description=__doc__)
    parser.add_argument("--company", choices=("demo", "full"), default="demo")
    parser.add_argument("--days", type=int, default=28, help="delivery days that end with --until")
    parser.add_argument("--until", type=date.fromisoformat, default=date.today())
    parser.add_argument("--from-day", type=date.fromisoformat, help="first delivery day, instead of --days")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--anchor", type=date.fromisoformat, help="day that the planted stories count from (default --until)"
    )
    parser.add_argument("--sources", default="", help="only these, with commas")
    parser.add_argument("--drops", type=int, default=1, help="newest days delivered as 15-minute and hourly files")
    parser.add_argument(
        "--thin", type=float, default=0.0, help="share kept of the bulky feeds (default: demo 0.25, full 1)"
    )
    parser.add_argument("--customers", type=int, default=0, help="size of the customer master")
    parser.add_argument("--workers", type=int, default=2)
    a = parser.parse_args(argv)
    first = a.from_day or a.until - timedelta(days=a.days - 1)
    sources = tuple(s for s in a.sources.split(",") if s)
    unknown = set(sources) - set(catalogue.names())
    if unknown:
        parser.error(f"unknown source: {', '.join(sorted(unknown))}")
    order = Order(a.company, first, a.until, a.out, a.seed, a.anchor, sources, a.drops, a.thin, a.customers)
    return order, a.workers


def meter(out: TextIO) -> Callable[[float], None]:
    """Tells a share as a percentage, on one line, when it is another one than before."""
    told = ""

    def tell(share: float) -> None:
        nonlocal told
        if told != (told := f"\r{share:4.0%}"):
            print(told, end="", file=out, flush=True)

    return tell


def main(argv: Sequence[str] | None = None) -> int:
    order, workers = parse(sys.argv[1:] if argv is None else argv)
    began = time.perf_counter()
    rows = write(order, workers, meter(sys.stderr))
    print("\r", end="", file=sys.stderr)
    print(
        f"{rows:,} records of {order.company}, {order.first} to {order.until}, "
        f"in {time.perf_counter() - began:.1f} s: {order.out}"
    )
    return 0
