"""Speed: an answer against the bare SQL of its figures, on the same roll-up, in the same run."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from queries.answers.follow import headline_metrics, own_unit, this_week
from queries.desk import Desk
from queries.periods import Period
from queries.query import Query, Values, filter_of
from queries.reading.knowing import prepare

ROUNDS, THREADS, SECONDS = 20, 16, 3.0


def measured(desk: Desk) -> Iterator[str]:
    """Lines of text: per kind of question its time, the bare SQL's, and the bar of 3 x bare + 10 ms.

    `fresh`: a question that nobody asked before (its days moved each time); `again`: asked before on this version;
    `cpu`: of all threads, which a busy machine does not lengthen. The words are ready and set apart, as where pages are
    served.
    """
    prepare(desk.words, desk.directory, lasting=True).join()
    for name, query, bare in cases(desk):
        desk.answer(query)
        fresh, again, theirs = _times(_moving(desk, query), _weeks(desk)), _times(_asking(desk, query)), _times(bare)
        bar = 3 * theirs.p50 + 10
        verdict = "within" if fresh.p50 <= bar else "OVER"
        yield (
            f"{name:<34} fresh p50 {fresh.p50:6.1f} p95 {fresh.p95:6.1f} cpu {fresh.cpu:5.1f} ms   "
            f"again p50 {again.p50:5.1f} cpu {again.cpu:4.1f}   bare p50 {theirs.p50:5.1f} cpu {theirs.cpu:4.1f}   "
            f"{fresh.p50 / theirs.p50:4.1f}x   bar {bar:5.1f} ms: {verdict}"
        )
    name, query, bare = next(iter(cases(desk)))
    ours_rate, bare_rate = _rate(lambda: desk.answer(query)), _rate(bare)
    yield f"{THREADS} threads: {ours_rate:.0f} answers a second, bare {bare_rate:.0f}; {ours_rate / bare_rate:.0%}"


def cases(desk: Desk) -> Iterator[tuple[str, Query, Callable[[], object]]]:
    """Questions of the kinds that matter, each with the SQL that somebody would write by hand."""
    metric = headline_metrics(desk.setting)[0]
    own = own_unit(desk.setting)
    if own is None:
        raise ValueError("bench needs somebody who belongs to a unit")
    level, codes = own
    about = filter_of({level: Values.of(*codes)})
    week = this_week(desk.setting)
    year = Period(week.end - timedelta(days=364), week.end)
    ranked = Query((metric,), about=about, by=(level,), compare=("others",), period=week)
    for name, query in (
        ("own unit against others, this week", ranked),
        ("own unit against others, a year", ranked.with_(period=year)),
    ):
        yield name, query, _bare(desk, metric, level, query.period or week)
    yield "one figure, this week", Query((metric,), about=about, period=week), _bare(desk, metric, level, week)
    yield "by week, a year", Query((metric,), about=about, period=year, grain="week"), _bare(desk, metric, level, year)


def _moving(desk: Desk, query: Query) -> Callable[[], object]:
    """The same question, a week earlier each time."""
    weeks = itertools.count(1)

    def ask() -> object:
        assert query.period is not None
        shift = timedelta(weeks=next(weeks))
        period = Period(query.period.start - shift, query.period.end - shift)
        return desk.answer(query.with_(period=period))

    return ask


def _weeks(desk: Desk) -> int:
    """How many weeks can be gone back without leaving the days held."""
    first, last = desk.directory.first_day, desk.directory.last_day
    return max(1, min(ROUNDS, (last - first).days // 7 - 1)) if first and last else ROUNDS


def _asking(desk: Desk, query: Query) -> Callable[[], object]:
    return lambda: desk.answer(query)


def _bare(desk: Desk, metric: str, level: str, period: Period) -> Callable[[], object]:
    sql = f'SELECT "{level}", SUM(num) AS num, SUM(den) AS den FROM t_{metric} WHERE day >= $1 AND day < $2 GROUP BY 1'
    return lambda: desk.store.fetch(sql, (period.start, period.end))


@dataclass(frozen=True)
class Times:
    """Of one call, in ms: the middle and the 95th percentile by the clock, the middle of all threads' work."""

    p50: float
    p95: float
    cpu: float


def _times(run: Callable[[], object], rounds: int = ROUNDS) -> Times:
    wall, cpu = [], []
    for _ in range(rounds):
        start, worked = time.perf_counter(), time.process_time()
        run()
        wall.append((time.perf_counter() - start) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return Times(statistics.median(wall), sorted(wall)[max(0, round(rounds * 0.95) - 1)], statistics.median(cpu))


def _rate(run: Callable[[], object]) -> float:
    """Calls a second over 16 threads."""
    counts, stop = [0] * THREADS, time.perf_counter() + SECONDS

    def work(number: int) -> None:
        while time.perf_counter() < stop:
            run()
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(counts) / SECONDS
