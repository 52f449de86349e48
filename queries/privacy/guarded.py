"""Looks at the work around the edges of a span before a small group's figure is told; see `guard` for the rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlglot import exp

from queries.answers.part import Setting
from queries.catalogue import Metric
from queries.periods import Period
from queries.privacy.blocks import blocks
from queries.privacy.guard import Guard, Seen, Work
from queries.privacy.rights import Refusal, Scope
from queries.privacy.uncounted import uncounted, whole
from queries.query import Query, Values, filter_of
from queries.statements import sql
from queries.statements.ground import NotAllowedError
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


@dataclass(frozen=True)
class Guarded:
    """A query over the span that may be told; `rounded`: in whole percent only."""

    query: Query
    rounded: bool = False


def guarded(query: Query, metric: Metric, scope: Scope, at: Setting) -> Guarded:
    """The query over the span that may be told.

    Raises:
        NotAllowedError: there is none: too few people are behind it, or behind what it leaves out.
    """
    if uncounted(query, metric, at):
        return Guarded(*whole(query, guard_of(scope, at), at))
    look = look_of(query, metric, scope, at)
    if look is None or not look.whole or query.period is None:
        return Guarded(query)
    guard = guard_of(scope, at)
    found = work(look, metric, guard.needed(query.period), at).get((), Seen())
    if not any(query.period.start <= one.day < query.period.end for one in found):
        return Guarded(query)  # nothing was done in it, so nothing is told
    safe = guard.safe(query.period, found) if found else (query.period, False)
    split = safe is not None and any(k == "weekday" for k, _ in look.cuts) and guard.splits(safe[0], found)
    if safe is None or (split and safe[0].days < guard.blocks.days):
        raise NotAllowedError(Refusal("too_small", {"least": scope.people_min}))
    return Guarded(query.with_(period=safe[0]), safe[1] or split)


LOOKS_KEPT, ENOUGH = 64, 12
WITHHOLD, ROUND = "withhold", "round"


def thin_cells(query: Query, metric: Metric, scope: Scope, at: Setting) -> dict[Keys, str]:
    """Cells (keys of `by`, then the day of a series by day) that another span would single out a few people of."""
    look = look_of(query, metric, scope, at)
    if look is None or query.period is None or (look.whole and query.grain is None):
        return {}
    guard = guard_of(scope, at)
    cells = work(look, metric, guard.needed(query.period), at)
    if query.grain == "day":
        return {(*keys, day): WITHHOLD for keys, rows in cells.items() for day in guard.together(rows)}
    if query.grain is not None:
        spans = buckets(query.period, query.grain)
        return {(*k, d): ROUND for k, rows in cells.items() for d, p in spans.items() if not guard.stands(p, rows)}
    marks = _weekdays(cells, query.period, guard) if "weekday" in look.keys else {}
    plain = not look.cuts and not any(k in at.ground.catalogue.dimensions for k in look.keys)
    if not plain and not guard.exact(query.period, Seen(w for rows in cells.values() for w in rows)):
        marks |= dict.fromkeys(cells, ROUND)
    for keys, rows in cells.items():
        if not (guard.exact if plain else guard.stands)(query.period, rows):
            marks[keys] = ROUND if plain or guard.rounds(query.period, rows) else WITHHOLD
    return marks


def buckets(period: Period, grain: str) -> dict[date, Period]:
    """The spans of a series by their first calendar day, the first and the last one cut to the period.

    >>> sorted(map(str, buckets(Period(date(2026, 10, 27), date(2026, 11, 7)), "week")))
    ['2026-10-26', '2026-11-02']
    """
    found: dict[date, Period] = {}
    day = period.start
    while day < period.end:
        start, end = _bucket(day, grain)
        found[start] = Period(day, min(end, period.end))
        day = end
    return found


def _bucket(day: date, grain: str) -> tuple[date, date]:
    if grain == "week":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    start = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    end = start.month - 1 + months
    return start, date(start.year + end // 12, end % 12 + 1, 1)


def _weekdays(cells: dict[Keys, Seen], period: Period, guard: Guard) -> dict[Keys, str]:
    """Cells of weekdays that are thin, or that a thin day belongs to: rounded over a block or longer, else withheld."""
    days = guard.together([w for rows in cells.values() for w in rows])
    mark = ROUND if period.days >= guard.blocks.days else WITHHOLD
    return {
        k: mark for k, rows in cells.items() if any(w.day in days and period.start <= w.day < period.end for w in rows)
    }


def people_behind(
    query: Query, metric: Metric, level: str, codes: Sequence[str], at: Setting
) -> dict[str, tuple[int, float | None]]:
    """Unit -> (people, cases of the busiest) behind its figure, for units told by name.

    So few that it is withheld or rounded, where another span would single out a few.
    """
    if level not in at.ground.catalogue.levels[0].within[:1] or not codes or query.period is None:
        return {}
    asked = [v.values for k, v in query.about if k == level and not v.exclude]
    only = bool(asked) and "others" not in query.compare
    wanted = sorted(set(codes) & set(asked[0]) if only else codes)
    kept = {k: v for k, v in query.about if k != level} | {level: Values.of(*wanted)}
    plain = Query((metric.key,), about=filter_of(kept), where=query.where, by=(level,), period=query.period)
    statement = sql.compile(plain, metric.key, at.ground, at.viewer)
    if uncounted(plain, metric, at):
        safe = guarded(plain, metric, statement.scope, at)
        mark = None if safe == Guarded(plain) else ROUND
        return {c: (counted_as(at.shelf.staff(level, c), mark, statement.scope), None) for c in wanted}
    rows = at.shelf.run(statement)
    if not rows or "people" not in rows[0]:
        return {}
    thin = thin_cells(plain, metric, statement.scope, at)
    behind = {r[level]: (int(r["people"] or 0), r["biggest"]) for r in rows if r[level]}
    return {c: (counted_as(n, thin.get((c,)), statement.scope), most) for c, (n, most) in behind.items()}


def one_left(level: str, code: str, scope: Scope, at: Setting) -> bool:
    """Whether a place has a single group whose figures the viewer has no right to, beside groups of the viewer's own.

    The place without the own groups would be that one: so its figures are told in whole percent.
    """
    lowest = at.ground.catalogue.levels[0].within[:1]
    naming = scope.naming.get(lowest[0]) if lowest else None
    if naming is None or naming.everyone or not naming.codes or level in lowest:
        return False
    groups = [u.code for u in at.shelf.directory.units_of(lowest[0]) if u.within.get(level) == code]
    return len(groups) > 1 and sum(group not in naming.codes for group in groups) == 1


def counted_as(people: int, thin: str | None, scope: Scope) -> int:
    """The number of people that brings about what has to happen to a cell."""
    if thin is None:
        return people
    return 1 if thin == WITHHOLD else min(people, max(scope.people_min, scope.round_below - 1))


def work(look: Look, metric: Metric, period: Period, at: Setting) -> dict[Keys, Seen]:
    """Who worked when in each cell, under numbers that mean nothing outside; the newest few looks are kept."""
    values = tuple(v for _, entry in (*look.units, *look.cuts) for v in entry.values)
    key = (metric.key, _form(look), values, period)
    kept: dict[Keys, dict[Keys, Seen]] = at.shelf.keep(("guard", "looks"), dict)
    found = kept.get(key)
    if found is None:
        found = _looked(look, metric, [period.start, period.end, *values], at)
        if len(kept) >= LOOKS_KEPT:
            kept.clear()
        kept[key] = found
    return found


def _looked(look: Look, metric: Metric, parameters: list[Any], at: Setting) -> dict[Keys, Seen]:
    def text() -> str:
        return _tree(look, metric, at).sql(dialect=at.shelf.store.dialect)

    found: dict[Keys, list[Work]] = {}
    count = len(look.keys)
    for row in at.shelf.store.fetch(at.shelf.keep(("guard", metric.key, _form(look)), text), parameters):
        day, who, kept = row[count], int(row[count + 1]), tuple(map(bool, row[count + 2 :]))
        people = range(min(who, ENOUGH)) if look.counted else (who,)
        found.setdefault(tuple(row[:count]), []).extend(Work(day, one, kept) for one in people)
    return {keys: Seen(rows) for keys, rows in found.items()}


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
    picked.append(named(_count(str(person)) if look.counted else _number(str(person)), "who"))
    for i, (key, entry) in enumerate(look.cuts):
        values: Sequence[exp.Expr] = [parameter(n) for n in range(number, number + len(entry.values))]
        number += len(entry.values)
        inside = keeps(_column(key), list(values), Kept(key, len(entry.values), entry.exclude))
        picked.append(named(exp.func("COALESCE", inside, exp.false()), f"k{i}"))
    known = exp.Not(this=exp.Is(this=column(str(person), "r"), expression=exp.null()))
    tree = tree.select(*picked, append=False).where(known)
    if not look.counted:
        return tree.distinct()
    return tree.group_by(*(e.this for i, e in enumerate(picked) if i != len(look.keys) + 1))


def _number(person: str) -> exp.Expr:
    """A number for each person that means nothing outside of the answer."""
    order = exp.Order(expressions=[exp.Ordered(this=column(person, "r"))])
    return exp.Window(this=exp.Anonymous(this="DENSE_RANK"), order=order)


def _count(person: str) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[column(person, "r")]))


def _column(key: str) -> exp.Expr:
    return column(key, "c" if key == "weekday" else "r")
