"""The bench: a folder of its own, which it empties, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.__main__ import main
from tests.loading import Place
from tests.test_store import day_file, figures, make, run


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    make(made)
    for day in (1, 2, 3):
        day_file(made, day)
    return made


def bench(place: Place, folder: Path, files: Path, *more: str) -> int:
    return main(["bench", "--company", str(place.company), "--var", str(folder), "--files", str(files),
                 "--customers", "0", "--threads", "1", *more])  # fmt: skip


def test_days_are_loaded_and_the_books_balance(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert bench(place, place.root / "bench", place.inbox) == 0
        told = capsys.readouterr().out
        assert "20260101: 200 records" in told and "The books balance." in told and "Highest memory" in told


def test_days_before_the_timed_ones_are_loaded_some_together(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in (4, 5, 6, 7):
        day_file(place, day)
    assert bench(place, place.root / "bench", place.inbox, "--after", "5", "--drops", "0") == 0
    told = [line.split(" records")[0] for line in capsys.readouterr().out.splitlines() if " records in " in line]
    assert told == ["before, to 20260104: 800", "before, to 20260105: 200", "20260106: 200", "20260107: 200"]


def test_a_store_is_never_emptied_for_a_bench(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    run(place)
    before = figures(place)
    assert bench(place, place.var.root, place.inbox) == 1
    assert "which is no bench's; --var names a folder that is emptied first" in capsys.readouterr().err
    assert figures(place) == before


def test_files_that_are_to_be_loaded_are_not_removed(place: Place) -> None:
    made = (place.root / "bench").joinpath("made")
    made.parent.mkdir()
    place.inbox.rename(made)
    assert bench(place, place.root / "bench", made) == 1
    assert len(list(made.iterdir())) == 3
