"""Thresholds: numbers and standards that a figure must pass to be listed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from queries.catalogue import Metric
from queries.query import Having
from queries.reading.assemble.work import NotAskableError, Work
from queries.reading.edges import MINUTES
from queries.reading.english import english, stem
from queries.reading.settled import Hard
from queries.reading.tokens import Token, norms
from queries.reading.words import Side

DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
SPAN = re.compile(r"(\d+)[ -](day|week|month)")
SHARES = ("ratio", "stock", "share")
TIMED = frozenset(("seconds", "minutes", "hours", "days"))
WHETHER = frozenset(("is", "are", "am", "was", "were", "do", "does", "did", "has", "have"))
RATED = frozenset(("stars", "star", "points", "point"))
"""What answers and reviews are rated in; no number of cases."""
THAT = frozenset(("with", "where", "when", "that", "having"))
SPENT = frozenset(("take", "need", "require", "last", "wait"))
"""After these verbs a number is of every single case: `took more than two visits`."""


def having_of(work: Work, by: list[str], compare: set[str]) -> tuple[Having, ...]:
    """The thresholds on the result.

    Raises:
        NotAskableError: a number that the metric cannot have, or one that only single cases can pass.
    """
    p = work.parts
    out: list[Having] = []
    if p.explain:
        return ()
    listed = bool(by) or p.single or (bool(p.ops) and _times_listed(work))
    for op, value, hard in p.ops:
        sides = work.sides if op.endswith("_standard") and _both(work) else (_nearest_side(work, hard.start),)
        metrics = work.know.catalogue.metrics
        if op.endswith("_standard") and not listed:
            compare.add("standard")
        elif op.endswith("_standard"):
            out += [Having(s.metric, _standard_op(op, metrics[s.metric], s)) for s in sides]
        elif value is not None and not _window(work, metrics[sides[0].metric], value, hard):
            out.append(_limit(work, metrics[sides[0].metric], (op, value, hard), listed))
    for metric in {h.metric for h in out if metrics[h.metric].kind == "ratio"}:
        if len({h.value > 1 for h in out if h.metric == metric and h.value}) > 1:  # a share and a number of cases
            raise NotAskableError("unknown_words", words=_quoted(work, p.ops[-1][2]))
    return tuple(out)


def _limit(work: Work, metric: Metric, said: tuple[str, float, Hard], listed: bool) -> Having:
    """A number that the figure must be over or under.

    Raises:
        NotAskableError: a number of something else, or of single cases.
    """
    op, value, hard = said
    if not _counts_in(work, metric, hard):
        raise NotAskableError("other_unit", metric=metric.key, unit=metric.unit, words=_quoted(work, hard, 1))
    scaled = _scaled(work, metric, value, hard.end, hard.start)
    over_all = metric.kind in SHARES and op == ">" and scaled == 1 and work.parts.show != "count"
    if over_all:  # "customers with more than one problem"
        raise NotAskableError("other_unit", metric=metric.key, unit=metric.unit, words=_quoted(work, hard, 1))
    if not listed and metric.kind not in SHARES and not _asks_whether(work):
        raise NotAskableError("single_cases", metric=metric.key, words=_quoted(work, hard, 1))
    if not listed and not _of_this_unit(work, metric, hard):
        raise NotAskableError("unknown_words", words=_quoted(work, hard))
    return Having(metric.key, op, scaled)


def _times_listed(work: Work) -> bool:
    """`weeks with more than 10 % late`: the weeks are the list."""
    p, units = work.parts, english().units
    if p.grain:
        return True
    for t, after in itertools.pairwise(p.scan.tokens):
        if t.norm in units and t.norm.endswith("s") and after.norm in THAT:
            p.grain = units[t.norm]
            return True
    return False


def _asks_whether(work: Work) -> bool:
    """`is our typical delay over 20 minutes`: asked of the one figure, not of how many cases."""
    opening = next((t.norm for t in work.parts.scan.tokens if t.is_word), "")
    return opening in WHETHER and work.parts.show != "count"


def _counts_in(work: Work, metric: Metric, hard: Hard) -> bool:
    """Whether what a number counts can be what the metric counts: no visits of a duration, no hours of a share."""
    words = work.parts.scan.tokens
    said = _counted(words, hard)
    if said is None or words[hard.end - 1].norm in ("%", "percent"):
        return True
    unit = english().units.get(said.norm) or said.norm.removesuffix("s")
    if unit in DAYS or unit in MINUTES or unit == "second":
        return bool(TIMED & set(norms(metric.unit)))
    if metric.kind in SHARES:
        people = any(m.start == hard.end and m.level for m in work.parts.scan.mentions)
        spent = bool(hard.start) and words[hard.start - 1].stem in SPENT
        return said.norm not in RATED and not spent and not (people and said.norm not in _own_words(metric))
    own = {stem(w) for w in (*norms(metric.unit), *norms(metric.label))}
    return not said.norm.endswith("s") or said.stem in own or said.norm in RATED


def _counted(words: Sequence[Token], hard: Hard) -> Token | None:
    """The word right after a number, when it is one that can be counted."""
    after = next((t for t in words[hard.end : hard.end + 2] if t.norm not in ("working", "full", "whole")), None)
    return after if after is not None and after.is_word and after.norm not in english().glue else None


def _own_words(metric: Metric) -> frozenset[str]:
    return frozenset(norms(f"{metric.unit} {metric.label} {metric.mirror_label}"))


def _window(work: Work, metric: Metric, value: float, hard: Hard) -> bool:
    """`within 90 days` beside a metric that is no time: only its own span, which says nothing new.

    Raises:
        NotAskableError: another span than the metric's own.
    """
    words = work.parts.scan.tokens
    after = words[hard.end].norm if hard.end < len(words) else ""
    days = DAYS.get(english().units.get(after, ""))
    if days is None or TIMED & set(norms(metric.unit)):
        return False
    own = {int(n) * DAYS[unit] for n, unit in SPAN.findall(f"{metric.plain} {metric.raw.get('numerator')}".lower())}
    if int(value * days) not in own:
        raise NotAskableError("unknown_words", words=_quoted(work, hard))
    return True


def _of_this_unit(work: Work, metric: Metric, hard: Hard) -> bool:
    """Whether a number without a list beside it can be the metric's own: said in percent, or in its unit."""
    words = work.parts.scan.tokens
    near = {t.norm for t in words[hard.start : hard.end + 2]}
    if metric.kind in ("ratio", "stock", "share"):
        return bool(near & {"%", "percent"}) or hard.end in work.core or work.parts.show == "count"
    return True


def _both(work: Work) -> bool:
    """`miss the target on both`: the threshold holds for every metric."""
    return bool({"both", "each", "all"} & {t.norm for t in work.parts.scan.tokens})


def _quoted(work: Work, hard: Hard, more: int = 0) -> str:
    words = work.parts.scan.tokens[hard.start : hard.end + more]
    return "“" + " ".join(t.text for t in words) + "”"


def _standard_op(op: str, metric: Metric, side: Side) -> str:
    if op in ("meets_standard", "misses_standard"):
        return op
    higher = (metric.direction == "higher") == (side.side == "metric")
    return "meets_standard" if (op == "above_standard") == higher else "misses_standard"


def _nearest_side(work: Work, at: int) -> Side:
    """The side whose words stand nearest to a threshold."""
    if not work.places:
        return work.sides[0]

    words = work.parts.scan.tokens

    def nearness(place: tuple[Side, frozenset[int]]) -> tuple[int, int]:
        near = [i for i in place[1] if at - 5 < i < at]
        return min((_steps(words, i, at) for i in place[1]), default=999), -len(near)

    return min(work.places, key=nearness)[0]


def _steps(words: Sequence[Token], one: int, other: int) -> int:
    """How far apart two words stand; the joint between two clauses is a long step."""
    low, high = sorted((one, other))
    return high - low + 5 * any(t.norm in ("and", "but", ",", "or", "while") for t in words[low:high])


def _scaled(work: Work, metric: Metric, value: float, end: int, start: int) -> float:
    words = work.parts.scan.tokens
    text = {t.norm for t in words[start : end + 2]}
    if metric.kind not in SHARES:
        return value * next((MINUTES[w] for w in text if w in MINUTES), _unit_of(metric)) / _unit_of(metric)
    percent = bool(text & {"%", "percent", "percentage"})
    if percent or value <= 1:
        return round(value / 100, 6) if percent else value
    if metric.kind != "share" and value == int(value) and _of_cases(work, end):
        work.parts.show = work.parts.show or "count"
        return value
    return round(value / 100, 6)


def _unit_of(metric: Metric) -> float:
    """The minutes in the unit of a time; 1 for anything else."""
    return next((MINUTES[w] for w in norms(metric.unit) if w in MINUTES), 1.0)


def _of_cases(work: Work, at: int) -> bool:
    """`more than 10 late visits`, `late more than 3 times`: a number of cases, not of a hundred."""
    words = work.parts.scan.tokens
    after = words[at].norm if at < len(words) else ""
    return after == "times" or (at in work.core and after not in english().prepositions)
