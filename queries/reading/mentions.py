"""Words of the company's structure and names in a question: levels, dimensions, their values, units and people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from queries.catalogue import Catalogue
from queries.reading.english import english
from queries.reading.names import Name, Names, people_of
from queries.reading.patterns import Edge, Lattice, Match, all_matches, lattice
from queries.reading.terms import Term
from queries.reading.tokens import Token, tokens
from queries.reading.words import Lexicon

JOINING = frozenset("vs versus against or and & , / + than better worse compared to with the on by via from".split())  # noqa: SIM905
SEATED = frozenset("there here around about down waiting by with back through idle still tight".split())  # noqa: SIM905
UNTIL = frozenset(("to", "-", "–", "till", "until", "through", "thru"))


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
    levels: set[tuple[int, int]] = set()
    for m in all_matches(words.terms, lat):
        one = m.payload.kind == "value" and m.payload.plural and not lat.tokens[m.end - 1].norm.endswith("s")
        if len(m.used) == sum(t.is_word for t in lat.tokens[m.start : m.end]) and not one:
            exact.setdefault((m.start, m.end), set()).update(_exactly(m, lat))
            levels |= {(m.start, m.end)} if m.payload.kind == "level" and _letters(m, lat) else set()
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
    for at in [(i, i + 1) for i in range(len(lat.tokens)) if _verb(lat.tokens, i)]:
        spans.pop(at, None)
    found = [
        Mention(s, e, _sharper(terms, exact.get((s, e), set()), (s, e) in levels), tuple(dict.fromkeys(called)))
        for (s, e), (terms, called) in spans.items()
    ]
    found += _spans(found, lat.tokens, words.catalogue)
    found += _short_for(found, lat.tokens, words)
    found = _contrasted(sorted(found, key=lambda m: (m.start - m.end, m.start)), lat.tokens)
    return _unmixed(found, words.catalogue)


def _verb(words: Sequence[Token], i: int) -> bool:
    """`customers sat there`, `we sat waiting`: no Saturday."""
    after = words[i + 1].norm if i + 1 < len(words) else ""
    before = words[i - 1].norm if i else ""
    return words[i].norm == "sat" and (after in SEATED or before in ("i", "we", "they", "who", "you", "people"))


def _spans(found: Sequence[Mention], words: Sequence[Token], catalogue: Catalogue) -> list[Mention]:
    """`tuesday to thursday` as values: those from the one to the other, in the catalogue's order."""
    days = {m.start: m for m in found if m.end - m.start == 1 and words[m.start].norm in english().weekdays}
    made = []
    for at, first in days.items():
        last = days.get(at + 2)
        if last is None or words[at + 1].norm not in UNTIL or not first.values or not last.values:
            continue
        key = first.values[0].key
        order = list(catalogue.dimensions[key].values)
        start, end = order.index(first.values[0].values[0]), order.index(last.values[0].values[0])
        held = order[start : end + 1] if start <= end else [*order[start:], *order[: end + 1]]
        made.append(Mention(at, last.end, (Term("value", key, tuple(sorted(held))),)))
    return made


def _short_for(found: Sequence[Mention], said: Sequence[Token], words: Lexicon) -> list[Mention]:
    """`dead lines … slow ones`: a value whose noun another one of its kind has said before."""
    made = []
    for i, t in enumerate(said):
        for o in found if t.norm in ("ones", "one") and i and said[i - 1].is_word else ():
            whole = lattice([said[i - 1], said[o.end - 1]], frozenset())
            terms = (m.payload for m in all_matches(words.terms, whole) if m.start == 0 and m.end == 2)
            kin = {x.key for x in o.values} if o.end < i and o.end - o.start > 1 else set()
            meant = tuple(dict.fromkeys(x for x in terms if x.kind == "value" and x.key in kin))
            made += [Mention(i - 1, i + 1, tuple(replace(x, text="") for x in meant))] if meant else []
    return made


def _contrasted(found: list[Mention], words: Sequence[Token]) -> list[Mention]:
    """`chat or phone`: words that are a value only beside another one are dropped where they stand alone."""
    out = []
    for m in found:
        beside = {t.key for t in m.values if t.beside}
        if beside:
            joined = {t.key for o in found if _joined(m, o, words) for t in o.values}
            meant = tuple(t for t in m.terms if t.beside and t.key in joined)
            own = {t.key for t in m.values if not t.beside} & joined
            m = replace(m, terms=meant if meant and not own else tuple(t for t in m.terms if not t.beside))
        out.append(m)
    return out


def _joined(one: Mention, other: Mention, words: Sequence[Token]) -> bool:
    """Whether nothing but joining words stands between two mentions."""
    low, high = sorted((one, other), key=lambda m: m.start)
    between = [t.norm for t in words[low.end : high.start]]
    return low.end < high.start and len(between) < 4 and JOINING.issuperset(between)


def _unmixed(mentions: list[Mention], catalogue: Catalogue) -> list[Mention]:
    """Without the word for everything in a longer value, beside another value of its kind, or said of many."""
    valued = [m for m in mentions if m.values]
    out = []
    for m in mentions:
        whole = any(t.kind == "level" and t.key == catalogue.whole for t in m.terms)
        many = any(t.plural for t in m.terms if t.kind == "level") and bool(m.values)
        inside = any(v.start <= m.start and m.end <= v.end and v.end - v.start > m.end - m.start for v in valued)
        keys = {t.key for t in m.values}
        beside = any(keys & {t.key for t in v.values} and (v.end <= m.start or v.start >= m.end) for v in valued)
        if whole and (inside or beside or many):
            m = replace(m, terms=m.values)
        out.append(m)
    return [m for m in out if m.terms or m.names]


def _exactly(m: Match, lat: Lattice) -> list[Term]:
    """The value of a match when it was said letter by letter, not only by its stem."""
    return [replace(m.payload, text="")] if m.payload.kind == "value" and _letters(m, lat) else []


def _letters(m: Match, lat: Lattice) -> bool:
    return [t.norm for t in lat.tokens[m.start : m.end] if t.is_word] == [t.norm for t in known_tokens(m.payload.text)]


def _sharper(terms: list[Term], exact: set[Term], level: bool) -> tuple[Term, ...]:
    """Without values that only share the stem, where another value of the dimension or a level was said exactly."""
    keys = {t.key for t in exact}
    return tuple(t for t in terms if t.kind != "value" or t in exact or not (level or t.key in keys))


def _numbered(term: Term, words: Sequence[Token]) -> Term:
    """A level or dimension as it was said: one or many; its inflections share a stem."""
    if term.kind == "value":
        return replace(term, plural=False, text="")
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


@cache
def known_tokens(text: str) -> tuple[Token, ...]:
    """The words of a name or label, which come again with every question."""
    return tuple(tokens(text))
