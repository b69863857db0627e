"""Drawings weigh less on the page: coordinates to the width of a hair instead of the last digit.

And a picture knows its shape before it is drawn, so that the style sheet can tell the browser to leave out those that
are out of sight. Nothing jumps when they come.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

PLACES = re.compile(r'\b(?:d|points|x|y)="[^"]*"|\btranslate\([^)]*\)')
FITTED = re.compile(r'(<svg\b[^>]*\bviewBox="0 0 ([\d.]+) ([\d.]+)" style="[^">]*\bheight:auto)([;"])')
LONG = re.compile(r"-?\d+\.\d{2,}(?!\d*e)")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", _lighten, priority=450)


def _lighten(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        body = re.sub(r"<svg\b.*?</svg>", lambda drawing: lighter(drawing[0]), context["body"], flags=re.S)
        context["body"] = shaped(body)


def shaped(body: str) -> str:
    """Each drawing that fits its width says its shape, from its view box."""
    return FITTED.sub(r"\1;aspect-ratio:\2/\3\4", body)


def lighter(drawing: str) -> str:
    """An SVG with its coordinates to a tenth of a unit, and those below ten, as in markers, to a hundredth."""

    def short(number: re.Match[str]) -> str:
        value = float(number[0])
        return f"{value:.{1 if abs(value) >= 10 else 2}f}".rstrip("0").rstrip(".") or "0"

    return PLACES.sub(lambda place: LONG.sub(short, place[0]), drawing)
