"""What goes wrong with disks and files: told by name, the books balance, nothing is lost once it is mended."""

from __future__ import annotations

import io
import shutil
import subprocess
import threading
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import ledger
from data.work import opened
from tests.loading import Place, csv
from tests.test_store import HEADER, child, day_file, figures, make, run, truth


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "place")
    made.root.mkdir()
    make(made)
    return made


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB that is really full when it is full. Needs root, as CI has it."""
    mount = tmp_path / "disk"
    mount.mkdir()
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(mount)], capture_output=True, text=True
    )
    if tried.returncode:
        warnings.warn(f"THE FULL DISK WAS NOT TRIED, no disk can be mounted here: {tried.stderr}", stacklevel=1)
        pytest.skip("no disk can be mounted here (needs root)")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


def test_a_really_full_disk(place: Place, disk: Path) -> None:
    """Filled to the last block: the load stops and says so, readers go on; with space again all comes in."""
    (place.root / "var").symlink_to(disk)
    day_file(place, 1)
    run(place)
    before = figures(place)
    for day in range(2, 20):
        day_file(place, day, rows=9000)
    ballast = disk / "ballast"
    for spare in (0, 300_000, 2_000_000):  # full at once, in the middle of the kept copy, in the middle of the database
        ballast.write_bytes(b"")
        free = shutil.disk_usage(disk).free
        with ballast.open("wb") as handle:
            handle.write(b"x" * max(0, free - spare))
        process = child(place)
        _, told = process.communicate(timeout=120)
        assert process.returncode != 0, f"{spare} bytes were enough"
        assert "nothing lost" in told or "No space left" in told, told[-1500:]
        assert figures(place) == before
        ballast.unlink()
        with opened(place.var, 2) as con:
            assert ledger.check(con) == []
    for path in sorted(place.inbox.iterdir())[8:]:
        path.unlink()  # so much the disk can hold
    run(place)
    assert figures(place) == truth(place) != before
    with opened(place.var, 2) as con:
        assert ledger.check(con) == []


def test_a_file_that_is_replaced_while_it_is_read(place: Place) -> None:
    """Written again and again in place and by renaming while loads run: at last it is there as it was written last."""
    stop = threading.Event()
    path = day_file(place, 1, rows=20_000)
    versions = 0

    def write() -> None:
        nonlocal versions
        while not stop.is_set():
            versions += 1
            rows = [
                f"v{n},{10 + versions},2026-01-01 {n % 24:02d}:00:00,U{n % 7},{n % (2 + versions % 3) == 0}"
                for n in range(20_000)
            ]
            if versions % 2:
                path.write_text(csv(HEADER, rows))
            else:
                part = path.with_suffix(".part")
                part.write_text(csv(HEADER, rows))
                part.replace(path)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(6):
            run(place)
    finally:
        stop.set()
        writer.join()
    run(place)
    assert versions > 3
    assert place.rows("SELECT count(*), min(lsn), max(lsn) FROM s_visits WHERE id NOT LIKE '%-%'") == [
        (20_000, 10 + versions, 10 + versions)
    ]
    assert figures(place) == truth(place)


def told(place: Place) -> str:
    (line,) = run(place).refused
    return line


def test_a_wrong_encoding_is_named(place: Place) -> None:
    place.file("visits_20260101.csv", csv(HEADER, ["v1,1,2026-01-01 08:00:00,U1,true"]).encode("utf-16"))
    assert told(place) == "visits_20260101.csv: unreadable: is written in utf-16, expected utf-8"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", ["csv", "lines", "fixed", "jsonl", "json"])
def test_text_of_two_bytes_a_letter_is_named_in_every_format(form: str, encoding: str, tmp_path: Path) -> None:
    place = Place(tmp_path)
    at = {name: {"at": [5 * n + 1, 5 * n + 5]} if form == "fixed" else {} for n, name in enumerate(("id", "what"))}
    place.source(source="seen", files=["seen_*"], format=form, key=["id"], columns=at)
    text = {"fixed": "a1   thing\n", "jsonl": '{"id": "a1", "what": "x"}\n', "json": '[{"id": "a1", "what": "x"}]'}
    place.file("seen_1", text.get(form, "id,what\na1,thing\n").encode(encoding))
    assert place.stage().refused == ["seen_1: unreadable: is written in utf-16, expected utf-8"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", ["csv", "lines"])
def test_text_of_two_bytes_a_letter_is_read_where_it_is_expected(form: str, encoding: str, tmp_path: Path) -> None:
    """Also letters that have the byte of a line's end in them."""
    place = Place(tmp_path)
    place.source(
        source="seen", files=["seen_*"], format=form, key=["id"], encoding=encoding, complete_lines=True,
        columns={"id": {}, "what": {}},
    )  # fmt: skip
    place.file("seen_1", "id,what\r\na1,Größe\r\na2,Ċċ\r\n".encode(encoding))
    assert place.stage().refused == []
    assert place.rows("SELECT id, what FROM s_seen WHERE id <> '' ORDER BY id") == [("a1", "Größe"), ("a2", "Ċċ")]
    place.file("seen_2", "id,what\na3,x".encode(encoding))
    assert place.stage().refused == ["seen_2: refused: the last line has no end: cut short or still being written"]


def test_a_line_without_end_costs_itself_alone(place: Place) -> None:
    """40 MB in one line among a hundred good ones: one row lost and counted, the others are in."""
    rows = [f"v{n},1,2026-01-01 08:00:00,U1,true" for n in range(100)]
    place.file("visits_20260101.csv", csv(HEADER, [*rows, "v100,1,2026-01-01 08:00:00," + "x" * 40_000_000 + ",true"]))
    assert run(place).refused == []
    assert place.rows("SELECT count(*) FROM s_visits") == [(100,)]
    assert place.rows("SELECT reason FROM rejects") == [("lost in a broken quote, an empty line or one over 2 MB",)]


def test_a_parquet_file_without_a_column_and_one_cut_short(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.source(
        source="vans", files=["vans_*.parquet"], format="parquet", key=["id"], day="at", complete_lines=True,
        columns={"id": "text", "at": {"type": "time", "required": True}},
    )  # fmt: skip
    out = io.BytesIO()
    pq.write_table(pa.table({"id": ["a"], "when": ["2026-01-01 08:00:00"]}), out)
    place.file("vans_1.parquet", out.getvalue())
    assert place.stage().refused == ["vans_1.parquet: unreadable: has no column at (new in it: when)"]
    place.file("vans_2.parquet", out.getvalue()[:-40])
    assert "vans_2.parquet: unreadable: is not a whole Parquet file" in place.stage().refused[-1]


@pytest.mark.parametrize("data", [b"<html>please sign in</html>", b"PK\x03\x04" + b"\0" * 400, "zip"])
def test_a_workbook_that_is_none(tmp_path: Path, data: bytes | str) -> None:
    place = Place(tmp_path)
    place.source(
        source="plan", files=["plan_*.xlsx"], format="excel", key=["Who", "Day"], day="Day",
        columns={"Who": {"required": True}, "Day": {"type": "date", "required": True}},
    )  # fmt: skip
    if isinstance(data, str):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("xl/workbook.xml", b"A" * 80_000_000)  # 80 MB out of 80 kB
        data = out.getvalue()
    place.file("plan_1.xlsx", data)
    (line,) = place.stage().refused
    assert line.startswith("plan_1.xlsx: unreadable: cannot be read as excel")
