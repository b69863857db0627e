"""A figure follows the theme, says what it shows, and is the same bytes every time."""

import itertools
import re
import xml.etree.ElementTree as ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import figures

LIGHT_PAGE, DARK_PAGE = "#ffffff", "#14181e"
# Linear-light RGB as seen by each kind of eye (Machado, Oliveira & Fernandes 2009, severity 1).
VISION = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
ALT = "A line that climbs from zero to one"


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    dark, light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    t = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def line():
    fig, axes = plt.subplots()
    axes.plot([0, 0.5, 1], [0, 0.2, 1], label="rise")
    axes.plot([0, 1], [0, 1], "o", color=figures.INK, markerfacecolor=figures.PAPER)
    axes.set(xlabel="time $t$ / s", ylabel="height $h^2$ / m")
    axes.legend()
    return fig


@pytest.mark.parametrize("page", [LIGHT_PAGE, DARK_PAGE])
@pytest.mark.parametrize("colour", [*figures.PALETTE, figures.MUTED])
def test_every_colour_stands_out_from_either_page(colour, page):
    assert contrast(colour, page) >= 3  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_stay_apart_for_every_eye(vision):
    seen = [lab(np.array(VISION[vision]) @ linear(colour)) for colour in figures.PALETTE]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 20


def test_colour_never_carries_meaning_alone():
    cycle = list(figures.STYLE["axes.prop_cycle"])
    assert len({style["linestyle"] for style in cycle}) == len({style["color"] for style in cycle}) == 4


def test_the_same_drawing_is_the_same_bytes():
    with figures.style():
        first, second = (figures.draw(line(), alt=ALT) for _ in range(2))
    assert first.svg == second.svg


def test_the_drawing_is_well_formed_named_and_follows_the_theme():
    with figures.style():
        picture = figures.draw(line(), alt=ALT + ' & "on"', caption="It climbs < it falls")
    root = ElementTree.fromstring(picture.svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == ALT + ' & "on"'
    assert "currentColor" in picture.svg
    assert "var(--picture-paper" in picture.svg
    for stand_in in (figures.INK, figures.PAPER, "<metadata", "<style", "DejaVu"):
        assert stand_in not in picture.svg
    assert "It climbs &lt; it falls</figcaption>" in picture._repr_mimebundle_()["text/html"]
    assert ALT in picture._repr_mimebundle_()["text/plain"]


def test_two_drawings_on_one_page_share_no_identifier():
    with figures.style():
        first, second = figures.draw(line(), alt=ALT).svg, figures.draw(line(), alt=ALT + " again").svg
    one, two = (set(re.findall(r'id="([^"]+)"', svg)) for svg in (first, second))
    assert one
    assert not one & two
    assert set(re.findall(r'(?:url\(|href=")#([^)"]+)', first)) <= one


def test_show_displays_once_and_closes_the_figure(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    before = plt.get_fignums()
    figures.show(line(), alt=ALT)
    assert len(shown) == 1
    assert plt.get_fignums() == before


def test_bad_input_says_what_to_do():
    fig = line()
    with pytest.raises(ValueError, match="alt must say in a sentence"):
        figures.show(fig, alt="plot")
    with pytest.raises(TypeError, match=r"plt\.subplots"):
        figures.show(fig.axes, alt=ALT)
    with pytest.raises(TypeError, match="alt"):
        figures.show(fig)
    plt.close(fig)


def test_style_is_left_behind():
    before = plt.rcParams["axes.spines.top"]
    with figures.style():
        assert not plt.rcParams["axes.spines.top"]
    assert plt.rcParams["axes.spines.top"] == before
