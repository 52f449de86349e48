"""Helped most: whose tips were used by most different colleagues, the first three of each kind of work.

Counted over whole sealed blocks; with consent, named in alphabetical order, and nobody else is in a list.
"""

from __future__ import annotations

from dataclasses import dataclass

from queries.answers.answer import Column
from queries.answers.part import Part
from queries.catalogue import Metric
from queries.fairness.progress import is_newcomer
from queries.figures import label
from queries.labels import joined, unit_name, value_name
from queries.numbers import plain_number, span_in, span_text
from queries.query import Query
from queries.setting import Setting
from queries.statements import sql

TOP, LEAST = 3, 3
"""So many are named of each kind of work; each has helped at least so many colleagues."""


@dataclass(frozen=True)
class Helper:
    login: str
    work: str
    count: int


def counts_people(query: Query, metric: Metric, at: Setting) -> bool:
    """Whether a question asks for people by the number of different colleagues: only the first are told."""
    person = at.ground.catalogue.person_level
    listed = query.by == (person,) and not query.grain and (bool(query.order) or not query.about)
    return listed and metric.kind == "count" and "item" in at.ground.tables.get(f"m_{metric.key}", ())


def helped(query: Query, metric_key: str, at: Setting) -> Part:
    """Who helped most, by kind of work: that of the asker, or every one."""
    metric = at.ground.catalogue.metrics[metric_key]
    statement = sql.compile_helped(query, metric_key, at.ground, at.viewer)
    person, works = at.ground.catalogue.person_level or "", at.shelf.directory.people
    counts: dict[str, int] = {}
    for row in at.shelf.run(statement):
        if row[person]:
            counts[row[person]] = counts.get(row[person], 0) + int(row["num"] or 0)
    mine = at.viewer.work
    named = [
        h for h in first_of([Helper(p, works[p].work, n) for p, n in counts.items() if p in works], at)
        if not mine or h.work == mine
    ]  # fmt: skip
    named.sort(key=lambda h: unit_name(at.shelf.directory, at.ground.catalogue, person, h.login))
    names = [unit_name(at.shelf.directory, at.ground.catalogue, person, h.login) for h in named]
    span = span_in(statement.period, at.today)
    said = at.say("helped_most", span=span, names=joined(names)) if names else at.say("helped_nobody", span=span)
    own = counts.get(at.viewer.login, 0)
    beside = own and at.viewer.login not in {h.login for h in named}
    more = at.say("helped_you", count=plain_number(own, 0)) if beside else ""
    columns = (
        Column(person, "who", "unit"), Column("work", "kind of work", "text"),
        Column("count", metric.unit or label(metric, "metric"), "count"),
    )  # fmt: skip
    rows = tuple(
        {person: h.login, f"{person}.name": name, "work": value_name(at.shelf, "work", h.work), "count": h.count}
        for h, name in zip(named, names, strict=True)
    )
    dates = span_text(statement.period, at.today)
    notes = (at.say("note_blocks", span=dates),) if statement.scope.period else ()
    return Part(
        tuple(s for s in (said, more) if s), columns, rows, notes, ((label(metric, "metric"), statement.period),),
        statements=(statement,),
    )  # fmt: skip


def first_of(helpers: list[Helper], at: Setting) -> list[Helper]:
    """The first three of each kind of work and those level with the third; no newcomers, nobody against their wish."""
    person, found = at.ground.catalogue.person_level, []
    people = at.shelf.directory.people
    able = [
        h for h in helpers
        if h.count >= LEAST and h.login not in at.unnamed and people[h.login].covers[0] == person
        and not is_newcomer(people[h.login].since, at.today)
    ]  # fmt: skip
    for work in sorted({h.work for h in able}):
        ranked = sorted((h for h in able if h.work == work), key=lambda h: -h.count)
        bar = ranked[min(TOP, len(ranked)) - 1].count
        level = [h for h in ranked if h.count >= bar]
        found += level if len(level) <= 2 * TOP else [h for h in ranked if h.count > bar]
    return found
