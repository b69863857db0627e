"""Axes that stand still, whatever the controls do, and that say their numbers well."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from helpers.explorer.programs import Data
from helpers.explorer.view import Spec, fields, has_panels, panels, units

MOST_TICKS = 7


class Axis(NamedTuple):
    """One axis of one panel: the encodings of all the layers that share it."""

    encodings: list[tuple[str, Spec]]  # the data set that a layer reads, and what it says of the axis

    @property
    def scale(self) -> Spec | None:
        """What the layers together say of the scale; None if one of them wants none."""
        scales = [encoding.get("scale", {}) for _, encoding in self.encodings]
        return None if None in scales else {key: value for scale in reversed(scales) for key, value in scale.items()}

    @property
    def given(self) -> bool:
        """Whether the chart says where the axis begins or ends, or that something other than a column decides it."""
        derived = any(e.get(key) for _, e in self.encodings for key in ("aggregate", "bin", "stack"))
        return derived or self.scale is None or any(key in self.scale for key in ("domain", "domainMin", "domainMax"))


def axes_of(spec: Spec, data: str | None = None) -> Iterator[Axis]:
    """The quantitative axes of every panel."""
    name = spec.get("data", {}).get("name", data)
    if not has_panels(spec):
        yield from _axes({**spec, "data": {"name": name}})
    for panel in panels(spec):
        yield from axes_of(panel, name)


def _axes(panel: Spec) -> Iterator[Axis]:
    for channel in ("x", "y"):
        if panel.get("resolve", {}).get("scale", {}).get(channel) == "independent":
            continue
        found = [
            (dataset, encoding)
            for unit, dataset, made in units(panel)
            for name, encoding in fields(unit)
            if name == channel and dataset and encoding["field"] not in made
        ]
        if found and all(encoding.get("type") == "quantitative" for _, encoding in found):
            yield Axis(found)


def are_open(spec: Spec) -> bool:
    """Whether an axis would follow the data, and jump."""
    return any(not axis.given for axis in axes_of(spec))


def settle(spec: Spec, results: Sequence[Data]) -> None:
    """Make every axis stand still: those left open get the range of the results at the ends of the controls.

    Results that diverged are left out; the first one is the start state, and always counts.
    """
    results = [results[0], *(data for data in results[1:] if _finite(data))]
    for axis in axes_of(spec):
        scale = axis.scale
        if scale is None:
            continue
        if not axis.given:
            scale |= _range(axis, scale, results)
        _say_alike(axis, scale)
        if scale.get("type") == "log" and _is_range(scale.get("domain")):
            _ticks_of_ten(axis, *scale["domain"])


def _range(axis: Axis, scale: Spec, results: Sequence[Data]) -> Spec:
    shown = [
        np.asarray(data[dataset][encoding["field"]], dtype=float)
        for dataset, encoding in axis.encodings
        for data in results
        if encoding["field"] in data.get(dataset, {})
    ]
    values = np.concatenate(shown or [np.zeros(0)])
    values = values[np.isfinite(values) & ((values > 0) | (scale.get("type") != "log"))]
    if values.size == 0 or np.ptp(values) == 0:
        return {}
    low, high = float(f"{values.min():.4g}"), float(f"{values.max():.4g}")
    if scale.get("zero", False):
        low, high = min(low, 0.0), max(high, 0.0)
    return {"domain": [low, high], "nice": scale.get("nice", True)}


def _say_alike(axis: Axis, scale: Spec) -> None:
    """Layers that share an axis say the same of it; otherwise Vega-Lite mixes in its defaults."""
    for _, encoding in axis.encodings:
        if scale:
            encoding["scale"] = dict(scale)


def _ticks_of_ten(axis: Axis, low: float, high: float) -> None:
    """A logarithmic axis gets a few round ticks, instead of a thicket."""
    if any(
        "values" in (encoding.get("axis") or {}) or encoding.get("axis", {}) is None for _, encoding in axis.encodings
    ):
        return
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    apart = -(-(last - first + 1) // MOST_TICKS)
    ticks = [10.0**power for power in range(first, last + 1, apart)]
    if len(ticks) < 4:
        between = [m * 10.0**power for power in range(first - 1, last + 1) for m in (1, 2, 5)]
        ticks = [tick for tick in between if low <= tick * (1 + 1e-9) and tick <= high * (1 + 1e-9)]
    ticks = [float(f"{tick:.6g}") for tick in ticks]
    added: Spec = {"labelOverlap": "greedy", "values": [int(t) if t == int(t) and t < 1e15 else t for t in ticks]}
    if ticks and (ticks[0] < 1e-3 or ticks[-1] > 1e5):
        names = [f"10{str(round(math.log10(t))).translate(SUPERSCRIPT)}" for t in ticks]
        added["labelExpr"] = f"{names!r}[indexof({added['values']!r}, datum.value)]"
    for _, encoding in axis.encodings:
        encoding["axis"] = {**added, **encoding.get("axis", {})}


SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _is_range(domain: Any) -> bool:
    return isinstance(domain, list | tuple) and len(domain) == 2 and all(isinstance(v, int | float) for v in domain)


def _finite(data: Data) -> bool:
    tables = [np.asarray(column) for columns in data.values() for column in columns.values()]
    return all(np.isfinite(column).all() for column in tables if column.dtype.kind == "f")
