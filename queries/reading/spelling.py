"""Misspelt, joined and split words, put right only where one word clearly is meant; every change is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from queries.reading.english import english, real_words, stem
from queries.reading.tokens import Token, token

SHORTEST = 4
PARTS = 4
NEAR = 0.199
"""Words whose cost differs by less than this are rivals."""
SMALL = frozenset(("my", "vs", "us", "on", "in", "at", "by", "of", "to", "no", "we", "me"))


@dataclass(frozen=True)
class Known:
    """The words a company's questions are made of: as they are, and by stem."""

    words: tuple[str, ...]
    held: frozenset[str]
    stems: frozenset[str]
    by_length: tuple[tuple[str, ...], ...]

    def knows(self, word: str) -> bool:
        return word in self.held or (
            word.endswith(("s", "ed", "ing")) and stem(word) in self.stems and self._regular(word)
        )

    def _regular(self, word: str) -> bool:
        """`texted`, `emailed`: a known word with an ending put straight on it."""
        return any(word[:-n] in self.held for n in (1, 2, 3))


def known_words(*vocabularies: frozenset[str]) -> Known:
    """The words of several vocabularies, ready for looking up."""
    e = english()
    base = frozenset(w for v in vocabularies for w in v if w.isalpha()) | e.glue | frozenset(e.contractions)
    stems = frozenset(stem(w) for w in base)
    held = base | frozenset(w for w in real_words() if stem(w) in stems)
    words = tuple(sorted(w for w in held if len(w) >= SHORTEST and w.isalpha()))
    longest = max((len(w) for w in words), default=0)
    by_length = tuple(tuple(w for w in words if abs(len(w) - n) <= 3) for n in range(longest + 4))
    return Known(words, held, stems, by_length)


def corrected(words: Sequence[Token], known: Known) -> tuple[list[Token], tuple[tuple[str, str], ...]]:
    """The words with misspellings put right, and what was changed: (as typed, as read)."""
    out: list[Token] = []
    told: list[tuple[str, str]] = []
    i = 0
    while i < len(words):
        t = words[i]
        joined = _joined(words, i, known)
        if joined:
            both = replace(token(t.text, t.start, words[i + 1].end, joined), was=t.norm)
            out.append(both)
            told.append((f"{t.norm} {words[i + 1].norm}", joined))
            i += 2
            continue
        made = _one(t, known) if _unknown(t, known) else []
        if made:
            told.append((t.norm, " ".join(m.norm for m in made)))
        out.extend(made or [t])
        i += 1
    return out, tuple(told)


def _unknown(t: Token, known: Known) -> bool:
    return t.norm.isalpha() and len(t.norm) >= SHORTEST and not known.knows(t.norm)


def _joined(words: Sequence[Token], i: int, known: Known) -> str:
    """`arr ivals`: two pieces, not both words, that make one."""
    if i + 1 >= len(words):
        return ""
    a, b = words[i], words[i + 1]
    if not (a.norm.isalpha() and b.norm.isalpha()) or b.start - a.end != 1 or len(a.norm + b.norm) < 5:
        return ""
    both = a.norm + b.norm
    strange = [
        w.norm for w in (a, b)
        if w.norm not in known.held and w.norm not in SMALL and (w.norm not in real_words() or len(w.norm) == 1)
    ]  # fmt: skip
    return both if strange and both in known.held and stem(both) in known.stems else ""


def _one(t: Token, known: Known) -> list[Token]:
    if t.norm in real_words():
        return []
    near = _near(t.norm, known)
    apart = _split(t.norm, known, PARTS) if not near or near[0][1] > 1 else ()
    if apart and (not near or len(apart) == 2):
        return _pieces(t, apart)
    better = nearest(t.norm, known)
    if better:
        return [replace(token(t.text, t.start, t.end, better, t.possessive), was=t.norm)]
    return []


def _pieces(t: Token, parts: Sequence[str]) -> list[Token]:
    return [
        replace(token(t.text, t.start, t.end, part, t.possessive and part == parts[-1]), was=t.norm) for part in parts
    ]


def _part(word: str) -> bool:
    return len(word) > 2 or word in SMALL


def _split(word: str, known: Known, most: int) -> tuple[str, ...]:
    """`thisweek`, `latearrivals`: known words run together, the first as long as can be."""
    if len(word) < 6 or word in real_words():
        return ()
    return _cut(word, known, most) if most > 1 else ()


@lru_cache(maxsize=4096)
def _cut(word: str, known: Known, most: int) -> tuple[str, ...]:
    for at in range(len(word) - 1, 1, -1):
        head, tail = word[:at], word[at:]
        if head not in known.held or not _part(head):
            continue
        if tail in known.held and _part(tail) and len(head) + len(tail) > 5 and max(len(head), len(tail)) > 3:
            return (head, tail)
        if most > 2 and len(tail) > 5:
            rest = _cut(tail, known, most - 1)
            if rest:
                return (head, *rest)
    return ()


@lru_cache(maxsize=8192)
def nearest(word: str, known: Known) -> str:
    """The one word clearly meant, or nothing."""
    found = _near(word, known)
    if not found:
        return ""
    scored = sorted((_cost(word, w, d), w) for w, d in found)
    best, first = scored[0]
    if best > 5:
        return ""
    rivals = [w for cost, w in scored if cost < best + NEAR and stem(w) != stem(first)]
    return "" if rivals or _real_is_nearer(word, dict(found)[first]) else first


def _real_is_nearer(word: str, distance: float) -> bool:
    """Whether an ordinary word that no question here uses is what was meant."""
    if distance < 2:
        return False
    near = [w for n in range(len(word) - 2, len(word) + 3) for w in real_by_length().get(n, ())]
    return any(OSA.distance(word, w, score_cutoff=int(distance) - 1) < distance for w in near)


@lru_cache(maxsize=1)
def real_by_length() -> dict[int, tuple[str, ...]]:
    """Ordinary words by their length."""
    found: dict[int, list[str]] = {}
    for w in sorted(real_words()):
        found.setdefault(len(w), []).append(w)
    return {n: tuple(ws) for n, ws in found.items()}


@lru_cache(maxsize=8192)
def _near(word: str, known: Known) -> tuple[tuple[str, float], ...]:
    """Words within a few edits, with how many."""
    if len(word) >= len(known.by_length):
        return ()
    most = 1 if len(word) == 4 else 2 if len(word) < 9 else 3
    found = process.extract(word, known.by_length[len(word)], scorer=OSA.distance, score_cutoff=most, limit=12)
    return tuple((w, d) for w, d, _ in found)


def _cost(typed: str, word: str, distance: float) -> float:
    """Edits, with what fingers do often counted less: swapped letters, a doubled one, a wrong vowel."""
    cost = float(distance)
    if sorted(typed) == sorted(word):
        cost -= 0.4
    if _bones(typed) == _bones(word):
        cost -= 0.2
    if typed[0] != word[0]:
        cost += 0.5 if len(typed) > 6 or sorted(typed) == sorted(word) else 9.0
    if typed[-1] != word[-1]:
        cost += 0.1
    return cost


def _bones(word: str) -> str:
    """The consonants, doubled ones once."""
    out = ""
    for c in word:
        if c not in "aeiouy" and (not out or out[-1] != c):
            out += c
    return out
