"""The state database: what it keeps, what it must never keep, and that several processes share it."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from queries import catalogue as catalogues
from queries.periods import Period
from queries.state import State, disputes, looked, named, open_state, questions, taught, thanks, tips
from queries.state.tables import META
from queries.viewer import Viewer

ROOT = Path(__file__).parents[1]
AT = datetime(2026, 11, 18, 9, 30)
ON = date(2026, 11, 18)
FERNWAY = catalogues.load(ROOT / "data/companies/fernway")


@pytest.fixture
def state(tmp_path: Path):
    opened = open_state(tmp_path)
    yield opened
    opened.close()


def someone(login: str = "ann", role: str = "supervisor") -> Viewer:
    return Viewer(login, login.title(), role, "field", "field install", (), ("team", ("F-1",)))


def log(state: State, question: str, login: str = "ann", words: tuple[str, ...] = ()) -> None:
    questions.log(state, login, question, ON, "unread", at=AT, reason="nothing known", words=words)


def test_no_table_can_hold_an_answer_or_a_figure() -> None:
    columns = {c.name for table in META.tables.values() for c in table.columns}
    kinds = {type(c.type).__name__ for t in META.tables.values() for c in t.columns if c.name != "id"}
    assert kinds == {"String"}, "no numbers in the state database"
    assert not columns & {"headline", "rows", "figure", "sql", "result"}


def test_the_log_groups_questions_by_how_often_they_were_asked(state: State) -> None:
    for login in ("ann", "bo", "bo"):
        log(state, "How many  wait-ins?" if login == "ann" else "how many wait-ins?", login, ("wait-ins",))
    log(state, "our gizmos", words=("gizmos",))
    first, second = questions.often(state)
    assert (first.times, first.askers, first.words) == (3, 2, ("wait-ins",))
    assert (second.question, second.times) == ("our gizmos", 1)
    assert questions.often_words(state) == [("wait-ins", 3), ("gizmos", 1)]


def test_who_met_the_failure_is_told_once_that_it_works_now(state: State) -> None:
    log(state, "wait-ins this week", "ann", ("wait-ins",))
    log(state, "gizmos this week", "ann", ("gizmos",))
    mended = taught.mend_those(state, lambda q: "wait-ins" in q.question, at=AT)
    assert [q.question for q in mended] == ["wait-ins this week"]
    assert [q.question for q in questions.waiting(state)] == ["gizmos this week"]
    assert questions.news(state, "bo", at=AT) == []
    assert questions.news(state, "ann", at=AT) == ["wait-ins this week"]
    assert questions.news(state, "ann", at=AT) == []


def test_recent_questions_are_ones_own_newest_first_each_once_and_few(state: State) -> None:
    for n in (*range(30), 5):
        questions.remember(state, "ann", f"question {n}", at=AT)
    questions.remember(state, "bo", "mine", at=AT)
    assert questions.recent(state, "ann", 3) == ["question 5", "question 29", "question 28"]
    assert len(questions.recent(state, "ann", 100)) == questions.RECENT_KEPT
    assert questions.recent(state, "bo") == ["mine"]


def test_the_log_forgets(state: State) -> None:
    log(state, "old")
    assert questions.forget(state, AT) == 0
    assert questions.forget(state, AT + timedelta(seconds=1)) == 1
    assert questions.waiting(state) == []


def test_a_long_question_is_cut(state: State) -> None:
    log(state, "x" * 10_000)
    assert len(questions.waiting(state)[0].question) == questions.MAX_LENGTH


def test_a_taught_word_says_who_and_when_and_can_be_taken_back(state: State) -> None:
    meaning = taught.Meaning("metric", "abandonment_rate")
    word_id = taught.teach(state, " Wait-Ins ", meaning, "sam", at=AT)
    assert taught.teach(state, "wait-ins", meaning, "kim", at=AT) == word_id
    (word,) = taught.words(state)
    assert (word.phrase, word.meaning, word.taught_by) == ("wait-ins", meaning, "sam")
    assert word.taught_at == "2026-11-18T09:30:00"
    taught.take_back(state, word_id, "kim", at=AT)
    assert taught.words(state) == []
    (gone,) = taught.words(state, holding=False)
    assert (gone.undone_by, gone.taught_by) == ("kim", "sam")


@pytest.mark.parametrize(
    ("meaning", "found"),
    [
        (taught.Meaning("metric", "abandonment_rate"), lambda c: c.metrics["abandonment_rate"].words),
        (taught.Meaning("mirror", "late_arrival_rate"), lambda c: c.metrics["late_arrival_rate"].mirror_words),
        (taught.Meaning("dimension", "channel"), lambda c: c.dimensions["channel"].words),
        (taught.Meaning("value", "product", "tv"), lambda c: c.dimensions["product"].values["tv"]),
        (taught.Meaning("level", "team"), lambda c: c.level("team").words),
    ],
)
def test_a_taught_word_becomes_an_ordinary_word_of_the_catalogue(meaning, found) -> None:
    assert taught.faults("thingies", meaning, FERNWAY) == []
    assert "thingies" in found(taught.taught_catalogue(FERNWAY, [("thingies", meaning)]))
    assert "thingies" not in found(FERNWAY)


@pytest.mark.parametrize(
    "meaning",
    [taught.Meaning("metric", "no_such"), taught.Meaning("value", "product"), taught.Meaning("wish", "x")],
)
def test_a_word_without_a_meaning_is_not_taught(meaning: taught.Meaning) -> None:
    assert taught.faults("thingies", meaning, FERNWAY)
    assert taught.faults("123", taught.Meaning("metric", "csat"), FERNWAY)
    assert taught.taught_catalogue(FERNWAY, [("thingies", meaning)]).metrics == FERNWAY.metrics


def test_only_new_clashes_are_warned_of() -> None:
    def clashes(c) -> list[str]:
        owners: dict[str, list[str]] = {}
        for m in c.metrics.values():
            for word in m.words:
                owners.setdefault(word, []).append(m.key)
        return [f"{w}: {', '.join(k)}" for w, k in owners.items() if len(k) > 1]

    meaning = taught.Meaning("metric", "csat")
    assert taught.new_clashes(FERNWAY, "Late Arrivals", meaning, clashes) == ["late arrivals: csat, late_arrival_rate"]
    assert taught.new_clashes(FERNWAY, "thingies", meaning, clashes) == []


def test_looks_are_read_by_the_person_and_the_staff_representative_only(state: State) -> None:
    period = Period(date(2026, 10, 5), date(2026, 11, 2))
    assert looked.record(state, someone(), ["bo", "cy", "ann"], ["csat"], period, at=AT) == 2
    (look,) = looked.looks(state, someone("bo", "frontline"), FERNWAY)
    assert (look.viewer, look.person, look.what, look.first_day) == ("ann", "bo", ("csat",), "2026-10-05")
    assert looked.looks(state, someone("ann"), FERNWAY, "bo") == [], "who looked does not read it"
    assert {entry.person for entry in looked.looks(state, someone("rep", "staff_rep"), FERNWAY)} == {"bo", "cy"}
    assert looked.looks(state, someone("boss", "executive"), FERNWAY) == []
    assert looked.count(state, "bo", AT - timedelta(days=1)) == 1


def test_kudos_are_capped_a_day_and_can_be_taken_back_by_who_gave_them(state: State) -> None:
    first = thanks.give(state, "ann", "bo", " thank you \n for the swap ", at=AT, a_day=2)
    assert isinstance(first, thanks.Kudos)
    assert first.words == "thank you for the swap"
    assert not thanks.take_back(state, first.id, "bo", at=AT)
    assert thanks.take_back(state, first.id, "ann", at=AT)
    assert thanks.received(state, "bo") == []
    assert isinstance(thanks.give(state, "ann", "cy", "thanks", at=AT, a_day=2), thanks.Kudos)
    assert thanks.give(state, "ann", "cy", "again", at=AT, a_day=2) == thanks.NotGiven("cap")
    assert isinstance(thanks.give(state, "ann", "cy", "again", at=AT + timedelta(days=1), a_day=2), thanks.Kudos)
    assert [k.words for k in thanks.received(state, "cy")] == ["again", "thanks"]
    assert [k.words for k in thanks.newest(state, AT + timedelta(hours=1))] == ["again"]
    assert thanks.cap(FERNWAY) == 3


@pytest.mark.parametrize(
    ("receiver", "words", "reason"),
    [("ann", "me", "self"), ("bo", "  ", "empty"), ("bo", "x" * 401, "too_long"), ("nobody", "hi", "unknown")],
)
def test_kudos_that_are_not_given(state: State, receiver: str, words: str, reason: str) -> None:
    assert thanks.give(state, "ann", receiver, words, at=AT, known=["ann", "bo"]) == thanks.NotGiven(reason)


def test_a_tip_is_told_changed_and_taken_back_by_who_told_it(state: State) -> None:
    assert not tips.tell(state, "bo", "Bo", "late_arrival_rate", "  ", at=AT)
    assert tips.tell(state, "bo", "Bo", "late_arrival_rate", "I load \n the van the evening before", at=AT)
    assert tips.tell(state, "bo", "Bo", "late_arrival_rate", "I call ahead", at=AT)
    (tip,) = tips.of_metric(state, "late_arrival_rate", AT - timedelta(days=1))
    assert tip.words == "I call ahead" and tips.of_metric(state, "csat", AT) == []
    assert not tips.take_back(state, tip.id, "ann", at=AT) and tips.take_back(state, tip.id, "bo", at=AT)
    assert tips.of_metric(state, "late_arrival_rate", AT) == []


def test_a_dispute_waits_until_somebody_else_answers(state: State) -> None:
    dispute_id = disputes.dispute(state, "bo", "late_arrival_rate", "2026-11-16", "the bridge was closed", at=AT)
    assert disputes.dispute(state, "bo", "late_arrival_rate", "2026-11-16", "again", at=AT) == dispute_id
    assert disputes.disputed(state) == {("bo", "late_arrival_rate")}
    assert not disputes.answer(state, dispute_id, "bo", "I am right", at=AT)
    assert disputes.answer(state, dispute_id, "ann", "corrected at the source", at=AT)
    assert disputes.disputed(state) == frozenset()
    assert disputes.of_person(state, "bo")[0].answer == "corrected at the source"


def test_opting_out_of_being_named_and_in_again(state: State) -> None:
    named.opt_out(state, "bo", at=AT)
    named.opt_out(state, "bo", at=AT)
    assert named.opted_out(state) == {"bo"}
    named.opt_in(state, "bo")
    assert named.opted_out(state) == frozenset()


def test_moments_are_kept_in_utc(state: State) -> None:
    zone = timezone(timedelta(hours=2))
    questions.log(state, "ann", "q", ON, "unread", at=datetime(2026, 11, 18, 1, 0, tzinfo=zone))
    assert questions.waiting(state)[0].at == "2026-11-17T23:00:00"
    assert datetime(2026, 11, 17, 23, tzinfo=UTC).tzinfo is UTC


WRITER = """
import sys
from datetime import datetime
from pathlib import Path
from queries.state import open_state, thanks, questions
state = open_state(Path(sys.argv[1]))
for n in range(40):
    questions.remember(state, sys.argv[2], f"q{n}", at=datetime(2026, 11, 18))
    thanks.give(state, "ann", "bo", f"{sys.argv[2]} {n}", at=datetime(2026, 11, 18), a_day=25)
"""


def test_several_processes_write_at_once_and_nothing_is_lost_or_over_the_cap(tmp_path: Path) -> None:
    runs = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], cwd=ROOT, stderr=subprocess.PIPE)
        for name in ("one", "two", "three")
    ]
    for run in runs:
        _, errors = run.communicate(timeout=60)
        assert run.returncode == 0, errors.decode()
    state = open_state(tmp_path)
    assert len(thanks.received(state, "bo", 1000)) == 25
    assert [questions.recent(state, name, 1) for name in ("one", "two", "three")] == [["q39"]] * 3
    state.close()


OPENER = """
import sys, time
from pathlib import Path
from queries.state import open_state
print("ready", flush=True)
sys.stdin.readline()
for n in range(20):
    open_state(Path(sys.argv[1]) / str(n))
"""


def test_a_new_database_opens_for_all_who_open_it_at_once(tmp_path: Path) -> None:
    command, pipe = [sys.executable, "-c", OPENER, str(tmp_path)], subprocess.PIPE
    runs = [
        subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True, bufsize=1)
        for _ in range(5)
    ]
    for run in runs:
        assert run.stdout and run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin
        run.stdin.write("go\n")
    for run in runs:
        _, errors = run.communicate(timeout=60)
        assert run.returncode == 0, errors
