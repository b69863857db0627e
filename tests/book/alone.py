"""A machine of Colab's kind: a Python with the book's package, the oldest JAX that it supports, and no repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from chapters import ROOT

UV = str(Path(sys.executable).with_name("uv"))
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "src")
# A machine like Colab's has a kernel, and something that runs notebooks; filelock is for the cache of JAX's programs.
MACHINE = ("ipykernel", "papermill", "filelock")
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "JUPYTER_PATH", "PYTHONSAFEPATH")


def oldest_jax() -> str:
    """The version that pyproject.toml begins its range with: the one place where it stands."""
    return re.search(r'"jax>=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]


def make(folder: Path) -> Path:
    """Build the wheel, install it in a new environment, and return that environment's Python.

    All but JAX has the versions of requirements.txt, so that nothing changes overnight. On a Python that the oldest
    JAX was not built for, the environment has the oldest that was.
    """
    folder.mkdir(parents=True)
    tree, python = folder / "tree", folder / "env" / "bin" / "python"
    tree.mkdir()
    for name in SOURCES:  # built from a copy: setuptools leaves a folder behind, and takes up what it finds there
        source = ROOT / name
        shutil.copytree(source, tree / name) if source.is_dir() else shutil.copy(source, tree / name)
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (folder / "pins.txt").write_text("\n".join(pin for pin in pins if not re.match(r"jax(lib)?==", pin)))
    uv("build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder / "wheel", tree)
    (wheel,) = (folder / "wheel").glob("*.whl")
    uv("venv", "--python", sys.executable, folder / "env")
    oldest = [f"{name}>={oldest_jax()}" for name in ("jax", "jaxlib")]
    lowest = ["--resolution", "lowest-direct", "--only-binary", ":all:", "--constraint", folder / "pins.txt"]
    uv("pip", "install", "--python", python, *lowest, wheel, *oldest, *MACHINE)
    return python


def uv(*arguments: str | Path) -> None:
    run = subprocess.run([UV, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"uv {' '.join(map(str, arguments))}\n{run.stderr[-3000:]}"


def run(python: Path, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run that Python in a folder, with nothing of this environment on its paths."""
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    command = [str(python), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
