"""Units that share in the work of others: their figures lie in a roll-up m_<metric>__<kind of work> of their own.

So a share of something is counted for them, and nothing counts twice above them. Nobody in person is behind such a
figure: the staff of the units stands for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from queries.catalogue import Catalogue, Metric
from queries.directory import Directory
from queries.query import Values


def credited(
    metric: Metric, asked: Iterable[tuple[str, Values]], kinds: Iterable[str], catalogue: Catalogue,
    directory: Directory, tables: Mapping[str, tuple[str, ...]],
) -> str | None:  # fmt: skip
    """The roll-up that holds the units asked for, when all of them are credited; None for the common one.

    `asked`: restrictions of the question; `kinds`: kinds of unit that a comparison is among.
    """
    if not metric.credited:
        return None
    works = _of_units(asked, catalogue, directory)
    if kinds and not works:
        base = catalogue.unit_levels[1] if catalogue.person_level else catalogue.unit_levels[0]
        works = {u.work for u in directory.units_of(base) if u.kind in set(kinds)}
    table = f"m_{metric.key}__{next(iter(works))}" if len(works) == 1 else ""
    return table if table in tables else None


def _of_units(asked: Iterable[tuple[str, Values]], catalogue: Catalogue, directory: Directory) -> set[str]:
    """The kinds of work of the units that a question names, or that it is restricted to."""
    of_units = (catalogue.company.get("privacy") or {}).get("unit_dimensions") or ()
    lowest = catalogue.levels[0].within[:1]
    works: set[str] = set()
    for key, values in asked:
        if values.exclude:
            continue
        if key in lowest:
            works |= {u.work for c in values.values if (u := directory.units.get((key, c)))}
        elif key in of_units and names_work(values, directory):
            works |= set(values.values)
    return works


def names_work(values: Values, directory: Directory) -> bool:
    """Whether a restriction names kinds of work that units do."""
    return not values.exclude and set(values.values) <= {u.work for u in directory.units.values()}
