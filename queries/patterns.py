"""A small grammar for phrases, and a trie that finds thousands of them at once.

`(a|b c)` alternatives, `[x]` optional, `{slot}` something that an earlier step found. Words meet by their stems,
numbers by their value, so that one line covers all inflections.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from queries.english import Token, tokens

MOST = 4000


class PatternError(ValueError):
    """A pattern is not of the grammar."""


def symbol(t: Token) -> str:
    """What a token is matched by."""
    if t.number is None:
        return t.stem
    return f"#{t.number}th" if t.ordinal else f"#{t.number}"


@cache
def literal(text: str) -> tuple[str, ...]:
    """The symbols of plain words."""
    return tuple(symbol(t) for t in tokens(text) if t.is_word or t.norm in "%<>=")


def expand(pattern: str) -> list[tuple[str, ...]]:
    """All symbol sequences of a pattern, in a fixed order.

    >>> expand("(late|tardy) [so] visits")
    [('lat', 'so', 'visit'), ('lat', 'visit'), ('tardy', 'so', 'visit'), ('tardy', 'visit')]

    Raises:
        PatternError: unbalanced brackets or too many alternatives.
    """
    made, at = _choice(pattern, 0, "")
    if at != len(pattern):
        raise PatternError(f"unbalanced: {pattern}")
    if len(made) > MOST:
        raise PatternError(f"{len(made)} forms in one pattern: {pattern}")
    return list(dict.fromkeys(made))


def _choice(text: str, at: int, closing: str) -> tuple[list[tuple[str, ...]], int]:
    options: list[tuple[str, ...]] = []
    while True:
        made, at = _sequence(text, at)
        options.extend(made)
        if at < len(text) and text[at] == "|":
            at += 1
            continue
        if closing and (at >= len(text) or text[at] != closing):
            raise PatternError(f"{closing} missing: {text}")
        return options, at + len(closing)


def _sequence(text: str, at: int) -> tuple[list[tuple[str, ...]], int]:
    made: list[tuple[str, ...]] = [()]
    start = at
    while True:
        stop = at >= len(text) or text[at] in "|)]"
        if (stop or text[at] in "([{") and at > start:
            words = literal(text[start:at])
            made = [m + words for m in made]
        if stop:
            return made, at
        if text[at] in "([":
            options, after = _choice(text, at + 1, ")" if text[at] == "(" else "]")
            options = [*options, ()] if text[at] == "[" else options
            made = [m + o for m in made for o in options]
            at = start = after
        elif text[at] == "{":
            end = text.index("}", at)
            made = [(*m, text[at : end + 1]) for m in made]
            at = start = end + 1
        else:
            at += 1


@dataclass(frozen=True)
class Edge:
    """A way through the words: a slot or symbol from one token to another, with what it stands for."""

    name: str
    start: int
    end: int
    value: Any = None


@dataclass(frozen=True)
class Match:
    """A phrase found: tokens start..end, its payload, what filled its slots, and the tokens it really used."""

    start: int
    end: int
    payload: Any
    slots: tuple[Edge, ...] = ()
    used: tuple[int, ...] = ()

    def slot(self, name: str) -> Edge | None:
        return next((e for e in self.slots if e.name == name), None)


class Node:
    """One state of the trie."""

    __slots__ = ("next", "payloads")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.payloads: list[Any] = []


class Trie:
    """Phrases by their symbols."""

    def __init__(self) -> None:
        self.root = Node()

    def add(self, symbols: Sequence[str], payload: Any) -> None:
        node = self.root
        for s in symbols:
            node = node.next.setdefault(s, Node())
        if symbols and payload not in node.payloads:
            node.payloads.append(payload)

    def add_pattern(self, pattern: str, payload: Any) -> None:
        for symbols in expand(pattern):
            self.add(symbols, payload)

    def find(self, words: Lattice, start: int) -> Iterator[Match]:
        """Every phrase that begins at a token."""
        yield from self._walk(words, self.root, start, start, (), ())

    def _walk(
        self, words: Lattice, node: Node, start: int, at: int, slots: tuple[Edge, ...], used: tuple[int, ...]
    ) -> Iterator[Match]:
        for payload in node.payloads:
            yield Match(start, at, payload, slots, used)
        if at >= len(words.symbols) or not node.next:
            return
        following = node.next.get(words.symbols[at])
        if following is not None:
            yield from self._walk(words, following, start, at + 1, slots, (*used, at))
        for edge in words.edges.get(at, ()):
            following = node.next.get(edge.name)
            if following is not None:
                yield from self._walk(words, following, start, edge.end, (*slots, edge), used)
        if node is not self.root and at in words.skippable:
            yield from self._skip(words, node, start, at, slots, used)

    def _skip(
        self, words: Lattice, node: Node, start: int, at: int, slots: tuple[Edge, ...], used: tuple[int, ...]
    ) -> Iterator[Match]:
        """Past a word that may stand inside a phrase; a phrase never ends with one."""
        for match in self._walk_on(words, node, start, at + 1, slots, used):
            yield match

    def _walk_on(
        self, words: Lattice, node: Node, start: int, at: int, slots: tuple[Edge, ...], used: tuple[int, ...]
    ) -> Iterator[Match]:
        if at >= len(words.symbols):
            return
        following = node.next.get(words.symbols[at])
        if following is not None:
            yield from self._walk(words, following, start, at + 1, slots, (*used, at))
        for edge in words.edges.get(at, ()):
            following = node.next.get(edge.name)
            if following is not None:
                yield from self._walk(words, following, start, edge.end, (*slots, edge), used)
        if at in words.skippable and at - start < 14:
            yield from self._walk_on(words, node, start, at + 1, slots, used)


@dataclass
class Lattice:
    """The words of a question with everything known of them so far."""

    tokens: Sequence[Token]
    symbols: tuple[str, ...]
    skippable: frozenset[int]
    edges: dict[int, list[Edge]] = field(default_factory=dict)

    def add(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            here = self.edges.setdefault(edge.start, [])
            if edge not in here:
                here.append(edge)


def lattice(words: Sequence[Token], skip: frozenset[str]) -> Lattice:
    """A fresh lattice; `skip`: words that may stand inside a phrase without being part of it."""
    able = frozenset(i for i, t in enumerate(words) if t.norm in skip or t.norm in ("-", "'", '"', "/"))
    return Lattice(words, tuple(symbol(t) for t in words), able)


def all_matches(trie: Trie, words: Lattice) -> list[Match]:
    """Every phrase anywhere, in order of start, longer first."""
    found = [m for i in range(len(words.symbols)) for m in trie.find(words, i)]
    return sorted(found, key=lambda m: (m.start, -m.end))


def longest(matches: Iterable[Match]) -> list[Match]:
    """The matches left when the longest wins wherever two overlap."""
    chosen: list[Match] = []
    for m in sorted(matches, key=lambda m: (-len(m.used) - 2 * len(m.slots), m.start, m.end)):
        if all(m.end <= c.start or m.start >= c.end for c in chosen):
            chosen.append(m)
    return sorted(chosen, key=lambda m: m.start)


def mapping(value: Any) -> Mapping[str, Any]:
    """A YAML value as a mapping, empty when it is none."""
    return value if isinstance(value, Mapping) else {}
