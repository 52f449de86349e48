"""Which metric a question is about: every side of every metric explains what it can of the words; the best one wins."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from queries.reach import dimensions_of
from queries.reading.candidates import Candidate, Meaning
from queries.reading.english import english, real_words, stem
from queries.reading.frames import framed
from queries.reading.leftover import FLIPS, clear, passed_over
from queries.reading.mentions import Mention
from queries.reading.patterns import Match
from queries.reading.scan import Knowledge, Scan, name_of
from queries.reading.tokens import Token
from queries.reading.words import Ambiguous, Side

TIMES = ("seconds", "minutes", "hours", "days")
LIGHT = frozenset(("for", "with", "on", "at", "it", "we", "i", "they", "would", "will", "us", "them"))


def content_words(scan: Scan, held: frozenset[int], know: Knowledge) -> frozenset[int]:
    """Words with a meaning of their own, outside what is settled or held by names."""
    e = english()
    out = set()
    for i, t in enumerate(scan.tokens):
        if i in held or i in scan.settled or not t.is_word:
            continue
        if not _told_of(scan.tokens, i) and (t.norm in e.glue or (t.norm in e.commands and i < 3)):
            continue
        own = t.norm in know.lexicon.vocabulary and t.stem not in e.light
        if (t.stem in e.glue_stems or t.stem in e.light) and not own and t.norm in real_words():
            continue
        out.add(i)
    return frozenset(out)


def _told_of(words: Sequence[Token], i: int) -> bool:
    """`reports that were late`: not what the answer is given as, but what the question is about."""
    said = [t.norm for t in words[i + 1 : i + 3]]
    relative = said[:1] in (["that"], ["which"]) and len(said) == 2
    return relative and words[i].norm in english().papers and said[1] in english().verbal | {"came", "ran", "went"}


def _weighty(scan: Scan, know: Knowledge, held: frozenset[int]) -> frozenset[int]:
    """`by how much`, `let people know`: small words that together mean something."""
    found = (frozenset(m.used) for m in scan.concepts if m.payload in know.lexicon.weighty and len(m.used) > 1)
    words = scan.tokens
    return frozenset(
        i for used in found if used.isdisjoint(held | scan.settled) for i in used if words[i].norm not in LIGHT
    )


def meaning(
    scan: Scan, know: Knowledge, held: frozenset[int], closed: frozenset[int], courtesy: frozenset[int] = frozenset()
) -> Meaning:
    """All candidates. `held`: tokens of names and break-downs; `closed`: tokens that may not be used as evidence."""
    content = content_words(scan, held, know) | _weighty(scan, know, held | closed) | scan.unheld
    found: dict[Side, tuple[set[int], float]] = {}
    ambiguous: list[tuple[int, Ambiguous]] = []
    for m in scan.phrases:
        used = set(m.used)
        if used & closed:
            continue
        weight = len(used) + 0.4
        if isinstance(m.payload, Ambiguous):
            ambiguous.append((len(used), m.payload))
            for side in m.payload.choose:
                open_to = 0.4 if m.payload.default is None else 0.0 if side == m.payload.default else -0.1
                _better(found, side, used, weight + open_to, scan)
        else:
            _better(found, m.payload, used, weight + _by_name(scan, m, know), scan)
    bits, places = _evidence(scan, know, closed | courtesy)
    made = [
        candidate(side, frozenset(core), strength, False, scan, know, content, places)
        for side, (core, strength) in found.items()
    ]
    phrased = _each(scan, know, closed, content, places)
    made += _framed(know, bits, places, scan, content)
    made += [c for c in (_flip(c, scan, know, content) for c in made) if c is not None]
    made = [_about(c, scan, know, content) for c in made]
    told = {word for t in scan.tokens if (word := know.lexicon.works.get(t.stem))}
    made = [_elsewhere(c, told, know) for c in made] if len(told) == 1 else made
    made = [c if not c.strange or clear(c, made) else replace(c, left=c.strange, strange=frozenset()) for c in made]
    best: dict[Side, Candidate] = {}
    for c in made:
        if c.side not in best or c.rank < best[c.side].rank:
            best[c.side] = c
    ranked = sorted(_undominated(best.values()), key=lambda c: (c.rank, c.side))
    return Meaning(tuple(ranked), content, tuple(a for _, a in sorted(ambiguous, key=lambda a: -a[0])), phrased, places)


def _undominated(made: Collection[Candidate]) -> list[Candidate]:
    """Without readings that only some of the words of another speak for: `late visits` in `late visits with a call`."""
    return [c for c in made if not any(_outdone(c, o) for o in made)]


def _outdone(c: Candidate, by: Candidate) -> bool:
    fits = not by.left and by.rank[0] <= c.rank[0] and by.side.metric != c.side.metric
    return fits and not c.named and c.speaks < by.speaks


def _elsewhere(c: Candidate, told: set[str], know: Knowledge) -> Candidate:
    """A metric of another kind of work than the words speak of comes second: a technician who had to come back. It does
    not come at all by one word of a kind: technicians who quit are no callers."""
    feeds = know.catalogue.metrics[c.side.metric].feeds
    if not feeds or not told.isdisjoint(feeds):
        return c
    return replace(c, strength=c.strength - 0.5, left=c.core if c.framed and len(c.core) == 1 else c.left)


def _about(c: Candidate, scan: Scan, know: Knowledge, content: frozenset[int]) -> Candidate:
    """`calls about no signal`: of contacts by what they are about, and of no figure that the words after it name."""
    for m in scan.phrases:
        over = know.catalogue.metrics[m.payload.metric].over if isinstance(m.payload, Side) else None
        if not over or scan.tokens[m.end - 1].norm != "about":
            continue
        after = m.end + (scan.tokens[m.end].norm in english().articles if m.end < len(scan.tokens) else 0)
        value = next((x for x in scan.mentions if x.start == after and any(t.key == over for t in x.values)), None)
        if c.side == m.payload and value:
            return replace(c, strength=c.strength + value.end - value.start)
        if c.side.metric != m.payload.metric and after in c.core:
            return replace(c, left=c.left | (content & frozenset(m.used)) | frozenset((m.end - 1,)))
    return c


def _by_name(scan: Scan, m: Match, know: Knowledge) -> float:
    """A metric called by its very name, capitals included, is meant before any other of similar words."""
    if name_of(m, scan.tokens, know.catalogue):
        return 1.0
    metric = know.catalogue.metrics[m.payload.metric]
    label = metric.mirror_label if m.payload.side == "mirror" else metric.label
    return 0.3 if [scan.tokens[i].norm for i in m.used] == label.lower().split() else 0.0


def _each(
    scan: Scan, know: Knowledge, closed: frozenset[int], content: frozenset[int], places: Mapping[str, frozenset[int]]
) -> tuple[Candidate, ...]:
    """Every phrase by itself, longest first, at most two dozen: for questions that ask for two metrics."""
    found = {
        (m.payload, frozenset(m.used)): len(m.used) + 0.4 + _by_name(scan, m, know)
        for m in scan.phrases
        if isinstance(m.payload, Side) and closed.isdisjoint(m.used)
    }
    ranked = sorted(found.items(), key=lambda f: (-f[1], f[0][0], sorted(f[0][1])))[:40]
    return tuple(
        replace(candidate(side, core, weight, False, scan, know, content, places), named=weight >= len(core) + 1.4)
        for (side, core), weight in ranked
    )


def _better(found: dict[Side, tuple[set[int], float]], side: Side, used: set[int], weight: float, scan: Scan) -> None:
    core, strength = found.get(side, (set(), 0.0))
    fresh = len(used - core - scan.lattice.skippable)
    found[side] = (core | used, strength + (weight if not core & used else max(0, weight - strength, fresh * 0.5)))


def _evidence(scan: Scan, know: Knowledge, closed: frozenset[int]) -> tuple[int, dict[str, frozenset[int]]]:
    places: dict[str, frozenset[int]] = {}
    bits = 0
    for m in scan.concepts:
        if closed.isdisjoint(m.used) and not _cut_at(m.start, scan):
            places[m.payload] = places.get(m.payload, frozenset()) | frozenset(m.used)
            bits |= know.lexicon.bit(m.payload)
    return bits, places


def _cut_at(start: int, scan: Scan) -> bool:
    """`by visit`, `per case`: not in `rated by customers`, where they do what was done."""
    before = [t.norm for t in scan.tokens[max(0, start - 2) : start]]
    return before[-1:] in (["by"], ["per"]) and not (before[-1] == "by" and before[0].endswith("ed"))


def candidate(
    side: Side, core: frozenset[int], strength: float, framed: bool, scan: Scan, know: Knowledge,
    content: frozenset[int], places: Mapping[str, frozenset[int]], beside: frozenset[int] = frozenset(),
) -> Candidate:  # fmt: skip
    inside = _passed(core, scan)
    mask = know.lexicon.subjects.get(side.metric, 0)
    own = beside | _words_of(mask, know, places) | _noun(side, know, scan)
    covers = core | inside | own | _words_of(know.lexicon.neutral, know, places)
    if framed and len(core) == 1:
        covers -= _compound(core, scan)
    left = content - covers
    soft, rest = _soft(left, core, scan, side, know)
    loose, strange = passed_over(rest, core | beside, strength, side, scan, know)
    return Candidate(
        side, core, covers | loose | strange, strength - 0.3 * len(loose), rest - loose - strange, soft,
        framed=framed, loose=loose, strange=strange, speaks=content & (core | own),
    )  # fmt: skip


def _passed(core: frozenset[int], scan: Scan) -> frozenset[int]:
    """Small words between those of a metric and right after them: the last one of `never said so`."""
    end = max(core, default=-1) + 1
    while end in scan.lattice.skippable:
        end += 1
    return frozenset(range(min(core, default=0), end)) & scan.lattice.skippable


def _compound(core: frozenset[int], scan: Scan) -> frozenset[int]:
    """`cold calls`, `refund requests`: the noun of which a single word is only the first part."""
    after = max(core) + 1
    nouns = (i for m in scan.concepts for i in m.used)
    return frozenset((after,)) & frozenset(nouns)


def _words_of(mask: int, know: Knowledge, places: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """The tokens of the concepts of a mask."""
    found = (used for name, used in places.items() if mask >> know.lexicon.bits[name] & 1)
    return frozenset[int]().union(*found)


def _noun(side: Side, know: Knowledge, scan: Scan) -> frozenset[int]:
    """What a rate is a rate of: `flights` beside a share of flights says nothing more."""
    metric = know.catalogue.metrics[side.metric]
    said = [metric.unit.removeprefix("% of ")] if metric.unit.startswith("% of ") else []
    said += [metric.unit.casefold()] if metric.unit.isalpha() and not metric.feeds else []
    said += [str(word) for word in metric.rows.get("words") or ()]
    nouns = {stem(part) for word in said for part in word.split()}
    if metric.unit in TIMES and not know.catalogue.metrics[side.metric].feeds:
        nouns |= _how_long(scan)
    return frozenset(i for i, t in enumerate(scan.tokens) if t.is_word and stem(t.norm) in nouns)


def _how_long(scan: Scan) -> set[str]:
    """`how long does it take`: a time is asked for, which a metric in minutes is anyway."""
    words = [t.norm for t in scan.tokens]
    asked = any(a == "how" and b == "long" for a, b in itertools.pairwise(words))
    return {stem(w) for w in ("how", "long", "take", "time")} if asked else set()


def _soft(
    left: frozenset[int], core: frozenset[int], scan: Scan, side: Side, know: Knowledge
) -> tuple[int, frozenset[int]]:
    """Mentions that can stand beside the metric as a restriction or break-down, and what is left after them."""
    allowed = dimensions_of(know.catalogue.metrics[side.metric], know.catalogue)
    soft, rest = 0, set(left)
    for m in scan.mentions:
        here = set(range(m.start, m.end))
        if not here & rest or here & core:
            continue
        if m.names or any(t.key in allowed or t.kind == "level" for t in m.terms):
            rest -= here
            soft += not (m.values and m.end - m.start > 1) or _beside(m, side, know)
    return soft, frozenset(rest)


def _beside(m: Mention, side: Side, know: Knowledge) -> bool:
    """Whether a value is another than the metric is about: installs, of a share of repairs."""
    implied = (know.catalogue.metrics[side.metric].raw.get("words") or {}).get("implies") or {}
    return any(t.key in implied and set(t.values).isdisjoint(implied[t.key]) for t in m.values)


def _framed(
    know: Knowledge, bits: int, places: Mapping[str, frozenset[int]], scan: Scan, content: frozenset[int]
) -> Iterable[Candidate]:
    """The best candidate of each side whose concepts stand together in the question."""
    seen: dict[Side, Candidate] = {}
    for side, core, beside, strength in framed(know, bits, places, scan):
        if content.isdisjoint(core | beside):
            continue
        c = candidate(side, core, strength, True, scan, know, content, places, beside)
        if side not in seen or c.rank < seen[side].rank:
            seen[side] = c
    return seen.values()


def _flip(c: Candidate, scan: Scan, know: Knowledge, content: frozenset[int]) -> Candidate | None:
    """`not punctual`: a denial just before a metric's words asks for its other side."""
    metric = know.catalogue.metrics[c.side.metric]
    if metric.mirror_of not in ("complement", "own") or c.framed or not c.core:
        return None
    at = min(c.core) - 1
    while at >= 0 and at in scan.lattice.skippable:
        at -= 1
    if at < 0 or scan.tokens[at].norm not in FLIPS or at in c.core or at in scan.settled:
        return None
    other = Side(c.side.metric, "metric" if c.side.side == "mirror" else "mirror")
    core = c.core | {at}
    return replace(
        c, side=other, core=core, covers=c.covers | {at}, strength=c.strength + 0.9, left=c.left - {at}, flipped=True,
        speaks=c.speaks | {at},
    )  # fmt: skip
