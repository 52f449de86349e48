"""What a question is most like: the company's examples of how people ask for each metric, weighed word by word.

Where no wording and no frame fits, the words that are left are held against the examples of every metric by naive
Bayes over words and pairs of neighbours (Manning, Raghavan, Schütze: Introduction to Information Retrieval, ch. 13).
Only counts go in, so the same words always come to the same end. It answers when one metric is far ahead and knows
nearly all the words, it offers when a few are near, and else it keeps silent.

Which side of the metric is meant is weighed apart, with what was denied marked (`not kept`), and with the examples of
all metrics together: `properly` and `in time` speak for the good side of anything.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from queries.catalogue import Catalogue, Metric
from queries.reading.english import stem
from queries.reading.tokens import norms
from queries.reading.words import Side

T = TypeVar("T")
Runs = Sequence[Sequence[str]]
"""Words (not stems) as they follow each other; a new run where something else stood between."""

ARTICLES = frozenset(("a", "an", "the"))
DENIALS = frozenset(("not", "never", "no", "nobody", "none", "nothing", "without", "neither", "nor", "fail", "failed"))
SMOOTH, SMOOTH_SIDE, SMOOTH_ALL = 0.1, 0.3, 1.0
PAIR = 0.6
"""How much a pair of neighbours counts beside its single words, of which it is not independent."""
SHARED = 0.6
"""How much the good or bad sound of all metrics' examples counts beside the metric's own."""
SURE, NEAR, SIDE_SURE = 5.0, 2.5, 1.5
"""Log odds: so far ahead is sure; so near is offered too; so far apart the sides of a metric are told."""
UNKNOWN, DEARER, MOST_UNKNOWN, OFFERED = 1, 2.0, 3, 3
"""Words that no example of the metric has: one is free, each more must be made up for by so much; at most three."""


@dataclass(frozen=True)
class Like:
    """What the words are most like. One side: sure. Several: to be asked. None: nothing comes near."""

    sides: tuple[Side, ...] = ()
    lead: float = 0.0
    """How far the first metric is ahead beyond what makes it sure; below zero it is not."""
    unknown: frozenset[str] = frozenset()
    """Words that no example of the first metric has."""


@dataclass
class Examples:
    """How often each word stands in the examples of each metric, and of each side."""

    catalogue: Catalogue
    phrases: Counter[str] = field(default_factory=Counter)
    words: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    side_phrases: Counter[Side] = field(default_factory=Counter)
    side_words: dict[str, Counter[Side]] = field(default_factory=lambda: defaultdict(Counter))
    sound_phrases: Counter[bool] = field(default_factory=Counter)
    sound_words: dict[str, Counter[bool]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, side: Side, runs: Runs) -> None:
        """One example of a side of a metric."""
        good = _good(self.catalogue.metrics[side.metric], side.side)
        self.phrases[side.metric] += 1
        self.side_phrases[side] += 1
        for word in _features(runs):
            self.words[word][side.metric] += 1
        if good is not None:
            self.sound_phrases[good] += 1
        for word in _features(runs, denied=True):
            self.side_words[word][side] += 1
            if good is not None:
                self.sound_words[word][good] += 1

    def like(self, runs: Runs, content: Collection[str]) -> Like:
        """What the runs of words are most like; `content`: those among them that carry meaning."""
        if len(self.phrases) < 2:
            return Like()
        odds = self._odds(runs)
        first, *others = sorted(odds, key=lambda key: (-odds[key], key))
        unknown = frozenset(w for w in content if first not in self.words.get(stem(w), ()))
        if len(unknown) > MOST_UNKNOWN or unknown >= set(content):
            return Like()
        needed = SURE + DEARER * max(0, len(unknown) - UNKNOWN)
        lead = odds[first] - odds[others[0]] - needed
        if lead >= 0:
            return Like(self._sides(first, runs), lead, unknown)
        near = [key for key in others if odds[first] - odds[key] <= NEAR]
        if len(unknown) > UNKNOWN or len(near) >= OFFERED:
            return Like()
        return Like(tuple(self._sides(key, runs)[0] for key in (first, *(near or others[:1]))), lead, unknown)

    def _odds(self, runs: Runs) -> dict[str, float]:
        """The log likelihood of the known words for every metric."""
        odds = dict.fromkeys(sorted(self.phrases), 0.0)
        for word in sorted(_features(runs) & self.words.keys()):
            held, weight = self.words[word], _weight(word)
            for key in odds:
                odds[key] += weight * _log(held[key], self.phrases[key], SMOOTH)
        return odds

    def _sides(self, key: str, runs: Runs) -> tuple[Side, ...]:
        """The side that is meant, or both when the words do not tell."""
        sides = Side(key), Side(key, "mirror")
        if not self.side_phrases[sides[1]]:
            return sides[:1]
        features = sorted(_features(runs, denied=True))
        lead = _lead(features, self.side_words, self.side_phrases, sides, SMOOTH_SIDE)
        good = _good(self.catalogue.metrics[key], "metric")
        if good is not None:
            lead += SHARED * _lead(features, self.sound_words, self.sound_phrases, (good, not good), SMOOTH_ALL)
        ordered = sides if lead >= 0 else sides[::-1]
        return ordered[:1] if abs(lead) >= SIDE_SURE else ordered


def examples(catalogue: Catalogue) -> Examples:
    """The examples of a company, counted."""
    made = Examples(catalogue)
    for key, sides in catalogue.examples.items():
        for side, phrases in sides.items():
            for phrase in phrases:
                made.add(Side(key, side), runs_of(phrase))
    return made


def runs_of(phrase: str) -> Runs:
    """The runs of an example: `we got there … past the hour` has two."""
    return [[*norms(part)] for part in phrase.split("…")]


def _features(runs: Runs, denied: bool = False) -> frozenset[str]:
    """Stems and pairs of neighbours; with `denied`, what follows a denial in its run is marked as such."""
    out: set[str] = set()
    for run in runs:
        stems = [*_marked(run)] if denied else [stem(w) for w in run if w not in ARTICLES]
        out.update(stems)
        out.update(f"{a} {b}" for a, b in pairwise(stems))
    return frozenset(out)


def _marked(run: Iterable[str]) -> Iterator[str]:
    under = False
    for word in run:
        if word in DENIALS:
            under = True
            yield "not"
        elif word not in ARTICLES:
            yield ("!" if under else "") + stem(word)


def _good(metric: Metric, side: str) -> bool | None:
    """Whether more of this side is good; None where both sides go the same way."""
    ways = metric.direction, metric.mirror_direction
    return None if ways[0] == ways[1] else ways[side == "mirror"] == "higher"


def _lead(
    features: Iterable[str], words: Mapping[str, Counter[T]], phrases: Counter[T], pair: tuple[T, T], smooth: float
) -> float:  # fmt: skip
    """How far the first of two is ahead, in log odds."""
    one, other = pair
    return sum(
        _weight(w) * (_log(words[w][one], phrases[one], smooth) - _log(words[w][other], phrases[other], smooth))
        for w in features
        if w in words and (words[w][one] or words[w][other])
    )


def _weight(feature: str) -> float:
    return PAIR if " " in feature else 1.0


def _log(count: int, of: int, smooth: float) -> float:
    return math.log((count + smooth) / (of + 2 * smooth))
