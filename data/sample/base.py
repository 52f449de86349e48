"""Small shared tools of the sample generator: seeded draws, frames of columns, clocks.

Everything inside the generator is UTC seconds (int64) and day numbers (days since 1970-01-01, int);
only the writers turn them into a system's own text.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

Arr = npt.NDArray[Any]
Frame = dict[str, Arr]
NEVER = -1
DAY = 86400
EPOCH = date(1970, 1, 1)


def rng(seed: int, *what: int | str) -> np.random.Generator:
    """A generator that depends only on the seed and on what it is for (a tag, a day, ...)."""
    key = [seed] + [w if isinstance(w, int) else zlib.crc32(w.encode()) for w in what]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([k & 0xFFFFFFFF for k in key])))


def mix(x: Arr | int, salt: int = 0) -> Arr:
    """splitmix64: a hash of each whole number, as uint64."""
    z = np.asarray(x, dtype=np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15 + 0x1234567) & 0xFFFFFFFFFFFFFFFF)
    with np.errstate(over="ignore"):
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def unit(x: Arr | int, salt: int = 0) -> Arr:
    """A number in [0, 1) for each whole number, always the same one for the same salt."""
    return np.asarray((mix(x, salt) >> np.uint64(11)).astype(np.float64) / float(1 << 53))


def day_no(day: date) -> int:
    return (day - EPOCH).days


def as_date(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


def weekday(number: Arr | int) -> Arr:
    """0 = Monday."""
    return (np.asarray(number) + 3) % 7


def size(frame: Frame) -> int:
    return len(next(iter(frame.values()))) if frame else 0


def take(frame: Frame, where: Arr) -> Frame:
    """The rows of a mask or of positions."""
    return {key: column[where] for key, column in frame.items()}


def join(frames: Iterable[Frame]) -> Frame:
    """Frames under each other; columns are those of the first."""
    held = [f for f in frames if f and size(f)]
    if not held:
        return {}
    return {key: np.concatenate([f[key] for f in held]) for key in held[0]}


def pick(draw: np.random.Generator, chances: Sequence[float] | Arr, n: int) -> Arr:
    """n positions drawn with the given chances (need not add up to 1)."""
    edges = np.cumsum(np.asarray(chances, dtype=float))
    return np.searchsorted(edges / edges[-1], draw.random(n), side="right")


def sigmoid(x: Arr) -> Arr:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def logit(p: Arr | float) -> Arr:
    p = np.asarray(p, dtype=float)
    return np.asarray(np.log(p / (1.0 - p)))


def logit_sd(mean: float, sd: float) -> float:
    """Spread on the log-odds scale that gives about `sd` around `mean` on the scale of shares."""
    return sd / (mean * (1.0 - mean))


def _last_sunday(year: int, month: int) -> int:
    end = day_no(date(year, month, 31))
    return end - int((weekday(end) + 1) % 7)


_SUMMER = [
    (_last_sunday(y, 3) * DAY + 3600, _last_sunday(y, 10) * DAY + 3600) for y in range(2023, 2031)
]  # European summer time in UTC seconds


def summer(utc: Arr) -> Arr:
    """1 where European summer time holds, else 0."""
    hit = np.zeros(np.shape(utc), dtype=np.int64)
    for start, end in _SUMMER:
        hit |= ((utc >= start) & (utc < end)).astype(np.int64)
    return hit


def local(utc: Arr, zone: Arr | int) -> Arr:
    """UTC seconds to wall-clock seconds; zone = hours east of UTC in winter (0, 1, 2). NEVER stays."""
    moved = utc + (np.asarray(zone) + summer(utc)) * 3600
    return np.where(utc == NEVER, NEVER, moved)


def midnight(day: int, zone: Arr | int) -> Arr:
    """UTC second from which wall-clock seconds of a local day count (by the offset that holds at noon)."""
    noon = np.asarray(day * DAY + 12 * 3600)
    return np.asarray(day * DAY - (np.asarray(zone) + summer(noon)) * 3600)


def utc_text(second: int) -> str:
    return datetime(1970, 1, 1).__add__(timedelta(seconds=int(second))).strftime("%Y-%m-%dT%H:%M:%SZ")
