"""Words that a company has taught. They belong to the company, name who taught them and when, and can be taken back.

A taught word becomes an ordinary word of the catalogue (`taught_catalogue`), so the reading knows no second kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Row, insert, select, update

from queries.catalogue import Catalogue, Dimension
from queries.state.questions import Logged, mend, waiting
from queries.state.tables import TAUGHT, State, moment

KINDS = ("metric", "mirror", "value", "dimension", "level")


@dataclass(frozen=True)
class Meaning:
    """What a word is taught to mean.

    `kind` metric or mirror: `key` is a metric; value: `key` is a dimension and `value` one of its values;
    dimension: `key` is a dimension; level: `key` is a level.
    """

    kind: str
    key: str
    value: str = ""


@dataclass(frozen=True)
class Word:
    """One taught word; `undone_at` is empty while it holds."""

    id: int
    phrase: str
    meaning: Meaning
    taught_by: str
    taught_at: str
    undone_by: str
    undone_at: str


def faults(phrase: str, meaning: Meaning, catalogue: Catalogue) -> list[str]:
    """Why a word cannot be taught; empty when it can."""
    found = []
    if not any(c.isalpha() for c in phrase) or len(phrase) > 60:
        found.append("a taught word needs letters and at most 60 characters")
    known: Mapping[str, Iterable[str]] = {
        "metric": catalogue.metrics,
        "mirror": [k for k, m in catalogue.metrics.items() if m.mirror_of != "none"],
        "dimension": catalogue.dimensions,
        "value": catalogue.dimensions,
        "level": [level.key for level in catalogue.levels],
    }
    if meaning.kind not in known:
        found.append(f"a word can mean one of: {', '.join(KINDS)}")
    elif meaning.key not in known[meaning.kind]:
        found.append(f"{meaning.key} is no {meaning.kind} here")
    elif meaning.kind == "value" and not meaning.value:
        found.append("which value?")
    return found


def teach(state: State, phrase: str, meaning: Meaning, login: str, *, at: datetime) -> int:
    """Teach a word and give back its id; the same word with the same meaning is taught once.

    Whoever calls has checked `faults`, shown `new_clashes`, and that the role may teach.
    """
    phrase = " ".join(phrase.casefold().split())
    row = {"phrase": phrase, "kind": meaning.kind, "key": meaning.key, "value": meaning.value}
    with state.write() as connection:
        same = [TAUGHT.c[k] == v for k, v in row.items()]
        found = connection.execute(select(TAUGHT.c.id).where(*same, TAUGHT.c.undone_at == "")).scalar()
        if found is not None:
            return int(found)
        done = connection.execute(insert(TAUGHT).values(**row, taught_by=login, taught_at=moment(at)))
        key = done.inserted_primary_key
        return int(key[0]) if key else 0


def take_back(state: State, word_id: int, login: str, *, at: datetime) -> None:
    """Take a taught word back. The row stays, with who did it and when."""
    with state.write() as connection:
        connection.execute(
            update(TAUGHT).where(TAUGHT.c.id == word_id, TAUGHT.c.undone_at == "")
            .values(undone_by=login, undone_at=moment(at))
        )  # fmt: skip


def words(state: State, *, holding: bool = True) -> list[Word]:
    """The taught words in the order taught: those that hold, or with `holding=False` also those taken back."""
    query = select(TAUGHT).order_by(TAUGHT.c.id)
    with state.read() as connection:
        rows = connection.execute(query.where(TAUGHT.c.undone_at == "") if holding else query).all()
    return [_word(row) for row in rows]


def taught_catalogue(catalogue: Catalogue, taught: Iterable[tuple[str, Meaning]]) -> Catalogue:
    """The catalogue with taught words among its own; words whose meaning is gone from the catalogue are left out."""
    for phrase, meaning in taught:
        catalogue = _with(catalogue, phrase, meaning)
    return catalogue


def pairs(taught: Iterable[Word]) -> list[tuple[str, Meaning]]:
    """Phrase and meaning of taught words, as `taught_catalogue` takes them."""
    return [(word.phrase, word.meaning) for word in taught]


def new_clashes(
    catalogue: Catalogue, phrase: str, meaning: Meaning, clashes: Callable[[Catalogue], Iterable[str]]
) -> list[str]:
    """What the clash check of the reading says with the word that it does not say without it."""
    before = set(clashes(catalogue))
    return [c for c in clashes(_with(catalogue, " ".join(phrase.casefold().split()), meaning)) if c not in before]


def would_read(state: State, reads: Callable[[Logged], bool]) -> list[Logged]:
    """Waiting questions that `reads` (a reading with the new word in it) takes without leaving a word over."""
    return [logged for logged in waiting(state) if reads(logged)]


def mend_those(state: State, reads: Callable[[Logged], bool], *, at: datetime) -> list[Logged]:
    """After teaching: mark every waiting question that reads by now, so that its asker is told."""
    mended = would_read(state, reads)
    if mended:
        mend(state, [logged.id for logged in mended], at=at)
    return mended


def _with(catalogue: Catalogue, phrase: str, meaning: Meaning) -> Catalogue:
    key = meaning.key
    metrics, dimensions, levels = dict(catalogue.metrics), dict(catalogue.dimensions), catalogue.levels
    if meaning.kind == "metric" and key in metrics:
        metrics[key] = replace(metrics[key], words=(*metrics[key].words, phrase))
    elif meaning.kind == "mirror" and key in metrics:
        metrics[key] = replace(metrics[key], mirror_words=(*metrics[key].mirror_words, phrase))
    elif meaning.kind == "dimension" and key in dimensions:
        dimensions[key] = replace(dimensions[key], words=(*dimensions[key].words, phrase))
    elif meaning.kind == "value" and key in dimensions:
        dimensions[key] = _with_value(dimensions[key], meaning.value, phrase)
    elif meaning.kind == "level":
        levels = tuple(replace(v, words=(*v.words, phrase)) if v.key == key else v for v in levels)
    return replace(catalogue, metrics=metrics, dimensions=dimensions, levels=levels)


def _with_value(dimension: Dimension, value: str, phrase: str) -> Dimension:
    names = dimension.values.get(value, (value,))
    return replace(dimension, values={**dimension.values, value: (*names, phrase)})


def _word(row: Row[tuple[object, ...]]) -> Word:
    m = row._mapping
    return Word(int(m["id"]), m["phrase"], Meaning(m["kind"], m["key"], m["value"]), m["taught_by"], m["taught_at"],
                m["undone_by"], m["undone_at"])  # fmt: skip
