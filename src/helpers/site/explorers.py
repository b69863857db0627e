"""Explorers on the site: one script and one style sheet for the pages that have any, and Vega beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from helpers import front

FOLDER = "explorer"


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", _write_assets)
    app.connect("html-page-context", _load_where_needed, priority=400)


def _write_assets(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    files = {"explorer.js": front.script(), "explorer.css": front.style(), "vega.js": front.vega()}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _load_where_needed(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if 'class="explorer"' in context.get("body", ""):
        app.add_js_file(f"{FOLDER}/explorer.js", loading_method="defer")
        app.add_css_file(f"{FOLDER}/explorer.css")
