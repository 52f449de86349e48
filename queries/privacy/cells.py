"""The figures of one metric for one question, each with what may be shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from queries.catalogue import Metric
from queries.figures import Figure
from queries.periods import Period
from queries.privacy import redact
from queries.privacy.rights import Scope
from queries.statements.ground import Statement

Keys = tuple[Any, ...]


@dataclass(frozen=True)
class Cell:
    """One row: the values of the keys (the bucket of a series last), its figure, and what may be shown of it."""

    keys: Keys
    figure: Figure
    previous: Figure | None = None
    verdict: str = redact.SHOWN

    @property
    def withheld(self) -> bool:
        return self.verdict in redact.WITHHELD


@dataclass(frozen=True)
class Table:
    """The figures of one metric for one question."""

    metric: Metric
    side: str
    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    whole: Cell | None
    """What the question is about, as one figure; None when it may not be shown beside the cells."""
    company: Figure | None
    statements: tuple[Statement, ...]
    period: Period
    previous: Period | None

    @property
    def scope(self) -> Scope:
        return self.statements[0].scope
