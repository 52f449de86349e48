"""English as any company speaks it: tokens, stems, number words. The words themselves lie in english.yml."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from queries.catalogue import LOADER

HERE = Path(__file__).parent
PIECES = re.compile(r"\d+(?:st|nd|rd|th)\b|[^\W\d_]+(?:['’][^\W\d_]+)*['’]?|\d+|[^\w\s]|_")
PRE = (
    (re.compile(r"\bre-(?=[a-z])"), "re\u2060"),
    (re.compile(r"\be-(?=mail)"), "e\u2060"),
    (re.compile(r"\bco-(?=work)"), "co\u2060"),
    (re.compile(r"\bhow come\b"), "why     "),
    (re.compile(r"\bwed(?= (?:be|been|have|like|love|said)\b)"), "we "),
    (re.compile(r"\bno[ -]one\b(?!-)"), "nobody"),
    (re.compile(r"\bno(?=\.? of\b)"), "nr"),
    (re.compile(r"\bwed(?= (?:be|have|been|get|not|never)\b)"), "we "),
    (re.compile(r"\bcause(?= (?:i|we|they|he|she|nobody)\b)"), "since"),
    (re.compile(r"\b(excl|incl|vs|nr|no|avg|approx|dept|min|max|pct|wk|mth|qtr|yr)\.(?=\s+\S)"), r"\1 "),
)
SHORT = re.compile("[^aeiou][aeiou][^aeiouwxy]")
ENDINGS = {"'ve": "have", "'ll": "will", "'re": "are", "'d": "would", "n't": "not"}
ENDING = re.compile(f"(\\w+?)({'|'.join(ENDINGS)})")
LONGEST = 600


@dataclass(frozen=True)
class Token:
    """One word as read: `start` and `end` are places in the question, `norm` the word used for matching."""

    text: str
    start: int
    end: int
    norm: str
    stem: str
    possessive: bool = False
    number: int | None = None
    ordinal: bool = False
    was: str = ""
    """The word as typed, when the spelling was corrected."""

    @property
    def is_word(self) -> bool:
        return self.norm[:1].isalnum()

    @property
    def dated(self) -> str:
        """How the date rules see the word: digits for numbers, `7th` for ordinals."""
        if self.number is None:
            return self.norm
        return f"{self.number}th" if self.ordinal else str(self.number)


@dataclass(frozen=True)
class English:
    """The tables of english.yml, ready to use."""

    raw: Mapping[str, Any]
    contractions: Mapping[str, tuple[str, ...]]
    stems: Mapping[str, str]
    glue: frozenset[str]
    commands: frozenset[str]
    numbers: Mapping[str, int]
    tens: Mapping[str, int]
    ordinals: Mapping[str, int]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    units: Mapping[str, str]
    motion: frozenset[str]
    """Words that only say that a figure moved."""
    glue_stems: frozenset[str]
    light: frozenset[str]
    telling: frozenset[str]
    papers: frozenset[str]
    """What an answer is given as: reports, charts."""
    fellows: frozenset[str]
    """Words for the people of a team: my guys."""
    verbal: frozenset[str]
    prepositions: frozenset[str]
    articles: frozenset[str]
    """Stems of general words that restrict nothing."""


@cache
def english() -> English:
    """The language data, read once."""
    raw = yaml.load((HERE / "english.yml").read_text(encoding="utf-8"), LOADER)
    stems = {form: word for word, forms in raw["stems"].items() for form in [word, *(forms or "").split()]}
    return English(
        raw=raw,
        contractions={str(k): tuple(str(v).split()) for k, v in raw["contractions"].items()},
        stems=stems,
        glue=frozenset(w for word in raw["glue"].split() for w in (word, *(raw["stems"].get(word) or "").split())),
        commands=frozenset(raw["commands"].split()),
        numbers={word: n for n, word in enumerate(raw["numbers"].split())},
        tens={word: 20 + 10 * n for n, word in enumerate(raw["tens"].split())},
        ordinals={word: n for n, word in enumerate(raw["ordinals"].split())},
        months={word: int(n) for n, words in raw["months"].items() for word in words.split()},
        weekdays={word: int(n) for n, words in raw["weekdays"].items() for word in words.split()},
        units={word: unit for unit, words in raw["units"].items() for word in words.split()},
        motion=frozenset(raw["motion"].split()),
        glue_stems=frozenset(_stem(w, stems) for w in raw["glue"].split() if len(w) > 2),
        light=frozenset(_stem(w, stems) for w in raw["light"].split()),
        telling=frozenset(raw["telling"].split()),
        papers=frozenset(raw["papers"].split()),
        fellows=frozenset(raw["fellows"].split()),
        verbal=frozenset(raw["verbal"].split()),
        prepositions=frozenset(raw["prepositions"].split()),
        articles=frozenset(raw["articles"].split()),
    )


@cache
def real_words() -> frozenset[str]:
    """Words of ordinary English, which are never taken for misspellings."""
    return frozenset(gzip.decompress((HERE / "words.txt.gz").read_bytes()).decode().split("\n"))


@cache
def stem(word: str) -> str:
    """The form under which the inflections of a word meet; not always a word itself.

    >>> stem("arriving"), stem("arrived"), stem("customers")
    ('arrive', 'arrive', 'customer')
    """
    return _stem(word, english().stems)


def _stem(word: str, stems: Mapping[str, str]) -> str:
    known = stems.get(word)
    if known:
        return known
    w = word
    if len(w) > 4 and w.endswith(("ies", "ied")):
        return w[:-3] + "y"
    if len(w) > 4 and w.endswith(("sses", "xes", "ches", "shes", "zzes")):
        w = w[:-2]
    elif len(w) > 3 and w.endswith("s") and not w.endswith(("ss", "us", "is")):
        w = w[:-1]
    cut = _without_ending(w)
    if cut != w:
        doubled = len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] not in "lsz"
        w = cut[:-1] if doubled else cut + "e" if SHORT.fullmatch(cut) else cut
    w = w[:-1] if len(w) > 4 and w.endswith("e") else w
    return stems.get(w, w)


def _without_ending(w: str) -> str:
    for ending, least in (("ing", 5), ("ed", 4)):
        if len(w) > least and w.endswith(ending) and re.search("[aeiouy]", w[: -len(ending)]):
            return w[: -len(ending)]
    return w


def token(text: str, start: int, end: int, norm: str, possessive: bool = False) -> Token:
    """A token with its stem and number worked out."""
    e = english()
    number, ordinal = None, False
    if norm[:1].isdecimal():
        digits = re.match(r"\d+", norm)
        assert digits is not None
        number, ordinal = int(digits[0][:12]), len(digits[0]) < len(norm)
    elif norm in e.numbers:
        number = e.numbers[norm]
    elif norm in e.tens:
        number = e.tens[norm]
    elif norm in e.ordinals:
        number, ordinal = e.ordinals[norm], True
    return Token(text, start, end, norm, stem(norm), possessive, number, ordinal)


def tokens(text: str) -> list[Token]:
    """The words and signs of a question, contractions opened, number words of several words joined."""
    text = text[:LONGEST]
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    lowered = lowered.replace("’", "'").replace("‘", "'").replace("`", "'")
    for pattern, instead in PRE:
        lowered = pattern.sub(instead, lowered)
    found: list[Token] = []
    for piece in _pieces().finditer(lowered):
        _piece(text, piece[0], piece.start(), piece.end(), found)
    return _join_numbers(_join_glued(found))


@cache
def _pieces() -> re.Pattern[str]:
    """How a text falls into words; the short forms with digits (`b4`) stay whole."""
    short = "|".join(re.escape(w) for w in english().contractions if any(c.isdigit() for c in w))
    return re.compile(rf"\b(?:{short})\b|{PIECES.pattern}|\u2060")


def norms(text: str) -> Iterator[str]:
    """The words of a pattern or text as they are matched, contractions opened; numbers are not joined.

    >>> list(norms("(isn't|not) the customer's"))
    ['is', 'not', 'not', 'the', 'customer']
    """
    for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.lower().replace("’", "'")):
        yield from _opened(word) or (re.sub("'s?$", "", word).replace("'", ""),)


def _opened(word: str) -> tuple[str, ...]:
    """The words of a short form (`who've`, `needn't`), none for any other word."""
    known = english().contractions.get(word, ())
    found = ENDING.fullmatch(word) if not known and "'" in word else None
    return (found[1], ENDINGS[found[2]]) if found else known


def _piece(text: str, word: str, start: int, end: int, found: list[Token]) -> None:
    opened = _opened(word)
    if opened:
        found.extend(token(text[start:end], start, end, part) for part in opened)
        return
    possessive = False
    bare = word
    if "'" in word:
        bare = re.sub(r"'s?$", "", word)
        possessive = bare != word
        bare = bare.replace("'", "")
    if bare:
        found.append(token(text[start:end], start, end, bare, possessive))


def _join_glued(found: list[Token]) -> list[Token]:
    """`re-open` and `e-mail` as one word."""
    out: list[Token] = []
    glue = False
    for t in found:
        if t.norm == "\u2060":
            glue = True
        elif glue and out:
            before = out.pop()
            joined = token(before.text + t.text, before.start, t.end, before.norm + t.norm, t.possessive)
            out.append(joined)
            glue = False
        else:
            out.append(t)
    return out


def _join_numbers(found: Sequence[Token]) -> list[Token]:
    """`twenty five`, `twenty-first`, `nineteen eighty six`, `two thousand and five` as one number."""
    e = english()
    out: list[Token] = []
    i = 0
    while i < len(found):
        value, length, ordinal = _number_at(found, i, e)
        if length > 1:
            first, final = found[i], found[i + length - 1]
            joined = token(first.text, first.start, final.end, f"{value}th" if ordinal else str(value))
            out.append(replace(joined, text=" ".join(t.text for t in found[i : i + length])))
        else:
            out.append(found[i])
        i += max(length, 1)
    return out


def _number_at(found: Sequence[Token], i: int, e: English) -> tuple[int, int, bool]:
    words = [t.norm for t in found[i : i + 6]]
    if not words or (words[0] not in e.numbers and words[0] not in e.tens):
        return 0, 0, False
    if words[1:2] == ["thousand"]:
        at = 3 if words[2:3] == ["and"] else 2
        rest, length, ordinal = _below_hundred(words[at:], e)
        return (e.numbers.get(words[0], 0) * 1000 + rest, at + length, ordinal) if length else (
            e.numbers.get(words[0], 0) * 1000, 2, False)  # fmt: skip
    value, length, ordinal = _below_hundred(words, e)
    if value in (19, 20) and not ordinal:
        rest, more, _ = _below_hundred(words[length:], e)
        if more and 10 <= rest <= 99:
            return value * 100 + rest, length + more, False
    return value, length, ordinal


def _below_hundred(words: Sequence[str], e: English) -> tuple[int, int, bool]:
    if not words:
        return 0, 0, False
    if words[0] in e.tens:
        at = 2 if words[1:2] == ["-"] else 1
        unit = words[at] if len(words) > at else ""
        if 0 < e.numbers.get(unit, 0) < 10:
            return e.tens[words[0]] + e.numbers[unit], at + 1, False
        if 0 < e.ordinals.get(unit, 0) < 10:
            return e.tens[words[0]] + e.ordinals[unit], at + 1, True
        return e.tens[words[0]], 1, False
    if words[0] in e.numbers:
        return e.numbers[words[0]], 1, False
    return 0, 0, False
