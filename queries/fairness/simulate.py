"""An independent simulation with known truth: do the fair numbers keep their promises?

    python -m queries simulate [--runs N] [--seed S]

It makes people and teams whose true effect is known, gives them work of very different difficulty (rural roads),
draws their late visits, lets `fair` and `standing` judge them, and prints how often they were right.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from queries.fairness import fair, mix, moments, progress, standing
from queries.fairness.mix import Array, Index

CELL_RATES = np.array([0.055, 0.075, 0.095, 0.125])
"""The rate everybody would have in each class of work: suburban, metro, rural, remote."""
CLASS_SHARES = np.array([0.45, 0.23, 0.21, 0.11])
HOME_SHARE = 0.8
"""Share of a unit's work in its own class; the rest is spread over all."""


@dataclass(frozen=True)
class Setting:
    """One situation: how many units with how many cases each, in now and in the weeks that set the prior."""

    name: str
    units: int
    cases: int
    history: int
    spread: float
    """Real spread of the units' effects, as a share of the rate."""
    inside: bool
    """Compared inside the own class of work (people) or over all (teams)."""
    standard: float = 0.05
    named_from: float = 170.0


SETTINGS = (
    Setting("technicians, 13 weeks", 1560, 325, 650, 0.43, True),
    Setting("technicians, 1 week", 1560, 25, 650, 0.43, True),
    Setting("teams, 4 weeks", 130, 1200, 7800, 0.28, False, named_from=380.0),
    Setting("teams, 1 week", 130, 300, 7800, 0.28, False, named_from=380.0),
)


@dataclass(frozen=True)
class Outcome:
    """Sums over units (and runs): they are added up before any share is taken."""

    covered: float = 0.0
    units: float = 0.0
    named: float = 0.0
    named_right: float = 0.0
    capped: float = 0.0
    capped_right: float = 0.0
    winners: float = 0.0
    winners_held: float = 0.0
    rural: float = 0.0
    rural_last_raw: float = 0.0
    rural_last_fair: float = 0.0
    last: float = 0.0
    places: float = 0.0
    places_right: float = 0.0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def coverage(self) -> float:
        return self.covered / self.units

    @property
    def right(self) -> float:
        return self.named_right / self.named if self.named else 1.0

    @property
    def capped_share(self) -> float:
        return self.capped_right / self.capped if self.capped else 1.0

    @property
    def held(self) -> float:
        return self.winners_held / self.winners if self.winners else 1.0


def run(setting: Setting, random: np.random.Generator) -> Outcome:
    """One made-up company, judged once."""
    home = random.choice(len(CELL_RATES), setting.units, p=CLASS_SHARES).astype(np.int64)
    shape = 1 / setting.spread**2
    effect = random.gamma(shape, 1 / shape, setting.units)
    past = draw(setting.history, home, effect, random)
    now = draw(setting.cases, home, effect, random)
    groups = [home == k for k in range(len(CELL_RATES))] if setting.inside else [home >= 0]
    found = Outcome()
    for group in groups:
        found += judge(setting, past, now, effect, home, group)
    return found


def true_figures(table: mix.Cells, effect: Array) -> Array:
    """What `fair` estimates, from the true rates: a unit's events by what all units' true rates give on its work."""
    own = table.n * effect[:, None] * CELL_RATES
    everybody = mix.share(own.sum(axis=0), table.n.sum(axis=0))
    whole = float(own.sum() / table.n.sum())
    found: Array = whole * own.sum(axis=1) / np.maximum(table.n @ everybody, 1e-12)
    return found


def draw(cases: int, home: Index, effect: Array, random: np.random.Generator) -> mix.Cells:
    """A table of cases and events: Poisson many cases a unit, most in its own class, events by rate times effect."""
    weights = (1 - HOME_SHARE) * np.tile(CLASS_SHARES, (len(home), 1))
    weights[np.arange(len(home)), home] += HOME_SHARE
    n = random.poisson(cases * weights).astype(float)
    x = random.binomial(n.astype(int), np.minimum(1.0, effect[:, None] * CELL_RATES)).astype(float)
    return mix.Cells(tuple(f"u{i:05}" for i in range(len(home))), n, x)


def judge(
    setting: Setting, past: mix.Cells, now: mix.Cells, effect: Array, home: Index, group: standing.Flags
) -> Outcome:
    """What the product would say of one peer group, held against the truth."""
    names = tuple(np.array(now.units)[group])
    then, table = mix.Cells(names, past.n[group], past.x[group]), mix.Cells(names, now.n[group], now.x[group])
    n, x = then.totals
    prior = moments.prior_of_rates(n, x, mix.expected(then))
    board = fair.rates(table, prior.m, -1)
    truth = true_figures(table, effect[group])
    covered = (board.low <= truth) & (truth <= board.high)
    named = standing.qualifies(board, setting.standard, setting.named_from)
    capped = standing.named_part(board, setting.standard, setting.named_from)
    right = truth < setting.standard
    error = np.sqrt(truth * (1 - truth) / np.maximum(board.n, 1.0))
    winners = (truth + 1.64 * error < setting.standard) & (board.n >= setting.named_from)
    return Outcome(
        covered.sum(), len(truth), named.sum(), (named & right).sum(), capped.sum(), (capped & right).sum(),
        winners.sum(), (winners & named).sum(), *_rural(board, home[group]), *_places(board, truth),
    )  # fmt: skip


def _rural(board: fair.Fair, home: Index) -> tuple[float, float, float, float]:
    """Share of rural and remote units in all, in the raw last tenth and in the fair last tenth."""
    rural, tenth = home >= 2, max(1, len(home) // 10)
    raw, even = np.argsort(-board.plain)[:tenth], np.argsort(-board.value)[:tenth]
    return float(rural.sum()), float(rural[raw].sum()), float(rural[even].sum()), float(tenth)


def _places(board: fair.Fair, truth: Array, sample: int = 25) -> tuple[float, float]:
    """How many place ranges hold the true place, of a few units spread over the list."""
    picked = np.linspace(0, len(truth) - 1, min(sample, len(truth))).astype(int)
    right = 0
    for i in picked:
        better, worse = standing.clearly_better(board, int(i))
        true = 1 + int((truth < truth[i]).sum())
        right += 1 + int(better.sum()) <= true <= len(truth) - int(worse.sum())
    return float(len(picked)), float(right)


def simulate(setting: Setting, runs: int, seed: int) -> Outcome:
    """Several made-up companies, added up. The same seed gives the same figures."""
    random = np.random.default_rng(seed)
    total = Outcome()
    for _ in range(runs):
        total += run(setting, random)
    return total


def improvement_check(runs: int, seed: int) -> tuple[float, float]:
    """Teams that did not change, some of which started low by luck: share called most improved, raw and corrected."""
    random = np.random.default_rng(seed)
    raw = corrected = 0.0
    for _ in range(runs):
        effect = random.gamma(12, 1 / 12, 130)
        home = np.zeros(130, dtype=np.int64)
        before, now = (fair.rates(draw(800, home, effect, random), 160.0, -1) for _ in range(2))
        low = np.argsort(-before.plain)[:13]
        fell = (before.plain - now.plain) / np.sqrt(np.maximum(now.plain * (1 - now.plain) / now.n, 1e-9)) > 1.64
        raw += float(fell[low].mean()) / runs
        corrected += float(progress.improved(now, before).clear[low].mean()) / runs
    return raw, corrected


def lines(setting: Setting, found: Outcome) -> list[str]:
    """The figures of one situation in words."""
    return [
        setting.name,
        f"  90 % intervals that hold the truth      {found.coverage:6.1%}   (must be 88-92 %)",
        f"  place ranges that hold the true place   {found.places_right / found.places:6.1%}",
        f"  beat the standard: called               {found.named / found.units:6.1%} of all, right {found.right:6.1%}",
        f"  named part (top tenth, at most ten)     right {found.capped_share:6.1%}   (at least 90 %)",
        f"  clear winners found                     {found.held:6.1%} of {found.winners:.0f}   (at least half)",
        f"  rural and remote: {found.rural / found.units:4.0%} of all, {found.rural_last_raw / found.last:4.0%} of the "
        f"raw last tenth, {found.rural_last_fair / found.last:4.0%} of the fair last tenth",
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """The command: prints the figures of every situation."""
    parser = argparse.ArgumentParser(prog="python -m queries simulate", description="Check the fair numbers.")
    parser.add_argument("--runs", type=int, default=20, help="made-up companies a situation (20)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    for setting in SETTINGS:
        print("\n".join(lines(setting, simulate(setting, options.runs, options.seed))))
    raw, corrected = improvement_check(options.runs, options.seed)
    print(f"most improved among low starts that did not change: plain {raw:.1%}, corrected {corrected:.1%}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
