"""Each number of sections 5-8 of the rules at its edge: what lies just inside, just outside, and by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from queries.fairness import fair, mix, moments, progress, standing
from queries.periods import Period
from tests.test_fair import one_cell

# --- section 5: the fair number ----------------------------------------------------------------------------------


def test_cells_under_two_hundred_cases_are_merged() -> None:
    table = mix.cells(["a"] * 3, ["x", "y", "z"], [200, 199, 500], [1, 1, 1])
    assert sorted(table.n.sum(axis=0)) == [199, 200, 500] and mix.CELL_LEAST == 200
    both = mix.cells(["a"] * 4, ["x", "y", "z", "w"], [200, 199, 500, 150], [1, 1, 1, 1])
    assert sorted(both.n.sum(axis=0)) == [200, 349, 500]


def test_a_fair_rate_is_at_most_one() -> None:
    n, x = np.array([[100.0, 0.0], [900.0, 1000.0]]), np.array([[100.0, 0.0], [100.0, 700.0]])
    board = fair.rates(mix.Cells(("a", "b"), n, x), 10.0, -1)
    assert board.value[0] == 1.0 and board.value[1] < 1, "five times the events that easy work brings, at 45 % overall"


def test_the_prior_by_hand_and_kept_within_ten_and_five_thousand() -> None:
    n, x = np.array([100.0, 100.0, 200.0]), np.array([5.0, 15.0, 20.0])
    r, total = 40 / 400, 400.0
    spread = sum(c * (e / c - r) ** 2 for c, e in zip(n, x, strict=True)) - 2 * r * (1 - r)
    tau2 = spread / (total - float((n**2).sum()) / total)
    found = moments.prior_of_rates(n, x)
    assert found.tau2 == pytest.approx(tau2) and found.m == pytest.approx(r * (1 - r) / tau2 - 1)
    assert moments.prior_of_rates(np.full(20, 500.0), np.array([0.0, 400.0] * 10)).m == 10
    assert (moments.PRIOR_LEAST, moments.PRIOR_MOST) == (10, 5000)


def test_nobody_is_placed_under_a_reliability_of_three_tenths_or_without_spread() -> None:
    n = np.full(9, 30.0)
    assert moments.Prior(70.0, 0.01).tells(n) and not moments.Prior(70.1, 0.01).tells(n)
    assert not moments.Prior(10.0, 0.0).tells(np.full(9, 1e6)), "tau2 = 0, however many cases"
    assert not moments.Prior(10.0, 0.01).tells(np.array([]))


def test_half_of_the_work_has_to_be_like_the_others() -> None:
    def own(share: float) -> bool:
        table = mix.Cells(("odd", "rest"), np.array([[share * 100, 100 - share * 100], [1e9, 0.0]]), np.ones((2, 2)))
        return bool(mix.comparable(table)[0])

    assert own(0.51) and not own(0.49) and mix.OVERLAP_LEAST == 0.5


def test_a_unit_that_the_direct_rate_moves_by_more_than_fifteen_in_a_hundred_gets_a_range_only() -> None:
    """Twenty units: three places are the fifteen of a hundred. The order is turned for one unit only."""
    n = np.full((20, 1), 1000.0)
    x = (np.arange(20.0) + 20)[:, None]
    table = mix.Cells(tuple(f"t{i:02}" for i in range(20)), n, x)
    board = fair.rates(table, 50.0, -1)
    for at, far in ((5, False), (4, True)):
        swapped = board.value.copy()
        swapped[8] = board.value[at] + 1e-6 if at == 5 else board.value[at] - 1e-6
        flags = fair.moved(table, fair.Fair(board.units, swapped, board.variance, board.plain, board.n, board.expected,
                                           board.prior, board.better, board.whole))  # fmt: skip
        assert bool(flags[8]) is far and not flags[np.arange(20) != 8].any()


def test_several_units_as_one_are_weighted_by_their_cases() -> None:
    board = one_cell([300, 100, 600], [12, 10, 30])
    value, variance = fair.pooled(board, np.array([True, True, False]))
    assert value == pytest.approx(0.75 * board.value[0] + 0.25 * board.value[1])
    assert variance == pytest.approx(0.75**2 * board.variance[0] + 0.25**2 * board.variance[1])


def test_the_interval_is_that_of_ninety_percent() -> None:
    table = mix.Cells(("a", "b"), np.array([[90.0], [90.0]]), np.array([[900.0], [990.0]]))
    board = fair.averages(table, sigma=5.0, prior=10.0, better=1)
    assert board.high - board.value == pytest.approx(1.6449 * np.sqrt(board.variance), rel=1e-3)


# --- section 6: when is a difference real -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("z", "verdict"),
    [(1.27, standing.SAME), (-1.27, standing.SAME), (1.29, standing.EARLY), (1.95, standing.EARLY),
     (1.97, standing.REAL), (-1.97, standing.REAL)],
)  # fmt: skip
def test_the_bands_begin_at_their_numbers(z: float, verdict: str) -> None:
    assert standing.difference((0.07 + z * 0.01, 0.00005), (0.07, 0.00005), -1, 0.05).verdict == verdict


def test_a_real_difference_is_also_half_a_point_and_a_twentieth_of_the_standard() -> None:
    def verdict(gap: float, goal: float, points: bool = True) -> str:
        return standing.difference((0.3 + gap, 1e-9), (0.3, 1e-9), -1, goal, points).verdict

    assert verdict(0.0049, 0.05) == standing.ABOUT and verdict(0.0051, 0.05) == standing.REAL
    assert verdict(0.0099, 0.2) == standing.ABOUT and verdict(0.0101, 0.2) == standing.REAL
    assert verdict(0.0026, 0.05, points=False) == standing.REAL


# --- section 7: order, cut, ties ----------------------------------------------------------------------------------


def normal(values: list[float], spread: float = 1.0, better: int = -1) -> fair.Fair:
    value, n = np.array(values, float), np.full(len(values), 1000.0)
    return fair.Fair(
        tuple(f"t{i:02}" for i in range(len(values))), value, np.full(len(values), spread**2), value, n, value, 100.0,
        better, float(np.mean(value)),
    )  # fmt: skip


def test_a_tier_is_measured_from_its_first() -> None:
    step = 1.0 * math.sqrt(2)  # z = 1 between neighbours, 2 between the first and the third
    assert list(standing.tiers(normal([0, step, 2 * step, 3 * step]))) == [1, 1, 2, 2]


def test_as_many_as_asked_are_whole_tiers_and_no_more() -> None:
    board = normal([0, 0, 50, 50, 50, 99, 150, 200, 250, 300])
    named = np.array([True] * 6 + [False] * 4)
    assert [names for _, names in standing.shown_top(board, named, 2)] == [["t00", "t01"]]
    assert [len(names) for _, names in standing.shown_top(board, named, 3)] == [2, 3]
    turned = normal([1, 0, 50, 60, 70, 80, 90, 95, 98, 99])
    assert standing.shown_top(turned, np.array([True, True] + [False] * 8), None)[0][1] == ["t00", "t01"]


def test_a_place_needs_three_others_and_counts_the_clearly_better_and_worse() -> None:
    assert standing.place(normal([0, 5, 10]), 0) is None
    assert standing.place(normal([0, 5, 10, 15]), 0) == standing.Place(1, 1, 4)
    found = standing.place(normal([0, 5, 5.5, 10, 20, 30, 40, 50, 60, 70]), 2)
    assert found == standing.Place(2, 3, 10) and found.joint


def test_the_next_step_goes_half_way_from_a_quarter_of_the_events_on_and_is_one_case_at_least() -> None:
    board = one_cell([1000] * 21, [50] * 20 + [70], prior=10)
    gap, events = float(board.value[20] - np.median(board.value)), 100 * float(board.value[20])
    step = standing.next_step(board, 20, 100, 0.05)
    assert step.count == math.ceil(100 * gap)
    assert (step.half is not None) == (step.count > 2 and step.count > events / 4)
    third = standing.next_step(one_cell([1000] * 21, [50] * 20 + [80], prior=10), 20, 1000, 0.05)
    assert third.half == math.ceil((third.count or 0) / 2), "three eighths of the events: half the way is offered"
    for cases in (1, 0):
        near = standing.next_step(one_cell([1000] * 21, [50] * 20 + [51], prior=10), 20, cases, 0.04)
        assert near.rung == "typical" and near.count == 1


def test_the_funnel_has_two_limits_and_is_widened_without_the_odd_ones() -> None:
    n = np.full(50, 400.0)
    wide, factor = standing.funnel(n * 0.05, n, 0.05)
    error = math.sqrt(0.05 * 0.95 / 400)
    assert factor == 1 and wide.high998[0] == pytest.approx(0.05 + 3.09 * error)
    assert wide.low95[0] == pytest.approx(0.05 - 1.96 * error) and wide.low998[0] == pytest.approx(0.05 - 3.09 * error)
    odd = np.concatenate([np.full(48, 20.0), [200.0, 180.0]])
    assert standing.funnel(odd, n, 0.05)[1] == 1.0, "two odd ones among fifty do not widen the limits for all"


def test_a_unit_that_may_as_well_meet_the_standard_does_not_need_help() -> None:
    found = standing.bands(normal([0.0, 0.9, -0.9, 0.7, -0.7]), 0.0)
    assert list(found) == ["as_expected", "would_welcome_help", "doing_well", "as_expected", "as_expected"]


# --- section 8: special cases -------------------------------------------------------------------------------------


def test_counts_interval_place_and_name_begin_at_their_cases() -> None:
    minimum = {"counts_below": 10, "person": {"place": 75, "named": 170}}
    kinds = {standing.COUNTS: (9,), standing.INTERVAL: (10, 74), standing.PLACE: (75, 169), standing.NAMED: (170,)}
    for kind, edges in kinds.items():
        assert {standing.sample(n, minimum, people=True) for n in edges} == {kind}
    board = one_cell([380] * 4, [1, 30, 30, 30])
    assert standing.qualifies(board, 0.05, 380)[0] and not standing.qualifies(board, 0.05, 381)[0]


def test_the_first_thirteen_weeks_are_those_of_a_newcomer() -> None:
    today = date(2026, 11, 18)
    assert progress.is_newcomer(today - timedelta(days=90), today) and not progress.is_newcomer(None, today)
    assert not progress.is_newcomer(today - timedelta(days=91), today)


def test_a_case_counts_from_the_day_on_which_it_has_matured() -> None:
    today, month = date(2026, 11, 18), Period(date(2026, 10, 1), date(2026, 11, 1))
    found = progress.matured(month, today, 30)
    assert found is not None and found.last + timedelta(days=30) == today - timedelta(days=1) + timedelta(days=1)
    assert progress.matured(Period(found.end, month.end), today, 30) is None


# --- section 9: recognitions --------------------------------------------------------------------------------------


def test_a_personal_best_is_clear_from_a_z_on_and_the_newest_of_equals() -> None:
    n, x = np.full(52, 25.0), np.full(52, 3.0)
    for least, most, clear in ((5.0, 9.0, False), (0.0, 4.0, True)):
        tried = x.copy()
        tried[20:24] = [least / 2, least / 2, 0 if clear else 1.5, 1.5]
        found = progress.personal_best(tried, n, -1, 75)
        assert found and found.start == 20 and found.clear is clear and least <= most
        assert found.clear is (found.z >= 1.28)
    twice = x.copy()
    twice[10:14] = twice[30:34] = 0
    best = progress.personal_best(twice, n, -1, 75)
    assert best and best.start == 30


def test_worse_than_before_is_no_improvement_whatever_was_to_be_expected() -> None:
    """Everybody fell by five points and one by half a point: far above what was to be expected, and yet a fall."""
    before = one_cell([4000.0] * 40, [260.0 + 10 * (i % 5) for i in range(40)], prior=10)
    now = [460.0 + 10 * (i % 5) for i in range(39)]
    found = progress.improved(one_cell([4000.0] * 40, [*now, 320.0], prior=10), before)
    assert found.z[39] > 1.64 and not found.clear.any()
    assert progress.improved(one_cell([4000.0] * 40, [*now, 240.0], prior=10), before).clear[39]


def test_a_small_unit_needs_a_larger_change_than_its_luck() -> None:
    rest, even = [1400.0] * 30, [90.0 + 4 * (i % 5) for i in range(30)]
    for n, then, now, clear in ((40.0, 3.0, 1.0, False), (4000.0, 280.0, 80.0, True)):
        boards = [one_cell([*rest, n], [*even, x], prior=10) for x in (now, then)]
        assert bool(progress.improved(*boards).clear[30]) is clear
