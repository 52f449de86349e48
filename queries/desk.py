"""The desk: all that a page or a command sees. One viewer, one store version, one day."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from typing import Any

from queries.answer import ANSWER, REFUSED, Answer, Column, Offer, Used
from queries.catalogue import Catalogue
from queries.compared import compared
from queries.directory import Directory, Store
from queries.library import Shared
from queries.part import Part, Setting, metric_query
from queries.query import Query
from queries.sql import Ground, NotAllowedError, Statement, allowed
from queries.viewer import Viewer


class Desk:
    """Answers questions for one viewer. `shared` is what desks on the same store have in common."""

    def __init__(
        self, catalogue: Catalogue, store: Store, viewer: Viewer, today: date, state: Any = None,
        shared: Shared | None = None,
    ) -> None:  # fmt: skip
        self.catalogue, self.store, self.viewer, self.today, self.state = catalogue, store, viewer, today, state
        self.shared = shared or Shared(catalogue)
        self.shelf = self.shared.shelf(store)
        ground = Ground(catalogue, self.shelf.directory, today, self.shelf.tables)
        self.setting = Setting(ground, self.shelf, viewer)

    @property
    def directory(self) -> Directory:
        return self.shelf.directory

    def allowed(self, query: Query) -> bool:
        """Whether the viewer may have this query answered; no figures are looked at."""
        try:
            allowed(query, self.setting.ground, self.viewer)
        except NotAllowedError:
            return False
        return True

    def answer(self, query: Query) -> Answer:
        """The answer to a ready-made query."""
        start = time.perf_counter()
        try:
            found = self._answered(query)
        except NotAllowedError as refused:
            found = self._refused(query, refused)
        spent = (time.perf_counter() - start) * 1000
        return found.with_(
            login=self.viewer.login, on=self.today, store=self.store.version, as_of=self.shelf.as_of,
            ms={"read": 0.0, "query": spent, "total": spent},
        )  # fmt: skip

    def _answered(self, query: Query) -> Answer:
        scope = allowed(query, self.setting.ground, self.viewer)
        parts = [self._part(metric_query(query, metric), metric) for metric in query.metrics]
        return self._joined(query, parts, scope.logged)

    def _part(self, query: Query, metric: str) -> Part:
        return compared(query, metric, query.by[0], self.setting)

    def _joined(self, query: Query, parts: list[Part], logged: tuple[str, ...]) -> Answer:
        columns: dict[str, Column] = {}
        rows: list[Mapping[str, Any]] = []
        for part in parts:
            columns |= {c.key: c for c in part.columns if c.key not in columns}
            rows += part.rows
        return Answer(
            ANSWER,
            headline=" ".join(s for part in parts for s in part.sentences if s),
            query=query,
            columns=tuple(columns.values()),
            rows=tuple(rows),
            notes=tuple(dict.fromkeys(n for part in parts for n in part.notes)),
            periods=tuple(dict.fromkeys(p for part in parts for p in part.periods)),
            pictures=tuple(part.picture for part in parts if part.picture),
            next_step=" ".join(part.next_step for part in parts if part.next_step),
            used=tuple(self._used(s) for part in parts for s in part.statements),
            logged=logged,
        )

    def _used(self, statement: Statement) -> Used:
        """A statement as it may be shown: without the salt that makes codes unreadable."""
        shown = tuple("…" if p == self.shelf.salt else p for p in statement.parameters)
        return Used(statement.metric, self.shelf.text(statement), shown)

    def suggestions(self) -> list[dict[str, Any]]:
        """Questions that work for this viewer, to begin with."""
        return []

    def _refused(self, query: Query, refused: NotAllowedError) -> Answer:
        offers = tuple(Offer("", one) for one in refused.refusal.instead)
        return Answer(REFUSED, headline=refused.refusal.key, query=query, nearest=offers)
