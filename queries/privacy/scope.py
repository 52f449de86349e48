"""The words of the judge: the case before it, the scope it grants, the refusal it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from queries.catalogue import Catalogue, Metric
from queries.directory import Unit
from queries.periods import Period
from queries.privacy import sees
from queries.privacy.sees import Sight
from queries.query import Filter, Query, Values
from queries.viewer import Viewer


@dataclass(frozen=True)
class Naming:
    """Which units of one level may be told by their code.

    `everyone`: all of them. Otherwise `codes` by right, and `rest` says what happens to the others: `spread`
    (named when recognised, else without a name), `recognised` (named when recognised, else left out),
    `anonymous` (without a name) or `nothing` (left out).
    """

    everyone: bool
    codes: tuple[str, ...] = ()
    rest: str = sees.NOTHING
    banded: bool = False

    def by_right(self, code: str) -> bool:
        return self.everyone or code in self.codes


@dataclass(frozen=True)
class Scope:
    """What compile and answer must enforce for one allowed query."""

    naming: Mapping[str, Naming] = field(default_factory=dict)
    """Per unit level that the rows may carry; a level that is not here must not appear in rows by its code."""
    self_only: bool = False
    """Only the viewer's own rows are read: no minimum, counts are shown."""
    period: Period | None = None
    """The span of the figures when it is not the one asked (whole sealed blocks); `previous` likewise."""
    previous: Period | None = None
    people_within: tuple[str, tuple[str, ...]] | None = None
    """Somebody else's rows count only while in these units: (level, codes)."""
    people_min: int = 5
    listed_min: int = 8
    cases_min: int = 0
    """Fewer cases in a cell: withheld (customers); 0 = no such minimum."""
    round_below: int = 10
    units_min: int = 3
    round_units_from: int = 20
    count_people: bool = False
    """A group so small that its people have to be counted, cell by cell, before anything is told."""
    all_or_nothing: bool = False
    """Two dimensions at once: any cell under the minimum withholds the whole answer."""
    by_value: bool = True
    """Rows may be put in an order by their figure; people never are."""
    places: bool = True
    """Places and tiers may be given; False = side by side only."""
    spread: bool = True
    """The others may be shown one by one without names; False = as one figure together."""
    logged: tuple[str, ...] = ()
    """Logins whose own figures this answer shows to somebody else: one line each in the access log."""


@dataclass(frozen=True)
class Refusal:
    """Understood, and not shown. `key`: the situation in the wording file; `instead`: up to three allowed queries."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    instead: tuple[Query, ...] = ()


@dataclass(frozen=True)
class Case:
    """A query before its judge."""

    query: Query
    sight: Sight
    today: date

    @property
    def catalogue(self) -> Catalogue:
        return self.sight.catalogue

    @property
    def viewer(self) -> Viewer:
        return self.sight.viewer

    @property
    def person(self) -> str | None:
        return self.catalogue.person_level

    @property
    def rules(self) -> Mapping[str, Any]:
        return self.catalogue.company.get("privacy") or {}

    @property
    def metrics(self) -> list[Metric]:
        return [self.catalogue.metrics[key] for key in self.query.metrics]

    @property
    def filters(self) -> Filter:
        return self.query.about + self.query.where + self.query.peers

    @property
    def own_person(self) -> bool:
        """The rows are the viewer's own: `about` or `where` holds the person level with nobody but the viewer."""
        codes = [v for k, v in self.query.about + self.query.where if k == self.person]
        return any(not v.exclude and v.values == (self.viewer.login,) for v in codes)

    def is_level(self, key: str) -> bool:
        return key in self.catalogue.unit_levels

    @property
    def dimensions(self) -> list[str]:
        """Dimensions, no levels, that cut the figures: of `by` and `where`."""
        keys = [*self.query.by, *(key for key, _ in self.query.where)]
        return sorted({key for key in keys if not self.is_level(key) and key != self.catalogue.whole})


def is_context(metric: Metric) -> bool:
    return metric.direction not in ("lower", "higher")


def relations(case: Case, level: str) -> set[str]:
    """How the units of a level that the query can show stand to the viewer."""
    units = case.sight.directory.units_of(level)
    for key, values in _asked_of(case, level).items():
        units = tuple(u for u in units if (_place(u, key) in values.values) != values.exclude)
    found = {case.sight.relation(unit.level, unit.code) for unit in units}
    if "others" in case.query.compare or not found:
        found |= {sees.OTHERS}
    return found


def _asked_of(case: Case, level: str) -> Mapping[str, Values]:
    """What is asked of a level's own units and of those above; units below say nothing of it."""
    found = case.catalogue.level(level)
    telling = (level, *(found.within if found else ()))
    return {key: values for key, values in case.query.about + case.query.where if key in telling and case.is_level(key)}


def _place(unit: Unit, level: str) -> str:
    return unit.code if level == unit.level else unit.within.get(level, "")


def favourable(metric: Metric, side: str) -> int:
    """+1 when more is better on the side asked for, -1 when less is, 0 when neither."""
    direction = metric.mirror_direction if side == "mirror" else metric.direction
    return {"higher": 1, "lower": -1}.get(direction, 0)
