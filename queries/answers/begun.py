"""What is said, and not compared, of days before the first one that the store holds."""

from __future__ import annotations

from queries.catalogue import Metric
from queries.labels import subject
from queries.numbers import day_text, span_in, span_said
from queries.periods import Period
from queries.query import Query
from queries.setting import Setting


def comparable(query: Query, metric: Metric, at: Setting) -> tuple[Query, str]:
    """The question without an earlier span that its figures cannot honestly be held against, and the words for that.

    Counts need all of the earlier days, other figures more than half of them.
    """
    then, first = query.previous, at.ground.directory.first_day
    if then is None or first is None or "previous" not in query.compare or then.start >= first:
        return query, ""
    counts = query.show == "count" or metric.kind == "count"
    days = (then.end - max(then.start, first)).days
    if not counts and 2 * days > then.days:
        return query, ""
    rest = tuple(compared for compared in query.compare if compared != "previous")
    day = day_text(first, first.year != at.today.year)
    said = at.say("previous_not_held", span=span_said(then, at.today), day=day)
    return query.with_(compare=rest, previous=None), said


def nothing_words(query: Query, things: str, period: Period, at: Setting) -> str:
    """That there is no case: none happened, or the store begins later."""
    who, first = subject(query, at.shelf, at.viewer), at.ground.directory.first_day
    if first is not None and period.end <= first:
        return at.say("figure_no_data", subject=who, span=span_said(period, at.today))
    return at.say("figure_nothing", subject=who, things=things.lower(), span=span_in(period, at.today))
