"""Joins date phrases: from X to Y, since X, the week of X, the first week of X; then cuts at today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from queries import periods
from queries.periods import Calendar, Period, add_days
from queries.reading.dates import FUTURE, IMPOSSIBLE, OPEN, Found, atoms
from queries.reading.dates.shared import shared
from queries.reading.english import english
from queries.reading.tokens import Token

JOINERS = frozenset(("to", "-", "–", "—", "until", "till", "til", "through", "thru", "~"))
ONWARD = frozenset(("on", "onward", "onwards", "forward"))
PLURAL = frozenset(f"{day}days" for day in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun"))
NOW = frozenset(("today", "now", "date"))


@dataclass(frozen=True)
class Scan:
    tokens: Sequence[Token]
    at: dict[int, list[Found]]
    today: date
    calendar: Calendar

    def norm(self, i: int) -> str:
        return self.tokens[i].norm if 0 <= i < len(self.tokens) else ""

    def here(self, i: int) -> Iterator[Found]:
        """Date phrases at a token, a leading article skipped."""
        yield from self.at.get(i, ())
        if self.norm(i) in ("the", "on", "about"):
            for f in self.at.get(i + 1, ()):
                yield replace(f, start=i)


def find(tokens: Sequence[Token], today: date, calendar: Calendar) -> list[Found]:
    """All date phrases of a question, none overlapping, in order. Periods are cut at tomorrow."""
    scan = Scan(tokens, _plausible(tokens, atoms(tokens, today, calendar)), today, calendar)
    found = [f for group in scan.at.values() for f in group]
    for i in range(len(tokens)):
        found.extend(_joined(scan, i))
        found.extend(shared(tokens, scan.at, i, today, calendar))
    chosen: list[Found] = []
    for f in sorted(found, key=lambda f: (f.start - f.end, f.start, not f.problem)):
        if all(f.end <= c.start or f.start >= c.end for c in chosen):
            chosen.append(f)
    return [_finish(f, today) for f in sorted(chosen, key=lambda f: f.start)]


def _plausible(tokens: Sequence[Token], at: dict[int, list[Found]]) -> dict[int, list[Found]]:
    """Without the verbs and names that look like months or weekdays: may I, a march of."""
    subjects = {"i", "we", "you", "they", "it", "be", "have", "not"}
    out: dict[int, list[Found]] = {}
    for i, group in at.items():
        kept = []
        for f in group:
            words = {t.norm for t in tokens[f.start : f.end]}
            after = tokens[f.end].norm if f.end < len(tokens) else ""
            before = tokens[f.start - 1].norm if f.start else ""
            many = f.rule == "weekday" and tokens[f.end - 1].norm in PLURAL and not tokens[f.end - 1].possessive
            if words & {"later"} and f.problem and _standing(tokens, f.start):
                continue
            if many and (before == "on" or tokens[f.start].norm == "on" or len(at) > 1):
                continue
            verb = (
                words & {"may", "sat", "mar", "sun", "wed"}
                and f.end - f.start == 1
                and (after in subjects or before in subjects)
            )
            if not verb:
                kept.append(f)
        if kept:
            out[i] = kept
    return out


def _standing(tokens: Sequence[Token], at: int) -> bool:
    """`am I later this month`: how late somebody is, no time to come."""
    return bool({"am", "are", "is", "was", "were"} & {t.norm for t in tokens[max(0, at - 3) : at]})


def _finish(f: Found, today: date) -> Found:
    if f.problem or f.period is None:
        return f
    if f.period.start > today:
        return replace(f, period=None, problem=FUTURE)
    return replace(f, period=periods.cut(f.period, today))


def _joined(scan: Scan, i: int) -> Iterator[Found]:
    word = scan.norm(i)
    lead = i + 1 if word in ("from", "between") else i
    if word in ("since", "from", "starting", "after", "beginning"):
        yield from _since(scan, i)
    if word in ("before", "until", "till", "pre") or (word == "up" and scan.norm(i + 1) in ("to", "until", "till")):
        yield from _open(scan, i)
    for first in scan.here(lead):
        if first.period is not None:
            yield from _range(scan, i, first, word)
    if word in ("week", "w", "wc", "weeks") or (word == "the" and scan.norm(i + 1) in ("week", "w")):
        yield from _week_of(scan, i)
    yield from _nth_of(scan, i)


def _since(scan: Scan, i: int) -> Iterator[Found]:
    word = scan.norm(i)
    tomorrow = add_days(scan.today, 1)
    for offset in (1, 2):
        if offset == 2 and not (word == "starting" and scan.norm(i + 1) in ("from", "on", "in", "with")):
            continue
        for f in scan.here(i + offset):
            if f.problem:
                yield replace(f, start=i)
            if f.period is None or (f.rule == "last unit" and word == "since" and _moved(scan, i)):
                continue
            start = f.period.end if word == "after" else f.period.start
            end = f.end
            if word in ("from", "starting", "beginning"):
                if scan.norm(end) not in ONWARD:
                    continue
                end += 1
            elif scan.norm(end) in ONWARD or (scan.norm(end) in ("to", "until", "till") and scan.norm(end + 1) in NOW):
                end += 1 if scan.norm(end) in ONWARD else 2
            elif scan.norm(end) == "until" or scan.norm(end) == "up":
                continue
            problem = FUTURE if start > scan.today else ""
            period = None if problem else Period(start, tomorrow)
            yield Found(i, end, period, "day", (tomorrow - start).days, "since", problem)
    words = [scan.norm(k) for k in range(i, i + 6)]
    if words[1] == "the" and words[2] in ("start", "beginning", "first") and words[3] == "of":
        at = 5 if words[4] in ("the", "this") else 4
        unit = english().units.get(scan.norm(i + at))
        if unit:
            yield Found(i, i + at + 1, periods.to_date(unit, scan.today, scan.calendar), unit, 1, "since the start")
        for f in scan.here(i + 4):
            if f.period:
                yield Found(i, f.end, Period(f.period.start, tomorrow), "day", 1, "since")


def _moved(scan: Scan, i: int) -> bool:
    """`how has it changed since last year`: the time compared with, not one that began then."""
    return bool({t.norm for t in scan.tokens[:i]} & english().motion)


def _open(scan: Scan, i: int) -> Iterator[Found]:
    at = i + 2 if scan.norm(i) == "up" else i + 1
    for f in scan.here(at):
        if (f.period or f.problem) and not f.relative and scan.norm(at) not in NOW:
            yield Found(i, f.end, None, "day", 1, "open", OPEN)


def _range(scan: Scan, i: int, first: Found, lead: str) -> Iterator[Found]:
    joiner = scan.norm(first.end)
    if joiner == "and" and lead != "between":
        return
    if joiner == "up" and scan.norm(first.end + 1) in ("to", "until", "till"):
        first = replace(first, end=first.end + 1)
    elif joiner not in JOINERS and not (joiner == "and" and lead == "between"):
        return
    if joiner in JOINERS and scan.norm(first.end + 1) in NOW and first.period:
        period = Period(first.period.start, add_days(scan.today, 1))
        yield Found(i, first.end + 2, period, "day", period.days, "to today", first.problem)
        return
    for second in scan.here(first.end + 1):
        made = _between(scan, first, second)
        if made is not None:
            yield replace(made, start=i)


def _between(scan: Scan, first: Found, second: Found) -> Found | None:
    """From the one to the other, both inside; a missing year is taken from the other end."""
    if second.problem == IMPOSSIBLE or second.relative or (second.period is None and second.problem != FUTURE):
        return replace(first, end=second.end, period=None, problem=IMPOSSIBLE) if second.problem == IMPOSSIBLE else None
    if first.period is None or second.period is None:
        return None
    start, end = first.period, second.period
    if first.again and second.year_said:
        for year in (end.start.year, end.start.year - 1):
            moved = first.again(year)
            if moved and moved.start <= end.start:
                start = moved
                break
    elif first.again and second.again and start.start > end.start:
        for year in range(end.start.year, end.start.year - 9, -1):
            moved = first.again(year)
            if moved and moved.start <= end.start:
                start = moved
                break
    elif second.again and first.year_said:
        for year in (start.start.year, start.start.year + 1):
            moved = second.again(year)
            if moved and moved.start >= start.start:
                end = moved
                break
    elif start.start > end.start and first.rule in ("weekday", "last weekday"):
        start = Period(add_days(start.start, -7), add_days(start.end, -7))
    if start.start > end.start:
        return Found(first.start, second.end, None, "day", 1, "range", IMPOSSIBLE)
    unit = first.unit if first.unit == second.unit else "day"
    period = Period(start.start, end.end)
    return Found(first.start, second.end, period, unit, _count(period, unit), "range")


def _count(period: Period, unit: str) -> int:
    count, end = 0, period.start
    while end < period.end and count < 6000:
        count += 1
        end = periods.shift(unit, period.start, count)
    return max(count, 1)


def _week_of(scan: Scan, i: int) -> Iterator[Found]:
    """The week of a day: the one that holds it; week ending: the same."""
    at = i + 1 if scan.norm(i) == "the" else i
    if scan.norm(at) == "wc" or scan.norm(at) == "weeks":
        at += 1
    elif scan.norm(at) == "w" and scan.norm(at + 1) in ("/", "."):
        at += 3 if scan.norm(at + 2) in ("c", "e", "b") else 2
    elif scan.norm(at) == "week" and scan.norm(at + 1) in (
        "of", "starting", "beginning", "commencing", "ending", "containing", "from", "with", "around", "in",
    ):  # fmt: skip
        at += 3 if scan.norm(at + 2) in ("on", "with", "from") else 2
    else:
        return
    for f in scan.here(at):
        if f.problem:
            yield replace(f, start=i)
        elif f.period is not None and f.unit == "day" and f.period.days <= 7:
            first = periods.start_of("week", f.period.start, scan.calendar)
            yield Found(i, f.end, Period(first, add_days(first, 7)), "week", 1, "week of")


def _nth_of(scan: Scan, i: int) -> Iterator[Found]:
    """The first, second, last week of a month or year; the first or last N days of it."""
    at = i + 1 if scan.norm(i) == "the" else i
    if at >= len(scan.tokens):
        return
    t = scan.tokens[at]
    final = t.norm in ("last", "final")
    n = 1 if final else t.number if t.ordinal else None
    if n is None or n < 1:
        return
    many = scan.tokens[at + 1] if at + 1 < len(scan.tokens) else None
    size = many.number if many is not None and many.number and not many.ordinal else None
    at += 1 if size else 0
    unit = english().units.get(scan.norm(at + 1))
    if unit not in ("week", "day") or scan.norm(at + 2) not in ("of", "in"):
        return
    for f in scan.here(at + 3):
        if f.period is None or f.unit not in ("month", "quarter", "half", "year"):
            continue
        whole = Period(f.period.start, periods.shift(f.unit, f.period.start, 1))
        period = _part_of(whole, unit, n, final, size, scan.calendar)
        problem = "" if period else IMPOSSIBLE
        yield Found(i, f.end, period, unit, size or 1, "nth of", problem)


def _part_of(whole: Period, unit: str, n: int, final: bool, size: int | None, calendar: Calendar) -> Period | None:
    days = (size or 1) * (7 if unit == "week" else 1)
    if unit == "day":
        if final:
            return Period(add_days(whole.end, -days), whole.end)
        start = add_days(whole.start, n - 1 if not size else 0)
        return Period(start, add_days(start, days)) if start < whole.end else None
    first = periods.start_of("week", add_days(whole.start, 3), calendar)
    end = add_days(periods.start_of("week", add_days(whole.end, -4), calendar), 7)
    if final:
        return Period(add_days(end, -days), end)
    start = add_days(first, 7 * (n - 1) if not size else 0)
    return Period(start, add_days(start, days)) if start < end else None
