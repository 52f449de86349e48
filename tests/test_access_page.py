"""The access log: the staff representative reads all of it and answers; everybody else reads their own part."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from queries import Desk, Shared
from queries import catalogue as catalogues
from queries import directory as directories
from queries.periods import Period
from queries.state import disputes, looked, open_state
from tests import fakestore

NOW = datetime.now(UTC)
STORE = fakestore.store("tiny", days=28)
SHARED = Shared(catalogues.load(fakestore.FERNWAY))
DIRECTORY = SHARED.shelf(STORE).directory
CATALOGUE = SHARED.catalogue
REPRESENTATIVE = next(p.login for p in DIRECTORY.people.values() if p.role == "staff_rep")
LEADER = next(p.login for p in DIRECTORY.people.values() if p.role == "supervisor")
WORKER = next(p.login for p in DIRECTORY.people.values() if p.role == "frontline")


def desk(login: str, folder: Path) -> Desk:
    viewer = directories.viewer(login, DIRECTORY, CATALOGUE)
    assert viewer and DIRECTORY.last_day
    return Desk(CATALOGUE, STORE, viewer, DIRECTORY.last_day, open_state(folder), SHARED)


def page(path: str, login: str, folder: Path) -> AppTest:
    def script(path: str, login: str, folder: str) -> None:
        import importlib
        from pathlib import Path

        from tests import test_access_page as here

        importlib.import_module(f"pages.{path}").show(here.desk(login, Path(folder)))

    return AppTest.from_function(script, args=(path, login, str(folder)), default_timeout=30).run()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    state, leader = open_state(tmp_path), desk(LEADER, tmp_path).viewer
    days = Period(date(2026, 10, 19), date(2026, 11, 16))
    looked.record(state, leader, [WORKER], ["late_arrival_rate"], days, at=NOW - timedelta(hours=1))
    looked.record(state, leader, [LEADER, WORKER], ["csat"], None, at=NOW - timedelta(days=60))
    disputes.dispute(state, WORKER, "late_arrival_rate", "3 November", "I was there at 14:05.", at=NOW)
    state.close()
    return tmp_path


def written(at: AppTest) -> str:
    """All that stands on the page as text."""
    texts = [str(e.value) for kind in ("markdown", "caption") for e in at.get(kind)]
    return " ".join([*texts, *(str(e.proto.body) for e in at.get("html"))])


def test_the_representative_reads_every_look_and_finds_one_by_name(folder: Path) -> None:
    at = page("access", REPRESENTATIVE, folder)
    assert not at.exception
    text, people = written(at), DIRECTORY.people
    assert "1 colleague looked at the figures of 1 other, 1 time in all" in text
    assert text.count(people[LEADER].name) == 2 and "19 October" in text.replace("\u00a0", " ")
    at.text_input(key="sought").input("nobody of this name").run()
    assert "Nobody of that name" in written(at) and people[LEADER].name not in written(at)
    at.text_input(key="sought").input(people[LEADER].name.split()[0].lower()).run()
    assert written(at).count(people[LEADER].name) == 2


def test_the_representative_answers_and_the_person_reads_it(folder: Path) -> None:
    at = page("access", REPRESENTATIVE, folder)
    assert "I was there at 14" in written(at)
    at.text_area[0].input("Thank you, the window was moved. It no longer counts.")
    at.button[0].click().run()
    assert not at.exception and "Nobody waits for an answer" in written(at)
    assert "It no longer counts" in written(page("standing", WORKER, folder))


@pytest.mark.parametrize("login", [WORKER, LEADER])
def test_nobody_else_reads_it_even_when_the_page_is_opened(login: str, folder: Path) -> None:
    text = written(page("access", login, folder))
    assert "named for it" in text and "I was there" not in text and "looked at the figures" not in text


def test_the_person_reads_who_looked_and_nothing_of_others(folder: Path) -> None:
    text = written(page("standing", WORKER, folder))
    assert text.count(DIRECTORY.people[LEADER].name) == 2


def test_who_disputes_a_measure_is_not_named_for_it_until_it_is_answered(folder: Path) -> None:
    at: Any = desk(REPRESENTATIVE, folder).setting
    assert at.disputed == {(WORKER, "late_arrival_rate")}


def test_who_is_recognised_tells_how_they_do_it_and_others_read_it(folder: Path) -> None:
    def script(login: str, folder: str, recognised: bool) -> None:
        from pathlib import Path

        from pages.parts import tips
        from queries.answers.recognition import BEAT, Award
        from queries.periods import Period
        from tests import test_access_page as here

        metric, day = here.CATALOGUE.metrics["late_arrival_rate"], here.DIRECTORY.last_day
        person = here.DIRECTORY.people[here.WORKER]
        award = Award(BEAT, metric.key, here.CATALOGUE.person_level, person.login, person.name, Period(day, day), 0, "")
        tips.show(here.desk(login, Path(folder)), metric, (award,) if recognised else ())

    def shown(login: str, recognised: bool = True) -> AppTest:
        return AppTest.from_function(script, args=(login, str(folder), recognised), default_timeout=30).run()

    assert not shown(LEADER).text_area, "only who is recognised may tell"
    at = shown(WORKER)
    at.text_area[0].input("I load the van the evening before.")
    at.button[0].click().run()
    assert not at.exception
    name = DIRECTORY.people[WORKER].name
    assert f"{name}:** I load the van" in written(shown(LEADER)).replace("\\", "")
    assert name not in written(shown(LEADER, recognised=False)), "who sees no names in recognition sees none here"
