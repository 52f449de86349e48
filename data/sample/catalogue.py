"""All feeds and snapshots of the sample company, and how they are shared out over processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.sample import out_calls, out_customers, out_jobs, out_people, out_surveys, out_visits
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


def feeds() -> list[Feed]:
    return [*out_visits.FEEDS, *out_jobs.FEEDS, *out_calls.FEEDS, *out_surveys.FEEDS, *out_customers.FEEDS]


def snapshots() -> list[Snapshot]:
    return [
        Snapshot("hr_people", out_people.snapshot),
        Snapshot("customer_delta", lambda *_: 0, out_customers.take_over),
    ]


WEIGHT = {"acd_calls": 5, "survey_vendor": 3, "customer_delta": 2, "fsm_appointments": 3, "trouble_tickets": 3}


def names() -> list[str]:
    return list(dict.fromkeys([f.source for f in feeds()] + [s.source for s in snapshots()]))


def groups(sources: Sequence[str], workers: int) -> list[list[str]]:
    """Sources in about equally heavy groups; sources that need contacts stay together."""
    wanted = [n for n in names() if not sources or n in sources]
    held: list[tuple[float, list[str]]] = [(0.0, []) for _ in range(max(1, min(workers, len(wanted))))]
    for name in sorted(wanted, key=lambda n: -WEIGHT.get(n, 1)):
        load, group = min(held, key=lambda g: g[0])
        held[held.index((load, group))] = (load + WEIGHT.get(name, 1), [*group, name])
    return [group for _, group in held if group]
