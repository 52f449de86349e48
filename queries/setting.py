"""The setting of an answer: one viewer on one store version on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from queries.catalogue import Metric
from queries.library import Shelf
from queries.statements.ground import Ground
from queries.viewer import Viewer


@dataclass(frozen=True)
class Setting:
    """All that answering needs beside the question: one viewer on one store version on one day."""

    ground: Ground
    shelf: Shelf
    viewer: Viewer
    unnamed: frozenset[str] = frozenset()
    """Logins of people who do not want to be named."""
    disputed: frozenset[tuple[str, str]] = frozenset()
    """Logins and metrics that are not named until somebody has answered what the person says is not right."""

    @property
    def today(self) -> date:
        return self.ground.today

    def say(self, situation: str, **values: Any) -> str:
        """A sentence of the company's wording."""
        return self.shelf.wording.say(situation, **values)


def settling_from(metric: Metric, today: date) -> date | None:
    """The first day whose figures are still settling; None when the metric is final at once."""
    if not metric.matures_after_days:
        return None
    return date.fromordinal(today.toordinal() - metric.matures_after_days + 1)
