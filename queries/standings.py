"""The SQL tree of a fair comparison: per unit what was seen, and what its own mix of work would lead one to expect.

One statement returns, for each unit of a level, the plain sums, the expected sum with the unit's own mix at the
company's rates (indirect standardisation), the overlap of its mix with that of the units compared
(cases in common) and the shrunk direct rate, so that Python only sees one row a unit. Mix cells under 200
cases of the company are pooled. Formulas: reward_rules, section 5. A unit that the viewer may not see by name comes
back without its code, under a token that means nothing outside this one desk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from queries.shapes import HISTOGRAM, Shape, Steps, chained, column, named, parameter, source, total

CELL_MINIMUM = 200
"""Mix cells with fewer cases in the whole company are pooled into one."""
DIRECT_PRIOR = 20
"""Cases of the company's rate mixed into each cell of the direct rate."""


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
    """One row a unit: unit, token, shown, num, den, n, squares, expected, overlap, moved and the whole's num, den,
    n, squares (all_…); with people also people and biggest."""
    steps: Steps = [("f", _rows(contest)), ("b", _by_mix()), ("k", _marked(contest)), *_rates()]
    unit_totals = exp.select(named(column("unit", "k"), "unit"), total("den", "k")).from_("k")
    steps.append(("t", unit_totals.group_by(column("unit", "k"))))
    if contest.base.people:
        steps += _people()
    steps += [("z", _result(contest))]
    return chained(steps)


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


SUMS = ("num", "den", "n", "squares")


def _by_mix() -> exp.Select:
    keys = ("unit", "home", "mix")
    picked = [named(column(k, "f"), k) for k in keys] + [total(s, "f") for s in SUMS]
    return exp.select(*picked).from_("f").group_by(*(column(k, "f") for k in keys))


def _marked(contest: Contest) -> exp.Select:
    """As `b`, with the cases of the units compared in `peer_den` (0 for those only in the company's rates)."""
    on = exp.and_(
        exp.EQ(this=column("level", "u"), expression=parameter(first_parameter(contest))),
        exp.EQ(this=column("code", "u"), expression=column("home", "b")),
    )
    zero = exp.Literal.number(0)
    shown = exp.Case(ifs=[exp.If(this=_shown(contest), true=column("den", "b"))], default=zero)
    picked = [named(column(name, "b"), name) for name in ("unit", "mix", *SUMS)]
    tree = exp.select(*picked, named(shown, "peer_den")).from_("b")
    return tree.join(exp.to_table("units", alias="u"), on=on, join_type="left")


def _rates() -> Steps:
    """Per mix cell the company's rate (small cells pooled) and the cell's share in the work of the units compared."""
    names = (*SUMS, "peer_den")
    cell = exp.select(named(column("mix", "k"), "mix"), *(total(s, "k") for s in names)).from_("k")
    small = exp.LT(this=column("den", "c"), expression=exp.Literal.number(CELL_MINIMUM))
    whole = exp.select(*(named(exp.Sum(this=column(s, "c")), f"all_{s}") for s in names)).from_("c")
    for name in ("num", "den"):
        pooled = exp.Sum(this=exp.Case(ifs=[exp.If(this=small.copy(), true=column(name, "c"))]))
        whole = whole.select(named(pooled, f"small_{name}"))
    over, under = (
        exp.Case(ifs=[exp.If(this=small.copy(), true=column(f"small_{name}", "a"))], default=column(name, "c"))
        for name in ("num", "den")
    )
    rate = named(_divided(over, under), "rate")
    share = named(_divided(column("peer_den", "c"), column("all_peer_den", "a")), "share")
    carried = [named(column(f"all_{s}", "a"), f"all_{s}") for s in SUMS]
    rates = exp.select(named(column("mix", "c"), "mix"), rate, share, *carried).from_("c").join("a", join_type="cross")
    return [("c", cell.group_by(column("mix", "k"))), ("a", whole), ("e", rates)]


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
    each = exp.select(*(named(column(k, "f"), k) for k in keys), total("n", "f")).from_("f")
    each = each.group_by(*(column(k, "f") for k in keys))
    known = exp.Not(this=exp.Is(this=column("who", "h"), expression=exp.null()))
    busiest = exp.Max(this=exp.Case(ifs=[exp.If(this=known, true=column("n", "h"))]))
    picked = [named(column("unit", "h"), "unit"), named(exp.Count(this=column("who", "h")), "people")]
    behind = exp.select(*picked, named(busiest, "biggest")).from_("h").group_by(column("unit", "h"))
    return [("h", each), ("i", behind)]


def _divided(over: exp.Expr, under: exp.Expr) -> exp.Expr:
    """A quotient as DOUBLE, NULL over nothing."""
    zero = exp.Literal.number(0)
    return exp.Div(this=exp.cast(over, "DOUBLE"), expression=exp.Nullif(this=under, expression=zero))


def _result(contest: Contest) -> exp.Select:
    rate, share, den = column("rate", "e"), column("share", "e"), column("den", "k")
    expected = exp.Mul(this=den, expression=rate)
    unit = column("unit", "k")
    picked = [named(_name(contest), "unit"), named(_token(contest), "token")]
    picked.append(named(exp.Max(this=column("peer_den", "k")), "shown"))
    picked += [total(s, "k") for s in SUMS]
    picked += [
        named(exp.Sum(this=expected), "expected"),
        named(exp.Sum(this=_smaller(share, den)), "overlap"),
        named(exp.Sum(this=exp.Mul(this=share.copy(), expression=_moved(rate, den))), "moved"),
    ]
    picked += [named(exp.Max(this=column(f"all_{s}", "e")), f"all_{s}") for s in SUMS]
    known = exp.Not(this=exp.Is(this=unit.copy(), expression=exp.null()))
    tree = exp.select(*picked).from_("k").where(known)
    tree = tree.join("e", on=exp.NullSafeEQ(this=column("mix", "e"), expression=column("mix", "k")))
    tree = tree.join("t", on=exp.EQ(this=column("unit", "t"), expression=unit.copy()))
    if contest.base.people:
        tree = tree.join("i", on=exp.EQ(this=column("unit", "i"), expression=unit.copy()))
        tree = tree.select(*(named(exp.Max(this=column(n, "i")), n) for n in ("people", "biggest")))
    return tree.group_by(unit)


def _smaller(share: exp.Expr, den: exp.Expr) -> exp.Expr:
    """The cases of a cell that the unit shares with the others' mix: min(den, share of the others x own cases)."""
    alike = exp.Mul(this=share.copy(), expression=column("den", "t"))
    less = exp.LT(this=den.copy(), expression=alike)
    return exp.Case(ifs=[exp.If(this=less, true=den.copy())], default=alike.copy())


def _moved(rate: exp.Expr, den: exp.Expr) -> exp.Expr:
    """How far the unit's own shrunk rate in a cell lies from the company's."""
    prior = exp.Mul(this=exp.Literal.number(DIRECT_PRIOR), expression=rate.copy())
    seen = exp.Paren(this=exp.Add(this=column("num", "k"), expression=prior))
    cases = exp.Paren(this=exp.Add(this=den.copy(), expression=exp.Literal.number(DIRECT_PRIOR)))
    return exp.Paren(this=exp.Sub(this=_divided(seen, cases), expression=rate.copy()))


def _codes_start(contest: Contest) -> int:
    return first_parameter(contest) + 1 + contest.kinds + sum(count for _, count in contest.places)


def _name(contest: Contest) -> exp.Expr:
    """The code where it may be seen, else NULL."""
    unit = column("unit", "k")
    if contest.visible is None:
        return unit
    if not contest.visible:
        return exp.cast(exp.null(), "TEXT")
    start = _codes_start(contest)
    values = [parameter(n) for n in range(start, start + contest.visible)]
    return exp.Case(ifs=[exp.If(this=exp.In(this=unit, expressions=values), true=unit.copy())])


def _token(contest: Contest) -> exp.Expr:
    number = _codes_start(contest) + (contest.visible or 0)
    return exp.MD5(this=exp.Concat(expressions=[parameter(number), column("unit", "k")]))
