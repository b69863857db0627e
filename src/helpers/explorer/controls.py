"""What a reader can turn: the controls of an explorer, and how `ipywidgets.interact`'s abbreviations become them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import ipywidgets
import numpy as np

Kind = Literal["range", "play", "choice", "checkbox", "seed", "sketch", "points", "fixed"]
Value: TypeAlias = Any  # a number, a bool, a string, the heights of a sketch, or the places of points
TOO_MANY = 6
STOPS = 100  # of a range whose step is left open


class Control(NamedTuple):
    """One control: a :func:`slider`, :func:`choice`, :func:`play`, :func:`seed`, :func:`sketch` or :func:`points`."""

    kind: Kind
    start: Value = None
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0  # of a logarithmic range: the factor between neighbours
    log: bool = False
    integer: bool = False
    options: tuple[tuple[str, Any], ...] = ()
    size: int = 0
    seconds: float = 5.0
    curve: bool = False
    span: tuple[float, float] = (0.0, 1.0)  # across the chart, where low and high are up it
    panel: int = 0
    widget: ipywidgets.Widget | None = None

    @property
    def static(self) -> bool:
        """Whether `compute` sees a plain Python value, so that every option is a program of its own."""
        return self.kind in ("choice", "fixed")

    @property
    def drawn(self) -> bool:
        """Whether the reader moves it in the chart itself, so that its values make no grid."""
        return self.kind in ("sketch", "points")

    def stops(self) -> list[Value]:
        """Every value that the control can take, lowest first (not for what is drawn)."""
        if self.kind == "fixed":
            return [self.start]
        if self.kind == "choice":
            return [value for _, value in self.options]
        if self.kind == "checkbox":
            return [False, True]
        if self.kind == "seed":
            return [int(self.low) + i for i in range(self.size)]
        if self.log:
            count = 1 + max(1, round(math.log(self.high / self.low) / math.log(self.step)))
            ratio = (self.high / self.low) ** (1 / (count - 1))
            values: list[float] = [float(f"{self.low * ratio**i:.3g}") for i in range(count)]
            return self._with_start(sorted({round(v) for v in values}) if self.integer else list(dict.fromkeys(values)))
        count = 1 + math.floor((self.high - self.low) / self.step + 1e-9)
        values = [float(f"{self.low + i * self.step:.10g}") for i in range(count)]
        if values[-1] < self.high - 1e-9 * abs(self.high):
            values.append(self.high)
        return self._with_start([round(v) for v in values] if self.integer else values)

    def _with_start(self, stops: list[Value]) -> list[Value]:
        """A start between two stops is one as well: the reader can come back to it."""
        return stops if self.start is None or self.start in stops else sorted([*stops, self.start])

    def ends(self) -> list[Value]:
        """The values at the two ends (of a choice: all of them)."""
        if self.drawn or self.kind == "seed":
            return [self.start]
        stops = self.stops()
        return stops if self.kind == "choice" else [stops[0], stops[-1]]

    @property
    def format(self) -> str:
        """How the value is written beside the control."""
        if self.integer or self.kind == "seed":
            return ",d"
        if self.log:
            return ".3g"
        return f".{max(0, -math.floor(math.log10(self.step) + 1e-9))}f" if self.step < 1 else ".4g"


def slider(
    low: float, high: float, step: float | None = None, *, log: bool = False, start: float | None = None
) -> Control:
    """A range of numbers; integers if both ends (and the step) are.

    Args:
        low, high: the ends, both reachable.
        step: the distance between neighbours, or with ``log`` the factor between them; by default 1 for integers,
            and otherwise a hundredth of the range.
        log: spread the values evenly on a logarithmic scale.
        start: the first value; by default the middle, or the default value in the signature of `compute`.
    """
    integer = all(isinstance(v, int | np.integer) for v in (low, high, 1 if step is None or log else step))
    if not low < high:
        raise ValueError(f"a range needs low < high, got ({low}, {high})")
    if log and low <= 0:
        raise ValueError(f"a logarithmic range must start above 0, got ({low}, {high})")
    if step is None:
        step = (high / low) ** (1 / STOPS) if log else 1 if integer else even_step(high - low)
    if not (step > 1 if log else 0 < step <= high - low):
        wanted = "a factor above 1" if log else f"above 0 and at most {high - low:g}"
        raise ValueError(f"the step of the range ({low}, {high}) must be {wanted}, got {step}")
    return Control("range", start, float(low), float(high), float(step), log, integer)


def even_step(span: float) -> float:
    """A round step of about a hundredth of the span that divides it, so that both ends can be reached."""
    scale = 10.0 ** math.floor(math.log10(span / STOPS))
    fitting = [
        s for s in (scale, 2 * scale, 2.5 * scale, 5 * scale, 10 * scale) if abs(span / s - round(span / s)) < 1e-6
    ]
    return float(f"{min(fitting, key=lambda s: abs(span / s - STOPS)):.6g}") if fitting else span / STOPS


def choice(options: Sequence[Any] | Mapping[str, Any], *, start: Any = None) -> Control:
    """One of several values, which reaches `compute` as a plain Python value and may change shapes and control flow.

    Args:
        options: values, ``(label, value)`` pairs, or a mapping from label to value.
        start: the value that is chosen first; by default the first option.
    """
    pairs = list(options.items()) if isinstance(options, Mapping) else list(options)
    named = tuple(p if isinstance(p, tuple) and len(p) == 2 else (str(p), p) for p in pairs)
    for _, value in named:
        if not isinstance(value, str | int | float | bool):
            raise ValueError(f"an option must be a string, a number or a bool, got {value!r}; map a label to it inside")
    if len(named) < 2:
        raise ValueError(f"a choice needs at least two options, got {options!r}")
    return Control("choice", start, options=named)


def checkbox(start: bool | None = None) -> Control:
    """Yes or no; reaches `compute` traced, or as a Python bool where it decides control flow. It starts with no."""
    return Control("checkbox", start if start is None else bool(start))


def play(low: float, high: float, step: float | None = None, *, seconds: float = 5.0, start: float | None = None):
    """A range with a play button, for time: it runs from ``low`` to ``high`` in so many seconds."""
    return slider(low, high, step, start=start)._replace(kind="play", seconds=seconds)


def seed(start: int = 0, *, draws: int = 20) -> Control:
    """A button “Another draw”: an integer for ``jax.random.key`` that counts up from ``start``, ``draws`` in all."""
    return Control("seed", int(start), float(start), float(start + draws - 1), integer=True, size=draws)


def sketch(
    start: Sequence[float] | np.ndarray,
    *,
    low: float,
    high: float,
    x: tuple[float, float] = (0.0, 1.0),
    curve: bool = False,
) -> Control:
    """Points whose heights the reader drags in the chart; they arrive in `compute` as ``Float[Array, "n"]``.

    Args:
        start: the heights at the start, one for each point; their number is fixed.
        low, high: the lowest and the highest that the reader can draw.
        x: where on the chart's x axis the first and the last point sit; the others are spread evenly between.
        curve: whether one stroke of the pen sets all the points that it passes, instead of the one that was grabbed.
    """
    heights = tuple(float(f"{v:.3g}") for v in np.asarray(start, dtype=float).ravel())
    if len(heights) < 2:
        raise ValueError(f"a sketch needs at least two points, got {len(heights)}")
    if not low < high:
        raise ValueError(f"a sketch needs low < high, got low={low}, high={high}")
    if not all(low <= v <= high for v in heights):
        raise ValueError(f"the sketch starts outside its range {low} to {high}: {heights}")
    step = float(f"{(high - low) / 200:.1g}")
    return Control("sketch", heights, float(low), float(high), step, size=len(heights), curve=curve, span=x)


def points(
    start: Sequence[tuple[float, float]] | np.ndarray,
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    panel: int = 0,
) -> Control:
    """Places that the reader drags in the chart, across and up; they arrive in `compute` as ``Float[Array, "n 2"]``.

    A pointer takes the nearest point, a finger only one that it comes down on: anywhere else it scrolls the page.

    Args:
        start: the ``(x, y)`` of each point at the start; their number is fixed. The reader's are kept to three digits.
        x, y: the lowest and the highest that each coordinate can take. Give the panel's axes a domain that holds
            them: an axis left open gets the range of the start.
        panel: which panel of a concatenated chart they live in, counted from 0.
    """
    try:
        places = np.asarray(start, dtype=float)
    except (TypeError, ValueError):
        places = np.zeros(0)
    if places.ndim != 2 or places.shape[1] != 2 or len(places) < 1:
        raise ValueError(f"points need a start of at least one (x, y) pair, such as [(0.0, 1.0)], got {start!r}")
    for axis, given in (("x", x), ("y", y)):
        if not (isinstance(given, Sequence) and len(given) == 2 and given[0] < given[1]):
            raise ValueError(f"points need {axis}=(low, high) with low < high, got {axis}={given!r}")
    if not (isinstance(panel, int) and panel >= 0):
        raise ValueError(f"points live in one panel, counted from 0, got panel={panel!r}")
    (left, right), (low, high) = ((float(one), float(other)) for one, other in (x, y))
    for across, up in places.tolist():
        if not (left <= across <= right and low <= up <= high):
            raise ValueError(
                f"a point starts at ({across:g}, {up:g}), outside its range: x from {left:g} to {right:g}, "
                f"y from {low:g} to {high:g}"
            )
    kept = tuple((_short(across, left, right), _short(up, low, high)) for across, up in places.tolist())
    return Control("points", kept, low, high, size=len(kept), span=(left, right), panel=panel)


def _short(value: float, low: float, high: float) -> float:
    """As many digits as the page keeps, and still in the range."""
    return min(high, max(low, float(f"{value:.3g}")))


def as_control(name: str, given: Any, default: Any = None) -> Control:
    """The control that an abbreviation of `ipywidgets.interact` stands for.

    Args:
        name: the argument of `compute`, for the messages.
        given: ``(low, high[, step])``, a list or mapping, a bool, a widget, ``fixed(value)``, or a control.
        default: the start value that the signature of `compute` gives, if any.
    """
    try:
        control = _control(given, default)
    except (TypeError, ValueError) as error:
        raise ValueError(f"control {name}: {error}") from error
    if default is not None and (control.start is None or control.kind == "seed"):
        control = control._replace(start=default)
    return _checked(name, control if control.start is not None else control._replace(start=_first(control)))


def _first(control: Control) -> Value:
    """Where a control starts that nobody gave a start."""
    if control.kind in ("choice", "play"):
        return control.stops()[0]
    stops = control.stops()
    return stops[(len(stops) - 1) // 2]


def _control(given: Any, default: Any) -> Control:
    if isinstance(given, Control):
        return given
    if isinstance(given, bool):
        return checkbox(given)
    if isinstance(given, ipywidgets.fixed):
        return Control("fixed", given.value)
    if isinstance(given, ipywidgets.Widget):
        return _from_widget(given)
    if isinstance(given, tuple) and len(given) in (2, 3) and all(isinstance(v, int | float) for v in given):
        return slider(*given)
    if isinstance(given, list | dict):
        return choice(given, start=default)
    raise ValueError(
        f"expected (low, high), (low, high, step), a list of options, a bool, a widget, or one of slider, choice, "
        f"play, seed, sketch and points from helpers.explorer; got {given!r}"
    )


def _from_widget(widget: Any) -> Control:
    name = type(widget).__name__
    if isinstance(widget, ipywidgets.FloatLogSlider):
        low, high = widget.base**widget.min, widget.base**widget.max
        return slider(low, high, widget.base**widget.step, log=True, start=widget.value)._replace(widget=widget)
    if isinstance(widget, ipywidgets.Play):
        seconds = widget.interval * (widget.max - widget.min) / widget.step / 1000
        return play(widget.min, widget.max, widget.step, seconds=seconds, start=widget.value)._replace(widget=widget)
    if hasattr(widget, "options") and isinstance(getattr(widget, "value", None), str | int | float):
        options = list(zip(widget._options_labels, widget._options_values, strict=True))
        return choice(options, start=widget.value)._replace(widget=widget)
    if all(hasattr(widget, part) for part in ("min", "max", "step")) and isinstance(widget.value, int | float):
        return slider(widget.min, widget.max, widget.step, start=widget.value)._replace(widget=widget)
    if isinstance(getattr(widget, "value", None), bool):
        return checkbox(widget.value)._replace(widget=widget)
    raise ValueError(f"a {name} cannot be a control: use a slider, a list of options, a checkbox or Play")


def _checked(name: str, control: Control) -> Control:
    start, span = control.start, f"{control.low:g} to {control.high:g}"
    if control.kind in ("range", "play", "seed"):
        if isinstance(start, bool) or not isinstance(start, int | float | np.number):
            raise ValueError(f"control {name} starts at {start!r}, which is not a number")
        if not control.low <= float(start) <= control.high:
            raise ValueError(f"control {name} starts at {start}, outside its range {span}")
        if control.integer and float(start) != int(start):
            raise ValueError(f"control {name} starts at {start}, but its range {span} is of integers")
        return control._replace(start=int(start) if control.integer else float(start))
    if control.kind == "choice" and start not in [value for _, value in control.options]:
        raise ValueError(f"control {name} starts at {start!r}, which is not among {[v for _, v in control.options]}")
    if control.kind == "checkbox":
        return control._replace(start=bool(start))
    return control
