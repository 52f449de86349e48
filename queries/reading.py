"""The reading: a question in everyday words to a query, a choice, a refusal or an honest "not read"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice, product

from queries.build import Made, NotAskableError, Work, build
from queries.catalogue import Catalogue
from queries.directory import Directory
from queries.english import tokens, without_courtesy
from queries.following import follow, says_anything, sides_of
from queries.meaning import Candidate, Meaning, meaning
from queries.names import Name
from queries.outcomes import Choice, Choices, Mark, Outcome, Reading, Refused, Unread
from queries.parts import Parts, parts
from queries.query import Query
from queries.reach import has_unit, works_in
from queries.rights import Refusal, judge
from queries.said import said
from queries.scan import Knowledge, Mention, knowledge, scan
from queries.spelling import corrected
from queries.viewer import Viewer
from queries.words import Side

__all__ = ["Choices", "Mark", "Reading", "Refused", "Unread", "read"]
MOST = 5
SQL = re.compile(
    r"\bselect\b.+\bfrom\b|\binsert\s+into\b|\bdelete\s+from\b|\bdrop\s+(table|database|view)\b|\bupdate\b.+\bset\b.+="
    r"|\bunion\s+(all\s+)?select\b|;\s*--|\bcreate\s+(table|view)\b|\balter\s+table\b|\btruncate\b|\bexec(ute)?\s*\(|\bpragma\b",
    re.IGNORECASE | re.DOTALL,
)


def read(
    text: str, catalogue: Catalogue, directory: Directory, viewer: Viewer, today: date,
    after: Query | None = None, taught: Mapping[str, str] | None = None,
) -> Outcome:  # fmt: skip
    """What a question means to this viewer today; `after`: the query it follows up, `taught`: own words."""
    return Reader(known(catalogue, directory, taught), viewer, today).read(text, after)


_KNOWN: dict[tuple[int, int, tuple[tuple[str, str], ...]], tuple[Catalogue, Directory, Knowledge]] = {}


def known(catalogue: Catalogue, directory: Directory, taught: Mapping[str, str] | None = None) -> Knowledge:
    """The knowledge of a store version, made once."""
    key = (id(catalogue), id(directory), tuple(sorted((taught or {}).items())))
    held = _KNOWN.get(key)
    if held is None or held[0] is not catalogue or held[1] is not directory:
        while len(_KNOWN) > 5:
            _KNOWN.pop(next(iter(_KNOWN)))
        held = (catalogue, directory, knowledge(catalogue, directory, taught))
        _KNOWN[key] = held
    return held[2]


@dataclass(frozen=True)
class Option:
    """Metrics that a question may be about, with the words that say so."""

    sides: tuple[Side, ...]
    core: frozenset[int] = frozenset()
    covers: frozenset[int] = frozenset()
    framed: bool = False


class Reader:
    """One asker on one day."""

    def __init__(self, know: Knowledge, viewer: Viewer, today: date) -> None:
        self.know, self.viewer, self.today = know, viewer, today

    def read(self, text: str, after: Query | None = None) -> Outcome:
        if SQL.search(text):
            return Unread("This box takes questions in plain words, not SQL.", kind="sql")
        words, changed = corrected(without_courtesy(tokens(text)), self.know.spelt)
        if not any(t.is_word for t in words):
            return Unread("There is no question yet.", kind="empty")
        found = scan(words, self.know, self.today, after is not None)
        p = parts(found, self.know)
        if p.unread:
            return Unread(_reason(p.unread), kind=p.unread)
        held = frozenset(p.held | p.closed)
        m = meaning(found, self.know, held, frozenset(p.closed), frozenset(p.courtesy))
        if after is not None:
            return self._following(p, m, changed, after)
        return self._outcome(p, m, changed)

    def _following(self, p: Parts, m: Meaning, changed: Sequence[tuple[str, str]], after: Query) -> Outcome:
        options = self._options(p, m)
        left = sorted(m.content - self._structure(p))
        if not options and (left or not says_anything(p)) and not _about_dim(p):
            return self._unread(p, left)
        new = bool(options)
        made: list[Made] = []
        problem: NotAskableError | None = None
        for option in options or [Option(sides_of(after))]:
            sides = option.sides
            if new and p.also:
                sides = (*sides_of(after), *[s for s in sides if s.metric not in after.metrics])
            for names in self._names(p, sides):
                work = self._work(p, option, sides)
                try:
                    made.append(follow(work, names, after, new))
                except NotAskableError as fault:
                    problem = problem or fault
        if not made:
            return Unread(_why(problem), kind=problem.kind if problem else "not_held")
        return self._allowed(made, changed, p)

    def _outcome(self, p: Parts, m: Meaning, changed: Sequence[tuple[str, str]]) -> Outcome:
        options = self._options(p, m)
        if not options:
            left = sorted(m.content - self._structure(p))
            over = self._over(p)
            if not left and over:
                options = [Option((over,))]
            elif not left and (p.headline or self._speaks(p)):
                options = [Option(self._headline(p))]
            else:
                return self._unread(p, left)
        made: list[Made] = []
        problem: NotAskableError | None = None
        for option in options:
            for names, pick in product(self._names(p, option.sides), range(self._periods(p))):
                work = self._work(p, option, option.sides)
                work.pick = pick
                try:
                    made.append(build(work, names))
                except NotAskableError as fault:
                    problem = problem or fault
        if not made:
            return Unread(_why(problem), kind=problem.kind if problem else "not_held")
        return self._allowed(made, changed, p)

    def _work(self, p: Parts, option: Option, sides: tuple[Side, ...]) -> Work:
        return Work(p, sides, self.know, self.viewer, self.today, option.core, option.covers, option.framed)

    def _periods(self, p: Parts) -> int:
        """How many periods compete for one place: each gives a reading of its own."""
        earlier = len([f for f in p.dates if f.start in p.previous_at])
        main = len(p.dates) - earlier
        return max(earlier, main if earlier or main > 2 else 1, 1)

    def _over(self, p: Parts) -> Side | None:
        """The share metric of a dimension that is named alone: themes are asked for by their share."""
        keys = {t.key for t in p.by} | {t.key for m in p.scan.mentions for t in m.terms if t.kind != "level"}
        over = [m.key for m in self.know.catalogue.metrics.values() if m.over in keys]
        return Side(over[0]) if len(over) == 1 else None

    def _options(self, p: Parts, m: Meaning) -> list[Option]:
        """The metrics that a question may be about: one reading, or several that are as good."""
        fine = [c for c in m.candidates if not c.left]
        if fine:
            best = fine[0]
            same = [
                c
                for c in fine
                if c.rank[0] <= best.rank[0]
                and c.strength >= best.strength - 0.15
                and c.side.metric != best.side.metric
            ]
            phrased = [c for c in m.candidates if not c.framed and not c.flipped]
            pair = self._pair(p, m, best) or (self._pair(p, m, phrased[0]) if best.framed and phrased else None)
            if pair:
                return [pair]
            default = next((a.default for a in m.ambiguous if a.default), None)
            if default and default in [c.side for c in (best, *same)]:
                same = []
                best = next(c for c in fine if c.side == default)
            chosen = [best, *[c for c in same if c.side != best.side]][:MOST]
            return [Option((c.side,), c.core, c.covers, c.framed) for c in chosen]
        for first in m.candidates[:6]:
            pair = self._pair(p, m, first)
            if pair:
                return [pair]
        return []

    def _pair(self, p: Parts, m: Meaning, first: Candidate) -> Option | None:
        """Two metrics in one question: their words apart, joined by a small word, nothing left over."""
        words = p.scan.tokens
        sides, core, covers = [first], set(first.core), set(first.covers)
        soft = self._structure(p)
        for c in sorted(m.candidates, key=lambda c: -c.strength):
            if (
                c.framed
                or first.framed
                or c.side.metric in {x.side.metric for x in sides}
                or not c.core.isdisjoint(core)
            ):
                continue
            low, high = (first, c) if min(first.core) < min(c.core) else (c, first)
            between = range(max(low.core) + 1, min(high.core)) if max(low.core) < min(high.core) else range(0)
            joined = any(
                words[i].norm
                in ("and", "&", "+", ",", "plus", "with", "vs", "/", "together", "versus", "or", "against")
                for i in between
            )
            if joined:
                sides.append(c)
                core |= c.core
                covers |= c.covers
        if len(sides) < 2 or m.content - covers - soft:
            return None
        ordered = sorted(sides, key=lambda c: min(c.core))
        return Option(tuple(c.side for c in ordered), frozenset(core), frozenset(covers))

    def _structure(self, p: Parts) -> frozenset[int]:
        return frozenset(i for m in p.scan.mentions for i in range(m.start, m.end))

    def _speaks(self, p: Parts) -> bool:
        return bool(p.compare & {"others", "standard", "company"}) or bool(p.named and p.dates)

    def _headline(self, p: Parts) -> tuple[Side, ...]:
        company = self.know.catalogue.company
        table = company.get("headline") or {}
        role = company["roles"].get(self.viewer.role) or {}
        keys = (
            table.get(self.viewer.kind) or table.get(self.viewer.work) if role.get("headline") == "own_work" else None
        )
        for m in p.named:
            name = min(m.names)
            works = works_in(name.level, name.code, self.know.catalogue, self.know.directory)
            kind = self.know.directory.units.get((name.level, name.code))
            keys = table.get(kind.kind if kind else "") or (table.get(min(works)) if len(works) == 1 else None)
        if any(w.kind == "whole" for w in p.whose):
            keys = None
        keys = keys or table.get(self.know.catalogue.whole) or next(iter(table.values()), [])
        return tuple(Side(k) for k in keys)

    def _names(self, p: Parts, sides: Sequence[Side]) -> list[list[tuple[Mention, Name]]]:
        """Every reading of the names that this metric can have."""
        readings: list[list[tuple[Mention, Name]]] = []
        for mention in p.named:
            fitting = [n for n in self._team_of(p, mention) if self._fits(n, sides)]
            full = [n for n in fitting if n.how == "full"]
            level = self._level_beside(p, mention)
            if level:
                fitting = [n for n in fitting if n.level == level] or fitting
                full = [n for n in full if n.level == level]
            person = self.know.catalogue.person_level
            own = [n for n in fitting if n.level == person and self._mine(n)]
            chosen = fitting
            if own and all(n.level == person for n in fitting):
                chosen = own
            if len(full) == 1 and all(n.how == "part" and n.level == person for n in fitting if n not in full):
                chosen = full
            readings.append([(mention, n) for n in chosen[: MOST + 1]] or [(mention, n) for n in mention.names[:1]])
        return [list(c) for c in islice(product(*readings), 12)]

    def _mine(self, n: Name) -> bool:
        person = self.know.directory.people.get(n.code)
        return bool(person and person.unit in self.viewer.own_of(person.unit_level))

    def _level_beside(self, p: Parts, mention: Mention) -> str:
        for m in p.scan.mentions:
            if m.level and (m.start == mention.end or m.end == mention.start) and not m.level.plural:
                return m.level.key
        return ""

    def _team_of(self, p: Parts, mention: Mention) -> list[Name]:
        """`Rosa's team`: the units that people of that name lead."""
        level = self._level_beside(p, mention)
        person = self.know.catalogue.person_level
        if level and level != person and any(n.level == person for n in mention.names):
            led = []
            for n in mention.names:
                covers = self.know.directory.people[n.code].covers if n.level == person else ("", ())
                if covers[0] == level:
                    led += [Name(level, code, n.how) for code in covers[1]]
            named = [n for n in mention.names if n.level != person]
            if led or named:
                return led + named
        return list(mention.names)

    def _fits(self, n: Name, sides: Sequence[Side]) -> bool:
        metrics = [self.know.catalogue.metrics[s.metric] for s in sides]
        return all(has_unit(m, n.level, n.code, self.know.catalogue, self.know.directory) for m in metrics)

    def _allowed(self, made: list[Made], changed: Sequence[tuple[str, str]], p: Parts) -> Outcome:
        """Readings that this asker may have; one is an answer, several are choices."""
        unique: dict[str, Made] = {}
        for x in made:
            unique.setdefault(repr(x.query.to_json()), x)
        verdicts = [
            (x, judge(x.query, self.viewer, self.know.catalogue, self.know.directory, self.today))
            for x in unique.values()
        ]
        fine = [x for x, v in verdicts if not isinstance(v, Refusal)]
        if not fine:
            first, verdict = verdicts[0]
            assert isinstance(verdict, Refusal)
            return Refused(verdict, first.query, self._say(first.query))
        if len(fine) == 1:
            x = fine[0]
            unused = tuple(p.scan.tokens[i].text for i in sorted(set(x.unused)))
            return Reading(x.query, self._say(x.query), (*[f"spelt:{a}:{b}" for a, b in changed], *x.assumed), unused)
        return Choices(tuple(Choice(self._say(x.query), x.query) for x in fine[:MOST]))

    def _say(self, query: Query) -> str:
        return said(query, self.know.catalogue, self.know.directory, self.viewer)

    def _unread(self, p: Parts, left: Sequence[int]) -> Outcome:
        words = [p.scan.tokens[i].text for i in left]
        reason = (
            "I do not know what this means here: " + ", ".join(words) if words else "No figure that is held is named."
        )
        return Unread(reason, unused=tuple(words), kind="unknown_words" if words else "not_held")


def _about_dim(p: Parts) -> bool:
    """Whether a follow-up only names values or break-downs."""
    return any(m.values or m.dim for m in p.scan.mentions)


def _reason(kind: str) -> str:
    return {
        "future": "The future is not held.",
        "change": "Figures cannot be changed here.",
        "order": "Only questions are answered here.",
    }.get(kind, kind)


def _why(problem: NotAskableError | None) -> str:
    return problem.kind if problem else "not held"


def replace_after(query: Query, **changes: object) -> Query:
    """A query with some fields replaced."""
    return replace(query, **changes)  # type: ignore[arg-type]
