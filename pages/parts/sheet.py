"""The talk sheet: one page to print, facts first, then open questions. About the work, never about a person."""

from __future__ import annotations

from typing import Any

from fpdf import FPDF

from pages.parts import ready
from pages.parts.look import day, number
from queries.catalogue import Metric

PLAIN = str.maketrans({"–": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "\u202f": " ", "−": "-"})
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
    """What the sheet says of one metric."""
    period = ready.weeks(desk, 4)
    compared = ready.said(desk, ready.against_others(metric, level, code, period))
    step = ready.said(desk, ready.own(metric, level, (code,), period, explain="next_step"))
    lever = ready.said(desk, ready.own(metric, level, (code,), period, explain="drivers"))
    standard = f"Standard: {number(metric.standard, metric.unit)}." if metric.standard is not None else ""
    return {
        "label": metric.label,
        "plain": metric.plain,
        "now": compared,
        "standard": standard,
        "step": step,
        "lever": lever,
    }


def page(name: str, when: str, found: list[dict[str, str]]) -> bytes:
    """The sheet from its facts."""
    paper = FPDF(format="A4")
    paper.set_margin(18)
    paper.set_auto_page_break(True, 14)
    paper.add_page()
    paper.set_title(f"Talk sheet {name}")
    _text(paper, f"{name}: talk sheet", 17, bold=True)
    _text(paper, f"Last four whole weeks, printed {when}", 9.5)
    for one in found:
        paper.ln(2.5)
        _text(paper, one["label"], 12.5, bold=True)
        for key in ("now", "standard", "step", "lever"):
            if one[key]:
                _text(paper, one[key], 10.5)
    paper.ln(3)
    _text(paper, "To talk about", 12.5, bold=True)
    for question in QUESTIONS:
        _text(paper, question, 10.5)
        paper.set_draw_color(170, 178, 188)
        paper.ln(6.5)
        paper.line(paper.l_margin, paper.get_y(), paper.w - paper.r_margin, paper.get_y())
        paper.ln(1.5)
    return bytes(paper.output())


def _text(paper: FPDF, text: str, size: float, bold: bool = False) -> None:
    paper.set_font("Helvetica", "B" if bold else "", size)
    plain = text.replace("–", "-").replace("’", "'").replace("“", '"').replace("”", '"').replace("…", "...")
    paper.multi_cell(
        0, size * 0.46, plain.encode("latin-1", "replace").decode("latin-1"), new_x="LMARGIN", new_y="NEXT"
    )
