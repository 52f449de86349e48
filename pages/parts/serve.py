"""The start command: the sample company on the first start, then the page on an address of this machine."""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path
from typing import Any, TextIO

STAGES = {"making": "making the files of the sample company", "loading": "loading and checking them"}
EXPECTED = 75.0
"""Seconds that a first start takes on two cores; only for how full the bar is drawn."""


def start(arguments: list[str], root: Path, company: Path) -> int:
    """See to the data, then serve until stopped. Returns the exit code."""
    given = _options(arguments, root, company)
    os.environ |= {"GS_VAR": str(given.var), "GS_COMPANY": str(given.company)}
    history = _sample_company(given, root) if given.company.resolve() == company.resolve() else None
    try:
        if history is not None and not _first_version(given.var, history):
            print("The sample company could not be made; the lines above say why.", file=sys.stderr)
            return 1
        _serve(root, given)
    except KeyboardInterrupt:
        pass
    finally:
        if history is not None and history.poll() is None:
            history.terminate()
    return 0


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


def _sample_company(given: argparse.Namespace, root: Path) -> subprocess.Popen[bytes] | None:
    """Make the sample company beside the page, newest weeks first; None when its history is whole.

    It goes on where an earlier start was stopped.
    """
    state = progress(given.var)
    if newest(given.var) and state.get("stage") == "ready":
        return None
    given.var.mkdir(parents=True, exist_ok=True)
    log = (given.var / "demo.log").open("ab")
    command = [sys.executable, "-m", "data", "demo", "--var", str(given.var), "--days", str(given.days)]
    return subprocess.Popen(command, cwd=root, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def newest(var: Path) -> str:
    """The name of the newest published version, "" before the first."""
    pointer = var / "store" / "current"
    return pointer.read_text(encoding="utf-8").strip() if pointer.exists() else ""


def progress(var: Path) -> dict[str, Any]:
    """How far the sample company is, as its maker last told."""
    try:
        held = json.loads((var / "demo.json").read_text(encoding="utf-8"))
        return held if isinstance(held, dict) else {}
    except (OSError, ValueError):
        return {}


def _first_version(var: Path, history: subprocess.Popen[bytes]) -> bool:
    """Wait for the first published version, with a bar; the older history then goes on quietly beside the page."""
    begun = time.monotonic()
    while not newest(var):
        if history.poll() is not None and not newest(var):
            print(file=sys.stderr)
            sys.stderr.write("".join((var / "demo.log").read_text(errors="replace").splitlines(keepends=True)[-15:]))
            return False
        _bar(sys.stderr, time.monotonic() - begun, STAGES.get(str(progress(var).get("stage")), "getting ready"))
        time.sleep(0.2)
    if begun and sys.stderr.isatty():
        print(file=sys.stderr)
    if history.poll() is None and hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, history.pid, 10)
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


def _serve(root: Path, given: argparse.Namespace) -> None:
    """Serve with uvloop (which sets TCP_NODELAY: without it every rerun waits 44 ms)."""
    os.chdir(root)
    import streamlit as st
    import uvicorn

    import pages.ask  # noqa: F401
    import queries  # noqa: F401

    port = free_port(given.address, given.port)
    url = f"http://{'localhost' if given.address in ('127.0.0.1', '0.0.0.0') else given.address}:{port}"
    print(f"Good Standing is at {url}   (Ctrl-C stops it)", flush=True)
    if not given.no_browser:
        threading.Thread(target=_open, args=(given.address, port, url), daemon=True).start()
    gc.collect()
    gc.freeze()
    uvicorn.run(st.App(str(root / "app.py")), host=given.address, port=port, log_level="warning", access_log=False)


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
