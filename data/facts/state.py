"""metric_state: which metrics have facts, and which lack a source; metric_sources: what each is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from data.facts.blocks import Block
from data.facts.models import Model
from data.facts.sql import Db, exists, main


def write(
    con: Db, folder: Path, person: str, blocks: Mapping[str, Sequence[Block]], models: Mapping[str, Model]
) -> None:
    """The table metric_state(metric, state, note): ok, or missing with the sources of which no row was ever loaded.

    `person`: the key of the person level. What is counted for persons rests on who worked where, too.
    """
    con.execute("CREATE TABLE IF NOT EXISTS metric_state(metric VARCHAR, state VARCHAR, note VARCHAR)")
    con.execute("DELETE FROM metric_state")
    con.execute("CREATE OR REPLACE TABLE metric_sources(metric VARCHAR, source VARCHAR)")
    lacks: dict[str, set[str]] = {}
    states: list[tuple[str, str, str]] = []
    sources: list[tuple[str, str]] = []
    for path in sorted((folder / "metrics").glob("*.yml")):
        parts = blocks.get(path.stem, ())
        lacking = sorted({source for b in parts for source in unloaded(con, b.fact, models, lacks)})
        state = "ok" if parts and not lacking else "missing"
        note = ", ".join(lacking) if parts else "no facts"
        states.append((path.stem, state, note))
        said = {source for b in parts for source in b.sources} or {s for b in parts for s in behind(b.fact, models)}
        if any(b.levels.get(person, "NULL") != "NULL" for b in parts):
            said |= behind("membership", models)
        sources += [(path.stem, source) for source in sorted(said)]
    for table, rows in (("metric_state", states), ("metric_sources", sources)):
        if rows:
            listed = [list(column) for column in zip(*rows, strict=True)]
            con.execute(f"INSERT INTO {table} SELECT {', '.join(['unnest(?)'] * len(listed))}", listed)


def behind(table: str, models: Mapping[str, Model]) -> set[str]:
    """Sources that a fact is made from, through all models; those that it can do without left out."""
    needs = [need for need in (models[table].needs if table in models else ()) if not need.columns]
    own = {need.source for need in needs if need.source}
    return own.union(*(behind(need.table, models) for need in needs if need.source is None))


def unloaded(con: Db, table: str, models: Mapping[str, Model], known: dict[str, set[str]]) -> set[str]:
    """Sources behind a fact, through all models, of which no row is held. Optional needs do not count."""
    if table in known:
        return known[table]
    found: set[str] = set()
    for need in models[table].needs if table in models else ():
        if need.columns:
            continue
        if need.source is None:
            found |= unloaded(con, need.table, models, known) if need.table in models else set()
        elif (
            not exists(con, need.table) or not con.execute(f"SELECT 1 FROM {main(con, need.table)} LIMIT 1").fetchone()
        ):
            found.add(need.source)
    known[table] = found if table in models else {table}
    return known[table]
