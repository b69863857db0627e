"""Every claim holds for another seed, and goes red for a mistake that somebody could make: could it fail at all?

The mistakes of a chapter are in ``faults/``; ``rehearsal.py`` says how they are planted, in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from chapters import CHAPTERS
from rehearsal import faults_of

SEED = 7


@pytest.fixture(scope="module", params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """A chapter's name, and what its rehearsal reports."""
    name = request.param.stem
    command = [sys.executable, str(Path(__file__).with_name("rehearsal.py")), name, "--seed", str(SEED)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4000:]
    return name, json.loads(run.stdout)


def test_every_claim_holds_for_another_seed(chapter) -> None:
    _, report = chapter
    assert report["claims"] and all(report["claims"].values())


def test_every_planted_fault_breaks_the_claims_that_it_should(chapter) -> None:
    _, report = chapter
    survived = {f["fault"]: (f["survived"], f["error"]) for f in report["faults"] if f["survived"]}
    assert report["faults"] and not survived


def test_what_goes_red_goes_red_because_of_the_fault(chapter) -> None:
    _, report = chapter
    assert not [control for control in report["controls"] if control["red"] or control["error"]]


def test_every_claim_has_a_fault(chapter) -> None:
    name, report = chapter
    broken = {statement for fault in faults_of(name) for statement in fault.breaks}
    assert set(report["claims"]) == broken


def test_an_edit_that_changes_nothing_breaks_nothing() -> None:
    """A fault that is none is told from one: what judges them can say no."""
    ask = (
        "import os, sys; sys.path.insert(0, '.'); from rehearsal import *; os.chdir(ROOT / 'book');"
        "fault = faults_of('backprop')[0]; told = judged(Rehearsal('backprop', 7), fault._replace(by=fault.replace));"
        "print(json.dumps([told['survived'] == fault.breaks, told['error']]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", ask], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert json.loads(run.stdout) == [True, None]
