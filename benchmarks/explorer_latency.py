"""From a real mouse movement on a slider to the painted chart, for every explorer of the tests' gallery.

    python benchmarks/explorer_latency.py [SITE]

The clock starts at the event's own time stamp and stops in the first task after the frame that shows the new chart.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "explorer")]

LISTEN = """figure => {
  figure.times = [];
  let started = 0;
  figure.addEventListener("input", event => { started ||= event.timeStamp; }, true);
  figure.addEventListener("drawn", () => {
    if (!started) return;
    const from = started;
    started = 0;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => figure.times.push(performance.now() - from);
      channel.port2.postMessage(null);
    });
  });
}"""


def drag(page: Page, slider: Locator, moves: int = 120) -> None:
    """Drag the slider's thumb to the right end and back, one movement every 25 ms."""
    box = slider.bounding_box()
    assert box is not None
    y, left, width = box["y"] + box["height"] / 2, box["x"] + 9, box["width"] - 18
    page.mouse.move(left + width / 2, y)
    page.mouse.down()
    for i in range(moves):
        share = 0.5 + 0.5 * (1 - abs(1 - 2 * i / moves)) if i < moves else 0.5
        page.mouse.move(left + width * share, y)
        page.wait_for_timeout(25)
    page.mouse.up()


def main(site: Path) -> None:
    import browser

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=list(browser.FLAGS))
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto((site / "book" / "gallery.html").as_uri())
        print(f"{'explorer':34} {'n':>4} {'p50':>7} {'p95':>7} {'max':>7}   where")
        for figure in page.locator("figure.explorer").all():
            slider = figure.locator(":is(.explorer-range, .explorer-play) input").first
            figure.scroll_into_view_if_needed()
            page.wait_for_function("f => f.dataset.ready", arg=figure.element_handle(), timeout=20_000)
            figure.locator(".explorer-controls").scroll_into_view_if_needed()
            if not slider.count():
                continue
            figure.evaluate(LISTEN)
            drag(page, slider)
            page.wait_for_timeout(500)
            times = sorted(figure.evaluate("f => f.times"))
            if not times:
                print(f"{figure.get_attribute('id'):34}    no answer before the hand rested")
                continue
            p50, p95 = statistics.median(times), times[int(0.95 * (len(times) - 1))]
            where = figure.locator(".explorer-where").inner_text()
            name = figure.get_attribute("id") or ""
            print(f"{name:34} {len(times):4} {p50:6.1f}  {p95:6.1f}  {times[-1]:6.1f}   {where}")
        chromium.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        import gallery
        import small_book

        with tempfile.TemporaryDirectory() as folder:
            main(small_book.build(Path(folder), list(gallery.ALL)))
