"""English as any company speaks it: stems and kinds of words. The words themselves lie in english.yml."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from queries.catalogue import LOADER

HERE = Path(__file__).parent
SHORT = re.compile("[^aeiou][aeiou][^aeiouwxy]")


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
    comparatives: frozenset[str]
    """Words that say that of two things one has more of something: later, happier."""
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
        comparatives=frozenset(raw["comparatives"].split()),
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
