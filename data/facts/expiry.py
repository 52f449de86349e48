"""Which days of a roll-up stay as they are because the single cases behind them have expired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from data.facts.blocks import Block
from data.facts.models import Model
from data.facts.sql import Db, exists, main, quoted

LAG = 62
"""Days after its own day on which a case may still count somewhere, or change what does."""
OPEN = 14
"""Days before an expiry whose figures change as ever."""
EXPIRED, EXPIRED_ON = "expired_before", "expired_on"
"""Keys of `progress`: the day before which cases have gone, and the day on which that was last seen to."""


def stays_before(con: Db, blocks: Sequence[Block], models: Mapping[str, Model]) -> date:
    """The day before which a roll-up stays as it is: some of the cases that its days were made from have expired.

    The newest days before the expiry change as ever, however little the company keeps.
    """
    expired, on = expired_before(con), _progress(con, EXPIRED_ON)
    if on is None:
        return expired
    lag = max(
        block.looks_back or (0 if block.day == models[block.fact].day and _same_day(block.fact, models) else LAG)
        for block in blocks
    )
    return max(expired, min(expired + timedelta(days=lag), on - timedelta(days=OPEN)))


def _same_day(fact: str, models: Mapping[str, Model]) -> bool:
    """A fact that is made from rows of its own day alone, all the way from the staged tables."""
    needs = [need for need in models[fact].needs if need.how in ("days", "keyed")]
    return all(
        need.how == "days" and need.reach[0] == 0 and (need.table not in models or _same_day(need.table, models))
        for need in needs
    )


def expired_before(con: Db) -> date:
    """The day before which single cases have expired (`data.expire`); the beginning of time while none have."""
    return _progress(con, EXPIRED) or date.min


def _progress(con: Db, key: str) -> date | None:
    if not exists(con, "progress"):
        return None
    row = con.execute(f"SELECT value FROM {main(con, 'progress')} WHERE key = {quoted(key)}").fetchone()
    return date.fromisoformat(str(row[0])) if row else None
