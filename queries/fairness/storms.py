"""Storms, outages, strikes: days in a mix cell of their own. A span with too much of them is marked and not ranked."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from queries.catalogue import Catalogue, Metric
from queries.fairness.seen import Seen
from queries.privacy.scope import Scope
from queries.query import Query
from queries.setting import Setting
from queries.statements import sql


def cells_apart(catalogue: Catalogue) -> tuple[str, ...]:
    """The mix cells of such days: `not_ranked.mix` of company.yml."""
    return tuple(str(m) for m in (catalogue.company.get("not_ranked") or {}).get("mix") or ())


def most(catalogue: Catalogue) -> float:
    """The share of the cases from which a span is not ranked (rules, section 8: 30 %)."""
    return float((catalogue.company.get("not_ranked") or {}).get("share", 0.3))


def stormy(seen: Seen, mine: NDArray[np.bool_], catalogue: Catalogue) -> float | None:
    """The share of such days in the own work, or in everybody's, where it is too large to rank; else None."""
    shares = []
    for keep in (mine, np.ones_like(mine)):
        cases = float(seen.sums["den"][keep].sum())
        shares.append(float(seen.apart[keep].sum()) / cases if cases else 0.0)
    largest = max(shares)
    return largest if largest > most(catalogue) else None


def marked_weeks(query: Query, metric: Metric, scope: Scope, at: Setting) -> dict[date, float]:
    """Of a weekly series: the weeks with too much of such days, and their share."""
    apart = cells_apart(at.ground.catalogue)
    if not apart or query.grain != "week" or query.by or "den" not in at.ground.tables.get(f"m_{metric.key}", ()):
        return {}
    statement = sql.compile_mix(query, metric.key, at.ground, scope, apart)
    cases: dict[date, float] = {}
    hit: dict[date, float] = {}
    for row in at.shelf.run(statement):
        week, n = row["bucket"], float(row["den"] or 0.0)
        cases[week] = cases.get(week, 0.0) + n
        if row["mix"] in apart:
            hit[week] = hit.get(week, 0.0) + n
    return {w: n / cases[w] for w, n in hit.items() if cases[w] and n / cases[w] > most(at.ground.catalogue)}
