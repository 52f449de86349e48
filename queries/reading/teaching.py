"""Teaching a word: what it may mean, what it would clash with, and which logged questions it would mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from queries import directory as directories
from queries.catalogue import Catalogue
from queries.directory import Directory
from queries.outcomes import Reading
from queries.reading.english import real_words
from queries.reading.read import read
from queries.state.questions import Logged
from queries.state.taught import Meaning, taught_catalogue


@dataclass(frozen=True)
class Lesson:
    """What teaching one word would do. `clashes`: other things that the same word means already, in words."""

    clashes: tuple[str, ...]
    mends: tuple[Logged, ...]


def may_teach(role: str, catalogue: Catalogue) -> bool:
    """Whether a role teaches words (`teaches_words: true` in company.yml roles)."""
    return bool(((catalogue.company.get("roles") or {}).get(role) or {}).get("teaches_words"))


NOBODY = "…"


def unnamed(text: str, directory: Directory) -> str:
    """A question as whoever teaches words may read it: without the people whom it names."""
    full = {p.name.casefold() for p in directory.people.values()}
    alone = {part for name in full for part in name.split()} - real_words() | {p.casefold() for p in directory.people}
    words = [(m.group(), m.group().casefold().removesuffix("'s").strip(".'")) for m in re.finditer(r"\S+", text)]
    plain = [re.sub(r"[^\w.'-]", "", word) for _, word in words]
    hidden = {i for i, word in enumerate(plain) if word in alone or word.removesuffix("s") in alone}
    hidden |= {k for i in range(len(plain) - 1) if f"{plain[i]} {plain[i + 1]}" in full for k in (i, i + 1)}
    shown = (NOBODY if i in hidden else word for i, (word, _) in enumerate(words))
    return " ".join(word for word, _ in groupby(shown))


def meanings(catalogue: Catalogue) -> dict[str, Meaning]:
    """Everything that a word can be taught to mean, by how it is said: metrics and their other sides first."""
    found: dict[str, Meaning] = {}
    for key, metric in sorted(catalogue.metrics.items(), key=lambda item: item[1].label):
        found.setdefault(metric.label, Meaning("metric", key))
        if metric.mirror_label and metric.mirror_of not in ("none", "same"):
            found.setdefault(metric.mirror_label, Meaning("mirror", key))
    for level in catalogue.levels:
        found.setdefault(f"the word {level.label}", Meaning("level", level.key))
    for key, dimension in catalogue.dimensions.items():
        found.setdefault(f"by {dimension.label}", Meaning("dimension", key))
        for value, words in dimension.values.items():
            found.setdefault(f"{dimension.label}: {words[0] if words else value}", Meaning("value", key, value))
    return found


def said(meaning: Meaning, catalogue: Catalogue) -> str:
    """A meaning in words; its keys when the catalogue has it no more."""
    return next((text for text, one in meanings(catalogue).items() if one == meaning), f"{meaning.key} {meaning.value}")


def _owners(catalogue: Catalogue) -> Iterable[tuple[str, Meaning]]:
    for key, metric in catalogue.metrics.items():
        yield from ((w, Meaning("metric", key)) for w in (metric.label, *metric.words))
        yield from ((w, Meaning("mirror", key)) for w in (metric.mirror_label, *metric.mirror_words) if w)
    for level in catalogue.levels:
        yield from ((w, Meaning("level", level.key)) for w in (level.label, level.plural, *level.words))
    for key, dimension in catalogue.dimensions.items():
        yield from ((w, Meaning("dimension", key)) for w in (dimension.label, *dimension.words))
        for value, words in dimension.values.items():
            yield from ((w, Meaning("value", key, value)) for w in words)


def owners(phrase: str, meaning: Meaning, catalogue: Catalogue) -> tuple[str, ...]:
    """Who has the word already, in words."""
    word = " ".join(phrase.casefold().split())
    having = [one for text, one in _owners(catalogue) if one != meaning and text.casefold() == word]
    return tuple(dict.fromkeys(said(one, catalogue) for one in having))


def doubled(catalogue: Catalogue) -> list[str]:
    """Words that two metrics claim, in words: whoever uses one is asked which is meant."""
    claimed: dict[str, list[Meaning]] = {}
    for text, one in _owners(catalogue):
        if one.kind in ("metric", "mirror") and one not in claimed.setdefault(text.casefold(), []):
            claimed[text.casefold()].append(one)
    several = {word: found for word, found in claimed.items() if len({one.key for one in found}) > 1}
    return [
        f"“{word}” means {' and '.join(said(one, catalogue) for one in found)}: people are asked which"
        for word, found in sorted(several.items())
    ]


def lesson(
    phrase: str, meaning: Meaning, catalogue: Catalogue, directory: Directory, waiting: Iterable[Logged]
) -> Lesson:
    """What teaching a word would do; nothing is saved."""
    candidate = taught_catalogue(catalogue, [(" ".join(phrase.casefold().split()), meaning)])
    word = phrase.casefold().strip()
    near = [one for one in waiting if word and word in one.question.casefold()]
    works = reads(candidate, directory)
    return Lesson(owners(phrase, meaning, catalogue), tuple(one for one in near if works(one)))


def reads(catalogue: Catalogue, directory: Directory) -> Callable[[Logged], bool]:
    """Whether a logged question reads now, for who asked it and as of the day it was asked, with no word left over."""

    def one(logged: Logged) -> bool:
        viewer = directories.viewer(logged.login, directory, catalogue)
        if viewer is None:
            return False
        found = read(logged.question, catalogue, directory, viewer, logged.asked_on)
        return isinstance(found, Reading) and not found.unused

    return one
