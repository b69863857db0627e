"""The site's own build: a Sphinx extension that makes the pages self-contained. It does not import JAX."""

from __future__ import annotations

import html
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

from pybtex.database import Entry, parse_file
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.fileutil import copy_asset

from helpers.site import doors, explorers, folklore, outputs

logger = logging.getLogger(__name__)

# What the pages use of MathJax: the TeX reader with its HTML output, its fonts, and speech for those who listen.
MATHJAX_FILES = ("tex-chtml.js", "a11y", "sre", "output/chtml")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", _use_local_mathjax)
    app.connect("html-page-context", _finish_page, priority=900)
    app.connect("build-finished", _copy_mathjax)
    doors.setup(app)
    explorers.setup(app)
    folklore.setup(app)
    outputs.setup(app)
    app.connect("build-finished", _drop_font_preloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _use_local_mathjax(app: Sphinx, config: Any) -> None:
    config.mathjax_path = "mathjax/tex-chtml.js"
    config.bibtex_cite_id = "ref-{key}"


def _copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    found = importlib.util.find_spec("sphinx-mathjax-offline")
    if found is None or found.origin is None:
        raise ExtensionError("sphinx-mathjax-offline is not installed: run `make env`, or pip install it")
    source, target = Path(found.origin).parent / "static" / "mathjax", Path(app.outdir) / "_static" / "mathjax"
    for name in MATHJAX_FILES:
        if (source / name).exists():
            copy_asset(source / name, (target / name) if (source / name).is_dir() else target)


def _drop_font_preloads(app: Sphinx, exception: Exception | None) -> None:
    """The theme preloads icon fonts across origins, which a page opened as a file may not do."""
    if exception is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if (kept := re.sub(r'<link rel="preload" as="font"[^>]*>\n?', "", text)) != text:
            page.write_text(kept, encoding="utf-8")


def _finish_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        context["body"] = _link_sources(app, pagename, context["body"]) + _timings(Path(app.srcdir), pagename)
    # The theme offers Thebe on every notebook, from a CDN; the explorers need no kernel.
    context["script_files"] = [s for s in context.get("script_files", []) if "thebe" not in str(s)]


def _link_sources(app: Sphinx, pagename: str, body: str) -> str:
    """Turn the BibTeX keys that claims carry into links to the references."""

    def link(match: re.Match[str]) -> str:
        key = match[1]
        if key not in (entries := _bibliography(app)):
            logger.warning("a claim on %s names the source %r, which is not in the bibliography", pagename, key)
            return match[0]
        target = app.builder.get_relative_uri(pagename, "book/references")
        return f'<cite><a href="{target}#ref-{key}">{_label(entries[key])}</a></cite>'

    return re.sub(r'<cite data-key="([^"]+)">[^<]*</cite>', link, body)


def _timings(root: Path, pagename: str) -> str:
    """How long the chapter took to compute, section by section, as `make notebooks` measured it."""
    file, chapter = root / "book" / "timings.json", Path(pagename).name
    timings = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if chapter not in timings:
        return ""
    sections, cores = timings[chapter]["sections"], timings[chapter]["cores"]
    rows = "".join(f"<tr><td>{s:.1f} s</td><td>{_plain(name)}</td></tr>" for name, s in sections.items())
    return (
        f'<aside class="timings" aria-label="Running time">This chapter computes in {sum(sections.values()):.0f} s '
        f"on {cores} cores, compilation included:<table>{rows}</table></aside>"
    )


def _plain(heading: str) -> str:
    """A MyST heading without its markup."""
    return html.escape(re.sub(r"\{[^}]*\}|[`*$]", "", heading))


def _bibliography(app: Sphinx) -> dict[str, Entry]:
    if not hasattr(app, "_book_bibliography"):
        files = [Path(app.srcdir) / name for name in app.config.bibtex_bibfiles]
        app._book_bibliography = {key: e for f in files for key, e in parse_file(str(f)).entries.items()}  # type: ignore[attr-defined]
    return app._book_bibliography  # type: ignore[attr-defined]


def _label(entry: Entry) -> str:
    """“Hastie et al. 2022”."""
    names = [" ".join([*p.prelast_names, *p.last_names]) for p in entry.persons.get("author", [])]
    who = " & ".join(names) if len(names) < 3 else f"{names[0]} et al."
    return re.sub(r"[{}]", "", f"{who or entry.fields.get('title', entry.key)} {entry.fields.get('year', '')}".strip())
