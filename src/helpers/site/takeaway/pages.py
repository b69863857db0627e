"""The site's pages in a browser, without what only works on the site."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.site.takeaway import browser, pictures
from helpers.site.takeaway.contents import Book

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

HERE = Path(__file__).parent
FORMULAS = "_static/formulas/"


@contextlib.contextmanager
def opened(site: Path) -> Iterator[Tab]:
    """A browser's page that has :file:`prepare.js` and :file:`mathml.js`, and can load the site's style for formulas.

    Raises:
        SystemExit: if the site is not built, or there is no browser.
    """
    if not (site / FORMULAS / "formulas.css").exists():
        sys.exit(f"There is no built site in {site}: build it first with `make site`.")
    with browser.opened({FORMULAS: site / FORMULAS, "fonts/": fonts()}) as tab:
        for name in ("prepare.js", "mathml.js"):
            tab.add_script_tag(content=(HERE / name).read_text(encoding="utf-8"))
        yield tab


def sources(site: Path, book: Book) -> Iterator[tuple[str, str]]:
    """Path and HTML of each page, in the order of the book.

    Raises:
        SystemExit: if the site lacks a page.
    """
    for page in book.pages:
        file = site / f"{page.path}.html"
        if not file.exists():
            sys.exit(f"The site has no {page.path}.html although _toc.yml names it: build it again with `make site`.")
        yield page.path, pictures.sharper(file.read_text(encoding="utf-8"))


def settings(book: Book, *, folded: bool, join: bool) -> dict[str, Any]:
    """What ``prepare.js`` wants to know."""
    names = {page.path: page.name for page in book.pages}
    return {"address": book.address, "pages": names, "folded": folded, "join": join}


def fonts() -> Path:
    """The folder of matplotlib's fonts: the same on every machine, and no download."""
    found = importlib.util.find_spec("matplotlib")
    assert found is not None and found.origin is not None, "matplotlib draws the book's figures, so it is installed"
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
