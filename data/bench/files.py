"""The days that the bench loads: made for it (in parts, so that a year needs no room for a year of files) or given."""

from __future__ import annotations

import importlib
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from data import arrivals

HELD_BACK = 33
PART = 28
"""Days whose files lie there at one time."""
BEFORE = "before, to "
"""How the name of a stretch begins that is not timed."""
TOGETHER = 4
"""Days before the timed ones that are loaded together."""


def stretches(given: Any, folder: Path, held_back: list[Path]) -> Iterator[tuple[str, list[Path]]]:
    """(name, files) of `step` days each, oldest first; made files are removed once they are loaded.

    Before them `after` days, some together, so that the timed ones meet a store that holds weeks.
    The newest 15-minute files of the last day go to `held_back`, to be timed one by one, and stay.
    """
    if given.files:
        days = _held_back(by_day(given.files), held_back)
        yield from _steps(days, given.step, [*days, ""][min(given.after, len(days))])
        return
    timed = given.until - timedelta(days=given.days - 1)
    first = timed - timedelta(days=given.after)
    while first <= given.until:
        last = min(first + timedelta(days=max(PART, given.step) - 1), given.until)
        part = _make(folder / str(first), given, first, last)
        days = by_day(part)
        if last == given.until:
            days = _held_back(days, held_back)
        yield from _steps(days, given.step, f"{timed:%Y%m%d}")
        if last < given.until:
            shutil.rmtree(part)
        first = last + timedelta(days=1)


def by_day(folder: Path) -> dict[str, list[Path]]:
    """Files by the day in their names; files without one belong to the first day."""
    found: dict[str, list[Path]] = {}
    for path in arrivals.scan([folder]):
        days = re.findall(r"20\d{6}", path.stem)
        found.setdefault(days[-1] if days else "", []).append(path)
    first = min((day for day in found if day), default="")
    found.setdefault(first, []).extend(found.pop("") if "" in found and first else [])
    return dict(sorted(found.items()))


def _steps(days: dict[str, list[Path]], step: int, timed: str) -> Iterator[tuple[str, list[Path]]]:
    names, start = list(days), 0
    while start < len(names):
        before = sum(name < timed for name in names[start:])
        some = names[start : start + (min(TOGETHER, before) or step)]
        yield f"{BEFORE}{some[-1]}" if before else some[-1], [path for name in some for path in days[name]]
        start += len(some)


def _held_back(days: dict[str, list[Path]], held: list[Path]) -> dict[str, list[Path]]:
    last = list(days)[-1]
    small = [p for p in days[last] if re.search(r"T\d{4}$", p.stem)]
    held += sorted(small, key=lambda p: p.stem[-4:])[-HELD_BACK:]
    days[last] = [p for p in days[last] if p not in held]
    return days


def _make(folder: Path, given: Any, first: date, last: date) -> Path:
    maker: Any = importlib.import_module("data.sample.cli")
    maker.main([
        "--company", given.size, "--from-day", str(first), "--until", str(last), "--anchor", str(given.until),
        "--out", str(folder), "--thin", str(given.thin), "--drops", "1" if last == given.until else "0",
    ])  # fmt: skip
    return folder
