"""What happens to rows and files on the way in: keys, order, deletes, whole files, refusals; the books balance."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from tests.loading import Place, csv

LOG: dict[str, Any] = {
    "source": "log", "files": ["log_*.csv"], "format": "csv", "key": ["id"], "order": ["lsn"], "history": True,
    "deletes": "op = 'D'", "day": "at", "complete_lines": True,
    "columns": {"op": {"required": True, "allowed": ["I", "U", "D"]}, "lsn": {"type": "int", "required": True},
                "id": "text", "at": "time", "what": "text"},
}  # fmt: skip
LOG_FILES = {
    "log_20260101.csv": [
        "I,1,a,2026-01-01 10:00:00,one",
        "I,2,b,2026-01-01 11:00:00,two",
        "U,3,a,2026-01-01 10:00:00,uno",
    ],
    "log_20260102.csv": ["U,4,a,2026-01-02 09:00:00,eins", "D,5,b,,", "I,6,c,2026-01-02 12:00:00,tri"],
    "log_20260103.csv": [
        "U,4,a,2026-01-02 09:00:00,eins",
        "U,7,c,2026-01-03 12:00:00,drei",
        "I,8,d,2026-01-03 08:00:00,vier",
    ],
}
HEADER = "op,lsn,id,at,what"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def state(place: Place, source: str = "log") -> tuple[Any, ...]:
    """Everything that figures are made from; which file a row came from is told by its name."""
    tables = [f"s_{source}", f"gone_{source}", f"l_{source}"]
    have = {r[0] for r in place.rows("SELECT table_name FROM duckdb_tables()")}
    columns = "* EXCLUDE (_file), (SELECT name FROM ledger WHERE id = _file) AS file"
    return tuple(sorted(map(str, place.rows(f"SELECT {columns} FROM {t}"))) for t in tables if t in have)


def test_the_highest_order_of_a_key_stays_and_deletes_are_remembered(place: Place) -> None:
    place.source(**LOG)
    for name, rows in LOG_FILES.items():
        place.file(name, csv(HEADER, rows))
    place.stage()
    assert place.rows("SELECT id, what, lsn FROM s_log ORDER BY id") == [
        ("a", "eins", 4),
        ("c", "drei", 7),
        ("d", "vier", 8),
    ]
    assert place.rows("SELECT id, lsn FROM gone_log") == [("b", 5)]
    assert place.rows("SELECT count(*), count(DISTINCT lsn) FROM l_log") == [(8, 8)]
    assert place.counts("log_20260102.csv") == ("loaded", 3, 2, 0, 1, 0)


@pytest.mark.parametrize("order", list(itertools.permutations(LOG_FILES)), ids=str)
def test_any_order_of_arrival_gives_the_same_state(place: Place, tmp_path: Path, order: tuple[str, ...]) -> None:
    place.source(**LOG)
    for name in order:
        place.stage(place.file(name, csv(HEADER, LOG_FILES[name])))
    together = Place(tmp_path / "together")
    together.source(**LOG)
    for name, rows in LOG_FILES.items():
        together.file(name, csv(HEADER, rows))
    together.stage()
    assert state(place) == state(together)
    assert [place.counts(n) for n in LOG_FILES] == [together.counts(n) for n in LOG_FILES]


def test_the_same_file_again_changes_nothing_under_any_name(place: Place) -> None:
    place.source(**LOG)
    text = csv(HEADER, LOG_FILES["log_20260101.csv"])
    place.stage(place.file("log_20260101.csv", text))
    before = state(place), place.rows("SELECT * FROM ledger")
    report = place.stage(place.file("again/log_20260101.csv", text), place.file("log_20260109.csv", text))
    assert (report.files, report.again) == (0, 2)
    assert (state(place), place.rows("SELECT * FROM ledger")) == before


def test_shuffled_rows_give_the_same_state(place: Place, tmp_path: Path) -> None:
    rows = [row for rows in LOG_FILES.values() for row in rows]
    results = []
    for seed in range(3):
        here = Place(tmp_path / str(seed))
        here.source(**LOG)
        random.Random(seed).shuffle(rows)
        here.stage(here.file("log_20260101.csv", csv(HEADER, rows)))
        results.append(here.rows('SELECT op, lsn, id, "at", what FROM s_log ORDER BY ALL'))
    assert results[0] == results[1] == results[2]


def test_a_late_old_change_dirties_the_day_of_its_key(place: Place) -> None:
    place.source(**LOG)
    place.stage(place.file("log_20260102.csv", csv(HEADER, LOG_FILES["log_20260102.csv"])))
    place.rows("DELETE FROM dirty")
    place.stage(place.file("log_20260101.csv", csv(HEADER, LOG_FILES["log_20260101.csv"])))
    assert {str(d) for (d,) in place.rows("SELECT day FROM dirty")} == {"2026-01-01", "2026-01-02"}


def test_a_row_that_moves_to_another_day_dirties_both(place: Place) -> None:
    place.source(**LOG)
    place.stage(place.file("log_20260101.csv", csv(HEADER, LOG_FILES["log_20260101.csv"])))
    place.rows("DELETE FROM dirty")
    place.stage(place.file("log_20260102.csv", csv(HEADER, ["U,4,a,2026-01-07 09:00:00,eins"])))
    assert {str(d) for (d,) in place.rows("SELECT day FROM dirty")} == {"2026-01-01", "2026-01-07"}


def test_too_many_bad_rows_refuse_the_file_and_a_corrected_one_makes_up_for_it(place: Place) -> None:
    place.source(**LOG)
    good = [f"I,{n},k{n},2026-01-01 10:00:00,x" for n in range(18)]
    bad = [*good, "X,90,z,2026-01-01 10:00:00,x", "I,not,z,2026-01-01 10:00:00,x"]
    report = place.stage(place.file("log_20260101.csv", csv(HEADER, bad)))
    assert place.counts("log_20260101.csv") == ("refused", 20, 0, 2, 0, 18)
    assert "2 of 20 rows are bad" in report.refused[0]
    assert place.rows("SELECT count(*) FROM s_log") == [(0,)]
    reasons = [r for (r,) in place.rows("SELECT reason FROM rejects ORDER BY row")]
    assert reasons == ["op: not known: X", "lsn: missing; lsn: not a whole number: not"] or reasons == [
        "op: not known: X", "lsn: not a whole number: not"]  # fmt: skip
    place.stage(place.file("log_20260101.csv", csv(HEADER, good)))
    assert sorted(place.rows("SELECT state, accepted, replaced, waiting FROM ledger")) == [
        ("loaded", 18, 0, 0), ("refused", 0, 18, 0)]  # fmt: skip


def test_a_few_bad_rows_are_kept_with_reason_row_and_record(place: Place) -> None:
    place.source(**LOG)
    rows = [f"I,{n},k{n},2026-01-01 10:00:00,x" for n in range(98)]
    rows[40] = "I,40,k40,2026-13-01 10:00:00,x"
    rows[60:60] = ["I,60,only three"]
    place.stage(place.file("log_20260101.csv", csv(HEADER, rows)))
    assert place.counts("log_20260101.csv") == ("loaded", 99, 97, 2, 0, 0)
    assert place.rows("SELECT row, reason, record FROM rejects ORDER BY row") == [
        (41, "at: not a time: 2026-13-01 10:00:00",
         '{"op":"I","lsn":"40","id":"k40","at":"2026-13-01 10:00:00","what":"x"}'),
        (61, "missing columns", "I,60,only three"),
    ]  # fmt: skip
    assert place.rows("SELECT _row FROM s_log WHERE id = 'k97'") == [(99,)]


def test_a_file_cut_short_is_refused_until_the_whole_one_comes(place: Place) -> None:
    place.source(**LOG)
    text = csv(HEADER, [f"I,{n},k{n},2026-01-01 10:00:00,x" for n in range(30)])
    place.stage(place.file("log_20260101.csv", text[:-20]))
    assert place.counts("log_20260101.csv")[:2] == ("refused", 30)
    place.stage(place.file("log_20260101.csv", text))
    assert place.rows("SELECT count(*) FROM s_log") == [(30,)]
    assert place.rows("SELECT sum(waiting), sum(received) FROM ledger") == [(0, 60)]


def test_a_stray_quote_never_swallows_rows_unseen(place: Place) -> None:
    place.source(**LOG)
    rows = [f"I,{n},k{n},2026-01-01 10:00:00,x" for n in range(50)]
    rows[10] = 'I,10,k10,2026-01-01 10:00:00,"x'
    place.stage(place.file("log_20260101.csv", csv(HEADER, rows)))
    kind, received, *rest = place.counts("log_20260101.csv")
    assert (kind, received, sum(rest)) == ("refused", 50, 50)


WHOLE: dict[str, Any] = {
    "source": "jobs", "files": ["WO_*.txt"], "format": "lines", "delimiter": "|", "trailer": r"^T\|(\d+)$",
    "key": ["no"],
    "whole": "all", "whole_part": r"_(\d{8})", "day": "at", "overflow": "note",
    "columns": {"no": "text", "at": "date", "note": "text", "by": "text"},
}  # fmt: skip


def whole(*rows: str, count: int | None = None) -> str:
    return "\n".join(["no|at|note|by", *rows, f"T|{len(rows) if count is None else count}"]) + "\n"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_a_resent_day_replaces_the_day_whatever_comes_first(place: Place, order: tuple[int, ...]) -> None:
    place.source(**WHOLE)
    files = [
        ("WO_20260101.txt", whole("1|2026-01-01|a|x", "2|2026-01-01|b|y|z|x")),
        ("WO_20260101_R1.txt", whole("1|2026-01-01|corrected|x", "3|2026-01-01|c|x")),
        ("WO_20260102.txt", whole("4|2026-01-02|d|x", "3|2026-01-02|again|x")),
    ]
    for i in order:
        place.stage(place.file(*files[i]))
    assert place.rows('SELECT no, note, "by" FROM s_jobs ORDER BY no') == [
        ("1", "corrected", "x"), ("3", "again", "x"), ("4", "d", "x")]  # fmt: skip
    assert place.counts("WO_20260101.txt") == ("loaded", 2, 0, 0, 2, 0)
    assert place.counts("WO_20260101_R1.txt") == ("loaded", 2, 2, 0, 0, 0)


def test_a_delimiter_inside_the_free_text_is_met(place: Place) -> None:
    place.source(**WHOLE)
    place.stage(place.file("WO_20260101.txt", whole("2|2026-01-01|b|y|z|x")))
    assert place.rows('SELECT note, "by" FROM s_jobs') == [("b|y|z", "x")]


def test_a_wrong_trailer_refuses_the_file_whole(place: Place) -> None:
    place.source(**WHOLE)
    report = place.stage(place.file("WO_20260101.txt", whole("1|2026-01-01|a|x", count=2)))
    assert report.refused == ["WO_20260101.txt: refused: the trailer says 2 rows, the file has 1"]
    assert place.counts("WO_20260101.txt") == ("refused", 1, 0, 0, 0, 1)
    report = place.stage(place.file("WO_20260102.txt", whole("1|2026-01-01|a|x").rpartition("T|")[0]))
    assert "no trailer line" in report.refused[0]


def test_snapshots_keep_every_day_and_the_newest_is_the_state(place: Place) -> None:
    place.source(source="staff", files=["staff_*.csv"], format="csv", key=["id"],
                 whole="newest", whole_part=r"_(\d{8})",
                 columns={"id": {"pad": 4}, "team": "text"})  # fmt: skip
    place.stage(place.file("staff_20260103.csv", csv("id,team", ["1,A", "0002,B"])))
    place.stage(place.file("staff_20260101.csv", csv("id,team", ["1,C", "2,B", "3,B"])))
    assert place.rows("SELECT id, team FROM s_staff ORDER BY id") == [("0001", "A"), ("0002", "B")]
    assert place.rows("SELECT _part, count(*), min(_day)::VARCHAR FROM l_staff GROUP BY 1 ORDER BY 1") == [
        ("20260101", 3, "2026-01-01"), ("20260103", 2, "2026-01-03")]  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_a_snapshot_that_says_again_what_an_older_one_said_is_the_newest(place: Place, order: tuple[int, ...]) -> None:
    """The name says when: the same bytes of another day are another file, a copy without a day is none."""
    place.source(source="staff", files=["staff_*.csv"], format="csv", key=["id"],
                 whole="newest", whole_part=r"_(\d{8})", columns={"id": "text", "team": "text"})  # fmt: skip
    for day in order:
        place.stage(place.file(f"staff_2026010{day + 1}.csv", csv("id,team", ["1,B" if day == 1 else "1,A"])))
    assert place.rows("SELECT id, team, _part FROM s_staff") == [("1", "A", "20260103")]
    assert place.rows("SELECT count(*), count(DISTINCT _part) FROM l_staff") == [(3, 3)]
    assert place.stage(place.file("staff_copy.csv", csv("id,team", ["1,A"]))).files == 0
    assert place.stage().files == 0


def test_an_offset_in_a_time_counts_also_where_times_are_local(place: Place) -> None:
    """The hour that exists twice: without an offset the second one is meant."""
    place.source(source="t", files=["t.csv"], format="csv", key=["id"], day="at", zone="Europe/Berlin",
                 columns={"id": "int", "at": "time"})  # fmt: skip
    times = ["02:30:00", "02:30:00+02:00", "02:30:00+01", "02:30Z", "02:30:00.5+0100", "03:00"]
    place.stage(place.file("t.csv", csv("id,at", [f"{n},2026-10-25 {t}" for n, t in enumerate(times)])))
    assert [at for (at,) in place.rows('SELECT strftime("at", \'%H:%M\') FROM s_t ORDER BY id')] == [
        "01:30", "00:30", "01:30", "02:30", "01:30", "02:00"]  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_a_day_that_is_sent_again_without_rows_is_empty(place: Place, order: tuple[int, ...]) -> None:
    place.source(**WHOLE)
    files = [
        ("WO_20260101.txt", whole("1|2026-01-01|a|x")),
        ("WO_20260101_R1.txt", whole()),
        ("WO_20260102.txt", whole()),
    ]
    for i in order:
        place.stage(place.file(*files[i]))
    assert place.rows("SELECT * FROM s_jobs") == []
    assert place.counts("WO_20260101.txt") == ("loaded", 1, 0, 0, 1, 0)
    assert place.rows("SELECT count(*) FROM ledger") == [(3,)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_what_was_deleted_for_privacy_stays_deleted_whatever_comes_first(place: Place, order: tuple[int, ...]) -> None:
    """Also where the key was given anew since: what is older than the delete goes."""
    place.source(**{**LOG, "forget": True})
    lines = ["I,1,a,2026-01-01 10:00:00,secret", "D,2,a,,", "I,3,a,2026-01-02 10:00:00,anew"]
    for i in order:
        place.stage(place.file(f"log_2026010{i + 1}.csv", csv(HEADER, [lines[i]])))
    assert place.rows("SELECT lsn, what FROM l_log ORDER BY lsn") == [(2, None), (3, "anew")]
    assert place.rows("SELECT what FROM s_log") == [("anew",)]
    assert place.counts("log_20260101.csv") == ("loaded", 1, 0, 0, 1, 0)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_the_first_seen_value_is_kept(place: Place, order: tuple[int, ...]) -> None:
    place.source(source="tasks", files=["tasks_*.csv"], format="csv", key=["id"],
                 columns={"id": "text", "due": {"type": "date", "first": True}, "done": "text"})  # fmt: skip
    files = [("tasks_20260101.csv", "1,2026-01-05,"), ("tasks_20260102.csv", "1,2026-01-09,"),
             ("tasks_20260103.csv", "1,2026-01-11,yes")]  # fmt: skip
    for i in order:
        place.stage(place.file(files[i][0], csv("id,due,done", [files[i][1]])))
    assert place.rows("SELECT due_first::VARCHAR, due::VARCHAR, done FROM s_tasks") == [
        ("2026-01-05", "2026-01-11", "yes")
    ]


def test_rows_without_a_key_stand_until_the_file_comes_anew(place: Place) -> None:
    place.source(source="flights", files=["*.csv"], format="csv", day="day", columns={"day": "date", "n": "int"})
    place.stage(place.file("a.csv", csv("day,n", ["2026-01-01,1", "2026-01-01,1"])))
    assert place.rows("SELECT count(*) FROM s_flights") == [(2,)]
    place.stage(place.file("a.csv", csv("day,n", ["2026-01-01,1", "2026-01-01,1", "2026-01-02,2"])))
    held = place.rows("SELECT count(*), count(DISTINCT _file) FROM s_flights")
    assert held == [(3, 1)] or held == [(2, 1)], held
    assert place.rows("SELECT count(*) FROM ledger WHERE state = 'loaded'") == [(2,)]


def test_a_name_nobody_takes_is_told(place: Place) -> None:
    place.source(**LOG)
    report = place.stage(place.file("holiday.jpg", b"\xff\xd8"))
    assert report.strangers == ["holiday.jpg"]
    assert place.rows("SELECT name FROM strangers") == [("holiday.jpg",)]


def test_a_row_sent_again_as_it_was_makes_no_day_dirty(place: Place) -> None:
    place.source(source="ideas", files=["ideas_*.csv"], format="csv", key=["id"], day="day",
                 columns={"id": "text", "day": "date", "state": "text"})  # fmt: skip
    place.stage(place.file("ideas_20260101.csv", csv("id,day,state", ["1,2026-01-01,new", "2,2026-01-02,new"])))
    place.rows("DELETE FROM dirty")
    place.stage(place.file("ideas_20260102.csv", csv("id,day,state", ["1,2026-01-01,new", "2,2026-01-02,done"])))
    assert [str(day) for (day,) in place.rows("SELECT day FROM dirty")] == ["2026-01-02"]
    assert place.counts("ideas_20260101.csv") == ("loaded", 2, 0, 0, 2, 0)


def test_a_first_value_that_arrives_late_makes_its_day_dirty(place: Place) -> None:
    place.source(source="tasks", files=["tasks_*.csv"], format="csv", key=["id"], day="day",
                 columns={"id": "text", "day": "date", "due": {"type": "date", "first": True}})  # fmt: skip
    place.stage(place.file("tasks_20260102.csv", csv("id,day,due", ["1,2026-01-01,2026-01-09"])))
    place.rows("DELETE FROM dirty")
    place.stage(place.file("tasks_20260101.csv", csv("id,day,due", ["1,2026-01-01,2026-01-05"])))
    assert place.rows("SELECT due::VARCHAR, due_first::VARCHAR FROM s_tasks") == [("2026-01-09", "2026-01-05")]
    assert [str(day) for (day,) in place.rows("SELECT day FROM dirty")] == ["2026-01-01"]
