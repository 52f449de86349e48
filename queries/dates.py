# ruff: noqa: E501
"""Date phrases to periods: an ordered list of small rules over the words; the longest match wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from queries import periods
from queries.english import Token, english
from queries.periods import Calendar, Period, add_days

FUTURE, IMPOSSIBLE, OPEN = "future", "impossible", "open"


@dataclass(frozen=True)
class Found:
    """A date phrase: token span, period, and the unit and count it is made of."""

    start: int
    end: int
    period: Period | None
    unit: str
    count: int = 1
    rule: str = ""
    problem: str = ""
    """`future`, `impossible` or `open` (no beginning said)."""
    part: str = ""
    """A part of the day said with it."""
    year_said: bool = True
    again: Callable[[int], Period | None] | None = None
    """The same phrase in another year, for ranges where only one end names it."""
    relative: str = ""
    """For comparisons: `before` (the unit before), `year` (the same time a year ago)."""
    note: str = ""


@dataclass(frozen=True)
class Ask:
    """What a rule may look at: the match, today and the company's calendar."""

    groups: dict[str, str]
    today: date
    calendar: Calendar

    def n(self, key: str = "n") -> int:
        return int(re.sub(r"\D", "", self.groups.get(key) or "") or 1)


Made = Found | None
Rule = tuple[str, str, Callable[[Ask], Made]]


def _found(period: Period | None, unit: str, count: int = 1, **more: object) -> Found:
    return Found(0, 0, period, unit, count, **more)  # type: ignore[arg-type]


def _problem(problem: str) -> Found:
    return Found(0, 0, None, "day", problem=problem)


# --- named days -----------------------------------------------------------------------------------------------


def _day(year: int, month: int, day: int) -> Period | None:
    try:
        first = date(year, month, day)
    except ValueError:
        return None
    return Period(first, add_days(first, 1))


def _year_of(text: str, today: date) -> int:
    """A year as written: four digits, or two after an apostrophe."""
    number = int(text)
    return number if number > 99 else 2000 + number if number < 70 else 1900 + number


def _day_of(a: Ask, year: str, month: int, day: int) -> Made:
    if year:
        period = _day(_year_of(year, a.today), month, day)
        return _found(period, "day") if period else _problem(IMPOSSIBLE)

    def again(year: int) -> Period | None:
        return _day(year, month, day)

    for y in range(a.today.year, a.today.year - 9, -1):
        period = again(y)
        if period and period.start <= a.today:
            return _found(period, "day", year_said=False, again=again)
    return _problem(IMPOSSIBLE)


def _month_word(a: Ask) -> int:
    return english().months[a.groups["m"]]


def _named_day(a: Ask) -> Made:
    return _day_of(a, a.groups.get("y") or "", _month_word(a), a.n("d"))


def _numbers_day(a: Ask) -> Made:
    """3/11/2026 or 3/11, day or month first as the company says; the other way round where only that is a date."""
    first, second = a.n("d"), a.n("e")
    year = a.groups.get("y") or ""
    day, month = (first, second) if a.calendar.day_first else (second, first)
    if month > 12 >= day:
        day, month = month, day
    if not 1 <= month <= 12:
        return _problem(IMPOSSIBLE)
    return _day_of(a, year, month, day)


def _iso_day(a: Ask) -> Made:
    month = english().months.get(a.groups["m"]) or int(a.groups["m"])
    period = _day(int(a.groups["y"]), month, a.n("d")) if month <= 12 else None
    return _found(period, "day") if period else _problem(IMPOSSIBLE)


def _the_nth(a: Ask) -> Made:
    """The 18th: the most recent one."""
    for back in range(0, 13):
        month = periods.add_months(a.today.replace(day=1), -back)
        period = _day(month.year, month.month, a.n("d"))
        if period and period.start <= a.today:
            return _found(period, "day")
    return _problem(IMPOSSIBLE)


def _day_back(back: int) -> Callable[[Ask], Made]:
    return lambda a: _found(Period(add_days(a.today, -back), add_days(a.today, 1 - back)), "day")


def _days_of_month(a: Ask) -> Made:
    """3 to 12 September: both days inside."""
    month = _month_word(a)

    def again(year: int) -> Period | None:
        first, final = _day(year, month, a.n("d")), _day(year, month, a.n("e"))
        return Period(first.start, final.end) if first and final and first.start <= final.start else None

    for year in [_year_of(a.groups["y"], a.today)] if a.groups.get("y") else range(a.today.year, a.today.year - 9, -1):
        period = again(year)
        if period and (a.groups.get("y") or period.start <= a.today):
            return _found(period, "day", period.days)
    return _problem(IMPOSSIBLE)


def _days_ago(a: Ask) -> Made:
    return _day_back(a.n())(a)


def _weekday_back(a: Ask, strictly: bool = False) -> date:
    back = (a.today.weekday() - english().weekdays[a.groups["w"]]) % 7
    return add_days(a.today, -(back or (7 if strictly else 0)))


def _weekday(a: Ask) -> Made:
    first = _weekday_back(a)
    return _found(Period(first, add_days(first, 1)), "day")


def _last_weekday(a: Ask) -> Made:
    """In the calendar week before when that weekday has come this week, else the most recent one."""
    w = english().weekdays[a.groups["w"]]
    week = periods.start_of("week", a.today, a.calendar)
    this = add_days(week, (w - a.calendar.week_start) % 7)
    first = add_days(this, -7) if this <= a.today else _weekday_back(a, strictly=True)
    return _found(Period(first, add_days(first, 1)), "day")


def _this_weekday(a: Ask) -> Made:
    w = english().weekdays[a.groups["w"]]
    first = add_days(periods.start_of("week", a.today, a.calendar), (w - a.calendar.week_start) % 7)
    return _found(Period(first, add_days(first, 1)), "day")


def _weekday_of_last_week(a: Ask) -> Made:
    made = _this_weekday(a)
    back = 7 if (a.groups.get("which") or "last") != "this" else 0
    assert made is not None and made.period is not None
    return replace(made, period=Period(add_days(made.period.start, -back), add_days(made.period.end, -back)))


def _weekend(a: Ask) -> Made:
    back = (a.today.weekday() - 5) % 7
    back += 7 * (a.n() - 1) if a.groups.get("n") else 0
    first = add_days(a.today, -back)
    return _found(Period(first, add_days(first, 2)), "day", 2)


def _weekend_before_last(a: Ask) -> Made:
    first = add_days(a.today, -((a.today.weekday() - 5) % 7) - 7)
    return _found(Period(first, add_days(first, 2)), "day", 2)


# --- named units ----------------------------------------------------------------------------------------------


def _recent(a: Ask, year: str, make: Callable[[int], Period], unit: str, whole: bool = False) -> Made:
    """A unit of a year, or the most recent one that has begun (`whole`: that has ended)."""
    if year:
        return _found(make(_year_of(year, a.today)), unit)
    for y in range(a.today.year + 1, a.today.year - 4, -1):
        period = make(y)
        if period.start <= a.today and (not whole or period.end <= a.today):
            return _found(period, unit, year_said=False, again=make)
    return None


def _month_of(month: int) -> Callable[[int], Period]:
    return lambda y: Period(date(y, month, 1), periods.add_months(date(y, month, 1), 1))


def _months_of(start: int, length: int) -> Callable[[int], Period]:
    return lambda y: Period(date(y, start, 1), periods.add_months(date(y, start, 1), length))


def _month(a: Ask) -> Made:
    return _recent(a, a.groups.get("y") or "", _month_of(_month_word(a)), "month")


def _last_month_name(a: Ask) -> Made:
    return _recent(a, "", _month_of(_month_word(a)), "month", whole=True)


def _this_month_name(a: Ask) -> Made:
    return _found(_month_of(_month_word(a))(a.today.year), "month")


def _month_of_relative_year(a: Ask) -> Made:
    back = {"this": 0, "last": 1, "previous": 1, "past": 1}[a.groups["which"]]
    return _found(_month_of(_month_word(a))(a.today.year - back), "month")


def _number_month(a: Ask) -> Made:
    month = a.n("m")
    return _found(_month_of(month)(int(a.groups["y"])), "month") if 1 <= month <= 12 else _problem(IMPOSSIBLE)


def _year_said(a: Ask) -> str:
    """The year beside a quarter or half: written, or `this year`, `last year`."""
    which = a.groups.get("which")
    if which:
        return str(a.today.year - (which != "this"))
    return a.groups.get("y") or ""


def _quarter(a: Ask) -> Made:
    n = a.n()
    if not 1 <= n <= 4:
        return _problem(IMPOSSIBLE)
    return _recent(a, _year_said(a), _months_of(3 * n - 2, 3), "quarter", whole=bool(a.groups.get("last")))


def _final_quarter(a: Ask) -> Made:
    return _recent(a, _year_said(a), _months_of(10, 3), "quarter")


def _half(a: Ask) -> Made:
    n = {"first": 1, "second": 2, "1th": 1, "2th": 2, "1": 1, "2": 2, "last": 2}.get(a.groups["n"], 0)
    if not n:
        return _problem(IMPOSSIBLE)
    return _recent(a, _year_said(a), _months_of(6 * n - 5, 6), "half", whole=bool(a.groups.get("last")))


def _year(a: Ask) -> Made:
    return _found(Period(date(int(a.groups["y"]), 1, 1), date(int(a.groups["y"]) + 1, 1, 1)), "year")


def _half_month(a: Ask) -> Made:
    made = _month(a) if a.groups.get("m") else _relative(a)
    if made is None or made.period is None:
        return made
    start, end = made.period.start, periods.add_months(made.period.start, 1)
    middle = start.replace(day=16)
    first = a.groups["n"] in ("1th", "1", "early")
    return replace(made, period=Period(start, middle) if first else Period(middle, end), unit="day", again=None)


def _half_relative(a: Ask) -> Made:
    if a.groups["u"] == "month":
        return _half_month(a)
    back = {"this": 0}.get(a.groups["which"], 1)
    year = a.today.year - back
    n = 1 if a.groups["n"].startswith("1") else 2
    return _found(_months_of(6 * n - 5, 6)(year), "half") if a.groups["u"] == "year" else None


def _week_number(a: Ask) -> Made:
    year = int(a.groups["y"]) if a.groups.get("y") else a.today.year
    try:
        period = periods.week_number(year, a.n())
        if not a.groups.get("y") and period.start > a.today:
            period = periods.week_number(year - 1, a.n())
    except ValueError:
        return _problem(IMPOSSIBLE)
    return _found(period, "week")


# --- running and last units -------------------------------------------------------------------------------------


def _unit(a: Ask) -> str:
    return english().units[a.groups["u"]]


def _running(a: Ask) -> Made:
    unit = _unit(a)
    return _found(periods.to_date(unit, a.today, a.calendar), unit)


def _letters_to_date(a: Ask) -> Made:
    unit = {"w": "week", "m": "month", "q": "quarter", "y": "year"}[a.groups["u"]]
    return _found(periods.to_date(unit, a.today, a.calendar), unit)


def _relative(a: Ask) -> Made:
    """Last week, this month: the calendar unit before, or the running one."""
    unit = _unit(a)
    if a.groups.get("which") == "this":
        return _running(a)
    if unit == "day":
        return _day_back(1)(a)
    return _found(periods.whole(unit, a.today, a.calendar, back=1), unit)


def _last_n(a: Ask) -> Made:
    unit, n = _unit(a), a.n()
    if a.groups.get("half"):
        unit, n = "month", 6
    if not 1 <= n <= 5000:
        return _problem(IMPOSSIBLE)
    return _found(periods.last(unit, n, a.today, a.calendar), unit, n)


def _few(a: Ask) -> Made:
    made = _found(periods.last(_unit(a), 4, a.today, a.calendar), _unit(a), 4)
    return replace(made, note="few")


def _rolling(a: Ask) -> Made:
    unit, n = _unit(a), a.n()
    if not 1 <= n <= 5000:
        return _problem(IMPOSSIBLE)
    return _found(periods.rolling(unit, n, a.today), unit, n, rule="rolling")


def _units_ago(a: Ask) -> Made:
    unit, n = _unit(a), a.n()
    if unit == "day":
        return _days_ago(a)
    return _found(periods.whole(unit, a.today, a.calendar, back=min(n, 4000)), unit)


def _unit_before_last(a: Ask) -> Made:
    return _found(periods.whole(_unit(a), a.today, a.calendar, back=2), _unit(a))


def _fortnight(a: Ask) -> Made:
    return _found(periods.last("week", 2, a.today, a.calendar), "week", 2)


def _ago_year(a: Ask) -> Made:
    return _found(None, "year", relative="year")


def _before_that(a: Ask) -> Made:
    unit = english().units.get(a.groups.get("u") or "", "")
    return _found(None, unit, a.n(), relative="before")


# --- fiscal -----------------------------------------------------------------------------------------------------


def _fiscal(a: Ask) -> Made:
    which = a.groups.get("which")
    if which in ("last", "previous", "past", "prior"):
        return _found(periods.fiscal_year(a.today, a.calendar, 1), "year")
    if a.groups.get("y"):
        return _found(periods.fiscal_named(_year_of(a.groups["y"], a.today), a.calendar), "year")
    return _found(periods.cut(periods.fiscal_year(a.today, a.calendar), a.today), "year")


def _fiscal_quarter(a: Ask) -> Made:
    n = a.n()
    if not 1 <= n <= 4:
        return _problem(IMPOSSIBLE)
    if a.groups.get("y"):
        year = periods.fiscal_named(_year_of(a.groups["y"], a.today), a.calendar)
    else:
        year = periods.fiscal_year(a.today, a.calendar, int((a.groups.get("which") or "this") != "this"))
    quarter = periods.fiscal_quarter(year, n)
    if quarter.start > a.today and not a.groups.get("y") and not a.groups.get("which"):
        quarter = periods.fiscal_quarter(periods.fiscal_year(a.today, a.calendar, 1), n)
    return _found(quarter, "quarter")


def _fiscal_half(a: Ask) -> Made:
    n = a.n()
    if n not in (1, 2):
        return _problem(IMPOSSIBLE)
    named = a.groups.get("y")
    year = (
        periods.fiscal_named(_year_of(named, a.today), a.calendar)
        if named
        else periods.fiscal_year(a.today, a.calendar)
    )
    return _found(Period(periods.add_months(year.start, 6 * n - 6), periods.add_months(year.start, 6 * n)), "half")


def _fiscal_relative_quarter(a: Ask) -> Made:
    months = (a.today.month - a.calendar.fiscal_month) % 12 // 3
    start = periods.add_months(periods.fiscal_year(a.today, a.calendar).start, 3 * months)
    if a.groups["which"] == "this":
        return _found(Period(start, add_days(a.today, 1)), "quarter")
    return _found(Period(periods.add_months(start, -3), start), "quarter")


# --- parts of a day -----------------------------------------------------------------------------------------------


def _part(back: int) -> Callable[[Ask], Made]:
    def make(a: Ask) -> Made:
        made = _day_back(back)(a)
        assert made is not None
        return replace(made, part=a.groups["p"])

    return make


def _weekday_part(a: Ask) -> Made:
    made = _last_weekday(a) if a.groups.get("which") else _weekday(a)
    assert made is not None
    return replace(made, part=a.groups["p"])


def _future(a: Ask) -> Made:
    return _problem(FUTURE)


FISCAL = r"(?:fiscal|financial)"
THIS = r"(?P<which>this|current|present|running)"
LAST = r"(?P<which>last|past|previous|prior|preceding)"
ANY = r"(?P<which>this|current|last|past|previous|prior)"
ND = r"(?P<d>\d{1,2}(?:th)?)"
Y4 = r"(?P<y>(?:1[89]|20|21)\d\d)"
SEP = r" (?:-|to|until|till|til|through|thru|and|~|–|—) "
YEAR = r"(?:(?:of |in |, |/ |- |\. )?" + Y4 + ")"
RULES: tuple[Rule, ...] = (
    ("today", r"(?:today|to day)(?: so far)?", _day_back(0)),
    ("yesterday", r"yesterday|the other day(?! )", _day_back(1)),
    ("day before yesterday", r"(?:the )?day before yesterday|two days before today", _day_back(2)),
    ("n days ago", r"(?P<n>\d{1,4}|a) days? ago", _days_ago),
    ("this part", r"this (?P<p>morning|afternoon|evening)", _part(0)),
    ("tonight", r"to(?P<p>night)", _part(0)),
    ("last night", r"last (?P<p>night)", _part(1)),
    ("yesterday part", r"yesterday (?P<p>morning|afternoon|evening|night)", _part(1)),
    ("weekday part", r"(?:on )?(?:(?P<which>last) )?(?P<w>{w}) (?P<p>morning|afternoon|evening|night)", _weekday_part),
    ("weekday", r"(?:on )?(?P<w>{w})", _weekday),
    ("last weekday", r"(?:on )?(?:last|the last|past|previous) (?P<w>{w})", _last_weekday),
    ("this weekday", r"(?:on )?this (?P<w>{w})", _this_weekday),
    ("weekday of week", r"(?P<w>{w}) (?:of )?(?P<which>last|this|previous) week", _weekday_of_last_week),
    ("weekday of last week", r"(?P<which>last|this|previous) week (?P<w>{w})", _weekday_of_last_week),
    ("weekend", r"(?:over |at |on )?(?:the|this|last|this past|the past|the last|past|previous) weekend", _weekend),
    ("weekend before last", r"the weekend before last", _weekend_before_last),
    # days by name
    ("day month", r"(?:on )?(?:the )?" + ND + r" ?(?:of |- |/ |\. )?(?P<m>{m})(?: ?\.)?" + YEAR + "?", _named_day),
    (
        "weekday day month",
        r"(?:on )?(?:{w}) ?,? (?:the )?" + ND + r" (?:of )?(?P<m>{m})(?: ?,)?(?: " + YEAR + ")?",
        _named_day,
    ),
    ("day month year", r"(?:on )?(?:the )?" + ND + r" ?(?:of |- |/ |\. )?(?P<m>{m})(?: ?[,.])? " + YEAR, _named_day),
    ("month day", r"(?:on )?(?P<m>{m})(?: (?:the|,|-|/|\.))? " + ND + r"(?! ?(?:%|weeks?|days?|months?))", _named_day),
    ("month day year", r"(?:on )?(?P<m>{m})(?: (?:the|,|-|/|\.))? " + ND + r" " + YEAR, _named_day),
    ("year month day", Y4 + r" (?:-|/|\.) (?P<m>\d{1,2}|{m}) (?:-|/|\.) " + ND, _iso_day),
    ("year day month", Y4 + r" (?P<m>{m}) " + ND, _iso_day),
    (
        "numbers day year",
        r"(?:on )?(?P<d>\d{1,2}) (?:-|/|\.) (?P<e>\d{1,2}) (?:-|/|\.) (?P<y>(?:(?:1[89]|20|21)\d\d|\d\d))",
        _numbers_day,
    ),
    ("numbers day", r"(?:on )?(?P<d>\d{1,2}) / (?P<e>\d{1,2})(?! / \d)", _numbers_day),
    (
        "the nth",
        r"(?:on )?the (?P<d>\d{1,2}th)(?=$| (?:to|until|till|through|and|,|vs|\.|\?|!|for|my|our|by|-)(?!\S))",
        _the_nth,
    ),
    (
        "days of month",
        r"(?:from |between |on )?(?:the )?(?P<m>{m}) (?:the )?" + ND + SEP + r"(?:the )?(?P<e>\d{1,2}(?:th)?)"
        r"(?! (?:{m}|%|days?|weeks?))(?: ?,)?(?: (?:of )?" + Y4 + ")?",
        _days_of_month,
    ),
    (
        "days in month",
        r"(?:from |between |on )?(?:the )?" + ND + SEP + r"(?:the )?(?P<e>\d{1,2}(?:th)?) (?:of )?(?P<m>{m})"
        r"(?: ?,)?(?: (?:of )?" + Y4 + ")?",
        _days_of_month,
    ),
    # months, quarters, halves, years by name
    ("month", r"(?:in |during |for )?(?:the month of |month of )?(?P<m>{m})(?: ?[,.])?(?: " + YEAR + ")?", _month),
    ("year month", Y4 + r"(?: ?[,/-])? (?P<m>{m})", _month),
    ("last month name", r"(?:in )?(?:last|past|previous) (?P<m>{m})", _last_month_name),
    ("this month name", r"(?:in )?this (?P<m>{m})", _this_month_name),
    ("month of last year", r"(?:in )?(?P<m>{m}) (?:of )?(?P<which>last|this|previous) year", _month_of_relative_year),
    ("number month", r"(?P<m>\d{1,2}) (?:/|-) " + Y4, _number_month),
    ("year number month", Y4 + r" (?:/|-) (?P<m>\d{1,2})(?! [/-] \d)", _number_month),
    (
        "quarter",
        r"(?:in )?(?:the )?(?P<last>last )?q ?(?P<n>\d)(?: ?[,-])?(?: (?:of )?(?:"
        + Y4
        + r"|(?P<which>this|last) year))?",
        _quarter,
    ),
    ("year quarter", Y4 + r"(?: ?[,-])? q ?(?P<n>\d)", _quarter),
    (
        "nth quarter",
        r"(?:in )?(?:the )?(?P<n>\dth|\d) quarter(?: (?:of |in )?(?:"
        + Y4
        + r"|(?:the )?(?P<which>this|last|previous) year))?",
        _quarter,
    ),
    ("quarter n", r"quarter (?P<n>\d)(?: (?:of )?" + Y4 + ")?", _quarter),
    ("final quarter", r"the (?:last|final) quarter of (?:" + Y4 + r"|(?P<which>this|last) year)", _final_quarter),
    (
        "half",
        r"(?:in )?(?P<last>last )?h ?(?P<n>[12])(?: ?[,-])?(?: (?:of )?(?:" + Y4 + r"|(?P<which>this|last) year))?",
        _half,
    ),
    ("year half", Y4 + r"(?: ?[,-])? h ?(?P<n>[12])", _half),
    ("half of year", r"(?:the )?(?P<n>1th|2th|last) half (?:of |in )" + Y4, _half),
    ("half of month", r"(?:the )?(?P<n>1th|2th) half of (?P<m>{m})(?: " + YEAR + ")?", _half_month),
    ("half of unit", r"(?:the )?(?P<n>1th|2th) half of (?:the )?" + ANY + r" (?P<u>month|year)", _half_relative),
    ("year", r"(?:in |during |for |year |the year |calendar year |cy |all of )?" + Y4, _year),
    (
        "week n",
        r"(?:in )?(?:calendar |iso )?(?:week|wk|cw) (?:number |no |# )?(?P<n>\d{1,2})(?: (?:of |in )?"
        + Y4
        + ")?(?! of)",
        _week_number,
    ),
    # running units
    (
        "this unit",
        r"(?:so far |in |during )?(?:this|current|the current|present|this current) (?P<u>{u})"
        r"(?: (?:so far|to date|to now|until now|until today|up to now|up to today|till now|to today))?",
        _running,
    ),
    ("unit so far", r"(?:so far |the )?(?P<u>{u}) (?:so far|to date|till date)", _running),
    ("to date letters", r"(?P<u>[wmqy])td", _letters_to_date),
    ("so far this unit", r"so far (?:this|in this|the) (?P<u>{u})", _running),
    # units before
    (
        "last unit",
        r"(?:in |during |for |over )?(?:the )?" + LAST + r" (?:full |whole |complete |calendar )?(?P<u>{u})"
        r"(?! before)",
        _relative,
    ),
    ("last day", r"(?:the )?(?:last|past|previous) day", _day_back(1)),
    (
        "last n units",
        r"(?:in |during |for |over |from |within )?(?:the )?(?:last|past|previous|prior|preceding|most recent|latest)"
        r" (?P<n>\d{1,4}) (?:full |whole |complete |calendar |consecutive )?(?P<u>{u})",
        _last_n,
    ),
    ("n units back", r"(?P<n>\d{1,4}) (?P<u>{u}) back", _last_n),
    ("half year back", r"(?:the )?(?:last|past) (?P<half>half) (?:a )?(?P<u>year)", _last_n),
    (
        "couple",
        r"(?:in |during |for |over )?(?:the )?(?:last|past|previous) (?:couple of|couple) (?P<u>{u})",
        lambda a: _found(periods.last(_unit(a), 2, a.today, a.calendar), _unit(a), 2),
    ),
    ("few", r"(?:in |during |for |over )?(?:the )?(?:last|past|previous) few (?P<u>{u})", _few),
    ("fortnight", r"(?:the )?(?:last|past|previous) fortnight", _fortnight),
    ("rolling", r"(?:the |on a |a )?(?:rolling|trailing|moving) (?P<n>\d{1,4}) ?-? ?(?P<u>{u})(?: basis)?", _rolling),
    (
        "last n to today",
        r"(?:the )?(?:last|past) (?P<n>\d{1,4}) (?P<u>{u}) (?:to|until|till|up to|including) "
        r"(?:today|now|date)",
        _rolling,
    ),
    ("n units to today", r"(?P<n>\d{1,4}) (?P<u>{u}) (?:to|until|till|up to|ending) (?:today|now|date)", _rolling),
    ("unit before last", r"(?:the )?(?P<u>{u}) before last", _unit_before_last),
    (
        "a year ago",
        r"(?:a|one|1|this time last|the same time last|same time last|same period last|the same period last|"
        r"same (?:day|week|month|quarter|season|time|period|days|weeks|months) (?:of |in |a )?(?:last|previous|the last|the previous)|"
        r"the same (?:day|week|month|quarter|days|weeks|months) (?:of |in |a )?(?:last|the previous)) "
        r"year(?: ago| before| earlier)?",
        _ago_year,
    ),
    ("units ago", r"(?P<n>\d{1,4}|a) (?P<u>{u}) ago(?! (?:today|now))", _units_ago),
    # fiscal years
    ("fiscal", r"(?:the |in )?(?:" + ANY + r" )?" + FISCAL + r" years?(?: (?:so far|to date))?", _fiscal),
    ("fiscal named", r"(?:in )?(?:fy|" + FISCAL + r"(?: year)?) ?(?P<y>(?:20)?\d\d)(?! [/-] \d)", _fiscal),
    ("fiscal span", r"(?:fy|" + FISCAL + r" year) ?\d\d\d\d (?:/|-) (?P<y>\d\d)", _fiscal),
    ("fytd", r"fytd|(?:this|last) fy|fy to date", lambda a: _fiscal(a)),
    (
        "fiscal quarter",
        r"" + FISCAL + r" (?:q ?|quarter )(?P<n>\d)(?: (?:fy ?|of )?(?P<y>(?:20)?\d\d))?",
        _fiscal_quarter,
    ),
    (
        "quarter of fiscal",
        r"q ?(?P<n>\d)(?: of)? (?:(?:fy ?|"
        + FISCAL
        + r" (?:year )?)(?P<y>(?:20)?\d\d)|(?:the )?"
        + r"(?P<which>this|last) (?:fy|"
        + FISCAL
        + " year)|of the "
        + FISCAL
        + " year)",
        _fiscal_quarter,
    ),
    ("fy quarter", r"fy ?(?P<y>(?:20)?\d\d) q ?(?P<n>\d)", _fiscal_quarter),
    ("fiscal half", r"(?:" + FISCAL + r" h ?(?P<n>\d)(?: (?:fy ?)?(?P<y>(?:20)?\d\d))?)", _fiscal_half),
    ("half of fiscal", r"h ?(?P<n>\d) fy ?(?P<y>(?:20)?\d\d)", _fiscal_half),
    ("fiscal relative quarter", r"(?:the )?(?P<which>this|last) " + FISCAL + r" quarter", _fiscal_relative_quarter),
    # what a comparison names
    (
        "year before period",
        r"(?:the )?same (?:time|period|week|month|quarter|day|days|weeks|months) (?:a|1|one|the) year "
        r"(?:ago|earlier|before)",
        _ago_year,
    ),
    (
        "before that",
        r"(?:the |those )?(?:(?P<n>\d{1,4}) )?(?:(?P<u>{u}) |one |ones )?(?:before that|before it|before those|"
        r"before them|prior|preceding|previously|beforehand|prior to that)",
        _before_that,
    ),
    (
        "the n before",
        r"the (?:(?P<n>\d{1,4}) )?(?:(?P<u>{u}) )?(?:before|earlier)(?! (?:last|yesterday|today))",
        _before_that,
    ),
    (
        "the previous n",
        r"the (?:previous|prior|preceding) (?:one|ones|period|time|\d{1,4})"
        r"(?! (?:{u}))(?: before)?",
        _before_that,
    ),
    # not yet
    (
        "future",
        r"(?:tomorrow|the day after tomorrow|(?:the )?(?:next|coming|following|upcoming) (?:\d{1,4} |few |couple of )?"
        r"(?:{u}|{w}|{m}|weekend|fortnight)|(?:in|within) (?:\d{1,4}|a|a few) (?:days|weeks|months|years)(?: time)?"
        r"(?! (?:of|to|from))(?= time)|(?:in )?the future|later (?:this|today)(?: (?:{u}))?|by (?:the )?end of (?:the|this) (?:{u})"
        r"|from now on|going forward)",
        _future,
    ),
)


@cache
def compiled() -> tuple[tuple[str, re.Pattern[str], Callable[[Ask], Made]], ...]:
    """The rules with the words of months, weekdays and units put in."""
    e = english()
    words = {
        "m": "|".join(sorted(e.months, key=lambda w: (-len(w), w))),
        "w": "|".join(sorted(e.weekdays, key=lambda w: (-len(w), w))),
        "u": "|".join(sorted((w for w in e.units if not w.endswith("ly")), key=lambda w: (-len(w), w))),
    }
    out = []
    for name, pattern, make in RULES:
        for key, alternatives in words.items():
            pattern = pattern.replace("{" + key + "}", alternatives)
        out.append((name, re.compile(rf"(?:{pattern})(?!\S)"), make))
    return tuple(out)


@cache
def triggers() -> frozenset[str]:
    """Words at which a date phrase may begin."""
    e = english()
    extra = """today to yesterday the other day two n a this tonight last past previous prior preceding on weekend over at
    in during for year calendar cy all q h half first iso week wk cw so far wtd mtd qtd ytd current present most recent latest
    within from rolling trailing moving fiscal financial fy fytd one same those tomorrow next coming following upcoming later by going
    quarter month every beforehand before previously"""
    return frozenset(extra.split()) | set(e.months) | set(e.weekdays) | set(e.units)


class Words:
    """The token list as the rules see it: one string, and where each token begins."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.starts: list[int] = []
        parts: list[str] = []
        at = 0
        for t in tokens:
            self.starts.append(at)
            parts.append(t.dated)
            at += len(t.dated) + 1
        self.text = " ".join(parts)
        self.index = {start: i for i, start in enumerate(self.starts)}
        self.ends = {start + len(part): i + 1 for i, (start, part) in enumerate(zip(self.starts, parts, strict=True))}


def atoms(tokens: Sequence[Token], today: date, calendar: Calendar) -> dict[int, list[Found]]:
    """Every date phrase at each token, longest first."""
    words = Words(tokens)
    begin = triggers()
    found: dict[int, list[Found]] = {}
    for i, t in enumerate(tokens):
        if t.number is None and t.norm not in begin:
            continue
        here: list[Found] = []
        for name, pattern, make in compiled():
            match = pattern.match(words.text, words.starts[i])
            end = words.ends.get(match.end()) if match else None
            if match is None or end is None:
                continue
            made = make(Ask({k: v for k, v in match.groupdict().items() if v}, today, calendar))
            if made is not None:
                here.append(replace(made, start=i, end=end, rule=made.rule or name))
        if here:
            here.sort(key=lambda f: -f.end)
            found[i] = here
    return found
