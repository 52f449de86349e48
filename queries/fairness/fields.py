"""Whom a comparison is among: like kinds of work in the places named, or the next wider circle with others enough."""

from __future__ import annotations

from dataclasses import replace

from queries.directory import Unit
from queries.library import Shelf
from queries.query import Query
from queries.statements.ground import Field
from queries.viewer import Viewer

Places = tuple[tuple[str, tuple[str, ...]], ...]
ALIKE_LEAST = 30


def own_codes(query: Query, level: str, viewer: Viewer) -> set[str]:
    """The units of the level that the question is about, or else the asker's own."""
    return {c for k, v in query.about if k == level for c in v.values} or set(viewer.own_of(level))


def field_of(query: Query, level: str, shelf: Shelf, viewer: Viewer) -> tuple[Field, bool]:
    """The fair field of a query; True when it had to be widened beyond the places named."""
    catalogue = shelf.catalogue
    home = catalogue.levels[0].within[0] if level == catalogue.person_level else level
    own = _homes(query, level, home, shelf, viewer)
    compared = "others" in query.compare or query.explain is not None
    kinds = tuple(sorted({u.kind for u in own if u.kind})) if compared else ()
    if not kinds:
        apart = set(catalogue.company.get("not_compared") or ())
        kinds = tuple(sorted({u.kind for u in shelf.directory.units_of(home) if u.kind} - apart))
    picked = not compared and level != catalogue.person_level
    about = tuple((k, v.values) for k, v in query.about if k in catalogue.unit_levels and (k != level or picked))
    narrow = tuple((k, v.values) for k, v in query.peers if not v.exclude)
    if not compared:
        return Field(level, kinds, (*about, *narrow)), False
    alike = _alike(own, level, kinds, shelf)
    least = int((catalogue.company.get("privacy") or {}).get("units_min", 3))
    circles = _circles(Field(level, kinds, (*about, *narrow, *alike)), (*about, *alike), own, home, shelf)
    field = next((circle for circle in circles if _others(circle, home, shelf, own) >= least), circles[-1])
    return field, field != circles[0]


def _circles(field: Field, places: Places, own: list[Unit], home: str, shelf: Shelf) -> list[Field]:
    """Whom to compare with, from near to far: as asked, without the places named, the same work, everybody."""
    apart = set(shelf.catalogue.company.get("not_compared") or ())
    units = [u for u in shelf.directory.units_of(home) if u.kind and u.kind not in apart]
    works = {u.work for u in own}
    same = tuple(sorted({u.kind for u in units if u.work in works}))
    wider = [
        replace(field, places=places),
        Field(field.level, same),
        Field(field.level, tuple(sorted({u.kind for u in units}))),
    ]
    return [field, *(circle for circle in wider if circle.kinds and circle != field)]


def _alike(own: list[Unit], level: str, kinds: tuple[str, ...], shelf: Shelf) -> Places:
    """For people: those who work where it is built alike (rules, section 5), when there are 30 or more of them."""
    found = {u.density for u in own if u.density}
    if level != shelf.catalogue.person_level or len(found) != 1:
        return ()
    units = shelf.directory.units_of(own[0].level)
    staff = sum(shelf.staff(u.level, u.code) for u in units if u.kind in kinds and u.density in found)
    return (("density", tuple(found)),) if staff >= ALIKE_LEAST else ()


def _homes(query: Query, level: str, home: str, shelf: Shelf, viewer: Viewer) -> list[Unit]:
    """The units whose kind of work the asker's own figures belong to."""
    codes = list(own_codes(query, level, viewer))
    if level != home:
        codes = [shelf.directory.people[c].unit for c in codes if c in shelf.directory.people]
    found = [shelf.directory.units.get((home, c)) for c in codes]
    return [u for u in found if u is not None]


def _place(unit: Unit, name: str, home: str) -> str | None:
    if name == "density":
        return unit.density
    return unit.code if name == home else unit.within.get(name)


def _others(field: Field, home: str, shelf: Shelf, own: list[Unit]) -> int:
    mine = {u.code for u in own}
    return sum(
        u.code not in mine
        and u.kind in field.kinds
        and all(_place(u, name, home) in codes for name, codes in field.places)
        for u in shelf.directory.units_of(home)
    )
