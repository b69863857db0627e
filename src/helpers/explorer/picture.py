"""The picture of the first state: what readers see without JavaScript, in print, and while the page wakes up."""

from __future__ import annotations

import base64
import hashlib
import html
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import vl_convert

from helpers.explorer.view import Spec
from helpers.figures import INK, MUTED, PAPER

WIDTH = 600
PHONE = 340
PANEL_MARGIN = 64  # what a panel's axis takes beside its plot
PLACES = re.compile(r'\b(?:d|points|x|y|x1|x2|y1|y2|width|height)="[^"]*"|\btranslate\([^)]*\)')
DECIMAL = re.compile(r"-?\d+\.\d+")
LARGEST_SVG = 60_000


def rounded(data: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, list[Any]]]:
    """The columns as JSON takes them: five digits, and None where there is no number."""
    return {d: {c: _rounded(values) for c, values in columns.items()} for d, columns in data.items()}


def _rounded(values: Any) -> list[Any]:
    array = np.asarray(values)
    if array.dtype.kind != "f":
        return list(array.tolist())
    return [_short(v) if math.isfinite(v) else None for v in array.tolist()]


def _short(value: float) -> float | int:
    short = float(f"{value:.5g}")
    return int(short) if short == int(short) and abs(short) < 1e6 else short


def rows(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """A table of columns as Vega-Lite's list of rows."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def filled(spec: Spec, data: Mapping[str, Mapping[str, list[Any]]], width: int = WIDTH) -> Spec:
    """The specification with its data inside and a width of its own."""
    spec = {**spec, "datasets": {**spec.get("datasets", {}), **{name: rows(table) for name, table in data.items()}}}
    panels = spec.get("hconcat")
    if panels:
        spec["hconcat"] = [{"width": width // len(panels) - PANEL_MARGIN, **panel} for panel in panels]
    elif "vconcat" in spec:
        spec["vconcat"] = [{"width": width - PANEL_MARGIN, **panel} for panel in spec["vconcat"]]
    elif "concat" not in spec and "facet" not in spec:
        spec |= {"width": width, "autosize": {"type": "fit-x", "contains": "padding"}}
    return spec


def height_below(spec: Spec, data: Mapping[str, Mapping[str, list[Any]]]) -> int:
    """How high the chart is where its panels stand below each other, as on a phone."""
    spec = {**spec, "vconcat": spec["hconcat"]}
    del spec["hconcat"]
    return _size(vl_convert.vegalite_to_svg(filled(spec, data, PHONE)))[1]


def _size(svg: str) -> tuple[int, int]:
    width, height = re.findall(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"', svg)[0]
    return math.ceil(float(width)), math.ceil(float(height))


def draw(spec: Spec, data: Mapping[str, Mapping[str, list[Any]]], alt: str) -> tuple[str, int]:
    """The picture as HTML that follows the page's theme, and its height in pixels."""
    full = filled(spec, data)
    svg = vl_convert.vegalite_to_svg(full)
    width, height = _size(svg)
    if len(small := _for_the_page(svg, alt, width, height)) <= LARGEST_SVG:
        return small, height
    neutral = re.sub(INK, MUTED, re.sub(PAPER, "#ffffff", _text(full), flags=re.I), flags=re.I)
    png = base64.b64encode(vl_convert.vegalite_to_png(neutral, scale=1.0)).decode()
    return f'<img src="data:image/png;base64,{png}" alt="{html.escape(alt)}" width="{width}" height="{height}">', height


def _text(spec: Spec) -> str:
    import json

    return json.dumps(spec)


def _for_the_page(svg: str, alt: str, width: int, height: int) -> str:
    svg = re.sub(r'\s(?:aria-[a-z]+|role|class|pointer-events|font-family|stroke-miterlimit)="[^"]*"', "", svg)
    svg = re.sub(r'<path d="[^"]*"(?: display="none"| fill="none"| stroke-width="0")*/>', _drop_empty, svg)
    svg = PLACES.sub(lambda place: DECIMAL.sub(_shorter, place[0]), svg)
    svg = re.sub(INK, "currentColor", svg, flags=re.I)
    svg = re.sub(PAPER, "var(--explorer-paper, Canvas)", svg, flags=re.I)
    prefix = "e" + hashlib.sha256(alt.encode()).hexdigest()[:8]
    svg = re.sub(r'(id="|url\(#|href="#)([\w-]+)', rf"\1{prefix}\2", svg)
    svg = re.sub(r"(<g>)+(</g>)+", _drop_empty, svg)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-label="{html.escape(alt)}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    )
    return re.sub(r"<svg[^>]*>", lambda _: head, svg, count=1)


def _shorter(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")


def _drop_empty(match: re.Match[str]) -> str:
    if match[0].startswith("<path"):
        return "" if re.search(r'd="(M0,0h0v0h0Z)?"', match[0]) else match[0]
    return match[0] if match[0].count("<g>") != match[0].count("</g>") else ""
