"""What the theme and its extensions get wrong for readers with assistive technology, mended in the finished pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

# The sidebar's title and search stand outside of every landmark.
SIDEBAR = re.compile(r'<div class="(bd-sidebar-primary bd-sidebar[^"]*)">')


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", _references_are_a_list, priority=450)
    app.connect("build-finished", _mend)


def _references_are_a_list(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Each reference is an item of its list: its own role is deprecated, and no list may hold it."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def _mend(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        for page in Path(app.outdir).rglob("*.html"):
            text = page.read_text(encoding="utf-8")
            if (mended := with_landmarks(text)) != text:
                page.write_text(mended, encoding="utf-8")


def with_landmarks(page: str) -> str:
    """A page whose sidebar is a landmark with a name."""
    return SIDEBAR.sub(r'<div class="\1" role="complementary" aria-label="Book">', page)
