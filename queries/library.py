"""What is worth keeping between questions: everything that depends on one store version alone.

`Shared` is made once, by whoever opens the store, and handed to every desk; it holds no viewer's figures.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import md5
from typing import Any, TypeVar

from queries.catalogue import Catalogue
from queries.directory import Directory, Store, directory
from queries.privacy.sees import Sight
from queries.state.taught import Meaning, taught_catalogue
from queries.statements.ground import Statement, Tables
from queries.viewer import Viewer
from queries.wording import Wording, load

T = TypeVar("T")
VERSIONS_KEPT = 3
RECENT_KEPT, ROWS_KEPT = 5000, 200_000
EARLY = "__early"
"""The ending of the roll-up that holds a metric's early sign."""


@dataclass
class Shelf:
    """One store version: its people and units, its tables, and results that hold for every viewer."""

    store: Store
    catalogue: Catalogue
    directory: Directory
    tables: Tables
    states: dict[str, tuple[str, str]]
    """Metric -> (ok, missing, stale, broken, lacking or short; note)."""
    meta: dict[str, str]
    salt: str
    wording: Wording
    sights: dict[Viewer, Sight] = field(default_factory=dict)
    """What each viewer sees of the units: no figures."""
    _kept: dict[Hashable, Any] = field(default_factory=dict)
    _rows: int = 0
    _recent: OrderedDict[Hashable, tuple[Any, int]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """The kept value of a key, made the first time it is asked for."""
        try:
            return self._kept[key]  # type: ignore[no-any-return]
        except KeyError:
            value = make()
            with self._lock:
                return self._kept.setdefault(key, value)  # type: ignore[no-any-return]

    def text(self, statement: Statement) -> str:
        """The SQL of a statement, written once per shape."""
        dialect = self.store.dialect
        return self.keep(("sql", statement.shape, dialect), lambda: statement.sql(dialect))

    def names(self, statement: Statement) -> tuple[str, ...]:
        """The columns that a statement returns."""
        return self.keep(("names", statement.shape), lambda: tuple(statement.tree().named_selects))

    def rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        """The rows of a statement; a version never changes, so those of the newest questions are kept."""
        key = ("rows", statement.shape, statement.parameters)
        return self.recent(key, lambda: self.fetch(statement), len)

    def fetch(self, statement: Statement) -> list[tuple[Any, ...]]:
        """The rows of a statement, not kept: what is made of them is."""
        return self.store.fetch(self.text(statement), statement.parameters)

    def recent(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int] = lambda _: 1) -> T:
        """As `keep`, for things of single questions: the oldest are dropped, by number and by `size` (rows)."""
        with self._lock:
            if key in self._recent:
                self._recent.move_to_end(key)
                return self._recent[key][0]  # type: ignore[no-any-return]
        value = make()
        with self._lock:
            rows = size(value)
            self._rows += rows - self._recent.get(key, (None, 0))[1]
            self._recent[key] = value, rows
            while self._recent and (len(self._recent) > RECENT_KEPT or self._rows > ROWS_KEPT):
                self._rows -= self._recent.popitem(last=False)[1][1]
        return value

    def run(self, statement: Statement) -> list[dict[str, Any]]:
        """The rows of a statement by column name."""
        names = self.names(statement)
        return [dict(zip(names, row, strict=True)) for row in self.rows(statement)]

    def codes(self, level: str) -> dict[str, str]:
        """Token -> code of the units of a level: what `standings` hands out instead of names."""

        def make() -> dict[str, str]:
            people = level == self.catalogue.person_level
            found = list(self.directory.people) if people else [u.code for u in self.directory.units_of(level)]
            return {md5((self.salt + code).encode(), usedforsecurity=False).hexdigest(): code for code in found}

        return self.keep(("codes", level), make)

    def staff(self, level: str, code: str) -> int:
        """How many people work in a unit today, from the directory."""

        def make() -> dict[tuple[str, str], int]:
            found: dict[tuple[str, str], int] = {}
            for person in self.directory.people.values():
                unit = self.directory.units.get((person.unit_level, person.unit))
                if unit is not None and person.unit_level in self.catalogue.levels[0].within[:1]:
                    for key in ((unit.level, unit.code), *unit.within.items()):
                        found[key] = found.get(key, 0) + 1
            return found

        return self.keep("staff", make).get((level, code), 0)

    @property
    def as_of(self) -> str | None:
        return self.meta.get("as_of")

    @property
    def sealed_to(self) -> date | None:
        return date.fromisoformat(self.meta["sealed_to"][:10]) if self.meta.get("sealed_to") else None


class Shared:
    """The shelves of the newest store versions."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._shelves: dict[str, Shelf] = {}
        self._taught: tuple[tuple[tuple[str, Meaning], ...], Catalogue] | None = None
        self._lock = threading.Lock()

    def taught(self, words: Sequence[tuple[str, Meaning]]) -> Catalogue:
        """The catalogue with the words that the company taught; made anew only when they change."""
        key = tuple(words)
        if not key:
            return self.catalogue
        if self._taught is None or self._taught[0] != key:
            self._taught = (key, taught_catalogue(self.catalogue, key))
        return self._taught[1]

    def shelf(self, store: Store) -> Shelf:
        """The shelf of a store's version, read from the store the first time."""
        found = self._shelves.get(store.version)
        if found is not None:
            return found
        with self._lock:
            if store.version not in self._shelves:
                self._shelves[store.version] = open_shelf(store, self.catalogue)
                while len(self._shelves) > VERSIONS_KEPT:
                    del self._shelves[next(iter(self._shelves))]
            return self._shelves[store.version]


def open_shelf(store: Store, catalogue: Catalogue) -> Shelf:
    """Read what a store version says about itself."""
    people = directory(store, catalogue)
    tables = {}
    for key in catalogue.metrics:
        rows = [f"r_{key}"] if catalogue.metrics[key].rows else []
        credited = [f"m_{key}__{work}" for work in catalogue.metrics[key].credited]
        for table in (f"m_{key}", f"t_{key}", f"m_{key}{EARLY}", *rows, *credited):
            columns = store.columns(table)
            if columns:
                tables[table] = tuple(columns)
    states = {m: (state, note or "") for m, state, note in store.fetch("SELECT metric, state, note FROM metric_state")}
    meta = {k: str(v) for k, v in store.fetch("SELECT key, value FROM meta") if v is not None}
    return Shelf(store, catalogue, people, tables, states, meta, secrets.token_hex(16), load(catalogue.folder))
