"""The talk sheet: one page to print, facts first, then open questions. About the work, never about a person."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from pages.parts import ready
from pages.parts.look import day, number
from queries.catalogue import Metric

if TYPE_CHECKING:
    from fpdf import FPDF

PLAIN = str.maketrans(
    {"–": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "\u202f": " ", "−": "-", "Ł": "L", "ł": "l"}
)
QUESTIONS = (
    "What went well these weeks, and what made it possible?",
    "Where did the day not go as planned, and what came before it?",
    "Which of the points above is in our hands?",
    "What would help from others: planning, parts, information?",
    "What do we try until the next talk?",
)


def pdf(name: str, desk: Any, level: str, code: str, metrics: list[Metric]) -> bytes:
    """One A4 page as bytes."""
    return page(name, f"{day(desk.today, year=True)}", [facts(desk, level, code, metric) for metric in metrics])


def facts(desk: Any, level: str, code: str, metric: Metric) -> dict[str, str]:
    """What the sheet says of one metric over the last four weeks that have settled, each sentence once."""
    period = ready.weeks(desk, 4, metric)
    step = ready.step(desk, ready.own(metric, level, (code,), period))
    compared = ready.said(desk, ready.against_others(metric, level, code, period))
    compared = compared.replace(step, "").replace("  ", " ").strip()
    moved = ready.ask(desk, ready.own(metric, level, (code,), period, explain="drivers"))
    return {
        "label": metric.label,
        "standard": f"standard {number(metric.standard, metric.unit)}" if metric.standard is not None else "",
        "now": compared,
        "moved": str(moved.get("headline") or "") if moved and moved.get("picture") else "",
        "step": step,
    }


def page(name: str, when: str, found: list[dict[str, str]]) -> bytes:
    """The sheet from its facts; what writes it takes a second to be read, so it is when the first one is wanted."""
    from fpdf import FPDF

    paper = FPDF(format="A4")
    paper.set_margin(18)
    paper.set_auto_page_break(True, 12)
    paper.add_page()
    paper.set_title(f"Talk sheet {name}")
    _text(paper, f"{name}: talk sheet", 17, bold=True)
    _text(paper, f"The newest four weeks that have settled, printed {when}. About the work, not about persons.", 9.5)
    for one in found:
        paper.ln(3.5)
        _text(paper, one["label"] + (f" ({one['standard']})" if one["standard"] else ""), 12.5, bold=True)
        for key in ("now", "moved", "step"):
            if one[key]:
                paper.ln(0.8)
                _text(paper, one[key], 10.5, bold=key == "step")
    paper.ln(5)
    _text(paper, "To talk about", 12.5, bold=True)
    room = min(16.0, (paper.h - 14 - paper.get_y()) / len(QUESTIONS) - 6.5)
    for question in QUESTIONS:
        paper.ln(1.5)
        _text(paper, question, 10.5)
        paper.set_draw_color(170, 178, 188)
        paper.ln(max(4.0, room))
        paper.line(paper.l_margin, paper.get_y(), paper.w - paper.r_margin, paper.get_y())
    return bytes(paper.output())


def _text(paper: FPDF, text: str, size: float, bold: bool = False) -> None:
    paper.set_font("Helvetica", "B" if bold else "", size)
    paper.multi_cell(0, size * 0.46, printable(text), align="L", new_x="LMARGIN", new_y="NEXT")


def printable(text: str) -> str:
    """Text in the letters that every PDF reader has: other dashes and quotes become plain, rare accents are dropped.

    >>> printable("“−0.2 %” – Łódź")
    '"-0.2\\xa0%" - Lódz'
    """
    plain = text.translate(PLAIN).replace(" %", "\u00a0%")
    kept = (c if _latin(c) else unicodedata.normalize("NFKD", c).encode("latin-1", "ignore").decode() for c in plain)
    return "".join(kept)


def _latin(letter: str) -> bool:
    return ord(letter) < 256
