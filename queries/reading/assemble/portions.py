"""A part of a count: what share of late visits are repairs, or lie in one area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from queries.query import Values
from queries.reading.assemble.breakdowns import check_by
from queries.reading.assemble.result import counted
from queries.reading.assemble.work import NotAskableError, Place, Work


def portion(work: Work, about: Sequence[Place], where: Mapping[str, Values], by: Iterable[str]) -> dict[str, Any]:
    """The fields of a question for a part of a count; none where none is asked for. Of one person it is counts.

    Raises:
        NotAskableError: the metric does not count, or cannot be cut so.
    """
    start, verb = work.parts.portion or (0, 0)
    if not verb or not any(start < i < verb for i in work.core) or any(i > verb for i in work.core):
        return {}
    if not counted(work):
        raise NotAskableError("no_part", metric=work.metric.key)
    alone = work.person in dict(about)
    placed = any(m.start > verb for m in work.parts.named)
    keys = () if placed and not alone else tuple(key for key in where if key not in by)
    for key in keys:
        check_by(work, key)
    return {"show": "count" if alone else "share", **({"by": (*by, *keys)} if keys else {})}
