"""Every claim of every chapter holds for seeds that nobody chose."""

from __future__ import annotations

from pathlib import Path

import papermill
import pytest
from chapters import CHAPTERS


@pytest.mark.parametrize("seed", [7, 20_261])
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_claims_hold_for_another_seed(chapter: Path, seed: int, tmp_path: Path) -> None:
    papermill.execute_notebook(
        str(chapter), str(tmp_path / chapter.name), {"SEED": seed}, cwd=str(chapter.parent), progress_bar=False
    )
