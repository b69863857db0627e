"""``explore``: from a JAX function, a chart and controls to an explorer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp

from helpers.explorer import axes, page, picture, summary
from helpers.explorer import view as charts
from helpers.explorer.controls import Control
from helpers.explorer.programs import Compute, Data, Programs, controls_of
from helpers.explorer.table import table
from helpers.explorer.widget import Explorer

TAKEN = frozenset(name for name in dir(Explorer) if not name.startswith("_"))


def explore(
    compute: Compute,
    view: Any,
    *,
    title: str = "",
    caption: str = "",
    alt: str = "",
    summary: str = "",
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    run: Literal["page", "kernel"] = "page",
    turn_down: str = "",
    idle: Mapping[str, str] | None = None,
    **controls: Any,
) -> Explorer:
    """An interactive view of ``compute``, as the last expression of a cell.

    The keywords named here describe the explorer; every other keyword is a control, named as the argument of `compute`.

    Args:
        compute: a JAX function of the controls that returns ``{dataset: {column: array}}``; columns are one-dimensional
            and of one length in each data set (a single number is repeated); lists of words are allowed.
            A default value in its signature is the control's start.
        view: an Altair chart over ``alt.NamedData(dataset)``. An axis without a domain gets the range of the results
            at the ends of the controls, and keeps it.
        title: the heading; it also names the link to a setting.
        caption: the point of the figure, in a sentence.
        alt: what a reader would see in the first state, for those who do not see it.
        summary: a sentence on the current state, read out when it changes, with ``{control}``,
            ``{dataset.column}`` (of one row) or ``{dataset.column.reducer}`` (first, last, min, max, mean, count),
            each with an optional format: ``"With {width} neurons the error is {now.error:.2f}"``.
        labels: what the reader reads beside a control, where it is not its name.
        units: what is written behind a value.
        run: ``"page"`` compiles `compute` to JavaScript. ``"kernel"`` is for what is too heavy or does not compile: XLA
            answers in a notebook, and the static page answers from a table over the controls' grid.
        turn_down: the control to name when the result diverges; by default the one that was moved last.
        idle: ``{control: checkbox}`` for a control that has no effect while the checkbox is ticked, and is disabled.
        **controls: ``(low, high[, step])``, a list of options, a bool, a widget, ``ipywidgets.fixed(value)``, or one
            of :func:`slider`, :func:`choice`, :func:`checkbox`, :func:`play`, :func:`seed`, :func:`sketch` and
            :func:`points`.

    Raises:
        ValueError, TypeError: if the parts do not fit together; the message says which and what to do.
        helpers.javascript.UnsupportedPrimitive: if `compute` does not compile for the page.
    """
    for name in controls:
        if name in TAKEN:
            raise ValueError(f"a control cannot be called {name!r}, which the widget itself uses: rename the argument")
    if run not in ("page", "kernel"):
        raise ValueError(f"run must be 'page' or 'kernel', got {run!r}")
    known = controls_of(compute, controls)
    for what, given in (
        ("labels", labels or {}),
        ("units", units or {}),
        ("turn_down", [turn_down] if turn_down else []),
        ("idle", [*(idle or {}).keys(), *(idle or {}).values()]),
    ):
        if unknown := [name for name in given if name not in known]:
            raise ValueError(f"{what}: there is no control {unknown[0]!r}; there are {', '.join(known)}")
    if others := [name for name in (idle or {}).values() if known[name].kind != "checkbox"]:
        raise ValueError(
            f"idle: {others[0]!r} is a {known[others[0]].kind}, but a checkbox decides whether another control acts"
        )
    programs = Programs(compute, known)
    start = programs.run(programs.start)
    spec = charts.spec_of(view)
    _check_places(known, spec)
    charts.check(spec, start)
    axes.settle(spec, [start, *(_at_the_ends(programs) if axes.are_open(spec) else [])])
    words = page.Words(title, alt or title or _spoken(compute), caption, summary, labels or {}, units or {})
    return _assembled(programs, spec, start, words, run, turn_down, idle or {}, _identity(compute, title))


def _assembled(
    programs: Programs,
    spec: charts.Spec,
    start: Data,
    words: page.Words,
    run: str,
    turn_down: str,
    idle: Mapping[str, str],
    identity: str,
) -> Explorer:
    template = words.summary or _default_summary(start)
    summary.check(template, programs.start, start)
    sentence = summary.fill(template, programs.start, start)
    first = picture.rounded(start)
    drawn, height = picture.draw(spec, first, words.alt)
    heights = (height, picture.height_below(spec, first) if "hconcat" in spec else height)
    payload = {
        "id": identity,
        "alt": words.alt,
        "run": run,
        "spec": spec,
        "controls": [_described(name, c, words) for name, c in programs.controls.items() if c.kind != "fixed"],
        "first": first,
        "gaps": [f"{d}.{c}" for d, columns in first.items() for c, values in columns.items() if None in values],
        "summary": template,
        "turnDown": turn_down,
        **({"idle": dict(idle)} if idle else {}),
        **(_compiled(programs) if run == "page" else {}),
    }
    parts = (identity, programs.controls, words, drawn, heights, sentence)
    static = {**payload, "table": table(programs)} if run == "kernel" else payload
    plain = f"[explorer] {words.title or identity}: {sentence}"
    return Explorer(programs, payload, page.figure(*parts, None), page.figure(*parts, static), plain)


def _check_places(controls: Mapping[str, Control], spec: charts.Spec) -> None:
    """Raise a ValueError if points lack their panel, or a sketch would take their strokes."""
    count = max(1, len(charts.panels(spec)))
    for name, control in controls.items():
        if control.kind != "points":
            continue
        if control.panel >= count:
            last = f"{count} panels, counted from 0" if count > 1 else "one panel, which is 0"
            raise ValueError(f"control {name} lives in panel {control.panel}, but the view has {last}")
        if sketches := [other for other, one in controls.items() if one.kind == "sketch"]:
            raise ValueError(
                f"control {name}: the sketch {sketches[0]} takes every stroke in the chart; use one of them"
            )


def _compiled(programs: Programs) -> dict[str, Any]:
    """The sources, one for each setting of the static controls, in the order of ``itertools.product``."""
    sources, shapes = [], []
    for setting in programs.settings():
        program = programs.at({**programs.start, **dict(zip(programs.static, setting, strict=True))})
        shapes.append({"columns": program.shape.columns, "words": program.shape.words})
        source = {"start": _source(program.start, *program.arguments), "carried": 0, "rounds": program.rounds}
        if program.advance is not None:
            zeros = [jnp.zeros(leaf.shape, leaf.dtype) for leaf in program.carry]
            source |= {"advance": _source(program.advance, *zeros, *program.arguments), "carried": len(zeros)}
        sources.append(source)
    return {
        "static": [name for name in programs.static if programs.controls[name].kind != "fixed"],
        "traced": programs.traced,
        "double": bool(jax.config.read("jax_enable_x64")),
        "jax": jax.__version__,  # the text of the programs depends on the JAX that traced them
        "programs": sources,
        "shapes": shapes,
    }


def _source(function: Callable[..., Any], *arguments: Any) -> str:
    from helpers.javascript import to_javascript  # heavy, and not needed in kernel mode

    try:
        return to_javascript(function, *arguments)
    except NotImplementedError as error:
        error.add_note("explore(…, run='kernel') shows it without compiling it for the page.")
        raise


def _described(name: str, control: Control, words: page.Words) -> dict[str, Any]:
    """What the page needs to know of a control."""
    about: dict[str, Any] = {"name": name, "kind": control.kind, "start": control.start, "label": words.label(name)}
    if control.kind in ("range", "play"):
        about |= {"stops": control.stops(), "format": control.format, "unit": words.units.get(name, "")}
        about |= {"seconds": control.seconds} if control.kind == "play" else {}
    elif control.kind == "choice":
        about |= {"options": [value for _, value in control.options], "names": [text for text, _ in control.options]}
    elif control.kind == "seed":
        about |= {"low": int(control.low), "draws": control.size}
    elif control.kind == "sketch":
        about |= {"low": control.low, "high": control.high, "span": control.span, "curve": control.curve}
    elif control.kind == "points":
        about |= {"low": control.low, "high": control.high, "span": control.span, "panel": control.panel}
    return about


def _at_the_ends(programs: Programs) -> list[Data]:
    """The results with each control at its ends, the others at their start."""
    moved = [
        {name: end} for name, control in programs.controls.items() for end in control.ends() if end != control.start
    ]
    return [programs.run({**programs.start, **one}) for one in moved]


def _default_summary(data: Data) -> str:
    """The ranges of the numbers that are shown."""
    parts = []
    for dataset, columns in data.items():
        for column, values in columns.items():
            if isinstance(values, list):
                continue
            path = f"{dataset}.{column}"
            parts.append(f"{column} {{{path}}}" if len(values) == 1 else f"{column} {{{path}.min}} to {{{path}.max}}")
    return "; ".join(parts[:4]) + "."


def _identity(compute: Callable[..., Any], title: str) -> str:
    name = title or getattr(compute, "__name__", "")
    return "explorer-" + (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "view")


def _spoken(compute: Callable[..., Any]) -> str:
    return f"A chart of {getattr(compute, '__name__', 'the function').replace('_', ' ')}."
