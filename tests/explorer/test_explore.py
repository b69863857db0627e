"""What `explore` refuses, and what it promises: the same bytes twice, a size for the page, axes that stand still."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import altair as alt
import gallery
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import traitlets

from helpers.explorer import explore, points, seed, sketch, slider
from helpers.explorer.picture import draw
from helpers.javascript import UnsupportedPrimitive

VIEW = alt.Chart(alt.NamedData("curve")).mark_line().encode(x="x:Q", y="y:Q")


def line(slope):
    x = jnp.linspace(0, 1, 5)
    return {"curve": {"x": x, "y": slope * x}}


def payload(explorer):
    found = re.search(r'<script type="application/json">(.*?)</script>', explorer._static_html, re.DOTALL)
    return json.loads(found[1])


def square(count, **options):
    return points([(0.25 * i, -0.25 * i) for i in range(count)], x=(-1, 1), y=(-1, 1), **options)


def test_a_control_that_compute_does_not_take():
    with pytest.raises(ValueError, match="line takes no argument 'width'; it takes slope"):
        explore(line, VIEW, slope=(0, 1), width=(0, 1))


def test_an_argument_without_a_control():
    with pytest.raises(ValueError, match="line needs 'slope': give it a control"):
        explore(line, VIEW)


def test_more_than_five_controls():
    with pytest.raises(ValueError, match="at most 5 controls, got 6: a, b, c, d, e, f"):
        explore(lambda **k: line(sum(k.values())), VIEW, **dict.fromkeys("abcdef", (0, 1)))


def test_a_start_outside_its_range():
    with pytest.raises(ValueError, match="control slope starts at 7, outside its range 0 to 1"):
        explore(lambda slope=7: line(slope), VIEW, slope=(0, 1))


def test_ragged_columns():
    def ragged(slope):
        return {"curve": {"x": jnp.zeros(3), "y": jnp.zeros(4) * slope}}

    with pytest.raises(ValueError, match="ragged: the columns of curve differ in length: x has 3, y has 4"):
        explore(ragged, VIEW, slope=(0, 1))


def test_a_column_of_two_dimensions():
    with pytest.raises(ValueError, match=r"column curve.y has shape \(2, 2\)"):
        explore(lambda slope: {"curve": {"x": 1.0, "y": slope * jnp.ones((2, 2))}}, VIEW, slope=(0, 1))


@pytest.mark.parametrize("result", [3.0, {"curve": jnp.zeros(3)}, {}])
def test_a_result_that_is_no_table(result):
    with pytest.raises(ValueError, match=r"must return \{dataset: \{column: array\}\}, got"):
        explore(lambda slope: result, VIEW, slope=(0, 1))


def test_a_data_set_that_compute_does_not_return():
    with pytest.raises(ValueError, match="view reads the data set 'other', but compute returns 'curve'"):
        explore(line, alt.Chart(alt.NamedData("other")).mark_line().encode(x="x:Q"), slope=(0, 1))


def test_a_column_that_compute_does_not_return():
    with pytest.raises(ValueError, match=r"view shows the column curve\.z as y, but compute returns 'x', 'y'"):
        explore(line, VIEW.encode(y="z:Q"), slope=(0, 1))


def test_a_column_that_the_chart_makes_itself_is_fine():
    explore(line, VIEW.transform_calculate(z="datum.y * 2").encode(y="z:Q"), slope=(0, 1))


def test_a_view_that_is_no_chart():
    with pytest.raises(TypeError, match=r"view must be an Altair chart over alt\.NamedData, got str"):
        explore(line, "chart", slope=(0, 1))


def test_a_control_named_like_a_part_of_the_widget():
    with pytest.raises(ValueError, match="a control cannot be called 'layout'"):
        explore(lambda layout: line(layout), VIEW, layout=(0, 1))


def test_a_primitive_that_does_not_compile_points_to_the_kernel():
    def odd(slope):
        return line(jnp.fft.fft(slope * jnp.ones(4)).real[0])

    with pytest.raises(UnsupportedPrimitive) as raised:
        explore(odd, VIEW, slope=(0.0, 1.0))
    assert "run='kernel'" in "".join(raised.value.__notes__)
    assert explore(odd, VIEW, slope=(0, 1), run="kernel").result()["curve"]["y"].shape == (5,)


def test_a_summary_that_names_nothing():
    with pytest.raises(ValueError, match=r"nothing is called \{curve.z.max\}; there are slope, curve.x, curve.y"):
        explore(line, VIEW, slope=(0, 1), summary="{curve.z.max}")
    with pytest.raises(ValueError, match=r"\{curve.y\} has 5 values; say which"):
        explore(line, VIEW, slope=(0, 1), summary="{curve.y}")
    for drawn in (square(2), sketch([0, 0], low=0, high=1)):
        with pytest.raises(ValueError, match=r"\{slope\} holds several numbers"):
            explore(lambda slope: line(slope.ravel()[0]), VIEW, slope=drawn, summary="{slope}")


def test_labels_of_no_control():
    with pytest.raises(ValueError, match="labels: there is no control 'slop'"):
        explore(line, VIEW, slope=(0, 1), labels={"slop": "Slope"})


def test_kernel_mode_needs_a_small_grid():
    with pytest.raises(ValueError, match=r"10,201 settings \(101 of a × 101 of b\) are more than 5,000"):
        explore(lambda a, b: line(a + b), VIEW, a=(0.0, 1.0), b=(0.0, 1.0), run="kernel")
    with pytest.raises(ValueError, match="heights is a sketch"):
        explore(lambda heights: line(heights[0]), VIEW, heights=sketch([0, 0], low=0, high=1), run="kernel")
    with pytest.raises(ValueError, match="places is a control of points"):
        explore(lambda places: line(places[0, 0]), VIEW, places=square(2), run="kernel")


def test_kernel_mode_checks_the_size_of_its_table():
    def noise(draw):
        x = jax.random.normal(jax.random.key(draw), (20_000,))
        return {"curve": {"x": x, "y": x}}

    with pytest.raises(ValueError, match=r"the table of 20 settings .* takes [\d,]+ bytes in the page"):
        explore(noise, VIEW, draw=seed(0), run="kernel")


def test_a_bool_may_decide_control_flow():
    def fork(up):
        return line(1.0) if up else line(-1.0)

    page = payload(explore(fork, VIEW, up=True))
    assert page["static"] == ["up"]
    assert len(page["programs"]) == 2


def test_an_idle_control_names_a_checkbox():
    def held(slope, fixed):
        return line(jnp.where(fixed, 1.0, slope))

    page = payload(explore(held, VIEW, slope=(0.0, 1.0), fixed=False, idle={"slope": "fixed"}))
    assert page["idle"] == {"slope": "fixed"}
    with pytest.raises(ValueError, match="idle: there is no control 'held'"):
        explore(held, VIEW, slope=(0.0, 1.0), fixed=False, idle={"slope": "held"})
    with pytest.raises(ValueError, match="idle: 'slope' is a range"):
        explore(held, VIEW, slope=(0.0, 1.0), fixed=False, idle={"fixed": "slope"})


def test_a_choice_may_change_shapes():
    def sized(n):
        return {"curve": {"x": jnp.arange(n), "y": jnp.ones(n)}}

    assert len(payload(explore(sized, VIEW, n=[3, 30]))["programs"]) == 2


def test_an_axis_left_open_covers_both_ends_of_the_controls():
    page = payload(explore(line, VIEW, slope=slider(-2.0, 3.0, start=1.0)))
    assert page["spec"]["encoding"]["y"]["scale"]["domain"] == [-2.0, 3.0]


def test_layers_share_one_range():
    layered = VIEW + VIEW.mark_point()
    first, second = (unit["encoding"]["y"] for unit in payload(explore(line, layered, slope=(0, 3)))["spec"]["layer"])
    assert first["scale"]["domain"] == second["scale"]["domain"] == [0.0, 3.0]
    given = VIEW.encode(y=alt.Y("y:Q", scale=alt.Scale(domain=(0, 9)))) + VIEW.mark_point()
    assert payload(explore(line, given, slope=(0, 3)))["spec"]["layer"][1]["encoding"]["y"]["scale"]["domain"] == [0, 9]


def test_a_logarithmic_axis_has_a_few_round_ticks():
    def axis(low, high):
        scale = alt.Scale(type="log", domain=(low, high))
        return payload(explore(line, VIEW.encode(y=alt.Y("y:Q", scale=scale)), slope=(0, 1)))["spec"]["encoding"]["y"][
            "axis"
        ]

    assert axis(1, 200)["values"] == [1, 2, 5, 10, 20, 50, 100, 200]
    assert axis(0.001, 100)["values"] == [0.001, 0.01, 0.1, 1, 10, 100]
    far = axis(1e-8, 1e6)
    assert 4 <= len(far["values"]) <= 7
    assert "10⁻⁸" in far["labelExpr"]


def test_an_axis_that_is_given_stays():
    view = VIEW.encode(y=alt.Y("y:Q", scale=alt.Scale(domain=(0, 9))))
    assert payload(explore(line, view, slope=(0, 1)))["spec"]["encoding"]["y"]["scale"]["domain"] == [0, 9]


def test_every_control_is_a_trait():
    explorer = explore(line, VIEW, slope=(0.0, 1.0))
    seen = []
    explorer.observe(lambda change: seen.append(change["new"]), "slope")
    explorer.slope = 0.25
    assert seen == [0.25]
    assert explorer.result()["curve"]["y"][-1] == 0.25


def cloud(places):
    assert places.ndim == 2 and places.shape[1] == 2
    return {"curve": {"x": places[:, 0], "y": places[:, 1]}}


def test_points_reach_the_function_as_pairs():
    explorer = explore(cloud, VIEW, places=square(3))
    assert explorer.values == {"places": [(0, 0), (0.25, -0.25), (0.5, -0.5)]}
    explorer.places = [[1, 0.5], [0, 0], [-1, 0]]  # lists, as the page sends them
    assert explorer.values == {"places": [(1, 0.5), (0, 0), (-1, 0)]}
    np.testing.assert_array_equal(explorer.result()["curve"]["y"], np.float32([0.5, 0, 0]))


@pytest.mark.parametrize("places", [[(0, 0)] * 2, [(0, 0)] * 4, [(0, 0, 0)] * 3, [(0, 0), (0, 0), (0, 1.01)], [0] * 6])
def test_points_stay_as_many_and_in_their_range(places):
    explorer = explore(cloud, VIEW, places=square(3))
    with pytest.raises(traitlets.TraitError):
        explorer.places = places
    assert explorer.values == {"places": [(0, 0), (0.25, -0.25), (0.5, -0.5)]}


def test_points_need_their_panel():
    assert payload(explore(cloud, VIEW | VIEW, places=square(3, panel=1)))["controls"][0]["panel"] == 1
    with pytest.raises(ValueError, match="control places lives in panel 2, but the view has 2 panels, counted from 0"):
        explore(cloud, VIEW | VIEW, places=square(3, panel=2))
    with pytest.raises(ValueError, match="control places lives in panel 1, but the view has one panel, which is 0"):
        explore(cloud, VIEW, places=square(3, panel=1))


def test_points_and_a_sketch_do_not_share_a_chart():
    with pytest.raises(ValueError, match="control places: the sketch heights takes every stroke in the chart"):
        explore(
            lambda places, heights: line(places[0, 0] + heights[0]),
            VIEW,
            places=square(3),
            heights=sketch([0, 0], low=0, high=1),
        )


def test_a_single_point_need_not_be_chosen():
    keys = {n: explore(cloud, VIEW, places=square(n))._static_html for n in (1, 2)}
    assert re.findall(r'class="explorer-(point|across|up)"', keys[1]) == ["across", "up"]
    assert re.findall(r'class="explorer-(point|across|up)"', keys[2]) == ["point", "across", "up"]
    assert "Places: drag it in the chart" in keys[1]
    assert "Places: drag them in the chart" in keys[2]


@pytest.mark.parametrize("name", gallery.ALL)
def test_the_page_holds_one_explorer_in_120_kilobytes(name):
    bundle, _ = gallery.ALL[name]()._repr_mimebundle_()
    assert len(bundle["text/html"].encode()) < 120_000
    assert bundle["text/plain"].startswith("[explorer] ")


def test_two_runs_write_the_same_bytes():
    code = "import gallery; print([f()._static_html + f()._plain for f in gallery.ALL.values()])"
    run = [sys.executable, "-c", code]
    outputs = [
        subprocess.run(run, cwd=Path(gallery.__file__).parent, capture_output=True, check=True).stdout for _ in "12"
    ]
    assert outputs[0] == outputs[1]
    assert b"object at 0x" not in outputs[0]


def test_the_stored_picture_keeps_the_digits_that_are_read():
    table = alt.Chart(alt.NamedData("dots")).encode(x="x:Q", y="y:Q")
    view = table.mark_point(opacity=0.05) + table.mark_text().encode(text=alt.Text("y:Q", format=".2f"))
    svg, _ = draw(view.to_dict(), {"dots": {"x": [1.0, 2.0], "y": [0.25, -0.05]}}, alt="Two dots, with their heights")
    assert ">0.25<" in svg and ">−0.05<" in svg
    assert 'opacity="0.05"' in svg
    assert not re.search(r'\bd="[^"]*\.\d\d', svg)
