"""Speed of the reading, and how many questions of the shared banks it has right, in one run."""

from __future__ import annotations

import importlib.util
import json
import statistics
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

from queries.catalogue import Catalogue
from queries.directory import Directory, viewer
from queries.outcomes import Choices, Outcome, Reading, Refused
from queries.query import Query
from queries.reading.read import known, read

P50, P95 = 3.0, 10.0
"""The bars, in milliseconds."""


def measured(catalogue: Catalogue, people: Directory, shared: Path) -> Iterator[str]:
    """Lines of text: building the knowledge, reading the bank, the dates and the misspellings."""
    start = time.perf_counter()
    known(catalogue, people)
    yield f"knowledge of {len(people.people)} people and {len(people.units)} units: {time.perf_counter() - start:.2f} s"
    grade = _grader(shared / "questions" / "grade.py")
    dates = shared / "outside" / "phrases" / "dates.jsonl"
    banks = {"bank": shared / "questions" / "bank.jsonl", "outside dates": dates}
    for name, path in banks.items():
        if grade is None or not path.exists():
            yield f"{name}: not run, {path} is missing"
            continue
        right, silent, count, times = _graded(grade, grade.read_lines(path), catalogue, people)
        yield f"{name}: right {right} of {count}, silently wrong {silent}"
        yield _speed(name, times)
    typos = shared / "outside" / "phrases" / "typos.tsv"
    if grade is not None and typos.exists() and banks["bank"].exists():
        yield _typos(typos, grade.read_lines(banks["bank"]), catalogue, people)


def _speed(name: str, times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=20)
    verdict = "within" if statistics.median(times) <= P50 and cuts[18] <= P95 else "OVER"
    middle = statistics.median(times)
    return f"{name}: reading p50 {middle:.1f} ms, p95 {cuts[18]:.1f} ms (bars {P50:g} and {P95:g}): {verdict}"


def _grader(path: Path) -> ModuleType | None:
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location("grade", path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _graded(
    grade: ModuleType, bank: list[dict[str, Any]], catalogue: Catalogue, people: Directory
) -> tuple[int, int, int, list[float]]:
    queries: dict[str, Query] = {}
    right = silent = 0
    times = []
    for line in bank:
        who = viewer(line["as"], people, catalogue)
        if who is None:
            continue
        start = time.perf_counter()
        on = date.fromisoformat(line["on"])
        got = read(line["question"], catalogue, people, who, on, queries.get(line.get("after") or ""))
        times.append((time.perf_counter() - start) * 1000)
        query = got.query if isinstance(got, Reading) else queries.get(line.get("after") or "")
        if query is not None:
            queries[line["id"]] = query
        missed = grade.judge(line["expect"], plain(got))
        right += not missed
        silent += bool(missed) and isinstance(got, Reading)
    return right, silent, len(bank), times


def plain(got: Outcome) -> dict[str, Any]:
    """An outcome as far as the grader looks."""
    if isinstance(got, Reading):
        return {"outcome": "answer", "query": got.query.to_json()}
    if isinstance(got, Choices):
        return {"outcome": "choices", "choices": [{"query": c.query.to_json()} for c in got.choices]}
    return {"outcome": "refused" if isinstance(got, Refused) else "unread"}


def _typos(path: Path, bank: list[dict[str, Any]], catalogue: Catalogue, people: Directory) -> str:
    """Each misspelling put into up to ten working questions of the bank that hold the right word."""
    same = asked_back = other = words = 0
    for row in path.read_text(encoding="utf-8").splitlines()[1:]:
        typo, word = row.split("\t")
        fitting = [x for x in bank if word in x["question"].lower().split() and not x.get("after")]
        fitting = [x for x in fitting if x["expect"]["outcome"] == "answer"][:10]
        words += bool(fitting)
        for line in fitting:
            who = viewer(line["as"], people, catalogue)
            if who is None:
                continue
            on, text = date.fromisoformat(line["on"]), line["question"].lower().split()
            wanted = plain(read(" ".join(text), catalogue, people, who, on))
            got = plain(read(" ".join(typo if w == word else w for w in text), catalogue, people, who, on))
            same += json.dumps(got, sort_keys=True) == json.dumps(wanted, sort_keys=True)
            asked_back += got != wanted and got["outcome"] != "answer"
            other += got != wanted and got["outcome"] == "answer"
    count = same + asked_back + other
    share = f"{same / max(1, count):.0%}"
    return (
        f"typos of {words} words: {same} of {count} the same ({share}; bar 80%), "
        f"{asked_back} asked back or not read, {other} silently different"
    )
