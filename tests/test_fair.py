"""The fair number and what follows from it: each formula by hand, and the promises by simulation."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.fairness import fair, mix, moments, progress, simulate, standing
from queries.periods import Period
from queries.privacy.blocks import Blocks


def one_cell(n: list[float], x: list[float], prior: float = 160.0, better: int = -1) -> fair.Fair:
    table = mix.Cells(tuple(f"t{i:02}" for i in range(len(n))), np.array(n)[:, None] * 1.0, np.array(x)[:, None] * 1.0)
    return fair.rates(table, prior, better)


def test_the_fair_rate_is_the_rules_formula() -> None:
    n = np.array([[300.0, 100.0], [100.0, 500.0]])
    x = np.array([[12.0, 14.0], [6.0, 60.0]])
    board = fair.rates(mix.Cells(("a", "b"), n, x), 100.0, -1)
    p_s = [18 / 400, 74 / 600]
    p = 92 / 1000
    for i, (cases, events) in enumerate(zip(n, x, strict=True)):
        expected = sum(c * r for c, r in zip(cases, p_s, strict=True))
        ratio = (sum(events) + 100 * p) / (expected + 100 * p)
        assert board.value[i] == pytest.approx(p * ratio)
        assert board.variance[i] == pytest.approx(p**2 * (1 - p) * (sum(events) + 100 * p) / (expected + 100 * p) ** 2)
        assert board.plain[i] == pytest.approx(sum(events) / sum(cases))


def test_the_common_side_is_worked_on_the_rarer_one_and_mirrored() -> None:
    late = one_cell([400, 600, 500], [20, 45, 30])
    on_time = one_cell([400, 600, 500], [380, 555, 470], better=1)
    assert late.value + on_time.value == pytest.approx(np.ones(3))
    assert late.variance == pytest.approx(on_time.variance)
    assert late.low + on_time.high == pytest.approx(np.ones(3))
    assert standing.beats(late, 0.05) == pytest.approx(standing.beats(on_time, 0.95))


@given(st.lists(st.tuples(st.integers(1, 900), st.floats(0, 1)), min_size=2, max_size=12))
def test_late_and_on_time_are_always_one(units: list[tuple[int, float]]) -> None:
    n = [float(cases) for cases, _ in units]
    x = [float(round(cases * part)) for cases, part in units]
    if 0 < sum(x) < sum(n) and abs(sum(x) / sum(n) - 0.5) > 0.01:
        late, on_time = one_cell(n, x), one_cell(n, [a - b for a, b in zip(n, x, strict=True)], better=1)
        assert np.allclose(late.value + on_time.value, 1) and np.allclose(late.plain + on_time.plain, 1)
        assert list(standing.tiers(late)) == list(standing.tiers(on_time))


def test_averages_are_shrunk_by_their_reliability() -> None:
    table = mix.Cells(("a", "b"), np.array([[90.0], [10.0]]), np.array([[900.0], [200.0]]))
    board = fair.averages(table, sigma=5.0, prior=30.0, better=-1)
    assert board.value[0] == pytest.approx(11 + 90 / 120 * (10 - 11))
    assert board.value[1] == pytest.approx(11 + 10 / 40 * (20 - 11))
    assert board.variance == pytest.approx([25 / 120, 25 / 40])
    assert board.reliability == pytest.approx([0.75, 0.25])


def test_small_cells_are_merged_and_nothing_is_lost() -> None:
    table = mix.cells(["a"] * 80 + ["b"] * 80, [f"c{i % 80}" for i in range(160)], [150.0] * 160, [3.0] * 160)
    assert table.n.shape[1] == 60 and table.n.sum() == 160 * 150 and table.x.sum() == 480
    tiny = mix.cells(["a", "a", "b"], ["x", "y", "x"], [50, 60, 500], [1, 2, 3])
    assert tiny.n.shape == (2, 2) and tiny.n[0, 1] == 60


def test_wilson_is_known() -> None:
    low, high = fair.wilson(np.array([2.0]), np.array([9.0]), z=1.96)
    assert (round(float(low[0]), 4), round(float(high[0]), 4)) == (0.0632, 0.5474)


def test_the_prior_is_found_again() -> None:
    random = np.random.default_rng(3)
    truth = random.gamma(10, 0.007, 4000)
    n = np.full(4000, 400.0)
    prior = moments.prior_of_rates(n, random.binomial(400, truth).astype(float))
    assert math.sqrt(prior.tau2) == pytest.approx(0.07 / math.sqrt(10), rel=0.06) and prior.tells(n)


def test_without_real_differences_nobody_is_placed() -> None:
    """Acceptance 11: tau2 = 0."""
    random = np.random.default_rng(5)
    n = np.full(60, 10.0)
    lucky = next(x for _ in range(50) if moments.prior_of_rates(n, x := random.binomial(10, 0.07, 60) * 1.0).tau2 == 0)
    prior = moments.prior_of_rates(n, lucky)
    assert prior.m == moments.PRIOR_MOST and not prior.tells(n)


def test_mix_does_not_pass_for_skill() -> None:
    """Two kinds of work, equally skilled units: the adjusted spread is small, the raw one large."""
    random = np.random.default_rng(7)
    n = np.zeros((80, 2))
    n[:40, 0] = n[40:, 1] = 2000
    x = random.binomial(n.astype(int), [0.04, 0.12]).astype(float)
    table = mix.Cells(tuple(map(str, range(80))), n, x)
    totals = table.totals
    raw, even = moments.prior_of_rates(*totals), moments.prior_of_rates(*totals, mix.expected(table))
    assert even.tau2 < raw.tau2 / 20


def test_a_rural_technician_above_the_expected_is_above_typical() -> None:
    """Acceptance 4: raw 9 %, expected 10 %."""
    n = np.array([[50.0, 250.0], [600.0, 20.0], [600.0, 30.0], [60.0, 700.0]])
    x = np.array([[1.0, 26.0], [30.0, 3.0], [31.0, 4.0], [3.0, 79.0]])
    board = fair.rates(mix.Cells(("rural", "a", "b", "far"), n, x), 71.3, -1)
    assert board.plain[0] == pytest.approx(0.09) and board.expected[0] > 0.095
    assert board.value[0] < np.median(board.value) and board.plain[0] > np.median(board.plain)


def test_different_work_is_seen_by_the_overlap() -> None:
    n = np.array([[90.0, 10.0], [10.0, 900.0], [20.0, 980.0]])
    table = mix.Cells(("odd", "a", "b"), n, n * 0.05)
    assert list(mix.comparable(table)) == [False, True, True]
    assert mix.overlap(table)[1] == pytest.approx(min(10 / 910, 120 / 2010) + min(900 / 910, 1890 / 2010))


def test_the_direct_rate_is_the_rules_formula() -> None:
    n, x = np.array([[80.0, 20.0], [20.0, 80.0]]), np.array([[4.0, 2.0], [1.0, 6.0]])
    rate = [5 / 100, 8 / 100]
    expected = sum(0.5 * (x[0][s] + 20 * rate[s]) / (n[0][s] + 20) for s in range(2))
    assert mix.direct(mix.Cells(("a", "b"), n, x))[0] == pytest.approx(expected)


# --- differences, places, names -----------------------------------------------------------------------------------


def test_among_fewer_than_four_the_standard_is_the_only_rung() -> None:
    """The typical one, the top quarter or a place of two or three would be somebody's own figure."""
    few, enough = one_cell([260] * 3, [16, 19, 25]), one_cell([260] * 4, [16, 19, 25, 22])
    assert list(standing.rungs(few, 0.05)) == ["standard"] and not standing.rungs(few, None)
    assert len(standing.rungs(enough, 0.05)) == 4
    assert standing.next_step(few, 2, 260, 0.05, ("place", 1)).count is None


def test_two_teams_of_a_week_are_joint() -> None:
    """Acceptance 2: 6.1 % and 7.4 % of 260 visits."""
    board = one_cell([260] * 20, [16] + [19] * 19)
    found = standing.difference((0.061, float(board.variance[0])), (0.074, float(board.variance[1])), -1, 0.05)
    assert found.verdict in (standing.SAME, standing.EARLY)
    assert standing.difference((0.061, 0.00022), (0.074, 0.00026), -1, 0.05).verdict == standing.SAME
    place = standing.place(board, 0)
    assert place is not None and place.joint and place.low == 1
    assert len(set(standing.tiers(board))) == 1


def test_the_bands_of_a_difference() -> None:
    at = lambda z: standing.difference((0.07 - z * 0.01, 0.00005), (0.07, 0.00005), -1, 0.05)  # noqa: E731
    assert [at(z).verdict for z in (1.2, 1.5, 2.1)] == [standing.SAME, standing.EARLY, standing.REAL]
    assert at(2.1).better and not at(-2.1).better and at(1.2).better is None
    tiny = standing.difference((0.070, 1e-7), (0.073, 1e-7), -1, 0.05)
    assert tiny.verdict == standing.ABOUT and abs(tiny.z) > 1.96
    assert standing.difference((0.07, 5e-5), (0.10, 5e-5), -1, 0.05, clear=3.5).verdict == standing.EARLY


def test_what_a_week_can_show_at_all() -> None:
    shown = [standing.smallest_visible(0.07, 264), standing.smallest_visible(0.07, 264, 264)]
    shown.append(standing.smallest_visible(0.07, 22, 22))
    assert [round(100 * s, 1) for s in shown] == [3.1, 4.4, 15.1]


def test_a_clear_team_is_named_in_tier_one() -> None:
    """Acceptance 3: 3.0 % of 3,600 visits, standard 5 %."""
    board = one_cell([3600] * 20, [108] + [230 + 3 * i for i in range(19)])
    named = standing.named_part(board, 0.05, 380)
    assert [board.units[i] for i in np.flatnonzero(named)] == ["t00"]
    assert standing.shown_top(board, named, None) == [(1, ["t00"])]


def test_none_late_of_25_gives_no_place_and_no_name() -> None:
    """Acceptance 1."""
    minimum = {"counts_below": 10, "person": {"place": 75, "named": 170}, "group": {"place": 165, "named": 380}}
    assert standing.sample(25, minimum, people=True) == standing.INTERVAL
    board = one_cell([25] * 40, [0] + [2] * 39, prior=71.3)
    assert not standing.qualifies(board, 0.05, 170)[0]
    kinds = [standing.sample(n, minimum, people=False) for n in (9, 100, 200, 500)]
    assert kinds == [standing.COUNTS, standing.INTERVAL, standing.PLACE, standing.NAMED]


def test_the_named_part_is_the_top_tenth_at_least_one_at_most_ten() -> None:
    for count, most in ((6, 1), (30, 3), (215, 10)):
        board = one_cell([5000] * count, [50 + i % 3 for i in range(count)])
        assert standing.named_part(board, 0.05, 380).sum() == most
    fine = np.array([False] + [True] * 29)
    board = one_cell([5000] * 30, [10] + [60 + i for i in range(29)])
    assert not standing.named_part(board, 0.05, 380, fine)[0]


def test_a_tier_is_answered_whole_in_alphabetical_order() -> None:
    board = one_cell([4000] * 60, [100, 99, 101, 98, 100, 99] + [260 + i for i in range(54)])
    named = standing.named_part(board, 0.05, 380)
    assert standing.shown_top(board, named, 2) == [(1, ["t00", "t01", "t02", "t03", "t04", "t05"])]


def test_nobody_is_told_or_can_work_out_that_they_are_last() -> None:
    spread = [40 + 12 * i for i in range(40)]
    board = one_cell([4000] * 40, spread, prior=10)
    places = [standing.place(board, i) for i in range(40)]
    assert all(place is None for place in places[-4:]) and sum(place is None for place in places) == 4
    assert max(place.low for place in places if place) <= 36
    assert {place.of for place in places if place} == {40}
    assert {
        place.of
        for i in range(47)
        if (place := standing.place(one_cell([4000] * 47, [40 + 12 * j for j in range(47)]), i))
    } == {40}
    tied = one_cell([200] * 4, [14, 15, 16, 17])
    assert standing.place(tied, 3) == standing.Place(1, 4, 4), "a tie is a tie, also for the one behind"
    assert standing.place(one_cell([200] * 3, [14, 15, 16]), 0) is None
    few = one_cell([4000] * 12, [40 + 40 * i for i in range(12)], prior=10)
    assert standing.place(few, 11) is None and standing.place(few, 10) is None


def test_bands_are_three() -> None:
    board = one_cell([3000] * 3, [90, 150, 260], prior=10)
    assert list(standing.bands(board, 0.05)) == ["doing_well", "as_expected", "would_welcome_help"]


# --- the next step ------------------------------------------------------------------------------------------------


def test_the_ladder_goes_to_the_typical_first_and_counts() -> None:
    board = one_cell([1000] * 21, [30 + 4 * i for i in range(21)], prior=10)
    step = standing.next_step(board, 18, 100, 0.05)
    assert step.rung == "typical" and step.count == math.ceil(100 * (board.value[18] - np.median(board.value)) - 1e-9)
    assert standing.next_step(board, 8, 100, 0.05).rung == "standard"
    assert standing.next_step(board, 5, 100, 0.05).rung == "top_quarter" or board.value[5] > 0.05
    assert standing.next_step(board, 0, 100, 0.05).rung is None
    assert standing.next_step(board, 18, 100, 0.05, target="standard").rung == "standard"
    third = standing.next_step(board, 18, 100, 0.05, target=("place", 3))
    assert third.value == pytest.approx(board.value[2])


def test_a_long_way_is_offered_in_halves() -> None:
    board = one_cell([1000] * 21, [30] * 20 + [200], prior=10)
    step = standing.next_step(board, 20, 100, 0.05)
    assert step.count and step.half == math.ceil(step.count / 2)
    assert standing.next_step(one_cell([1000] * 3, [50, 51, 53]), 2, 100, 0.05).half is None


def test_higher_is_better_has_the_same_ladder_turned() -> None:
    low = one_cell([1000] * 21, [30 + 4 * i for i in range(21)], prior=10)
    high = one_cell([1000] * 21, [970 - 4 * i for i in range(21)], prior=10, better=1)
    for i in (3, 9, 18):
        a, b = standing.next_step(low, i, 100, 0.05), standing.next_step(high, i, 100, 0.95)
        assert (a.rung, a.count, a.half) == (b.rung, b.count, b.half)


# --- change -------------------------------------------------------------------------------------------------------


def test_contributions_add_up() -> None:
    random = np.random.default_rng(1)
    n0, n1 = random.integers(0, 500, 12) * 1.0, random.integers(0, 500, 12) * 1.0
    x0, x1 = np.floor(n0 * random.random(12)), np.floor(n1 * random.random(12))
    parts, change = progress.contributions([str(i) for i in range(12)], x0, n0, x1, n1)
    assert sum(part.both for part in parts) == pytest.approx(change)
    assert change == pytest.approx(x1.sum() / n1.sum() - x0.sum() / n0.sum())
    assert [abs(p.both) for p in parts] == sorted((abs(p.both) for p in parts), reverse=True)


def test_a_mere_change_of_mix_is_told_as_such() -> None:
    parts, change = progress.contributions(
        ["easy", "hard"],
        np.array([4.0, 10.0]),
        np.array([100.0, 100.0]),
        np.array([2.0, 15.0]),
        np.array([50.0, 150.0]),
    )
    assert change == pytest.approx(0.015) and sum(p.own for p in parts) == pytest.approx(0)


def test_streaks_pause_and_have_milestones() -> None:
    assert progress.streak([False, True, True, None, True]) == 3
    assert progress.streak([True, False]) == 0 and progress.streak([]) == 0
    assert [progress.milestone(w) for w in (3, 4, 12, 13, 60)] == [0, 4, 8, 13, 52]


def test_personal_best_is_more_than_a_lucky_month() -> None:
    n = np.full(52, 25.0)
    even = np.full(52, 2.0)
    assert not progress.personal_best(even, n, -1, 75).clear  # type: ignore[union-attr]
    better = even.copy()
    better[-4:] = [0, 0, 1, 0]
    best = progress.personal_best(better, n, -1, 75)
    assert best and best.is_now and best.clear and best.n == 100
    assert progress.personal_best(even, np.full(52, 5.0), -1, 75) is None


def test_low_starts_alone_are_no_improvement() -> None:
    raw, corrected = simulate.improvement_check(40, 2)
    assert raw > 0.2 and corrected < 0.1


def test_a_real_improvement_is_seen() -> None:
    random = np.random.default_rng(4)
    before = one_cell([1500] * 40, list(random.binomial(1500, 0.07, 40) * 1.0))
    x = random.binomial(1500, 0.07, 40) * 1.0
    x[7] = 52
    assert progress.improved(one_cell([1500] * 40, list(x)), before).clear[7]


def test_counter_metrics_hold_back() -> None:
    now = one_cell([800, 800, 800], [12, 60, 24], prior=10)
    before = one_cell([800, 800, 800], [12, 60, 4], prior=10)
    assert list(progress.held_back(now, None, 0.03)) == [False, True, False]
    assert list(progress.held_back(now, before, None)) == [False, False, True]


def test_an_area_is_lifted_when_all_its_teams_are_on_the_standard() -> None:
    board = one_cell([4000] * 4, [150, 160, 150, 320], prior=10)
    assert progress.lifted_together(board, 0.05, ["Bay", "Bay", "Delta", "Delta"]) == ["Bay"]


def test_settling_cases_are_left_out() -> None:
    """Acceptance 9: installs of this week are still settling."""
    today = date(2026, 11, 18)
    assert progress.matured(Period(date(2026, 11, 16), date(2026, 11, 19)), today, 30) is None
    week = progress.last_matured_week(today, 30)
    assert week == Period(date(2026, 10, 12), date(2026, 10, 19)) and week.last + timedelta(days=30) <= today
    assert progress.matured(Period(date(2026, 10, 1), date(2026, 11, 1)), today, 0) == Period(
        date(2026, 10, 1), date(2026, 11, 1)
    )


def test_the_yardstick_moves_once_a_quarter() -> None:
    spans = {progress.prior_period(date(2026, 10, 1) + timedelta(days=i)) for i in range(92)}
    assert len(spans) == 1 and next(iter(spans)).days == 182


def test_funnel_limits_are_binomial_and_widened() -> None:
    n = np.full(50, 400.0)
    even, factor = standing.funnel(n * 0.05, n, 0.05)
    assert factor == 1.0 and even.high95[0] == pytest.approx(0.05 + 1.96 * math.sqrt(0.05 * 0.95 / 400))
    random = np.random.default_rng(1)
    _, wide = standing.funnel(random.binomial(400, random.beta(5, 95, 50)) * 1.0, n, 0.05)
    assert wide > 1.5


@given(st.dates(date(2024, 3, 1), date(2027, 1, 1)), st.integers(28, 400), st.integers(0, 60))
def test_blocks_are_whole_sealed_and_near(start: date, days: int, later: int) -> None:
    blocks = Blocks()
    period = Period(start, start + timedelta(days=days))
    today = period.end + timedelta(days=later)
    fit = blocks.best_fit(period, today)
    assert (fit.start - blocks.anchor).days % 28 == 0 and fit.days % 28 == 0
    assert fit.end + timedelta(days=blocks.sealed_after) <= today
    assert abs(fit.days - days) <= 14 or fit.days == 28
    if later >= 40:
        assert abs((fit.start - start).days) <= 28


# --- promises -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", simulate.SETTINGS, ids=lambda s: s.name)
def test_the_promises_hold_in_the_simulation(setting: simulate.Setting) -> None:
    found = simulate.simulate(setting, runs=60 if setting.units < 500 else 8, seed=11)
    assert 0.88 <= found.coverage <= 0.92
    assert found.right >= 0.9 and found.capped_share >= 0.9 and found.held >= 0.5
    assert found.places_right / found.places >= 0.93
    rural = found.rural / found.units
    assert found.rural_last_fair / found.last <= rural + 0.08
    if not setting.inside:
        assert found.rural_last_raw / found.last > 2 * rural


def test_a_week_of_a_technician_names_nobody() -> None:
    assert simulate.simulate(simulate.SETTINGS[1], runs=4, seed=1).named == 0
