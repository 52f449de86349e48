"""Screenshots of every page at two widths, light and dark, into a folder, for looking at.

uv run python tests/screens.py --out screens [--url http://localhost:8501] [--as omar.osei] [--only ask] [--axe]
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlparse

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
LEADER, WORKER, CHIEF, STEWARD = "omar.osei", "jonas.moreau", "victor.holm", "greta.sato"
AGENT, MANAGER, DIRECTOR, REPRESENTATIVE = "hana.petrov", "marta.bianchi", "andre.osei", "carlos.demir"
ANALYST, DISPATCHER = "nadia.weiss", "erik.duarte"
CARE_LEADER, CARE_MANAGER, DESK_LEADER = "deniz.ozturk", "amina.kovacs", "emil.jansen"
VIEWS = [
    ("ask", "", "", LEADER),
    ("ask-answer", "", "my team's late arrivals vs others last week", LEADER),
    ("ask-worker", "", "how am I doing", WORKER),
    ("ask-trend", "", "late arrivals by week over the last 13 weeks", CHIEF),
    ("ask-list", "", "late arrivals by region last week", CHIEF),
    ("ask-choices", "", "bay satisfaction", LEADER),
    ("ask-unread", "", "what was our revenue", LEADER),
    ("ask-refused", "", "who is my worst technician", LEADER),
    ("standing", "standing", "", WORKER),
    ("standing-care", "standing", "", AGENT),
    ("my_group", "my_group", "", LEADER),
    ("my_group-manager", "my_group", "", MANAGER),
    ("company", "company", "", CHIEF),
    ("company-region", "company", "", DIRECTOR),
    ("recognition", "recognition", "", LEADER),
    ("yardstick", "yardstick", "", LEADER),
    ("access", "access", "", REPRESENTATIVE),
    ("words", "words", "", STEWARD),
    ("health", "health", "", STEWARD),
]
ROLES = [
    *((f"ask-{name}", "", "", login) for name, login in (
        ("technician", WORKER), ("manager", MANAGER), ("executive", CHIEF), ("analyst", ANALYST),
        ("steward", STEWARD), ("representative", REPRESENTATIVE))),
    ("ask-dispatcher", "", "how am I doing", DISPATCHER),
    ("standing-dispatch", "standing", "", DISPATCHER),
    *((f"my_group-{name}", "my_group", "", login) for name, login in (
        ("care", CARE_LEADER), ("dispatch", DESK_LEADER), ("care-manager", CARE_MANAGER), ("director", DIRECTOR))),
    ("company-manager", "company", "", MANAGER),
    ("company-analyst", "company", "", ANALYST),
    *((f"recognition-{name}", "recognition", "", login) for name, login in (
        ("technician", WORKER), ("care", AGENT), ("manager", MANAGER), ("executive", CHIEF), ("analyst", ANALYST),
        ("representative", REPRESENTATIVE))),
]  # fmt: skip
"""The same pages as other roles have them."""
View = tuple[str, str, str, str]
"""Name, path, question, login."""
TALL = "() => Math.max(...[...document.querySelectorAll('section, main, .stMain, body')].map(e => e.scrollHeight))"
WAITING = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def served(script: str = "tests/served.py", **env: str) -> Iterator[str]:
    """The page served on a free port of this machine; gives the address."""
    port = free_port()
    code = f"from pathlib import Path; from pages.parts import serve; serve.run(Path({script!r}), '127.0.0.1', {port})"
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the page's server stopped before it could be reached")
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the page's server did not answer in 30 seconds")


@contextmanager
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()


def visit(page: Any, url: str, view: View) -> None:
    """Open a view and wait for it; once more where a server that has just started has shown its first page instead."""
    _, path, question, login = view
    for _ in range(2):
        page.goto(f"{url}/{path}?as={login}" + (f"&ask={quote(question)}" if question else ""))
        settle(page)
        if urlparse(page.url).path.strip("/") == path:
            return
    raise RuntimeError(f"{path} does not open: {page.url}")


def settle(page: Any, timeout: float = 60_000) -> None:
    """Wait until the page is there, no longer being made ready, and no run is going on."""
    page.wait_for_selector("h1:not(:text-is('Good Standing'))", timeout=timeout)
    for _ in range(2):
        page.wait_for_function(WAITING, timeout=timeout)
        page.wait_for_timeout(200)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("screens"))
    parser.add_argument("--url")
    parser.add_argument("--as", dest="login", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--axe", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.url:
        shoot(options.url, options)
        return
    with served() as url:
        shoot(url, options)


def shoot(url: str, options: argparse.Namespace) -> None:
    with browser() as chromium:
        for size, (width, height) in WIDTHS.items():
            for scheme in ("light", "dark"):
                context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
                page = context.new_page()
                for name, path, question, login in [*VIEWS, *ROLES]:
                    if options.only and not name.startswith(options.only):
                        continue
                    visit(page, url, (name, path, question, options.login or login))
                    tall = page.evaluate(TALL)
                    page.set_viewport_size({"width": width, "height": max(height, min(int(tall) + 20, 6000))})
                    page.wait_for_timeout(250)
                    page.screenshot(path=options.out / f"{name}-{size}-{scheme}.png")
                    page.set_viewport_size({"width": width, "height": height})
                    if options.axe and scheme == "light":
                        for line in violations(page):
                            print(f"{name} {size}: {line}")
                context.close()


def violations(page: Any) -> list[str]:
    """What axe finds on the page, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:160]} x{len(v['nodes'])}" for v in found]


if __name__ == "__main__":
    main()
