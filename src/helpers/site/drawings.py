"""Drawings weigh less on the page: coordinates to the width of a hair instead of the last digit."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

PLACES = re.compile(r'\b(?:d|points|x|y)="[^"]*"|\btranslate\([^)]*\)')
LONG = re.compile(r"-?\d+\.\d{2,}(?!\d*e)")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", _lighten, priority=450)


def _lighten(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        context["body"] = re.sub(r"<svg\b.*?</svg>", lambda drawing: lighter(drawing[0]), context["body"], flags=re.S)


def lighter(drawing: str) -> str:
    """An SVG with its coordinates to a tenth of a unit, and those below ten, as in markers, to a hundredth."""

    def short(number: re.Match[str]) -> str:
        value = float(number[0])
        return f"{value:.{1 if abs(value) >= 10 else 2}f}".rstrip("0").rstrip(".") or "0"

    return PLACES.sub(lambda place: LONG.sub(short, place[0]), drawing)
