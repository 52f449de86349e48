"""The start command: one line with the address, a page that answers, and a quiet end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from streamlit import delta_generator

from pages.parts import quiet, serve
from tests import fakestore
from tests.screens import free_port


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="signals of POSIX")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_start_says_its_address_serves_and_ends_without_a_word(tmp_path: Path, end: signal.Signals) -> None:
    var = fakestore.published(tmp_path)
    (var / "demo.json").write_text(json.dumps({"stage": "ready"}))
    command = [sys.executable, "app.py", "--var", str(var), "--port", str(free_port()), "--no-browser"]
    told = subprocess.PIPE
    with subprocess.Popen(command, cwd=fakestore.ROOT, stdout=told, stderr=told, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        address = re.search(r"http://\S+", said)
        assert address, process.communicate()[1]
        assert _answers(address[0] + "/_stcore/health") == "ok"
        assert "<title>" in _answers(address[0])
        process.send_signal(end)
        rest, errors = process.communicate(timeout=60)
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize(
    ("first", "unread"),
    [
        ("from pages.parts import serve; import app; app._sample()", "streamlit queries duckdb numpy pyarrow"),
        ("import app, pages.ask; from data import store; from pages.parts import front", "fpdf pandas pyarrow"),
    ],
)
def test_a_start_reads_no_code_that_only_later_pages_need(first: str, unread: str) -> None:
    """Reading code is most of a start's time: first the address, then the first page, then all else."""
    code = f"import sys; {first}; print(*sorted(set({unread.split()!r}) & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], cwd=fakestore.ROOT, capture_output=True, text=True)
    assert (told.returncode, told.stdout.strip()) == (0, ""), told.stderr


def test_a_page_reads_its_code_when_it_is_shown() -> None:
    code = """import sys, pages
from queries import catalogue
from data.company import sample_company
pages.offered("supervisor", catalogue.load(sample_company()))
print(*(name for name in sys.modules if name.startswith("pages.")))"""
    told = subprocess.run([sys.executable, "-c", code], cwd=fakestore.ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""


def test_no_visitor_waits_for_a_look_through_all_modules() -> None:
    """Streamlit's, for a warning that cannot apply; the switch is its own and may go with a new version of it."""
    assert delta_generator._use_warning_has_been_displayed in (False, True)
    quiet.hush()
    assert delta_generator._use_warning_has_been_displayed is True


def test_a_first_start_tells_at_once_what_it_does(tmp_path: Path) -> None:
    port = str(free_port())
    command = [sys.executable, "app.py", "--var", str(tmp_path), "--days", "1", "--port", port, "--no-browser"]
    told = subprocess.PIPE
    with subprocess.Popen(command, cwd=fakestore.ROOT, stdout=told, stderr=told, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert said in ("First start: getting ready …\n", "First start: making the files of the sample company …\n")


def test_what_is_still_to_be_made_waits_while_a_page_comes(tmp_path: Path) -> None:
    made = serve.History([sys.executable, "-c", ""], tmp_path, tmp_path / "log", later=True)
    made.stop()
    made.thread.join(10)
    assert not made.thread.is_alive() and made.process is None


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads of Linux")
def test_all_of_the_maker_goes_behind_the_page(tmp_path: Path) -> None:
    """Its threads too, and in the page's session: one of its own would get as much of the cores as the page."""
    works = "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); print(1, flush=True)"
    made = serve.History([sys.executable, "-c", works], tmp_path, tmp_path / "log")
    while not (tmp_path / "log").exists() or not (tmp_path / "log").read_text():
        time.sleep(0.05)
    assert made.process is not None
    made.be_gentle()
    threads = [int(task.name) for task in Path(f"/proc/{made.process.pid}/task").iterdir()]
    gentle, session = [os.getpriority(os.PRIO_PROCESS, task) for task in threads], os.getsid(made.process.pid)
    made.stop()
    assert len(gentle) == 2 and min(gentle) >= 10
    assert session == os.getsid(0)


def _answers(url: str, tries: int = 100) -> str:
    for _ in range(tries):
        try:
            return urllib.request.urlopen(url, timeout=5).read().decode()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")
