"""The clean environment in which chapters run alone, made once for a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import alone
import pytest
from filelock import FileLock


@pytest.fixture(scope="session")
def lone_python(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Iterator[Path]:
    """The Python of a clean environment; the first process that needs it makes it, the others wait."""
    folder = tmp_path_factory.getbasetemp().parent / f"alone-{testrun_uid}"
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            alone.make(folder)
            (folder / "ready").touch()
    yield folder / "env" / "bin" / "python"
    if "PYTEST_XDIST_WORKER" not in os.environ:  # else another process may still use it, and pytest clears it away
        shutil.rmtree(folder)
