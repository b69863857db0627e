"""The theme's icons without Font Awesome's script, style sheet and fonts, which weigh more than a chapter.

Each icon that a page or the theme's own script names becomes one rule of a small style sheet: its outline, cut out of
Font Awesome's script, as a mask on the text's colour.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx

SHEET = "icons.css"
BASE = """\
[class*="fa-"]:is(i, span) {
  display: inline-block; width: 1em; height: 1em; vertical-align: -0.125em;
  background: currentColor;
  -webkit-mask: var(--icon) center / contain no-repeat;
  mask: var(--icon) center / contain no-repeat;
}
html body .bd-sidebar-secondary.hide:not(:hover) .onthispage::after { content: "▾"; font: inherit; }
html body :is(a.github, a.gitlab, a.reference.download, div#searchbox p.highlight-link a)::before { content: none; }
html body :is(.nav-link.nav-external, nav.bd-links li > a.reference.external)::after { content: "↗"; font: inherit; }
html body .admonition > .admonition-title::after { content: none; }
html body .admonition > .admonition-title { padding-left: 0.6rem; }
@media (forced-colors: active) { [class*="fa-"]:is(i, span) { background: CanvasText; } }
"""


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", lambda app: app.add_css_file(SHEET) if app.builder.name == "html" else None)
    app.connect("build-finished", _replace)


def _replace(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    root = Path(app.outdir)
    (vendor,) = root.glob("_static/vendor/fontawesome/*") if (root / "_static/vendor/fontawesome").exists() else (None,)
    if vendor is None:  # an incremental build that wrote no page
        return
    source = (vendor / "js" / "all.min.js").read_text(encoding="utf-8")
    pages = [(page, page.read_text(encoding="utf-8")) for page in root.rglob("*.html")]
    scripts = [script.read_text(encoding="utf-8") for script in root.glob("_static/scripts/*.js")]
    named = {
        name for text in [*(text for _, text in pages), *scripts] for name in re.findall(r"\bfa-([a-z0-9-]+)", text)
    }
    (root / "_static" / SHEET).write_text(sheet(source, named), encoding="utf-8")
    for page, text in pages:
        if (light := without_font_awesome(text)) != text:
            page.write_text(light, encoding="utf-8")
    shutil.rmtree(root / "_static" / "vendor")


def sheet(source: str, named: set[str]) -> str:
    """A style sheet with the named icons out of the text of Font Awesome's script; names that are no icons are left."""
    rules = []
    for name in sorted(named):
        drawings = re.findall(rf'(?<![\w-])"?{name}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"', source)
        if drawings:
            width, height, outline = drawings[
                -1
            ]  # the script has the brands, then the outlined icons, then the solid ones
            picture = (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><path d="{outline}"/></svg>'
            )
            rules.append(f'.fa-{name} {{ --icon: url("data:image/svg+xml,{quote(picture, safe=" =/:")}"); }}')
    return BASE + "\n".join(rules) + "\n"


def without_font_awesome(page: str) -> str:
    """A page without the links and scripts that load Font Awesome."""
    return re.sub(r"\s*<(?:link|script)\b[^>]*fontawesome[^>]*>(?:</script>)?", "", page)
