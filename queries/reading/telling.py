"""What the reading tells the asker: parts that were assumed, and why a question was not read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from queries.catalogue import LOADER, Catalogue
from queries.query import Query
from queries.reach import dimensions_of, has_level
from queries.reading.scan import Knowledge
from queries.said import metric_name, unit_name, when


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """The sentences of reading.yml by situation."""
    made = yaml.load((Path(__file__).parent / "reading.yml").read_text(encoding="utf-8"), LOADER)
    return dict(made)


def assumed(codes: Sequence[str], query: Query, know: Knowledge) -> tuple[str, ...]:
    """The codes of a build as sentences, each once."""
    said = (_assumed(code, query, know) for code in codes)
    return tuple(dict.fromkeys(s for s in said if s))


def _assumed(code: str, query: Query, know: Knowledge) -> str:
    key, _, rest = code.partition(":")
    values: dict[str, Any] = {
        "whole": label(know.catalogue.whole, know.catalogue),
        "place": _place(query, know),
        "metric": metric_name(know.catalogue.metrics[query.metrics[0]], "metric"),
        "name": rest,
        "span": when(query.previous).removeprefix("on ").removeprefix("in ") if query.previous else "",
    }
    if key == "period" and rest == "running":
        key = "running"
        values["name"] = "period"
    if key == "previous" and not query.previous:
        return ""
    if key == "spelt":
        values["was"], _, values["word"] = rest.partition(":")
    if key in ("framed", "default", "stand_in"):
        words, _, others = rest.partition(":")
        known = (know.catalogue.metrics.get(k) for k in others.split(", "))
        others = ", ".join(m.label for m in known if m is not None)
        values |= {"words": words, "others": others, "metric": _metrics(query, know.catalogue)}
    if key == "headline":
        values["metrics"] = _metrics(query, know.catalogue)
    if key == "all_values":
        values["dimension"] = label(rest, know.catalogue)
    return sentences()["assumed"][key].format(**values)


def _metrics(query: Query, catalogue: Catalogue) -> str:
    names = [metric_name(catalogue.metrics[m], s) for m, s in zip(query.metrics, query.side, strict=True)]
    return ", ".join(names)


def _place(query: Query, know: Knowledge) -> str:
    places = [unit_name(k, c, know.catalogue, know.directory) for k, v in query.about for c in v.values]
    return " and ".join(places) or f"the whole {label(know.catalogue.whole, know.catalogue)}"


def asks_for_place(text: str) -> bool:
    """Whether a question asks for a place in a list: "where do I rank".

    >>> asks_for_place("Where do I rank?"), asks_for_place("my late arrivals vs others")
    (True, False)
    """
    said = set(re.findall(r"[a-z]+", text.casefold()))
    return bool(said & set(sentences()["place"]["words"].split()))


def label(key: str, catalogue: Catalogue) -> str:
    """A level or dimension as people call it."""
    level = catalogue.level(key)
    if level:
        return level.label
    found = catalogue.dimensions.get(key)
    return found.label if found else key


def reason(kind: str, know: Knowledge, values: Mapping[str, Any]) -> str:
    """Why a question was not read, in one sentence."""
    table = sentences()["unread"]
    catalogue = know.catalogue
    filled = dict(values)
    if kind == "itself":
        filled["unit"] = unit_name(str(values["level"]), str(values["code"]), catalogue, know.directory)
    metric = catalogue.metrics.get(str(values.get("metric") or ""))
    if metric is not None:
        filled["metric"] = metric.label
        if kind == "no_breakdown":
            kinds = sorted(label(d, catalogue) for d in dimensions_of(metric, catalogue))
            filled["allowed"] = ", ".join(kinds) or "nothing"
            filled["by"] = label(str(values.get("by")), catalogue)
        if kind == "no_unit":
            levels = [x.label for x in catalogue.levels if has_level(metric, x.key, catalogue)]
            filled["allowed"] = ", ".join(levels)
            if has_level(metric, str(values["level"]), catalogue):
                kind = "no_work"
            filled["unit"] = unit_name(str(values["level"]), str(values["code"]), catalogue, know.directory)
    return table.get(kind, table["not_held"]).format_map(_Blank(filled))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""
