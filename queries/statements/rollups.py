"""Which roll-up of the store holds what a question needs, and which parts of it are summed."""

from __future__ import annotations

from queries.catalogue import Dimension, Metric
from queries.statements.ground import Ground, NotHeldError
from queries.statements.shapes import ADDITIVE, DISTINCT, HISTOGRAM


def single_cases(metric: Metric, needed: list[str], ground: Ground) -> str:
    """The table of single cases.

    Raises:
        KeyError: there is none, or a column that is needed is not in it.
    """
    have = ground.tables.get(f"r_{metric.key}", ())
    if not have or any(name not in have for name in needed if name != "weekday"):
        raise NotHeldError(metric.label)
    return f"r_{metric.key}"


def grouping(key: str, ground: Ground) -> Dimension | None:
    """The dimension of a key that puts values of another together; None of a plain one."""
    dimension = ground.catalogue.dimensions.get(key)
    return dimension if dimension is not None and dimension.of else None


def rollup(
    metric: Metric, needed: list[str], ground: Ground, count_people: bool = False, own: str | None = None
) -> str:
    """The small roll-up by team where it suffices, else the full one; the full one where people must be counted.

    `own`: the roll-up of units that share in the work of others.

    Raises:
        KeyError: neither is in the store, or a column that is needed is in none.
    """
    columns = [name for name in needed if name != "weekday"]
    for table in (own,) if own else (f"t_{metric.key}", f"m_{metric.key}"):
        have = ground.tables.get(table, ())
        item_lost = metric.kind == "count" and "item" in ground.tables.get(f"m_{metric.key}", ()) and "item" not in have
        uncounted = count_people and table.startswith("t_") and f"m_{metric.key}" in ground.tables
        if have and not item_lost and not uncounted and all(name in have for name in columns):
            return table
    raise NotHeldError(metric.label)


def form(metric: Metric, columns: tuple[str, ...]) -> str:
    """How a roll-up is added up: sums, a histogram of values, or distinct items."""
    if metric.kind == "median":
        return HISTOGRAM
    return DISTINCT if "item" in columns else ADDITIVE


def parts(metric: Metric, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a roll-up that are summed (or counted, or put in order), the first one first."""
    first = "value" if metric.kind == "median" else "item" if "item" in columns else "num"
    return (first, *(name for name in ("den", "mirror") if name in columns))


def who(ground: Ground, table: str) -> str | None:
    """The column of people of a roll-up, if it has one."""
    person = ground.catalogue.person_level
    return person if person in ground.tables[table] else None
