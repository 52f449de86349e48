"""A column that did not come, or came under another name, is told by name: in the ledger, with the source's health."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from data import balance, publish
from data.store import Versions
from data.work import opened
from tests.loading import Place, csv

COLUMNS = {"id": "text", "at": {"type": "date", "required": True}, "what": {"from": ["what", "thing"]}, "where": "text"}
ROWS = [{"id": f"a{n}", "at": "2026-01-01", "what": "x", "where": "here"} for n in range(120)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def source(place: Place, form: str, **keys: Any) -> None:
    place.source(source="seen", files=["seen_*"], format=form, key=["id"], day="at", columns=COLUMNS, **keys)


def without(*gone: str, **new: str) -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if k not in gone} | new for row in ROWS]


def as_csv(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text(csv(",".join(rows[0]), [",".join(row.values()) for row in rows]))


def as_jsonl(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def as_json(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text(json.dumps(rows))


def as_parquet(path: Path, rows: list[dict[str, str]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)


def as_sqlite(path: Path, rows: list[dict[str, str]]) -> None:
    con = sqlite3.connect(path)
    names = ", ".join(f'"{name}"' for name in rows[0])
    con.execute(f"CREATE TABLE seen({names})")
    con.executemany(f"INSERT INTO seen VALUES ({', '.join('?' * len(rows[0]))})", [list(row.values()) for row in rows])
    con.commit()
    con.close()


def as_xml(path: Path, rows: list[dict[str, str]]) -> None:
    items = ("<row>" + "".join(f"<{k}>{v}</{k}>" for k, v in row.items()) + "</row>" for row in rows)
    path.write_text(f"<rows>{''.join(items)}</rows>")


def as_excel(path: Path, *sheets: list[dict[str, str]]) -> None:
    """A workbook with a line above each sheet's column names."""
    with xlsxwriter.Workbook(str(path)) as book:
        for number, rows in enumerate(sheets, 1):
            sheet = book.add_worksheet(f"Site {number}")
            for at, cells in enumerate([["What was seen"], list(rows[0]), *(list(row.values()) for row in rows)]):
                sheet.write_row(at, 0, cells)


WRITERS = {
    "excel": (as_excel, {}),
    "csv": (as_csv, {}),
    "jsonl": (as_jsonl, {}),
    "json": (as_json, {}),
    "parquet": (as_parquet, {}),
    "sqlite": (as_sqlite, {"tables": ["seen"]}),
    "xml": (as_xml, {"item": "row"}),
}


@pytest.mark.parametrize("form", WRITERS)
def test_every_format_tells_which_column_is_lacking(form: str, place: Place) -> None:
    write, keys = WRITERS[form]
    source(place, form, **keys)
    place.inbox.mkdir()
    write(place.inbox / "seen_20260101", ROWS)
    write(place.inbox / "seen_20260102", without("what"))
    write(place.inbox / "seen_20260103", without("what", thing="x"))
    write(place.inbox / "seen_20260104", without("where", place="here"))
    place.stage()
    lacks = dict(place.rows("SELECT name, lacks FROM ledger WHERE state = 'loaded'"))
    new = "" if form in ("json", "xml") else " (new in it: place)"
    assert lacks == {
        "seen_20260101": "",
        "seen_20260102": "what or thing",
        "seen_20260103": "",
        "seen_20260104": f"where{new}",
    }


@pytest.mark.parametrize("form", WRITERS)
def test_a_file_without_a_needed_column_is_refused_by_its_name(form: str, place: Place) -> None:
    write, keys = WRITERS[form]
    source(place, form, **keys)
    place.inbox.mkdir()
    write(place.inbox / "seen_20260101", without("at", day="2026-01-01"))
    (said,) = place.stage().refused
    assert "has no column at" in said
    assert place.rows("SELECT count(*) FROM ledger WHERE accepted > 0") == [(0,)]


@pytest.mark.parametrize("form", ["csv", "lines", "excel"])
def test_of_a_column_that_stands_twice_neither_is_taken_and_it_is_told(form: str, place: Place) -> None:
    source(place, form)
    header = ["id", "at", "what", "where", "where", "more", "more"]
    for day, (names, rows) in enumerate(((header, 3), (["id", "at", "at", "what", "where", "a", "b"], 2)), 1):
        lines = [[f"a{n}", "2026-01-01", "2026-01-01", "here", "there", "1", "2"] for n in range(rows)]
        path = place.file(f"seen_2026010{day}", csv(",".join(names), [",".join(line) for line in lines]))
        if form == "excel":
            as_excel(path, [dict(enumerate(line)) for line in (names, *lines)])
    (refused,) = place.stage().refused
    assert refused.startswith("seen_20260102: ") and refused.endswith("has no column at (new in it: at (twice), a, b)")
    lacks = "where (new in it: where (twice), more (twice))"
    assert place.rows("SELECT name, lacks FROM ledger WHERE state = 'loaded'") == [("seen_20260101", lacks)]
    assert place.rows('SELECT "what", "where" FROM s_seen') == [("2026-01-01", None)] * 3


def test_a_workbook_lacks_what_one_of_its_sheets_lacks(place: Place) -> None:
    """Both sheets count; the other sheet's rows are taken as they are, and nothing is lost."""
    source(place, "excel", whole="all", whole_part=r"seen_(\d{8})")
    place.inbox.mkdir()
    other = [row | {"id": f"b{row['id']}"} for row in ROWS]
    as_excel(place.inbox / "seen_20260101", without("where", spot="here"), other)
    as_excel(place.inbox / "seen_20260102", ROWS, other)
    place.stage()
    assert place.rows("SELECT name, state, accepted, lacks FROM ledger ORDER BY name") == [
        ("seen_20260101", "loaded", 240, "where (new in it: spot)"),
        ("seen_20260102", "loaded", 240, ""),
    ]
    assert place.rows('SELECT count(*), count("where") FROM l_seen WHERE _part = \'20260101\'') == [(240, 120)]


def test_a_sheet_without_a_needed_column_is_refused_by_its_name(place: Place) -> None:
    source(place, "excel")
    place.inbox.mkdir()
    as_excel(place.inbox / "seen_20260101", ROWS, without("at", day="2026-01-01"))
    assert place.stage().refused == ["seen_20260101: refused: has no column at (new in it: day)"]
    as_excel(place.inbox / "seen_20260102", ROWS, without("id", number="7"))
    assert place.stage().refused == [
        "seen_20260102: unreadable: cannot be read as excel: sheet Site 2 has no row of column names (id)"
    ]
    assert place.rows("SELECT count(*) FROM ledger WHERE accepted > 0") == [(0,)]


def test_a_short_file_that_says_little_lacks_nothing(place: Place) -> None:
    """JSON leaves names out where there is nothing to say: ten records prove nothing."""
    source(place, "jsonl")
    place.inbox.mkdir()
    as_jsonl(place.inbox / "seen_20260101", without("where")[:10])
    place.stage()
    assert place.rows("SELECT state, lacks FROM ledger") == [("loaded", None)]


def test_the_newest_file_decides_in_whatever_order_files_come(place: Place) -> None:
    source(place, "csv")
    place.inbox.mkdir()
    as_csv(place.inbox / "seen_20260102", [row | {"at": "2026-01-02"} for row in without("where", spot="here")])
    assert state(place) == ("lacking", "the newest file came without where (new in it: spot)")
    assert "the newest file came without where" in told(place)
    as_csv(place.inbox / "seen_20260103", [row | {"at": "2026-01-03"} for row in ROWS])
    assert state(place) == ("fresh", "")
    as_csv(place.inbox / "seen_20260101", [row | {"id": row["id"] + "b"} for row in without("what")])
    assert state(place) == ("fresh", "")


def state(place: Place) -> tuple[str, str]:
    """State and note of the source after loading what lies in the inbox and publishing it."""
    place.stage()
    with opened(place.var, 2) as con:
        publish.publish(con, place.var, place.company, {})
    with Versions(place.var.root).open() as store:
        ((found, note),) = store.fetch("SELECT state, note FROM freshness")
    return str(found), str(note)


def told(place: Place) -> str:
    with opened(place.var, 2) as con:
        return balance.report(con)[0]
