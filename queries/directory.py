"""The people and units of one store version: names for the reading, membership for the rights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from queries.catalogue import Catalogue
from queries.viewer import Viewer


class Store(Protocol):
    """One published version, as `data.store` hands it out; engines differ behind it."""

    version: str
    dialect: str

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...
    def columns(self, table: str) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Person:
    """One person of today: `unit` is the unit worked in today (a loan wins), `covers` what a leader answers for."""

    login: str
    name: str
    role: str
    work: str
    unit_level: str
    unit: str
    covers: tuple[str, tuple[str, ...]]
    since: date | None = None


@dataclass(frozen=True)
class Unit:
    """One unit of a level above the person; `within`: level -> code of every unit above it."""

    level: str
    code: str
    name: str
    work: str
    kind: str
    density: str
    leader: str
    staff: int
    within: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Directory:
    """Everyone and every unit of one store version, and the newest day it holds."""

    version: str
    people: Mapping[str, Person]
    units: Mapping[tuple[str, str], Unit]
    values: Mapping[str, tuple[tuple[str, str], ...]]
    """Dimension key -> (value, lay name) beyond those the catalogue names."""
    first_day: date | None
    last_day: date | None

    @cached_property
    def bearers(self) -> Mapping[str, int]:
        """Name in lower case -> how many people, or units of one level, bear it."""
        units: dict[str, Counter[str]] = {}
        for unit in self.units.values():
            units.setdefault(unit.level, Counter())[(unit.name or unit.code).lower()] += 1
        most = Counter(person.name.lower() for person in self.people.values())
        for names in units.values():
            most |= names
        return most

    def units_of(self, level: str) -> tuple[Unit, ...]:
        return self._by_level.get(level, ())

    @cached_property
    def _by_level(self) -> Mapping[str, tuple[Unit, ...]]:
        found: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            found.setdefault(unit.level, []).append(unit)
        return {level: tuple(units) for level, units in found.items()}


def directory(store: Store, catalogue: Catalogue) -> Directory:
    """Read the directory of a store version from its tables `people`, `units`, `names` and `meta`."""
    above = [key for key in catalogue.unit_levels if key != catalogue.person_level]
    uppers = "".join(f', "{key}"' for key in above)
    units = {}
    for level, code, name, work, kind, density, leader, staff, *within in store.fetch(
        f"SELECT level, code, name, work, kind, density, leader, staff{uppers} FROM units ORDER BY 1, 2"
    ):
        upper = {key: value for key, value in zip(above, within, strict=True) if value and key != level}
        texts = (work or "", kind or "", density or "", leader or "")
        units[(level, code)] = Unit(level, code, name, *texts, staff or 0, upper)
    people = {}
    for login, name, role, work, unit_level, unit, cover_level, cover_codes, since in store.fetch(
        "SELECT login, name, role, work, unit_level, unit, cover_level, cover_codes, since FROM people ORDER BY 1"
    ):
        covers = (cover_level or "", tuple(c for c in (cover_codes or "").split("|") if c))
        people[login] = Person(login, name, role, work or "", unit_level or "", unit or "", covers, since)
    values: dict[str, list[tuple[str, str]]] = {}
    for dimension, value, name in store.fetch("SELECT dimension, value, name FROM names ORDER BY 1, 2, 3"):
        values.setdefault(dimension, []).append((value, name))
    meta = dict(store.fetch("SELECT key, value FROM meta"))
    return Directory(
        version=store.version,
        people=people,
        units=units,
        values={k: tuple(v) for k, v in values.items()},
        first_day=date.fromisoformat(meta["first_day"]) if meta.get("first_day") else None,
        last_day=date.fromisoformat(meta["last_day"]) if meta.get("last_day") else None,
    )


def viewer(login: str, people: Directory, catalogue: Catalogue) -> Viewer | None:
    """The viewer behind a login, or None when nobody of that login is known today.

    A company that lists no people at all has everybody as its analyst (role `everyone:` of company.yml).
    """
    if not people.people:
        role = str(catalogue.company.get("everyone", "everyone"))
        return Viewer(login, login, role, work="", kind="", own=(), covers=(catalogue.whole, ()))
    person = people.people.get(login)
    if person is None:
        return None
    own: dict[str, tuple[str, ...]] = {}
    if catalogue.person_level:
        own[catalogue.person_level] = (login,)
    starts = [(person.unit_level, person.unit)] if person.unit else []
    starts += [(person.covers[0], code) for code in person.covers[1] if person.covers[0] != catalogue.person_level]
    for level, code in starts:
        unit = people.units.get((level, code))
        own[level] = tuple(sorted({*own.get(level, ()), code}))
        for upper, upper_code in (unit.within if unit else {}).items():
            own[upper] = tuple(sorted({*own.get(upper, ()), upper_code}))
    unit = people.units.get((person.unit_level, person.unit))
    return Viewer(
        login=login,
        name=person.name,
        role=person.role,
        work=person.work,
        kind=unit.kind if unit else person.work,
        own=tuple(sorted(own.items())),
        covers=person.covers,
    )
