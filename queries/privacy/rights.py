"""Who may ask what, decided without figures: `judge` gives a `Scope` to enforce or a `Refusal` to say.

The table itself stands in company.yml (`roles.<role>.sees`, `privacy`) and is read by `sees`; what needs figures
(minimum cells, dominance, second suppression, rounding) is done afterwards by `redact`, told by the Scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from queries.catalogue import Catalogue, Metric
from queries.directory import Directory
from queries.privacy import sees
from queries.privacy.instead import alternatives
from queries.privacy.people import people_scope, refuse_people
from queries.privacy.scope import Case, Naming, Refusal, Scope, is_context, relations
from queries.privacy.sees import Sight
from queries.query import COMPARES, EXPLAINS, GRAINS, OPS, ORDERS, Query
from queries.reach import staff
from queries.viewer import Viewer

SHOWS, SIDES = ("rate", "count", "share"), ("metric", "mirror")
MOST_ROWS = 200

__all__ = ["Case", "Naming", "Refusal", "Scope", "Sight", "judge", "judged"]


def judge(query: Query, viewer: Viewer, catalogue: Catalogue, directory: Directory, today: date) -> Scope | Refusal:
    """The scope in which a viewer may have a query answered, or why not and what instead."""
    return judged(Case(query, Sight(viewer, catalogue, directory), today))


def judged(case: Case) -> Scope | Refusal:
    """The verdict on a case, with what may be asked instead."""
    verdict = decide(case)
    return verdict if isinstance(verdict, Scope) else offering(verdict, case)


def offering(refusal: Refusal, case: Case) -> Refusal:
    """The refusal with what can be asked instead."""
    return replace(refusal, instead=alternatives(refusal.key, case, lambda c: isinstance(decide(c), Scope)))


Step = Callable[[Case], Scope | Refusal | None]


def decide(case: Case) -> Scope | Refusal:
    """The verdict alone, without alternatives."""
    for step in (_known, _definition, _anything, _excluded, _by_name, _context, refuse_people, _lists):
        verdict = step(case)
        if verdict is not None:
            return verdict
    return _scope(case)


def _known(case: Case) -> Refusal | None:
    """Only what exists: metrics, levels, dimensions, the contract's words; nothing beyond it where there are people."""
    catalogue, query = case.catalogue, case.query
    keys = {*query.by, *(key for key, _ in case.filters)}
    known = {level.key for level in catalogue.levels} | set(catalogue.dimensions)
    wrong = [str(m) for m in query.metrics if m not in catalogue.metrics] + sorted(str(k) for k in keys - known)
    wrong += [str(h.metric) for h in query.having if h.metric not in query.metrics]
    if wrong or not query.metrics or not _in_contract(query) or (query.extra and case.person):
        return Refusal("not_held", {"what": ", ".join(wrong)})
    return _single(case)


def _single(case: Case) -> Refusal | None:
    """Single cases, where a metric lets them be listed, and never where people are measured; no shares of a person."""
    query, person = case.query, case.person
    single = query.cases is not None or query.rows is not None
    if single and not all(metric.rows for metric in case.metrics):
        return Refusal("not_held", {"what": ""})
    if query.rows is not None and person is not None:
        return Refusal("not_held", {"what": ""})
    more = query.cases is not None or query.at_least is not None or query.show == "share"
    if more and person in {*query.by, *(key for key, _ in case.filters)}:
        return Refusal("not_held", {"what": ""})
    return None


def _in_contract(query: Query) -> bool:
    """Whether every field holds one of the contract's words, and spans and numbers make sense."""
    words = (
        (query.grain, GRAINS), (query.order, ORDERS), (query.explain, EXPLAINS), (query.show, SHOWS),
        *((c, COMPARES) for c in query.compare), *((s, SIDES) for s in query.side),
        *((h.op, OPS) for h in query.having), (query.cases.op if query.cases else None, OPS[2:]),
    )  # fmt: skip
    spans = [period for period in (query.period, query.previous) if period is not None]
    numbers = [h.value for h in query.having if h.value is not None] + ([] if query.top is None else [query.top])
    numbers += [query.cases.value] if query.cases else []
    counts = [n for n in (query.rows, query.at_least) if n is not None]
    return (
        all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in counts)
        and (query.rows is None or query.rows <= MOST_ROWS)
        and all(word is None or word in allowed for word, allowed in words)
        and all(period.start < period.end for period in spans)
        and all(isinstance(n, int | float) and not isinstance(n, bool) and n == n for n in numbers)
        and (query.top is None or (isinstance(query.top, int) and query.top > 0))
        and all(h.value is not None or h.op in ("meets_standard", "misses_standard") for h in query.having)
    )


def _definition(case: Case) -> Scope | None:
    """How a figure is counted may be read by all: no rows."""
    return Scope() if case.query.explain == "definition" else None


def _anything(case: Case) -> Refusal | None:
    return Refusal("no_figures") if case.sight.nothing_at_all() else None


def _excluded(case: Case) -> Refusal | None:
    """'Without X' for a person or a team: with the whole beside it, it would be X's own figure."""
    for key, values in case.filters:
        if case.is_level(key) and values.exclude and not _excludable(case, key):
            return Refusal("differencing")
    return None


def _excludable(case: Case, level: str) -> bool:
    """Levels above the one in which people work."""
    lowest = case.catalogue.levels[0]
    return case.person is None or level not in (lowest.key, *lowest.within[:1])


def _by_name(case: Case) -> Refusal | None:
    """Units asked for by name must be named to this viewer."""
    for key, values in case.filters:
        if not case.is_level(key) or values.exclude:
            continue
        hidden = [code for code in values.values if not case.sight.named(key, code)]
        if hidden:
            level = case.catalogue.level(key)
            label = level.label if level else key
            return Refusal("person_by_name" if key == case.person else "unit_by_name", {"level": label})
    return None


def _context(case: Case) -> Refusal | None:
    """A KPI without a good direction, made of people's work, is never ranked or compared."""
    query = case.query
    ranks = bool(query.order or query.having or "others" in query.compare)
    listed = [key for key in query.by if case.is_level(key)]
    placed = query.explain in ("next_step", "streak", "personal_best")
    for metric in case.metrics:
        if is_context(metric) and metric.feeds and ((ranks and (listed or query.about)) or placed):
            return Refusal("context_ranking", {"metric": metric.key, "counter": metric.counter_metrics})
    return None


def _lists(case: Case) -> Refusal | None:
    """A break-down by a level of which the viewer gets one figure or nothing."""
    for key in case.query.by:
        if case.is_level(key) and key != case.person and not case.own_person:
            sights = {case.sight.of(key, relation) for relation in relations(case, key)}
            if not sights & set(sees.LISTED):
                level = case.catalogue.level(key)
                return Refusal("units_not_listed", {"levels": level.plural if level else key})
    return None


def _scope(case: Case) -> Scope:
    query, rules = case.query, case.rules
    scope = Scope(
        naming={level: naming(case, level) for level in case.catalogue.unit_levels if level != case.person},
        self_only=case.own_person,
        people_min=int(rules.get("people_min", 5)) if case.person else 0,
        listed_min=int(rules.get("listed_min", 8)) if case.person else 0,
        cases_min=_cases_min(case),
        round_below=int(rules.get("round_below", 10)) if case.person else 0,
        units_min=int(rules.get("units_min", 3)),
        count_people=_small(case),
        round_units_from=int(rules.get("round_units_from", 20)),
        all_or_nothing=len([key for key in query.by if not case.is_level(key)]) > 1 and _by_people(case),
        places=all(_ranked(metric, query.by, case) for metric in case.metrics),
    )
    return people_scope(case, scope)


def naming(case: Case, level: str) -> Naming:
    """Who of a level (not people) may be told by name in the answer."""
    sight = case.sight
    if sight.always_named(level) or (case.own_person and "others" not in case.query.compare):
        return Naming(everyone=True)
    codes, banded = sight.by_name(level)
    return Naming(False, codes, sight.of(level, sees.OTHERS), banded)


def _ranked(metric: Metric, by: Iterable[str], case: Case) -> bool:
    """Whether places may be given: the catalogue says 'no' (or private, or not alone) for some levels."""
    level = next((key for key in by if case.is_level(key)), None)
    if level is None:
        return not is_context(metric)
    found = case.catalogue.level(level)
    nearest = [level, *(found.within if found else ())]
    allowed = next((str(metric.ranked[key]) for key in nearest if key in metric.ranked), "yes")
    return not is_context(metric) and allowed != "no" and not allowed.startswith(("private to", "tie-breaker"))


def _small(case: Case) -> bool:
    """Whether the figures are those of units in which people work, or of so few days of larger ones."""
    if not case.person or case.own_person:
        return False
    keys = {*case.query.by, *(key for key, _ in case.filters)}
    units = case.catalogue.unit_levels[1:]
    groups = keys & set(units)
    lowest = bool(groups & set(case.catalogue.levels[0].within[:1]))
    return lowest or (bool(groups) and (_few_days(case, keys) or _few_staff(case, groups)))


FEW_STAFF = 30
"""Units with fewer people of the kind of work: how many stand behind a figure has to be counted."""


def _few_staff(case: Case, groups: set[str]) -> bool:
    """Whether a unit asked for, or one of a level asked for, has few people whose work feeds the KPI."""
    named = [(k, c) for k, v in case.filters if k in groups and not v.exclude for c in v.values]
    listed = {key for key in groups if key not in {k for k, _ in named}}
    units = named + [(u.level, u.code) for level in listed for u in case.sight.directory.units_of(level)]
    return any(
        staff(level, code, metric.feeds, case.sight.directory) < FEW_STAFF
        for metric in case.metrics if metric.feeds for level, code in units
    )  # fmt: skip


def _few_days(case: Case, keys: set[str]) -> bool:
    """Whether a cell may hold less than a whole week: a short span, days, weekdays, a series that begins midweek."""
    period = case.query.period
    if period is None or "weekday" in keys or case.query.grain == "day":
        return True
    edges = [edge for edge in (period.start, period.end) if edge <= case.today]
    return period.days < 7 or (case.query.grain is not None and any(edge.weekday() for edge in edges))


def _by_people(case: Case) -> bool:
    return any(metric.feeds for metric in case.metrics)


def _cases_min(case: Case) -> int:
    """Customers: no cell under the minimum in a break-down or restriction."""
    minimum = int(case.rules.get("customers_min", 0))
    cut = set(case.query.by) | {key for key, _ in case.filters}
    of_customers = cut & set(case.rules.get("customer_dimensions") or ())
    nobodys = any(not metric.feeds for metric in case.metrics) and bool(cut)
    return minimum if (of_customers or nobodys) and not case.own_person else 0
