# ruff: noqa: E501
"""The reading: corpus, law, clashes of words, rules in use, misspellings, follow-ups, fuzz, the same everywhere."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.outcomes import Choices, Outcome, Reading, Refused, Unread
from queries.query import Query
from queries.reading.english import english, stem
from queries.reading.knowing import prepare
from queries.reading.patterns import PatternError
from queries.reading.read import known, read
from queries.reading.scan import scan
from queries.reading.tokens import tokens
from queries.reading.words import listed, opened
from queries.said import said
from tests.fuzzed import questions
from tests.made_queries import ASKERS, TODAY, asker, company, query

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "corpus"
SHARED = Path(os.environ.get("GS_SHARED", ROOT.parent / "shared"))


def ask(text: str, login: str = "omar.osei", on: date = TODAY, after: Query | None = None, **more: object) -> Outcome:
    catalogue, people = company()
    return read(text, catalogue, people, asker(login), on, after, **more)  # type: ignore[arg-type]


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def outcome(answer: Outcome) -> dict:
    """An outcome as the contract's object, as far as the grading looks."""
    if isinstance(answer, Reading):
        return {"outcome": "answer", "query": answer.query.to_json()}
    if isinstance(answer, Choices):
        return {"outcome": "choices", "choices": [{"query": c.query.to_json()} for c in answer.choices]}
    return {"outcome": "refused" if isinstance(answer, Refused) else "unread"}


def matches(expect: dict, got: dict) -> bool:
    """Whether every field that the corpus names agrees; sets without order."""
    wanted = expect["outcome"] if isinstance(expect["outcome"], list) else [expect["outcome"]]
    if got["outcome"] not in wanted:
        return False
    if got["outcome"] == "choices":
        metrics = [c["query"]["metrics"] for c in got["choices"]]
        return len(metrics) <= 5 and all(partial["metrics"] in metrics for partial in expect.get("among", []))
    if got["outcome"] != "answer":
        return True
    gold, query_ = expect["query"], got["query"]
    for key in ("where", "peers", "having", "top", "target"):
        if key not in gold and key not in expect.get("free", []) and query_[key]:
            return False
    return all(_plain(key, query_[key]) == _plain(key, value) for key, value in gold.items())


def _plain(key: str, value: object) -> object:
    if key in ("by", "compare"):
        return sorted(value or [])  # type: ignore[type-var, arg-type]
    if key in ("about", "where", "peers"):
        return json.dumps(value, sort_keys=True).replace(" ", "") if not isinstance(value, dict) else {
            k: [*sorted(v["not"]), "not"] if isinstance(v, dict) else sorted(v) for k, v in value.items()
        }  # fmt: skip
    if key == "having":
        return [{k: v for k, v in h.items() if v is not None} for h in value]  # type: ignore[attr-defined]
    return value


@pytest.mark.parametrize("name", ["asked", "unclear", "refused", "unread"])
def test_the_corpus(name: str) -> None:
    missed, before = [], dict[str | None, Query | None]()
    for line in lines(name):
        after = before.get(line.get("after"))
        answer = ask(line["question"], line["as"], date.fromisoformat(line["on"]), after)
        before[line.get("id", line["question"])] = answer.query if isinstance(answer, Reading) else after
        got = outcome(answer)
        if not matches(line["expect"], got):
            missed.append(f"{line['question']}: {got}")
    assert not missed, "\n".join(missed)


def test_the_corpus_covers_the_catalogue() -> None:
    catalogue, _ = company()
    asked = [line["expect"]["query"] for line in lines("asked")]
    for key, metric in catalogue.metrics.items():
        assert sum(key in q["metrics"] for q in asked) >= 3, key
        if metric.mirror_of in ("complement", "own") and key not in ("on_my_way_rate",):
            sides = {q.get("side", "metric") for q in asked if q["metrics"] == [key]}
            assert sides, key


@settings(
    max_examples=int(os.environ.get("GS_LAW", "250")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 10**9), st.sampled_from(ASKERS))
def test_the_law(seed: int, login: str) -> None:
    """What is said reads to the same query."""
    rng = random.Random(seed)
    made = query(rng, asker(login))
    while made is None:
        made = query(rng, asker(login))
    catalogue, people = company()
    sentence = said(made, catalogue, people, asker(login))
    got = ask(sentence, login)
    assert isinstance(got, Reading | Refused), (sentence, got)
    assert got.query == made, sentence


def test_words_that_two_metrics_claim_are_known() -> None:
    """Every wording reads to its own metric, or is offered with it; clashes of the catalogue itself are listed."""
    catalogue, people = company()
    lexicon = known(catalogue, people).lexicon
    wrong = []
    for metric in catalogue.metrics.values():
        for side, phrases in (("metric", metric.words), ("mirror", metric.mirror_words)):
            for phrase in phrases:
                got = ask(phrase, "victor.holm")
                offered = (
                    [got.query]
                    if isinstance(got, Reading)
                    else ([c.query for c in got.choices] if isinstance(got, Choices) else [])
                )
                if not any(metric.key in q.metrics for q in offered):
                    wrong.append(f"{metric.key} {side}: {phrase!r} -> {outcome(got)['outcome']} "
                                 f"{[(q.metrics, q.side) for q in offered]}")  # fmt: skip
    assert lexicon.frames
    allowed = 1
    assert len(wrong) <= allowed, "\n".join(wrong)


def test_frames_use_only_concepts_that_have_words() -> None:
    catalogue, people = company()
    lexicon = known(catalogue, people).lexicon
    defined = set(english().raw["concepts"]) | set(listed_concepts())
    used = {name for frame in lexicon.frames for name, bit in lexicon.bits.items() if frame.mask >> bit & 1}
    assert used <= defined, used - defined


def listed_concepts() -> dict:
    return dict(company()[0].spoken["concepts"])


def test_every_rule_of_grammar_is_used() -> None:
    """A rule that no question of the corpus needs should not be there."""
    catalogue, people = company()
    know = known(catalogue, people)
    seen: set[str] = set()
    extra = (CORPUS / "rules.txt").read_text(encoding="utf-8").splitlines()
    texts = [line["question"] for name in ("asked", "unclear", "refused", "unread") for line in lines(name)]
    for text in [*texts, *(t for t in extra if t and not t.startswith("#"))]:
        found = scan(tokens(text), know, TODAY, following=True)
        seen |= {h.rule.name for h in found.hard if h.rule}
    assert set(know.grammar.names) <= seen, set(know.grammar.names) - seen


@pytest.mark.parametrize(
    ("typed", "told"),
    [("late arivals my team last week", "arrivals"), ("satisfacton my team last week", "satisfaction"),
     ("latearrivals my team last week", "late arrivals"), ("late arr ivals my team last week", "arrivals"),
     ("late arrivals my team last weekk", "week"), ("late arrivals lakside last week", "lakeside")],
)  # fmt: skip
def test_misspellings_are_put_right_and_told(typed: str, told: str) -> None:
    got = ask(typed)
    assert isinstance(got, Reading), got
    assert any(told in text for text in got.assumed), got.assumed


@pytest.mark.parametrize(
    "text",
    ["late arrivals platinum customers", "revenue by region", "csat for pensioners last month", "late payments last month",
     "how many customers do we have in spain", "weather in lakeside", "average salary of technicians"],
)  # fmt: skip
def test_a_word_nobody_knows_is_never_dropped(text: str) -> None:
    assert isinstance(ask(text), Unread | Choices)


def test_the_unread_has_a_reason_and_questions_that_work() -> None:
    got = ask("what is our profit this year")
    assert isinstance(got, Unread) and "profit" in got.reason
    assert 1 <= len(got.nearest) <= 3
    for near in got.nearest:
        assert isinstance(ask(near), Reading), near


def test_marks_lie_in_the_question() -> None:
    text = "late arivals my team last week platinum"
    got = ask(text)
    spans = {text[m.start : m.end]: m.how for m in got.marks}
    assert spans["platinum"] == "unused" and spans["last week"] == "understood"
    assert any(how == "assumed" and "arivals" in words for words, how in spans.items())


def test_a_phrase_may_name_a_concept() -> None:
    catalogue, people = company()
    lexicon = known(catalogue, people).lexicon
    assert "ticket" in opened(lexicon, "a <case> gone") and "<" not in opened(lexicon, "a <case> gone")
    with pytest.raises(PatternError, match="no concept nonsense"):
        opened(lexicon, "a <nonsense> gone")


def test_taught_words_read() -> None:
    before = ask("wait-ins last month", "victor.holm")
    assert isinstance(before, Unread | Choices)
    after = ask("wait-ins last month", "victor.holm", taught={"wait-ins": "abandonment_rate"})
    assert isinstance(after, Reading) and after.query.metrics == ("abandonment_rate",)


CHAIN = "my team's late arrivals vs others this week"


@pytest.mark.parametrize(
    ("said_next", "field", "wanted"),
    [
        ("and last week?", "period", {"from": "2026-11-09", "to": "2026-11-16"}),
        ("only in the mornings", "where", {"part_of_day": ["morning"]}),
        ("and on time?", "side", "mirror"),
        ("what about csat", "metrics", ["csat"]),
        ("csat as well", "metrics", ["late_arrival_rate", "csat"]),
        ("compare with last week instead", "compare", ["previous"]),
        ("against the target", "compare", ["standard"]),
        ("by job type", "by", ["job_type"]),
        ("only in my region", "peers", {"region": ["North"]}),
        ("how many is that", "show", "count"),
        ("per day", "grain", "day"),
        ("without installs", "where", {"job_type": {"not": ["install"]}}),
    ],
)
def test_follow_ups_replace_the_same_field(said_next: str, field: str, wanted: object) -> None:
    first = ask(CHAIN)
    assert isinstance(first, Reading)
    got = ask(said_next, after=first.query)
    assert isinstance(got, Reading), got
    assert got.query.to_json()[field] == wanted


def test_a_value_of_a_follow_up_replaces_and_all_lifts() -> None:
    first = ask("late arrivals only installs last week")
    assert isinstance(first, Reading) and dict(first.query.where)
    repairs = ask("only repairs", after=first.query)
    assert isinstance(repairs, Reading) and repairs.query.to_json()["where"] == {"job_type": ["repair"]}
    everything = ask("all job types", after=repairs.query)
    assert isinstance(everything, Reading) and everything.query.where == ()


def test_no_text_breaks_the_reading() -> None:
    """Mutated and random questions (more with GS_FUZZ): an outcome each time, none over 100 ms of work."""
    prepare(*company()).join()
    gc.collect()
    gc.freeze()
    asked = [line["question"] for line in lines("asked")]
    texts = enumerate(questions(asked, int(os.environ.get("GS_FUZZ", "1500")), seed=7))
    slow = [(n, text) for n, text in texts if _work(text, ASKERS[n % len(ASKERS)]) > 0.1]
    slow = [(n, text) for n, text in slow if _work(text, ASKERS[n % len(ASKERS)]) > 0.1]  # the machine may have paused
    gc.unfreeze()
    assert not slow, slow[:5]
    assert isinstance(ask("late " * 5000), Reading | Choices | Unread | Refused)
    assert isinstance(ask(""), Unread)


def _work(text: str, who: str) -> float:
    """Seconds of this thread's work for one question."""
    start = time.thread_time()
    assert isinstance(ask(text, who), Reading | Choices | Unread | Refused)
    return time.thread_time() - start


SNIPPET = """
import json, sys
from datetime import date
from tests.test_reading import ask, outcome, lines
print(json.dumps([outcome(ask(x["question"], x["as"], date.fromisoformat(x["on"]))) for x in lines("asked")[::9]], sort_keys=True))
"""


def test_the_same_in_another_process() -> None:
    told = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        run = subprocess.run([sys.executable, "-c", SNIPPET], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr[-2000:]
        told.append(run.stdout)
    assert told[0] == told[1] and len(told[0]) > 1000


def _grader() -> ModuleType | None:
    path = SHARED / "questions" / "grade.py"
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location("grade", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_bank() -> None:
    grade = _grader()
    if grade is None:
        pytest.skip(f"NOT RUN: {SHARED / 'questions'} is missing (set GS_SHARED)")
    bank = grade.read_lines(SHARED / "questions" / "bank.jsonl")
    queries: dict[str, Query] = {}
    right = silent = 0
    for line in bank:
        got = ask(line["question"], line["as"], date.fromisoformat(line["on"]), queries.get(line.get("after") or ""))
        if isinstance(got, Reading):
            queries[line["id"]] = got.query
        elif line["after"] in queries:
            queries[line["id"]] = queries[line["after"]]
        missed = grade.judge(line["expect"], outcome(got))
        right += not missed
        silent += bool(missed) and isinstance(got, Reading)
    assert right >= 0.97 * len(bank) and silent == 0, (right, silent)


TYPED = [
    "my team's late arrivals vs others this {}", "how many {} rated us 4 or 5 last week", "{} satisfaction last month",
    "compare my team with other teams on late {} last week", "total {} time by theme last {}", "late arrivals last 3 {}",
]  # fmt: skip


def test_misspellings_that_outsiders_made() -> None:
    """In working questions that hold the right word: the same query or an honest question back, never another query."""
    path = SHARED / "outside" / "phrases" / "typos.tsv"
    if not path.exists():
        pytest.skip(f"NOT RUN: {path} is missing (set GS_SHARED)")
    questions = [line["question"].lower() for name in ("asked",) for line in lines(name)]
    same = other = asked_back = 0
    for row in path.read_text(encoding="utf-8").splitlines()[1:]:
        typo, right = row.split("\t")
        for question in [q for q in questions if right in q.split()][:3]:
            wanted = ask(question, "victor.holm")
            got = ask(" ".join(typo if w == right else w for w in question.split()), "victor.holm")
            if not isinstance(wanted, Reading):
                continue
            same += isinstance(got, Reading) and got.query == wanted.query
            other += isinstance(got, Reading) and got.query != wanted.query
            asked_back += not isinstance(got, Reading)
    assert other == 0 and same >= 0.8 * (same + asked_back) > 100, (same, asked_back, other)


def test_stems_meet() -> None:
    for words in (("arrive", "arrived", "arriving", "arrival", "arrivals"), ("ring", "rang", "rung"), ("note", "noted", "notes"),
                  ("reopen", "reopened", "reopening", "re-opened"), ("install", "installs", "installation", "instal")):  # fmt: skip
        assert len({stem(w.replace("-", "")) for w in words}) == 1, words
    assert stem("site") != stem("sat") and stem("note") != stem("not") and stem("rate") != stem("rating")
    assert listed("a, (b, c) d, e") == ["a", "(b, c) d", "e"]
