"""`python -m data backup` and `restore`: the store and its books put aside and brought back.

A backup is one folder: the work database as it stood (copied with no writer at work; a load that watches steps aside),
the newest version, the kept files unless left out, other runtime files such as the state database, and a list of hashes
that `restore` checks first.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from data.door import options
from data.store import POINTER, Versions
from data.work import SIGN, LoadError, Var, asked

LIST = "backup.json"


def backup(var: Var, target: Path, files: bool = True) -> dict[str, str]:
    """Copy everything needed into the new folder `target`; returns path -> hash."""
    if target.exists() and any(target.iterdir()):
        raise LoadError(f"{target}: is not empty")
    if target.resolve().is_relative_to(var.root.resolve()):
        raise LoadError(f"{target}: lies within {var.root}, of which it is to be a backup")
    with asked(var) as con:
        con.execute("CHECKPOINT")
        target.mkdir(parents=True, exist_ok=True)
        hashes = {}
        for path in _wanted(var, files):
            relative = path.relative_to(var.root)
            copy = target / relative
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, copy)
            hashes[str(relative)] = _hash(copy)
    made = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "files": hashes}
    (target / LIST).write_text(json.dumps(made, indent=1), encoding="utf-8")
    return hashes


def _wanted(var: Var, files: bool) -> Iterator[Path]:
    """The work database, the newest version with its pointer, the kept files, and whatever else lies in the folder."""
    newest = Versions(var.root).newest()
    for path in sorted(p for p in var.root.rglob("*") if p.is_file()):
        parts = path.relative_to(var.root).parts
        if parts[0] == "store" and path.name not in (POINTER, f"{newest}.duckdb"):
            continue
        if parts[:2] in (("work", "tmp"), ("work", "made"), ("work", SIGN)) or path.suffix in (".part", ".readers"):
            continue
        if path.name.endswith(("-wal", "-shm", "-journal")):  # what they hold is in the copy of their SQLite file
            continue
        if parts[0] == "inbox" or (parts[0] == "kept" and not files):
            continue
        yield path


def _copy(path: Path, target: Path) -> None:
    """A copy; of an SQLite file in use one that is whole."""
    with path.open("rb") as handle:
        lite = handle.read(15) == b"SQLite format 3"
    if not lite:
        shutil.copy2(path, target)
        return
    source, copy = sqlite3.connect(f"file:{path}?mode=ro", uri=True), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()


def _hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def restore(source: Path, var: Var) -> int:
    """Bring a backup into a folder that holds no store; every file is checked first. Returns the number of files.

    Cut off, it leaves no file in part, and can be begun again; work database and pointer come last.
    """
    if any(path.exists() for path in (var.database, Path(f"{var.database}.wal"))) or Versions(var.root).newest():
        raise LoadError(f"{var.root}: holds a store already; restore into an empty folder")
    try:
        hashes = json.loads((source / LIST).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError as error:
        raise LoadError(f"{source}: is no backup ({LIST} is missing)") from error
    except (ValueError, KeyError, TypeError) as error:
        raise LoadError(f"{source / LIST}: is not as it was when the backup was made") from error
    for relative, wanted in hashes.items():
        if not (source / relative).exists():
            raise LoadError(f"{source / relative}: is missing from the backup")
        if _hash(source / relative) != wanted:
            raise LoadError(f"{source / relative}: is not as it was when the backup was made")
    last = [str(path.relative_to(var.root)) for path in (var.database, var.store / POINTER)]
    for relative in sorted(hashes, key=lambda name: (name in last, name != last[0], name)):
        target = var.root / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        shutil.copy2(source / relative, part)
        part.replace(target)
    return len(hashes)


def main(arguments: Sequence[str]) -> int:
    parser = options("backup", "Put store, books, kept files and state aside.")
    parser.add_argument("target", type=Path)
    parser.add_argument("--without-files", action="store_true", help="leave the kept source files out")
    given = parser.parse_args(arguments)
    hashes = backup(Var(given.var), given.target, not given.without_files)
    print(f"{len(hashes)} files in {given.target}")
    return 0


def main_restore(arguments: Sequence[str]) -> int:
    parser = options("restore", "Bring a backup into an empty folder of runtime files.")
    parser.add_argument("source", type=Path)
    given = parser.parse_args(arguments)
    print(f"{restore(given.source, Var(given.var))} files brought back into {given.var}; restart what reads it")
    return 0
