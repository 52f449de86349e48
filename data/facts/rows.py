"""Single rows of a metric, for companies that allow them to be listed: r_<metric>, redone by day like the roll-ups.

A metric says so in its `facts:` block:

    rows: {value: arr_delay, unit: minutes, show: [flight, dest], words: [flights]}

The table holds day, every level, every dimension, `amount` (the row's value, may be NULL), `num` and `den` (the row's
own part of the figure), `n` (1), and the shown columns as texts under x_<column>.
"""

from __future__ import annotations

from datetime import date

from data.facts.blocks import Block, Levels
from data.facts.days import condition
from data.facts.lines import attributed
from data.facts.models import Model
from data.facts.sql import Db, exists, main, name


def listed(con: Db, block: Block, levels: Levels, model: Model, changed: set[date], whole: bool) -> None:
    """Redo the rows of some days; `whole`: the table is made anew."""
    table, rows = main(con, f"r_{block.metric}"), _select(con, block, levels, model, changed)
    if whole or not exists(con, f"r_{block.metric}"):
        con.execute(f"CREATE OR REPLACE TABLE {table} AS {rows}")
        return
    con.execute(f"DELETE FROM {table} WHERE {condition('day', changed)}")
    con.execute(f"INSERT INTO {table} {rows}")


def _select(con: Db, block: Block, levels: Levels, model: Model, some: set[date]) -> str:
    lined = ", ".join(f"_{key} AS {name(key)}" for key in levels.keys)
    dimensions = "".join(f", CAST({e} AS VARCHAR) AS {name(d)}" for d, e in block.dimensions.items())
    shown = "".join(f", CAST({name(c)} AS VARCHAR) AS {name(f'x_{c}')}" for c in block.shown)
    made = {"amount": block.amount, "num": block.num, "den": block.den}
    parts = ", ".join(f"CAST({sql} AS DOUBLE) AS {key}" for key, sql in made.items())
    parts += ", CAST(1 AS BIGINT) AS n"
    rows = attributed(con, block, levels, model, some)
    return f"SELECT _day AS day, {lined}{dimensions}, {parts}{shown} FROM ({rows})"
