"""Data health: how new each source is, what was accepted and rejected and why, which measures can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts.answers import safe
from pages.parts.look import moment
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
    _table([_source(row) for row in sorted(found.freshness, key=lambda r: (r not in found.late, str(r.get("label"))))])


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
    _table(
        [
            {"source": labels.get(r["source"], r["source"])} | {k: f"{int(r.get(k) or 0):,}" for k in keys}
            for r in found.books
        ]
    )
    with st.expander("Why rows were rejected"):
        _table([{"source": labels.get(r["source"], r["source"]), "reason": r["reason"], "rows": f"{int(r['rows']):,}"}
                for r in found.reasons[:60]])  # fmt: skip


def _metrics(found: Health, desk: Desk) -> None:
    st.header("Measures")
    good = [row for row in found.metrics if row.get("state") == "ok"]
    st.markdown(f"{len(good)} of {len(found.metrics)} measures have all their figures.")
    rest = [row for row in found.metrics if row.get("state") != "ok"]
    named = desk.catalogue.metrics
    _table([{"measure": named[r["metric"]].label if r["metric"] in named else r["metric"],
             "state": STATES.get(str(r["state"]), r["state"]), "why": r.get("note")} for r in rest])  # fmt: skip


def _table(rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        st.table(pd.DataFrame([{k: safe(str(v or "–")) for k, v in row.items()} for row in rows]), hide_index=True)


if __name__ == "__main__":
    st.switch_page("app.py")
