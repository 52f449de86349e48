"""The desk: all that a page or a command sees. One viewer, one store version, one day."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from queries.answers.answer import ANSWER, CHOICES, REFUSED, UNREAD, Answer, Column, Offer, Used
from queries.answers.beside import beside
from queries.answers.explain import definition
from queries.answers.follow import follow_ups, headline_metrics, starters
from queries.answers.lever import lever
from queries.answers.part import Part, told_together
from queries.answers.recognition import Award, lifted, recognition
from queries.answers.route import check, part
from queries.answers.shown import shown_board
from queries.catalogue import Catalogue, counts_only
from queries.directory import Directory, Store
from queries.figures import label
from queries.labels import subject
from queries.library import Shared
from queries.outcomes import Choices, Outcome, Reading, Refused, Unread
from queries.privacy.rights import offering
from queries.privacy.scope import Case, Refusal
from queries.privacy.sees import Sight
from queries.query import Query, metric_query
from queries.reading.knowing import prepare
from queries.reading.read import read
from queries.reading.telling import asks_for_place, sentences
from queries.said import said
from queries.setting import Setting
from queries.state.disputes import disputed
from queries.state.named import opted_out
from queries.state.tables import State
from queries.state.taught import pairs, words
from queries.statements.ground import Ground, NotAllowedError, NotHeldError, Statement, allowed
from queries.viewer import Viewer

NO_FIGURE, MOST_NEAR = ("no_figure", "not_held"), 3


class Desk:
    """Answers questions for one viewer. `shared` is what desks on the same store have in common."""

    def __init__(
        self,
        catalogue: Catalogue,
        store: Store,
        viewer: Viewer,
        today: date,
        state: State | None = None,
        shared: Shared | None = None,
    ) -> None:
        self.catalogue, self.store, self.viewer, self.today, self.state = catalogue, store, viewer, today, state
        self.shared = shared or Shared(catalogue)
        self.shelf = self.shared.shelf(store)
        ground = Ground(catalogue, self.shelf.directory, today, self.shelf.tables, self.shelf.sights)
        unnamed = opted_out(state) if state is not None else frozenset()
        open_ones = disputed(state) if state is not None else frozenset()
        self.setting = Setting(ground, self.shelf, viewer, unnamed, open_ones)
        self.words = self.shared.taught(pairs(words(state))) if state is not None else catalogue
        """The catalogue with the words that the company taught, for the reading."""
        self.shelf.keep(("words", id(self.words)), lambda: prepare(self.words, self.directory))

    @property
    def directory(self) -> Directory:
        return self.shelf.directory

    def allowed(self, query: Query) -> bool:
        """Whether the viewer may have this query answered; no figures are looked at."""
        try:
            allowed(query, self.setting.ground, self.viewer)
        except NotAllowedError:
            return False
        return True

    def said(self, query: Query) -> str:
        """The query in plain words."""
        return said(query, self.catalogue, self.directory, self.viewer)

    def _said(self, query: Query) -> str:
        """The query in words; nothing for an edited one that names what is not held."""
        try:
            return self.said(query)
        except (KeyError, ValueError):
            return ""

    def suggestions(self) -> list[dict[str, Any]]:
        """Questions that work for this viewer, to begin with."""
        return [Offer(self.said(q), q).to_json() for q in starters(self.setting) if self.allowed(q)]

    def say(self, situation: str, **values: Any) -> str:
        """A sentence of the company's wording."""
        return self.setting.say(situation, **values)

    def recognition(self, metric: str) -> tuple[Award, ...]:
        """Who is to be named for a metric, level by level, and which places were lifted together."""
        definition = self.catalogue.metrics[metric]
        levels = self.catalogue.unit_levels
        found = [award for level in levels for award in recognition(definition, level, self.setting)]
        return (*found, *lifted(definition, self.setting))

    def helps_most(self, query: Query) -> str:
        """What helps most right now, of a comparison of one unit with others; empty where nothing stands out."""
        if not query.compare or not query.by or not self.allowed(query):
            return ""
        shown = shown_board(query, query.metrics[0], query.by[0], self.setting)
        if len(shown.found.own) != 1 or shown.withheld(shown.found.own[0]):
            return ""
        found = lever(query, shown.found, self.setting)
        return self.setting.say("helps_most", help=found) if found else ""

    def ask(self, text: str, after: Query | None = None, read_only: bool = False) -> Answer:
        """The answer to a question as typed; `after` is the query that it follows up."""
        start = time.perf_counter()
        outcome = read(text, self.words, self.directory, self.viewer, self.today, after)
        if isinstance(outcome, Unread) and outcome.kind in NO_FIGURE and not outcome.unused and after is None:
            outcome = self._with_headline(text, outcome)
        spent = (time.perf_counter() - start) * 1000
        found = self._of_outcome(outcome, read_only, after)
        if found.place and asks_for_place(text):
            found = found.with_(headline=f"{found.headline} {found.place}")
        if read_only and found.outcome != ANSWER:
            found = found.with_(read_only=True, notes=(*found.notes, found.headline))
        ms = {"read": spent, "query": found.ms.get("query", 0.0), "total": (time.perf_counter() - start) * 1000}
        return self._signed(found).with_(question=text, ms=ms)

    def _with_headline(self, text: str, outcome: Unread) -> Outcome:
        """A question that names no figure, asked of the headline ones: what works is offered, what no one gets told."""
        labels = [self.catalogue.metrics[key].label.lower() for key in headline_metrics(self.setting)]
        tried = [self._words_read(f"{text} {label_}") for label_ in labels]
        if tried and all(isinstance(one, Refused) and one.refusal.key == "people_least" for one in tried):
            return tried[0]
        alone = {one.said for x in labels if isinstance(one := self._words_read(x), Reading)}
        works = [o.said for o in tried if isinstance(o, Reading) and not o.unused and o.said not in alone]
        works = works or [self.said(q) for o in tried if isinstance(o, Refused) for q in _nearest(o)]
        if not works:
            return outcome
        return replace(outcome, nearest=tuple(works[:MOST_NEAR]), reason=sentences()["unread"]["no_figure"])

    def _words_read(self, text: str) -> Outcome:
        return read(text, self.words, self.directory, self.viewer, self.today)

    def answer(self, query: Query, read_only: bool = False) -> Answer:
        """The answer to a ready-made query."""
        start = time.perf_counter()
        try:
            check(query)
            scope = allowed(query, self.setting.ground, self.viewer)
            found = self._read(query) if read_only else self._answered(query, scope.logged)
        except NotAllowedError as refused:
            found = self._refused(self._offering(refused.refusal, query), query)
        except NotHeldError as unknown:
            found = self._refused(Refusal("not_held", {"what": str(unknown.args[0])}), query)
        spent = (time.perf_counter() - start) * 1000
        return self._signed(found).with_(said=self._said(query), ms={"read": 0.0, "query": spent, "total": spent})

    def _signed(self, found: Answer) -> Answer:
        return found.with_(login=self.viewer.login, on=self.today, store=self.store.version, as_of=self.shelf.as_of)

    def _of_outcome(self, outcome: Outcome, read_only: bool, after: Query | None) -> Answer:
        marks = tuple((m.start, m.end, m.how, m.part) for m in outcome.marks)
        if isinstance(outcome, Reading):
            found = self.answer(outcome.query, read_only)
            timed = after is not None or any(m.part == "when" for m in outcome.marks)
            found = found if read_only or timed else self._with_beside(found, outcome)
            return found.with_(said=outcome.said, assumed=outcome.assumed, unused=outcome.unused, marks=marks)
        if isinstance(outcome, Choices):
            offers = tuple(Offer(c.said, c.query) for c in outcome.choices)
            headline = outcome.why or self.setting.say("choices_told")
            found = Answer(CHOICES, headline, choices=offers, assumed=outcome.assumed)
            return found.with_(unused=outcome.unused, marks=marks)
        if isinstance(outcome, Refused):
            found = self._refused(outcome.refusal, outcome.query)
            return found.with_(said=outcome.said, assumed=outcome.assumed, marks=marks)
        near = tuple(self._offer(text) for text in outcome.nearest)
        return Answer(UNREAD, outcome.reason, unused=outcome.unused, marks=marks, nearest=tuple(o for o in near if o))

    def _with_beside(self, found: Answer, outcome: Reading) -> Answer:
        """The answer with the second default period beside it, when no time was said and none is followed up."""
        told = found.outcome == ANSWER and (found.rows or not outcome.query.having)
        more = beside(outcome.query, found.pictures, self.setting) if told else None
        if more is None:
            return found
        used = (*found.used, *(self._used(s) for s in more.statements))
        periods = (*found.periods, *more.periods)
        said = f"{found.headline} {more.sentences[0]}"
        pictures = (more.picture,) if more.picture else found.pictures
        return found.with_(headline=said, periods=periods, used=used, pictures=pictures)

    def _offer(self, text: str) -> Offer | None:
        outcome = read(text, self.words, self.directory, self.viewer, self.today)
        return Offer(text, outcome.query) if isinstance(outcome, Reading) else None

    def _read(self, query: Query) -> Answer:
        return Answer(ANSWER, query=query, read_only=True)

    def _answered(self, query: Query, logged: tuple[str, ...]) -> Answer:
        parts = []
        catalogue = self.setting.ground.catalogue
        for metric in query.metrics:
            one = metric_query(query, metric)
            if one.show == "rate" and counts_only(one.by, catalogue.metrics[metric], catalogue):
                one = one.with_(show="count")
            parts.append(part(one, metric, allowed(one, self.setting.ground, self.viewer), self.setting))
        if parts and all(p.empty for p in parts):
            return self._too_small(query, parts)
        return self._joined(query, parts, logged)

    def _too_small(self, query: Query, parts: list[Part]) -> Answer:
        """Every cell had to be withheld: a refusal, with a longer time or a larger group to ask for instead."""
        scope = allowed(query, self.setting.ground, self.viewer)
        refusal = Refusal("too_small", {"least": max(scope.people_min, scope.cases_min)})
        return self._refused(self._offering(refusal, query), query)

    def _offering(self, refusal: Refusal, query: Query) -> Refusal:
        """A refusal that only the figures brought about, with what can be asked instead as well."""
        case = Case(query, Sight(self.viewer, self.catalogue, self.directory), self.today)
        return refusal if refusal.instead else offering(refusal, case)

    def _joined(self, query: Query, parts: list[Part], logged: tuple[str, ...]) -> Answer:
        several = len(parts) > 1
        columns: dict[str, Column] = {"metric": Column("metric", "what", "text")} if several else {}
        rows: list[Mapping[str, Any]] = []
        for key, one in zip(query.metrics, parts, strict=True):
            name = label(self.catalogue.metrics[key], query.side_of(key))
            columns |= {c.key: columns[c.key].beside(name, c) if c.key in columns else c for c in one.columns}
            rows += [{"metric": key, "metric.name": name, **row} for row in one.rows]
        person = self.catalogue.person_level
        return Answer(
            ANSWER,
            headline=told_together(parts, subject(query, self.shelf, self.viewer), self.today),
            query=query,
            columns=tuple(columns.values()),
            rows=tuple(rows),
            notes=tuple(dict.fromkeys(n for one in parts for n in one.notes)),
            periods=tuple(dict.fromkeys(p for one in parts for p in one.periods)),
            pictures=tuple(one.picture for one in parts if one.picture),
            next_step=" ".join(dict.fromkeys(one.next_step for one in parts if one.next_step)),
            place=" ".join(
                f"{label(self.catalogue.metrics[key], query.side_of(key))}: {one.place}" if several else one.place
                for key, one in zip(query.metrics, parts, strict=True)
                if one.place
            ),
            definition="\n\n".join(
                definition(self.catalogue.metrics[key], query.side_of(key), self.setting) for key in query.metrics
            ),
            follow_ups=tuple(Offer(self.said(q), q) for q in follow_ups(query, self.setting) if self.allowed(q)),
            used=tuple(self._used(s) for one in parts for s in one.statements),
            logged=tuple(p for p in logged if person not in query.by or any(row.get(person) == p for row in rows)),
            exportable=person not in columns or not any(row.get(person) != self.viewer.login for row in rows),
        )

    def _used(self, statement: Statement) -> Used:
        """A statement as it may be shown: without the salt that makes codes unreadable."""
        shown = tuple("…" if p == self.shelf.salt else p for p in statement.parameters)
        return Used(statement.metric, self.shelf.text(statement), shown)

    def _refused(self, refusal: Refusal, query: Query | None) -> Answer:
        offers = tuple(Offer(self.said(q), q) for q in refusal.instead)
        return Answer(REFUSED, headline=refusal_words(refusal, self.setting), query=query, nearest=offers)


def _nearest(refused: Refused) -> tuple[Query, ...]:
    """Of what can be asked instead, the one that is shown by the same."""
    instead = refused.refusal.instead
    by = refused.query.by if refused.query else ()
    return tuple(q for q in instead if q.by == by)[:1] or instead[:1]


def refusal_words(refusal: Refusal, at: Setting) -> str:
    """The sentence of a refusal; its values in the words of the catalogue."""
    values = {key: value for key, value in refusal.values.items() if isinstance(value, str | int | float)}
    metric = at.ground.catalogue.metrics.get(str(refusal.values.get("metric", "")))
    if metric is not None:
        values["label"] = label(metric, "metric")
    key = f"refused_{refusal.key}"
    needed = {name: values.get(name, "") for name in at.shelf.wording.fields(key)}
    return at.say(key, **needed)
