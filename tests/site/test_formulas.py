"""Formulas are typeset while the site is built, and only what they use of MathJax is in the site."""

from __future__ import annotations

import re

import pytest
from fontTools.ttLib import TTFont

from helpers.site import formulas


def test_a_formula_has_its_mathml_beside_it():
    page = formulas.typeset(r"\frac{a}{2} \le \mathbb{R}")
    assert "<mjx-container" in page
    assert re.search(r"<mjx-assistive-mml[^>]*><math[^>]*>.*<mfrac>", page, re.DOTALL)
    assert 'display="true"' in formulas.typeset("a", display=True)


@pytest.mark.parametrize("tex", [r"\frac{a}{", r"\nosuchcommand x", r"x_1_2"])
def test_a_wrong_formula_is_named(tex):
    with pytest.raises(ValueError, match=re.escape(repr(tex))):
        formulas.typeset(tex)


def test_lines_without_an_environment_are_split():
    assert formulas.in_lines(r"a \\ b") == r"\begin{split}a \\ b\end{split}"
    assert formulas.in_lines(r"\begin{align} a \\ b \end{align}").startswith(r"\begin{align}")
    assert formulas.in_lines("a = b") == "a = b"


STYLE = """\
mjx-math {
  display: inline-block;
}

mjx-c.mjx-c7B::before {
  content: "{";
}

mjx-c.mjx-c28::before {
  content: "(";
}

mjx-c.mjx-c28.TEX-B::before {
  content: "(";
}

mjx-c.mjx-c3B8.TEX-I::before {
  content: "\\3B8";
}
"""


def test_the_style_sheet_keeps_the_glyphs_in_use_and_no_others():
    kept = formulas.trimmed(STYLE, {"mjx-c7B", "mjx-c3B8 TEX-I"})
    assert "mjx-math" in kept
    assert 'content: "{"' in kept
    assert "mjx-c28" not in kept
    assert formulas.glyphs(kept) >= {ord("{"), ord("θ")}
    assert ord("(") not in formulas.glyphs(kept)


def test_the_fonts_of_the_site_have_the_glyphs_in_use(site):
    folder = site / "_static" / "formulas"
    style = (folder / "formulas.css").read_text(encoding="utf-8")
    main = set(TTFont(folder / "MathJax_Main-Regular.woff").getBestCmap())
    assert {ord(c) for c in "=+(0"} <= main
    assert sum(font.stat().st_size for font in folder.glob("*.woff")) < 300_000
    pages = "".join(page.read_text(encoding="utf-8") for page in (site / "book").glob("*.html"))
    used = {glyph.replace(" ", ".") for glyph in re.findall(r'<mjx-c class="(mjx-c[0-9A-F]+(?: TEX-\w+)?)"', pages)}
    assert used
    assert {glyph for glyph in used if f"mjx-c.{glyph}::before" not in style} == set()
