"""What a metric can be cut by: the levels and units that can have it, its dimensions, its default period."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from queries import periods
from queries.catalogue import Catalogue, Metric
from queries.directory import Directory
from queries.periods import Calendar, Period
from queries.viewer import Viewer


def dimensions_of(metric: Metric, catalogue: Catalogue) -> frozenset[str]:
    """The dimensions a metric may be cut by: its own, and those that are always there."""
    own = frozenset(metric.dimensions) | catalogue.always
    return own | {key for key, d in catalogue.dimensions.items() if d.of in own and d.of}


def has_level(metric: Metric, level: str, catalogue: Catalogue) -> bool:
    """Whether a level can have the metric: a listed one, or one that sums a listed one."""
    if level in metric.levels or level == catalogue.whole or not metric.levels:
        return True
    if level == catalogue.person_level:
        return bool(metric.default_period.get(level))
    return any(level in uppers(listed, catalogue) for listed in metric.levels)


def uppers(level: str, catalogue: Catalogue) -> frozenset[str]:
    """Every level above one."""
    out: set[str] = set()
    todo = [level]
    while todo:
        found = catalogue.level(todo.pop())
        for key in found.within if found else ():
            if key not in out:
                out.add(key)
                todo.append(key)
    return frozenset(out | {catalogue.whole})


def works_in(level: str, code: str, catalogue: Catalogue, directory: Directory) -> frozenset[str]:
    """The kinds of work done in a unit; empty when nobody knows."""
    if level == catalogue.person_level:
        person = directory.people.get(code)
        return frozenset([person.work] if person and person.work else [])
    unit = directory.units.get((level, code))
    if unit and unit.work:
        return frozenset([unit.work])
    return _works(directory).get((level, code), frozenset())


_WORKS: dict[int, tuple[Directory, dict[tuple[str, str], frozenset[str]]]] = {}


def _works(directory: Directory) -> dict[tuple[str, str], frozenset[str]]:
    known = _WORKS.get(id(directory))
    if known is None or known[0] is not directory:
        made: dict[tuple[str, str], set[str]] = {}
        for unit in directory.units.values():
            for level, code in unit.within.items():
                if unit.work:
                    made.setdefault((level, code), set()).add(unit.work)
        known = (directory, {key: frozenset(value) for key, value in made.items()})
        _WORKS.clear()
        _WORKS[id(directory)] = known
    return known[1]


_STAFF: dict[int, tuple[Directory, dict[tuple[str, str, str], int]]] = {}


def staff(level: str, code: str, works: Collection[str], directory: Directory) -> int:
    """How many people of these kinds of work have their place in a unit today."""
    known = _STAFF.get(id(directory))
    if known is None or known[0] is not directory:
        made: dict[tuple[str, str, str], int] = {}
        for person in directory.people.values():
            unit = directory.units.get((person.unit_level, person.unit))
            for key in ((unit.level, unit.code), *unit.within.items()) if unit else ():
                made[(*key, person.work)] = made.get((*key, person.work), 0) + 1
        known = (directory, made)
        _STAFF.clear()
        _STAFF[id(directory)] = known
    return sum(known[1].get((level, code, work), 0) for work in works)


def has_unit(metric: Metric, level: str, code: str, catalogue: Catalogue, directory: Directory) -> bool:
    """Whether a unit can have the metric: its level can, and its work feeds it."""
    if not has_level(metric, level, catalogue):
        return False
    works = works_in(level, code, catalogue, directory)
    lowest = catalogue.levels[0]
    customers = level in metric.levels and level not in (lowest.key, *lowest.within[:1])
    return not metric.feeds or not works or bool(works & set(metric.feeds)) or customers


def default_period(metric: Metric, level: str, today: date, catalogue: Catalogue) -> tuple[Period, str]:
    """The metric's one default period for a level, and its name. The first that the catalogue names."""
    calendar = Calendar.of(catalogue.company)
    person, low = catalogue.person_level, catalogue.levels[0]
    keys = [level] if level in metric.default_period else []
    keys += ["other"] if level not in (person, *low.within[:1]) else [level]
    keys += ["other", *[k for k in metric.default_period if k not in keys]]
    for key in keys:
        named = metric.default_period.get(key)
        if named:
            return named_period(named[0], metric, today, calendar), named[0]
    return periods.to_date("week", today, calendar), "this week"


def named_period(text: str, metric: Metric, today: date, calendar: Calendar) -> Period:
    """A period as the catalogue names it: `rolling 13 weeks`, `last 4 matured weeks`, `this week`."""
    words = text.split()
    unit = words[-1].removesuffix("s")
    count = next((int(w) for w in words if w.isdigit()), 1)
    if "matured" in words:
        return periods.matured(count, today, calendar, metric.matures_after_days)
    if words[0] == "rolling":
        return periods.rolling(unit, count, today)
    if words[0] == "this":
        return periods.to_date(unit, today, calendar)
    return periods.last(unit, count, today, calendar)


def own_units(viewer: Viewer, level: str) -> tuple[str, ...]:
    """The viewer's units of a level: covered ones when they lead, else the ones they are in."""
    if viewer.covers[0] == level and viewer.covers[1]:
        return viewer.covers[1]
    return viewer.own_of(level)
