"""Search works without a server and finds words, symbols and names in code."""

from __future__ import annotations

import re

import pytest


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("sharpness", "implicit_regularisation"),
        ("lambda", "double_descent"),  # a symbol, by its name in TeX
        ("neural tangent kernel", "ntk"),
        ("newton", "implicit_regularisation"),  # a function's name in code
        ("universal", "universal_approximation"),
    ],
)
def test_search_finds(asked, page, site, chromium):
    tab = chromium.new_page()
    tab.goto(f"{(site / 'search.html').as_uri()}?q={asked.replace(' ', '+')}")
    tab.locator("#search-results p.search-summary", has_text="found").wait_for()
    links = [link.get_attribute("href") for link in tab.locator("#search-results li a").all()]
    tab.close()
    assert any(re.search(rf"\b{page}\.html", link) for link in links)
