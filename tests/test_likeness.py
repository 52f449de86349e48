"""What words are most like by a company's examples: far ahead is taken, near is offered, nothing is guessed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from data.check.faults import check
from queries import catalogue, directory
from queries.outcomes import Choices, Reading, Unread
from queries.reading.english import english
from queries.reading.likeness import Examples, examples, runs_of
from queries.reading.read import read
from queries.reading.tokens import tokens
from queries.reading.words import Side
from tests import fakestore

CATALOGUE = catalogue.load(fakestore.FERNWAY)
DIRECTORY = directory.directory(fakestore.store("demo"), CATALOGUE)
TODAY = date(2026, 11, 18)
LATE, FIXED, PHONED = "late_arrival_rate", "first_time_fix_rate", "on_my_way_rate"


def made(**phrases: list[str]) -> Examples:
    found = Examples(CATALOGUE)
    for name, said in phrases.items():
        key, _, side = name.partition("__")
        for phrase in said:
            found.add(Side(key, side or "metric"), runs_of(phrase))
    return found


def like(known: Examples, text: str) -> tuple[Side, ...]:
    return known.like(runs_of(text), [t.norm for t in tokens(text) if t.norm not in ("the", "a", "we", "they")]).sides


SOME = made(
    late_arrival_rate=["the van rolled in past the hour", "rolled up past the agreed hour", "crews past their hour"],
    late_arrival_rate__mirror=["the van rolled in within the hour", "rolled up by the agreed hour"],
    first_time_fix_rate=["the line held after one trip", "one trip and the line held", "mended in one trip"],
    on_my_way_rate=["gave a ring before they rolled up", "a ring from the van before the door"],
)


def test_one_metric_far_ahead_is_taken_with_its_side() -> None:
    assert like(SOME, "the line held with one trip") == (Side(FIXED),)
    assert like(SOME, "van past the agreed hour") == (Side(LATE),)
    assert like(SOME, "the van rolled up within the agreed hour") == (Side(LATE, "mirror"),)


def test_a_denial_turns_the_side() -> None:
    known = made(
        follow_up_kept_rate=["we kept our word", "our word was kept", "word kept"],
        follow_up_kept_rate__mirror=["our word was not kept", "never kept our word", "word that nobody kept"],
        csat=["stars that they gave us", "how many stars we got"],
    )
    assert like(known, "our word kept") == (Side("follow_up_kept_rate"),)
    assert like(known, "our word never kept") == (Side("follow_up_kept_rate", "mirror"),)


def test_few_near_ones_are_offered_and_strange_words_keep_it_silent() -> None:
    found = SOME.like(runs_of("rolled up … ring"), ["rolled", "up", "ring"])
    assert found.lead < 0 and {s.metric for s in found.sides} == {LATE, PHONED}
    assert like(SOME, "zebras juggle purple bananas") == ()
    assert like(SOME, "one trip for zebras juggling purple bananas at noon") == ()
    assert like(Examples(CATALOGUE), "the line held") == ()


def test_the_same_words_in_any_order_of_the_examples_weigh_the_same() -> None:
    turned = Examples(CATALOGUE)
    for key in sorted(CATALOGUE.examples, reverse=True):
        for side, said in CATALOGUE.examples[key].items():
            for phrase in reversed(said):
                turned.add(Side(key, side), runs_of(phrase))
    words = runs_of("people we left sitting at home for nothing")
    assert examples(CATALOGUE).like(words, words[0]) == turned.like(words, words[0])


@pytest.mark.parametrize(("text", "side"), [
    ("how many families were stood up and nobody rang the bell last month", Side("missed_appointment_rate")),
    ("how often does the same gremlin crop up again at the same house within three months", Side("repeat_issue_rate")),
])  # fmt: skip
def test_words_that_no_wording_fits_are_read_and_told_as_assumed(text: str, side: Side) -> None:
    found = asked(text)
    assert isinstance(found, Reading), found
    assert (found.query.metrics, found.query.side) == ((side.metric,), (side.side,))
    assert any("is taken as" in told for told in found.assumed)


def test_what_nobody_holds_stays_unread_and_names_are_no_examples() -> None:
    for text in ("how many customers do we have in spain", "what did we spend on fuel", "how many parking fines"):
        assert isinstance(asked(text), Unread), text


def test_a_wording_that_all_examples_contradict_is_asked_back() -> None:
    told = "fault gone after one visit"
    other = replace(CATALOGUE, metrics=CATALOGUE.metrics)
    said = [told, "the fault was gone after the one visit", "after one visit the fault was gone", "gone after a visit"]
    other.__dict__["examples"] = {"csat": {"metric": said}, "handle_time": {"metric": ["how long a call goes on"]}}
    before, after = asked(told), asked(told, other)
    assert isinstance(before, Reading) and before.query.metrics == ("first_time_fix_rate",)
    assert isinstance(after, Choices)
    assert {c.query.metrics for c in after.choices} == {("first_time_fix_rate",), ("csat",)}


def test_examples_held_against_all_others_are_hardly_ever_surely_another_metric() -> None:
    """In five parts, each against the other four."""
    assert set(CATALOGUE.examples) == set(CATALOGUE.metrics)
    said = [
        (Side(key, side), phrase)
        for key, sides in CATALOGUE.examples.items() for side, phrases in sides.items() for phrase in phrases
    ]  # fmt: skip
    sure = right = 0
    for part in range(5):
        known = Examples(CATALOGUE)
        for at, (side, phrase) in enumerate(said):
            if at % 5 != part:
                known.add(side, runs_of(phrase))
        for side, phrase in said[part::5]:
            words = [t.norm for t in tokens(phrase) if t.is_word and t.norm not in english().glue]
            found = known.like(runs_of(phrase), words)
            if found.lead >= 0 and found.sides:
                sure += 1
                right += found.sides[0].metric == side.metric
    assert sure > 0.5 * len(said) and right > 0.98 * sure, (len(said), sure, right)


def test_the_check_names_a_file_of_examples_without_its_metric(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(fakestore.FERNWAY, folder)
    (folder / "examples" / "late_arivals.yml").write_text("metric: [turned up past the hour]\nother: [x]\n")
    told = [str(f) for f in check(folder)[0]]
    assert any("examples/late_arivals.yml" in t and "is no metric" in t for t in told)
    assert any("examples/late_arivals.yml" in t and "other" in t for t in told)


def asked(text: str, known: catalogue.Catalogue = CATALOGUE) -> object:
    viewer = directory.viewer("victor.holm", DIRECTORY, known)
    assert viewer is not None
    return read(text, known, DIRECTORY, viewer, TODAY)
