"""Reviews of contacts, and what customers talk about, from the raw files."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from functools import cached_property
from typing import Any

import pandas as pd

from tests.plain_company import Row
from tests.plain_talks import Talks


class Voice(Talks):
    """Contacts as reviewers and the machine's tags have them."""

    def quality_score(self) -> list[Row]:
        from python_calamine import CalamineWorkbook

        books: dict[str, Any] = {}
        for path in self.plain.files("qa_scores"):
            books[path.stem[3:9]] = path
        names = {}
        for _, rows in self.plain.snapshots:
            for row in rows:
                names[row["full_name"].lower()] = self.plain.person(row)
        found = []
        for path in books.values():
            book = CalamineWorkbook.from_path(str(path))
            for sheet in book.sheet_names:
                head: list[str] = []
                for cells in book.get_sheet_by_name(sheet).to_python():
                    texts = [str(c).strip() for c in cells]
                    if not head:
                        head = texts if "Review ID" in texts else []
                        continue
                    row = dict(zip(head, cells, strict=False))
                    if not str(row["Contact ref"]).strip() or str(row["Review ID"]).lower().startswith(
                        ("total", "average", "sum")
                    ):
                        continue
                    if str(row.get("Dispute") or "").strip().upper() in ("Y", "TRUE", "1"):
                        continue
                    day = self.day_of(row["Contact date"])
                    agent = str(row["Agent"]).strip().lower()
                    who = names.get(agent) if " " in agent else self.plain.who("login", agent, day)
                    points = sum(
                        int(float(row[k] or 0))
                        for k in ("Understanding", "Empathy", "Right answer", "Ownership", "Next step")
                    )
                    found.append(self.plain.place(who, day, 5) | {"num": points, "den": 1})
        return found

    @staticmethod
    def day_of(value: Any) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"):
            try:
                return datetime.strptime(str(value)[:10], form).date()
            except ValueError:
                continue
        raise ValueError(value)

    @cached_property
    def tags(self) -> dict[str, list[dict[str, Any]]]:
        rows = pd.concat([pd.read_parquet(p) for p in self.plain.files("voice_themes")], ignore_index=True)
        rows = rows.sort_values(["model_version", "tagged_at"], kind="stable").drop_duplicates(
            ["contact_ref", "theme_code"], keep="last"
        )
        rows = rows[rows["model_version"] == rows.groupby("contact_ref")["model_version"].transform("max")]
        rows = rows[rows["confidence"] >= 0.6]
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows.to_dict("records"):
            found[row["contact_ref"]].append(row)
        return found

    def voice(self) -> tuple[list[Row], list[Row]]:
        """Rows of voice_coverage and of theme_share."""
        themes = self.plain.codes["theme"]
        heard: list[Row] = []
        shared: list[Row] = []
        for c in self.contacts:
            tags = self.tags.get(c["id"], [])
            if not c["people"] or c["wrong"] or any(t["theme_code"] == "T-WRNG" for t in tags):
                continue
            known = {themes[t["theme_code"]] for t in tags if t["theme_code"] in themes}
            usable = bool(known) or c["reason"] not in (None, "other")
            heard.append(self.at(c, c["agent"], 1) | {"num": usable, "den": 1})
            if known:
                area = self.plain.home_area(c["customer"], c["day"])
                row: Row = {
                    "day": c["day"],
                    "person": None,
                    "team": None,
                    "site": None,
                    "area": area,
                    "region": self.region(area),
                }
                shared.append(row | {"num": len(known), "den": 1})
        return heard, shared
