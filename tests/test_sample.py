"""The sample's files: reproducible, independent of how many days are asked, each in its own form with its own dirt."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from data.sample import catalogue, cli

UNTIL = date(2026, 11, 18)
SEED = 5
TOUCHES = {"CALL", "MAIL", "MSG", "VISIT", "NOTE", "HANDOVER"}
STATES = {"BOOKED", "DISPATCHED", "ENROUTE", "ONSITE", "DONE", "CANCELLED", "NOSHOW", "CNA"}
SIZE = 60_000  # customers, so that the take-over is quick


def _order(out: Path, first: date, until: date, drops: int = 0, **more: object) -> cli.Order:
    return cli.Order("demo", first, until, out, SEED, UNTIL, drops=drops, customers=SIZE, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two delivery days of all systems, a file a day."""
    out = tmp_path_factory.mktemp("two")
    cli.write(_order(out, UNTIL - timedelta(days=1), UNTIL))
    return out


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first of the two days alone, as older history made afterwards would be."""
    out = tmp_path_factory.mktemp("one")
    cli.write(_order(out, UNTIL - timedelta(days=1), UNTIL - timedelta(days=1)))
    return out


def _files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _only(folder: Path, source: str, last: bool = True) -> Path:
    """The newest (or oldest) file of a source; resends and the take-over aside."""
    files = [p for p in (folder / source).iterdir() if "_R1" not in p.name and "base" not in p.name]
    return sorted(files)[-1 if last else 0]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _objects(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_system_delivers(two: Path) -> None:
    assert {p.name for p in two.iterdir()} == set(catalogue.names())
    assert len(catalogue.names()) == 26


def test_one_day_alone_is_the_same_as_within_two(one: Path, two: Path) -> None:
    alone, within = _files(one), _files(two)
    assert len(alone) >= 26
    assert [name for name in alone if alone[name] != within.get(name)] == []


def test_drops_are_the_day_file_in_pieces(two: Path, tmp_path: Path) -> None:
    cli.write(_order(tmp_path, UNTIL, UNTIL, drops=1, sources=("fsm_appointments", "sms_gateway")), workers=1)
    whole = _only(two, "fsm_appointments").read_text().splitlines()
    pieces = sorted((tmp_path / "fsm_appointments").iterdir())
    assert len(pieces) == 96
    assert [line for p in pieces for line in p.read_text().splitlines()[1:]] == whole[1:]
    hours = sorted((tmp_path / "sms_gateway").iterdir())
    assert len(hours) == 24
    assert b"".join(p.read_bytes() for p in hours) == _only(two, "sms_gateway").read_bytes()


def test_another_seed_makes_another_company(two: Path, tmp_path: Path) -> None:
    order = cli.Order("demo", UNTIL, UNTIL, tmp_path, SEED + 1, UNTIL, ("hr_people",), 0)
    cli.write(order, workers=1)
    assert _only(tmp_path, "hr_people").read_bytes() != _only(two, "hr_people").read_bytes()


def test_unknown_source_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.parse(["--out", "x", "--sources", "nonsense"])
    assert "nonsense" in capsys.readouterr().err


def test_appointments(two: Path) -> None:
    rows = _rows(_only(two, "fsm_appointments"))
    assert {r["op"] for r in rows} == {"I", "U", "D"}
    assert len({r["lsn"] for r in rows}) == len(rows)
    gone = [r for r in rows if r["op"] == "D"]
    assert gone and not any(r["job_type"] or r["status"] for r in gone)
    done = [r for r in rows if r["status"] == "DONE"]
    assert 0.005 < sum(not r["arrived_at"] for r in done) / len(done) < 0.05
    assert any(r["arrived_at"] < r["dispatched_at"] for r in done if r["arrived_at"])
    badges = {r["tech_badge"] for r in rows if r["tech_badge"]}
    assert any(len(b) < 6 for b in badges) and any(b.startswith("X9") for b in badges)
    moved = Counter(r["moved_by"] for r in rows)
    assert moved["COMPANY"] and moved["CUSTOMER"]
    assert {r["status"] for r in rows} - {""} == STATES
    late = [r for r in rows if r["changed_at"][:10] < "2026-11-18"]
    assert 0.002 < len(late) / len(rows) < 0.05


def test_phone_events(two: Path) -> None:
    rows = _objects(_only(two, "tech_mobile_events"))
    assert {"worker_id" in r for r in rows} == {True, False}
    for r in rows[:200]:
        assert ("worker_id" in r) == (str(r["app_version"]) >= "4.8")
    ids = Counter(r["event_id"] for r in rows)
    assert 0.005 < sum(n > 1 for n in ids.values()) / len(ids) < 0.04
    assert {"ENROUTE", "ARRIVED", "STARTED", "DONE", "CALLED_AHEAD", "CUSTOMER_ABSENT"} == {r["event"] for r in rows}


def test_work_orders_with_trailer(two: Path) -> None:
    text = _only(two, "work_orders").read_text().splitlines()
    assert text[0].startswith("WO_NO|LINE|") and text[-1].startswith("TRAILER|")
    fields = [line.split("|") for line in text[1:-1]]
    assert any(len(f) > 14 for f in fields), "a pipe inside free text"
    assert any(f[7].endswith("2400") for f in fields)
    assert any(f[6].startswith("X9") and f[-1] == "Y" for f in fields)
    codes = {f[9] for f in fields if len(f) == 14}
    assert {"DONE", "PART", "MORE", "NACC", "OUTN", "STG2"} <= codes
    returns = [f for f in fields if f[-2]]
    assert returns and all(re.fullmatch(r"WO\d{10}", f[-2]) for f in returns)


def test_orders_in_xml(two: Path) -> None:
    tree = ElementTree.parse(_only(two, "install_orders"))
    space = "{urn:fernway:orders:v2}"
    found = tree.getroot().findall(f"{space}order")
    assert len(found) > 500
    promises = [o.find(f"{space}promisedDates") for o in found]
    order = [[p.get("seq") for p in group] for group in promises if group is not None]
    assert ["2", "1"] in order and ["1", "2"] in order
    assert any(o.findtext(f"{space}completedAt") for o in found)
    assert any(o.find(f"{space}cancelReason") is not None and not o.findtext(f"{space}cancelReason") for o in found)
    numbers = [o.findtext(f"{space}orderNo") for o in found]
    assert len(numbers) > len(set(numbers))


def test_tickets_as_change_images(two: Path) -> None:
    rows = _objects(_only(two, "trouble_tickets"))
    assert {r["op"] for r in rows} == {"c", "u"}
    after = [r["after"] for r in rows]
    assert all(isinstance(a, dict) for a in after)
    assert all(r["before"] is None for r in rows if r["op"] == "c")
    states = {a["status"] for a in after if isinstance(a, dict)}
    assert {"ACKNOWLEDGED", "IN_PROGRESS", "PENDING", "HELD", "RESOLVED", "CLOSED", "CANCELLED"} == states
    assert any(isinstance(a, dict) and a["status"] == "PENDING" and a["restored_at"] for a in after)
    assert any(isinstance(a, dict) and str(a["parent_id"] or "").startswith("TT") for a in after)
    stamps = [int(str(r["ts_ms"])) for r in rows]
    assert stamps != sorted(stamps), "messages out of order"


def test_calls(two: Path) -> None:
    rows = _rows(_only(two, "acd_calls"))
    keys = Counter((r["call_id"], r["segment_no"]) for r in rows)
    assert 0.003 < sum(n > 1 for n in keys.values()) / len(keys) < 0.05
    people = [r for r in rows if r["agent_login"]]
    assert any(r["agent_login"].startswith("P-") for r in people) and any(r["agent_login"].isupper() for r in people)
    assert 0.15 < sum(not r["customer_id"] for r in rows) / len(rows) < 0.3
    assert any("," in r["talk_s"] for r in rows if r["site"] == "PCCOR")
    assert any(r["wrap_s"] == "9999" for r in people)
    assert {"COLD", "WARM", "NONE"} == {r["transfer_kind"] for r in rows}
    assert any(r["direction"] == "OUT" for r in rows)
    lost = [r for r in rows if r["queue"] != "IVR" and not r["answered_at"] and r["ended_by"] == "CUSTOMER"]
    assert len(lost) > 100


def test_old_call_columns_and_old_messages(tmp_path: Path) -> None:
    """Before May 2026 the gateway's file had seven columns; before June's release the calls' stood otherwise."""
    day = date(2026, 4, 28)
    cli.write(cli.Order("demo", day, day, tmp_path, SEED, UNTIL, ("sms_gateway", "acd_calls"), 0, customers=SIZE), 1)
    assert _only(tmp_path, "acd_calls").read_text().splitlines()[0].startswith("call_id,segment_no,site,queue,")
    first = _only(tmp_path, "sms_gateway").read_text().splitlines()[0]
    assert len(first.split(",")) == 7


def test_messages_to_customers(two: Path) -> None:
    rows = [line.split(",") for line in _only(two, "sms_gateway").read_text().splitlines()]
    assert {len(r) for r in rows} == {8}
    assert {r[6] for r in rows} == {"SENT", "DELIVERED", "FAILED"}
    assert {"AUTO"} < {r[5] for r in rows}
    place = {(r[0], r[1]): i for i, r in enumerate(rows)}
    assert any(place.get((m, "2"), 0) < i for (m, s), i in place.items() if s == "1" and (m, "2") in place)


def test_surveys_in_two_encodings(two: Path) -> None:
    body = b"".join(_only(two, "survey_vendor", last=x).read_bytes() for x in (True, False))
    lines = body.splitlines()
    broken = [x for x in lines if _is_latin(x)]
    assert broken and any("ü".encode() in x or "ã".encode() in x for x in lines)
    rows = list(csv.reader(x.decode("latin-1") for x in lines if not x.startswith(b"invite_id")))
    assert {r[4] for r in rows} == {"VISIT", "CONTACT", "BEFORE", "AFTER", "REGULAR"}
    assert {r[1] for r in rows} == {"1", "2", "3"}
    assert 0.02 < sum(r[6].startswith("OLD-") for r in rows) / len(rows) < 0.06
    assert any(r[11] == "1" for r in rows)


def _is_latin(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def test_people_file(two: Path) -> None:
    with _only(two, "hr_people").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source, delimiter=";"))
    assert 900 < len(rows) < 1010
    assert all(re.fullmatch(r"\d,\d\d", r["fte"]) and len(r["employee_id"]) == 8 and len(r["badge"]) == 6 for r in rows)
    logins = {r["login"].lower() for r in rows}
    assert {"jonas.moreau", "elena.ruiz", "viola.tanaka", "marta.bianchi", "victor.holm", "greta.sato"} <= logins
    assert len(logins) == len(rows)


def test_parquet_and_fixed_width_and_boxes(two: Path) -> None:
    customers = pq.read_table(_only(two, "customer_delta"))
    assert customers.num_rows > 5000 and customers.column("deleted").to_pylist().count(True) > 0
    positions = pq.read_table(_only(two, "vehicle_gps"))
    assert 0.0 in positions.column("lat").to_pylist()
    parts = _only(two, "parts_logistics").read_bytes().split(b"\n")[:-1]
    assert (
        {len(p) for p in parts} == {140} and any(p[45:46] == b"-" for p in parts) and any(b"\xc1" in p for p in parts)
    )
    assert any(p[33:45].strip() == b"" for p in parts) and any(p[76:88] == b"0" * 12 for p in parts)
    bills = _only(two, "billing_adjustments").read_bytes().split(b"\n")[:-1]
    assert {len(b) for b in bills} == {120}
    assert {b[24:27] for b in bills} == {b"CRD", b"DSP", b"LAT"} and any(not b[37:38].isdigit() for b in bills)
    with sqlite3.connect(_only(two, "follow_up_tasks")) as tasks:
        kinds = {k for (k,) in tasks.execute("SELECT DISTINCT done_kind FROM tasks")}
    assert {"CONNECTED", "VOICEMAIL", "MESSAGE", None} <= kinds
    with sqlite3.connect(_only(two, "community_kb")) as base:
        counts = [base.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in ("tip", "use", "idea")]
    assert min(counts) > 50


def test_work_books(two: Path, tmp_path: Path) -> None:
    book = CalamineWorkbook.from_path(_only(two, "qa_scores"))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert "Bay Care" in sheets and sheets["Bay Care"][1][0] == "Review ID"
    assert any(row[0] == "TOTAL" for rows in sheets.values() for row in rows)
    assert any("Language" in rows[1] for rows in sheets.values())
    assert all(isinstance(r[4], str) for r in sheets["West Coast Care"][2:])
    friday = date(2026, 11, 13)
    cli.write(cli.Order("demo", friday, friday, tmp_path, SEED, UNTIL, ("wfm_schedule",), 0), 1)
    plan = CalamineWorkbook.from_path(tmp_path / "wfm_schedule" / "plan_2026W47.xlsx").get_sheet_by_index(0).to_python()
    assert plan[0][0] == "Employee" and len(plan) > 9000
    assert any(" " in str(r[0]) for r in plan[1:]), "names instead of ids at two sites"


def test_care_systems(two: Path) -> None:
    cases = _rows(_only(two, "crm_cases"))
    assert {r["close_kind"] for r in cases} >= {"CONFIRMED", "QUIET", "WITHDRAWN", "MERGED"}
    assert {r["state"] for r in cases} >= {"TALKING", "WAIT_PART", "WAIT_VISIT", "WAIT_CUST"}
    assert any(r["reopened_from"] for r in cases) and any(r["confirm_by"] and not r["confirmed_at"] for r in cases)
    touches = _rows(_only(two, "crm_touches"))
    blank = sum(not t["auto"] for t in touches) / len(touches)
    assert 0.08 < blank < 0.16 and {t["kind"] for t in touches} == TOUCHES
    talk = _objects(_only(two, "messaging"))
    assert {m["event"] for m in talk} == {"MSG", "HANDOVER_ASK", "HANDOVER_DONE", "CLOSED"}
    said = {str(m["text_masked"]) for m in talk}
    assert any("\n" in text for text in said) and any(ord(c) > 0xFFFF for text in said for c in text)
    menu = [line.split("|") for line in _only(two, "ivr_log").read_text().splitlines()[1:]]
    assert {len(m[2]) for m in menu} == {10, 13}, "epoch seconds on one server"
    alarms = Counter(str(a["event"]) for a in _objects(_only(two, "network_outages")))
    assert alarms["RAISE"] > alarms["CLEAR"] > 0
    themes = pq.read_table(_only(two, "voice_themes")).to_pydict()
    assert len(set(themes["model_version"])) == 2 and min(themes["confidence"]) < 0.6


def test_work_is_shared_out_without_losing_a_source() -> None:
    for workers in (1, 2, 3, 40):
        groups = catalogue.groups((), workers)
        assert sorted(n for g in groups for n in g) == sorted(catalogue.names()) and len(groups) <= workers
    assert catalogue.groups(("hr_people",), 4) == [["hr_people"]]
