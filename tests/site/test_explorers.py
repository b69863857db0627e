"""Every explorer of the book: each control moves its chart, its values are the kernel's, and axe finds nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from live_explorer import DATA, SPELLED, assert_same_data, drawn_anew, pixels, settled
from playwright.sync_api import Locator

pytestmark = pytest.mark.xdist_group("site")
ROOT = Path(__file__).parents[2]
EXPLORERS = [
    (path.stem, name)
    for path in sorted((ROOT / "book").glob("*.ipynb"))
    for name in re.findall(r'<figure class=\\"explorer\\" id=\\"([^"\\]+)', path.read_text(encoding="utf-8"))
]
# Relative to the largest value of a column. Many steps of training, or the peak at p = n, magnify rounding.
TOLERANCE = {
    "explorer-a-hundred-steps-of-gradient-descent": 2e-2,
    "explorer-sixteen-points-more-and-more-features": 2e-2,
    "explorer-the-finite-difference-v": 2e-2,  # of a logarithm
    "explorer-train-it-yourself": 2e-2,
}


def foretold(name: str, values: dict, data: dict) -> dict:
    """The part of the data that rounding does not decide, in a form in which tolerances are relative."""
    if name == "explorer-the-finite-difference-v":  # the V's left arm is rounding, another for each sine
        step, error = (np.array(data["curve"][column]) for column in ("step", "error"))
        right = step > (1e-2 if values["bits"] == "32" else 1e-3)
        return {"curve": {"step": step, "left": [np.log(error[~right]).mean()], "right": np.log(error[right])}}
    if name == "explorer-four-walkers-on-one-surface" and values["rate"] > 1:  # nobody settles: the first steps agree
        return {"ground": data["ground"], "path": {axis: data["path"][axis][:5] for axis in "xy"}}
    if name == "explorer-train-it-yourself" and values["rate"] > 0.01:  # too large a step magnifies any difference
        return {"fit": {"truth": data["fit"]["truth"]}, "loss": {"loss": data["loss"]["loss"][:3]}}
    if name == "explorer-a-hundred-steps-of-gradient-descent":
        loss = np.array([SPELLED.get(v, v) for v in data["descent"]["loss"]], float)
        if not np.isfinite(loss).all():  # past the largest number, the order of adding decides between ∞ and NaN
            return {"curve": {"x": data["curve"]["x"]}, "descent": {"loss": loss[: np.argmin(np.isfinite(loss))]}}
    return data


# A dash pattern without gaps takes the browser as long to draw as one with gaps.
NO_GAPS = """() => {
  const dash = CanvasRenderingContext2D.prototype.setLineDash;
  window.dashesWithoutGaps = 0;
  CanvasRenderingContext2D.prototype.setLineDash = function (pattern) {
    if (pattern.length && !pattern.some((length, i) => i % 2 && length)) window.dashesWithoutGaps++;
    return dash.call(this, pattern);
  };
}"""


def opened(page, site: Path, chapter: str, name: str) -> Locator:
    page.goto((site / "book" / f"{chapter}.html").as_uri())
    figure = page.locator(f"figure#{name}")
    figure.scroll_into_view_if_needed()
    page.wait_for_function("f => f.dataset.ready || f.dataset.failed", arg=figure.element_handle())
    assert figure.get_attribute("data-failed") is None
    return figure


@pytest.fixture(scope="module")
def kernel() -> Iterator[Callable]:
    """``kernel(chapter)`` gives a function from an explorer's name and its controls' values to XLA's data."""
    processes: dict[str, subprocess.Popen] = {}

    def of_chapter(chapter: str) -> Callable:
        if chapter not in processes:
            command = [
                sys.executable,
                str(Path(__file__).parent / "kernel.py"),
                str(ROOT / "book" / f"{chapter}.ipynb"),
            ]
            processes[chapter] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            assert processes[chapter].stdout.readline() == "ready\n"
        process = processes[chapter]

        def ask(name: str, values: dict) -> dict:
            process.stdin.write(json.dumps([name, values]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        return ask

    yield of_chapter
    for process in processes.values():
        process.kill()
        process.communicate()


def assert_same_values(figure: Locator, name: str, ask: Callable) -> None:
    """The page's data are the kernel's, for the page's own values of the controls."""
    values = figure.evaluate("figure => figure.explorer.values")
    found, expected = (foretold(name, values, data) for data in (figure.evaluate(DATA), ask(name, values)))
    assert_same_data(found, expected, TOLERANCE.get(name, 1e-3))


@pytest.mark.parametrize(("chapter", "name"), EXPLORERS)
def test_each_control_moves_the_chart_and_the_values_are_the_kernels(chapter, name, site, watched, kernel):
    watch = watched("file://")
    watch.page.add_init_script(f"({NO_GAPS})()")
    figure = opened(watch.page, site, chapter, name)
    controls = figure.locator(
        ".explorer-control input:not(.explorer-keys input), .explorer-control select, .explorer-seed button, "
        ".explorer-points :is(.explorer-across, .explorer-up)"
    )
    assert controls.count() > 0
    ask = kernel(chapter)
    assert_same_values(figure, name, ask)
    for control in controls.all():
        before = settled(figure)
        kind = control.evaluate("e => e.type || e.tagName")
        if kind == "range":
            control.press("Home")
            before = settled(figure)
            assert_same_values(figure, name, ask)
            control.press("End")
        elif kind == "select-one":
            control.select_option(index=control.evaluate("e => (e.selectedIndex + 1) % e.options.length"))
        elif kind == "radio" and control.is_checked():
            continue
        else:
            control.click()
        assert settled(figure) != before, control.get_attribute("id")
        assert_same_values(figure, name, ask)
        figure.locator(".explorer-reset").click()
        settled(figure)
    controls.first.press("ArrowRight")
    moved = settled(figure)
    strays = np.abs(pixels(moved) - pixels(drawn_anew(figure))).max(axis=2) > 0.2
    assert strays.mean() < 1e-3  # the edges of what was drawn in part
    assert watch.page.evaluate("dashesWithoutGaps") == 0
    assert watch.problems == []
