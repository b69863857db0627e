"""What a page may weigh: bytes before the reader stirs, and no jump of the page while it loads."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FIRST = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"][0]["chapters"][0]["file"]
CHAPTERS = [f"book/{path.stem}" for path in sorted((ROOT / "book").glob("*.ipynb"))]
# KB, compressed. A chapter with photographs of a loss surface or of weights may weigh what they weigh.
BUDGET = {FIRST: 450, "book/loss_landscapes": 700, "book/index": 250}
SHIFTS = """window.shifted = 0;
new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) window.shifted += e.value }))
  .observe({type: "layout-shift", buffered: true});"""


def loaded(watch, origin: str, site: Path, page: str) -> dict[str, float]:
    """The files that a page loads before anybody touches it, and their compressed sizes in KB."""
    files: dict[str, float] = {}

    def weigh(response) -> None:
        name = response.url.split("?")[0].removeprefix(f"{origin}/")
        if response.url.startswith(origin) and (site / name).is_file():
            content = (site / name).read_bytes()
            files[name] = min(len(content), len(gzip.compress(content))) / 1024

    watch.page.on("response", weigh)
    watch.page.add_init_script(SHIFTS)
    watch.page.goto(f"{origin}/{page}.html")
    watch.page.wait_for_load_state("load")
    watch.page.wait_for_timeout(1000)  # what a page fetches at once has come by then; the engine waits for two seconds
    return files


@pytest.mark.parametrize("page", ["book/index", "book/evidence", *CHAPTERS])
def test_a_page_stays_within_its_budget(page, origin, site, watched):
    files = loaded(watched(origin), origin, site, page)
    heaviest = sorted(files.items(), key=lambda file: -file[1])[:6]
    assert sum(files.values()) <= BUDGET.get(page, 450), heaviest
    assert not [name for name in files if "fontawesome" in name or "mathjax" in name.lower().split("/")[:2]]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", ["book/index", *CHAPTERS])
def test_nothing_jumps_while_the_page_and_its_explorers_load(page, width, origin, site, watched):
    watch = watched(origin, width=width)
    loaded(watch, origin, site, page)
    watch.page.keyboard.press("Shift")  # a sign of life: the chart library comes
    watch.page.wait_for_timeout(1500)
    assert watch.page.evaluate("window.shifted") < 0.05


def test_the_engine_waits_for_a_sign_of_life(origin, site, watched):
    watch = watched(origin)
    files = loaded(watch, origin, site, FIRST)
    assert "_static/explorer/explorer.js" in files
    assert "_static/explorer/vega.js" not in files
    watch.page.keyboard.press("Shift")
    watch.page.locator("figure.explorer[data-ready=true]").first.wait_for()
    assert "_static/explorer/vega.js" in files


def test_the_engine_comes_by_itself_for_a_reader_who_only_looks(origin, site, watched):
    watch = watched(origin)
    loaded(watch, origin, site, FIRST)
    watch.page.locator("figure.explorer[data-ready=true]").first.wait_for()


def test_a_link_to_an_explorer_loads_it_at_once(origin, watched):
    watch = watched(origin)
    watch.page.goto(f"{origin}/book/double_descent.html#explorer-sixteen-points-more-and-more-features")
    watch.page.locator("figure.explorer[data-ready=true]").first.wait_for(timeout=30_000)
