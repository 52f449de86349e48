"""The second default period of a metric, shown beside the first when no time was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queries.answers.part import Part
from queries.answers.tabled import value_words
from queries.answers.tables import table
from queries.answers.told import told
from queries.catalogue import Metric
from queries.figures import label
from queries.numbers import span_in
from queries.periods import Calendar
from queries.query import Query
from queries.reach import named_period
from queries.setting import Setting
from queries.statements.ground import NotAllowedError

Pictures = tuple[Mapping[str, Any], ...]
WEEKDAY = "weekday"
SERIES = ("last 13 weeks",)
"""What stands beside a series where the catalogue names no second period."""
FEW = 4
"""From so many points on a line, or a list of weekdays, says something."""


def beside(query: Query, shown: Pictures, at: Setting) -> Part | None:
    """The same figure over the second period that the catalogue names for the level; None where it names only one.

    `shown`: the pictures of the first period.
    """
    catalogue = at.ground.catalogue
    metric = catalogue.metrics[query.metrics[0]]
    level = next((k for k, _ in query.about if catalogue.level(k)), catalogue.whole)
    names = metric.default_period.get(level) or metric.default_period.get("other") or ()
    begun = sum(map(_points, shown)) >= FEW
    names = (*names, *SERIES) if query.grain and not begun else names
    if len(query.metrics) > 1 or metric.over or query.period is None or query.explain or len(names) < 2:
        return None
    if query.show == "share" or (query.grain and query.by):
        return None
    period = named_period(names[1], metric, at.today, Calendar.of(catalogue.company))
    if period == query.period:
        return None
    alone = query.with_(compare=(), previous=None, order=None, top=None, having=(), peers=(), period=period)
    try:
        found = table(alone.with_(by=(), grain=None), metric, at)
        drawn = None if begun else _fuller(alone, metric, at)
    except (NotAllowedError, KeyError):
        return None
    whole = found.whole
    if whole is None or whole.withheld or whole.figure.value is None:
        return None
    span = span_in(found.period, at.today)
    value = value_words(query, found, whole)
    return Part(
        (at.say("beside_drawn" if drawn else "beside", span=span, value=value),),
        periods=((label(metric, found.side), found.period),),
        picture=drawn,
        statements=found.statements,
    )


def _fuller(query: Query, metric: Metric, at: Setting) -> Mapping[str, Any] | None:
    """The picture of the second period, for where that of the first has hardly begun."""
    if not (query.grain or query.by == (WEEKDAY,)):
        return None
    picture = told(query, metric.key, at).picture
    return picture if picture and _points(picture) >= FEW else None


def _points(picture: Mapping[str, Any]) -> int:
    """How many points a line has, or rows a list."""
    return max((len(line["rows"]) for line in picture.get("series") or (picture,)), default=0)
