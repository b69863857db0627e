"""How soon a page is there: first and largest paint, jumps, and bytes before the reader stirs, served on this machine.

Run by ``make bench`` after ``make site``; prints medians of five visits with an empty cache. The largest paint of a
page is its first paragraph or its first picture.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from helpers.site.serve import QuietHandler
from helpers.site.takeaway import browser as chromium

SITE = Path(__file__).parents[1] / "_build" / "html"
VISITS = 5
OBSERVE = """window.seen = {largest: 0, jumps: 0};
new PerformanceObserver(list => list.getEntries().forEach(e => { seen.largest = e.startTime }))
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) seen.jumps += e.value }))
  .observe({type: "layout-shift", buffered: true});"""
READ = """() => ({...seen, first: performance.getEntriesByName("first-contentful-paint")[0].startTime})"""


def visit(browser: Browser, address: str, width: int) -> dict[str, float]:
    """One visit with an empty cache: times in milliseconds, weight in KB."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    weight = {}

    def weigh(response) -> None:
        file = SITE / response.url.split("?")[0].partition("/")[2].partition("/")[2].partition("/")[2]
        if file.is_file():
            content = file.read_bytes()
            weight[file] = min(len(content), len(gzip.compress(content))) / 1024

    page.on("response", weigh)
    page.goto(address)
    page.wait_for_timeout(1000)
    seen = page.evaluate(READ) | {"weight": sum(weight.values())}
    context.close()
    return seen


def main() -> None:
    if not SITE.exists():
        sys.exit("There is no site to measure: run `make site` first.")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{'page':32} {'width':>5} {'first paint':>12} {'largest':>9} {'jumps':>7} {'weight':>8}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=list(chromium.FLAGS))
        for page in sorted(SITE.glob("book/*.html")):
            for width in (390, 1280):
                address = f"http://127.0.0.1:{server.server_port}/book/{page.name}"
                visits = [visit(browser, address, width) for _ in range(VISITS)]
                first, largest, jumps, weight = (
                    statistics.median(v[k] for v in visits) for k in ("first", "largest", "jumps", "weight")
                )
                print(
                    f"{page.stem:32} {width:5} {first:9.0f} ms {largest:6.0f} ms {jumps:7.3f} {weight:5.0f} KB",
                    flush=True,
                )
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
