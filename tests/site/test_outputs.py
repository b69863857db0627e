"""What a page borrows from a chapter is the chapter's own output, and lives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from live_explorer import settled

from helpers.site.outputs import shown

pytestmark = pytest.mark.xdist_group("site")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_front_page_is_played_with_before_anything_is_read(scheme: str, origin, watched) -> None:
    watch = watched(origin, scheme=scheme)
    page = watch.open(f"{origin}/book/index.html")
    figure = page.locator("figure.explorer")
    page.wait_for_function("f => f.dataset.ready", arg=figure.element_handle())
    assert figure.bounding_box()["y"] < 300
    before = settled(figure)
    figure.locator("input[type=range]").first.press("End")
    assert settled(figure) != before
    assert watch.problems == []
    assert Axe().run(page, context=".bd-article").response["violations"] == []


def test_its_example_of_a_claim_is_a_claim_with_its_source(site: Path) -> None:
    page = (site / "book" / "index.html").read_text(encoding="utf-8")
    assert page.count('class="claim"') == 1
    assert 'href="references.html#ref-' in page


def test_an_output_is_found_by_an_identifier_in_it(tmp_path: Path) -> None:
    outputs = [
        {"data": {"text/html": ["<p>one</p>"]}},
        {"data": {"text/html": ['<p id="x">', "two</p>"]}},
        {"data": {}},
    ]
    notebook = tmp_path / "one.ipynb"
    notebook.write_text(json.dumps({"cells": [{"source": []}, {"outputs": outputs}]}), encoding="utf-8")
    assert shown(notebook, "x") == '<p id="x">two</p>'
    with pytest.raises(LookupError, match="shows nothing with the identifier 'y'"):
        shown(notebook, "y")
    with pytest.raises(OSError, match=r"none\.ipynb"):
        shown(tmp_path / "none.ipynb", "x")
