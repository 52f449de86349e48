"""Names of people and units of one store version, in any case; several may fit one wording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from queries.catalogue import Catalogue
from queries.directory import Directory, Unit
from queries.reading.english import english, real_words
from queries.reading.patterns import Trie, literal, symbol
from queries.reading.terms import Term
from queries.reading.tokens import tokens


@dataclass(frozen=True, order=True)
class Name:
    """One thing that a wording may stand for. `how`: full, part (a first name, a name without its common ending)."""

    level: str
    code: str
    how: str = "full"


@dataclass
class Names:
    """Every wording of every name, and the words they are made of."""

    trie: Trie = field(default_factory=Trie)
    vocabulary: set[str] = field(default_factory=set)
    values: Trie = field(default_factory=Trie)
    """Values of dimensions as the store names them; the catalogue's own words are in the lexicon."""
    first: dict[str, tuple[Name, ...]] = field(default_factory=dict)
    """First names and surnames to the people who bear them."""


def names(catalogue: Catalogue, directory: Directory) -> Names:
    """The name index of a directory."""
    made = Names()
    person = catalogue.person_level
    for (level, code), unit in sorted(directory.units.items()):
        _add(made, code, Name(level, code))
        if unit.name:
            _add(made, unit.name, Name(level, code))
    for key, listed in sorted(directory.values.items()):
        for value, text in listed:
            _stored(made, key, value, text, catalogue)
        _short_values(made, key, listed, catalogue)
    for found in catalogue.levels:
        _shorter(made, found.key, directory.units_of(found.key))
    bearers: dict[str, list[Name]] = {}
    for login, p in sorted(directory.people.items()):
        if person is None:
            break
        parts = _add(made, p.name, Name(person, login))
        if "~" not in login and login.replace(".", " ") != p.name.lower():
            _add(made, login, Name(person, login))
        for part in dict.fromkeys(parts[:1] + parts[-1:]):
            bearers.setdefault(part, []).append(Name(person, login, "part"))
    made.first = {part: tuple(found) for part, found in bearers.items()}
    return made


def _add(made: Names, text: str, name: Name) -> list[str]:
    """Adds a wording of a name; gives its words."""
    words = tokens(text)
    made.trie.add(tuple(symbol(t) for t in words if t.is_word), name)
    found = [t.norm for t in words]
    made.vocabulary.update(w for w in found if len(w) > 3 and w.isalpha())
    return found


def _stored(made: Names, key: str, value: str, text: str, catalogue: Catalogue) -> None:
    """A name that the store gives: another one of a unit, or of a value that the catalogue does not list."""
    words = [t.norm for t in tokens(text) if t.is_word]
    if not words or all(w in english().glue for w in words):
        return
    if catalogue.level(key) is not None:
        if len(words) > 1 or words[0] not in real_words() or _telling(words[0]):
            _add(made, text, Name(key, value, "part"))
    elif key in catalogue.dimensions and any(c.isalpha() for c in text) and _meant(text, value, words):
        made.values.add(literal(text), Term("value", key, (value,)))
        made.vocabulary.update(w for w in words if len(w) > 3 and w.isalpha())


def _short_values(made: Names, key: str, listed: Sequence[tuple[str, str]], catalogue: Catalogue) -> None:
    """Names of values without an ending that many share: `Portland` for Portland Intl; only where one value fits."""
    if key not in catalogue.dimensions:
        return
    full = {value: [t.norm for t in tokens(text) if t.is_word] for value, text in listed}
    short = _without_ending(_without_ending(full))
    times = Counter(map(tuple, short.values()))
    for value, parts in short.items():
        if parts != full[value] and times[tuple(parts)] == 1 and (len(parts) > 1 or parts[0] not in real_words()):
            made.values.add(literal(" ".join(parts)), Term("value", key, (value,)))


def _without_ending(words: dict[str, list[str]]) -> dict[str, list[str]]:
    """Names without a last word that a tenth of them share."""
    endings = Counter(w[-1] for w in words.values() if len(w) > 1)
    common = {w for w, n in endings.items() if n > 2 and n * 10 >= len(words)}
    return {value: w[:-1] if len(w) > 1 and w[-1] in common else w for value, w in words.items()}


def _meant(text: str, value: str, words: list[str]) -> bool:
    """A single ordinary word is the name of a value only where it is the value itself."""
    return text == value or len(words) > 1 or words[0] not in real_words()


def _shorter(made: Names, level: str, units: Iterable[Unit]) -> None:
    """Names without an ending that most of the level share, and shared beginnings: `Bay` for Bay Care."""
    words = {u.code: [t.norm for t in tokens(u.name or u.code) if t.is_word] for u in units}
    many = len(words)
    endings = Counter(w[-1] for w in words.values() if len(w) > 1)
    starts = Counter(w[0] for w in words.values() if len(w) > 1)
    common = {w for w, n in endings.items() if n * 2 >= many and n > 1}
    for code, parts in words.items():
        if len(parts) > 1 and parts[-1] in common:
            made.trie.add(literal(" ".join(parts[:-1])), Name(level, code, "part"))
        elif len(parts) > 1 and many < 60 and starts[parts[0]] > 1 and _telling(parts[0]):
            made.trie.add(literal(parts[0]), Name(level, code, "part"))


def _telling(word: str) -> bool:
    return len(word) > 4 and word not in english().glue


def people_of(made: Names, word: str, possessive: bool) -> tuple[Name, ...]:
    """The people of a first name or surname; ordinary English words only where an apostrophe shows the name."""
    found = made.first.get(word, ())
    if found and not possessive and word in real_words():
        return ()
    return found
