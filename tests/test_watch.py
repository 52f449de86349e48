"""Watching goes on whatever happens to folders, disks and other loaders; a backup's state is one whole."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from data import arrivals, backup, inbox, ledger, load, publish
from data.inbox import Inbox
from data.store import Versions
from data.watch import watch
from data.work import Var, opened
from tests.loading import Place
from tests.test_store import ROOT, child, day_file, figures, make, run, truth


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


def test_a_name_that_is_no_text_costs_only_its_file(place: Place) -> None:
    day_file(place, 1)
    good = place.file("visits_other.csv", "")
    good.rename(Path(os.fsdecode(os.fsencode(place.inbox) + b"/visits_\xff.csv")))
    told = watched(place, {})
    assert [line for line in told if "UTF-8" in line] == [
        f"NOT TAKEN {place.inbox}/visits_\\xff.csv: cannot be read: its name is not UTF-8; give it another one"
    ]
    assert place.rows("SELECT name FROM strangers") == [("visits_\\xff.csv",)]
    assert figures(place) == truth(place)


@pytest.mark.parametrize("name", ["sources/visits.yml", "models/visit.sql"])
def test_a_company_that_is_being_edited_stops_no_watching(place: Place, name: str) -> None:
    day_file(place, 1)
    text = (place.company / name).read_text()

    def broken() -> None:
        (place.company / name).write_text("-- fact: [\n" if name.endswith("sql") else "source: [")
        day_file(place, 2)

    told = watched(place, {3: broken, 8: lambda: (place.company / name).write_text(text)})
    assert any(name in line for line in told)
    assert figures(place) == truth(place)


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
    assert sum("could not be written (nothing lost)" in line for line in told) == 1
    assert "going on: v0000002" in told
    assert figures(place) == truth(place) != before


def test_a_log_that_cannot_be_put_away_ends_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is out by then; the log is put into the database by the next pass."""
    day_file(place, 1)
    run(place)
    before, real, failed = figures(place), load.tidy, []
    day_file(place, 2)

    def failing(con: duckdb.DuckDBPyConnection, var: Var, plain: list[Path]) -> None:
        now = figures(place)
        if not failed and now != before:
            failed.append(now)
            raise duckdb.IOException("No space left on device")
        real(con, var, plain)

    monkeypatch.setattr(load, "tidy", failing)
    told = watched(place, {})
    assert any(
        line.startswith("the version is out, the log could not be put into the database (nothing lost): ")
        for line in told
    )
    assert failed == [figures(place)] == [truth(place)] and "going on: v0000002" in told


@pytest.mark.parametrize("harm", ["gone", "short", "pointer"])
def test_a_version_that_is_damaged_while_nothing_comes_is_made_anew_at_once(place: Place, harm: str) -> None:
    day_file(place, 1)
    run(place)
    versions = Versions(place.var.root)

    def damage() -> None:
        path = versions.path("v0000001") if harm != "pointer" else versions.folder / "current"
        path.write_bytes(path.read_bytes()[:-1]) if harm == "short" else path.unlink()

    watched(place, {6: damage})
    assert versions.newest() == "v0000002" and versions.sound("v0000002")
    assert figures(place) == truth(place)


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
    assert place.rows("SELECT max(size) FROM ledger WHERE name = ?", growing.name) == [(growing.stat().st_size,)]


def test_another_command_leaves_a_running_load_alone(place: Place) -> None:
    """A second loader is told that there is one, and clears nothing that the first one needs."""
    day_file(place, 1)
    with opened(place.var, 2):
        needed = place.var.scratch / "7.txt"
        needed.write_text("recoded")
        second = child(place)
        _, told = second.communicate(timeout=60)
        assert second.returncode != 0 and "one writer at a time: wait for it, or stop it" in told
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


ASKER = """
import sys, time
from pathlib import Path
from data.work import HeldError, Var, asked
try:
    with asked(Var(Path(sys.argv[1])), float(sys.argv[2])) as con:
        print("has it", con.execute("SELECT count(*) FROM ledger").fetchone()[0], flush=True)
        time.sleep(float(sys.argv[3]))
except HeldError as error:
    print(error)
"""


def beside(place: Place, start: Callable[[], subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """Watch, start a command beside it, let another file come when the command has ended, and watch on a little."""
    runs: list[subprocess.Popen[str]] = []
    after = looks = 0

    def until() -> bool:
        nonlocal after, looks
        looks += 1
        if looks == 4:
            runs.append(start())
        elif looks > 4 and runs[0].poll() is not None:
            if not after:
                day_file(place, 2)
            after += 1
        return after == 6

    with opened(place.var, 2) as con:
        watch(con, place.var, place.company, [place.inbox], every=0.02, until=until, tell=lambda text: None)
        assert ledger.check(con) == []
    return runs[0]


@pytest.mark.parametrize("words", [["backup"], ["expire", "--on", "2026-02-01"]])
def test_a_command_of_the_night_is_let_in_between_two_passes(place: Place, tmp_path: Path, words: list[str]) -> None:
    day_file(place, 1)
    target = [str(tmp_path / "backup")] if words == ["backup"] else []
    command = [sys.executable, "-m", "data", *words, *target, "--var", place.var.root, "--company", place.company]
    ended = beside(place, lambda: subprocess.Popen(command, cwd=ROOT, text=True))
    assert ended.returncode == 0
    assert figures(place) == truth(place) and len(figures(place)) == 14
    if target:
        other = Var(tmp_path / "other")
        backup.restore(tmp_path / "backup", other)
        with opened(other, 1) as con:
            assert con.execute("SELECT count(*) FROM ledger").fetchall() == [(1,)] and ledger.check(con) == []


def test_a_command_that_is_killed_while_it_has_the_database_gives_it_back(place: Place) -> None:
    day_file(place, 1)
    command = [sys.executable, "-c", ASKER, str(place.var.root), "60", "600"]
    said: list[str] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

        def kill() -> None:
            assert process.stdout
            said.append(process.stdout.readline())
            process.kill()

        threading.Thread(target=kill).start()
        return process

    ended = beside(place, start)
    assert ended.returncode == -signal.SIGKILL and said == ["has it 1\n"]
    assert figures(place) == truth(place) and len(figures(place)) == 14


def test_a_database_that_does_not_open_again_is_told_and_tried_until_it_does(place: Place) -> None:
    day_file(place, 1)
    run(place)
    whole = place.var.root / "whole"
    command = [sys.executable, "-c", ASKER, str(place.var.root), "60", "600"]
    asker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert asker.stdout and asker.stdout.readline() == "has it 1\n"
    told: list[str] = []

    def harm() -> None:
        place.var.database.rename(whole)
        place.var.database.write_bytes(b"no database at all" * 999)
        asker.kill()

    def until() -> bool:
        if told and whole.exists():
            whole.replace(place.var.database)
            day_file(place, 2)
        return not whole.exists() and figures(place)[-1][0].day == 2

    with closing(duckdb.connect()) as con:  # as a load that has stepped aside
        con.execute(f"SET temp_directory = '{place.var.scratch}'")
        threading.Timer(0.5, harm).start()
        watch(con, place.var, place.company, [place.inbox], every=0.02, until=until, tell=told.append)
        assert ledger.check(con) == []
    assert f"{place.var.database} cannot be opened: " in told[0] and figures(place) == truth(place)


def test_a_load_that_does_not_watch_is_waited_for_and_then_told(place: Place) -> None:
    day_file(place, 1)
    command = [sys.executable, "-c", ASKER, str(place.var.root), "0.5", "0"]
    with opened(place.var, 2):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    assert "is held by another load; one writer at a time" in done.stdout
    run(place)
    assert figures(place) == truth(place)


def test_a_look_at_what_is_known_is_a_look_at_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files in two folders, both done: only folders are looked at until the next whole look."""
    now, looked = [0.0], []
    (tmp_path / "inner").mkdir()
    paths = [tmp_path / "a.csv", tmp_path / "inner" / "b.csv"]
    for path in paths:
        path.write_text("1")
    box = Inbox([tmp_path], lambda: now[0])
    assert (box.ready(), box.ready()) == ([], paths)
    box.done(paths)
    real = inbox._marks
    monkeypatch.setattr(inbox, "LATELY", -60.0)
    assert box.ready() == []
    monkeypatch.setattr(inbox, "_marks", lambda files: real(looked.append(file) or file for file in files))
    assert (box.ready(), looked) == ([], [])
    new = tmp_path / "inner" / "c.csv"
    new.write_text("1")
    assert (box.ready(), box.ready()) == ([], [new])
    assert {Path(file).name for file in looked} == {"b.csv", "c.csv"}
    box.done([new])
    paths[0].write_text("22")  # written over where it lies: the folder's own time stays
    now[0] = inbox.WHOLE + 1
    assert (box.ready(), box.ready()) == ([], [paths[0]])


def test_a_file_that_becomes_another_while_it_waits_is_taken_as_it_came_to_rest(tmp_path: Path) -> None:
    box, path = Inbox([tmp_path]), tmp_path / "a.csv"
    for text in ("1", "12", "123"):
        path.write_text(text)
        assert box.ready() == []
    assert box.ready() == [path]
    path.rename(tmp_path / "b.csv")
    assert (box.ready(), box.ready()) == ([], [tmp_path / "b.csv"])
    (tmp_path / "b.csv").unlink()
    assert box.ready() == []


def test_a_file_that_cannot_be_read_is_told_once_seen_on_the_page_and_taken_when_it_can(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    day_file(place, 1)
    closed, real, shown = day_file(place, 2), ledger.look, []
    shut = [True]

    def look(path: Path) -> ledger.Found:
        if shut and path == closed:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    def open_up() -> None:
        with Versions(place.var.root).open() as store:
            shown.extend(store.fetch("SELECT name, note FROM strangers"))
        shut.clear()

    monkeypatch.setattr(ledger, "look", look)
    monkeypatch.setattr(inbox, "WHOLE", 0.1)
    told = watched(place, {8: open_up}, steps=24)
    assert [line for line in told if "visits_20260102" in line] == [
        f"NOT TAKEN {closed}: cannot be read: Permission denied"
    ]
    assert shown == [("visits_20260102.csv", "cannot be read: Permission denied")]
    assert figures(place) == truth(place)
    assert place.rows("SELECT count(*) FROM ledger") == [(2,)]
    assert place.rows("SELECT * FROM strangers") == []


def test_a_file_of_no_source_is_told_and_shown_though_nothing_else_came(place: Place) -> None:
    day_file(place, 1)
    run(place)
    (place.inbox / "holiday.jpg").write_bytes(b"")
    told = watched(place, {})
    assert told == ["NO SOURCE TAKES holiday.jpg"]
    with Versions(place.var.root).open() as store:
        assert store.fetch("SELECT name FROM strangers") == [("holiday.jpg",)]


def test_what_a_killed_load_left_is_found_and_its_pieces_go(place: Place) -> None:
    path = day_file(place, 1)
    run(place)
    folder = place.var.kept / "visits"
    (folder / "0123456789abcdef__visits_20260102.csv.part").write_text("id,l")
    day_file(place, 2).rename(folder / "fedcba9876543210__visits_20260102.csv")
    path.unlink()
    run(place)
    assert place.rows("SELECT name, state FROM ledger ORDER BY id") == [
        ("visits_20260101.csv", "loaded"), ("visits_20260102.csv", "loaded"),
    ]  # fmt: skip
    assert not list(folder.glob("*.part"))
    assert figures(place) == truth(place)


def test_a_disk_without_any_room_does_not_end_the_watching(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    day_file(place, 1)
    real, failed = arrivals._remember, []

    def failing(*given: object) -> None:
        if len(failed) < 2:
            failed.append(True)
            raise duckdb.TransactionException("Failed to commit: No space left on device")
        real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(arrivals, "_remember", failing)
    told = watched(place, {})
    assert told[0].startswith("nothing could be taken, nothing lost: ") and len(told) == 2
    assert figures(place) == truth(place)


@pytest.mark.parametrize("more", [b"", b"v9-1,99,2026-01-01 01:00:00,U1,true\n", None])
def test_what_is_kept_is_what_is_told_of_it(place: Place, more: bytes | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows or shrinks between being looked at and being kept."""
    path, real = day_file(place, 1), ledger.look

    def look(given: Path) -> ledger.Found:
        found = real(given)
        if given == path:
            path.write_bytes(path.read_bytes()[:-40] if more is None else path.read_bytes() + more)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "look", look)
        run(place)
    (kept,) = [ledger.unpack(p) for p in (place.var.kept / "visits").iterdir()]
    assert place.rows("SELECT hash, size, lines FROM ledger") == [
        (real(kept).hash, kept.stat().st_size, real(kept).lines)
    ]
    assert place.rows("SELECT received - lines FROM ledger") == [(-1,)]
    run(place)
    assert figures(place) == truth(place)


@pytest.mark.parametrize("later", [load.PACK_LATER, 0])
def test_kept_files_are_packed_in_the_end(place: Place, later: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the version is out, or with their batch; the same bytes come out again."""
    path, real = day_file(place, 1), publish.publish

    def published(*given: object) -> str:
        names = [kept.suffix for kept in (place.var.kept / "visits").iterdir()]
        assert names == [".csv" if later else ledger.PACKED]
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(load, "PACK_LATER", later)
    monkeypatch.setattr(publish, "publish", published)
    run(place)
    (kept,) = (place.var.kept / "visits").iterdir()
    assert kept.suffix == ledger.PACKED
    assert ledger.unpack(kept).read_bytes() == path.read_bytes()


def test_what_a_pass_that_was_cut_off_left_unpacked_is_packed_by_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = day_file(place, 1)
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "pack", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(place)
    assert [kept.suffix for kept in (place.var.kept / "visits").iterdir()] == [".csv"]
    run(place)
    (kept,) = (place.var.kept / "visits").iterdir()
    assert kept.suffix == ledger.PACKED
    assert ledger.unpack(kept).read_bytes() == path.read_bytes()
