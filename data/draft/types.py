"""What a column of texts holds: its type, date formats, missing marks, decimal comma, and how its values repeat."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

MARKS = ("NA", "N/A", "n/a", "NULL", "null", "\\N", "None", "none", "nan", "NaN", "?", "-", "--", ".", "k.A.", "#N/A")
FLAGS = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"1", "0"}, {"j", "n"})
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%y", "%d %b %Y", "%d-%b-%Y")
CLOCKS = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
TIMES = tuple(f"{day}{gap}{clock}" for day in DAYS for gap in (" ", "T") for clock in CLOCKS)
LOOKED_AT = 4000
"""Different values that a type is told from."""


@dataclass(frozen=True)
class Seen:
    """One column as found. `field` is its name in the file, `name` the tidy one; counts are over all rows looked at."""

    name: str
    field: str
    type: str
    formats: tuple[str, ...]
    missing: tuple[str, ...]
    decimal: str
    unsure: str
    """What the author should look at, in words; empty when sure."""
    filled: int
    distinct: int
    rows: int
    samples: tuple[str, ...]
    longest: int
    take: str = ""
    """Pattern of the part of a value that is the number, where signs stand around it ($ 12.50)."""

    @property
    def unique(self) -> bool:
        """Every row has a value and none comes twice."""
        return self.filled == self.rows == self.distinct


def tidy(name: str) -> str:
    """A column name as it is used in SQL.

    >>> tidy("Betrag (EUR)"), tidy("after.State"), tidy("2nd Visit")
    ('betrag_eur', 'after_state', 'c_2nd_visit')
    """
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    for old, new in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("é", "e"), ("è", "e")):
        text = text.casefold().replace(old, new)
    text = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_") or "column"
    return f"c_{text}" if text[0].isdigit() else text


def seen(name: str, values: Sequence[str]) -> Seen:
    """What a column holds, from all its texts."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    counts.pop("", None)
    marks = tuple(m for m in MARKS if m in counts)
    known = [v for v in counts if v not in marks]
    kind, formats, decimal, unsure = kind_of(known[:LOOKED_AT])
    if kind == "text" and marks:  # a dash among words may be a value; only clear marks count there
        marks = tuple(m for m in marks if m not in ("-", "--", ".", "?", "none"))
        known = [v for v in counts if v not in marks]
    take = ""
    if kind == "text":
        kind, decimal, take = _with_signs(known[:LOOKED_AT])
    often = sorted(known, key=lambda v: (-counts[v], v))
    return Seen(
        name=tidy(name), field=name, type=kind, formats=formats, missing=marks, decimal=decimal, unsure=unsure,
        filled=sum(counts[v] for v in known), distinct=len(known), rows=len(values), samples=tuple(often[:40]),
        longest=max(map(len, known), default=0), take=take,
    )  # fmt: skip


def kind_of(known: Sequence[str]) -> tuple[str, tuple[str, ...], str, str]:
    """Type, date formats, decimal sign and doubts of different known values.

    >>> kind_of(["12,5", "1.200,00"])[:3:2]
    ('number', ',')
    >>> kind_of(["18.11.2026"])
    ('date', ('%d.%m.%Y',), '.', '')
    """
    if not known:
        return "text", (), ".", "empty in every row looked at"
    if {v.casefold() for v in known} in FLAGS:
        return "flag", (), ".", ""
    for kind, formats in (("date", DAYS), ("time", TIMES)):
        fits = [f for f in formats if _all(known, lambda v, f=f: _parses(v, f))]  # type: ignore[misc]
        if fits:
            return kind, tuple(fits[:1]), ".", _day_or_month(fits)
    if _all(known, _is_iso):
        return "time", (), ".", ""
    return (*_number_kind(known), "")


def _number_kind(known: Sequence[str]) -> tuple[str, tuple[str, ...], str]:
    def fits(pattern: str) -> bool:
        return _all(known, lambda v: re.fullmatch(pattern, v))

    if fits(r"[-+]?(0|[1-9]\d*)"):
        return ("int" if max(map(len, known)) <= 18 else "text"), (), "."
    if fits(r"\d{2}:\d{2}(:\d{2})?"):
        return "clock", (), "."
    if fits(r"[-+]?(0|[1-9]\d*)?(\.\d+)?([eE][-+]?\d+)?"):
        return "number", (), "."
    if fits(r"[-+]?([1-9]\d{0,2}(\.\d{3})+|0|[1-9]\d*)(,\d+)?"):
        return "number", (), ","
    return "text", (), "."


def _with_signs(known: Sequence[str]) -> tuple[str, str, str]:
    """Amounts with a currency or per cent sign: number, its decimal sign, and the pattern that takes it out."""
    signed = re.compile(r"[-+]?\s*([$€£¥]|EUR|USD|GBP|CHF)?\s*([-+]?[\d.,']*\d)\s*([$€£¥%]|EUR|USD|GBP|CHF)?")
    found = [signed.fullmatch(v) for v in known]
    if not known or not all(m and (m[1] or m[3]) for m in found):
        return "text", ".", ""
    kind, _, decimal = _number_kind([m[2] for m in found if m])
    return ("number", decimal, "([-+]?[0-9][0-9.,]*)") if kind in ("int", "number") else ("text", ".", "")


def _day_or_month(fits: Sequence[str]) -> str:
    both = {f.split("/")[0] for f in fits if f.startswith(("%d/%m", "%m/%d"))}
    return "day first or month first? every value fits both" if len(both) > 1 else ""


def _all(values: Iterable[str], good: Callable[[str], object]) -> bool:
    return all(good(v) for v in values)


def _parses(value: str, pattern: str) -> bool:
    if value[:4].isdigit() != pattern.startswith("%Y"):
        return False
    try:
        datetime.strptime(value, pattern)
    except ValueError:
        return False
    return True


def _is_iso(value: str) -> bool:
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
