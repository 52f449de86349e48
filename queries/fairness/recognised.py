"""Who of a comparison may be named: clearly better than the standard, enough cases, nothing in the way."""

from __future__ import annotations

import numpy as np

from queries.catalogue import Metric
from queries.fairness import standing
from queries.fairness.board import Board
from queries.fairness.contest import fair_of
from queries.fairness.fair import Fair
from queries.fairness.priors import prior
from queries.fairness.progress import held_back, is_newcomer
from queries.fairness.seen import cell_least, gathered
from queries.figures import METRIC, better, standard
from queries.periods import Period
from queries.privacy import redact
from queries.query import Query
from queries.setting import Setting
from queries.statements.sql import compile_prior

COUNTER_WEEKS = 13


def recognised(found: Board, at: Setting, all_who_win: bool = False) -> tuple[frozenset[str], bool]:
    """Tokens of those who may be named, and whether counter-metrics held anybody back.

    With `all_who_win` everybody who beat the standard; else the top tenth of the list, at least one, at most ten.
    """
    naming = found.statement.scope.naming.get(found.field.level)
    silent = naming is not None and not naming.everyone and naming.rest in ("nothing", "anonymous")
    if found.fair is None or not found.tells or silent or not better(found.metric, found.side):
        return frozenset(), False
    goal = found.standard if found.standard is not None else found.typical
    if goal is None:
        return frozenset(), False
    people = found.field.level == at.ground.catalogue.person_level
    bars = found.metric.min_sample.get("person" if people else "group") or {}
    named_from = float(bars.get("named") or found.metric.min_sample.get("counts_below") or 10)
    fine = _fine(found, at)
    if not standing.qualifies(found.fair, goal, named_from, fine).any():
        return frozenset(), False
    clear = fine & _unblocked(found, at)
    pick = standing.qualifies if all_who_win else standing.named_part
    flags = pick(found.fair, goal, named_from, clear)
    held = bool(standing.qualifies(found.fair, goal, named_from, fine & ~clear).any())
    return frozenset(u for u, yes in zip(found.fair.units, flags, strict=True) if yes), held


def _fine(found: Board, at: Setting) -> standing.Flags:
    """Per unit of the fair board: may be named as far as people, consent and the mix of work go."""
    assert found.fair is not None
    codes, level = at.shelf.codes(found.field.level), found.field.level
    units = found.fair.units
    may = [_may(codes.get(t, ""), level, found, at) and t not in found.range_only for t in units]
    return np.array(may, dtype=bool)


def _unblocked(found: Board, at: Setting) -> standing.Flags:
    """Per unit of the fair board: no counter-metric stands in the way."""
    assert found.fair is not None
    blocked: set[str] = set()
    for counter in found.metric.counter_metrics:
        blocked |= _blocked(counter, found, at)
    return np.array([token not in blocked for token in found.fair.units], dtype=bool)


def _may(code: str, level: str, found: Board, at: Setting) -> bool:
    """People: 13 weeks in the role, no leader, not opted out, nothing disputed.

    Units: people enough for somebody else's list.
    """
    directory = at.shelf.directory
    if level != at.ground.catalogue.person_level:
        return redact.listed(at.shelf.staff(level, code) or None, found.statement.scope)
    person = directory.people.get(code)
    if person is None or person.covers[0] != level or code in at.unnamed or (code, found.metric.key) in at.disputed:
        return False
    return not is_newcomer(person.since, at.today)


def _blocked(counter: str, found: Board, at: Setting) -> set[str]:
    """Tokens of units whose counter-metric is clearly worse than its standard over the last 13 settled weeks."""
    metric = at.ground.catalogue.metrics.get(counter)
    level = found.field.level
    person = at.ground.catalogue.person_level
    if metric is None or (level not in metric.levels and level != person) or f"m_{counter}" not in at.ground.tables:
        return set()
    key = ("blocked", counter, level, found.field.kinds, at.today)
    return at.shelf.keep(key, lambda: _held_back(metric, found, at))


def _held_back(metric: Metric, found: Board, at: Setting) -> set[str]:
    goal = standard(metric, METRIC)
    if goal is None or not better(metric, METRIC) or metric.kind in ("median", "count"):
        return set()
    fair = _thirteen_weeks(metric, found, at)
    if fair is None:
        return set()
    flags = held_back(fair, None, goal)
    return {unit for unit, yes in zip(fair.units, flags, strict=True) if yes}


def _thirteen_weeks(metric: Metric, found: Board, at: Setting) -> Fair | None:
    end = at.today.toordinal() - max(0, metric.matures_after_days - 1)
    period = Period(at.today.fromordinal(end - 7 * COUNTER_WEEKS), at.today.fromordinal(end))
    query = Query((metric.key,), by=(found.field.level,), period=period)
    field = type(found.field)(found.field.level, found.field.kinds)
    statement = compile_prior(query, metric.key, field, at.ground, at.shelf.salt)
    seen = gathered(at.shelf.fetch(statement), at.shelf.names(statement), cell_least(metric)).only(set())
    return fair_of(metric, METRIC, seen, prior(metric, METRIC, field, at.ground, at.shelf).m)
