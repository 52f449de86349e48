"""The reading: a question in everyday words to a query, a choice, a refusal or an honest "not read"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice, product

from queries.catalogue import Catalogue
from queries.directory import Directory
from queries.outcomes import Choice, Choices, Mark, Outcome, Reading, Refused, Unread
from queries.privacy.rights import Case, Refusal, Sight, judged
from queries.query import Query
from queries.reading.assemble import Made, NotAskableError, Work, build
from queries.reading.candidates import Meaning
from queries.reading.courtesy import without_correction, without_courtesy
from queries.reading.following import follow, says_anything, sides_of
from queries.reading.knowing import known
from queries.reading.marking import marks
from queries.reading.meaning import meaning
from queries.reading.naming import Reading as Names
from queries.reading.naming import readings
from queries.reading.options import Option, by_role, contested, fallback, headline, most_like, options, structure
from queries.reading.parts import Parts, parts
from queries.reading.scan import Knowledge, scan
from queries.reading.spelling import corrected
from queries.reading.telling import assumed, reason, sentences
from queries.reading.tokens import Token, tokens
from queries.reading.words import Side
from queries.said import said
from queries.viewer import Viewer

__all__ = ["Choices", "Mark", "Reading", "Refused", "Unread", "known", "read"]
MOST, NEAREST, TRIES = 5, 3, 12
SQL = re.compile(
    r"\bselect\b.+\bfrom\b|\binsert\s+into\b|\bdelete\s+from\b|\bdrop\s+(table|database|view)\b|\bupdate\b.+\bset\b.+="
    r"|\bunion\s+(all\s+)?select\b|;\s*--|\bcreate\s+(table|view)\b|\balter\s+table\b|\btruncate\b|\bexec(ute)?\s*\(|\bpragma\b"
    r"|\bwhere\s+\w+\s*(=|<>|!=)\s*",
    re.IGNORECASE | re.DOTALL,
)


def read(
    text: str, catalogue: Catalogue, directory: Directory, viewer: Viewer, today: date,
    after: Query | None = None, taught: Mapping[str, str] | None = None,
) -> Outcome:  # fmt: skip
    """What a question means to this viewer today; `after`: the query it follows up, `taught`: own words."""
    return Reader(known(catalogue, directory, taught), viewer, today).read(text, after)


class Reader:
    """One asker on one day."""

    def __init__(self, know: Knowledge, viewer: Viewer, today: date) -> None:
        self.know, self.viewer, self.today = know, viewer, today
        self._sight = Sight(viewer, know.catalogue, know.directory)

    def read(self, text: str, after: Query | None = None) -> Outcome:
        """The outcome for a question as typed."""
        if SQL.search(text):
            return self._unread("sql")
        said = without_courtesy(tokens(text))
        words, changed = corrected(said if after is None else without_correction(said), self.know.spelt)
        if not any(t.is_word for t in words):
            return self._unread("empty")
        p = self._parts(words, after is not None)
        if p.unread:
            return self._unread(p.unread, marked=marks(p, (), False, ()))
        told = [f"spelt:{was}:{word}" for was, word in changed]
        found = self._outcome(p, told, after)
        if isinstance(found, Reading) and _weekdays(p):
            return _either(found, self._outcome(self._parts(words, after is not None, True), told, after))
        return found

    def _outcome(self, p: Parts, told: list[str], after: Query | None) -> Outcome:
        closed = frozenset(p.closed)
        m = meaning(p.scan, self.know, frozenset(p.held) | closed, closed, frozenset(p.courtesy))
        return self._follow(p, m, told, after) if after is not None else self._plain(p, m, told)

    def _parts(self, words: Sequence[Token], following: bool, kinds: bool = False) -> Parts:
        return parts(scan(words, self.know, self.today, following, kinds), self.know)

    def _plain(self, p: Parts, m: Meaning, told: list[str]) -> Outcome:
        found = by_role(options(p, m), self.know, self.viewer)
        left = m.content - structure(p)
        if not found and not left:
            found = fallback(p, self.know, self.viewer)
        liked, lead = most_like(p, m, self.know)
        found = contested(found, liked, lead) if found else liked
        if not found:
            return self._not_known(p, m, left)

        def made(option: Option, names: Names, pick: int, forced: Mapping[int, str]) -> Made:
            return build(self._work(p, option, option.sides, pick, forced), names)

        return self._tried(p, m, found, told, made, self._competing(p))

    def _follow(self, p: Parts, m: Meaning, told: list[str], after: Query) -> Outcome:
        found = options(p, m)
        left = m.content - structure(p)
        about = any(x.values or x.dim for x in p.scan.mentions)
        if not found and (left or not says_anything(p)) and not about:
            return self._not_known(p, m, left)
        new = bool(found)

        def made(option: Option, names: Names, pick: int, forced: Mapping[int, str]) -> Made:
            sides = option.sides
            if new and p.also:
                sides = (*sides_of(after), *[s for s in sides if s.metric not in after.metrics])
            return follow(self._work(p, option, sides, pick, forced), names, after, new)

        return self._tried(p, m, found or [Option(sides_of(after))], told, made, self._competing(p))

    def _tried(
        self, p: Parts, m: Meaning, found: Sequence[Option], told: list[str],
        make: Callable[[Option, Names, int, Mapping[int, str]], Made], periods: int,
    ) -> Outcome:  # fmt: skip
        made: list[tuple[Made, Option]] = []
        problem: NotAskableError | None = None
        for option in found:
            tries = product(readings(p, option.sides, self.know, self.viewer), range(periods))
            for names, pick in islice(tries, TRIES):
                try:
                    first = make(option, names, pick, {})
                    made.append((first, option))
                    others = [{at: key} for at, keys in first.open.items() for key in keys[1:]]
                    made += [(make(option, names, pick, forced), option) for forced in others[:MOST]]
                except NotAskableError as fault:
                    problem = problem or fault
        if made:
            return self._allowed(made, told, p)
        if problem is None:
            return self._unread("not_held")
        near = self._nearest([c.side for c in m.candidates] + [s for o in found for s in o.sides])
        marked = marks(p, found[0].core, found[0].framed, ())
        return self._unread(problem.kind, problem.values, near, marked)

    def _work(
        self, p: Parts, option: Option, sides: tuple[Side, ...], pick: int = 0, forced: Mapping[int, str] | None = None
    ) -> Work:
        if p.why_at is not None and p.why_at in option.core:  # "why customers contact us"
            p = replace(p, explain="")
        return Work(
            p, sides, self.know, self.viewer, self.today, option.core, option.covers, option.framed, pick, forced or {},
            places=option.places, assumed=list(option.told), unused=sorted(option.strange),
        )  # fmt: skip

    def _competing(self, p: Parts) -> int:
        """How many periods compete for one place: each gives a reading of its own."""
        earlier = len([f for f in p.dates if f.start in p.previous_at])
        main = len(p.dates) - earlier
        return max(earlier, main, 1)

    def _allowed(self, made: Sequence[tuple[Made, Option]], told: list[str], p: Parts) -> Outcome:
        """Readings that this asker may have; one is an answer, several are choices."""
        unique: dict[str, tuple[Made, Option]] = {}
        for x, option in made:
            unique.setdefault(repr(x.query.to_json()), (x, option))
        judged = [(x, option, self._judge(x.query)) for x, option in unique.values()]
        fine = [(x, option) for x, option, verdict in judged if not isinstance(verdict, Refusal)]
        first, option = fine[0] if fine else judged[0][:2]
        say = assumed([*told, *first.assumed], first.query, self.know)
        marked = marks(p, option.core, option.framed, first.unused)
        if not fine:
            verdict = judged[0][2]
            assert isinstance(verdict, Refusal)
            return Refused(verdict, first.query, self._say(first.query), say, marked)
        if len(fine) == 1:
            unused = tuple(dict.fromkeys(p.scan.tokens[i].text for i in sorted(set(first.unused))))
            return Reading(first.query, self._say(first.query), say, unused, marked)
        offered = tuple(Choice(self._say(x.query), x.query) for x, _ in fine[:MOST])
        spelt = assumed(told, first.query, self.know)
        return Choices(offered, _open(fine), spelt, (), marked)

    def _judge(self, query: Query) -> object:
        return judged(Case(query, self._sight, self.today))

    def _say(self, query: Query) -> str:
        return said(query, self.know.catalogue, self.know.directory, self.viewer)

    def _not_known(self, p: Parts, m: Meaning, left: frozenset[int]) -> Outcome:
        """Words that nobody knows, or no metric at all."""
        best = m.candidates[0] if m.candidates else None
        strange = sorted(p.scan.unheld or (best.left if best and best.left else left))
        near = self._nearest([c.side for c in m.candidates])
        words = tuple(dict.fromkeys(p.scan.tokens[i].text for i in strange))
        marked = marks(p, best.core if best else (), False, strange)
        quoted = ", ".join(f"“{w}”" for w in (_side_by_side(strange, p) if p.scan.unheld else words))
        if p.scan.unheld:
            return self._unread("unheld", {"words": quoted}, near, marked, words)
        if not words:
            return self._unread("no_figure" if p.dates or p.whose or p.named else "not_held", {}, near, marked)
        if best is not None and best.strength >= 1.4 and len(strange) <= 2:
            values = {"words": quoted, "metric": best.side.metric}
            return self._unread("unknown_words_beside", values, near, marked, words)
        return self._unread("unknown_words", {"words": quoted}, near, marked, words)

    def _unread(
        self, kind: str, values: Mapping[str, object] | None = None, near: tuple[str, ...] | None = None,
        marked: tuple[Mark, ...] = (), unused: tuple[str, ...] = (),
    ) -> Unread:  # fmt: skip
        nearest = self._nearest([]) if near is None else near
        return Unread(reason(kind, self.know, values or {}), nearest, unused, marked, kind)

    def _nearest(self, sides: Iterable[Side]) -> tuple[str, ...]:
        """Up to three questions near the one asked that work for this asker."""
        empty = self._parts(tokens("?"), False)
        out: list[str] = []
        for side in dict.fromkeys([*list(sides)[:6], *headline(empty, self.know, self.viewer)]):
            if len(out) >= NEAREST:
                break
            try:
                query = build(self._work(empty, Option((side,)), (side,)), []).query
            except NotAskableError:
                continue
            if not isinstance(self._judge(query), Refusal):
                out.append(self._say(query))
        return tuple(dict.fromkeys(out))


def _side_by_side(at: Sequence[int], p: Parts) -> tuple[str, ...]:
    """The words at these places, those side by side together: `net promoter score`."""
    runs: list[list[int]] = []
    for i in at:
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return tuple(dict.fromkeys(" ".join(p.scan.tokens[i].text for i in run) for run in runs))


def _weekdays(p: Parts) -> bool:
    """`mon vs fri`: two weekdays side by side, which may be two days or two kinds of days."""
    return len(p.dates) == 2 and all(f.rule == "weekday" and f.end - f.start == 1 for f in p.dates)


def _either(one: Reading, other: Outcome) -> Outcome:
    """Both readings to choose from, when both can be had."""
    if not isinstance(other, Reading) or other.query == one.query:
        return one
    offered = tuple(Choice(r.said, r.query) for r in (one, other))
    return Choices(offered, sentences()["choices"]["period"], (), (), one.marks)


def _open(fine: Sequence[tuple[Made, Option]]) -> str:
    queries = [x.query for x, _ in fine]
    if len({q.metrics for q in queries}) > 1:
        return sentences()["choices"]["metric"]
    return sentences()["choices"]["name" if len({q.about for q in queries}) > 1 else "period"]
