"""Every chapter alone, with the oldest JAX: its claims hold for another seed, and each goes red for a planted fault.

Alone: a clean environment with the wheel and no more, and a folder with the notebook (and the stored times of `make
bench`, which two claims of a chapter are about). The mistakes that somebody could make are in ``faults/``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import alone
import nbformat
import pytest
from chapters import CHAPTERS, ROOT
from nbformat.v4 import new_code_cell, new_notebook
from rehearsal import faults_of

SEED = 7


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


@pytest.fixture(scope="module", params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request, lone_python: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """A chapter's name, and what its rehearsal reports."""
    folder, name = tmp_path_factory.mktemp("alone"), request.param.stem
    shutil.copy(request.param, folder)
    shutil.copy(ROOT / "book" / "speed.json", folder)
    rehearsal = Path(__file__).with_name("rehearsal.py")
    run = alone.run(lone_python, rehearsal, name, "--seed", str(SEED), "--book", folder, cwd=folder)
    assert run.returncode == 0, run.stderr[-4000:]
    assert "compilation cache" not in run.stderr
    return name, json.loads(run.stdout)


def test_every_claim_holds_for_another_seed_and_nothing_warns(chapter) -> None:
    _, report = chapter
    assert report["claims"] and all(report["claims"].values())
    assert not report["warnings"]


def test_every_planted_fault_breaks_the_claims_that_it_should(chapter) -> None:
    _, report = chapter
    survived = {f["fault"]: (f["survived"], f["error"]) for f in report["faults"] if f["survived"]}
    assert report["faults"] and not survived


def test_what_goes_red_goes_red_because_of_the_fault(chapter) -> None:
    _, report = chapter
    assert report["controls"]
    assert not [control for control in report["controls"] if control["red"] or control["error"]]


def test_every_claim_has_a_fault(chapter) -> None:
    name, report = chapter
    broken = {statement for fault in faults_of(name) for statement in fault.breaks}
    assert set(report["claims"]) == broken


def test_an_edit_that_changes_nothing_breaks_nothing(tmp_path) -> None:
    """A fault that is none is told from one: what judges them can say no."""
    cells = ["from helpers.claims import claim", "size = 1", "claim('It is small.', measured=size, at_most=2)"]
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), tmp_path / "small.ipynb")
    ask = (
        "import pathlib; from rehearsal import *; rehearsal = Rehearsal('small', 7, pathlib.Path.cwd());"
        "tell = lambda by: judged(rehearsal, Fault('', 'size = 1', by, ['It is small.']));"
        "print(json.dumps([tell(by) for by in ('size = 1', 'size = 2', 'size = 3')]))"
    )
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    run = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, env=path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    told = json.loads(run.stdout)
    assert [fault["survived"] for fault in told] == [["It is small."], ["It is small."], []]
    assert [fault["error"] for fault in told] == [None, None, None]
