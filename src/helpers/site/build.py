"""Build the site with jupyter-book, every warning an error: ``python -m helpers.site.build``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def build(root: Path) -> None:
    """Build ``root`` into ``root/_build/html``; a quiet run says only where the site is.

    Raises:
        SystemExit: if jupyter-book warns or fails, after printing what it said.
    """
    if not (root / "_config.yml").exists():
        sys.exit(f"There is no _config.yml in {root.resolve()}: run this from the repository's root.")
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(root), "-W", "-n", "--keep-going"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    said = run.stdout + run.stderr
    if run.returncode or not (root / "_build" / "html" / "index.html").exists():
        sys.exit(said + "\nThe site was not built: see the warnings and errors above.")
    print(f"  {(root / '_build' / 'html' / 'index.html').resolve().as_uri()}")


if __name__ == "__main__":
    build(Path())
