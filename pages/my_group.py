"""The page of who leads a group: against others and its own weeks, whom to thank, its members, a talk sheet."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import answers, cards, own, ready, sheet
from pages.parts.answers import safe
from queries.catalogue import Level, Metric
from queries.query import Query, Values, filter_of

Desk = Any
Object = dict[str, Any]


def show(desk: Desk) -> None:
    level, codes = groups(desk)
    label = level.label if level else "group"
    if level is None or not codes:
        st.title(f"My {label}")
        st.markdown("You lead no group today, so there is nothing to show here. The question box has the rest.")
        return
    names = {_name(desk, level, code): code for code in codes}
    st.title(next(iter(names)) if len(names) == 1 else f"My {level.plural}")
    code = names[st.selectbox(label.capitalize(), sorted(names), key="group")] if len(names) > 1 else codes[0]
    metrics = [m for m in ready.headline(desk) if level.key in m.levels]
    if not metrics:
        st.markdown("None of the measures of this kind of work is kept for a group.")
        return
    by_label = {m.label: m for m in metrics}
    chosen = st.segmented_control("Measure", list(by_label), default=metrics[0].label, key="measure", required=True,
                                  label_visibility="collapsed")  # fmt: skip
    metric = by_label[chosen or metrics[0].label]
    _one(desk, level, code, metric)
    moved = st.container()
    _all(desk, level, code, metrics, metric)
    _thanks(desk, level, code, metrics)
    _members(desk, level, code, metric)
    _talk(desk, level, code, metrics)
    with moved:  # the slowest part comes last, so that nothing waits for it
        _moved(desk, level, code, metric)


def groups(desk: Desk) -> tuple[Level | None, tuple[str, ...]]:
    """The level just above the person, and the viewer's units of it: those led, or all in the line covered."""
    levels = [level for level in desk.catalogue.levels if not level.people]
    if not levels or levels[0].key == desk.catalogue.whole:
        return None, ()
    covered, codes = desk.viewer.covers
    if covered == levels[0].key:
        return levels[0], codes
    units = [u for u in desk.directory.units_of(levels[0].key) if u.within.get(covered) in codes]
    return levels[0], tuple(u.code for u in sorted(units, key=lambda u: u.name))


def _name(desk: Desk, level: Level, code: str) -> str:
    unit = desk.directory.units.get((level.key, code))
    return unit.name if unit else code


def _one(desk: Desk, level: Level, code: str, metric: Metric) -> None:
    """One metric: against others now, what would help, then against its own weeks."""
    found = _against_others(desk, level, code, metric)
    if found:
        answers.headline(found, "group")
        answers.picture(found, "group")
    step = ready.step(desk, ready.own(metric, level.key, (code,), ready.weeks(desk, 4, metric)))
    told = str((found or {}).get("headline") or "")
    four = ready.against_others(metric, level.key, code, ready.weeks(desk, 4, metric))
    helps = "" if "What helps most" in told else desk.helps_most(four)
    step = "" if "Next step" in told else step  # one way to go, not the same over two spans
    for text in (text for text in (helps, step) if text and text not in told):
        st.markdown(f"**{safe(text)}**")
    trend = ready.ask(desk, ready.own(metric, level.key, (code,), ready.whole_weeks(desk, 13, metric), grain="week"))
    if trend:
        st.header("Against your own weeks")
        st.markdown(safe(str(trend.get("headline") or "")))
        answers.picture(trend, "weeks")


def _moved(desk: Desk, level: Level, code: str, metric: Metric) -> None:
    moved = ready.ask(desk, ready.own(metric, level.key, (code,), ready.weeks(desk, 4, metric), explain="drivers"))
    if moved and answers.has_figures(moved):
        st.header("What moved, and why")
        st.markdown(safe(str(moved.get("headline") or "")))
        answers.picture(moved, "moved")


def _against_others(desk: Desk, level: Level, code: str, metric: Metric) -> Object | None:
    """The newest of this week, last week and the last four weeks that has a picture; else the newest at all.

    Of a measure that takes days to settle, only weeks that have.
    """
    first: Object | None = None
    running = () if metric.matures_after_days else (ready.this_week(desk),)
    for period in (*running, ready.weeks(desk, 1, metric), ready.weeks(desk, 4, metric)):
        found = ready.ask(desk, ready.against_others(metric, level.key, code, period))
        if found and (found.get("picture") or {}).get("rows"):
            return found
        first = first or found
    return first


def _all(desk: Desk, level: Level, code: str, metrics: list[Metric], chosen: Metric) -> None:
    """The cards; the chosen measure's next step stands above already."""
    st.header("All main measures, the last 13 weeks")
    cards.show([own.card(desk, metric, level.key, (code,), step=metric != chosen) for metric in metrics])


def _people(metric: Metric, level: Level, code: str, desk: Desk, **more: Any) -> Query:
    about = filter_of({level.key: Values.of(code)})
    return Query(metrics=(metric.key,), about=about, by=(desk.catalogue.person_level,), **more)


def _thanks(desk: Desk, level: Level, code: str, metrics: list[Metric]) -> None:
    """Whom to thank and for what: who is named for a main measure, and who kept the standard without being named."""
    people = [p.name for p in desk.directory.people.values() if (p.unit_level, p.unit) == (level.key, code)]
    told: dict[str, list[str]] = {}
    for metric in (m for m in metrics if desk.catalogue.person_level in m.levels):
        period = ready.rolling(desk, 13, metric)
        text = ready.said(desk, _people(metric, level, code, desk, period=period, order="best")).partition(". ")[2]
        if any(name in text for name in people):
            told.setdefault(text, []).append(metric.label)
    st.header("Whom to thank")
    lines = [f"- **{safe(', '.join(labels))}:** {safe(text)}" for text, labels in told.items()]
    st.markdown("\n".join(lines) or safe(desk.say("thank_nobody")))
    st.caption("The page Recognition takes a thank-you in your own words.")


def _members(desk: Desk, level: Level, code: str, metric: Metric) -> None:
    """Everybody in alphabetical order over four weeks: nobody is put in an order by a figure."""
    query = _people(metric, level, code, desk, period=ready.weeks(desk, 4, metric))
    if desk.catalogue.person_level not in metric.levels or not desk.allowed(query):
        return
    st.header("The people")
    st.caption("In alphabetical order, four weeks together. Whom you look at can see that you did.")
    if st.toggle(f"Show {metric.label.lower()} of my people", key="people_shown"):
        found = ready.ask(desk, query)
        if found:
            answers.table({**found, "exportable": False}, "people")
            for note in found.get("notes") or []:
                st.caption(safe(note))
        else:
            st.markdown("There is nothing to show for these weeks.")


def _talk(desk: Desk, level: Level, code: str, metrics: list[Metric]) -> None:
    st.header("For the talk")
    st.markdown("One page to print: the facts of the group, what would help, and open questions. No names.")
    name = _name(desk, level, code)
    st.download_button("Talk sheet (PDF)", lambda: sheet.pdf(name, desk, level.key, code, metrics), f"{name}.pdf",
                       "application/pdf", on_click="ignore", icon=":material/picture_as_pdf:")  # fmt: skip


if __name__ == "__main__":
    st.switch_page("app.py")
