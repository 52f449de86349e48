"""Every source of the sample company takes its good file whole and says of each row of its bad file what is wrong.

tests/files/<source>/good.* and bad.* are read through the source's contract; expected.json holds the staged rows of the
good file and the reason for each row of the bad one. After a change on purpose: GS_WRITE=1 pytest
tests/test_load_files.py, then read the diff.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from data import contract, ledger, load
from data.company import sample_company
from data.contract import Contract
from data.work import Var, opened

FILES = Path(__file__).parent / "files"
COMPANY = sample_company()
CONTRACTS = contract.load_all(COMPANY)


@pytest.mark.parametrize("source", CONTRACTS)
def test_every_source_has_a_good_and_a_bad_file(source: str) -> None:
    assert {p.stem for p in (FILES / source).iterdir()} == {"good", "bad", "expected"}


def taken(mine: Contract, which: str, root: Path) -> dict[str, Any]:
    """Load one file under a name that the source takes; what became of it."""
    (path,) = (FILES / mine.source).glob(f"{which}.*")
    inbox, var = root / "inbox", Var(root / "var")
    inbox.mkdir()
    pattern = next(p for p in mine.files if p.endswith(path.suffix))
    shutil.copy(path, inbox / pattern.replace("*", "20261117" if "QA" not in pattern else "202611_20261117"))
    with opened(var, 1) as con:
        load.stage(con, var, COMPANY, [inbox], tell=lambda text: None)
        assert ledger.check(con) == []
        rows = con.execute(f"SELECT * EXCLUDE (_file) FROM s_{mine.source} ORDER BY _row")
        names = [d[0] for d in rows.description]
        staged = [dict(zip(names, map(plain, row), strict=True)) for row in rows.fetchall()]
        bad = con.execute("SELECT row, reason FROM rejects ORDER BY row, reason").fetchall()
        books = con.execute("SELECT state, received, accepted, rejected, replaced, waiting FROM ledger").fetchall()
    return {"books": list(books[0]), "rows": staged, "rejects": [list(row) for row in bad]}


def plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | list | None) else str(value)


@pytest.mark.parametrize("which", ["good", "bad"])
@pytest.mark.parametrize("source", CONTRACTS)
def test_a_source_takes_its_good_file_and_explains_its_bad_one(source: str, which: str, tmp_path: Path) -> None:
    found = taken(CONTRACTS[source], which, tmp_path)
    kept = FILES / source / "expected.json"
    wanted = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if os.environ.get("GS_WRITE"):
        wanted[which] = found
        kept.write_text(json.dumps(wanted, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == wanted[which]
    if which == "good":
        assert found["books"][0] == "loaded"
        assert found["books"][3] == 0
        assert found["rows"]
    else:
        assert len(found["rejects"]) >= 3
        assert all(reason for _, reason in found["rejects"])


def arrive(inbox: Path, day: str, share: float) -> list[str]:
    """The first part of every source's good file, under the name of a day; the names."""
    inbox.mkdir(exist_ok=True)
    names = []
    for source, mine in CONTRACTS.items():
        (path,) = (FILES / source).glob("good.*")
        pattern = next(p for p in mine.files if p.endswith(path.suffix))
        names.append(pattern.replace("*", day if "QA" not in pattern else f"202611_{day}"))
        text = path.read_bytes()
        (inbox / names[-1]).write_bytes(text[: int(share * len(text))])
    return names


def everything(root: Path) -> tuple[dict[str, Any], list[Any]]:
    """All staged rows, and the files of the ledger, after a pass in which the books balance."""
    with opened(Var(root / "var"), 1) as con:
        load.stage(con, Var(root / "var"), COMPANY, [root / "inbox"], tell=lambda text: None)
        assert ledger.check(con) == []
        held = [
            r[0]
            for r in con.execute(
                "SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, 's_')"
            ).fetchall()
        ]
        rows = {t: con.execute(f"SELECT * EXCLUDE (_file) FROM {t} ORDER BY ALL").fetchall() for t in sorted(held)}
        return rows, con.execute("SELECT name, state, note, waiting FROM ledger ORDER BY name, id").fetchall()


def test_every_source_cut_anywhere_then_completed_is_as_if_it_had_come_whole(tmp_path: Path) -> None:
    """One broken file never keeps the other sources from being loaded."""
    for way, shares in (("plain", (1.0,)), ("broken", (0.0, 0.3, 0.97, 1.0))):
        (tmp_path / way).mkdir()
        for share in shares:
            arrive(tmp_path / way / "inbox", "20261117", share)
            rows, files = everything(tmp_path / way)
        if way == "plain":
            wanted = rows
    assert rows == wanted
    assert all(waiting == 0 for *_, waiting in files)


def test_an_empty_file_of_every_source_and_day_is_told(tmp_path: Path) -> None:
    """Each on its own: empty files are the same bytes, and each of them is a delivery that failed.

    Only where a file without a header says nothing when nothing happened, it is taken.
    """
    names = [name for day in ("20261117", "20261118") for name in arrive(tmp_path / "inbox", day, 0.0)]
    for _ in range(3):
        rows, files = everything(tmp_path)
    assert not any(rows.values())
    failed = {name for name, state, note, _ in files if state in ("unreadable", "refused") and note}
    assert {note for _, state, note, _ in files if state == "unreadable"} == {"is empty"}
    plain = {s for s, c in CONTRACTS.items() if c.format in ("fixed", "jsonl") or not c.header}
    assert failed == {name for name, source in zip(names, [*CONTRACTS] * 2, strict=True) if source not in plain}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", 0),
        (b"a", 1),
        (b"a\n", 1),
        (b"\na\r\n\r\nb", 2),
        (b"a\n\n\n\nb\n", 2),
        (b"\r\n\n\r\n", 0),
        (b"a\rb\r\r\n", 1),
    ],
)
def test_lines_are_counted_without_the_blank_ones(text: bytes, lines: int, tmp_path: Path) -> None:
    """Also where the file is read in two pieces, wherever the cut falls."""
    path = tmp_path / "some.csv"
    path.write_bytes(text)
    assert ledger.look(path).lines == lines
    for cut in range(len(text) + 1):
        path.write_bytes(b"x" * ((1 << 20) - 1 - cut) + b"\n" + text)
        found = ledger.look(path)
        assert (found.lines, found.whole_lines) == (lines + 1, text.endswith(b"\n") or not text), cut
