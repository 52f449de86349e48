"""The period asked for, the one compared with, and the grain of a series."""

from __future__ import annotations

from dataclasses import replace

from queries import periods
from queries.periods import UNITS, Period
from queries.reach import default_period
from queries.reading.assemble.work import NotAskableError, Place, Work, levels_of
from queries.reading.dates import Found
from queries.reading.parts import Parts


def check_dates(p: Parts) -> None:
    """Raises NotAskableError for the future and for days that do not exist."""
    for f in p.dates:
        if f.problem:
            raise NotAskableError(f.problem)


def period_of(
    work: Work, about: list[Place], by: list[str], compare: set[str], explain: str | None
) -> tuple[Period | None, Period | None]:
    p, calendar = work.parts, work.know.calendar
    check_dates(p)
    main = [f for f in p.dates if f.start not in p.previous_at]
    earlier = [f for f in p.dates if f.start in p.previous_at]
    if len(main) == 2 and main[0].part and main[0].period == main[1].period:
        main = main[:1]
    if len(main) > 1 and not earlier:
        main, earlier = _two(work, main)
    steps = steps_of(earlier, work.pick)
    earlier = steps[:1]
    if len(main) > 1:
        main = [main[min(work.pick, len(main) - 1)]]
    if main and earlier:
        main, earlier = [_in_year(main[0], earlier[0])], [_in_year(earlier[0], main[0])]
    if main and earlier and earlier[0].period and main[0].period and earlier[0].period.start > main[0].period.start:
        main, earlier = earlier, main
    if main and main[0].relative == "year":
        if len(p.dates) == 1 and main[0].end - main[0].start == 3 and not p.compare:
            main = [replace(main[0], period=periods.whole("year", work.today, calendar, back=1), relative="")]
        else:
            main, earlier = [], main
    if explain == "definition" and not main:
        return None, None
    if main:
        period, unit, count = main[0].period, main[0].unit, main[0].count
        if main[0].note == "few":
            work.assumed.append("few")
        assert period is not None
    elif earlier or p.unit_on:
        unit = p.unit_on or (earlier[0].unit if earlier[0].period or earlier[0].relative == "before" else "") or ""
        if unit:
            count = earlier[0].count if earlier else 1
            period = periods.to_date(unit, work.today, calendar)
            if earlier and count > 1:
                period = periods.rolling(unit, count, work.today)
            work.assumed.append("period:running")
        else:
            period, unit, count = _default(work, about, by)
    else:
        period, unit, count = _default(work, about, by)
    if (
        "previous" not in compare
        and not earlier
        and not p.unit_on
        and not (p.orders and p.orders[0][0] == "most_improved")
    ):
        return period, None
    return period, previous_of(work, period, unit, count, [*earlier, *steps[1:]])


def steps_of(earlier: list[Found], pick: int) -> list[Found]:
    """The time compared with that is tried; `last week and the week before that` is counted from the one before it."""
    at = min(pick, len(earlier) - 1)
    first = at
    while first > 0 and earlier[first].relative == "before" and earlier[first].unit == earlier[first - 1].unit:
        first -= 1
    return earlier[first : at + 1]


def _in_year(f: Found, other: Found) -> Found:
    """`H1 vs H2 last year`: the year said at the end is the year of both."""
    if f.year_said or not f.again or not other.year_said or other.start < f.start or other.period is None:
        return f
    if other.unit == "year":  # "q3 vs last year"
        return f
    same = f.again(other.period.start.year)
    return f if same is None or same == other.period else replace(f, period=same)


def _two(work: Work, main: list[Found]) -> tuple[list[Found], list[Found]]:
    ordered = sorted(main, key=lambda f: f.period.start if f.period else work.today)
    if len(ordered) == 2:
        words = {t.norm for t in work.parts.scan.tokens}
        if words & {
            "compare",
            "comparison",
            "comparing",
            "between",
            "compared",
            "difference",
            "from",
            "to",
            "or",
            "and",
        }:
            return ordered[1:], ordered[:1]
    return main, []


def _default(work: Work, about: list[Place], by: list[str]) -> tuple[Period, str, int]:
    catalogue = work.know.catalogue
    level = about[0][0] if about else catalogue.whole
    if work.person in by:
        level = str(work.person)
    elif not about:
        level = next((b for b in by if b in levels_of(work)), level)
    asked = work.metrics if work.parts.explain == "next_step" else [work.metric]  # one step needs the most cases
    period, name = max((default_period(m, level, work.today, catalogue) for m in asked), key=lambda d: d[0].days)
    work.assumed.append("period:" + name)
    if name.startswith("rolling"):
        return period, "day", period.days
    unit, count = periods.shape(period, work.today, work.know.calendar)
    return period, unit, count


def previous_of(work: Work, period: Period, unit: str, count: int, earlier: list[Found]) -> Period:
    """The time compared with; of several steps each is counted from the one before."""
    for step in range(max(1, len(earlier))):
        period = _one_back(work, period, unit, count, earlier[step : step + 1])
    return period


def _one_back(work: Work, period: Period, unit: str, count: int, earlier: list[Found]) -> Period:
    on = work.parts.unit_on
    if not earlier and on and on != unit and UNITS.index(on) > UNITS.index(unit):
        return periods.year_ago(period, unit) if on == "year" else _back(period, on)
    if not earlier:
        work.assumed.append("previous")
        return periods.before(period, unit, count) if unit != "day" else periods.before(period, "day", period.days)
    f = earlier[0]
    if f.rule == "weekend before that":
        return Period(periods.add_days(period.start, -7), periods.add_days(period.end, -7))
    if f.relative == "year":
        return periods.year_ago(period, unit)
    if f.relative == "shift":
        return _back(period, f.unit)
    if f.relative == "before" and f.count > 1 and f.unit and (f.unit, f.count) != (unit, count):
        return Period(periods.shift(f.unit, period.start, -f.count), period.start)
    if f.relative == "before" and f.unit in UNITS and unit in UNITS and UNITS.index(f.unit) > UNITS.index(unit):
        return periods.year_ago(period, unit) if f.unit == "year" else _back(period, f.unit)
    if f.relative == "before":
        return periods.before(period, unit, count) if unit != "day" else periods.before(period, "day", period.days)
    assert f.period is not None
    if f.again and f.period.start == period.start:  # "this october against last october"
        return periods.year_ago(period, f.unit)
    before = periods.year_ago(period, unit) if f.unit == "year" and unit in ("month", "quarter") else None
    if before and f.count == 1 and f.period.start <= before.start and before.end <= f.period.end:
        return before
    return periods.like(period, f.period, unit) if f.unit == unit and f.count == 1 and count == 1 else f.period


def _back(period: Period, unit: str) -> Period:
    """The same days one unit before."""
    return Period(*(periods.shift(unit, day, -1) for day in (period.start, period.end)))


def grain_of(work: Work, period: Period | None) -> str | None:
    grain = work.parts.grain
    if not grain or period is None:
        return None
    if grain != "auto":
        return grain
    return "day" if period.days <= 31 else "week" if period.days <= 26 * 7 else "month"
