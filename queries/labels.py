"""What units, values and days are called in an answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from queries.catalogue import Catalogue
from queries.directory import Directory
from queries.figures import is_rate
from queries.library import Shelf
from queries.query import Query
from queries.viewer import Viewer


def unit_name(directory: Directory, catalogue: Catalogue, level: str, code: str) -> str:
    """The name of a unit or person; its code when the store has no name for it."""
    if level == catalogue.person_level:
        person = directory.people.get(code)
        return person.name if person else code
    unit = directory.units.get((level, code))
    return unit.name if unit else code


def value_name(shelf: Shelf, key: str, value: Any) -> str:
    """The lay name of a dimension's value, a unit's name, or a day."""
    if value is None:
        return "not known"
    if isinstance(value, date):
        return value.isoformat()
    if key in shelf.catalogue.unit_levels:
        return unit_name(shelf.directory, shelf.catalogue, key, str(value))
    dimension = shelf.catalogue.dimensions.get(key)
    names = dimension.values.get(str(value)) if dimension else None
    if names:
        return names[0]
    known = [name for v, name in shelf.directory.values.get(key, ()) if v == value]
    return max((name for name in known if name != value), key=len, default=str(value))


def key_label(catalogue: Catalogue, key: str) -> str:
    level = catalogue.level(key)
    if level is not None:
        return level.label
    dimension = catalogue.dimensions.get(key)
    return dimension.label if dimension else key


def subject(query: Query, shelf: Shelf, viewer: Viewer) -> str:
    """Whose figures these are: names joined, "You" for the asker, the company's name for nobody."""
    names: list[str] = []
    for level, values in query.about:
        if level == shelf.catalogue.person_level and values.values == (viewer.login,):
            return "You"
        found = [unit_name(shelf.directory, shelf.catalogue, level, code) for code in values.values]
        names.append(("all but " if values.exclude else "") + joined(found))
    return ", ".join(names) if names else shelf.catalogue.name


def joined(names: list[str]) -> str:
    """
    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""


def kind_of_value(metric: Any, side: str) -> str:
    return "rate" if is_rate(metric, side) else "number"
