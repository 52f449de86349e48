# ruff: noqa: E501
"""A desk for trying pages without reading or figures: made-up answers of every outcome in the shape of the contract."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from queries.catalogue import Catalogue
from queries.directory import Directory
from queries.periods import Period
from queries.query import Query, Values, filter_of
from queries.viewer import Viewer


@dataclass(frozen=True)
class StubAnswer:
    held: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return dict(self.held)

    @property
    def outcome(self) -> str:
        return str(self.held["outcome"])

    @property
    def unused(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class StubDesk:
    catalogue: Catalogue
    directory: Directory
    viewer: Viewer
    today: date
    state: Any = None
    store: Any = None
    words: Any = None

    def suggestions(self) -> list[dict[str, Any]]:
        return [
            {"said": said, "query": self._query().to_json()}
            for said in ("my team's late arrivals vs others this week", "how are we doing?")
        ]

    def allowed(self, query: Query) -> bool:
        return True

    def helps_most(self, query: Query) -> str:
        return ""

    def say(self, situation: str, **values: Any) -> str:
        return situation

    def ask(self, text: str, after: Query | None = None, read_only: bool = False) -> StubAnswer:
        if "revenue" in text:
            held = {"outcome": "unread", "question": text, "marks": [[0, len(text), "unused"]], "query": None,
                    "headline": "Money is not held here, so there is no figure for it.", "nearest": self.suggestions()}  # fmt: skip
            return StubAnswer(held)
        if "worst" in text:
            held = {"outcome": "refused", "question": text, "headline": "This board does not list people below the standard.",
                    "nearest": self.suggestions(), "query": None}  # fmt: skip
            return StubAnswer(held)
        if "bay" in text:
            return StubAnswer({"outcome": "choices", "question": text, "query": None, "choices": self.suggestions()})
        query = self._query() if after is None else after.with_(grain="week" if "day" in text else None)
        marks = [[0, max(1, len(text) // 2), "understood"], [max(1, len(text) // 2), len(text), "unused"]]
        return StubAnswer({**self.answer(query).to_json(), "question": text, "marks": marks})

    def recognition(self, metric: str) -> tuple[Any, ...]:
        return ()

    def answer(self, query: Query) -> StubAnswer:
        metric = self.catalogue.metrics[query.metrics[0]]
        rng = random.Random(repr(query.to_json()))
        mean = metric.standard or 0.1
        rows = []
        for _ in range(1 if query.grain else 52):
            value = max(0.0, rng.gauss(mean * 1.2, mean * 0.25))
            rows.append(
                {"label": "", "value": value, "low": value * 0.8, "high": value * 1.25, "n": rng.randint(200, 300)}
            )
        rows.sort(key=lambda r: r["value"], reverse=metric.direction == "higher")
        for number in range(min(5, len(rows))):
            rows[number] |= {
                "label": ("Forest Fixers", "Delta Installs", "Old Town Repairs", "Mesa Mixed", "Bay")[number],
                "named": True,
            }
        own = rows[len(rows) // 3]
        own |= {"label": "Harbour Repairs", "own": True, "place": "12th to 31st"}
        picture: dict[str, Any] = {"kind": "ranking", "label": metric.label, "unit": metric.unit, "direction": metric.direction,
                                   "standard": metric.standard, "typical": mean * 1.2, "rows": rows}  # fmt: skip
        if query.grain:
            days = [self.today - timedelta(weeks=w) for w in range(12, -1, -1)]
            points = [{"date": d.isoformat(), "value": (v := mean * rng.uniform(0.9, 1.4)), "low": v * 0.8, "high": v * 1.2, "n": 250,
                       "settling": d == self.today} for d in days]  # fmt: skip
            picture |= {"kind": "trend", "rows": points}
        period = query.period or Period(self.today, self.today + timedelta(days=1))
        return StubAnswer({
            "outcome": "answer", "question": "", "said": f"{metric.label.lower()} of Harbour Repairs vs others this week {rng.random():.3f}",
            "query": query.to_json(), "headline": "Harbour Repairs: 5.1 % late this week so far, others like you 6.4 %. Too close to "
            "call yet: anywhere from 12th to 31st. Two fewer late visits by Sunday would keep you on the standard.",
            "assumed": ["this week, because no time was named"], "unused": [], "notes": ["The newest two days are still settling."],
            "picture": picture, "as_of": f"{self.today}T17:45:00", "store": self.directory.version,
            "periods": [{"label": "this week so far", **period.to_json()}], "definition": metric.plain,
            "table": {"columns": [{"key": "label", "label": "team"}, {"key": "value", "label": metric.label, "unit": metric.unit},
                                  {"key": "n", "label": "cases"}], "rows": [r for r in rows if r.get("label")]},
            "follow_ups": [{"said": "by day", "query": query.with_(grain="day").to_json()},
                           {"said": "vs last week", "query": query.with_(compare=("previous",)).to_json()}],
            "sql": {"text": "SELECT 1", "parameters": []}, "ms": {"read": 1.0, "query": 4.0, "total": 5.0},
        })  # fmt: skip

    def _query(self) -> Query:
        start = self.today - timedelta(days=self.today.weekday())
        level, codes = self.viewer.covers
        about = filter_of({level: Values.of(*codes)}) if codes else ()
        metric = next(iter(self.catalogue.company["focus"]))
        return Query(metrics=(metric,), about=about, by=(level,) if codes else (), compare=("others",) if codes else (),
                     period=Period(start, self.today + timedelta(days=1)))  # fmt: skip


def desk(house: Any, viewer: Viewer) -> StubDesk:
    assert house.directory.last_day
    return StubDesk(house.catalogue, house.directory, viewer, house.directory.last_day, house.state)
