"""Words: what people asked that could not be read, and teaching the company's own words for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.parts import tables
from pages.parts.answers import safe
from pages.parts.look import day, local_moment
from queries.reading import teaching
from queries.state import questions, taught

Desk = Any
SHOWN = 30


def show(desk: Desk) -> None:
    st.title("Words people use")
    if desk.state is None or not teaching.may_teach(desk.viewer.role, desk.catalogue):
        st.write("Words are taught by the people whom your company has named for it.")
        return
    st.write("What was asked and could not be read, the most frequent first. Teach a word, and it works for everybody.")
    _told()
    _teach(desk)
    _waiting(desk)
    _held(desk)


def _told() -> None:
    if text := st.session_state.pop("words_told", ""):
        st.success(text)


def _teach(desk: Desk) -> None:
    """A word, what it means, what that would do; saved only after its clashes were shown."""
    st.header("Teach a word", divider="gray")
    choice = teaching.meanings(desk.catalogue)
    phrase = st.text_input("Word, as people type it", key="taught_phrase", max_chars=60, placeholder="wait-ins, say")
    label = st.selectbox("means", list(choice), index=None, key="taught_meaning", placeholder="a measure or a value")
    if not (phrase.strip() and label):
        return
    meaning = choice[label]
    faults = taught.faults(phrase, meaning, desk.catalogue)
    if faults:
        st.warning(" ".join(faults).capitalize() + ".")
        return
    found = teaching.lesson(phrase, meaning, desk.catalogue, desk.directory, questions.waiting(desk.state))
    for owner in found.clashes:
        st.warning(f"“{safe(phrase)}” already stands for: {safe(owner)}. With two meanings, people are asked which.")
    times = len(found.mends)
    st.markdown(f"**{times} logged question{'' if times == 1 else 's'} would now read.**")
    for question in dict.fromkeys(one.question for one in found.mends[:5]):
        st.markdown(f"- {safe(teaching.unnamed(question, desk.directory))}")
    sure = not found.clashes or st.checkbox("Teach it all the same", key="taught_sure")
    lesson = (desk, phrase, meaning, found)
    st.button("Teach", type="primary", disabled=not sure, on_click=_save, args=lesson, key="teach")


def _save(desk: Desk, phrase: str, meaning: taught.Meaning, found: teaching.Lesson) -> None:
    at = datetime.now(UTC)
    taught.teach(desk.state, phrase, meaning, desk.viewer.login, at=at)
    questions.mend(desk.state, [one.id for one in found.mends], at=at)
    st.session_state["words_told"] = (
        f"“{safe(phrase.strip())}” now means {safe(teaching.said(meaning, desk.catalogue))}. "
        f"Whoever asked one of the {len(found.mends)} questions hears that it works." if found.mends else
        f"“{safe(phrase.strip())}” now means {safe(teaching.said(meaning, desk.catalogue))}."
    )  # fmt: skip
    for key in ("taught_phrase", "taught_meaning", "taught_sure"):
        st.session_state.pop(key, None)


def _waiting(desk: Desk) -> None:
    st.header("Not read yet", divider="gray")
    rows = questions.often(desk.state)
    if not rows:
        st.write("Nothing is waiting.")
        return
    left = questions.often_words(desk.state)
    words = [(w, n) for w, n in left if teaching.unnamed(w, desk.directory) == w][:12]
    if words:
        st.caption("Words left over most often")
        with st.container(horizontal=True, gap="xsmall"):
            for word, times in words:
                st.button(f"{safe(word)} · {times}", key=f"word_{word}", on_click=_take, args=(word,))
    lines = [_line(row, desk) for row in rows[:SHOWN]]
    tables.show(list(lines[0]), [list(line.values()) for line in lines], "Not read yet", right=(1, 2))
    if len(rows) > SHOWN:
        st.caption(f"and {len(rows) - SHOWN} more")


def _line(row: questions.Often, desk: Desk) -> dict[str, str]:
    """A question as it was asked, without the people whom it names: who teaches words is nobody's supervisor."""
    over = ", ".join(teaching.unnamed(word, desk.directory) for word in row.words) or "–"
    question = teaching.unnamed(row.question, desk.directory)
    asked = {"question": question, "asked": f"{row.times:,}", "by": f"{row.askers:,}"}
    return {**asked, "left over": over, "newest": day(row.newest)}


def _take(word: str) -> None:
    """Put a left-over word into the box."""
    st.session_state["taught_phrase"] = word


def _held(desk: Desk) -> None:
    st.header("Taught words", divider="gray")
    held = taught.words(desk.state)
    if not held:
        st.write("None yet.")
    for word in reversed(held):
        person = desk.directory.people.get(word.taught_by)
        who = person.name if person else word.taught_by
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"“**{safe(word.phrase)}**” means {safe(teaching.said(word.meaning, desk.catalogue))}  \n"
                f"taught by {safe(who)}, {local_moment(word.taught_at)}"
            )
            st.button("Take back", key=f"back_{word.id}", on_click=_take_back, args=(desk, word.id))


def _take_back(desk: Desk, word_id: int) -> None:
    taught.take_back(desk.state, word_id, desk.viewer.login, at=datetime.now(UTC))
    st.session_state["words_told"] = "Taken back. Its row stays in the book, with who and when."


if __name__ == "__main__":
    st.switch_page("app.py")
