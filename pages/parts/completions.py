"""What the question box offers while somebody types: questions of their role and their own earlier ones, all allowed.

The browser's own list of proposals does the work: it filters as one types, works by keyboard, by touch and with a
screen reader, and asks the server nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from pages.parts import changes
from queries.catalogue import Metric
from queries.state import questions

Desk = Any
METRICS, RECENT = 12, 8

SCRIPT = """<script>(() => {
  let list = document.getElementById('gs-asked');
  if (!list) {
    list = document.createElement('datalist'); list.id = 'gs-asked'; document.body.append(list);
    const box = e => e.target.getAttribute?.('aria-label') === list.dataset.box ? e.target : null;
    document.addEventListener('focusin', e => {
      box(e)?.setAttribute('list', list.id); box(e)?.setAttribute('autocomplete', 'off'); });
    document.addEventListener('input', e => {
      const picked = box(e) && (!e.inputType || e.inputType === 'insertReplacementText');
      if (picked && [...list.options].some(o => o.value === e.target.value)) setTimeout(() => e.target.blur(), 0); });
  }
  list.dataset.box = %s;
  list.replaceChildren(...%s.map(t => Object.assign(document.createElement('option'), {value: t})));
})();</script>"""
"""Hangs the list on the box when it gets the focus; a question picked from it is asked at once, as with Enter."""


def offer(desk: Desk, label: str) -> None:
    """Give the box with this label its proposals: own earlier questions first, then those of people alike."""
    viewer, places = desk.viewer, tuple(desk.viewer.own_of(level.key) for level in desk.catalogue.levels[2:])
    alike = (viewer.role, viewer.work, viewer.kind, viewer.covers[0], places)
    held = _of_people_alike(desk.store.version, id(desk.words), alike, desk)
    texts = list(dict.fromkeys([*recent(desk, RECENT), *held]))
    st.html(SCRIPT % (_script(label), _script(texts)), unsafe_allow_javascript=True)


def _script(value: Any) -> str:
    """A value as JavaScript that cannot end its script."""
    return json.dumps(value).replace("<", "\\u003c")


@st.cache_data(max_entries=500, show_spinner=False)
def _of_people_alike(version: str, words: int, alike: Any, _desk: Desk) -> list[str]:
    """Proposals that say "my", so that they are the same for everybody of one role, kind of work and place."""
    return readable(_desk, candidates(_desk))


def recent(desk: Desk, most: int) -> list[str]:
    """What the asker asked lately and may still have answered."""
    asked = questions.recent(desk.state, desk.viewer.login, 2 * most) if desk.state is not None else []
    return readable(desk, asked)[:most]


def readable(desk: Desk, texts: Iterable[str]) -> list[str]:
    """Those questions that read wholly and are allowed; no figures are looked at."""
    return [text for text in texts if _works(desk.ask(text, read_only=True))]


def _works(answer: Any) -> bool:
    return answer.outcome == "answer" and not answer.unused


def candidates(desk: Desk) -> list[str]:
    """Questions in plain words about the measures that matter most to the asker, the most likely first."""
    at = changes.Setting(desk.catalogue, desk.directory, desk.viewer, desk.today)
    metrics = [desk.catalogue.metrics[key] for key in changes.ordered(at)[:METRICS]]
    return [text for shape in range(4) for metric in metrics for text in shapes(desk, metric)[shape : shape + 1]]


def shapes(desk: Desk, metric: Metric) -> Sequence[str]:
    """The ways in which one measure is asked for, by what the asker answers for."""
    catalogue, thing = desk.catalogue, metric.label[:1].lower() + metric.label[1:]
    level = desk.viewer.covers[0]
    group = catalogue.level(level)
    trend, counted = f"{thing} by week over the last 13 weeks", f"what counts as {thing}?"
    if level == catalogue.person_level:
        return (f"my {thing} this week", f"my {thing} vs others over the last 13 weeks", f"my {trend}", counted)
    if group is None or level == catalogue.whole:
        widest = [one for one in catalogue.levels[:-1] if one.key in metric.levels][-1:]
        listed = f"{thing} by {widest[0].label} last week" if widest else f"{thing} last week"
        return (f"{thing} this week vs last week", listed, trend, counted)
    own = f"my {group.label}'s"
    return (f"{own} {thing} this week", f"{own} {thing} vs others last week", f"{own} {trend}", counted)
