"""The SQL of a list of single cases, from a table r_<metric>."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from queries.statements.shapes import OPERATORS, Kept, Shape, column, conditions, named, needs_calendar, parameter


@dataclass(frozen=True)
class Rows:
    """What decides the text of a list. Parameters: the span, the restrictions, the limit if there is one, how many."""

    table: str
    columns: tuple[str, ...]
    kept: tuple[Kept, ...] = ()
    counting: bool = False
    """Only cases that count in the numerator."""
    limit: str | None = None
    largest: bool = False
    smallest: bool = False


def listing(rows: Rows) -> exp.Select:
    """The tree: newest first, or by amount; ties by every column, so that the same list comes twice."""
    shape = Shape(table=rows.table, kept=rows.kept)
    number = 3 + sum(k.count for k in rows.kept)
    tree = exp.select(*(named(column(c, "r"), c) for c in rows.columns)).from_(exp.to_table(rows.table, alias="r"))
    if needs_calendar(shape):
        on = exp.EQ(this=column("day", "c"), expression=column("day", "r"))
        tree = tree.join(exp.to_table("calendar", alias="c"), on=on)
    found = conditions(shape)
    if rows.counting:
        found.append(exp.GT(this=column("num", "r"), expression=exp.Literal.number(0)))
    if rows.limit:
        bar = exp.cast(parameter(number), "DOUBLE")
        found.append(OPERATORS[rows.limit](this=column("amount", "r"), expression=bar))
        number += 1
    if rows.largest or rows.smallest:
        found.append(exp.Not(this=exp.Is(this=column("amount", "r"), expression=exp.null())))
    first = exp.Ordered(this=column("day", "r"), desc=True)
    if rows.largest or rows.smallest:
        first = exp.Ordered(this=column("amount", "r"), desc=rows.largest)
    rest = [exp.Ordered(this=column(c, "r")) for c in rows.columns]
    return tree.where(*found).order_by(first, *rest).limit(exp.cast(parameter(number), "BIGINT"))
