"""The words of a company's structure: levels, dimensions, their values and groups of values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from queries.catalogue import Catalogue, Dimension, Level


@dataclass(frozen=True)
class Term:
    """A word of the company's structure: a level, a dimension, a value, a group of values."""

    kind: str
    """level, dim or value."""
    key: str
    values: tuple[str, ...] = ()
    plural: bool = False
    text: str = ""
    beside: bool = False
    """Meant only beside another value of its dimension."""


def structure(catalogue: Catalogue) -> Iterator[tuple[str, Term]]:
    """Every wording of the structure, as a pattern, with what it stands for."""
    for level in catalogue.levels:
        yield from _of_level(level, level.key == catalogue.whole)
    for d in catalogue.dimensions.values():
        yield from _of_dimension(d)


def _of_level(level: Level, whole: bool) -> Iterator[tuple[str, Term]]:
    forms = {level.label: False, level.plural: True, **{w: _many(w) for w in level.words}}
    for word in dict.fromkeys([level.label, level.plural, *level.words]):
        if word != "who":
            yield word, Term("level", level.key, plural=forms[word] or word == "people", text=word)
        if whole and not word.startswith("whole "):
            yield f"whole {word}", Term("level", level.key, text=word)


def _of_dimension(d: Dimension) -> Iterator[tuple[str, Term]]:
    for word in dict.fromkeys([d.label, *d.words]):
        yield word, Term("dim", d.key, plural=_many(word), text=word)
    for value, names in d.values.items() if not d.of else ():
        for name in dict.fromkeys(names or [value.replace("_", " ")]):
            yield name, Term("value", d.key, (value,), text=name)
    for value, beside in d.beside.items():
        for word in beside:
            yield word, Term("value", d.key, (value,), text=word, beside=True)
    for group, values in d.groups.items() if not d.of else ():
        for word in d.group_words.get(group, ()):
            yield word, Term("value", d.key, tuple(sorted(values)), text=word)
    for group, values in d.groups.items() if not d.of else ():
        said = f"(on|during|only|just) {group}s" if group == d.key else f"[the] ({group}|{group}s)"
        yield said, Term("value", d.key, tuple(sorted(values)), group == d.key, text=group)


def _many(word: str) -> bool:
    return word.endswith("s") and not word.endswith("ss")
