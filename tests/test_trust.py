# ruff: noqa: E501
"""A source that stays away or cannot be taken: every answer that rests on it says so, end to end, until it is there again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from data.store import Versions
from queries import Desk
from queries import catalogue as catalogues
from queries.directory import directory, viewer
from tests.small_company import FERNWAY, UNTIL, read, small

SOURCES = ("survey_vendor", "hr_people", "acd_calls", "customer_delta")
NEWEST = 4
"""Newest files of the answers, held back at first."""


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks of a few sources, and no answers of the newest four days."""
    root = tmp_path_factory.mktemp("inbox")
    for source in SOURCES:
        files = sorted((small().src / source).iterdir())
        kept = files[-14:] if source != "survey_vendor" else files[-14:-NEWEST]
        for path in kept if source not in ("hr_people", "customer_delta") else files:
            (root / source).mkdir(exist_ok=True)
            shutil.copy(path, root / source)
    return root


def ask(var: Path, question: str) -> dict[str, Any]:
    store = Versions(var).open()
    try:
        company = catalogues.load(FERNWAY)
        people = directory(store, company)
        boss = next(p for p in people.people.values() if p.role == "executive")
        who = viewer(boss.login, people, company)
        assert who is not None
        return Desk(company, store, who, UNTIL).ask(question).to_json()
    finally:
        store.close()


def told(var: Path, question: str) -> str:
    answer = ask(var, question)
    assert answer["outcome"] == "answer", answer
    return " ".join(answer["notes"])


QUESTIONS = (
    "satisfaction last week",
    "satisfaction by site last week",
    "satisfaction by week",
    "how many satisfied customers last week",
)


def test_a_source_that_stays_away_and_one_that_cannot_be_taken(inbox: Path, tmp_path: Path) -> None:
    var = tmp_path / "var"
    read(var, inbox)
    for question in QUESTIONS:
        assert "the newest data are missing (Survey answers and invitations: nothing newer than" in told(
            var, question
        ), question
    assert "newest data" not in told(var, "transfers last week")

    files = sorted((small().src / "survey_vendor").iterdir())[-NEWEST:]
    for path in files[:-1]:
        shutil.copy(path, inbox / "survey_vendor")
    bad = inbox / "survey_vendor" / files[-1].name
    bad.write_bytes(b"this,is\nno,survey\n" * 50)
    read(var, inbox)
    for question in QUESTIONS:
        assert (
            "the newest data could not be taken (Survey answers and invitations: the newest file was unreadable"
            in told(var, question)
        )

    shutil.copy(files[-1], bad)
    read(var, inbox)
    assert "newest data" not in told(var, QUESTIONS[0])
