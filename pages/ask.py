"""Ask: type a question, get a sentence, a picture and the next step; change any part of it with a tap."""

from __future__ import annotations

import zlib
from typing import Any

import streamlit as st

from pages.parts import answers, brief, changes, completions, links, marks
from pages.parts.watch import now
from queries.query import Query
from queries.state import questions

Desk = Any
BOX = "Your question"


def show(desk: Desk) -> None:
    st.title("What would you like to know?")
    _take_up(desk)
    text = st.text_input(
        BOX,
        key="ask",
        placeholder="for example: how are we doing this week?",
        label_visibility="collapsed",
        icon=":material/search:",
        max_chars=500,
    )
    answer = _current(desk, (text or "").strip())
    if answer is None:
        _starters(desk)
    else:
        OUTCOMES[answer["outcome"]](desk, answer)
    completions.offer(desk, BOX)


def _take_up(desk: Desk) -> None:
    """Before the box is drawn: make what a chip, a button, a follow-up or the address posed the question.

    An address that this page did not write was opened as a link, or by the browser's way back.
    """
    state, address = st.session_state, _address()
    if "posed" not in state and address != state.get("written"):
        text, link = address
        linked = links.read(link, desk.catalogue)
        state["posed"] = (text, None, None) if linked is None else (state.get("texts", {}).get(link, ""), linked, None)
    if "posed" in state:
        text, query, after = state.pop("posed")
        if query is not None and not text:
            text = (desk.answer(query).to_json().get("said") or "").strip()
        state["ask"] = text
        state["asked"] = {"text": text, "query": query, "after": after}


def _current(desk: Desk, text: str) -> dict[str, Any] | None:
    """The answer to what stands in the box; judged anew on every run."""
    asked = st.session_state.get("asked")
    if not text:
        st.session_state["asked"] = None
        _write("", "")
        return None
    if asked is None or asked["text"] != text:
        asked = {"text": text, "query": None, "after": None}
    st.session_state["asked"] = asked
    answer = desk.answer(asked["query"]) if asked["query"] is not None else desk.ask(text, after=asked["after"])
    held: dict[str, Any] = answer.to_json()
    link = links.write(Query.from_json(held["query"])) if held["outcome"] == "answer" and held.get("query") else ""
    if link and held.get("question"):
        st.session_state.setdefault("texts", {})[link] = held["question"]
    _write(text, link)
    return held


def _address() -> tuple[str, str]:
    """What the browser's address holds of a question: its text, its link."""
    return st.query_params.get("ask", ""), st.query_params.get("query", "")


def _write(text: str, link: str) -> None:
    """Write the question into the browser's address in one step, so that one step back leaves it.

    The link says all of an answered question; what was not answered is kept as it was typed.
    """
    kept = {key: value for key, value in st.query_params.items() if key not in ("ask", "query")}
    held = {"query": link} if link else {"ask": text} if text else {}
    if {**kept, **held} != st.query_params.to_dict():
        st.query_params.from_dict({**kept, **held})
    st.session_state["written"] = _address()


def _pose(query: Query | None, text: str = "", after: Query | None = None) -> None:
    """Make a ready query, or a text that follows up another, the question of the next run."""
    st.session_state["posed"] = (text, query, after)


def _starters(desk: Desk) -> None:
    """Questions that work for this viewer, to begin with."""
    st.caption("Type it as you would say it. Or start with one of these:")
    _buttons(desk, desk.suggestions(), "starter")
    recent = completions.recent(desk, 4)
    if recent:
        st.caption("Lately you asked:")
        with st.container(key="starters_recent"):
            for number, text in enumerate(recent):
                st.button(answers.safe(text), key=f"recent_{number}", on_click=_pose, args=(None, text))


def _answer(desk: Desk, answer: dict[str, Any]) -> None:
    query = Query.from_json(answer["query"])
    marks.show(answer.get("question") or "", answer.get("marks") or [])
    answers.headline(answer)
    answers.picture(answer)
    if not answers.has_figures(answer):
        _nothing_yet(desk, query)
    _chips(desk, query)
    _next(desk, answer)
    answers.table(answer)
    answers.details(answer)
    _thumbs(desk, answer)


def _nothing_yet(desk: Desk, query: Query) -> None:
    """No figure in the whole answer: say so, and offer the newest weeks that may have some."""
    if query.explain == "definition" or query.period is None or query.having:
        return
    st.markdown("No figures are in for these days.")
    named = [(text, period) for text, period in changes.periods(desk.today) if period.end <= query.period.start]
    wanted = [(text, period) for text, period in named if period.days in (7, 28)]
    with st.container(horizontal=True, key="next_earlier", gap="xsmall"):
        for text, period in wanted:
            st.button(text, key=f"earlier_{period.days}", on_click=_pose, args=(changes.moved(query, period),))


def _setting(desk: Desk) -> changes.Setting:
    return changes.Setting(desk.catalogue, desk.directory, desk.viewer, desk.today)


def _chips(desk: Desk, query: Query) -> None:
    """The question as chips; a chip opens what else it could say."""
    setting = _setting(desk)
    mark = links.write(query)
    with st.container(horizontal=True, key="chips", gap="xsmall"):
        for chip in changes.chips(query, setting):
            key = f"chip_{chip.key}_{_short(mark)}"
            opened = st.popover(f"{chip.kind}: **{answers.safe(chip.label)}**", key=key, on_change="rerun")
            if opened.open:
                with opened, st.container(gap=None):
                    _options(desk, chip)


def _options(desk: Desk, chip: changes.Chip) -> None:
    offered = [o for o in chip.options if o.chosen or desk.allowed(o.query)]
    if len(offered) > 14:
        labels = {o.label: o for o in offered}
        now = next((i for i, o in enumerate(offered) if o.chosen), None)
        picked = st.selectbox(chip.kind.capitalize(), list(labels), index=now, key=f"pick_{chip.key}")
        if picked and not labels[picked].chosen:
            _pose(labels[picked].query)
            st.rerun()
        return
    for number, option in enumerate(offered):
        label = f"✓ {option.label}" if option.chosen else option.label
        st.button(label, key=f"option_{chip.key}_{number}", on_click=_pose, args=(option.query,), type="tertiary")


def _next(desk: Desk, answer: dict[str, Any]) -> None:
    """Follow-ups as buttons, and a line for one's own."""
    stands, at = Query.from_json(answer["query"]), _setting(desk)
    with st.container(horizontal=True, key="next", gap="xsmall"):
        for number, one in enumerate(answer.get("follow_ups") or []):
            query = Query.from_json(one["query"])
            label = answers.safe(brief.change(stands, query, at))
            st.button(label, key=f"next_{number}", on_click=_pose, args=(query,), help=one["said"])
    with st.container(key="next_own"):  # in the page: fixed below it, it would open every answer at its end
        more = st.chat_input("Go on from here, for example: and last week?", key="more", max_chars=500)
    if more:
        _follow(desk, more, Query.from_json(answer["query"]))


def _follow(desk: Desk, text: str, after: Query) -> None:
    """Read a follow-up against the question that stands; an answer becomes the new question."""
    got = desk.ask(text, after=after).to_json()
    if got["outcome"] == "answer":
        _pose(Query.from_json(got["query"]))
    else:
        _pose(None, text, after)
    st.rerun()


def _thumbs(desk: Desk, answer: dict[str, Any]) -> None:
    key = f"thumbs_{_short(repr(answer['query']))}"
    with st.container(horizontal=True, vertical_alignment="center", key="quiet_thumbs"):
        st.markdown("Was this what you wanted?")
        st.feedback("thumbs", key=key, on_change=_rated, args=(desk, answer, key))


def _rated(desk: Desk, answer: dict[str, Any], key: str) -> None:
    """Thumbs down goes to the data steward's list of questions that were not met."""
    if st.session_state.get(key) == 0 and desk.state is not None:
        text = answer.get("question") or answer.get("said") or ""
        questions.log(desk.state, desk.viewer.login, text, desk.today, "not what was wanted", at=now())


def _choices(desk: Desk, answer: dict[str, Any]) -> None:
    marks.show(answer.get("question") or "", answer.get("marks") or [])
    answers.headline({"headline": answer.get("headline") or "That can mean more than one thing. Which one?"})
    _buttons(desk, answer.get("choices") or [], "choice")


def _unread(desk: Desk, answer: dict[str, Any]) -> None:
    marks.show(answer.get("question") or "", answer.get("marks") or [])
    answers.headline({"headline": answer.get("headline") or answer.get("reason") or "That is not something held here."})
    for note in answer.get("notes") or []:
        st.markdown(answers.safe(note))
    near = answer.get("nearest") or []
    if near:
        st.caption("These work:")
        _buttons(desk, near, "near")


def _buttons(desk: Desk, offers: list[dict[str, Any]], key: str) -> None:
    """Offered questions in few words; offers that are only words are typed in."""
    at = _setting(desk)
    with st.container(key=f"starters_{key}"):
        for number, one in enumerate(offers):
            query = Query.from_json(one["query"]) if one.get("query") else None
            label = brief.brief(query, at) if query is not None and key != "choice" else one["said"]
            if label:
                arguments = (query,) if query is not None else (None, one["said"])
                st.button(answers.safe(label), key=f"{key}_{number}", on_click=_pose, args=arguments)


def _short(text: str) -> int:
    """The same small number for the same text, in every process."""
    return zlib.crc32(text.encode())


OUTCOMES = {"answer": _answer, "choices": _choices, "unread": _unread, "refused": _unread}

if __name__ == "__main__":
    st.switch_page("app.py")
