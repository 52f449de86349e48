"""The SQL trees: what a statement looks like, from a shape that holds column names and counts, never a word asked.

Every value of a question is a numbered parameter. Only the safe subset is used: each column has an alias, GROUP BY
is explicit, quotients are CAST to DOUBLE over NULLIF, weeks and weekdays come from the calendar table, and middle
values are computed from cumulative sums of a value-count histogram instead of an engine's quantile function.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

Steps = list[tuple[str, exp.Select]]
"""Named steps in the order in which they build on each other; the last one is the result."""

ADDITIVE, HISTOGRAM, DISTINCT = "additive", "histogram", "distinct"


@dataclass(frozen=True)
class Kept:
    """A restriction: a column, how many values, whether they are left out, whether an unknown value stays."""

    column: str
    count: int
    exclude: bool = False
    or_unknown: bool = False


@dataclass(frozen=True)
class Shape:
    """Everything that decides the text of a statement, and nothing that decides its parameters."""

    table: str
    form: str = ADDITIVE
    keys: tuple[str, ...] = ()
    grain: str | None = None
    parts: tuple[str, ...] = ("num", "den")
    kept: tuple[Kept, ...] = ()
    newest: bool = False
    """Only the newest day held of the period or bucket (stocks)."""
    over: str | None = None
    """Denominators are lifted over this dimension (shares)."""
    people: str | None = None
    """The column of people, to count those behind each cell and the rows of the busiest of them."""
    limit: str | None = None
    """Only cases whose `amount` is so (an operator) to the last parameter count in the numerator."""
    groups: tuple[tuple[str, str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = ()
    """Keys that put values of a column together: (key, column, ((group, values), …)), all from the catalogue."""
    masks: tuple[tuple[str, int], ...] = ()
    """Levels whose codes come back NULL unless among so many parameters."""


def parameter(number: int) -> exp.Expr:
    """A numbered parameter, counted from one."""
    return exp.Parameter(this=exp.Literal.number(number))


def column(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def named(expression: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(expression, name, quoted=True)


def total(name: str, table: str) -> exp.Expr:
    return named(exp.Sum(this=column(name, table)), name)


def cells(shape: Shape) -> exp.Select:
    """The tree of a break-down: one row per combination of keys (and bucket), with the additive parts."""
    keys = _keys(shape)
    if shape.form == HISTOGRAM:
        steps = _middles(shape, keys)
    else:
        both = shape.people and shape.form == ADDITIVE
        steps = _sums_by_people(shape, keys) if both else [("s", _sums(shape, keys))]
        if shape.over and shape.over in shape.keys:
            steps += _lifted(shape, keys, steps[-1][1])
        if shape.people and not both:
            steps += _with_people(shape, keys, steps[-1][1])
    return chained([("f", source(shape)), *steps])


def chained(steps: Steps) -> exp.Select:
    """One statement of named steps; the last is the outermost SELECT."""
    tree = steps[-1][1]
    for name, step in steps[:-1]:
        tree = tree.with_(name, as_=step, copy=False)
    return tree


def _keys(shape: Shape) -> tuple[str, ...]:
    return (*shape.keys, *(("bucket",) if shape.grain else ()))


def source(shape: Shape) -> exp.Select:
    """The rows of the period and restrictions with their keys: the only place that reads a roll-up."""
    masks, start = dict(shape.masks), 3 + sum(k.count for k in shape.kept)
    picked: list[exp.Expr] = []
    grouped = {key: (base, groups) for key, base, groups in shape.groups}
    for key in shape.keys:
        expression: exp.Expr = _key(key, grouped)
        if key in masks:
            numbers = range(start, start + masks[key])
            expression = _masked(expression, [parameter(n) for n in numbers])
            start += masks[key]
        picked.append(named(expression, key))
    if shape.grain:
        bucket = column("day", "r") if shape.grain == "day" else column(shape.grain, "c")
        picked.append(named(bucket, "bucket"))
    last = parameter(start)
    picked += [named(_part(name, shape, last), name) for name in (*shape.parts, "n")]
    if shape.people:
        picked.append(named(column(shape.people, "r"), "who"))
    tree = exp.select(*picked).from_(exp.to_table(shape.table, alias="r"))
    if needs_calendar(shape):
        on = exp.EQ(this=column("day", "c"), expression=column("day", "r"))
        tree = tree.join(exp.to_table("calendar", alias="c"), on=on, copy=False)
    return tree.where(*conditions(shape), copy=False)


OPERATORS: dict[str, type[exp.Binary]] = {">": exp.GT, ">=": exp.GTE, "<": exp.LT, "<=": exp.LTE}


def _part(name: str, shape: Shape, last: exp.Expr) -> exp.Expr:
    """A column of the roll-up; with a limit, the numerator is the cases beyond it."""
    if name != "num" or shape.limit is None:
        return column(name, "r")
    beyond = OPERATORS[shape.limit](this=column("amount", "r"), expression=exp.cast(last, "DOUBLE"))
    yes, no = exp.Literal.number(1), exp.Literal.number(0)
    return exp.cast(exp.Case(ifs=[exp.If(this=beyond, true=yes)], default=no), "DOUBLE")


def _key(key: str, grouped: dict[str, tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]]) -> exp.Expr:
    """The column of a key, or the group that its value is in."""
    if key not in grouped:
        return column(key, "c" if key == "weekday" else "r")
    base, groups = grouped[key]
    ifs = []
    for group, values in groups:
        inside = exp.In(this=_key(base, {}), expressions=[exp.Literal.string(v) for v in values])
        ifs.append(exp.If(this=inside, true=exp.Literal.string(group)))
    return exp.Case(ifs=ifs)


def _masked(code: exp.Expr, visible: list[exp.Expr]) -> exp.Expr:
    if not visible:
        return exp.cast(exp.null(), "TEXT")
    return exp.Case(ifs=[exp.If(this=exp.In(this=code, expressions=visible), true=code.copy())])


def needs_calendar(shape: Shape) -> bool:
    grouped = any(base == "weekday" for _, base, _ in shape.groups)
    weekday = "weekday" in shape.keys or grouped or any(k.column == "weekday" for k in shape.kept)
    return weekday or shape.grain not in (None, "day")


def conditions(shape: Shape) -> list[exp.Expr]:
    found = _within(shape, "r")
    number = 3
    for kept in shape.kept:
        code = column(kept.column, "c" if kept.column == "weekday" else "r")
        values = [parameter(n) for n in range(number, number + kept.count)]
        number += kept.count
        found.append(keeps(code, values, kept))
    if shape.newest:
        found.append(exp.In(this=column("day", "r"), query=exp.Subquery(this=_newest(shape))))
    return found


def keeps(code: exp.Expr, values: list[exp.Expr], kept: Kept) -> exp.Expr:
    if not values:
        return exp.true() if kept.exclude else exp.false()
    inside: exp.Expr = exp.In(this=code, expressions=values)
    if kept.exclude:
        inside = exp.Or(this=exp.Not(this=inside), expression=exp.Is(this=code.copy(), expression=exp.null()))
    elif kept.or_unknown:
        inside = exp.Or(this=inside, expression=exp.Is(this=code.copy(), expression=exp.null()))
    return exp.Paren(this=inside) if isinstance(inside, exp.Or) else inside


def _within(shape: Shape, table: str) -> list[exp.Expr]:
    day = column("day", table)
    first = exp.GTE(this=day, expression=exp.cast(parameter(1), "DATE"))
    return [first, exp.LT(this=day.copy(), expression=exp.cast(parameter(2), "DATE"))]


def _newest(shape: Shape) -> exp.Select:
    """The newest day held of the period, or of each bucket."""
    tree = exp.select(named(exp.Max(this=column("day", "d")), "day")).from_(exp.to_table(shape.table, alias="d"))
    tree = tree.where(*_within(shape, "d"), copy=False)
    if shape.grain and shape.grain != "day":
        on = exp.EQ(this=column("day", "k"), expression=column("day", "d"))
        tree = tree.join(exp.to_table("calendar", alias="k"), on=on, copy=False).group_by(column(shape.grain, "k"))
    elif shape.grain:
        tree = tree.group_by(column("day", "d"))
    return tree


def _sums(shape: Shape, keys: tuple[str, ...]) -> exp.Select:
    picked = [named(column(key, "f"), key) for key in keys]
    if shape.form == DISTINCT:
        distinct = exp.Count(this=exp.Distinct(expressions=[column("item", "f")]))
        picked.append(named(distinct, "num"))
        picked += [total(part, "f") for part in (*(p for p in shape.parts if p != "item"), "n")]
    else:
        picked += [total(part, "f") for part in (*shape.parts, "n")]
    tree = exp.select(*picked).from_("f", copy=False)
    return tree.group_by(*(column(key, "f") for key in keys), copy=False) if keys else tree


def _sums_by_people(shape: Shape, keys: tuple[str, ...]) -> Steps:
    """As `_sums`, with `people` (how many stand behind a cell) and `biggest` (the rows of the busiest of them)."""
    sums = (*shape.parts, "n")
    names = [*keys, "who"]
    inner = exp.select(*(named(column(k, "f"), k) for k in names), *(total(part, "f") for part in sums))
    inner = inner.from_("f", copy=False).group_by(*(column(k, "f") for k in names), copy=False)
    picked = [named(column(key, "p"), key) for key in keys] + [total(part, "p") for part in sums]
    picked.append(named(exp.Count(this=column("who", "p")), "people"))
    known = exp.Not(this=exp.Is(this=column("who", "p"), expression=exp.null()))
    busiest = exp.Max(this=exp.Case(ifs=[exp.If(this=known, true=column("n", "p"))]))
    picked.append(named(busiest, "biggest"))
    tree = exp.select(*picked).from_("p", copy=False)
    tree = tree.group_by(*(column(key, "p") for key in keys), copy=False) if keys else tree
    return [("p", inner), ("s", tree)]


def _lifted(shape: Shape, keys: tuple[str, ...], tree: exp.Select) -> Steps:
    """Denominators summed over the dimension that they are not split by."""
    others = [column(key, "s") for key in keys if key != shape.over]
    whole = exp.Window(this=exp.Sum(this=column("den", "s")), partition_by=others)
    names = [s.alias for s in tree.selects]
    picked = [named(whole if name == "den" else column(name, "s"), name) for name in names]
    shares = exp.select(*picked).from_("s", copy=False)
    known = exp.Not(this=exp.Is(this=column(str(shape.over), "w"), expression=exp.null()))
    outer = exp.select(*(named(column(name, "w"), name) for name in names)).from_("w", copy=False)
    outer = outer.where(known, copy=False)
    return [("w", shares), ("x", outer)]


def _middles(shape: Shape, keys: tuple[str, ...]) -> Steps:
    """Middle values from the pooled histogram: the mean of the two middle rows, exact at every level."""
    groups = [column(key, "h") for key in keys]
    mirror = [p for p in shape.parts if p == "mirror"]
    counted = (
        exp.select(
            *(named(column(key, "f"), key) for key in keys),
            named(column("value", "f"), "value"),
            *(total(part, "f") for part in (*mirror, "n")),
        )
        .from_("f", copy=False)
        .group_by(*(column(key, "f") for key in keys), column("value", "f"), copy=False)
    )
    running = exp.Window(
        this=exp.Sum(this=column("n", "h")),
        partition_by=groups,
        order=exp.Order(expressions=[exp.Ordered(this=column("value", "h"))]),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )
    whole = exp.Window(this=exp.Sum(this=column("n", "h")), partition_by=[g.copy() for g in groups])
    names = (*keys, "value", *mirror, "n")
    placed = exp.select(
        *(named(column(name, "h"), name) for name in names), named(running, "upto"), named(whole, "whole")
    ).from_("h", copy=False)
    picked = [named(column(key, "m"), key) for key in keys]
    picked += [named(_middle(), "value"), *(total(part, "m") for part in (*mirror, "n"))]
    tree = exp.select(*picked).from_("m", copy=False)
    tree = tree.group_by(*(column(key, "m") for key in keys), copy=False) if keys else tree
    steps: Steps = [("h", counted), ("m", placed), ("v", tree)]
    return [*steps, *_with_people(shape, keys, tree)] if shape.people else steps


def _middle() -> exp.Expr:
    """The quantile hook: half the sum of the lower and the upper middle value."""
    twice = exp.Mul(this=exp.Literal.number(2), expression=column("upto", "m"))
    halves = []
    for compare in (exp.GTE, exp.GT):
        reached = compare(this=twice.copy(), expression=column("whole", "m"))
        halves.append(exp.Min(this=exp.Case(ifs=[exp.If(this=reached, true=column("value", "m"))])))
    both = exp.Paren(this=exp.Add(this=halves[0], expression=halves[1]))
    return exp.Div(this=exp.cast(both, "DOUBLE"), expression=exp.Literal.number(2))


def _with_people(shape: Shape, keys: tuple[str, ...], tree: exp.Select) -> Steps:
    """The middles with how many people stand behind each, joined on equal (or equally unknown) keys."""
    plain = Shape(table=shape.table, keys=shape.keys, grain=shape.grain, parts=(), people=shape.people)
    (_, inner), (_, behind) = _sums_by_people(plain, keys)
    names = [s.alias for s in tree.selects]
    step = "v" if shape.form == HISTOGRAM else "s"
    picked = [named(column(name, step), name) for name in names]
    picked += [named(column(name, "b"), name) for name in ("people", "biggest")]
    same = [exp.NullSafeEQ(this=column(key, step), expression=column(key, "b")) for key in keys]
    on = exp.and_(*same) if same else exp.true()
    return [("p", inner), ("b", behind), ("y", exp.select(*picked).from_(step).join("b", on=on, copy=False))]
