"""The word knowledge of a store version: made once, in the background when a version is opened, for all questions."""

from __future__ import annotations

import atexit
import gc
import threading
from collections.abc import Callable, Mapping
from typing import Any

from queries.catalogue import Catalogue
from queries.directory import Directory
from queries.reading.dates import compiled
from queries.reading.likeness import examples
from queries.reading.names import names
from queries.reading.scan import Knowledge, knowledge
from queries.reading.spelling import real_by_length
from queries.reading.words import lexicon

KEPT = 6


class Kept:
    """The newest few results by the things they were made from; one maker at a time."""

    def __init__(self) -> None:
        self._held: dict[tuple[Any, ...], tuple[tuple[object, ...], Any]] = {}
        self._lock = threading.Lock()

    def of(self, sources: tuple[object, ...], extra: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """The result of `make` for these very objects; another thread that wants the same waits for it."""
        key = (*map(id, sources), *extra)
        held = self._held.get(key)
        if held is None:
            with self._lock:
                held = self._held.get(key)
                if held is None:
                    while len(self._held) >= KEPT:
                        self._held.pop(next(iter(self._held)))
                    held = self._held[key] = (sources, make())
        return held[1]


_KNOWN, _WORDS, _NAMES, _APART = Kept(), Kept(), Kept(), Kept()


def known(catalogue: Catalogue, directory: Directory, taught: Mapping[str, str] | None = None) -> Knowledge:
    """The knowledge of a store version, made once; a new version makes its names anew, not the words."""
    extra = tuple(sorted((taught or {}).items()))

    def made() -> Knowledge:
        words, asked = _WORDS.of((catalogue,), extra, lambda: (lexicon(catalogue, taught), examples(catalogue)))
        people = _NAMES.of((catalogue, directory), (), lambda: names(catalogue, directory))
        return knowledge(catalogue, directory, words, asked, people)

    found: Knowledge = _KNOWN.of((catalogue, directory), extra, made)
    return found


def set_apart() -> None:
    """Keep what is held by now from the collector, whose full round through it takes 0.1 s in the midst of a question.

    Once for all versions of a company's words: of whatever else is held at the time, nothing in a ring is ever freed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


def prepare(catalogue: Catalogue, directory: Directory, lasting: bool = False) -> threading.Thread:
    """Starts making the knowledge, so that the first question need not wait for it.

    `lasting`: in a process that serves; the words are then set apart from what comes and goes.
    """

    def make() -> None:
        known(catalogue, directory)
        real_by_length()
        compiled()
        if lasting:
            _APART.of((catalogue,), (), set_apart)

    thread = threading.Thread(target=make, name="words", daemon=True)
    thread.start()
    return thread
