"""A question as tokens: its words and signs, contractions opened, number words of several words joined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from queries.reading.english import English, english, stem

PIECES = re.compile(r"\d+(?:st|nd|rd|th)\b|[^\W\d_]+(?:['’][^\W\d_]+)*['’]?|\d+|[^\w\s]|_")
PRE = (
    (re.compile(r"\bre-(?=[a-z])"), "re\u2060"),
    (re.compile(r"\be-(?=mail)"), "e\u2060"),
    (re.compile(r"\bco-(?=work)"), "co\u2060"),
    (re.compile(r"\bhow come\b"), "why     "),
    (re.compile(r"\bwed(?= (?:be|been|have|like|love|said|get|not|never)\b)"), "we "),
    (re.compile(r"\bno[ -]one\b(?!-)"), "nobody"),
    (re.compile(r"\bno(?=\.? of\b)"), "nr"),
    (re.compile(r"\bcause(?= (?:i|we|they|he|she|nobody)\b)"), "since"),
    (re.compile(r"\b(excl|incl|vs|nr|no|avg|approx|dept|min|max|pct|wk|mth|qtr|yr)\.(?=\s+\S)"), r"\1 "),
)
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
