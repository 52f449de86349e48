"""Looks at the work around the edges of a span before a small group's figure is told; see `guard` for the rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlglot import exp

from queries import sql
from queries.blocks import blocks
from queries.catalogue import Metric
from queries.guard import Guard, Work
from queries.part import Setting
from queries.periods import Period
from queries.query import Query, Values, filter_of
from queries.rights import Refusal, Scope
from queries.shapes import Kept, Shape, column, keeps, named, parameter, source
from queries.sql import NotAllowedError

Keys = tuple[Any, ...]


@dataclass(frozen=True)
class Look:
    """What has to be looked at: the units, the restrictions that cut people's work, and the keys of the cells."""

    units: tuple[tuple[str, Values], ...]
    cuts: tuple[tuple[str, Values], ...]
    keys: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """One figure, moved if need be; otherwise cells, each told or withheld."""
        return not self.keys


def look_of(query: Query, metric: Metric, scope: Scope, at: Setting) -> Look | None:
    """What to look at for a query; None where no small group's figure can be singled out by it."""
    catalogue = at.ground.catalogue
    person = catalogue.person_level
    table = at.ground.tables.get(f"m_{metric.key}", ())
    if person is None or person not in table or scope.self_only or scope.period is not None or not scope.people_min:
        return None
    filters = query.about + query.where
    groups = catalogue.unit_levels[1:-1]
    units = tuple((k, v) for k, v in filters if k in catalogue.unit_levels and not v.exclude)
    small = [k for k, _ in units if k in groups] + [k for k in query.by if k in groups]
    cuts = tuple((k, v) for k, v in filters if k in catalogue.dimensions and (k in table or k == "weekday"))
    keys = tuple(k for k in query.by if k in table or k == "weekday")
    lowest = catalogue.levels[0].within[:1]
    split = bool(cuts) or any(k in catalogue.dimensions for k in keys)
    if not small or person in query.by or not (split or set(small) & set(lowest)):
        return None
    return Look(units, cuts, keys)


def guard_of(scope: Scope, at: Setting) -> Guard:
    end = at.ground.directory.last_day or at.today
    return Guard(scope.people_min, blocks(at.ground.catalogue.company), min(end, at.today) + timedelta(days=1))


def guarded(query: Query, metric: Metric, scope: Scope, at: Setting) -> Query:
    """The query over the span that may be told.

    Raises:
        NotAllowedError: there is none: too few people are behind it, or behind what it leaves out.
    """
    look = look_of(query, metric, scope, at)
    if look is None or not look.whole or query.period is None:
        return query
    guard = guard_of(scope, at)
    if not look.cuts and guard.plain(query.period):
        return query
    found = work(look, metric, guard.needed(query.period), at).get((), [])
    period = guard.safe(query.period, found) if found else query.period
    if period is None:
        raise NotAllowedError(Refusal("too_small", {"least": scope.people_min}))
    return query.with_(period=period)


def thin_cells(query: Query, metric: Metric, scope: Scope, at: Setting) -> set[Keys]:
    """Cells of a break-down that another span would single out a few people of; to be withheld."""
    look = look_of(query, metric, scope, at)
    if look is None or look.whole or query.period is None:
        return set()
    guard = guard_of(scope, at)
    dimensions = at.ground.catalogue.dimensions
    if not look.cuts and not any(k in dimensions for k in look.keys) and guard.plain(query.period):
        return set()
    needed = Period(query.period.start, min(guard.now, query.period.end + timedelta(days=28)))
    cells = work(look, metric, needed, at)
    return {keys for keys, rows in cells.items() if not guard.stands(query.period, rows)}


def people_behind(
    query: Query, metric: Metric, level: str, codes: Sequence[str], at: Setting
) -> dict[str, tuple[int, float | None]]:
    """Unit -> (people, cases of the busiest) behind its figure, for units told by name.

    One person, where another span would single out a few.
    """
    if level not in at.ground.catalogue.levels[0].within[:1] or not codes or query.period is None:
        return {}
    asked = [v.values for k, v in query.about if k == level and not v.exclude]
    wanted = sorted(set(codes) & set(asked[0]) if asked else codes)
    kept = {k: v for k, v in query.about if k != level} | {level: Values.of(*wanted)}
    plain = Query((metric.key,), about=filter_of(kept), where=query.where, by=(level,), period=query.period)
    statement = sql.compile(plain, metric.key, at.ground, at.viewer)
    rows = at.shelf.run(statement)
    if not rows or "people" not in rows[0]:
        return {}
    thin = thin_cells(plain, metric, statement.scope, at)
    return {r[level]: (1 if (r[level],) in thin else int(r["people"] or 0), r["biggest"]) for r in rows if r[level]}


def work(look: Look, metric: Metric, period: Period, at: Setting) -> dict[Keys, list[Work]]:
    """Who worked when in each cell, under numbers that mean nothing outside."""
    tree = _tree(look, metric, at)
    text = at.shelf.keep(("guard", metric.key, _form(look)), lambda: tree.sql(dialect=at.shelf.store.dialect))
    values = [v for _, entry in (*look.units, *look.cuts) for v in entry.values]
    found: dict[Keys, list[Work]] = {}
    count = len(look.keys)
    for row in at.shelf.store.fetch(text, [period.start, period.end, *values]):
        day: date = row[count]
        found.setdefault(tuple(row[:count]), []).append(
            Work(day, int(row[count + 1]), tuple(map(bool, row[count + 2 :])))
        )
    return found


def _form(look: Look) -> Keys:
    return look.keys, tuple((k, len(v.values), v.exclude) for k, v in (*look.units, *look.cuts))


def _tree(look: Look, metric: Metric, at: Setting) -> exp.Select:
    kept = tuple(Kept(k, len(v.values), v.exclude) for k, v in look.units)
    person = at.ground.catalogue.person_level
    by_week = any(k == "weekday" for k in look.keys) or any(k == "weekday" for k, _ in look.cuts)
    shape = Shape(table=f"m_{metric.key}", keys=(), parts=(), kept=kept, grain="week" if by_week else None)
    tree = source(shape)
    number = 3 + sum(k.count for k in kept)
    picked: list[exp.Expr] = [named(_column(key), key) for key in look.keys]
    picked.append(named(column("day", "r"), "day"))
    who = exp.Window(
        this=exp.Anonymous(this="DENSE_RANK"),
        order=exp.Order(expressions=[exp.Ordered(this=column(str(person), "r"))]),
    )
    picked.append(named(who, "who"))
    for i, (key, entry) in enumerate(look.cuts):
        values: Sequence[exp.Expr] = [parameter(n) for n in range(number, number + len(entry.values))]
        number += len(entry.values)
        inside = keeps(_column(key), list(values), Kept(key, len(entry.values), entry.exclude))
        picked.append(named(exp.func("COALESCE", inside, exp.false()), f"k{i}"))
    known = exp.Not(this=exp.Is(this=column(str(person), "r"), expression=exp.null()))
    return tree.select(*picked, append=False).where(known).distinct()


def _column(key: str) -> exp.Expr:
    return column(key, "c" if key == "weekday" else "r")
