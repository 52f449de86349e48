"""Word knowledge of one company: metric phrases, concepts and frames, words of dimensions and levels. Built once.

A *phrase* is a fixed wording of a metric. A *concept* is a class of words (`arrive`: get there, turn up, knock ...),
a *frame* a set of concepts that together mean a metric, in any order: `arrive after slot`. All of it is data:
`words:` of metrics/*.yml, dimensions.yml, company.yml, and words.yml of the company folder."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from queries.catalogue import Catalogue, Metric
from queries.reading.english import english, stem
from queries.reading.patterns import CLASS, PatternError, Trie, literal, mapping, parse, shortest
from queries.reading.phrases import SKIP, split
from queries.reading.terms import structure
from queries.reading.tokens import norms

LEAN = frozenset(literal(w)[0] for w in SKIP if literal(w)) - {"do", "too"}


@dataclass(frozen=True, order=True)
class Side:
    """A metric seen from one side."""

    metric: str
    side: str = "metric"


@dataclass(frozen=True)
class Frame:
    """Concepts (as bits) that together mean a side of a metric; `may`: those that may stand beside them."""

    side: Side
    mask: int
    size: int
    may: int = 0
    order: tuple[str, ...] = ()
    """Concepts that mean it in this order only: answered before the caller gave up."""


@dataclass(frozen=True)
class Ambiguous:
    """A phrase that two metrics claim: what to offer, or the default."""

    choose: tuple[Side, ...]
    default: Side | None
    text: str


@dataclass
class Lexicon:
    """Everything the reading knows of a company's words (people and units aside)."""

    catalogue: Catalogue
    phrases: Trie = field(default_factory=Trie)
    concepts: Trie = field(default_factory=Trie)
    terms: Trie = field(default_factory=Trie)
    unheld: Trie = field(default_factory=Trie)
    """What people ask for and no metric holds: `sick leave`, `refund requests`."""
    bits: dict[str, int] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    subjects: dict[str, int] = field(default_factory=dict)
    family: dict[Side, int] = field(default_factory=dict)
    """The company's concepts of the frames of a side: what is said beside it restricts nothing."""
    works: Mapping[str, str] = field(default_factory=dict)
    """Stems of words that only one kind of work has: who comes to the house, who takes the call."""
    neutral: int = 0
    weighty: frozenset[str] = frozenset()
    """Concepts whose small words carry meaning too."""
    vocabulary: set[str] = field(default_factory=set)
    """Whole words that a misspelt one may be corrected to."""
    trade: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()
    """Words that some metric or concept uses, and those that only what nobody holds does."""
    own: dict[Side, frozenset[str]] = field(default_factory=dict)
    """Stems that only one side of a metric uses in its wording; filled when first asked for."""
    classes: dict[str, list[str]] = field(default_factory=dict)
    """The wordings of every concept: what `<concept>` inside a phrase stands for."""
    named: Trie = field(default_factory=Trie)
    """The wordings of the classes that phrases name: found once, for all of them."""
    named_so_far: dict[str, bool] = field(default_factory=dict)
    """Classes in `named`, and whether one can go by a word that is passed over inside phrases (`we` of `<staff>`)."""

    def own_of(self, side: Side) -> frozenset[str]:
        """The stems that only this side of its metric uses."""
        if side not in self.own:
            self.own.update(_own_stems(self.catalogue.metrics[side.metric]))
        return self.own[side]

    def bit(self, concept: str) -> int:
        return 1 << self.bits.setdefault(concept, len(self.bits))


def lexicon(catalogue: Catalogue, taught: Mapping[str, str] | None = None) -> Lexicon:
    """The lexicon of a catalogue; `taught`: phrase -> metric key, or `mirror:key`."""
    made = Lexicon(catalogue)
    company = catalogue.spoken
    concepts = [(name, p) for source in (english().raw, company) for name, p in mapping(source.get("concepts")).items()]
    for name, patterns in (*concepts, *mapping(company.get("classes")).items()):
        made.classes[name] = listed(patterns)
    for name, patterns in concepts:
        made.bit(name)
        for pattern in listed(patterns):
            _add(made, made.concepts, pattern, name)
    for name in str(company.get("neutral") or "").split():
        made.neutral |= made.bit(name)
    made.works = {
        stem(word): work for work, words in mapping(company.get("works")).items() for word in str(words).split()
    }
    made.weighty = frozenset(f"{english().raw.get('weighty') or ''} {company.get('weighty') or ''}".split())
    for m in catalogue.metrics.values():
        _metric(made, m)
    made.trade = frozenset(made.vocabulary)
    for pattern in listed(company.get("unheld")):
        _add(made, made.unheld, pattern, True)
    made.outside = frozenset(made.vocabulary - made.trade)
    for entry in company.get("ambiguous") or ():
        _ambiguous(made, entry)
    for phrase, key in sorted((taught or {}).items()):
        side = Side(key.removeprefix("mirror:"), "mirror" if key.startswith("mirror:") else "metric")
        if side.metric in catalogue.metrics:
            _add(made, made.phrases, phrase, side)
    for word, term in structure(catalogue):
        _add(made, made.terms, word, term)
    return made


def listed(value: Any) -> list[str]:
    """A list of phrases, written as YAML list or as one text with commas."""
    if value is None:
        return []
    return split(value) if isinstance(value, str) else [p for v in value for p in split(str(v))]


def opened(made: Lexicon, pattern: str) -> str:
    """`<case> [had to be] <reopen>`: a pattern with the words of the concepts that it names.

    Raises:
        PatternError: words.yml has no such concept.
    """

    def words(found: re.Match[str]) -> str:
        if found[1] not in made.classes:
            raise PatternError(f"no concept {found[1]}: {pattern}")
        return "(" + "|".join(made.classes[found[1]]) + ")"

    while CLASS.search(pattern):
        pattern = CLASS.sub(words, pattern)
    return pattern


def _add(made: Lexicon, trie: Trie, pattern: str, payload: Any) -> None:
    for name in CLASS.findall(pattern):
        _name(made, name, pattern)
    said = CLASS.sub(lambda found: f"[{found[0]}]" if made.named_so_far[found[1]] else found[0], pattern)
    lean = frozenset() if trie is made.terms else LEAN
    trie.add_pattern(said if shortest(parse(said), lean) > 1 else pattern, payload, lean)
    made.vocabulary.update(w for w in norms(CLASS.sub(" ", pattern)) if len(w) > 2)


def _name(made: Lexicon, name: str, pattern: str) -> None:
    """Learns the wordings of a class that a phrase names.

    Raises:
        PatternError: words.yml has no such concept.
    """
    if name not in made.classes:
        raise PatternError(f"no concept {name}: {pattern}")
    if name in made.named_so_far:
        return
    symbol = f"<{name}>"
    wordings = [opened(made, wording) for wording in made.classes[name]]
    made.named_so_far[name] = any(shortest(parse(w), LEAN) == 0 for w in wordings)
    for wording in wordings:
        made.named.add_pattern(wording, symbol, LEAN)
        made.vocabulary.update(w for w in norms(wording) if len(w) > 2)


def _metric(made: Lexicon, m: Metric) -> None:
    words = mapping(m.raw.get("words"))
    for side, label, known in (
        (Side(m.key), m.label, m.words),
        (Side(m.key, "mirror"), m.mirror_label, m.mirror_words),
    ):
        said = Side(m.key) if label == m.label else side
        for phrase in (label, *known, *listed(mapping(words.get("more")).get(side.side))):
            if phrase:
                _add(made, made.phrases, str(phrase), said)
                if "," in str(phrase):
                    made.phrases.add(_with_commas(str(phrase)), said)
        for text in listed(mapping(words.get("frames")).get(side.side)):
            _frame(made, said, text)
    if m.key not in made.subjects:
        made.subjects[m.key] = 0
    for concept in str(words.get("subject") or "").split():
        made.subjects[m.key] |= made.bit(concept)


def _own_stems(m: Metric) -> dict[Side, frozenset[str]]:
    """The stems of each side's wordings, without those that the other side uses too."""
    words = mapping(m.raw.get("words"))
    more = mapping(words.get("more"))
    texts = {
        "metric": [m.label, m.plain, str(m.raw.get("numerator") or ""), *m.words, *listed(more.get("metric"))],
        "mirror": [m.mirror_label, *m.mirror_words, *listed(more.get("mirror"))],
    }
    stems = {side: {stem(w) for text in found for w in norms(CLASS.sub(" ", text))} for side, found in texts.items()}
    return {
        Side(m.key, "metric"): frozenset(stems["metric"] - stems["mirror"]),
        Side(m.key, "mirror"): frozenset(stems["mirror"] - stems["metric"]),
    }


def _frame(made: Lexicon, side: Side, text: str) -> None:
    """`arrive after|past slot [customer visit]`: every combination of one concept a place; `a>b`: in this order
    only; in brackets what may stand beside them."""
    must, _, beside = text.partition("[")
    may = 0
    for concept in beside.rstrip("]").split():
        may |= made.bit(concept)
    order = tuple(must.strip().split(">")) if ">" in must else ()
    masks = [0]
    places = must.replace(">", " ").split()
    for place in places:
        masks = [mask | made.bit(concept) for mask in masks for concept in place.split("|")]
    made.frames.extend(Frame(side, mask, len(places), may & ~mask, order) for mask in dict.fromkeys(masks))
    general = sum(made.bit(name) for name in mapping(english().raw["concepts"]))
    if not any(mask & made.bit("not") for mask in masks):
        made.family[side] = (made.family.get(side, 0) | functools.reduce(int.__or__, masks) | may) & ~general


def _with_commas(text: str) -> tuple[str, ...]:
    """The symbols of a name that has a comma in it."""
    parts = [literal(part) for part in text.split(",")]
    return tuple(s for i, part in enumerate(parts) for s in ((",", *part) if i else part))


def side_of(text: str) -> Side:
    """`key` or `key.mirror`."""
    key, _, side = text.partition(".")
    return Side(key, side or "metric")


def _ambiguous(made: Lexicon, entry: Mapping[str, Any]) -> None:
    choose = tuple(side_of(c) for c in entry["choose"])
    if not all(c.metric in made.catalogue.metrics for c in choose):
        return
    default = side_of(entry["default"]) if entry.get("default") else None
    for phrase in listed(entry["phrases"]):
        _add(made, made.phrases, str(phrase), Ambiguous(choose, default, str(phrase)))
