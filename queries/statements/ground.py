"""What compiling stands on: the ground that all questions share, the statement that comes out, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlglot import exp

from queries.catalogue import Catalogue
from queries.directory import Directory
from queries.periods import Period
from queries.privacy import rights
from queries.privacy.sees import Sight
from queries.query import Query
from queries.statements.listing import Rows, listing
from queries.statements.shapes import Shape, cells
from queries.statements.standings import Contest, standings
from queries.viewer import Viewer

Tables = Mapping[str, tuple[str, ...]]
"""The columns of each roll-up of the store version at hand."""


class NotAllowedError(Exception):
    """The query may not be answered for this viewer; carries the refusal."""

    def __init__(self, refusal: rights.Refusal) -> None:
        super().__init__(refusal.key)
        self.refusal = refusal


class NotHeldError(KeyError):
    """What the query asks for is not in this store, or no query can ask it; the argument names it in words."""


@dataclass(frozen=True)
class Statement:
    """One statement, ready to run: the shape decides its text, the parameters are apart."""

    shape: Shape | Contest | Rows
    parameters: tuple[Any, ...]
    metric: str
    period: Period
    scope: rights.Scope

    def tree(self) -> exp.Select:
        """The sqlglot tree."""
        if isinstance(self.shape, Rows):
            return listing(self.shape)
        return cells(self.shape) if isinstance(self.shape, Shape) else standings(self.shape)

    def sql(self, dialect: str) -> str:
        return self.tree().sql(dialect=dialect)


@dataclass(frozen=True)
class Field:
    """What a comparison is among: `level` of the units, `kinds` of work and `places` that they must lie in."""

    level: str
    kinds: tuple[str, ...] = ()
    places: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Ground:
    """What compiling needs beside the question: the definitions, the people and units, today, the tables."""

    catalogue: Catalogue
    directory: Directory
    today: date
    tables: Tables
    sights: dict[Viewer, Sight] = field(default_factory=dict, compare=False)
    """What each viewer sees of the units; holds for one store version."""
    verdicts: dict[tuple[Query, Viewer], rights.Scope | rights.Refusal] = field(default_factory=dict, compare=False)
    """What the rights said to each question so far; holds for one desk."""

    def sight(self, viewer: Viewer) -> Sight:
        if viewer not in self.sights:
            self.sights[viewer] = Sight(viewer, self.catalogue, self.directory)
        return self.sights[viewer]


def allowed(query: Query, ground: Ground, viewer: Viewer) -> rights.Scope:
    """The scope of a query for a viewer.

    Raises:
        NotAllowedError: with the refusal.
    """
    key = (query, viewer)
    verdict = ground.verdicts.get(key)
    if verdict is None:
        verdict = rights.judged(rights.Case(query, ground.sight(viewer), ground.today))
        ground.verdicts[key] = verdict
    if isinstance(verdict, rights.Refusal):
        raise NotAllowedError(verdict)
    return verdict


def held(period: Period, ground: Ground) -> Period:
    """A period as far as the store holds its days as a whole; one that lies before them stays as it is (and empty)."""
    first = ground.directory.first_day
    return Period(first, period.end) if first is not None and period.start < first < period.end else period
