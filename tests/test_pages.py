"""Every page for every role runs without an error, over a made-up store and made-up answers."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import pages
from pages.parts import answers, changes, figures, front, links, look, marks, tables, trends
from queries import catalogue as catalogues
from queries import directory as directories
from queries.answers.answer import Column
from queries.query import Query
from tests import deskstub, fakestore

STORE = fakestore.store("tiny", days=28)
CATALOGUE = catalogues.load(fakestore.FERNWAY)
DIRECTORY = directories.directory(STORE, CATALOGUE)
ROLES = {p.role: p.login for p in sorted(DIRECTORY.people.values(), key=lambda p: (p.work, p.login), reverse=True)}
CASES = [(role, page.path) for role in ROLES for page in pages.offered(role, CATALOGUE)]


def stub(login: str) -> deskstub.StubDesk:
    viewer = directories.viewer(login, DIRECTORY, CATALOGUE)
    assert viewer and DIRECTORY.last_day
    return deskstub.StubDesk(CATALOGUE, DIRECTORY, viewer, DIRECTORY.last_day, store=STORE)


def run(path: str, login: str, question: str = "") -> AppTest:
    def script(path: str, login: str) -> None:
        import importlib

        from tests import test_pages

        importlib.import_module(f"pages.{path}").show(test_pages.stub(login))

    at = AppTest.from_function(script, args=(path, login), default_timeout=20)
    if question:
        at.query_params["ask"] = question
    return at.run()


@pytest.mark.parametrize(("role", "path"), CASES)
def test_every_page_of_every_role_runs(role: str, path: str) -> None:
    at = run(path, ROLES[role])
    assert not at.exception, at.exception
    assert at.title, "a page begins with its title"


@pytest.mark.parametrize("role", list(ROLES))
@pytest.mark.parametrize(
    "question", ["late arrivals this week", "what was our revenue", "who is worst", "bay", "$x*_`[a](b)"]
)
def test_every_outcome_is_drawn_for_every_role(role: str, question: str) -> None:
    at = run("ask", ROLES[role], question)
    assert not at.exception, at.exception


def test_roles_and_pages_name_each_other() -> None:
    known = {page.path for page in pages.PAGES}
    for role, settings in CATALOGUE.company["roles"].items():
        assert set(settings.get("pages", ())) <= known, role


def test_the_freshness_line_tells_which_part_of_the_sources_is_behind() -> None:
    meta = {"as_of": "2026-11-18T15:00:00+00:00", "behind": ""}
    assert "source" not in front.freshness(meta)
    assert front.freshness({**meta, "behind": "2/26"}).endswith(" · 2 of 26 sources late or incomplete")


def test_a_link_opens_the_same_query_and_nothing_else() -> None:
    query = stub(ROLES["supervisor"])._query()
    assert links.read(links.write(query), CATALOGUE) == query
    hostile: list[Any] = [
        "", "{", "[]", "null", '{"metrics":["x"]}', '{"metrics":["csat"],"by":["people; drop"]}', "[" * 5000,
        '{"metrics":["csat"],"period":{"from":"x","to":"y"}}', '{"metrics":["csat"],"extra":1}',
        '{"metrics":"csat"}', '{"metrics":["csat"],"top":"all"}', '{"metrics":["csat"],"where":[1]}',
    ]  # fmt: skip
    assert [links.read(text, CATALOGUE) for text in hostile] == [None] * len(hostile)


def test_every_option_of_a_chip_is_a_query_that_can_be_linked() -> None:
    desk = stub(ROLES["supervisor"])
    setting = changes.Setting(CATALOGUE, DIRECTORY, desk.viewer, desk.today)
    made = changes.chips(desk._query(), setting)
    assert [chip.key for chip in made][:4] == ["what", "whose", "when", "against"]
    for chip in made:
        for option in chip.options:
            assert links.read(links.write(option.query), CATALOGUE) == option.query, option.label


def test_marks_keep_every_letter_and_escape_markup() -> None:
    import re

    question = "late <b>arrivals</b> & more"
    drawn = marks.html(question, [[0, 4, "understood"], [2, 9, "unused"], [20, 99, "unused"], [5, 16, "assumed"]])
    asked = drawn.split('<span class="gs-key"')[0].replace('<span class="gs-hidden"> (assumed)</span>', "")
    from html import unescape

    assert unescape(re.sub(r"<[^>]+>", "", asked)).strip() == f"“{question}”"


def test_pictures_are_plain_dicts_that_plotly_accepts() -> None:
    import plotly.graph_objects as go

    desk = stub(ROLES["supervisor"])
    for grain in (None, "week"):
        picture = desk.answer(desk._query().with_(grain=grain)).to_json()["picture"]
        figure = trends.trend(picture) if grain else figures.spread(picture)
        go.Figure(figure)
    empty = Query(metrics=("csat",))
    assert figures.spread({"rows": [], "unit": "%"})["data"] == []
    assert links.write(empty) == '{"metrics":["csat"]}'


def test_months_quarters_and_years_stand_by_name_below_their_points() -> None:
    def ticks(grain: str, days: list[str]) -> dict[str, Any]:
        rows = [{"date": day, "value": 0.1} for day in days]
        drawn = trends.trend({"unit": "%", "grain": grain, "series": [{"label": "Us", "own": True, "rows": rows}]})
        go.Figure(drawn)
        return {**drawn["layout"]["xaxis"], "said": drawn["data"][-1].get("customdata")}

    import plotly.graph_objects as go

    one = ticks("month", ["2026-11-01"])
    assert (one["tickvals"], one["ticktext"], one["said"]) == (["2026-11-01"], ["Nov<br>2026"], ["Nov 2026"])
    turn = ticks("month", ["2025-11-01", "2025-12-01", "2026-01-01"])
    assert turn["ticktext"] == ["Nov<br>2025", "Dec", "Jan<br>2026"]
    assert ticks("quarter", ["2026-07-01", "2026-10-01"])["ticktext"] == ["Q3<br>2026", "Q4"]
    assert ticks("year", ["2025-01-01", "2026-01-01"])["said"] == ["2025", "2026"]
    assert len(ticks("month", [f"2026-{m:02d}-01" for m in range(1, 13)])["ticktext"]) == trends.TICKS
    assert "tickvals" not in ticks("week", ["2026-11-02", "2026-11-09"])


def test_text_stays_text() -> None:
    assert answers.safe("a*b_[c](d) $x$") == r"a\*b\_\[c\](d) \$x\$"
    assert look.span("2026-11-16", "2026-11-19") == "16 to 18 November 2026"
    assert look.number(0.051, "% of visits") == "5.1 %"


def test_several_figures_with_a_comparison_stand_in_one_column() -> None:
    """A row holds the figure that it is about; what it was before and by how much it moved stay beside it."""
    columns = [
        {"key": "metric", "label": "what", "kind": "text"},
        {"key": "first", "label": "First", "kind": "rate"},
        {"key": "previous", "label": "before", "kind": "rate"},
        {"key": "second", "label": "Second", "kind": "number", "unit": "minutes"},
    ]
    rows = [
        {"metric": "First", "first": 0.751, "previous": 0.74},
        {"metric": "Second", "second": 12.5, "previous": None},
    ]
    titles, told, right = tables.short({"table": {"columns": columns, "rows": rows}})
    assert titles == ["what", "figure", "before"] and right == [1, 2]
    assert [row[1].split()[0] for row in told] == ["75.1", "12.5"] and told[0][2].startswith("74.0")


def test_what_stands_beside_several_figures_is_told_in_the_unit_of_each() -> None:
    """Hours under per cent stay hours: before, the standard, the fair number with its range; in files too."""
    rate, hours = Column("goal", "standard", "rate", "%"), Column("goal", "standard", "number", "hours")
    held = [Column("metric", "what", "text"), rate.beside("Second", hours), rate.beside("Third", rate)]
    for key in ("fair", "low", "high"):
        held.append(Column(key, key, "rate").beside("Second", Column(key, key, "number", "hours")))
    rows = [
        {"metric": "First", "goal": 0.05, "fair": 0.06, "low": 0.04, "high": 0.08},
        {"metric": "Second", "goal": 24.0, "fair": 28.0, "low": 25.0, "high": 31.0},
    ]
    answer = {"table": {"columns": [c.to_json() for c in held], "rows": rows}}
    _, told, _ = tables.short(answer)
    assert told[0][1:] == ["5.0 %", "5.0 %", "6.0 % (4.0 to 8.0 %)"]
    assert told[1][1].startswith("24") and told[1][1].endswith("hours") and told[1][3].endswith("hours)")
    titles, filed = tables.cells(answer)
    assert titles[1:3] == ["standard", "standard %"] and [row[1] for row in filed] == [5.0, 24.0]
