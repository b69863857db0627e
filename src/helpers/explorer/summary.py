"""One sentence on what the chart shows now: a template, filled here for the first state and by the page for the next.

``front/summary.js`` fills the same templates by the same rules; ``tests/explorer`` compares the two.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import numpy as np

Columns = Mapping[str, Mapping[str, Any]]
FIELD = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")
SPEC = re.compile(r"(,?)(?:\.(\d+))?([fge%d]?)")
REDUCE: Mapping[str, Callable[[np.ndarray], Any]] = {
    "first": lambda v: v[0],
    "last": lambda v: v[-1],
    "min": lambda v: np.min(v),
    "max": lambda v: np.max(v),
    "mean": lambda v: np.sum(v) / v.size,
    "count": lambda v: v.size,
}


def fill(template: str, values: Mapping[str, Any], data: Columns) -> str:
    """Fill in ``{control}``, ``{dataset.column}`` and ``{dataset.column.reducer}``, with or without a ``:format``."""
    return FIELD.sub(lambda match: written(looked_up(match[1], values, data), match[2] or ""), template)


def looked_up(path: str, values: Mapping[str, Any], data: Columns) -> Any:
    if path in values:
        return values[path]
    dataset, column, *reducer = path.split(".")
    found = np.asarray(data[dataset][column])
    return found[0] if not reducer else REDUCE[reducer[0]](found) if found.size else math.nan


def check(template: str, values: Mapping[str, Any], data: Columns) -> None:
    """Raise a ValueError if the template names what is not there."""
    for path, form in FIELD.findall(template):
        if SPEC.fullmatch(form) is None:
            raise ValueError(
                f"summary: {{{path}:{form}}} has a format that the page does not know; use .2f, .3g, .0% or ,d"
            )
        if path in values:
            if isinstance(values[path], tuple):
                raise ValueError(f"summary: {{{path}}} holds several numbers; name a column of one row instead")
            continue
        parts = path.split(".")
        if len(parts) not in (2, 3) or parts[1] not in data.get(parts[0], {}):
            known = [*values, *(f"{d}.{c}" for d, columns in data.items() for c in columns)]
            raise ValueError(f"summary: nothing is called {{{path}}}; there are {', '.join(known)}")
        size = np.asarray(data[parts[0]][parts[1]]).size
        if len(parts) == 2 and size != 1:
            raise ValueError(
                f"summary: {{{path}}} has {size} values; say which: {', '.join(f'{path}.{r}' for r in REDUCE)}"
            )
        if len(parts) == 3 and parts[2] not in REDUCE:
            raise ValueError(f"summary: {{{path}}} asks for {parts[2]!r}; there are {', '.join(REDUCE)}")


def written(value: Any, form: str = "") -> str:
    """A value as the page writes it, by a subset of Python's formats."""
    if isinstance(value, bool | np.bool_):
        return "on" if value else "off"
    if isinstance(value, str):
        return value
    number = float(value)
    if not math.isfinite(number):
        return "not a number" if math.isnan(number) else "infinity" if number > 0 else "minus infinity"
    whole = isinstance(value, int | np.integer) or (number == int(number) and abs(number) < 1e15)
    if form == "":
        form = "d" if whole and abs(number) < 1e6 else ".3g"
    if form.endswith("d"):
        return format(math.floor(number + 0.5), form).replace("-", "−")
    if form.endswith("%"):
        return written(100 * number, f"{form[:-1]}f") + "%"
    return re.sub(r"e([+-])0*(\d)", _exponent, format(_half_up(number, form), form)).replace("-", "−")


def _half_up(number: float, form: str) -> float:
    """Round 2.25 to 2.3, as JavaScript writes it, and not to 2.2."""
    digits = int(match[1]) if (match := re.search(r"\.(\d+)", form)) else 6
    exact = Decimal(number)
    if form.endswith("f"):
        return float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=400)))
    return float(Context(prec=digits + form.endswith("e") or 1, rounding=ROUND_HALF_UP).create_decimal(exact))


def _exponent(match: re.Match[str]) -> str:
    return "e" + match[1].replace("+", "") + match[2]
