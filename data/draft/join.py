"""What look-up tables tell beside names: their few-valued columns are joined to the events (the region of a branch)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.draft.guess import ABOVE, Link, hinted
from data.draft.look import Looked
from data.draft.types import Seen, seen

MOST_VALUES, MOST_COLUMNS = 60, 3


@dataclass(frozen=True)
class Join:
    """One look-up joined to a fact: `takes` are its columns and the names they get."""

    link: Link
    takes: tuple[tuple[str, str], ...]


def joined(looked: Looked, linked: Sequence[Link], found: Sequence[Looked]) -> tuple[Looked, list[Join]]:
    """The events with the columns that their look-ups give, and the joins that do so."""
    tables = {table.source: table for table in found}
    joins: list[Join] = []
    for link in (lk for lk in linked if lk.source == looked.source and lk.table in tables):
        takes = []
        for column in telling(tables[link.table], link):
            name = column.name if looked.column(column.name) is None else f"{link.column}_{column.name}"
            if looked.column(name) is None:
                looked = _with(looked, tables[link.table], link, column, name)
                takes.append((column.name, name))
        joins += [Join(link, tuple(takes))] if takes else []
    return looked, joins


def telling(table: Looked, link: Link) -> list[Seen]:
    """Columns of a look-up table whose values repeat, those of places above first."""
    some = [c for c in table.columns if c.type == "text" and c.name not in (link.code, link.name)]
    most = min(MOST_VALUES, max(2, table.size // 2))
    few = [c for c in some if 2 <= c.distinct <= most and c.filled > table.size // 2]
    return sorted(few, key=lambda c: not hinted(c, ABOVE))[:MOST_COLUMNS]


def _with(looked: Looked, table: Looked, link: Link, column: Seen, name: str) -> Looked:
    """The events with one more column, looked up by code."""
    code, own = table.column(link.code), looked.column(link.column)
    assert code and own
    known = {(row.get(code.field) or "").strip(): (row.get(column.field) or "").strip() for row in table.rows}
    values = [known.get((row.get(own.field) or "").strip(), "") for row in looked.rows]
    rows = tuple({**row, name: value} for row, value in zip(looked.rows, values, strict=True))
    made = replace(seen(name, values), name=name, missing=column.missing)
    return replace(looked, rows=rows, columns=(*looked.columns, made))


def join_sql(source: str, joins: Sequence[Join]) -> tuple[str, str, str]:
    """What a fact's SELECT takes of its joins, the FROM clause, and the needs of the header."""
    takes, clauses, needs = "", f"FROM s_{source} AS f", ""
    for n, join in enumerate(joins, 1):
        link = join.link
        takes += "".join(f', l{n}."{column}" AS "{name}"' for column, name in join.takes)
        inner = ", ".join(f'any_value("{column}") AS "{column}"' for column, _ in join.takes)
        clauses += (
            f'\nLEFT JOIN (SELECT "{link.code}", {inner} FROM s_{link.table} GROUP BY "{link.code}") AS l{n}\n'
            f'  ON l{n}."{link.code}" = f."{link.column}"'
        )
        if f"s_{link.table}: whole" not in needs:
            needs += f", s_{link.table}: whole"
    return takes, clauses, needs
