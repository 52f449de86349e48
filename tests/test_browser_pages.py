"""Every page in Chromium: no violation that axe finds, nothing wider than the screen, all within the keyboard's reach.

One load a page, looked at wide and light, then narrow and dark. GS_BROWSER=full takes every view of `screens`, also as
the other roles have it, loads it anew for each width and looks at it light and dark.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests import screens

FULL = os.environ.get("GS_BROWSER") == "full"
ALIKE = ("ask-worker", "ask-list", "standing-care", "my_group-manager", "company-region")
"""Views of a page that another view shows already."""
CASES = (
    [(view, [(size, "light"), (size, "dark")]) for view in (*screens.VIEWS, *screens.ROLES) for size in screens.WIDTHS]
    if FULL
    else [(view, [("desktop", "light"), ("phone", "dark")]) for view in screens.VIEWS if view[0] not in ALIKE]
)
NAMES = [f"{view[0]}-{looks[0][0]}" if FULL else view[0] for view, looks in CASES]

MARK = """() => {
  const kinds = 'a[href], button, input, select, textarea, summary, [tabindex="0"], [role=button]';
  const seen = e => { const r = e.getBoundingClientRect(), s = getComputedStyle(e);
    return r.width > 1 && r.height > 1 && s.visibility != 'hidden' && s.display != 'none' && !e.disabled
      && !e.closest('[aria-hidden=true], [inert]') && !(e.tabIndex < 0 && e.closest('[data-testid=stSelectbox]')); };
  const name = e => (e.getAttribute('aria-label') || e.innerText || e.type || e.tagName).slice(0, 60);
  return [...document.querySelectorAll(kinds)].filter(seen).map((e, n) => { e.dataset.k = n;
    const group = e.closest('[role=radiogroup], [role=tablist], [data-baseweb=button-group]');
    if (group && !group.dataset.g) group.dataset.g = 'g' + n;
    return [String(n), group ? group.dataset.g : '', name(e)]; }); }"""
"""Numbers everything that can be pressed: number, group of choices, name. The arrow of a list belongs to the list."""
AT = "() => document.activeElement?.closest('[data-k]')?.dataset.k ?? ''"


@pytest.mark.parametrize(("view", "looks"), CASES, ids=NAMES)
def test_a_page_is_open_to_everybody(chromium: Any, address: str, view: screens.View, looks: list[Any]) -> None:
    page = chromium.new_context(color_scheme=looks[0][1]).new_page()
    page.set_viewport_size(viewport(looks[0][0]))
    screens.visit(page, address, view)
    walked = ""
    for size, scheme in looks:
        page.set_viewport_size(viewport(size))
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        assert not screens.violations(page), (size, scheme)
        wide = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], (size, "wider than the screen")
        assert size == walked or not unreached(page), (size, "not reached by keyboard")
        walked = size
    page.context.close()


def test_the_pages_behind_the_menu_of_a_phone_are_reached_by_keyboard(chromium: Any, address: str) -> None:
    page = chromium.new_context(viewport=viewport("phone")).new_page()
    screens.visit(page, address, ("", "", "", screens.LEADER))
    for _ in range(3):
        page.keyboard.press("Tab")
        if "menu" in page.evaluate("() => document.activeElement.outerHTML").lower():
            break
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Recognition").wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        if "Recognition" in page.evaluate("() => document.activeElement.innerText"):
            break
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('h1')?.innerText == 'Recognition'")
    page.context.close()


def viewport(size: str) -> dict[str, int]:
    return dict(zip(("width", "height"), screens.WIDTHS[size], strict=True))


def unreached(page: Any) -> list[str]:
    """What can be pressed but is never reached by Tab; of a group of choices one is enough, arrows do the rest."""
    held = page.evaluate(MARK)
    page.evaluate("() => { document.activeElement?.blur?.(); window.scrollTo(0, 0); }")
    reached: set[str] = set()
    for _ in range(len(held) + 25):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(AT))
    groups = {group for key, group, _ in held if group and key in reached}
    return [name for key, group, name in held if key not in reached and group not in groups]
