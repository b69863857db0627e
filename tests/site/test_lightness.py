"""Icons as masks, drawings to the width of a hair, cards for those who link to a chapter."""

from __future__ import annotations

import re
import struct

import pytest
from chapters import NOTEBOOKS

from helpers.site import cards, drawings, icons

SOURCE = 'sun:[9,9,[],"f185","Mold"],"rectangle-sun":[7,7,[],"f001","Mother"],sun:[8,4,["day"],"f185","Mnew"]'


def test_an_icon_is_its_last_drawing_and_unknown_names_are_left_out():
    sheet = icons.sheet(SOURCE, {"sun", "lg"})
    (rule,) = re.findall(r"\.fa-sun \{.*\}", sheet)
    assert "Mnew" in rule
    assert "viewBox=%220 0 8 4%22" in rule
    assert ".fa-lg" not in sheet


def test_every_icon_of_the_site_has_a_drawing_and_font_awesome_is_gone(site):
    sheet = (site / "_static" / "icons.css").read_text(encoding="utf-8")
    for page in (site / "book").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        names = set(re.findall(r'<(?:i|span) class="[^"]*\bfa-(?!solid|regular|brands|lg\b)([\w-]+)', text))
        assert {name for name in names if f".fa-{name} " not in sheet} == set(), page.name
        assert "fontawesome" not in text
    assert not (site / "_static" / "vendor").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<path d="M 12.3456 7.8912 L -0.0012 100.04"/>', '<path d="M 12.3 7.89 L 0 100"/>'),
        ('<g transform="translate(10.123,5.001)">', '<g transform="translate(10.1,5)">'),
        ('<g transform="scale(0.0123)">', '<g transform="scale(0.0123)">'),
        ('<text font-size="11.2345">12.3456</text>', '<text font-size="11.2345">12.3456</text>'),
        ('<path d="M 1.23456e-05 2"/>', '<path d="M 1.23456e-05 2"/>'),
    ],
)
def test_coordinates_are_shortened_and_nothing_else(before, after):
    assert drawings.lighter(before).replace("-0 ", "0 ") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('style="width:100%;height:auto;x:1"', 'style="width:100%;height:auto;aspect-ratio:532.8/216;x:1"'),
        ('style="height:auto"', 'style="height:auto;aspect-ratio:532.8/216"'),
        ('style="height:12px"', 'style="height:12px"'),
    ],
)
def test_a_drawing_that_fits_its_width_says_its_shape(before, after):
    drawing = '<svg role="img" viewBox="0 0 532.8 216" {}><path d=""/></svg>'
    assert drawings.shaped(drawing.format(before)) == drawing.format(after)


def test_every_picture_of_the_book_says_its_shape(site):
    for chapter in NOTEBOOKS:
        text = (site / "book" / f"{chapter.stem}.html").read_text(encoding="utf-8")
        pictures = re.findall(r'<figure class="picture"><svg[^>]*>', text)
        assert pictures or chapter.stem == "how_explorers_work"
        assert [head for head in pictures if "aspect-ratio:" not in head] == [], chapter.stem


@pytest.mark.parametrize("chapter", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_has_a_card_an_address_and_a_description(chapter, site):
    text = (site / "book" / f"{chapter.stem}.html").read_text(encoding="utf-8")
    says = dict(re.findall(r'<meta (?:property|name)="((?:og:)?[\w:]+)" content="([^"]*)"', text))
    canonical = re.search(r'<link rel="canonical" href="([^"]+)"', text)[1]
    assert says["og:url"] == canonical
    assert canonical.endswith(f"/book/{chapter.stem}.html")
    assert len(says["og:description"]) > 60
    assert len(says["og:image:alt"]) > 20
    picture = (site / "_static/cards" / f"{chapter.stem}.png").read_bytes()
    assert says["og:image"].endswith(f"/_static/cards/{chapter.stem}.png")
    assert struct.unpack(">II", picture[16:24]) == (cards.WIDTH, cards.HEIGHT)
    assert canonical in (site / "sitemap.xml").read_text(encoding="utf-8")


def test_the_front_page_is_in_the_sitemap_and_a_long_question_is_in_equal_lines(site):
    assert "/book/index.html<" in (site / "sitemap.xml").read_text(encoding="utf-8")
    lines = re.findall(r"<tspan[^>]*>([^<]*)", cards.card("What if the network were infinitely wide?", "Book", ""))
    assert len(lines) == 2
    assert min(map(len, lines)) > 12


@pytest.mark.parametrize("page", ["book/index", "book/ntk", "book/references", "book/hub", "search"])
def test_no_page_draws_from_a_font_that_is_not_there(page, origin, watched):
    opened = watched(origin).open(f"{origin}/{page}.html")
    drawn = """() => [...document.querySelectorAll("body *")].flatMap(e => ["::before", "::after"].map(part => {
      const style = getComputedStyle(e, part);
      return /[\\ue000-\\uf8ff]/.test(style.content) || (style.content !== "none" && /Awesome/.test(style.fontFamily))
        ? `${e.className}${part}` : null })).filter(Boolean)"""
    assert opened.evaluate(drawn) == []
