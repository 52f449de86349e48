"""Guesses from looked-at files: which are look-up tables, what is an event or a case, which columns are units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.draft.look import Looked
from data.draft.types import Seen

UNIT = "team group crew branch store shop ward department dept clinic site unit depot station office desk outlet filiale abteilung standort markt praxis hotel restaurant school plant line"  # noqa: E501
ABOVE = "region area district country city division state zone county bezirk land kreis"
PEOPLE = "agent employee nurse doctor clerk cashier driver technician worker staff operator seller teacher mitarbeiter kassierer fahrer verkaeufer handler assignee owner user consultant waiter"  # noqa: E501
SINGLE = "vehicle machine device truck bus robot till register kasse unit"
NO_MEASURE = "id no nr num number code zip plz phone year month day hour minute week lat lon latitude longitude key version flight index row seq"  # noqa: E501
NAME = "name title label description bezeichnung text titel"
STEP = "event status step type action state activity ereignis stage kind"
CASE = "id case visit ticket order patient number no nr reference ref booking incident vorgang fall"
LATE = "delay late lateness overdue wait waiting verspaetung wartezeit"


@dataclass(frozen=True)
class Link:
    """A column of one source whose values are codes of another: `code` and `name` are columns of `table`."""

    source: str
    column: str
    table: str
    code: str
    name: str


@dataclass(frozen=True)
class Fold:
    """Events that make up cases: the columns that hold the case, the step and the moment, and the steps in order."""

    case: str
    step: str
    at: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """A level of the organisation, from a column."""

    key: str
    column: str
    people: bool
    link: Link | None


def hinted(column: Seen | str, words: str) -> bool:
    """Whether a part of the column's name is one of some words."""
    name = column if isinstance(column, str) else column.name
    parts = name.split("_")
    return bool({*parts, *(p.rstrip("s") for p in parts), name.replace("_", "")} & set(words.split()))


def links(found: Sequence[Looked]) -> list[Link]:
    """Columns that hold codes of another, smaller file (of which at least six in ten are found there)."""
    made = []
    for table in found:
        for code in table.columns:
            if code.distinct < 2 or code.distinct < 0.98 * code.filled or code.type in ("date", "time", "number"):
                continue
            codes = set(table.values(code.name))
            for other in found:
                if other is table or other.size <= table.size:
                    continue
                for column in other.columns:
                    if _refers(column, code, table) and _inside(other, column, codes):
                        made.append(Link(other.source, column.name, table.source, code.name, _name_of(table, code)))
    return made


def _refers(column: Seen, code: Seen, table: Looked) -> bool:
    """Numbers overlap by chance, so they also need the name."""
    if column.type != code.type or column.unique:
        return False
    stem = table.source.rstrip("s")
    return column.type == "text" or column.name == code.name or stem in column.name


def _inside(other: Looked, column: Seen, codes: set[str]) -> bool:
    values = set(other.values(column.name))
    return len(values) >= 2 and len(values & codes) >= 0.6 * len(values)


def _name_of(table: Looked, code: Seen) -> str:
    texts = [c for c in table.columns if c.type == "text" and c is not code and c.filled]
    named = [c for c in texts if hinted(c, NAME)]
    different = [c for c in texts if c.distinct == c.filled == table.size]
    best = next(iter([*named, *different]), None)
    return best.name if best else ""


def day_column(looked: Looked) -> Seen | None:
    """The column by which rows belong to days: a full date first, else a full time, the first of its kind."""
    dated = [c for c in looked.columns if c.type in ("date", "time") and c.filled >= 0.9 * looked.size]
    return next(iter(sorted(dated, key=lambda c: c.type)), None)


def events(found: Sequence[Looked], linked: Iterable[Link]) -> list[Looked]:
    """Sources whose rows happen on days and that are not only looked up."""
    tables = {link.table for link in linked}
    return [looked for looked in found if day_column(looked) and looked.source not in tables]


def key_of(looked: Looked) -> tuple[str, ...]:
    """The column, else the two, that tell rows apart; () when none do."""
    for column in looked.columns:
        if column.unique and column.type in ("text", "int") and (hinted(column, CASE) or column is looked.columns[0]):
            return (column.name,)
    return ()


def fold_of(looked: Looked) -> Fold | None:
    """How events make cases: a repeating case, a step of few kinds that comes about once per case, a moment."""
    at = next((c for c in looked.columns if c.type == "time" and c.filled >= 0.98 * looked.size), None)
    steps = [c for c in looked.columns if c.type == "text" and 2 <= c.distinct <= 15 and hinted(c, STEP)]
    if at is None or not steps:
        return None
    for case in sorted(looked.columns, key=lambda c: -c.distinct):
        if case.type not in ("text", "int") or not hinted(case, CASE) or case.filled < 0.98 * looked.size:
            continue
        for step in steps:
            if 1.5 <= looked.size / case.distinct <= 30 and _about_once(looked, case, step):
                return Fold(case.name, step.name, at.name, _in_order(looked, case, step, at))
    return None


def _about_once(looked: Looked, case: Seen, step: Seen) -> bool:
    pairs = {(row.get(case.field), row.get(step.field)) for row in looked.rows}
    return len(pairs) >= 0.9 * looked.size


def _in_order(looked: Looked, case: Seen, step: Seen, at: Seen) -> tuple[str, ...]:
    """Steps by their mean place within a case."""
    cases: dict[str, list[tuple[str, str]]] = {}
    for row in looked.rows[:50_000]:
        moment, name = row.get(at.field) or "", row.get(step.field) or ""
        if name:
            cases.setdefault(row.get(case.field) or "", []).append((moment, name))
    places: dict[str, list[int]] = {}
    for rows in cases.values():
        for place, (_, name) in enumerate(sorted(rows)):
            places.setdefault(name, []).append(place)
    return tuple(sorted(places, key=lambda name: (sum(places[name]) / len(places[name]), name)))


def follows(looked: Looked, low: Seen, high: Seen) -> float:
    """Share of rows whose value of `high` is the one that their value of `low` mostly goes with."""
    counts: dict[str, dict[str, int]] = {}
    total = 0
    for row in looked.rows:
        a, b = row.get(low.field) or "", row.get(high.field) or ""
        if a and b and a not in low.missing:
            counts.setdefault(a, {})[b] = counts.setdefault(a, {}).get(b, 0) + 1
            total += 1
    return sum(max(c.values()) for c in counts.values()) / total if total else 0.0


def repeating(looked: Looked, most: int = 5000) -> list[Seen]:
    """Columns whose few values come again and again: what figures can be broken down by."""
    some = [c for c in looked.columns if c.type in ("text", "int", "flag") and 2 <= c.distinct <= most]
    return [c for c in some if c.filled >= 3 * c.distinct and c.longest <= 60]


def units(looked: Looked, linked: Sequence[Link]) -> list[Unit]:
    """Levels from the single one upward, guessed from names of columns, look-ups, and what lies within what."""
    link = {lk.column: lk for lk in linked if lk.source == looked.source}
    columns = [c for c in repeating(looked) if c.type == "text" or c.name in link or _is_code(c)]

    def unit(column: Seen, people: bool = False) -> Unit:
        found = link.get(column.name)
        return Unit(level_key(column.name, found), column.name, people, found)

    middle = _middle(columns, link)
    if middle is None:
        return []
    chain = [unit(middle)]
    finer = [c for c in columns if c.distinct > 2 * middle.distinct and c is not middle]
    lower = sorted(finer, key=lambda c: not hinted(c, f"{PEOPLE} {SINGLE}"))
    lower = [c for c in lower if hinted(c, f"{PEOPLE} {SINGLE}") or (c.name in link and c.type == "text")]
    single = next((c for c in lower if follows(looked, c, middle) >= 0.8), None)
    if single:
        chain.insert(0, unit(single, hinted(single, PEOPLE)))
    above = [c for c in columns if hinted(c, f"{ABOVE} {UNIT}") and c.distinct < middle.distinct]
    chain += [unit(c) for c in sorted(above, key=lambda c: -c.distinct) if follows(looked, middle, c) >= 0.99]
    return chain


def _is_code(c: Seen) -> bool:
    """A number that names something rather than counts it."""
    return c.type == "int" and c.name.rpartition("_")[2] in ("id", "no", "nr", "code", "number", "key")


def _middle(columns: Sequence[Seen], link: dict[str, Link]) -> Seen | None:
    """The column of teams: named like one, else one with a look-up that names it, else none."""
    named = sorted((c for c in columns if hinted(c, UNIT) and c.distinct <= 1000), key=lambda c: -c.distinct)
    looked_up = [c for c in columns if c.name in link and link[c.name].name and c.distinct <= 200]
    above = [c for c in columns if hinted(c, ABOVE)]
    people = [c for c in columns if hinted(c, PEOPLE)]
    return next(iter([*named, *looked_up, *above, *people]), None)


def level_key(column: str, link: Link | None) -> str:
    """A short key for a level: the singular of its look-up table, else the column without id, code, number or name.

    >>> level_key("carrier", Link("flights", "carrier", "airlines", "carrier", "name")), level_key("store_id", None)
    ('airline', 'store')
    """
    word = singular(link.table) if link and link.name and not link.table.startswith(column) else column
    return re.sub(r"_(id|no|nr|code|key|num|number|name)$", "", word) or column


def singular(word: str) -> str:
    """
    >>> singular("branches"), singular("deliveries"), singular("class"), singular("tickets")
    ('branch', 'delivery', 'class', 'ticket')
    """
    for ending, other in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")):
        if word.endswith(ending):
            return word[: -len(ending)] + other
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def plural(word: str) -> str:
    """
    >>> plural("branch"), plural("delivery"), plural("day"), plural("team")
    ('branches', 'deliveries', 'days', 'teams')
    """
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")
