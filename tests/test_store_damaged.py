"""A version that is damaged inside, at its full length: met when the block is read, told, passed over, made anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import app
from data.__main__ import main
from data.store import CORRUPT, DamagedError, NoStoreError, Versions
from data.watch import watch
from data.work import opened
from tests.loading import Place, csv
from tests.test_store import HEADER, day_file, figures, make, run, truth

BLOCK, FIRST = 65_536, 12_288
"""Bytes of a block, and of what stands before the first."""
FIGURES = "SELECT sum(hash(COLUMNS(*))) FROM m_late"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    make(made)
    for day in range(1, 9):
        day_file(made, day)
        if day > 6:
            run(made)
    return made


def harmed(path: Path) -> Iterator[str]:
    """The file with one block after the other damaged; what opening it says."""
    whole = path.read_bytes()
    for at in range(FIRST + 100, len(whole), BLOCK):
        path.write_bytes(whole[:at] + bytes(byte ^ 255 for byte in whole[at : at + 64]) + whole[at + 64 :])
        yield said(path, "SELECT 1")


def said(path: Path, sql: str) -> str:
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            con.execute(sql).fetchall()
    except duckdb.Error as error:
        return str(error)
    return ""


def damage(path: Path) -> None:
    """Damage a block that is met when the figures are read, and not before."""
    assert any(not told and CORRUPT in said(path, FIGURES) for told in harmed(path))


@pytest.fixture
def hurt(place: Place) -> Versions:
    """The newest of two versions is damaged where its figures lie."""
    versions = Versions(place.var.root)
    damage(versions.path("v0000002"))
    return versions


def test_a_block_that_is_damaged_is_told_and_the_version_before_is_read(place: Place, hurt: Versions) -> None:
    mark = hurt.mark()
    with hurt.open() as store:
        assert store.version == "v0000002"
        with pytest.raises(DamagedError, match="asked again, the version before it answers"):
            store.fetch(FIGURES)
    assert hurt.mark() != mark
    with hurt.open() as store:
        assert store.version == "v0000001"
    assert run(place).version == "v0000003"
    assert figures(place) == truth(place)
    for day in range(9, 14):
        day_file(place, day)
        run(place)
    assert [path.suffix for path in hurt.folder.glob("v0000002.*")] == []


def test_where_every_version_is_damaged_it_is_said_until_one_is_made(place: Place, hurt: Versions) -> None:
    damage(hurt.path("v0000001"))
    for _ in range(2):
        with hurt.open() as store, pytest.raises(DamagedError):
            store.fetch(FIGURES)
    with pytest.raises(NoStoreError, match="the next load publishes one anew"):
        hurt.open()
    run(place)
    assert figures(place) == truth(place)


def test_watching_makes_a_version_anew_that_a_reader_found_damaged(place: Place, hurt: Versions) -> None:
    steps = iter(range(12))
    told: list[str] = []

    def until() -> bool:
        step = next(steps, None)
        if step == 3:
            with hurt.open() as store, pytest.raises(DamagedError):
                store.fetch(FIGURES)
        return step is None

    with opened(place.var, 2) as con:
        watch(con, place.var, place.company, [place.inbox], every=0.02, until=until, tell=told.append)
    assert hurt.newest() == "v0000003"
    assert figures(place) == truth(place)


def test_damage_that_publishing_meets_is_not_handed_on(place: Place, hurt: Versions) -> None:
    """Visits that were late after all: the copy of the version before is read there, and is damaged."""
    rows = [f"v{day}-{n},999,2026-01-{day:02d} 05:00:00,U1,True" for day in (1, 2, 3, 7, 8) for n in range(1, 90)]
    place.file("visits_20260109.csv", csv(HEADER, rows))
    assert run(place).version == "v0000003"
    assert hurt.whole("v0000003") and not hurt.whole("v0000002")
    assert figures(place) == truth(place)


def test_health_reads_all_of_the_newest_version(
    place: Place, hurt: Versions, capsys: pytest.CaptureFixture[str]
) -> None:
    command: list[Any] = ["health", "--company", str(place.company), "--var", str(place.var.root)]
    assert main(command) == 1
    assert "v0000002.duckdb IS GONE OR DAMAGED: the next load makes it anew" in capsys.readouterr().out
    run(place)
    assert main(command) == 0


def test_a_version_whose_tables_cannot_be_listed_gives_way(place: Place) -> None:
    path = Versions(place.var.root).path("v0000002")
    hard = 0
    for told in harmed(path):
        if CORRUPT in told:
            hard += 1
            with Versions(place.var.root).open() as store:
                assert store.version == "v0000001" or store.fetch("SELECT 1")
    assert hard


def test_a_page_that_meets_the_damage_is_run_again_on_the_version_before(
    hurt: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(_settings: Any, held: Any) -> None:
        held.fetch(FIGURES)
        st.text(held.version)

    def script(var: str) -> None:
        from pathlib import Path

        import app

        app.page(app.Settings(Path(var), warms=False))

    monkeypatch.setattr(app, "_shown", shown)
    at = AppTest.from_function(script, args=(str(hurt.folder.parent),), default_timeout=30).run()
    assert [text.value for text in at.text] == ["v0000001"] and not at.exception
