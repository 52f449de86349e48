"""A question as an address: the query in short JSON, left-out fields at their defaults.

Whoever opens it is judged anew.
"""

from __future__ import annotations

import json

from queries.catalogue import Catalogue
from queries.query import COMPARES, EXPLAINS, GRAINS, OPS, ORDERS, Query

LONGEST = 4000
DEFAULT = Query(metrics=("",)).to_json()


def write(query: Query) -> str:
    """Short JSON of a query, keys with their default left out."""
    held = {k: v for k, v in query.to_json().items() if DEFAULT.get(k, ...) != v}
    return json.dumps(held, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def read(text: str, catalogue: Catalogue) -> Query | None:
    """The query of an address, or None for anything that is not one of this company's questions."""
    if not text or len(text) > LONGEST:
        return None
    try:
        query = Query.from_json(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return query if _known(query, catalogue) else None


def _known(query: Query, catalogue: Catalogue) -> bool:
    """Whether every key that names something is one that the catalogue or the contract has."""
    keys = {*catalogue.unit_levels, *catalogue.dimensions}
    words = (
        (query.side, ("metric", "mirror")),
        ((query.show,), ("rate", "count", "share")),
        (query.compare, COMPARES),
        ((query.grain,), (None, *GRAINS)),
        ((query.order,), (None, *ORDERS)),
        ((query.explain,), (None, *EXPLAINS)),
        (tuple(h.op for h in query.having), OPS),
    )
    named = [k for part in (query.about, query.where, query.peers) for k, _ in part]
    return (
        bool(query.metrics)
        and all(m in catalogue.metrics for m in [*query.metrics, *(h.metric for h in query.having)])
        and all(word in allowed for said, allowed in words for word in said)
        and all(key in keys for key in [*named, *query.by])
        and not query.extra
        and (query.top is None or (isinstance(query.top, int) and 0 < query.top < 10_000))
    )
