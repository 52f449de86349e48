"""Data health: how new each source is, what was accepted and rejected and why, which measures can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.parts import tables
from pages.parts.answers import safe
from pages.parts.look import moment
from queries.catalogue import Catalogue
from queries.health import Health, health

Desk = Any
STATES = {"ok": "fresh", "stale": "late", "missing": "not connected", "never": "never came"}


def show(desk: Desk) -> None:
    st.title("Data health")
    found = health(desk.store)
    with st.container(key="headline_health"):
        st.markdown(safe(summary(found)))
    _sources(found)
    _books(found)
    _metrics(found, desk)


def summary(found: Health) -> str:
    """One or two sentences: sources, lateness, books."""
    if not found.freshness:
        return "The store tells nothing of its sources yet."
    total = len(found.freshness)
    text = f"{total - len(found.late)} of {total} sources are as fresh as they promise."
    received = sum(int(row.get("received") or 0) for row in found.books)
    rejected = sum(int(row.get("rejected") or 0) for row in found.books)
    if received:
        text += f" {received:,} rows came in, {rejected:,} were rejected ({100 * rejected / received:.2f} %)."
    if found.unbalanced:
        return text + f" The books of {len(found.unbalanced)} sources do not add up."
    return text + (" Every row is accounted for." if received else "")


def _sources(found: Health) -> None:
    st.header("Sources")
    _table(
        [_source(row) for row in sorted(found.freshness, key=lambda r: (r not in found.late, str(r.get("label"))))],
        "Sources",
    )


def _source(row: Mapping[str, Any]) -> dict[str, Any]:
    state = str(row.get("state"))
    return {
        "source": row.get("label") or row.get("source"), "comes": row.get("rhythm"),
        "newest": moment(str(row.get("newest_at") or "")), "state": STATES.get(state, state),
        "what it means": row.get("gaps") or row.get("note"),
    }  # fmt: skip


def _books(found: Health) -> None:
    st.header("Rows")
    keys = ("files", "received", "accepted", "rejected", "replaced", "waiting", "refused")
    labels = {row.get("source"): row.get("label") or row.get("source") for row in found.freshness}
    numbers = [{k: f"{int(row.get(k) or 0):,}" for k in keys} for row in found.books]
    named = [{"source": labels.get(row["source"], row["source"])} for row in found.books]
    _table([n | row for n, row in zip(named, numbers, strict=True)], "Rows", range(1, 8))
    with st.expander("Why rows were rejected"):
        reasons = [
            (labels.get(r["source"], r["source"]), r["reason"], f"{int(r['rows']):,}") for r in found.reasons[:60]
        ]
        _table(
            [dict(zip(("source", "reason", "rows"), r, strict=True)) for r in reasons], "Why rows were rejected", (2,)
        )


def _metrics(found: Health, desk: Desk) -> None:
    st.header("Measures")
    good = [row for row in found.metrics if row.get("state") == "ok"]
    st.markdown(f"{len(good)} of {len(found.metrics)} measures have all their figures.")
    rest = [row for row in found.metrics if row.get("state") != "ok"]
    _table([_measure(row, desk.catalogue) for row in rest], "Measures")


def _measure(row: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    metric, state = catalogue.metrics.get(row["metric"]), str(row["state"])
    return {
        "measure": metric.label if metric else row["metric"],
        "state": STATES.get(state, state),
        "why": row.get("note"),
    }


def _table(rows: Sequence[Mapping[str, Any]], label: str, right: Sequence[int] = ()) -> None:
    if rows:
        tables.show(list(rows[0]), [[str(v or "–") for v in row.values()] for row in rows], label, right=right)


if __name__ == "__main__":
    st.switch_page("app.py")
