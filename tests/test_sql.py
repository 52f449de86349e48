# ruff: noqa: E501
"""Golden pairs: a question as JSON and the SQL it becomes, compared as text and executed.

`UPDATE_GOLDEN=1 pytest tests/test_sql.py` writes the SQL anew; look at the difference before committing it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from queries import directory
from queries.fairness.fields import field_of
from queries.privacy import rights
from queries.query import Query
from queries.statements import sql
from queries.statements.ground import NotAllowedError, Statement
from tests.answer_kit import MONTH, WEEK, definitions, desk, query, shared

GOLDEN = Path(__file__).parent / "golden"
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "one figure of the own team": ("omar.osei", {"metric": "late_arrival_rate", "about": {"team": ["F-NLAK-2"]}, "period": WEEK}),
    "by area and weekday, with an exclusion": (
        "omar.osei",
        {"metric": "late_arrival_rate", "by": ["area", "weekday"], "where": {"job_type": {"not": ["install"]}}, "period": MONTH},
    ),
    "a series by week": ("victor.holm", {"metric": "late_arrival_rate", "grain": "week", "period": MONTH}),
    "teams without names, pooled": ("victor.holm", {"metric": "late_arrival_rate", "by": ["job_type", "team"], "period": MONTH}),
    "a median by region": ("victor.holm", {"metric": "minutes_late", "by": ["region"], "period": MONTH}),
    "a median by fault type with people": ("victor.holm", {"metric": "time_to_repair", "by": ["fault_type"], "period": MONTH}),
    "a stock at the end of each month": ("victor.holm", {"metric": "over_two_problems_rate", "grain": "month", "period": MONTH}),
    "a share, its denominator lifted": ("victor.holm", {"metric": "theme_share", "by": ["theme", "region"], "period": MONTH}),
    "a share of one theme": ("victor.holm", {"metric": "theme_share", "where": {"theme": ["late_visit"]}, "period": MONTH}),
    "own people by name, whole blocks": (
        "omar.osei",
        {"metric": "late_arrival_rate", "about": {"team": ["F-NLAK-2"]}, "by": ["person"], "period": MONTH},
    ),
    "my team against others": (
        "omar.osei",
        {"metric": "late_arrival_rate", "about": {"team": ["F-NLAK-2"]}, "by": ["team"], "compare": ["others"], "period": WEEK},
    ),
    "me against others": (
        "jonas.moreau",
        {"metric": "late_arrival_rate", "about": {"person": ["jonas.moreau"]}, "by": ["person"], "compare": ["others"],
         "period": MONTH},
    ),
    "a median against others, mornings only": (
        "omar.osei",
        {"metric": "time_to_repair", "about": {"team": ["F-NLAK-2"]}, "by": ["team"], "compare": ["others"],
         "where": {"part_of_day": ["morning"]}, "period": MONTH},
    ),
}  # fmt: skip


def compiled(login: str, fields: dict[str, Any]) -> Statement:
    asked = query(**fields)
    at = desk(login)
    metric = asked.metrics[0]
    if "others" in asked.compare:
        level = asked.by[0]
        field, _ = field_of(asked, level, at.shelf, at.viewer)
        return sql.compile_field(asked, metric, field, at.setting.ground, at.viewer, "salt")
    return sql.compile(asked, metric, at.setting.ground, at.viewer)


def path_of(title: str) -> Path:
    return GOLDEN / (re.sub(r"[^a-z]+", "_", title.lower()).strip("_") + ".sql")


def written(title: str, login: str, fields: dict[str, Any], statement: Statement) -> str:
    text = statement.tree().sql(dialect="duckdb", pretty=True)
    return f"-- title: {title}\n-- as: {login}\n-- query: {json.dumps(fields)}\n{text}\n"


@pytest.mark.parametrize("title", CASES)
def test_golden(title: str) -> None:
    login, fields = CASES[title]
    statement = compiled(login, fields)
    text = written(title, login, fields, statement)
    if os.environ.get("UPDATE_GOLDEN"):
        path_of(title).write_text(text, encoding="utf-8")
    assert path_of(title).read_text(encoding="utf-8") == text
    store, _ = shared()
    names = statement.tree().named_selects
    rows = store.fetch(text, statement.parameters)
    assert rows and len(rows[0]) == len(names) == len(set(names))


def test_every_golden_file_has_a_case() -> None:
    assert {path_of(title).name for title in CASES} == {path.name for path in GOLDEN.glob("*.sql")}


@pytest.mark.parametrize("title", CASES)
def test_only_the_safe_subset(title: str) -> None:
    """Every column has a name, GROUP BY is explicit, quotients are DOUBLE over NULLIF, no engine's own quantiles."""
    tree = sqlglot.parse_one(compiled(*CASES[title]).sql("duckdb"), dialect="duckdb")
    for select in tree.find_all(exp.Select):
        inside = select.find_ancestor(exp.In, exp.Subquery)
        assert inside is not None or all(isinstance(one, exp.Alias) for one in select.expressions), select.sql()
        group = select.args.get("group")
        assert group is None or not group.args.get("all")
        aggregated = any(one.find(exp.AggFunc) and not one.find(exp.Window) for one in select.expressions)
        plain = [one for one in select.expressions if not one.find(exp.AggFunc) and not one.find(exp.Window)]
        assert not (aggregated and plain) or group is not None
    for division in tree.find_all(exp.Div):
        assert division.this.find(exp.Cast) is not None
    assert not list(tree.find_all(exp.Quantile, exp.PercentileCont, exp.Median, exp.DateTrunc, exp.Star))


@pytest.mark.parametrize("title", CASES)
def test_nothing_of_the_question_is_in_the_text(title: str) -> None:
    """Values are parameters; the only texts in a statement are empty."""
    login, fields = CASES[title]
    statement = compiled(login, fields)
    tree = statement.tree()
    texts = {literal.this for literal in tree.find_all(exp.Literal) if literal.is_string}
    assert texts <= {""}
    for value in statement.parameters:
        assert not isinstance(value, str) or f"'{value}'" not in tree.sql(dialect="duckdb")


def test_hostile_values_stay_parameters() -> None:
    bad = "x'); DROP TABLE units; --"
    asked = query("late_arrival_rate", where={"job_type": [bad]}, period=WEEK)
    at = desk("victor.holm")
    statement = sql.compile(asked, "late_arrival_rate", at.setting.ground, at.viewer)
    assert bad in statement.parameters and "DROP" not in statement.sql("duckdb")
    assert at.shelf.run(statement)[0]["den"] is None


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
@pytest.mark.parametrize("title", CASES)
def test_other_dialects_can_be_written(title: str, dialect: str) -> None:
    assert compiled(*CASES[title]).sql(dialect)


def test_compile_needs_a_viewer_and_asks_the_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    at = desk("jonas.moreau")
    other = query("late_arrival_rate", about={"person": ["mina.castillo"]}, period=MONTH)
    with pytest.raises(TypeError):
        sql.compile(other, "late_arrival_rate", at.setting.ground)  # type: ignore[call-arg]
    with pytest.raises(NotAllowedError) as refused:
        sql.compile(other, "late_arrival_rate", at.setting.ground, at.viewer)
    assert isinstance(refused.value.refusal, rights.Refusal)


def test_units_without_names_come_back_opaque() -> None:
    """No row of an executive's comparison of teams carries a code; nor does a dot of a supervisor's."""
    store, _ = shared()
    codes = {row[0] for row in store.fetch("SELECT code FROM units WHERE level = 'team'")}
    for login, own in (("victor.holm", set()), ("omar.osei", {"F-NLAK-2"})):
        at = desk(login)
        asked = query("late_arrival_rate", by=["team"], order="best", period=MONTH)
        field, _ = field_of(asked, "team", at.shelf, at.viewer)
        statement = sql.compile_field(asked, "late_arrival_rate", field, at.setting.ground, at.viewer, "salt")
        seen = {value for row in at.shelf.rows(statement) for value in row if isinstance(value, str)}
        assert seen & codes == own


def test_a_supervisor_never_gets_a_row_of_another_teams_people() -> None:
    at = desk("omar.osei")
    asked = query("late_arrival_rate", about={"team": ["F-NLAK-2"]}, by=["person"], period=MONTH)
    rows = at.shelf.run(sql.compile(asked, "late_arrival_rate", at.setting.ground, at.viewer))
    members = {p.login for p in at.directory.people.values() if p.unit == "F-NLAK-2"}
    assert {row["person"] for row in rows} - {None} <= members


def test_the_small_roll_up_is_used_where_it_suffices() -> None:
    at = desk("victor.holm")

    def table(**fields: Any) -> str:
        statement = sql.compile(
            query("late_arrival_rate", period=MONTH, **fields), "late_arrival_rate", at.setting.ground, at.viewer
        )
        return statement.shape.table  # type: ignore[union-attr]

    assert table(by=["region"]) == table(grain="week") == table(where={"weekday": ["mon"]}) == "t_late_arrival_rate"
    assert table(by=["job_type"]) == table(where={"tenure": ["new"]}) == "m_late_arrival_rate"


def test_said_viewer_is_looked_up_from_the_store() -> None:
    assert directory.viewer("nobody", desk("omar.osei").directory, definitions()) is None
    assert isinstance(query("late_arrival_rate"), Query)
