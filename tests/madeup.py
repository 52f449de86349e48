"""Two companies that nobody has seen, made up in shape: a shop's tickets and a hospital's waiting room.

Each function writes raw files as such a company would have them and gives back the truth that tests compare with.
"""

from __future__ import annotations

import json
import random
from datetime import date, datetime, timedelta
from pathlib import Path

UNTIL = date(2026, 5, 31)
BRANCHES = {
    "B01": ("Köln Süd", "West"), "B02": ("Münster", "West"), "B03": ("Görlitz", "Ost"), "B04": ("Plauen", "Ost"),
}  # fmt: skip
CASHIERS = {branch: [f"{branch}-K{n}" for n in range(1, 7)] for branch in BRANCHES}
KINDS = {"1": "Fahrrad", "2": "Zubehör", "3": "Werkstatt"}


def comma(value: float) -> str:
    """1234.5 as Germans write it."""
    return f"{value:,.2f}".replace(",", "x").replace(".", ",").replace("x", ".")


def shop(folder: Path, days: int = 120) -> list[dict[str, object]]:
    """Semicolons, day.month.year, decimal comma, Latin-1, codes with a look-up file; one file a month."""
    rng = random.Random(5)
    tickets: list[dict[str, object]] = []
    for n in range(days * 40):
        day = UNTIL - timedelta(days=rng.randrange(days))
        branch = rng.choice(list(BRANCHES))
        back = rng.random() < {"B01": 0.04, "B02": 0.10, "B03": 0.07, "B04": 0.12}[branch]
        tickets.append({
            "Bon-Nr": f"{n + 1:07d}", "Datum": day, "Uhrzeit": f"{rng.randrange(9, 19):02d}:{rng.randrange(60):02d}",
            "Filiale": branch, "Kassierer": rng.choice(CASHIERS[branch]), "Warengruppe": rng.choice("123"),
            "Betrag": round(rng.lognormvariate(4, 1), 2),
            "Wartezeit Min": rng.choice(["", "k.A.", *map(str, range(1, 15))]),
            "Retoure": "J" if back else "N",
        })  # fmt: skip
    tickets.sort(key=lambda t: (t["Datum"], t["Bon-Nr"]))
    folder.mkdir(parents=True, exist_ok=True)
    for month in sorted({str(t["Datum"])[:7] for t in tickets}):
        rows = [t for t in tickets if str(t["Datum"]).startswith(month)]
        lines = [";".join(tickets[0])]
        for t in rows:
            said = {**t, "Datum": f"{t['Datum']:%d.%m.%Y}", "Betrag": comma(float(str(t["Betrag"])))}
            lines.append(";".join(str(v) for v in said.values()))
        (folder / f"Kassenbons_{month}.csv").write_text("\r\n".join(lines) + "\r\n", encoding="latin-1")
    names = ["Filiale;Name;Region", *(f"{code};{name};{region}" for code, (name, region) in BRANCHES.items())]
    (folder / "Filialen.csv").write_text("\n".join(names) + "\n", encoding="latin-1")
    kinds = ["Warengruppe;Bezeichnung", *(f"{code};{name}" for code, name in KINDS.items())]
    (folder / "Warengruppen.csv").write_text("\n".join(kinds) + "\n", encoding="latin-1")
    return tickets


WARDS = ("Emergency", "Eye Clinic", "Fractures", "Children")
STEPS = ("arrived", "called_in", "seen_by_doctor", "left")


def hospital(folder: Path, days: int = 60) -> list[dict[str, object]]:
    """Events of a waiting room, one JSON object a line, several to a visit; some visits end early."""
    rng = random.Random(6)
    visits: list[dict[str, object]] = []
    events: list[tuple[datetime, dict[str, str]]] = []
    for n in range(days * 30):
        ward = rng.choice(WARDS)
        at = datetime.combine(UNTIL - timedelta(days=rng.randrange(days)), datetime.min.time())
        at += timedelta(minutes=rng.randrange(7 * 60, 18 * 60))
        visit: dict[str, object] = {"visit_id": f"V{n + 1:05d}", "ward": ward, "arrived": at}
        for step in STEPS if rng.random() > 0.08 else ("arrived", "left"):
            events.append((at, {"visit_id": str(visit["visit_id"]), "event": step, "ts": f"{at:%Y-%m-%dT%H:%M:%S}",
                                "ward": ward, "urgency": "high" if n % 5 == 0 else "normal"}))  # fmt: skip
            visit[step] = at
            at += timedelta(minutes=rng.randrange(3, 60 if ward == "Emergency" else 30))
        visits.append(visit)
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(e) for _, e in sorted(events, key=lambda e: (e[0], e[1]["visit_id"], e[1]["event"]))]
    (folder / "waiting_room.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return visits
