"""One browser page for all tests of this folder."""

from collections.abc import Iterator

import pytest
from js_engine import Engine
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def engine(chromium: Browser) -> Iterator[Engine]:
    page = chromium.new_page()
    yield Engine(page)
    page.close()
