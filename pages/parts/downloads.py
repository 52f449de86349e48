"""A shown table as a file to keep: CSV and Excel, made only when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any

import pandas as pd
import streamlit as st


def frame(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    return pd.DataFrame([list(row) for row in rows], columns=list(columns))


def csv(table: pd.DataFrame) -> bytes:
    """UTF-8 with a mark, so that spreadsheets open umlauts right; formula-like text is made harmless."""
    out = StringIO()
    _harmless(table).to_csv(out, index=False)
    return out.getvalue().encode("utf-8-sig")


def excel(table: pd.DataFrame, about: Mapping[str, str]) -> bytes:
    """Two sheets: the figures, and what they are (question, dates, how counted, as of)."""
    out = BytesIO()
    with pd.ExcelWriter(out, engine="xlsxwriter") as writer:
        _harmless(table).to_excel(writer, sheet_name="Figures", index=False)
        pd.DataFrame(list(about.items()), columns=["what", "text"]).to_excel(writer, sheet_name="About", index=False)
        writer.sheets["Figures"].autofit()
        writer.sheets["About"].set_column(0, 0, 16)
        writer.sheets["About"].set_column(1, 1, 90)
    return out.getvalue()


def buttons(table: pd.DataFrame, about: Mapping[str, str], key: str) -> None:
    """Two small buttons; the files are made when one is pressed."""
    with st.container(horizontal=True, key=f"downloads_{key}"):
        st.download_button("CSV", lambda: csv(table), "answer.csv", "text/csv", key=f"csv_{key}", on_click="ignore")
        st.download_button(
            "Excel",
            lambda: excel(table, about),
            "answer.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"xlsx_{key}",
            on_click="ignore",
        )


def _harmless(table: pd.DataFrame) -> pd.DataFrame:
    """Texts that a spreadsheet would run as a formula get a leading apostrophe."""
    return table.map(lambda v: f"'{v}" if isinstance(v, str) and v[:1] in "=+-@\t" and v != "-" else v)
