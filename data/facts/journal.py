"""What a refresh that is under way has changed so far, kept in the database.

Every model and every roll-up is brought up to date in a transaction of its own, side by side with others. Each notes
here what it changed, so that a refresh that was cut off anywhere is taken up where it stood: what changed before is not
found a second time. The last transaction clears the notes.
"""

from __future__ import annotations

from datetime import date

from data.facts.changes import Changes
from data.facts.sql import Db, exists, main
from data.work import transaction

TABLE = "facts_going"
BEFORE = {"membership_known": "before_membership_known", "membership": "before_membership", "units": "before_units"}
"""Tables as they were before the refresh, to be compared with afterwards."""
SPLIT = "\x1f"


def begun(con: Db) -> Changes:
    """Start, or take up what was cut off: what is known to have changed already."""
    if not exists(con, TABLE):
        con.execute(f"CREATE TABLE {TABLE}(kind VARCHAR, name VARCHAR, day DATE)")
    rows = con.execute(f"SELECT kind, name, day FROM {TABLE}").fetchall()
    changes = Changes(resumed=bool(rows))
    if not rows:
        _start(con)
    for kind, what, day in rows:
        if kind == "days":
            changes.days.setdefault(what, set()).add(day)
        elif kind == "column":
            fact, _, expression = what.partition(SPLIT)
            changes.columns.setdefault((fact, expression), set()).add(day)
        elif kind == "all":
            changes.everything.add(what)
        elif kind == "pairs":
            changes.pairs.add(what)
    return changes


def _start(con: Db) -> None:
    with transaction(con.con):
        for table, was in BEFORE.items():
            con.execute(f"DROP TABLE IF EXISTS {main(con, was)}")
            if exists(con, table):
                con.execute(f"CREATE TABLE {main(con, was)} AS SELECT * FROM {main(con, table)}")
        con.execute(f"INSERT INTO {TABLE} VALUES ('begun', '', NULL)")


def note(con: Db, model: str, changes: Changes) -> None:
    """In the transaction of a model (or of a staged table that is read whole): what it changed.

    Other models are at work in other threads: what is looked through is a copy.
    """
    rows: list[tuple[str, str, date | None]] = [("days", model, day) for day in changes.days.get(model, ())]
    rows += [
        ("column", fact + SPLIT + expression, day)
        for (fact, expression), found in tuple(changes.columns.items()) if fact == model for day in found
    ]  # fmt: skip
    rows += [("all", model, None)] if model in changes.everything else []
    rows += [("pairs", model, None)] if model in changes.pairs else []
    if rows:
        kinds, whats, found_days = zip(*rows, strict=True)
        con.execute(
            f"INSERT INTO {TABLE} SELECT unnest(?), unnest(?), unnest(?::DATE[])",
            [list(kinds), list(whats), list(found_days)],
        )


def clear(con: Db, changes: Changes) -> None:
    """In the last transaction: nothing is under way any more."""
    con.execute(f"DELETE FROM {TABLE}")
    for table in [*BEFORE.values(), *(f"changed_{pair}" for pair in changes.pairs)]:
        con.execute(f"DROP TABLE IF EXISTS {main(con, table)}")
