"""Random queries over the real catalogue and company, of the shapes that the reading makes: for the law."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache

from queries import catalogue as catalogues
from queries import periods
from queries.catalogue import Catalogue, Metric
from queries.directory import Directory, directory, viewer
from queries.periods import Calendar, Period
from queries.query import COMPARES, GRAINS, OPS, ORDERS, Having, Query, Values, filter_of
from queries.reach import dimensions_of, has_level, has_unit
from queries.viewer import Viewer
from tests.fakestore import FERNWAY, store

TODAY = date(2026, 11, 18)
ASKERS = (
    "omar.osei", "jonas.moreau", "hana.petrov", "victor.holm", "piotr.vargas", "ines.laurent", "andre.osei",
    "nadia.weiss",
)  # fmt: skip


@cache
def company() -> tuple[Catalogue, Directory]:
    """The sample company at its full size."""
    catalogue = catalogues.load(FERNWAY)
    return catalogue, directory(store("full", 7), catalogue)


def asker(login: str) -> Viewer:
    """Someone of the sample company."""
    catalogue, people = company()
    found = viewer(login, people, catalogue)
    assert found is not None, login
    return found


def period(rng: random.Random) -> Period:
    """Any period that has begun."""
    calendar = Calendar.of(company()[0].company)
    if rng.random() < 0.3:
        start = TODAY - timedelta(days=rng.randrange(0, 700))
        return Period(start, min(start + timedelta(days=rng.randrange(1, 120)), TODAY + timedelta(days=1)))
    unit = rng.choice(["day", "week", "month", "quarter", "year"])
    return rng.choice([
        periods.last(unit, rng.randrange(1, 5), TODAY, calendar), periods.to_date(unit, TODAY, calendar),
        periods.rolling("week", 13, TODAY),
    ])  # fmt: skip


def query(rng: random.Random, who: Viewer) -> Query | None:
    """A query, or None when the draw does not fit together."""
    catalogue, _people = company()
    metrics = [rng.choice(list(catalogue.metrics.values()))]
    while rng.random() < (0.15 if len(metrics) == 1 else 0.3) and len(metrics) < 4:
        metrics.append(rng.choice([m for m in catalogue.metrics.values() if m not in metrics]))
    sides = tuple(_side(rng, m) for m in metrics)
    keys = tuple(m.key for m in metrics)
    explain = rng.choice([None] * 8 + ["definition", "drivers", "next_step", "streak", "personal_best"])
    if explain == "definition":
        return Query(keys, sides, explain=explain)
    about = _about(rng, metrics, who)
    if about is None:
        return None
    dims = sorted(set.intersection(*[set(dimensions_of(m, catalogue)) for m in metrics]))
    by, order, top, compare, peers, having = set(), None, None, set(), (), []
    if not explain:
        by, compare, peers = _cut(rng, metrics, about, dims)
        if by and rng.random() < 0.4:
            order, top = _order(rng, metrics[0], sides[0]), rng.choice([None, rng.randrange(1, 20)])
            compare |= {"previous"} if order == "most_improved" else set()
        having = [_having(rng, metrics)] if rng.random() < (0.25 if by else 0.08) else []
    for m in metrics:
        if m.over and not explain:
            by.add(m.over)
        if m.over and m.over not in dims:
            return None
    span = period(rng)
    back = rng.choice([periods.before(span, "day", span.days), periods.year_ago(span, "day")])
    counts = all(_countable(m, s) for m, s in zip(metrics, sides, strict=True)) and rng.random() < 0.15
    return Query(
        keys, sides, show="count" if counts else "rate", about=about, by=tuple(by), where=_where(rng, metrics, dims),
        period=span, grain=rng.choice([None, None, None, *GRAINS[:2]]) if not explain else None, compare=tuple(compare),
        previous=back if "previous" in compare else None, order=order, top=top, peers=peers,
        target=rng.choice([None, "standard", "typical", "top_quarter", ("place", rng.randrange(1, 12))])
        if explain == "next_step" else None,
        having=() if counts else tuple(having), explain=explain,
    )  # fmt: skip


def _side(rng: random.Random, m: Metric) -> str:
    return "mirror" if m.mirror_label and m.mirror_label != m.label and rng.random() < 0.4 else "metric"


def _countable(m: Metric, side: str) -> bool:
    return m.kind in ("ratio", "stock", "share", "count") or (side == "mirror" and m.mirror_of == "own")


def _about(rng: random.Random, metrics: list[Metric], who: Viewer):  # type: ignore[no-untyped-def]
    catalogue, people = company()
    level = rng.choice([x.key for x in catalogue.levels])
    if level == catalogue.whole:
        return ()
    if level == catalogue.person_level:
        login = who.login if rng.random() < 0.4 else rng.choice(sorted(people.people))
        fits = all(not m.feeds or people.people[login].work in m.feeds for m in metrics)
        return filter_of({level: Values.of(login)}) if fits else None
    codes = [
        u.code for u in people.units_of(level) if all(has_unit(m, level, u.code, catalogue, people) for m in metrics)
    ]
    return filter_of({level: Values.of(rng.choice(codes))}) if codes else None


def _cut(rng: random.Random, metrics: list[Metric], about, dims):  # type: ignore[no-untyped-def]
    catalogue, people = company()
    levels = [x for x in catalogue.unit_levels if all(has_level(m, x, catalogue) for m in metrics)]
    plain = [d for d in dims if not catalogue.dimensions[d].of]
    by = {rng.choice(plain + levels)} if rng.random() < 0.4 else set()
    if by and rng.random() < 0.1:
        by = {rng.choice(plain + levels), *(d for d in dims if catalogue.dimensions[d].of or f"{d}_group" in dims)}
    compare = {rng.choice(COMPARES)} if rng.random() < 0.35 else set()
    peers = ()
    if "others" in compare and not about:
        compare = set()
    if "others" in compare:
        level = about[0][0]
        by = {b for b in by if b in dims} | {level}
        top = catalogue.unit_levels[-1]
        if level != top and rng.random() < 0.4:
            peers = filter_of({top: Values.of(rng.choice([u.code for u in people.units_of(top)]))})
    return by, compare, peers


def _order(rng: random.Random, m: Metric, side: str) -> str:
    order = rng.choice(ORDERS)
    direction = m.direction if side == "metric" else m.mirror_direction
    return "most" if order == "best" and direction == "context" else order


def _having(rng: random.Random, metrics: list[Metric]) -> Having:
    m, op = rng.choice(metrics), rng.choice(OPS)
    if op.endswith("standard"):
        return Having(m.key, op)
    return Having(
        m.key, op, rng.choice([0.05, 0.8, 0.125] if m.kind in ("ratio", "stock", "share") else [5.0, 30.0, 1.5])
    )


def _where(rng: random.Random, metrics: list[Metric], dims: list[str]):  # type: ignore[no-untyped-def]
    catalogue, _ = company()
    found = {}
    for key in rng.sample(dims, min(len(dims), rng.choice([0, 0, 0, 1, 1, 2]))):
        values = sorted(catalogue.dimensions[key].values)
        if values and not catalogue.dimensions[key].of and not any(m.over == key for m in metrics):
            chosen = rng.sample(values, min(len(values), rng.choice([1, 1, 2])))
            found[key] = Values.of(*chosen, exclude=rng.random() < 0.25)
    return filter_of(found)
