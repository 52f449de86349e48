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

from tests import fakestore


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="signals of POSIX")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_start_says_its_address_serves_and_ends_without_a_word(tmp_path: Path, end: signal.Signals) -> None:
    var = fakestore.published(tmp_path)
    (var / "demo.json").write_text(json.dumps({"stage": "ready"}))
    command = [sys.executable, "app.py", "--var", str(var), "--port", "8790", "--no-browser"]
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


def _answers(url: str, tries: int = 100) -> str:
    for _ in range(tries):
        try:
            return urllib.request.urlopen(url, timeout=5).read().decode()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")
