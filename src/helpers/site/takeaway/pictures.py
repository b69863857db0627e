"""The explorers that the site shows as pixels, drawn again as sharp as paper wants them."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import vl_convert

from helpers.figures import INK, PAPER

BLACK, WHITE = "#15191e", "#ffffff"
WIDTH, PANEL_MARGIN = 600, 64  # as on the site
SCALE = 2.5

_FIGURE = re.compile(r'<figure class="explorer".*?</figure>', re.DOTALL)
_PNG = re.compile(r'(<img[^>]* src=")data:image/png;base64,[^"]+(")')
_PAYLOAD = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)


def sharper(page: str) -> str:
    """The site's page with every explorer that is a picture of pixels drawn from its data at a higher resolution."""

    def redrawn(match: re.Match[str]) -> str:
        figure = match[0]
        payload = _PAYLOAD.search(figure)
        if payload is None or not _PNG.search(figure):
            return figure
        return _PNG.sub(rf"\g<1>data:image/png;base64,{_drawn(json.loads(payload[1]))}\g<2>", figure)

    return _FIGURE.sub(redrawn, page)


def _drawn(payload: dict[str, Any]) -> str:
    spec = json.dumps(_filled(payload["spec"], payload["first"]))
    for theme, fixed in ((INK, BLACK), (PAPER, WHITE)):
        spec = spec.replace(theme, fixed)
    return base64.b64encode(vl_convert.vegalite_to_png(spec, scale=SCALE)).decode()


def _filled(spec: dict[str, Any], data: dict[str, dict[str, list[Any]]]) -> dict[str, Any]:
    """As ``helpers.explorer.picture.filled``, which cannot be had without importing JAX."""
    tables = {
        name: [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        for name, columns in data.items()
    }
    spec = {**spec, "datasets": {**spec.get("datasets", {}), **tables}}
    if panels := spec.get("hconcat"):
        spec["hconcat"] = [{"width": WIDTH // len(panels) - PANEL_MARGIN, **panel} for panel in panels]
    elif panels := spec.get("vconcat"):
        spec["vconcat"] = [{"width": WIDTH - PANEL_MARGIN, **panel} for panel in panels]
    else:
        spec |= {"width": WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}}
    return spec
