"""Words of the company's structure and names in a question: levels, dimensions, their values, units and people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from queries.catalogue import Catalogue
from queries.reading.english import Token, tokens
from queries.reading.names import Name, Names, people_of
from queries.reading.patterns import Edge, Lattice, Match, all_matches
from queries.reading.words import Lexicon, Term


@dataclass(frozen=True)
class Mention:
    """A word of the company's structure or a name, with every meaning that fits it."""

    start: int
    end: int
    terms: tuple[Term, ...] = ()
    names: tuple[Name, ...] = ()

    @property
    def firm(self) -> bool:
        """`price rise`, `bill too high`: a name or value of several words is no rise and no too."""
        return bool(self.values) or any(n.how == "full" for n in self.names)

    @property
    def level(self) -> Term | None:
        return next((t for t in self.terms if t.kind == "level"), None)

    @property
    def dim(self) -> Term | None:
        return next((t for t in self.terms if t.kind == "dim"), None)

    @property
    def values(self) -> tuple[Term, ...]:
        return tuple(t for t in self.terms if t.kind == "value")


def mentions(lat: Lattice, words: Lexicon, known: Names) -> list[Mention]:
    """Every mention in a question, longer first, with all its meanings."""
    spans: dict[tuple[int, int], tuple[list[Term], list[Name]]] = {}
    exact: dict[tuple[int, int], set[Term]] = {}
    for m in all_matches(words.terms, lat):
        if len(m.used) == sum(t.is_word for t in lat.tokens[m.start : m.end]):
            exact.setdefault((m.start, m.end), set()).update(_exactly(m, lat))
            terms, _ = spans.setdefault((m.start, m.end), ([], []))
            term = _numbered(m.payload, lat.tokens[m.start : m.end])
            if term not in terms:
                terms.append(term)
    for m in all_matches(known.values, lat):
        terms, _ = spans.setdefault((m.start, m.end), ([], []))
        if m.payload not in terms:
            terms.append(m.payload)
    for m in all_matches(known.trie, lat):
        spans.setdefault((m.start, m.end), ([], []))[1].append(m.payload)
    for i, t in enumerate(lat.tokens):
        for name in people_of(known, t.norm, t.possessive):
            spans.setdefault((i, i + 1), ([], []))[1].append(name)
    found = [
        Mention(s, e, _sharper(terms, exact.get((s, e), set())), tuple(dict.fromkeys(called)))
        for (s, e), (terms, called) in spans.items()
    ]
    return _unmixed(sorted(found, key=lambda m: (m.start - m.end, m.start)), words.catalogue)


def _unmixed(mentions: list[Mention], catalogue: Catalogue) -> list[Mention]:
    """Without the word for everything where it is part of a longer value, or beside another value of its kind."""
    valued = [m for m in mentions if m.values]
    out = []
    for m in mentions:
        whole = any(t.kind == "level" and t.key == catalogue.whole for t in m.terms)
        inside = any(v.start <= m.start and m.end <= v.end and v.end - v.start > m.end - m.start for v in valued)
        keys = {t.key for t in m.values}
        beside = any(keys & {t.key for t in v.values} and (v.end <= m.start or v.start >= m.end) for v in valued)
        if whole and (inside or beside):
            m = replace(m, terms=m.values)
        out.append(m)
    return [m for m in out if m.terms or m.names]


def _exactly(m: Match, lat: Lattice) -> list[Term]:
    """The value of a match when it was said letter by letter, not only by its stem."""
    said = [t.norm for t in lat.tokens[m.start : m.end] if t.is_word]
    term: Term = m.payload
    return [replace(term, text="")] if term.kind == "value" and said == [t.norm for t in tokens(term.text)] else []


def _sharper(terms: list[Term], exact: set[Term]) -> tuple[Term, ...]:
    """Without values of a dimension that only share the stem, where another was said exactly."""
    keys = {t.key for t in exact}
    return tuple(t for t in terms if t.kind != "value" or t.key not in keys or t in exact)


def _numbered(term: Term, words: Sequence[Token]) -> Term:
    """A level or dimension as it was said: one or many; its inflections share a stem."""
    if term.kind == "value":
        return replace(term, text="")
    last = words[-1].norm
    plural = last in ("people", "staff") or (last.endswith("s") and not last.endswith(("ss", "us")))
    return replace(term, plural=(plural and not words[-1].possessive) or words[-1].text.endswith("s'"), text="")


def edges(m: Mention, catalogue: Catalogue) -> Iterator[Edge]:
    """What a mention may stand for in a rule of grammar."""
    for t in m.terms:
        if t.kind == "level" and t.key == catalogue.whole:
            yield Edge("{whole}", m.start, m.end, t)
        elif t.kind in ("level", "dim"):
            yield Edge("{" + t.kind + "}", m.start, m.end, t)
            yield Edge("{by}", m.start, m.end, t)
            if t.plural:
                yield Edge("{levels}" if t.kind == "level" else "{dims}", m.start, m.end, t)
        else:
            yield Edge("{value}", m.start, m.end, m)
    if m.names:
        yield Edge("{name}", m.start, m.end, m)
        yield Edge("{who}", m.start, m.end, m)
