"""Formulas typeset while the site is built: MathJax runs here, in V8, and no page has to load it.

Each page gets MathJax's HTML with its assistive MathML; all pages share one style sheet and fonts, cut down to the
glyphs that the book uses. A formula that TeX does not accept is a warning, so it stops the build.
"""

from __future__ import annotations

import functools
import html
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from py_mini_racer import MiniRacer
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

FOLDER, SHEET = "formulas", "formulas/formulas.css"
COMPONENTS = (
    "startup.js",
    "core.js",
    "adaptors/liteDOM.js",
    "input/tex-full.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
)
CONFIGURE = """
globalThis.window = globalThis.self = globalThis.global = globalThis;
globalThis.console = {log() {}, warn() {}, error() {}};
globalThis.setTimeout = act => act();
globalThis.MathJax = {
  startup: {typeset: false},
  tex: {packages: {"[-]": ["noundefined", "noerrors"]}},
  options: {enableAssistiveMml: true},
  chtml: {adaptiveCSS: false, fontURL: "."},
};
"""
START = """
MathJax.startup.useAdaptor("liteAdaptor", true);
MathJax.startup.useInput("tex", true);
MathJax.startup.useOutput("chtml", true);
MathJax.startup.useHandler("HTMLHandler", true);
MathJax.startup.extendHandler(handler => MathJax._.a11y["assistive-mml"].AssistiveMmlHandler(handler));
MathJax.startup.getComponents();
MathJax.startup.makeMethods();
const outer = node => MathJax.startup.adaptor.outerHTML(node);
"""


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("typeset", inline_renderers=(_inline, None), block_renderers=(_block, None))
    app.connect("config-inited", lambda _, config: setattr(config, "html_math_renderer", "typeset"))
    app.connect("html-page-context", _load_where_needed, priority=400)
    app.connect("build-finished", _write_assets)


def mathjax() -> Path:
    """The folder of MathJax's own files, as the package that brings them installs it."""
    found = importlib.util.find_spec("sphinx-mathjax-offline")
    if found is None or found.origin is None:
        raise ExtensionError("sphinx-mathjax-offline is not installed: run `make env`, or pip install it")
    return Path(found.origin).parent / "static" / "mathjax"


@functools.cache
def _engine() -> MiniRacer:
    engine = MiniRacer()
    engine.eval(CONFIGURE)
    for component in COMPONENTS:
        engine.eval((mathjax() / component).read_text(encoding="utf-8"))
    engine.eval(START)
    return engine


@functools.cache
def typeset(tex: str, *, display: bool = False) -> str:
    """The HTML of a formula, with MathML for those who listen.

    Raises ``ValueError`` with TeX's complaint if the formula is wrong.
    """
    page = str(_engine().eval(f"outer(MathJax.tex2chtml({json.dumps(tex)}, {{display: {json.dumps(display)}}}))"))
    if complaint := re.search(r'<mjx-merror data-mjx-error="([^"]*)"', page):
        raise ValueError(f"{html.unescape(complaint[1])}, in the formula {tex!r}")
    return page


def _written(tex: str, node: nodes.Element, *, display: bool) -> str:
    try:
        return typeset(tex, display=display)
    except ValueError as error:
        logger.warning("%s", error, location=node)
        return html.escape(tex)


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(_written(node.astext(), node, display=False) + "</span>")
    raise nodes.SkipNode


def _block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_written(in_lines(node.astext()), node, display=True) + "</div>\n")
    raise nodes.SkipNode


def in_lines(tex: str) -> str:
    """A display with ``\\\\`` outside of any environment is set in lines, aligned at ``&``, as Sphinx does it."""
    if r"\\" in tex and not re.match(r"\s*\\begin\{(align|gather|equation|multline)", tex):
        return rf"\begin{{split}}{tex}\end{{split}}"
    return tex


def _load_where_needed(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if "<mjx-container" in context.get("body", ""):
        app.add_css_file(SHEET)


def _write_assets(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    pages = [page.read_text(encoding="utf-8") for page in Path(app.outdir).rglob("*.html")]
    style = str(_engine().eval("MathJax.startup.adaptor.textContent(MathJax.chtmlStylesheet())"))
    style = trimmed(style, {glyph for page in pages for glyph in re.findall(r'class="(mjx-c[0-9A-F]+[^"]*)"', page)})
    folder = Path(app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (Path(app.outdir) / "_static" / SHEET).write_text(style, encoding="utf-8")
    for font in re.findall(r'url\("([^"]+)"\)', style):
        _subset(mathjax() / "output/chtml/fonts/woff-v2" / font, glyphs(style), folder / font)


def trimmed(style: str, used: set[str]) -> str:
    """MathJax's style sheet without the rules for glyphs that are not used: ``{"mjx-c28", "mjx-c1D44E TEX-I", …}``."""
    wanted = {glyph.replace(" ", ".") for glyph in used} | {glyph.split()[0] for glyph in used if "TEX" not in glyph}

    def keeps(rule: str) -> bool:
        glyph = re.search(r"\.(mjx-c[0-9A-F]+(?:\.TEX-\w+)?)", rule.split("{")[0])
        return glyph is None or glyph[1] in wanted

    rules = re.split(r"(?<=\n\})\n+", style.strip())  # a brace may also be a glyph
    return "\n".join(rule for rule in rules if keeps(rule)) + "\n"


def glyphs(style: str) -> set[int]:
    """The code points that the rules of a style sheet show."""
    shown = re.findall(r'content: "((?:[^"\\]|\\.)*)"', style)
    points = {int(code, 16) for text in shown for code in re.findall(r"\\([0-9A-Fa-f]{1,6})", text)}
    return points | {ord(c) for text in shown for c in re.sub(r"\\[0-9A-Fa-f]{1,6} ?|\\", "", text)} | {ord("\\")}


def _subset(source: Path, points: set[int], target: Path) -> None:
    font = TTFont(source)
    if not points & set(font.getBestCmap()):  # the font of the empty glyph
        points = set(font.getBestCmap())
    subsetter = Subsetter(Options(notdef_outline=True))
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    font.save(target)
