"""Minimum cells, second suppression, dominance, rounding: the rules of section 3 on tallies."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from queries.privacy.redact import (
    FEW,
    FEW_CASES,
    ONE_PERSON,
    ROUNDED,
    SECOND,
    SHOWN,
    TOGETHER,
    WITHHELD,
    Tally,
    all_withheld,
    counted,
    listed,
    redact,
    spread_shown,
    two_digits,
    whole_percent,
)  # fmt: skip
from queries.privacy.scope import Scope

SCOPE = Scope()


def test_fewer_than_five_people_give_no_figure() -> None:
    cells = [Tally(("a",), 40, 4, 12), Tally(("b",), 40, 3, 15), Tally(("c",), 90, 12, 12)]
    cells.append(Tally(("d",), 95, 12, 12))
    assert redact(cells, SCOPE) == [FEW, FEW, SECOND, SHOWN], "two small ones together may still be the same few"
    assert counted(redact(cells, SCOPE)) == {FEW: 2, SECOND: 1}


def test_one_hidden_sibling_takes_the_next_smallest_with_it() -> None:
    """Acceptance 5: teams of 12, 12 and 4 people."""
    cells = [Tally(("t1",), 260, 12, 30), Tally(("t2",), 240, 12, 30), Tally(("t3",), 80, 4, 30)]
    assert redact(cells, SCOPE) == [SHOWN, SECOND, FEW]


def test_siblings_are_those_of_one_parent() -> None:
    area = {"t1": "x", "t2": "x", "t3": "y", "t4": "y"}
    cells = [Tally(("t1",), 99, 12, 9), Tally(("t2",), 80, 4, 30), Tally(("t3",), 70, 12, 9), Tally(("t4",), 90, 12, 9)]
    assert redact(cells, SCOPE, {0: area.__getitem__}) == [SECOND, FEW, SHOWN, SHOWN]


def test_days_of_a_series_are_siblings_too() -> None:
    cells = [Tally(("install", day), 30 + day, 2 if day == 6 else 10, 5) for day in range(7)]
    cells += [Tally(("repair", day), 30 + day, 10, 5) for day in range(7)]
    verdicts = redact(cells, SCOPE)
    assert verdicts[6] == FEW and verdicts[0] == SECOND, "the smallest other day of the same kind"
    assert verdicts[13] == SECOND and verdicts[7] == SECOND, "and the other kind of both days"


def test_half_of_the_rows_from_one_person_is_that_person() -> None:
    cells = [Tally(("a",), 100, 9, 51), Tally(("b",), 100, 12, 50), Tally(("c",), 200, 12, 20)]
    assert redact(cells, SCOPE) == [ONE_PERSON, SECOND, SHOWN]


def test_groups_of_five_to_nine_are_rounded() -> None:
    assert redact([Tally(("a",), 100, 5, 30), Tally(("b",), 90, 9, 20), Tally(("c",), 90, 10, 20)], SCOPE) == [
        ROUNDED, ROUNDED, SHOWN,
    ]  # fmt: skip
    assert whole_percent(0.0749) == 0.07 and (two_digits(24.53), two_digits(0.314)) == (25, 0.31)


def test_customers_have_their_own_minimum() -> None:
    scope = replace(SCOPE, cases_min=11)
    cells = [Tally(("a",), 10), Tally(("b",), 11), Tally(("c",), 500), Tally(("d",), 0)]
    assert redact(cells, scope) == [FEW_CASES, SECOND, SHOWN, SHOWN]


def test_two_dimensions_with_one_small_cell_give_nothing() -> None:
    scope = replace(SCOPE, all_or_nothing=True)
    cells = [Tally(("a", "x"), 90, 12, 9), Tally(("a", "y"), 90, 4, 9)]
    verdicts = redact(cells, scope)
    assert verdicts == [TOGETHER, TOGETHER] and all_withheld(cells, verdicts)
    assert redact(cells[:1], scope) == [SHOWN]


def test_own_figures_have_no_minimum() -> None:
    assert redact([Tally(("a",), 9, 1, 9)], replace(SCOPE, self_only=True)) == [SHOWN]
    assert redact([Tally(("me",), 9, 1, 9, open=True), Tally(("b",), 9, 1, 9, open=True)], SCOPE) == [SHOWN, SHOWN]


def test_small_groups_are_not_named_and_few_dots_not_drawn() -> None:
    assert not listed(7, SCOPE) and listed(8, SCOPE) and listed(None, SCOPE)
    assert not spread_shown(2, SCOPE) and spread_shown(3, SCOPE)
    assert not spread_shown(4, SCOPE, of_people=True) and spread_shown(5, SCOPE, of_people=True)
    assert not spread_shown(50, replace(SCOPE, spread=False))


def test_hidden_cells_together_are_no_smaller_than_a_cell_may_be() -> None:
    """Two cells of four customers are still eight: the next smallest goes with them."""
    scope = replace(SCOPE, cases_min=11)
    cells = [Tally(("a",), 4), Tally(("b",), 4), Tally(("c",), 12), Tally(("d",), 500)]
    assert redact(cells, scope) == [FEW_CASES, FEW_CASES, SECOND, SHOWN]
    assert redact([Tally(("a",), 6), Tally(("b",), 5), *cells[2:]], scope) == [FEW_CASES, FEW_CASES, SHOWN, SHOWN]


def test_what_the_asker_may_see_anyway_hides_nobody_else() -> None:
    """Whose figure is known covers nothing: another cell has to go beside the hidden one."""
    cells = [Tally(("me",), 5, 1, 5, open=True), Tally(("b",), 40, 3, 15), Tally(("c",), 60, 12, 9)]
    assert redact(cells, SCOPE) == [SHOWN, FEW, SECOND]


def test_all_is_withheld_when_no_cell_with_cases_is_left() -> None:
    cells = [Tally(("a",), 30, 3, 12), Tally(("b",), 90, 12, 9), Tally(("c",), 0)]
    assert not all_withheld(cells, [FEW, SHOWN, SHOWN]) and all_withheld(cells, [FEW, SECOND, SHOWN])
    assert not all_withheld(cells[2:], [SHOWN])


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 200), st.integers(1, 20)), max_size=14,
        unique_by=lambda t: t[:2],
    )
)  # fmt: skip
def test_no_family_ever_has_exactly_one_hidden_cell_beside_a_shown_one(cells: list[tuple[int, int, int, int]]) -> None:
    tallies = [Tally((a, b), n, people, n / people) for a, b, n, people in cells]
    verdicts = redact(tallies, SCOPE)
    for axis in (0, 1):
        for value in range(4):
            family = [i for i, t in enumerate(tallies) if t.keys[axis] == value and (t.n > 0 or t.people)]
            hidden = [i for i in family if verdicts[i] in WITHHELD]
            assert len(hidden) != 1 or not any(tallies[i].n > 0 for i in family if i not in hidden)
    for tally, verdict in zip(tallies, verdicts, strict=True):
        if tally.n > 0 and tally.people is not None and tally.people < 5:
            assert verdict in WITHHELD
