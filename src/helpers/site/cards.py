"""What a link to a page shows elsewhere: address, description, and a picture of the chapter's first explorer."""

from __future__ import annotations

import html
import re
import textwrap
from pathlib import Path
from typing import Any

import vl_convert
from docutils import nodes
from sphinx.application import Sphinx

from helpers.site import repository

WIDTH, HEIGHT, MARGIN = 1200, 630, 60
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
FOLDER, INK = "_static/cards", "#1f2328"
FONT = "Roboto, 'DejaVu Sans', sans-serif"  # vl-convert brings the first


def setup(app: Sphinx) -> None:
    app.setup_extension("sphinxext.opengraph")
    app.connect("config-inited", _address, priority=100)
    app.connect("env-updated", _announce)
    app.connect("html-page-context", _draw, priority=450)
    app.connect("build-finished", _map)


def _address(app: Sphinx, config: Any) -> None:
    config.html_baseurl = config.html_baseurl or f"{repository.configured(Path(app.srcdir)).pages}/"
    config.ogp_site_url = config.ogp_canonical_url = config.html_baseurl
    config.ogp_site_name = config.html_title
    config.ogp_social_cards = {"enable": False}


def _announce(app: Sphinx, env: Any) -> None:
    for name in env.found_docs:
        if Path(env.doc2path(name)).suffix == ".ipynb":
            env.metadata[name]["og:image"] = f"{app.config.html_baseurl}{FOLDER}/{Path(name).name}.png"
            env.metadata[name]["og:image:alt"] = f"“{env.titles[name].astext()}” and the chapter's first picture"


def _map(app: Sphinx, exception: Exception | None) -> None:
    """All pages for the search engines, also those that an incremental build has not written again."""
    if exception is None and app.builder.name == "html":
        pages = (f"{app.config.html_baseurl}{app.builder.get_target_uri(name)}" for name in sorted(app.env.found_docs))
        entries = "".join(f"<url><loc>{html.escape(page)}</loc></url>\n" for page in pages)
        text = f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{SITEMAP}">\n{entries}</urlset>\n'
        (Path(app.outdir) / "sitemap.xml").write_text(text, encoding="utf-8")


def _draw(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if app.builder.name != "html" or not str(context.get("meta", {}).get("og:image", "")).endswith(
        f"/{Path(pagename).name}.png"
    ):
        return
    drawing = re.search(r'<div class="explorer-picture">(<svg\b.*?</svg>)', context["body"], re.DOTALL)
    target = Path(app.outdir) / FOLDER / f"{Path(pagename).name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    title = re.sub(r"<[^>]*>", "", html.unescape(context["title"]))
    target.write_bytes(vl_convert.svg_to_png(card(title, app.config.html_title, drawing[1] if drawing else "")))


def card(title: str, book: str, drawing: str) -> str:
    """An SVG of 1,200 by 630 pixels: the question, the book, and a drawing below."""
    rows = len(textwrap.wrap(title, 36))
    lines = textwrap.wrap(title, 36 if rows == 1 else min(36, len(title) // rows + 6))  # of equal lengths
    top = MARGIN + 62 * len(lines) + 20
    spans = "".join(
        f'<tspan x="{MARGIN}" dy="{62 if n else 0}">{html.escape(line)}</tspan>' for n, line in enumerate(lines)
    )
    room = f'x="{MARGIN}" y="{top}" width="{WIDTH - 2 * MARGIN}" height="{HEIGHT - top - MARGIN - 20}"'
    drawing = re.sub(
        r'<svg\b([^>]*?)\s(?:width|height)="[^"]*"',
        r"<svg\1",
        re.sub(r'(<svg\b[^>]*?)\sheight="[^"]*"', r"\1", drawing, count=1),
        count=1,
    )
    drawing = drawing.replace("<svg", f'<svg {room} preserveAspectRatio="xMidYMid meet"', 1).replace(
        "currentColor", INK
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="{FONT}" fill="{INK}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/><rect width="14" height="{HEIGHT}" fill="#3a8ae6"/>'
        f'<text y="{MARGIN + 46}" font-size="54" font-weight="700">{spans}</text>{drawing}'
        f'<text x="{MARGIN}" y="{HEIGHT - 28}" font-size="26" fill="#57606a">{html.escape(book)}</text></svg>'
    )
