"""The pages: what each is called, where it lives, who is offered it. A page only holds `show(desk)`.

Who sees which page is the company's decision: `roles: <role>: pages: [...]` in company.yml. What is on a page is
decided by the desk, whichever page asks.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a start tells its address, and begins to make the sample company, before all that is read
    from queries.catalogue import Catalogue


@dataclass(frozen=True)
class Page:
    """One page: `path` is its address and the name in company.yml; `module` holds show(desk)."""

    path: str
    title: str
    icon: str

    def called(self, catalogue: Catalogue) -> str:
        """The title in the company's own words: `{unit}` is what people work in."""
        above = [level for level in catalogue.levels if not level.people]
        return self.title.format(unit=above[0].label if above else "group")

    def show(self, desk: Any) -> None:
        """Run the page; its module is read now."""
        importlib.import_module(f"pages.{self.path}").show(desk)


PAGES = (
    Page("ask", "Ask", ":material/forum:"),
    Page("standing", "My standing", ":material/eco:"),
    Page("my_group", "My {unit}", ":material/groups:"),
    Page("company", "Company", ":material/apartment:"),
    Page("recognition", "Recognition", ":material/auto_awesome:"),
    Page("access", "Access log", ":material/visibility:"),
    Page("yardstick", "Yardstick", ":material/straighten:"),
    Page("words", "Words", ":material/school:"),
    Page("health", "Data health", ":material/monitor_heart:"),
)
FOR_ALL = ("ask", "yardstick")


def offered(role: str, catalogue: Catalogue) -> tuple[Page, ...]:
    """The pages of a role in the order of `PAGES`; the question box and the yardstick are everyone's."""
    settings = (catalogue.company.get("roles") or {}).get(role) or {}
    wanted = {*FOR_ALL, *(settings.get("pages") or ())}
    return tuple(page for page in PAGES if page.path in wanted and importlib.util.find_spec(f"pages.{page.path}"))
