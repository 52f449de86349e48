"""The command: one question, a batch from one process, follow-ups, and errors that name the thing."""
# ruff: noqa: E501

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from queries.__main__ import main
from queries.batch import BadLineError, lines
from queries.state import named, open_state
from queries.state.tables import LOOKED
from tests import fakestore

ROOT = fakestore.ROOT


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runtime folder whose published version is the made-up store."""
    return fakestore.published(tmp_path_factory.mktemp("var"))


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


def run(var: Path, *arguments: str, given: str = "") -> Ran:
    """The command inside this process."""
    out, err, before = io.StringIO(), io.StringIO(), Path.cwd()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(ROOT):
        kept, sys.stdin = sys.stdin, io.StringIO(given)
        try:
            code = main([*arguments, "--var", str(var)])
        finally:
            sys.stdin = kept
    assert Path.cwd() == before
    return Ran(code, out.getvalue(), err.getvalue())


def test_as_a_process(var: Path) -> None:
    command = [sys.executable, "-m", "queries", "what counts as late?", "--as", "omar.osei", "--var", str(var)]
    got = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert got.returncode == 0 and "Late arrivals" in got.stdout, got.stderr


def test_one_question_as_text(var: Path) -> None:
    got = run(var, "my team's late arrivals vs others this week", "--as", "omar.osei", "--on", "2026-11-18")
    assert got.returncode == 0, got.stderr
    assert "Lakeside Repairs:" in got.stdout and "16–18 November" in got.stdout and "version v0000001" in got.stdout


def test_one_question_as_json_and_today_left_out(var: Path) -> None:
    got = run(var, "late arrivals by area last month", "--as", "victor.holm", "--json")
    found: dict[str, Any] = json.loads(got.stdout)
    assert found["outcome"] == "answer" and found["on"] == "2026-11-18" and found["store"] == "v0000001"
    assert found["query"]["by"] == ["area"] and len(found["rows"]) > 5


BATCH = [
    {"id": "a", "question": "my team's late arrivals this week", "as": "omar.osei", "on": "2026-11-18", "after": None},
    {"id": "b", "question": "what is the capital of France", "as": "omar.osei", "on": "2026-11-18", "after": "a"},
    {"id": "c", "question": "and last week?", "as": "omar.osei", "on": "2026-11-18", "after": "b"},
    {"id": "d", "question": "worst technician in my team for late arrivals this quarter", "as": "omar.osei", "on": "2026-11-18"},
    {"id": "e", "question": "late arrivals last week", "as": "jonas.moreau", "on": "2026-11-18"},
]  # fmt: skip


def test_a_batch_keeps_its_order_and_its_chains(var: Path) -> None:
    """After a line that was not read, the newest answered query of the chain counts."""
    got = run(var, "--batch", "-", "--json", given="\n".join(map(json.dumps, BATCH)) + "\n\n")
    found = [json.loads(line) for line in got.stdout.splitlines()]
    assert [one["id"] for one in found] == ["a", "b", "c", "d", "e"], got.stderr
    assert [one["outcome"] for one in found] == ["answer", "unread", "answer", "refused", "answer"]
    assert found[2]["query"]["period"] == {"from": "2026-11-09", "to": "2026-11-16"}
    assert found[2]["query"]["about"] == found[0]["query"]["about"] == {"team": ["F-NLAK-2"]}
    assert found[1]["query"] is None and found[3]["rows"] == []


def test_an_unknown_login_does_not_stop_a_batch(var: Path) -> None:
    asked = [{**BATCH[0], "as": "nobody.atall"}, {**BATCH[4]}]
    got = run(var, "--batch", "-", "--json", given="\n".join(map(json.dumps, asked)))
    found = [json.loads(line) for line in got.stdout.splitlines()]
    assert [one["outcome"] for one in found] == ["unread", "answer"] and "nobody.atall" in found[0]["headline"]
    assert got.returncode == 2 and "nobody.atall" in got.stderr


def test_read_only_runs_no_sql(var: Path) -> None:
    got = run(var, "--batch", "-", "--json", "--read-only", given="\n".join(map(json.dumps, BATCH)))
    found = [json.loads(line) for line in got.stdout.splitlines()]
    assert [one["outcome"] for one in found] == ["answer", "unread", "answer", "refused", "answer"]
    assert all("rows" not in one and "headline" not in one and one["sql"] == [] for one in found)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["late arrivals", "--as", "omar.ose"], "omar.osei"),
        (["late arrivals"], "--as"),
        (["late arrivals", "--as", "omar.osei", "--on", "yesterday"], "yesterday"),
        (["late arrivals", "--as", "omar.osei", "--company", "nowhere"], "nowhere"),
        (["--batch", "no-such-file.jsonl"], "no-such-file.jsonl"),
        ([], "--batch"),
    ],
)
def test_a_mistake_is_named(var: Path, arguments: list[str], named: str) -> None:
    got = run(var, *arguments)
    assert got.returncode == 2 and got.stderr.startswith("error:") and named in got.stderr and not got.stdout


def test_without_a_store_it_says_so(tmp_path: Path) -> None:
    got = run(tmp_path, "late arrivals", "--as", "omar.osei")
    assert got.returncode == 2 and "nothing is published" in got.stderr


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "line 1 is no JSON object"),
        ("[1]", "line 1 is no JSON object"),
        ('{"id": "a", "as": "x"}', '"question" is missing'),
        ('{"id": "a", "question": "late"}', '"as" is missing'),
        ('{"id": "a", "question": "late", "as": "x", "on": "18/11"}', "18/11"),
        ('{"id": "a", "question": "late", "as": "x", "after": "z"}', "'z', which is no earlier line"),
    ],
)
def test_a_bad_line_is_named(line: str, named: str) -> None:
    with pytest.raises(BadLineError, match=r"line 1") as error:
        list(lines([line]))
    assert named in str(error.value)


def test_a_look_by_the_command_is_written_down_and_who_will_not_be_named_is_not(tmp_path: Path, var: Path) -> None:
    """The command line stands on the same book as the pages: access log and consent."""
    folder = tmp_path / "var"
    shutil.copytree(var, folder)
    people = run(folder, "late arrivals by technician in my team last 13 weeks", "--as", "noor.ozturk", "--json")
    shown = {row[0] for row in json.loads(people.stdout)["rows"]} - {None}
    state = open_state(folder)
    with state.read() as connection:
        seen = {row.whose for row in connection.execute(LOOKED.select())}
    assert shown and seen == shown
    best = ("who has the best satisfaction last 13 weeks", "--as", "victor.holm", "--json")
    first = {row[0] for row in json.loads(run(folder, *best).stdout)["rows"]} - {None}
    assert first
    for login in first:
        named.opt_out(state, login, at=datetime(2026, 11, 18, tzinfo=UTC))
    assert not first & {row[0] for row in json.loads(run(folder, *best).stdout)["rows"]}
