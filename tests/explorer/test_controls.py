"""Controls: what `interact` takes becomes what the page shows, and what cannot work is said when the cell runs."""

from __future__ import annotations

import ipywidgets
import pytest

from helpers.explorer import checkbox, choice, play, points, seed, sketch, slider
from helpers.explorer.controls import as_control


@pytest.mark.parametrize(
    ("given", "kind", "start", "ends"),
    [
        ((0, 10), "range", 5, (0, 10)),
        ((0.0, 1.0), "range", 0.5, (0.0, 1.0)),
        ((0.5, 3.0), "range", 1.75, (0.5, 3.0)),
        ((1, 10, 4), "range", 5, (1, 10)),
        ((0.1, 0.37), "range", 0.235, (0.1, 0.37)),
        (True, "checkbox", True, (False, True)),
        (["a", "b", "c"], "choice", "a", ("a", "c")),
        ({"A": 1, "B": 2}, "choice", 1, (1, 2)),
        ([("A", 1), ("B", 2)], "choice", 1, (1, 2)),
        (slider(0.001, 10.0, log=True), "range", 0.1, (0.001, 10.0)),
        (slider(1, 1000, log=True), "range", None, (1, 1000)),
        (play(0, 100, 10), "play", 0, (0, 100)),
        (ipywidgets.IntSlider(3, 1, 9), "range", 3, (1, 9)),
        (ipywidgets.FloatLogSlider(0.1, min=-3, max=1), "range", 0.1, (0.001, 10.0)),
        (ipywidgets.Dropdown(options=["x", "y"], value="y"), "choice", "y", ("x", "y")),
        (ipywidgets.Checkbox(True), "checkbox", True, (False, True)),
        (ipywidgets.Play(value=2, min=0, max=9), "play", 2, (0, 9)),
        (ipywidgets.fixed(7), "fixed", 7, (7, 7)),
    ],
)
def test_what_interact_takes(given, kind, start, ends):
    control = as_control("it", given)
    stops = control.stops()
    assert control.kind == kind
    assert (stops[0], stops[-1]) == ends
    assert stops == sorted(stops, key=stops.index)
    if start is not None:
        assert control.start == pytest.approx(start) if not isinstance(start, str) else control.start == start


def test_a_range_of_whole_numbers_stays_whole():
    assert all(isinstance(v, int) for v in slider(1, 1000, log=True).stops())
    assert all(isinstance(v, int) for v in slider(-3, 3).stops())


def test_a_default_in_the_signature_is_the_start():
    assert as_control("rate", (0.0, 1.0), default=0.2).start == 0.2
    assert as_control("kind", ["a", "b"], default="b").start == "b"


def test_a_start_that_is_given_beats_the_default_in_the_signature():
    assert as_control("rate", slider(0.0, 1.0, start=0.3), default=0.2).start == 0.3
    assert as_control("rate", slider(0.0, 1.0), default=0.2).start == 0.2
    assert as_control("time", play(0, 9, start=4), default=2).start == 4
    assert as_control("kind", choice(["a", "b"], start="a"), default="b").start == "a"
    assert as_control("kind", choice(["a", "b"]), default="b").start == "b"
    assert as_control("on", checkbox(), default=True).start is True
    assert as_control("on", checkbox(False), default=True).start is False
    assert as_control("width", ipywidgets.IntSlider(3, 1, 9), default=5).start == 3


def test_the_reader_can_come_back_to_any_start():
    for control in (slider(1e-3, 1.0, log=True, start=0.05), slider(0, 10, 4, start=5), play(0.0, 1.0, 0.4, start=0.5)):
        stops = as_control("it", control).stops()
        assert control.start in stops and stops == sorted(stops)


@pytest.mark.parametrize("kind", [ipywidgets.Dropdown, ipywidgets.RadioButtons, ipywidgets.IntSlider])
def test_a_widget_stays_linked(kind):
    widget = kind() if kind is ipywidgets.IntSlider else kind(options=["a", "b"], value="b")
    assert as_control("it", widget).widget is widget


def test_a_seed_counts_draws():
    assert seed(5, draws=3).stops() == [5, 6, 7]


@pytest.mark.parametrize(
    ("given", "default", "message"),
    [
        ((1.0, 0.0), None, r"control it: a range needs low < high, got \(1.0, 0.0\)"),
        ((0, 10), 11, "control it starts at 11, outside its range 0 to 10"),
        ((0, 10), 2.5, "control it starts at 2.5, but its range 0 to 10 is of integers"),
        ((0.0, 10.0), "a", "control it starts at 'a', which is not a number"),
        (["a", "b"], "c", r"control it starts at 'c', which is not among \['a', 'b'\]"),
        (["a"], None, "a choice needs at least two options"),
        ([[1], [2]], None, "an option must be a string, a number or a bool"),
        ("text", None, r"expected \(low, high\).*sketch and points from helpers.explorer; got 'text'"),
        (ipywidgets.Text("x"), None, "a Text cannot be a control"),
    ],
)
def test_what_cannot_be_a_control(given, default, message):
    with pytest.raises(ValueError, match=message):
        as_control("it", given, default)


def test_a_logarithmic_range_needs_positive_ends():
    with pytest.raises(ValueError, match="must start above 0"):
        slider(0, 1, log=True)


def test_a_sketch_starts_inside_its_range():
    with pytest.raises(ValueError, match="outside its range"):
        sketch([0, 2], low=-1, high=1)
    with pytest.raises(ValueError, match="at least two points"):
        sketch([0], low=-1, high=1)


def test_points_keep_three_digits_and_their_range():
    control = points([(0.12345, -2), (1, 1.98765)], x=(0.12345, 1), y=(-2, 2))
    assert control.start == ((0.12345, -2.0), (1.0, 1.99))
    assert (control.span, (control.low, control.high)) == ((0.12345, 1.0), (-2.0, 2.0))
    assert as_control("places", control, default=((0, 0), (0, 0))) == control


@pytest.mark.parametrize(
    ("start", "ranges", "message"),
    [
        ([], {}, r"at least one \(x, y\) pair.*got \[\]"),
        ([1, 2], {}, r"at least one \(x, y\) pair.*got \[1, 2\]"),
        ([(1, 2, 3)], {}, r"at least one \(x, y\) pair"),
        ([(1,), (2, 3)], {}, r"at least one \(x, y\) pair"),
        ([("a", "b")], {}, r"at least one \(x, y\) pair"),
        ([(0, 0)], {"x": (1, 0)}, r"points need x=\(low, high\) with low < high, got x=\(1, 0\)"),
        ([(0, 0)], {"y": 3}, r"points need y=\(low, high\) with low < high, got y=3"),
        ([(0, 0), (2, 0)], {}, r"a point starts at \(2, 0\), outside its range: x from -1 to 1, y from -1 to 1"),
        ([(0, -3)], {}, r"a point starts at \(0, -3\), outside its range"),
        ([(0, float("nan"))], {}, r"a point starts at \(0, nan\), outside its range"),
        ([(0, 0)], {"panel": -1}, "one panel, counted from 0, got panel=-1"),
    ],
)
def test_points_start_inside_their_range(start, ranges, message):
    with pytest.raises(ValueError, match=message):
        points(start, **{"x": (-1, 1), "y": (-1, 1), **ranges})


def test_a_default_in_the_signature_does_not_move_what_is_drawn():
    drawn = points([(0, 0)], x=(-1, 1), y=(-1, 1))
    assert as_control("it", drawn, default=((1, 1),)).start == ((0.0, 0.0),)
    assert drawn.ends() == [drawn.start]


def test_too_many_options_for_programs_of_their_own():
    with pytest.raises(ValueError, match="at least two options"):
        choice([])
