"""Finds everything in a question that could mean something: dates, grammar, metric phrases, concepts, words, names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from queries.catalogue import Catalogue
from queries.directory import Directory
from queries.periods import Calendar
from queries.reading import ranges
from queries.reading.contrasts import Contrast, contrasts
from queries.reading.dates import Found
from queries.reading.edges import numbers, single_edges
from queries.reading.english import english
from queries.reading.fitting import fits
from queries.reading.likeness import Examples
from queries.reading.mentions import Mention, edges, known_tokens, mentions
from queries.reading.misfits import misfit, moved, proportion, rated, takes_first, takes_last, told
from queries.reading.names import Names
from queries.reading.patterns import Edge, Lattice, Match, all_matches, lattice
from queries.reading.phrases import SKIP, Grammar, grammar
from queries.reading.settled import Hard, settle
from queries.reading.spelling import Known, known_words
from queries.reading.tokens import Token
from queries.reading.words import Ambiguous, Lexicon


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
    examples: Examples


def knowledge(
    catalogue: Catalogue, directory: Directory, words: Lexicon, examples: Examples, known: Names
) -> Knowledge:  # fmt: skip
    """The knowledge of a company's store version, put together from its words and its names."""
    rules = grammar()
    spelt = known_words(
        frozenset(words.vocabulary), rules.vocabulary, frozenset(known.vocabulary), frozenset(known.first)
    )
    dated = Calendar.of(catalogue.company)
    return Knowledge(catalogue, directory, words, known, rules, dated, spelt, examples)


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
    unheld: frozenset[int] = frozenset()
    """Tokens of what no metric holds."""
    contrasts: tuple[Contrast, ...] = ()

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
    dates = ranges.find(words, today, know.calendar)
    dates = [f for f in dates if not (kinds and f.rule == "weekday") and not _kind_of_day(f, dates, words)]
    dates = [replace(f, start=f.start + _ended(f.start, words)) for f in dates]
    lat.add(Edge("{date}", f.start, f.end, f) for f in dates)
    said = mentions(lat, know.lexicon, know.names)
    spoken = replace(lat, skippable=lat.skippable | _own_units(said, words))
    lat.name(all_matches(know.lexicon.named, spoken))
    for m in said:
        lat.add(edges(m, know.catalogue))
    lat.add(numbers(words))
    lat.add(single_edges(words, know.catalogue))
    for name, trie in know.grammar.slots:
        lat.add(Edge("{" + name + "}", m.start, m.end) for m in all_matches(trie, lat))
    phrases = [m for m in all_matches(know.lexicon.phrases, spoken) if words[m.used[-1]].norm not in OPEN_ENDS]
    phrases = [m for m in phrases if not (takes_last(m, dates, words) or takes_first(m, said, words))]
    called = [(m.payload, name_of(m, words, know.catalogue)) for m in phrases]
    labels = [label for _, label in called if label]
    phrases = [m for m in phrases if not any(_crosses(m, label) for label in labels)]
    phrases = [m for m in phrases if not any(_within(m, side, label) for side, label in called)]
    phrases = [m for m in phrases if not any(_cuts(m, o) for o in phrases)]
    phrases = [m for m in phrases if not (rated(m, words) or moved(m, phrases, words))]
    against = contrasts(said, words)
    phrases = [m for m in phrases if not any(c.takes(m) for c in against)]
    lat.add(Edge("{metric}", m.start, m.end, m.payload) for m in phrases)
    concepts = [m for m in all_matches(know.lexicon.concepts, spoken) if not (rated(m, words) or proportion(m, words))]
    concepts = [m for m in concepts if not any(c.takes(m) for c in against)]
    concepts = [m for m in concepts if words[m.start].norm != "how" or not any(_cuts(m, o) for o in phrases)]
    rules = [m for m in all_matches(know.grammar.rules, lat) if following or not m.payload.make.get("follow")]
    starts = {f.start for f in dates if f.period or f.relative}
    rules = [m for m in rules if not m.payload.make.get("onto") or m.end in starts]
    rules = [m for m in rules if fits(m, words, know.catalogue) and not (_lasts(m, words) or _of_values(m, lat))]
    rules = [m for m in rules if not any(c.takes(m) for c in against)]
    rules = [m for m in rules if not misfit(m, words, know.catalogue.person_level)]
    rules = [m for m in rules if not (m.payload.make.get("headline") and part_of_phrase(m.start, m.end, concepts))]
    if not any(m.payload.make.get("explain") == "next_step" for m in rules):
        rules = [m for m in rules if not m.payload.make.get("target")]
    polite = [m for m in all_matches(know.grammar.polite, lat) if not told(m, words)]
    named = [(m.start, m.end) for m in said if m.end - m.start > 1 and m.firm]
    dates = [*dates, *_cut(dates, [*phrases, *(m for m in said if m.firm)], words, today, know.calendar)]
    settled = settle(dates, rules, polite, phrases, named, following)
    named_by = frozenset(i for label in labels for i in label)
    asking = [range(h.start, h.end) for h in settled if h.rule and h.rule.make.get("explain")]
    kept = [frozenset(range(h.start, h.end)) for h in settled if h.rule and {"only", "exclude"} & set(h.rule.make)]
    unheld = _unheld(phrases, [*labels, *asking], kept, said, lat, know)
    return Scan(tuple(words), lat, settled, tuple(phrases), tuple(concepts), tuple(said), named_by, unheld, against)


def _own_units(said: Sequence[Mention], words: Sequence[Token]) -> frozenset[int]:
    """`calls my team dealt with`: the asker's own unit may stand inside a phrase as `we` may."""
    levels = (m for m in said if m.end - m.start == 1 and m.start and any(t.kind == "level" for t in m.terms))
    return frozenset(m.start for m in levels if words[m.start - 1].norm in ("my", "our"))


def _unheld(
    phrases: Sequence[Match], apart: Sequence[range], kept: Sequence[frozenset[int]], said: Sequence[Mention],
    lat: Lattice, know: Knowledge,
) -> frozenset[int]:  # fmt: skip
    """Words of what no metric holds, unless a metric's own wording or a value holds all of them and more; `apart`:
    stretches that they do not reach into (`what is driving time to repair`); `kept`: values singled out."""
    matches = (m for m in all_matches(know.lexicon.unheld, lat) if not any(_crosses(m, s) for s in apart))
    found = (frozenset(m.used) for m in matches)
    ours = [*kept, *(frozenset(p.used) for p in phrases), *(_with_cause(m, lat.tokens) for m in said if m.values)]
    return frozenset(i for used in found if not any(used < words for words in ours) for i in used)


def _with_cause(m: Mention, words: Sequence[Token]) -> frozenset[int]:
    """The tokens of a value; in `because of the weather` with the word before it."""
    at = m.start - 1
    while at > 0 and words[at].norm in english().articles:
        at -= 1
    caused = at >= 0 and words[at].norm in ("of", "to", "by", "about", "for", "on")
    return frozenset(range(at if caused else m.start, m.end))


def _ended(at: int, words: Sequence[Token]) -> bool:
    """`before the slot was over | last month`: the first word of a time belongs to what is before it."""
    return words[at].norm == "over" and at > 0 and words[at - 1].stem in ("be", "already")


def _kind_of_day(f: Found, dates: Sequence[Found], words: Sequence[Token]) -> bool:
    """`monday to friday last month`, `fridays this quarter`: weekdays beside a longer time are those days in it."""
    days = english().weekdays
    held = [t.norm in days for t in words[f.start : f.end] if t.norm not in ("on", "from", "the")]
    if f.rule not in ("weekday", "weekday part", "range") or not (held[0] and (held[-1] or f.part)):
        return False
    return any(o.period and o.period.days > f.count and _at_one(f, o, words) for o in dates if o is not f)


def _at_one(f: Found, o: Found, words: Sequence[Token]) -> bool:
    """Whether two dates stand beside each other, or with more weekdays between, and none is compared with the other."""
    between = [t.norm for t in words[min(f.end, o.end) : max(f.start, o.start)]]
    days = english().weekdays
    row = any(w in days for w in between) and all(w in days or w in (",", "and", "or", "&", "on") for w in between)
    return o.unit != "day" and (row or AGAINST.isdisjoint(between))


def name_of(m: Match, words: Sequence[Token], catalogue: Catalogue) -> range:
    """The words that are a metric's very name, capitals included, where a phrase is its name; else none."""
    if isinstance(m.payload, Ambiguous):
        return range(0)
    metric = catalogue.metrics[m.payload.metric]
    name = metric.mirror_label if m.payload.side == "mirror" else metric.label
    label = [t.text for t in known_tokens(name)]
    for start in range(max(0, m.end - len(label)), m.start + 1) if name[:1].isupper() else ():
        if [t.text for t in words[start : start + len(label)]] == label and m.end <= start + len(label):
            return range(start, start + len(label))
    return range(0)


def _cuts(m: Match, other: Match) -> bool:
    """`time … visits` in `on time for my visits`, `how … late` in `how have late arrivals`: leaps over closer words."""
    close, leaps = len(other.used) == other.end - other.start > 1, len(m.used) < m.end - m.start
    if len(m.used) > len(other.used) or not (close and leaps):
        return False
    onto = m.end == other.start + 1 and m.used[-2:-1] != (other.start - 1,)
    return other.start < m.start < other.end < m.end or onto


def _crosses(m: Match, label: range) -> bool:
    """Whether a phrase takes words of a name, and words beside it: `Satisfaction before and after over` of `over 5`."""
    shared = [i for i in m.used if i in label]
    return bool(shared) and len(shared) < len(m.used)


def _within(m: Match, side: object, label: range) -> bool:
    """`easy` of `Easy cases`: words of another metric inside a name."""
    inside = len(label) > 0 and label.start <= m.start and m.end <= label.stop
    return inside and m.end - m.start < len(label) and m.payload != side


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


def _of_values(m: Match, lat: Lattice) -> bool:
    """`is chat better than phone`: better than another value, not than before."""
    than = m.payload.make.get("compare") == "previous" and lat.tokens[m.end - 1].norm == "than"
    return than and any(e.name == "{value}" for e in lat.edges.get(m.end, ()))


def part_of_phrase(start: int, end: int, phrases: Sequence[Match]) -> bool:
    """Whether words stand inside a longer phrase of a metric."""
    return any(f.start <= start and end <= f.end and f.end - f.start > end - start for f in phrases)


OPEN_ENDS = frozenset(("by", "per", "of", "vs"))
"""Words that no phrase of a metric ends with: what follows is a break-down, a comparison."""
INSIDE = frozenset(("within", "inside", "in"))
LASTING = frozenset(
    ("day", "days", "week", "weeks", "month", "months", "hour", "hours", "minute", "minutes", "working")
)
AGAINST = frozenset(("vs", "versus", "against", "than", "compared", "compare", "to", "or", "and", "since", "until"))
