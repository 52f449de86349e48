"""The rules for people: what is shown of somebody else, in which spans and in which order."""

from __future__ import annotations

from dataclasses import replace

from queries.privacy import sees
from queries.privacy.blocks import blocks
from queries.privacy.scope import Case, Naming, Refusal, Scope, favourable, is_context, relations
from queries.query import Having, Query

GOOD_OPS = {">": 1, ">=": 1, "<": -1, "<=": -1}


def others_shown(case: Case) -> bool:
    """Whether somebody else's figures would appear person by person."""
    person = case.person
    if person is None:
        return False
    named = any(key == person for key, _ in case.query.about + case.query.where)
    if case.own_person:
        return False
    return named or person in case.query.by


def refuse_people(case: Case) -> Refusal | None:
    """Why a query that shows other people, one by one or as a picked list, is refused; None when it is not."""
    if not others_shown(case):
        return _own(case)
    for step in (_not_shown, _too_short, _cut, _unfavourable, _private, _summed, _who):
        refusal = step(case)
        if refusal is not None:
            return refusal
    return None


def _own(case: Case) -> Refusal | None:
    """The viewer's own rows: everything, unless the agreement switched person figures off."""
    if not case.own_person:
        return None
    assert case.person is not None
    if case.sight.of(case.person, sees.OWN) in sees.BY_NAME:
        return None
    return _refusal("person_list")


def _not_shown(case: Case) -> Refusal | None:
    """KPIs that are shown to the person only, or never."""
    for metric in case.metrics:
        if is_context(metric):
            return _refusal("context_ranking", metric=metric.key, counter=metric.counter_metrics)
        if metric.people != "ranked":
            return _refusal("person_metric", metric=metric.key, counter=metric.counter_metrics)
    return None


def _too_short(case: Case) -> Refusal | None:
    shortest = int(case.rules.get("shortest_days", 28))
    for period in (case.query.period, case.query.previous):
        if period is not None and period.days < shortest:
            return _refusal("too_short", days=shortest)
    return None


def _cut(case: Case) -> Refusal | None:
    """Somebody else's figures come whole: no series, no break-down, no restriction that could cut a person's work."""
    query = case.query
    whole = set(case.rules.get("unit_dimensions") or ())
    dimensions = {k for k in query.by if not case.is_level(k)} | {k for k, _ in query.where if not case.is_level(k)}
    cut_by = [key for key in dimensions if key in query.by or key not in whole]
    return _refusal("person_cut") if query.grain or cut_by or query.explain == "drivers" else None


def _unfavourable(case: Case) -> Refusal | None:
    """The end of a list where nobody is named, by order or by threshold, however it is worded."""
    query = case.query
    if query.order == "room_to_grow" or (query.order in ("most", "least") and not is_good_end(case)):
        return _refusal("people_least")
    if any(not is_good_threshold(case, having) for having in query.having):
        return _refusal("people_threshold")
    return None


def is_good_end(case: Case) -> bool:
    """Whether `most` or `least` is the favourable end of the first metric's side."""
    query = case.query
    sign = favourable(case.metrics[0], query.side[0])
    return sign == (1 if query.order == "most" else -1)


def is_good_threshold(case: Case, having: Having) -> bool:
    if having.op in ("meets_standard", "misses_standard"):
        return having.op == "meets_standard"
    metric = case.catalogue.metrics[having.metric]
    return favourable(metric, case.query.side_of(having.metric)) == GOOD_OPS[having.op]


def _private(case: Case) -> Refusal | None:
    """What belongs to the person alone: most improved, streak, personal best; a next step is one person's too."""
    query = case.query
    listed = query.explain is not None and case.person in query.by
    private = listed or query.explain in ("streak", "personal_best") or query.order == "most_improved"
    return _refusal("person_private") if private else None


def _summed(case: Case) -> Refusal | None:
    """Several picked people as one figure."""
    person = case.person
    picked = [v for k, v in case.query.about + case.query.where if k == person]
    if any(len(v.values) > 1 for v in picked) and person not in case.query.by:
        return _refusal("hand_picked")
    return None


def _who(case: Case) -> Refusal | None:
    """A list of people needs a sight that lists them where they work."""
    assert case.person is not None
    if any(key == case.person for key, _ in case.query.about + case.query.where):
        return None  # by name, and that was judged before
    sight = person_sight(case)
    return None if sight in sees.LISTED else _refusal("person_list")


def person_sight(case: Case) -> str:
    """What the viewer sees of the people that a list would hold.

    People in the viewer's line and those outside may be seen differently: a list over both shows the line by its
    own sight and the rest by the others'. A list of the best is what everybody may see, also in the line.
    """
    person = case.person
    assert person is not None
    found = _relations(case)
    line, others = case.sight.of(person, sees.LINE), case.sight.of(person, sees.OTHERS)
    best = case.query.order in ("best", "most", "least") or bool(case.query.having)
    if sees.LINE in found and line in sees.LISTED:
        return line
    if found == {sees.LINE} and not best:
        return line
    return others


def _relations(case: Case) -> set[str]:
    works = case.catalogue.levels[0].within[0]
    alone = replace(case, query=_alone(case.query))
    return {r if r == sees.OTHERS else sees.LINE for r in relations(alone, works)}


def _alone(query: Query) -> Query:
    return query.with_(compare=tuple(c for c in query.compare if c != "others"))


def people_scope(case: Case, scope: Scope) -> Scope:
    """The scope, completed by who of the people may be named and in which span."""
    person = case.person
    if person is None:
        return scope
    viewer = case.viewer
    own = (viewer.login,)
    if not others_shown(case):
        rest = _others_of_own(case)
        spread = scope.spread and (not case.own_person or rest != sees.NOTHING)
        named = {**scope.naming, person: Naming(False, own, rest)} if case.own_person else dict(scope.naming)
        return replace(scope, naming=named, spread=spread, by_value=person not in case.query.by)
    sight = person_sight(case) if person in case.query.by else sees.COACHED
    members = case.sight.members(*_led(case)) if case.sight.of(person, sees.LINE) == sees.COACHED else ()
    coached = sight == sees.COACHED
    rest = case.sight.of(person, sees.OTHERS if sees.OTHERS in _relations(case) else sees.LINE)
    rest = sees.NOTHING if coached and sees.OTHERS not in _relations(case) else rest
    if rest not in (sees.SPREAD, sees.RECOGNISED, sees.ANONYMOUS):
        rest = sees.NOTHING if coached else sees.RECOGNISED
    fit = blocks(case.catalogue.company)
    query = case.query
    return replace(
        scope,
        naming={**scope.naming, person: Naming(False, tuple(sorted({*own, *(members if coached else ())})), rest)},
        period=fit.best_fit(query.period, case.today) if query.period else None,
        previous=fit.best_fit(query.previous, case.today) if query.previous else None,
        people_within=_led(case) if coached and rest == sees.NOTHING else None,
        by_value=False,
        places=False,
        logged=_logged(case, members) if coached else (),
    )


def _led(case: Case) -> tuple[str, tuple[str, ...]]:
    """The units whose people the viewer sees by name: those in which people work that the viewer answers for."""
    works = case.catalogue.levels[0].within[0]
    return works, case.viewer.own_of(works)


def _logged(case: Case, members: tuple[str, ...]) -> tuple[str, ...]:
    asked = [v.values for k, v in case.query.about + case.query.where if k == case.person]
    shown = set(members) if not asked else {code for values in asked for code in values} & set(members)
    return tuple(sorted(shown - {case.viewer.login}))


def _others_of_own(case: Case) -> str:
    """Own figures beside others: dots without names, where people are compared and the span is long enough."""
    query = case.query
    shortest = int(case.rules.get("shortest_days", 28))
    short = query.period is not None and query.period.days < shortest
    cut = bool(query.grain) or bool(case.dimensions)
    if "others" not in query.compare or short or cut or any(m.people != "ranked" for m in case.metrics):
        return sees.NOTHING
    return sees.ANONYMOUS


def _refusal(key: str, **values: object) -> Refusal:
    return Refusal(key, values)
