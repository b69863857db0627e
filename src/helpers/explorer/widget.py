"""The explorer as a widget: it talks to the kernel where there is one, and writes the figure of the static page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets

from helpers import front
from helpers.explorer.controls import Control
from helpers.explorer.programs import Data, Programs


class Explorer(anywidget.AnyWidget):
    """An interactive view of a JAX function. Every control is a trait of its own, to observe, set and link.

    Made by :func:`helpers.explorer.explore`.
    """

    _esm = front.module()
    _css = front.style()
    _page = traitlets.Dict().tag(sync=True)
    _figure = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, programs: Programs, page: Mapping[str, Any], figure: str, static_html: str, plain: str, **options: Any
    ) -> None:
        self._programs, self._static_html, self._plain = programs, static_html, plain
        super().__init__(_page=dict(page), _figure=figure, **options)
        turned = {name: c for name, c in programs.controls.items() if c.kind != "fixed"}
        self.add_traits(**{name: _trait(control).tag(sync=True) for name, control in turned.items()})
        # A trait that is added after the comm has opened is not in the state that the page got.
        self.send_state(list(turned))
        for name, control in turned.items():
            if control.widget is not None:
                ipywidgets.link((control.widget, "value"), (self, name))
        self.on_msg(_answer)

    @property
    def values(self) -> dict[str, Any]:
        """What the controls say now."""
        fixed = {name: c.start for name, c in self._programs.controls.items() if c.kind == "fixed"}
        return {**fixed, **{name: getattr(self, name) for name in self._programs.controls if name not in fixed}}

    def result(self) -> Data:
        """The data that the chart shows now, computed in the kernel."""
        return self._programs.run(self.values)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if bundle is not None else ({}, {})
        return {**data, "text/plain": self._plain, "text/html": self._static_html}, metadata


def _trait(control: Control) -> traitlets.TraitType[Any, Any]:
    if control.kind == "sketch":
        return traitlets.List(traitlets.Float(), list(np.asarray(control.start, float)))
    if control.kind == "points":
        ranges = (control.span, (control.low, control.high))
        pair = traitlets.Tuple(*(traitlets.Float(low, min=low, max=high) for low, high in ranges))
        return traitlets.List(pair, list(control.start), minlen=control.size, maxlen=control.size)
    if control.kind == "checkbox":
        return traitlets.Bool(control.start)
    if control.kind == "choice":
        return traitlets.Enum([value for _, value in control.options], control.start)
    if control.integer:
        return traitlets.Int(control.start, min=int(control.low), max=int(control.high))
    return traitlets.Float(control.start, min=control.low, max=control.high)


def _answer(explorer: Explorer, content: Mapping[str, Any], buffers: Any) -> None:
    """Answer the page's two questions: for Vega, once, and in kernel mode for data."""
    if content.get("ask") == "vega":
        explorer.send({"answer": "vega"}, [front.vega().encode()])
    elif content.get("ask") == "data":
        try:
            explorer.send(*_packed(content["number"], explorer._programs, content["values"]))
        except Exception as error:  # the reader sees it beside the chart, and the next request may work
            explorer.send({"answer": "data", "number": content["number"], "failed": f"{type(error).__name__}: {error}"})


def _packed(number: int, programs: Programs, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    fixed = {name: c.start for name, c in programs.controls.items() if c.kind == "fixed"}
    data = programs.run({**fixed, **values})
    columns, buffers = [], []
    for dataset, table in data.items():
        for column, found in table.items():
            if isinstance(found, list):
                columns.append({"dataset": dataset, "column": column, "words": found})
                continue
            array = found.astype(np.uint8 if found.dtype.kind == "b" else found.dtype)
            columns.append(
                {"dataset": dataset, "column": column, "dtype": array.dtype.name, "truth": found.dtype.kind == "b"}
            )
            buffers.append(array.tobytes())
    return {"answer": "data", "number": number, "columns": columns}, buffers
