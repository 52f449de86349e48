"""The second default period of a metric, shown beside the first when no time was said."""

from __future__ import annotations

from queries.answers.part import Part
from queries.answers.tables import table
from queries.figures import label
from queries.numbers import span_in, value_text
from queries.periods import Calendar
from queries.query import Query
from queries.reach import named_period
from queries.setting import Setting
from queries.statements.ground import NotAllowedError


def beside(query: Query, at: Setting) -> Part | None:
    """The same figure over the second period that the catalogue names for the level; None where it names only one."""
    catalogue = at.ground.catalogue
    metric = catalogue.metrics[query.metrics[0]]
    level = next((k for k, _ in query.about if catalogue.level(k)), catalogue.whole)
    names = metric.default_period.get(level) or metric.default_period.get("other") or ()
    if len(query.metrics) > 1 or metric.over or query.period is None or query.explain or query.grain or len(names) < 2:
        return None
    if query.show == "share":
        return None
    period = named_period(names[1], metric, at.today, Calendar.of(catalogue.company))
    plain = query.with_(by=(), compare=(), previous=None, order=None, top=None, having=(), peers=(), period=period)
    try:
        found = table(plain, metric, at)
    except (NotAllowedError, KeyError):
        return None
    whole = found.whole
    if whole is None or whole.withheld or whole.figure.value is None:
        return None
    span = span_in(found.period, at.today)
    value = value_text(metric, found.side, whole.figure.value, whole.verdict == "rounded")
    return Part(
        (at.say("beside", span=span, value=value),),
        periods=((label(metric, found.side), found.period),),
        statements=found.statements,
    )
