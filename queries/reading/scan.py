"""Finds everything in a question that could mean something: dates, grammar, metric phrases, concepts, words, names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from queries.catalogue import Catalogue
from queries.directory import Directory
from queries.periods import Calendar
from queries.reading import ranges
from queries.reading.dates import Found
from queries.reading.edges import numbers, single_edges
from queries.reading.english import Token, tokens
from queries.reading.fitting import fits
from queries.reading.misfits import misfit, rated, told
from queries.reading.names import Name, Names, people_of
from queries.reading.patterns import Edge, Lattice, Match, all_matches, lattice
from queries.reading.phrases import SKIP, Grammar, Rule, grammar
from queries.reading.spelling import Known, known_words
from queries.reading.words import Ambiguous, Lexicon, Term


@dataclass(frozen=True)
class Knowledge:
    """All words of one company and store version, made once and used for every question."""

    catalogue: Catalogue
    directory: Directory
    lexicon: Lexicon
    names: Names
    grammar: Grammar
    calendar: Calendar
    spelt: Known


def knowledge(catalogue: Catalogue, directory: Directory, words: Lexicon, known: Names) -> Knowledge:
    """The knowledge of a company's store version, put together from its words and its names."""
    rules = grammar()
    spelt = known_words(
        frozenset(words.vocabulary), rules.vocabulary, frozenset(known.vocabulary), frozenset(known.first)
    )
    return Knowledge(catalogue, directory, words, known, rules, Calendar.of(catalogue.company), spelt)


@dataclass(frozen=True)
class Mention:
    """A word of the company's structure or a name, with every meaning that fits it."""

    start: int
    end: int
    terms: tuple[Term, ...] = ()
    names: tuple[Name, ...] = ()

    @property
    def level(self) -> Term | None:
        return next((t for t in self.terms if t.kind == "level"), None)

    @property
    def dim(self) -> Term | None:
        return next((t for t in self.terms if t.kind == "dim"), None)

    @property
    def values(self) -> tuple[Term, ...]:
        return tuple(t for t in self.terms if t.kind == "value")


@dataclass(frozen=True)
class Hard:
    """A stretch whose meaning is settled: a date or a rule of grammar."""

    start: int
    end: int
    rule: Rule | None = None
    match: Match | None = None
    date: Found | None = None
    polite: bool = False


@dataclass(frozen=True)
class Scan:
    """What was found in the words of a question."""

    tokens: tuple[Token, ...]
    lattice: Lattice
    hard: tuple[Hard, ...]
    phrases: tuple[Match, ...]
    concepts: tuple[Match, ...]
    mentions: tuple[Mention, ...]
    """All mentions, overlapping ones included, longer first."""
    labels: frozenset[int] = frozenset()
    """Tokens of metrics called by their very names."""

    def inside(self, start: int, end: int) -> Mention | None:
        """The longest mention that fills a stretch."""
        fitting = [m for m in self.mentions if start <= m.start and m.end <= end]
        return max(fitting, key=lambda m: m.end - m.start, default=None)

    @property
    def settled(self) -> frozenset[int]:
        return frozenset(i for h in self.hard for i in range(h.start, h.end))


def scan(words: Sequence[Token], know: Knowledge, today: date, following: bool, kinds: bool = False) -> Scan:
    """Looks a question through; `following`: it follows up another one; `kinds`: weekdays are kinds of days."""
    lat = lattice(words, SKIP)
    dates = [f for f in ranges.find(words, today, know.calendar) if not (kinds and f.rule == "weekday")]
    lat.add(Edge("{date}", f.start, f.end, f) for f in dates)
    mentions = _unmixed(_mentions(lat, know), know.catalogue)
    for m in mentions:
        lat.add(_edges(m, know.catalogue))
    lat.add(numbers(words))
    lat.add(single_edges(words, know.catalogue))
    for name, trie in know.grammar.slots:
        lat.add(Edge("{" + name + "}", m.start, m.end) for m in all_matches(trie, lat))
    phrases = [m for m in all_matches(know.lexicon.phrases, lat) if words[m.used[-1]].norm not in OPEN_ENDS]
    labels = [range(m.start, m.end) for m in phrases if by_name(m, words, know.catalogue)]
    phrases = [m for m in phrases if not any(_crosses(m, label) for label in labels)]
    phrases = [m for m in phrases if not any(_cuts(m, o) for o in phrases)]
    phrases = [m for m in phrases if not rated(m, words)]
    lat.add(Edge("{metric}", m.start, m.end, m.payload) for m in phrases)
    concepts = all_matches(know.lexicon.concepts, lat)
    rules = [m for m in all_matches(know.grammar.rules, lat) if following or not m.payload.make.get("follow")]
    rules = [m for m in rules if fits(m, words, know.catalogue) and not _lasts(m, words)]
    rules = [m for m in rules if not misfit(m, words, know.catalogue.person_level)]
    if not any(m.payload.make.get("explain") == "next_step" for m in rules):
        rules = [m for m in rules if not m.payload.make.get("target")]
    polite = [m for m in all_matches(know.grammar.polite, lat) if not told(m, words)]
    named = [(m.start, m.end) for m in mentions if m.end - m.start > 1 and _firm(m)]
    dates = [*dates, *_cut(dates, [*phrases, *filter(_firm, mentions)], words, today, know.calendar)]
    settled = _settle(dates, rules, polite, phrases, named, following)
    named_by = frozenset(i for label in labels for i in label)
    return Scan(tuple(words), lat, settled, tuple(phrases), tuple(concepts), tuple(mentions), named_by)


def by_name(m: Match, words: Sequence[Token], catalogue: Catalogue) -> bool:
    """Whether a phrase is a metric's very name, capitals included."""
    if isinstance(m.payload, Ambiguous):
        return False
    metric = catalogue.metrics[m.payload.metric]
    name = metric.mirror_label if m.payload.side == "mirror" else metric.label
    label = [t.text for t in tokens(name)]
    start = m.end - len(label)
    return name[:1].isupper() and start <= m.start and [t.text for t in words[max(0, start) : m.end]] == label


def _cuts(m: Match, other: Match) -> bool:
    """`time … for visits` in `on time for my visits`: it takes the tail of closer words and leaps on from there."""
    close, leaps = len(other.used) == other.end - other.start > 1, len(m.used) < m.end - m.start
    if len(m.used) > len(other.used):
        return False
    return close and leaps and other.start < m.start < other.end < m.end


def _crosses(m: Match, label: range) -> bool:
    """Whether a phrase takes only a part of the words of a name, and words beside it."""
    shared = [i for i in m.used if i in label]
    return bool(shared) and len(shared) < len(m.used) and len(shared) < len(label)


def _cut(
    dates: Sequence[Found], phrases: Sequence[Match | Mention], words: Sequence[Token], today: date, calendar: Calendar
) -> list[Found]:
    """`satisfaction before and after | last week`: dates as they are when a phrase or value takes their first word."""
    ends = {(m.end, f.end) for f in dates for m in phrases if m.start < f.start < m.end < f.end}
    return [
        replace(x, start=x.start + at, end=x.end + at)
        for at, end in sorted(ends)
        for x in ranges.find(words[at:end], today, calendar)
    ]


def _lasts(m: Match, words: Sequence[Token]) -> bool:
    """`came back within 90 days`: a time that belongs to what is counted, no threshold on the figure."""
    after = words[m.end].norm if m.end < len(words) else ""
    return m.payload.make.get("op") is not None and words[m.start].norm in INSIDE and after in LASTING


def part_of_phrase(start: int, end: int, phrases: Sequence[Match]) -> bool:
    """Whether words stand inside a longer phrase of a metric."""
    return any(f.start <= start and end <= f.end and f.end - f.start > end - start for f in phrases)


def _firm(m: Mention) -> bool:
    """`price rise`, `bill too high`: a name or value of several words is no rise and no too."""
    return bool(m.values) or any(n.how == "full" for n in m.names)


def _mentions(lat: Lattice, know: Knowledge) -> list[Mention]:
    spans: dict[tuple[int, int], tuple[list[Term], list[Name]]] = {}
    exact: dict[tuple[int, int], set[Term]] = {}
    for m in all_matches(know.lexicon.terms, lat):
        if len(m.used) == sum(t.is_word for t in lat.tokens[m.start : m.end]):
            exact.setdefault((m.start, m.end), set()).update(_exactly(m, lat))
            terms, _ = spans.setdefault((m.start, m.end), ([], []))
            term = _numbered(m.payload, lat.tokens[m.start : m.end])
            if term not in terms:
                terms.append(term)
    for m in all_matches(know.names.values, lat):
        terms, _ = spans.setdefault((m.start, m.end), ([], []))
        if m.payload not in terms:
            terms.append(m.payload)
    for m in all_matches(know.names.trie, lat):
        spans.setdefault((m.start, m.end), ([], []))[1].append(m.payload)
    for i, t in enumerate(lat.tokens):
        for name in people_of(know.names, t.norm, t.possessive):
            spans.setdefault((i, i + 1), ([], []))[1].append(name)
    found = [
        Mention(s, e, _sharper(terms, exact.get((s, e), set())), tuple(dict.fromkeys(known)))
        for (s, e), (terms, known) in spans.items()
    ]
    return sorted(found, key=lambda m: (m.start - m.end, m.start))


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


def _edges(m: Mention, catalogue: Catalogue) -> Iterator[Edge]:
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


OPEN_ENDS = frozenset(("by", "per", "of", "vs"))
"""Words that no phrase of a metric ends with: what follows is a break-down, a comparison."""
INSIDE = frozenset(("within", "inside", "in"))
LASTING = frozenset(("day", "days", "week", "weeks", "month", "months", "hours", "working"))
FREE = frozenset(("show", "order"))
"""Grammar that may share its words with the phrase of a metric: how many, most, best."""


def _settle(
    dates: Sequence[Found],
    rules: Sequence[Match],
    polite: Sequence[Match],
    phrases: Sequence[Match],
    names: Sequence[tuple[int, int]],
    following: bool,
) -> tuple[Hard, ...]:
    """The longest wins; at equal length a date, then a metric's own phrase, then grammar in its order."""
    offers: list[tuple[int, int, int, Hard | None, int, int]] = []
    for f in dates:
        offers.append((f.end - f.start, 0, 0, Hard(f.start, f.end, date=f), f.start, f.end))
    for m in phrases:
        offers.append((m.end - m.start, 1, 0, None, m.start, m.end))
    for start, end in names:
        offers.append((end - start, 0, 1, None, start, end))
    for m in rules:
        rank = 100 * m.payload.order + len(m.slots)
        own = any(f.start == m.start and f.end == m.end for f in phrases)
        kind = 0 if set(m.payload.make) & {"op", "between"} and not own else 2
        opening = 2 if m.start == 0 and m.payload.make.get("explain") else 0
        opening += 2 if m.start == 0 and following and m.payload.make.get("exclude") else 0
        offers.append((m.end - m.start + opening, kind, rank, Hard(m.start, m.end, m.payload, m), m.start, m.end))
    for m in polite:
        offers.append((m.end - m.start, 3, 0, Hard(m.start, m.end, polite=True), m.start, m.end))
    chosen: list[Hard] = []
    taken: list[tuple[int, int, int]] = []
    for _, kind, _, hard, start, end in sorted(offers, key=lambda o: (-o[0], o[1], o[2], o[4])):
        free = hard is not None and hard.rule is not None and set(hard.rule.make) <= FREE
        if all(end <= s or start >= e or (free and k == 1) or (kind == 1 and k == 9) for s, e, k in taken):
            taken.append((start, end, 9 if free and kind == 2 else kind))
            if hard is not None:
                chosen.append(hard)
    return tuple(sorted(chosen, key=lambda h: h.start))
