# ruff: noqa: E501
"""Attempts to get a colleague's figures, in every way that a question, a link or an edited query can ask for them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

TODAY = date(2026, 11, 18)
KPIS = (
    "late_arrival_rate", "on_my_way_rate", "missed_appointment_rate", "minutes_late", "csat", "first_time_fix_rate",
    "late_warned_rate", "repeat_install_rate", "follow_up_kept_rate", "extra_mile_acts", "early_arrival_rate",
)  # fmt: skip
CUTS = {
    "job_type": ["install", "repair", "move", "collect"], "weekday": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "part_of_day": ["morning", "afternoon", "evening", "night"], "tenure": ["new", "settled", "veteran"],
    "product": ["internet", "tv", "phone", "mobile", "bundle"], "segment": ["home", "small_business", "business"],
}  # fmt: skip


@dataclass(frozen=True)
class Aim:
    """Somebody who asks, and whose figures they are after."""

    login: str
    target: str
    name: str
    team: str
    """The target's team."""
    mates: tuple[str, ...]
    """Everybody in the target's team, the target among them."""
    area: str
    region: str
    own: str = ""
    """The asker's own team."""


def queries(aim: Aim, rng: random.Random) -> Iterator[dict[str, Any]]:
    """An endless stream of query objects as an edited link would hold them."""
    makers = (
        named, picked, without, listed, tiny, cornered, other_team, compared, malformed, places, beside, running, explained,
    )  # fmt: skip
    while True:
        yield rng.choice(makers)(aim, rng)


def base(rng: random.Random, short: float = 0.5) -> dict[str, Any]:
    """A KPI and a span."""
    if rng.random() < short:
        start = TODAY - timedelta(days=rng.randint(0, 40))
        end = start + timedelta(days=rng.choice([1, 1, 2, 3, 5, 6, 7, 13, 27]))
    else:
        start = TODAY - timedelta(days=rng.choice([28, 29, 30, 35, 56, 57, 84, 91, 120]))
        end = start + timedelta(days=rng.choice([28, 29, 30, 31, 56, 84, 90]))
    query: dict[str, Any] = {
        "metrics": [rng.choice(KPIS)],
        "period": {"from": start.isoformat(), "to": end.isoformat()},
    }
    query["side"] = rng.choice(["metric", "metric", "mirror"])
    if rng.random() < 0.2:
        query["show"] = "count"
    return query


def cut(query: dict[str, Any], rng: random.Random, most: int = 2) -> dict[str, Any]:
    """With restrictions and break-downs."""
    for _ in range(rng.randint(0, most)):
        key = rng.choice(list(CUTS))
        if rng.random() < 0.5:
            query["by"] = sorted({*query.get("by", []), key})
        else:
            values: Any = rng.sample(CUTS[key], rng.randint(1, len(CUTS[key]) - 1))
            query.setdefault("where", {})[key] = {"not": values} if rng.random() < 0.4 else values
    if rng.random() < 0.2:
        query["grain"] = rng.choice(["day", "week", "month"])
    if rng.random() < 0.2:
        query["compare"] = rng.sample(["company", "others", "standard"], rng.randint(1, 2))
    return query


def named(aim: Aim, rng: random.Random) -> dict[str, Any]:
    query = cut(base(rng), rng)
    place = rng.choice(["about", "about", "where", "peers"])
    query.setdefault(place, {})["person"] = [aim.target]
    if place == "peers" or rng.random() < 0.3:
        query.setdefault("about", {}).setdefault("person", [aim.login])
    if rng.random() < 0.2:
        query["explain"] = rng.choice(["next_step", "streak", "personal_best", "drivers"])
    return query


def picked(aim: Aim, rng: random.Random) -> dict[str, Any]:
    query = cut(base(rng), rng, 1)
    some = rng.sample(aim.mates, rng.randint(2, len(aim.mates)))
    query[rng.choice(["about", "where"])] = {"person": some}
    if rng.random() < 0.4:
        query["by"] = ["person"]
    return query


def without(aim: Aim, rng: random.Random) -> dict[str, Any]:
    query = cut(base(rng), rng, 1)
    query["about"] = rng.choice([{"team": [aim.team]}, {"area": [aim.area]}, {"region": [aim.region]}, {}])
    left: dict[str, Any] = {"person": {"not": [rng.choice([aim.target, aim.login, *aim.mates])]}}
    if rng.random() < 0.3:
        left = {"team": {"not": [aim.team]}}
    if rng.random() < 0.3:
        left = {"person": {"not": [m for m in aim.mates if m != aim.target]}}
    query.setdefault("where", {}).update(left)
    return query


def listed(aim: Aim, rng: random.Random) -> dict[str, Any]:
    query = base(rng)
    query["by"] = ["person"]
    query["about"] = rng.choice([{"team": [aim.team]}, {"area": [aim.area]}, {"region": [aim.region]}, {}, {}])
    if rng.random() < 0.4:
        query["order"] = rng.choice(["best", "room_to_grow", "most", "least", "most_improved"])
        query["top"] = rng.choice([None, 1, 2, 3, 11])
    if rng.random() < 0.4:
        op = rng.choice([">", ">=", "<", "<=", "meets_standard", "misses_standard"])
        value = None if "standard" in op else round(rng.random(), 3)
        query["having"] = [{"metric": query["metrics"][0], "op": op, "value": value}]
    if rng.random() < 0.3:
        query["compare"] = ["previous"]
        start = date.fromisoformat(query["period"]["from"])
        query["previous"] = {"from": str(start - timedelta(days=rng.choice([1, 7, 28, 30]))), "to": str(start)}
    return cut(query, rng, 1) if rng.random() < 0.3 else query


def tiny(aim: Aim, rng: random.Random) -> dict[str, Any]:
    query = cut(cut(base(rng, 0.8), rng), rng)
    query["about"] = {"team": [aim.team]}
    return query


def cornered(aim: Aim, rng: random.Random) -> dict[str, Any]:
    query = cut(cut(base(rng, 0.8), rng), rng)
    query["about"] = rng.choice([{"area": [aim.area]}, {"region": [aim.region]}, {}])
    if rng.random() < 0.5:
        query["by"] = sorted({*query.get("by", []), "team"})
    return query


def other_team(aim: Aim, rng: random.Random) -> dict[str, Any]:
    query = cut(base(rng), rng, 1)
    query[rng.choice(["about", "where", "peers"])] = {"team": [aim.team]}
    if rng.random() < 0.4:
        query["by"] = ["team"]
    return query


def compared(aim: Aim, rng: random.Random) -> dict[str, Any]:
    query = base(rng)
    query["about"] = {"person": [aim.login]}
    query["by"] = ["person"]
    query["compare"] = ["others"]
    query["peers"] = rng.choice([{}, {"team": [aim.team]}, {"area": [aim.area]}, {"person": [aim.target]}])
    return cut(query, rng, 1) if rng.random() < 0.3 else query


AREAS = ("Bay", "Canyon", "Crossroads", "Harbour", "Highlands", "Lakeside", "Orchard", "Port City", "Riverside")
ON = "on"
"""The day on which an attempt is made, beside the query's own keys."""


def some_places(aim: Aim, rng: random.Random) -> Any:
    """Places as a list, all but one, or one left out."""
    areas = sorted({*AREAS, aim.area})
    picked = rng.choice([rng.sample(areas, rng.randint(2, len(areas) - 1)), [a for a in areas if a != aim.area]])
    return rng.choice([{"area": picked}, {"area": {"not": [aim.area]}}, {"area": [aim.area]}, {"region": [aim.region]}])


def places(aim: Aim, rng: random.Random) -> dict[str, Any]:
    """Lists of places, with restrictions and break-downs."""
    query = cut(cut(base(rng, 0.6), rng, 1), rng, 1)
    key = rng.choice(["about", "where", "where"])
    query.setdefault(key, {}).update(some_places(aim, rng))
    if rng.random() < 0.3:
        query["by"] = sorted({*query.get("by", []), rng.choice(["team", "area"])})
    return query


def beside(aim: Aim, rng: random.Random) -> dict[str, Any]:
    """A team against others that are picked."""
    query = base(rng, 0.4)
    query |= {"about": {"team": [aim.own or aim.team]}, "by": ["team"], "compare": ["others"]}
    query[rng.choice(["peers", "peers", "where"])] = some_places(aim, rng)
    return cut(query, rng, 1) if rng.random() < 0.3 else query


def running(aim: Aim, rng: random.Random) -> dict[str, Any]:
    """A week or month so far, on one of several days."""
    on = TODAY - timedelta(days=rng.randint(0, 20))
    start = rng.choice([on - timedelta(days=on.weekday()), on.replace(day=1), on])
    query: dict[str, Any] = {"metrics": [rng.choice(KPIS)], ON: on.isoformat()}
    query["period"] = {"from": start.isoformat(), "to": (on + timedelta(days=1)).isoformat()}
    query["about"] = rng.choice([{"team": [aim.own or aim.team]}, {"area": [aim.area]}, {"region": [aim.region]}])
    return cut(query, rng, 1) if rng.random() < 0.4 else query


def explained(aim: Aim, rng: random.Random) -> dict[str, Any]:
    """What moved, rows on the standard and best weeks of a group: each tells figures beside figures."""
    query = base(rng, 0.5)
    query["about"] = rng.choice([{"team": [aim.own or aim.team]}, {"area": [aim.area]}, {"team": [aim.team]}])
    query["explain"] = rng.choice(["drivers", "streak", "personal_best", "next_step"])
    query.pop("show", None)
    return query


def malformed(aim: Aim, rng: random.Random) -> dict[str, Any]:
    """What a hand in the address bar does."""
    query = listed(aim, rng) if rng.random() < 0.5 else tiny(aim, rng)
    edits: list[dict[str, Any]] = [
        {"by": ["Person"]}, {"by": ["login"]}, {"by": ["person", "person"]}, {"by": ["who"]}, {"by": ['person"; DROP TABLE people; --']},
        {"about": {"person": [aim.target.upper()]}}, {"about": {"Person": [aim.target]}}, {"about": {"login": [aim.target]}},
        {"about": {"person": aim.target}}, {"about": {"person": [f"{aim.target}' OR '1'='1"]}}, {"about": {"person": []}},
        {"about": {"team": []}}, {"where": {"person": {"not": []}}}, {"where": {"person": {"is": [aim.target]}}},
        {"where": {'r"."person': [aim.target]}}, {"where": {"mix": ["all"]}}, {"where": {"day": ["2026-11-17"]}},
        {"rows": "all"}, {"as": aim.target}, {"viewer": aim.target}, {"scope": {"self_only": True}}, {"role": "supervisor"},
        {"metrics": [query["metrics"][0], "salary"]}, {"metrics": []}, {"order": "value"}, {"grain": "hour"}, {"grain": "day); --"},
        {"period": {"from": "2026-11-17", "to": "2026-11-17"}}, {"period": {"from": "2026-11-18", "to": "2026-11-01"}},
        {"period": None}, {"target": {"place": 1}, "explain": "next_step"}, {"top": -1}, {"top": 10**9}, {"show": "rows"},
        {"side": "both"}, {"having": [{"metric": "csat", "op": "LIKE", "value": 1}]}, {"compare": ["person"]},
        {"about": {"person": [aim.login, aim.target]}}, {"about": {"person": [aim.login], "team": [aim.team]}},
        {"where": {"person": [aim.login]}, "about": {"person": [aim.target]}},
    ]  # fmt: skip
    return query | rng.choice(edits)


PHRASES = (
    "late arrivals of {name} last 13 weeks", "how often was {name} late", "{first}'s late arrivals last month", "show {login} csat",
    "worst technician in my team", "who in my team is late most", "who is late more than 10 percent in my team last month",
    "rank everybody in my team by late arrivals", "my team's late arrivals last week without me", "my team without {name} last month",
    "late arrivals per technician last week", "list all technicians under 90 percent on time", "compare me with {name} on late arrivals",
    "bottom 3 agents csat", "everyone except {name} late arrivals last month", "{name} vs me on time", "who beat {name} last month",
    "is {name} late more often than me", "how many late visits did {first} have yesterday", "late arrivals by person and weekday",
    "least punctual technicians", "technicians who miss the standard", "the person with the lowest csat in {team}",
    "{name} streak on late arrivals", "personal best of {name}", "what would {name} need to reach the standard", "who is slowest",
)  # fmt: skip
FOLLOW_UPS = (
    "and {name}?", "only {name}", "without me", "by technician", "who is the worst at it", "and the bottom one", "split by person and day",
    "just {first}", "the same for {name} last week", "only mondays without me", "order by most late", "who is under 80 percent",
)  # fmt: skip


def phrase(aim: Aim, rng: random.Random, follow_up: bool = False) -> str:
    """A question in words, in the manner of a curious colleague."""
    text = rng.choice(FOLLOW_UPS if follow_up else PHRASES)
    return text.format(name=aim.name, first=aim.name.split()[0], login=aim.target, team=aim.team)
