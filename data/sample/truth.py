"""What is really so in the sample company: for tests that compare what the product finds with what was put in.

Nothing of the product reads this; it would not be there in a real company.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from data.sample import booking, cases, codes, contacts, field, orders, promises, tickets, traps
from data.sample.base import Arr, Frame, as_date, day_no, join, size
from data.sample.world import World

KINDS = {
    "visits": booking.known,
    "jobs": field.plan,
    "tickets": tickets.visit_tickets,
    "remote_tickets": tickets.remote,
    "orders": orders.orders,
    "contacts": contacts.contacts,
    "unserved": contacts.unserved,
    "cases": cases.opened,
    "promises": promises.made,
}


def frame(world: World, kind: str, first: date, last: date) -> Frame:
    """True rows of a kind (keys of KINDS) whose origin day lies in first..last; columns as in their modules."""
    return join([KINDS[kind](world, day) for day in range(day_no(first), day_no(last) + 1)])


def stories(world: World) -> dict[str, traps.Story]:
    """The planted stories by key."""
    return {s.key: s for s in world.stories}


def team_on(world: World, login: str, day: date) -> tuple[str | None, str | None]:
    """(home team, team where the person worked) on a day, by today's codes; None when not employed."""
    number = day_no(day)
    found: dict[str, str | None] = {"HOME": None, "LOAN": None}
    for s in world.stints:
        if world.people[s.pid].login == login and s.start <= number < s.end:
            found[s.kind] = s.team
    return found["HOME"], found["LOAN"] or found["HOME"]


def skill(world: World, trait: str) -> tuple[dict[str, float], dict[str, float]]:
    """Latent skill by login and by team code, in standard deviations; traits are people.TRAITS."""
    own, group = world.skill[trait]
    return (
        {p.login: float(own[p.pid]) for p in world.people},
        {t.code: float(group[i]) for i, t in enumerate(world.teams)},
    )


def returned_to_other_team(world: World, first: date, last: date) -> list[dict[str, object]]:
    """Installations whose return visit was made by somebody of another team (first team, second team, days)."""
    found: list[dict[str, object]] = []
    v = frame(world, "visits", first, last)
    again = np.flatnonzero((v["back"] == codes.AGAIN) & (v["who"] >= 0) & (v["first_who"] >= 0))
    for i in again.tolist():
        home = _first_team(world, int(v["first_who"][i]), int(v["first"][i]))
        if home is not None and home != v["team"][i]:
            teams = (world.teams[home].code, world.teams[int(v["team"][i])].code)
            days = (as_date(int(v["first"][i])), as_date(int(v["day"][i])))
            found.append({"person": world.people[int(v["first_who"][i])].login, "teams": teams, "days": days})
    return found


def _first_team(world: World, pid: int, day: int) -> int | None:
    roster = world.home(day, "field")
    hit = np.flatnonzero(roster.pid == pid)
    return int(roster.team[hit[0]]) if len(hit) else None


def late_share(world: World, first: date, last: date) -> float:
    """Share of the due visits that began after the promised window or not at all (partners included)."""
    v = frame(world, "visits", first, last)
    due = ~np.isin(v["status"], (codes.CUST_CANCEL, codes.WEATHER, codes.EARLY_CANCEL))
    due &= v["moved"] != codes.ON_DAY_THEM
    bad: Arr = v["late"] | (v["status"] == codes.NOSHOW)
    return float(bad[due].mean()) if size(v) else float("nan")
