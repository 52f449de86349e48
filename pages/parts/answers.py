"""How an answer looks: the sentence first, then the picture, then the table and everything that stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.parts import downloads, figures, tables, trends
from pages.parts.look import GROUND, INK, moment, span

BUTTONS = ["zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d"]
CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": BUTTONS,
    "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "answer"},
}
Object = Mapping[str, Any]


def headline(answer: Object, key: str = "answer") -> None:
    """The answer in one or two sentences."""
    with st.container(key=f"headline_{key}"):
        st.markdown(safe(answer.get("headline") or ""))


def picture(answer: Object, key: str = "answer") -> None:
    """The ranked picture or the trend, with the headline as its text for those who do not see it."""
    drawings = _drawings(answer)
    for at, drawn in enumerate(drawings):
        if len(drawings) > 1:
            st.header(str(drawn.get("label") or ""))
        _draw(answer, drawn, f"{key}_{at}")


def _drawings(answer: Object) -> list[Object]:
    """The pictures of an answer that have something in them."""
    held = answer.get("pictures") or [answer.get("picture")]
    return [d for d in held if d and (d.get("rows") or d.get("series"))]


def _draw(answer: Object, drawn: Object, key: str) -> None:
    figure = {"trend": trends.trend, "drivers": figures.drivers}.get(str(drawn.get("kind")), figures.spread)(drawn)
    theme = st.context.theme.type or "light"
    figure = figures.inked(figure, INK[theme], GROUND[theme])
    config = CONFIG | ({} if answer.get("exportable", True) else {"displayModeBar": False})
    st.plotly_chart(figure, theme=None, key=f"picture_{key}", config=config, alt=alt(answer, drawn))
    if drawn.get("caption"):
        st.caption(safe(drawn["caption"]))


def alt(answer: Object, drawn: Object) -> str:
    """What the picture says, in words."""
    rows = drawn.get("rows") or []
    kind = "Trend" if drawn.get("kind") == "trend" else f"Spread of {len(rows)}"
    return f"{kind}: {drawn.get('label', '')}. {answer.get('headline', '')}".strip()


def has_figures(answer: Object) -> bool:
    """Whether any row holds a number at all."""
    rows = (answer.get("table") or {}).get("rows") or []
    return any(isinstance(v, (int, float)) and not isinstance(v, bool) for row in rows for v in row.values())


def table(answer: Object, key: str = "answer") -> None:
    """The figures as a table, the first thirty rows, and as files unless people are in it."""
    titles, rows, right = tables.short(answer)
    if all(text == tables.NOTHING for row in rows for text in row):
        return
    held = (answer.get("table") or {}).get("rows") or []
    own = {at for at, row in enumerate(held) if row.get("own") is True}
    tables.show(titles, rows[:30], str(answer.get("said") or "Figures"), own, right)
    if len(rows) > 30:
        st.caption(f"The first 30 of {len(rows):,} rows; all of them are in the files.")
    if answer.get("exportable", True):
        downloads.buttons(*tables.cells(answer), about(answer), key, picture=bool(_drawings(answer)))


def about(answer: Object) -> dict[str, str]:
    """What a saved table needs beside it to be understood later."""
    periods = "; ".join(f"{p['label']}: {span(p['from'], p['to'])}" for p in answer.get("periods") or [])
    assumed, notes = "; ".join(answer.get("assumed") or []), "; ".join(answer.get("notes") or [])
    held = {"Question": answer.get("said"), "Answer": answer.get("headline"), "Dates": periods, "Assumed": assumed,
            "Notes": notes, "How counted": answer.get("definition"), "Figures as of": moment(answer.get("as_of")),
            "Version": answer.get("store")}  # fmt: skip
    return {k: str(v) for k, v in held.items() if v}


def details(answer: Object, key: str = "answer") -> None:
    """Dates, assumptions and notes in the open; definition and SQL on demand."""
    with st.container(key=f"quiet_{key}"):
        lines = [f"**{safe(p['label'])}:** {span(p['from'], p['to'])}" for p in answer.get("periods") or []]
        if answer.get("assumed"):
            lines.append("**Assumed:** " + "; ".join(safe(a) for a in answer["assumed"]))
        if answer.get("unused"):
            lines.append("**Not used:** " + ", ".join(safe(a) for a in answer["unused"]))
        lines += [safe(note) for note in answer.get("notes") or []]
        if moment(answer.get("as_of")):
            lines.append(f"Figures as of {moment(answer.get('as_of'))}.")
        st.markdown("\n".join(f"- {line}" for line in lines))
    with st.expander("How is this counted?"):
        st.markdown(safe(answer.get("definition") or ""))
        if answer.get("sql") and st.toggle("Show the SQL", key=f"sql_{key}"):
            st.code(sql_text(answer["sql"]), language="sql", wrap_lines=True)
            ms = answer.get("ms") or {}
            st.caption(f"Version {answer.get('store', '')} · {ms.get('total', 0):.0f} ms")


def sql_text(sql: Any) -> str:
    """The SQL of an answer, whatever shape it comes in, with its parameters below."""
    if isinstance(sql, str):
        return sql
    statements = sql if isinstance(sql, list) else [sql]
    texts = []
    for one in statements:
        text = one.get("text") or one.get("sql") or "" if isinstance(one, Mapping) else str(one)
        values = one.get("parameters") if isinstance(one, Mapping) else None
        texts.append(text + (f"\n-- parameters: {values}" if values else ""))
    return "\n\n".join(texts)


def safe(text: str) -> str:
    """Text as text: nothing in a name or a question may become markup; a figure stays on one line with its sign."""
    for sign in "\\`*_[]<>$#~|:":
        text = text.replace(sign, f"\\{sign}")
    return text.replace(" %", "\u00a0%")
