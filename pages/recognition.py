"""Recognition: who beat the standard, kept it up, improved most, how they do it; and thanks in people's own words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from pages.parts import answers, ready, tables, tips
from pages.parts.answers import safe
from pages.parts.look import counted, number
from pages.parts.watch import now
from queries.answers.recognition import KEPT_UP, LIFTED, Award
from queries.catalogue import Level, Metric
from queries.periods import Period
from queries.query import Having, Query
from queries.state import named, thanks

Desk = Any
WHY_NOT = {
    "self": "Thanking yourself is kind, but this is for others.",
    "empty": "Write a word or two first.",
    "too_long": "A little shorter, please.",
    "unknown": "Nobody has that name here.",
    "cap": "That was your last thank-you for today. Tomorrow there are new ones.",
}
LONG = 12
"""More names than this are folded."""


def show(desk: Desk) -> None:
    st.title("Recognition")
    metrics = list({m.key: m for m in [*ready.headline(desk), *_focus(desk)]}.values())
    labels = {m.label: m for m in metrics}
    if labels:
        chosen = st.segmented_control("Measure", list(labels), default=metrics[0].label, key="measure", required=True,
                                      label_visibility="collapsed")  # fmt: skip
        _recognised(desk, labels[chosen or metrics[0].label])
    if desk.state is not None:
        _kudos(desk)


def _focus(desk: Desk) -> list[Metric]:
    return [desk.catalogue.metrics[k] for k in desk.catalogue.company.get("focus") or () if k in desk.catalogue.metrics]


def _recognised(desk: Desk, metric: Metric) -> None:
    """Everyone to be named for a metric: on or above the standard, kept it up, improved most; level by level."""
    period = ready.weeks(desk, 13, metric)
    meets = (Having(metric.key, "meets_standard"),)
    shown = 0
    for level in [level for level in desk.catalogue.levels[:-1] if level.key in metric.levels]:
        won = ready.ask(desk, ready.listed(metric, level.key, period, having=meets, order="best"))
        shown += _named(won, level, desk)
        shown += _most_improved(ready.ask(desk, _improved(metric, level, desk)), f"Improved most: {level.plural}")
    awards = desk.recognition(metric.key)
    shown += _steady(awards)
    if not shown:
        st.markdown("Nobody is far enough from luck to be named for this yet. That takes some more weeks.")
    st.caption(
        "Whoever is clearly on or above the standard is named, in alphabetical order; nobody is placed below it."
    )
    tips.show(desk, metric, awards)


def _named(found: dict[str, Any] | None, level: Level, desk: Desk) -> int:
    """The named ones of an answer, each with the figure; nothing when nobody is."""
    drawn = (found or {}).get("picture") or {}
    named_rows = [r for r in drawn.get("rows") or [] if r.get("named") and r.get("label")]
    names = sorted(((str(r["label"]), r) for r in named_rows), key=lambda pair: pair[0])
    if not found or not names:
        return 0
    title, unit = f"Beat the standard: {level.plural}", str(drawn.get("unit") or "")
    st.header(title)
    st.markdown(
        f"{counted(len(names), level.label, level.plural)} clearly better than the standard of "
        f"{number(drawn.get('standard'), unit)}." + _near([name for name, _ in names], level, desk)
    )
    with _folded(len(names)):
        figures = [[name, number(row.get("value"), unit)] for name, row in names]
        tables.show(["who", str(drawn.get("label") or "")], figures, title)
    if not level.people:
        answers.picture(found, f"won_{level.key}")
    return 1


def _near(names: list[str], level: Level, desk: Desk) -> str:
    """Of a long list of people, those whom the viewer works with."""
    people = desk.directory.people
    me = people.get(desk.viewer.login)
    if not level.people or len(names) <= LONG or me is None or not me.unit:
        return ""
    near = sorted({p.name for p in people.values() if p.unit == me.unit} & set(names))
    return f" Near you: **{safe(', '.join(near))}**." if near else ""


def _most_improved(found: dict[str, Any] | None, title: str) -> int:
    """Who improved clearly more than their start led one to expect: names alone, where they began is not told."""
    rows = ((found or {}).get("picture") or {}).get("rows") or []
    names = sorted(str(r["label"]) for r in rows if r.get("named") and r.get("label"))
    if not names:
        return 0
    st.header(title)
    st.markdown("In the last 13 weeks, clearly more than chance and the level before would explain:")
    st.markdown("\n".join(f"- {safe(name)}" for name in names))
    return 1


def _folded(count: int) -> Any:
    """A long list is opened by whoever looks for somebody in it."""
    return st.expander(f"All {count}") if count > LONG else st.container()


def _steady(found: Sequence[Award]) -> int:
    """Those who kept it up, by how long, and the places in which every group is on the standard."""
    kept, lifted = ([a for a in found if a.kind == kind] for kind in (KEPT_UP, LIFTED))
    if kept:
        st.header("Kept it up")
        st.markdown("So many weeks in a row on or above the standard:")
        with _folded(len(kept)):
            for weeks in sorted({a.weeks for a in kept}, reverse=True):
                names = ", ".join(sorted(a.name for a in kept if a.weeks == weeks))
                st.markdown(f"- **{counted(weeks, 'week', 'weeks')}:** {safe(names)}")
    if lifted:
        st.header("Lifted together")
        st.markdown("\n".join(f"- {safe(a.said)}" for a in lifted))
    return len(kept) + len(lifted)


def _improved(metric: Metric, level: Level, desk: Desk) -> Query:
    now_, both = ready.weeks(desk, 13, metric), ready.weeks(desk, 26, metric)
    return Query(metrics=(metric.key,), by=(level.key,), period=now_, compare=("previous",),
                 previous=Period(both.start, now_.start), order="most_improved")  # fmt: skip


def _kudos(desk: Desk) -> None:
    st.header("Thanks")
    people = desk.directory.people
    out = named.opted_out(desk.state)
    with st.form("kudos", border=True, clear_on_submit=True):
        whom = st.selectbox("Whom do you want to thank?", _colleagues(desk), index=None, placeholder="type a name",
                            format_func=lambda login: people[login].name)  # fmt: skip
        words = st.text_area("For what?", max_chars=400, placeholder="in your own words")
        if st.form_submit_button("Say thanks", type="primary"):
            given = thanks.give(desk.state, desk.viewer.login, whom or "", words, at=now(), known=people,
                                a_day=thanks.cap(desk.catalogue))  # fmt: skip
            if isinstance(given, thanks.NotGiven):
                st.info(WHY_NOT.get(given.reason, "That did not work."))
    newest = [k for k in thanks.newest(desk.state, now() - timedelta(days=28)) if k.receiver not in out]
    for one in newest[:20]:
        _thank(desk, one)
    if not newest:
        st.caption("No thanks yet in the last four weeks. Yours could be the first.")


def _colleagues(desk: Desk) -> list[str]:
    """Logins by name, one's own group first."""
    people, mine = desk.directory.people, desk.directory.people.get(desk.viewer.login)
    unit = mine.unit if mine else ""
    return sorted((p for p in people if p != desk.viewer.login), key=lambda p: (people[p].unit != unit, people[p].name))


def _thank(desk: Desk, one: Any) -> None:
    people = desk.directory.people
    giver, receiver = (people[p].name if p in people else p for p in (one.giver, one.receiver))
    with st.container(border=True, key=f"thanks_{one.id}"):
        st.markdown(f"**{safe(giver)}** thanks **{safe(receiver)}**: {safe(one.words)}")
        if one.giver == desk.viewer.login:
            st.button("Take back", key=f"back_{one.id}", type="tertiary", on_click=thanks.take_back,
                      args=(desk.state, one.id, one.giver), kwargs={"at": now()})  # fmt: skip


if __name__ == "__main__":
    st.switch_page("app.py")
