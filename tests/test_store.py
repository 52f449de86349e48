"""Published versions: what they hold, readers that are never disturbed, crashes and full disks that lose nothing."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from data import ledger, load, publish, work
from data.arrivals import Report
from data.store import NoStoreError, Versions
from data.watch import watch
from data.work import LoadError, opened
from tests.loading import Place, csv

ROOT = Path(__file__).parents[1]
HEADER = "id,lsn,at,unit,late"


def make(place: Place) -> None:
    """A company of one source, one fact and one metric."""
    place.source(
        source="visits", files=["visits_*.csv"], format="csv", key=["id"], order=["lsn"], day="at", complete_lines=True,
        columns={"id": "text", "lsn": "int", "at": "time", "unit": {"required": True}, "late": {"type": "flag"}},
    )  # fmt: skip
    (place.company / "company.yml").write_text(
        "name: Test\nlevels:\n  - {key: unit, words: [unit]}\n  - {key: all, words: [all]}\n"
    )
    (place.company / "models" / "visit.sql").write_text(
        "-- fact: visit\n-- key: id\n-- day: day\n-- needs: {s_visits: 0}\n"
        'SELECT id, CAST("at" AS DATE) AS day, unit, late FROM s_visits\n'
    )
    (place.company / "metrics" / "late.yml").write_text(
        "key: late\nlabel: Late\nkind: ratio\ndirection: lower\nlevels: [unit]\ndimensions: []\n"
        "facts: {from: visit, day: day, num: late, den: 1, unit: unit}\n"
    )


def day_file(place: Place, day: int, rows: int = 200, version: int = 1) -> Path:
    """One day of visits; every tenth row of a version corrects a row of the day before."""
    made = []
    for n in range(rows):
        own = day if n % 10 else max(1, day - 1)
        made.append(
            f"v{own}-{n},{day * 10 + version},2026-01-{own:02d} {n % 24:02d}:00:00,U{n % 7},{(n * day) % 3 == 0}"
        )
    return place.file(f"visits_202601{day:02d}.csv", csv(HEADER, made))


def run(place: Place, **more: Any) -> Report:
    with opened(place.var, 2) as con:
        report = load.run(con, place.var, place.company, [place.inbox], tell=lambda text: None, **more)
        assert ledger.check(con) == []
    return report


def figures(place: Place) -> list[tuple[Any, ...]]:
    with Versions(place.var.root).open() as store:
        return store.fetch("SELECT day, unit, num, den, n FROM m_late ORDER BY ALL")


def truth(place: Place) -> list[tuple[Any, ...]]:
    sql = """SELECT CAST("at" AS DATE), unit, sum(late::INT)::DOUBLE, count(*)::DOUBLE, count(*) FROM s_visits
             GROUP BY ALL ORDER BY ALL"""
    return place.rows(sql)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    make(made)
    return made


def test_a_version_holds_figures_books_and_freshness(place: Place) -> None:
    day_file(place, 1)
    day_file(place, 2)
    assert run(place).version == "v0000001"
    assert figures(place) == truth(place)
    with Versions(place.var.root).open() as store:
        meta = dict(store.fetch("SELECT key, value FROM meta"))
        assert (meta["first_day"], meta["last_day"], meta["version"]) == ("2026-01-01", "2026-01-02", "v0000001")
        assert store.fetch("SELECT source, received, accepted, replaced FROM books") == [("visits", 400, 380, 20)]
        assert store.fetch("SELECT source, state FROM freshness") == [("visits", "fresh")]
        assert store.columns("t_late")[0] == "day"
        assert store.columns("no_such_table") == ()


def test_nothing_new_publishes_nothing(place: Place) -> None:
    day_file(place, 1)
    assert run(place).version == run(place).version == "v0000001"


def test_the_next_version_is_copied_once_while_figures_are_made(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(1, 8):  # else nearly all days change, and a version is written anew
        day_file(place, day)
    run(place)
    copied, begun, real, refresh = [], threading.Event(), shutil.copyfile, load.refresh

    def copy(*paths: Path) -> None:
        if paths[0].suffix == ".duckdb":
            copied.append(paths)
            begun.set()
        real(*paths)

    def after_that(*given: Any) -> None:
        assert begun.wait(30)
        refresh(*given)

    monkeypatch.setattr("data.publish.shutil.copyfile", copy)
    monkeypatch.setattr(load, "refresh", after_that)
    day_file(place, 8)
    assert run(place).version == "v0000002"
    assert len(copied) == 1
    assert figures(place) == truth(place)


def test_a_copy_made_ahead_goes_when_the_figures_fail(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    day_file(place, 1)
    run(place)

    def fails(*given: Any) -> None:
        raise OSError("no room")

    day_file(place, 2)
    with monkeypatch.context() as patched, pytest.raises(load.LoadError, match="no room"):
        patched.setattr(load, "refresh", fails)
        run(place)
    assert [path.name for path in Versions(place.var.root).folder.glob("*.part")] == []
    assert run(place).version == "v0000002"
    assert figures(place) == truth(place)


def test_a_reader_keeps_its_version_and_it_is_cleared_when_nobody_reads(place: Place) -> None:
    day_file(place, 1)
    run(place)
    versions = Versions(place.var.root)
    reader = versions.open()
    before = reader.fetch("SELECT sum(den) FROM m_late")
    for day in range(2, 8):
        day_file(place, day)
        run(place)
    assert versions.newest() == "v0000008", "the seventh, packed"
    assert reader.fetch("SELECT sum(den) FROM m_late") == before
    assert versions.path("v0000001").exists()
    assert not versions.path("v0000003").exists()
    reader.close()
    assert "v0000001" in versions.clear()
    assert figures(place) == truth(place)


def test_a_version_is_packed_when_it_is_out_not_while_somebody_waits_for_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged: list[tuple[str, bool]] = []
    pack = publish._pack
    monkeypatch.setattr(publish, "_pack", lambda con, merge: (merged.append((waits, merge)), pack(con, merge)))
    packed, waits = publish.packed, "waits"

    def after(*given: Any) -> str:
        nonlocal waits
        waits = "nobody"
        return packed(*given)

    monkeypatch.setattr(publish, "packed", after)
    for day in range(1, 17):
        waits = "waits"
        day_file(place, day)
        run(place)
        assert figures(place) == truth(place)
    assert [who for who, merge in merged if merge] == ["nobody", "nobody"]
    assert run(place).version == "v0000018", "nothing new: no version"
    made: list[tuple[str, bool]] = []
    fill = publish._fill
    monkeypatch.setattr(publish, "_fill", lambda *given: (made.append((waits, given[5])), fill(*given))[1])
    monkeypatch.setattr(publish, "SPARE", -1e9)
    day_file(place, 17)
    waits = "waits"
    assert run(place).version == "v0000020"
    assert made == [("waits", False), ("nobody", True)], "grown too much: written anew"
    assert figures(place) == truth(place)


def test_a_company_of_no_level_below_the_whole_is_told_and_nothing_is_lost(place: Place) -> None:
    day_file(place, 1)
    whole = place.company / "company.yml"
    said = whole.read_text()
    whole.write_text("name: Test\nlevels:\n  - {key: all, words: [all]}\n")
    late = place.company / "metrics" / "late.yml"
    late.write_text(late.read_text().replace("levels: [unit]", "levels: []").replace(", unit: unit", ""))
    with pytest.raises(LoadError, match=r"company\.yml: levels: a level below the whole is needed"):
        run(place)
    make(place)
    assert whole.read_text() == said
    run(place)
    assert figures(place) == truth(place)


def test_memory_is_given_back_after_a_long_load_and_there_again_for_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LOG_FROM", 0)
    monkeypatch.setattr(work, "RESTING", "1KB")
    limit = "SELECT current_setting('memory_limit')"
    with opened(place.var, 1) as con:
        at_first = con.execute(limit).fetchone()
        for day in (1, 2):
            day_file(place, day)
            load.run(con, place.var, place.company, [place.inbox], tell=lambda text: None)
            assert con.execute(limit).fetchone() == at_first
    assert figures(place) == truth(place)


@pytest.mark.parametrize("harm", ["gone", "rubbish", "cut", "short", "pointer"])
def test_a_newest_version_that_is_damaged_gives_way_and_is_made_anew(
    place: Place, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    versions = Versions(place.var.root)
    for day in (1, 2):
        day_file(place, day)
        run(place)
    path = versions.path("v0000002")
    if harm == "gone":
        path.unlink()
    elif harm == "pointer":
        (versions.folder / "current").write_bytes(b"\xff\x00")
    else:
        whole = path.read_bytes()
        path.write_bytes({"rubbish": b"rubbish" * 999, "cut": whole[:9000], "short": whole[:-1]}[harm])
    if harm != "pointer":
        with versions.open() as store:
            assert store.version == "v0000001"
        assert caplog.messages == [f"{path} is gone or damaged: v0000001 is read"]
    assert run(place).version == "v0000003"
    assert figures(place) == truth(place)


def test_a_version_is_opened_twice_in_one_process(place: Place) -> None:
    day_file(place, 1)
    run(place)
    versions = Versions(place.var.root)
    with versions.open() as one, versions.open() as other:
        for store in (one, other):
            assert store.fetch("SELECT current_setting('TimeZone'), current_setting('lock_configuration')") == [
                ("UTC", True)
            ]


def test_where_no_version_opens_it_is_said(place: Place) -> None:
    day_file(place, 1)
    run(place)
    Versions(place.var.root).path("v0000001").unlink()
    with pytest.raises(NoStoreError, match="no version here can be opened"):
        Versions(place.var.root).open()


def test_a_store_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoStoreError, match="nothing is published here yet"):
        Versions(tmp_path).open()


def test_a_file_that_was_not_taken_is_told_until_it_comes_anew(place: Place) -> None:
    """Also when newer ones were taken since: its rows are missing all the same."""

    def told() -> tuple[list[Any], list[Any]]:
        with Versions(place.var.root).open() as store:
            behind = store.fetch("SELECT value FROM meta WHERE key = 'behind'")[0][0]
            assert (behind == "1/1") == (store.fetch("SELECT state FROM freshness") == [("broken",)])
            files = store.fetch("SELECT name, waiting FROM untaken ORDER BY name")
            return files, store.fetch("SELECT state, note FROM freshness")

    for day in (1, 2, 3):
        day_file(place, day)
    cut = place.inbox / "visits_20260102.csv"
    whole = cut.read_bytes()
    cut.write_bytes(whole[:-5])
    (place.inbox / "visits_20260101 (2).csv").write_bytes(b"")
    run(place)
    files, ((state, note),) = told()
    assert files == [("visits_20260101 (2).csv", 0), ("visits_20260102.csv", 200)]
    assert state == "broken"
    assert (
        note
        == "visits_20260102.csv was refused: the last line has no end: cut short or still being written; and 1 more"
    )
    cut.write_bytes(whole)
    run(place)
    assert told()[0] == [("visits_20260101 (2).csv", 0)]
    day_file(place, 2, version=2).rename(place.inbox / "visits_20260101 (2).csv")
    run(place)
    assert told() == ([], [("fresh", "")])
    cut.write_bytes(whole[:-9])
    run(place)
    assert told()[0] == [("visits_20260102.csv", 199)]


def test_many_threads_ask_one_store(place: Place) -> None:
    from concurrent.futures import ThreadPoolExecutor

    day_file(place, 1)
    run(place)
    with Versions(place.var.root).open() as store, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: store.fetch("SELECT ?, sum(den) FROM m_late", [n]), range(200)))
    assert answers == [[(n, 200.0)] for n in range(200)]


def test_a_store_cannot_be_changed_nor_read_files(place: Place) -> None:
    day_file(place, 1)
    run(place)
    with Versions(place.var.root).open() as store:
        for sql in ("DELETE FROM m_late", "SELECT * FROM read_csv('/etc/passwd')", "SET enable_external_access = true"):
            with pytest.raises(Exception, match=r"read-only|disabled|configuration"):
                store.fetch(sql)


READER = """
    import sys
    from pathlib import Path
    from data.store import Versions
    root, stop, count = Path(sys.argv[1]), Path(sys.argv[2]), 0
    versions = Versions(root)
    while not stop.exists():
        with versions.open(threads=1) as store:
            for _ in range(3):
                ((cells, days),) = store.fetch("SELECT (SELECT sum(den) FROM m_late), (SELECT sum(den) FROM t_late)")
                books = store.fetch("SELECT accepted FROM books")[0][0]
                assert cells == days == books, (store.version, cells, days, books)
                count += 1
                if count == 1:
                    print("reading", flush=True)
    print(count, flush=True)
"""
"""A reader process: opens the newest version again and again; every version must add up in itself."""


PUBLISHES = int(os.environ.get("GS_PUBLISHES", "6"))


def test_readers_ask_without_pause_while_versions_are_published(place: Place, tmp_path: Path) -> None:
    """GS_PUBLISHES=50 pytest tests/test_store.py -k readers: four reader processes, as many publishes."""
    publishes = PUBLISHES
    day_file(place, 1)
    run(place)
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", textwrap.dedent(READER), str(place.var.root), str(stop)]
    readers = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4 if publishes > 8 else 2)
    ]
    assert [reader.stdout.readline() for reader in readers if reader.stdout] == ["reading\n"] * len(readers)
    with opened(place.var, 1) as con:
        for n in range(publishes):
            day_file(place, 2 + n % 27, version=2 + n // 27)
            load.run(con, place.var, place.company, [place.inbox], tell=lambda text: None)
    stop.touch()
    ends = [reader.communicate(timeout=180) for reader in readers]
    assert [reader.returncode for reader in readers] == [0] * len(readers), ends
    counts = [int(out) for out, _ in ends]
    assert all(count > 3 for count in counts), counts
    published = int((Versions(place.var.root).newest() or "v0")[1:])
    assert published >= publishes + 1, "now and then one more, packed"


CHILD = """
    import sys
    from pathlib import Path
    from data import load
    from data.work import Var, opened
    root = Path(sys.argv[1])
    print("go", flush=True)
    with opened(Var(root / "var"), 2) as con:
        load.run(con, Var(root / "var"), root / "company", [root / "inbox"], tell=lambda text: None)
    print("done", flush=True)
"""


def child(place: Place, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(place.root)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


KILLS = int(os.environ.get("GS_KILLS", "4"))


def test_kill_at_any_moment_loses_nothing_and_doubles_nothing(place: Place, tmp_path: Path) -> None:
    """GS_KILLS=200 pytest tests/test_store.py -k kill: as many random moments."""
    chance = random.Random(20261118)
    calm = Place(tmp_path / "calm")
    make(calm)
    killed = 0
    for n in range(KILLS):
        for at in (place, calm):
            day_file(at, 1 + n % 28, rows=2000, version=1 + n // 28)
        process = child(place)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.6))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() != 0
        with opened(place.var, 2) as con:
            assert ledger.check(con) == []
        run(calm)
    run(place)
    assert killed > 0
    assert figures(place) == figures(calm) == truth(place)
    assert place.rows("SELECT * EXCLUDE (_file) FROM s_visits ORDER BY ALL") == calm.rows(
        "SELECT * EXCLUDE (_file) FROM s_visits ORDER BY ALL"
    )


def test_a_full_disk_is_told_and_nothing_is_lost(place: Place) -> None:
    """The child may write files of 3 MB at most: as when the disk is full, the write fails in the middle."""
    day_file(place, 1)
    run(place)
    for day in range(2, 20):
        day_file(place, day, rows=9000)
    limit = 3_000_000
    process = child(place, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    _, told = process.communicate()
    assert process.returncode != 0
    assert "LoadError" in told and "nothing lost" in told, told[-2000:]
    with opened(place.var, 2) as con:
        assert ledger.check(con) == []
    run(place)
    assert figures(place) == truth(place)
    assert sum(row[3] for row in figures(place)) == place.rows("SELECT count(*) FROM s_visits")[0][0]


def test_watching_publishes_what_lands_and_leaves_files_in_the_making_alone(place: Place) -> None:
    day_file(place, 1)
    steps = iter(range(12))

    def until() -> bool:
        step = next(steps, None)
        if step == 3:
            day_file(place, 2)
            place.file("visits_20260103.csv.part", "id,lsn")
        return step is None

    with opened(place.var, 2) as con:
        watch(con, place.var, place.company, [place.inbox], every=0.02, until=until, tell=lambda text: None)
    assert figures(place) == truth(place)
    assert place.rows("SELECT name FROM ledger ORDER BY name") == [("visits_20260101.csv",), ("visits_20260102.csv",)]


def test_an_unreadable_file_costs_only_itself(place: Place) -> None:
    day_file(place, 1)
    place.file("visits_20260102.csv", b"")
    place.file("visits_20260103.csv", bytes(range(256)) * 40)
    report = run(place)
    assert len(report.refused) == 2
    assert all("visits_2026010" in line for line in report.refused)
    assert figures(place) == truth(place)
    day_file(place, 3)
    run(place)
    assert {str(row[0]) for row in figures(place)} == {"2026-01-01", "2026-01-02", "2026-01-03"}
