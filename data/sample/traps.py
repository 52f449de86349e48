"""The planted stories: what a careful reader of these sources must get right (looked up by truth.py)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.sample.base import weekday
from data.sample.people import FOREVER, Person, Seats, Stint, hire, swap

SMALL_TEAM = "F-CCRO-2"
RENAMED = {f"F-CROS-{n}": f"F-CCRO-{n}" for n in range(1, 6)}
REGROUPED = {"C-WCBIL-1": "C-WCCES-4", "C-WCBIL-2": "C-WCCES-5"}


@dataclass(frozen=True)
class Story:
    """One planted story: a key, the people in it, the days that matter."""

    key: str
    logins: tuple[str, ...]
    days: tuple[int, ...]
    note: str


def monday(day: int) -> int:
    return day - int(weekday(day))


def rename_day(anchor: int) -> int:
    """Crossroads' codes were renamed six weeks ago on a Monday."""
    return monday(anchor) - 42


def regroup_day(anchor: int) -> int:
    """West Coast billing was regrouped 17 weeks ago on a Monday."""
    return monday(anchor) - 119


def old_code(team: str, day: int, anchor: int) -> str:
    """The code that HR used for a team on a day."""
    for table, changed in ((RENAMED, rename_day(anchor)), (REGROUPED, regroup_day(anchor))):
        for before, after in table.items():
            if after == team and day < changed:
                return before
    return team


def plant(state: Seats, seed: int, anchor: int) -> list[Story]:
    """Change the seats so that the stories of people.csv and of the end of org.md are in them."""
    stories = [_newcomer(state, anchor), _wednesday(state, anchor), _loan(state, anchor)]
    for story in (
        _rehire(state, seed, anchor),
        _badge(state, anchor),
        _login(state, anchor),
        _backdated(state, anchor),
    ):
        if story:
            stories.append(story)
    _regroup(state, anchor)
    small = _small_team(state, anchor)
    return [s for s in [*stories, small] if s]


def _at(state: Seats, login: str) -> tuple[Person, tuple[str, int]] | None:
    for key, stints in state.seats.items():
        for s in stints:
            if state.people[s.pid].login == login:
                return state.people[s.pid], key
    return None


def _newcomer(state: Seats, anchor: int) -> Story | None:
    found = _at(state, "viola.tanaka")
    if not found:
        return None
    person, key = found
    person.hired = anchor - 12
    state.seats[key] = [Stint(person.pid, key[0], "HOME", anchor - 12, FOREVER, anchor - 12)]
    return Story("newcomer", (person.login,), (anchor - 12,), "first working day")


def _wednesday(state: Seats, anchor: int) -> Story | None:
    found = _at(state, "elena.ruiz")
    if not found:
        return None
    person, key = found
    day = monday(anchor) - 63 + 2
    state.seats[key] = [
        Stint(person.pid, "F-CCINN-1", "HOME", state.first, day, state.first),
        Stint(person.pid, key[0], "HOME", day, FOREVER, day),
    ]
    return Story("wednesday_move", (person.login,), (day,), "moved from F-CCINN-1 to F-WCAN-1 inside a week")


def _loan(state: Seats, anchor: int) -> Story | None:
    found = _at(state, "samuel.greco")
    if not found:
        return None
    person, _ = found
    state.loans.append(Stint(person.pid, "F-NLAK-2", "LOAN", anchor - 21, anchor + 21, anchor - 22))
    return Story("loan_over_month_end", (person.login,), (anchor - 21, anchor + 21), "on loan to F-NLAK-2")


def _rehire(state: Seats, seed: int, anchor: int) -> Story | None:
    key = ("F-ERIV-1", 3)
    if key not in state.seats:
        return None
    old = state.people[state.seats[key][0].pid]
    old.left = anchor - 210
    new = hire(state, seed, old.name, old.login, old.role, anchor - 160, same_as=old.pid)
    new.badge = old.badge
    new.fte = old.fte
    state.fixed |= {old.pid, new.pid}
    state.seats[key] = [
        Stint(old.pid, key[0], "HOME", state.first, anchor - 210, state.first),
        Stint(new.pid, key[0], "HOME", anchor - 160, FOREVER, anchor - 160),
    ]
    return Story("rehire", (old.login,), (anchor - 210, anchor - 160), "one technician, two employee ids")


def _people_of(state: Seats, role: str) -> list[Person]:
    return [p for p in state.people if p.role == role and p.pid not in state.fixed]


def _badge(state: Seats, anchor: int) -> Story | None:
    gone = [p for p in _people_of(state, "TECH") if p.left < anchor - 420]
    come = [p for p in _people_of(state, "TECH") if anchor - 50 < p.hired <= anchor]
    if not gone or not come:
        return None
    come[0].badge = gone[0].badge
    return Story("badge_reused", (gone[0].login, come[0].login), (gone[0].left, come[0].hired), "one badge, two people")


def _login(state: Seats, anchor: int) -> Story | None:
    gone = [p for p in _people_of(state, "AGENT") if anchor - 170 < p.left < anchor - 75]
    come = [p for p in _people_of(state, "AGENT") if anchor - 60 < p.hired <= anchor - 14]
    if not gone or not come:
        return None
    first, last = gone[0].name.split(" ", 1)
    come[0].login, come[0].name = gone[0].login, f"{first}a {last}"
    return Story("login_reused", (gone[0].login,), (gone[0].left, come[0].hired), "one login, two people")


def _backdated(state: Seats, anchor: int) -> Story | None:
    a, b, day = ("F-SOTOW-1", 3), ("F-SBAY-1", 3), anchor - 33
    if a not in state.seats or b not in state.seats:
        return None
    swap(state, a, b, day, anchor - 5)
    pids = {s.pid for key in (a, b) for s in state.seats[key] if s.start == day}
    logins = tuple(sorted(state.people[p].login for p in pids))
    return Story("backdated_move", logins, (day, anchor - 5), "entered 28 days late, into weeks already closed")


def _regroup(state: Seats, anchor: int) -> None:
    for seat in range(2, 7):
        a, b = ("C-WCCES-4", seat), ("C-WCCES-5", seat)
        if a in state.seats and b in state.seats:
            swap(state, a, b, regroup_day(anchor), regroup_day(anchor))


def _small_team(state: Seats, anchor: int) -> Story | None:
    """Four people are left in one group: some left, the rest are lent to a neighbour."""
    day = anchor - 17
    keys = sorted(key for key in state.seats if key[0] == SMALL_TEAM)
    if not keys:
        return None
    for number, key in enumerate(keys):
        here = [s for s in state.seats[key] if s.start <= day < s.end]
        if number < 4:
            _stay(state, key, anchor)
        elif number < 6 and here:
            state.fixed.add(here[0].pid)
            state.loans = [x for x in state.loans if x.pid != here[0].pid]
            state.loans.append(Stint(here[0].pid, "F-CCRO-1", "LOAN", day, anchor + 30, day))
        else:
            _leave(state, key, day)
    return Story("four_left", (), (day,), SMALL_TEAM)


def _stay(state: Seats, key: tuple[str, int], anchor: int) -> None:
    """Somebody sits on this seat from six weeks before the anchor on."""
    kept = [s for s in state.seats[key] if s.start <= anchor - 40]
    if kept:
        state.people[kept[-1].pid].left = FOREVER
        state.seats[key] = [*kept[:-1], replace(kept[-1], end=FOREVER)]
        state.loans = [x for x in state.loans if x.pid != kept[-1].pid]


def _leave(state: Seats, key: tuple[str, int], day: int) -> None:
    """The seat is empty from a day on."""
    kept = []
    for s in state.seats[key]:
        if s.start >= day:
            continue
        if s.end > day:
            state.people[s.pid].left = day
        kept.append(replace(s, end=min(s.end, day)))
    state.seats[key] = kept
