"""The running day moves in steps: no two versions differ by the work of a few people of a group."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data import load, steps
from data.store import Versions
from data.work import opened
from tests.loading import Place, csv
from tests.solver import rank

DAY = date(2026, 1, 5)
HEADER = "id,lsn,at,crew,who,late"
CREW_A, CREW_B = [f"A{i}" for i in range(7)], [f"B{i}" for i in range(7)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Two crews of seven, an area above them; the running day is the fifth of January."""
    made = Place(tmp_path)
    made.source(
        source="visits", files=["visits_*.csv"], format="csv", key=["id"], order=["lsn"], day="at", complete_lines=True,
        columns={"id": "text", "lsn": "int", "at": "time", "crew": {}, "who": {}, "late": {"type": "flag"}},
    )  # fmt: skip
    (made.company / "company.yml").write_text(
        "name: Test\nlevels:\n  - {key: who, words: [who], people: true, within: [crew]}\n"
        "  - {key: crew, words: [crew]}\n  - {key: all, words: [all]}\nprivacy: {people_min: 5}\n"
    )
    (made.company / "models" / "visit.sql").write_text(
        "-- fact: visit\n-- key: id\n-- day: day\n-- needs: {s_visits: 0}\n"
        'SELECT id, CAST("at" AS DATE) AS day, crew, who, late FROM s_visits\n'
    )
    (made.company / "metrics" / "late.yml").write_text(
        "key: late\nlabel: Late\nkind: ratio\ndirection: lower\nlevels: [who, crew]\ndimensions: []\n"
        "facts: {from: visit, day: day, num: late, den: 1, crew: crew, who: who}\n"
    )
    before = [row for back in range(1, 15) for row in visits(900 + back, CREW_A, DAY - timedelta(days=back))]
    made.file("visits_0000.csv", csv(HEADER, before))
    monkeypatch.setattr(steps, "running", lambda now: DAY)
    return made


def visits(number: int, people: list[str], day: date = DAY) -> list[str]:
    return [f"v{day.day}-{number}-{i},{number},{day} 0{number % 9}:00:00,{p[0]},{p},{(number + i) % 3 == 0}"
            for i, p in enumerate(people)]  # fmt: skip


def drop(place: Place, number: int, people: list[str], day: date = DAY) -> str:
    """A file of one visit for each of the people, loaded and published; the version's name."""
    place.file(f"visits_{number:04d}.csv", csv(HEADER, visits(number, people, day)))
    with opened(place.var, 2) as con:
        return load.run(con, place.var, place.company, [place.inbox], tell=lambda text: None).version


def cases(place: Place, table: str = "m_late", day: date = DAY) -> dict[str, int]:
    """Visits of each crew that the newest version holds."""
    with Versions(place.var.root).open() as store:
        return dict(store.fetch(f"SELECT crew, sum(n) FROM {table} WHERE day = ? GROUP BY 1", [day]))


def test_a_group_moves_when_five_of_it_have_something_new(place: Place) -> None:
    drop(place, 1, [*CREW_A, *CREW_B])
    assert cases(place) == {"A": 7, "B": 7}
    drop(place, 2, [*CREW_A[:2], *CREW_B[:6]])
    assert cases(place) == cases(place, "t_late") == {"A": 7, "B": 13}, "two of A have something new, six of B"
    drop(place, 3, CREW_A[1:4])
    assert cases(place)["A"] == 7, "four in all: the one who came twice counts once"
    drop(place, 4, CREW_A[4:5])
    assert cases(place) == cases(place, "t_late") == {"A": 13, "B": 13}


def test_nothing_new_publishes_nothing_while_a_group_waits_and_the_evening_takes_all(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(place, 1, CREW_A)
    waits = drop(place, 2, CREW_A[:1])
    with opened(place.var, 2) as con:
        again = load.run(con, place.var, place.company, [place.inbox], tell=lambda text: None).version
    assert again == waits and cases(place) == {"A": 7}
    monkeypatch.setattr(steps, "running", lambda now: None)
    with opened(place.var, 2) as con:
        over = load.run(con, place.var, place.company, [place.inbox], tell=lambda text: None).version
    assert over > waits and cases(place) == cases(place, "t_late") == {"A": 8}


def test_other_days_are_taken_over_at_once(place: Place) -> None:
    drop(place, 1, CREW_A)
    drop(place, 2, CREW_A[:1], date(2026, 1, 4))
    drop(place, 3, CREW_A[:1], date(2026, 1, 4))
    assert cases(place, day=date(2026, 1, 4)) == {"A": 9} and cases(place) == {"A": 7}


def test_a_day_is_over_in_the_evening() -> None:
    assert steps.running(datetime(2026, 1, 5, 21, 59)) == DAY and steps.running(datetime(2026, 1, 5, 22)) is None


def test_no_combination_of_versions_gives_one_of_a_few_away(place: Place) -> None:
    """Asked after every drop of a morning: nobody's visits, nor those of a few, can be solved for."""
    told: dict[str, list[int]] = {"A": [], "B": []}
    drops = list(morning())
    for number, some in drops:
        drop(place, number, some)
        for crew, count in cases(place).items():
            told[crew] += [count] if count not in told[crew] else []
    assert all(len(counts) > 2 for counts in told.values()), "the day does move"
    people = np.array([who for _, some in drops for who in some])
    vectors = {crew: [vector(crew, count, drops) for count in counts] for crew, counts in told.items()}
    for found in vectors.values():
        assert all(len(set(people[now != then])) >= 5 for then, now in pairwise(found))
    matrix = np.array([v for found in vectors.values() for v in found])
    for one in sorted(set(people)):
        outside, inside = matrix[:, people != one], matrix[:, people == one]
        assert rank(np.concatenate([outside, inside], axis=1)) == rank(outside), one


def morning() -> Iterator[tuple[int, list[str]]]:
    rng = random.Random(3)
    yield 1, [*CREW_A, *CREW_B]
    for number in range(2, 12):
        yield number, sorted(rng.sample([*CREW_A, *CREW_B], rng.randint(3, 7)))


def vector(crew: str, count: int, drops: list[tuple[int, list[str]]]) -> Any:
    """The visits behind a crew's figure: the first so many of it, in whole drops."""
    marks, seen = [], 0
    for _, some in drops:
        mine = sum(p[0] == crew for p in some)
        marks += [p[0] == crew and seen + mine <= count for p in some]
        seen += mine
    assert sum(marks) == count
    return np.array(marks, dtype=np.int64)
