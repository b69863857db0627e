"""Every page works alone: offline, opened as a file, light and dark, down to a small phone."""

from __future__ import annotations

import re
from pathlib import Path

import chapters
import pytest
import yaml

pytestmark = pytest.mark.xdist_group("site")
ROOT = Path(__file__).parents[2]
PAGES = sorted(f"book/{path.stem}.html" for path in (ROOT / "book").iterdir() if path.suffix in (".md", ".ipynb")) + [
    "search.html"
]
CHAPTERS = [f"book/{path.stem}.html" for path in chapters.CHAPTERS]


@pytest.mark.parametrize("page", PAGES)
def test_nothing_leaves_the_site_and_nothing_fails(page, origin, watched):
    watch = watched(origin)
    watch.open(f"{origin}/{page}")
    assert watch.problems == []


@pytest.mark.parametrize("page", PAGES)
def test_it_works_when_opened_as_a_file(page, site, watched):
    watch = watched("file://")
    watch.open((site / page).as_uri())
    assert watch.problems == []


@pytest.mark.parametrize("page", PAGES)
def test_no_script_style_or_picture_from_elsewhere(page, site):
    text = (site / page).read_text(encoding="utf-8")
    loaded = re.findall(r"<(?:script|img|iframe|source)[^>]*\bsrc=\"([^\"]+)\"", text)
    loaded += re.findall(r"<link(?![^>]*\brel=\"canonical\")[^>]*\bhref=\"([^\"]+)\"[^>]*>", text)
    assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []
    assert not re.search(r"require(\.min)?\.js|html-manager|thebe\S*\.js", " ".join(loaded))


@pytest.mark.parametrize("page", CHAPTERS)
def test_formulas_are_typeset(page, origin, watched):
    opened = watched(origin).open(f"{origin}/{page}")
    assert opened.locator("mjx-container").count() == opened.locator(".math").count() > 0
    assert opened.locator("mjx-merror").count() == 0
    assert opened.locator("mjx-assistive-mml math").count() == opened.locator("mjx-container").count()
    for font, glyph in (("MJXTEX", "="), ("MJXTEX-I", "x")):
        assert opened.evaluate("([font, glyph]) => document.fonts.check(`16px ${font}`, glyph)", [font, glyph])
    # Every glyph that the page names has a rule that draws it.
    blank = """() => [...document.querySelectorAll("mjx-c")].filter(
        e => ["none", "normal"].includes(getComputedStyle(e, "::before").content)).map(e => e.className)"""
    assert opened.evaluate(blank) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_scrolls_sideways(page, origin, watched):
    opened = watched(origin, width=320).open(f"{origin}/{page}")
    widths = {}
    for width in (320, 1280, 768, 390):  # a narrow start, and from wide to narrow, where what is stale sticks out
        opened.set_viewport_size({"width": width, "height": 800})
        opened.wait_for_timeout(300)
        widths[width] = opened.evaluate("document.documentElement.scrollWidth")
    assert all(needed <= width for width, needed in widths.items()), widths


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", CHAPTERS)
def test_pictures_and_claims_follow_the_theme(page, scheme, origin, watched):
    opened = watched(origin, scheme=scheme).open(f"{origin}/{page}")
    assert opened.evaluate("document.documentElement.dataset.theme") == scheme
    # The ink of a picture is the page's text colour, on the page's own background.
    for selector in ("figure.picture text", "div.claim"):
        style = "e => [getComputedStyle(e).fill, getComputedStyle(e).color, getComputedStyle(document.body).color]"
        fill, colour, page_text = opened.locator(selector).first.evaluate(style)
        assert colour == page_text
        assert fill == colour or selector == "div.claim"
    plate = "e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;"
    plate += " if (c !== 'rgba(0, 0, 0, 0)') return c } }"
    assert opened.locator("figure.picture").first.evaluate(plate) == opened.locator("body").evaluate(plate)


@pytest.mark.parametrize("page", CHAPTERS)
def test_the_launch_buttons_lead_to_this_notebook(page, site):
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    repository = config["url"].removeprefix("https://github.com/")
    notebook = page.replace(".html", ".ipynb")
    text = (site / page).read_text(encoding="utf-8")
    assert f"https://colab.research.google.com/github/{repository}/blob/{config['branch']}/{notebook}" in text
    assert f"https://mybinder.org/v2/gh/{repository}/{config['branch']}?urlpath=lab/tree/{notebook}" in text


@pytest.mark.parametrize("page", CHAPTERS)
def test_claims_lead_to_their_sources(page, site):
    text = (site / page).read_text(encoding="utf-8")
    anchors = set(re.findall(r'id="(ref-[^"]+)"', (site / "book/references.html").read_text(encoding="utf-8")))
    linked = re.findall(r'<cite><a href="references\.html#(ref-[^"]+)"', text)
    assert linked
    assert set(linked) <= anchors
    assert "data-key=" not in text


@pytest.mark.parametrize("page", CHAPTERS)
def test_anchors_are_unique(page, site):
    identifiers = re.findall(r'\bid="([^"]+)"', (site / page).read_text(encoding="utf-8"))
    ours = [name for name in identifiers if re.match(r"claim-|folklore-|explorer-|p[0-9a-f]{8}-", name)]
    assert any(name.startswith("claim-") for name in ours)
    assert len(ours) == len(set(ours))
