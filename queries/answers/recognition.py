"""Recognition as data: who beat the standard, kept it up, and which places were lifted together.

The same for every viewer who may see names at all (the table of company.yml decides); nobody below the standard is
in it, nobody is put in an order, and counter-metrics, consent and the first weeks in a role are looked at before
anybody is named (`recognised`). What belongs to one person alone (personal best) is asked for by that person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from queries.answers.explain import settled_weeks
from queries.catalogue import Metric
from queries.directory import Unit
from queries.fairness.board import Board
from queries.fairness.contest import board, fair_of
from queries.fairness.priors import prior
from queries.fairness.progress import lifted_together, milestone, streak
from queries.fairness.recognised import recognised
from queries.fairness.seen import cell_least, gathered
from queries.figures import METRIC, better, standard
from queries.labels import unit_name
from queries.numbers import number_of
from queries.periods import Period
from queries.privacy import sees
from queries.query import Having, Query
from queries.setting import Setting
from queries.statements.ground import NotAllowedError
from queries.statements.sql import compile_prior

BEAT, KEPT_UP, LIFTED = "beat_standard", "kept_up", "lifted"
WEEKS, ROLLING = 13, 4


@dataclass(frozen=True)
class Award:
    """One recognition. `weeks`: how long, for those who kept it up; `said`: its sentence."""

    kind: str
    metric: str
    level: str
    code: str
    name: str
    period: Period
    weeks: int
    said: str


def recognition(metric: Metric, level: str, at: Setting) -> tuple[Award, ...]:
    """Everybody of a level to be named for a metric over the last 13 settled weeks, in the order of their names."""
    found = beat(metric, level, at)
    return tuple(sorted((*found, *kept_up(found, metric, level, at)), key=lambda a: (a.kind, a.name)))


def beat(metric: Metric, level: str, at: Setting) -> tuple[Award, ...]:
    """All who beat the standard (P >= 0.80 and nothing in the way); no limit on how many win."""
    got = _board(metric, level, at)
    if got is None:
        return ()
    tokens, _ = recognised(got, at, all_who_win=True)
    codes = at.shelf.codes(level)
    return tuple(_award(BEAT, metric, level, codes[t], got.statement.period, 0, at) for t in tokens if t in codes)


def kept_up(named: Sequence[Award], metric: Metric, level: str, at: Setting) -> tuple[Award, ...]:
    """Those of the named whose rolling fair number was on or above the standard 4, 8 or 13 settled weeks in a row."""
    tokens = {code: token for token, code in at.shelf.codes(level).items()}
    found = []
    for one in named:
        run = streak([tokens[one.code] in week for week in on_standard(metric, level, at)])
        if milestone(run):
            found.append(_award(KEPT_UP, metric, level, one.code, one.period, milestone(run), at))
    return tuple(found)


def on_standard(metric: Metric, level: str, at: Setting) -> tuple[frozenset[str], ...]:
    """Per settled week, oldest first: tokens of the units whose fair number over the four weeks to it was on it."""
    key = ("on_standard", metric.key, level, at.today)
    return at.shelf.keep(key, lambda: tuple(_on(metric, level, end, at) for end in _ends(metric, at)))


def sealed_weeks(metric: Metric, at: Setting, weeks: int) -> Period:
    """The last whole weeks that are settled and sealed: nothing is recognised before its figures are final."""
    settled, sealed = settled_weeks(metric, at, weeks), at.shelf.sealed_to
    late = (settled.end - sealed).days - 1 if sealed else 0
    step = timedelta(weeks=max(0, -(-late // 7)))
    return Period(settled.start - step, settled.end - step)


def _ends(metric: Metric, at: Setting) -> list[Period]:
    last = sealed_weeks(metric, at, ROLLING)
    steps = [timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    return [Period(last.start - step, last.end - step) for step in steps]


def _on(metric: Metric, level: str, period: Period, at: Setting) -> frozenset[str]:
    goal, got = standard(metric, METRIC), _board(metric, level, at)
    if goal is None or got is None:
        return frozenset()
    query = Query((metric.key,), by=(level,), period=period)
    statement = compile_prior(query, metric.key, got.field, at.ground, at.shelf.salt)
    seen = gathered(at.shelf.fetch(statement), at.shelf.names(statement), cell_least(metric)).only(set())
    fair = fair_of(metric, METRIC, seen, prior(metric, METRIC, got.field, at.ground, at.shelf).m)
    if fair is None:
        return frozenset()
    return frozenset(u for u, v in zip(fair.units, fair.value, strict=True) if fair.better * (v - goal) >= 0)


def lifted(metric: Metric, at: Setting) -> tuple[Award, ...]:
    """Places (areas, sites) all of whose groups are on or above the standard."""
    lowest = at.ground.catalogue.levels[0]
    if not lowest.within:
        return ()
    level = lowest.within[0]
    got, goal = _board(metric, level, at), standard(metric, METRIC)
    if got is None or got.fair is None or goal is None or not got.tells:
        return ()
    codes, units = at.shelf.codes(level), at.shelf.directory.units
    places = [_above(units[(level, codes[token])], at) for token in got.fair.units]
    won = set(lifted_together(got.fair, goal, [f"{key}:{code}" for key, code in places]))
    sight = at.ground.sight(at.viewer)
    found = [
        place for place in sorted(set(places))
        if ":".join(place) in won and places.count(place) == _groups(place, level, got, at) and sight.named(*place)
    ]  # fmt: skip
    return tuple(_award(LIFTED, metric, key, code, got.statement.period, 0, at) for key, code in found)


def _above(unit: Unit, at: Setting) -> tuple[str, str]:
    """The place right above a group: the first level of those it lies in; empty for a group that lies in none."""
    level = at.ground.catalogue.level(unit.level)
    return next(((key, unit.within[key]) for key in (level.within if level else ()) if key in unit.within), ("", ""))


def _groups(place: tuple[str, str], level: str, got: Board, at: Setting) -> int:
    """How many groups of the compared kinds of work a place has."""
    units = at.shelf.directory.units_of(level)
    return sum(u.kind in got.field.kinds and u.within.get(place[0]) == place[1] for u in units)


def _board(metric: Metric, level: str, at: Setting) -> Board | None:
    """The comparison behind the names, for a viewer who may see them; None else."""
    person = at.ground.catalogue.person_level
    sight = at.ground.sight(at.viewer)
    if sight.of(level, sees.OTHERS) not in (sees.NAMED, sees.BANDED, sees.SPREAD, sees.RECOGNISED):
        return None
    if standard(metric, METRIC) is None or not better(metric, METRIC) or f"m_{metric.key}" not in at.ground.tables:
        return None
    if level not in metric.levels or (level == person and metric.people != "ranked"):
        return None
    having = (Having(metric.key, "meets_standard"),)
    query = Query((metric.key,), by=(level,), period=sealed_weeks(metric, at, WEEKS), order="best", having=having)
    try:
        return board(query, metric, level, at.ground, at.shelf, at.viewer)
    except (NotAllowedError, KeyError):
        return None


def _award(kind: str, metric: Metric, level: str, code: str, period: Period, weeks: int, at: Setting) -> Award:
    name = unit_name(at.shelf.directory, at.ground.catalogue, level, code)
    said = {
        BEAT: lambda: at.say("all_recognised", names=name),
        KEPT_UP: lambda: at.say("kept_up", name=name, weeks=number_of(weeks, "week")),
        LIFTED: lambda: at.say("lifted", area=name),
    }[kind]()
    return Award(kind, metric.key, level, code, name, period, weeks, said)
