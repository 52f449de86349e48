"""The main job in Chromium: ask, see the answer, change it with a tap, share the link, go on; wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlparse

import pytest

from tests import screens

QUESTION = "my team's late arrivals vs others last week"


@pytest.fixture(params=list(screens.WIDTHS))
def page(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    width, height = screens.WIDTHS[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def ask(page: Any, address: str, question: str, login: str = screens.LEADER) -> None:
    page.goto(f"{address}/?as={login}")
    screens.settle(page)
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")
    page.wait_for_selector('[class*="st-key-headline"]')
    screens.settle(page)


def headline(page: Any) -> str:
    return str(page.inner_text('[class*="st-key-headline"]'))


def shown_query(page: Any) -> str:
    return parse_qs(urlparse(page.url).query).get("query", [""])[0]


def test_the_main_job(page: Any, address: str) -> None:
    """A sentence, a picture with the own team, the table, the chips; nothing wider than the screen."""
    ask(page, address, QUESTION)
    assert "Lakeside Repairs" in headline(page)
    assert page.locator(".js-plotly-plot").count() == 1
    assert page.locator(".gs-table tr.own").count() == 1
    assert page.locator('[class*="st-key-chips"] button').count() >= 6
    wide = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1]
    order = ('[class*="st-key-headline"]', ".js-plotly-plot", ".gs-table")
    tops = [page.locator(one).bounding_box()["y"] for one in order]
    assert tops == sorted(tops), "sentence, picture, details"


def test_an_answer_opens_at_its_sentence_on_a_phone_too(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    ask(page, address, QUESTION)
    for _ in ("typed", "opened by its link"):
        page.wait_for_timeout(500)
        box = page.locator('[class*="st-key-headline"]').bounding_box()
        assert 0 < box["y"] < 500 and page.evaluate("() => document.querySelector('.stMain').scrollTop") == 0
        page.goto(page.url)
        page.wait_for_selector('[class*="st-key-headline"]')
        screens.settle(page)


def test_a_chip_changes_sentence_answer_and_address_and_the_link_reopens_it(page: Any, address: str) -> None:
    ask(page, address, QUESTION)
    before, link = headline(page), shown_query(page)
    page.get_by_role("button", name="when:").click()
    page.get_by_role("button", name="last 4 weeks", exact=True).click()
    page.wait_for_function("(old) => !location.search.includes(old)", arg=quote(link, safe=""))
    screens.settle(page)
    after = headline(page)
    assert after != before and "last 4 weeks" in after
    page.goto(page.url)
    screens.settle(page)
    assert headline(page) == after


def test_the_browsers_way_back_brings_the_question_before(page: Any, address: str) -> None:
    ask(page, address, QUESTION)
    first = headline(page)
    box = page.get_by_label("Your question")
    box.fill("customer satisfaction last 4 weeks")
    box.press("Enter")
    page.wait_for_function("() => decodeURIComponent(location.search).includes('csat')")
    screens.settle(page)
    assert headline(page) != first
    page.go_back()
    page.wait_for_function("() => !decodeURIComponent(location.search).includes('csat')")
    screens.settle(page)
    assert headline(page) == first


def test_a_follow_up_moves_the_question_on(page: Any, address: str) -> None:
    ask(page, address, QUESTION)
    before = shown_query(page)
    box = page.get_by_placeholder("Go on from here")
    box.fill("and by week for the last 13 weeks?")
    box.press("Enter")
    page.wait_for_function('(old) => decodeURIComponent(location.search).includes(\'"grain":"week"\')', arg=before)
    screens.settle(page)
    assert page.locator(".js-plotly-plot").count() == 1


def test_choices_are_buttons(page: Any, address: str) -> None:
    ask(page, address, "bay satisfaction")
    buttons = page.locator('[class*="st-key-starters_choice"] button')
    assert buttons.count() >= 2
    buttons.first.click()
    page.wait_for_selector('[class*="st-key-chips"]')
    assert "Bay" in headline(page)


def test_unread_says_why_and_offers_what_works(page: Any, address: str) -> None:
    ask(page, address, "what was our revenue")
    assert "revenue" in headline(page)
    assert "not used" in page.inner_text(".gs-asked")
    page.locator('[class*="st-key-starters_near"] button').first.click()
    page.wait_for_selector('[class*="st-key-chips"]')


def test_an_edited_address_is_judged_anew(page: Any, address: str) -> None:
    """A colleague's own figures by link: refused; another company's key: plainly nothing."""
    period = '"period":{"from":"2026-11-09","to":"2026-11-16"}'
    stolen = '{"metrics":["late_arrival_rate"],"about":{"person":["mina.castillo"]},' + period + "}"
    unknown = quote('{"metrics":["nothing"]}')
    page.goto(f"{address}/?as={screens.WORKER}&query={quote(stolen)}")
    screens.settle(page)
    assert page.locator(".gs-table").count() == 0 and page.locator(".js-plotly-plot").count() == 0
    page.goto(f"{address}/?as={screens.WORKER}&query={unknown}")
    screens.settle(page)
    assert page.locator('[class*="st-key-chips"]').count() == 0


def test_inner_pages_open_by_link_with_the_person(page: Any, address: str) -> None:
    page.goto(f"{address}/my_group?as={screens.LEADER}")
    screens.settle(page)
    assert page.inner_text("h1") == "Lakeside Repairs"


def test_the_box_offers_questions_while_one_types(page: Any, address: str) -> None:
    """Proposals of the asker's role, each allowed; picking one asks it; what was asked is offered first next time."""
    page.goto(f"{address}/?as={screens.WORKER}")
    screens.settle(page)
    offered = "() => [...document.querySelector('input[list]').list.options].map(o => o.value)"
    box = page.get_by_label("Your question")
    box.focus()
    texts = page.evaluate(offered)
    assert len(texts) > 20 and any(text.startswith("my ") for text in texts)
    picked = next(text for text in texts if "vs others" in text)
    page.evaluate(
        """text => { const box = document.activeElement;
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, text);
        box.dispatchEvent(new InputEvent('input', {bubbles: true, inputType: 'insertReplacementText'})); }""",
        picked,
    )
    page.wait_for_selector('[class*="st-key-headline"]')
    screens.settle(page)
    box.focus()
    assert page.evaluate(offered)[0] == picked


def test_who_asked_in_vain_is_told_when_it_works(page: Any, address: str) -> None:
    """Asked in vain, taught by the steward on the page, told on the next visit, once."""
    word = {1280: "gizmos", 390: "wubbles"}[page.viewport_size["width"]]
    ask(page, address, f"my team's {word} this week")
    assert "not used" in page.inner_text(".gs-asked")
    page.goto(f"{address}/words?as={screens.STEWARD}")
    screens.settle(page)
    page.get_by_role("button", name=re.compile(word)).click()
    screens.settle(page)
    meaning = page.get_by_label("means")
    meaning.fill("late arrivals")
    page.get_by_role("option").first.click()
    page.get_by_role("button", name="Teach", exact=True).click()
    page.get_by_text("now means").wait_for()
    for told in (1, 0):
        page.goto(f"{address}/?as={screens.LEADER}")
        screens.settle(page)
        assert page.get_by_text("works now").count() == told
    ask(page, address, f"my team's {word} this week")
    assert "late arrivals" in headline(page)


def test_tables_and_pictures_are_kept_as_files(page: Any, address: str) -> None:
    ask(page, address, QUESTION)
    for name, ending, starts in (("CSV", ".csv", b"\xef\xbb\xbfteam,Late arrivals %"), ("Excel", ".xlsx", b"PK")):
        with page.expect_download() as saved:
            page.get_by_role("button", name=name, exact=True).click()
        assert saved.value.suggested_filename == f"answer{ending}"
        assert Path(saved.value.path()).read_bytes().startswith(starts)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Picture", exact=True).press("Enter")
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")


def test_people_are_not_kept_as_files(page: Any, address: str) -> None:
    ask(page, address, "late arrivals by person in my team over the last 4 weeks")
    assert page.locator(".gs-table tbody tr").count() > 5
    assert not page.get_by_role("button", name=re.compile("^(CSV|Excel|Picture)$")).count()
    assert not page.locator('.js-plotly-plot [data-title*="ownload"]').count()


def test_the_way_back_leaves_a_page_with_one_step(page: Any, address: str) -> None:
    """From a question to another page and to an empty box; the address names who is looking on each."""
    ask(page, address, QUESTION)
    told = headline(page)
    for path, title in (("my_group", "Lakeside Repairs"), ("", "What would you like to know?")):
        go(page, "My team" if path else "Ask")
        page.wait_for_function("text => document.querySelector('h1')?.innerText == text", arg=title)
        page.wait_for_function("() => location.search.includes('as=')")
        screens.settle(page)
    page.go_back()
    page.wait_for_function("() => document.querySelector('h1')?.innerText == 'Lakeside Repairs'")
    screens.settle(page)
    page.go_back()
    page.wait_for_function("() => location.search.includes('query=')")
    screens.settle(page)
    assert headline(page) == told


def go(page: Any, name: str) -> None:
    """To another page, on a phone through the menu."""
    menu = page.get_by_test_id("stExpandSidebarButton")
    if menu.is_visible():
        menu.click()
    page.get_by_role("link", name=name, exact=True).click()
