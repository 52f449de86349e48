"""A machine's clock that jumps while folders are watched: every row still counts once, and no day waits for ever."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from data import arrivals, balance, batch, health, inbox, ledger, load, publish
from data.store import Versions
from data.watch import watch
from data.work import opened
from tests.loading import Place
from tests.test_store import day_file, figures, make, run, truth

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Clock(datetime):
    """Now, and so much more."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Clock:
        return cls.fromtimestamp(time.time(), tz) + cls.ahead


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path)
    make(made)
    monkeypatch.setattr(Clock, "ahead", timedelta())
    for module in (arrivals, batch, health, load, publish):
        monkeypatch.setattr(module, "datetime", Clock)
    told = SimpleNamespace(time=lambda: time.time() + Clock.ahead.total_seconds(), monotonic=time.monotonic)
    monkeypatch.setattr(inbox, "time", told)
    monkeypatch.setattr(inbox, "WHOLE", 0.1)
    return made


@pytest.mark.parametrize("jumps", [(HOUR, -HOUR), (-HOUR, HOUR), (DAY, -DAY), (-DAY, 400 * DAY), (-400 * DAY, DAY)])
def test_a_clock_that_jumps_loses_and_doubles_nothing(jumps: tuple[timedelta, ...], place: Place) -> None:
    """A day comes before, between and after two jumps; one file cut short before them comes whole after them."""
    whole = day_file(place, 1).read_bytes()
    (place.inbox / "visits_20260101.csv").write_bytes(whole[:-5])

    def at(look: int) -> None:
        if look in (4, 12):
            Clock.ahead += jumps[look // 12]
        if look in (2, 6, 14):
            day_file(place, 2 + look // 4)
        if look == 16:
            (place.inbox / "visits_20260101.csv").write_bytes(whole)

    looks: Any = iter(range(34))

    def until() -> bool:
        look = next(looks, None)
        at(-1 if look is None else look)
        return look is None

    with opened(place.var, 2) as con:
        watch(con, place.var, place.company, [place.inbox], every=0.02, until=until, tell=lambda text: None)
        assert ledger.check(con) == []
        assert balance.report(con)[1]
    assert figures(place) == truth(place)
    assert place.rows("SELECT count(*) FILTER (state = 'loaded'), count(*) FROM ledger") == [(4, 5)]
    assert place.rows("SELECT count(*) FROM unpublished") == [(0,)]


def test_a_file_that_was_not_taken_is_told_though_the_clock_ran_ahead_before(place: Place) -> None:
    """A file came while the clock was a month ahead; what came since then is not long past because of it."""
    day_file(place, 1)
    Clock.ahead = 30 * DAY
    run(place)
    Clock.ahead = timedelta()
    place.file("visits_20260102.csv", "id,lsn")
    run(place)
    with Versions(place.var.root).open() as store:
        assert store.fetch("SELECT name FROM untaken") == [("visits_20260102.csv",)]
