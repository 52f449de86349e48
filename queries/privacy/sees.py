"""What a role sees of each level of the organisation: the table of the company file, looked up for one viewer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from queries.catalogue import Catalogue
from queries.directory import Directory, Unit
from queries.viewer import Viewer

OWN, LINE, OTHERS = "own", "line", "others"
NAMED, BANDED, COACHED = "named", "banded", "coached"
SPREAD, RECOGNISED, ANONYMOUS, SUMMED, NOTHING = "spread", "recognised", "anonymous", "summed", "nothing"
SIGHTS = (NAMED, BANDED, COACHED, SPREAD, RECOGNISED, ANONYMOUS, SUMMED, NOTHING)
BY_NAME = (NAMED, BANDED, COACHED)
LISTED = (*BY_NAME, SPREAD, RECOGNISED, ANONYMOUS)
"""Sights under which a break-down by the level is shown at all."""


@dataclass(frozen=True)
class Sight:
    """One viewer's view of the units of a catalogue and directory."""

    viewer: Viewer
    catalogue: Catalogue
    directory: Directory
    _known: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)
    """What has been looked up, since nothing of it changes."""

    def of(self, level: str, relation: str) -> str:
        """One of SIGHTS: what the viewer sees of units of `level` that stand in `relation` to them."""
        key = (level, relation)
        if key not in self._known:
            self._known[key] = self._of(level, relation)
        return str(self._known[key])

    def _of(self, level: str, relation: str) -> str:
        sight = _entry(self._table, level, relation)
        person = level == self.catalogue.person_level
        if sight is None:
            sight = (NAMED if relation == OWN else NOTHING) if person else NAMED
        return self._by_agreement(sight) if person else sight

    def relation(self, level: str, code: str) -> str:
        """OWN, LINE or OTHERS: how a unit (or person) stands to the viewer. An unknown code is one of the OTHERS."""
        if level == self.catalogue.person_level:
            return self._person_relation(code)
        if code in self.viewer.own_of(level):
            return OWN
        return LINE if self._covered(level, code) else OTHERS

    def named(self, level: str, code: str) -> bool:
        """Whether the figures of this very unit may be asked for by its name."""
        return self.of(level, self.relation(level, code)) in BY_NAME

    def nothing_at_all(self) -> bool:
        return bool(self._table == NOTHING)

    def units(self, level: str, codes: Iterable[str]) -> list[Unit]:
        """The units of a level with these codes, as far as they are known."""
        found = (self.directory.units.get((level, code)) for code in codes)
        return [unit for unit in found if unit is not None]

    def by_name(self, level: str) -> tuple[tuple[str, ...], bool]:
        """Codes of the units of a level (not people) that are told by name, and whether some of them are in bands."""
        if level not in self._known:
            self._known[level] = self._by_name(level)
        found: tuple[tuple[str, ...], bool] = self._known[level]
        return found

    def _by_name(self, level: str) -> tuple[tuple[str, ...], bool]:
        own, codes, banded = set(self.viewer.own_of(level)), [], False
        in_line = self.of(level, LINE) in BY_NAME
        for unit in self.directory.units_of(level) if in_line else self.units(level, own):
            one = self.of(level, OWN if unit.code in own else self.relation(level, unit.code))
            if one in BY_NAME:
                codes.append(unit.code)
                banded |= one == BANDED
        return tuple(sorted(codes)), banded

    def always_named(self, level: str) -> bool:
        """Whether every unit of the level is shown by name to this viewer."""
        return {self.of(level, r) for r in (OWN, LINE, OTHERS)} == {NAMED}

    def members(self, level: str, codes: Iterable[str]) -> tuple[str, ...]:
        """Logins of the people who work today in the given units, sorted."""
        wanted = frozenset(codes)
        if (level, wanted) not in self._known:
            here = (login for login, at in self._places() if at is not None and at.get(level) in wanted)
            self._known[level, wanted] = tuple(sorted(here))
        return tuple(self._known[level, wanted])

    @cached_property
    def _table(self) -> Any:
        role = (self.catalogue.company.get("roles") or {}).get(self.viewer.role) or {}
        table = role.get("sees", {})
        narrower = (role.get("sees_at") or {}).get(self.viewer.covers[0])
        return {**table, **narrower} if narrower else table

    def _by_agreement(self, sight: str) -> str:
        """Apply the `person_view` setting: off, self or self_and_supervisor, narrowed by unit."""
        rules = (self.catalogue.company.get("privacy") or {}).get("person_view") or {}
        view = rules.get("all", "self_and_supervisor")
        for level, codes in rules.items():
            if isinstance(codes, Mapping):
                view = next((codes[c] for c in self.viewer.own_of(level) if c in codes), view)
        if view == "off":
            return SUMMED
        return SUMMED if view == "self" and sight == COACHED else sight

    def _person_relation(self, login: str) -> str:
        if login == self.viewer.login:
            return OWN
        person = self.directory.people.get(login)
        if person is None or not self._works(person.unit_level):
            return OTHERS
        own = person.unit in self.viewer.own_of(person.unit_level)
        return LINE if own or self._covered(person.unit_level, person.unit) else OTHERS

    def _works(self, level: str) -> bool:
        """Whether the level is the one right above people."""
        above = self.catalogue.levels[0].within
        return bool(above) and level == above[0]

    def _covered(self, level: str, code: str) -> bool:
        cover, codes = self.viewer.covers
        if cover == self.catalogue.whole:
            return True
        if cover in ("", self.catalogue.person_level):
            return False
        if level == cover:
            return code in codes
        unit = self.directory.units.get((level, code))
        return unit is not None and unit.within.get(cover) in codes

    def _places(self) -> Iterable[tuple[str, Mapping[str, str] | None]]:
        for login, person in self.directory.people.items():
            unit = self.directory.units.get((person.unit_level, person.unit))
            known = unit is not None and self._works(person.unit_level)
            yield login, {**unit.within, unit.level: unit.code} if known and unit else None


def _entry(table: Any, level: str, relation: str) -> str | None:
    """The entry, `line` falling back on `own` and `others` on `line`; None when the level is not there."""
    if isinstance(table, str):
        return table
    entry = (table or {}).get(level)
    if entry is None or isinstance(entry, str):
        return entry
    order = [OWN, LINE, OTHERS]
    for name in reversed(order[: order.index(relation) + 1]):
        if name in entry:
            return str(entry[name])
    return NOTHING
