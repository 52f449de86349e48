"""Units that share in the work of others (`credited`): whose work a figure of theirs is cannot be counted.

Such a figure is told whole: over whole weeks or months, no days, no part of the work. A day, or one kind of work,
could be that of a single person, here or in the places whose figures can be asked for beside it. A span with edges
inside a week is in whole percent; any other than one that everybody asks for is moved to whole weeks.
"""

from __future__ import annotations

from datetime import date, timedelta

from queries.catalogue import Metric
from queries.periods import Period
from queries.privacy.guard import Guard
from queries.privacy.rights import Refusal
from queries.query import Query
from queries.setting import Setting
from queries.statements.credited import credited, names_work
from queries.statements.ground import NotAllowedError

WEEK = timedelta(days=7)


def uncounted(query: Query, metric: Metric, at: Setting) -> bool:
    """Whether nobody can be counted behind the figures of a question."""
    filters = query.about + query.where
    return bool(credited(metric, filters, (), at.ground.catalogue, at.ground.directory, at.ground.tables))


def whole(query: Query, guard: Guard, at: Setting) -> tuple[Query, bool]:
    """The question over the span that may be told, and whether it has to be rounded.

    Raises:
        NotAllowedError: it asks for days or for a part of the work.
    """
    catalogue, period = at.ground.catalogue, query.period
    cut = [k for k in query.by if k in catalogue.dimensions]
    cut += [k for k, v in query.where if k in catalogue.dimensions and not names_work(v, at.ground.directory)]
    if cut or query.grain == "day" or period is None:
        raise NotAllowedError(Refusal("uncounted", {"what": query.metrics[0]}))
    if guard.natural(period):
        return query, any(edge.weekday() for edge in (period.start, period.end))
    start, end = (_monday(edge) for edge in (period.start, period.end))
    return query.with_(period=Period(start, max(end, start + WEEK))), False


def _monday(edge: date) -> date:
    """The nearest Monday."""
    near = edge + timedelta(days=3)
    return near - timedelta(days=near.weekday())
