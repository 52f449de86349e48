"""All feeds and snapshots of the sample company, and how they are shared out over processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.sample import (
    out_calls,
    out_cases,
    out_customers,
    out_jobs,
    out_messages,
    out_money,
    out_network,
    out_people,
    out_surveys,
    out_teams,
    out_visits,
    out_voice,
)
from data.sample.world import World
from data.sample.writing import Feed


@dataclass(frozen=True)
class Snapshot:
    """A source that a system hands over as a whole each time."""

    source: str
    write: Callable[[World, Path, int], int]
    """World, folder of the source, delivery day -> rows."""
    start: Callable[[World, Path, int], int] | None = None
    """Written once at the start (world, folder, first day)."""

    def begin(self, world: World, out: Path, first: int) -> int:
        return self.start(world, out / self.source, first) if self.start else 0

    def day(self, world: World, out: Path, day: int) -> int:
        return self.write(world, out / self.source, day)


FEEDS = [
    *out_visits.FEEDS,
    *out_jobs.FEEDS,
    *out_calls.FEEDS,
    *out_surveys.FEEDS,
    *out_customers.FEEDS,
    *out_cases.FEEDS,
    *out_messages.FEEDS,
    *out_network.FEEDS,
    *out_voice.FEEDS,
    *out_money.FEEDS,
]
SNAPSHOTS = [
    Snapshot("hr_people", out_people.snapshot),
    Snapshot("customer_delta", lambda *_: 0, out_customers.take_over),
    Snapshot("follow_up_tasks", out_cases.tasks),
    Snapshot("qa_scores", out_voice.qa_book),
    Snapshot("greeting_cards", out_money.cards),
    Snapshot("community_kb", out_teams.community),
    Snapshot("wfm_schedule", out_teams.schedule),
]
WEIGHT = {
    "acd_calls": 5,
    "survey_vendor": 3,
    "customer_delta": 2,
    "fsm_appointments": 3,
    "trouble_tickets": 3,
    "wfm_schedule": 3,
    "messaging": 3,
    "ivr_log": 3,
    "vehicle_gps": 3,
    "agent_desktop": 2,
    "crm_touches": 2,
    "crm_cases": 2,
    "community_kb": 2,
    "network_outages": 2,
    "voice_themes": 2,
}
"""How heavy a source is to write, roughly."""


def feeds() -> list[Feed]:
    return FEEDS


def snapshots() -> list[Snapshot]:
    return SNAPSHOTS


def names() -> list[str]:
    """All sources."""
    return list(dict.fromkeys([f.source for f in FEEDS] + [s.source for s in SNAPSHOTS]))


def groups(sources: Sequence[str], workers: int) -> list[list[str]]:
    """The wanted sources (all when none are named) in about equally heavy groups."""
    wanted = [n for n in names() if not sources or n in sources]
    held: list[tuple[float, list[str]]] = [(0.0, []) for _ in range(max(1, min(workers, len(wanted))))]
    for name in sorted(wanted, key=lambda n: -WEIGHT.get(n, 1)):
        load, group = min(held, key=lambda g: g[0])
        held[held.index((load, group))] = (load + WEIGHT.get(name, 1), [*group, name])
    return [group for _, group in held if group]
