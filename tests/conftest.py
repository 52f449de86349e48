"""What browser tests share: one Chromium for all of them, and the pages served over the made-up store."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests import screens


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if not shutil.which("chromium"):
        told = "CHROMIUM IS MISSING: nothing was tested in the browser (apt-get install chromium)"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    with screens.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def address(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the pages are served, with a runtime folder of their own."""
    with screens.served(GS_VAR=str(tmp_path_factory.mktemp("var"))) as url:
        yield url
