"""What the tests of the gallery and of the book ask of an explorer in a browser."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping

import matplotlib.image
import numpy as np
from playwright.sync_api import Locator

# In one question each: between two, a new width or theme may have put another canvas in the old one's place.
DRAWN = "figure => figure.querySelector('canvas').toDataURL()"
BOX = "figure => figure.querySelector('canvas').getBoundingClientRect().toJSON()"
# The values of a column, with what JSON cannot say written as a string.
DATA = """figure => Object.fromEntries(Object.entries(figure.explorer.data).map(([name, table]) => [name,
  Object.fromEntries(Object.entries(table).map(([column, values]) => [column,
    Array.from(values, v => typeof v === "number" && !Number.isFinite(v) ? String(v) : v)]))]))"""
SPELLED = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}


def settled(figure: Locator) -> str:
    """What is drawn when the answer has come."""
    figure.page.wait_for_timeout(60)
    figure.page.wait_for_function("f => !f.hasAttribute('data-busy')", arg=figure.element_handle())
    return figure.evaluate(DRAWN)


def drawn_anew(figure: Locator) -> str:
    """What is drawn when the whole chart is made again, as for another theme."""
    canvas = figure.locator("canvas").element_handle()
    figure.evaluate("() => document.body.classList.toggle('drawn-anew')")
    figure.page.wait_for_function("canvas => !canvas.isConnected", arg=canvas)
    return settled(figure)


def pixels(drawn: str) -> np.ndarray:
    """The picture behind a data URL, (height, width, 4), from 0 to 1."""
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(drawn.partition(",")[2])), format="png")


def assert_same_data(found: Mapping, expected: Mapping, tolerance: float) -> None:
    """The page's data sets, as DATA gives them, hold the kernel's words and numbers.

    ``tolerance`` is relative to the largest number of a column. A millionth is always granted: what should be zero is
    rounding, another on each side.
    """
    assert found.keys() == expected.keys()
    for dataset, columns in expected.items():
        assert found[dataset].keys() == columns.keys()
        for column, wanted in columns.items():
            if len(wanted) and isinstance(wanted[0], str):
                assert found[dataset][column] == list(wanted)
                continue
            numbers = np.array([SPELLED.get(v, v) for v in found[dataset][column]], float)
            wanted = np.asarray(wanted, float)
            scale = np.max(np.abs(wanted), initial=0, where=np.isfinite(wanted))
            np.testing.assert_allclose(
                numbers, wanted, rtol=0, atol=max(tolerance * scale, 1e-6), err_msg=f"{dataset}.{column}"
            )
