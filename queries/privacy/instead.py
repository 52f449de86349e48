"""What can be asked instead of a refused question: at most three queries, each allowed to the same asker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from queries.periods import Period
from queries.privacy.scope import Case
from queries.query import Query, Values, filter_of

MOST = 3


def alternatives(key: str, case: Case, allowed: Callable[[Case], bool]) -> tuple[Query, ...]:
    """Up to three allowed queries near a refused one, nearest first."""
    found: list[Query] = []
    for query in _candidates(key, case):
        if query not in found and allowed(replace(case, query=query)):
            found.append(query)
        if len(found) == MOST:
            break
    return tuple(found)


def _candidates(key: str, case: Case) -> Iterator[Query]:
    query = case.query.with_(extra={}, having=(), order=None, top=None, target=None)
    known = [m for m in query.metrics if m in case.catalogue.metrics]
    if not known:
        return
    query = query.with_(metrics=tuple(known[:1]), side=query.side[:1], explain=None)
    if key == "no_figures":
        yield Query(metrics=query.metrics, side=query.side, explain="definition")
        return
    if key == "context_ranking":
        yield from _counters(query, case)
    if key == "too_short":
        yield from _longer(case)
    if key in ("too_small", "uncounted"):
        units = tuple(k for k in query.by if case.is_level(k))
        yield query.with_(period=_four_weeks(case), previous=None, grain=None, compare=(), where=(), by=units)
    if key == "person_cut":
        yield case.query.with_(grain=None, where=(), by=tuple(k for k in query.by if case.is_level(k)), explain=None)
    yield from _near(query, case)
    yield Query(metrics=query.metrics, side=query.side, explain="definition")


def _longer(case: Case) -> Iterator[Query]:
    """The same over four weeks: what is compared with the time before, with the four weeks before."""
    weeks, query = _four_weeks(case), case.query
    before = Period(weeks.start - timedelta(days=weeks.days), weeks.start)
    if "previous" in query.compare:
        yield query.with_(period=weeks, previous=before, grain=None)
    order = None if query.order == "most_improved" else query.order
    yield query.with_(period=weeks, previous=None, grain=None, compare=(), order=order)


def _near(query: Query, case: Case) -> Iterator[Query]:
    """Own figures against others, the own unit, the recognised, the whole."""
    base = query.with_(where=(), peers=(), by=(), grain=None)
    metric = case.catalogue.metrics[query.metrics[0]]
    person = case.person
    if case.viewer.covers[0] == person and person and case.viewer.work in metric.feeds:
        yield base.with_(about=filter_of({person: Values.of(case.viewer.login)}), compare=())
    for level in case.catalogue.unit_levels:
        codes = case.viewer.own_of(level)
        if level != person and level in metric.levels and len(codes) == 1:
            own = base.with_(about=filter_of({level: Values.of(*codes)}), compare=(), previous=None)
            yield own.with_(by=(level,), compare=("others",))
            break
    if person and metric.people == "ranked":
        long_enough = base.period if base.period and base.period.days >= 28 else _four_weeks(case)
        yield base.with_(about=(), by=(person,), order="best", period=long_enough, compare=(), previous=None)
    for level in case.catalogue.unit_levels[1:]:
        if level in metric.levels:
            yield base.with_(about=(), by=(level,), compare=(), previous=None)
    yield base.with_(about=(), compare=(), previous=None)


def _counters(query: Query, case: Case) -> Iterator[Query]:
    """The same question about what guards the KPI against gaming, as one answer and one by one."""
    metric = case.catalogue.metrics[query.metrics[0]]
    counters = tuple(m for m in metric.counter_metrics if m in case.catalogue.metrics)[:4]
    if not counters:
        return
    level = next((key for key in case.query.by if case.is_level(key) and key != case.person), None)
    plain = query.with_(metrics=counters, side=(), by=(), where=(), compare=(), previous=None, grain=None)
    if level:
        yield plain.with_(by=(level,))
    for key in case.catalogue.unit_levels:
        codes = case.viewer.own_of(key)
        if codes and key != case.person:
            yield plain.with_(about=filter_of({key: Values.of(*codes)}))
            break
    yield plain.with_(about=())


def _four_weeks(case: Case) -> Period:
    """The last four whole weeks."""
    monday = case.today - timedelta(days=case.today.weekday())
    return Period(monday - timedelta(days=28), monday)
