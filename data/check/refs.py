"""What refers to what in a company folder: levels, dimensions, metrics, roles, facts, sources and their columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from data import contract, merge
from data.check.keys import Fault, fault, kinds_of, read
from data.facts.blocks import BELOW
from data.facts.models import ModelError, load_models, read_model

GIVEN = ("zones", "settings", "calendar", "codes")
CALENDAR = ("weekday",)
"""Tables that models may read besides sources and other models."""


@dataclass
class Folder:
    """A company folder as its files say it; what cannot be read is left out."""

    path: Path
    company: dict[str, Any] = field(default_factory=dict)
    dimensions: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    """Source, or CSV file of the folder -> its columns."""
    staged: list[str] = field(default_factory=list)
    """Tables that the sources fill."""
    models: dict[str, str] = field(default_factory=dict)
    """Table that a model makes -> its file."""

    @property
    def levels(self) -> list[str]:
        found = self.company.get("levels")
        return [str(v.get("key")) for v in found if isinstance(v, Mapping)] if isinstance(found, list) else []


def check_refs(folder: Path) -> list[Fault]:
    """Faults between the files of a company folder."""
    found, faults = _read(folder)
    for part in (_company, _dimensions, _metrics, _examples, _models):
        faults += part(found)
    return faults


def _read(path: Path) -> tuple[Folder, list[Fault]]:
    found, faults = Folder(path), []
    for kind, file in kinds_of(path):
        try:
            value = read(kind, file)
        except Exception:  # told by check_keys
            continue
        if not isinstance(value, dict):
            continue
        if kind == "company.yml":
            found.company = value
        elif kind == "dimensions.yml":
            found.dimensions = value
        elif kind == "metrics/*.yml":
            found.metrics[file.stem] = value
        elif kind == "sources/*.yml":
            faults += _source(found, file)
        elif kind == "models/*.sql":
            faults += _model(found, file)
    for file in path.glob("*.csv"):
        header = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()[:1]
        found.columns[file.stem] = header[0].split(",") if header else []
    return found, faults


def _source(found: Folder, file: Path) -> list[Fault]:
    try:
        made = contract.load(file)
    except contract.ContractError as error:
        return [_told(found.path, file, str(error))]
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return [Fault(f"sources/{file.name}", "file", f"cannot be read: {error}")]
    found.columns[made.source] = [c.name for c in made.columns]
    found.staged += merge.tables(made)
    if made.zone not in ("UTC", "local") and made.zone not in available_timezones():
        return [fault(f"sources/{file.name}", "zone", f"{made.zone} is no time zone (Europe/Berlin, UTC, local)")]
    return []


def _told(folder: Path, file: Path, text: str) -> Fault:
    """An error that names its file already, as a fault."""
    rest = text.removeprefix(f"{file}: ")
    key, _, what = rest.partition(": ")
    return Fault(file.relative_to(folder).as_posix(), key if what else "file", what or rest)


def _model(found: Folder, file: Path) -> list[Fault]:
    try:
        model = read_model(file)
    except ModelError as error:
        return [_told(found.path, file, str(error))]
    found.models[model.name] = f"models/{file.name}"
    return []


def _names(found: Folder, file: str, key: str, link: Any) -> Iterator[Fault]:
    """Faults of a `names:` link to a look-up table."""
    if not isinstance(link, Mapping) or not {"from", "code", "name"} <= set(link):
        return
    if link["from"] not in found.columns:
        yield fault(file, f"{key}.from", f"{link['from']} is no source", sorted(found.columns), str(link["from"]))
        return
    for part in ("code", "name"):
        columns = found.columns[link["from"]]
        if link[part] not in columns:
            yield fault(file, f"{key}.{part}", f"{link[part]} is no column of {link['from']}", columns, str(link[part]))


def _listed(file: str, key: str, given: Any, allowed: Iterable[str], what: str) -> Iterator[Fault]:
    right = sorted(set(allowed))
    for name in [given] if isinstance(given, str) else given or ():
        if str(name) not in right:
            yield fault(file, key, f"{name} is no {what}", right, str(name))


def _company(found: Folder) -> list[Fault]:
    file, company = "company.yml", found.company
    faults: list[Fault] = []
    levels = company.get("levels")
    for i, level in enumerate(levels if isinstance(levels, list) else ()):
        if isinstance(level, Mapping):
            key = f"levels[{i + 1}]"
            above = found.levels[i + 1 : -1]
            faults += _listed(file, f"{key}.within", level.get("within"), above, "level between this one and the whole")
            faults += _names(found, file, f"{key}.names", level.get("names"))
    roles = company.get("roles") if isinstance(company.get("roles"), Mapping) else {}
    for name, role in (roles or {}).items():
        if isinstance(role, Mapping):
            faults += _listed(file, f"roles.{name}.assumes", role.get("assumes"), [*found.levels, "covers"], "level")
    if company.get("everyone"):
        faults += _listed(file, "everyone", company["everyone"], roles or {}, "role")
    if isinstance(company.get("headline"), Mapping):
        for key, listed in company["headline"].items():
            faults += _listed(file, f"headline.{key}", listed, found.metrics, "metric")
    faults += _listed(file, "focus", company.get("focus"), found.metrics, "metric")
    if len(found.levels) < 2:
        faults.append(Fault(file, "levels", BELOW))
    return faults


def _dimensions(found: Folder) -> list[Fault]:
    faults: list[Fault] = []
    for key, spec in found.dimensions.items():
        if isinstance(spec, Mapping):
            faults += _names(found, "dimensions.yml", f"{key}.names", spec.get("names"))
            for group, values in (spec.get("groups") or {}).items():
                known = map(str, spec.get("values") or values)
                faults += _listed("dimensions.yml", f"{key}.groups.{group}", values, known, "value")
    return faults


def _examples(found: Folder) -> list[Fault]:
    files = sorted((found.path / "examples").glob("*.yml"))
    strange = [file for file in files if file.stem not in found.metrics]
    told = "is no metric; a file of examples has the name of one"
    return [fault(f"examples/{f.name}", "file", f"{f.stem} {told}", [*found.metrics], f.stem) for f in strange]


def _metrics(found: Folder) -> list[Fault]:
    faults: list[Fault] = []
    facts = [name.removeprefix("f_") for name in found.models if name.startswith("f_")]
    for stem, metric in found.metrics.items():
        file = f"metrics/{stem}.yml"
        if metric.get("key") != stem:
            faults.append(Fault(file, "key", f"{metric.get('key')} must be the name of its file"))
        faults += _listed(file, "levels", metric.get("levels"), found.levels[:-1], "level below the whole")
        faults += _listed(file, "dimensions", metric.get("dimensions"), [*found.dimensions, *CALENDAR], "dimension")
        faults += _listed(file, "counter_metrics", metric.get("counter_metrics"), found.metrics, "metric")
        block = metric.get("facts")
        if isinstance(block, Mapping):
            faults += _listed(file, "facts.from", block.get("from"), facts, "fact (a model with `-- fact:` makes it)")
            faults += _parts(file, str(metric.get("kind")), block)
        if not (metric.get("words") or {}).get("metric"):
            faults.append(Fault(file, "words.metric", "without words nobody can ask for it"))
    return faults


def _parts(file: str, kind: str, block: Mapping[str, Any]) -> Iterator[Fault]:
    """Each kind needs its parts."""
    needs: dict[str, Sequence[str]] = {
        "ratio": ("num", "den"), "avg": ("num", "den"), "median": ("value",), "sum": ("num",), "stock": ("num", "den"),
        "share": ("num", "den"), "score": ("num", "den"),
    }  # fmt: skip
    given = {k for part in [block, *(block.get("parts") or ())] if isinstance(part, Mapping) for k in part}
    for key in needs.get(kind, ()):
        if key not in given:
            yield fault(file, f"facts.{key}", f"kind {kind} needs it")
    if kind == "count" and not given & {"num", "item"}:
        yield fault(file, "facts.num", "kind count needs num, or item for different things")


def _models(found: Folder) -> list[Fault]:
    faults: list[Fault] = []
    tables = [*found.staged]
    tables += [f"csv_{p.stem}" for p in found.path.glob("*.csv")] + [*GIVEN, *found.models]
    for path in sorted((found.path / "models").glob("*.sql")):
        try:
            model = read_model(path)
        except ModelError:
            continue
        for need in model.needs:
            if not need.columns:
                faults += _listed(f"models/{path.name}", "needs", need.table, tables, "table")
    if not faults:
        try:
            load_models(found.path)
        except ModelError as error:
            faults += [Fault("models", "needs", str(error))] if len(found.models) else []
    return faults
