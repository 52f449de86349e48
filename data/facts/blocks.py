"""The `facts:` block of a metric: from which fact, by which expressions, its roll-up is made.

    facts:
      from: visit                   # the fact, models/*.sql `fact: visit`
      day: due_day                  # SQL of the metric's own local day
      where: due                    # which rows count at all
      num: late                     # SQL; booleans count as 0 and 1, fractions to a 2^-32th: so they add up exactly
      den: 1                        # left out: 0
      value: minutes                # kind median: the value at its resolution instead of num and den
      mirror: …                     # where the mirror has a part of its own
      item: colleague               # count of distinct things instead of num
      n: …                          # how many a row stands for, 1 unless said
      mix: [job_type, density]      # cell of like cases
      dimensions: {density: area_density}   # SQL where a dimension is not simply a column of its name
      person: person                # one key a level of the organisation: what the row says itself
      person_if: not ours           # otherwise the single person is left empty in the roll-up
      else: {team: job_team}        # where it cannot be told from the level below
      early: {num: …}               # a second, hidden roll-up m_<metric>__early; keys that differ
      credited: {planning: {team: desk}}   # units of a kind of work share in the work of others: their figures lie in
                                    # a roll-up m_<metric>__<work> of their own, so that nothing counts twice above them
      parts: [{…}, {…}]             # several selects, each with keys that differ
      rows: {value: minutes, unit: minutes, show: [number], words: [visits]}   # single rows may be listed

Expressions may use the columns of the fact, what its lookups take, and of the row's lowest known unit: unit_<level>,
unit_work, unit_kind, unit_density.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from data.facts.models import ModelError
from data.facts.yaml import read_yaml

KEYS = (
    "from", "day", "where", "num", "den", "value", "mirror", "item", "n", "mix", "dimensions", "else", "early",
    "parts", "rows", "credited",
)  # fmt: skip
EARLY = "__early"
BELOW = "a level below the whole is needed, by whose units figures are kept: - {key: branch, facts: its column}"


@dataclass(frozen=True)
class Levels:
    """Levels of the organisation below the whole, from the single one upward, and which unit lies in which."""

    keys: tuple[str, ...]
    within: Mapping[str, tuple[str, ...]]
    person: str | None
    says: Mapping[str, str] = field(default_factory=dict)
    """Level -> SQL by which rows of any fact say their unit, unless the metric says it otherwise."""

    @property
    def base(self) -> str | None:
        """The level whose units people belong to."""
        units = [key for key in self.keys if key != self.person]
        if self.person and self.within.get(self.person):
            return self.within[self.person][0]
        return units[0] if units else None

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(key for key in self.keys if key != self.person)


@dataclass(frozen=True)
class Block:
    """One select of a roll-up. All expressions are SQL."""

    metric: str
    """Name of the roll-up: the metric's key, with __early for its early sign."""
    kind: str
    fact: str
    day: str
    where: str
    num: str
    den: str
    value: str
    mirror: str
    item: str
    n: str
    mix: tuple[str, ...]
    dimensions: Mapping[str, str]
    levels: Mapping[str, str]
    settles: int
    """Days that the metric takes to mature: so much longer may a move still re-attribute it."""
    looks_back: int
    """Days before a day that its figure counts over; 0 where it is made from cases near the day."""
    person_if: str
    otherwise: Mapping[str, str]
    amount: str = ""
    """Of single rows that may be listed: SQL of their amount; empty when they may not."""
    shown: tuple[str, ...] = ()
    """Columns of the fact that a list of single rows shows."""
    sources: tuple[str, ...] = field(default=(), repr=False)
    """What the metric says that it is made from; no part of the mark."""

    @property
    def mark(self) -> str:
        """A hash of everything the block says: another mark means that the roll-up is made again."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of the expressions, in small letters."""
        one = (self.day, self.where, self.num, self.den, self.value, self.mirror, self.item, self.n, self.person_if)
        several = (self.dimensions.values(), self.levels.values(), self.otherwise.values())
        said = [*one, self.amount, *self.shown, *self.mix, *(sql for some in several for sql in some)]
        return frozenset(re.findall(r"\w+", " ".join(said).lower()))

    def says(self, column: str) -> bool:
        """Whether an expression may mean a column of the fact or of a lookup."""
        return self.words.issuperset(re.findall(r"\w+", column.lower()))


def load_levels(company: Mapping[str, Any]) -> Levels:
    """The levels of company.yml without the last, which is the whole."""
    below = list(company.get("levels") or ())[:-1]
    person = next((level["key"] for level in below if level.get("people")), None)
    return Levels(
        tuple(level["key"] for level in below),
        {level["key"]: tuple(level.get("within") or ()) for level in below},
        person,
        {level["key"]: str(level["facts"]) for level in below if level.get("facts")},
    )


@dataclass(frozen=True)
class _Metric:
    """What all selects of one metric share."""

    path: Path
    said: Mapping[str, Any]
    dimensions: Sequence[str]
    shared: Mapping[str, str]
    levels: Levels


def load_blocks(folder: Path, levels: Levels, calendar: Sequence[str]) -> dict[str, list[Block]]:
    """Roll-up name -> its selects, for every metric of the folder that has a `facts:` block."""
    shared = _shared_dimensions(folder)
    blocks: dict[str, list[Block]] = {}
    for path in sorted((folder / "metrics").glob("*.yml")):
        said = read_yaml(path.read_text(encoding="utf-8"))
        facts = said.get("facts")
        if not facts:
            continue
        if not levels.keys:
            raise ModelError(f"{folder / 'company.yml'}: levels: {BELOW}")
        names = [d for d in said.get("dimensions") or () if d not in calendar]
        metric = _Metric(path, said, names, shared, levels)
        early, credited = facts.pop("early", None), facts.pop("credited", None) or {}
        blocks[said["key"]] = _parts(metric, said["key"], facts)
        if early:
            key = said["key"] + EARLY
            blocks[key] = _parts(metric, key, {**facts, **early})
        for work, differs in credited.items():
            key = f"{said['key']}__{work}"
            blocks[key] = _parts(metric, key, {**facts, **differs})
    return blocks


def _shared_dimensions(folder: Path) -> dict[str, str]:
    """Expressions that dimensions.yml gives for every metric: `facts:` of a dimension."""
    path = folder / "dimensions.yml"
    values = (read_yaml(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}
    return {key: str(value["facts"]) for key, value in values.items() if isinstance(value, dict) and value.get("facts")}


def _parts(metric: _Metric, key: str, facts: Mapping[str, Any]) -> list[Block]:
    base = {k: v for k, v in facts.items() if k != "parts"}
    return [_block(metric, key, {**base, **part}) for part in facts.get("parts") or [{}]]


def _block(metric: _Metric, key: str, facts: Mapping[str, Any]) -> Block:
    path, levels, shared = metric.path, metric.levels, metric.shared
    allowed = {*KEYS, *levels.keys, "person_if"}
    unknown = sorted(set(facts) - allowed)
    if unknown:
        raise ModelError(f"{path}: facts: unknown {', '.join(unknown)}; allowed: {', '.join(sorted(allowed))}")
    if not facts.get("from") or not facts.get("day"):
        raise ModelError(f"{path}: facts: needs `from:` and `day:`")
    own = facts.get("dimensions") or {}
    return Block(
        metric=key,
        kind=str(metric.said["kind"]),
        settles=int((metric.said.get("time") or {}).get("matures_after_days") or 0),
        looks_back=int((metric.said.get("time") or {}).get("looks_back_days") or 0),
        fact=f"f_{facts['from']}",
        day=_text(facts["day"]),
        where=_text(facts.get("where", "true")),
        num=_text(facts.get("num", "0")),
        den=_text(facts.get("den", "0")),
        value=_text(facts.get("value", "")),
        mirror=_text(facts.get("mirror", "")),
        item=_text(facts.get("item", "")),
        n=_text(facts.get("n", "1")),
        mix=tuple(_text(part) for part in facts.get("mix") or ()),
        dimensions={d: _text(own.get(d, shared.get(d, f'"{d}"'))) for d in metric.dimensions},
        levels={level: _text(value) for level, value in {**levels.says, **facts}.items() if level in levels.keys},
        person_if=_text(facts.get("person_if", "true")),
        otherwise={level: _text(v) for level, v in (facts.get("else") or {}).items()},
        amount=_text((facts.get("rows") or {}).get("value", "NULL")) if facts.get("rows") else "",
        shown=tuple((facts.get("rows") or {}).get("show") or ()),
        sources=tuple(str(source) for source in metric.said.get("sources") or ()),
    )


def _text(value: Any) -> str:
    """An expression as SQL: YAML's true, false, null and numbers included."""
    if isinstance(value, str):
        return value
    return "NULL" if value is None else json.dumps(value)
