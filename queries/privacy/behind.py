"""Who stands behind the figure of a unit, and how many of them count when it has to be told in part or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from queries.catalogue import Metric
from queries.privacy.guarded import ROUND, WITHHOLD, Guarded, buckets, guarded, thin_cells
from queries.privacy.looks import Keys, guard_of, look_of, work
from queries.privacy.rights import Scope
from queries.privacy.uncounted import uncounted
from queries.privacy.work import Seen
from queries.query import Query, Values, filter_of
from queries.setting import Setting
from queries.statements import sql
from queries.statements.ground import allowed

Behind = dict[str, tuple[int, float | None]]
"""Unit -> people, and cases of the busiest of them."""
Counted = Callable[[Keys], tuple[int, float | None]]
"""Keys of a cell -> the same."""


def people_behind(query: Query, metric: Metric, level: str, codes: Sequence[str], at: Setting) -> Behind:
    """Who stands behind the figures of units told by name.

    So few that it is withheld or rounded, where another span would single out a few.
    """
    if level not in at.ground.catalogue.levels[0].within[:1] or not codes or query.period is None:
        return {}
    asked = [v.values for k, v in query.about if k == level and not v.exclude]
    only = bool(asked) and "others" not in query.compare
    wanted = sorted(set(codes) & set(asked[0]) if only else codes)
    kept = {k: v for k, v in query.about if k != level} | {level: Values.of(*wanted)}
    plain = Query((metric.key,), about=filter_of(kept), where=query.where, by=(level,), period=query.period)
    scope = allowed(plain, at.ground, at.viewer)
    if uncounted(plain, metric, at):
        mark = None if guarded(plain, metric, scope, at) == Guarded(plain) else ROUND
        return {c: (counted_as(at.shelf.staff(level, c), mark, scope), None) for c in wanted}
    known = at_work(plain, metric, scope, at)
    behind = {c: known((c,)) for c in wanted} if known else _counted(plain, metric, level, at)
    thin = thin_cells(plain, metric, scope, at) if behind else {}
    return {c: (counted_as(n, thin.get((c,)), scope), most) for c, (n, most) in behind.items()}


def at_work(query: Query, metric: Metric, scope: Scope, at: Setting) -> Counted | None:
    """Who stands behind a cell (keys of `by`, then the bucket of a series), from the look that the guard takes anyway.

    None where it does not tell: restricted work, stocks (of one day), days it does not reach, units without a look.
    """
    look, guard, period = look_of(query, metric, scope, at), guard_of(scope, at), query.period
    plain = metric.kind not in ("stock", "share") and query.cases is None and scope.people_within is None
    if look is None or period is None or not (plain and look.cases) or len(look.units) < len(query.about + query.where):
        return None
    last = at.ground.directory.last_day
    if last is not None and guard.now <= min(last, period.last):
        return None
    cells = work(look, metric, guard, at).cells
    spans = buckets(period, query.grain) if query.grain else {}

    def behind(keys: Keys) -> tuple[int, float | None]:
        span = spans[keys[-1]] if query.grain else period
        cases = cells.get(keys[: len(look.keys)], Seen()).cases_in(span)
        return len(cases), max(cases.values(), default=None)

    return behind


def _counted(query: Query, metric: Metric, level: str, at: Setting) -> Behind:
    """The same, counted by a statement of its own; nothing where the roll-up has no people."""
    rows = at.shelf.run(sql.compile(query, metric.key, at.ground, at.viewer))
    return {r[level]: (int(r["people"] or 0), r["biggest"]) for r in rows if "people" in r and r[level]}


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
