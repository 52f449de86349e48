"""Signing in end to end: Chromium, our app, and an OpenID Connect provider on this machine."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.parts.signing import login_of, session_of
from tests.screens import free_port

ROOT = Path(__file__).parents[1]
USERS = [
    {"sub": "1", "preferred_username": "omar.osei"},
    {"sub": "2", "preferred_username": "nobody.here"},
    {"sub": "3", "preferred_username": "omar.osei", "role": "executive", "team": "F-EHAR-1"},
]


def wait_for(url: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} never answered")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app behind a provider."""
    folder = tmp_path_factory.mktemp("signing")
    provider, port = free_port(), free_port()
    claims = [part for user in USERS for part in ("--user-claims", json.dumps(user))]
    runs = [subprocess.Popen([sys.executable, "-m", "oidc_provider_mock", "-p", str(provider), *claims])]
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://localhost:{port}/oauth2callback"\ncookie_secret = "{"x" * 40}"\n'
        f'client_id = "app"\nclient_secret = "secret"\n'
        f'server_metadata_url = "http://localhost:{provider}/.well-known/openid-configuration"\n'
    )
    command = [sys.executable, "-m", "streamlit", "run", "tests/apps/signing.py", "--server.port", str(port),
               "--server.headless", "true", "--secrets.files", str(secrets)]  # fmt: skip
    runs.append(subprocess.Popen(command, cwd=ROOT, env={**os.environ, "GS_TEST_VAR": str(folder)}))
    try:
        wait_for(f"http://localhost:{provider}/.well-known/openid-configuration")
        wait_for(f"http://localhost:{port}/_stcore/health")
        yield f"http://localhost:{port}"
    finally:
        for run in runs:
            run.terminate()
        for run in runs:
            run.wait(timeout=20)


@pytest.fixture
def page(chromium) -> Iterator[object]:
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def sign_in(page, sub: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.locator('input[name="sub"]').last.fill(sub)
    page.get_by_role("button", name="Authorize").last.click()


def sign_out(page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()  # the provider's own question
    page.get_by_text("Please sign in").wait_for()


def test_signing_in_keeps_the_link_that_was_opened(page, address) -> None:
    page.goto(f"{address}/second?q=late%20arrivals")
    page.get_by_text("Please sign in").wait_for()
    sign_in(page, "1")
    page.get_by_text("Here is Omar Osei as supervisor, asking late arrivals").wait_for()
    assert page.url == f"{address}/second?q=late%20arrivals"


def test_role_and_unit_come_from_the_store_never_from_claims(page, address) -> None:
    page.goto(address)
    sign_in(page, "3")
    page.get_by_text("Here is Omar Osei as supervisor").wait_for()


def test_whoever_is_not_listed_sees_a_plain_page_and_no_figures(page, address) -> None:
    page.goto(address)
    sign_in(page, "2")
    page.get_by_text("does not list “nobody.here” among its people").wait_for()
    assert page.get_by_text("Here is").count() == 0
    sign_out(page)


def test_the_demos_chooser_is_off_where_signing_in_is_set_up(page, address) -> None:
    page.goto(f"{address}/?as=omar.osei")
    page.get_by_text("Please sign in").wait_for()
    assert page.get_by_text("Demo: look as").count() == 0


def test_signing_out_ends_the_other_tabs_too(page, address) -> None:
    page.goto(address)
    sign_in(page, "1")
    page.get_by_text("Here is Omar Osei").wait_for()
    other = page.context.new_page()
    other.goto(f"{address}/second")
    other.get_by_text("Here is Omar Osei").wait_for()
    sign_out(page)
    other.get_by_role("link", name="First").click()
    other.get_by_text("Please sign in").wait_for()


def test_a_login_that_is_denied_or_forged_shows_nothing(page, address) -> None:
    page.goto(address)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Deny").last.click()
    page.wait_for_url(f"{address}/**")
    assert page.get_by_text("Here is").count() == 0
    page.goto(f"{address}/oauth2callback?code=made-up&state=made-up")
    page.wait_for_timeout(1500)
    assert page.get_by_text("Here is").count() == 0


def test_the_login_of_claims() -> None:
    assert login_of({"preferred_username": " Ann.Lee "}, {}) == "ann.lee"
    assert login_of({"role": "boss"}, {}) == ""
    assert login_of({"email": "ann@b.org"}, {"claim": "email", "domains": ["b.org"]}) == "ann"
    assert login_of({"email": "ann@b.org.evil.com"}, {"claim": "email", "domains": ["b.org"]}) == "ann@b.org.evil.com"
    assert login_of({"email": "ann@b.org", "email_verified": False}, {"claim": "email", "domains": ["b.org"]}) == ""


def test_each_signing_in_has_a_name_of_its_own() -> None:
    claims = {"iss": "a", "sub": "1", "nonce": "n", "iat": 5}
    assert session_of(claims) == session_of(dict(claims))
    assert session_of(claims) != session_of({**claims, "nonce": "m"})
    assert session_of({"iss": "a", "sub": "1"}) == ""
