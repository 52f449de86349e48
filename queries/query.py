"""The query: what a question means, and nothing about how it is computed.

A `Query` is a value. It is made by the reading, by a page or from JSON; it can be said back in plain words
(`said`), and only together with a `Viewer` does it become SQL. The fields are those of the contract; sets
(`by`, `compare`, lists of units and values) are kept sorted so that equal questions are equal values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from queries.periods import Period

COMPARES = ("company", "others", "previous", "standard")
GRAINS = ("day", "week", "month", "quarter", "year")
ORDERS = ("best", "room_to_grow", "most_improved", "most", "least")
EXPLAINS = ("definition", "drivers", "next_step", "streak", "personal_best")
OPS = ("meets_standard", "misses_standard", ">", ">=", "<", "<=")


@dataclass(frozen=True, order=True)
class Values:
    """The values of one dimension or level that are kept, or, with `exclude`, left out."""

    values: tuple[str, ...]
    exclude: bool = False

    @classmethod
    def of(cls, *values: str, exclude: bool = False) -> Values:
        return cls(tuple(sorted(set(values))), exclude)

    def to_json(self) -> Any:
        return {"not": list(self.values)} if self.exclude else list(self.values)

    @classmethod
    def from_json(cls, value: Any) -> Values:
        if isinstance(value, Mapping):
            return cls.of(*value["not"], exclude=True)
        return cls.of(*([value] if isinstance(value, str) else value))


Filter = tuple[tuple[str, Values], ...]
"""Dimension or level key with its values, sorted by key; all must hold."""


def filter_of(entries: Mapping[str, Values] | Iterable[tuple[str, Values]] = ()) -> Filter:
    return tuple(sorted(entries.items() if isinstance(entries, Mapping) else entries))


@dataclass(frozen=True, order=True)
class Having:
    """A threshold on the result, on the side asked for; rates as fractions."""

    metric: str
    op: str
    value: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {"metric": self.metric, "op": self.op, "value": self.value}


@dataclass(frozen=True, order=True)
class Limit:
    """A threshold on single cases, in the unit of a metric's `rows`: more than 60 minutes late."""

    op: str
    value: float

    def to_json(self) -> dict[str, Any]:
        return {"op": self.op, "value": self.value}


@dataclass(frozen=True)
class Query:
    """One question, read. See the contract for what each field means."""

    metrics: tuple[str, ...]
    side: tuple[str, ...] = ()
    """`metric` or `mirror` per metric; empty = all `metric`."""
    show: str = "rate"
    """`rate`, `count`, or `share`: the part of everybody's count that is this one's."""
    about: Filter = ()
    by: tuple[str, ...] = ()
    where: Filter = ()
    period: Period | None = None
    grain: str | None = None
    compare: tuple[str, ...] = ()
    previous: Period | None = None
    order: str | None = None
    top: int | None = None
    peers: Filter = ()
    target: str | tuple[str, int] | None = None
    """`standard`, `typical`, `top_quarter` or `("place", n)`; None is the next rung."""
    having: tuple[Having, ...] = ()
    explain: str | None = None
    cases: Limit | None = None
    """Only single cases beyond a limit are counted (companies whose metrics say `rows` in their facts)."""
    rows: int | None = None
    """So many single cases are listed, the largest first with `order: most`, else the newest."""
    at_least: int | None = None
    """Cells of fewer cases are left out."""
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=True)
    """Reserved for fields beyond the first contract; JSON-able, empty when unused."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by", tuple(sorted(set(self.by))))
        object.__setattr__(self, "compare", tuple(sorted(set(self.compare))))
        if not self.side or len(self.side) != len(self.metrics):
            first = self.side[0] if self.side else "metric"
            object.__setattr__(self, "side", (first,) * len(self.metrics))

    def counts_cases(self, having: Having) -> bool:
        """Whether a threshold is a number of cases, not a share of them."""
        return self.show == "count" and having.value is not None and having.value >= 1

    def side_of(self, metric: str) -> str:
        return self.side[self.metrics.index(metric)]

    def with_(self, **changes: Any) -> Query:
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """The contract's `query` object, every field present."""
        sides = set(self.side)
        target: Any = {"place": self.target[1]} if isinstance(self.target, tuple) else self.target
        return {
            "metrics": list(self.metrics),
            "side": (self.side[0] if self.side else "metric") if len(sides) <= 1 else list(self.side),
            "show": self.show,
            "about": {k: v.to_json() for k, v in self.about},
            "by": list(self.by),
            "where": {k: v.to_json() for k, v in self.where},
            "period": self.period.to_json() if self.period else None,
            "grain": self.grain,
            "compare": list(self.compare),
            "previous": self.previous.to_json() if self.previous else None,
            "order": self.order,
            "top": self.top,
            "peers": {k: v.to_json() for k, v in self.peers},
            "target": target,
            "having": [h.to_json() for h in self.having],
            "explain": self.explain,
            **({"cases": self.cases.to_json()} if self.cases else {}),
            **({"rows": self.rows} if self.rows is not None else {}),
            **({"at_least": self.at_least} if self.at_least is not None else {}),
            **self.extra,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Query:
        """The query of a contract object.

        Raises:
            ValueError, KeyError, TypeError: the object is not of the contract's shape.
        """
        known = {
            "metrics", "side", "show", "about", "by", "where", "period", "grain", "compare", "previous",
            "order", "top", "peers", "target", "having", "explain", "cases", "rows", "at_least",
        }  # fmt: skip
        side = value.get("side") or "metric"
        metrics = tuple(value["metrics"])
        target = value.get("target")

        def restriction(key: str) -> Filter:
            return filter_of({k: Values.from_json(v) for k, v in (value.get(key) or {}).items()})

        def period(key: str) -> Period | None:
            return Period.from_json(value[key]) if value.get(key) else None

        return cls(
            metrics=metrics,
            side=(side,) * len(metrics) if isinstance(side, str) else tuple(side),
            show=value.get("show") or "rate",
            about=restriction("about"),
            by=tuple(value.get("by") or ()),
            where=restriction("where"),
            period=period("period"),
            grain=value.get("grain"),
            compare=tuple(value.get("compare") or ()),
            previous=period("previous"),
            order=value.get("order"),
            top=value.get("top"),
            peers=restriction("peers"),
            target=("place", int(target["place"])) if isinstance(target, Mapping) else target,
            having=tuple(Having(h["metric"], h["op"], h.get("value")) for h in value.get("having") or ()),
            explain=value.get("explain"),
            cases=Limit(str(value["cases"]["op"]), float(value["cases"]["value"])) if value.get("cases") else None,
            rows=value.get("rows"),
            at_least=value.get("at_least"),
            extra={k: v for k, v in value.items() if k not in known},
        )


def metric_query(query: Query, metric: str) -> Query:
    """The same question about one of its metrics."""
    having = tuple(h for h in query.having if h.metric == metric)
    return query.with_(metrics=(metric,), side=(query.side_of(metric),), having=having)


def earlier_query(query: Query) -> Query:
    """The same question about the period that it is compared with."""
    compare = tuple(c for c in query.compare if c != "previous")
    order = None if query.order == "most_improved" else query.order
    return query.with_(period=query.previous, previous=None, compare=compare, order=order)
