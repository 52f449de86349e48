"""The figures of one metric for one question, each with what may be shown of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    parts: Mapping[Any, Figure] = field(default_factory=dict)
    """The company's figure of each part, where a metric is shown by the parts that it is a share of."""

    @property
    def scope(self) -> Scope:
        return self.statements[0].scope

    def company_of(self, cell: Cell) -> Figure | None:
        """What the whole company has beside a cell: the same part, where the cells are parts."""
        if self.metric.over not in self.names:
            return self.company
        return self.parts.get(cell.keys[self.names.index(self.metric.over)])
