"""What is kept between questions is nobody's: among others, everybody is told what they would be told alone."""

from __future__ import annotations

import gc
import random
import secrets
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from queries import Desk, Shared, directory
from queries.directory import Person
from queries.library import Shelf
from queries.query import Query, Values, filter_of
from queries.reading import knowing
from queries.statements.standings import Contest
from tests import answer_kit as kit
from tests import fakestore


@pytest.fixture(autouse=True)
def same_salt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens without meaning decide who stands first among equals: the same on every shelf here."""
    monkeypatch.setattr(secrets, "token_hex", lambda n=16: "00" * n)


def askers(shelf: Shelf) -> list[Person]:
    """Two of each role, of one kind of work: with one alone there would be nothing of a like one's to be mixed up."""
    found: dict[str, list[Person]] = {}
    for person in shelf.directory.people.values():
        like = found.setdefault(person.role, [])
        if len(like) < 2 and all(one.work == person.work for one in like):
            like.append(person)
    return [person for several in found.values() for person in several]


def questions(person: Person, desk: Desk) -> Iterator[Query]:
    """Of a measure in which people are compared: own figures alone and beside others, lists and the best."""
    metrics = desk.catalogue.metrics
    key = next((k for k, m in metrics.items() if m.people == "ranked" and person.work in m.feeds), next(iter(metrics)))
    asked = kit.query(key, period=kit.QUARTER)
    for level, codes in desk.viewer.own:
        about = filter_of({level: Values.of(*codes)})
        yield asked.with_(about=about, by=(level,), compare=("others",))
        yield asked.with_(about=about)
    for level in desk.catalogue.unit_levels:
        yield asked.with_(by=(level,), order="best")
        yield kit.query(key, period=kit.MONTH).with_(by=(level,))


def desk(person: Person, shared: Shared, store: Any) -> Desk:
    found = directory.viewer(person.login, shared.shelf(store).directory, shared.catalogue)
    assert found is not None
    return Desk(shared.catalogue, store, found, kit.TODAY, shared=shared)


def told(person: Person, query: Query, shared: Shared, store: Any) -> dict[str, Any]:
    """All of an answer but how long it took, figures to nine digits: sums come in any order from the store."""
    found = desk(person, shared, store).answer(query).to_json()
    return {key: digits(value) for key, value in found.items() if key != "ms"}


def digits(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: digits(one) for key, one in value.items()}
    return [digits(one) for one in value] if isinstance(value, list | tuple) else value


@pytest.fixture(scope="module")
def store() -> Any:
    return fakestore.store("demo", 126)


@pytest.fixture
def cases(store: Any) -> list[tuple[Person, Query]]:
    shared = Shared(kit.definitions())
    people = askers(shared.shelf(store))
    return [(person, query) for person in people for query in questions(person, desk(person, shared, store))]


def test_together_everybody_is_told_what_they_are_told_alone(store: Any, cases: list[tuple[Person, Query]]) -> None:
    """Each asker on a shelf of their own; then all of them in any order, from sixteen threads, on one."""
    alone: dict[int, dict[str, Any]] = {}
    shelves: dict[str, Shared] = {}
    for i, (person, query) in enumerate(cases):
        own = shelves.setdefault(person.login, Shared(kit.definitions()))
        alone[i] = told(person, query, own, store)
    assert sum(found["outcome"] == "answer" for found in alone.values()) > len(cases) / 3

    shared, wrong = Shared(kit.definitions()), []
    order = [*range(len(cases))] * 2
    random.Random(5).shuffle(order)

    def work(part: list[int]) -> None:
        wrong.extend(i for i in part if told(*cases[i], shared, store) != alone[i])

    threads = [threading.Thread(target=work, args=(order[n::16],)) for n in range(16)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong, [(cases[i][0].login, cases[i][1]) for i in wrong[:3]]


def test_a_kept_board_names_only_units_that_its_own_statement_asks_for(
    store: Any, cases: list[tuple[Person, Query]]
) -> None:
    """Whoever is not granted these very names compiles another statement, and so never meets the board."""
    shared = Shared(kit.definitions())
    for person, query in cases:
        desk(person, shared, store).answer(query)
    boards = [(key, value) for key, (value, _) in shared.shelf(store)._recent.items() if key[0] == "board"]
    named = 0
    for key, found in boards:
        shape, parameters = next((a, b) for a, b in pairwise(key) if isinstance(a, Contest))
        codes = {one.code for one in found.standings if one.code is not None}
        named += bool(codes)
        assert shape.visible is None or codes <= set(parameters), key
        assert shape.visible is not None or found.statement.scope.naming[shape.level].everyone
    assert named > 5 and len(boards) > 20


def test_the_words_are_set_apart_from_the_collector_once_for_all_versions(store: Any) -> None:
    """A round through them takes 0.1 s; what comes and goes with versions must not be set apart with each."""
    definitions = kit.definitions()
    gc.unfreeze()
    try:
        knowing.prepare(definitions, directory.directory(store, definitions), lasting=True).join()
        apart = gc.get_freeze_count()
        knowing.prepare(definitions, directory.directory(store, definitions), lasting=True).join()
        assert apart > 0 and gc.get_freeze_count() <= apart
    finally:
        gc.unfreeze()
