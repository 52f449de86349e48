"""The models of a company folder: `models/*.sql`, one SELECT each under a header of YAML in comments.

    -- fact: visit                        makes the fact table f_visit; or `table: people` for a table of that name
    -- key: visit_id                      what tells its rows apart (one column or a list)
    -- day: due_day                       facts: the DATE column by which days are redone
    -- redo: day                          day (default for facts), whole (default for tables), key or sum (tables)
    -- alone: visit_id                    facts: rows of another visit_id in the first need never change this one's
    -- needs: {s_visits: 0, s_taps: [1, 2], l_visits: {by: visit_id, of: s_visits}, ids: dated, zones: whole}
    -- optional: {s_gps: "vehicle VARCHAR, ts TIMESTAMP, _day DATE"}
    -- lookup: [{from: ids, by: {id: badge}}]

`needs` says what is read, and how far around a day: a number n is n days back and forward, [b, f] is b back and f
forward; `{by: key, reach: n}` the same, where a row of the model is changed by rows of its own key only;
`{by: key, of: need}` reads the rows of the keys that another need holds (with `reach` only those in reach). One says
`by: {theirs: ours}` where the columns' names differ or are SQL, `table:` to read one table under a second name;
`dated` is a table whose rows hold from `valid_from` up to but not including `valid_to`, a change of which redoes those
days; `whole` a table that is read whole, a change of which makes everything again. `optional` names needs that may be
missing, with their columns. `lookup` tables are joined when the fact is rolled up, by key and day, so that a new name
or team never makes a fact again.

`redo: key`: of changed values of the key's first column all rows are made again, from rows of theirs in needs that say
`by:` (or call it as the key does); what is read otherwise makes everything again.

`redo: sum`: all columns but the key's are sums over rows of the first need, and a row whose sums are all 0 is left out;
then what came to that table is added and what went is taken off.

A fact of counts says by `cases:` (a SELECT, {day} stands for the day) which single rows they are counts of: their key
first, then the fact's columns, and those of the sources' natural keys (lists where several records belong to one row).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

from data.facts.days import Reach
from data.facts.sql import value
from data.facts.yaml import read_yaml
from data.work import LoadError

STAGED_DAY = "_day"
FACT = "f_"
"""Prefix of the tables of facts."""
KNOWN = ("fact", "table", "key", "day", "redo", "alone", "needs", "optional", "lookup", "cases", "about")


class ModelError(LoadError):
    """A fault of the author's in a model or in a metric's `facts:` block; says file, key, fault, what is allowed."""


@dataclass(frozen=True)
class Need:
    """One table that a model reads under a name. `how` is days, keyed, dated or whole."""

    name: str
    table: str
    how: str
    reach: Reach = (0, 0)
    by: str = ""
    """Its column, and `ours` the column of the need `of` (of the model, where there is none) that has such keys."""
    ours: str = ""
    of: str = ""
    columns: str = ""
    """Of a table that may be missing: its columns as SQL, else empty."""
    near: bool = False
    """Of a keyed need: whether its rows lie within `reach`, too."""
    where: str = ""
    """SQL that is true of the rows that count; empty: all do."""
    key: str = ""
    """Its column with the key of the model's rows, where that has another name there: records are traced by it."""

    @property
    def source(self) -> str | None:
        """The key of the source behind a staged table."""
        prefix, _, rest = self.table.partition("_")
        return rest if prefix in ("s", "l", "gone") and rest else None

    @property
    def counts(self) -> str:
        """SQL of whether a row counts."""
        return f"({self.where})" if self.where else "true"

    @property
    def held_by(self) -> str:
        """SQL of its keys as the need `of` (or the model) holds them: a column, or an expression over its columns."""
        return value(self.ours)

    @property
    def tells(self) -> str:
        """SQL of its keys as its own rows say them."""
        return value(self.by)


@dataclass(frozen=True)
class Lookup:
    """A table joined at roll-up: `by` maps its columns to the fact's, `take` its columns to their new names."""

    table: str
    by: Mapping[str, str]
    take: Mapping[str, str] = field(default_factory=dict)
    day: str = ""
    """Column of the fact by whose day the row is chosen; the fact's own day unless said."""


@dataclass(frozen=True)
class Model:
    """One SELECT and what its header says."""

    name: str
    """Name of the table in the store: f_<fact>, or the table's own."""
    is_fact: bool
    key: tuple[str, ...]
    day: str
    redo: str
    alone: str
    """A column of the fact: only rows of its changed values are made again; empty: whole days."""
    needs: tuple[Need, ...]
    lookups: tuple[Lookup, ...]
    sql: str
    path: Path
    cases: str = ""
    """Of a fact of counts: SELECT of the single rows behind the counts of {day}, for tracing."""
    text: str = ""
    """The file as it was read: another text means that everything of it is made again."""

    def need(self, name: str) -> Need | None:
        return next((need for need in self.needs if need.name == name), None)

    def apart(self, need: Need) -> bool:
        """Whether the rows of a need that a row is made from are those of its own value of the column `alone`."""
        return need.how == "days" and need.by != "" and need.ours == self.alone


def day_column(table: str, facts: Mapping[str, Model]) -> str:
    """The column by which a staged table or a fact is cut into days."""
    return facts[table].day if table in facts else STAGED_DAY


def load_models(folder: Path) -> list[Model]:
    """All models of the company folder, each after those that it needs."""
    models = [read_model(path) for path in sorted((folder / "models").glob("*.sql"))]
    by_name = {model.name: model for model in models}
    if len(by_name) < len(models):
        twice = sorted({m.name for m in models if sum(n.name == m.name for n in models) > 1})
        raise ModelError(f"{folder / 'models'}: made twice: {', '.join(twice)}")
    graph = {m.name: [*_upstream(m, by_name)] for m in models}
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise ModelError(f"{folder / 'models'}: models need each other in a circle: {circle}") from None


def _upstream(model: Model, by_name: Mapping[str, Model]) -> list[str]:
    return [need.table for need in model.needs if need.table in by_name]


def read_model(path: Path) -> Model:
    """One model file."""
    text = path.read_text(encoding="utf-8")
    head, sql = split(text)
    try:
        values = read_yaml(head) or {}
    except yaml.YAMLError as error:
        raise ModelError(f"{path}: the header is not YAML: {error}") from None
    if not isinstance(values, dict) or ("fact" in values) == ("table" in values):
        raise ModelError(f"{path}: the header must say `fact: name` or `table: name`")
    unknown = sorted(set(values) - set(KNOWN))
    if unknown:
        raise ModelError(f"{path}: unknown in the header: {', '.join(unknown)}; allowed: {', '.join(KNOWN)}")
    is_fact = "fact" in values
    redo = str(values.get("redo", "day" if is_fact else "whole"))
    if redo not in ("day", "whole", "key", "sum"):
        raise ModelError(f"{path}: redo: {redo}; allowed: day, whole, key, sum")
    day = str(values.get("day", ""))
    if is_fact and not day:
        raise ModelError(f"{path}: a fact must say `day:`, the DATE column by which it is redone")
    return Model(
        name=f"{FACT}{values['fact']}" if is_fact else str(values["table"]),
        is_fact=is_fact,
        key=_names(values.get("key", ())),
        day=day,
        redo=redo,
        alone=str(values.get("alone", "")),
        needs=_tied(_needs(values, path), str(values.get("alone", "")), path),
        lookups=tuple(_lookup(value, path) for value in values.get("lookup") or ()),
        sql=sql,
        path=path,
        cases=str(values.get("cases", "")),
        text=text,
    )


def split(text: str) -> tuple[str, str]:
    """The YAML of the leading comment, and the SELECT under it."""
    lines = text.splitlines()
    end = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    head = "\n".join(line[3:] if line.startswith("-- ") else line[2:] for line in lines[:end])
    return head, "\n".join(lines[end:]).strip().rstrip(";")


def _needs(values: Mapping[str, Any], path: Path) -> Sequence[Need]:
    optional = values.get("optional") or {}
    needs = [_need(str(t), how, str(optional.get(t, "")), path) for t, how in (values.get("needs") or {}).items()]
    missing = sorted(set(optional) - {need.name for need in needs})
    if missing:
        raise ModelError(f"{path}: optional, but not among the needs: {', '.join(missing)}")
    return needs


def _tied(needs: Sequence[Need], alone: str, path: Path) -> tuple[Need, ...]:
    """The needs, of which the first is by the column `alone`, whatever its own is called."""
    if not alone or not needs or needs[0].how != "days":
        return tuple(needs)
    first = replace(needs[0], by=needs[0].by or alone, ours=needs[0].ours or alone)
    if first.ours != alone:
        raise ModelError(f"{path}: needs: {first.name}: by {first.ours}; allowed in the first need: {alone} (alone)")
    return (first, *needs[1:])


def _need(named: str, how: Any, columns: str, path: Path) -> Need:
    said = how if isinstance(how, dict) else {"reach": how}
    near, of, by = _reach(said.get("reach")), str(said.get("of", "")), said.get("by", "")
    if (by and of) or (near and not of):
        theirs, ours = next(iter(by.items())) if isinstance(by, dict) else (by, by)
        kind, table = "keyed" if of else "days", str(said.get("table", named))
        more = {key: str(said.get(key, "")) for key in ("where", "key")}
        return Need(named, table, kind, near or (0, 0), str(theirs), str(ours), of, columns, near is not None, **more)
    if how in ("dated", "whole"):
        return Need(named, named, str(how), columns=columns)
    allowed = "a number, [back, forward], {reach, by, where, key}, {by, of, reach, where, key}, dated, whole"
    raise ModelError(f"{path}: needs: {named}: {how}; allowed: {allowed}")


def _reach(said: Any) -> Reach | None:
    """Days back and forward, from a number or a pair; None where it is neither."""
    if isinstance(said, int):
        return said, said
    return (int(said[0]), int(said[1])) if isinstance(said, list) and len(said) == 2 else None


def _lookup(value: Mapping[str, Any], path: Path) -> Lookup:
    take = value.get("take") or {}
    if isinstance(take, list):
        take = {name: name for name in take}
    if not value.get("from") or not value.get("by"):
        raise ModelError(f"{path}: a lookup must say `from:` and `by:`")
    return Lookup(str(value["from"]), dict(value["by"]), dict(take), str(value.get("day", "")))


def _names(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(name) for name in value)
