"""The small tables of a version that say how things stand: meta, freshness, ledger, rejects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from data import contract
from data.contract import Contract
from data.facts.yaml import read_yaml
from data.work import transaction

REJECTS_SHOWN = 200
"""Rejected rows of a source that a version carries as examples (the work database keeps them all)."""
FILES_SHOWN = 400
"""Newest files of a source in a version's ledger; older ones are summed into one line per source and month."""
PATIENCE = {"15 minutes": 2, "hourly": 4, "daily": 36, "weekly": 8 * 24, "monthly": 32 * 24, "once": 24 * 3650}
"""Hours after which a source is stale, by rhythm, counted from the newest source of all."""
OPEN_DAYS = 14
"""Days for which a source whose file could not be taken says so, unless the file comes anew."""
NEWEST_LACKS = "arg_max(lacks, (coalesce(newest_at, received_at), id)) FILTER (state = 'loaded')"
"""Of a source's files: the columns that the newest lacks."""
NAMED = "try_strptime(stamp[:8], '%Y%m%d')"
"""The day that stands in the name of a file."""
LAST_NAMED = f"arg_max({{'day': {NAMED}, 'name': name}}, stamp) FILTER (state = 'loaded' AND {NAMED} IS NOT NULL)"
AHEAD = timedelta(days=2)
"""By so much may a day in a name be ahead of all clocks: those of the sources and of this machine."""


def books(company: Path, con: duckdb.DuckDBPyConnection) -> None:
    """Write the tables that tell of files and records into the attached database `version`."""
    contracts = contract.load_all(company)
    with transaction(con):
        _ledger(con)
        _untaken(con, [c.source for c in contracts.values() if c.whole == "newest"])
        _freshness(con, contracts)
        _quality(con)


def state(con: duckdb.DuckDBPyConnection, company: Path, meta: Mapping[str, str]) -> None:
    """Write what the figures and the books together tell: how each metric stands, which days are held."""
    _trust(con)
    _meta(con, company, meta)
    _short(con, company)


def _ledger(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        f"""CREATE OR REPLACE TABLE version.ledger AS
            SELECT id, source, name, hash, size, state, note, received, accepted, rejected, replaced, waiting,
              first_day, last_day, newest_at, received_at, loaded_at, lacks FROM ledger
            WHERE state <> 'loaded' OR id IN (SELECT unnest(max(id, {FILES_SHOWN})) FROM ledger GROUP BY source)"""
    )
    con.execute(
        """CREATE OR REPLACE TABLE version.books AS SELECT source, count(*) AS files, sum(received)::BIGINT AS received,
           sum(accepted)::BIGINT AS accepted, sum(rejected)::BIGINT AS rejected, sum(replaced)::BIGINT AS replaced,
           sum(waiting)::BIGINT AS waiting, sum(late)::BIGINT AS late, count(*) FILTER (state = 'refused') AS refused,
           count(*) FILTER (state = 'unreadable') AS unreadable FROM ledger GROUP BY source ORDER BY source"""
    )
    con.execute(
        f"""CREATE OR REPLACE TABLE version.rejects AS SELECT r.file, r.source, l.name, r.row, r.reason, r.record
            FROM rejects r JOIN ledger l ON l.id = r.file WHERE r.file IN (SELECT file FROM (
              SELECT file, sum(count(*)) OVER (PARTITION BY source ORDER BY file DESC) - count(*) AS newer
              FROM rejects GROUP BY source, file) WHERE newer < {REJECTS_SHOWN})
            QUALIFY row_number() OVER (PARTITION BY r.source ORDER BY r.file DESC, r.row) <= {REJECTS_SHOWN}"""
    )
    con.execute(
        """CREATE OR REPLACE TABLE version.reject_reasons AS SELECT source,
           regexp_replace(reason, ': [^:;]*$', '') AS reason, sum(rows)::BIGINT AS rows
           FROM (SELECT source, reason, count(*) AS rows FROM rejects GROUP BY ALL) GROUP BY ALL
           ORDER BY source, rows DESC"""
    )
    con.execute("CREATE OR REPLACE TABLE version.strangers AS SELECT * FROM strangers ORDER BY name")


def _untaken(con: duckdb.DuckDBPyConnection, newest: Sequence[str]) -> None:
    """Files that were refused or could not be read and that no other one has made up for: of the same part (of the
    sources `newest`: any), and as new or newer. What came while this clock ran ahead came no later than now."""
    part = "CASE WHEN list_contains($newest, source) THEN '' ELSE part END"
    con.execute(
        f"""CREATE OR REPLACE TABLE version.untaken AS WITH files AS (
              SELECT *, {part} AS _part, {{'stamp': stamp, 'id': id}} AS _at, state IN ('loaded', 'expired') AS _good,
                least(max(received_at) OVER (), $now) AS _now FROM ledger),
            good AS (SELECT source, _part, max(_at) AS _best FROM files WHERE _good GROUP BY ALL)
            SELECT source, name, state, note, waiting, received_at, files.stamp
            FROM files LEFT JOIN good USING (source, _part)
            WHERE state IN ('refused', 'unreadable') AND (_best IS NULL OR _best < _at)
              AND (source, hash) NOT IN (SELECT (source, hash) FROM files WHERE _good)
              AND received_at > _now - INTERVAL {OPEN_DAYS} DAY ORDER BY received_at DESC, name""",
        {"newest": list(newest), "now": datetime.now(UTC).replace(tzinfo=None)},
    )


def _freshness(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]) -> None:
    """One line a source: stale when the newest (plans aside) are ahead of it by more than its rhythm allows."""
    con.execute(
        """CREATE OR REPLACE TABLE version.freshness(source VARCHAR, label VARCHAR, rhythm VARCHAR, newest_at TIMESTAMP,
           received_at TIMESTAMP, state VARCHAR, note VARCHAR, gaps VARCHAR)"""
    )
    found = {
        str(r[0]): r[1:]
        for r in con.execute(
            f"""SELECT source, max(newest_at) FILTER (state <> 'refused'), max(received_at),
               {NEWEST_LACKS}, any_value(failed), {LAST_NAMED}
               FROM ledger LEFT JOIN (SELECT source, arg_max(name || ' was ' || state
                 || ': ' || note, stamp) || CASE WHEN count(*) > 1 THEN '; and ' || count(*) - 1 || ' more' ELSE '' END
                 AS failed FROM version.untaken GROUP BY source) USING (source) GROUP BY source"""
        ).fetchall()
    }
    for source in found.keys() & {c.source for c in contracts.values() if c.whole == "newest"}:
        found[source] = _dated(source, found)
    newest = sorted((v[0] for v in found.values() if v[0]), reverse=True)
    ahead = newest[len(newest) // 8] if newest else None
    rows = [_line(c, found.get(c.source), ahead) for c in contracts.values()]
    if rows:
        con.executemany("INSERT INTO version.freshness VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


Newest = tuple[datetime | None, datetime | None, str | None, str | None, dict[str, Any] | None]
"""Of a source: newest moment told of, when the last file came, what the newest file lacks, which were not taken, and
the last file by name with its day."""


def _dated(source: str, found: Mapping[str, Newest]) -> Newest:
    """A source of snapshots; of one that is dated ahead of all clocks it is no newest moment, and said."""
    _, received, lacks, failed, last = found[source]
    clocks = [received, *(row[0] for other, row in found.items() if other != source)]
    if not last or last["day"] <= max(t for t in clocks if t) + AHEAD:
        return found[source]
    said = f"{last['name']} is dated in the future and counts as the newest until then"
    return None, received, lacks, f"{failed}; {said}" if failed else said, last


def _line(c: Contract, found: Newest | None, ahead: datetime | None) -> list[object]:
    newest, received, *_ = found or (None, None)
    return [c.source, c.label, c.rhythm, newest, received, *_state(c, found, ahead), c.gaps]


def _state(c: Contract, found: Newest | None, ahead: datetime | None) -> tuple[str, str]:
    """missing, broken, stale, lacking or fresh; and why, in words."""
    if found is None:
        return "missing", "no file has come yet"
    newest, _, lacks, failed, _ = found
    if failed:
        return "broken", failed
    behind = ahead - newest if ahead and newest else timedelta()
    if c.whole == "all" or not c.recorded:
        behind -= timedelta(days=1)
    if newest and behind > timedelta(hours=PATIENCE[c.rhythm]):
        return "stale", f"nothing newer than {newest:%d %B %Y %H:%M}, though it comes {_each(c.rhythm)}"
    return ("lacking", f"the newest file came without {lacks}") if lacks else ("fresh", "")


def _trust(con: duckdb.DuckDBPyConnection) -> None:
    """A metric that has its figures, but a source that is broken, stale or lacking a column, says so."""
    if con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'metric_sources'").fetchone():
        con.execute(
            """UPDATE version.metric_state SET state = faulty.state, note = faulty.note FROM (
                 SELECT m.metric, CASE WHEN bool_or(f.state = 'broken') THEN 'broken'
                     WHEN bool_or(f.state = 'stale') THEN 'stale' ELSE 'lacking' END AS state,
                   string_agg(f.label || ': ' || f.note, '; ' ORDER BY f.label) AS note
                 FROM metric_sources m JOIN version.freshness f USING (source)
                 WHERE f.state IN ('stale', 'broken', 'lacking')
                 GROUP BY m.metric) AS faulty
               WHERE metric_state.metric = faulty.metric AND metric_state.state = 'ok'"""
        )


def _short(con: duckdb.DuckDBPyConnection, company: Path) -> None:
    """A metric that looks back over more days than are held, and so counts too little, says so."""
    meta = dict(con.execute("SELECT key, value FROM version.meta").fetchall())
    first, last = meta.get("first_day"), meta.get("last_day")
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1 if first and last else 0
    for path in sorted((company / "metrics").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        back = (read_yaml(text).get("time") or {}).get("looks_back_days") if "looks_back_days" in text else None
        if back and days < back:
            con.execute(
                "UPDATE version.metric_state SET state = 'short', note = ? WHERE metric = ? AND state = 'ok'",
                [f"it looks back {back} days and {days} are held", path.stem],
            )


def _quality(con: duckdb.DuckDBPyConnection) -> None:
    """What a company's fact `quality` (what, unit, day, n, total) says of the records themselves, by week."""
    con.execute(
        "CREATE OR REPLACE TABLE version.quality(what VARCHAR, unit VARCHAR, week DATE, n BIGINT, total BIGINT)"
    )
    found = con.execute("SELECT count(*) FROM duckdb_columns() WHERE table_name = 'f_quality'").fetchone()
    if found and found[0]:
        con.execute(
            """INSERT INTO version.quality SELECT what, unit, date_trunc('week', day)::DATE, sum(n), sum(total)
               FROM f_quality WHERE day > (SELECT max(day) FROM f_quality) - 91 GROUP BY ALL ORDER BY ALL"""
        )


def _each(rhythm: str) -> str:
    return f"every {rhythm}" if rhythm[0].isdigit() else rhythm


def _meta(con: duckdb.DuckDBPyConnection, company: Path, meta: Mapping[str, str]) -> None:
    """first_day and last_day of the figures held, as_of, company, how many sources are late or have files that were
    not taken ("2/26", "" for none), and what the caller adds (version, loading)."""
    con.execute("CREATE OR REPLACE TABLE version.meta(key VARCHAR, value VARCHAR)")
    as_of = _newest(con)
    first, last = _span(con, as_of)
    behind, sources = con.execute(
        "SELECT count(*) FILTER (state IN ('stale', 'broken')), count(*) FROM version.freshness"
    ).fetchall()[0]
    values = {
        "company": company.name,
        "behind": f"{behind}/{sources}" if behind else "",
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "as_of": as_of.isoformat(timespec="seconds") + "+00:00" if as_of else "",
        "first_day": first.isoformat() if first else "",
        "last_day": last.isoformat() if last else "",
        **meta,
    }
    con.executemany("INSERT INTO version.meta VALUES (?, ?)", [[k, v] for k, v in values.items()])


def _newest(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """The moment up to which things are told: reached by an eighth of the sources, for plans run ahead of the clock."""
    found = con.execute(
        "SELECT newest_at FROM version.freshness WHERE newest_at IS NOT NULL ORDER BY newest_at DESC"
    ).fetchall()
    return found[len(found) // 8][0] if found else None


def _span(con: duckdb.DuckDBPyConnection, as_of: datetime | None) -> tuple[date | None, date | None]:
    """The days that the roll-ups hold as a whole.

    Late rows of days before the first files make thin days in front: a roll-up begins on the first day that has a fifth
    of its usual cases, the store when half of its roll-ups have begun. Days after `as_of` (booked visits)
    do not count.
    """
    tables = _short_rollups(con)
    if not tables:
        return None, None
    days = " UNION ALL ".join(
        f"""SELECT {i} AS rollup, day, sum(n) AS n FROM version."{table}" GROUP BY day"""
        for i, table in enumerate(tables)
    )
    found = con.execute(
        f"""SELECT min(day) FILTER (n >= 0.2 * usual) AS first, max(day) FROM (
              SELECT *, median(n) OVER (PARTITION BY rollup) AS usual FROM ({days}))
            GROUP BY rollup HAVING first IS NOT NULL ORDER BY first"""
    ).fetchall()
    if not found:
        return None, None
    first, last = found[(len(found) - 1) // 2][0], max(row[1] for row in found)
    return first, min(last, as_of.date()) if as_of else last


def _short_rollups(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        """SELECT table_name FROM duckdb_tables() WHERE database_name = 'version' AND starts_with(table_name, 't_')
           AND NOT contains(table_name, '__')"""
    ).fetchall()
    return [str(row[0]) for row in rows]
