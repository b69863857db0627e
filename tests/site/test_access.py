"""Nobody is shut out: axe finds nothing on any page, and headings, language and landmarks are in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

ROOT = Path(__file__).parents[2]
PAGES = sorted(f"book/{path.stem}.html" for path in (ROOT / "book").iterdir() if path.suffix in (".md", ".ipynb"))
PAGES += ["search.html", "genindex.html"]


# Nine in ten of the texts whose contrast axe would measure are words of code. Of those that look alike, in their own
# colour and on the same ground, it gets the first of two letters or more (it does not judge single ones); the others
# become text of the block that they stand in.
MERGE_REPEATED_CODE = """() => {
    const seen = new Set(), repeated = [];
    for (const word of document.querySelectorAll(".highlight span")) {
        const style = getComputedStyle(word), ground = getComputedStyle(word.closest(".highlight pre") ?? word);
        const look = [style.color, style.backgroundColor, style.fontSize, style.fontWeight, style.opacity,
                      ground.backgroundColor].join();
        if (seen.has(look)) repeated.push(word);
        else if (word.checkVisibility() && word.textContent.length > 1) seen.add(look);
    }
    for (const word of repeated) word.replaceWith(...word.childNodes);
}"""


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing(page, scheme, width, origin, watched):
    opened = watched(origin, scheme=scheme, width=width).open(f"{origin}/{page}")
    for figure in opened.locator("figure.explorer").all():
        figure.scroll_into_view_if_needed()
    opened.wait_for_function("document.querySelectorAll('figure.explorer:not([data-ready=true])').length === 0")
    opened.evaluate(MERGE_REPEATED_CODE)
    found = Axe().run(opened).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("page", PAGES)
def test_headings_go_down_one_step_at_a_time(page, site):
    text = (site / page).read_text(encoding="utf-8")
    body = (re.search(r'<article class="bd-article".*?</article>', text, re.DOTALL) or [text])[0]
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", body)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("page", PAGES)
def test_the_language_is_named_and_there_is_one_main_landmark(page, site):
    text = (site / page).read_text(encoding="utf-8")
    assert re.search(r'<html[^>]*\blang="en"', text)
    assert len(re.findall(r'<main\b|<(?!main\b)[a-z]+[^>]*\brole="main"', text)) == 1


def test_what_scrolls_sideways_takes_the_focus_and_nothing_else_does(origin, watched):
    boxes = """() => [...document.querySelectorAll(".bd-article mjx-container")].map(
        e => [e.tabIndex === 0, e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible"])"""
    wide = {}
    for width in (390, 1280):
        opened = watched(origin, width=width).open(f"{origin}/book/ntk.html")
        opened.wait_for_function("document.fonts.status === 'loaded'")
        opened.wait_for_timeout(300)
        found = opened.evaluate(boxes)
        assert all(focused == scrolls for focused, scrolls in found)
        wide[width] = sum(scrolls for _, scrolls in found)
    assert wide[390] > 0 == wide[1280]
