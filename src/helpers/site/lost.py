"""The page for an address where nothing is. It is shown at any depth, so it needs no file and links from the root."""

from __future__ import annotations

import html
from collections.abc import Mapping

STYLE = """
:root { color-scheme: light dark; }
body { font: 1.0625rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1.2rem;
  background: light-dark(#fff, #14181e); color: light-dark(#222, #dde1e6); }
h1 { line-height: 1.15; }
a { color: light-dark(#1b5fae, #7db4f2); }
"""


def page(book: str, below: str, titles: Mapping[str, str], search: str) -> str:
    """The page's HTML, for a site served below a path, with a link to each of the book's pages."""
    first, *rest = titles
    links = "".join(f'<li><a href="{below}{name}.html">{html.escape(titles[name])}</a></li>' for name in rest)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        '<link rel="icon" href="data:,">'
        f"<title>No such page – {html.escape(book)}</title><style>{STYLE}</style></head><body><main>"
        "<h1>There is no page at this address</h1>"
        "<p>It may have moved, or the link that brought you here has a slip in it. "
        f'The book begins on <a href="{below}{first}.html">its front page</a>, '
        f'it can be <a href="{below}{search}">searched</a>, and these are its pages:</p>'
        f"<ul>{links}</ul></main></body></html>\n"
    )
