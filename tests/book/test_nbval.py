"""Every chapter reproduces its stored outputs; and the check that says so can fail."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from chapters import NOTEBOOKS, nbval
from nbval_tolerance import agrees, comparable

from helpers.figures import draw
from helpers.site.execute import execute

SMALL = """\
from helpers.claims import claim
from helpers.figures import show, use_style
import matplotlib.pyplot as plt

use_style()
fig, axes = plt.subplots()
axes.plot([1.0, 2.0, 3.0], [1.0, 4.0, 9.0])
show(fig, alt="A curve that climbs from one to nine")
claim("The parabola passes nine", measured=9.0123, expected=9, tolerance=0.1)
print("measured 0.8173 and chosen 42")
"""


@pytest.mark.parametrize("chapter", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter_reproduces_its_outputs(chapter: Path) -> None:
    run = nbval(chapter)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little notebook with each kind of output, executed as `make notebooks` does it."""
    path = tmp_path_factory.mktemp("small") / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SMALL)]), path)
    execute(path)
    return path


def test_executing_twice_gives_the_same_bytes(small: Path) -> None:
    before = small.read_bytes()
    execute(small)
    assert small.read_bytes() == before


@pytest.mark.parametrize(
    ("fault", "plant"),
    [
        ("none", ("42", "42")),
        ("a stale word", ("and chosen", "and picked")),
        ("a wrong printed number", ("0.8173", "0.8273")),
        ("a wrong claim", ("measured 9.01", "measured 9.11")),
        ("a wrong alternative text", ("climbs from", "falls from")),
        ("a bent curve", ("L ", "L 9")),
    ],
)
def test_a_planted_output_turns_it_red(small: Path, tmp_path: Path, fault: str, plant: tuple[str, str]) -> None:
    notebook = nbformat.read(small, as_version=4)
    planted = 0
    for output in notebook.cells[0].outputs:
        for holder in (output, output.get("data", {})):
            for key, value in list(holder.items()):
                if isinstance(value, str) and plant[0] in value:
                    holder[key] = value.replace(*plant)
                    planted += 1
    assert planted, f"nothing to plant for {fault}"
    nbformat.write(notebook, tmp_path / "planted.ipynb")
    run = nbval(tmp_path / "planted.ipynb")
    assert (run.returncode == 0) == (fault == "none"), run.stdout[-3000:]


@pytest.mark.parametrize("code", ["\nraise RuntimeError('planted')", "\nclaim('No', measured=1.0, at_least=2)"])
def test_a_planted_exception_turns_it_red(small: Path, tmp_path: Path, code: str) -> None:
    notebook = nbformat.read(small, as_version=4)
    notebook.cells[0].source += code
    nbformat.write(notebook, tmp_path / "planted.ipynb")
    assert nbval(tmp_path / "planted.ipynb").returncode == 1


def test_a_stored_output_of_a_cell_never_run_turns_it_red(small: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(small, as_version=4)
    notebook.cells[0].execution_count = None
    nbformat.write(notebook, tmp_path / "planted.ipynb")
    assert nbval(tmp_path / "planted.ipynb").returncode == 1


@pytest.mark.parametrize(
    ("stored", "fresh", "same"),
    [
        ("error 0.81731", "error 0.81732", True),
        ("error 0.817", "error 0.827", False),
        ("error -0.817", "error 0.817", False),
        ("5 seeds", "6 seeds", False),
        ("error 0.817", "error 0.817 0.9", False),
        ("p=300", "q=300", False),
        ("nan", "0.1", False),
        ("1.2e-05", "1.2004e-05", True),
        ("1.2e-05", "1.2e-04", False),
        ("measured 4.66e−15;", "measured 4.55e−15;", True),
        ("measured 4.66e−05;", "measured 4.55e−05;", False),
        ('<svg><path d="M 10.0 20"/></svg>', '<svg><path d="M 10.2 20"/></svg>', True),
        ('<svg><path d="M 10.0 20"/></svg>', '<svg><path d="M 12.0 20"/></svg>', False),
        ('<svg><path d="M10.0,20L30,40"/></svg>', '<svg><path d="M10.2,20L30,40"/></svg>', True),
        ('<svg><path d="M10.0,20L30,40"/></svg>', '<svg><path d="M10.0,20L33,40"/></svg>', False),
        ("#3a8ae6", "#3a8ae7", False),
    ],
)
def test_numbers_are_compared_as_numbers(stored: str, fresh: str, same: bool) -> None:
    assert agrees(stored, fresh, 1e-3) is same


def test_a_cell_may_say_how_much_is_rounding() -> None:
    assert not agrees("measured 2.7e−07;", "measured 1.6e−07;", 1e-3)
    assert agrees("measured 2.7e−07;", "measured 1.6e−07;", 1e-3, rounding=1e-6)
    assert not agrees("measured 2.7e−05;", "measured 1.6e−05;", 1e-3, rounding=1e-6)


def test_programs_are_compared_unless_another_jax_wrote_them() -> None:
    page = '<script type="application/json">{{"first": [1.5], "jax": "{}", "programs": ["{}"]}}</script>'
    assert not agrees(*comparable(page.format("0.10.2", "a"), page.format("0.10.2", "b")), 1e-3)
    assert agrees(*comparable(page.format("0.10.2", "a"), page.format("0.12.0", "b")), 1e-3)
    other = page.replace("1.5", "1.6")
    assert not agrees(*comparable(page.format("0.10.2", "a"), other.format("0.12.0", "b")), 1e-3)


def test_listings_are_compared_unless_another_jax_wrote_them() -> None:
    page = "```text\n{}\n```\n\n*The jaxpr of `{}` (JAX {})*"
    assert not agrees(
        *comparable(page.format("a = add b", "f", "0.10.2"), page.format("a = sub b", "f", "0.10.2")), 1e-3
    )
    assert agrees(*comparable(page.format("a = add b", "f", "0.10.2"), page.format("a = sub b", "f", "0.12.0.1")), 1e-3)
    assert not agrees(*comparable(page.format("a", "f", "0.10.2"), page.format("a", "g", "0.12.0.1")), 1e-3)


def test_a_number_in_the_alternative_text_may_move_as_far_as_the_drawing() -> None:
    def drawn(alt: str) -> str:
        fig, axes = plt.subplots()
        axes.plot([0.0, 1.0], [0.0, 1.0])
        picture = draw(fig, alt=alt)._repr_mimebundle_()["text/html"]
        plt.close(fig)
        return picture

    stored = drawn("A line that climbs to 1.0003 at last")
    near, far, other = (
        drawn(f"A line that {said} at last") for said in ("climbs to 1.0004", "climbs to 9", "falls to 1")
    )
    assert "url(#p" in stored
    assert agrees(*comparable(stored, near), 1e-3)
    assert not agrees(*comparable(stored, far), 1e-3)
    assert not agrees(*comparable(stored, other), 1e-3)


def test_the_arrays_of_a_program_are_compared_as_numbers() -> None:
    def program(*values: float) -> str:
        data = base64.b64encode(np.array(values, np.float32).tobytes()).decode()
        return json.dumps({"programs": [f'const const1 = new Float32Array(decodeBase64("{data}"));']})

    stored = program(1.0, np.nan, -2.5e-7)
    assert "Base64" in stored
    assert agrees(*comparable(stored, program(1.0001, np.nan, -2.5001e-7)), 1e-3)
    for other in (program(1.01, np.nan, -2.5e-7), program(1.0, 3.0, -2.5e-7), program(1.0, np.nan)):
        assert not agrees(*comparable(stored, other), 1e-3)
