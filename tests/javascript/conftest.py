"""One browser page for all tests of this folder."""

from collections.abc import Iterator

import jax
import pytest
from js_engine import Engine
from playwright.sync_api import Browser

if not hasattr(jax, "enable_x64"):  # the oldest supported JAX has it elsewhere
    from jax.experimental import enable_x64

    jax.enable_x64 = enable_x64


@pytest.fixture(scope="session")
def engine(chromium: Browser) -> Iterator[Engine]:
    page = chromium.new_page()
    yield Engine(page)
    page.close()
