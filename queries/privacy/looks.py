"""Looks at who worked when in a unit, under numbers that mean nothing outside: what the guard decides by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlglot import exp

from queries.catalogue import Metric
from queries.privacy.blocks import blocks
from queries.privacy.guard import Guard
from queries.privacy.rights import Scope
from queries.privacy.uncounted import uncounted
from queries.privacy.work import Kept as Met
from queries.privacy.work import People, Seen, together
from queries.query import Query, Values
from queries.setting import Setting
from queries.statements.shapes import Kept, Shape, column, keeps, named, parameter, source

Keys = tuple[Any, ...]


@dataclass(frozen=True)
class Look:
    """What has to be looked at: the units, the restrictions that cut people's work, and the keys of the cells."""

    units: tuple[tuple[str, Values], ...]
    cuts: tuple[tuple[str, Values], ...]
    keys: tuple[str, ...]

    counted: bool = False
    """Larger units: how many worked a day is enough, who they were is not looked at."""

    @property
    def whole(self) -> bool:
        """One figure, moved if need be; otherwise cells, each told or withheld."""
        return not self.keys

    @property
    def cases(self) -> bool:
        """Whether the cells are those of units asked for: then how many cases each person had is looked at too."""
        return not self.counted and not self.cuts and set(self.keys) <= {key for key, _ in self.units}


@dataclass(frozen=True)
class Looked:
    """Who worked when in each cell."""

    cells: dict[Keys, Seen]

    @property
    def size(self) -> int:
        return sum(len(seen.days) for seen in self.cells.values())

    @cached_property
    def together(self) -> Seen:
        """The work of all cells."""
        return together(self.cells.values())


def look_of(query: Query, metric: Metric, scope: Scope, at: Setting) -> Look | None:
    """What to look at for a query; None where no small group's figure can be singled out by it."""
    catalogue = at.ground.catalogue
    person = catalogue.person_level
    table = at.ground.tables.get(f"m_{metric.key}", ())
    if person is None or person not in table or scope.self_only or scope.period is not None or not scope.people_min:
        return None
    filters = query.about + query.where
    if uncounted(query, metric, at):
        return None
    groups = catalogue.unit_levels[1:-1]
    units = tuple((k, v) for k, v in filters if k in catalogue.unit_levels and not v.exclude)
    small = [k for k, _ in units if k in groups] + [k for k in query.by if k in groups]
    cuts = tuple((k, v) for k, v in filters if k in catalogue.dimensions and (k in table or k == "weekday"))
    keys = tuple(k for k in query.by if k in table or k == "weekday")
    lowest = catalogue.levels[0].within[:1]
    split = bool(cuts) or any(k in catalogue.dimensions for k in keys)
    teams = bool(set(small) & set(lowest))
    if not small or person in query.by or not (split or teams or _uneven(query, scope, at)):
        return None
    return Look(units, cuts, keys, counted=not teams)


def _uneven(query: Query, scope: Scope, at: Setting) -> bool:
    """Whether a span or series has edges inside a week: there few may work, also in a larger unit."""
    if query.period is None:
        return False
    guard = guard_of(scope, at)
    return query.grain == "day" or query.period.end == guard.now or not guard.natural(query.period)


def guard_of(scope: Scope, at: Setting) -> Guard:
    end = at.ground.directory.last_day or at.today
    return Guard(scope.people_min, blocks(at.ground.catalogue.company), min(end, at.today) + timedelta(days=1))


ENOUGH = 12


def work(look: Look, metric: Metric, guard: Guard, at: Setting) -> Looked:
    """Who worked when in each cell, under numbers that mean nothing outside; the newest looks are kept.

    On all days held until now, so that questions about other days find them again.
    """
    values = tuple(v for _, entry in (*look.units, *look.cuts) for v in entry.values)
    parameters = (at.ground.directory.first_day or date.min, guard.now, *values)
    key = ("looked", metric.key, _form(look), parameters)
    return at.shelf.recent(key, lambda: _looked(look, metric, parameters, at), lambda found: found.size)


def _looked(look: Look, metric: Metric, parameters: tuple[Any, ...], at: Setting) -> Looked:
    def text() -> str:
        return _tree(look, metric, at).sql(dialect=at.shelf.store.dialect)

    apart: dict[Keys, dict[Met, People]] = {}
    cases: dict[Keys, dict[date, dict[int, int]]] = {}
    count = len(look.keys)
    for row in at.shelf.store.fetch(at.shelf.keep(("guard", metric.key, _form(look)), text), parameters):
        cell, (day, who, n), met = row[:count], row[count : count + 3], tuple(map(bool, row[count + 3 :]))
        people = apart.setdefault(cell, {}).setdefault(met, {})
        people[day] = people.get(day, 0) | ((1 << min(who, ENOUGH)) - 1 if look.counted else 1 << who)
        if look.cases:
            cases.setdefault(cell, {}).setdefault(day, {})[who] = n
    return Looked({cell: Seen(found, cases.get(cell, {})) for cell, found in apart.items()})


def _form(look: Look) -> Keys:
    return look.counted, look.keys, tuple((k, len(v.values), v.exclude) for k, v in (*look.units, *look.cuts))


def _tree(look: Look, metric: Metric, at: Setting) -> exp.Select:
    kept = tuple(Kept(k, len(v.values), v.exclude) for k, v in look.units)
    person = at.ground.catalogue.person_level
    by_week = any(k == "weekday" for k in look.keys) or any(k == "weekday" for k, _ in look.cuts)
    shape = Shape(table=f"m_{metric.key}", keys=(), parts=(), kept=kept, grain="week" if by_week else None)
    tree = source(shape)
    number = 3 + sum(k.count for k in kept)
    picked: list[exp.Expr] = [named(_column(key), key) for key in look.keys]
    picked.append(named(column("day", "r"), "day"))
    who = len(picked)
    picked.append(named(_count(str(person)) if look.counted else _number(str(person)), "who"))
    for i, (key, entry) in enumerate(look.cuts):
        values: Sequence[exp.Expr] = [parameter(n) for n in range(number, number + len(entry.values))]
        number += len(entry.values)
        inside = keeps(_column(key), list(values), Kept(key, len(entry.values), entry.exclude))
        picked.append(named(exp.func("COALESCE", inside, exp.false()), f"k{i}"))
    known = exp.Not(this=exp.Is(this=column(str(person), "r"), expression=exp.null()))
    keys = [e.this for i, e in enumerate(picked) if i != who]
    picked.insert(who + 1, named(exp.Sum(this=column("n", "r")), "n"))
    tree = tree.select(*picked, append=False).where(known)
    return tree.group_by(*keys, *([] if look.counted else [column(str(person), "r")]))


def _number(person: str) -> exp.Expr:
    """A number for each person that means nothing outside of the answer."""
    order = exp.Order(expressions=[exp.Ordered(this=column(person, "r"))])
    return exp.Window(this=exp.Anonymous(this="DENSE_RANK"), order=order)


def _count(person: str) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[column(person, "r")]))


def _column(key: str) -> exp.Expr:
    return column(key, "c" if key == "weekday" else "r")
