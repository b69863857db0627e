"""The chart: its Vega-Lite specification in the book's look, checked against what `compute` returns."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import altair as alt

from helpers.explorer.programs import Data
from helpers.figures import INK, MUTED, PALETTE

Spec = dict[str, Any]
Unit = tuple[Spec, str | None, frozenset[str]]  # a part, the data set it reads, and the columns its transforms make
HEIGHT = 260
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
    "line": {"strokeWidth": 2},  # round caps would fill the gaps of a dashed line
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
    for unit in [spec, *panels(spec)]:
        if not has_panels(unit):
            unit.setdefault("height", HEIGHT)
    spec.pop("width", None)
    _clip(spec)
    return spec


def _clip(spec: Spec) -> None:
    """Keep every mark inside its panel: an axis that stands still does not follow a value that runs away."""
    if "mark" in spec:
        mark = {"type": spec["mark"]} if isinstance(spec["mark"], str) else spec["mark"]
        spec["mark"] = {"clip": True, **mark}
    for part in _parts(spec):
        _clip(part)


def _parts(spec: Spec) -> list[Spec]:
    inside = [part for key in ("layer", "hconcat", "vconcat", "concat") for part in spec.get(key, [])]
    return [*inside, spec["spec"]] if isinstance(spec.get("spec"), dict) else inside


def _merged(base: Spec, over: Mapping[str, Any]) -> Spec:
    both = copy.deepcopy(base)
    for key, value in over.items():
        both[key] = _merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def panels(spec: Spec) -> list[Spec]:
    return [unit for key in ("hconcat", "vconcat", "concat") for unit in spec.get(key, [])]


def has_panels(spec: Spec) -> bool:
    return any(key in spec for key in ("hconcat", "vconcat", "concat", "facet", "repeat"))


def units(spec: Spec, data: str | None = None, made: frozenset[str] = frozenset()) -> Iterator[Unit]:
    """Every part of the chart that draws something."""
    data = spec["data"].get("name", data) if "data" in spec else data
    made = made | frozenset(_made(spec.get("transform", [])))
    if "encoding" in spec:
        yield spec, data, made
    for part in _parts(spec):
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


def fields(unit: Spec) -> Iterator[tuple[str, Spec]]:
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
        raise ValueError(
            f"view reads none of the data sets {_list(data)}: use alt.Chart(alt.NamedData('{next(iter(data))}'))"
        )


def _list(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names) or "nothing"
