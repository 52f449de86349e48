"""How long every page of every role takes, first and again, on a loaded runtime folder.

uv run python tests/speed.py --var var [--warm] [--only standing] [--most 1.0]

`first` is the first visit of that role in the process, `again` the next one in a new session. `sentence` is when the
first sentence was handed to the browser, `whole` when the page was done, both in seconds of the wall clock; `cpu` in
seconds of all threads. `--warm` makes the pages ready first, as the server does in the background. Gives 1 when any
page that was already warm takes longer than `--most` seconds.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
COMPANY = ROOT / "data" / "companies" / "fernway"


def script(path: str, login: str, var: str, company: str, marks: dict[str, float]) -> None:
    """One page of one person, as app.py runs it; notes when its first sentence was drawn."""
    import importlib
    import time
    from pathlib import Path

    import streamlit as st

    import app
    from pages.parts import front
    from queries import directory as directories

    told, draw = marks, st.delta_generator.DeltaGenerator._enqueue

    def noted(self, kind, *given, **more):  # type: ignore[no-untyped-def]
        if kind in ("markdown", "heading", "alert") and "title" in told:
            told.setdefault("sentence", time.perf_counter())
        told.setdefault("title", time.perf_counter())
        return draw(self, kind, *given, **more)

    st.delta_generator.DeltaGenerator._enqueue = noted
    try:
        held = app._newest(Path(var))
        house = front.house(Path(company), Path(var), held)
        viewer = directories.viewer(login, house.directory, house.catalogue)
        importlib.import_module(f"pages.{path}").show(front.desk(house, viewer))
    finally:
        st.delta_generator.DeltaGenerator._enqueue = draw


def visit(path: str, login: str, var: Path) -> tuple[float, float, float]:
    """Seconds to the first sentence and to the end of one visit in a new session, and of the processor."""
    from streamlit.testing.v1 import AppTest

    marks: dict[str, float] = {}
    at = AppTest.from_function(script, args=(path, login, str(var), str(COMPANY), marks), default_timeout=120)
    wall, cpu = time.perf_counter(), time.process_time()
    at.run()
    end = time.perf_counter()
    assert not at.exception, at.exception
    return marks.get("sentence", end) - wall, end - wall, time.process_time() - cpu


def cases(var: Path) -> list[tuple[str, str, str]]:
    """Every page of every role and kind of work: page, login, who that is."""
    import app
    import pages
    from pages.parts import front

    house = front.house(COMPANY, var, app._newest(var))
    people = front.featured(house)
    return [
        (page.path, p.login, f"{p.role} {p.work}".strip())
        for p in people
        for page in pages.offered(p.role, house.catalogue)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--var", type=Path, default=ROOT / "var")
    parser.add_argument("--only", default="")
    parser.add_argument("--warm", action="store_true")
    parser.add_argument("--most", type=float, default=1.0)
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # the pages run without a browser, which Streamlit warns of at every step
    if options.warm:
        import app
        from pages.parts import front, warming

        started = time.perf_counter(), time.process_time()
        house = front.house(COMPANY, options.var, app._newest(options.var))
        warming.make(house, [*front.featured(house), *front.leaders(house)])
        print(f"made ready in {time.perf_counter() - started[0]:.1f} s ({time.process_time() - started[1]:.1f} s cpu)")
    slow = 0
    print(f"{'page':12} {'who':24} {'first':^24} {'again':^24}   load {os.getloadavg()[0]:.1f}")
    print(f"{'':37} " + f"{'sentence':>8} {'whole':>7} {'cpu':>7} " * 2)
    for path, login, who in cases(options.var):
        if options.only and path != options.only:
            continue
        first, again = visit(path, login, options.var), visit(path, login, options.var)
        slow += (first if options.warm else again)[1] > options.most
        print(
            f"{path:12} {who:24} " + "".join(f"{s:8.2f} {w:7.2f} {c:7.2f} " for s, w, c in (first, again)), flush=True
        )
    print(f"{slow} pages over {options.most} s")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
