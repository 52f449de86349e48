"""Yardstick: every metric in plain words, the same for everybody; searchable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.parts.answers import safe
from pages.parts.look import number
from queries.catalogue import Catalogue, Metric

Desk = Any
BETTER = {"lower": "less is better", "higher": "more is better"}


def show(desk: Desk) -> None:
    st.title("The yardstick")
    st.markdown("One way of counting for the whole company. Look up how a figure comes about and how to ask for it.")
    sought = st.text_input("Search", key="find", bind="query-params", placeholder="late, happy, waiting …",
                           icon=":material/search:", label_visibility="collapsed")  # fmt: skip
    found = [m for m in desk.catalogue.metrics.values() if matches(m, sought or "")]
    st.caption(f"{len(found)} of {len(desk.catalogue.metrics)} measures")
    for family, metrics in families(found).items():
        st.header(family.capitalize(), divider="gray")
        for metric in metrics:
            with st.expander(f"**{safe(metric.label)}** · {safe(metric.plain)}", expanded=len(found) == 1):
                _one(metric, desk.catalogue)


def matches(metric: Metric, sought: str) -> bool:
    """Whether every word sought is somewhere in what the metric says of itself."""
    text = " ".join([metric.label, metric.plain, metric.mirror_label, metric.key, *metric.words, *metric.mirror_words])
    return all(word in text.casefold() for word in sought.casefold().split())


def families(metrics: list[Metric]) -> dict[str, list[Metric]]:
    """The metrics by family, families and metrics in alphabetical order."""
    found: dict[str, list[Metric]] = {}
    for metric in sorted(metrics, key=lambda m: (str(m.raw.get("family", "")), m.label)):
        found.setdefault(str(metric.raw.get("family", "others")), []).append(metric)
    return found


def _one(metric: Metric, catalogue: Catalogue) -> None:
    st.markdown("\n".join(f"- **{what}:** {safe(text)}" for what, text in lines(metric, catalogue) if text))
    if metric.raw.get("example"):
        st.markdown(f"Ask, for example: *{safe(str(metric.raw['example']))}*")


def lines(metric: Metric, catalogue: Catalogue) -> list[tuple[str, str]]:
    """What there is to know about a metric: title and text."""
    raw = metric.raw
    return [
        ("Counted", _formula(raw)),
        ("Left out", "; ".join(str(e) for e in raw.get("exclusions") or ())),
        ("When", str((raw.get("time") or {}).get("means") or "")),
        ("Settles", f"after {metric.matures_after_days} days" if metric.matures_after_days else ""),
        ("Standard", _standard(metric)),
        ("Other side", f"{metric.mirror_label}: {(raw.get('mirror') or {}).get('means', '')}".strip(": ")),
        ("Belongs to", str(raw.get("attribution") or "")),
        ("Shown for", ", ".join(level.plural for level in catalogue.levels if level.key in metric.levels)),
        ("For single people", PEOPLE.get(metric.people, "")),
        ("Compared fairly by", ", ".join(str(f) for f in raw.get("fairness_mix") or ())),
        ("Guarded by", ", ".join(catalogue.metrics[k].label for k in metric.counter_metrics if k in catalogue.metrics)),
        ("Could be bent by", str(raw.get("gaming") or "")),
        ("Good to know", str(raw.get("note") or "")),
        ("Words for it", ", ".join((*metric.words[:8], *metric.mirror_words[:4]))),
    ]


PEOPLE = {
    "ranked": "seen by the person and who leads them; named to others only when clearly better than the standard",
    "own": "seen by the person only",
    "never": "never",
}


def _formula(raw: Mapping[str, Any]) -> str:
    top, below = raw.get("numerator"), raw.get("denominator")
    return f"{top}, out of {below}" if top and below else str(top or "")


def _standard(metric: Metric) -> str:
    way = BETTER.get(metric.direction, "for context only")
    return f"{number(metric.standard, metric.unit)} ({way})" if metric.standard is not None else f"none ({way})"


if __name__ == "__main__":
    st.switch_page("app.py")
