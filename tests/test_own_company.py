"""From somebody's raw files to figures, with nothing but what `new` drafts: companies that nobody here has seen."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import madeup

from data.__main__ import main
from data.draft.new import new
from queries.__main__ import main as ask


def loaded(tmp_path: Path, made: Callable[[Path], list], name: str) -> tuple[list, duckdb.DuckDBPyConnection]:
    """The truth, and the published store of a company that was drafted and loaded by the commands."""
    truth = made(tmp_path / "files")
    new(tmp_path / name, [tmp_path / "files"])
    var = tmp_path / "var"
    given = ["--company", str(tmp_path / name), "--var", str(var), "--threads", "2"]
    assert main(["load", *given, str(tmp_path / "files")]) == 0
    (store,) = (var / "store").glob("v*.duckdb")
    return truth, duckdb.connect(str(store), read_only=True)


def test_the_shop_from_raw_files_to_figures(tmp_path: Path) -> None:
    truth, store = loaded(tmp_path, madeup.shop, "shop")
    sums = dict(store.execute("SELECT filiale, sum(num) FROM t_total_betrag GROUP BY 1").fetchall())
    for branch in madeup.BRANCHES:
        assert sums[branch] == pytest.approx(sum(t["Betrag"] for t in truth if t["Filiale"] == branch))
    back = store.execute("SELECT sum(num), sum(den) FROM m_retoure_rate WHERE warengruppe = '2'").fetchone()
    these = [t for t in truth if t["Warengruppe"] == "2"]
    assert back == (sum(t["Retoure"] == "J" for t in these), len(these))
    assert ("filiale", "B01", "Köln Süd") in store.execute("SELECT level, code, name FROM units").fetchall()
    assert store.execute("SELECT name FROM names WHERE dimension = 'warengruppe' AND value = '3'").fetchall() == [
        ("Werkstatt",),
        ("3",),
    ]
    assert store.execute("SELECT count(*) FROM people").fetchone() == (0,)
    assert {row[0] for row in store.execute("SELECT state FROM metric_state").fetchall()} == {"ok"}


def test_the_waiting_room_from_events_to_cases(tmp_path: Path) -> None:
    truth, store = loaded(tmp_path, madeup.hospital, "hospital")
    assert store.execute("SELECT sum(num) FROM t_visits").fetchone() == (len(truth),)
    waits = [(v["called_in"] - v["arrived"]) / timedelta(minutes=1) for v in truth if "called_in" in v]
    rows = store.execute('SELECT "value", sum(n) FROM t_arrived_to_called_in GROUP BY 1').fetchall()
    spread = [value for value, n in rows for _ in range(int(n))]
    assert len(spread) == len(waits)
    assert median(spread) == pytest.approx(median(waits), abs=0.1)


QUESTIONS: list[tuple[Callable[[Path], list], str, str, Callable[[list], dict], str]] = [
    (madeup.shop, "total betrag by filiale last month", "filiale", lambda t: per(t, "Betrag"), "total_betrag"),
    (madeup.shop, "retoure rate by filiale in april", "filiale", lambda t: part(t, "Filiale"), "retoure_rate"),
    (madeup.shop, "retoure rate by region last month", "region", lambda t: regions(t), "retoure_rate"),
    (madeup.shop, "how many kassenbons by warengruppe last month", "warengruppe", lambda t: count(t), "kassenbons"),
]


def april(truth: list) -> list:
    return [t for t in truth if str(t["Datum"]).startswith("2026-04")]


def per(truth: list, value: str) -> dict:
    return {k: sum(t[value] for t in april(truth) if t["Filiale"] == k) for k in madeup.BRANCHES}


def part(truth: list, key: str) -> dict:
    found = {k: [t["Retoure"] == "J" for t in april(truth) if t[key] == k] for k in {t[key] for t in truth}}
    return {k: sum(v) / len(v) for k, v in found.items()}


def regions(truth: list) -> dict:
    of = {code: region for code, (_, region) in madeup.BRANCHES.items()}
    found = {r: [t["Retoure"] == "J" for t in april(truth) if of[t["Filiale"]] == r] for r in ("West", "Ost")}
    return {k: sum(v) / len(v) for k, v in found.items()}


def count(truth: list) -> dict:
    return {k: sum(t["Warengruppe"] == k for t in april(truth)) for k in "123"}


@pytest.mark.parametrize(("made", "question", "key", "wanted", "column"), QUESTIONS, ids=lambda v: str(v)[:40])
def test_the_first_questions_after_new_and_load(
    tmp_path: Path, made: Callable, question: str, key: str, wanted: Callable, column: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """No line written by hand: the draft, the load, and an answer with the right figures from the command."""
    truth, store = loaded(tmp_path, made, "shop")
    store.close()
    capsys.readouterr()
    given = ["--as", "anybody", "--json", "--company", str(tmp_path / "shop"), "--var", str(tmp_path / "var")]
    assert ask([question, *given]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["outcome"] == "answer", answer["headline"]
    at, figure = answer["columns"].index(key), answer["columns"].index(column)
    assert {row[at]: row[figure] for row in answer["rows"]} == pytest.approx(wanted(truth))


def test_how_long_people_waited_in_the_waiting_room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth, store = loaded(tmp_path, madeup.hospital, "hospital")
    store.close()
    capsys.readouterr()
    given = ["--as", "anybody", "--json", "--company", str(tmp_path / "hospital"), "--var", str(tmp_path / "var")]
    assert ask(["how long from arrived to called in by ward in april", *given]) == 0
    answer = json.loads(capsys.readouterr().out)
    at, figure = answer["columns"].index("ward"), answer["columns"].index("arrived_to_called_in")
    waits: dict[str, list[float]] = {}
    for v in truth:
        if "called_in" in v and v["arrived"].month == 4:
            waits.setdefault(v["ward"], []).append((v["called_in"] - v["arrived"]) / timedelta(minutes=1))
    assert {row[at]: row[figure] for row in answer["rows"]} == {w: pytest.approx(median(v)) for w, v in waits.items()}


def test_single_rows_are_kept_and_redone_by_day(tmp_path: Path) -> None:
    truth = madeup.shop(tmp_path / "files")
    new(tmp_path / "shop", [tmp_path / "files"])
    metric = tmp_path / "shop/metrics/total_betrag.yml"
    text = metric.read_text().rstrip().removesuffix("}")
    metric.write_text(f"{text}, rows: {{value: betrag, unit: none, show: [bon_nr], words: [tickets]}}}}\n")
    var, files = tmp_path / "var", sorted((tmp_path / "files").glob("Kassenbons_*.csv"))
    given = ["load", "--company", str(tmp_path / "shop"), "--var", str(var), "--threads", "2"]
    assert main([*given, *map(str, files[:2])]) == 0
    assert main([*given, str(tmp_path / "files")]) == 0
    store = duckdb.connect(str(max((var / "store").glob("v*.duckdb"))), read_only=True)
    assert store.execute("SELECT count(*), round(sum(amount), 2) FROM r_total_betrag").fetchone() == (
        len(truth),
        pytest.approx(round(sum(t["Betrag"] for t in truth), 2)),
    )
    top = max(truth, key=lambda t: t["Betrag"])
    row = store.execute("SELECT x_bon_nr, filiale, day FROM r_total_betrag ORDER BY amount DESC LIMIT 1").fetchone()
    assert row == (top["Bon-Nr"], top["Filiale"], top["Datum"])


def test_a_second_file_of_events_that_does_not_say_every_unit(tmp_path: Path) -> None:
    madeup.shop(tmp_path / "files")
    rows = "\n".join(f"{n};0{n % 9 + 1}.05.2026;{'B01' if n % 2 else 'B02'};{n % 3}" for n in range(60))
    (tmp_path / "files/Beschwerden.csv").write_text(f"Nr;Datum;Filiale;Schwere\n{rows}\n", encoding="latin-1")
    new(tmp_path / "shop", [tmp_path / "files"])
    var = tmp_path / "var"
    assert main(["load", "--company", str(tmp_path / "shop"), "--var", str(var), str(tmp_path / "files")]) == 0
    store = duckdb.connect(str(max((var / "store").glob("v*.duckdb"))), read_only=True)
    found = store.execute("SELECT filiale, sum(num) FROM t_beschwerden GROUP BY 1 ORDER BY 1").fetchall()
    assert found == [("B01", 30.0), ("B02", 30.0)]
    assert store.execute("SELECT count(kassierer) FROM m_beschwerden").fetchone() == (0,)
