"""Explorers on the site: one script and one style sheet for the pages that have any, and Vega beside them."""

from __future__ import annotations

import itertools
import re
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
        context["body"] = unique_ids(context["body"])
        app.add_js_file(f"{FOLDER}/explorer.js", loading_method="defer")
        app.add_css_file(f"{FOLDER}/explorer.css")


def unique_ids(page: str) -> str:
    """Give the second explorer of a name the number 2, and so on: its elements, its link and its picture's parts."""
    figures = re.compile(r'<figure class="explorer" id="([^"]+)".*?</figure>', re.DOTALL)
    taken = set(figures.findall(page))
    seen: set[str] = set()

    def numbered(match: re.Match[str]) -> str:
        name = match[1]
        if name not in seen:
            seen.add(name)
            return match[0]
        number = next(n for n in itertools.count(2) if f"{name}-{n}" not in taken)
        taken.add(f"{name}-{number}")
        own = re.compile(rf'((?: (?:id|for|name)=|"id": ?)"{re.escape(name)})(?=["-])')
        figure = own.sub(rf"\g<1>-{number}", match[0])
        return re.sub(r'(\bid="|url\(#|href="#)(e[0-9a-f]{8})', rf"\g<1>\g<2>-{number}-", figure)

    return figures.sub(numbered, page)
