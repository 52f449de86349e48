"""What a source promises: one YAML file per source, read and checked into a `Contract`.

A contract names the files it takes, how they are read, the columns with their types and cleaning, what identifies
a row, what orders two rows of one key, and the checks a row must pass. Nothing here reads data.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from data.work import LoadError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where the library has it: a company's contracts are read at every pass."""

FORMATS = ("csv", "lines", "jsonl", "json", "parquet", "xml", "fixed", "excel", "sqlite", "postgres")
SHOWN, LONG = 12, 40
"""Unknown names of a file that are told, and characters of each."""
TYPES = ("text", "int", "number", "flag", "date", "time", "clock", "list")
RHYTHMS = ("15 minutes", "hourly", "daily", "weekly", "monthly", "once")


class ContractError(LoadError):
    """An author's mistake: file, key, what is wrong, what is allowed, the nearest right name."""

    def __init__(self, path: Path | str, key: str, fault: str, allowed: Sequence[str] = ()) -> None:
        near = difflib.get_close_matches(key.rsplit(".", 1)[-1], allowed, 1) if allowed else []
        text = f"{path}: {key}: {fault}"
        text += f"; allowed: {', '.join(allowed)}" if allowed else ""
        text += f"; did you mean {near[0]}?" if near else ""
        super().__init__(text)


@dataclass(frozen=True)
class Column:
    """One column of a source: where it is found, how it is cleaned, what it must hold.

    `names`: names in the file (any of them; XML and JSON: paths); `missing`: marks that mean nothing is known
    (`re:` before a pattern); `formats`: strptime patterns; `zone`: a zone, or the name of a column that
    the contract's `zones` look-up turns into one; `sql`: computed from the other columns after typing; `take`: only
    what this pattern finds (its first group) is ever stored, `mask`: what these patterns find is not; `near_file`:
    where several `formats` fit (day or month first), the one nearest to the day in the file's name is meant.
    """

    name: str
    type: str = "text"
    names: tuple[str, ...] = ()
    required: bool = False
    missing: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    zone: str | None = None
    decimal: str = "."
    pad: int | None = None
    case: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    epoch: str | None = None
    day_end_24: bool = False
    overpunch: bool = False
    implied_decimals: int = 0
    separator: str | None = None
    at: tuple[int, int] | None = None
    blank_when_bad: bool = False
    keep_raw: bool = False
    mask: tuple[str, ...] = ()
    take: str | None = None
    near_file: bool = False
    sql: str | None = None
    first: bool = False


@dataclass(frozen=True)
class Check:
    """A rule of a row: `good` is SQL over the typed columns; a row where it is not true is rejected with `reason`.

    A `tolerated` reject does not count towards refusing the file (test calls, total lines).
    """

    good: str
    reason: str
    tolerated: bool = False


@dataclass(frozen=True)
class Contract:
    """Everything the load path knows of one source."""

    source: str
    path: Path
    label: str
    files: tuple[str, ...]
    format: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    order: tuple[str, ...] = ()
    day: str | None = None
    recorded: str | None = None
    """The time at which the source wrote the row; `day` when not given. Freshness and as-of go by it."""
    rhythm: str = "daily"
    zone: str = "UTC"
    zones: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    layouts: tuple[tuple[str, ...], ...] = ()
    multiline: bool = False
    encoding: tuple[str, ...] = ("utf-8",)
    trailer: str | None = None
    overflow: str | None = None
    item: str | None = None
    sheets: str | None = None
    header_row: str | None = None
    tables: tuple[str, ...] = ()
    stamp: str | None = None
    whole: str | None = None
    whole_part: str | None = None
    history: bool = False
    deletes: str | None = None
    forget: bool = False
    fixed_day: bool = False
    reach_days: int | None = None
    checks: tuple[Check, ...] = ()
    refuse_over: float = 0.05
    complete_lines: bool = False
    """Text files end with the end of a line; one that does not is cut short and refused."""
    gaps: str = ""
    postgres: Mapping[str, Any] = field(default_factory=dict)
    keep_days: int | None = None
    lasting: bool = False
    """Rows describe a state that lasts (customers, people): they do not expire."""

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    @property
    def wide(self) -> bool:
        """Whether files are written with two bytes a letter."""
        return self.encoding[0].lower().replace("_", "-").startswith("utf-16")

    @property
    def read_columns(self) -> tuple[Column, ...]:
        """The columns that are taken from the file (not computed)."""
        return tuple(c for c in self.columns if c.sql is None)

    def needs(self, column: Column) -> bool:
        """Whether nothing can be taken from a file without the column."""
        return column.required or column.name in self.key

    def lack(self, names: Sequence[str]) -> Lack:
        """What a file with columns of these names does not have."""
        known = {name for column in self.columns for name in column.names}
        new = tuple(name for name in dict.fromkeys(names) if name and name not in known and not name.startswith("_"))
        return Lack(self, tuple(c for c in self.read_columns if not set(c.names) & set(names)), new)


@dataclass(frozen=True)
class Lack:
    """Columns of a contract that a file does not have."""

    contract: Contract
    columns: tuple[Column, ...]
    new: tuple[str, ...]
    """Names in the file that the contract does not know: one of them may be the new name of a column."""

    @property
    def needed(self) -> Lack:
        """Those without which the file is refused."""
        return Lack(self.contract, tuple(c for c in self.columns if self.contract.needs(c)), self.new)

    def __str__(self) -> str:
        """The columns by name; empty when none is lacking."""
        named = ", ".join(" or ".join(c.names) for c in self.columns)
        new = ", ".join(_shown(name) for name in self.new[:SHOWN]) + (", …" if len(self.new) > SHOWN else "")
        return named + (f" (new in it: {new})" if named and new else "")


def _shown(name: str) -> str:
    """What stands where a name is looked for may be anything: a line of another delimiter, no text at all.

    >>> _shown("call_id"), _shown("call_id|queue|site|started|ended|talked|held|by")
    ('call_id', 'call_id|queue|site|started|ended|talked|…')
    """
    plain = "".join(c if c.isprintable() else "?" for c in name)
    return plain if len(plain) <= LONG else plain[:LONG] + "…"


def load_all(company: Path) -> dict[str, Contract]:
    """Every contract of a company folder by source key, in file order."""
    found = [load(path) for path in sorted((company / "sources").glob("*.yml"))]
    return {c.source: c for c in found}


def load(path: Path) -> Contract:
    """One contract file; raises ContractError that names file, key, fault and what is allowed."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(path, "file", f"is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise ContractError(path, "file", "is not a mapping of keys")
    known = [f.name for f in fields(Contract) if f.name != "path"]
    for key in raw:
        if key not in known:
            raise ContractError(path, str(key), "is not a key of a source", known)
    for key in ("source", "files", "format", "columns"):
        if key not in raw:
            raise ContractError(path, key, "is needed and not there")
    values: dict[str, Any] = {**raw, "path": path, "label": raw.get("label", raw["source"])}
    for key in ("files", "key", "order", "encoding", "tables"):
        if key in values:
            values[key] = _texts(values[key])
    values["layouts"] = tuple(_texts(layout) for layout in raw.get("layouts", ()))
    values["columns"] = tuple(_column(path, str(name), spec) for name, spec in raw["columns"].items())
    values["checks"] = tuple(_check(path, spec) for spec in raw.get("checks", ()))
    values.setdefault("key", ())
    contract = Contract(**values)
    _examine(contract)
    return contract


def _texts(value: Any) -> tuple[str, ...]:
    return (str(value),) if isinstance(value, (str, int, float)) else tuple(str(v) for v in value or ())


def _column(path: Path, name: str, spec: Any) -> Column:
    given: dict[str, Any] = {"type": spec} if isinstance(spec, str) else dict(spec or {})
    known = [f.name for f in fields(Column) if f.name != "name"] + ["from"]
    for key in given:
        if key not in known:
            raise ContractError(path, f"columns.{name}.{key}", "is not a key of a column", known)
    names = _texts(given.pop("from", given.pop("names", name)))
    for key in ("missing", "formats", "allowed", "mask"):
        if key in given:
            given[key] = _texts(given[key])
    if "map" in given:
        given["map"] = {str(k): str(v) for k, v in given["map"].items()}
    if "at" in given:
        given["at"] = (int(given["at"][0]), int(given["at"][1]))
    column = Column(name=name, names=names, **given)
    if column.type not in TYPES:
        raise ContractError(path, f"columns.{name}.type", f"{column.type} is not a type", TYPES)
    return column


def _check(path: Path, spec: Mapping[str, Any]) -> Check:
    if "good" not in spec or "reason" not in spec:
        raise ContractError(path, "checks", "a check needs good (SQL) and reason (words)")
    return Check(str(spec["good"]), str(spec["reason"]), bool(spec.get("tolerated", False)))


def _examine(c: Contract) -> None:
    """Faults between keys: unknown column names, formats, rhythms."""
    names = [col.name for col in c.columns]
    if c.format not in FORMATS:
        raise ContractError(c.path, "format", f"{c.format} is not a format", FORMATS)
    if c.rhythm not in RHYTHMS:
        raise ContractError(c.path, "rhythm", f"{c.rhythm} is not a rhythm", RHYTHMS)
    used = [("key", k) for k in c.key] + [("order", o) for o in c.order]
    used += [("day", c.day)] if c.day else []
    used += [("recorded", c.recorded)] if c.recorded else []
    used += [("overflow", c.overflow)] if c.overflow else []
    for where, name in used:
        if name not in names:
            raise ContractError(c.path, where, f"{name} is not a column of this source", names)
    if c.day and c.column(c.day).type not in ("date", "time"):
        raise ContractError(c.path, "day", f"{c.day} is neither a date nor a time")
    if c.whole not in (None, "newest", "all"):
        raise ContractError(c.path, "whole", f"{c.whole} is not known", ("newest", "all"))
    if c.format == "fixed" and any(col.at is None for col in c.read_columns):
        raise ContractError(c.path, "columns", "every column of a fixed-width source needs at: [first, last]")
    if not c.key and (c.history or c.whole or c.deletes):
        raise ContractError(c.path, "key", "history, whole and deletes need a key")
