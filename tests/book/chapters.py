"""Where the chapters are, and how to run nbval on one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
PARTS = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
BACK_MATTER = {page["file"] for part in PARTS if part["caption"] == "Back matter" for page in part["chapters"]}
# A notebook of the back matter reproduces its outputs like any other, but it needs no claims, seed and exercises.
CHAPTERS = [path for path in NOTEBOOKS if f"book/{path.stem}" not in BACK_MATTER]


def nbval(notebook: Path) -> subprocess.CompletedProcess[str]:
    """Re-execute a notebook and compare every output with the stored one, in a process of its own."""
    plugin = Path(__file__).parent
    run = _nbval(notebook, plugin)
    # Two kernels that start at the same moment may pick the same port, and one of them dies before it has run a cell.
    return _nbval(notebook, plugin) if "Kernel died before replying" in run.stdout else run


def _nbval(notebook: Path, plugin: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "nbval_tolerance", "--nbval", "--nbval-current-env", "-q", "-x"]
        + ["-p", "no:cacheprovider", "--rootdir", str(notebook.parent), "-c", os.devnull, "--color=no"]
        + ["--nbval-cell-timeout=600", str(notebook)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(plugin), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
