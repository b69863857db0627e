"""The chart: its Vega-Lite specification in the book's look, checked against what `compute` returns."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from helpers.explorer.programs import Data
from helpers.figures import INK, MUTED, PALETTE

Spec = dict[str, Any]
HEIGHT = 260
POSITIONS = ("x", "y", "x2", "y2", "xError", "yError")
MADE = ("as", "groupby")  # where a transform names the columns that it makes
LOOK: Spec = {
    "background": None,
    "font": "DejaVu Sans, sans-serif",
    "padding": 2,
    "view": {"stroke": None},
    "axis": {
        "domainColor": INK,
        "tickColor": INK,
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": MUTED,
        "gridOpacity": 0.22,
        "labelFontSize": 12,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "tickSize": 4,
        "labelOverlap": True,
        "tickCount": 6,
    },
    "axisX": {"grid": False},
    "legend": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "orient": "top",
        "symbolStrokeWidth": 2,
        "labelLimit": 260,
    },
    "title": {"color": INK, "subtitleColor": INK, "anchor": "start", "fontSize": 13, "fontWeight": "normal"},
    "header": {"labelColor": INK, "titleColor": INK},
    "text": {"color": INK, "fontSize": 12},
    "mark": {"color": PALETTE[0]},
    "rule": {"color": MUTED},
    "line": {"strokeWidth": 2, "strokeCap": "round"},
    "point": {"filled": True, "size": 40},
    "range": {"category": list(PALETTE), "heatmap": {"scheme": "viridis"}, "ramp": {"scheme": "viridis"}},
}


def spec_of(view: Any) -> Spec:
    """The specification of the chart in the book's look; what the chart sets itself stays."""
    if not isinstance(view, alt.TopLevelMixin):
        raise TypeError(f"view must be an Altair chart over alt.NamedData, got {type(view).__name__}")
    spec = view.to_dict()
    own = spec.get("config", {})
    if own.get("view") == {"continuousWidth": 300, "continuousHeight": 300}:
        own.pop("view")  # Altair's own default, which nobody asked for
    spec["config"] = _merged(LOOK, own)
    for unit in [spec, *_panels(spec)]:
        if not _inner(unit):
            unit.setdefault("height", HEIGHT)
    spec.pop("width", None)
    return spec


def _merged(base: Spec, over: Mapping[str, Any]) -> Spec:
    both = copy.deepcopy(base)
    for key, value in over.items():
        both[key] = _merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def _panels(spec: Spec) -> list[Spec]:
    return [unit for key in ("hconcat", "vconcat", "concat") for unit in spec.get(key, [])]


def _inner(spec: Spec) -> bool:
    return any(key in spec for key in ("hconcat", "vconcat", "concat", "facet", "repeat"))


def units(spec: Spec, data: str | None = None, made: frozenset[str] = frozenset()) -> Iterator[tuple[Spec, str | None, set[str]]]:
    """Every part of the chart that draws something, with the data set it reads and the columns its transforms make."""
    data = spec["data"].get("name", data) if "data" in spec else data
    made = made | frozenset(_made(spec.get("transform", [])))
    inside = [part for key in ("layer", "hconcat", "vconcat", "concat") for part in spec.get(key, [])]
    if isinstance(spec.get("spec"), dict):
        inside.append(spec["spec"])
    if "encoding" in spec:
        yield spec, data, set(made)
    for part in inside:
        yield from units(part, data, made)


def _made(transforms: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for transform in transforms:
        nested = [part for value in transform.values() if isinstance(value, list) for part in value]
        for step in [transform, *(part for part in nested if isinstance(part, dict))]:
            names = step.get("as", [])
            yield from [names] if isinstance(names, str) else names
        if "fold" in transform and "as" not in transform:
            yield from ("key", "value")
        if "density" in transform and "as" not in transform:
            yield from ("value", "density")


def fields(unit: Spec) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The channels of a unit that read a column."""
    for channel, given in unit["encoding"].items():
        for one in given if isinstance(given, list) else [given]:
            if isinstance(one, dict) and isinstance(one.get("field"), str):
                yield channel, one


def check(spec: Spec, data: Data) -> None:
    """Raise a ValueError if the chart names a data set or a column that `compute` does not return."""
    inline = spec.get("datasets", {})
    read = set()
    for unit, dataset, made in units(spec):
        if dataset is None or dataset in inline:
            continue
        if dataset not in data:
            raise ValueError(f"view reads the data set {dataset!r}, but compute returns {_list(data)}")
        read.add(dataset)
        for channel, encoding in fields(unit):
            column = encoding["field"]
            if column not in data[dataset] and column not in made:
                raise ValueError(
                    f"view shows the column {dataset}.{column} as {channel}, but compute returns {_list(data[dataset])}"
                )
    if not read:
        raise ValueError(f"view reads none of the data sets {_list(data)}: build it as alt.Chart(alt.NamedData('{next(iter(data))}'))")


def _list(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names) or "nothing"


def open_axes(spec: Spec) -> bool:
    """Whether an axis would follow the data, and jump."""
    return any(True for _ in _open(spec))


def _open(spec: Spec) -> Iterator[tuple[str, str, Any]]:
    for unit, dataset, _ in units(spec):
        for channel, encoding in fields(unit):
            scale = encoding.get("scale", {})
            fixed = scale is None or "domain" in scale or "domainMax" in scale or "domainMin" in scale
            plain = not any(encoding.get(key) for key in ("aggregate", "bin", "stack"))
            if channel in ("x", "y") and encoding.get("type") == "quantitative" and plain and not fixed and dataset:
                yield dataset, encoding["field"], encoding


def fix_axes(spec: Spec, results: Sequence[Data]) -> None:
    """Give every axis that the chart leaves open the range of the results at the ends of the controls.

    Results that diverged are left out; the first one is the start state, and always counts.
    """
    results = [results[0], *(data for data in results[1:] if _finite(data))]
    for dataset, column, encoding in list(_open(spec)):
        found = [np.asarray(r[dataset][column], dtype=float) for r in results if column in r.get(dataset, {})]
        values = np.concatenate(found) if found else np.zeros(0)
        values = values[np.isfinite(values)]
        scale = encoding.setdefault("scale", {})
        if scale.get("type") == "log":
            values = values[values > 0]
        if values.size == 0 or np.ptp(values) == 0:
            continue
        low, high = float(f"{values.min():.4g}"), float(f"{values.max():.4g}")
        if scale.get("zero", False):
            low, high = min(low, 0.0), max(high, 0.0)
        scale |= {"domain": [low, high], "nice": scale.get("nice", True)}


def _finite(data: Data) -> bool:
    tables = [np.asarray(column) for columns in data.values() for column in columns.values()]
    return all(np.isfinite(column).all() for column in tables if column.dtype.kind == "f")
