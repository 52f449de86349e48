"""Whom to thank: those of the own people who kept the standard for half a year, block after block.

For whoever answers for a team, about their own people only, in whole sealed blocks (rules, section 9: quiet staff).
"""

from __future__ import annotations

from dataclasses import dataclass

from queries.catalogue import Metric
from queries.fairness.board import Board
from queries.fairness.priors import prior
from queries.figures import better, figure, standard
from queries.periods import Period
from queries.privacy.blocks import blocks
from queries.setting import Setting
from queries.statements import sql

WEEKS_LEAST, WEEKS_LOOKED = 26, 52
"""A steady half-year is worth a thank-you (rules, section 9); in whole blocks, so 28 weeks where they are of four."""


@dataclass(frozen=True)
class Steady:
    """One person: `weeks` in a row on the standard, up to the newest sealed block."""

    login: str
    weeks: int


def steady(metric: Metric, side: str, found: Board, people: tuple[str, ...], at: Setting) -> list[Steady]:
    """The people whose shrunk figure was on the standard in each of the newest sealed blocks, for 26 weeks or more."""
    goal, way = standard(metric, side), better(metric, side)
    if goal is None or not way or metric.kind not in ("ratio", "avg", "score") or not people or not found.company.value:
        return []
    fit = blocks(at.ground.catalogue.company)
    last, first = fit.last_sealed(at.today), at.ground.directory.first_day
    strength = prior(metric, side, found.field, at.ground, at.shelf).m
    runs = dict.fromkeys(people, 0)
    ended: set[str] = set()
    for number in range(last, last - WEEKS_LOOKED * 7 // fit.days, -1):
        period = Period(fit.start(number), fit.start(number + 1))
        if first is not None and period.start < first:
            break
        for login, (x, n) in _sums(metric, side, period, people, at).items():
            shrunk = (x + strength * found.company.value) / (n + strength)
            if login not in ended and n and way * (shrunk - goal) >= 0:
                runs[login] += 1
            elif n:
                ended.add(login)
    return [Steady(p, runs[p] * fit.days // 7) for p in people if runs[p] * fit.days >= WEEKS_LEAST * 7]


def _sums(
    metric: Metric, side: str, period: Period, people: tuple[str, ...], at: Setting
) -> dict[str, tuple[float, float]]:
    """Per person the sum and the cases of a block."""
    statement = sql.compile_weeks_of(metric.key, period, people, at.ground)
    person = at.ground.catalogue.person_level or ""
    found: dict[str, tuple[float, float]] = {}
    for row in at.shelf.run(statement):
        one, before = figure(metric, side, row), found.get(row[person], (0.0, 0.0))
        n = float(one.cases or 0.0)
        found[row[person]] = (before[0] + (one.value or 0.0) * n, before[1] + n)
    return found
