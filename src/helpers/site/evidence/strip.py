"""A claim's seeds as a strip of dots: where they lie, and where they have to lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

WIDTH, HEIGHT, EDGE = 150, 22, 6
LEVELS = 3  # dots that would cover each other are put on three heights


class Placed(NamedTuple):
    """Every seed's value on an axis on which the claim holds between ``low`` and ``high`` (either may be infinite)."""

    values: list[float | None]
    low: float
    high: float

    @property
    def room(self) -> float:
        """How far from failing the nearest seed is, as a share of what the axis shows; negative if one failed."""
        left, right = self.span()
        gaps = [-1.0 if v is None else min(v - self.low, self.high - v) / (right - left) for v in self.values]
        return min(gaps, default=0.0)

    def span(self) -> tuple[float, float]:
        """The part of the axis that is drawn: all seeds, and the bounds."""
        shown = [v for v in [*self.values, self.low, self.high] if v is not None and math.isfinite(v)] or [0.0]
        left, right = min(shown), max(shown)
        pad = 0.08 * (right - left) or max(abs(left), 1e-12) * 0.5
        return left - pad, right + pad


def placed(about: dict[str, Any], measured: Sequence[float | None], against: Sequence[float | None]) -> Placed:
    """Put values on a common axis: a prediction's in tolerances, a bound's as ratio (of one sign) or difference."""
    pairs = list(zip(measured, against, strict=True))
    if about["form"] == "prediction":
        tolerance = about["tolerance"] or 1e-12
        scaled = [_deviation(v, a, tolerance, about["relative"] == "true") for v, a in pairs]
        return Placed(scaled, -1.0, 1.0)
    if about["form"] == "order":
        return Placed(list(measured), 0.0, math.inf)
    if "at_least" in about and "at_most" in about:
        return Placed(list(measured), about["at_least"], about["at_most"])
    low, high = (0.0, math.inf) if "at_least" in about else (-math.inf, 0.0)
    if all(v is None or a is None or v * a > 0 for v, a in pairs):
        decades = [None if v is None or a is None else math.log10(v / a) for v, a in pairs]
        negative = any(a is not None and a < 0 for a in against)
        return Placed(decades, *((-high, -low) if negative else (low, high)))
    return Placed([None if v is None or a is None else v - a for v, a in pairs], low, high)


def _deviation(value: float | None, predicted: float | None, tolerance: float, relative: bool) -> float | None:
    if value is None or predicted is None:
        return None
    return (value - predicted) / (tolerance * (abs(predicted) if relative else 1) or 1e-12)


def drawn(strip: Placed) -> str:
    """An SVG without words; the table's other columns say the same in numbers."""
    left, right = strip.span()

    def x(value: float) -> float:
        inside = min(max(value, left), right)
        return round(EDGE + (WIDTH - 2 * EDGE) * (inside - left) / (right - left), 1)

    start, end = x(max(strip.low, left)), x(min(strip.high, right))
    rooms = "".join(f"M{x(edge):g} 1v{HEIGHT - 2}" for edge in (strip.low, strip.high) if math.isfinite(edge))
    good: list[tuple[float, float]] = []
    bad: list[tuple[float, float]] = []
    for number, value in enumerate(sorted(v for v in strip.values if v is not None)):
        y = HEIGHT / 2 + (number % LEVELS - 1) * 5
        (good if strip.low <= value <= strip.high else bad).append((x(value), y))
    dots = "".join(f"M{a:g} {b:g}h0" for a, b in good)
    crosses = "".join(f"M{a - 2.5:g} {b - 2.5:g}l5 5m0-5l-5 5" for a, b in bad)
    return (
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f'<rect x="{start:g}" width="{end - start:g}" y="1" height="{HEIGHT - 2}" fill="#2d6b43" fill-opacity="0.16"/>'
        f'<path class="bound" stroke="#2d6b43" d="{rooms}"/>'
        f'<path class="held" stroke="#3a8ae6" stroke-width="4" stroke-linecap="round" d="{dots}"/>'
        + (f'<path class="failed" stroke="#e6570c" fill="none" d="{crosses}"/>' if crosses else "")
        + "</svg>"
    )
