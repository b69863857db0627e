"""A Chromium that sees one made-up host, behind which are the built site and the fonts."""

from __future__ import annotations

import contextlib
import mimetypes
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run", "--font-render-hinting=none"),
)
HOST = "http://book.invalid/"
HELP = """\
The EPUB and the PDF need a Chromium, and none was found. One of these will do:
  Debian, Ubuntu:  apt-get install chromium        (as root)
  anywhere:        .venv/bin/playwright install --with-deps chromium
  or name one:     CHROME=/path/to/chrome make pdf"""
BLANK = '<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body></body></html>'


def look() -> str | None:
    """The path of a Chromium, or nothing: the one named by $CHROME, the system's, or Playwright's own."""
    if named := os.environ.get("CHROME"):
        return named
    for name in NAMES:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def find() -> str:
    """The path of a Chromium that is there.

    Raises:
        SystemExit: if there is none, saying how to get one.
    """
    try:
        found = look()
    except ModuleNotFoundError:
        sys.exit(
            "The EPUB and the PDF need Playwright, which drives a Chromium: run `make env`, or pip install playwright"
        )
    if found is None:
        sys.exit(HELP)
    if not Path(found).exists():
        sys.exit(f"$CHROME names {found}, which does not exist.\n{HELP}")
    return found


@contextlib.contextmanager
def running() -> Iterator[Browser]:
    """A Chromium."""
    executable = find()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(folders: Mapping[str, Path]) -> Iterator[Page]:
    """An empty page of a browser that can load what is in ``folders`` (by path on the made-up host), and no more."""
    with running() as browser:
        page = browser.new_page()
        page.set_default_timeout(300_000)
        page.route("**/*", lambda route: _answer(route, folders))
        page.goto(HOST)
        yield page
        page.close()


def _answer(route: Route, folders: Mapping[str, Path]) -> None:
    asked = route.request.url
    if asked == HOST:
        return route.fulfill(body=BLANK, content_type="text/html")
    for prefix, folder in folders.items():
        file = folder / asked.removeprefix(HOST + prefix).partition("?")[0]
        if asked.startswith(HOST + prefix) and file.is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return route.fulfill(body=file.read_bytes(), content_type=kind)
    return route.abort()
