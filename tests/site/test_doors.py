"""The doors of the site: a notebook to take away, a hub of the reader's own, a word to the authors, a lost reader."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import chapters
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe

from helpers.site import links, repository

pytestmark = pytest.mark.xdist_group("site")
ROOT = Path(__file__).parents[2]
HERE = repository.configured(ROOT)
BRANCH = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["branch"]
CHAPTERS = [path.stem for path in chapters.CHAPTERS]
HUB = "https://hub.example.edu"


def asked(hub: str, notebook: str) -> dict[str, list[str]]:
    """What nbgitpuller must be asked for, to open this notebook in JupyterLab."""
    return {"repo": [HERE.url], "branch": [BRANCH], "urlpath": [f"lab/tree/{HERE.name}/{notebook}"]}


def sent(page) -> str:
    """The address at which the form sends the browser."""
    addresses = []
    page.route(f"{HUB}/**", lambda route: (addresses.append(route.request.url), route.fulfill(body="the hub")))
    with page.expect_navigation(url=f"{HUB}/**"):
        page.keyboard.press("Enter")
    (address,) = addresses
    return address


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_leads_to_the_form_with_itself_chosen(chapter, site, origin, watched) -> None:
    text = (site / f"book/{chapter}.html").read_text(encoding="utf-8")
    (link,) = re.findall(r'<a href="([^"]*)"[^>]*title="Open in your own JupyterHub"', text)
    watch = watched(origin)
    page = watch.open(f"{origin}/book/{link}")
    assert page.locator("#hub-chapter").input_value() == f"book/{chapter}.ipynb"
    assert watch.problems == []


@pytest.mark.parametrize(
    "typed",
    [
        HUB,
        f"{HUB}/",
        "hub.example.edu",
        f" {HUB}/hub/home ",
        f"{HUB}/user/me/lab/tree/x.ipynb",
        f"{HUB}/hub/login?next=%2F",
    ],
)
def test_the_form_opens_the_chapter_whichever_page_of_the_hub_was_named(typed, site, watched) -> None:
    page = watched("file://").open((site / "book/hub.html").as_uri() + "#book/ntk.ipynb")
    page.locator("#hub-address").focus()
    page.keyboard.type(typed)
    address = urlsplit(sent(page))
    assert (address.netloc, address.path) == ("hub.example.edu", "/hub/user-redirect/git-pull")
    assert parse_qs(address.query) == asked(HUB, "book/ntk.ipynb")


def test_a_hub_below_a_path_keeps_it(origin, watched) -> None:
    page = watched(origin).open(f"{origin}/book/hub.html")
    page.fill("#hub-address", f"{HUB}/jupyter/hub/home")
    assert urlsplit(sent(page)).path == "/jupyter/hub/user-redirect/git-pull"


def test_the_address_is_remembered_and_the_link_can_be_shared(origin, watched) -> None:
    page = watched(origin).open(f"{origin}/book/hub.html")
    assert page.locator(".hub-link").is_hidden()
    page.fill("#hub-address", "hub.example.edu/hub/home")
    page.locator("#hub-address").focus()
    address = sent(page)
    page.goto(f"{origin}/book/hub.html#book/backprop.ipynb")
    assert page.locator("#hub-address").input_value() == HUB
    shared = page.locator(".hub-link a").get_attribute("href")
    assert parse_qs(urlsplit(shared).query) == asked(HUB, "book/backprop.ipynb")
    page.select_option("#hub-chapter", index=0)
    assert page.locator(".hub-link a").get_attribute("href") == address


@pytest.mark.parametrize("typed", ["", "my hub", "javascript:alert(1)", "file:///etc", "hub", "ftp://hub.example.edu"])
def test_what_is_no_address_of_a_hub_is_said_and_goes_nowhere(typed, origin, watched) -> None:
    watch = watched(origin)
    page = watch.open(f"{origin}/book/hub.html")
    page.fill("#hub-address", typed)
    page.keyboard.press("Enter")
    said = page.locator("#hub-problem").inner_text()
    assert "https://hub.example.edu" in said and typed in said
    assert page.evaluate("document.activeElement.id") == "hub-address"
    assert page.locator("#hub-address").get_attribute("aria-invalid") == "true"
    assert page.url == f"{origin}/book/hub.html"
    assert watch.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_form_and_lost_page_are_accessible_and_fit_a_phone(scheme, origin, watched) -> None:
    for name, part in (("book/hub.html", ".bd-article"), ("404.html", "html")):
        watch = watched(origin, scheme=scheme, width=320)
        page = watch.open(f"{origin}/{name}")
        assert watch.problems == []
        if name == "book/hub.html":
            page.fill("#hub-address", "nothing")
            page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert [v["id"] for v in Axe().run(page, context=part).response["violations"]] == []


def test_the_form_is_used_with_the_keyboard_alone(origin, watched) -> None:
    page = watched(origin).open(f"{origin}/book/hub.html")
    page.locator("#hub-address").focus()
    reached = []
    for _ in range(2):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.tagName"))
    assert reached == ["SELECT", "BUTTON"]
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_the_install_line_is_that_of_the_chapters(site: Path) -> None:
    line = f'%pip install -q "git+{HERE.url}"'
    assert line in unescape((site / "book/hub.html").read_text(encoding="utf-8"))
    assert all(line in chapter.read_text(encoding="utf-8").replace('\\"', '"') for chapter in chapters.NOTEBOOKS)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_download_is_the_notebook(chapter, origin, watched) -> None:
    page = watched(origin).open(f"{origin}/book/{chapter}.html")
    page.locator(".dropdown-download-buttons > button").click()
    link = page.locator("a.btn-download-source-button")
    link.evaluate("link => link.removeAttribute('target')")  # a tab that closes at once would keep the event to itself
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == f"{chapter}.ipynb"
    source = ROOT / "book" / f"{chapter}.ipynb"
    assert json.loads(Path(download.value.path()).read_bytes()) == json.loads(source.read_bytes())


def test_every_page_has_a_way_to_say_what_is_wrong_that_names_the_page(site: Path) -> None:
    pages = [page for page in links.pages(site) if 'class="bd-article"' in page.read_text(encoding="utf-8")]
    assert len(pages) > len(CHAPTERS)
    for page in pages:
        (link,) = re.findall(r'<p class="feedback">[^<]*<a href="([^"]+)"', page.read_text(encoding="utf-8"))
        address = urlsplit(unescape(link))
        assert f"https://{address.netloc}{address.path}" == f"{HERE.url}/issues/new"
        query = parse_qs(address.query)
        assert page.relative_to(site).with_suffix("").as_posix() in query["body"][0]
        assert re.fullmatch(r"[^<>]{3,}: ", query["title"][0])


def test_the_lost_page_needs_no_file_and_knows_every_page(site: Path) -> None:
    found = [link for link in links.read(site / "404.html").links if not link.startswith("data:")]
    below = f"/{HERE.name}/"
    assert all(link.startswith(below) for link in found)
    text = (site / "404.html").read_text(encoding="utf-8")
    assert not re.search(r'<(script|img)\b|<link[^>]*href="(?!data:)|@import|url\(', text)
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [toc["root"], *(page["file"] for part in toc["parts"] for page in part["chapters"])]
    assert [link.removeprefix(below) for link in found if "search" not in link] == [f"{p}.html" for p in pages]
