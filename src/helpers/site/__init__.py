"""The site's own build: a Sphinx extension that makes the pages self-contained. It does not import JAX."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from pybtex.database import Entry, parse_file
from sphinx.application import Sphinx
from sphinx.util import logging

from helpers.site import access, cards, doors, drawings, explorers, folklore, formulas, glossary, icons, outputs
from helpers.site.evidence import page as evidence

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", _name_the_references)
    app.connect("html-page-context", _finish_page, priority=900)
    access.setup(app)
    cards.setup(app)
    doors.setup(app)
    drawings.setup(app)
    evidence.setup(app)
    explorers.setup(app)
    folklore.setup(app)
    formulas.setup(app)
    glossary.setup(app)
    icons.setup(app)
    outputs.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 2}


def _name_the_references(app: Sphinx, config: Any) -> None:
    config.bibtex_cite_id = "ref-{key}"


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
