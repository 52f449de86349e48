"""Writes the first draft of a company folder: files with guesses, and comments that say what to look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from data.draft.guess import Fold, Link, Unit, day_column, key_of, plural
from data.draft.join import Join, join_sql
from data.draft.look import Looked
from data.draft.metrics import Cut, Guess, said
from data.draft.types import Seen, tidy

WIDE = 118


def flow(value: Any) -> str:
    """A value on one line of YAML.

    >>> flow(["a", "on", 1.5]), flow({"k": "x: y"})
    ("[a, 'on', 1.5]", "{k: 'x: y'}")
    """
    return (
        yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
        .strip()
        .removesuffix("\n...")
    )


def source_yml(looked: Looked, fold: Fold | None) -> str:
    """sources/<name>.yml: how the file is read and what its columns hold."""
    day = day_column(looked)
    lines = [
        f"# {looked.size:,} rows were looked at. Columns: the name in the file, then what it holds.",
        f"source: {looked.source}",
        f"label: {said(looked.source).capitalize()}",
        f"files: {flow(_patterns(looked))}",
        f"format: {looked.format}",
    ]
    if looked.format == "csv":
        lines += _text_lines(looked)
    key = [] if fold else list(key_of(looked))
    lines.append(f"key: {flow(key)}" + ("" if key else "   # no column tells rows apart: each is an event of its own"))
    if not key and _once(looked):
        lines.append("# a row that comes again word for word counts again; name a key above to avoid that")
    if day:
        lines.append(f"day: {day.name}   # the day that a row belongs to; times are taken as local")
    else:
        lines += ["whole: newest   # the newest file replaces the earlier ones"] if key else []
    lines.append("zone: local")
    lines.append("columns:")
    lines += [_column(c, looked, key) for c in looked.columns]
    return "\n".join(lines) + "\n"


def _once(looked: Looked) -> bool:
    return len({tuple(row.values()) for row in looked.rows[:20_000]}) == min(looked.size, 20_000)


def _patterns(looked: Looked) -> list[str]:
    """The file's own name, with a star for its digits.

    A file "tickets_2026-11-18.csv" becomes "tickets_*.csv".
    """
    found = [re.sub(r"\d[\d_.-]*(?=.*\.)", "*", p.stem + ".") + p.suffix.lstrip(".") for p in looked.files]
    return list(dict.fromkeys(re.sub(r"\*+", "*", name) for name in found))


def _text_lines(looked: Looked) -> list[str]:
    lines = []
    if looked.delimiter != ",":
        lines.append(f'delimiter: "{chr(92)}t"' if looked.delimiter == "\t" else f'delimiter: "{looked.delimiter}"')
    if looked.encoding != "utf-8":
        lines.append(f"encoding: {looked.encoding}")
    if not looked.header:
        lines.append("header: false")
    return lines


def _column(c: Seen, looked: Looked, key: Sequence[str]) -> str:
    spec: dict[str, Any] = {}
    if c.field != c.name:
        spec["from"] = c.field
    if c.type != "text":
        spec["type"] = c.type
    if c.formats and c.formats not in (("%Y-%m-%d",),):
        spec["formats"] = list(c.formats)
    if c.missing:
        spec["missing"] = list(c.missing)
    if c.take:
        spec["take"] = c.take
    if c.decimal != ".":
        spec["decimal"] = c.decimal
    day = day_column(looked)
    if day and c.name == day.name:
        spec["required"] = True
    comment = f"   # {c.unsure}" if c.unsure else ""
    if not spec:
        return f"  {flow(c.name)}: text{comment}"
    return f"  {flow(c.name)}: {spec['type'] if list(spec) == ['type'] else flow(spec)}{comment}"


def fact_sql(looked: Looked, fold: Fold | None, fact: str, joins: Sequence[Join] = ()) -> str:
    """models/<n>_<fact>.sql: one row per event, or events folded into cases."""
    if fold:
        return _folded(looked, fold, fact)
    day = day_column(looked)
    column = day.name if day else "?"
    takes, clauses, needs = join_sql(looked.source, joins)
    cast = f', CAST(f."{column}" AS DATE) AS on_day' if day and day.type == "time" else ""
    return (
        f"-- fact: {fact}\n"
        f"-- about: one row per row of {looked.source}; add columns of your own here (DuckDB SQL)\n"
        f"-- day: {'on_day' if cast else column}\n"
        f"-- needs: {{s_{looked.source}: 0{needs}}}\n"
        f"SELECT f.*{cast}{takes}\n{clauses}\n"
    )


def _folded(looked: Looked, fold: Fold, fact: str) -> str:
    steps = [f'       min("{fold.at}") FILTER ("{fold.step}" = \'{step}\') AS "{tidy(step)}_at"' for step in fold.steps]
    rest = [c.name for c in looked.columns if c.name not in (fold.case, fold.step, fold.at)]
    kept = [f'       min_by("{name}", "{fold.at}") FILTER ("{name}" IS NOT NULL) AS "{name}"' for name in rest]
    listed = ",\n".join([*kept, *steps])
    return (
        f"-- fact: {fact}\n"
        f"-- about: the events of {looked.source} folded into one row per {fold.case}\n"
        "-- day: on_day\n"
        "-- redo: whole\n"
        f"-- needs: {{s_{looked.source}: whole}}\n"
        f'SELECT "{fold.case}", min("{fold.at}") AS started_at, CAST(min("{fold.at}") AS DATE) AS on_day,\n'
        f'{listed}\nFROM s_{looked.source}\nGROUP BY "{fold.case}"\n'
    )


def dimensions_yml(cuts: Iterable[Cut]) -> str:
    """dimensions.yml: what figures can be broken down by or restricted to."""
    lines = [
        "# What figures can be broken down by or restricted to. `values`: a value and the words people use for it, the",
        "# first being its label; a value that is not listed has its own name. `names`: a look-up file has them.",
    ]
    for cut in cuts:
        lines += [f"{flow(cut.key)}:", f"  label: {flow(cut.label)}", f"  words: {flow(list(cut.words))}"]
        lines += [f"  facts: {flow(cut.facts)}"] if cut.facts else []
        lines += [f"  names: {flow(_names(cut.link))}"] if cut.link else []
        lines += [f"  values: {flow({v: list(w) for v, w in cut.values.items()})}"] if cut.values else []
    return "\n".join([*lines, WEEKDAY])


WEEKDAY = """weekday:
  label: weekday
  words: [weekday, day of the week, which day, weekdays]
  values: {mon: [monday, mondays], tue: [tuesday, tuesdays], wed: [wednesday, wednesdays], thu: [thursday, thursdays],
           fri: [friday, fridays], sat: [saturday, saturdays], sun: [sunday, sundays]}
  groups: {weekend: [sat, sun], weekday: [mon, tue, wed, thu, fri]}
"""


def _names(link: Link) -> dict[str, str]:
    return {"from": link.table, "code": link.code, "name": link.name}


def company_yml(name: str, units: Sequence[Unit], guesses: Sequence[Guess], currency: str = "") -> str:
    """company.yml: calendar, levels, roles, what is asked for when nothing is named."""
    headline = [g.key for g in guesses if g.kind in ("ratio", "median", "avg")][:3] or [g.key for g in guesses][:3]
    lines = [
        f"# {name}: what is no source, fact, dimension or metric. `python -m data check` tells what is wrong.",
        f"name: {flow(name)}",
        "calendar:",
        "  week_starts: mon",
        "  fiscal_year_starts: 1            # month",
        "  day_first: true                  # 3/11 = 3 November",
        '  last_days_hold_today: false      # true: "last 7 days" ends with today',
        '  last_units: whole                # "last 4 weeks": whole weeks before this one; with_current: this one too',
        "# From the single one upward; the last is the whole. `facts`: the column (or SQL) that says a row's unit;",
        "# `names`: the look-up file that names them; `people: true` protects single persons. Add your people's words.",
        "levels:",
    ]
    for i, unit in enumerate(units):
        upper = [u.key for u in units[i + 1 :]]
        word = said(unit.key)
        value: dict[str, Any] = {"key": unit.key, "label": word, "plural": plural(word), "within": upper}
        value |= {"people": True} if unit.people else {}
        words = list(dict.fromkeys([word, plural(word), said(unit.column), plural(said(unit.column))]))
        value |= {"words": words, "facts": unit.column}
        value |= {"names": _names(unit.link)} if unit.link and unit.link.name else {}
        lines.append(f"  - {flow(value)}")
    whole = {
        "key": "company",
        "label": "company",
        "plural": "company",
        "within": [],
        "words": ["company", "overall", "everywhere"],
    }
    lines += [
        f"  - {flow(whole)}",
        "# Who may ask. Without a people.csv (login, name, role, level, unit) everybody has the role `everyone`.",
        "everyone: analyst",
        "roles:",
        "  analyst: {label: analyst, assumes: company, headline: company}",
        '# "How are we doing" means these:',
        "headline:",
        f"  company: {flow(headline)}",
        "# Smallest groups that are shown; needed where figures are about persons or customers. 0 or no line: none.",
        "privacy: {people_min: 5, round_below: 0, customers_min: 0, units_min: 1}",
    ]
    return "\n".join(lines) + "\n"


def metric_yml(guess: Guess, fact: str, day: str, cuts: Sequence[Cut], units: Sequence[Unit]) -> str:
    """metrics/<key>.yml."""
    facts: dict[str, Any] = {"from": fact, "day": day}
    facts |= {k: v for k in ("where", "num", "den", "value") if (v := getattr(guess, k))}
    dims = [*(cut.key for cut in cuts), "weekday"]
    lines = [f"key: {guess.key}", f"label: {flow(guess.label)}", f"plain: {flow(guess.plain)}", f"kind: {guess.kind}"]
    lines.append(f"unit: {flow(guess.unit)}" + ("" if guess.unit else "   # what is it counted in?"))
    comment = {"context": "   # lower or higher is better? context: neither"}.get(guess.direction, "")
    lines.append(f"direction: {guess.direction}{comment}")
    if guess.kind == "ratio":
        better = {"lower": "higher", "higher": "lower"}.get(guess.direction, "context")
        lines.append(f"mirror: {flow({'label': guess.mirror.capitalize(), 'of': 'complement', 'direction': better})}")
        lines.append("# standard: {value: 0.2}     # the company's own target, as a fraction")
    elif guess.direction != "context":
        lines.append("# standard: {value: 10}      # the company's own target, in the unit above")
    lines.append(f"default_period: {flow({'other': ['last 4 weeks']})}   # when no time is said")
    lines.append(f"levels: {flow([u.key for u in units])}")
    lines.append(f"dimensions: {flow(dims)}")
    words = {"metric": list(guess.words)} | ({"mirror": [guess.mirror]} if guess.mirror else {})
    lines.append(f"words: {flow(words)}")
    lines += [f"# {guess.note}"] if guess.note else []
    lines.append("facts: " + flow(facts))
    return "\n".join(lines) + "\n"
