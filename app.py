"""The front door.

`uv run app.py` starts the product: the sample company is made on the first start, then the page is served.
Served, this same file is the page: it opens the newest store version, learns who is looking, offers their pages
and runs one.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    """Where things are: the runtime folder and the company's folder (GS_VAR, GS_COMPANY)."""

    var: Path = field(default_factory=lambda: Path(os.environ.get("GS_VAR") or ROOT / "var"))
    company: Path = field(default_factory=lambda: Path(os.environ.get("GS_COMPANY") or _sample()))
    warms: bool = True
    """Make a new version's pages ready in the background."""


def page(settings: Settings | None = None, store: Any = None) -> None:
    """One run of the page for one session. `store`: an open one, instead of the newest in the runtime folder."""
    import streamlit as st

    from data.store import DamagedError, Versions
    from pages.parts import front

    st.set_page_config(page_title="Good Standing", page_icon=str(ROOT / "pages" / "icon.svg"), layout="centered")
    front.style()
    settings = settings or Settings()
    held = store or _newest(settings.var)
    if held is None:
        front.waiting()
        return
    try:
        _shown(settings, held)
    except DamagedError:
        if Versions(settings.var).sound(held.version):  # it could not be noted: another run would meet it again
            raise
        st.rerun()


def _shown(settings: Settings, held: Any) -> None:
    """One run of the page on an open store version."""
    import streamlit as st

    import pages
    from pages.parts import front, signing

    house = front.house(settings.company, settings.var, held)
    if settings.warms:
        front.warm(house)
    viewer = signing.who(house.catalogue, house.directory, house.state)
    desk = front.desk(house, viewer)
    catalogue = house.catalogue
    made = [
        st.Page(partial(one.show, desk), title=one.called(catalogue), icon=one.icon, url_path=one.path, default=not n)
        for n, one in enumerate(pages.offered(viewer.role, catalogue))
    ]
    chosen = st.navigation(made, position="top")
    front.strip(house, desk)
    front.news(desk)
    chosen.run()


def _sample() -> Path:
    from data.company import sample_company

    return sample_company()


def _newest(var: Path) -> Any:
    """The newest published version, opened once a process; a few bytes are read to see whether there is a newer one."""
    from data.store import NoStoreError, Versions
    from pages.parts import front

    versions = Versions(var)
    try:
        return front.opened(str(var), str(versions.mark()), versions.open) if versions.newest() else None
    except NoStoreError:
        return None


def warm(settings: Settings) -> None:
    """Open the store, read its people and make the pages ready before the first visitor comes."""
    from pages.parts import quiet

    quiet.hush()
    from pages.parts import front

    held = _newest(settings.var)
    if held is not None:
        front.warm(front.house(settings.company, settings.var, held))


def _served() -> bool:
    """Whether streamlit runs this file as the page."""
    runtime = sys.modules.get("streamlit.runtime")
    return runtime is not None and bool(runtime.exists())


if __name__ == "__main__":
    if _served():
        page()
    else:
        from pages.parts import serve

        serve.leave(serve.start(sys.argv[1:], ROOT, _sample(), lambda: warm(Settings())))

__all__ = ["Settings", "page"]
