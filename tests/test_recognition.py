"""Recognition as data: who beat the standard, kept it up, was lifted; and to whom nobody is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from queries import directory as directories
from queries.answers.recognition import BEAT, KEPT_UP, LIFTED, beat, lifted, recognition
from queries.desk import Desk
from tests import ministore
from tests.test_acceptance import CATALOGUE, LATE, TODAY, people

METRIC = CATALOGUE.metrics[LATE]


def setting(login: str, store: Any, unnamed: frozenset[str] = frozenset()) -> Any:
    viewer = directories.viewer(login, directories.directory(store, CATALOGUE), CATALOGUE)
    assert viewer is not None
    return replace(Desk(CATALOGUE, store, viewer, TODAY).setting, unnamed=unnamed)


def world() -> Any:
    """Twenty weeks: all teams of one area at 2 %, one team elsewhere at 3 %, all others between 6 and 10 %."""
    rows = []
    for i, (team, logins) in enumerate(sorted(people().items())):
        if team.startswith("F-"):
            percent = 2 if team.startswith("F-NLAK") else 3 if team == "F-SBAY-1" else 6 + i % 5
            rows += ministore.spread(logins, team, date(2026, 6, 29), 140, 20 * 240, 20 * 240 * percent // 100)
    return ministore.store(LATE, rows)


def test_all_who_beat_the_standard_are_named_in_the_order_of_their_names() -> None:
    at = setting("victor.holm", world())
    found = recognition(METRIC, "team", at)
    won = [a.code for a in found if a.kind == BEAT]
    assert {"F-NLAK-1", "F-NLAK-2", "F-NLAK-4", "F-SBAY-1"} == set(won)
    names = [a.name for a in found if a.kind == BEAT]
    assert names == sorted(names) and all(a.period.days == 91 for a in found)
    kept = {a.code: a.weeks for a in found if a.kind == KEPT_UP}
    assert set(kept) == set(won) and set(kept.values()) == {13}


def test_an_area_is_lifted_together_only_when_all_its_teams_are() -> None:
    found = lifted(METRIC, setting("jonas.moreau", world()))
    assert [(a.kind, a.code) for a in found] == [(LIFTED, "Lakeside")]
    assert not at_forbidden(found)


def at_forbidden(found: Any) -> bool:
    from queries import wording

    return any(wording.load(CATALOGUE.folder).forbidden(a.said) for a in found)


def test_people_are_named_over_blocks_and_may_opt_out() -> None:
    store = world()
    first = beat(METRIC, "person", setting("victor.holm", store))
    assert first and all(a.period.days % 28 == 0 for a in first)
    out = first[0].code
    assert out not in {a.code for a in beat(METRIC, "person", setting("victor.holm", store, frozenset({out})))}
    disputed = replace(setting("victor.holm", store), disputed=frozenset({(out, LATE), (first[1].code, "csat")}))
    assert {a.code for a in first} - {a.code for a in beat(METRIC, "person", disputed)} == {out}


def test_who_may_see_no_names_gets_none() -> None:
    store = world()
    for login in ("nadia.weiss", "greta.sato", "carlos.demir"):
        assert recognition(METRIC, "team", setting(login, store)) == ()
        assert recognition(METRIC, "person", setting(login, store)) == ()
