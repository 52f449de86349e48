"""Questions to go on with: what to ask to begin, and what to ask next."""

from __future__ import annotations

from datetime import timedelta

from queries.answers.drivers import before
from queries.figures import better
from queries.periods import Period
from queries.query import Query, Values, filter_of
from queries.setting import Setting

MOST_STARTERS, MOST_FOLLOW_UPS = 6, 4


def headline_metrics(at: Setting) -> tuple[str, ...]:
    """The metrics that matter most to the viewer, by the company file: of their kind of work, or of all."""
    table = at.ground.catalogue.company.get("headline") or {}
    roles = at.ground.catalogue.company.get("roles") or {}
    wanted = (roles.get(at.viewer.role) or {}).get("headline")
    own = wanted != at.ground.catalogue.whole
    keys = (at.viewer.kind, at.viewer.work) if own else ()
    found = next((table[key] for key in keys if key in table), table.get(at.ground.catalogue.whole) or ())
    return tuple(key for key in found if key in at.ground.catalogue.metrics)


def own_unit(at: Setting) -> tuple[str, tuple[str, ...]] | None:
    """The unit above the person that the viewer leads, covers or works in."""
    level, codes = at.viewer.covers
    if codes and level in at.ground.catalogue.unit_levels and level != at.ground.catalogue.person_level:
        return level, codes
    for key in at.ground.catalogue.unit_levels[1:]:
        if at.viewer.own_of(key):
            return key, at.viewer.own_of(key)
    return None


def starters(at: Setting) -> list[Query]:
    """Up to six questions that work for the viewer, the comparison of their own unit first."""
    metrics = headline_metrics(at)
    week = this_week(at)
    found = []
    own = own_unit(at)
    for metric in metrics[:3]:
        if own is not None:
            about = filter_of({own[0]: Values.of(*own[1])})
            found.append(
                Query((metric,), about=about, by=(own[0],), compare=("others",), period=_fitting(metric, week, at))
            )
        else:
            found.append(Query((metric,), by=_listed(metric, at), period=_fitting(metric, week, at)))
    if metrics:
        first = Query(metrics[:1], about=filter_of({own[0]: Values.of(*own[1])}) if own else (), period=week)
        found.append(first.with_(period=_weeks(at, 13), grain="week"))
        found.append(first.with_(period=_weeks(at, 4), previous=before(_weeks(at, 4)), compare=("previous",)))
        found.append(Query(metrics[:1], explain="definition"))
    return list(dict.fromkeys(found))[:MOST_STARTERS]


def _listed(metric: str, at: Setting) -> tuple[str, ...]:
    levels = at.ground.catalogue.metrics[metric].levels
    above = [key for key in reversed(at.ground.catalogue.unit_levels) if key in levels]
    return (above[0],) if above else ()


def this_week(at: Setting) -> Period:
    start = at.today - timedelta(days=at.today.weekday())
    return Period(start, at.today + timedelta(days=1))


def _weeks(at: Setting, weeks: int) -> Period:
    end = at.today - timedelta(days=at.today.weekday())
    return Period(end - timedelta(weeks=weeks), end)


def _fitting(metric: str, week: Period, at: Setting) -> Period:
    """This week, or the newest four weeks whose cases are final."""
    after = at.ground.catalogue.metrics[metric].matures_after_days
    if not after:
        return week
    end = at.today - timedelta(days=after - 1)
    end -= timedelta(days=end.weekday())
    return Period(end - timedelta(weeks=4), end)


def follow_ups(query: Query, at: Setting) -> list[Query]:
    """Up to four questions that go on from an answered one."""
    if query.period is None or query.explain is not None:
        return []
    metric = at.ground.catalogue.metrics[query.metrics[0]]
    plain = query.with_(metrics=query.metrics[:1], side=query.side[:1], order=None, top=None, having=())
    found = []
    if "previous" not in query.compare and not query.order:
        found.append(plain.with_(compare=(*query.compare, "previous"), previous=before(query.period)))
    if query.about and better(metric, query.side[0]) and "others" in query.compare and len(query.about) == 1:
        found.append(plain.with_(explain="next_step", by=(), compare=(), previous=None, peers=()))
    if not query.grain and query.period.days >= 14:
        found.append(plain.with_(by=(), compare=(), previous=None, grain="week", peers=()))
    for key in metric.dimensions:
        if key not in query.by and key not in dict(query.where) and "others" not in query.compare and not query.grain:
            found.append(plain.with_(by=(key,)))
            break
    if "previous" in query.compare:
        found.append(plain.with_(explain="drivers", by=(), compare=(), previous=query.previous, grain=None))
    return found[:MOST_FOLLOW_UPS]
