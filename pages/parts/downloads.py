"""A shown table as a file to keep: CSV and Excel, made only when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    import pandas as pd

Rows = Sequence[Sequence[Any]]
PICTURE = """<button type="button" class="gs-keep" data-of="picture_%s_">Picture</button><script>
window.gsKeep ??= document.addEventListener('click', e => {
  const kept = e.target.closest?.('.gs-keep');
  kept && document.querySelectorAll(`[class*="st-key-${kept.dataset.of}"] [data-title^="Download"]`)
    .forEach(one => one.click()); }) ?? true;
</script>"""
"""Presses the picture's own button, which only shows itself to a mouse: so that finger and keyboard have it too."""


def csv(columns: Sequence[str], rows: Rows) -> bytes:
    """UTF-8 with a mark, so that spreadsheets open umlauts right; formula-like text is made harmless."""
    out = StringIO()
    _frame(columns, rows).to_csv(out, index=False)
    return out.getvalue().encode("utf-8-sig")


def excel(columns: Sequence[str], rows: Rows, about: Mapping[str, str]) -> bytes:
    """Two sheets: the figures, and what they are (question, dates, how counted, as of)."""
    import pandas as pd

    out = BytesIO()
    with pd.ExcelWriter(out, engine="xlsxwriter") as writer:
        _frame(columns, rows).to_excel(writer, sheet_name="Figures", index=False)
        pd.DataFrame(list(about.items()), columns=["what", "text"]).to_excel(writer, sheet_name="About", index=False)
        writer.sheets["Figures"].autofit()
        writer.sheets["About"].set_column(0, 0, 16)
        writer.sheets["About"].set_column(1, 1, 90)
    return out.getvalue()


def buttons(columns: Sequence[str], rows: Rows, about: Mapping[str, str], key: str, picture: bool = False) -> None:
    """Small buttons; the files are made when one is pressed. `picture`: one is drawn under the same key."""
    with st.container(horizontal=True, key=f"downloads_{key}"):
        st.download_button(
            "CSV", lambda: csv(columns, rows), "answer.csv", "text/csv", key=f"csv_{key}", on_click="ignore"
        )
        st.download_button(
            "Excel",
            lambda: excel(columns, rows, about),
            "answer.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"xlsx_{key}",
            on_click="ignore",
        )
        if picture:
            st.html(PICTURE % key, width="content", unsafe_allow_javascript=True)


def _frame(columns: Sequence[str], rows: Rows) -> pd.DataFrame:
    """Texts that a spreadsheet would run as a formula get a leading apostrophe."""
    import pandas as pd

    return pd.DataFrame([[_harmless(value) for value in row] for row in rows], columns=list(columns))


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") and value != "-" else value
