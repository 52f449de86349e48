"""Watching goes on whatever happens to folders, disks and other loaders; a backup's state is one whole."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from data import backup, ledger, load, publish
from data.watch import watch
from data.work import Var, opened
from tests.loading import Place
from tests.test_store import child, day_file, figures, make, run, truth


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "place")
    made.root.mkdir()
    make(made)
    return made


def watched(place: Place, at: dict[int, Callable[[], object]], steps: int = 14) -> list[str]:
    """Watch the inbox for some looks, doing something at some of them; what was told."""
    told: list[str] = []
    looks = iter(range(steps))

    def until() -> bool:
        look = next(looks, None)
        if look in at:
            at[look]()
        return look is None

    with opened(place.var, 2) as con:
        watch(con, place.var, place.company, [place.inbox], every=0.02, until=until, tell=told.append)
        assert ledger.check(con) == []
    return told


def test_a_folder_that_goes_and_comes_back_stops_nothing(place: Place) -> None:
    day_file(place, 1)
    away = place.root / "away"

    def back() -> None:
        away.rename(place.inbox)
        day_file(place, 2)

    told = watched(place, {3: lambda: place.inbox.rename(away), 7: back})
    assert any("no such file or folder" in line for line in told)
    assert figures(place) == truth(place)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), duckdb.IOException("disk gone")])
def test_a_version_that_cannot_be_written_is_tried_again(
    error: Exception, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    day_file(place, 1)
    run(place)
    before, real, failed = figures(place), publish.publish, []

    def failing(*given: object) -> str:
        if len(failed) < 3:
            failed.append(figures(place) == before)
            raise error
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(publish, "publish", failing)
    day_file(place, 2)
    told = watched(place, {})
    assert failed == [True, True, True]
    assert sum("could not be written (nothing lost)" in line for line in told) == 3
    assert figures(place) == truth(place) != before


def test_files_in_any_order_a_piece_at_a_time_while_somebody_reads(place: Place, tmp_path: Path) -> None:
    """A file that grows while it is watched is taken as often as it rests, and counts once in the end."""
    for day in (3, 1):
        day_file(place, day)
    whole = sorted(place.inbox.iterdir())[0].read_bytes()
    growing = place.inbox / "visits_20260102.csv"
    rows = whole.decode().replace("2026-01-01", "2026-01-02").encode().splitlines(keepends=True)
    seen = []

    def grow(share: float) -> Callable[[], object]:
        return lambda: (growing.write_bytes(b"".join(rows[: int(len(rows) * share)])), seen.append(figures(place)))

    watched(place, {2: grow(0.3), 6: grow(0.7), 10: grow(1.0), 16: lambda: day_file(place, 4)}, steps=24)
    assert figures(place) == truth(place)
    assert len(seen) == 3


def test_another_command_leaves_a_running_load_alone(place: Place) -> None:
    """A second loader is told that there is one, and clears nothing that the first one needs."""
    day_file(place, 1)
    with opened(place.var, 2):
        needed = place.var.scratch / "7.txt"
        needed.write_text("recoded")
        second = child(place)
        _, told = second.communicate(timeout=60)
        assert second.returncode != 0 and "is held by another load; one writer at a time" in told
        assert needed.read_text() == "recoded"
    run(place)
    assert figures(place) == truth(place)


def test_a_file_with_a_very_long_name_is_a_file_like_others(place: Place) -> None:
    day_file(place, 1)
    path = next(place.inbox.iterdir())
    path.rename(path.with_name("visits_20260101" + "x" * 230 + ".csv"))
    run(place)
    assert place.rows("SELECT state, length(name) FROM ledger") == [("loaded", 249)]


def test_a_backup_of_a_state_in_use_is_one_whole(place: Place, tmp_path: Path) -> None:
    """What is written while the backup runs is in it or not; no log of the old file lies beside the copy."""
    day_file(place, 1)
    run(place)
    state = place.var.root / "state.sqlite"
    con = sqlite3.connect(state)
    con.execute("PRAGMA journal_mode = wal")
    con.execute("CREATE TABLE said(what TEXT)")
    con.execute("INSERT INTO said VALUES ('kept')")
    con.commit()
    assert state.with_name("state.sqlite-wal").stat().st_size > 0
    made = backup.backup(place.var, tmp_path / "backup")
    assert not [name for name in made if name.endswith(("-wal", "-shm"))]
    con.execute("INSERT INTO said VALUES ('later')")
    con.commit()
    con.close()
    other = Var(tmp_path / "other")
    backup.restore(tmp_path / "backup", other)
    with sqlite3.connect(other.root / "state.sqlite") as again:
        assert again.execute("SELECT what FROM said").fetchall() == [("kept",)]
    shutil.rmtree(place.var.root)
    other.root.rename(place.var.root)
    assert figures(place) == truth(place)
    day_file(place, 2)
    with opened(place.var, 2) as con_:
        load.run(con_, place.var, place.company, [place.inbox], tell=lambda text: None)
    assert figures(place) == truth(place)
