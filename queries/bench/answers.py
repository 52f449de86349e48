"""Speed: an answer against the bare SQL of its figures, on the same roll-up, in the same run."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from queries.answers.follow import headline_metrics, own_unit, this_week
from queries.desk import Desk
from queries.periods import Period
from queries.query import Query, Values, filter_of

ROUNDS, THREADS, SECONDS = 20, 16, 3.0


def measured(desk: Desk) -> Iterator[str]:
    """Lines of text: per kind of question its time, the bare SQL's, and the bar of 3 x bare + 10 ms.

    `fresh`: a question that nobody asked before (its days moved each time); `again`: asked before on this version.
    """
    for name, query, bare in cases(desk):
        desk.answer(query)
        fresh, again, theirs = _times(_moving(desk, query)), _times(_asking(desk, query)), _times(bare)
        bar = 3 * theirs[0] + 10
        verdict = "within" if fresh[0] <= bar else "OVER"
        yield (
            f"{name:<34} fresh p50 {fresh[0]:6.1f} p95 {fresh[1]:6.1f} ms   again p50 {again[0]:5.1f}   "
            f"bare p50 {theirs[0]:5.1f} ms   {fresh[0] / theirs[0]:4.1f}x   bar {bar:5.1f} ms: {verdict}"
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
        shift = timedelta(weeks=next(weeks) % 20)
        period = Period(query.period.start - shift, query.period.end - shift)
        return desk.answer(query.with_(period=period))

    return ask


def _asking(desk: Desk, query: Query) -> Callable[[], object]:
    return lambda: desk.answer(query)


def _bare(desk: Desk, metric: str, level: str, period: Period) -> Callable[[], object]:
    sql = f'SELECT "{level}", SUM(num) AS num, SUM(den) AS den FROM t_{metric} WHERE day >= $1 AND day < $2 GROUP BY 1'
    return lambda: desk.store.fetch(sql, (period.start, period.end))


def _times(run: Callable[[], object]) -> tuple[float, float]:
    """The middle and the 95th percentile of one call, in ms."""
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        found.append((time.perf_counter() - start) * 1000)
    return statistics.median(found), sorted(found)[int(ROUNDS * 0.95) - 1]


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
