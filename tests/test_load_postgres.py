"""A change log read from a live PostgreSQL server, started by the test; equal to the same changes as files."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.contract import load as contract_of
from data.pull import pull
from data.work import LoadError, opened
from tests.loading import Place
from tests.test_load import LOG, state

BINARIES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
pytestmark = pytest.mark.skipif(
    BINARIES is None, reason="PostgreSQL is not installed: the live change log was NOT tried"
)
ROWS = [
    ("I", 1, "a", "2026-01-01 10:00:00+00", "one"),
    ("I", 2, "b", "2026-01-01 11:00:00+00", 'two, "quoted"'),
    ("U", 3, "a", "2026-01-01 10:00:00+00", "uno"),
    ("D", 4, "b", None, None),
]


def user() -> dict[str, Any]:
    """PostgreSQL will not run as root: another user is taken then."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    assert BINARIES is not None
    folder = Path(tempfile.mkdtemp(prefix="gs_pg_"))
    who = user()
    if who:
        shutil.chown(folder, who["user"])
    home = folder / "data"
    quiet: dict[str, Any] = {"check": True, "capture_output": True, "cwd": folder, **who}
    try:
        subprocess.run([BINARIES / "initdb", "-D", home, "-U", "tester", "--auth=trust", "-N"], **quiet)
        switches = f"-k {folder} -c listen_addresses='' -c fsync=off"
        start = [BINARIES / "pg_ctl", "-D", home, "-o", switches, "-l", folder / "log", "-w", "start"]
        subprocess.run(start, check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)
        yield f"postgresql:///postgres?host={folder}&user=tester"
    finally:
        subprocess.run(
            [BINARIES / "pg_ctl", "-D", home, "-m", "immediate", "stop"], capture_output=True, cwd=folder, **who
        )
        shutil.rmtree(folder, ignore_errors=True)


def tell(server: str, sql: str, *rows: tuple[Any, ...]) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(server) as connection, connection.cursor() as cursor:
        for row in rows or [()]:
            values = ", ".join("NULL" if v is None else "'" + str(v).replace("'", "''") + "'" for v in row)
            cursor.execute(sql.format(values))
        connection.commit()


@pytest.fixture
def place(tmp_path: Path, server: str) -> Place:
    made = Place(tmp_path)
    made.source(**LOG, postgres={"table": "log_changes", "increment": "lsn"})
    tell(server, "DROP TABLE IF EXISTS log_changes")
    columns = 'op char(1), lsn bigint, id varchar(18), "at" timestamptz, what varchar(40)'
    tell(server, f"CREATE TABLE log_changes({columns})")
    return made


def pulled(place: Place, server: str) -> int:
    """Pull and stage; the number of rows that came."""
    with opened(place.var, 2) as con:
        path = pull(con, place.var, contract_of(place.company / "sources" / "log.yml"), server)
    return place.stage(path).rows if path else 0


def test_a_live_log_is_read_in_steps_and_equals_the_files(place: Place, server: str, tmp_path: Path) -> None:
    tell(server, "INSERT INTO log_changes VALUES ({})", *ROWS[:2])
    assert pulled(place, server) == 2
    assert pulled(place, server) == 0
    tell(server, "INSERT INTO log_changes VALUES ({})", *ROWS[2:])
    assert pulled(place, server) == 2
    assert place.rows('SELECT id, what, CAST("at" AS VARCHAR) FROM s_log') == [("a", "uno", "2026-01-01 10:00:00")]
    assert place.rows("SELECT id, lsn FROM gone_log") == [("b", 4)]
    assert place.rows("SELECT what FROM l_log WHERE lsn = 2") == [('two, "quoted"',)]


def test_a_server_that_is_not_there_is_told(place: Place) -> None:
    with pytest.raises(LoadError, match="cannot be read"):
        pulled(place, "postgresql:///postgres?host=/nowhere")


def test_a_server_that_fails_in_the_middle_is_told_and_nothing_is_left(place: Place, server: str) -> None:
    tell(server, "DROP TABLE log_changes")
    made = "SELECT 'I' AS op, n / (120000 - n) * 0 + n AS lsn, 'k' || n AS id, now() AS \"at\", 'x' AS what"
    tell(server, f"CREATE VIEW log_changes AS {made} FROM generate_series(1, 150000) n")
    try:
        with pytest.raises(LoadError, match=r"log: .* cannot be read, nothing lost"):
            pulled(place, server)
    finally:
        tell(server, "DROP VIEW log_changes")
    assert not (place.var.root / "inbox").exists()
    assert place.rows("SELECT count(*) FROM ledger") == [(0,)]


def test_the_same_state_whether_pulled_once_or_in_steps(place: Place, server: str, tmp_path: Path) -> None:
    tell(server, "INSERT INTO log_changes VALUES ({})", *ROWS)
    pulled(place, server)
    once = [row[:4] for row in place.rows('SELECT op, lsn, id, "at" FROM l_log ORDER BY lsn')]
    assert [row[1] for row in once] == [1, 2, 3, 4]
    assert len(state(place)) == 3
