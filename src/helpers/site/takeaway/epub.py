"""Make the EPUB from the built site: ``python -m helpers.site.takeaway.epub``. No scripts, and MathML for formulas."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import uuid
import zipfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from helpers.site.takeaway import pages
from helpers.site.takeaway.contents import FILE_NAME, Book, Page, read

HERE = Path(__file__).parent
CONVERT = """
([html, path, book]) => {
  const article = prepare(html, path, book);
  const headings = [...article.querySelectorAll("h1, h2")].map((heading) => ({
    level: Number(heading.localName[1]), text: plainText(heading), id: heading.closest("section")?.id ?? "",
  }));
  formulasToMathML(article);
  return { xhtml: new XMLSerializer().serializeToString(article), headings };
}
"""
CONTAINER = """\
<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_PICTURE = re.compile(r'src="data:image/(png|jpeg);base64,([^"]+)"')


class Chapter(NamedTuple):
    """One page as the EPUB holds it."""

    page: Page
    title: str
    sections: list[tuple[str, str]]
    xhtml: str
    properties: str


def make(site: Path, root: Path, target: Path) -> None:
    """Write the EPUB of the book in ``root``, whose built site is in ``site``; the same site gives the same bytes.

    Raises:
        SystemExit: if the site is not built, or there is no browser.
    """
    book = read(root)
    pictures: dict[str, bytes] = {}
    chapters = [
        _chapter(book, page, made, pictures) for page, made in zip(book.pages, _converted(site, book), strict=True)
    ]
    style = (HERE / "epub.css").read_text(encoding="utf-8")
    files: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER,
        "EPUB/package.opf": _package(book, chapters, pictures),
        "EPUB/nav.xhtml": _navigation(book, chapters),
        "EPUB/title.xhtml": _document(book.title, _title_page(book)),
        "EPUB/book.css": style,
        **{f"EPUB/{chapter.page.name}.xhtml": chapter.xhtml for chapter in chapters},
        **{f"EPUB/{name}": data for name, data in pictures.items()},
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        _store(archive, "mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, data in files.items():
            _store(archive, name, data, zipfile.ZIP_DEFLATED)


def _store(archive: zipfile.ZipFile, name: str, data: str | bytes, compression: int) -> None:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type, entry.external_attr = compression, 0o644 << 16
    archive.writestr(entry, data, compresslevel=9)


def _converted(site: Path, book: Book) -> Iterator[dict]:
    settings = pages.settings(book, folded=True, join=False)
    with pages.opened(site) as tab:
        for path, source in pages.sources(site, book):
            yield tab.evaluate(CONVERT, [source, path, settings])


def _chapter(book: Book, page: Page, made: dict, pictures: dict[str, bytes]) -> Chapter:
    def filed(match: re.Match[str]) -> str:
        data = base64.b64decode(match[2])
        name = f"images/{hashlib.sha256(data).hexdigest()[:12]}.{match[1]}"
        pictures[name] = data
        return f'src="{name}"'

    body = _PICTURE.sub(filed, made["xhtml"])
    title = next((h["text"] for h in made["headings"] if h["level"] == 1), page.name)
    sections = [(h["text"], h["id"]) for h in made["headings"] if h["level"] == 2]
    used = [name for name, mark in (("mathml", "<math"), ("svg", "<svg")) if mark in body]
    return Chapter(page, title, sections, _document(title, body), " ".join(used))


def _document(title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en-GB" '
        f'xml:lang="en-GB"><head><title>{html.escape(title)}</title>'
        f'<link rel="stylesheet" type="text/css" href="book.css"/></head>\n<body>\n{body}\n</body></html>\n'
    )


def _title_page(book: Book) -> str:
    link = f'<a href="{html.escape(book.address)}">{html.escape(book.address)}</a>'
    return (
        f'<section class="title-page" epub:type="titlepage"><h1>{html.escape(book.title)}</h1>'
        f"<p>{html.escape(book.author)}, {html.escape(book.year)}</p>"
        f"<p>This is a copy to take away of the live book at {link}. There the figures called explorers move; here "
        "each is a picture of its first state, and its caption says where the live one is.</p>"
        "<p>Text and figures: CC BY 4.0. Code: MIT.</p></section>"
    )


def _navigation(book: Book, chapters: list[Chapter]) -> str:
    def entry(chapter: Chapter) -> str:
        file = f"{chapter.page.name}.xhtml"
        inner = "".join(
            f'<li><a href="{file}#{html.escape(i)}">{html.escape(text)}</a></li>' for text, i in chapter.sections
        )
        return f'<li><a href="{file}">{html.escape(chapter.title)}</a>{f"<ol>{inner}</ol>" if inner else ""}</li>'

    items = ['<li><a href="title.xhtml">Title page</a></li>']
    for part, group in groupby(chapters, key=lambda chapter: chapter.page.part):
        entries = "".join(map(entry, group))
        items.append(f"<li><span>{html.escape(part)}</span><ol>{entries}</ol></li>" if part else entries)
    landmarks = (
        '<nav epub:type="landmarks" hidden="hidden" aria-label="Landmarks"><ol>'
        '<li><a epub:type="toc" href="nav.xhtml">Contents</a></li>'
        f'<li><a epub:type="bodymatter" href="{chapters[0].page.name}.xhtml">Start</a></li></ol></nav>'
    )
    return _document(
        "Contents", f'<nav epub:type="toc" id="toc"><h1>Contents</h1><ol>{"".join(items)}</ol></nav>{landmarks}'
    )


def _package(book: Book, chapters: list[Chapter], pictures: dict[str, bytes]) -> str:
    manifest = [
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        '<item id="title" href="title.xhtml" media-type="application/xhtml+xml"/>',
        '<item id="style" href="book.css" media-type="text/css"/>',
    ]
    for chapter in chapters:
        properties = f' properties="{chapter.properties}"' if chapter.properties else ""
        name = chapter.page.name
        manifest.append(f'<item id="page-{name}" href="{name}.xhtml" media-type="application/xhtml+xml"{properties}/>')
    for number, name in enumerate(pictures, 1):
        manifest.append(f'<item id="picture-{number}" href="{name}" media-type="image/{name.rpartition(".")[2]}"/>')
    spine = "".join(f'<itemref idref="page-{chapter.page.name}"/>' for chapter in chapters)
    access = "".join(f'<meta property="schema:{name}">{value}</meta>' for name, value in ACCESS)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book" xml:lang="en-GB">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="book">urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, book.address)}</dc:identifier>'
        f"<dc:title>{html.escape(book.title)}</dc:title><dc:creator>{html.escape(book.author)}</dc:creator>"
        f"<dc:language>en-GB</dc:language><dc:source>{html.escape(book.address)}</dc:source>"
        "<dc:rights>Text and figures: CC BY 4.0. Code: MIT.</dc:rights>"
        # The format demands a moment; the year of the copyright does not change from one build to the next.
        f'<meta property="dcterms:modified">{book.year}-01-01T00:00:00Z</meta>{access}</metadata>\n'
        f"<manifest>{''.join(manifest)}</manifest>\n"
        f'<spine><itemref idref="title"/><itemref idref="nav"/>{spine}</spine>\n</package>\n'
    )


ACCESS = (
    *(("accessMode", mode) for mode in ("textual", "visual")),
    ("accessModeSufficient", "textual"),
    *(
        ("accessibilityFeature", name)
        for name in ("alternativeText", "MathML", "structuralNavigation", "tableOfContents")
    ),
    ("accessibilityHazard", "none"),
    ("accessibilitySummary", "Every figure has a text alternative, and every formula is MathML with a line of text."),
)


if __name__ == "__main__":
    target = Path("_build") / "epub" / f"{FILE_NAME}.epub"
    make(Path("_build") / "html", Path(), target)
    print(f"  {target} ({target.stat().st_size / 1e6:.1f} MB)")
