"""The gallery in a real browser, opened as a file, with every other address blocked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import gallery
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from live_explorer import BOX, DATA, DRAWN, assert_same_data, settled
from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.xdist_group("explorer")
IDS = {
    "risk": "explorer-the-risk-has-a-peak",
    "random_features": "explorer-random-features",
    "two_panels": "explorer-descent-in-a-bowl",
    "draw_your_own": "explorer-draw-your-own-data",
    "place_your_own": "explorer-place-your-own-keys",
    "from_the_kernel": "explorer-from-the-kernel",
    "slow_one": "explorer-slow",
    "boundary": "explorer-watch-it-learn",
}


@pytest.fixture
def opened(watched, gallery_page):
    """``opened(name)`` gives a ready explorer; at the end the page must have had no problem."""
    watches = []

    def open_page(name: str, *, address: str = "", **options) -> Locator:
        watch = watched("file://", **options)
        watches.append(watch)
        watch.page.goto(gallery_page + address)
        return ready(watch.page, name)

    yield open_page
    assert [problem for watch in watches for problem in watch.problems] == []


def ready(page: Page, name: str) -> Locator:
    figure = page.locator(f"figure#{IDS[name]}")
    figure.scroll_into_view_if_needed()
    page.wait_for_function(f"document.getElementById('{IDS[name]}').dataset.ready === 'true'", timeout=15_000)
    return figure


def rested(figure: Locator) -> str:
    """What is drawn, when the sentence and the address have followed: they wait until the reader's hand rests."""
    settled(figure)
    figure.page.wait_for_timeout(350)
    return figure.evaluate(DRAWN)


# A solve loses digits: condition number 3e4 times the rounding of a float32. The rest only accumulates rounding.
TOLERANCE = {"Random features": 5e-3}


def assert_same_values(figure: Locator, explorer) -> None:
    """The page's data are the kernel's, for the page's own values of the controls."""
    tolerance = TOLERANCE.get(figure.locator(".explorer-title").inner_text(), 2e-4)
    values = figure.evaluate("figure => figure.explorer.values")
    for name, value in values.items():
        setattr(explorer, name, value)
    assert_same_data(figure.evaluate(DATA), explorer.result(), tolerance)


@pytest.mark.parametrize("name", gallery.ALL)
def test_every_control_moves_the_chart_and_the_values_are_the_kernels(name, opened):
    figure, explorer = opened(name), gallery.ALL[name]()
    assert_same_values(figure, explorer)
    inputs = figure.locator(
        ".explorer-control input:not(.explorer-keys input), .explorer-control select, .explorer-seed button, "
        ".explorer-points :is(.explorer-across, .explorer-up)"
    )
    assert inputs.count() > 0
    for control in inputs.all():
        kind = control.evaluate("e => e.type || e.tagName")
        before = figure.evaluate(DRAWN)
        if kind == "range":
            drawn = []
            for key in ("Home", "End"):
                control.press(key)
                rested(figure)
                drawn.append(figure.evaluate(DRAWN))
                assert_same_values(figure, explorer)
            assert drawn[0] != drawn[1]
        elif kind == "select-one":
            control.select_option(index=3)
        elif kind in ("checkbox", "radio", "submit", "button"):
            if kind == "radio" and control.is_checked():
                continue
            control.click()
        if kind != "range":
            rested(figure)
            assert figure.evaluate(DRAWN) != before
            assert_same_values(figure, explorer)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", gallery.ALL)
def test_axe_finds_nothing(name, scheme, watched, gallery_page):
    page = watched("file://", scheme=scheme).page  # axe itself asks for files that a page opened as a file may not have
    page.goto(gallery_page)
    ready(page, name)
    found = Axe().run(page, context=f"#{IDS[name]}").response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


def test_reset_brings_back_the_start(opened):
    figure = opened("two_panels")
    start, sentence = figure.evaluate(DRAWN), figure.locator(".explorer-summary").inner_text()
    figure.locator("input[type=range]").first.press("End")
    figure.locator("input[type=radio]").nth(1).click()
    rested(figure)
    assert figure.evaluate(DRAWN) != start
    figure.locator(".explorer-reset").click()
    rested(figure)
    assert figure.evaluate(DRAWN) == start
    assert figure.locator(".explorer-summary").inner_text() == sentence
    assert figure.locator("input[type=radio]").first.is_checked()


@pytest.mark.parametrize(
    "name", ["risk", "random_features", "two_panels", "draw_your_own", "place_your_own", "from_the_kernel"]
)
def test_a_link_reproduces_the_state(name, opened):
    figure = opened(name)
    figure.locator("input[type=range]").last.press("End")
    if figure.locator("input[type=radio]").count():
        figure.locator("input[type=radio]").last.click()
    if figure.locator(".explorer-seed button").count():
        figure.locator(".explorer-seed button").click()
    rested(figure)
    address = figure.page.evaluate("location.hash")
    assert address.startswith(f"#{IDS[name]}?")
    other = opened(name, address=address)
    assert other.evaluate("f => f.explorer.values") == figure.evaluate("f => f.explorer.values")
    assert other.evaluate(DRAWN) == figure.evaluate(DRAWN)


def test_a_control_without_effect_rests(opened):
    figure = opened("risk")
    signal, checkbox = figure.locator("#explorer-the-risk-has-a-peak-signal"), figure.locator("input[type=checkbox]")
    assert signal.is_enabled()
    checkbox.check()
    assert signal.is_disabled()
    rested(figure)
    again = opened("risk", address=figure.page.evaluate("location.hash"))
    assert again.locator("#explorer-the-risk-has-a-peak-signal").is_disabled()
    checkbox.uncheck()
    assert signal.is_enabled()
    checkbox.check()
    figure.locator(".explorer-reset").click()
    assert signal.is_enabled()


def test_a_link_brings_its_explorer_into_view(watched, gallery_page):
    page = watched("file://").page

    def is_in_view(name: str) -> bool:
        page.wait_for_function(f"document.getElementById('{IDS[name]}').dataset.ready === 'true'")
        page.wait_for_timeout(500)
        box = page.locator(f"#{IDS[name]} .explorer-stage").bounding_box()
        return box["y"] >= 0 and box["y"] + box["height"] <= 800

    page.goto(f"{gallery_page}#{IDS['from_the_kernel']}?size=3")
    assert is_in_view("from_the_kernel")
    assert page.evaluate(f"document.getElementById('{IDS['from_the_kernel']}').explorer.values.size") == 3
    page.evaluate(f"location.hash = '{IDS['two_panels']}?steps=10'")
    assert is_in_view("two_panels")
    state = f"document.getElementById('{IDS['two_panels']}').explorer.values"
    assert page.evaluate(f"{state}.steps") == 10
    # A second link means the same for who has moved something meanwhile: what it leaves out is at its start.
    page.evaluate(f"location.hash = '{IDS['two_panels']}?rate=0.5'")
    page.wait_for_function(f"{state}.rate > 0.4 && {state}.steps === 0")


def test_two_explorers_of_one_name_are_told_apart(watched, gallery_page):
    watch = watched("file://")
    page, first, second = watch.page, IDS["risk"], f"{IDS['risk']}-2"
    page.goto(f"{gallery_page}#{second}?noise=2")
    for name in (first, second):
        page.locator(f"#{name}").scroll_into_view_if_needed()
        page.wait_for_function(f"document.getElementById('{name}').dataset.ready === 'true'")
    noise = "name => document.getElementById(name).explorer.values.noise"
    assert (page.evaluate(noise, first), page.evaluate(noise, second)) == (1, 2)
    page.locator(f"#{second} label").first.click()
    assert page.evaluate("document.activeElement.id") == f"{second}-noise"
    page.keyboard.press("Home")
    rested(page.locator(f"#{second}"))
    assert page.evaluate("location.hash") == f"#{second}?noise=0"
    identifiers = page.evaluate(
        "[...document.querySelectorAll('figure.explorer [id], figure.explorer')].map(e => e.id)"
    )
    assert len(identifiers) == len(set(identifiers))
    assert watch.problems == []


def test_a_broken_link_shows_the_start(opened):
    figure = opened("two_panels", address=f"#{IDS['two_panels']}?rate=no&steps=1e9&kind=other&%E0%A4%A=1")
    values = figure.evaluate("f => f.explorer.values")
    assert (values["rate"], values["steps"], values["kind"]) == (0.05, 59, "plain")


def test_divergence_is_told_with_the_control_to_turn(opened):
    figure = opened("two_panels")
    assert figure.locator(".explorer-note").inner_text() == ""
    figure.locator("input[type=range]").first.press("End")
    rested(figure)
    note = figure.locator(".explorer-note").inner_text()
    assert re.search(r"has left the range of numbers", note)
    assert "Turn Learning rate down, towards 0.05." in note
    figure.locator(".explorer-reset").click()
    rested(figure)
    assert figure.locator(".explorer-note").inner_text() == ""


def test_time_plays_and_pauses(opened):
    figure = opened("two_panels")
    page, button = figure.page, figure.locator(".explorer-run")
    assert button.get_attribute("aria-label") == "Play: Steps"
    steps = "f => f.explorer.values.steps"

    def wait_until(condition: str) -> None:
        page.wait_for_function(f"f => ({condition})(f.explorer.values.steps)", arg=figure.element_handle())

    button.click()
    wait_until("at => at > 0")
    assert button.get_attribute("aria-label") == "Pause: Steps"
    button.click()
    rested(figure)
    paused = figure.evaluate(steps)
    rested(figure)
    assert 0 < figure.evaluate(steps) == paused < 59
    button.click()
    wait_until("at => at === 59")
    rested(figure)
    assert button.get_attribute("aria-label") == "Play: Steps"
    button.click()
    wait_until("at => at > 0 && at < 59")
    figure.locator(".explorer-reset").click()
    rested(figure)
    assert figure.evaluate(steps) == 0


def test_points_are_dragged_in_the_chart(opened):
    figure = opened("draw_your_own")
    box = figure.evaluate(BOX)
    page = figure.page
    x, y = box["x"] + 0.55 * box["width"], box["y"] + 0.15 * box["height"]
    before = figure.evaluate("f => [...f.explorer.values.heights]")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 20, steps=4)
    page.mouse.up()
    rested(figure)
    after = figure.evaluate("f => [...f.explorer.values.heights]")
    moved = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert moved == [4]
    assert after[4] == pytest.approx(0.5, abs=0.3)
    assert_same_values(figure, gallery.draw_your_own())


def test_points_are_moved_by_the_keyboard(opened):
    figure = opened("draw_your_own")
    point, height = figure.locator(".explorer-point"), figure.locator(".explorer-height")
    point.focus()
    assert height.is_visible()
    point.press("ArrowRight")
    height.press("End")
    rested(figure)
    assert figure.evaluate("f => f.explorer.values.heights[1]") == 1
    assert point.get_attribute("aria-valuetext") == "2 of 9"


QUERY = """figure => {
  const canvas = figure.querySelector('canvas'), box = canvas.getBoundingClientRect();
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { width, height, data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let [count, across, up] = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 200 || data[i] < 200 || data[i + 2] > 60) continue;
    count++, (across += (i / 4) % width), (up += Math.floor(i / 4 / width));
  }
  return [box.x + ((across / count + 0.5) * box.width) / width, box.y + ((up / count + 0.5) * box.height) / height];
}"""
VALUES = "figure => ({ ...figure.explorer.values })"


def query(figure: Locator) -> np.ndarray:
    """Where the one orange mark, the query of `place_your_own`, stands in the window: asked of the pixels."""
    rested(figure)
    return np.array(figure.evaluate(QUERY))


def drag(page: Page, start: np.ndarray, *stops: np.ndarray) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    for x, y in stops:
        page.mouse.move(float(x), float(y), steps=3)
    page.mouse.up()


def test_a_place_is_dragged_both_ways(opened):
    figure = opened("place_your_own")
    page, before, start = figure.page, query(figure), figure.evaluate(VALUES)
    beside = before + [8, -12]
    page.mouse.move(*beside)
    page.mouse.down()
    page.mouse.up()
    assert np.abs(query(figure) - before).max() < 1  # it is grabbed, and does not jump
    assert figure.evaluate(VALUES) == start
    page.mouse.move(*beside)
    page.mouse.down()
    drawn = {figure.evaluate(DRAWN)}
    for share in (0.25, 0.5, 0.75, 1):
        page.mouse.move(*(beside + share * np.array([-60, 50])))
        settled(figure)
        drawn.add(figure.evaluate(DRAWN))
    assert len(drawn) == 5  # the function runs at every move
    page.mouse.up()
    assert np.abs(query(figure) - before - [-60, 50]).max() < 2
    page.mouse.move(*before)
    assert np.abs(query(figure) - before - [-60, 50]).max() < 2  # nobody holds it any more
    assert figure.evaluate(VALUES)["places"] == start["places"]
    assert_same_values(figure, gallery.place_your_own())


def test_the_nearest_place_jumps_to_a_mouse(opened):
    figure = opened("place_your_own")
    there, start = query(figure) + [45, -60], figure.evaluate(VALUES)
    figure.page.mouse.click(*there)
    assert np.abs(query(figure) - there).max() < 2
    assert figure.evaluate(VALUES)["places"] == start["places"]
    aside = query(figure)
    figure.page.mouse.click(*(there + [-110, 20]))  # nearer to the key at (20, 0.5)
    assert np.abs(query(figure) - aside).max() < 1
    moved = [a != b for a, b in zip(figure.evaluate(VALUES)["places"], start["places"], strict=True)]
    assert moved == [False, True, False]


def test_a_place_stays_in_its_range_and_in_its_panel(opened):
    figure = opened("place_your_own")
    page, box, start = figure.page, figure.evaluate(BOX), figure.evaluate(VALUES)
    right = np.array([box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"]])
    drag(page, right, right + [20, 20])
    rested(figure)
    assert figure.evaluate(VALUES) == start
    drag(page, query(figure), right, right - [0, 2000])
    rested(figure)
    assert figure.evaluate(VALUES)["query"] == [[1000, 1]]
    drag(page, query(figure), np.array([1, 790]))
    rested(figure)
    assert figure.evaluate(VALUES)["query"] == [[1, -1]]
    assert figure.evaluate(VALUES)["places"] == start["places"]


def test_the_cursor_shows_what_can_be_grabbed(opened):
    figure = opened("place_your_own")
    page, box, at = figure.page, figure.evaluate(BOX), query(figure)
    cursor = "([x, y]) => getComputedStyle(document.elementFromPoint(x, y)).cursor"

    def cursor_at(place: np.ndarray) -> str:
        page.mouse.move(*place)
        return page.evaluate(cursor, list(map(float, place)))

    assert cursor_at(at + [20, 0]) == "grab"
    assert cursor_at(at + [45, -60]) == "crosshair"
    assert cursor_at(np.array([box["x"] + 0.75 * box["width"], at[1]])) in ("auto", "default")
    page.mouse.move(*at)
    page.mouse.down()
    assert cursor_at(at + [0, -50]) == "grabbing"
    page.mouse.up()
    assert cursor_at(at + [0, -51]) == "grab"


def test_places_follow_the_theme_and_the_width(opened):
    figure = opened("place_your_own")
    page, light = figure.page, rested(figure)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"([f, light]) => ({DRAWN})(f) !== light", arg=[figure.element_handle(), light])
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function(f"f => ({BOX})(f).width < 361", arg=figure.element_handle())
    figure.locator(".explorer-stage").scroll_into_view_if_needed()
    there = query(figure) + [45, -60]
    page.mouse.click(*there)
    assert np.abs(query(figure) - there).max() < 2


class Finger:
    """One finger on a phone's screen."""

    def __init__(self, page: Page) -> None:
        self.devtools = page.context.new_cdp_session(page)

    def swipe(self, start: np.ndarray, by: np.ndarray) -> None:
        for kind, share in (("touchStart", 0), *(("touchMove", i / 8) for i in range(1, 9)), ("touchEnd", 1)):
            x, y = map(float, start + share * np.array(by))
            touches = [] if kind == "touchEnd" else [{"x": x, "y": y}]
            self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_a_finger_moves_a_place_or_scrolls_the_page(chromium, gallery_page):
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(gallery_page)
    figure, finger = ready(page, "place_your_own"), Finger(page)
    page.evaluate("""() => { window.prevented = [];
      addEventListener('touchstart', (event) => prevented.push(event.defaultPrevented)); }""")
    figure.locator(".explorer-stage").evaluate("stage => stage.scrollIntoView({ block: 'center' })")
    before, start, scrolled = query(figure), figure.evaluate(VALUES), page.evaluate("scrollY")
    finger.swipe(before + [15, 15], [20, -70])
    assert np.abs(query(figure) - before - [20, -70]).max() < 2
    assert page.evaluate("[prevented, scrollY]") == [[True], scrolled]
    held = figure.evaluate(VALUES)
    assert held["places"] == start["places"]
    finger.swipe(before + [10, 0], [0, -100])  # in the panel, and no longer near a place
    rested(figure)
    assert page.evaluate("prevented") == [True, False]
    assert page.evaluate("scrollY") > scrolled + 40
    assert figure.evaluate(VALUES) == held
    context.close()


def test_places_are_moved_by_the_keyboard(opened):
    figure = opened("place_your_own")
    places, alone = figure.locator("[data-name=places]"), figure.locator("[data-name=query]")
    point, across, up = (places.locator(f".explorer-{part}") for part in ("point", "across", "up"))
    point.focus()
    assert up.is_visible()
    point.press("ArrowRight")
    assert point.get_attribute("aria-valuetext") == "2 of 3"
    assert across.get_attribute("aria-valuetext") == "20"
    across.press("End")
    up.press("Home")
    rested(figure)
    assert figure.evaluate(VALUES)["places"] == [[2, -0.5], [1000, -1], [200, -0.25]]
    assert [part.get_attribute("aria-valuetext") for part in (across, up)] == ["1e3", "−1"]
    assert alone.locator("input").count() == 2
    alone.locator(".explorer-up").press("End")
    rested(figure)
    assert figure.evaluate(VALUES)["query"] == [[50, 1]]
    assert_same_values(figure, gallery.place_your_own())


def test_a_link_carries_places_and_reset_forgets_them(opened):
    figure = opened("place_your_own")
    start, drawn, at = figure.evaluate(VALUES), figure.evaluate(DRAWN), query(figure)
    drag(figure.page, at, at + [-37, 41])
    figure.locator("[data-name=places] .explorer-up").press("End")
    rested(figure)
    address, values = figure.page.evaluate("location.hash"), figure.evaluate(VALUES)
    assert "places=2%7E1%7E20%7E0.5%7E200%7E-0.25" in address
    other = opened("place_your_own", address=address)
    assert other.evaluate(VALUES) == values != start
    assert other.evaluate(DRAWN) == figure.evaluate(DRAWN)
    figure.locator(".explorer-reset").click()
    assert rested(figure) == drawn
    assert figure.evaluate(VALUES) == start
    assert figure.page.evaluate("location.hash") == ""


def test_a_broken_link_leaves_places_where_they_can_be(opened):
    links = f"#{IDS['place_your_own']}?places=1~1~2~2~3&query=5000~-3"
    values = opened("place_your_own", address=links).evaluate(VALUES)
    assert values["places"] == [[2, -0.5], [20, 0.5], [200, -0.25]]
    assert values["query"] == [[1000, -1]]


@pytest.mark.parametrize("name", ["draw_your_own", "place_your_own"])
def test_the_keyboards_sliders_push_nothing_aside(name, opened):
    figure = opened(name)
    reset = figure.locator(".explorer-reset")
    before, start = reset.bounding_box(), figure.evaluate(VALUES)
    slider = figure.locator(".explorer-keys input").last
    slider.press("End")
    assert slider.is_visible()
    assert not figure.locator(".explorer-hint").last.is_visible()
    assert reset.bounding_box() == before
    rested(figure)
    assert figure.evaluate(VALUES) != start
    reset.click()
    rested(figure)
    assert figure.evaluate(VALUES) == start


def test_a_long_training_is_watched_and_starts_anew(opened):
    figure = opened("boundary")
    assert_same_values(figure, gallery.boundary())
    # Each move comes while the training of the move before is being watched, however fast the machine is.
    figure.evaluate(
        """f => { f.early = 0; f.late = 0; f.moves = 0;
        const slider = [...f.querySelectorAll("input[type=range]")].at(-1);
        const move = () => { f.moves++; slider.stepUp(); slider.dispatchEvent(new Event("input", {bubbles: true})); };
        f.addEventListener("progress", () => { f.early++; if (f.moves < 3) move(); });
        f.addEventListener("drawn", () => f.late++);
        move(); }"""
    )
    figure.page.wait_for_function("f => f.late > 0", arg=figure.element_handle())
    rested(figure)
    assert figure.evaluate("f => f.early") >= 3
    assert figure.evaluate("f => f.late") == 1
    assert figure.evaluate("f => f.explorer.values.waves") == 7
    assert_same_values(figure, gallery.boundary())


def test_a_slow_call_runs_in_a_worker_and_the_page_stays_free(opened):
    figure = opened("slow_one")
    page = figure.page
    assert len(page.workers) > 0
    page.evaluate(
        """() => { window.gaps = []; let last = performance.now();
        const tick = () => {
          const now = performance.now();
          gaps.push(now - last);
          last = now;
          requestAnimationFrame(tick);
        };
        tick(); }"""
    )
    slider = figure.locator("input[type=range]")
    for _ in range(20):
        slider.press("ArrowRight")
    rested(figure)
    took = int(re.search(r"(\d+) ms a call", figure.locator(".explorer-where").inner_text())[1])
    assert took >= 10
    assert figure.evaluate("f => f.explorer.values.scale") == pytest.approx(0.7)
    # A page that the calls block has no shorter gap than a call.
    assert np.percentile(page.evaluate("gaps"), 75) < 0.8 * took


def test_a_moved_slider_lays_out_itself_and_not_the_page(opened):
    figure = opened("risk")
    slider = figure.locator("input[type=range]").first
    slider.press("ArrowRight")
    rested(figure)
    # Not judged: the sentence, which is written when the hand rests, and the time of a call, which is seldom another.
    figure.evaluate(
        """f => { window.setTimeout = () => 0;
        const where = f.querySelector(".explorer-where").firstChild;
        Object.defineProperty(where, "textContent", { get: () => "", set: () => {} }); }"""
    )
    browser = figure.page.context.browser
    browser.start_tracing(page=figure.page, categories=["devtools.timeline"])
    drawn = {rested(figure)}
    for _ in range(3):
        slider.press("ArrowRight")
        drawn.add(rested(figure))
    trace = json.loads(browser.stop_tracing())["traceEvents"]
    assert len(drawn) == 4
    laid_out = [e["args"]["beginData"]["totalObjects"] for e in trace if e["name"] == "Layout" and e["ph"] == "X"]
    assert sum(objects < 10 for objects in laid_out) >= 3
    assert np.median(laid_out) < 10


@pytest.mark.parametrize("name", ["risk", "two_panels"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_jumps_and_nothing_overflows(name, width, opened, gallery_page, watched):
    page = watched("file://", width=width).page
    page.add_init_script(
        """window.shifts = 0;
        const ours = ({ node }) => (node?.parentElement ?? document.body).closest('figure.explorer');
        new PerformanceObserver(list => list.getEntries().forEach(e => e.sources.some(ours) && (shifts += e.value)))
          .observe({ type: 'layout-shift', buffered: true });"""
    )
    page.goto(gallery_page)
    figure = page.locator(f"#{IDS[name]}")
    before = figure.evaluate("f => f.getBoundingClientRect().height")
    ready(page, name)
    rested(figure)
    assert abs(figure.evaluate("f => f.getBoundingClientRect().height") - before) <= 3
    assert page.evaluate("shifts") < 0.01
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        figure.locator("canvas").evaluate("c => c.getBoundingClientRect().width") <= figure.bounding_box()["width"] + 1
    )


def test_the_chart_follows_the_theme_and_the_width(opened):
    figure = opened("two_panels")
    page, light, wide = figure.page, rested(figure), figure.evaluate(BOX)["width"]
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"([f, light]) => ({DRAWN})(f) !== light", arg=[figure.element_handle(), light])
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function(f"([f, most]) => ({BOX})(f).width < most", arg=[figure.element_handle(), min(wide, 361)])


def test_without_javascript_the_picture_is_there(chromium, gallery_page):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(gallery_page)
    figure = page.locator(f"#{IDS['risk']}")
    picture = figure.locator(".explorer-picture svg")
    assert picture.is_visible()
    assert (
        picture.get_attribute("aria-label")
        == "The risk rises to a sharp peak where parameters equal examples and falls again"
    )
    assert not figure.locator("input").first.is_visible()
    assert figure.locator(".explorer-controls").bounding_box() is None  # not even their room
    assert "lowest risk is 0.02" in figure.inner_text()
    context.close()


def test_print_shows_the_picture(opened):
    figure = opened("risk")
    figure.page.emulate_media(media="print")
    assert figure.locator(".explorer-picture svg").is_visible()
    assert not figure.locator("canvas").is_visible()
    assert not figure.locator("input").first.is_visible()


def test_a_script_that_fails_leaves_the_picture_and_a_note(watched, book, gallery_page, tmp_path):
    watch = watched("file://")
    watch.page.route("**/vega.js", lambda route: route.abort())
    watch.page.goto(gallery_page)
    figure = watch.page.locator(f"#{IDS['risk']}")
    figure.scroll_into_view_if_needed()
    watch.page.wait_for_function(f"document.getElementById('{IDS['risk']}').dataset.failed")
    assert "the picture shows the first state only" in figure.locator(".explorer-note").inner_text()
    assert figure.locator(".explorer-picture svg").is_visible()
    assert not figure.locator("input").first.is_visible()


def test_a_program_that_does_not_load_leaves_the_picture_and_a_note(watched, book, tmp_path):
    source = (book / "book" / "gallery.html").read_text(encoding="utf-8")
    broken = book / "book" / "broken.html"
    broken.write_text(
        source.replace('"programs":[{"start":"', '"programs":[{"start":"}syntax error{'), encoding="utf-8"
    )
    watch = watched("file://")
    watch.page.goto(broken.as_uri())
    figure = watch.page.locator(f"#{IDS['risk']}")
    figure.scroll_into_view_if_needed()
    watch.page.wait_for_function(f"document.getElementById('{IDS['risk']}').dataset.failed")
    assert "the picture shows the first state only" in figure.locator(".explorer-note").inner_text()
    assert figure.locator(".explorer-picture svg").is_visible()
    assert "NaN" not in figure.locator(".explorer-where").inner_text()
    assert watch.problems == []


def test_less_motion_for_those_who_ask(opened):
    figure = opened("two_panels")
    figure.page.emulate_media(reduced_motion="reduce")
    figure.evaluate(
        "f => { f.seen = new Set(); f.addEventListener('drawn', () => f.seen.add(f.explorer.values.steps)) }"
    )
    figure.locator(".explorer-run").click()
    figure.page.wait_for_timeout(1500)
    figure.page.wait_for_function("f => f.explorer.values.steps === 59", arg=figure.element_handle())
    assert 3 <= figure.evaluate("f => f.seen.size") <= 8


def test_touch_targets_are_large_enough(chromium, gallery_page):
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(gallery_page)
    figure = ready(page, "two_panels")
    for target in figure.locator(
        "input[type=range], button:not(.explorer-where button), .explorer-options label"
    ).all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 44
    context.close()


def test_the_code_can_be_read(opened):
    figure = opened("risk")
    figure.locator(".explorer-where button").click()
    assert "export default" in figure.locator("pre").inner_text()


def test_pages_without_explorers_load_nothing_of_them(book: Path):
    assert "explorer" not in (book / "book" / "references.html").read_text(encoding="utf-8")
