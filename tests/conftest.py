"""A real browser from which no request leaves what a test allows; for the tests of site and explorers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from helpers.site.takeaway import browser


@pytest.fixture(scope="session", autouse=True)
def programs_are_compiled_once(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> None:
    """A chapter runs four times in a suite (nbval, two seeds, its explorers); the runs share what XLA has compiled.

    The folder lives as long as the run. With a limit to its size JAX locks it, so two processes may write at once.
    """
    folder = tmp_path_factory.getbasetemp().parent / f"compiled-{testrun_uid}"
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(folder)
    os.environ["JAX_COMPILATION_CACHE_MAX_SIZE"] = str(10**9)
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.05"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=browser.find(), args=list(browser.FLAGS))
        yield instance
        instance.close()


class Watched:
    """A page, and what went wrong on it."""

    def __init__(self, page: Page, allowed: str) -> None:
        self.page = page
        self.problems: list[str] = []
        page.set_default_timeout(120_000)  # a busy machine may take half a minute to typeset a chapter
        page.on("console", lambda m: self.problems.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("requestfailed", lambda request: self.problems.append(f"request failed: {request.url}"))
        page.route("**/*", lambda route: self._judge(route, allowed))

    def _judge(self, route, allowed: str) -> None:
        if route.request.url.startswith((allowed, "data:", "blob:")):
            route.continue_()
        else:
            self.problems.append(f"left the site: {route.request.url}")
            route.abort()

    def open(self, url: str) -> Page:
        self.page.goto(url)
        # Seldom, on a busy machine, the browser never says that the network is idle; the page has loaded all the same.
        with contextlib.suppress(TimeoutError):
            self.page.wait_for_load_state("networkidle", timeout=45_000)
        return self.page


@pytest.fixture
def watched(chromium: Browser, request: pytest.FixtureRequest) -> Iterator:
    """``watched(allowed, width=…, scheme=…)`` gives a :class:`Watched` page."""
    pages = []

    def open_page(allowed: str, *, width: int = 1280, scheme: str = "light") -> Watched:
        page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        pages.append(page)
        return Watched(page, allowed)

    yield open_page
    for page in pages:
        page.close()
