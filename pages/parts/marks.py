"""The question, marked word by word: understood, assumed, not used."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

STYLE = """<style>
.gs-asked { font-size: 1rem; line-height: 1.9; margin: 0; overflow-wrap: anywhere; }
.gs-asked b { font-weight: 600; border-bottom: 2px solid #2f7de1; }
.gs-asked i { font-style: normal; border-bottom: 2px dashed #0a8f63; }
.gs-asked s { text-decoration: none; border-bottom: 2px dotted #8a94a3; background: rgba(138,148,163,.22); }
.gs-key { font-size: .8rem; margin-left: .4rem; white-space: nowrap; }
.gs-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
</style>"""
TAGS = {"understood": "b", "assumed": "i", "unused": "s"}
SAID = {"assumed": "assumed", "unused": "not used"}

Mark = tuple[int, int, str]


def html(question: str, marks: Sequence[Sequence[int | str]]) -> str:
    """The question with its marks as HTML; marks are start, end, kind; overlapping ones after the first are dropped."""
    parts, at, kinds = [], 0, []
    for start, end, kind in sorted((int(m[0]), int(m[1]), str(m[2])) for m in marks):
        if start < at or end > len(question) or start >= end or kind not in TAGS:
            continue
        kinds.append(kind)
        tag, word = TAGS[kind], escape(question[start:end])
        hidden = f'<span class="gs-hidden"> ({SAID[kind]})</span>' if kind in SAID else ""
        parts += [escape(question[at:start]), f"<{tag}>{word}{hidden}</{tag}>"]
        at = end
    parts.append(escape(question[at:]))
    legend = {"understood": "<b>understood</b>", "assumed": "<i>assumed</i>", "unused": "<s>not used</s>"}
    keys = " ".join(legend[k] for k in dict.fromkeys(kinds))
    return f'<p class="gs-asked">“{"".join(parts)}” <span class="gs-key" aria-hidden="true">{keys}</span></p>'


def show(question: str, marks: Sequence[Sequence[int | str]]) -> None:
    if question and marks:
        st.html(STYLE + html(question, marks))
