"""The data steward's page: what could not be read, teaching a word, hearing that it works."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from queries import Desk, Shared
from queries import catalogue as catalogues
from queries import directory as directories
from queries.reading import teaching
from queries.reading.english import real_words
from queries.state import open_state, questions, taught
from queries.state.taught import Meaning
from tests import fakestore

AT = datetime(2026, 11, 18, 9)
STORE = fakestore.store("demo", days=14)
CATALOGUE = catalogues.load(fakestore.FERNWAY)
SHARED = Shared(CATALOGUE)
DIRECTORY = directories.directory(STORE, CATALOGUE)
ASKER = "omar.osei"
STEWARD = "steward.of.words"


@pytest.fixture
def state(tmp_path: Path):
    opened = open_state(tmp_path)
    yield opened
    opened.close()


def log(state: Any, question: str, *words: str) -> None:
    questions.log(state, ASKER, question, fakestore.UNTIL, "unread", at=AT, words=words)


def page(folder: Path, role: str) -> AppTest:
    def script(folder: str, role: str) -> None:
        from pathlib import Path

        from pages import words
        from queries.state import open_state
        from queries.viewer import Viewer
        from tests import test_words_page as here

        viewer = Viewer(here.STEWARD, "Sam", role, "", "", (), (here.CATALOGUE.whole, ()))
        words.show(
            here.Desk(here.CATALOGUE, here.STORE, viewer, here.fakestore.UNTIL, open_state(Path(folder)), here.SHARED)
        )

    return AppTest.from_function(script, args=(str(folder), role), default_timeout=30).run()


def tables(at: AppTest) -> list[str]:
    return [str(e.proto.body) for e in at.get("html") if "<table>" in str(e.proto.body)]


def test_a_question_that_a_new_word_would_mend_is_found(state: Any) -> None:
    log(state, "my team's gizmos this week", "gizmos")
    log(state, "my team's gadgets this week", "gadgets")
    meaning = Meaning("metric", "late_arrival_rate")
    found = teaching.lesson("gizmos", meaning, CATALOGUE, DIRECTORY, questions.waiting(state))
    assert [one.question for one in found.mends] == ["my team's gizmos this week"]
    assert found.clashes == ()


def test_a_word_of_another_metric_is_a_clash_told_before_saving() -> None:
    meaning = Meaning("metric", "csat")
    word = CATALOGUE.metrics["late_arrival_rate"].words[0]
    assert teaching.owners(word.upper(), meaning, CATALOGUE) == (CATALOGUE.metrics["late_arrival_rate"].label,)
    assert teaching.owners("gizmos", meaning, CATALOGUE) == ()


def test_every_meaning_that_is_offered_can_be_taught() -> None:
    offered = teaching.meanings(CATALOGUE)
    assert {m.kind for m in offered.values()} == {"metric", "mirror", "value", "dimension", "level"}
    for text, meaning in offered.items():
        assert taught.faults("gizmos", meaning, CATALOGUE) == []
        assert teaching.said(meaning, CATALOGUE) == text


def test_the_steward_teaches_a_word_and_takes_it_back(tmp_path: Path, state: Any) -> None:
    log(state, "my team's gizmos this week", "gizmos")
    at = page(tmp_path, "steward")
    assert not at.exception, at.exception
    assert [b.count("my team&#x27;s gizmos this week") for b in tables(at)] == [1]
    at.button(key="word_gizmos").click().run()
    assert at.text_input(key="taught_phrase").value == "gizmos"
    at.selectbox(key="taught_meaning").select(CATALOGUE.metrics["late_arrival_rate"].label).run()
    assert any("1 logged question would now read" in m.value for m in at.markdown)
    at.button(key="teach").click().run()
    assert not at.exception, at.exception
    (word,) = taught.words(state)
    assert (word.phrase, word.taught_by) == ("gizmos", STEWARD)
    assert questions.news(state, ASKER, at=AT) == ["my team's gizmos this week"]
    at.button(key=f"back_{word.id}").click().run()
    assert taught.words(state) == []


def test_who_may_not_teach_sees_nothing_of_it(tmp_path: Path, state: Any) -> None:
    log(state, "my team's gizmos this week", "gizmos")
    at = page(tmp_path, "frontline")
    assert not tables(at)
    assert not at.text_input


def test_a_taught_word_reads_for_everybody_from_then_on(state: Any) -> None:
    taught.teach(state, "gizmos", Meaning("metric", "late_arrival_rate"), STEWARD, at=AT)
    learned = taught.taught_catalogue(CATALOGUE, taught.pairs(taught.words(state)))
    viewer = directories.viewer(ASKER, DIRECTORY, learned)
    assert viewer
    assert Desk(learned, STORE, viewer, fakestore.UNTIL).ask("gizmos this week", read_only=True).to_json()["query"][
        "metrics"
    ] == ["late_arrival_rate"]
    assert Desk(CATALOGUE, STORE, viewer, fakestore.UNTIL).ask("gizmos this week").to_json()["outcome"] == "unread"


def test_who_teaches_words_does_not_read_whom_a_question_names(state: Any, tmp_path: Path) -> None:
    """Full names, parts of them, logins; ordinary words that are names as well stay unless both parts stand there."""
    one = DIRECTORY.people[ASKER]
    first, last = one.name.split()
    for text in (f"how often was {one.name} gizmo'd", f"{first.lower()}'s gizmos?", f"gizmos of {one.login}, please"):
        found = teaching.unnamed(text, DIRECTORY).casefold()
        assert first.casefold() not in found and last.casefold() not in found and "gizmo" in found, found
    stone = replace(DIRECTORY, people={**DIRECTORY.people, "w.stone": replace(one, name="Will Stone")})
    assert {"will", "stone"} <= real_words()
    assert teaching.unnamed("late visits of Will Stone will count", stone) == "late visits of … will count"
    assert teaching.unnamed("late arrivals this week", DIRECTORY) == "late arrivals this week"
    log(state, f"{one.name} gizmos", "gizmos", last)
    at = page(tmp_path, "steward")
    shown = " ".join([*tables(at), *(b.label for b in at.button)])
    assert "gizmos" in shown and last not in shown and last.lower() not in shown
