"""All feeds and snapshots of the sample company, and how they are shared out over processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.sample import (
    out_calls,
    out_cases,
    out_customers,
    out_fsm,
    out_menu,
    out_messages,
    out_money,
    out_network,
    out_orders,
    out_people,
    out_phone,
    out_screens,
    out_sms,
    out_surveys,
    out_tasks,
    out_teams,
    out_tickets,
    out_voice,
    out_work,
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
    *out_fsm.FEEDS,
    *out_phone.FEEDS,
    *out_sms.FEEDS,
    *out_work.FEEDS,
    *out_orders.FEEDS,
    *out_tickets.FEEDS,
    *out_calls.FEEDS,
    *out_surveys.FEEDS,
    *out_customers.FEEDS,
    *out_cases.FEEDS,
    *out_menu.FEEDS,
    *out_messages.FEEDS,
    *out_screens.FEEDS,
    *out_network.FEEDS,
    *out_voice.FEEDS,
    *out_money.FEEDS,
]
SNAPSHOTS = [
    Snapshot("hr_people", out_people.snapshot),
    Snapshot("customer_delta", lambda *_: 0, out_customers.take_over),
    Snapshot("follow_up_tasks", out_tasks.tasks),
    Snapshot("qa_scores", out_voice.qa_book),
    Snapshot("greeting_cards", out_money.cards),
    Snapshot("community_kb", out_teams.community),
    Snapshot("wfm_schedule", out_teams.schedule),
]
WEIGHT = {
    "hr_people": 0.3,
    "work_orders": 0.8,
    "install_orders": 0.8,
    "sms_gateway": 1.2,
    "tech_mobile_events": 1.2,
    "fsm_appointments": 2.4,
    "vehicle_gps": 1.0,
    "parts_logistics": 0.8,
    "network_outages": 1.0,
    "loyalty_offers": 0.6,
    "wfm_schedule": 2.0,
    "community_kb": 1.5,
    "greeting_cards": 0.5,
    "customer_delta": 1.8,
    "trouble_tickets": 2.4,
    "billing_adjustments": 1.2,
    "crm_cases": 1.8,
    "crm_touches": 1.8,
    "follow_up_tasks": 1.2,
    "qa_scores": 0.8,
    "voice_themes": 1.6,
    "agent_desktop": 2.0,
    "ivr_log": 1.4,
    "messaging": 2.2,
    "acd_calls": 4.5,
    "survey_vendor": 3.5,
}
"""How heavy a source is to write, roughly, in an order in which neighbours share the truth they tell about."""


def feeds() -> list[Feed]:
    return FEEDS


def snapshots() -> list[Snapshot]:
    return SNAPSHOTS


def names() -> list[str]:
    """All sources."""
    return list(dict.fromkeys([f.source for f in FEEDS] + [s.source for s in SNAPSHOTS]))


def groups(sources: Sequence[str], workers: int) -> list[list[str]]:
    """The wanted sources (all when none are named) in about equally heavy groups of neighbours."""
    wanted = [n for n in WEIGHT if n in names() and (not sources or n in sources)]
    held: list[list[str]] = [[] for _ in range(max(1, min(workers, len(wanted))))]
    total = sum(WEIGHT[n] for n in wanted)
    done = 0.0
    for name in wanted:
        held[min(len(held) - 1, int((done + WEIGHT[name] / 2) / total * len(held)))].append(name)
        done += WEIGHT[name]
    return [group for group in held if group]
