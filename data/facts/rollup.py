"""From facts to additive roll-ups: m_<metric> and t_<metric>, redone for the days that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from data.beside import SCRATCH
from data.facts.attribution import WORKED
from data.facts.blocks import Block, Levels
from data.facts.days import condition, ranges
from data.facts.models import Model
from data.facts.sql import Connection, Db, columns, days, exists, main, name, names, opened, quoted

CHUNK = 62
"""Days of facts joined with their lookups at a time, to bound memory."""
LAG = 62
"""Days after its own day on which a case may still count somewhere, or change what does."""
OPEN = 14
"""Days before an expiry whose figures change as ever."""
EXPIRED, EXPIRED_ON = "expired_before", "expired_on"
"""Keys of `progress`: the day before which cases have gone, and the day on which that was last seen to."""
UNIT_SAYS = ("work", "kind", "density")
"""What a unit says of itself, offered to expressions as unit_work and so on."""
PLACED = f"{SCRATCH}.placed"


def place(con: Db, levels: Levels, table: str = "units") -> dict[tuple[str, str], tuple[str, ...]]:
    """(level, code) -> where the unit lies and what it says of itself, as roll-ups use it."""
    if not exists(con, table):
        return {}
    listed = names(dict.fromkeys((*levels.units, *UNIT_SAYS)))
    rows = con.execute(f"SELECT level, code, {listed} FROM {main(con, table)}").fetchall()
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def units(con: Db, levels: Levels) -> None:
    """The table placed(level, code, the units above it, work, kind, density), in memory, for all connections."""
    listed = dict.fromkeys((*levels.units, *UNIT_SAYS))
    if exists(con, "units"):
        rows = f"AS SELECT level, code, {names(listed)} FROM {main(con, 'units')}"
    else:
        rows = f"(level VARCHAR, code VARCHAR, {', '.join(f'{name(c)} VARCHAR' for c in listed)})"
    con.execute(f"CREATE OR REPLACE TABLE {PLACED} {rows}")


def rolled(con: Db, blocks: Sequence[Block], levels: Levels, models: Mapping[str, Model],
           changed: set[date] | None) -> set[date]:  # fmt: skip
    """Redo the given days (None: all) of one roll-up; returns the days written or cleared.

    Days of which the single cases have expired stay as they are: nothing is left that they could be made from.
    """
    table = main(con, f"m_{blocks[0].metric}")
    there = exists(con, f"m_{blocks[0].metric}")
    expired = stays_before(con, blocks, models)
    if changed is None:
        changed = _all_days(con, blocks)
        if there:
            changed |= days(con, f"SELECT DISTINCT day FROM {table}")
            con.execute(f"CREATE OR REPLACE TEMP TABLE stays AS SELECT * FROM {table} WHERE day < DATE '{expired}'")
            con.execute(f"DROP TABLE {table}")
        _empty(con, table, _union(con, blocks, levels, models, set()), there)
        there = False
    elif not there:
        _empty(con, table, _union(con, blocks, levels, models, set()), False)
    told, changed = changed, {d for d in changed if d >= expired}
    for first, last in _chunks(changed):
        some = {d for d in changed if first <= d <= last}
        con.execute(f"DELETE FROM {table} WHERE {condition('day', some)}")
        con.execute(f"INSERT INTO {table} {_union(con, blocks, levels, models, some)}")
    if not there:
        _short(con, blocks[0], levels)
    return changed if there else told


def stays_before(con: Db, blocks: Sequence[Block], models: Mapping[str, Model]) -> date:
    """The day before which a roll-up stays as it is: some of the cases that its days were made from have expired.

    The newest days before the expiry change as ever, however little the company keeps.
    """
    expired, on = expired_before(con), _progress(con, EXPIRED_ON)
    if on is None:
        return expired
    lag = max(
        block.looks_back or (0 if block.day == models[block.fact].day and _same_day(block.fact, models) else LAG)
        for block in blocks
    )
    return max(expired, min(expired + timedelta(days=lag), on - timedelta(days=OPEN)))


def _same_day(fact: str, models: Mapping[str, Model]) -> bool:
    """A fact that is made from rows of its own day alone, all the way from the staged tables."""
    needs = [need for need in models[fact].needs if need.how in ("days", "keyed")]
    return all(
        need.how == "days" and need.reach[0] == 0 and (need.table not in models or _same_day(need.table, models))
        for need in needs
    )


def expired_before(con: Db) -> date:
    """The day before which single cases have expired (`data.expire`); the beginning of time while none have."""
    return _progress(con, EXPIRED) or date.min


def _progress(con: Db, key: str) -> date | None:
    if not exists(con, "progress"):
        return None
    row = con.execute(f"SELECT value FROM {main(con, 'progress')} WHERE key = {quoted(key)}").fetchone()
    return date.fromisoformat(str(row[0])) if row else None


def _empty(con: Db, table: str, union: str, stays: bool) -> None:
    """The roll-up's table with no rows, or with those in `stays` as far as they have the same columns."""
    described = con.execute(f"DESCRIBE {union}").fetchall()
    con.execute(f"CREATE TABLE {table}({', '.join(f'{name(c[0])} {c[1]}' for c in described)})")
    if stays:
        held = {str(row[0]) for row in con.execute("DESCRIBE temp.stays").fetchall()}
        both = ", ".join(name(c[0]) for c in described if c[0] in held)
        con.execute(f"INSERT INTO {table}({both}) SELECT {both} FROM temp.stays; DROP TABLE temp.stays")


def _all_days(con: Db, blocks: Sequence[Block]) -> set[date]:
    found: set[date] = set()
    for block in blocks:
        found |= days(con, f"SELECT DISTINCT CAST({block.day} AS DATE) FROM {main(con, block.fact)}")
    return found


def _chunks(changed: set[date]) -> list[tuple[date, date]]:
    """Runs of changed days, none longer than CHUNK, short runs that lie close taken together."""
    chunks: list[tuple[date, date]] = []
    for first, last in ranges(changed):
        start = first
        while start <= last:
            stop = min(last, date.fromordinal(start.toordinal() + CHUNK - 1))
            if chunks and (stop - chunks[-1][0]).days < CHUNK:
                chunks[-1] = (chunks[-1][0], stop)
            else:
                chunks.append((start, stop))
            start = date.fromordinal(stop.toordinal() + 1)
    return chunks


def _union(con: Db, blocks: Sequence[Block], levels: Levels, models: Mapping[str, Model],
           some: set[date]) -> str:  # fmt: skip
    return " UNION ALL ".join(f"({select(con, b, levels, models[b.fact], some)})" for b in blocks)


def select(con: Db, block: Block, levels: Levels, model: Model, some: set[date]) -> str:
    """The SELECT of one part of a roll-up for some days."""
    group = ["day", *levels.keys, *block.dimensions, "mix", *(["item"] if block.item else [])]
    if block.kind == "median":
        group.append('"value"')
    rows = attributed(con, block, levels, model, some)
    dimensions = "".join(f", CAST({e} AS VARCHAR) AS {name(d)}" for d, e in block.dimensions.items())
    lined = ", ".join(f"_{key} AS {name(key)}" for key in levels.keys)
    inner = f"SELECT _day AS day, {lined}{dimensions}, {_mix(block)} AS mix, {_measures(block)} FROM ({rows})"
    keys = ", ".join(name(g) if g[0] != '"' else g for g in group)
    return f"SELECT {keys}, {_sums(block)} FROM ({inner}) GROUP BY {keys}"


def _mix(block: Block) -> str:
    if not block.mix:
        return "CAST(NULL AS VARCHAR)"
    return "concat_ws('|', " + ", ".join(f"coalesce(CAST({m} AS VARCHAR), '')" for m in block.mix) + ")"


def _measures(block: Block) -> str:
    parts = [f"CAST({block.n} AS BIGINT) AS _n"]
    if block.kind == "median":
        parts.append(f'CAST({block.value} AS DOUBLE) AS "value"')
    else:
        if block.item:
            parts.append(f"CAST({block.item} AS VARCHAR) AS item")
        parts += [f"CAST({block.num} AS DOUBLE) AS _num", f"CAST({block.den} AS DOUBLE) AS _den"]
    if block.mirror:
        parts.append(f"CAST({block.mirror} AS DOUBLE) AS _mirror")
    return ", ".join(parts)


def _sums(block: Block) -> str:
    parts = ["CAST(sum(_n) AS BIGINT) AS n"]
    if block.kind != "median":
        num = [] if block.item else ["coalesce(sum(_num), 0) AS num"]
        parts = [*num, "coalesce(sum(_den), 0) AS den", *parts]
    if block.mirror:
        parts.append("coalesce(sum(_mirror), 0) AS mirror")
    return ", ".join(parts)


def attributed(con: Db, block: Block, levels: Levels, model: Model, some: set[date]) -> str:
    """Rows of the fact with lookups, the day, and a column _<level> for every level."""
    day = f"CAST({block.day} AS DATE)"
    block = _fitting(con, block, model)
    person = block.levels.get(levels.person or "", "NULL")
    rows = wide(con, model, condition(day, some))
    sql = (
        f"SELECT *, {day} AS _day, CAST({person} AS VARCHAR) AS _who, ({block.person_if}) AS _mine FROM ({rows}) "
        f"WHERE ({block.where})"
    )
    if levels.person:
        sql = (
            f"SELECT r.*, CASE WHEN r._mine THEN r._who END AS _{levels.person}, w.unit AS _in FROM ({sql}) AS r "
            f"LEFT JOIN {WORKED} AS w ON w.person = r._who AND w.day = r._day AND w.settles = {block.settles}"
        )
    known: list[str] = []
    for level in levels.units:
        sql = _placed(sql, block, levels, level, known)
        known.append(level)
    return sql


def _fitting(con: Db, block: Block, model: Model) -> Block:
    """The block without levels whose plain column this fact does not have: not every fact says every unit."""
    have = {*columns(con, model.name), *(to for lookup in model.lookups for to in lookup.take.values())}
    held = {level: sql for level, sql in block.levels.items() if not sql.isidentifier() or sql in have}
    return block if len(held) == len(block.levels) else replace(block, levels=held)


def _placed(sql: str, block: Block, levels: Levels, level: str, known: Sequence[str]) -> str:
    """The unit of one level: as the row says, by membership, as a lower unit lies in it, or the fallback."""
    lower = [k for k in known if level in levels.within.get(k, ()) or _reaches(levels, k, level)]
    said = [f"CAST({block.levels[level]} AS VARCHAR)"] if level in block.levels else []
    by_membership = ["_in"] if level == levels.base and levels.person else []
    derived = [f"unit_{k}_{level}" for k in lower]
    fallback = [f"CAST({block.otherwise[level]} AS VARCHAR)"] if level in block.otherwise else []
    choice = [*said, *by_membership, *derived, *fallback] or ["CAST(NULL AS VARCHAR)"]
    sql = f"SELECT *, coalesce({', '.join(choice)}) AS _{level} FROM ({sql})"
    uppers = [k for k in levels.units if k != level and _reaches(levels, level, k)]
    says = "".join(f", unit_{level}.{name(k)} AS unit_{level}_{k}" for k in uppers)
    if level == levels.base:
        says += "".join(f", unit_{level}.{name(k)} AS unit_{k}" for k in (*uppers, *UNIT_SAYS))
    if not says:
        return sql
    return (
        f"SELECT p.*{says} FROM ({sql}) AS p LEFT JOIN {PLACED} AS unit_{level} "
        f"ON unit_{level}.level = '{level}' AND unit_{level}.code = p._{level}"
    )


def _reaches(levels: Levels, low: str, high: str) -> bool:
    """Whether units of the lower level lie in units of the higher one."""
    above = levels.within.get(low, ())
    return high in above or any(_reaches(levels, level, high) for level in above)


def wide(con: Connection, model: Model, where: str) -> str:
    """The fact's rows with the columns that its lookups take."""
    take, joins = "", ""
    for i, lookup in enumerate(model.lookups):
        alias = f"look{i}"
        if not exists(con, lookup.table):
            take += "".join(f", NULL AS {name(to)}" for to in lookup.take.values())
            continue
        take += "".join(f", {alias}.{name(column)} AS {name(to)}" for column, to in lookup.take.items())
        on = " AND ".join(f"{alias}.{name(a)} = f.{name(b)}" for a, b in lookup.by.items())
        dated = "valid_from" in columns(con, lookup.table)
        if dated:
            day = f"f.{name(lookup.day or model.day)}"
            on += f" AND {day} >= {alias}.valid_from AND {day} < {alias}.valid_to"
        table = opened(con).stand_ins.get((lookup.table, next(iter(lookup.by))), main(con, lookup.table))
        joins += f" LEFT JOIN {table} AS {alias} ON {on}"
    return f"SELECT f.*{take} FROM (SELECT * FROM {main(con, model.name)} WHERE {where}) AS f{joins}"


def _short(con: Db, block: Block, levels: Levels) -> None:
    """t_<metric>: without the single person and without dimensions; a view here, a table in a published version."""
    long, short = name(f"m_{block.metric}"), main(con, f"t_{block.metric}")
    keys = ["day", *levels.units, "mix"]
    keys += ["value"] if block.kind == "median" else []
    keys += ["item"] if block.item else []
    held = columns(con, f"m_{block.metric}")
    sums = ", ".join(
        "CAST(sum(n) AS BIGINT) AS n" if part == "n" else f"sum({part}) AS {part}"
        for part in ("num", "den", "n", "mirror") if part in held
    )  # fmt: skip
    listed = ", ".join(name(k) for k in keys)
    a_table = "SELECT 1 FROM duckdb_tables() WHERE table_name = ? AND database_name = current_database()"
    if con.execute(a_table, [f"t_{block.metric}"]).fetchone():
        con.execute(f"DROP TABLE {short}")
    con.execute(f"CREATE OR REPLACE VIEW {short} AS SELECT {listed}, {sums} FROM {long} GROUP BY {listed}")
