"""Guesses of metrics and dimensions from the columns of one fact."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from data.draft.guess import LATE, NO_MEASURE, Fold, Link, Unit, hinted, plural, repeating, singular
from data.draft.look import Looked
from data.draft.types import Seen, tidy

SCORE = "score rating csat stars grade satisfaction nps bewertung note"
AMOUNT = (
    "units pieces scrap fine fee amount price total revenue sales betrag umsatz summe qty quantity menge cost costs "
    "items net gross value"
)
LOWER = "delay late wait waiting cost costs duration time lateness overdue verspaetung wartezeit error errors complaint"
BAD = "escalated cancelled canceled returned failed refused rejected error storniert abandoned lost noshow missed left late open unpaid"  # noqa: E501
MOST = 12
"""Metrics drafted for one fact at most: a draft is read by somebody."""


@dataclass(frozen=True)
class Guess:
    """One drafted metric; num, den and value are SQL over the fact's columns."""

    key: str
    label: str
    plain: str
    kind: str
    unit: str
    direction: str
    words: tuple[str, ...]
    num: str = ""
    den: str = ""
    value: str = ""
    where: str = ""
    note: str = ""
    mirror: str = ""


@dataclass(frozen=True)
class Cut:
    """One drafted dimension. `facts` is SQL where it is not simply the column."""

    key: str
    label: str
    words: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: str = ""
    link: Link | None = None


UNITS = {
    "min": "minutes", "mins": "minutes", "minutes": "minutes", "sec": "seconds", "secs": "seconds",
    "seconds": "seconds", "hours": "hours", "hrs": "hours", "days": "days", "eur": "EUR", "usd": "USD", "gbp": "GBP",
    "chf": "CHF", "kg": "kg", "km": "km", "pct": "%", "percent": "%",
}  # fmt: skip


def bare(name: str) -> tuple[str, str]:
    """A column's words without the unit that it ends with, and that unit.

    >>> bare("waiting_time_min"), bare("amount")
    (('waiting time', 'minutes'), ('amount', ''))
    """
    *first, last = name.split("_")
    return (" ".join(first), UNITS[last]) if first and last in UNITS else (said(name), "")


def calls(c: Seen) -> tuple[str, ...]:
    """What people may call a column: with and without its unit, the last part of a nested name, without `score`."""
    names = [bare(c.name)[0], said(c.name), bare(tidy(c.field.rpartition(".")[2]))[0]]
    names += [n.removesuffix(f" {last}") for n in list(names) for last in ("score", "rating", "grade", "amount")]
    return tuple(dict.fromkeys(n for n in names if n))


def said(name: str) -> str:
    return name.replace("_", " ").strip()


def dimensions(looked: Looked, units: Sequence[Unit], linked: Sequence[Link]) -> list[Cut]:
    """Columns with few values that are no unit, no measure and no code without meaning; the hour of a time."""
    taken = {unit.column for unit in units}
    link = {lk.column: lk for lk in linked if lk.source == looked.source}
    made = []
    for c in repeating(looked, 300):
        if c.name in taken or (c.type == "int" and c.name not in link and not (c.name == "hour" or c.distinct <= 8)):
            continue
        if c.name in ("year", "month", "day", "week", "weekday", "quarter"):
            continue  # the calendar has these
        values = {v: (_lay(v),) for v in sorted(c.samples)} if c.distinct <= 12 and c.name not in link else {}
        found = link.get(c.name)
        made.append(Cut(c.name, said(c.name), _cut_words(c.name), values, "", found if found and found.name else None))
    moment = next((c for c in looked.columns if c.type == "time" and c.filled >= 0.9 * looked.size), None)
    if moment and not any(cut.key == "hour" for cut in made):
        made.append(Cut("hour", "hour of the day", ("hour", "hours", "hour of the day", "hour of day", "time of day"),
                        facts=f'hour("{moment.name}")'))  # fmt: skip
    return made


def _cut_words(name: str) -> tuple[str, ...]:
    word = said(name)
    extra = ("hour of the day", "hour of day", "time of day") if name == "hour" else ()
    return tuple(dict.fromkeys((word, plural(word), *extra)))


def _lay(value: str) -> str:
    return said(value).casefold() if "_" in value or value.isupper() is False else value


def metrics(looked: Looked, noun: str, fold: Fold | None) -> list[Guess]:
    """How many, then shares of yes and of bad ends, then times between moments, delays, averages and sums."""
    things = plural(noun) if fold else said(looked.source)
    made = [
        Guess(tidy(things), things.capitalize(), f"How many {things} there were.", "count", things, "context",
              (things, *([noun] if noun != things else []), f"number of {things}", f"how many {things}", "volume",
               *_last(things)), num="1")
    ]  # fmt: skip
    if fold:
        return [*made, *_between([f"{tidy(step)}_at" for step in fold.steps], noun)][:MOST]
    for column in looked.columns:
        made += _of_flag(column, noun) + _of_status(column, noun)
    made += _between([c.name for c in looked.columns if c.type == "time"], noun)
    made += _between([c.name for c in looked.columns if c.type == "date"], noun, "day")
    made += [_of_score(c, noun) for c in looked.columns if c.type in ("int", "number") and hinted(c, SCORE)]
    for column in looked.columns:
        if column.type in ("int", "number") and not _no_measure(column):
            made += _of_number(column, noun, _positive(looked, column))
    seen: dict[str, Guess] = {}
    for guess in made:
        seen.setdefault(guess.key, guess)
    return list(seen.values())[:MOST]


def _last(things: str) -> tuple[str, ...]:
    """`tickets` of support tickets."""
    word = things.split()[-1]
    return (word, singular(word)) if word != things else ()


def _no_measure(c: Seen) -> bool:
    """Codes, parts of a date, and clock times written as numbers (1730) are nothing to average."""
    clock = c.type == "int" and all(int(v) % 100 < 60 and 0 <= int(v) <= 2400 for v in c.samples)
    return c.distinct <= 8 or hinted(c, NO_MEASURE) or (clock and hinted(c, "time at") and max(map(len, c.samples)) > 2)


def _of_flag(c: Seen, noun: str) -> list[Guess]:
    if c.type != "flag":
        return []
    word = said(c.name)
    return [
        Guess(f"{c.name}_rate", f"Share {word}", f"Out of every 100 {plural(noun)}, how many are {word}.", "ratio",
              f"% of {plural(noun)}", "lower" if hinted(c, f"{BAD} {LATE}") else "higher",
              (word, f"{word} rate", f"share {word}"), num=f'"{c.name}"', den="1", where=f'"{c.name}" IS NOT NULL',
              mirror=f"not {word}")
    ]  # fmt: skip


def _of_status(c: Seen, noun: str) -> list[Guess]:
    if c.type != "text" or c.distinct > 12:
        return []
    ends = [v for v in c.samples if set(tidy(v).split("_")) & set(BAD.split())]
    return [
        Guess(f"{tidy(v)}_rate", f"{said(tidy(v)).capitalize()} {plural(noun)}",
              f"Out of every 100 {plural(noun)}, how many have {said(c.name)} {v}.", "ratio", f"% of {plural(noun)}",
              "lower", (said(tidy(v)), f"{said(tidy(v))} rate", f"{said(tidy(v))} {plural(noun)}"),
              num=f"\"{c.name}\" = '{v.replace(chr(39), chr(39) * 2)}'", den="1", mirror=f"not {said(tidy(v))}")
        for v in ends[:3]
    ]  # fmt: skip


def _moment(name: str) -> str:
    """The event of a moment: created_at, due_date."""
    return name.removesuffix("_at").removesuffix("_date").removesuffix("_time") or name


def _of_score(c: Seen, noun: str) -> Guess:
    word, unit = bare(c.name)
    names = tuple(form for name in calls(c) for form in (name, f"average {name}", f"mean {name}"))
    return Guess(f"average_{c.name}", f"Average {word}", f"The mean {word} of {plural(noun)}.", "avg", unit, "higher",
                 names, num=f'"{c.name}"', den="1", where=f'"{c.name}" IS NOT NULL')  # fmt: skip


def _between(moments: Sequence[str], noun: str, unit: str = "minute") -> list[Guess]:
    """Minutes (days) between one moment and the next, as the middle value."""
    made = []
    for first, then in itertools.pairwise(moments):
        a, b = said(_moment(first)), said(_moment(then))
        value = f'date_diff(\'{unit}\', "{first}", "{then}")'
        if unit == "minute":
            value = f'round(date_diff(\'second\', "{first}", "{then}") / 60.0, 1)'
        made.append(
            Guess(f"{_moment(first)}_to_{_moment(then)}", f"From {a} to {b}",
                  f"The typical {singular(noun)}'s {unit}s from {a} to {b} (half take longer).", "median", f"{unit}s",
                  "lower", (f"from {a} to {b}", f"{a} to {b}", f"time to {b}", f"time from {a} to {b}", f"wait for {b}",
                   f"until {b}"),
                  value=value, where=f'"{first}" IS NOT NULL AND "{then}" IS NOT NULL')
        )  # fmt: skip
    return made


def _of_number(c: Seen, noun: str, positive: float) -> list[Guess]:
    word, unit = bare(c.name)
    known = f'"{c.name}" IS NOT NULL'
    direction = "lower" if hinted(c, LOWER) else "context"
    made = []
    if hinted(c, LATE) and 0.02 < positive < 0.9:
        made.append(
            Guess(f"{c.name}_rate", f"Share with {word}", f"Out of 100 {plural(noun)}, how many had {word} over 0.",
                  "ratio", f"% of {plural(noun)}", "lower", (f"{word} rate", f"share with {word}"),
                  num=f'"{c.name}" > 0', den="1", where=known, note="over 0, or from which value on does it count?",
                  mirror=f"no {word}")
        )  # fmt: skip
    names = tuple(form for name in calls(c) for form in (f"average {name}", f"mean {name}", f"typical {name}", name))
    made.append(
        Guess(f"average_{c.name}", f"Average {word}", f"The mean {word} of {plural(noun)}.", "avg", unit, direction,
              names, num=f'"{c.name}"', den="1", where=known)
    )  # fmt: skip
    if hinted(c, AMOUNT):
        sums = tuple(form for name in calls(c) for form in (f"total {name}", f"sum of {name}", f"all {name}"))
        made.append(
            Guess(f"total_{c.name}", f"Total {word}", f"The {word} of all {plural(noun)} added up.", "sum", unit,
                  "context", sums, num=f'"{c.name}"', where=known)
        )  # fmt: skip
    return made


def _positive(looked: Looked, c: Seen) -> float:
    """Share of known values over 0."""
    values = list(looked.values(c.name))
    return sum(not v.startswith("-") and v.strip("0.,+") != "" for v in values) / len(values) if values else 0.0


def noun_of(looked: Looked, fold: Fold | None) -> str:
    """What one row is called.

    A case by its column when that says a word ("visit_id"), else the file's name in the singular.
    """
    if fold:
        word = "_".join(p for p in fold.case.split("_") if p not in ("id", "no", "nr", "number", "code", "key"))
        if word and not hinted(word, "id"):
            return said(word)
    return said(singular(looked.source))


__all__ = ["Cut", "Guess", "dimensions", "metrics", "noun_of", "said"]
