"""The SQL tree of a fair comparison: per unit and cell of the work's mix what was seen; the rest is `fair`'s.

The units compared come one by one, everybody else's work as one: it sets the company's rates and nothing more. A unit
that the viewer may not see by name comes back without its code, under a token that means nothing outside the store's
shelf.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from queries.statements.shapes import HISTOGRAM, Shape, Steps, chained, column, named, parameter, source, total

SUMS = ("num", "den", "n", "squares")


@dataclass(frozen=True)
class Contest:
    """The shape of a comparison: `base` says which rows, the rest which units are in it and which have names."""

    base: Shape
    level: str
    home: str
    """The level whose unit decides the kind of work: the level itself, or the team of a person."""
    kinds: int = 0
    places: tuple[tuple[str, int], ...] = ()
    """Columns of `units` with the number of values that the compared units lie in."""
    visible: int | None = None
    """How many codes may come back by name; None: all of them."""
    numerator: str = "num"
    denominator: str = "den"


def standings(contest: Contest) -> exp.Select:
    """A row per unit and mix cell: unit, token, shown, mix, num, den, n, squares; with people also people, biggest.

    `token` is NULL for the work of everybody who is not compared; `shown` is 0 for an own unit outside the field.
    """
    steps: Steps = [("f", _rows(contest)), ("b", _by_mix()), ("k", _marked(contest))]
    counted = contest.base.people is not None and contest.base.people != contest.level
    if counted:
        steps += _people()
    return chained([*steps, ("z", _result(counted))])


def first_parameter(contest: Contest) -> int:
    """The number of the first parameter after the period's and the restrictions'."""
    return 3 + sum(k.count for k in contest.base.kept)


def _rows(contest: Contest) -> exp.Select:
    """The rows with their unit, home and mix; a histogram as sums of ln(1 + value)."""
    base = replace(contest.base, keys=(), masks=(), parts=(), over=None, people=None)
    tree = source(base)
    picked = [named(column(contest.level, "r"), "unit"), named(column(contest.home, "r"), "home")]
    picked.append(named(column("mix", "r"), "mix"))
    if contest.base.people:
        picked.append(named(column(contest.base.people, "r"), "who"))
    if contest.base.form == HISTOGRAM:
        one_more = exp.Add(this=column("value", "r"), expression=exp.Literal.number(1))
        log = exp.Ln(this=exp.Paren(this=one_more))
        count = column("n", "r")
        picked += [named(exp.Mul(this=count, expression=log), "num"), named(count.copy(), "den")]
        squared = exp.Mul(this=exp.Mul(this=count.copy(), expression=log.copy()), expression=log.copy())
        return tree.select(*picked, named(squared, "squares"))
    picked += [named(column(contest.numerator, "r"), "num"), named(column(contest.denominator, "r"), "den")]
    return tree.select(*picked, named(exp.Literal.number(0), "squares"))


def _by_mix() -> exp.Select:
    keys = ("unit", "home", "mix")
    picked = [named(column(k, "f"), k) for k in keys] + [total(s, "f") for s in SUMS]
    return exp.select(*picked).from_("f", copy=False).group_by(*(column(k, "f") for k in keys), copy=False)


def _marked(contest: Contest) -> exp.Select:
    """As `b`, with names and tokens for the units compared and the own ones, and none for the rest."""
    on = exp.and_(
        exp.EQ(this=column("level", "u"), expression=parameter(first_parameter(contest))),
        exp.EQ(this=column("code", "u"), expression=column("home", "b")),
    )
    unit, one, zero = column("unit", "b"), exp.Literal.number(1), exp.Literal.number(0)
    shown = exp.Case(ifs=[exp.If(this=_shown(contest), true=one)], default=zero)
    codes = _codes(contest)
    kept = _shown(contest)
    if codes:
        kept = exp.Paren(this=exp.Or(this=exp.Paren(this=kept), expression=exp.In(this=unit, expressions=codes)))
    known = exp.and_(exp.Not(this=exp.Is(this=unit.copy(), expression=exp.null())), kept)
    token = exp.MD5(this=exp.Concat(expressions=[parameter(_salt(contest)), unit.copy()]))
    picked = [named(_name(contest, known), "unit"), named(_only(known, token), "token"), named(shown, "shown")]
    picked += [named(unit.copy(), "code")]
    picked += [named(column(name, "b"), name) for name in ("mix", *SUMS)]
    tree = exp.select(*picked).from_("b", copy=False)
    return tree.join(exp.to_table("units", alias="u"), on=on, join_type="left", copy=False)


def _only(when: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=when.copy(), true=value)])


def _name(contest: Contest, known: exp.Expr) -> exp.Expr:
    """The code where it may be seen, else NULL."""
    unit = column("unit", "b")
    if contest.visible is None:
        return _only(known, unit)
    codes = _codes(contest)
    return _only(exp.In(this=unit, expressions=codes), unit.copy()) if codes else exp.cast(exp.null(), "TEXT")


def _codes(contest: Contest) -> list[exp.Expr]:
    start = first_parameter(contest) + 1 + contest.kinds + sum(count for _, count in contest.places)
    return [parameter(n) for n in range(start, start + (contest.visible or 0))]


def _salt(contest: Contest) -> int:
    places = sum(count for _, count in contest.places)
    return first_parameter(contest) + 1 + contest.kinds + places + (contest.visible or 0)


def _shown(contest: Contest) -> exp.Expr:
    number = first_parameter(contest) + 1
    tests: list[exp.Expr] = []
    for name, count in (("kind", contest.kinds), *contest.places):
        if count:
            values = [parameter(n) for n in range(number, number + count)]
            tests.append(exp.In(this=column(name, "u"), expressions=values))
            number += count
    return exp.and_(*tests) if tests else exp.true()


def _people() -> Steps:
    keys = ("unit", "who")
    each = exp.select(*(named(column(k, "f"), k) for k in keys), total("n", "f")).from_("f", copy=False)
    each = each.group_by(*(column(k, "f") for k in keys), copy=False)
    known = exp.Not(this=exp.Is(this=column("who", "h"), expression=exp.null()))
    busiest = exp.Max(this=exp.Case(ifs=[exp.If(this=known, true=column("n", "h"))]))
    picked = [named(column("unit", "h"), "unit"), named(exp.Count(this=column("who", "h")), "people")]
    behind = exp.select(*picked, named(busiest, "biggest")).from_("h", copy=False).group_by(column("unit", "h"))
    return [("h", each), ("i", behind)]


def _result(counted: bool) -> exp.Select:
    keys = ("unit", "token", "shown", "mix")
    sums = [total(name, "k") for name in SUMS]
    tree = exp.select(*(named(column(key, "k"), key) for key in keys), *sums).from_("k", copy=False)
    tree = tree.group_by(*(column(key, "k") for key in keys), copy=False)
    if not counted:
        return tree
    on = exp.EQ(this=column("unit", "i"), expression=column("code", "k"))
    behind = [named(exp.Max(this=column(n, "i")), n) for n in ("people", "biggest")]
    return tree.select(*behind).join("i", on=on, join_type="left", copy=False)
