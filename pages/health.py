"""Data health: how new each source is, what was accepted and rejected and why, which measures can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.parts import downloads, tables
from pages.parts.answers import safe
from pages.parts.look import moment
from queries.answers.health import Health, health, rejects
from queries.catalogue import Catalogue

Desk = Any
MOST = 40
STATES = {
    "ok": "fresh", "stale": "late", "broken": "not taken", "lacking": "without a column", "short": "too few days",
    "missing": "not connected", "never": "never came",
}  # fmt: skip
BY_SOURCE = ("stale", "broken", "lacking")
"""States that a measure has from a source."""


def show(desk: Desk) -> None:
    st.title("Data health")
    found = health(desk.store)
    with st.container(key="headline_health"):
        st.markdown(safe(summary(found)))
    _sources(found, desk.catalogue)
    _untaken(found)
    _metrics(found, desk)
    _rejected(found, desk)
    _books(found)
    _quality(found)


def summary(found: Health) -> str:
    """One or two sentences: sources, lateness, books."""
    if not found.freshness:
        return "The store tells nothing of its sources yet."
    total = len(found.freshness)
    text = f"{total - len(found.late)} of {total} sources are as fresh as they promise."
    if found.lacking:
        text += f" The newest file of {_some(found.lacking)} came without a column."
    received = sum(int(row.get("received") or 0) for row in found.books)
    rejected = sum(int(row.get("rejected") or 0) for row in found.books)
    if received:
        text += f" {received:,} rows came in, {rejected:,} were rejected ({100 * rejected / received:.2f} %)."
    waiting = sum(int(row.get("waiting") or 0) for row in found.books)
    if waiting:
        text += f" {waiting:,} wait in files that were not taken."
    if found.unbalanced:
        return text + f" The books of {len(found.unbalanced)} sources do not add up."
    return text + (" Every row is accounted for." if received else "")


def _some(rows: Sequence[Mapping[str, Any]]) -> str:
    return " and ".join(_named(row) for row in rows)


def _sources(found: Health, catalogue: Catalogue) -> None:
    """First the sources that are not as they should be: why, and what is missing meanwhile."""
    st.header("Sources")
    wrong = sorted((*found.late, *found.lacking), key=_named)
    _table([_wrong(row, catalogue) for row in wrong], "Sources with a fault")
    _table([_source(row, catalogue) for row in sorted(found.freshness, key=_named) if row not in wrong], "Sources")


def _named(row: Mapping[str, Any]) -> str:
    return str(row.get("label") or row.get("source"))


def _wrong(row: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    state = str(row.get("state"))
    return {
        "source": _named(row), "state": STATES.get(state, state), "why": row.get("note"),
        "missing meanwhile": row.get("gaps"), "measures": _needing(str(row.get("source")), catalogue),
    }  # fmt: skip


def _source(row: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    return {
        "source": _named(row), "comes": row.get("rhythm"), "newest": moment(str(row.get("newest_at") or "")),
        "what would be missing": row.get("gaps"), "measures": _needing(str(row.get("source")), catalogue),
    }  # fmt: skip


def _needing(source: str, catalogue: Catalogue) -> str:
    """The measures counted from a source, the first few by name."""
    labels = sorted(m.label for m in catalogue.metrics.values() if source in (m.raw.get("sources") or ()))
    more = f" and {len(labels) - 3} more" if len(labels) > 4 else ""
    return ", ".join(labels[: 3 if more else 4]) + more


def _rejected(found: Health, desk: Desk) -> None:
    """Why rows were rejected; how the newest of a source are built, with a file of them."""
    st.header("Rejected rows")
    if not found.faults:
        st.markdown("No row was rejected.")
        return
    labels = _labels(found)
    st.caption("A row with several faults counts for each of them.")
    rows = [[labels.get(r["source"], r["source"]), r["fault"], f"{r['rows']:,}"] for r in found.faults[:MOST]]
    tables.show(["source", "fault", "rows"], rows, "Why rows were rejected", right=(2,))
    named = {str(labels.get(r["source"], r["source"])): r["source"] for r in found.faults}
    chosen = st.selectbox("Examples of", list(named), key="rejects_of")
    source = named[chosen or next(iter(named))]
    examples = rejects(desk.store, source)
    if examples:
        titles = ["file", "row", "fault", "how it is built"]
        short = [
            [e["name"], f"{e['row']:,}", e["reason"], str(e["record"])[:300].replace(',"', ', "')] for e in examples[:5]
        ]
        tables.show(titles, short, "Examples", right=(1,))
        downloads.buttons(titles, [list(e.values()) for e in examples], {"Rejected rows of": str(chosen)}, "rejects")


def _books(found: Health) -> None:
    st.header("All rows")
    st.caption(
        "Received = accepted + rejected + replaced + waiting. Late: came more than a day after they were written."
    )
    keys = ("files", "received", "accepted", "rejected", "replaced", "waiting", "late", "refused")
    labels = _labels(found)
    numbers = [{k: "–" if row.get(k) is None else f"{int(row[k]):,}" for k in keys} for row in found.books]
    named = [{"source": labels.get(row["source"], row["source"])} for row in found.books]
    _table([n | row for n, row in zip(named, numbers, strict=True)], "Rows", range(1, 9))


def _untaken(found: Health) -> None:
    """Files that wait for somebody: of a source or of none."""
    labels = _labels(found)
    rows = [
        {"file": r["name"], "source": labels.get(r["source"], r["source"]), "why": f"{r['state']}: {r['note']}",
         "rows that wait": f"{int(r['waiting'] or 0):,}"}
        for r in found.untaken[:MOST]
    ]  # fmt: skip
    rows += [
        {"file": r["name"], "source": "", "why": r.get("note"), "rows that wait": ""} for r in found.strangers[:MOST]
    ]
    if rows:
        st.header("Files not taken")
        st.caption("A file that comes again, whole, under the same name makes up for the one that was not taken.")
        _table(rows, "Files not taken")


def _labels(found: Health) -> dict[Any, Any]:
    return {row.get("source"): row.get("label") or row.get("source") for row in found.freshness}


def _metrics(found: Health, desk: Desk) -> None:
    st.header("Measures")
    good = [row for row in found.metrics if row.get("state") == "ok"]
    st.markdown(f"{len(good)} of {len(found.metrics)} measures have all their figures.")
    rest = [row for row in found.metrics if row.get("state") != "ok"]
    late = {str(row.get("source")): _named(row) for row in (*found.late, *found.lacking)}
    _table([_measure(row, desk.catalogue, late) for row in rest], "Measures")


def _quality(found: Health) -> None:
    """The newest four whole weeks of what the records themselves leave open, and where most of it is."""
    weeks = sorted({row["week"] for row in found.quality})[-5:-1]
    sums: dict[str, dict[str, tuple[int, int]]] = {}
    for row in found.quality:
        if row["week"] in weeks:
            units = sums.setdefault(str(row["what"]), {})
            n, total = units.get(str(row["unit"]), (0, 0))
            units[str(row["unit"])] = (n + int(row["n"]), total + int(row["total"]))
    if sums:
        st.header("Worth a look")
        st.markdown("The last four weeks. Looked at to mend definitions and tools, never to judge anybody.")
        _table([_looked(what, units) for what, units in sorted(sums.items())], "Worth a look", (1, 2, 3))


def _looked(what: str, units: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    count, total = (sum(pair[i] for pair in units.values()) for i in (0, 1))
    share = {unit: 100 * n / max(1, of) for unit, (n, of) in units.items()}
    most = max(share, key=lambda unit: share[unit])
    return {
        "what": what, "share": f"{100 * count / max(1, total):.1f} %", "how many": f"{count:,}", "of": f"{total:,}",
        "most in": f"{most} ({share[most]:.1f} %)",
    }  # fmt: skip


def _measure(row: Mapping[str, Any], catalogue: Catalogue, late: Mapping[str, str]) -> dict[str, Any]:
    """A measure that lacks something: because of which sources, where those say themselves why."""
    metric, state = catalogue.metrics.get(row["metric"]), str(row["state"])
    sources = [late[s] for s in (metric.raw.get("sources") or () if metric else ()) if s in late]
    return {
        "measure": metric.label if metric else row["metric"],
        "state": STATES.get(state, state),
        "because of": ", ".join(sorted(sources)) if sources and state in BY_SOURCE else row.get("note"),
    }


def _table(rows: Sequence[Mapping[str, Any]], label: str, right: Sequence[int] = ()) -> None:
    if rows:
        tables.show(list(rows[0]), [[str(v or "–") for v in row.values()] for row in rows], label, right=right)


if __name__ == "__main__":
    st.switch_page("app.py")
