"""From the parts of a question and the metric it is about to a query: whose, cut how, when, compared with what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from queries.periods import Period
from queries.query import Query, Values, filter_of
from queries.reading.assemble import extras
from queries.reading.assemble.breakdowns import by_of, check_by, my_list
from queries.reading.assemble.overlooked import overlooked, quoted
from queries.reading.assemble.portions import portion
from queries.reading.assemble.restrictions import where_of
from queries.reading.assemble.result import explain_of, order_of, show_of
from queries.reading.assemble.thresholds import having_of
from queries.reading.assemble.when import check_dates, grain_of, period_of, previous_of, steps_of
from queries.reading.assemble.whose import about_of, check_place, my_place, own_if_empty
from queries.reading.assemble.work import Made, NotAskableError, Place, Work, allowed_of, levels_of
from queries.reading.mentions import Mention
from queries.reading.names import Name

__all__ = [
    "Made", "NotAskableError", "Place", "Work", "about_of", "allowed_of", "build", "by_of", "check_by", "check_dates",
    "check_place", "explain_of", "finished", "grain_of", "having_of", "levels_of", "my_list", "my_place", "order_of",
    "own_if_empty", "period_of", "previous_of", "query_of", "show_of", "steps_of", "where_of",
]  # fmt: skip


def build(work: Work, names: Sequence[tuple[Mention, Name]]) -> Made:
    """The query; `names`: the reading of each name mention that is tried.

    Raises:
        NotAskableError: a break-down or period that cannot be had, or words of weight that found no use.
    """
    p = work.parts
    by = by_of(work)
    where, excluded = where_of(work, by)
    about, peers = about_of(work, names, by)
    if "others" in p.compare and not p.explain:
        about = own_if_empty(work, about)
        for level, _ in about:
            if level not in by:
                by = [b for b in by if b not in levels_of(work)] + [level]
        if about and about == peers:
            raise NotAskableError("itself", level=about[0][0], code=about[0][1][0])
    explain, target = explain_of(work)
    compare = set(p.compare)
    if "others" in compare and not about and where:  # "small businesses compared to everyone"
        compare = compare - {"others"} | {"company"}
    having = having_of(work, by, compare)
    order, top = order_of(work, by)
    if order == "most_improved":
        compare.add("previous")
    period, previous = period_of(work, about, by, compare, explain)
    if previous is not None:
        compare.add("previous")
    grain = grain_of(work, period)
    show = show_of(work)
    more = extras.more_of(work, by, compare, order, top, grain) | portion(work, about, where, by)
    query = query_of(
        work, about, peers, compare, previous, show=show, by=tuple(by), where=filter_of({**where, **excluded}),
        period=period, grain=grain, order=order, top=top, target=target, having=having, explain=explain,
    )  # fmt: skip
    return finished(work, query.with_(**more))


def query_of(
    work: Work, about: Sequence[Place], peers: Sequence[Place], compare: set[str], previous: Period | None, **more: Any
) -> Query:
    """A query about the metrics at hand: the others are narrowed, and a time before is named, only where compared."""
    return Query(
        metrics=tuple(s.metric for s in work.sides),
        side=tuple(s.side for s in work.sides),
        about=filter_of({level: Values.of(*codes) for level, codes in about}),
        compare=tuple(compare),
        previous=previous if "previous" in compare else None,
        peers=filter_of({level: Values.of(*codes) for level, codes in peers}) if "others" in compare else (),
        **more,
    )


def finished(work: Work, query: Query) -> Made:
    """The query with what was assumed and passed over.

    Raises:
        NotAskableError: words of weight that found no use.
    """
    if query.show == "share" and query.compare:
        raise NotAskableError("part_alone")
    unused = overlooked(work, query)
    if unused:
        raise NotAskableError("unknown_words", words=quoted(work, unused))
    return Made(query, list(work.assumed), list(work.unused), dict(work.open))
