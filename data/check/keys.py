"""The keys of a company folder against `keys.yml`: unknown ones with the nearest right name, wrong types, gaps."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from data.contract import FORMATS, RHYTHMS, TYPES
from data.facts.models import split

ALLOWED = {"format": FORMATS, "rhythm": RHYTHMS, "columns.*.type": TYPES}
"""Values that the code itself lists."""


@dataclass(frozen=True)
class Fault:
    """One fault of a company folder: where, what is wrong, what is allowed, the nearest right name."""

    file: str
    key: str
    what: str
    allowed: tuple[str, ...] = ()
    near: str = ""

    def __str__(self) -> str:
        allowed = f"; allowed: {', '.join(self.allowed)}" if self.allowed else ""
        return f"{self.file}: {self.key}: {self.what}{allowed}" + (f"; did you mean {self.near}?" if self.near else "")


def fault(file: str, key: str, what: str, allowed: Sequence[str] = (), given: str = "") -> Fault:
    """A fault with the nearest allowed name to what was given."""
    near = difflib.get_close_matches(given or key.rsplit(".", 1)[-1], allowed, 1, 0.6) if allowed else []
    return Fault(file, key, what, tuple(allowed) if len(allowed) <= 40 else (), near[0] if near else "")


@cache
def known() -> dict[str, dict[str, Any]]:
    """keys.yml."""
    value = yaml.safe_load((Path(__file__).parent / "keys.yml").read_text(encoding="utf-8"))
    return dict(value)


def kinds_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of the folder that keys.yml describes, with its kind."""
    for kind in known():
        yield from ((kind, path) for path in sorted(folder.glob(kind)))


def read(kind: str, path: Path) -> Any:
    """The YAML of a file, or of a model's header; raises yaml.YAMLError."""
    text = path.read_text(encoding="utf-8")
    return yaml.safe_load(split(text)[0] if kind.endswith(".sql") else text)


def check_keys(folder: Path, levels: Sequence[str]) -> list[Fault]:
    """Faults of keys in every file. `levels` are keys that `facts:` of a metric may have besides."""
    found = []
    for kind, path in kinds_of(folder):
        file = path.relative_to(folder).as_posix()
        try:
            value = read(kind, path)
        except yaml.YAMLError as error:
            found.append(Fault(file, "file", f"is no YAML: {' '.join(str(error).split())}"))
            continue
        if not isinstance(value, Mapping):
            found.append(Fault(file, "file", "must be keys with values"))
            continue
        found += list(_walk(kind, file, "", "", value, frozenset(levels)))
    return found


def _walk(
    kind: str, file: str, pattern: str, at: str, value: Mapping[str, Any], levels: frozenset[str]
) -> Iterator[Fault]:
    """Faults under one mapping; `pattern` is its path in keys.yml, `at` its path in the file."""
    keys = known()[kind]["keys"]
    before, shown = (f"{pattern}." if pattern else ""), (f"{at}." if at else "")
    here = [k[len(before) :] for k in keys if k.startswith(before) and "." not in k[len(before) :] and k != pattern]
    names = [k for k in here if k != "*" and not k.endswith("[]")]
    for name in names:
        if keys[before + name].get("need") and name not in value:
            yield fault(file, shown + name, "is needed and not there")
    for key, item in value.items():
        name = str(key)
        if name not in names and ("*" not in here or (pattern == "facts" and name not in levels)):
            allowed = sorted({*names, *(levels if pattern == "facts" else ())})
            yield fault(file, shown + name, "is no key here", allowed, name)
            continue
        found = before + (name if name in names else "*")
        yield from _value(kind, file, found, shown + name, item, levels)


def _value(kind: str, file: str, pattern: str, at: str, value: Any, levels: frozenset[str]) -> Iterator[Fault]:
    keys = known()[kind]["keys"]
    spec = keys[pattern]
    wrong = _wrong_type(spec["type"], value)
    if wrong:
        yield fault(file, at, wrong)
        return
    allowed = tuple(spec.get("allowed") or ALLOWED.get(pattern, ()))
    if allowed and value is not None and str(value) not in allowed:
        yield fault(file, at, f"{value} is not known", allowed, str(value))
    if isinstance(value, Mapping) and any(k.startswith(f"{pattern}.") for k in keys):
        yield from _walk(kind, file, pattern, at, value, levels)
    for i, item in enumerate(value if isinstance(value, list) and f"{pattern}[]" in keys else ()):
        yield from _value(kind, file, f"{pattern}[]", f"{at}[{i + 1}]", item, levels)


def _wrong_type(kind: str, value: Any) -> str:
    if value is None:
        return ""
    good = {
        "text": lambda v: isinstance(v, str | int | float | bool),
        "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
        "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
        "flag": lambda v: isinstance(v, bool),
        "date": lambda v: isinstance(v, date),
        "texts": lambda v: isinstance(v, str) or (isinstance(v, list) and not any(isinstance(i, dict) for i in v)),
        "map": lambda v: isinstance(v, Mapping),
        "list": lambda v: isinstance(v, list),
        "sql": lambda v: isinstance(v, str | int | float | bool),
    }.get(kind)
    words = {"int": "a whole number", "flag": "true or false", "texts": "a list of texts", "map": "keys with values"}
    if good is None or good(value):
        return ""
    hint = "; in YAML, quote it" if kind == "texts" and isinstance(value, list) else ""
    return f"must be {words.get(kind, f'a {kind}')}, not {str(value)[:60]!r}{hint}"
