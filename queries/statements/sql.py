"""From a query and a viewer to SQL: the only place where a question becomes a statement.

There is no default viewer: every statement is compiled for one, `rights.judge` is asked each time, and what it
grants (which codes may come back by name, in which span, whose rows) becomes part of the statement itself. Nothing
of the question's text is in the SQL: values are numbered parameters, names come from the catalogue alone.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from queries.catalogue import Metric
from queries.periods import Period
from queries.privacy import rights
from queries.query import Query, Values
from queries.statements.credited import credited
from queries.statements.ground import Field, Ground, Statement, allowed, held
from queries.statements.listing import Rows
from queries.statements.rollups import form, grouping, parts, rollup, single_cases, who
from queries.statements.shapes import ADDITIVE, DISTINCT, HISTOGRAM, Kept, Shape
from queries.statements.standings import Contest
from queries.viewer import Viewer


def compile(  # noqa: A001
    query: Query, metric: str, ground: Ground, viewer: Viewer, count_people: bool | None = None
) -> Statement:
    """The statement of a break-down of one metric: one row per cell of `by` (and bucket of `grain`).

    Columns: the keys, `bucket` with a grain, then the parts: num, den (ratios, averages, scores, counts, stocks,
    shares) or value (medians), mirror where the metric has one of its own, n, and people, biggest where the cells
    are about people. Codes that the viewer may not see come back NULL, pooled into one row.

    Raises:
        NotAllowedError: the rights do not allow it.
        KeyError: the metric has no roll-up in this store.
    """
    scope = allowed(query, ground, viewer)
    definition = ground.catalogue.metrics[metric]
    period = _period(query, scope, ground)
    kept = _kept(query.about + query.where, definition, scope)
    keys = query.by
    groups = tuple((key, d.of, tuple(d.groups.items())) for key in keys if (d := grouping(key, ground)))
    bases = [next((base for k, base, _ in groups if k == key), key) for key in keys]
    needed = [*bases, *(name for name, _ in kept)]
    single = query.cases is not None
    own = credited(definition, kept, (), ground.catalogue, ground.directory, ground.tables)
    counted = scope.count_people if count_people is None else count_people
    table = single_cases(definition, needed, ground) if single else rollup(definition, needed, ground, counted, own)
    masks = [(key, _visible(scope, key)) for key in keys if key in ground.catalogue.unit_levels]
    hidden = [(key, codes) for key, codes in masks if codes is not None]
    shape = Shape(
        table=table,
        form=form(definition, ground.tables[table]),
        keys=keys,
        grain=query.grain,
        parts=parts(definition, ground.tables[table]),
        kept=tuple(k for _, k in _shapes(kept, definition)),
        newest=definition.kind == "stock",
        over=definition.over,
        people=None if own else who(ground, table),
        masks=tuple((key, len(codes)) for key, codes in hidden),
        limit=query.cases.op if query.cases else None,
        groups=groups,
    )
    values: list[Any] = [v for _, entry in kept for v in entry.values] + [code for _, codes in hidden for code in codes]
    values += [query.cases.value] if query.cases else []
    return Statement(shape, (*_days(period, ground), *values), metric, period, scope)


def compile_field(query: Query, metric: str, field: Field, ground: Ground, viewer: Viewer, salt: str) -> Statement:
    """The statement of a fair comparison of one metric among the units of a field; see `standings` for its columns.

    Raises:
        NotAllowedError: the rights do not allow it.
        KeyError: the metric has no roll-up in this store.
    """
    return _field(query, metric, field, ground, allowed(query, ground, viewer), salt)


def compile_prior(query: Query, metric: str, field: Field, ground: Ground, salt: str = "") -> Statement:
    """The statement behind priors and counter-metrics: units without any name, for nobody's eyes.

    Only the spread between the units is used, and which of the already recognised is held back.
    """
    nobody = rights.Scope(naming={})
    return _field(query, metric, field, ground, nobody, salt)


def _field(query: Query, metric: str, field: Field, ground: Ground, scope: rights.Scope, salt: str) -> Statement:
    definition = ground.catalogue.metrics[metric]
    period = _period(query, scope, ground)
    person = ground.catalogue.person_level
    home = ground.catalogue.levels[0].within[0] if field.level == person else field.level
    kept = _kept(query.where, definition, scope)
    own = credited(definition, kept, field.kinds, ground.catalogue, ground.directory, ground.tables)
    large = field.level not in ground.catalogue.levels[0].within[:1]  # of teams, those told by name are counted apart
    counted = scope.count_people and large
    table = rollup(definition, [field.level, *(name for name, _ in kept)], ground, counted, own)
    columns = ground.tables[table]
    visible = _visible(scope, field.level)
    own_mirror = query.side_of(metric) == "mirror" and definition.mirror_of == "own" and "mirror" in columns
    base = Shape(
        table=table,
        form=HISTOGRAM if definition.kind == "median" and not own_mirror else ADDITIVE,
        kept=tuple(k for _, k in _shapes(kept, definition)),
        newest=definition.kind == "stock",
        people=None if own else who(ground, table),
    )
    contest = Contest(
        base=base,
        level=field.level,
        home=home,
        kinds=len(field.kinds),
        places=tuple((name, len(codes)) for name, codes in field.places),
        visible=None if visible is None else len(visible),
        numerator="mirror" if own_mirror else "num",
        denominator="den" if "den" in columns else "n",
    )
    values = [v for _, entry in kept for v in entry.values]
    places = [code for _, codes in field.places for code in codes]
    rest = [home, *field.kinds, *places, *(visible or ()), salt]
    return Statement(contest, (*_days(period, ground), *values, *rest), metric, period, scope)


def compile_mix(query: Query, metric: str, ground: Ground, scope: rights.Scope, cells: tuple[str, ...]) -> Statement:
    """How many cases of some mix cells, and of all others (NULL), lie in each bucket of a series; no figures."""
    definition = ground.catalogue.metrics[metric]
    period = _period(query, scope, ground)
    kept = _kept(query.about + query.where, definition, scope)
    table = rollup(definition, ["mix", *(name for name, _ in kept)], ground)
    shapes = tuple(k for _, k in _shapes(kept, definition))
    masks = (("mix", len(cells)),)
    shape = Shape(table=table, keys=("mix",), grain=query.grain, parts=("den",), kept=shapes, masks=masks)
    values = [v for _, entry in kept for v in entry.values]
    return Statement(shape, (*_days(period, ground), *values, *cells), metric, period, scope)


def compile_weeks_of(metric: str, period: Period, people: tuple[str, ...], ground: Ground) -> Statement:
    """Sums per person and week, for nobody's eyes: typical curves and rows of blocks are made of them."""
    definition = ground.catalogue.metrics[metric]
    person = str(ground.catalogue.person_level)
    table = rollup(definition, [person], ground)
    shape = Shape(
        table=table, keys=(person,), grain="week", parts=parts(definition, ground.tables[table]),
        kept=(Kept(person, len(people)),),
    )  # fmt: skip
    return Statement(shape, (*_days(period, ground), *people), metric, period, rights.Scope(naming={}))


def compile_helped(query: Query, metric: str, ground: Ground, viewer: Viewer) -> Statement:
    """Distinct items per person in the span that the rights allow; only the first of them are told.

    Raises:
        NotAllowedError: the rights do not allow it.
    """
    scope = allowed(query, ground, viewer)
    definition = ground.catalogue.metrics[metric]
    period = _period(query, scope, ground)
    person = str(ground.catalogue.person_level)
    kept = _kept(query.about + query.where, definition, scope)
    table = rollup(definition, [person, *(name for name, _ in kept)], ground)
    shape = Shape(
        table=table, form=DISTINCT, keys=(person,), parts=parts(definition, ground.tables[table]),
        kept=tuple(k for _, k in _shapes(kept, definition)),
    )  # fmt: skip
    values = [v for _, entry in kept for v in entry.values]
    return Statement(shape, (*_days(period, ground), *values), metric, period, scope)


def compile_middles(
    query: Query, metric: str, level: str, codes: tuple[str, ...], shown: tuple[str, ...], ground: Ground,
    scope: rights.Scope,
) -> Statement:  # fmt: skip
    """The middle values of units beside a comparison: one row for each of `shown`, one (NULL) for the other `codes`.

    The rights were asked for the comparison; its scope says the span.
    """
    definition = ground.catalogue.metrics[metric]
    period = _period(query, scope, ground)
    kept = [*_kept(query.where, definition, scope), (level, Values.of(*codes))]
    table = rollup(definition, [level, *(name for name, _ in kept)], ground)
    shape = Shape(
        table=table, form=HISTOGRAM, keys=(level,), parts=parts(definition, ground.tables[table]),
        kept=tuple(k for _, k in _shapes(kept, definition)), masks=((level, len(shown)),),
    )  # fmt: skip
    values = [v for _, entry in kept for v in entry.values]
    return Statement(shape, (*_days(period, ground), *values, *shown), metric, period, scope)


def _period(query: Query, scope: rights.Scope, ground: Ground) -> Period:
    """The span asked for, or the one that the rights allow, as far as it is held."""
    period = scope.period or query.period
    if period is None:
        raise ValueError("a query without a period has no figures")
    return held(period, ground)


def _days(period: Period, ground: Ground) -> tuple[date, date]:
    """The days read: of those before the first that the store holds as a whole it knows only what changed later."""
    return max(period.start, ground.directory.first_day or period.start), period.end


def _kept(filters: tuple[tuple[str, Values], ...], metric: Metric, scope: rights.Scope) -> list[tuple[str, Values]]:
    """The restrictions of a query, and that of the scope on top."""
    kept = list(filters)
    if scope.people_within is not None:
        level, codes = scope.people_within
        kept.append((level, Values.of(*codes)))
    return kept


def _shapes(kept: list[tuple[str, Values]], metric: Metric) -> list[tuple[str, Kept]]:
    return [(name, Kept(name, len(v.values), v.exclude, name == metric.over)) for name, v in kept]


def _visible(scope: rights.Scope, level: str) -> tuple[str, ...] | None:
    """The codes of a level that may come back by name; None: all."""
    naming = scope.naming.get(level)
    if naming is None:
        return ()
    return None if naming.everyone else naming.codes


def compile_rows(query: Query, metric: str, ground: Ground, viewer: Viewer) -> Statement:
    """The statement of a list of single cases: day, units, dimensions, `amount` and what the metric shows of a row.

    Cases that count (the numerator of a rate), or those beyond the limit asked for; one more than asked, to tell
    whether there are others.

    Raises:
        NotAllowedError: the rights do not allow it.
        KeyError: the metric lists no single cases in this store.
    """
    scope = allowed(query, ground, viewer)
    definition = ground.catalogue.metrics[metric]
    period = _period(query, scope, ground)
    kept = _kept(query.about + query.where, definition, scope)
    table = single_cases(definition, [name for name, _ in kept], ground)
    shape = Rows(
        table=table,
        columns=tuple(c for c in ground.tables[table] if c not in ("num", "den", "n")),
        kept=tuple(k for _, k in _shapes(kept, definition)),
        counting=definition.kind == "ratio" and query.cases is None,
        limit=query.cases.op if query.cases else None,
        largest=query.order in ("most", "room_to_grow"),
        smallest=query.order == "least",
    )
    values: list[Any] = [v for _, entry in kept for v in entry.values]
    values += [query.cases.value] if query.cases else []
    return Statement(shape, (*_days(period, ground), *values, (query.rows or 0) + 1), metric, period, scope)


def whole(query: Query) -> Query:
    """The same question about the whole company, as one figure."""
    plain = query.with_(about=(), by=(), peers=(), having=(), grain=None, explain=None, target=None)
    return plain.with_(compare=(), previous=None, order=None, top=None)
