"""The rules of grammar that all questions share, in order: name, pattern, make. They are data (english.yml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from queries.reading.english import english
from queries.reading.patterns import Trie
from queries.reading.tokens import norms

SKIP = frozenset(
    """a an the my our your his her their its this that these those i we us me they it he she you is are was were am
    be been being do does did has have had will would can could should just really actually even ever still also now
    please pls any all own exactly currently always usually often very quite so too already right of having
    completely fully totally entirely wholly""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Rule:
    """One rule; `make`: what it means, as keys that `parts` understands."""

    name: str
    order: int
    make: Mapping[str, Any] = field(hash=False, compare=False)


@dataclass
class Grammar:
    """The rules ready to be found."""

    slots: tuple[tuple[str, Trie], ...]
    rules: Trie
    polite: Trie
    vocabulary: frozenset[str]
    names: tuple[str, ...]


@cache
def grammar() -> Grammar:
    """The grammar of english.yml, built once."""
    raw = english().raw
    slots = []
    vocabulary: set[str] = set()

    def learn(text: str) -> None:
        vocabulary.update(w for w in norms(text) if len(w) > 2)

    for name, text in raw["slots"].items():
        trie = Trie()
        for pattern in split(text):
            trie.add_pattern(pattern, name)
        learn(text)
        slots.append((name, trie))
    rules = Trie()
    for order, entry in enumerate(raw["phrases"]):
        rules.add_pattern(entry["pattern"], Rule(entry["name"], order, entry["make"]))
        learn(entry["pattern"])
    for order, entry in enumerate(raw["singles"], len(raw["phrases"])):
        rules.add_pattern(entry["pattern"], Rule(entry["name"], order, entry["make"]))
        learn(entry["pattern"])
    polite = Trie()
    for pattern in raw["polite"]:
        polite.add_pattern(pattern, "polite")
        learn(pattern)
    e = english()
    vocabulary |= {*e.glue, *e.commands, *e.numbers, *e.tens, *e.ordinals, *e.months, *e.weekdays, *e.units}
    vocabulary |= {
        "fiscal",
        "financial",
        "yesterday",
        "tomorrow",
        "weekend",
        "rolling",
        "since",
        "between",
        "until",
        "today",
    }
    return Grammar(tuple(slots), rules, polite, frozenset(w for w in vocabulary if w.isalpha()),
                   tuple(entry["name"] for entry in raw["phrases"]))  # fmt: skip


def split(text: str) -> list[str]:
    """The parts of a list written with commas; commas inside brackets do not count."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return [p for p in parts if p]
