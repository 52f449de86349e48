"""Questions that nobody would type: known ones mutated, words thrown together, signs of any script."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

WORDS = """late arrivals my team last week vs others by region csat who worst best top 5 without me installs tuesday 3/11
 over 90 % than not how many why select drop ; ' " -- \u0000 é 漢 😀 ⁶ ❷ ٣ week of 31 february fy26 q5 to from since ... % < > = ( ) [ ] {x}
 omar jonas bay lakeside F-NLAK-2 nobody rang back promised 99999999999 first second twenty one and , . - / the last 13 weeks on between
 compare repairs chat agents technicians by weekday each any other repeat again until 2025-13-40 12.5 1,000 #1 at least more than""".split()  # noqa: E501, SIM905


def questions(known: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """So many texts; every second one begins with the words of a known question."""
    rng = random.Random(seed)
    for n in range(count):
        yield _mutated(rng, _mixed(rng, known, n), n)


def _mixed(rng: random.Random, known: Sequence[str], n: int) -> str:
    words = rng.choice(known).split() if n % 2 else []
    words += [rng.choice(WORDS) for _ in range(rng.choice((2, 5, 9, 9, 30, 90) if n % 7 == 0 else (1, 3, 6, 9)))]
    if n % 3:
        rng.shuffle(words)
    if n % 11 == 0:
        words += ["".join(rng.choice("0123456789.,/-:٣⁶ ") for _ in range(rng.randrange(1, 60)))]
    return (" " if n % 13 else "").join(words)


def _mutated(rng: random.Random, text: str, n: int) -> str:
    for _ in range(n % 4):
        at = rng.randrange(len(text) + 1)
        sign = chr(rng.randrange(32, 0x2FFF)) if n % 5 == 0 else rng.choice("abcdefghijklmnopqrstuvwxyz '0123456789")
        text = text[:at] + rng.choice(("", sign)) + text[at + rng.choice((0, 1)) :]
    return text
