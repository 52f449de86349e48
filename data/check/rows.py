"""The first rows of a company's files through the real load path, and every model and metric tried on them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import duckdb

from data import arrivals, contract, load, merge
from data.check.keys import Fault
from data.contract import Contract, ContractError
from data.facts import refresh, setup
from data.facts.blocks import BELOW, Block
from data.facts.lines import wide
from data.facts.models import Model, ModelError
from data.facts.sql import exists, main, name
from data.work import LoadError, Var, opened

ROWS = 2_000
"""Lines of each file that are read."""
FILES = 5
"""Files of each source that are read."""
BIG = 20_000_000
"""Bytes up to which files that cannot be cut are read whole."""
WHOLE = "models"
"""What a fault names that no single file has: it may come of another one."""
CAN_BE_CUT = ("csv", "jsonl", "lines", "fixed")


def check_rows(folder: Path, files: Sequence[Path]) -> tuple[list[Fault], list[str]]:
    """Faults that show only when rows are read, and what the rows gave, in sentences."""
    try:
        contracts = contract.load_all(folder)
    except (ContractError, TypeError, ValueError, KeyError, AttributeError):
        return [], []  # told already
    with tempfile.TemporaryDirectory(prefix="check-") as scratch:
        inbox = Path(scratch) / "inbox"
        inbox.mkdir()
        told = _first_rows(contracts, files, inbox)
        with opened(Var(Path(scratch) / "var"), 2) as con:
            merge.prepare(con, contracts.values())
            faults, read = _staged(con, folder, inbox, Path(scratch), contracts) if files and contracts else ([], [])
            broken, figures = _made(con, folder)
    return [*faults, *broken], [*told, *read, *(figures if files else [])]


def _first_rows(contracts: dict[str, Contract], files: Sequence[Path], inbox: Path) -> list[str]:
    """Copy the first rows of every file that a source takes; tells which none takes, and which sources got none."""
    told: list[str] = []
    found: dict[str, int] = {}
    for path in arrivals.scan([f for f in files if f.exists()]):
        mine = arrivals.source_of(contracts, path.name)
        if mine is None:
            told.append(f"{path.name}: no source takes a file of this name")
            continue
        found[mine.source] = found.get(mine.source, 0) + 1
        if found[mine.source] <= FILES:
            _cut(mine, path, inbox / path.name)
    told += [f"{f}: no such file" for f in files if not f.exists()]
    return told + [f"{s}: no file was given for it" for s in contracts if files and s not in found]


def _cut(mine: Contract, path: Path, target: Path) -> None:
    plain = (
        mine.format in CAN_BE_CUT and not mine.trailer and mine.encoding[0].lower() in ("utf-8", "latin-1", "cp1252")
    )
    if path.stat().st_size > BIG and plain:
        with path.open("rb") as lines, target.open("wb") as out:
            out.writelines(islice(lines, ROWS))
    else:
        shutil.copyfile(path, target)


def _staged(
    con: duckdb.DuckDBPyConnection, folder: Path, inbox: Path, scratch: Path, contracts: dict[str, Contract]
) -> tuple[list[Fault], list[str]]:
    faults, told = [], []
    try:
        report = load.stage(con, Var(scratch / "var"), folder, [inbox], lambda _: None)
    except (LoadError, duckdb.Error) as error:
        return [Fault("sources", "files", _short(str(error)))], []
    for line in report.refused:
        file, _, why = line.partition(": ")
        mine = arrivals.source_of(contracts, Path(file).name)
        faults.append(Fault(f"sources/{mine.path.name}" if mine else file, "files", f"{Path(file).name}: {why}"))
    for source in contracts:
        row = con.execute(
            "SELECT coalesce(sum(received), 0), coalesce(sum(rejected), 0) FROM ledger WHERE source = ?", [source]
        ).fetchone()
        rows, bad = (int(row[0]), int(row[1])) if row else (0, 0)
        if rows:
            told.append(f"{source}: {rows:,} rows read, {bad:,} rejected{_reasons(con, source) if bad else ''}")
    return faults, told


def _reasons(con: duckdb.DuckDBPyConnection, source: str) -> str:
    rows = con.execute(
        "SELECT reason, count(*) FROM rejects WHERE source = ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3", [source]
    ).fetchall()
    return " (" + ", ".join(f"{reason}: {n}" for reason, n in rows) + ")"


def _made(con: duckdb.DuckDBPyConnection, folder: Path) -> tuple[list[Fault], list[str]]:
    """Every model and metric on the staged rows, one after the other."""
    try:
        said = refresh.plan(folder)
        setup.macros(con)
        setup.prepare(con, folder)
    except (ModelError, KeyError, TypeError, AttributeError) as error:
        if str(error).endswith(BELOW):
            return [], []  # `refs` has said so
        return [Fault("metrics", "facts", str(error))], []
    faults = [f for model in said.models.values() if (f := _try_model(con, folder, model))]
    for parts in said.blocks.values():
        for block in parts:
            if exists(con, block.fact):
                faults += _try_block(con, block, said.models[block.fact])
    if faults:
        return faults, []
    try:
        for table in said.models:
            con.execute(f"DROP TABLE IF EXISTS {main(con, table)}")
        refresh.refresh(con, folder, {})
    except (duckdb.Error, ModelError) as error:
        return [Fault(WHOLE, "refresh", _short(str(error)))], []
    return [], list(_figures(con, folder))


def _try_model(con: duckdb.DuckDBPyConnection, folder: Path, model: Model) -> Fault | None:
    for need in model.needs:
        if need.columns and not exists(con, need.table):
            con.execute(f"CREATE TABLE {name(need.table)}({need.columns})")
        if need.name != need.table:
            con.execute(f"CREATE OR REPLACE TEMP VIEW {name(need.name)} AS SELECT * FROM {main(con, need.table)}")
    try:
        con.execute(f"CREATE OR REPLACE TABLE {name(model.name)} AS {model.sql}")
    except duckdb.Error as error:
        return Fault(model.path.relative_to(folder).as_posix(), "SELECT", _short(str(error)))
    return None


def _try_block(con: duckdb.DuckDBPyConnection, block: Block, model: Model) -> Iterator[Fault]:
    """Each expression of a metric on the columns of its fact; those that use what a unit says are left to `refresh`."""
    parts = {
        k: str(getattr(block, k))
        for k in ("day", "where", "num", "den", "value", "mirror", "item")
        if getattr(block, k)
    }
    parts |= {f"dimensions ({key})": sql for key, sql in block.dimensions.items()}
    parts |= block.levels
    day = f"CAST({block.day} AS DATE) AS _day" if "unit_" not in block.day else "CAST(NULL AS DATE) AS _day"
    rows = f"({wide(con, model, 'true')})"
    placed = f"(SELECT *, {day} FROM {rows})"
    for key, sql in parts.items():
        if "unit_" in sql:
            continue
        try:
            con.execute(f"SELECT ({sql}) AS x FROM {rows if key == 'day' else placed} LIMIT 0")
        except duckdb.Error as error:
            yield Fault(f"metrics/{block.metric}.yml", f"facts.{key}", _short(str(error)))


def _figures(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[str]:
    for path in sorted((folder / "metrics").glob("*.yml")):
        table = f"m_{path.stem}"
        if not exists(con, table):
            yield f"{path.stem}: no figures yet"
            continue
        n, first, last = con.execute(f"SELECT sum(n), min(day), max(day) FROM {main(con, table)}").fetchone() or (
            0,
            "",
            "",
        )
        yield (
            f"{path.stem}: {int(n or 0):,} cases from {first} to {last}" if n else f"{path.stem}: no case in these rows"
        )


def _short(text: str) -> str:
    """DuckDB's error without the statement it quotes."""
    return " ".join(text.split("\n\nLINE")[0].split())[:300]
