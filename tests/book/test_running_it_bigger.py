"""The page on larger sweeps shows the times that were measured, and calls `fit` as it is."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from chapters import ROOT
from rehearsal import faults_of

from helpers.training import fit

PAGE = ROOT / "book" / "running_it_bigger.ipynb"
MEASURED = json.loads((ROOT / "book" / "speed.json").read_text(encoding="utf-8"))["sharding"]


@pytest.fixture(scope="module")
def cells() -> list[nbformat.NotebookNode]:
    return nbformat.read(PAGE, as_version=4).cells


def test_the_table_is_the_one_that_the_benchmark_wrote(cells) -> None:
    pages = [o.data.get("text/html", "") for c in cells for o in c.get("outputs", []) if "data" in o]
    (table,) = [page for page in pages if "<table>" in page]
    assert f"Measured on {MEASURED['date']}" in table
    rows = [re.findall(r"<td>([\d.]+)</td>", row) for row in re.findall(r"<tr>(<td>.*?)</tr>", table)]
    kept = [[row["processes"], row["devices"], row["cores"], row["ms"]] for row in MEASURED["spread"]]
    assert [[float(cell) for cell in row[:4]] for row in rows] == [pytest.approx(row, abs=0.006) for row in kept]


def test_the_listing_that_is_not_run_parses_and_its_arguments_exist(cells) -> None:
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    (listing,) = re.findall(r"```python\n(.*?)```", prose, re.DOTALL)
    compile(listing, "listing", "exec")
    swept = next(cell.source for cell in cells if "def sweep(" in cell.source)
    own = re.search(r"def sweep\((.*?)\):", swept, re.DOTALL)[1]
    for name in re.findall(r"(\w+)=", listing):
        assert name in inspect.signature(fit).parameters or f"{name}=" in own or name in ("result", "mesh"), name


def test_its_claims_hold_for_another_seed_and_each_goes_red_for_its_fault() -> None:
    rehearsal = Path(__file__).with_name("rehearsal.py")
    run = subprocess.run(
        [sys.executable, rehearsal, PAGE.stem, "--controls", "2"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-4000:]
    report = json.loads(run.stdout)
    assert all(report["claims"].values()) and not report["warnings"]
    assert [fault for fault in report["faults"] if fault["survived"] or fault["error"]] == []
    assert [control for control in report["controls"] if control["red"] or control["error"]] == []
    broken = {statement for fault in faults_of(PAGE.stem) for statement in fault.breaks}
    assert broken == set(report["claims"])
