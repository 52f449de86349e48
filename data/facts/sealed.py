"""What moves that were entered after a week was sealed would have changed: told beside figures that stay as they were.

The table sealed(metric, day, unit, known_as, num, den, n): cases of people who count for `unit`, as was known when the
week was sealed, and who worked for `known_as` by what is known today. Rows of one person are never told on their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from data.facts import marks
from data.facts.attribution import Attribution, between
from data.facts.blocks import Block
from data.facts.sql import Db, columns, days, main, name, quoted

SEALED, DIFFER = "sealed", "differ"
"""The table, and that of who worked elsewhere than the sealed weeks say, kept while nothing more is known of moves."""
KNOWN = "superseded_at = DATE '9999-12-31'"


def write(
    con: Db, how: Attribution, blocks: Mapping[str, Sequence[Block]], changed: Mapping[str, set[date]],
    span: tuple[date, date] | None,
) -> None:  # fmt: skip
    """Bring the table up to date for roll-ups that changed, or for all when the moves themselves did."""
    con.execute(
        "CREATE TABLE IF NOT EXISTS sealed(metric VARCHAR, day DATE, unit VARCHAR, known_as VARCHAR, "
        "num DOUBLE, den DOUBLE, n BIGINT)"
    )
    table = how.table(con)
    if table is None or how.sealed_after is None or span is None or "recorded_at" not in columns(con, table):
        return
    settles = {b.settles for parts in blocks.values() for b in parts}
    known = marks.of(f"{_mark(con, main(con, table))} {how.sealed_after} {sorted(settles)} {span}")
    if not marks.made(con, DIFFER, known):
        _differ(con, how, main(con, table), settles, span)
        marks.note(con, DIFFER, known)
    said = _mark(con, DIFFER)
    same = marks.made(con, SEALED, said)
    moved = days(con, f"SELECT DISTINCT day FROM {DIFFER}")
    for rollup, parts in blocks.items():
        told = "__" not in rollup and how.levels.person in parts[0].levels
        if told and (not same or changed.get(rollup, set()) & moved):
            _metric(con, how, rollup, parts[0])
    if not same:
        marks.note(con, SEALED, said)


def _mark(con: Db, table: str) -> str:
    """What tells whether a table holds the same rows as before."""
    row = con.execute(f"SELECT concat(count(*), '-', bit_xor(hash(held))) FROM {table} AS held").fetchone()
    return str(row[0]) if row else ""


def _differ(con: Db, how: Attribution, table: str, settles: set[int], span: tuple[date, date]) -> None:
    """The table differ(person, day, settles, was, now): days on which people worked elsewhere than sealed weeks say."""
    late = f"SELECT person FROM {table} WHERE recorded_at > valid_from + {how.sealed_after}"
    rows = f"(SELECT * FROM {table} WHERE person IN ({late} AND recorded_at > DATE '{span[0]}'))"
    spans = dict.fromkeys(settles, span)
    sealed = between(how, rows, True, spans)
    now = between(how, f"(SELECT * FROM {rows} WHERE {KNOWN})", False, spans)
    con.execute(
        f"CREATE OR REPLACE TABLE {DIFFER} AS SELECT person, day, settles, s.unit AS was, n.unit AS now "
        f"FROM {sealed} AS s FULL JOIN {now} AS n USING (person, day, settles) WHERE s.unit IS DISTINCT FROM n.unit"
    )


def _metric(con: Db, how: Attribution, rollup: str, block: Block) -> None:
    table, base = f"m_{rollup}", name(how.levels.base or "")
    if not columns(con, table):
        return
    sums = "sum(num), sum(den)" if "num" in columns(con, table) else "NULL, NULL"
    con.execute("DELETE FROM sealed WHERE metric = ?", [rollup])
    con.execute(
        f"INSERT INTO sealed SELECT {quoted(rollup)}, m.day, d.was, d.now, {sums}, sum(n) FROM {main(con, table)} AS m "
        f"JOIN {DIFFER} AS d ON d.person = m.{name(how.levels.person or '')} AND d.day = m.day "
        f"AND d.settles = {block.settles} AND m.{base} IS NOT DISTINCT FROM d.was GROUP BY ALL"
    )
