"""Backup, restore and expiry: the store comes back as it was; old detail goes and the books still balance."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from data import ledger
from data.__main__ import main
from data.backup import backup, restore
from data.expire import expire
from data.store import Versions
from data.work import LoadError, Var, opened
from tests.loading import Place, csv
from tests.test_store import HEADER, day_file, figures, make, run, truth


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    make(made)
    for day in (1, 2, 28):
        day_file(made, day)
    run(made)
    return made


def test_a_backup_brings_figures_books_and_state_back(place: Place, tmp_path: Path) -> None:
    with sqlite3.connect(place.var.root / "state.sqlite") as state:
        state.execute("CREATE TABLE asked(question TEXT)")
        state.execute("INSERT INTO asked VALUES ('late?')")
    backup(place.var, tmp_path / "aside")
    elsewhere = Place(tmp_path / "elsewhere")
    restore(tmp_path / "aside", elsewhere.var)
    assert figures(elsewhere) == figures(place)
    assert elsewhere.rows("SELECT * FROM ledger") == place.rows("SELECT * FROM ledger")
    with sqlite3.connect(elsewhere.var.root / "state.sqlite") as state:
        assert state.execute("SELECT question FROM asked").fetchall() == [("late?",)]
    make(elsewhere)
    day_file(elsewhere, 3)
    assert run(elsewhere).version == "v0000002"
    assert figures(elsewhere) == truth(elsewhere)


def test_a_damaged_backup_or_a_full_folder_is_refused(place: Place, tmp_path: Path) -> None:
    backup(place.var, tmp_path / "aside")
    with pytest.raises(LoadError, match="holds a store already"):
        restore(tmp_path / "aside", place.var)
    with pytest.raises(LoadError, match="not empty"):
        backup(place.var, tmp_path / "aside")
    victim = next((tmp_path / "aside" / "kept").rglob("*.csv*"))
    victim.write_bytes(victim.read_bytes() + b"x")
    with pytest.raises(LoadError, match="is not as it was"):
        restore(tmp_path / "aside", Var(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_what_cannot_be_done_is_told_in_a_sentence(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(command: str, *more: object) -> str:
        assert main([command, "--company", str(place.company), "--var", str(place.var.root), *map(str, more)]) == 1
        return capsys.readouterr().err

    place.file("a file", "")
    assert "at least one month" in said("expire", "--months", -5)
    assert "at least one month" in said("expire", "--months", 0)
    assert "lies within" in said("backup", place.var.root / "aside")
    assert "a file" in said("backup", place.inbox / "a file")
    place.var.database.write_bytes(b"")
    assert "kept files are then loaded anew" in said("health")
    (tmp_path / "backup.json").write_text("{")
    assert "not as it was" in said("restore", "--var", tmp_path / "new", tmp_path)


def test_a_work_folder_that_is_lost_is_made_anew_from_the_kept_files(place: Place) -> None:
    before, books = figures(place), place.rows("SELECT name, accepted, replaced FROM ledger ORDER BY ALL")
    shutil.rmtree(place.var.database.parent)
    shutil.rmtree(place.inbox)
    place.inbox.mkdir()
    assert run(place).version == "v0000002"
    assert figures(place) == before == truth(place)
    assert place.rows("SELECT name, accepted, replaced FROM ledger ORDER BY ALL") == books


def test_old_detail_goes_and_counts_stay(place: Place) -> None:
    before = figures(place)
    counts = place.rows("SELECT id, hash, received, accepted, rejected, replaced, waiting FROM ledger ORDER BY id")
    gone = expire(place.var, place.company, date(2027, 2, 20), months=13)
    assert (gone["files"], gone["rows"]) == (2, 380)
    assert place.rows("SELECT state, count(*) FROM ledger GROUP BY 1 ORDER BY 1") == [("expired", 2), ("loaded", 1)]
    assert counts == place.rows(
        "SELECT id, hash, received, accepted, rejected, replaced, waiting FROM ledger ORDER BY id"
    )
    assert len(list(place.var.kept.rglob("*.csv*"))) == 1
    assert place.rows("SELECT count(*) FROM s_visits") == place.rows("SELECT count(*) FROM f_visit") == [(200,)]
    assert figures(place) == before
    with opened(place.var) as con:
        assert ledger.check(con) == []
    report = run(place)
    assert (report.files, report.again) == (0, 3)
    assert Versions(place.var.root).newest() is not None


def test_figures_of_expired_days_outlive_late_rows_and_a_new_definition(place: Place) -> None:
    """They can be made from nothing any more: a late row of such a day, or another definition, leaves them alone."""
    before = figures(place)
    expire(place.var, place.company, date(2027, 2, 20), months=13)
    day_file(place, 2, rows=5, version=2)
    run(place)
    assert figures(place) == before
    metric = place.company / "metrics" / "late.yml"
    metric.write_text(metric.read_text().replace("num: late,", "num: NOT late,"))
    run(place)
    old = [row for row in before if str(row[0]) < "2026-01-20"]
    now = figures(place)
    assert [row for row in now if str(row[0]) < "2026-01-20"] == old and old
    assert [row for row in now if str(row[0]) > "2026-01-20"] == [
        (day, unit, den - num, den, n) for day, unit, num, den, n in before if str(day) > "2026-01-20"
    ]


def test_figures_made_from_expired_cases_of_earlier_days_stay(place: Place) -> None:
    """A case counts twenty days after its own day: what was counted of cases that are gone is not counted anew."""
    (place.company / "metrics" / "due.yml").write_text(
        "key: due\nlabel: Due\nkind: ratio\ndirection: lower\nlevels: [unit]\ndimensions: []\n"
        "facts: {from: visit, day: day + 20, num: late, den: 1, unit: unit}\n"
    )
    run(place)
    held = due(place)
    assert expire(place.var, place.company, date(2027, 2, 20), months=13)["rows"] == 380
    assert due(place) == held
    (place.company / "metrics" / "due.yml").write_text(
        (place.company / "metrics" / "due.yml").read_text().replace("num: late,", "num: late AND true,")
    )
    day_file(place, 20, rows=5, version=2)
    run(place)
    assert due(place) == held


def due(place: Place) -> list[tuple[object, ...]]:
    with Versions(place.var.root).open() as store:
        return store.fetch("SELECT day, unit, num, den, n FROM m_due WHERE day < DATE '2026-02-10' ORDER BY ALL")


def test_new_days_are_counted_however_little_is_kept(place: Place) -> None:
    """One month kept: what comes after is counted as ever, though figures of older days stay."""
    expire(place.var, place.company, date(2026, 2, 5), months=1)
    metric = place.company / "metrics" / "due.yml"
    metric.write_text(
        "key: due\nlabel: Due\nkind: ratio\ndirection: lower\nlevels: [unit]\ndimensions: []\n"
        "facts: {from: visit, day: day + 20, num: late, den: 1, unit: unit}\n"
    )
    for rows in (50, 90):
        day_file(place, 27, rows=rows, version=rows)
        run(place)
        with Versions(place.var.root).open() as store:
            assert store.fetch("SELECT sum(n) FROM m_due WHERE day = DATE '2026-02-16'") == [(rows * 9 // 10 + 20,)]


def test_a_restore_that_was_cut_off_is_begun_again(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any file, and in the middle of any: nothing stands under its name in part, the work database comes last."""
    backup(place.var, tmp_path / "aside")
    real, left = shutil.copy2, 0
    for cut in range(len(list((tmp_path / "aside").rglob("*.*"))) + 2):
        steps = iter(range(cut))

        def copy(source: Path, target: Path, steps: Iterator[int] = steps) -> None:
            if next(steps, None) is None:
                Path(target).write_bytes(Path(source).read_bytes()[:100])
                raise KeyboardInterrupt
            real(source, target)

        elsewhere = Place(tmp_path / f"elsewhere{cut}")
        with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
            patched.setattr(shutil, "copy2", copy)
            restore(tmp_path / "aside", elsewhere.var)
        if not elsewhere.var.database.exists():
            left += 1
            restore(tmp_path / "aside", elsewhere.var)
        make(elsewhere)
        day_file(elsewhere, 3)
        run(elsewhere)
        assert figures(elsewhere) == truth(elsewhere)
        assert len(figures(elsewhere)) > len(figures(place))
    assert left > 3


def test_a_log_left_of_another_store_is_not_restored_over(place: Place, tmp_path: Path) -> None:
    backup(place.var, tmp_path / "aside")
    elsewhere = Var(tmp_path / "elsewhere")
    elsewhere.database.parent.mkdir(parents=True)
    Path(f"{elsewhere.database}.wal").write_bytes(b"of another store")
    with pytest.raises(LoadError, match="holds a store already"):
        restore(tmp_path / "aside", elsewhere)


def test_what_expires_goes_from_the_published_store_too(place: Place) -> None:
    """Also where no figure changes: refused records stand in the version as they came."""
    place.file("visits_20260103.csv", csv(HEADER, ["v3-1,1,2026-01-03 01:00:00,,True"]))
    run(place)
    with Versions(place.var.root).open() as store:
        assert store.fetch("SELECT count(*) FROM rejects") == [(1,)]
    expire(place.var, place.company, date(2029, 2, 20), months=13)
    with Versions(place.var.root).open() as store:
        assert store.fetch("SELECT count(*) FROM rejects") == [(0,)]
        assert store.fetch("SELECT DISTINCT state FROM ledger") == [("expired",)]
