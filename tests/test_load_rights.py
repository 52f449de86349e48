"""What may not be read or written is told by its name; nothing is lost, and with the rights back all comes in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data import inbox
from data.__main__ import main
from data.store import Versions
from tests.loading import Place
from tests.test_store import day_file, figures, make, run, truth
from tests.test_watch import watched

NOBODY = 65534


@contextmanager
def nobody() -> Iterator[None]:
    """Rights do not hold for root: as somebody without any."""
    root = os.geteuid() == 0
    if root:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
            os.setegid(0)


def allow(path: Path, folders: int, files: int) -> None:
    """Rights of a folder and everything in it, or of a file."""
    for one in sorted([path, *path.rglob("*")], reverse=True):
        one.chmod(folders if one.is_dir() else files)


@pytest.fixture
def place() -> Iterator[Place]:
    """One day is loaded, the next one waits; all is owned by somebody without rights beyond it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Place(Path(folder) / "place")
        made.root.mkdir()
        Path(folder).chmod(0o755)
        make(made)
        day_file(made, 1)
        run(made)
        day_file(made, 2)
        if os.geteuid() == 0:
            for one in [made.root, *made.root.rglob("*")]:
                os.chown(one, NOBODY, NOBODY)
        yield made
        allow(made.root, 0o755, 0o644)


def load(place: Place) -> int:
    return command(place, "load", str(place.inbox))


def health(place: Place) -> int:
    return command(place, "health")


def command(place: Place, *given: str) -> int:
    with nobody():
        return main([*given, "--var", str(place.var.root), "--company", str(place.company), "--threads", "1"])


@pytest.mark.parametrize("where", ["kept", "store", "work"])
def test_a_folder_that_may_not_be_written(where: str, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    before = figures(place)
    allow(place.var.root / where, 0o555, 0o444)
    assert load(place) == 1
    said = capsys.readouterr().err
    assert f"{place.var.root / where}/" in said and "Permission denied" in said and "put the folder" not in said
    with nobody():
        assert figures(place) == before, "who only reads goes on reading"
    allow(place.var.root, 0o755, 0o644)
    assert load(place) == 0
    assert figures(place) == truth(place) != before


@pytest.mark.parametrize("where", [".", "visits_20260102.csv"])
def test_what_may_not_be_read_is_told_and_shown_until_it_may(
    where: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = place.inbox / where
    closed.chmod(0)
    assert load(place) == 0
    assert f"NOT TAKEN {closed}: cannot be read: Permission denied" in capsys.readouterr().err
    assert place.rows("SELECT name, note FROM strangers") == [(closed.name, "cannot be read: Permission denied")]
    assert health(place) == 0
    assert f"NOT TAKEN {closed.name}: cannot be read: Permission denied" in capsys.readouterr().out
    closed.chmod(0o755)
    assert load(place) == 0
    assert place.rows("SELECT count(*) FROM strangers") == [(0,)]
    assert figures(place) == truth(place) and len({row[0] for row in figures(place)}) == 2


def test_a_folder_that_closes_and_opens_while_it_is_watched(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "WHOLE", 0.1)
    place.inbox.chmod(0)
    with nobody():
        told = watched(place, {8: lambda: place.inbox.chmod(0o755)}, steps=24)
    assert [line for line in told if "NOT TAKEN" in line] == [
        f"NOT TAKEN {place.inbox}: cannot be read: Permission denied"
    ]
    assert figures(place) == truth(place) and len({row[0] for row in figures(place)}) == 2


def test_a_damaged_version_is_told_with_the_books(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    path = Versions(place.var.root).path("v0000001")
    path.write_bytes(path.read_bytes()[:-1])
    assert health(place) == 1
    assert f"{path} IS GONE OR DAMAGED: the next load makes it anew" in capsys.readouterr().out
    assert load(place) == health(place) == 0
    assert "DAMAGED" not in capsys.readouterr().out
