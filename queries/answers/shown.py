"""A comparison as one viewer may see it: who is named, which rows, which bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from queries.fairness import standing
from queries.fairness.board import Board, Standing
from queries.fairness.contest import board
from queries.fairness.improved import more_improved
from queries.fairness.recognised import recognised
from queries.figures import COMPARE, is_rate
from queries.labels import unit_name
from queries.periods import Period
from queries.privacy import redact
from queries.privacy.behind import counted_as, one_left, people_behind
from queries.privacy.guarded import ROUND
from queries.privacy.scope import Scope
from queries.query import Having, Query
from queries.setting import Setting, settling_from


@dataclass(frozen=True)
class Shown:
    """A board with what this viewer may see of it."""

    query: Query
    found: Board
    level: str
    named: frozenset[str]
    """Tokens of the recognised."""
    held: bool
    at: Setting
    verdicts: Mapping[str, str] = field(default_factory=dict)
    """Token -> what may be shown of the unit (see `redact`)."""
    bands: Mapping[str, int] = field(default_factory=dict)
    """How many units do well, are as expected, would welcome help: for those who see no single one of them."""

    def by_name(self, one: Standing) -> bool:
        naming = self.found.statement.scope.naming.get(self.level)
        return bool(naming and naming.everyone) or one.code is not None or one.token in self.named

    def exact(self, one: Standing) -> bool:
        """Whether the unit is told with its counts: by right, not because it is recognised."""
        naming = self.found.statement.scope.naming.get(self.level)
        return self.people or bool(naming and (naming.everyone or one.code is not None))

    def withheld(self, one: Standing) -> bool:
        return self.verdicts.get(one.token, redact.SHOWN) in redact.WITHHELD

    def name(self, one: Standing) -> str:
        code = one.code if one.code is not None else self.at.shelf.codes(self.level).get(one.token, "")
        return unit_name(self.at.shelf.directory, self.at.ground.catalogue, self.level, code)

    def code(self, one: Standing) -> str | None:
        return self.at.shelf.codes(self.level).get(one.token) if self.by_name(one) else None

    @property
    def people(self) -> bool:
        return self.level == self.at.ground.catalogue.person_level


def shown_board(query: Query, metric_key: str, level: str, at: Setting) -> Shown:
    """The comparison of one metric, of settled days only, with who may be named in it."""
    metric = at.ground.catalogue.metrics[metric_key]
    found = board(settled(query, metric_key, at), metric, level, at.ground, at.shelf, at.viewer)
    winners = any(h.op == "meets_standard" for h in query.having)
    named, held = recognised(found, at, winners)
    if query.order == "most_improved" and query.previous is not None:
        named = more_improved(query, found, at)
    shown = Shown(query, found, level, named, held, at, verdicts(query, found, level, at))
    return replace(shown, bands={} if shown.people or query.about or narrowed(shown) else band_counts(found))


def verdicts(query: Query, found: Board, level: str, at: Setting) -> dict[str, str]:
    """What may be shown of each unit: small groups not at all, and what would give them away neither."""
    if level == at.ground.catalogue.person_level:
        return {}
    codes = at.shelf.codes(level)
    naming = found.statement.scope.naming.get(level)
    by_right = () if naming is None or naming.everyone else naming.codes
    asked = query.with_(period=found.statement.period)
    key = ("behind", asked, level, by_right, at.today)
    behind = at.shelf.recent(key, lambda: people_behind(asked, found.metric, level, by_right, at))
    tallies = [
        _tally(one, codes.get(one.token, ""), behind, level, found.statement.scope, at) for one in found.standings
    ]

    def parent(code: str) -> tuple[tuple[str, str], ...]:
        unit = at.shelf.directory.units.get((level, code))
        return tuple(sorted(unit.within.items())) if unit else ()

    marks = redact.redact(tallies, found.statement.scope, {0: parent})
    return {one.token: mark for one, mark in zip(found.standings, marks, strict=True)}


def _tally(
    one: Standing, code: str, behind: Mapping[str, tuple[int, float | None]], level: str, scope: Scope, at: Setting
) -> redact.Tally:
    """A unit and who stands behind it: counted for those told by name, the staff of the others."""
    people, biggest = behind.get(code, (one.figure.people or at.shelf.staff(level, code) or None, one.figure.biggest))
    if one_left(level, code, scope, at):
        people = counted_as(people or scope.round_below, ROUND, scope)
    return redact.Tally((code,), one.figure.n, people, biggest)


BANDS = ("doing_well", "as_expected", "would_welcome_help")


def band_counts(found: Board) -> dict[str, int]:
    """How many units are in each band, when there are enough that no single one shows.

    Never of people, of picked places, or when all are in one: each would be told with them.
    """
    if found.fair is None or found.standard is None or found.own or not found.tells:
        return {}
    bands = standing.bands(found.fair, found.standard)
    if len(bands) < max(2 * found.statement.scope.units_min, found.count / 2):
        return {}
    counts = {name: bands.count(band) for name, band in zip(("well", "expected", "help"), BANDS, strict=True)}
    return counts if max(counts.values()) < len(bands) else {}


def settled(query: Query, metric_key: str, at: Setting) -> Query:
    """The question cut to its settled days, when it has some: young cases are never ranked."""
    first = settling_from(at.ground.catalogue.metrics[metric_key], at.today)
    period = query.period
    if first is None or period is None or period.end <= first or period.start >= first:
        return query
    return query.with_(period=Period(period.start, first))


def everyone(shown: Shown) -> bool:
    naming = shown.found.statement.scope.naming.get(shown.level)
    return bool(naming and naming.everyone)


def listed(shown: Shown) -> list[Standing]:
    """Who appears in the rows, in order: by tier and name where names are a matter of recognition, else as asked."""
    query, found = shown.query, shown.found
    units = [s for s in found.standings if shown.by_name(s) and s.figure.n and not shown.withheld(s)]
    if query.order in ("best", "most", "least", "most_improved") and not everyone(shown):
        units = [s for s in units if s.token in shown.named or s.own]
    units = [s for s in units if all(_meets(s, h, shown) for h in query.having)]
    if banded(shown):
        return sorted(units, key=lambda s: (BANDS.index(band_of(s)), shown.name(s)))
    if everyone(shown) or not (shown.people or query.order):
        turn = query.order == "room_to_grow"
        return (units[::-1] if turn else units)[: query.top] if query.order else units
    if shown.people:
        return sorted(units, key=shown.name)
    units.sort(key=lambda s: (s.token not in shown.named, s.tier or 99, shown.name(s)))
    return _whole_tiers(units, query.top, shown) if query.top else units


def banded(shown: Shown) -> bool:
    """Whether units in the line are grouped by how they stand, not put in an order."""
    naming = shown.found.statement.scope.naming.get(shown.level)
    return naming is not None and naming.banded


def band_of(one: Standing) -> str:
    """The group of a unit by its chance of beating the standard."""
    if one.beats is None:
        return BANDS[1]
    return BANDS[0] if one.beats >= 0.8 else BANDS[2] if one.beats <= 0.2 else BANDS[1]


def _whole_tiers(units: list[Standing], top: int, shown: Shown) -> list[Standing]:
    """The first `top`, and all who share the tier of the one that the number reaches; own units stay."""
    reach = units[top - 1].tier if len(units) >= top else None
    return [s for i, s in enumerate(units) if i < top or (reach is not None and s.tier == reach) or s.own]


def read_value(one: Standing, shown: Shown) -> float | None:
    """The plain figure as this viewer may read it; a threshold is held against it too, or it could be found by them.

    Of a small unit in whole percent or two digits, of one told because it is recognised in three.
    """
    value, small = one.figure.value, not shown.people and is_small(one, shown)
    if value is not None and small and is_rate(shown.found.metric, shown.found.side):
        return redact.whole_percent(value)
    return coarse(value, shown.exact(one), small)


def coarse(value: float | None, exact: bool, small: bool = False) -> float | None:
    """A figure as somebody without a right to the unit may read it: no counts can be worked out of three digits.

    Of a small unit: two digits, for everybody.
    """
    if value is None or (exact and not small):
        return value
    return redact.two_digits(value) if small else round(value, 3)


def _meets(one: Standing, having: Having, shown: Shown) -> bool:
    value = read_value(one, shown)
    if value is None:
        return False
    if having.op == "meets_standard":
        return one.beats is not None and one.beats >= standing.NAMED_PROBABILITY
    if having.op == "misses_standard":
        return one.beats is not None and one.beats <= 1 - standing.NAMED_PROBABILITY
    if shown.query.counts_cases(having):  # held against what is told only: the cases of units of one's own
        value = one.figure.count if shown.exact(one) and not is_small(one, shown) else None
    return value is not None and COMPARE[having.op](value, float(having.value or 0))


def dots_shown(shown: Shown) -> bool:
    """Whether the others are drawn one by one: enough of them, and the own place does not have to be kept back."""
    found = shown.found
    naming = found.statement.scope.naming.get(shown.level)
    if naming is None or (not naming.everyone and naming.rest not in ("spread", "anonymous")):
        return False
    unnamed = sum(1 for s in found.standings if not shown.by_name(s) and not shown.withheld(s))
    kept_back = found.tells and any(s.place is None and s.token in found.tokens for s in found.own)
    if narrowed(shown) and not shown.people:
        return False
    return not kept_back and redact.spread_shown(unnamed, found.statement.scope, shown.people)


def narrowed(shown: Shown) -> bool:
    """Whether the others are a picked lot: two such lots that differ by one unit would tell which bar is whose.

    One place named for the others is fine; lists, exclusions, two places at once, and restrictions to places are not.
    """
    catalogue = shown.at.ground.catalogue
    units = {*catalogue.unit_levels, *((catalogue.company.get("privacy") or {}).get("unit_dimensions") or ())}
    picked = [v for k, v in shown.query.where if k in units] + [
        v for k, v in shown.query.about if k in units and k != shown.level
    ]
    lists = [v for _, v in shown.query.peers if v.exclude or len(v.values) > 1]
    alike = bool(picked) and ("others" in shown.query.compare or any(v.exclude or len(v.values) > 1 for v in picked))
    return alike or bool(lists) or len(shown.query.peers) > 1


def enough_others(shown: Shown) -> bool:
    """Whether what the others do together is nobody's alone: three of them with cases, or all seen by name."""
    others = [s for s in shown.found.standings if not s.own and s.figure.n]
    return all(s.code is not None for s in others) or len(others) >= shown.found.statement.scope.units_min


def is_small(one: Standing, shown: Shown) -> bool:
    """Whether a unit is so small that its figure is rounded to whole per cent."""
    return shown.verdicts.get(one.token) == redact.ROUNDED


