"""From raw records to typed rows: SQL made from a contract. A row that fails gets its reasons in words.

For each column: the cleaned text (missing marks, padding, case, value map), then the typed value, then the faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.contract import Check, Column, Contract
from data.readers import Read, literal, quoted

SQL_TYPES = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "date": "DATE",
    "time": "TIMESTAMP",
    "clock": "TIME",
    "list": "VARCHAR[]",
}
WORDS = {"int": "a whole number", "number": "a number", "flag": "yes or no", "clock": "a time of day", "date": "a date"}
WORDS |= {"time": "a time", "text": "a text", "list": "a list"}
OVERPUNCH = "{ABCDEFGHI}JKLMNOPQR"
"""The last digit and the sign in one character: { A-I are +0..+9, } J-R are -0..-9."""
OFFSET = r":\d\d(\.\d+)?\s*(Z|[+-]\d\d(:?\d\d)?)$"
"""The end of a time that says itself how far it is from UTC."""


@dataclass(frozen=True)
class Checked:
    """The typed rows of a group as SQL, and of one of them whether it is good and else why not."""

    typed: str
    good: str
    reasons: str
    tolerated: str
    """SQL that is true of a typed row rejected by a tolerated check alone."""


def columns(contract: Contract) -> dict[str, str]:
    """Column -> SQL type of the staged table, in order; housekeeping columns not included."""
    made: dict[str, str] = {}
    for c in contract.columns:
        made[c.name] = SQL_TYPES[c.type]
        if c.keep_raw:
            made[f"{c.name}_raw"] = "VARCHAR"
        if c.first:
            made[f"{c.name}_first"] = SQL_TYPES[c.type]
    return made


def checked(contract: Contract, found: Read) -> Checked:
    """The SQL of a contract for what a reader found."""
    read = contract.read_columns
    raw_types = {c.name: found.types.get(c.name, "VARCHAR") for c in read}
    cleaned = ", ".join(f"{_clean(c, raw_types[c.name])} AS {quoted('t_' + c.name)}" for c in read)
    typed = ", ".join(f"{_typed(c, contract, raw_types)} AS {quoted(c.name)}" for c in read)
    kept = "".join(f", {quoted('t_' + c.name)}" for c in read)
    raws = "".join(f", {_as_text(c, raw_types)} AS {quoted(c.name + '_raw')}" for c in read if c.keep_raw)
    sql = (
        f"SELECT _rid, _fi, _broken, _line, {typed}{kept}{raws} FROM "
        f"(SELECT _rid, _fi, _filed, _broken, _line, {cleaned} FROM ({found.records}))"
    )
    for c in contract.columns:
        if c.sql is not None:
            sql = f"SELECT *, CAST({c.sql} AS {SQL_TYPES[c.type]}) AS {quoted(c.name)} FROM ({sql})"
    faults = [f for c in read for f in _faults(contract, c, raw_types[c.name])]
    faults += [(f"NOT coalesce({check.good}, false)", literal(check.reason)) for check in contract.checks]
    good = " AND ".join(["_broken IS NULL", *(f"NOT ({condition})" for condition, _ in faults)])
    cases = ", ".join(["_broken", *(f"CASE WHEN {condition} THEN {reason} END" for condition, reason in faults)])
    reasons = f"CASE WHEN _broken IS NOT NULL THEN _broken ELSE concat_ws('; ', {cases}) END"
    return Checked(sql, good, reasons, _tolerated(contract.checks))


def _tolerated(checks: tuple[Check, ...]) -> str:
    """A row is tolerated when a tolerated check fails, whatever else is wrong with it."""
    failed = [f"NOT coalesce({check.good}, false)" for check in checks if check.tolerated]
    return " OR ".join(failed) or "false"


# ---- cleaning -------------------------------------------------------------------------------------------------------


def native(column: Column, raw_type: str) -> bool:
    """The file gives the column in a type that needs no reading."""
    kind = raw_type.upper()
    if column.type == "text" or column.map or column.missing:
        return False
    wanted = {
        "int": ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"),
        "number": ("DOUBLE", "FLOAT", "BIGINT", "INTEGER", "DECIMAL", "SMALLINT"),
        "flag": ("BOOLEAN",),
        "date": ("DATE",),
        "time": ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "TIMESTAMP WITH TIME ZONE"),
        "clock": ("TIME",),
        "list": ("VARCHAR[]",),
    }[column.type]
    return kind.partition("(")[0] in wanted


def _clean(c: Column, raw_type: str) -> str:
    """The text of a column without spaces around, missing marks, lost zeros, wrong case, old values."""
    if native(c, raw_type):
        return quoted(c.name)
    text = quoted(c.name) if raw_type == "VARCHAR" else f"CAST({quoted(c.name)} AS VARCHAR)"
    text = _trimmed(text)
    plain = [m for m in c.missing if not m.startswith("re:")]
    if plain:
        text = f"CASE WHEN {text} IN ({', '.join(literal(m) for m in plain)}) THEN NULL ELSE {text} END"
    for pattern in (m[3:] for m in c.missing if m.startswith("re:")):
        text = f"CASE WHEN regexp_full_match({text}, {literal(pattern)}) THEN NULL ELSE {text} END"
    if c.case:
        text = f"{'upper' if c.case == 'upper' else 'lower'}({text})"
    if c.pad:
        short = f"length({text}) < {c.pad} AND regexp_full_match({text}, '[0-9]+')"
        text = f"CASE WHEN {short} THEN lpad({text}, {c.pad}, '0') ELSE {text} END"
    if c.map:
        cases = " ".join(f"WHEN {literal(k)} THEN {literal(v)}" for k, v in c.map.items())
        text = f"CASE {text} {cases} ELSE {text} END"
    if c.take:
        text = f"nullif(regexp_extract({text}, {literal(c.take)}, 1), '')"
    for pattern in c.mask:
        text = f"regexp_replace({text}, {literal(pattern)}, '…', 'g')"
    return text


def _trimmed(text: str) -> str:
    """Without spaces around, NULL when nothing is left; only what may have any (a first character before !,
    a last one that is a space, more than ASCII) is trimmed: trimming costs several times the look."""
    may = f"{text} < '!' OR strlen({text}) <> length({text}) OR ends_with({text}, ' ')"
    return f"CASE WHEN {may} THEN nullif(trim({text}), '') ELSE {text} END"


def _as_text(c: Column, raw_types: dict[str, str]) -> str:
    return f"CAST({quoted('t_' + c.name)} AS VARCHAR)" if raw_types[c.name] != "VARCHAR" else quoted("t_" + c.name)


# ---- typing ---------------------------------------------------------------------------------------------------------


def _typed(c: Column, contract: Contract, raw_types: dict[str, str]) -> str:
    text = quoted("t_" + c.name)
    if native(c, raw_types[c.name]):
        return _native(c, contract, text, raw_types[c.name])
    makers = {"int": _int, "number": _number, "flag": _flag, "date": _date, "list": _list}
    if c.type == "time":
        return _time(c, contract, text)
    if c.type == "clock":
        return f"TRY_CAST({text} AS TIME)"
    return makers[c.type](c, text) if c.type in makers else text


def _native(c: Column, contract: Contract, value: str, raw_type: str) -> str:
    if c.type == "time" and "ZONE" in raw_type.upper():
        return _in_utc(value)
    if c.type == "time":
        return _to_utc(f"CAST({value} AS TIMESTAMP)", c, contract)
    return f"CAST({value} AS {SQL_TYPES[c.type]})"


def _int(c: Column, text: str) -> str:
    whole = f"TRY_CAST({text} AS DOUBLE)"
    return (
        f"CASE WHEN contains({text}, '.') THEN CASE WHEN {whole} = floor({whole}) THEN TRY_CAST({whole} AS BIGINT) END "
        f"ELSE TRY_CAST({text} AS BIGINT) END"
    )


def _number(c: Column, text: str) -> str:
    if c.overpunch:
        text = _overpunched(text)
    if c.decimal == ",":
        text = f"replace(replace({text}, '.', ''), ',', '.')"
    elif c.decimal == "any":
        text = f"CASE WHEN contains({text}, '.') THEN {text} ELSE replace({text}, ',', '.') END"
    value = f"TRY_CAST({text} AS DOUBLE)"
    if c.implied_decimals:
        value = f"{value} / {10**c.implied_decimals}"
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def _overpunched(text: str) -> str:
    """The last character says digit and sign: 00123D is 1234, 00123M is -1234."""
    last = f"right({text}, 1)"
    digit = f"translate({last}, '{OVERPUNCH}', '01234567890123456789')"
    sign = f"CASE WHEN regexp_full_match({last}, '[}}J-R]') THEN '-' ELSE '' END"
    return f"{sign} || left({text}, greatest(length({text}) - 1, 0)) || {digit}"


def _flag(c: Column, text: str) -> str:
    yes, no = "('y', 'yes', 'true', 't', '1', 'j', 'x')", "('n', 'no', 'false', 'f', '0')"
    return f"CASE WHEN lower({text}) IN {yes} THEN true WHEN lower({text}) IN {no} THEN false END"


def _date(c: Column, text: str) -> str:
    return f"CAST({_parsed(c, text)} AS DATE)" if c.formats else f"TRY_CAST({text} AS DATE)"


def _list(c: Column, text: str) -> str:
    parts = f"string_split({text}, {literal(c.separator or '|')})"
    return f"list_filter(list_transform({parts}, lambda x: trim(x)), lambda x: x <> '')"


def _parsed(c: Column, text: str) -> str:
    patterns = "[" + ", ".join(literal(f) for f in c.formats) + "]"
    value = f"TRY_STRPTIME({text}, {patterns})"
    if c.near_file:
        read = ", ".join(f"TRY_STRPTIME({text}, {literal(f)})" for f in c.formats)
        known = f"list_filter([{read}], lambda v: v IS NOT NULL)"
        far = f"list_transform({known}, lambda v: {{'far': abs(date_diff('hour', v, _filed)), 'v': v}})"
        value = f"list_sort({far})[1].v"
    if c.day_end_24:
        midnight = f"regexp_replace({text}, '24(:?)00((:?)00)?$', '00\\100\\2')"
        late = f"regexp_matches({text}, '24:?00(:?00)?$')"
        value = f"CASE WHEN {late} THEN TRY_STRPTIME({midnight}, {patterns}) + INTERVAL 1 DAY ELSE {value} END"
    return value


def _time(c: Column, contract: Contract, text: str) -> str:
    if c.epoch:
        number = f"TRY_CAST({text} AS DOUBLE)"
        ms = {"s": f"{number} * 1000", "ms": number}.get(
            c.epoch, f"CASE WHEN {number} > 1e11 THEN {number} ELSE {number} * 1000 END"
        )
        return f"epoch_ms(TRY_CAST({ms} AS BIGINT))"
    if c.formats:
        return _to_utc(_parsed(c, text), c, contract)
    zone, said = c.zone or contract.zone, _in_utc(f"TRY_CAST({text} AS TIMESTAMPTZ)")
    if zone == "UTC":
        return said
    plain = _to_utc(f"TRY_CAST({text} AS TIMESTAMP)", c, contract)  # this cast drops an offset; one in the text counts
    return plain if zone == "local" else f"CASE WHEN regexp_matches({text}, '{OFFSET}') THEN {said} ELSE {plain} END"


def _to_utc(value: str, c: Column, contract: Contract) -> str:
    zone = c.zone or contract.zone
    if zone in ("UTC", "local"):
        return value
    if zone not in {column.name for column in contract.columns}:
        return _in_utc(f"timezone({literal(zone)}, {value})")
    codes: dict[str, list[str]] = {}
    for code, named in contract.zones.items():
        if code != "*":
            codes.setdefault(named, []).append(code)
    place, cases = quoted("t_" + zone), []  # a zone that is a constant is looked up once, not for every row
    for named, those in codes.items():
        cases.append(f"WHEN {_among(place, those)} THEN timezone({literal(named)}, {value})")
    other = f"timezone({literal(contract.zones['*'])}, {value})" if "*" in contract.zones else "NULL"
    return _in_utc(f"CASE {' '.join(cases)} ELSE {other} END")


def _among(value: str, texts: Sequence[str], kind: str = "VARCHAR") -> str:
    """IN, of which DuckDB makes a join when the list is longer."""
    return f"list_contains([{', '.join(map(literal, texts))}]::{kind}[], {value})"


def _in_utc(moment: str) -> str:
    """A moment as the UTC time; it asks no calendar, as `timezone('UTC', …)` does. Infinity is no time."""
    return f"make_timestamp(epoch_us({moment}))"


# ---- faults ---------------------------------------------------------------------------------------------------------


def _faults(contract: Contract, c: Column, raw_type: str) -> list[tuple[str, str]]:
    """(condition, reason) pairs of one column; conditions are never NULL."""
    text, value, said = quoted("t_" + c.name), quoted(c.name), c.names[0]
    shown = f"left(CAST({text} AS VARCHAR), 40)"
    faults = []
    if c.required or (c.name in contract.key):
        faults.append((f"{text} IS NULL", literal(f"{said}: missing")))
    if not c.blank_when_bad and c.type != "text":
        bad = f"{text} IS NOT NULL AND {value} IS NULL"
        faults.append((bad, literal(f"{said}: not {WORDS[c.type]}: ") + f" || {shown}"))
    if c.allowed and not c.blank_when_bad:
        strange = f"coalesce(NOT {_among(value, c.allowed, SQL_TYPES[c.type])}, false)"
        faults.append((strange, literal(f"{said}: not known: ") + f" || {shown}"))
    limits = [f"{value} < {c.least}"] * (c.least is not None) + [f"{value} > {c.most}"] * (c.most is not None)
    if limits and not c.blank_when_bad:
        faults.append((f"coalesce({' OR '.join(limits)}, false)", literal(f"{said}: out of range: ") + f" || {shown}"))
    if c.name == contract.day:
        wild = f"{value} < DATE '1990-01-01' OR {value} > DATE '2100-01-01'"
        faults.append((f"coalesce({wild}, false)", literal(f"{said}: not a believable day: ") + f" || {shown}"))
    return faults
