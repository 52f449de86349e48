"""A small grammar for phrases, and a trie that finds thousands of them at once.

`(a|b c)` alternatives, `[x]` optional, `{slot}` something that an earlier step found, `<class>` any wording of a class,
found once for all phrases. Words meet by their stems, numbers by their value, so that one line covers all inflections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from queries.reading.tokens import Token, tokens

CLASS = re.compile(r"<(\w+)>")


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


Parsed = tuple[Any, ...]
"""A sequence whose items are symbols (str) or choices (a list of sequences)."""


@cache
def parse(pattern: str) -> Parsed:
    """A pattern as a sequence of symbols and choices.

    >>> parse("(late|tardy) [so] visits")
    ((('lat',), ('tardy',)), (('so',), ()), 'visit')

    Raises:
        PatternError: unbalanced brackets.
    """
    options, at = _choice(pattern, 0, "")
    if at != len(pattern):
        raise PatternError(f"unbalanced: {pattern}")
    return options[0] if len(options) == 1 else (options,)


def _choice(text: str, at: int, closing: str) -> tuple[tuple[Parsed, ...], int]:
    options: list[Parsed] = []
    while True:
        made, at = _sequence(text, at)
        options.append(made)
        if at < len(text) and text[at] == "|":
            at += 1
            continue
        if closing and (at >= len(text) or text[at] != closing):
            raise PatternError(f"{closing} missing: {text}")
        return tuple(dict.fromkeys(options)), at + len(closing)


def _sequence(text: str, at: int) -> tuple[Parsed, int]:
    made: list[Any] = []
    start = at
    while True:
        stop = at >= len(text) or text[at] in "|)]"
        named = None if stop else CLASS.match(text, at)
        if (stop or named or text[at] in "([{") and at > start:
            made.extend(literal(text[start:at]))
        if stop:
            return tuple(made), at
        if text[at] in "([":
            options, after = _choice(text, at + 1, ")" if text[at] == "(" else "]")
            made.append((*options, ()) if text[at] == "[" and () not in options else options)
            at = start = after
        elif text[at] == "{" or named:
            end = named.end() if named else text.index("}", at) + 1
            made.append(text[at:end])
            at = start = end
        else:
            at += 1


def shortest(parsed: Parsed, without: frozenset[str]) -> int:
    """How many symbols the shortest form has, those of `without` not counted."""
    return sum(
        (item not in without) if isinstance(item, str) else min(shortest(o, without) for o in item) for item in parsed
    )


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
    """One state; `tree`: reached in only one way, so later patterns may share it; `wide`: slots or classes lead on.

    There are tens of thousands: what several hold alike is one object, for the collector looks at each.
    """

    __slots__ = ("next", "payloads", "tree", "wide")

    def __init__(self, tree: bool = False) -> None:
        self.wide = False
        self.next: dict[str, tuple[Node, ...]] = {}
        self.payloads: tuple[Any, ...] = ()
        self.tree = tree


class Trie:
    """Patterns as one network of symbols."""

    def __init__(self) -> None:
        self.root = Node(tree=True)

    def add(self, symbols: Sequence[str], payload: Any) -> None:
        """Adds one plain sequence."""
        if symbols:
            self._end(_attach([self.root], tuple(symbols)), payload)

    def add_pattern(self, pattern: str, payload: Any, without: frozenset[str] = frozenset()) -> None:
        """Adds all forms of a pattern; `without`: symbols that may be left out, as they are skipped when found."""
        parsed = parse(pattern)
        if without and shortest(parsed, without) > 1:
            parsed = _lean(parsed, without)
        if shortest(parsed, frozenset()) == 0:
            raise PatternError(f"a form without any word: {pattern}")
        self._end(_attach([self.root], parsed), payload)

    def _end(self, nodes: Sequence[Node], payload: Any) -> None:
        for node in nodes:
            if payload not in node.payloads:
                node.payloads = (*node.payloads, payload)

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
        yield from self._on(words, node, start, at, slots, used)
        if node is not self.root and at in words.skippable:
            yield from self._skip(words, node, start, at + 1, slots, used)

    def _on(
        self, words: Lattice, node: Node, start: int, at: int, slots: tuple[Edge, ...], used: tuple[int, ...]
    ) -> Iterator[Match]:
        """By the word that stands here, by a slot, or by a wording of a class."""
        for following in node.next.get(words.symbols[at], ()):
            yield from self._walk(words, following, start, at + 1, slots, (*used, at))
        if not node.wide:
            return
        for edge in words.edges.get(at, ()):
            for following in node.next.get(edge.name, ()):
                yield from self._walk(words, following, start, edge.end, (*slots, edge), used)
        for name, wordings in words.classes.get(at, {}).items():
            for following in node.next.get(name, ()):
                for wording in wordings:
                    yield from self._walk(words, following, start, wording[-1] + 1, slots, (*used, *wording))

    def _skip(
        self, words: Lattice, node: Node, start: int, at: int, slots: tuple[Edge, ...], used: tuple[int, ...]
    ) -> Iterator[Match]:
        """Past words that may stand inside a phrase; a phrase never ends with one."""
        if at >= len(words.symbols):
            return
        yield from self._on(words, node, start, at, slots, used)
        if at in words.skippable and at - start < 14:
            yield from self._skip(words, node, start, at + 1, slots, used)


def _lean(parsed: Parsed, without: frozenset[str]) -> Parsed:
    out: list[Any] = []
    for item in parsed:
        if isinstance(item, str):
            out.extend([] if item in without else [item])
        else:
            options = tuple(dict.fromkeys(_lean(o, without) for o in item))
            out.extend([options] if options != ((),) else [])
    return tuple(out)


def _attach(starts: list[Node], parsed: Parsed) -> list[Node]:
    """Lays a pattern into the network; gives the states in which it may end."""
    here = starts
    for item in parsed:
        if isinstance(item, str):
            here = [_step(here, item)]
            continue
        ends: dict[int, Node] = {}
        for option in item:
            for node in _attach(here, option):
                ends[id(node)] = node
        here = list(ends.values())
    return here


def _step(here: list[Node], symbol_: str) -> Node:
    if len(here) == 1 and here[0].tree:
        for node in here[0].next.get(symbol_, ()):
            if node.tree:
                return node
    made = Node(tree=len(here) == 1 and here[0].tree)
    alone = (made,)
    for node in here:
        before = node.next.get(symbol_)
        node.next[symbol_] = (*before, made) if before else alone
        node.wide |= symbol_[0] in "{<"
    return made


@dataclass
class Lattice:
    """The words of a question with everything known of them so far."""

    tokens: Sequence[Token]
    symbols: tuple[str, ...]
    skippable: frozenset[int]
    edges: dict[int, list[Edge]] = field(default_factory=dict)
    classes: dict[int, dict[str, list[tuple[int, ...]]]] = field(default_factory=dict)
    """The wordings of classes by where they start: the tokens that each uses."""

    def name(self, found: Iterable[Match]) -> None:
        """Takes wordings of classes in; the name of a class is the payload."""
        for m in found:
            self.classes.setdefault(m.start, {}).setdefault(m.payload, []).append(m.used)

    def add(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            here = self.edges.setdefault(edge.start, [])
            if edge not in here:
                here.append(edge)


def _inside(words: Sequence[Token], i: int) -> bool:
    """A full stop with no space around it, as in a login."""
    return (
        words[i].norm == "." and 0 < i < len(words) - 1 and words[i - 1].end + 1 == words[i].end == words[i + 1].start
    )


def lattice(words: Sequence[Token], skip: frozenset[str]) -> Lattice:
    """A fresh lattice; `skip`: words that may stand inside a phrase without being part of it."""
    able = frozenset(
        i for i, t in enumerate(words) if t.norm in skip or t.norm in ("-", "'", '"', "/") or _inside(words, i)
    )
    return Lattice(words, tuple(symbol(t) for t in words), able)


def all_matches(trie: Trie, words: Lattice) -> list[Match]:
    """Every phrase anywhere, in order of start, longer first."""
    found = {
        (m.start, m.end, id(m.payload), m.used, tuple((e.name, e.start) for e in m.slots)): m
        for i in range(len(words.symbols))
        for m in trie.find(words, i)
    }.values()
    return sorted(found, key=lambda m: (m.start, -m.end))


def mapping(value: Any) -> Mapping[str, Any]:
    """A YAML value as a mapping, empty when it is none."""
    return value if isinstance(value, Mapping) else {}
