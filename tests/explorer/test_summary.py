"""The page's sentence and Python's are the same sentence."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers import front
from helpers.explorer.summary import fill, written

pytestmark = pytest.mark.xdist_group("explorer")
FORMS = ["", ".3g", ".2f", ".0f", ".1%", ".2e", ",d", ",.1f", "d", "g", ".10g"]
NUMBERS = [
    0.0,
    1.0,
    -1.0,
    0.1,
    1 / 3,
    2e-5,
    1e-7,
    123456.0,
    1234567.0,
    99.95,
    -0.0004,
    1e18,
    5e-324,
    12.0,
    1e5,
    999999.5,
]


@pytest.fixture(scope="module")
def on_page(chromium):
    page = chromium.new_page()
    source = (front.HERE / "summary.js").read_text(encoding="utf-8")
    load = "async source => { window.summary = await import(URL.createObjectURL(new Blob([source], {type: '%s'}))) }"
    page.evaluate(load % "text/javascript", source)
    yield page
    page.close()


def test_numbers_are_written_alike(on_page):
    random = np.random.default_rng(0)
    drawn = (random.normal(size=400) * 10.0 ** random.integers(-8, 9, 400)).tolist()
    cases = [(value, form) for value in [*NUMBERS, *drawn] for form in FORMS]
    told = on_page.evaluate("cases => cases.map(([value, form]) => summary.written(value, form))", cases)
    differing = [(c, t, written(*c)) for c, t in zip(cases, told, strict=True) if t != written(*c)]
    assert differing == []


def test_what_is_no_number_is_said(on_page):
    for text, value in (
        ("NaN", math.nan),
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        ("true", True),
        ("'a'", "a"),
    ):
        assert on_page.evaluate(f"summary.written({text})") == written(value)


def test_templates_are_filled_alike(on_page):
    template = "{rate:.2f} {kind} {c.y.first} {c.y.last:.1f} {c.y.min} {c.y.max} {c.y.mean:.3f} {c.y.count} {n.v:,d}"
    template += " {empty.x.max}"
    values = {"rate": 0.125, "kind": "plain"}
    data = {"c": {"y": [3.0, -1.5, 2.25]}, "n": {"v": [12345]}, "empty": {"x": []}}
    told = on_page.evaluate("([t, v, d]) => summary.fill(t, v, d)", [template, values, data])
    assert told == fill(template, values, data)
    assert told == "0.13 plain 3 2.3 −1.5 3 1.250 3 12,345 not a number"
