"""From a real mouse movement on a slider to the painted chart, for every explorer of the tests' gallery or of a book.

    python benchmarks/explorer_latency.py [SITE]

Without ``SITE`` (the folder of a built book, as ``_build/html``) it is the gallery. With ``KEEP=1`` the result goes to
``book/speed.json``. The clock starts at the event's own time stamp and stops in the first task after the frame that
shows the new chart: ``p50_ms`` and ``p95_ms``. A training that shows itself on the way gives its first picture earlier,
after ``first_p50_ms``.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, sync_playwright

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "explorer"), str(Path(__file__).parent / "common")]

LISTEN = """figure => {
  figure.times = { first: [], last: [] };
  let started = 0;
  let waiting = false;
  const picture = which => {
    const from = started;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const took = performance.now() - from;
        which.forEach(name => figure.times[name].push(took));
      };
      channel.port2.postMessage(null);
    });
  };
  figure.addEventListener("input", event => {
    if (started) return;
    started = event.timeStamp;
    waiting = true;
  }, true);
  figure.addEventListener("progress", () => {
    if (waiting) picture(["first"]);
    waiting = false;
  });
  figure.addEventListener("drawn", () => {
    if (!started) return;
    picture(waiting ? ["first", "last"] : ["last"]);
    started = 0;
    waiting = false;
  });
}"""
DRAGS, ENOUGH = 12, 60


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


def measured(page: Page) -> list[dict[str, Any]]:
    """Each explorer of the page that has a slider: how many redraws there were, and how long they took."""
    results = []
    for figure in page.locator("figure.explorer").all():
        slider = figure.locator(":is(.explorer-range, .explorer-play) input").first
        figure.scroll_into_view_if_needed()
        page.wait_for_function("f => f.dataset.ready", arg=figure.element_handle(), timeout=20_000)
        figure.locator(".explorer-controls").scroll_into_view_if_needed()
        if not slider.count():
            continue
        figure.evaluate(LISTEN)
        for _ in range(DRAGS):  # a slider with few stops draws up little on each way
            drag(page, slider)
            page.wait_for_timeout(500)
            first, times = (sorted(found) for found in figure.evaluate("f => [f.times.first, f.times.last]"))
            if len(times) >= ENOUGH:
                break
        result: dict[str, Any] = {"name": figure.get_attribute("id"), "redraws": len(times)}
        if times:
            p50, p95 = statistics.median(times), times[int(0.95 * (len(times) - 1))]
            result |= {"p50_ms": round(p50, 1), "p95_ms": round(p95, 1), "most_ms": round(times[-1], 1)}
            result |= {"first_p50_ms": round(statistics.median(first), 1)} if first != times else {}
        results.append(
            result | {"where": figure.locator(".explorer-where").inner_text().removesuffix(" Read the code")}
        )
    return results


def main(site: Path) -> list[dict[str, Any]]:
    from helpers.site.takeaway import browser

    everything = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=list(browser.FLAGS))
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        print(f"{'explorer':46} {'n':>4} {'p50':>7} {'p95':>7} {'max':>7} {'first':>7}   where")
        for file in sorted((site.resolve() / "book").glob("*.html")):
            if 'class="explorer"' not in file.read_text(encoding="utf-8"):
                continue
            page.goto(file.as_uri())
            for result in measured(page):
                times = [result.get(key, float("nan")) for key in ("p50_ms", "p95_ms", "most_ms", "first_p50_ms")]
                shown = " ".join(f"{time:7.1f}" for time in times)
                print(f"{result['name']:46} {result['redraws']:4} {shown}   {result['where']}", flush=True)
                everything.append({"page": file.stem, **result})
        chromium.close()
    return everything


if __name__ == "__main__":
    if len(sys.argv) > 1:
        explorers = main(Path(sys.argv[1]))
    else:
        import gallery
        import small_book

        with tempfile.TemporaryDirectory() as folder:
            explorers = main(small_book.build(Path(folder), list(gallery.ALL)))
    if os.environ.get("KEEP"):
        from record import record

        record("explorers", explorers=explorers)
