"""What of a span or of cells may be told, by the work around the edges (`looks`) and the rule of `guard`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from queries.catalogue import Metric
from queries.periods import Period
from queries.privacy.guard import Guard
from queries.privacy.looks import Keys, Look, Looked, guard_of, look_of, work
from queries.privacy.rights import Refusal, Scope
from queries.privacy.uncounted import uncounted, whole
from queries.privacy.work import Seen
from queries.query import Query, Values
from queries.setting import Setting
from queries.statements.ground import NotAllowedError

WITHHOLD, ROUND = "withhold", "round"


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
    found = work(look, metric, guard, at).cells.get((), Seen())
    if not any(query.period.start <= day < query.period.end for day in found.days):
        return Guarded(query)  # nothing was done in it, so nothing is told
    safe = guard.safe(query.period, found) if found else (query.period, False)
    split = safe is not None and any(k == "weekday" for k, _ in look.cuts) and guard.splits(safe[0], found)
    if safe is None or (split and safe[0].days < guard.blocks.days):
        raise NotAllowedError(Refusal("too_small", {"least": scope.people_min}))
    return Guarded(query.with_(period=safe[0]), safe[1] or split)


def thin_cells(query: Query, metric: Metric, scope: Scope, at: Setting) -> dict[Keys, str]:
    """Cells (keys of `by`, then the day of a series by day) that another span would single out a few people of."""
    look = look_of(query, metric, scope, at)
    if look is None or query.period is None or (look.whole and query.grain is None):
        return {}
    guard = guard_of(scope, at)
    plain = not look.cuts and not any(k in at.ground.catalogue.dimensions for k in look.keys)
    looked = work(_named(look, scope) if plain else look, metric, guard, at)
    cells = looked.cells
    if query.grain == "day":
        return {(*keys, day): WITHHOLD for keys, rows in cells.items() for day in guard.together(rows)}
    if query.grain is not None:
        spans = buckets(query.period, query.grain)
        return {(*k, d): ROUND for k, rows in cells.items() for d, p in spans.items() if not guard.stands(p, rows)}
    marks = _weekdays(looked, query.period, guard) if "weekday" in look.keys else {}
    whole = plain or guard.exact(query.period, looked.together)
    for keys, rows in cells.items():
        if not (guard.exact if plain else guard.stands)(query.period, rows):
            marks.setdefault(keys, ROUND if plain or guard.rounds(query.period, rows) else WITHHOLD)
    return marks if whole else dict.fromkeys(cells, ROUND) | marks


def _named(look: Look, scope: Scope) -> Look:
    """The look at those units only that may be told by name: the others have no cell of their own."""
    told = {k: naming.codes for k in look.keys if (naming := scope.naming.get(k)) and not naming.everyone}
    asked = {k for k, _ in look.units}
    return replace(look, units=(*look.units, *((k, Values.of(*c)) for k, c in told.items() if c and k not in asked)))


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
    if grain == "day":
        return day, day + timedelta(days=1)
    if grain == "week":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    start = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    end = start.month - 1 + months
    return start, date(start.year + end // 12, end % 12 + 1, 1)


def _weekdays(looked: Looked, period: Period, guard: Guard) -> dict[Keys, str]:
    """Cells of weekdays that are thin, or that a thin day belongs to: rounded over a block or longer, else withheld."""
    days = {day for day in guard.together(looked.together) if period.start <= day < period.end}
    mark = ROUND if period.days >= guard.blocks.days else WITHHOLD
    return {keys: mark for keys, rows in looked.cells.items() if not days.isdisjoint(rows.days)}
