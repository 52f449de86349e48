"""The sentences: read from wording.yml beside this file, replaced one by one by a company's own wording.yml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

DEFAULTS = Path(__file__).with_name("wording.yml")
LAST_PLACE = re.compile(r"\blast\b(?! (?:\w+ ){0,2}(?:day|week|month|quarter|year))", re.I)
"""The word for a place; "last week" and "last 13 weeks" are time."""
OPTIONAL = re.compile(r"\[\[(.*?)\]\]")


class WordingError(ValueError):
    """A company's wording.yml has a key or a field that does not exist."""


@dataclass(frozen=True)
class Wording:
    """All sentences by situation, and the words that are never used."""

    texts: Mapping[str, str]
    never: tuple[str, ...]

    def say(self, situation: str, **values: Any) -> str:
        """The sentence of a situation. Fields that are None or "" are empty; an optional part with one is left out.

        A field with a capital ({Your}) is the small one with its first letter raised.

        Raises:
            KeyError: no such situation, or a field that is needed was not given.

        >>> Wording({"a": "{Who}: {n}[[ of {all}]]."}, ()).say("a", who="you", n=2, all=None)
        'You: 2.'
        """
        text = OPTIONAL.sub(lambda part: _optional(part.group(1), values), self.texts[situation])
        return text.format_map(_Fields(values))

    def fields(self, situation: str) -> tuple[str, ...]:
        """The fields of a sentence, in small letters, sorted."""
        return _all_fields(self.texts[situation])

    def forbidden(self, text: str) -> list[str]:
        """The words of a text that are never said, by anybody to anybody."""
        found = [word for word in self.never if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.I)]
        if re.search(r"\brank \d+ of \d+\b", text, re.I):
            found.append("rank N of N")
        if "last" in found and not LAST_PLACE.search(text):
            found.remove("last")
        return found


class _Fields(dict[str, Any]):
    """Values by field name; a capital first letter raises the value's."""

    def __missing__(self, name: str) -> str:
        small = name[:1].lower() + name[1:]
        if small == name or small not in self:
            raise KeyError(name)
        value = str(self[small])
        return value[:1].upper() + value[1:]


def _optional(part: str, values: Mapping[str, Any]) -> str:
    empty = any(values.get(name) in (None, "") for name in _fields(part))
    return "" if empty else part


def _fields(text: str) -> tuple[str, ...]:
    names = {name for _, name, _, _ in Formatter().parse(text) if name}
    return tuple(sorted({name[:1].lower() + name[1:] for name in names}))


def _all_fields(text: str) -> tuple[str, ...]:
    return _fields(text.replace("[[", "").replace("]]", ""))


@lru_cache(maxsize=8)
def load(folder: Path | None = None) -> Wording:
    """The wording of a company folder: its own sentences over the common ones.

    Raises:
        WordingError: the company's file names a situation or a field that does not exist.
    """
    common = _read(DEFAULTS)
    own_file = folder / "wording.yml" if folder else None
    own = _read(own_file) if own_file is not None and own_file.exists() else {}
    never: Sequence[str] = [*common.pop("never"), *own.pop("never", [])]
    for key, text in own.items():
        _check(own_file, key, text, common)
    return Wording({**common, **own}, tuple(never))


def _check(file: Path | None, key: str, text: str, common: Mapping[str, str]) -> None:
    if key not in common:
        near = get_close_matches(key, common, 1)
        raise WordingError(f"{file}: {key} is no situation" + (f"; did you mean {near[0]}?" if near else ""))
    wrong = set(_all_fields(text)) - set(_all_fields(common[key]))
    if wrong:
        raise WordingError(
            f"{file}: {key} has no {', '.join(sorted(wrong))}; it has {', '.join(_all_fields(common[key]))}"
        )


def _read(path: Path) -> dict[str, Any]:
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    return value if isinstance(value, dict) else {}
