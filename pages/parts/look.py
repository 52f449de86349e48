"""One look for every page: colours, type, numbers and dates in words. No page writes its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

OWN, GOOD, OTHER, LINE = "#2f7de1", "#0a8f63", "#8a94a3", "#6b7686"
"""Own unit, clearly at or above the standard, everyone else, lines. Told apart by lightness too; never red."""

INK = {"light": "#3a4654", "dark": "#c3ccd6"}
"""Text inside pictures, dark enough on each ground (at least 7 to 1)."""

GROUND = {"light": "#ffffff", "dark": "#11161d"}
"""The page's own ground, as .streamlit/config.toml has it."""

STYLE = """<style>
.block-container, [data-testid="stMainBlockContainer"] { max-width: 62rem; padding-top: 4.6rem; padding-bottom: 4rem; }
h1 { font-size: 2rem !important; padding-top: .4rem !important; }
h2 { font-size: 1.4rem !important; padding-top: 1.1rem !important; }
[class*="st-key-headline"] p { font-size: 1.35rem; line-height: 1.45; font-weight: 500; }
[class*="st-key-quiet"] p, [class*="st-key-quiet"] li { font-size: .875rem; }
.st-key-ask [data-testid="InputInstructions"],
.st-key-ask input::-webkit-calendar-picker-indicator { display: none !important; }
[data-testid^="stBaseButton-primary"] { background: #0b57a4 !important; border-color: #0b57a4 !important; }
[data-testid^="stBaseButton-primary"],
[data-testid^="stBaseButton-primary"] p { color: #fff !important; transition: none; }
.gs-keep { font: inherit; font-size: .875rem; color: inherit; background: none; cursor: pointer;
  border: 1px solid rgba(128,140,155,.5); border-radius: .5rem; min-height: 2.5rem; padding: .25rem .75rem; }
.gs-keep:hover, .gs-keep:focus-visible { border-color: currentColor; outline: none; }
[class*="st-key-chips"] button { border-radius: 1.2rem; min-height: 2.1rem; padding: .1rem .8rem; }
[class*="st-key-next"] button, [class*="st-key-starters"] button { border-radius: 1.2rem; text-align: left; }
[data-testid="stCaptionContainer"] p { font-size: .84rem; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit !important; }
[data-testid="stCaptionContainer"] { opacity: .86 !important; }
[data-testid="stFeedback"] button { min-width: 2.2rem; min-height: 2.2rem; }
@media (max-width: 640px) {
  .block-container, [data-testid="stMainBlockContainer"] { padding: 4.4rem .9rem 3rem .9rem; }
  h1 { font-size: 1.5rem !important; } h2 { font-size: 1.2rem !important; }
  [class*="st-key-headline"] p { font-size: 1.15rem; }
  [data-testid="stExpandSidebarButton"] { width: auto !important; }
  [data-testid="stExpandSidebarButton"]::after { content: "Pages"; font-size: .95rem; padding-left: .3rem; }
}
</style>"""

NOTHING = "–"
"""How a value is written that there is not."""


def is_rate(unit: str) -> bool:
    """Whether values are fractions, shown as per cent."""
    return unit.strip().startswith("%")


def number(value: float | None, unit: str, digits: int | None = None) -> str:
    """A figure as people write it: `5.1 %`, `23 minutes`, `4.2`; a dash for None."""
    if value is None:
        return NOTHING
    if is_rate(unit):
        return _unsigned(f"{100 * value:.{1 if digits is None else digits}f}") + " %"
    short = unit.split(" ")[0] if unit in ("minutes", "hours", "touches") else ""
    size = abs(value)
    places = digits if digits is not None else (0 if size >= 100 else 1 if size >= 10 else 2)
    return _unsigned(f"{value:,.{places}f}") + (f" {short}" if short else "")


def _unsigned(text: str) -> str:
    """No minus before a nothing: -0.0 is 0.0."""
    return text.removeprefix("-") if not any(sign in text for sign in "123456789") else text


def counted(number: int, one: str, many: str) -> str:
    """`1 person`, `2,400 people`."""
    return f"{number:,} {one if number == 1 else many}"


def plain(value: Any, unit: str = "") -> str:
    """A table cell as text: dates in words, counts without decimals, rates as per cent."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, (date, datetime)):
        return day(value)
    if isinstance(value, float) and not unit and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return number(value, unit) if is_rate(unit) else f"{value:,}"
    return number(value, unit) if isinstance(value, float) else str(value)


def day(value: date | str, year: bool = False) -> str:
    """`16 November`, with the year when asked."""
    when = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{when.day} {when:%B}" + (f" {when.year}" if year else "")


def span(start: date | str, end: date | str) -> str:
    """A half-open period in words: `16 to 18 November 2026`."""
    first = date.fromisoformat(start[:10]) if isinstance(start, str) else start
    after = date.fromisoformat(end[:10]) if isinstance(end, str) else end
    last = date.fromordinal(after.toordinal() - 1)
    if first >= last:
        return day(first, year=True)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last, year=True)}"
    return f"{day(first, year=first.year != last.year)} to {day(last, year=True)}"


def moment(text: str | None) -> str:
    """An ISO time as `Wed 18 Nov, 17:45`; empty for nothing or for what is not a time."""
    try:
        when = datetime.fromisoformat(text or "")
    except ValueError:
        return ""
    return f"{when:%a} {when.day} {when:%b}" + (f", {when:%H:%M}" if (when.hour, when.minute) != (0, 0) else "")


def local_moment(text: str) -> str:
    """A moment that the state database keeps in UTC, in this machine's own time."""
    try:
        when = datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone()
    except ValueError:
        return ""
    return f"{when:%a} {when.day} {when:%b} {when.year}, {when:%H:%M}".replace(" ", "\u00a0")
