"""Facts whose rows stand alone: only what changed is made again; a refresh cut off between two models is taken up."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data import ledger, load
from data.expire import expire
from data.facts.models import ModelError, load_models
from data.facts.sql import Db
from data.store import Versions
from data.work import opened
from tests.loading import Place, csv

ROOT = Path(__file__).parents[1]
LEVELS = "name: Test\nlevels:\n  - {key: unit, words: [unit]}\n  - {key: all, words: [all]}\n"
VISIT = """
-- fact: visit
-- key: id
-- day: day
-- alone: id
-- needs:
--   s_visits: 0
--   others: {table: s_visits, by: who, of: s_visits, reach: [1, 1]}
--   s_notes: {by: {about: id}, of: others}
--   s_storms: [0, 0]
SELECT v.id, CAST(v."at" AS DATE) AS day, v.who, (SELECT count(*) FROM s_visits) AS given,
  (SELECT count(*) FROM others o WHERE o.who = v.who
    AND abs(CAST(o."at" AS DATE) - CAST(v."at" AS DATE)) <= 1) AS together,
  (SELECT count(*) FROM others o JOIN s_notes n ON n.about = o.id WHERE o.who = v.who
    AND abs(CAST(o."at" AS DATE) - CAST(v."at" AS DATE)) <= 1) AS notes,
  (SELECT count(*) FROM s_storms s WHERE s._day = CAST(v."at" AS DATE)) AS storms
FROM s_visits v
"""
"""`given` tells how many visits the model was given when the row was made: rows that were left alone keep theirs."""
BUSY = """
-- fact: busy
-- key: who
-- day: day
-- needs: {f_visit: 0}
SELECT who, day, max(together) AS together, sum(notes) AS notes FROM f_visit GROUP BY who, day
"""
SEEN = """
-- fact: seen
-- key: id
-- day: day
-- alone: id
-- needs:
--   s_visits: 0
--   s_notes: {by: {note: id}, reach: 0}
--   s_storms: {by: {lower(storm): who}, reach: [1, 0], where: storm <> 'BOB'}
SELECT s.id, s.day, s.who, s.given,
  (SELECT count(*) FROM s_storms t WHERE lower(t.storm) = s.who AND s.day - t._day IN (0, 1)) AS storms
FROM (
  SELECT id, CAST("at" AS DATE) AS day, who, (SELECT count(*) FROM s_visits) AS given FROM s_visits
  UNION ALL
  SELECT note, CAST("at" AS DATE), about, (SELECT count(*) FROM s_notes) FROM s_notes
) s
"""
"""Rows of two tables; a storm has the name of whom it hits, on its day and the next."""

TALLY = """
-- table: tally
-- key: [who, day]
-- redo: key
-- needs:
--   f_visit: {by: who, reach: 0}
--   s_notes: {by: {lower(note): who}, reach: 0}
SELECT v.who, CAST(v.day AS DATE) AS day, count(*) AS visits, any_value(v.total) AS given,
  (SELECT count(*) FROM s_notes n WHERE lower(n.note) = v.who) AS notes
FROM (SELECT *, count(*) OVER () AS total FROM f_visit) v GROUP BY v.who, v.day
"""
"""Of everybody by day; `given` tells how many visits the model was given, a note has the name of whom it is about."""
TALLIED = """
-- table: tallied
-- key: day
-- redo: sum
-- needs: {tally: whole}
SELECT day, sum(visits) AS visits, sum(notes) AS notes FROM tally GROUP BY day
HAVING sum(visits) <> 0 OR sum(notes) <> 0
"""


def make(root: Path) -> Place:
    """Visits of people, notes about visits, days of storm; one metric on visits and one on a fact behind them."""
    place = Place(root)
    at: dict[str, Any] = {"at": "time", "lsn": "int"}
    place.source(
        source="visits", files=["visits_*.csv"], format="csv", key=["id"], order=["lsn"], day="at", deletes="op = 'D'",
        columns={"op": "text", "id": "text", **at, "who": "text"},
    )  # fmt: skip
    place.source(
        source="notes", files=["notes_*.csv"], format="csv", key=["note"], order=["lsn"], day="at",
        columns={"note": "text", **at, "about": "text"},
    )  # fmt: skip
    place.source(
        source="storms", files=["storms_*.csv"], format="csv", key=["storm"], order=["lsn"], day="at",
        columns={"storm": "text", **at},
    )  # fmt: skip
    (place.company / "company.yml").write_text(LEVELS)
    (place.company / "models" / "1_visit.sql").write_text(VISIT.strip())
    (place.company / "models" / "2_busy.sql").write_text(BUSY.strip())
    (place.company / "models" / "3_seen.sql").write_text(SEEN.strip())
    (place.company / "models" / "4_tally.sql").write_text(TALLY.strip())
    (place.company / "models" / "5_tallied.sql").write_text(TALLIED.strip())
    for metric, fact, num in (("together", "visit", "together"), ("noted", "busy", "notes")):
        (place.company / "metrics" / f"{metric}.yml").write_text(
            f"key: {metric}\nlabel: {metric}\nkind: ratio\ndirection: lower\nlevels: [unit]\ndimensions: []\n"
            f"facts: {{from: {fact}, day: day, num: {num}, den: 1, unit: who}}\n"
        )
    return place


def visits(place: Place, name: str, *rows: str) -> None:
    place.file(f"visits_{name}.csv", csv("op,id,lsn,at,who", rows))


def run(place: Place) -> None:
    with opened(place.var, 2) as con:
        load.run(con, place.var, place.company, [place.inbox], tell=lambda text: None)
        assert ledger.check(con) == []


def first(place: Place) -> Place:
    """Ann on the 1st, 2nd and, long after, the 20th; Bob on the 2nd."""
    visits(
        place, "1", "I,a1,1,2026-01-01,ann", "I,a2,2,2026-01-02,ann", "I,b1,3,2026-01-02,bob", "I,a3,4,2026-01-20,ann"
    )
    place.file("notes_1.csv", csv("note,lsn,at,about", ["n1,1,2026-01-01,a1"]))
    place.file("storms_1.csv", csv("storm,lsn,at", ["s1,1,2026-01-20"]))
    run(place)
    return place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return first(make(tmp_path))


def made(place: Place) -> dict[str, tuple[int, int, int, int]]:
    """Visit -> (visits that the model was given, together, notes, storms)."""
    rows = place.rows("SELECT id, given, together, notes, storms FROM f_visit")
    return {row[0]: tuple(row[1:]) for row in rows}


def anew(place: Place, root: Path) -> dict[str, tuple[int, ...]]:
    """What the same files give when all is loaded at once, without what the model was given."""
    calm = make(root)
    for path in place.inbox.iterdir():
        calm.file(path.name, path.read_bytes())
    run(calm)
    return {visit: row[1:] for visit, row in made(calm).items()}


def test_only_rows_of_changed_values_are_made_again(place: Place, tmp_path: Path) -> None:
    """A visit of Bob's on the 2nd: his other one is made again; Ann's of the same day is not looked at."""
    assert made(place) == {"a1": (4, 2, 1, 0), "a2": (4, 2, 1, 0), "b1": (4, 1, 0, 0), "a3": (4, 1, 0, 1)}
    visits(place, "2", "I,b2,5,2026-01-02,bob")
    run(place)
    assert made(place) == {
        "a1": (4, 2, 1, 0), "a2": (4, 2, 1, 0), "b1": (2, 2, 0, 0), "b2": (2, 2, 0, 0), "a3": (4, 1, 0, 1),
    }  # fmt: skip
    assert {visit: row[1:] for visit, row in made(place).items()} == anew(place, tmp_path / "calm")


def test_a_model_that_finds_no_memory_beside_others_is_made_alone(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = Db.execute, []

    def short(db: Db, sql: str, *rest: Any) -> duckdb.DuckDBPyConnection:
        if "came_f_visit" in sql and " AS made" in sql and not failed:
            failed.append(sql)
            raise duckdb.OutOfMemoryException("could not allocate block")
        return real(db, sql, *rest)

    monkeypatch.setattr(Db, "execute", short)
    visits(place, "2", "I,b2,5,2026-01-02,bob")
    run(place)
    assert len(failed) == 1
    assert {visit: row[1:] for visit, row in made(place).items()} == anew(place, tmp_path / "calm")


def test_a_row_that_goes_over_to_somebody_else_changes_those_that_it_leaves(place: Place, tmp_path: Path) -> None:
    visits(place, "2", "U,a2,5,2026-01-02,bob")
    run(place)
    assert {visit: row[1] for visit, row in made(place).items()} == {"a1": 1, "a2": 2, "b1": 2, "a3": 1}
    assert {visit: row[1:] for visit, row in made(place).items()} == anew(place, tmp_path / "calm")
    assert place.rows("SELECT count(*) FROM was_visits") == [(0,)]


def test_a_deleted_row_changes_those_that_it_leaves(place: Place, tmp_path: Path) -> None:
    visits(place, "2", "D,a2,5,2026-01-02,")
    run(place)
    assert {visit: row[1] for visit, row in made(place).items()} == {"a1": 1, "b1": 1, "a3": 1}
    assert {visit: row[1:] for visit, row in made(place).items()} == anew(place, tmp_path / "calm")


def test_changes_come_through_a_chain_of_needs(place: Place, tmp_path: Path) -> None:
    """A note about Ann's visit of the 1st counts with that of the 2nd; Bob's of the 2nd is left alone."""
    place.file("notes_2.csv", csv("note,lsn,at,about", ["n2,2,2026-01-02,a1"]))
    run(place)
    assert {visit: row[2] for visit, row in made(place).items()} == {"a1": 2, "a2": 2, "b1": 0, "a3": 0}
    assert made(place)["b1"][0] == 4
    assert {visit: row[1:] for visit, row in made(place).items()} == anew(place, tmp_path / "calm")


def test_what_lies_around_the_day_makes_whole_days_again(place: Place, tmp_path: Path) -> None:
    place.file("storms_2.csv", csv("storm,lsn,at", ["s2,2,2026-01-02"]))
    run(place)
    assert {visit: row[3] for visit, row in made(place).items()} == {"a1": 0, "a2": 1, "b1": 1, "a3": 1}
    assert made(place)["a1"][0] == made(place)["a3"][0] == 4
    assert {visit: row[1:] for visit, row in made(place).items()} == anew(place, tmp_path / "calm")


def seen(place: Place) -> dict[str, tuple[int, int]]:
    """Visit or note -> (visits or notes that the model was given, storms)."""
    return {row[0]: row[1:] for row in place.rows("SELECT id, given, storms FROM f_seen")}


def test_of_rows_of_two_tables_only_the_changed_are_made_again(place: Place) -> None:
    """Another note: no visit is looked at, nor the first note. Another visit: no note is."""
    held = {"a1": (4, 0), "a2": (4, 0), "b1": (4, 0), "a3": (4, 0), "n1": (1, 0)}
    assert seen(place) == held
    place.file("notes_2.csv", csv("note,lsn,at,about", ["n2,2,2026-01-01,b1", "n3,3,2026-01-01,b1"]))
    run(place)
    assert seen(place) == held | {"n2": (2, 0), "n3": (2, 0)}
    visits(place, "2", "D,b1,5,2026-01-02,", "I,b2,6,2026-01-02,bob")
    run(place)
    del held["b1"]
    assert seen(place) == held | {"n2": (2, 0), "n3": (2, 0), "b2": (1, 0)}


def test_what_tells_of_a_column_makes_the_rows_again_that_say_so(place: Place) -> None:
    """Storms hit Ann and Bob on the 1st: her visits of the 1st and 2nd, not that of the 20th; Bob's do not count."""
    place.file("storms_2.csv", csv("storm,lsn,at", ["ANN,2,2026-01-01", "BOB,3,2026-01-01"]))
    run(place)
    assert seen(place) == {"a1": (2, 1), "a2": (2, 1), "b1": (4, 0), "a3": (4, 0), "n1": (1, 0)}
    place.file("storms_3.csv", csv("storm,lsn,at", ["ANN,4,2026-01-20"]))
    run(place)
    assert seen(place) == {"a1": (3, 0), "a2": (3, 0), "b1": (4, 0), "a3": (3, 1), "n1": (1, 0)}


def tally(place: Place) -> dict[str, list[tuple[int, int, int]]]:
    """Who -> (visits, visits that the model was given, notes) of each of their days."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    for who, *rest in place.rows("SELECT who, visits, given, notes FROM tally ORDER BY who, day"):
        found.setdefault(who, []).append(tuple(rest))
    added = "SELECT day, sum(visits), sum(notes) FROM tally GROUP BY day ORDER BY day"
    assert place.rows("FROM tallied ORDER BY day") == place.rows(added)
    return found


def test_of_a_table_by_key_only_changed_values_are_made_again(place: Place) -> None:
    """A visit of Ann's goes over to Bob: both are made again, of him who has none left nothing stays."""
    assert tally(place) == {"ann": [(1, 4, 0)] * 3, "bob": [(1, 4, 0)]}
    place.file("notes_2.csv", csv("note,lsn,at,about", ["BOB,2,2026-01-09,none"]))
    run(place)
    assert tally(place) == {"ann": [(1, 4, 0)] * 3, "bob": [(1, 1, 1)]}
    visits(place, "2", "D,b1,5,2026-01-02,")
    run(place)
    assert tally(place) == {"ann": [(1, 4, 0)] * 3}
    visits(place, "3", "U,a1,6,2026-01-01,bob", "I,c1,7,2026-01-05,cy")
    run(place)
    assert tally(place) == {"ann": [(1, 4, 0)] * 2, "bob": [(1, 4, 1)], "cy": [(1, 4, 0)]}


def test_tables_made_from_facts_are_made_anew_when_these_expire(place: Place) -> None:
    """What single people are told of does not outlive the rows that it was made from."""
    expire(place.var, place.company, date(2027, 2, 10), months=13)
    assert place.rows("SELECT id FROM f_visit") == [("a3",)]
    assert not place.rows("SELECT * FROM duckdb_tables() WHERE table_name IN ('tally', 'tallied')")
    visits(place, "2", "I,b2,5,2026-01-21,bob")
    run(place)
    assert tally(place) == {"ann": [(1, 2, 0)], "bob": [(1, 2, 0)]}


def test_the_first_need_tells_of_the_column_that_stands_alone(place: Place) -> None:
    text = SEEN.replace("s_visits: 0", "s_visits: {by: who, reach: 0}").strip()
    (place.company / "models" / "3_seen.sql").write_text(text)
    with pytest.raises(ModelError, match="s_visits: by who; allowed in the first need: id"):
        load_models(place.company)


CUT = """
    import os, sys
    from pathlib import Path
    from data import load
    from data.facts import refresh, rolling
    from data.work import Var, opened
    root, most = Path(sys.argv[1]), int(sys.argv[2])
    done = []
    def cut(make):
        def made(*given, **more):
            if len(done) == most:
                os._exit(9)
            done.append(1)
            return make(*given, **more)
        return made
    refresh.redo, rolling.rolled = cut(refresh.redo), cut(rolling.rolled)
    with opened(Var(root / "var"), 1) as con:
        load.run(con, Var(root / "var"), root / "company", [root / "inbox"], tell=lambda text: None)
"""
"""A load that is killed when it has made so many models and roll-ups."""


@pytest.mark.parametrize("most", range(6))
def test_a_refresh_killed_between_two_models_is_taken_up(place: Place, tmp_path: Path, most: int) -> None:
    """The store opens as it was, the books balance, and the next load ends with the figures of an undisturbed one."""
    visits(place, "2", "U,a2,5,2026-01-02,bob", "I,b2,6,2026-01-03,bob", "D,a1,7,2026-01-01,")
    place.file("notes_2.csv", csv("note,lsn,at,about", ["n2,2,2026-01-02,b1"]))
    cut = [sys.executable, "-c", textwrap.dedent(CUT), str(place.root), str(most)]
    assert subprocess.run(cut, cwd=ROOT, check=False).returncode == 9
    with Versions(place.var.root).open(threads=1) as store:
        assert (store.version, store.fetch("SELECT sum(den) FROM m_together")) == ("v0000001", [(4,)])
    run(place)
    assert {visit: row[1:] for visit, row in made(place).items()} == anew(place, tmp_path / "calm")
    said = "SELECT who, day, visits, notes FROM tally ORDER BY ALL"
    assert tally(place) and place.rows(said) == Place(tmp_path / "calm").rows(said)
    with Versions(place.var.root).open(threads=1) as store, Versions(tmp_path / "calm" / "var").open(threads=1) as calm:
        for table in ("m_together", "m_noted"):
            assert store.fetch(f"FROM {table} ORDER BY ALL") == calm.fetch(f"FROM {table} ORDER BY ALL")
