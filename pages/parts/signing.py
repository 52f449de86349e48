"""Who is looking: signing in, the demo's chooser of persons, and the plain pages for whoever is not known.

`who(...)` is called once at the start of every run. The door only gives a name to look up; role, unit and scope come
from the store's people each time, so a change of job counts from the next click, whatever a cookie says. Doors:

- signing in (OpenID Connect through `st.login`) when the secrets have an `[auth]` section;
- a signing-in proxy in front, when `server.trustedUserHeaders` is set (then listen on loopback or a socket only);
- the chooser of persons, for a company with `sample: true` and no other door;
- nothing, for a company that lists no people: then everybody is its analyst.

company.yml may say `signing_in: {claim: preferred_username, domains: [example.org], hours: 12}`: which claim holds the
login (an address is cut at the @ when its domain is listed), and after how many hours one signs in anew.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from queries import directory as directories
from queries.catalogue import Catalogue
from queries.directory import Directory, Person
from queries.state import State, sessions
from queries.viewer import Viewer

CLAIM, HOURS = "preferred_username", 12
KEEP_LINK = '<script>sessionStorage.setItem("wanted", location.pathname + location.search)</script>'
GO_TO_LINK = """<script>
const wanted = sessionStorage.getItem("wanted"); sessionStorage.removeItem("wanted");
if (wanted && /^\\/(?!\\/)/.test(wanted) && wanted !== location.pathname + location.search) location.replace(wanted);
</script>"""


@dataclass(frozen=True)
class Identity:
    """What a door says about who is there: a login to look up, and the signing in it belongs to ("" = none)."""

    login: str
    session: str = ""


def door(catalogue: Catalogue, directory: Directory) -> str:
    """How people come in: `proxy`, `sign_in`, `chooser`, `open` (no people listed) or `closed` (nothing set up)."""
    if st.get_option("server.trustedUserHeaders"):
        return "proxy"
    if st.secrets.load_if_toml_exists() and "auth" in st.secrets:
        return "sign_in"
    if not directory.people:
        return "open"
    return "chooser" if catalogue.company.get("sample") else "closed"


def login_of(claims: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """The login that claims stand for, or "" when they hold none that can be trusted.

    >>> login_of({"email": "Ann.Lee@Example.org"}, {"claim": "email", "domains": ["example.org"]})
    'ann.lee'
    >>> login_of({"email": "ann.lee@elsewhere.org"}, {"claim": "email", "domains": ["example.org"]})
    'ann.lee@elsewhere.org'
    >>> login_of({"email": "ann.lee@example.org", "email_verified": False}, {"claim": "email"})
    ''
    """
    claim = str(settings.get("claim", CLAIM))
    login = str(claims.get(claim) or "").strip().casefold()
    if claim == "email" and claims.get("email_verified") is False:
        return ""
    local, _, domain = login.partition("@")
    return local if domain and domain in {str(d).casefold() for d in settings.get("domains") or ()} else login


def session_of(claims: Mapping[str, Any]) -> str:
    """A name for one signing in, the same in all its tabs; "" when the claims tell nothing of it."""
    parts = [str(claims.get(key) or "") for key in ("iss", "sub", "sid", "nonce", "iat", "auth_time")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32] if any(parts[2:]) else ""


def current_user(catalogue: Catalogue, directory: Directory, state: State | None) -> Identity | None:
    """Who the door says is there on this run; None when somebody has to sign in (again)."""
    kind, settings = door(catalogue, directory), catalogue.company.get("signing_in") or {}
    if kind == "open":
        return Identity("guest")
    if kind == "chooser":
        return Identity(_chosen(catalogue, directory))
    if kind == "proxy":
        return Identity(login_of(st.user.to_dict(), settings))
    if kind == "closed" or not st.user.is_logged_in:
        return None
    claims = st.user.to_dict()
    session = session_of(claims)
    too_old = time.time() - float(claims.get("iat") or time.time()) > float(settings.get("hours", HOURS)) * 3600
    if too_old or (state and session and sessions.ended(state, session)):
        return None
    return Identity(login_of(claims, settings), session)


def who(catalogue: Catalogue, directory: Directory, state: State | None) -> Viewer:
    """The viewer of this run; shows a plain page and stops the run when there is none."""
    identity = current_user(catalogue, directory, state)
    if identity is None:
        _ask_to_sign_in(catalogue, closed=door(catalogue, directory) == "closed")
        st.stop()
    viewer = directories.viewer(_as_listed(identity.login, directory), directory, catalogue) if identity.login else None
    if viewer is None:
        _tell_unknown(catalogue, identity, state)
        st.stop()
    if identity.session and "arrived" not in st.session_state:
        st.session_state["arrived"] = True
        st.html(GO_TO_LINK, unsafe_allow_javascript=True)
    return viewer


def _as_listed(login: str, directory: Directory) -> str:
    """The login as the people list writes it: providers do not keep case."""
    if login in directory.people:
        return login
    return next((listed for listed in directory.people if listed.casefold() == login), login)


def sign_out(state: State | None) -> None:
    """End this signing in, in every tab of it."""
    session = session_of(st.user.to_dict())
    if state and session:
        sessions.end(state, session)
    st.logout()


def account(catalogue: Catalogue, directory: Directory, viewer: Viewer, state: State | None) -> None:
    """Who is looking, with the way out; for the side bar. The chooser of the demo is marked as the demo's."""
    kind = door(catalogue, directory)
    if kind == "chooser":
        _choose(catalogue, directory)
    elif kind == "sign_in":
        st.caption(f"Signed in as {viewer.name}")
        st.button("Sign out", on_click=sign_out, args=(state,), key="sign_out")


def _ask_to_sign_in(catalogue: Catalogue, closed: bool) -> None:
    st.title(catalogue.name)
    if closed:
        st.write("Signing in is not set up here yet, so nothing is shown. README, “Signing in”, says how.")
        return
    st.write("Please sign in to see how things stand.")
    st.html(KEEP_LINK, unsafe_allow_javascript=True)
    st.button("Sign in", on_click=st.login, type="primary", key="sign_in")


def _tell_unknown(catalogue: Catalogue, identity: Identity, state: State | None) -> None:
    st.title(catalogue.name)
    name = f"“{identity.login}”" if identity.login else "your account"
    st.write(f"You are signed in, but {catalogue.name} does not list {name} among its people. So nothing is shown.")
    st.write("New here, or changed your name? It works by itself once the staff list has you.")
    if identity.session:
        st.button("Sign out", on_click=sign_out, args=(state,), key="sign_out")


def _chosen(catalogue: Catalogue, directory: Directory) -> str:
    asked = str(st.session_state.get("as") or st.query_params.get("as") or "")
    start = str((catalogue.company.get("demo") or {}).get("start_as") or "")
    return next((login for login in (asked, start) if login in directory.people), min(directory.people))


def _choose(catalogue: Catalogue, directory: Directory) -> None:
    roles = catalogue.company.get("roles") or {}

    def said(person: Person) -> str:
        role = (roles.get(person.role) or {}).get("label", person.role)
        unit = directory.units.get((person.unit_level, person.unit))
        return f"{person.name} · {role}" + (f" · {unit.name}" if unit else "")

    logins = sorted(directory.people, key=lambda login: (directory.people[login].role, directory.people[login].name))
    chosen = _chosen(catalogue, directory)
    st.selectbox(
        "Demo: look as", logins, index=logins.index(chosen), key="as", bind="query-params",
        format_func=lambda login: said(directory.people[login]),
        help="Only the sample company has this. A real company signs in.",
    )  # fmt: skip
