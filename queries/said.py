"""A query in plain words. The law: reading this sentence again, as the same viewer, gives the same query."""

from __future__ import annotations

from collections.abc import Iterable

from queries.catalogue import Catalogue, Metric
from queries.directory import Directory
from queries.periods import MONTHS_IN, Period, add_days, shift
from queries.query import Having, Query, Values
from queries.viewer import Viewer

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDERS = {
    "best": "best first",
    "room_to_grow": "most room to grow",
    "most_improved": "most improved",
    "most": "highest first",
    "least": "lowest first",
}
OPS = {">": "over", ">=": "at least", "<": "under", "<=": "at most"}
SINGLE = {"most": "largest", "room_to_grow": "largest", "least": "smallest", "best": "smallest"}
LIMITS = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}
EXPLAINS = {
    "definition": "What counts as",
    "drivers": "What is driving",
    "next_step": "Next step for",
    "streak": "Streak of",
    "personal_best": "Personal best for",
}


def said(query: Query, catalogue: Catalogue, directory: Directory, viewer: Viewer) -> str:
    """The query as one sentence."""
    parts = [_head(query, catalogue), _about(query, catalogue, directory, viewer)]
    parts += [
        when(query.period) if query.period else "",
        _target(query, directory),
        *_compare(query, catalogue, directory),
        *_restrictions(query, catalogue, directory),
        *(_having(h, query, catalogue) for h in query.having),
    ]
    if query.by:
        parts.append("by " + _and(_label(key, catalogue) for key in query.by))
    if query.grain:
        parts.append(f"per {query.grain}")
    if query.at_least is not None:
        parts.append(f"with at least {query.at_least} cases")
    if query.order and query.rows is None:
        parts.append(ORDERS[query.order] + (f" ({query.top})" if query.top else ""))
    return ", ".join(p for p in parts if p)


def metric_name(metric: Metric, side: str) -> str:
    """A metric's name from one side."""
    return metric.mirror_label if side == "mirror" and metric.mirror_label else metric.label


def _head(query: Query, catalogue: Catalogue) -> str:
    names = _and(metric_name(catalogue.metrics[m], s) for m, s in zip(query.metrics, query.side, strict=True))
    if query.rows is not None:
        names = f"list of the {query.rows} {SINGLE.get(query.order or '', 'newest')} single {names}"
    if query.cases is not None:
        names += f" of {LIMITS[query.cases.op]} {_amount(query, catalogue)}"
    if query.show == "count":
        names = "number of " + names
    if query.show == "share":
        names = "share of all " + names
    if query.explain:
        return f"{EXPLAINS[query.explain]} {names}"
    return names[:1].upper() + names[1:]


def _amount(query: Query, catalogue: Catalogue) -> str:
    """The limit on single cases with its unit."""
    assert query.cases is not None
    unit = str(catalogue.metrics[query.metrics[0]].rows.get("unit") or "")
    return f"{query.cases.value:g} {unit}".strip()


def _about(query: Query, catalogue: Catalogue, directory: Directory, viewer: Viewer) -> str:
    if not query.about:
        return "" if query.explain == "definition" else f"for the whole {_label(catalogue.whole, catalogue)}"
    places = []
    for level, values in query.about:
        if level == catalogue.person_level and values.values == (viewer.login,) and _assumes_self(catalogue, viewer):
            places.append("me")
        elif len(values.values) > 1 and level not in query.by and values.values == viewer.covers[1]:
            places.append("us")
        else:
            places += [unit_name(level, code, catalogue, directory) for code in values.values]
    return "for " + _and(places)


def _assumes_self(catalogue: Catalogue, viewer: Viewer) -> bool:
    role = catalogue.company["roles"].get(viewer.role) or {}
    return role.get("assumes") == catalogue.person_level


def unit_name(level: str, code: str, catalogue: Catalogue, directory: Directory) -> str:
    """How a unit or person is called so that only it is meant."""
    if level == catalogue.person_level:
        person = directory.people.get(code)
        name = person.name if person else code
        return name if person and directory.bearers.get(name.lower(), 0) == 1 else code
    unit = directory.units.get((level, code))
    name = unit.name if unit and unit.name else code
    if directory.bearers.get(name.lower(), 0) > 1:
        return f"{_label(level, catalogue)} {code}"
    return f"{_label(level, catalogue)} {name}"


def _target(query: Query, directory: Directory) -> str:
    if query.explain != "next_step" or query.target is None:
        return ""
    if isinstance(query.target, tuple):
        return f"to get to place {query.target[1]}"
    return {
        "standard": "to reach the standard",
        "typical": "to reach the typical",
        "top_quarter": "to get to the top quarter",
    }[query.target]


def _compare(query: Query, catalogue: Catalogue, directory: Directory) -> Iterable[str]:
    if "others" in query.compare:
        peers = _and(unit_name(level, code, catalogue, directory) for level, v in query.peers for code in v.values)
        yield "compared with others" + (f" in {peers}" if peers else "")
    if "standard" in query.compare:
        yield "compared with the standard"
    if "company" in query.compare:
        yield f"compared with the {_label(catalogue.whole, catalogue)} average"
    if "previous" in query.compare:
        yield "compared with " + (
            when(query.previous).removeprefix("on ").removeprefix("in ") if query.previous else "before"
        )


def _restrictions(query: Query, catalogue: Catalogue, directory: Directory) -> Iterable[str]:
    for key, values in query.where:
        word = "without" if values.exclude else "only"
        dimension = catalogue.dimensions.get(key)
        if dimension is None:
            yield f"{word} " + _and(unit_name(key, code, catalogue, directory) for code in values.values)
            continue
        yield f"{word} " + f" and {word} ".join(f"{dimension.label} {name}" for name in _values(key, values, catalogue))


def _values(key: str, values: Values, catalogue: Catalogue) -> list[str]:
    """The names of values in the catalogue's order; days in a row as `Monday to Friday`."""
    order = list(catalogue.dimensions[key].values)
    listed = sorted(values.values, key=lambda v: order.index(v) if v in order else len(order))
    names = [_value(key, v, catalogue) for v in listed]
    at = WEEKDAYS.index(names[0]) if names[0] in WEEKDAYS else -1
    row = len(names) > 2 and at >= 0 and tuple(names) == WEEKDAYS[at : at + len(names)]
    return [f"{names[0]} to {names[-1]}"] if row else names


def _value(key: str, value: str, catalogue: Catalogue) -> str:
    names = catalogue.dimensions[key].values.get(value)
    return names[0] if names else value


def _having(h: Having, query: Query, catalogue: Catalogue) -> str:
    name = metric_name(catalogue.metrics[h.metric], query.side_of(h.metric))
    name = name if query.by else f"only if {name}"
    if h.op in ("meets_standard", "misses_standard"):
        return f"{name} that {'meet' if h.op == 'meets_standard' else 'miss'} the standard"
    metric = catalogue.metrics[h.metric]
    value = h.value or 0.0
    percent = metric.kind in ("ratio", "stock", "share") and not query.counts_cases(h)
    number = f"{round(value * 100, 6):g} %" if percent else f"{value:g}"
    return f"{name} {OPS[h.op]} {number}"


def _label(key: str, catalogue: Catalogue) -> str:
    level = catalogue.level(key)
    return level.label if level else catalogue.dimensions[key].label


def _and(items: Iterable[str]) -> str:
    listed = list(items)
    return " and ".join(listed) if len(listed) < 3 else ", ".join(listed[:-1]) + " and " + listed[-1]


def when(period: Period) -> str:
    """A period in words: `on 18 November 2026`, `in October 2026`, `16 to 18 November 2026`."""
    first, final = period.start, period.last
    if period.days == 1:
        return f"on {_day(period)}"
    if first.day == 1 and period.end == shift("month", first, 1):
        return f"in {MONTHS[first.month - 1]} {first.year}"
    if (first.month, first.day) == (1, 1) and period.end == shift("year", first, 1):
        return f"in {first.year}"
    if (first.year, first.month) == (final.year, final.month):
        return f"{first.day} to {_day(Period(final, period.end))}"
    return f"{_day(Period(first, add_days(first, 1)))} to {_day(Period(final, period.end))}"


def _day(period: Period) -> str:
    d = period.start
    return f"{d.day} {MONTHS[d.month - 1]} {d.year}"


__all__ = ["MONTHS_IN", "metric_name", "said", "unit_name", "when"]
