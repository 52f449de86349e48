"""Tables `people`, `membership`, `units` and `names` for companies whose models do not make them.

Units are the values that the roll-ups hold, named by the look-up table of their level (company.yml, levels,
`names: {from: source, code: column, name: column}`); names of values come the same way from dimensions.yml; people
from `people.csv` of the company folder (login, name, role, level, unit). What a company makes itself is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from data.facts import setup
from data.facts.blocks import Levels, load_levels
from data.facts.sql import Connection, columns, exists, main, name, names, quoted

PEOPLE = ("login", "name", "role", "work", "unit_level", "unit", "cover_level", "cover_codes")
MOST_SHORTENED = 200
"""Units of a level up to which short names are told apart."""
MOST_VALUES = 5000
"""Values of a dimension that get a name of their own; more are no names but keys."""


def complete(con: Connection, folder: Path, metrics: Iterable[str], made: Iterable[str]) -> None:
    """Make the tables that no model makes; `made` are the names of the tables that models make."""
    company = setup.company(folder)
    levels, held = load_levels(company), [m for m in metrics if exists(con, f"t_{m}")]
    own = set(made)
    if "people" not in own:
        _people(con, company, levels)
    if "membership" not in own:
        con.execute(
            f"CREATE OR REPLACE TABLE membership(person VARCHAR, {name(levels.base or 'unit')} VARCHAR, kind VARCHAR, "
            "valid_from DATE, valid_to DATE)"
        )
    if "units" not in own:
        _units(con, company, levels, held)
    if "names" not in own:
        _names(con, folder, held)


def _people(con: Connection, company: Mapping[str, Any], levels: Levels) -> None:
    typed = ", ".join(f"{c} VARCHAR" for c in PEOPLE)
    con.execute(f"CREATE OR REPLACE TABLE people({typed}, since DATE)")
    if not exists(con, "csv_people"):
        return
    have = columns(con, "csv_people")

    def said(column: str) -> str:
        return f"coalesce(trim({name(column)}), '')" if column in have else "''"

    alone = [k for k, r in (company.get("roles") or {}).items() if levels.person and r.get("assumes") == levels.person]
    self_only = f"{said('role')} IN ({', '.join(map(quoted, alone))})" if alone else "false"
    whole = quoted(company["levels"][-1]["key"])
    con.execute(
        f"INSERT INTO people SELECT {said('login')}, {said('name')}, {said('role')}, {said('work')}, "
        f"{said('level')}, {said('unit')}, CASE WHEN {self_only} THEN {quoted(levels.person or '')} "
        f"WHEN {said('unit')} = '' THEN {whole} ELSE {said('level')} END, "
        f"CASE WHEN {self_only} THEN {said('login')} ELSE {said('unit')} END, NULL FROM csv_people"
    )


def _units(con: Connection, company: Mapping[str, Any], levels: Levels, held: list[str]) -> None:
    typed = "".join(f", {name(key)} VARCHAR" for key in levels.units)
    con.execute(
        "CREATE OR REPLACE TABLE units(level VARCHAR, code VARCHAR, name VARCHAR, work VARCHAR, kind VARCHAR, "
        f"density VARCHAR, leader VARCHAR, staff BIGINT{typed})"
    )
    if not held:
        return
    seen = " UNION ALL ".join(f"SELECT {names(levels.units)}, n FROM {main(con, f't_{m}')}" for m in held)
    said = {level["key"]: level.get("names") or {} for level in company["levels"]}
    for level in levels.units:
        lies_in = levels.within.get(level, ())
        placed = "".join(f", {_upper(level, key, lies_in)} AS {name(key)}" for key in levels.units)
        rows = f"SELECT {name(level)} AS code, {names(levels.units)}, n FROM ({seen}) WHERE {name(level)} IS NOT NULL"
        con.execute(
            f"INSERT INTO units SELECT {quoted(level)}, code, {_called(con, said[level])}, '', '', '', '', "
            f"{_staff(con, levels, level, held)}{placed} FROM ({rows}) AS u GROUP BY code"
        )


def _upper(level: str, key: str, lies_in: tuple[str, ...]) -> str:
    """The unit of a higher level in which most rows of a unit lie."""
    if key == level:
        return "code"
    return f"arg_max({name(key)}, n) FILTER ({name(key)} IS NOT NULL)" if key in lies_in else "NULL"


def _called(con: Connection, link: Mapping[str, str]) -> str:
    """SQL of the name of a code by its look-up table; the code itself where that has none."""
    table = _table(con, link)
    if not table:
        return "code"
    found = f"SELECT any_value(CAST({name(link['name'])} AS VARCHAR)) FROM {table}"
    return f"coalesce(({found} AS l WHERE CAST(l.{name(link['code'])} AS VARCHAR) = u.code), code)"


def _table(con: Connection, link: Mapping[str, str]) -> str:
    for prefix in ("s_", "csv_"):
        table = prefix + str(link.get("from", ""))
        if exists(con, table) and {link.get("code"), link.get("name")} <= set(columns(con, table)):
            return main(con, table)
    return ""


def _staff(con: Connection, levels: Levels, level: str, held: list[str]) -> str:
    """SQL of how many single persons a unit's rows name; 0 where nothing is about persons."""
    if not levels.person:
        return "0"
    pair = f"{name(level)} AS unit, {name(levels.person)} AS who"
    of = " UNION ".join(f"SELECT {pair} FROM {main(con, f'm_{m}')}" for m in held)
    return f"(SELECT count(who) FROM ({of}) AS w WHERE w.unit = u.code)"


def _names(con: Connection, folder: Path, held: list[str]) -> None:
    con.execute("CREATE OR REPLACE TABLE names(dimension VARCHAR, value VARCHAR, name VARCHAR)")
    path = folder / "dimensions.yml"
    _short_names(con)
    dimensions = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}
    listed = [words for d in dimensions.values() for words in (d.get("values") or {}).values()]
    taken = {str(word).casefold() for words in listed for word in words}
    for key, spec in dimensions.items():
        tables = [m for m in held if key in columns(con, f"m_{m}")]
        if not tables:
            continue
        seen = " UNION ".join(f"SELECT {name(key)} AS code FROM {main(con, f'm_{m}')}" for m in tables)
        known = ", ".join(quoted(str(v)) for v in spec.get("values") or ()) or "''"
        values = f"SELECT code FROM ({seen}) WHERE code IS NOT NULL AND code NOT IN ({known}) ORDER BY 1"
        some = f"({values} LIMIT {MOST_VALUES}) AS u"
        if _table(con, spec.get("names") or {}):
            said = f"SELECT {quoted(key)}, code, {_called(con, spec['names'])} AS said FROM {some} WHERE said <> code"
            con.execute(f"INSERT INTO names {said}")
            _short_values(con, key, taken)
        con.execute(f"INSERT INTO names SELECT {quoted(key)}, code, code FROM {some}")


def _short_names(con: Connection) -> None:
    """What people call a unit for short: the first words of its name that tell it from the others of its level."""
    levels: dict[str, list[tuple[str, str]]] = {}
    for level, code, called in con.execute("SELECT level, code, name FROM units WHERE name <> code").fetchall():
        levels.setdefault(level, []).append((code, called))
    for level, units in levels.items():
        if len(units) <= MOST_SHORTENED:
            for code, shorts in shortened(units).items():
                con.executemany("INSERT INTO names VALUES (?, ?, ?)", [[level, code, short] for short in shorts])


def _short_values(con: Connection, key: str, taken: set[str]) -> None:
    """The same for the values of a dimension that a look-up table names, but for words that dimensions.yml lists."""
    values = con.execute("SELECT value, name FROM names WHERE dimension = ?", [key]).fetchall()
    if len(values) <= MOST_SHORTENED:
        for value, shorts in shortened(values).items():
            free = [[key, value, short] for short in shorts if short.casefold() not in taken]
            if free:
                con.executemany("INSERT INTO names VALUES (?, ?, ?)", free)


def shortened(units: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Code -> the beginnings of its name that no other name begins with, shorter than the name.

    >>> shortened([("a", "Delta Air Lines"), ("b", "United Air"), ("c", "North Bay"), ("d", "North Hill")])
    {'a': ['Delta', 'Delta Air'], 'b': ['United']}
    """
    words = {code: called.split() for code, called in units}
    starts: dict[str, int] = {}
    for parts in words.values():
        for n in range(1, len(parts) + 1):
            start = " ".join(parts[:n]).casefold()
            starts[start] = starts.get(start, 0) + 1
    found: dict[str, list[str]] = {}
    for code, parts in words.items():
        for n in range(1, len(parts)):
            short = " ".join(parts[:n])
            if starts[short.casefold()] == 1 and len(short) > 2:
                found.setdefault(code, []).append(short)
    return found


__all__ = ["complete", "shortened"]
