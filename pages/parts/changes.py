"""What can be changed about a question, as chips: every option is a ready `Query`. Pure; nothing here draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from queries.catalogue import Catalogue, Metric
from queries.directory import Directory
from queries.periods import Period
from queries.query import Query, Values, filter_of
from queries.viewer import Viewer


@dataclass(frozen=True)
class Option:
    """One thing a chip can be changed to."""

    label: str
    query: Query
    chosen: bool = False


@dataclass(frozen=True)
class Chip:
    """One part of the question: its kind in a word or two, what it says now, what else it could say."""

    key: str
    kind: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Setting:
    """All that the options depend on besides the question."""

    catalogue: Catalogue
    directory: Directory
    viewer: Viewer
    today: date


def chips(query: Query, at: Setting) -> list[Chip]:
    """The chips of a question in reading order."""
    made = [_what(query, at), _whose(query, at), _when(query, at), _against(query), _by(query, at), _over(query)]
    return [*made, *_only(query, at)]


def _what(query: Query, at: Setting) -> Chip:
    metrics = at.catalogue.metrics
    label = " and ".join(side_label(metrics[m], s) for m, s in zip(query.metrics, query.side, strict=True))
    options = []
    for key in ordered(at):
        for side in ("metric", "mirror"):
            text = side_label(metrics[key], side)
            if text and (side == "metric" or metrics[key].mirror_of in ("complement", "own")):
                changed = _fit(query.with_(metrics=(key,), side=(side,), having=()), at)
                options.append(Option(text, changed, query.metrics == (key,) and query.side == (side,)))
    return Chip("what", "what", label, tuple(options))


def side_label(metric: Metric, side: str) -> str:
    return metric.mirror_label if side == "mirror" and metric.mirror_label else metric.label


def ordered(at: Setting) -> list[str]:
    """Metric keys: the viewer's headline ones first, then those their work feeds, then by name."""
    headline = at.catalogue.company.get("headline") or {}
    first = headline.get(at.viewer.kind) or headline.get(at.viewer.work) or headline.get(at.catalogue.whole) or []
    metrics = at.catalogue.metrics
    rest = sorted(metrics, key=lambda k: (at.viewer.work not in metrics[k].feeds, metrics[k].label))
    return list(dict.fromkeys([k for k in [*first, *rest] if k in metrics]))


def _fit(query: Query, at: Setting) -> Query:
    """Drop break-downs and restrictions that the new metric does not carry."""
    metric = at.catalogue.metrics[query.metrics[0]]
    carried = {*metric.dimensions, *at.catalogue.unit_levels}
    return query.with_(
        by=tuple(b for b in query.by if b in carried),
        where=tuple((k, v) for k, v in query.where if k in carried),
        show="rate",
    )


def _whose(query: Query, at: Setting) -> Chip:
    levels = {level.key: level for level in at.catalogue.levels}
    options = []
    for key in levels:
        codes = at.viewer.own_of(key)
        if key == at.catalogue.person_level and at.viewer.covers[0] != key:
            continue
        if codes:
            label = "me" if key == at.catalogue.person_level else _names(key, codes, at)
            about = filter_of({key: Values.of(*codes)})
            by = (key,) if "others" in query.compare else tuple(b for b in query.by if b not in levels)
            changed = query.with_(about=about, by=by)
            options.append(Option(label, changed, query.about == about))
    compare = tuple(c for c in query.compare if c not in ("others", "company"))
    whole = query.with_(about=(), by=tuple(b for b in query.by if b not in levels), compare=compare, peers=())
    options.append(Option(f"the whole {levels[at.catalogue.whole].label}", whole, not query.about and not query.by))
    return Chip("whose", "whose", whose(query, at), tuple(options))


def whose(query: Query, at: Setting) -> str:
    """Whose figures, in words."""
    if not query.about:
        level = next((at.catalogue.level(b) for b in query.by if b in at.catalogue.unit_levels), None)
        return f"all {level.plural}" if level else f"the whole {at.catalogue.levels[-1].label}"
    return ", ".join(
        ("without " if v.exclude else "")
        + ("me" if k == at.catalogue.person_level and v.values == (at.viewer.login,) else _names(k, v.values, at))
        for k, v in query.about
    )


def _names(level: str, codes: Iterable[str], at: Setting) -> str:
    return ", ".join(_name(level, code, at) for code in codes)


def _name(level: str, code: str, at: Setting) -> str:
    if level == at.catalogue.person_level:
        person = at.directory.people.get(code)
        return person.name if person else code
    unit = at.directory.units.get((level, code))
    return unit.name if unit else code


def _when(query: Query, at: Setting) -> Chip:
    named = periods(at.today)
    label = next((text for text, p in named if p == query.period), None)
    if label is None and query.period:
        label = f"{short(query.period.start)} – {short(query.period.last)}"
    options = [Option(text, moved(query, period), period == query.period) for text, period in named]
    return Chip("when", "when", label or "any time", tuple(options))


def periods(today: date) -> list[tuple[str, Period]]:
    """The periods offered, newest first, as the contract reads those words (weeks start on Monday)."""
    tomorrow, week = today + timedelta(days=1), today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    quarter = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)

    def weeks(number: int) -> Period:
        return Period(week - timedelta(weeks=number), week)

    return [
        ("today", Period(today, tomorrow)),
        ("yesterday", Period(today - timedelta(days=1), today)),
        ("this week", Period(week, tomorrow)),
        ("last week", weeks(1)),
        ("last 4 weeks", weeks(4)),
        ("last 13 weeks", weeks(13)),
        ("last 26 weeks", weeks(26)),
        ("this month", Period(month, tomorrow)),
        ("last month", Period(before, month)),
        ("this quarter", Period(quarter, tomorrow)),
        ("rolling 13 weeks", Period(tomorrow - timedelta(weeks=13), tomorrow)),
    ]


def moved(query: Query, period: Period) -> Query:
    previous = _before(period) if "previous" in query.compare else None
    return query.with_(period=period, previous=previous)


def _before(period: Period) -> Period:
    """Like with like: a part-done week against the same days a week earlier, a whole period against the one before."""
    if period.start.day == 1 and period.days not in (7, 28, 91):
        start = (period.start - timedelta(days=1)).replace(day=1)
        return Period(start, min(start + timedelta(days=period.days), period.start))
    shift = timedelta(days=7 * max(1, -(-period.days // 7))) if period.days > 1 else timedelta(days=1)
    return Period(period.start - shift, period.end - shift)


def short(when: date) -> str:
    return f"{when.day} {when:%b}"


AGAINST = {"others": "others", "previous": "the period before", "standard": "the standard", "company": "the company"}


def _against(query: Query) -> Chip:
    label = " and ".join(AGAINST[c] for c in query.compare) or "nothing"
    options = []
    for key, text in AGAINST.items():
        on = key in query.compare
        compare = tuple(c for c in query.compare if c != key) if on else (*query.compare, key)
        changed = query.with_(compare=compare)
        if key == "previous":
            changed = changed.with_(previous=None if on or not query.period else _before(query.period))
        if key == "others":
            level = next((k for k, v in query.about if not v.exclude), None)
            if level is None:
                continue
            changed = changed.with_(by=tuple(b for b in query.by if b != level) if on else (level,), order=None)
        options.append(Option(text, changed, on))
    return Chip("against", "compared with", label, tuple(options))


def _by(query: Query, at: Setting) -> Chip:
    metric = at.catalogue.metrics[query.metrics[0]]
    labels = _labels(at)
    keys = [key for key in (*at.catalogue.unit_levels, *metric.dimensions) if _has(metric, key, at)]
    compare = tuple(c for c in query.compare if c != "others")
    options = [Option("nothing", query.with_(by=(), compare=compare, order=None, top=None), not query.by)]
    for key in keys:
        changed = query.with_(by=(key,), grain=None, compare=compare)
        options.append(Option(labels.get(key, key), changed, query.by == (key,)))
    label = " and ".join(labels.get(b, b) for b in query.by) or "nothing"
    return Chip("by", "broken down by", label, tuple(options))


def _has(metric: Metric, key: str, at: Setting) -> bool:
    return key in metric.levels if key in at.catalogue.unit_levels else key in metric.dimensions


def label_of(key: str, at: Setting) -> str:
    return _labels(at).get(key, key)


def _labels(at: Setting) -> dict[str, str]:
    return {k: d.label for k, d in at.catalogue.dimensions.items()} | {v.key: v.label for v in at.catalogue.levels}


def _over(query: Query) -> Chip:
    options = [Option("one figure", query.with_(grain=None), query.grain is None)]
    own = {key for key, _ in query.about} if "others" in query.compare else set()
    line = query.with_(
        order=None, top=None, by=tuple(b for b in query.by if b not in own),
        compare=tuple(c for c in query.compare if c != "others"), peers=(),
    )  # fmt: skip
    for grain in ("day", "week", "month"):
        options.append(Option(f"by {grain}", line.with_(grain=grain), query.grain == grain))
    return Chip("over", "over time", f"by {query.grain}" if query.grain else "one figure", tuple(options))


def _only(query: Query, at: Setting) -> list[Chip]:
    """One chip per restriction that holds, and one to add another."""
    metric = at.catalogue.metrics[query.metrics[0]]
    labels, made = _labels(at), []
    for key, values in query.where:
        rest = tuple(f for f in query.where if f[0] != key)
        text = ("all but " if values.exclude else "only ") + ", ".join(value_name(key, v, at) for v in values.values)
        options = [Option(f"every {labels.get(key, key)}", query.with_(where=rest))]
        made.append(Chip(f"only_{key}", labels.get(key, key), text, (*options, *_values(query, key, at))))
    held = {key for key, _ in query.where}
    more = []
    for key in (d for d in metric.dimensions if d not in held and d in at.catalogue.dimensions):
        options = _values(query, key, at)
        if 1 < len(options) <= 8:
            more += [Option(f"{labels.get(key, key)}: {o.label.removeprefix('only ')}", o.query) for o in options]
    return [*made, Chip("only", "only", "everything" if not made else "…", tuple(more))] if more else made


def _values(query: Query, key: str, at: Setting) -> list[Option]:
    rest = tuple(f for f in query.where if f[0] != key)
    held = dict(query.where).get(key)
    options = []
    for value in at.catalogue.dimensions[key].values if key in at.catalogue.dimensions else ():
        kept = Values.of(value)
        options.append(Option(f"only {value_name(key, value, at)}", query.with_(where=filter_of([*rest, (key, kept)])),
                              held == kept))  # fmt: skip
    return options


def value_name(key: str, value: str, at: Setting) -> str:
    dimension = at.catalogue.dimensions.get(key)
    names = dimension.values.get(value) if dimension else None
    return names[0] if names else value
