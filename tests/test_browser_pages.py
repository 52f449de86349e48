"""Every page in Chromium: no violation that axe finds, nothing wider than the screen, all within the keyboard's reach.

One load a page, looked at wide and light, then narrow and dark. GS_BROWSER=full takes every view of `screens` and loads
it anew at both widths, light and dark, and walks each by keyboard.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests import screens

FULL = os.environ.get("GS_BROWSER") == "full"
LOOKS = [("desktop", "light"), ("desktop", "dark"), ("phone", "light"), ("phone", "dark")]
ALIKE = ("ask-worker", "ask-list", "standing-care", "my_group-manager", "company-region")
"""Views of a page that another view shows already."""
CASES = (
    [(view, [look]) for view in screens.VIEWS for look in LOOKS]
    if FULL
    else [(view, [LOOKS[0], LOOKS[3]]) for view in screens.VIEWS if view[0] not in ALIKE]
)
NAMES = [f"{view[0]}-{'-'.join(looks[0])}" if FULL else view[0] for view, looks in CASES]

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


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not shutil.which("chromium"):
        told = "chromium is missing: apt-get install chromium (the browser tests need it)"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    with screens.served(GS_VAR=str(tmp_path_factory.mktemp("var"))) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with screens.browser() as opened:
        yield opened


@pytest.mark.parametrize(("view", "looks"), CASES, ids=NAMES)
def test_a_page_is_open_to_everybody(chromium: Any, address: str, view: tuple[str, ...], looks: list[Any]) -> None:
    _, path, question, login = view
    context = chromium.new_context(color_scheme=looks[0][1])
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.set_viewport_size(dict(zip(("width", "height"), screens.WIDTHS[looks[0][0]], strict=True)))
    page.goto(f"{address}/{path}?as={login}" + (f"&ask={quote(question)}" if question else ""))
    screens.settle(page)
    for size, scheme in looks:
        page.set_viewport_size(dict(zip(("width", "height"), screens.WIDTHS[size], strict=True)))
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        assert not screens.violations(page), (size, scheme)
        wide = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], (size, "wider than the screen")
        if size == looks[0][0]:
            assert not unreached(page), (size, "not reached by keyboard")
    context.close()


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
