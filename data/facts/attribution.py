"""Who worked in which unit on a day: a loan wins over the home unit, and sealed weeks keep what was known then.

Read from the table `membership` (person, <unit level>, kind, valid_from, valid_to) of the models, or, where the company
has one, from `membership_known`, which also says from when to when we knew a row (recorded_at, superseded_at).
A day counts as it was known when its week was sealed: `sealed_after_days` (company.yml, privacy) after the last day
of the week, and for a metric that has to mature so many days later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import duckdb

from data import beside
from data.beside import SCRATCH, Task
from data.facts.blocks import Levels
from data.facts.journal import BEFORE
from data.facts.sql import Db, columns, exists, main, name

WORKED = f"{SCRATCH}.worked_day"
MOVED = f"{SCRATCH}.moved_day"
Spans = Mapping[int, tuple[date, date]]
"""Days that a figure takes to mature -> first and last day."""


@dataclass(frozen=True)
class Attribution:
    """How people are attributed. `sealed_after` None: every day as known now."""

    levels: Levels
    sealed_after: int | None

    def table(self, con: Db) -> str | None:
        """The table that says it, None when there is none."""
        if self.levels.person is None or self.levels.base is None:
            return None
        return next((t for t in ("membership_known", "membership") if exists(con, t)), None)


def attribution(levels: Levels, company: Mapping[str, Any]) -> Attribution:
    """The company's way of attributing."""
    return Attribution(levels, (company.get("privacy") or {}).get("sealed_after_days"))


def changed(con: Db, how: Attribution, settles: Iterable[int], span: tuple[date, date]) -> dict[int, set[date]] | None:
    """Days on which somebody worked elsewhere than known before the refresh, by days to mature; None: all.

    Makes the table moved_day(person, day, settles, before), in memory: who, and where until now.
    """
    _nobody_moved(con)
    table = how.table(con)
    if table is None:
        return {}
    if not exists(con, BEFORE[table]):
        return None
    now, was = main(con, table), main(con, BEFORE[table])
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE membership_moved AS SELECT DISTINCT person FROM ((SELECT * FROM {now} EXCEPT "
        f"SELECT * FROM {was}) UNION ALL (SELECT * FROM {was} EXCEPT SELECT * FROM {now}))"
    )
    moved = " WHERE person IN (SELECT person FROM membership_moved)"
    dated = "recorded_at" in columns(con, table)
    spans = dict.fromkeys(settles, span)
    con.execute(
        f"INSERT INTO {MOVED} SELECT person, day, settles, old.unit "
        f"FROM {between(how, now + moved, dated, spans)} AS new "
        f"FULL JOIN {between(how, was + moved, dated, spans)} AS old USING (person, day, settles) "
        "WHERE new.unit IS DISTINCT FROM old.unit"
    )
    found: dict[int, set[date]] = {}
    for settled, day in con.execute(f"SELECT DISTINCT settles, day FROM {MOVED}").fetchall():
        found.setdefault(settled, set()).add(day)
    return found


def _nobody_moved(con: Db) -> None:
    con.execute(f"CREATE OR REPLACE TABLE {MOVED}(person VARCHAR, day DATE, settles INTEGER, before VARCHAR)")


def working(con: Db, how: Attribution, spans: Spans) -> dict[int, Task]:
    """The table worked_day(person, day, settles, unit, before), in memory, for all connections: made empty, and what
    fills it. `before` is the unit as known before the refresh: what rows are taken off from.

    One task each number of days to mature: rows of one roll-up lie together, it need not read the others.
    """
    con.execute(
        f"CREATE OR REPLACE TABLE {WORKED}(person VARCHAR, day DATE, settles INTEGER, unit VARCHAR, before VARCHAR)"
    )
    table = how.table(con)
    if not table:
        return {}
    rows, dated = main(con, table), "recorded_at" in columns(con, table)
    return {s: partial(_insert, s, between(how, rows, dated, {s: span})) for s, span in spans.items()}


def worked(con: Db, how: Attribution, spans: Spans) -> None:
    """The table worked_day, filled, where nothing is refreshed: nobody has moved."""
    _nobody_moved(con)
    beside.run(con.con, {str(settles): task for settles, task in working(con, how, spans).items()})


def _insert(settles: int, now: str, con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        f"INSERT INTO {WORKED} SELECT person, day, settles, now.unit, if(moved.person IS NULL, now.unit, moved.before) "
        f"FROM {now} AS now FULL JOIN (FROM {MOVED} WHERE settles = {settles}) AS moved USING (person, day, settles)"
    )


def between(how: Attribution, rows: str, dated: bool, spans: Spans) -> str:
    """SQL of (person, day, settles, unit) for the days of spans; `dated`: as known when the day's week was sealed."""
    listed = ", ".join(f"({s}, DATE '{first}', DATE '{last}')" for s, (first, last) in sorted(spans.items()))
    known = "true"
    if dated:
        sealed = f"date_trunc('week', day)::DATE + 6 + settles + {how.sealed_after}"
        sealed = sealed if how.sealed_after is not None else "DATE '9999-12-30'"
        known = f"recorded_at <= {sealed} AND {sealed} < superseded_at"
    ends = "greatest(valid_from, first), least(valid_to - 1, last)"
    days = f"unnest(generate_series({ends}, INTERVAL 1 DAY))::DATE AS day"
    return (
        f"(SELECT person, day, settles, arg_max({name(how.levels.base or '')}, (kind <> 'HOME', valid_from)) AS unit "
        f"FROM (SELECT *, {days} FROM (SELECT * FROM {rows}) CROSS JOIN (VALUES {listed}) AS s(settles, first, last)) "
        f"WHERE {known} GROUP BY person, day, settles)"
    )
