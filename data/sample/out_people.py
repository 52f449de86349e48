"""hr_people: the whole staff every evening, as HR knew it then."""

from __future__ import annotations

from pathlib import Path

from data.sample import traps
from data.sample.base import as_date, unit
from data.sample.people import FOREVER, Person, Stint
from data.sample.world import EVER, World
from data.sample.writing import put_lines

COLUMNS = (
    "employee_id;badge;login;full_name;role;team_code;site_or_area;supervisor_id;fte;hired_on;left_on;"
    "loan_team;loan_from;loan_to;effective_from"
)
VACANT = ("F-WORC-1", 100, 72)
"""A team whose supervisor's post was vacant, days before the anchor."""


def _date(day: int) -> str:
    return f"{as_date(day):%d.%m.%Y}" if day < FOREVER else ""


def _by_person(world: World) -> dict[int, list[Stint]]:
    key = ("stints", EVER)
    if key not in world.cache:
        table: dict[int, list[Stint]] = {}
        for s in sorted(world.stints, key=lambda s: (s.start, s.known)):
            table.setdefault(s.pid, []).append(s)
        world.cache[key] = table
    return world.cache[key]  # type: ignore[return-value]


def snapshot(world: World, folder: Path, day: int) -> int:
    """One file: everyone whom HR has as employed on the evening of a day."""
    stints = _by_person(world)
    leads = {x.team: world.people[x.pid] for x in world.leaders if x.start <= day < x.end and x.pid >= 0}
    led = {x.pid: x.team for x in world.leaders if x.start <= day < x.end}
    rows = []
    for person in world.people:
        if not person.hired <= day < person.left:
            continue
        if person.pid in led:
            rows.append(_line(world, person, led[person.pid], "", day, None, person.hired))
        elif person.place:
            rows.append(_line(world, person, "", "", day, None, person.hired))
        else:
            line = _frontline(world, person, stints.get(person.pid, []), leads, day)
            if line:
                rows.append(line)
    put_lines(folder / f"hr_people_{as_date(day):%Y%m%d}.csv", rows, COLUMNS)
    return len(rows)


def _frontline(world: World, person: Person, stints: list[Stint], leads: dict[str, Person], day: int) -> str | None:
    home = [s for s in stints if s.kind == "HOME" and s.start <= day and s.known <= day]
    if not home:
        return None
    loan = [s for s in stints if s.kind == "LOAN" and s.known <= day < s.end]
    lead = leads.get(home[-1].team)
    code, start, end = VACANT
    vacant = home[-1].team == code and world.anchor - start <= day < world.anchor - end
    return _line(
        world,
        person,
        home[-1].team,
        "" if vacant or not lead else lead.employee_id,
        day,
        loan[-1] if loan else None,
        home[-1].start,
    )


def _line(world: World, p: Person, team: str, supervisor: str, day: int, loan: Stint | None, since: int) -> str:
    if team:
        t = world.teams[world.team_no[team]]
        place = t.area or t.site or (t.region if t.family == "dispatch" else "HQ")
    else:
        place = p.place
    soon = p.left if p.left - 14 <= day else FOREVER
    lent = (
        (traps.old_code(loan.team, day, world.anchor), _date(loan.start), _date(loan.end - 1)) if loan else ("", "", "")
    )
    login = p.login.upper() if unit(p.pid, 131) < 0.02 else p.login
    fields = [
        p.employee_id,
        p.badge,
        login,
        p.name,
        p.role,
        traps.old_code(team, day, world.anchor) if team else "",
        place,
        supervisor,
        f"{p.fte:.2f}".replace(".", ","),
        _date(p.hired),
        _date(soon),
        *lent,
        _date(max(since, p.hired)),
    ]
    return ";".join(fields)
