"""A new version's pages, made ready before anybody asks: each is run once as one person of each kind, drawn nowhere.

What is read and worked out on the way is kept by the version's shelf, so the first visitor does not wait for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pages
from pages.parts import quiet
from queries import Desk
from queries.directory import Person, viewer

HEAVY = ("ask", "standing", "my_group", "company", "recognition")
HEAD_START = 3.0
"""Seconds that are left to whoever comes first, or came upon a new version."""
House = Any
log = logging.getLogger(__name__)


def begin(house: House, people: list[Person]) -> None:
    """Start in the background; visitors go first: after each page it rests as long as the page took."""
    quietly = threading.Timer(HEAD_START, make, (house, people, time.sleep))
    quietly.name, quietly.daemon = "warming", True
    quietly.start()


def make(house: House, people: list[Person], rest: Callable[[float], None] = lambda _: None) -> int:
    """Run the heavier pages once for each of the people; how many ran. Nothing is logged or shown."""
    quiet.hush()
    done = 0
    for person in people:
        looks = viewer(person.login, house.directory, house.catalogue)
        if looks is None or house.directory.last_day is None:
            continue
        desk = Desk(house.catalogue, house.store, looks, house.directory.last_day, None, house.shared)
        for page in pages.offered(person.role, house.catalogue):
            if page.path in HEAVY:
                started = time.perf_counter()
                done += _run(page, desk)
                rest(time.perf_counter() - started)
    return done


def _run(page: pages.Page, desk: Desk) -> int:
    try:
        page.show(desk)
    except Exception:  # a page that fails tells its visitor; here it only stays cold
        log.debug("page %s could not be made ready", page.path, exc_info=True)
        return 0
    return 1
