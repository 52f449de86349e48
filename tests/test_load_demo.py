"""The sample company's first start: what comes first, what follows, and that a start after a crash goes on."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path

from data import demo
from data.company import sample_company
from data.demo import Wanted, steps
from data.sample import cli
from data.work import Var

UNTIL = date(2026, 11, 18)


def test_the_newest_weeks_of_the_opening_sources_come_first() -> None:
    made = steps(Wanted("demo", 182, UNTIL), UNTIL, sample_company())
    assert (made[0].last - made[0].first).days == 27
    assert made[0].last == UNTIL
    assert made[0].newest
    assert (made[1].first, made[1].last) == (made[0].first, made[0].last)
    assert not set(made[0].sources) & set(made[1].sources)
    every = {path.stem for path in (sample_company() / "sources").glob("*.yml")}
    assert set(made[0].sources) | set(made[1].sources) == every
    assert all(set(step.sources) == every for step in made[2:])


def test_every_day_of_the_history_is_made_once() -> None:
    made = steps(Wanted("demo", 182, UNTIL), UNTIL, sample_company())
    days = [step.first.toordinal() + n for step in made[:1] + made[2:] for n in range(step.days)]
    assert sorted(days) == list(range(UNTIL.toordinal() - 181, UNTIL.toordinal() + 1))
    assert len({step.name for step in made}) == len(made)


def test_days_that_have_come_since_are_made_next(tmp_path: Path) -> None:
    made = steps(Wanted("demo", 182, date(2026, 11, 21)), UNTIL, sample_company())
    assert (made[2].first, made[2].last, made[2].newest) == (date(2026, 11, 19), date(2026, 11, 21), True)
    before = {step.name for step in steps(Wanted("demo", 182, UNTIL), UNTIL, sample_company())}
    assert before <= {step.name for step in made}


def test_the_next_step_is_made_gently_beside_the_loading(tmp_path: Path) -> None:
    """The first page waits for the loading alone."""
    wanted, company = Wanted("demo", 1, UNTIL, "hr_people"), sample_company()
    step = steps(wanted, UNTIL, company)[0]
    here = os.getpriority(os.PRIO_PROCESS, 0)
    for gentle in (False, True):
        making = demo._make(Var(tmp_path), wanted, UNTIL, step, gentle)
        try:
            assert os.getpriority(os.PRIO_PROCESS, making.pid) == (19 if gentle else here)
        finally:
            making.kill()
            making.wait()


def test_a_share_is_told_when_it_is_another_one() -> None:
    out = io.StringIO()
    tell = cli.meter(out)
    for share in (0.0, 0.001, 0.004, 0.5, 0.504, 1.0):
        tell(share)
    assert out.getvalue() == "\r  0%\r 50%\r100%"
