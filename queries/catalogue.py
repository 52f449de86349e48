"""The definitions of one company: metrics, dimensions, levels, roles. Loaded once, checked, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads YAML in C where it can."""

KINDS = {"sum": "count"}
"""Kinds that are another one by a plainer name: what is added up is counted."""


@dataclass(frozen=True)
class Metric:
    """One KPI: defined once, its mirror computed from the same parts.

    `kind`: ratio (sum / sum), avg (sum / count), score (mean of points), median (middle of the pooled rows),
    count (sum, per exposure where there is one), stock (ratio at the end of the period), share (ratio whose
    denominator is not split by `over`). `standard` is in the metric's own unit, rates as fractions.
    """

    key: str
    label: str
    plain: str
    kind: str
    unit: str
    direction: str
    standard: float | None
    mirror_label: str
    mirror_of: str
    """complement, own (a part of its own in the store), same, or none."""
    mirror_direction: str
    matures_after_days: int
    default_period: Mapping[str, tuple[str, ...]]
    levels: tuple[str, ...]
    dimensions: tuple[str, ...]
    feeds: tuple[str, ...]
    people: str
    """ranked, own (shown to the person only) or never."""
    ranked: Mapping[str, str]
    words: tuple[str, ...]
    mirror_words: tuple[str, ...]
    counter_metrics: tuple[str, ...]
    min_sample: Mapping[str, Any]
    over: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)
    """The whole definition as written, for the yardstick page."""

    @property
    def rows(self) -> Mapping[str, Any]:
        """What `facts.rows` says: single cases may be listed or limited; empty when they may not."""
        return dict((self.raw.get("facts") or {}).get("rows") or {})

    @property
    def credited(self) -> tuple[str, ...]:
        """Kinds of work whose units share in the work of others: their figures lie in roll-ups of their own."""
        return tuple((self.raw.get("facts") or {}).get("credited") or ())


@dataclass(frozen=True)
class Dimension:
    """What figures are broken down by or restricted to; `values`: value key -> lay names, first = label."""

    key: str
    label: str
    words: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """More words for a group: working days."""
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of a value that mean it only beside another value: `phone` in `chat or phone`."""
    hours: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    counts_only: bool = False
    """Only the cases of the numerator have a value: shown as counts, never as a rate."""
    in_hands: tuple[str, ...] = ()
    """Values that lie in the hands of whoever does the work: an own start."""
    of: str = ""
    """The dimension whose values this one puts together: weekdays into weekend and weekday."""


@dataclass(frozen=True)
class Level:
    """One level of the organisation; the last one is the whole."""

    key: str
    label: str
    plural: str
    within: tuple[str, ...]
    words: tuple[str, ...]
    people: bool = False


@dataclass(frozen=True)
class Catalogue:
    """Everything the reading, the compile and the words need to know of a company."""

    name: str
    folder: Path
    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, Dimension]
    levels: tuple[Level, ...]
    company: Mapping[str, Any]
    """The whole of company.yml."""

    def level(self, key: str) -> Level | None:
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> Mapping[str, Level]:
        return {level.key: level for level in self.levels}

    @cached_property
    def spoken(self) -> Mapping[str, Any]:
        """The whole of words.yml: how this company speaks; empty where it has none."""
        path = self.folder / "words.yml"
        return _yaml(path) if path.exists() else {}

    @cached_property
    def examples(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """How people ask, for those who keep it: metric -> side (metric, mirror) -> examples (examples/*.yml)."""
        found = ((path.stem, _yaml(path)) for path in sorted((self.folder / "examples").glob("*.yml")))
        return {key: sides for key, sides in found if key in self.metrics}

    @cached_property
    def always(self) -> frozenset[str]:
        """The dimensions by which every metric may be cut."""
        return frozenset(str(self.spoken.get("always") or "").split())

    @cached_property
    def person_level(self) -> str | None:
        return next((level.key for level in self.levels if level.people), None)

    @cached_property
    def whole(self) -> str:
        """The key of the top level, which `about: {}` stands for."""
        return self.levels[-1].key

    @cached_property
    def unit_levels(self) -> tuple[str, ...]:
        """Levels that are columns in the store, from the single one upward."""
        return tuple(level.key for level in self.levels[:-1])


def counts_only(by: Iterable[str], metric: Metric, catalogue: Catalogue) -> bool:
    """Whether a rate's break-down has values for the cases of the numerator alone, so that it is told in counts."""
    return metric.kind == "ratio" and any(
        key in catalogue.dimensions and catalogue.dimensions[key].counts_only for key in by
    )


def load(folder: Path) -> Catalogue:
    """The catalogue of a company folder."""
    company = _yaml(folder / "company.yml")
    dimensions_file = folder / "dimensions.yml"
    dimensions = _yaml(dimensions_file) if dimensions_file.exists() else {}
    metrics = [_metric(_yaml(path)) for path in sorted((folder / "metrics").glob("*.yml"))]
    return Catalogue(
        name=company["name"],
        folder=folder,
        metrics={m.key: m for m in metrics},
        dimensions=_with_groups({key: _dimension(key, value) for key, value in dimensions.items()}),
        levels=tuple(_level(value) for value in company["levels"]),
        company=company,
    )


def _yaml(path: Path) -> dict[str, Any]:
    value = yaml.load(path.read_text(encoding="utf-8"), LOADER)
    return value if isinstance(value, dict) else {}


def _metric(m: Mapping[str, Any]) -> Metric:
    mirror = m.get("mirror") or {}
    words = m.get("words") or {}
    return Metric(
        key=m["key"],
        label=m["label"],
        plain=m.get("plain", ""),
        kind=KINDS.get(m["kind"], m["kind"]),
        unit=m.get("unit", ""),
        direction=m["direction"],
        standard=(m.get("standard") or {}).get("value"),
        mirror_label=mirror.get("label", ""),
        mirror_of=mirror.get("of", "none"),
        mirror_direction=mirror.get("direction", "context"),
        matures_after_days=(m.get("time") or {}).get("matures_after_days", 0),
        default_period={k: tuple(v) for k, v in (m.get("default_period") or {}).items()},
        levels=tuple(m.get("levels") or ()),
        dimensions=tuple(m.get("dimensions") or ()),
        feeds=tuple(m.get("feeds") or ()),
        people=m.get("people", "ranked"),
        ranked=dict(m.get("ranked") or {}),
        words=tuple(words.get("metric") or ()),
        mirror_words=tuple(words.get("mirror") or ()),
        counter_metrics=tuple(m.get("counter_metrics") or ()),
        min_sample=dict(m.get("min_sample") or {}),
        over=m.get("over"),
        raw=dict(m),
    )


def _with_groups(dimensions: dict[str, Dimension]) -> dict[str, Dimension]:
    """The dimensions, and one more for each whose groups share out all of its values: weekend against weekday."""
    made = dict(dimensions)
    for key, d in dimensions.items():
        shared = [v for values in d.groups.values() for v in values]
        if len(d.groups) > 1 and sorted(shared) == sorted(d.values):
            label = " or ".join(d.groups)
            values = {group: (group, f"{group}s") for group in d.groups}
            made[f"{key}_group"] = Dimension(f"{key}_group", label, (label,), values, d.groups, of=key)
    return made


def _dimension(key: str, d: Mapping[str, Any]) -> Dimension:
    return Dimension(
        key=key,
        label=d.get("label", key),
        words=tuple(d.get("words") or ()),
        values={str(k): tuple(v) for k, v in (d.get("values") or {}).items()},
        groups={k: tuple(v) for k, v in (d.get("groups") or {}).items()},
        group_words={k: tuple(v) for k, v in (d.get("group_words") or {}).items()},
        beside={str(k): tuple(v) for k, v in (d.get("beside") or {}).items()},
        hours={k: (int(v[0]), int(v[1])) for k, v in (d.get("hours") or {}).items()},
        counts_only=bool(d.get("counts_only", False)),
        in_hands=tuple(str(v) for v in d.get("in_hands") or ()),
    )


def _level(value: Mapping[str, Any]) -> Level:
    return Level(
        key=value["key"],
        label=value.get("label", value["key"]),
        plural=value.get("plural", value["key"] + "s"),
        within=tuple(value.get("within") or ()),
        words=tuple(value.get("words") or ()),
        people=bool(value.get("people", False)),
    )
