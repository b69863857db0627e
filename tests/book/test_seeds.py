"""Where there is no repository, and the oldest JAX, a chapter runs and its claims hold for another seed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import alone
import pytest
from chapters import CHAPTERS

every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


def test_the_clean_environment_has_the_package_the_oldest_jax_and_nothing_of_ours(lone_python, tmp_path) -> None:
    ask = "import json, sys, jax, helpers, importlib.util as u; print(json.dumps([jax.__version__, helpers.__file__, "
    ask += "[m for m in ('jupyter_book', 'pytest', 'playwright') if u.find_spec(m)]]))"
    said = alone.run(lone_python, "-c", ask, cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    version, helpers, ours = json.loads(said.stdout)
    assert Path(helpers).is_relative_to(lone_python.parents[1])
    assert ours == []
    oldest = alone.oldest_jax().split(".")
    if sys.version_info < (3, 14):  # JAX has wheels of its oldest supported version for these
        assert version.split(".")[: len(oldest)] == oldest


@every_chapter
def test_a_chapter_runs_alone_with_the_oldest_jax_and_its_claims_hold(chapter, lone_python, tmp_path) -> None:
    folder = tmp_path / "alone"
    run = alone.execute(lone_python, chapter, folder, seed=20_261)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-6000:]
    cells = json.loads((folder / "out.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert any("claim" in output.get("metadata", {}) for output in outputs)
    assert "compilation cache" not in "".join(line for o in outputs for line in o.get("text", []))
