"""The doors of the site: to a hub of the reader's own, to the authors, and from an address where nothing is."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from helpers.site import assets, lost
from helpers.site.repository import Repository, parse

HUB_PAGE = "book/hub"
FORM, INSTALL = "<!-- hub form -->", "<!-- install -->"
FILES = ("hub.js", "hub.css")


def setup(app: Sphinx) -> None:
    app.add_directive("hub-form", HubForm)
    app.add_directive("install-cell", InstallCell)
    app.connect("builder-inited", _write_assets)
    app.connect("html-page-context", _place_form, priority=400)  # the theme collects the scripts at 500
    app.connect("html-page-context", _open_doors, priority=900)
    app.connect("build-finished", _write_lost_page)


class HubForm(Directive):
    """``{hub-form}``: asks for the address of a hub, and opens a chapter there."""

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", FORM, format="html")]


class InstallCell(Directive):
    """``{install-cell}``: the line that installs the book's package in a notebook."""

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", INSTALL, format="html")]


def repository(app: Sphinx) -> Repository:
    """The repository that the book's settings name."""
    return parse(app.config.html_theme_options["repository_url"])


def in_order(app: Sphinx, page: str) -> Iterator[str]:
    """A page and all below it, as the table of contents has them."""
    yield page
    for below in app.env.toctree_includes.get(page, []):
        yield from in_order(app, below)


def titles(app: Sphinx) -> dict[str, str]:
    """Every page in the table of contents, with its title."""
    return {page: app.env.titles[page].astext() for page in in_order(app, app.config.root_doc)}


def _write_assets(app: Sphinx) -> None:
    assets.copy(app, "hub", *(Path(__file__).with_name(name) for name in FILES))


def _place_form(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if app.builder.name == "html" and FORM in context.get("body", ""):
        install = f'<div class="highlight"><pre>%pip install -q "git+{repository(app).url}"</pre></div>'
        context["body"] = context["body"].replace(FORM, _form(app)).replace(INSTALL, install)
        app.add_js_file("hub/hub.js", loading_method="defer")
        app.add_css_file("hub/hub.css")


def _open_doors(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if app.builder.name != "html":
        return
    footer = context.get("theme_extra_footer") or ""
    context["theme_extra_footer"] = footer + _feedback(app, pagename, context.get("title") or pagename.capitalize())
    _add_launch_button(app, pagename, context)


def _feedback(app: Sphinx, pagename: str, title: str) -> str:
    """A link to a new issue that names the page."""
    plain = html.unescape(re.sub(r"<[^>]+>", "", title))
    body = f"Page: {pagename}\n\nWhat is wrong or unclear? What did you expect?\n\n"
    query = urlencode({"title": f"{plain}: ", "body": body}, quote_via=quote)
    address = html.escape(f"{repository(app).url}/issues/new?{query}")
    return f'<p class="feedback">Something wrong or unclear? <a href="{address}">Say it here</a>.</p>'


def _add_launch_button(app: Sphinx, pagename: str, context: dict[str, Any]) -> None:
    """JupyterHub, beside Colab and Binder; a fork that names one hub in ``launch_buttons`` has it from the theme."""
    groups = [group for group in context.get("header_buttons", []) if group.get("label") == "launch-buttons"]
    for group in groups if HUB_PAGE in app.env.found_docs else []:
        if "JupyterHub" not in [button["text"] for button in group["buttons"]]:
            group["buttons"].append(
                {
                    "type": "link",
                    "text": "JupyterHub",
                    "tooltip": "Open in your own JupyterHub",
                    "icon": "_static/images/logo_jupyterhub.svg",
                    "url": f"{app.builder.get_relative_uri(pagename, HUB_PAGE)}#{pagename}.ipynb",
                }
            )


def _form(app: Sphinx) -> str:
    here, branch = repository(app), app.config.html_theme_options.get("repository_branch") or "main"
    notebooks = [page for page in titles(app) if app.env.doc2path(page).endswith(".ipynb")]
    options = "".join(
        f'<option id="{page}.ipynb" value="{page}.ipynb">{html.escape(titles(app)[page])}</option>'
        for page in notebooks
    )
    example = f"https://hub.example.edu/hub/user-redirect/git-pull?repo={quote(here.url, safe='')}&branch={branch}"
    return (
        f'<form class="hub" novalidate data-repository="{here.url}" data-branch="{html.escape(branch)}">'
        '<p><label for="hub-address">Address of your hub</label>'
        '<input id="hub-address" name="address" type="url" required placeholder="https://hub.example.edu" '
        'autocomplete="url" spellcheck="false" aria-describedby="hub-problem"></p>'
        f'<p><label for="hub-chapter">Chapter</label><select id="hub-chapter" name="chapter">{options}</select></p>'
        '<p><button type="submit">Open it there</button></p>'
        '<p id="hub-problem" role="alert"></p>'
        '<p class="hub-link" aria-live="polite" hidden>The link, for a class: <a></a></p>'
        f"<noscript><p>This form needs JavaScript. Without it, put your hub's address into this: <code>"
        f"{html.escape(example)}</code></p></noscript></form>"
    )


def _write_lost_page(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        page = lost.page(app.config.project, served_below(app), titles(app), app.builder.get_target_uri("search"))
        (Path(app.outdir) / "404.html").write_text(page, encoding="utf-8")


def served_below(app: Sphinx) -> str:
    """The path below which the site is served: that of ``html_baseurl``, or of the repository's GitHub Pages."""
    return urlsplit(app.config.html_baseurl or repository(app).pages).path.rstrip("/") + "/"
