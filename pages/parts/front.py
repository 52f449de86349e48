"""What every page stands on: one open store version with what was read from it, and the strip at the top."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import answers, look, signing, warming
from pages.parts.watch import WatchedDesk
from queries import Desk, Shared
from queries import catalogue as catalogues
from queries.catalogue import Catalogue
from queries.directory import Directory, Person
from queries.reading.knowing import prepare
from queries.state import State, open_state, questions, taught
from queries.viewer import Viewer


@dataclass(frozen=True)
class House:
    """One open store version with what was read from it once; nothing of any viewer."""

    store: Any
    catalogue: Catalogue
    directory: Directory
    meta: dict[str, str]
    shared: Shared
    state: State | None = None


NAMED = """<script data-time="%s">(login => { const here = new URL(location.href);
  if (!here.searchParams.has('as')) { here.searchParams.set('as', login); history.replaceState({}, '', here); } })(%s)
</script>"""
"""Writes who is looking into the address without a step of its own, so that one step back leaves the page. Its number
makes it another script on every page, which is run again."""
Words = tuple[tuple[str, taught.Meaning], ...]


def style() -> None:
    st.html(look.STYLE)


@st.cache_resource(max_entries=4, show_spinner=False)
def _shared(folder: str, words: Words) -> Shared:
    return Shared(taught.taught_catalogue(catalogues.load(Path(folder)), words))


@st.cache_resource(max_entries=4, show_spinner=False)
def _state(var: str) -> State:
    return open_state(Path(var))


@st.cache_resource(max_entries=3, show_spinner=False)
def _house(company: str, var: str, version: str, words: Words, _store: Any) -> House:
    shared = _shared(company, words)
    shelf = shared.shelf(_store)
    prepare(shared.catalogue, shelf.directory, lasting=True)
    return House(_store, shared.catalogue, shelf.directory, shelf.meta, shared, _state(var))


@st.cache_resource(max_entries=3, show_spinner=False)
def opened(var: str, mark: str, _open: Callable[[], Any]) -> Any:
    """One open store a process for as long as the newest version looks as it did."""
    return _open()


def house(company: Path, var: Path, store: Any) -> House:
    """The house of a store version with the words taught by now; made once for all sessions."""
    words = tuple(taught.pairs(taught.words(_state(str(var)))))
    return _house(str(company), str(var), store.version, words, store)


@st.cache_resource(max_entries=8, show_spinner=False)
def _warmed(version: str, made: int, _house: House) -> bool:
    warming.begin(_house, [*featured(_house), *leaders(_house)])
    return True


def warm(house: House) -> None:
    """Make the pages of a version ready in the background, once for each house."""
    _warmed(house.store.version, id(house.shared), house)


def desk(house: House, viewer: Viewer) -> Any:
    """The desk of one viewer on one store version."""
    today = house.directory.last_day or date.min
    return WatchedDesk(Desk(house.catalogue, house.store, viewer, today, house.state, house.shared))


def strip(house: House, desk: Any) -> None:
    """Freshness at the left; who is looking, with the way out, at the right."""
    with st.container(horizontal=True, vertical_alignment="center", key="strip", gap="small"):
        with st.container(key="quiet_fresh", width="stretch"):
            st.markdown(freshness(house.meta))
        kind = signing.door(house.catalogue, house.directory)
        if kind == "chooser":
            _chooser(house, desk)
        elif kind == "sign_in":
            with st.popover(desk.viewer.name, icon=":material/person:"):
                signing.account(house.catalogue, house.directory, desk.viewer, house.state)


def news(desk: Any) -> None:
    """Once a visit: what this asker asked in vain before and what works now, because somebody taught a word."""
    if desk.state is None or "news" in st.session_state:
        return
    st.session_state["news"] = True
    for question in questions.news(desk.state, desk.viewer.login, at=datetime.now(UTC)):
        st.info(f"You once asked: “{answers.safe(question)}”. That works now.", icon=":material/lightbulb:")


def freshness(meta: dict[str, str]) -> str:
    """One line: how new the figures are, how many sources are not as they should be, how far the history is loaded."""
    text = f"As of {look.moment(meta.get('as_of')) or 'an unknown time'}"
    behind, _, sources = meta.get("behind", "").partition("/")
    if behind and sources:
        text += f" · {behind} of {sources} sources late or incomplete"
    done, _, wanted = meta.get("loading", "").partition("/")
    if done and wanted:
        text += f" · history: {done} of {wanted} days"
    return text


def featured(house: House) -> list[Person]:
    """A few people to look as: for each role and kind of work the longest-serving one, who leads first."""
    picked: dict[tuple[str, str], Person] = {}
    roles = list(house.catalogue.company.get("roles") or {})
    for person in sorted(house.directory.people.values(), key=lambda p: (p.since or date.max, p.login)):
        picked.setdefault((person.role, person.work), person)
    return sorted(picked.values(), key=lambda p: (roles.index(p.role) if p.role in roles else 99, p.work))


def leaders(house: House) -> list[Person]:
    """Who leads a group of each kind: groups are compared among their kind, so each has a list of its own."""
    lowest = house.catalogue.levels[0].within[:1]
    picked: dict[str, Person] = {}
    for person in house.directory.people.values():
        level, codes = person.covers
        unit = house.directory.units.get((level, codes[0])) if level in lowest and len(codes) == 1 else None
        if unit is not None and unit.kind:
            picked.setdefault(unit.kind, person)
    return list(picked.values())


def _chooser(house: House, desk: Any) -> None:
    """The demo's stand-in for signing in, told as such. Remembered over pages, and in the address."""
    if "as" not in st.query_params:
        times = st.session_state["as_named"] = st.session_state.get("as_named", 0) + 1
        st.html(NAMED % (times, json.dumps(desk.viewer.login)), unsafe_allow_javascript=True)
    elif st.query_params["as"] != desk.viewer.login:
        st.query_params["as"] = desk.viewer.login
    st.session_state["as"] = desk.viewer.login
    roles = house.catalogue.company.get("roles") or {}
    opened = st.popover(f"Demo: {desk.viewer.name}", icon=":material/person:", key="chooser", on_change="rerun")
    if not opened.open:
        return
    with opened, st.container(gap="xxsmall"):
        st.markdown("**A made-up company.** Look at it as somebody else; a real company signs in.")
        for person in featured(house):
            label = _line(person, house, roles)
            st.button(label, key=f"as_{person.login}", type="tertiary", on_click=_become, args=(person.login,))
        other = st.text_input("or any login", key="as_other", placeholder="first.last").strip()
        if other and other in house.directory.people:
            st.button(f"Look as {house.directory.people[other].name}", on_click=_become, args=(other,))
        elif other:
            st.caption("Nobody has that login.")


def _line(person: Person, house: House, roles: dict[str, Any]) -> str:
    unit = house.directory.units.get((person.unit_level, person.unit))
    label = (roles.get(person.role) or {}).get("label", person.role)
    return f"{person.name}, {label}" + (f", {unit.name}" if unit else "")


def _become(login: str) -> None:
    st.session_state["as"] = login
    st.query_params["as"] = login
    st.session_state["chooser"] = False


def waiting() -> None:
    """A plain page until the first version is published; looks again every two seconds."""
    st.title("Good Standing")
    st.markdown("The figures are being made ready. This page opens by itself in a moment.")

    @st.fragment(run_every=2.0)
    def look_again() -> None:
        looked = st.session_state.get("looked", 0)
        st.session_state["looked"] = looked + 1
        if looked:
            st.session_state["looked"] = 0
            st.rerun()

    look_again()
