"""The access log as a table: when, who, whose figures, which measures, over which days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pages.parts import tables
from pages.parts.look import local_moment, span
from queries.state.looked import Look

Desk = Any


def table(found: Sequence[Look], desk: Desk, whose: bool) -> None:
    """Looks, newest first. `whose`: with a column that says whose figures were looked at."""
    titles = ["when", "who looked", *(["whose figures"] if whose else []), "what", "over which days"]
    tables.show(titles, [line(look, desk, whose) for look in found], "Who looked", right=())


def line(look: Look, desk: Desk, whose: bool) -> list[str]:
    """One look in words."""
    metrics = desk.catalogue.metrics
    what = ", ".join(metrics[key].label if key in metrics else key for key in look.what)
    days = span(look.first_day, look.end_day).replace(" ", "\u00a0") if look.first_day and look.end_day else "all days"
    looker = f"{name(desk, look.viewer)} ({role(desk, look.viewer_role)})"
    return [local_moment(look.at), looker, *([name(desk, look.person)] if whose else []), what, days]


def name(desk: Desk, login: str) -> str:
    """A person's name; the login of somebody who has left."""
    person = desk.directory.people.get(login)
    return person.name if person else login


def role(desk: Desk, key: str) -> str:
    """A role as the company calls it."""
    return str(((desk.catalogue.company.get("roles") or {}).get(key) or {}).get("label", key))
