"""Every page for every role over real answers: nothing breaks, and no page shows more than its viewer may see."""

from __future__ import annotations

import logging

import pytest
from streamlit.testing.v1 import AppTest

import pages
from pages.parts import front, quiet, sheet, tables, warming
from queries import Desk, Shared
from queries import catalogue as catalogues
from queries import directory as directories
from queries.state import open_state
from tests import fakestore

STORE = fakestore.store("tiny", days=28)
SHARED = Shared(catalogues.load(fakestore.FERNWAY))
DIRECTORY = SHARED.shelf(STORE).directory
CATALOGUE = SHARED.catalogue
ROLES = {p.role: p.login for p in sorted(DIRECTORY.people.values(), key=lambda p: (p.work, p.login), reverse=True)}
CASES = [(role, page.path) for role in ROLES for page in pages.offered(role, CATALOGUE)]


def desk(login: str, folder: str = "") -> Desk:
    from pathlib import Path

    viewer = directories.viewer(login, DIRECTORY, CATALOGUE)
    assert viewer and DIRECTORY.last_day
    state = open_state(Path(folder)) if folder else None
    return Desk(CATALOGUE, STORE, viewer, DIRECTORY.last_day, state, SHARED)


@pytest.mark.parametrize(("role", "path"), CASES)
def test_every_page_of_every_role_runs(role: str, path: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    def script(path: str, login: str, folder: str) -> None:
        import importlib

        from pages.parts.watch import WatchedDesk
        from tests import test_pages_real

        importlib.import_module(f"pages.{path}").show(WatchedDesk(test_pages_real.desk(login, folder)))

    folder = str(tmp_path_factory.mktemp("state"))
    at = AppTest.from_function(script, args=(path, ROLES[role], folder), default_timeout=60).run()
    assert not at.exception, at.exception
    assert at.title


def test_nobody_of_a_group_is_named_on_the_talk_sheet() -> None:
    lead = next(p for p in DIRECTORY.people.values() if p.covers[0] == p.unit_level and p.unit and p.work)
    metrics = [m for m in CATALOGUE.metrics.values() if p_has(m, lead.unit_level)][:3]
    found = [sheet.facts(desk(lead.login), lead.unit_level, lead.unit, m) for m in metrics]
    assert sheet.pdf("x", desk(lead.login), lead.unit_level, lead.unit, metrics)[:5] == b"%PDF-"
    text = repr(found)
    assert not [p.name for p in DIRECTORY.people.values() if p.name in text]


def test_the_talk_sheet_is_one_page_with_every_sentence_once() -> None:
    lead = next(p for p in DIRECTORY.people.values() if p.covers[0] == p.unit_level and p.unit and p.work)
    metrics = [m for m in CATALOGUE.metrics.values() if p_has(m, lead.unit_level)][:4]
    facts = [sheet.facts(desk(lead.login), lead.unit_level, lead.unit, m) for m in metrics]
    for one in facts:
        assert not one["step"] or one["step"] not in one["now"]
        assert "?" not in sheet.printable("".join(one.values()))
    made = sheet.pdf("x", desk(lead.login), lead.unit_level, lead.unit, metrics)
    assert made.count(b"/Type /Page\n") == 1


def test_data_health_tells_rejected_rows_by_fault_with_examples() -> None:
    import duckdb

    from queries.answers import health

    with duckdb.connect() as con:
        con.execute("CREATE TABLE reject_reasons(source VARCHAR, reason VARCHAR, rows INTEGER)")
        con.execute("INSERT INTO reject_reasons VALUES ('gps', 'speed: out of range: 912; no position', 3)")
        con.execute("INSERT INTO reject_reasons VALUES ('gps', 'speed: out of range: 700', 2)")
        con.execute("CREATE TABLE rejects AS SELECT 7 AS file, 'gps' AS source, 'gps.csv' AS name, 12 AS row,"
                    " 'speed: out of range: 912' AS reason, '{\"speed\":912}' AS record")  # fmt: skip

        class Store:
            version, dialect = "v", "duckdb"

            def fetch(self, sql: str, parameters: object = ()) -> list[tuple[object, ...]]:
                return con.execute(sql, list(parameters)).fetchall()  # type: ignore[call-overload]

            def columns(self, table: str) -> tuple[str, ...]:
                found = "SELECT column_name FROM information_schema.columns WHERE table_name = ?"
                return tuple(row[0] for row in con.execute(found, [table]).fetchall())

        found = health.health(Store())
        assert [(r["fault"], r["rows"]) for r in found.faults] == [("speed: out of range", 5), ("no position", 3)]
        (example,) = health.rejects(Store(), "gps")
        assert example["name"] == "gps.csv" and example["record"] == '{"xxxxx":999}'
        assert health.rejects(Store(), "elsewhere") == () and found.strangers == ()


def test_files_not_taken_and_rows_that_wait_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages import health as page
    from queries.answers.health import Health

    books = {"source": "gps", "received": 10, "accepted": 6, "rejected": 0, "replaced": 0, "waiting": 4}
    fresh = {"source": "gps", "label": "Vans", "state": "broken", "note": "gps_1.csv was refused: cut short"}
    untaken = {"source": "gps", "name": "gps_1.csv", "state": "refused", "note": "cut short", "waiting": 4}
    left = {"name": "holiday.jpg", "note": "no source takes a file of this name"}
    found = Health((fresh,), (books,), (), (), (untaken,), (left,))
    assert "10 rows came in, 0 were rejected (0.00 %). 4 wait in files that were not taken." in page.summary(found)
    shown: list[list[str]] = []
    monkeypatch.setattr(tables, "show", lambda titles, rows, *_, **__: shown.extend(rows))
    page._untaken(found)
    assert shown == [
        ["gps_1.csv", "Vans", "refused: cut short", "4"],
        ["holiday.jpg", "–", "no source takes a file of this name", "–"],
    ]
    metric = next(iter(CATALOGUE.metrics.values()))
    late = {metric.raw["sources"][0]: "Vans"}
    row = {"metric": metric.key, "state": "broken", "note": "Vans: gps_1.csv was refused: cut short"}
    assert page._measure(row, CATALOGUE, late)["because of"] == "Vans"
    assert page._measure({**row, "state": "short", "note": "few days"}, CATALOGUE, late)["because of"] == "few days"


def test_a_table_of_texts_names_its_cells_for_a_phone() -> None:
    texts = tables.html(["a", "b", "c", "d"], [["1", "2", "3", "4"]], "t", (), ())
    assert '<table class="texts">' in texts and '<td data-title="d">4</td>' in texts
    assert "texts" not in tables.html(["a", "b", "c", "d"], [["1", "2", "3", "4"]], "t", (), (3,))


def p_has(metric: object, level: str) -> bool:
    return level in getattr(metric, "levels", ())


def test_the_pages_are_made_ready_without_a_visitor() -> None:
    """Every heavy page of one person of each kind runs to its end, and rests after each."""
    house = front.House(STORE, CATALOGUE, DIRECTORY, {}, SHARED)
    people = [DIRECTORY.people[login] for login in ROLES.values()]
    heavy = [path for _, path in CASES if path in warming.HEAVY]
    rested: list[float] = []
    assert warming.make(house, people, rested.append) == len(heavy) == len(rested) > 5
    for name in quiet.ABSENT:
        logger = logging.getLogger(f"streamlit.{name}")
        logger.setLevel(logging.INFO)  # as Streamlit does when its server starts
        assert not logger.filter(logging.makeLogRecord({"levelno": logging.WARNING}))
        assert logger.filter(logging.makeLogRecord({"levelno": logging.ERROR}))
