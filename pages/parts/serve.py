"""The start command: the sample company on the first start, then the page on an address of this machine."""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TextIO

from pages.parts import quiet

STAGES = {"making": "making the files of the sample company", "loading": "loading and checking them"}
EXPECTED = 75.0
"""Seconds that a first start takes on two cores; only for how full the bar is drawn."""


def start(arguments: list[str], root: Path, company: Path, warm: Callable[[], None]) -> int:
    """See to the data, then serve until stopped; `warm` is called once beside the server. Returns the exit code."""
    given = _options(arguments, root, company)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped by a service manager: as with Ctrl-C
    os.environ |= {"GS_VAR": str(given.var), "GS_COMPANY": str(given.company)}
    history = _sample_company(given, root) if given.company.resolve() == company.resolve() else None
    try:
        if history is not None and not _first_version(given.var, history, warm):
            print("The sample company could not be made; the lines above say why.", file=sys.stderr)
            return 1
        _serve(root, given, warm)
    except KeyboardInterrupt:
        pass
    finally:
        if history is not None:
            history.stop()
    return 0


def leave(code: int) -> NoReturn:
    """End the process at once.

    Threads of the page hold open stores until then; taken down one by one they would be reported as leaks.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class History:
    """Makes the sample company in a process of its own; tries again when another one still holds the store.

    `later`: there is a page to show already, so it begins once that has had time to come, and gently.
    """

    TRIES, PAUSE, HEAD_START = 60, 5.0, 5.0

    def __init__(self, command: list[str], root: Path, log: Path, later: bool = False) -> None:
        self.command, self.root, self.log, self.wait = command, root, log, self.HEAD_START if later else 0.0
        self.stopped, self.failed, self.gentle = threading.Event(), False, later
        self.process: subprocess.Popen[bytes] | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        for _ in range(self.TRIES):
            if self.stopped.wait(self.wait):
                return
            self.wait = self.PAUSE
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command, cwd=self.root, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                    process_group=0,  # a session of its own would have as much of the cores as the page
                )  # fmt: skip
            if self.gentle:
                self.be_gentle()
            if self.process.wait() == 0:
                return
            self.failed = not _held_elsewhere(self.log)

    def be_gentle(self) -> None:
        """Let the page go first from now on: before all threads of the maker, and of what it started."""
        self.gentle = True
        if self.process is not None and self.process.poll() is None and hasattr(os, "setpriority"):
            with suppress(PermissionError):  # what is gentler already stays so
                os.setpriority(os.PRIO_PGRP, self.process.pid, 10)

    def stop(self) -> None:
        """Stop; what is loaded by now is kept, the next start goes on from there."""
        self.stopped.set()
        if self.process is not None and self.process.poll() is None:
            self._tell(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self._tell(signal.SIGKILL)

    def _tell(self, what: signal.Signals) -> None:
        """A signal to the maker and to all that it started."""
        assert self.process is not None
        os.killpg(self.process.pid, what) if hasattr(os, "killpg") else self.process.terminate()


def _held_elsewhere(log: Path) -> bool:
    return "one writer at a time" in log.read_text(errors="replace")[-500:]


def _options(arguments: list[str], root: Path, company: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="app.py", description="Good Standing: ask in plain words how you are doing.")
    parser.add_argument("--port", type=int, default=8501, help="port of the page (8501, or the next free one)")
    parser.add_argument("--address", default="127.0.0.1", help="address to listen on (this machine only)")
    parser.add_argument("--var", type=Path, default=root / "var", help="folder of runtime files (var)")
    parser.add_argument("--company", type=Path, default=company, help="company folder (the sample company)")
    parser.add_argument("--days", type=int, default=182, help="history of the sample company, in days")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    given = parser.parse_args(arguments)
    given.var, given.company = given.var.absolute(), given.company.absolute()
    return given


def _sample_company(given: argparse.Namespace, root: Path) -> History | None:
    """Make the sample company beside the page, newest weeks first; None when its history is whole.

    It goes on where an earlier start was stopped.
    """
    state = progress(given.var)
    shown = bool(newest(given.var))
    if shown and state.get("stage") == "ready":
        return None
    given.var.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "data", "demo", "--var", str(given.var), "--days", str(given.days)]
    return History(command, root, given.var / "demo.log", later=shown)


def newest(var: Path) -> str:
    """The name of the newest published version, "" before the first."""
    pointer = var / "store" / "current"
    return pointer.read_text(encoding="utf-8").partition(" ")[0].strip() if pointer.exists() else ""


def progress(var: Path) -> dict[str, Any]:
    """How far the sample company is, as its maker last told."""
    try:
        held = json.loads((var / "demo.json").read_text(encoding="utf-8"))
        return held if isinstance(held, dict) else {}
    except (OSError, ValueError):
        return {}


def _first_version(var: Path, history: History, warm: Callable[[], None]) -> bool:
    """Wait for the first published version, with a bar; the older history then goes on quietly beside the page.

    Without a version there is nothing to warm but the code: it is read meanwhile.
    """
    begun = time.monotonic()
    if not newest(var):
        threading.Thread(target=warm, daemon=True).start()
    while not newest(var):
        if history.failed and not newest(var):
            print(file=sys.stderr)
            sys.stderr.write("".join((var / "demo.log").read_text(errors="replace").splitlines(keepends=True)[-15:]))
            return False
        _bar(sys.stderr, time.monotonic() - begun, STAGES.get(str(progress(var).get("stage")), "getting ready"))
        time.sleep(0.2)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    history.be_gentle()
    return True


def _bar(out: TextIO, seconds: float, what: str) -> None:
    """A line that fills up: fast at first, never quite full before it is done. Without a terminal, a line a stage."""
    if not out.isatty():
        if getattr(_bar, "told", "") != what:
            print(f"First start: {what} …", file=out, flush=True)
            _bar.told = what  # type: ignore[attr-defined]
        return
    width = max(10, min(40, shutil.get_terminal_size().columns - 60))
    full = int(width * (1 - 2 ** (-2 * seconds / EXPECTED)))
    drawn = "█" * full + "·" * (width - full)
    print(f"\rFirst start [{drawn}] {seconds:3.0f} s  {what:<42}", end="", file=out, flush=True)


def _serve(root: Path, given: argparse.Namespace, warm: Callable[[], None]) -> None:
    """Tell the address, open it, serve until stopped; the code of the pages is read while the browser comes."""
    os.chdir(root)
    quiet.hush()
    port = free_port(given.address, given.port)
    url = f"http://{'localhost' if given.address in ('127.0.0.1', '0.0.0.0') else given.address}:{port}"
    print(f"Good Standing is at {url}   (Ctrl-C stops it)", flush=True)
    if not given.no_browser:
        threading.Thread(target=_open, args=(given.address, port, url), daemon=True).start()
    threading.Thread(target=warm, daemon=True).start()
    run(root / "app.py", given.address, port)


def run(script: Path, address: str, port: int) -> None:
    """Serve a page script with uvloop (which sets TCP_NODELAY: without it every rerun waits 44 ms).

    The folder `pages/` would switch on Streamlit's own pages until a session has run `st.navigation`: a first visit to
    an inner page would run that file without `app.py` and lose the address. So that is switched off beforehand.
    """
    import streamlit as st
    import uvicorn
    from streamlit.runtime.pages_manager import PagesManager

    PagesManager.uses_pages_directory = False
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(lambda record: record.levelno >= logging.WARNING)
    uvicorn.run(st.App(str(script)), host=address, port=port, log_level="warning", access_log=False)


def free_port(address: str, wanted: int) -> int:
    """The wanted port, or the next one that nobody listens on."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise SystemExit(f"No free port from {wanted} to {wanted + 49}; choose one with --port.")


def _open(address: str, port: int, url: str) -> None:
    """Open the browser once the page answers; on a machine without one, nothing happens."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1" if address == "0.0.0.0" else address, port), 0.2).close()
            webbrowser.open(url)
            return
        except OSError:
            time.sleep(0.1)
