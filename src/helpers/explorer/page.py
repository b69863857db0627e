"""An explorer's HTML: the same figure on the static page and in a notebook; ``front/`` brings it to life."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from helpers.explorer.controls import Control, even_step
from helpers.explorer.summary import written

FEW = 4  # options that still stand side by side


class Words(NamedTuple):
    """What an explorer says."""

    title: str
    alt: str
    caption: str
    summary: str
    labels: Mapping[str, str]
    units: Mapping[str, str]

    def label(self, name: str) -> str:
        plain = name.replace("_", " ").strip()
        return self.labels.get(name, plain[:1].upper() + plain[1:])


def figure(
    identity: str,
    controls: Mapping[str, Control],
    words: Words,
    picture: str,
    heights: tuple[int, int],
    sentence: str,
    payload: Mapping[str, Any] | None,
) -> str:
    """The whole figure element; with its payload it is complete in itself, as the static page needs it."""
    shown = {name: control for name, control in controls.items() if control.kind != "fixed"}
    body = [
        f'<div class="explorer-title">{_safe(words.title)}</div>' if words.title else "",
        f'<div class="explorer-stage" style="--wide:{heights[0]}px;--narrow:{heights[1]}px">'
        f'<div class="explorer-picture">{picture}</div></div>',
        f'<div class="explorer-controls" role="group" aria-label="{_safe(words.title or "Controls")}">',
        *(control_html(f"{identity}-{name}", name, control, words) for name, control in shown.items()),
        f'</div><div class="explorer-line"><p class="explorer-summary" aria-live="polite">{_safe(sentence)}</p>',
        '<button type="button" class="explorer-reset">Reset</button></div>',
        '<p class="explorer-note" role="status"></p>',
        f"<figcaption>{_safe(words.caption)}</figcaption>" if words.caption else "",
        '<p class="explorer-where"></p>',
        f'<script type="application/json">{_json(payload)}</script>' if payload is not None else "",
    ]
    label = _safe(words.title or words.alt)
    return f'<figure class="explorer" id="{identity}" aria-label="{label}">{"".join(body)}</figure>'


def control_html(identity: str, name: str, control: Control, words: Words) -> str:
    """One control, of native form elements."""
    label, unit = _safe(words.label(name)), _safe(words.units.get(name, ""))
    head = f'<div class="explorer-control explorer-{control.kind}" data-name="{_safe(name)}">'
    if control.kind == "choice":
        return head + _choice(identity, label, control) + "</div>"
    if control.kind == "checkbox":
        checked = " checked" if control.start else ""
        return f'{head}<label><input type="checkbox" id="{identity}"{checked}> {label}</label></div>'
    if control.kind == "seed":
        again = _safe(words.labels.get(name, "Another draw"))
        button = f'<button type="button" id="{identity}">{again}</button>'
        return f'{head}{button}<output for="{identity}">draw 1</output></div>'
    if control.kind == "sketch":
        return head + _sketch(identity, label, control) + "</div>"
    if control.kind == "points":
        return head + _points(identity, label, control) + "</div>"
    stops = control.stops()
    at = f'min="0" max="{len(stops) - 1}" step="1" value="{_nearest(stops, control.start)}"'
    value = f"{written(control.start, control.format)}{' ' + unit if unit else ''}"
    play = (
        f'<button type="button" class="explorer-run" aria-label="Play: {label}"></button>'
        if control.kind == "play"
        else ""
    )
    return (
        f'{head}<label for="{identity}">{label}</label><output for="{identity}" aria-live="off">{value}</output>'
        f'<div class="explorer-track">{play}'
        f'<input type="range" id="{identity}" {at} aria-valuetext="{value}"></div></div>'
    )


def _choice(identity: str, label: str, control: Control) -> str:
    chosen = [value == control.start for _, value in control.options]
    if len(control.options) > FEW:
        options = "".join(
            f'<option value="{i}"{" selected" if on else ""}>{_safe(text)}</option>'
            for i, ((text, _), on) in enumerate(zip(control.options, chosen, strict=True))
        )
        return f'<label for="{identity}">{label}</label><select id="{identity}">{options}</select>'
    radios = "".join(
        f'<label><input type="radio" name="{identity}" value="{i}"{" checked" if on else ""}>'
        f"<span>{_safe(text)}</span></label>"
        for i, ((text, _), on) in enumerate(zip(control.options, chosen, strict=True))
    )
    return f'<fieldset><legend>{label}</legend><div class="explorer-options">{radios}</div></fieldset>'


def _sketch(identity: str, label: str, control: Control) -> str:
    """The drawing is done in the chart; these two sliders are the keyboard's way, shown while one has the focus."""
    what = "Draw" if control.curve else "Drag the points"
    first = control.start[0] if isinstance(control.start, tuple) else 0.0
    return (
        f'<span class="explorer-hint">{label}: {what.lower()} in the chart, or use the keyboard</span>'
        f'<div class="explorer-keys" role="group" aria-label="{label}"><label for="{identity}">Point</label>'
        f'<input type="range" id="{identity}" class="explorer-point" min="1" max="{control.size}" step="1" value="1">'
        f'<label for="{identity}-height">Height</label>'
        f'<input type="range" id="{identity}-height" class="explorer-height" min="{control.low:g}" '
        f'max="{control.high:g}" step="{control.step:g}" value="{first:g}"></div>'
    )


def _points(identity: str, label: str, control: Control) -> str:
    """As for a sketch, the sliders are the keyboard's way; a single point need not be chosen."""
    what = "them" if control.size > 1 else "it"
    which = (
        f'<label for="{identity}">Point</label>'
        f'<input type="range" id="{identity}" class="explorer-point" min="1" max="{control.size}" step="1" value="1">'
    )
    return (
        f'<span class="explorer-hint">{label}: drag {what} in the chart, or use the keyboard</span>'
        f'<div class="explorer-keys" role="group" aria-label="{label}">{which if control.size > 1 else ""}'
        + "".join(
            f'<label for="{identity}-{name.lower()}">{name}</label>'
            f'<input type="range" id="{identity}-{name.lower()}" class="explorer-{name.lower()}" min="{low}" '
            f'max="{high}" step="{even_step(high - low)}" value="{value}" aria-valuetext="{written(value, ".3g")}">'
            for name, (low, high), value in zip(
                ("Across", "Up"), (control.span, (control.low, control.high)), control.start[0], strict=True
            )
        )
        + "</div>"
    )


def _nearest(stops: list[Any], value: Any) -> int:
    return min(range(len(stops)), key=lambda i: abs(stops[i] - value))


def _safe(text: str) -> str:
    return html.escape(text)


def _json(payload: Any) -> str:
    return json.dumps(payload, separators=(",", ":"), allow_nan=False, ensure_ascii=False).replace("<", "\\u003c")
