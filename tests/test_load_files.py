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
