"""What an answer may show, said independently of the product: from the rules' table and the store's raw roll-ups.

Nothing of `queries` is imported here. The oracle reads people, units and roll-ups with SQL of its own, and looks at
an answer as the asker gets it: the contract's JSON object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import yaml

LEVELS = ("person", "team", "area", "site", "region")
PEOPLE_MIN, SHORTEST = 5, 28
# Section 2 of the rules: who is named to whom. (self, own people, own team, other teams, areas/sites/regions, company)
TABLE = {
    "frontline": ("N", "T+A", "N", "T+A", "N", "N"),
    "supervisor": ("N", "N", "N", "T+A", "N", "N"),
    "manager": ("N", "-", "N", "T+A", "N", "N"),
    "executive": ("N", "-", "T+A", "T+A", "N", "N"),
    "analyst": ("-", "-", "G", "G", "N", "N"),
    "steward": ("-", "-", "-", "-", "-", "-"),
    "staff_rep": ("N", "-", "A", "A", "A", "G"),
}


@dataclass(frozen=True)
class Asker:
    login: str
    role: str
    team: str
    covers: tuple[str, tuple[str, ...]]


class Oracle:
    """The rules over one store."""

    def __init__(self, store: Any, metrics_folder: Any) -> None:
        self.store = store
        rows = store.fetch("SELECT login, name, role, unit_level, unit, cover_level, cover_codes FROM people")
        self.people = {r[0]: r for r in rows}
        self.units = {(r[0], r[1]): r[2:] for r in store.fetch("SELECT level, code, area, site, region FROM units")}
        self.works = dict(store.fetch("SELECT code, work FROM units WHERE level = 'team'"))
        self.metrics = {m["key"]: m for m in (yaml.safe_load(p.read_text()) for p in metrics_folder.glob("*.yml"))}
        self.columns = {k: set(store.columns(f"m_{k}")) for k in self.metrics}

    def asker(self, login: str) -> Asker:
        _, _, role, level, unit, cover, codes = self.people[login]
        return Asker(login, role, unit if level == "team" else "", (cover, tuple(c for c in codes.split("|") if c)))

    def own_people(self, asker: Asker) -> set[str]:
        """Whose figures may be shown by name because of who asks: the asker's, and a supervisor's team's."""
        if asker.role in ("analyst", "steward"):
            return set()
        found = {asker.login}
        if asker.role == "supervisor":
            found |= {
                p for p, r in self.people.items() if r[3] == "team" and r[4] in asker.covers[1] and r[2] == "frontline"
            }
            found |= {p for p, r in self.people.items() if r[3] == "team" and r[4] in asker.covers[1]}
        return found

    def own_teams(self, asker: Asker) -> set[str]:
        """Teams that may be shown by name whatever their figure."""
        if asker.role in ("executive", "analyst", "steward", "staff_rep"):
            return set()
        found = {asker.team} if asker.team else set()
        level, codes = asker.covers
        if level == "team":
            found |= set(codes)
        place = {"area": 0, "site": 1, "region": 2}.get(level)
        if place is not None:
            found |= {code for (kind, code), upper in self.units.items() if kind == "team" and upper[place] in codes}
        return found

    # --- one answer -----------------------------------------------------------------------------------------------

    def faults(self, asker: Asker, answer: Mapping[str, Any]) -> list[str]:
        """What an answer shows that it may not; empty when nothing."""
        if answer["outcome"] != "answer":
            return self._silent(answer)
        query = answer["query"]
        if query.get("explain") == "definition":
            return ["rows for a definition"] if answer.get("rows") else []
        if TABLE[asker.role][5] == "-":
            return ["an answer for a role without figures"]
        found = [*self._asked_by_name(asker, query), *self._names(asker, answer, query)]
        return [*found, *self._cells(asker, answer, query)]

    def _silent(self, answer: Mapping[str, Any]) -> list[str]:
        return [f"{answer['outcome']} with rows"] if answer.get("rows") or answer.get("picture") else []

    def _asked_by_name(self, asker: Asker, query: Mapping[str, Any]) -> Iterator[str]:
        """Units in the query itself that this asker may not ask for."""
        for part in ("about", "where", "peers"):
            for level, values in (query.get(part) or {}).items():
                out = isinstance(values, Mapping)
                codes = values["not"] if isinstance(values, Mapping) else values
                if out and level in ("person", "team"):
                    yield f"answered without {level} {codes}"
                if level == "person" and not out and set(codes) - self.own_people(asker):
                    yield f"answered about {codes}"
                if level == "team" and not out and set(codes) - self.own_teams(asker):
                    yield f"answered about {codes}"

    def _names(self, asker: Asker, answer: Mapping[str, Any], query: Mapping[str, Any]) -> Iterator[str]:
        """People and teams named in rows, pictures and sentences without a right to it."""
        text = json.dumps(
            [answer.get(k) for k in ("rows", "headline", "notes", "picture", "pictures", "table", "next_step", "sql")]
        )
        allowed = self.own_people(asker) | set((query.get("about") or {}).get("person", []))
        for login, row in self.people.items():
            if login in allowed or row[2] != "frontline":
                continue
            there = f'"{login}"' in text or f'"{row[1]}"' in text
            if there and not any(p in allowed or self._recognised(p, query, answer) for p in self._called(row[1])):
                yield f"{login} is named"
        if asker.role in ("analyst",) and "team" in (query.get("by") or []):
            yield "a list of teams for one who gets sums"
        for level, code in self.units:
            there = level == "team" and f'"{code}"' in text and code not in self.own_teams(asker)
            if there and (asker.role == "staff_rep" or not self._recognised_unit(code, query, answer)):
                yield f"{code} is named"

    def _called(self, name: str) -> list[str]:
        """Everybody of a name."""
        return [login for login, row in self.people.items() if row[1] == name]

    def _recognised(self, login: str, query: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
        """Whether somebody may be in a list of the recognised: a long span, a KPI for it, beyond the standard."""
        metric = self.metrics[query["metrics"][0]]
        period = self._period(answer, query)
        long_enough = (period[1] - period[0]).days >= SHORTEST
        if "person" not in query["by"] or metric.get("people") != "ranked" or not long_enough or query.get("grain"):
            return False
        return self._good("person", login, metric, period)

    def _recognised_unit(self, code: str, query: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
        metric = self.metrics[query["metrics"][0]]
        listed = "team" in query["by"] or "others" in query["compare"]
        return listed and self._good("team", code, metric, self._period(answer, query), query)

    def _good(
        self,
        level: str,
        code: str,
        metric: Mapping[str, Any],
        period: tuple[date, date],
        query: Mapping[str, Any] | None = None,
    ) -> bool:
        """Not below the standard by the plain number (0.3 points of room for the mix); counts need no standard."""
        goal = (metric.get("standard") or {}).get("value")
        if goal is None or metric["kind"] not in ("ratio", "avg", "score", "stock"):
            return True
        cuts = {k: v for k, v in ((query or {}).get("where") or {}).items() if k != "weekday"}
        where, values = self._where({level: [code], **cuts}, period)
        rows = self.store.fetch(f"SELECT sum(num) / nullif(sum(den), 0) FROM m_{metric['key']} WHERE {where}", values)
        value = rows[0][0]
        if value is None:
            return False
        room = 0.25 * abs(goal)
        return bool(value <= goal + room if metric["direction"] == "lower" else value >= goal - room)

    # --- the cells ------------------------------------------------------------------------------------------------

    def _period(self, answer: Mapping[str, Any], query: Mapping[str, Any]) -> tuple[date, date]:
        """The span of the figures: as told by the answer, else as asked."""
        told = (answer.get("periods") or [None])[0] or query["period"]
        return date.fromisoformat(told["from"]), date.fromisoformat(told["to"])

    def _cells(self, asker: Asker, answer: Mapping[str, Any], query: Mapping[str, Any]) -> Iterator[str]:
        """Cells with a figure behind which stand too few, or mostly one."""
        if self.own_only(asker, query):
            return
        yield from self._explained(query, answer)
        if self.is_shared(query) and "person" not in query["by"]:
            yield from self._shared(query, answer)
            return
        own_staff = set((query.get("about") or {}).get("person") or ())
        if own_staff and own_staff <= self.own_people(asker):
            for login in own_staff:
                yield from self._person_row(asker, {"person": login}, query, answer)
            return
        for row in rows_of(answer):
            metric = self.metrics.get(row.get("metric") or query["metrics"][0])
            if metric is None or "person" not in self.columns[metric["key"]] or not figures(row, metric["key"]):
                continue
            if any(row.get(k) is None for k in {*query["by"], *row} if k in LEVELS and k in row):
                continue  # the others together
            team = row.get("team")
            if team and team not in self.own_teams(asker):
                if row.get("count") is not None or row.get("cases") is not None:
                    yield f"exact counts of {team}: {row}"
                continue
            if "person" in query["by"]:
                yield from self._person_row(asker, row, query, answer)
                continue
            people, biggest, total = self.behind(row, metric["key"], query, self._period(answer, query))
            if 0 < people < PEOPLE_MIN:
                yield f"{people} people behind {row}"
            elif people and total and biggest > total / 2:
                yield f"one person is {biggest} of {total} behind {row}"
            elif 0 < people < 10:
                value = row.get(metric["key"]) if metric["kind"] == "ratio" else None
                if row.get("cases") is not None or (value is not None and abs(value - round(value, 2)) > 1e-9):
                    yield f"{people} people and not whole percent: {row}"
                if metric["kind"] == "ratio" and f"{row.get('count')} of" in str(answer.get("headline")):
                    yield f"{people} people and counts told: {answer['headline']}"

    def _explained(self, query: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
        """The weeks of a row on the standard: no exact week of fewer than ten people."""
        metric = self.metrics[query["metrics"][0]]
        if query.get("explain") != "streak" or "person" not in self.columns[metric["key"]] or self.is_shared(query):
            return
        for row in rows_of(answer):
            if row.get("cases") is not None:
                start = date.fromisoformat(str(row["week"])[:10])
                people, _, _ = self.behind({}, metric["key"], query, (start, start + timedelta(days=7)))
                if 0 < people < 10:
                    yield f"{people} people in the week of {row}"

    def is_shared(self, query: Mapping[str, Any]) -> bool:
        """Whether the teams asked for share in the work of others."""
        teams = [*(query["about"].get("team") or ()), *((query.get("where") or {}).get("team") or ())]
        works = {self.works.get(team) for team in teams}
        return bool(works & set((self.metrics[query["metrics"][0]].get("facts") or {}).get("credited") or ()))

    def _shared(self, query: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
        """Teams that share in the work of others: nobody is known behind it, so no day and no part of it."""
        start, end = self._period(answer, query)
        parts = [k for k in [*query["by"], *(query.get("where") or {})] if k not in (*LEVELS, "work")]
        if rows_of(answer) and (parts or query.get("grain") == "day"):
            yield f"a part of what nobody can be counted behind: {parts}"
        if any(row.get("cases") is not None for row in rows_of(answer)) and (start.weekday() or end.weekday()):
            yield f"exact from {start} to {end}, behind which nobody can be counted"

    def _person_row(
        self, asker: Asker, row: Mapping[str, Any], query: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> Iterator[str]:
        """A line about one person: the asker's, or a supervisor's own in whole blocks, or a recognised one."""
        login = row.get("person")
        if login is None or login == asker.login:
            return
        start, end = self._period(answer, query)
        if (end - start).days < SHORTEST or query.get("grain") or len(query["by"]) > 1:
            yield f"{login} over {start} to {end}, cut by {query['by']} {query.get('grain')}"
        if (start - date(2024, 1, 1)).days % 28 or (end - date(2024, 1, 1)).days % 28:
            yield f"{login} not in whole blocks: {start} to {end}"

    def own_only(self, asker: Asker, query: Mapping[str, Any]) -> bool:
        mine = [asker.login]
        return (query.get("about") or {}).get("person") == mine or (query.get("where") or {}).get("person") == mine

    def behind(
        self, row: Mapping[str, Any], metric: str, query: Mapping[str, Any], period: tuple[date, date]
    ) -> tuple[int, float, float]:
        """How many people are behind a row, the cases of the busiest, and all cases; straight from the roll-up."""
        where, values = self.condition(row, query, period)
        source = f"m_{metric} r JOIN calendar c ON c.day = r.day"
        inner = f"SELECT r.person AS person, sum(r.n) AS n FROM {source} WHERE {where} GROUP BY 1"
        sql = f"SELECT count(person), max(CASE WHEN person IS NOT NULL THEN n END), sum(n) FROM ({inner})"
        people, biggest, total = self.store.fetch(sql, values)[0]
        return int(people or 0), float(biggest or 0), float(total or 0)

    def condition(
        self, row: Mapping[str, Any], query: Mapping[str, Any], period: tuple[date, date]
    ) -> tuple[str, list[Any]]:
        """The raw rows that a row of the answer sums up."""
        keys = {k: [row[k]] for k in query["by"] if row.get(k) is not None}
        about = dict(query.get("about") or {})
        if "others" in (query.get("compare") or []):  # one row a unit of the own level, whatever `by` says
            about |= {k: [row[k]] for k in about if row.get(k) is not None}
        parts: list[Mapping[str, Any]] = [about, query.get("where") or {}, keys]
        clauses, values = [], []
        for part in parts:
            clause, more = self._where(part, None)
            clauses.append(clause)
            values += more
        clauses += [f"r.{k} IS NULL" for k in query["by"] if k in row and row[k] is None and k not in LEVELS]
        start, end = period
        if query.get("grain"):
            bucket = date.fromisoformat(str(row[query["grain"]])[:10])
            clauses.append(f"c.{query['grain']} = ?")
            values.append(bucket)
        clauses.append("r.day >= ? AND r.day < ?")
        return " AND ".join(clauses), [*values, start, end]

    def _where(self, part: Mapping[str, Any], period: tuple[date, date] | None) -> tuple[str, list[Any]]:
        clauses, values = ["true"], []
        for key, entry in part.items():
            if key == "company":
                continue
            out = isinstance(entry, Mapping)
            codes = list(entry["not"]) if isinstance(entry, Mapping) else list(entry)
            column = "c.weekday" if key == "weekday" else f"r.{key}" if period is None else key
            marks = ", ".join("?" * len(codes)) or "NULL"
            clauses.append(f"({column} IS NULL OR {column} NOT IN ({marks}))" if out else f"{column} IN ({marks})")
            values += codes
        if period is not None:
            clauses.append("day >= ? AND day < ?")
            values += list(period)
        return " AND ".join(clauses), values


def rows_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows by column."""
    return [dict(zip(answer.get("columns") or [], row, strict=True)) for row in answer.get("rows") or []]


def figures(row: Mapping[str, Any], metric: str) -> bool:
    """Whether a row shows any figure."""
    return any(row.get(key) is not None for key in (metric, "count", "cases", "value", "fair"))


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=i) for i in range((end - start).days)]
