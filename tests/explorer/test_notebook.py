"""A real JupyterLab with a real kernel, in both run modes."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from live_explorer import DRAWN
from playwright.sync_api import Locator, Page

HERE = Path(__file__).parent
pytestmark = pytest.mark.xdist_group("lab")
CELLS = (
    f"import sys; sys.path.insert(0, {str(HERE)!r})\nimport gallery, ipywidgets",
    "inside = gallery.risk(); inside",
    "kernel = gallery.from_the_kernel(); kernel",
    "placed = gallery.place_your_own(); placed",
    "placed.query = [(500, -0.5)]",
    "slider = ipywidgets.FloatSlider(min=0, max=2, value=1); ipywidgets.link((slider, 'value'), (inside, 'noise'))\n"
    "ipywidgets.HBox([slider])",
    "print('kept:', inside.noise, kernel.temperature, float(kernel.result()['curve']['y'][-1]), end=' ')\n"
    "print(placed.places, placed.query)",
)


def free_port() -> int:
    with contextlib.closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[str]:
    """The address of a JupyterLab whose folder holds one notebook."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "explorers.ipynb")
    private = {f"JUPYTER_{name}_DIR": str(folder / f".{name}") for name in ("CONFIG", "DATA", "RUNTIME")}
    options = ["--no-browser", "--allow-root", f"--port={port}", f"--ServerApp.root_dir={folder}", "--LabApp.news_url="]
    options += ["--IdentityProvider.token=", "--ServerApp.password=", "--LabApp.check_for_updates_class="]
    options[-1] += "jupyterlab.NeverCheckForUpdate"
    log = (folder / "log.txt").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", *options],
        env={**os.environ, **private},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address + "/api", server)
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def wait_for(address: str, server: subprocess.Popen) -> None:
    for _ in range(200):
        assert server.poll() is None, "JupyterLab did not start"
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(address).close()
            return
        time.sleep(0.3)
    raise TimeoutError(address)


@pytest.fixture(scope="module")
def notebook(lab, chromium) -> Iterator[Page]:
    """The notebook after all its cells have run; nothing outside this machine can be reached."""
    page = chromium.new_page(viewport={"width": 1280, "height": 2400})
    page.route("**/*", lambda r: r.continue_() if r.request.url.startswith((lab, "data:", "blob:")) else r.abort())
    page.goto(f"{lab}/lab/tree/explorers.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_selector(".jp-Cell:last-child >> text=kept:", timeout=120_000)
    yield page
    page.close()


def explorer(page: Page, name: str) -> Locator:
    figure = page.locator(f"figure.explorer[data-ready=true]:has-text('{name}')")
    figure.wait_for(timeout=60_000)
    return figure


@pytest.mark.parametrize(
    ("name", "where", "sentence"),
    [
        ("The risk has a peak", "Runs in this page", "With noise 2 the lowest risk is 0.04."),
        ("From the kernel", "Runs in the notebook’s kernel", "At 4 it ends at 0.037."),
    ],
)
def test_a_slider_moves_the_chart_in_both_run_modes(notebook, name, where, sentence):
    figure = explorer(notebook, name)
    assert where in figure.locator(".explorer-where").inner_text()
    drawn = figure.evaluate(DRAWN)
    figure.locator("input[type=range]").first.press("End")
    notebook.wait_for_function(
        "([f, s]) => f.querySelector('.explorer-summary').textContent === s", arg=[figure.element_handle(), sentence]
    )
    assert figure.evaluate(DRAWN) != drawn
    assert figure.locator(".explorer-note").inner_text() == ""


def test_places_travel_to_the_kernel_and_back(notebook):
    figure = explorer(notebook, "Place your own keys")
    assert figure.evaluate("f => f.explorer.values.query") == [[500, -0.5]]
    figure.locator("[data-name=places] .explorer-up").press("End")
    notebook.wait_for_timeout(500)
    notebook.locator(".jp-Notebook .jp-Cell").last.click()
    notebook.keyboard.press("Control+Enter")
    kept = "[(2.0, 1.0), (20.0, 0.5), (200.0, -0.25)] [(500.0, -0.5)]"
    notebook.wait_for_selector(f".jp-Cell:last-child >> text={kept}", timeout=20_000)


def test_the_kernel_knows_and_another_widget_can_be_linked(notebook):
    risk, kernel = explorer(notebook, "The risk has a peak"), explorer(notebook, "From the kernel")
    risk.locator("input[type=range]").first.press("End")
    kernel.locator("input[type=range]").first.press("Home")
    notebook.wait_for_timeout(500)
    notebook.locator(".jp-Notebook .jp-Cell").last.click()
    notebook.keyboard.press("Control+Enter")
    notebook.wait_for_selector(".jp-Cell:last-child >> text=kept: 2.0 0.0 2.0", timeout=20_000)
    handle = notebook.locator(".jupyter-widgets .noUi-handle").first
    handle.focus()
    notebook.keyboard.press("Home")
    sentence = "With noise 0 the lowest risk is 0.00."
    notebook.wait_for_function(
        "([f, s]) => f.querySelector('.explorer-summary').textContent === s", arg=[risk.element_handle(), sentence]
    )
