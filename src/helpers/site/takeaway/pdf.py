"""Make the PDF from the built site: ``python -m helpers.site.takeaway.pdf``. A4, printed by Chromium."""

from __future__ import annotations

import html
import io
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.site.takeaway import browser, pages
from helpers.site.takeaway.contents import FILE_NAME, Book, read

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab
    from pypdf import PdfReader

HERE = Path(__file__).parent
FONTS = {
    "Book Serif": {"": "STIXGeneral", "i": "STIXGeneralItalic", "b": "STIXGeneralBol", "bi": "STIXGeneralBolIta"},
    "Book Sans": {"": "DejaVuSans", "i": "DejaVuSans-Oblique", "b": "DejaVuSans-Bold", "bi": "DejaVuSans-BoldOblique"},
    "Book Mono": {"": "DejaVuSansMono", "i": "DejaVuSansMono-Oblique", "b": "DejaVuSansMono-Bold"},
}


def make(site: Path, root: Path, target: Path) -> None:
    """Write the PDF of the book in ``root``, whose built site is in ``site``.

    Raises:
        SystemExit: if the site is not built, or there is no browser.
    """
    book = read(root)
    with pages.opened(site) as tab:
        headings = assemble(tab, site, book)
        numbers = _page_numbers(_printed(tab))  # the first print says on which page everything is
        tab.evaluate("numbers => fillNumbers(numbers)", numbers)
        printed = _printed(tab)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_finished(printed, book, headings))


def assemble(tab: Tab, site: Path, book: Book) -> list[str]:
    """Put the whole book into the browser's page, as it will be printed; its headings in plain words come back."""
    tab.add_script_tag(content=(HERE / "assemble.js").read_text(encoding="utf-8"))
    tab.add_style_tag(url=f"{browser.HOST}{pages.FORMULAS}formulas.css")
    tab.add_style_tag(content=_style())
    settings = pages.settings(book, folded=False, join=True)
    parts = {page.path: page.part for page in book.pages}
    for path, source in pages.sources(site, book):
        tab.evaluate(
            "([html, path, part, book]) => addPage(html, path, part, book)", [source, path, parts[path], settings]
        )
    return tab.evaluate("front => finish(front)", _front(book))


def _front(book: Book) -> str:
    """Title page, and what a reader of this copy should know."""
    link = f'<a href="{html.escape(book.address)}">{html.escape(book.address)}</a>'
    return (
        f'<section id="title-page"><p class="book-title">{html.escape(book.title)}</p>'
        f'<p class="book-author">{html.escape(book.author)}</p><div class="about">'
        f"<p>This is a copy of the live book at {link}. There the figures called explorers move; here each is a "
        "picture of its first state, and its caption says where the live one is. Code that the pages fold away is left "
        "out, except in solutions; it is on the pages, and in the notebooks that you can download there.</p>"
        f"<p>{html.escape(book.year)}. Text and figures: CC BY 4.0. Code: MIT.</p></div></section>"
    )


def _style() -> str:
    """The fonts and the style sheet."""
    faces = [
        f'@font-face {{ font-family: "{family}"; src: url("{browser.HOST}fonts/{file}.ttf"); '
        f"font-weight: {'bold' if 'b' in kind else 'normal'}; font-style: {'italic' if 'i' in kind else 'normal'}; }}"
        for family, kinds in FONTS.items()
        for kind, file in kinds.items()
    ]
    return "\n".join([*faces, (HERE / "print.css").read_text(encoding="utf-8")])


def _printed(tab: Tab) -> bytes:
    return tab.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)


def _page_numbers(printed: bytes) -> dict[str, int]:
    """The page, counted from 1, of every identifier that something in the document leads to."""
    reader = _reader(printed)
    found = {
        name.removeprefix("/"): reader.get_destination_page_number(place)
        for name, place in reader.named_destinations.items()
    }
    return {name: number + 1 for name, number in found.items() if number is not None}


def _reader(printed: bytes) -> PdfReader:
    try:
        from pypdf import PdfReader
    except ModuleNotFoundError:
        sys.exit("The PDF needs pypdf: run `make env`, or pip install pypdf")
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it counts one object too many in Chromium's files, and warns
    return PdfReader(io.BytesIO(printed))


def _finished(printed: bytes, book: Book, headings: list[str]) -> bytes:
    """The print with the book's title and bookmarks in whole words, and without the hour at which it was made."""
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, TextStringObject

    writer = PdfWriter(clone_from=_reader(printed))
    bookmarks = list(_bookmarks(writer.root_object["/Outlines"]))
    # Chromium says a heading twice where a page ends near it, and leaves formulas out.
    for bookmark, heading in zip(bookmarks, headings, strict=True):
        bookmark[NameObject("/Title")] = TextStringObject(heading)
    for page in writer.pages:
        page.compress_content_streams(level=9)
    writer.metadata = {"/Title": book.title, "/Author": book.author}
    writer.page_mode = "/UseOutlines"
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _bookmarks(parent: Any) -> Iterator[Any]:
    """The bookmarks below one, in the order of the book."""
    child = parent.get("/First")
    while child is not None:
        bookmark = child.get_object()
        yield bookmark
        yield from _bookmarks(bookmark)
        child = bookmark.get("/Next")


if __name__ == "__main__":
    target = Path("_build") / "pdf" / f"{FILE_NAME}.pdf"
    make(Path("_build") / "html", Path(), target)
    print(f"  {target} ({target.stat().st_size / 1e6:.1f} MB)")
