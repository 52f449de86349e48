"""The date rules: name, pattern over the words, and what they make; the longest match wins."""

# ruff: noqa: E501
from __future__ import annotations

from queries import periods
from queries.reading.dates import days, fiscal, units
from queries.reading.dates.found import FUTURE, Ask, Made, Rule, found, problem_of


def _future(a: Ask) -> Made:
    return problem_of(FUTURE)


FISCAL = r"(?:fiscal|financial)"

THIS = r"(?P<which>this|current|present|running)"

LAST = r"(?P<which>last|past|previous|prior|preceding)"

ANY = r"(?P<which>this|current|last|past|previous|prior)"

ND = r"(?P<d>\d{1,2}(?:th)?)"

Y4 = r"(?P<y>(?:1[89]|20|21)\d\d)"

SEP = r" (?:-|to|until|till|til|through|thru|and|~|–|—) "

YEAR = r"(?:(?:of |in |, |/ |- |\. )?" + Y4 + ")"

OF_YEAR = r"(?: (?:of |in )?(?:" + Y4 + r"|(?:the )?(?P<which>this|last|previous) year))?"

RULES: tuple[Rule, ...] = (
    ("today", r"(?:today|to day)(?: so far)?", days.day_back(0)),
    ("yesterday", r"yesterday|the other day(?! )", days.day_back(1)),
    ("day before yesterday", r"(?:the )?day before yesterday|two days before today", days.day_back(2)),
    ("n days ago", r"(?P<n>\d{1,4}|a) days? ago", days.days_ago),
    ("this part", r"this (?P<p>morning|afternoon|evening)", days.day_part(0)),
    ("tonight", r"to(?P<p>night)", days.day_part(0)),
    ("last night", r"last (?P<p>night)", days.day_part(1)),
    ("yesterday part", r"yesterday (?P<p>morning|afternoon|evening|night)", days.day_part(1)),
    ("weekday part", r"(?:on )?(?:(?P<which>last) )?(?P<w>{w}) (?P<p>morning|afternoon|evening|night)", days.weekday_part),
    ("weekday", r"(?:on )?(?P<w>{w})", days.named_weekday),
    ("last weekday", r"(?:on )?(?:last|the last|past|previous) (?P<w>{w})", days.last_weekday),
    ("this weekday", r"(?:on )?this (?P<w>{w})", days.this_weekday),
    ("weekday of week", r"(?P<w>{w}) (?:of )?(?P<which>last|this|previous) week", days.weekday_of_last_week),
    ("weekday of last week", r"(?P<which>last|this|previous) week (?P<w>{w})", days.weekday_of_last_week),
    ("weekend", r"(?:over |at |on )?(?:the|this|last|this past|the past|the last|past|previous) weekend", days.weekend),
    ("weekend before last", r"the weekend before last", days.weekend_before_last),
    # days by name
    ("day month", r"(?:on )?(?:the )?" + ND + r" ?(?:of |- |/ |\. )?(?P<m>{m})(?: ?\.)?" + YEAR + "?", days.named_day),
    (
        "weekday day month",
        r"(?:on )?(?:{w}) ?,? (?:the )?" + ND + r" (?:of )?(?P<m>{m})(?: ?,)?(?: " + YEAR + ")?",
        days.named_day,
    ),
    ("day month year", r"(?:on )?(?:the )?" + ND + r" ?(?:of |- |/ |\. )?(?P<m>{m})(?: ?[,.])? " + YEAR, days.named_day),
    ("month day", r"(?:on )?(?P<m>{m})(?: (?:the|,|-|/|\.))? " + ND + r"(?! ?(?:%|weeks?|days?|months?))", days.named_day),
    ("month day year", r"(?:on )?(?P<m>{m})(?: (?:the|,|-|/|\.))? " + ND + r" " + YEAR, days.named_day),
    ("year month day", Y4 + r" (?:-|/|\.) (?P<m>\d{1,2}|{m}) (?:-|/|\.) " + ND, days.iso_day),
    ("year day month", Y4 + r" (?P<m>{m}) " + ND, days.iso_day),
    (
        "numbers day year",
        r"(?:on )?(?P<d>\d{1,2}) (?:-|/|\.) (?P<e>\d{1,2}) (?:-|/|\.) (?P<y>(?:(?:1[89]|20|21)\d\d|\d\d))",
        days.numbers_day,
    ),
    ("numbers day", r"(?:on )?(?P<d>\d{1,2}) / (?P<e>\d{1,2})(?! / \d)", days.numbers_day),
    (
        "the nth",
        r"(?:on )?the (?P<d>\d{1,2}th)(?! (?:and|or|to) \d{1,2}th (?:half|quarter|week))(?=$| (?:to|until|till|through|and|,|vs|\.|\?|!|for|my|our|by|-)(?!\S))",
        days.the_nth,
    ),
    (
        "days of month",
        r"(?:from |between |on )?(?:the )?(?P<m>{m}) (?:the )?" + ND + SEP + r"(?:the )?(?P<e>\d{1,2}(?:th)?)"
        r"(?! (?:{m}|%|days?|weeks?))(?: ?,)?(?: (?:of )?" + Y4 + ")?",
        days.days_of_month,
    ),
    (
        "days in month",
        r"(?:from |between |on )?(?:the )?" + ND + SEP + r"(?:the )?(?P<e>\d{1,2}(?:th)?) (?:of )?(?P<m>{m})"
        r"(?: ?,)?(?: (?:of )?" + Y4 + ")?",
        days.days_of_month,
    ),
    # months, quarters, halves, years by name
    ("month", r"(?:in |during |for |so far in )?(?:the month of |month of )?(?P<m>{m})(?: ?[,.])?(?: " + YEAR + ")?(?: so far| to date| till now| until now)?", units.named_month),
    ("year month", Y4 + r"(?: ?[,/-])? (?P<m>{m})", units.named_month),
    ("last month name", r"(?:in )?(?:last|past|previous) (?P<m>{m})", units.last_month_name),
    ("this month name", r"(?:in )?this (?P<m>{m})", units.this_month_name),
    ("month of last year", r"(?:in )?(?P<m>{m}) (?:of )?(?P<which>last|this|previous) year", units.month_of_relative_year),
    ("number month", r"(?P<m>\d{1,2}) (?:/|-) " + Y4, units.number_month),
    ("year number month", Y4 + r" (?:/|-) (?P<m>\d{1,2})(?! [/-] \d)", units.number_month),
    ("quarter", r"(?:in )?(?:the )?(?P<last>last )?q ?(?P<n>\d)(?: ?[,-])?" + OF_YEAR, units.named_quarter),
    ("year quarter", Y4 + r"(?: ?[,-])? q ?(?P<n>\d)", units.named_quarter),
    ("nth quarter", r"(?:in )?(?:the )?(?P<n>\dth|\d) quarter" + OF_YEAR, units.named_quarter),
    ("quarter n", r"quarter (?P<n>\d)(?: (?:of )?" + Y4 + ")?", units.named_quarter),
    ("final quarter", r"the (?:last|final) quarter of (?:" + Y4 + r"|(?P<which>this|last) year)", units.final_quarter),
    ("half", r"(?:in )?(?P<last>last )?h ?(?P<n>[12])(?: ?[,-])?" + OF_YEAR, units.named_half),
    ("year half", Y4 + r"(?: ?[,-])? h ?(?P<n>[12])", units.named_half),
    ("half of year", r"(?:the )?(?P<n>1th|2th|last) half (?:of |in )" + Y4, units.named_half),
    ("half of month", r"(?:the )?(?P<n>1th|2th) half of (?P<m>{m})(?: " + YEAR + ")?", units.half_month),
    ("half of unit", r"(?:in )?(?:the )?(?P<n>1th|2th) half of (?:the )?(?:" + ANY + r" )?(?P<u>month|year)", units.half_relative),
    ("year", r"(?:in |during |for |year |the year |calendar year |cy |all of )?" + Y4, units.named_year),
    (
        "week n",
        r"(?:in )?(?:calendar |iso )?(?:week|wk|cw) (?:number |no |# )?(?P<n>\d{1,2})(?: (?:of |in )?"
        + Y4
        + ")?(?! of)",
        units.week_number,
    ),
    (
        "weeks n",
        r"(?:in |from |between )?(?:calendar |iso )?(?:weeks?|wk|cw) (?P<n>\d{1,2})" + SEP + r"(?:week |wk )?(?P<e>\d{1,2})"
        r"(?! (?:{u}|{m}|%))(?: (?:of |in )?" + Y4 + ")?",
        units.weeks_numbered,
    ),
    # running units
    ("own unit", r"(?:my|our) (?P<u>day|week|month|quarter|year)(?=$| [?.!,])", units.running),
    (
        "this unit",
        r"(?:so far |in |during )?(?:this|current|the current|present|this current) (?P<u>{u})"
        r"(?: (?:so far|to date|to now|until now|until today|up to now|up to today|till now|to today))?",
        units.running,
    ),
    ("unit so far", r"(?:so far |the )?(?P<u>{u}) (?:so far|to date|till date)", units.running),
    ("to date letters", r"(?P<u>[wmqy])td", units.letters_to_date),
    ("so far this unit", r"so far (?:this|in this|the) (?P<u>{u})", units.running),
    # units before
    (
        "last unit",
        r"(?:in |during |for |over )?(?:the )?" + LAST + r" (?:full |whole |complete |calendar )?(?P<u>{u})"
        r"(?! before)",
        units.relative,
    ),
    ("last day", r"(?:the )?(?:last|past|previous) day", days.day_back(1)),
    (
        "last n units",
        r"(?:in |during |for |over |from |within )?(?:the )?(?:last|past|previous|prior|preceding|most recent|latest)"
        r" (?P<n>\d{1,4}) (?:full |whole |complete |calendar |consecutive )?(?P<u>{u})",
        units.last_n,
    ),
    ("n units back", r"(?P<n>\d{1,4}) (?P<u>{u}) back", units.last_n),
    ("half year back", r"(?:the )?(?:last|past) (?P<half>half) (?:a )?(?P<u>year)", units.last_n),
    (
        "couple",
        r"(?:in |during |for |over )?(?:the )?(?:last|past|previous) (?:couple of|couple) (?P<u>{u})",
        lambda a: found(periods.last(units.unit_of(a), 2, a.today, a.calendar), units.unit_of(a), 2),
    ),
    ("few", r"(?:in |during |for |over )?(?:the )?(?:last|past|previous) few (?P<u>{u})", units.few),
    ("fortnight", r"(?:the )?(?:last|past|previous) fortnight", units.fortnight),
    ("rolling", r"(?:the |on a |a )?(?:rolling|trailing|moving) (?P<n>\d{1,4}) ?-? ?(?P<u>{u})(?: basis)?", units.rolling),
    (
        "last n to today",
        r"(?:the )?(?:last|past) (?P<n>\d{1,4}) (?P<u>{u}) (?:to|until|till|up to|including) "
        r"(?:today|now|date)",
        units.rolling,
    ),
    ("n units to today", r"(?P<n>\d{1,4}) (?P<u>{u}) (?:to|until|till|up to|ending) (?:today|now|date)", units.rolling),
    ("unit before last", r"(?:the )?(?P<u>{u}) before last", units.unit_before_last),
    (
        "a year ago",
        r"(?:a|one|1|this time last|the same time last|same time last|same period last|the same period last|"
        r"same (?:day|week|month|quarter|season|time|period|days|weeks|months) (?:of |in |a )?(?:last|previous|the last|the previous)|"
        r"the same (?:day|week|month|quarter|days|weeks|months) (?:of |in |a )?(?:last|the previous)) "
        r"year(?: ago| before| earlier)?",
        units.ago_year,
    ),
    ("units ago", r"(?P<n>\d{1,4}|a) (?P<u>{u}) ago(?! (?:today|now))", units.units_ago),
    # fiscal years
    ("fiscal", r"(?:the |in )?(?:" + ANY + r" )?" + FISCAL + r" years?(?: (?:so far|to date))?", fiscal.fiscal_year),
    ("fiscal named", r"(?:in )?(?:fy|" + FISCAL + r"(?: year)?) ?(?P<y>(?:20)?\d\d)(?! [/-] \d)", fiscal.fiscal_year),
    ("fiscal span", r"(?:fy|" + FISCAL + r" year) ?\d\d\d\d (?:/|-) (?P<y>\d\d)", fiscal.fiscal_year),
    ("fytd", r"fytd|(?:this|last) fy|fy to date", lambda a: fiscal.fiscal_year(a)),
    (
        "fiscal quarter",
        r"" + FISCAL + r" (?:q ?|quarter )(?P<n>\d)(?: (?:fy ?|of )?(?P<y>(?:20)?\d\d))?",
        fiscal.fiscal_quarter,
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
        fiscal.fiscal_quarter,
    ),
    ("fy quarter", r"fy ?(?P<y>(?:20)?\d\d) q ?(?P<n>\d)", fiscal.fiscal_quarter),
    ("fiscal half", r"(?:" + FISCAL + r" h ?(?P<n>\d)(?: (?:fy ?)?(?P<y>(?:20)?\d\d))?)", fiscal.fiscal_half),
    ("half of fiscal", r"h ?(?P<n>\d) fy ?(?P<y>(?:20)?\d\d)", fiscal.fiscal_half),
    ("fiscal relative quarter", r"(?:the )?(?P<which>this|last) " + FISCAL + r" quarter", fiscal.fiscal_relative_quarter),
    # what a comparison names
    (
        "year before period",
        r"(?:the )?same (?:time|period|week|month|quarter|day|days|weeks|months) (?:a|1|one|the) year "
        r"(?:ago|earlier|before)",
        units.ago_year,
    ),
    (
        "before that",
        r"(?:the |those )?(?:(?P<n>\d{1,4}) )?(?:(?P<u>{u}) |one |ones )?(?:before that|before it|before those|"
        r"before them|prior|preceding|previously|beforehand|prior to that)",
        units.before_that,
    ),
    (
        "the n before",
        r"the (?:(?P<n>\d{1,4}) )?(?:(?P<u>{u}) )?(?:before|earlier)(?! (?:last|yesterday|today))",
        units.before_that,
    ),
    (
        "same days before",
        r"(?:the |those )?same (?:days?|times?|period|point|stage|dates|weeks?|stretch|part) (?:of |in |from |a )?(?:the )?"
        r"(?:last|previous|prior|past) (?P<u>(?!year){u})(?: before)?",
        units.same_days,
    ),
    ("weekend before that", r"(?:on |at |over )?(?:the )?weekend (?:before|prior|earlier)(?: that)?(?! last)", units.before_that),
    (
        "the previous n",
        r"the (?:previous|prior|preceding) (?:one|ones|period|time|\d{1,4})"
        r"(?! (?:{u}))(?: before)?",
        units.before_that,
    ),
    ("the last one", r"(?:the )?last(?: (?:one|time))?(?=$| [?.!,])", units.before_that),
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
