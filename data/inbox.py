"""Folders that are watched: which files in them are new and at rest, at the price of a few looks.

Between two whole looks, in which every file is looked at, only what may have changed is: folders whose own time tells
that a name came or went, files that are not done, and those that came lately: more of them may follow.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from data import arrivals
from data.work import LoadError

Mark = tuple[int, int, int]
"""Size, time of the bytes, time of anything else (its rights): whatever happens to a file changes one of them."""
WHOLE = 30.0
"""Seconds between whole looks: a file that was written over where it lay, or could not be read, is met by them."""
LATELY = 120.0
"""Seconds in which a file still belongs to those that came lately."""


class Inbox:
    """What is known of some folders (or single files) from one look to the next."""

    def __init__(self, folders: Sequence[Path], clock: Callable[[], float] = time.monotonic) -> None:
        self._roots, self._clock, self._next = tuple(folders), clock, clock()
        self._folders: dict[Path, tuple[int, list[Path]]] = {}
        """Folder -> its own time when it was read, the folders in it."""
        self._restless: dict[str, Mark] = {}
        self._done: dict[str, Mark] = {}
        self._unread: set[str] = set()

    def ready(self) -> list[Path]:
        """Files that look as they did at the last look and are not done yet; LoadError when a folder is not there."""
        whole = self._clock() >= self._next
        if whole:
            self._folders.clear()
            while self._unread:
                self._done.pop(self._unread.pop(), None)
        seen = dict(self._seen())
        if whole:
            self._done = {path: mark for path, mark in self._done.items() if path in seen}
            self._next = self._clock() + WHOLE
        seen.update(_marks(Path(path) for path in self._restless if path not in seen))
        since = (time.time() - LATELY) * 1e9
        before = self._restless
        self._restless = {p: m for p, m in seen.items() if m[2] > since or self._done.get(p) != m}
        return sorted(Path(p) for p, m in self._restless.items() if before.get(p) == m != self._done.get(p))

    def done(self, paths: Iterable[Path], unread: Iterable[Path] = ()) -> None:
        """These need no more looks as they are; those of them that could not be read are met again before long."""
        self._done.update((p, self._restless[p]) for p in map(str, paths) if p in self._restless)
        self._unread.update(map(str, unread))

    def _seen(self) -> Iterator[tuple[str, Mark]]:
        for root in self._roots:
            if not root.exists():
                self._next = self._clock()
                raise LoadError(f"{root}: no such file or folder")
            yield from _marks([root]) if root.is_file() else self._under(root)

    def _under(self, folder: Path) -> Iterator[tuple[str, Mark]]:
        """The files of folders that are not as they were when they were read; a folder itself that may not be read."""
        with suppress(OSError):
            now = folder.stat().st_mtime_ns
            then, inner = self._folders.get(folder, (None, []))
            if then != now:
                try:
                    files, inner = arrivals.listed(folder)
                except PermissionError:
                    yield from _marks([folder])
                    return
                self._folders[folder] = now, inner
                yield from _marks(files)
            for one in inner:
                yield from self._under(one)


def _marks(files: Iterable[os.DirEntry[str] | Path]) -> Iterator[tuple[str, Mark]]:
    """What a file looks like now; one that has gone looks like nothing."""
    for file in files:
        with suppress(OSError):
            status = file.stat()
            yield os.fspath(file), (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
